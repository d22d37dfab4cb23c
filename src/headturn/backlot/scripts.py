"""Scripts for any set: the tour that the demo plays, and looking about in one place, for tests."""

import math
from itertools import pairwise

import numpy as np

from headturn.backlot.performers import Look, Script, Walk
from headturn.backlot.world import World

_PACE_M_S = 1.2
_LEAD_S, _TAIL_S = 0.9, 1.4
"""What a shot has before the turn that it shares with the one before, and after the beginning of the next one's."""
Point = tuple[float, float]


class _Blocking:
    """A hero is led through a set: stand, walk, look. Times follow from the way."""

    def __init__(self, start: Point, towards: Point, pitch_deg: float = -5.0) -> None:
        self.time, self.at = 0.0, start
        self.heading = self.first = math.atan2(towards[1] - start[1], towards[0] - start[0])
        self.pitch = self.first_pitch = math.radians(pitch_deg)
        self.times, self.points = [0.0], [start]
        self.looks: list[Look] = []

    def stand(self, seconds: float) -> None:
        self.time += seconds
        self.times.append(self.time)
        self.points.append(self.at)

    def walk(self, to: Point, pace: float = _PACE_M_S) -> None:
        self.time += math.dist(self.at, to) / pace
        self.at = to
        self.times.append(self.time)
        self.points.append(to)

    def look(self, at: Point, seconds: float, pitch_deg: float = -5.0, sooner_s: float = 0.0) -> int:
        """Turn to look at a point, the short way, beginning now or a little sooner; the number of the look."""
        wanted = math.atan2(at[1] - self.at[1], at[0] - self.at[0])
        turn = (wanted - self.heading + math.pi) % (2 * math.pi) - math.pi
        self.heading += turn
        self.looks.append(Look(self.time - sooner_s, self.heading, math.radians(pitch_deg), seconds))
        return len(self.looks) - 1

    def script(self, passers: tuple[Walk, ...] = ()) -> Script:
        way = Walk(tuple(self.times), tuple(self.points))
        return Script(self.time, way, self.first, self.first_pitch, tuple(self.looks), passers)


def tour(world: World) -> tuple[Script, tuple[tuple[float, float], ...]]:
    """The demo's sequence, and its shots as overlapping stretches of it in seconds.

    From the dark den over the corridor, where somebody comes along, through two rooms and out into the yard. Two
    consecutive shots share one or two turns.
    """
    spots = world.spots
    (den_low, den_high), (yard_low, yard_high) = world.bounds["den"], world.bounds["yard"]
    (hall_low, hall_high), (_, room_high) = world.bounds["corridor"], world.bounds["room 1"]
    hall = (hall_low[1] + hall_high[1]) / 2
    east = 1.0 if yard_high[0] > abs(yard_low[0]) else -1.0
    den_door, door0, arch, door1 = spots["den door"], spots["door 0"], spots["arch 0"], spots["door 1"]
    yard_door = spots["yard door"]
    lane = arch[1]
    bedside = (den_door[0] + 0.15 * east, den_low[1] + 2.3)
    b = _Blocking(bedside, (bedside[0] - 2.0 * east, bedside[1] - 1.15), -9)
    b.stand(1.3)
    b.look(den_door, 0.75)
    b.stand(0.55)
    b.walk((den_door[0], den_high[1] - 0.5))
    b.walk((den_door[0], hall - 0.2))
    b.look((den_door[0] + 6 * east, hall), 0.55, -3, 0.35)
    b.stand(0.9)
    shared_1 = b.look((b.at[0] + (door0[0] - b.at[0]) * 0.7, b.at[1] + 3), 0.6, -5)
    b.stand(0.25)
    b.walk((door0[0], hall + 0.35))
    b.walk((door0[0], lane - 0.15))
    b.look((arch[0], lane), 0.62, -5, 0.5)
    b.walk((arch[0] - 0.6 * east, lane))
    b.walk((arch[0] + 0.5 * east, lane))
    shared_2 = b.look((b.at[0] + 0.9 * east, room_high[1]), 0.6, -7, 0.2)
    b.walk((0.35 * arch[0] + 0.65 * door1[0], lane + 0.25))
    b.stand(0.45)
    b.look((b.at[0] + 4 * east, b.at[1] - 0.6), 0.5, -5)
    b.walk((door1[0], lane), 1.0)
    b.look((door1[0], hall), 0.6, -6, 0.35)
    b.walk((door1[0], 0.3))
    b.walk((door1[0] * 0.75 + yard_door[0] * 0.25, hall + 0.35))
    shared_3 = b.look((b.at[0] + 6 * east, hall), 0.6, -4, 0.4)
    b.stand(0.55)
    b.look((yard_door[0], hall_low[1] - 2), 0.6, -4)
    b.walk((yard_door[0], hall_low[1] + 0.35))
    b.walk((yard_door[0], hall_low[1] - 1.9))
    b.look((b.at[0] + 4 * east, b.at[1] - 2.6), 0.65, -2, 0.2)
    b.walk((yard_door[0] + 0.3 * east, hall_low[1] - 2.8))
    b.stand(1.0)
    meet = b.looks[1].at_s
    corridor = Walk(
        (meet - 2.0, meet + 4.2), ((den_door[0] + 8.2 * east, hall + 0.25), (den_door[0] + 3.0 * east, hall + 0.25))
    )
    out = b.looks[-1].at_s
    yard_x, yard_y = yard_door[0] + 5.5 * east, hall_low[1] - 4.6
    yard = Walk((out - 1.5, out + 3.5), ((yard_x, yard_y), (yard_x - 5.0 * east, yard_y - 0.8)))
    script = b.script((corridor, yard))
    cuts = [0.0, *(script.looks[i].at_s for i in (shared_1, shared_2, shared_3)), b.time]
    shots = [(max(0.0, a - _LEAD_S), min(b.time, c + _TAIL_S)) for a, c in pairwise(cuts)]
    shots[1] = meet - _LEAD_S, shots[1][1]  # the look along the corridor and the turn back are both shared
    return script, tuple(shots)


def looking_about(world: World, room: str, turns: int, seed: int, *, duration_s: float | None = None) -> Script:
    """The hero strolls in one place and looks about: `turns` turns of 50 to 130 degrees in 0.35 to 0.85 s."""
    rng = np.random.default_rng([seed, 90])
    (x0, y0, _), (x1, y1, _) = world.bounds[room]
    if room.startswith("room"):
        y0, y1 = y0 + 0.9, min(y0 + 1.9, y1)
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    spread = np.minimum(np.array([(x1 - x0) / 2 - 0.8, (y1 - y0) / 2 - 0.15]), 2.0)

    def somewhere() -> Point:
        x, y = middle + spread * rng.uniform(-1, 1, 2)
        return float(x), float(y)

    heading = float(rng.uniform(0, 2 * np.pi))
    start = somewhere()
    b = _Blocking(start, (start[0] + math.cos(heading), start[1] + math.sin(heading)))
    b.stand(0.8)
    for _ in range(turns):
        side = 1 if rng.random() < 0.5 else -1
        angle = b.heading + side * math.radians(float(rng.uniform(50, 130)))
        b.look(
            (b.at[0] + math.cos(angle), b.at[1] + math.sin(angle)),
            float(rng.uniform(0.35, 0.85)),
            float(rng.uniform(-12, 4)),
        )
        b.stand(0.3)
        goal = np.array(somewhere()) - b.at
        far = min(float(np.linalg.norm(goal)), 1.3)
        if far > 0.2:
            b.walk(tuple(np.array(b.at) + goal / np.linalg.norm(goal) * far), 1.1)
        b.stand(max(0.0, b.looks[-1].at_s + b.looks[-1].duration_s + float(rng.uniform(0.45, 1.0)) - b.time))
    b.stand(0.6)
    script = b.script()
    return script if duration_s is None else script.window(0.0, duration_s)
