"""Why a join got its verdict, as a director would say it, with the numbers behind the words; and what to shoot."""

import numpy as np

from headturn.edit.cost import REST_RAD_S
from headturn.edit.join import Join
from headturn.edit.mover import Mover
from headturn.head.turns import describe

TOLD_TERM = 0.25
"""A term below it does not show in the picture and is not worth a sentence."""
TOLD_STOPS = 0.25
"""A third of a stop is what a camera assistant would correct; below a quarter nobody asks."""

TOLD_DEG = 5.0
"""Nearer to the middle is the middle."""
SMALL_RAD, LARGE_RAD = np.radians(8.0), np.radians(30.0)
"""A ball a few metres away, and a person within reach."""


def reasons(join: Join) -> tuple[str, ...]:
    """Sentences, what hides the splice first, then what costs most."""
    return (_hidden_by(join), *(_faults(join)))


def _hidden_by(join: Join) -> str:
    speed = round(float(np.degrees(join.speed_rad_s)), -1)
    if join.hiding == "turn" and join.turn_a is not None:
        if not join.alignment.same_place:
            return (
                f"two places: only the blur of a turn at {speed:.0f} degrees a second hides the change; let something "
                "pass close to the camera there, or shoot this turn in one place"
            )
        return f"both takes turn {describe(join.turn_a)}; the splice lies at {speed:.0f} degrees a second"
    if join.hiding == "occluder":
        return "in both takes something fills the image for a moment; the splice lies behind it"
    if join.hiding == "darkness":
        return "both takes go dark for a moment; the splice lies in the dark"
    if join.hiding == "flash":
        return "a flash burns out both takes; the splice lies in it"
    if join.hiding == "rest":
        moving = f", moving at {speed:.0f} degrees a second" if join.speed_rad_s >= REST_RAD_S else " at rest"
        return f"no turn that both takes share hides the splice; it lies where both look the same way{moving}"
    return _no_join(join)


def _no_join(join: Join) -> str:
    """Why nothing hides the splice, and what to shoot so that something does."""
    if join.turn_a is not None:
        return (
            f"no join: both takes turn {describe(join.turn_a)}, but their images do not show the same place: "
            "shoot this turn in the place where the other take was shot, or end and begin on a wall, a door or the dark"
        )
    if join.alignment.same_place:
        return (
            "no join: both takes show one place but look different ways: "
            "start the next take on the turn that ends this one"
        )
    return (
        "no join: no turn matches and the images do not show one place: end one take and start the next on the same "
        "turn in the same place, or on a wall, a door or the dark"
    )


def _faults(join: Join) -> list[str]:
    words = {
        "framing": "the framing differs after alignment: something stands elsewhere",
        "mover": _moved(join.alignment.mover),
        "parallax": "the camera stood in another spot: near things jump",
        "rotation": "the heads turn at different speeds or in slightly different directions",
        "heading": f"the second take looks {_heading_deg(join):.0f} degrees away; the seam turns it there",
        "sharpness": "one image is more blurred than the other",
        "exposure": "light and contrast differ by more than can be matched: lock exposure and white balance",
        "light": "brightness or colour jumps where nothing else is seen",
        "steps": "the walkers are out of step",
        "sound": "the takes sound different: level or room",
    }
    faults = [words[name] for name, cost in _by_cost(join) if name in words and cost >= TOLD_TERM]
    if join.alignment.same_place and abs(join.stops) >= TOLD_STOPS:
        about = "" if join.stops_known else "about "
        faults.append(
            f"the second take is {about}{abs(join.stops):.1f} stop {'brighter' if join.stops > 0 else 'darker'}; "
            "the seam brings both together"
        )
    return faults


def _moved(mover: Mover) -> str:
    """What moves by itself, and where a director finds it in the first take's image."""
    what = (
        "something small" if mover.across_rad < SMALL_RAD else "something" if mover.across_rad < LARGE_RAD else "much"
    )
    return (
        f"{what} that moves by itself is not where it was ({_where(mover)}): a person, a hand or a thing would be seen "
        "twice, or to jump; let it leave the image before the turn, or stand where it stood"
    )


def _where(mover: Mover) -> str:
    right, down = (float(np.degrees(angle)) for angle in (mover.right_rad, mover.down_rad))
    ways = [
        f"{abs(angle):.0f} degrees {way}"
        for angle, way in ((right, "right of" if right > 0 else "left of"), (down, "below" if down > 0 else "above"))
        if abs(angle) >= TOLD_DEG
    ]
    return f"{' and '.join(ways)} the middle" if ways else "in the middle of the image"


def _by_cost(join: Join) -> list[tuple[str, float]]:
    return sorted(join.terms, key=lambda term: -term[1])


def _heading_deg(join: Join) -> float:
    return float(np.degrees(2 * np.arccos(min(1.0, abs(join.a_from_b[0])))))
