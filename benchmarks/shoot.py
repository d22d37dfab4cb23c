"""A whole shoot goes through the office on set: cards, codes, matches, locks, the cut, the film, the days.

The backlot shoots what a script says: 3 blocks, 12 days, 40 shots, 150 takes, a second camera, rehearsals, false
starts, takes that go wrong in known ways. A crew types the verbs: each card is copied to two disks, slates are read
from the codes filmed, each take is held against the shot before, then circled, marked or binned; after each day the cut
is solved and locked, and what `headturn days` says is held against the script. In the end the film is rendered and
looked at.

    python -m benchmarks shoot                                   # all of it; --disk A --disk B for two real disks
    python -m benchmarks shoot --days 2 --shots 3 --takes 7
    python -m benchmarks shoot --real                            # the real takes instead, no script

Footage, and what was done, is kept in --folder: run again, it goes on. With other code the office begins anew.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from benchmarks import shoot_footage, shoot_truth
from benchmarks.ledger import CACHE, FOOTAGE, Ledger, cpu_s
from benchmarks.shoot_footage import Shooting
from benchmarks.shoot_report import report
from benchmarks.shoot_script import BINNED, PERFORMER, RATE, TITLE, Amount, Recording, Shoot, Take, written
from headturn.camera import card, code, media
from headturn.cli.app import app

SETTINGS = "\n[assemble]\nmin_share = 0.35\n"
"""Takes are short here: the turns that two shots share, and the code, are more than half of one."""
MARKED_EVERY, ACTION_S = 4, (3.4, 4.2)
"""In every so many-th good take there is something that must be in the film, at this time of the recording."""
NOT_MATCHED = ("rehearsal", "false start")
"""Kinds that nobody holds against the shot before."""
OURS = "headturn shoot"
"""The folder on each disk that is given: it is emptied when the office begins anew."""
UNMET = 3

Reduce = Callable[[Any], Any]


@dataclass(frozen=True)
class Office:
    """The verbs as a crew types them, each done once: what they answered is kept."""

    film: Path
    ledger: Ledger

    def does(self, when: str, *words: str, keep: Reduce = lambda said: said) -> Any:  # noqa: ANN401  # JSON
        """What a verb answers; keep: the part of the answer that is wanted later.

        Raises:
            RuntimeError: the verb failed.
        """

        def typed() -> dict[str, Any]:
            begun = cpu_s()
            told = typed_in([*words, "--film", str(self.film)])
            return {"said": keep(json.loads(told) if "--json" in words else told), "cpu_s": cpu_s() - begun}

        return self.ledger.kept(f"{when}: {' '.join(words)}", typed)["said"]

    def cost(self) -> dict[str, tuple[int, float]]:
        """How often each verb was typed, and its CPU seconds."""
        found: dict[str, tuple[int, float]] = {}
        for name, result in self.ledger.results.items():
            verb = name.partition(": ")[2].split()[0]
            count, spent = found.get(verb, (0, 0.0))
            found[verb] = count + 1, spent + result.get("cpu_s", 0.0)
        return found


def typed_in(words: Sequence[str]) -> str:
    """What the command line prints.

    Raises:
        RuntimeError: it failed.
    """
    done = CliRunner().invoke(app, list(words), env={"HEADTURN_WHO": "script supervisor", "COLUMNS": "200"})
    if done.exit_code not in (0, UNMET):
        raise RuntimeError(f"headturn {' '.join(words)}: {done.exception or ''} {done.stderr}") from done.exception
    return done.stdout


@dataclass(frozen=True)
class Crew:
    """Who shoots, and where everything lies."""

    shoot: Shoot
    shooting: Shooting
    folder: Path
    disks: tuple[Path, ...]
    office: Office

    def works(self, day: int) -> dict[str, Any]:
        """A day, card by card; what `days` says when it is over, and the script."""
        own = [each for each in self.shoot.recordings() if each.take.day == day]
        for roll in dict.fromkeys(each.roll for each in own):
            self._comes_in(f"day {day}", [each for each in own if each.roll == roll])
        for take, recordings in groupby(own, lambda each: each.take):
            self._decides(f"day {day}", take, list(recordings))
        cut = self.office.does(f"day {day}", "assemble", "--json", keep=_cut)
        finished = [take for take in self.shoot.takes if take.kind_on(day) == "good" and take.day <= day]
        if finished:
            last = max(finished, key=lambda take: take.place)
            self.office.does(f"day {day}", "lock", last.shot, "--json", keep=len)
        said = self.office.does(f"day {day}", "days", "--json")
        shown = {shot["take"]: Fraction(shot["frames"]) / RATE for shot in cut["shots"]}
        return {"said": said, "truth": shoot_truth.figures(self.shoot, day, shown)}

    def _comes_in(self, when: str, recordings: Sequence[Recording]) -> None:
        """A card is copied, looked after, and its takes told apart."""
        roll = recordings[0].roll
        root = self.folder / "cards" / roll
        if f"{when}: card {roll} --json" not in self.office.ledger.results:
            shoot_footage.card(recordings, root, self.folder / "footage", self.shooting)
        to = [word for disk in self.disks for word in ("--to", str(disk))]
        alone = ["--same-disk"] if len({disk.stat().st_dev for disk in self.disks}) < len(self.disks) else []
        self.office.does(when, "offload", str(root), "--roll", roll, *to, *alone, "--json", keep=_offloaded)
        self.office.does(when, "card", roll, "--json", keep=lambda said: said["safe_to_format"])
        read = self.office.does(f"{when}, {roll}", "takes", "--json", keep=lambda said: _slates(said, roll))
        for each in recordings:
            if read[each.file]["slate"] is None:
                file, slate = f"{roll}/DCIM/100GOPRO/{each.file}", each.take.name
                told = ("--performer", PERFORMER, "--camera", each.camera, "--json")
                self.office.does(when, "slate", file, slate, *told)

    def _decides(self, when: str, take: Take, recordings: Sequence[Recording]) -> None:
        """A take is held against the shot before, and its fate told."""
        stands = next((each for each in recordings if not (take.a_lost and each.camera == "A")), recordings[0])
        if len(recordings) > 1:
            self.office.does(when, "sync", take.name, "--json", keep=_offset)
        if take.a_lost:
            self.office.does(when, "bin", take.name, "--why", shoot_truth.LOST, "--note", "no picture after 2 s")
        old = next((each for each in self.shoot.takes if each.shot == take.shot and each.replaced_on == take.day), None)
        if take.kind == "good" and old and old != take:
            self.office.does(when, "unlock", take.shot, "--json", keep=len)
            for camera in old.cameras:
                self.office.does(when, "bin", old.name + camera, "--why", "look", "--note", "shot again")
        if take.kind not in NOT_MATCHED and take.place:
            self.office.does(when, "match", stands.name, "--no-loops", "--json", keep=_match)
        if take.kind == "good":
            self.office.does(when, "circle", stands.name)
            if take.variant % MARKED_EVERY == 0:
                inside, outside = (f"{time:.2f}s" for time in ACTION_S)
                self.office.does(when, "mark", stands.name, "--in", inside, "--out", outside, "--note", "the hand")
            return
        for each in recordings:
            if take.kind in BINNED:
                self.office.does(when, "bin", each.name, "--why", take.kind)
            else:
                mark = "keep" if take.kind == "spare" else take.kind
                self.office.does(when, "mark", each.name, "--as", mark)


def _cut(said: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    return {"frames": said["frames"], "missing": said["missing"], "unused": said["unused"], "shots": [
        {key: shot[key] for key in ("shot", "take", "frames", "verdict", "caught", "locked")} for shot in said["shots"]
    ]}  # fmt: skip


def _offloaded(said: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    return {key: said[key] for key in ("files", "bytes", "troubles", "notes")} | {"takes": said["takes"]["notes"]}


def _slates(said: Any, roll: str) -> dict[str, Any]:  # noqa: ANN401  # JSON
    return {
        each["file"]: {key: each[key] for key in ("slate", "camera", "performer", "slated_by")}
        for each in said["takes"]
        if each["roll"] == roll
    }


def _offset(said: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    return {key: said["synced"][0][key] for key in ("offset_s", "how")}


def _match(said: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    caught = said["joins"][0]["detectability"] if said["joins"] else None
    return {key: said[key] for key in ("verdict", "after", "after_is", "told")} | {"caught": caught}


def codes_in(film: Path) -> int:
    """In how many frames of a film the code of a slate can be read."""
    return sum(code.read(frame.pixels("gray")) is not None for frame in media.frames(card.recording(film)))


def run(shoot: Shoot, shooting: Shooting, folder: Path, disks: Sequence[Path] = ()) -> tuple[str, bool]:
    """Shoot all of it; the report, and whether the office told the truth."""
    folder.mkdir(parents=True, exist_ok=True)
    film, ledger = folder / "film", Ledger(folder / "done.json")
    where = tuple(disk / OURS for disk in disks) or (folder / "disk 1", folder / "disk 2")
    if not ledger.results:
        for old in (film, folder / "cards", *where):
            shutil.rmtree(old, ignore_errors=True)
    for disk in where:
        disk.mkdir(exist_ok=True, parents=True)
    office = Office(film, ledger)
    if not film.exists():
        typed_in(["new", str(film), "--title", TITLE, "--fps", str(RATE)])
        with (film / "film.toml").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS)
        rows = ["shot,sequence,block", *map(",".join, shoot.planned)]
        (film / "plan.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    crew = Crew(shoot, shooting, folder, where, office)
    days = [crew.works(day) for day in range(1, 1 + len(shoot.dates))]
    made = office.does("the end", "render", "--json", keep=_cut)
    looked = ledger.kept("the end: looking at the film", lambda: {"codes": codes_in(film / "film.mp4")})
    frames = card.recording(film / "film.mp4").image.frames
    return report(shoot, days, office.ledger.results, made, (frames, looked["codes"]), office.cost())


def main(arguments: Sequence[str]) -> int:
    """Shoot, and print what was found; 1 where the office does not tell the truth."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks shoot", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, help="with --shots and --takes: a smaller shoot")
    parser.add_argument("--shots", type=int)
    parser.add_argument("--takes", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--disk", type=Path, action="append", help="to copy cards to; give two (two folders in --folder)"
    )
    parser.add_argument("--folder", type=Path, help="where footage and film are kept")
    parser.add_argument("--real", action="store_true", help="the real takes instead")
    parser.add_argument("--footage", type=Path, default=FOOTAGE, help="where these lie")
    options = parser.parse_args(arguments)
    if options.real:
        from benchmarks import shoot_real

        return shoot_real.run(options.folder or CACHE / "shoot-real", options.footage)
    given = (options.days, options.shots, options.takes)
    amount = Amount() if not any(given) else Amount.of(*(each or 1 for each in given))
    shoot = written(amount, options.seed)
    folder = options.folder or CACHE / "shoot"
    told, right = run(shoot, shoot_footage.Backlot(shoot), folder, options.disk or ())
    print(told)
    print(
        f"\n{cpu_s():.0f} CPU s in this run, {os.times().children_user:.0f} of them in other processes", file=sys.stderr
    )
    return 0 if right else 1
