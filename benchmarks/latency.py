"""How long a crew waits for `headturn match`: CPU seconds of the verdict on a take of a minute, in a fresh process.

The shot before is analysed and kept, the new take has come in (`takes --add`) and nothing else. Loading the program,
the log, telemetry, turns and joins all count. Beside it the bare decode of the new take (every frame by PyAV on one
thread), what the full search of `joins` takes from the same takes, whether both name the same best join, and the loops.
To reach: 3 s for 1080p with telemetry and for 4K from the camera's LRV, 8 s for 4K from the original; loops within 10 s
more.

Takes are made once into the folder, and results are kept there after each case: run again, it goes on.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import minutes
from benchmarks.ledger import CACHE, PROJECT, Ledger, compiled, cost, cpu_s, table
from benchmarks.stages import decoded
from headturn.camera import media
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit import assemble, first_look, joins
from headturn.office import arrivals, dailies, logbook, match, meeting, settings, smaller
from headturn.office.catalogue import opened
from headturn.office.slating import Typed, typed
from headturn.office.store import Store

BEFORE, NEW = "42A-1", "42B-1"
ROUNDS = 3
"""The cheapest counts: others at work on the machine only make CPU time dearer."""
PREVIEWS_S = 10.0

_VERDICT = """
import sys
from benchmarks import stopwatch
stopwatch.verdict(*sys.argv[1:])
"""


@dataclass(frozen=True)
class Case:
    """What is measured.

    takes: by letter, A and the new one; most_s: of the verdict, where a number stands
    against_full: whether the full search is run too; loops: whether they are rendered
    """

    takes: Callable[[Path], Mapping[str, Path]]
    most_s: float | None = None
    against_full: bool = False
    loops: bool = False


CASES: dict[str, Case] = {
    "1080p60 H.264, telemetry": Case(partial(minutes.told, format=minutes.HD60), 3.0, against_full=True, loops=True),
    "4K30 HEVC, LRV beside it": Case(
        partial(minutes.told, format=minutes.UHD30, lrv=True), 3.0, against_full=True, loops=True
    ),
    "4K30 HEVC, no LRV": Case(partial(minutes.told, format=minutes.UHD30), 8.0, against_full=True),
    "1080p60, another place": Case(partial(minutes.told, format=minutes.HD60, takes="AC")),
    "1080p60, gyro log": Case(minutes.logged),
    "1080p60, no telemetry": Case(partial(minutes.filmed, format=minutes.HD60)),
}


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 where the numbers are met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks latency", description=__doc__)
    parser.add_argument("--folder", type=Path, default=CACHE / "latency", help="where takes and results are kept")
    parser.add_argument("--anew", action="store_true", help="measure everything again")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    options = parser.parse_args(arguments)
    ledger = Ledger(options.folder / "latency.json", anew=options.anew)
    found = {}
    for name, case in CASES.items():
        if options.only in name:
            found[name] = ledger.kept(name, partial(measured, case, options.folder))
            print(f"\n### {name}\n\n{told(found[name])}", flush=True)
    print(f"\n### The verdict\n\n{summary(found)}\n")
    missed = [name for name, result in found.items() if result["most_s"] and result["verdict_s"] > result["most_s"]]
    missed += [f"{name}, loops" for name, result in found.items() if (result["loops_s"] or 0) > PREVIEWS_S]
    print("\n".join(f"NOT MET: {name}" for name in missed) if missed else "The numbers are met.")
    return 1 if missed else 0


def measured(case: Case, folder: Path) -> dict[str, Any]:
    """One case: the verdict, its stages, and what it stands beside."""
    takes = case.takes(folder)
    a, b = takes["A"], next(path for letter, path in takes.items() if letter != "A")
    prepared = begun(folder / "films" / "prepared", a, b)
    stages = min((_verdict(prepared) for _ in range(ROUNDS)), key=lambda run: sum(run["stages"].values()))
    plain = [_command(prepared, "--no-loops", "--json") for _ in range(ROUNDS)] if stages["told"]["final"] else []
    decode_s, _ = cost(lambda: decoded(media.probe([b])))
    return {
        **stages,
        "most_s": case.most_s,
        "verdict_s": min([sum(stages["stages"].values()), *plain]),
        "decode_s": decode_s,
        "loops_s": _command(prepared, "--json") - min(plain) if case.loops else None,
        "full": _full(prepared) if case.against_full else None,
    }


def begun(film: Path, a: Path, b: Path) -> Store:
    """A film whose log knows both takes; the shot before is analysed, the new take is not."""
    shutil.rmtree(film, ignore_errors=True)
    logbook.begin(film, "Latency", "", "")
    store = Store(film)
    card = film.with_name("card")
    shutil.rmtree(card, ignore_errors=True)
    card.mkdir()
    for path in (a, b):
        for each in (path, path.with_suffix(".gcsv"), path.with_name(f"GL{path.stem[2:]}.LRV")):
            if each.exists():
                os.link(each, card / each.name)
    logbook.add(store, card, "A001", _nothing)
    for path, slate in ((a, BEFORE), (b, NEW)):
        typed(store, path.name, Typed(slate=slate), "")
    take = takes_of(store)[BEFORE]
    head = Span(take.span.start, take.span.start + round(settings.Settings().match.window_s))
    low = partial(smaller.of_clip, store=store)
    dailies.developed(
        [take], store, settings.read(store.settings), _nothing, {take.id: head}, lambda clip: low(clip)[0]
    )
    low(take.clip)
    return store


def takes_of(store: Store) -> dict[str, Take]:
    """Both takes by name."""
    chosen = settings.read(store.settings)
    with opened(store) as catalogue:
        log = catalogue.log()
        return {name: arrivals.take_of(catalogue, arrivals.named(log, name), chosen, store) for name in (BEFORE, NEW)}


def _verdict(prepared: Store) -> dict[str, Any]:
    film = _copied(prepared)
    done = subprocess.run(
        [sys.executable, "-c", _VERDICT, str(film), NEW, BEFORE],
        check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=compiled(),
    )  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _command(prepared: Store, *options: str) -> float:
    """CPU seconds of the command as a user gives it."""
    film, start = _copied(prepared), cpu_s()
    command = [sys.executable, "-m", "headturn", "match", NEW, "--after", BEFORE, "--film", str(film)]
    command += ["-o", str(film / "match.html"), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=PROJECT, env=compiled())
    return cpu_s() - start


def _copied(prepared: Store) -> Path:
    film = prepared.folder.with_name("film")
    shutil.rmtree(film, ignore_errors=True)
    return Path(shutil.copytree(prepared.folder, film))


def _full(prepared: Store) -> dict[str, Any]:
    """What the full search and the first look find in the same takes, and what they cost."""
    film = Store(_copied(prepared))
    takes, desk = takes_of(film), meeting.desk_of(film, settings.Settings())
    rushes = meeting.rushes_of(takes[BEFORE], takes[NEW], {}, desk, _nothing)
    brief = desk.chosen.assemble
    spans = assemble.exit_span(takes[BEFORE], brief), assemble.entry_span(takes[NEW], brief)
    found: dict[str, Any] = {}
    for name, search in (("first look", first_look.find), ("full search", joins.find)):
        glancer, _ = match.through_small(rushes, desk)
        took, joined = cost(partial(search, *rushes, *spans, glancer, desk.chosen.joins, glancer.aids))
        best = meeting.distinct(joined)[0]
        found[name] = [took, best.verdict, best.detectability, float(best.out_time), float(best.in_time)]
    return found


def _nothing(*_: object) -> None:
    pass


def told(result: Mapping[str, Any]) -> str:
    """The stages of one verdict, and what it says."""
    entered, stages = result["entered"], result["stages"]
    rows = [(name, f"{took:.2f}", str(entered.get(name, ""))) for name, took in stages.items()]
    rows.append(("the verdict, by stages", f"{sum(stages.values()):.2f}", ""))
    said = [f"{result['told']['verdict']}: {result['told']['told'][0]}"]
    for name, (took, verdict, chance, out_s, in_s) in (result["full"] or {}).items():
        said.append(
            f"{name}: {took:.1f} CPU s; {verdict}, {chance:.3f}, left at {out_s:.2f} s, entered at {in_s:.2f} s"
        )
    return table(("stage", "CPU s", "times"), rows) + "\n\n" + "  \n".join(said)


def summary(found: Mapping[str, Mapping[str, Any]]) -> str:
    """All cases beside the bare decode."""
    rows = [
        (
            name,
            f"{result['verdict_s']:.1f}",
            f"{result['most_s']:.0f}" if result["most_s"] else "",
            f"{result['decode_s']:.0f}",
            f"{result['verdict_s'] / result['decode_s']:.1%}",
            f"{result['loops_s']:.1f}" if result["loops_s"] else "",
            result["told"]["verdict"],
        )
        for name, result in found.items()
    ]
    return table(("60 s take", "CPU s", "at most", "bare decode, CPU s", "of it", "loops, CPU s", "first answer"), rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
