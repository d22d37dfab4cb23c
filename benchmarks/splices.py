"""Splices to be judged: pairs of takes, the joins that headturn finds in them, and what is measured of each.

Every splice carries its uncut controls: A alone and B alone in a window of the same length around the same moments of
the same turns, in a film of the same size and rate.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from benchmarks import strips, windows
from benchmarks.detectors import Judge, Kept
from benchmarks.scenes import Scene, shoot_scene
from benchmarks.windows import Film
from headturn.backlot.truth import Truth
from headturn.camera import card
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit import joins
from headturn.edit.cut import Seam
from headturn.edit.joins import Join, JoinOptions
from headturn.head.rush import Rush
from headturn.head.turns import Turn, TurnOptions
from headturn.office import lab
from headturn.office.store import Store
from headturn.picture import residual

SOURCE = Path(joins.__file__).parents[1]
BASELINES = ("colour", "hard", "random", "naive")
STRICT_EVERY, LOOSE_EVERY = 2, 6
"""Baselines that the adversary must be proved on (the first two) are measured on every second splice, the others, which
only stand beside, on every sixth: together they would cost twice what the splice itself does."""
SPARE_EVERY = 4
SAME_TURN_S = 1.0
"""Two performances of one script drift apart by a random walk; beyond this a turn is another one."""
ALIKE_AXIS = 0.8
APART_S = 1.5
"""Two moments of one clip that are joined lie at least so far apart: 45 frames, as in the trial."""


@dataclass(frozen=True, eq=False)
class Case:
    """A splice to be judged.

    group: kind of material; place: windows of one place are not independent; spare: not what headturn would choose, but
    measured so that its calibration sees poorer joins too
    """

    name: str
    group: str
    place: str
    a: Rush
    b: Rush
    join: Join
    spare: bool = False


def code_key() -> str:
    """A name for the code that finds joins and renders seams."""
    key = hashlib.sha256()
    for folder in ("camera", "head", "edit", "picture", "review"):
        for path in sorted((SOURCE / folder).rglob("*.py")):
            key.update(path.read_bytes())
    return key.hexdigest()[:12]


def developed(path: Path, store: Store) -> Rush:
    """A recording as one take, read as `make` does."""
    clip = card.recording(path)
    return lab.develop(Take(clip, clip.span, path.stem), store, TurnOptions(), Event())


def pieces(rush: Rush, seconds: float, store: Store) -> list[Rush]:
    """A long recording cut into takes of about so many seconds."""
    span = rush.take.span
    count = max(1, round(float(span.duration) / seconds)) if seconds else 1
    bounds = [span.start + span.duration * i / count for i in range(count + 1)]
    takes = [replace(rush.take, span=Span(a, b)) for a, b in pairwise(bounds)]
    return [lab.develop(take, store, TurnOptions(), Event()) for take in takes]


def glancer(rushes: Sequence[Rush], store: Store | None = None) -> lab.Glancer:
    """Small images of these takes; store: where covers found in them are kept."""
    return lab.Glancer({rush.take.id: rush.take.clip for rush in rushes}, store)


def turn_span(turn: Turn, rush: Rush) -> Span:
    """The time of a turn, within its take."""
    return Span(max(rush.take.span.start, Fraction(turn.onset_s)), min(Fraction(turn.settle_s), rush.take.span.end))


# The backlot --------------------------------------------------------------------------------------------------------


def scene_rushes(scene: Scene, folder: Path, store: Store) -> list[tuple[Rush, Truth]]:
    """The takes of a scene with their truths."""
    return [(developed(path, store), Truth.load(path.with_suffix(".npz"))) for path in scene.paths(folder)]


def same_turns(a: Sequence[Turn], b: Sequence[Turn]) -> list[tuple[Turn, Turn]]:
    """Turns of two performances of one script: each with the nearest one that goes the same way."""
    found = []
    for turn in a:
        alike = [other for other in b if float(np.dot(turn.axis, other.axis)) > ALIKE_AXIS]
        near = min(alike, key=lambda other: abs(other.peak_s - turn.peak_s), default=None)
        if near is not None and abs(near.peak_s - turn.peak_s) < SAME_TURN_S:
            found.append((turn, near))
    return found


def in_turns(a: Rush, b: Rush, turn_a: Turn, turn_b: Turn, glances: lab.Glancer) -> list[Join]:
    """The joins of A to B within a turn of each, best first; those that hide nothing are none."""
    found = joins.find(a, b, turn_span(turn_a, a), turn_span(turn_b, b), glances, JoinOptions(), glances.aids)
    return [join for join in found if join.turn_a and join.turn_b and join.hiding != "nothing"]


def backlot_cases(scene: Scene, bench: "Bench", store: Store) -> Iterator[tuple[str, Case | None]]:
    """For each turn that both takes of a scene hold, the best join in it, or None where there is none.

    The first take leads to the second in one half of the turns, the second to the first in the other: what sets the
    two apart by chance would tell the adversary which side of a splice it sees. In every SPARE_EVERY-th turn the
    poorest join that was looked at, too.
    """
    (first, truth), (second, other_truth) = scene_rushes(scene, bench.folder, store)
    glances = glancer([first, second], bench.lab)
    for number, turns in enumerate(same_turns(truth.turns, other_truth.turns)):
        name = f"scene{scene.number:03d}-{number}"
        sides = list(zip((first, second), turns, strict=True))
        (a, turn_a), (b, turn_b) = sides if (scene.number // 2 + number // 2) % 2 == 0 else sides[::-1]
        usable = in_turns(a, b, turn_a, turn_b, glances)
        case = Case(name, "backlot", f"place{scene.place:02d}", a, b, usable[0]) if usable else None
        yield name, case
        if case and len(usable) > 1 and number % SPARE_EVERY == 0:
            yield f"{name}-spare", replace(case, name=f"{name}-spare", join=usable[-1], spare=True)


# Any takes ----------------------------------------------------------------------------------------------------------


def pair_cases(group: str, takes: Sequence[Rush], bench: "Bench") -> Iterator[tuple[str, Case | None]]:
    """For each turn of each take, the best join in it to any other take, or None where there is none.

    For each take its best join at rest, too, in a group of their own (`at_rest`).
    """
    glances = glancer(takes, bench.lab)
    for a in takes:
        best: dict[Turn | None, tuple[Join, Rush]] = {}
        for b in takes:
            if b is a:
                continue
            for join in joins.find(a, b, a.take.span, b.take.span, glances, JoinOptions(), glances.aids):
                wanted = join.turn_a or join.hiding == "rest"
                if not wanted or join.hiding == "nothing" or _one_moment(join, a, b):
                    continue
                if join.turn_a not in best or joins.rank(join) < joins.rank(best[join.turn_a][0]):
                    best[join.turn_a] = join, b
        for turn in a.turns:
            name = f"{group}-{a.take.clip.name}-{turn.peak_s:.2f}"
            if turn in best:
                join, b = best[turn]
                yield name, Case(name, group, f"{group}@{turn.peak_s:.1f}", a, b, join)
            else:
                yield name, None
        if None in best:
            join, b = best[None]
            name = f"{group}-{a.take.clip.name}-{float(a.take.span.start):.2f}-rest"
            yield name, Case(name, at_rest(group), f"{group}@{a.take.span.start}", a, b, join)


def at_rest(group: str) -> str:
    """The name of the group of a group's joins at rest."""
    return f"{group} at rest"


def _one_moment(join: Join, a: Rush, b: Rush) -> bool:
    return a.take.clip.id == b.take.clip.id and abs(float(join.out_time - join.in_time)) < APART_S


# Measuring ----------------------------------------------------------------------------------------------------------


class Bench:
    """Measures cases: scores of the detectors and residuals, of the splice, its controls and its baselines.

    Records of this code are kept as they come, in splices-KEY.jsonl, all windows as films in windows-KEY/; what the
    detectors said of a window is kept by its pixels, whatever the code.
    """

    def __init__(self, folder: Path, judge: Judge) -> None:
        self.folder, self._judge = folder, judge
        self.key = code_key()
        self.records = Kept(folder / f"splices-{self.key}.jsonl")
        self.windows = folder / f"windows-{self.key}"
        self.lab = Store(folder / f"lab-{self.key}")
        self.lab.open()

    def of(self, case: Case, number: int) -> Any:  # noqa: ANN401
        """The record of a case; None where its takes are too short around the join, or a control is.

        number: of the case in its group, by which some get their baselines
        """
        wanted = BASELINES if number % LOOSE_EVERY == 0 else BASELINES[:2] if number % STRICT_EVERY == 0 else ()
        if case.spare or case.join.turn_a is None:  # a random pick is one in the turn
            wanted = ()
        return self.records.of(case.name, lambda: self._record(case, wanted))

    def refused(self, name: str, group: str, place: str) -> Any:  # noqa: ANN401
        """The record of a turn without a join."""
        return self.records.of(name, lambda: {"name": name, "group": group, "place": place, "verdict": None})

    def _record(self, case: Case, baselines: Sequence[str]) -> Any:  # noqa: ANN401
        film = Film.joined(case.a, case.b, case.join)
        uncut = [
            self._control(rush, frame, film)
            for rush, frame in ((case.a, case.join.out_frame), (case.b, case.join.in_frame))
            if film is not None
        ]
        if film is None or any(control is None for control in uncut):
            return None
        started = os.times()
        treated = film.treated()
        chosen_s = sum(os.times()[:2]) - sum(started[:2])
        join = case.join
        record = {
            "name": case.name,
            "group": case.group,
            "place": case.place,
            "spare": case.spare,
            "takes": [case.a.take.name, case.b.take.name],
            "frames": [join.out_frame, join.in_frame],
            "verdict": join.verdict,
            "hiding": join.hiding,
            "blend": treated.seam.blend,
            "overlap": treated.seam.overlap_frames,
            "detectability": join.detectability,
            "cost": join.cost,
            "terms": dict(join.terms),
            "speed_deg_s": float(np.degrees(join.speed_rad_s)),
            "treatment_s": chosen_s,
            "uncut": uncut,
            "seam": self.measured(treated, f"{case.name}-seam"),
        }
        films = {name: _baseline(name, case, film, treated) for name in baselines}
        return record | {
            name: None if other is None else self.measured(other, f"{case.name}-{name}")
            for name, other in films.items()
        }

    def _control(self, rush: Rush, frame: int, film: Film) -> Any:  # noqa: ANN401
        """One take uncut, with the very frame in its middle at which the splice leaves or enters it."""
        cut = film.cut
        alone = Film.uncut(rush, frame, cut.rate, (cut.width, cut.height))
        return None if alone is None else self.measured(alone, f"uncut-{rush.take.name}-{frame}-{float(cut.rate):.2f}")

    def measured(self, film: Film, name: str) -> Any:  # noqa: ANN401
        """Scores and residuals of a film's window, which is kept under that name."""
        path = self.windows / f"{strips.file_of(name)}.mp4"
        frames = windows.small(windows.read(path if path.exists() else film.encoded(path)))
        steps = [float(f"{value:.5g}") for value in residual.steps(list(frames))]
        return {**self._judge.said(frames), "steps": steps, "window": path.name}


def _baseline(name: str, case: Case, film: Film, treated: Film) -> Film | None:
    """The same splice as somebody else would have cut it."""
    rng = np.random.default_rng(int(hashlib.sha256(case.name.encode()).hexdigest()[:8], 16))
    if name == "colour":
        return film.with_seam(replace(film.seam, overlap_frames=0, blend="cut"))
    if name == "hard":
        return film.with_seam(Seam("nothing", blend="cut"))
    pick = windows.random_pick if name == "random" else windows.naive_pick
    other = Film.joined(case.a, case.b, pick(case.join, case.a, case.b, rng))
    if other is None or name == "naive":
        return other and other.with_seam(Seam("nothing", blend="cut"))
    return other.with_seam(replace(other.seam, overlap_frames=treated.seam.overlap_frames, blend=treated.seam.blend))


def measure_scene(bench: Bench, store: Store, number: int) -> int:
    """Measure a scene, shot first where it is not; how many splices it gave."""
    scene = Scene(number)
    shoot_scene(scene, bench.folder)
    done = f"done-{scene.number:03d}"
    if done not in bench.records:
        before = sum(os.times()[:2])
        for at, (name, case) in enumerate(backlot_cases(scene, bench, store)):
            if case is None:
                bench.refused(name, "backlot", f"place{scene.place:02d}")
            else:
                bench.of(case, scene.number + at)
        bench.records.keep(done, {"group": "", "cpu_s": sum(os.times()[:2]) - before})
    mine = [v for k, v in bench.records.values().items() if k.startswith(f"scene{scene.number:03d}-")]
    return sum(bool(record and record["verdict"] and not record.get("spare")) for record in mine)
