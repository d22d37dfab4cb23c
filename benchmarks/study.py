"""Recall of `headturn study`: how many known splices of films its cut detector finds, hidden and cut hard.

    python -m benchmarks study FILM_FOLDER [...]

Each film is opened by its cut.json and rendered small three times: with its seams; with the same splices cut hard, in
the midst of their turns; and its takes dealt into pieces of two seconds, cut hard wherever that falls. Printed for each
version: splices, how many of them are found (within a frame), what else is found, and how many fall in a turn where
they are found and where they are given.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from headturn.camera import card
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit.cut import Cut, Seam, Segment, Splice
from headturn.office import loops, reopening, study_reel
from headturn.office.reopening import Film
from headturn.office.store import Store
from headturn.office.study import focal_width
from headturn.review import ride, study
from headturn.review.study import Study

WIDTH_PX = 640
PIECE_S = 2
VERSIONS = ("as made", "cut hard in the turns", "dealt in pieces")


def main(arguments: Sequence[str]) -> int:
    """Render, study and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks study", description=__doc__)
    parser.add_argument("films", type=Path, nargs="*", help="folders of films that headturn made")
    options = parser.parse_args(arguments)
    if not options.films:
        print("Give folders of films that headturn made, like demo/film; headturn demo makes one.")
        return 0
    totals = {version: [0] * 5 for version in VERSIONS}
    for folder in options.films:
        film = reopening.reopened(reopening.cut_file(folder), lambda *_: None)
        for version, cut in zip(VERSIONS, _versions(film), strict=True):
            counts = _counted(cut, film)
            totals[version] = [a + b for a, b in zip(totals[version], counts, strict=True)]
            _tell(f"{film.cut.title}, {version}", counts)
    for version, counts in totals.items():
        _tell(f"ALL, {version}", counts)
    return 0


def _versions(film: Film) -> tuple[Cut, Cut, Cut]:
    cut = film.cut
    height = round(cut.height * WIDTH_PX / cut.width / 2) * 2
    small = replace(cut, width=WIDTH_PX, height=height)
    hard = replace(small, splices=tuple(replace(each, seam=Seam("nothing")) for each in cut.splices))
    return small, hard, _dealt(small, {id: rush.take for id, rush in film.rushes.items()})


def _dealt(cut: Cut, takes: Mapping[str, Take]) -> Cut:
    """Pieces of all takes by turns: the first two seconds of each, then the next of each."""
    frames = int(PIECE_S * cut.rate)
    pieces: list[Segment] = []
    for number in range(int(max(take.span.duration for take in takes.values()) / PIECE_S) + 1):
        for id, take in takes.items():
            start = take.span.start + number * Fraction(frames) / cut.rate
            goes_on = bool(pieces) and pieces[-1].take == id
            if start + frames / cut.rate <= take.span.end and not goes_on:
                at = sum(piece.frames for piece in pieces)
                pieces.append(Segment(id, take.name, Span(start, start + frames / cut.rate), at, frames))
    splices = tuple(Splice(piece.start, Seam("nothing"), "visible", 1.0) for piece in pieces[1:])
    return replace(cut, segments=tuple(pieces), splices=splices)


def _counted(cut: Cut, film: Film) -> list[int]:
    """Splices, found, false, found in turns, given in turns."""
    takes = {id: rush.take for id, rush in film.rushes.items()}
    with TemporaryDirectory() as folder:
        out = Path(folder) / "film.mp4"
        loops.written(cut, ride.plan(cut, film.rushes), takes, range(cut.frames), out)
        clip = card.recording(out)
        reel = study_reel.run(clip, (), False, Store(Path(folder)), lambda *_: None)
    known = study.given([float(splice.frame / cut.rate) for splice in cut.splices], reel.scores, reel.flow)
    found = study.detected(reel.scores, reel.returned, reel.flow)

    def of(cuts: Sequence[study.FilmCut]) -> Study:
        return study.studied(reel.flow, cuts, float(reel.times.span.end), focal_width(clip))

    for each in known:
        agreement, jump = reel.flow.agreement[each.frame], np.degrees(study.jumps(reel.flow)[each.frame])
        print(
            f"    {each.time_s:7.2f} s: score {each.score:5.1f}, agreement {agreement:.2f}, jump {jump:.0f} degrees/s"
        )
    recalled = study.recalled(known, found)
    return [len(known), recalled, len(found) - study.recalled(found, known), of(found).in_turns, of(known).in_turns]


def _tell(what: str, counts: Sequence[int]) -> None:
    splices, recalled, false, found_in_turns, given_in_turns = counts
    print(
        f"{what}: {recalled} of {splices} splices found, {false} found where there is none; in turns: "
        f"{found_in_turns} as found, {given_in_turns} as given",
        flush=True,
    )
