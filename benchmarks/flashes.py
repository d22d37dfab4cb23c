"""Flashes: the analyser on TRACE's 318 clips, on EA IRIS's test videos beside their logs, on real takes, and its cost.

The clips are made from their recipes, written without loss, decoded, and analysed frame by frame; the analyser is
given nothing else. Three verdicts stand beside its own: what each clip's own file says ("as written"), what the list
of each set says for the standards the set is made for ("as listed"), and what the recipe amounts to by the wording of
the standard ("by recipe", other code, from colours and areas alone). Where the first two contradict the third, the
clips are named.
"""

import argparse
import ast
import csv
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from benchmarks import flash_clips, material
from benchmarks.flash_clips import RATE, Recipe
from benchmarks.ledger import CACHE, FOOTAGE, PROJECT, cost, table
from headturn.camera import card
from headturn.camera.media import frames
from headturn.camera.take import Clip
from headturn.review.flash_limits import BROADCAST, STANDARDS, TRACE, WCAG, Standard
from headturn.review.flashes import FILM_WIDTH_PX, Analyser, Report

MATERIAL = PROJECT.parent / "shared" / "flash"
PARTS = "clips", "iris", "real", "cost"
SHORT = {BROADCAST: "Ofcom = ITU = ISO", WCAG: "WCAG 2.2", TRACE: "TRACE 2024"}
OTHER_RATES = {"25": Fraction(25), "24000/1001": Fraction(24000, 1001), "60": Fraction(60)}
"""At 60 each frame is shown twice; at the others the same frames are shown for longer."""
HALF = 960, 540
"""The other rates are analysed at half the size."""
REAL = "lap", "house", "shop", "fridge", "path", "single", "shaky", "edited", "drone", "glasses", "fixed"
MOST_TIMES_THE_DECODE = 1.5

Verdicts = dict[str, Any]


class Kept:
    """Results by name, one a line, written as they come; those of other code are measured again."""

    def __init__(self, path: Path, *, anew: bool) -> None:
        self.path = path
        sources = [*sorted((PROJECT / "src/headturn/review").glob("flash*.py")), Path(flash_clips.__file__)]
        self.code = hashlib.sha256("".join(map(what_runs, sources)).encode()).hexdigest()[:16]
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() and not anew else []
        kept = [json.loads(line) for line in lines if line.endswith("}")]
        self.results = {each["name"]: each["result"] for each in kept if each["code"] == self.code}

    def of(self, name: str, measure: Callable[[], Verdicts]) -> Verdicts:
        """What was measured under a name; measured now where it was not."""
        if name not in self.results:
            self.results[name] = measure()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"name": name, "code": self.code, "result": self.results[name]}) + "\n")
        return dict(self.results[name])


def what_runs(path: Path) -> str:
    """The code of a module without what is said about it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [
                each for each in body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
            ]
    return ast.dump(tree)


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 where every clip that fails by its recipe was found and none other was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks flashes", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="these parts alone")
    parser.add_argument("--clips", default="", metavar="WORD", help="of the clips only those with this in their name")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where results are kept")
    parser.add_argument("--anew", action="store_true", help="measure everything again")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    kept = Kept(options.cache / "flashes.jsonl", anew=options.anew)
    right = True
    if wanted(options.only, "clips"):
        right = clips([each for each in flash_clips.recipes(MATERIAL / "trace") if options.clips in each.name], kept)
    if wanted(options.only, "iris"):
        iris(kept)
    if wanted(options.only, "real"):
        real(kept)
    if wanted(options.only, "cost"):
        right &= measure_cost(kept)
    return 0 if right else 1


def wanted(only: list[str] | None, part: str) -> bool:
    """Whether a part was asked for."""
    return not only or part in only


def told(reports: Sequence[Report]) -> Verdicts:
    """Reports as plain values: by standard whether it passes, and its findings."""
    return {
        each.standard.name: {
            "passes": each.passes,
            "findings": [
                [f.kind, float(f.span.start), float(f.span.end), round(f.area_share, 4), round(f.flashes_per_s, 2)]
                for f in (*each.failures, *each.amber)
            ],
        }
        for each in reports
    }


def clips(recipes: list[Recipe], kept: Kept) -> bool:
    """Analyse the clips, print all matrices; whether each is judged as its recipe amounts to."""
    results = {}
    for n, recipe in enumerate(recipes):
        results[recipe.name] = kept.of(recipe.name, lambda recipe=recipe: of_clip(recipe))  # type: ignore[misc]
        print(f"\r{n + 1} of {len(recipes)} clips", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"\n{len(recipes)} clips at 1920 x 1080, {RATE} frames a second: failing ones found, passing ones passed\n")
    print(
        table(
            ("verdict", "standard", "fail", "found", "missed", "pass", "passed", "failed", "right", "always pass"),
            list(matrices(recipes, results)),
        )
    )
    print(f"\nExcluded, for it is no word: {', '.join(f'{name} ({s.name})' for name, s in flash_clips.CORRUPT)}.")
    contradictions(recipes, results)
    return other_runs(recipes, results)


def of_clip(recipe: Recipe) -> Verdicts:
    """The analyser's verdicts at all rates and widths, and what the recipe amounts to."""
    full, small = (Analyser(1920, 1080, analysed_width_px=width) for width in (None, FILM_WIDTH_PX))
    others = {name: Analyser(*HALF) for name in OTHER_RATES}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mkv"
        flash_clips.write(recipe, path)
        for number, frame in enumerate(flash_clips.read(path)):
            full.see(frame, number / RATE)
            small.see(frame, number / RATE)
            half = np.asarray(cv2.resize(frame, HALF, interpolation=cv2.INTER_AREA), np.uint8)
            for name, rate in OTHER_RATES.items():
                times = 2 if rate == 2 * RATE else 1
                for shown in range(number * times, (number + 1) * times):
                    others[name].see(half, shown / rate)
    rates = {str(RATE): RATE, **{name: RATE if rate == 2 * RATE else rate for name, rate in OTHER_RATES.items()}}
    runs = {"full": full, str(FILM_WIDTH_PX): small, **others}
    return {
        "runs": {name: told(each.reports()) for name, each in runs.items()},
        "by recipe": {each.name: flash_clips.by_recipe(recipe, each, rates) for each in STANDARDS},
    }


def fails(result: Verdicts, standard: Standard, run: str = "full") -> bool:
    """The analyser's verdict."""
    return not result["runs"][run][standard.name]["passes"]


def by_recipe(result: Verdicts, standard: Standard, rate: str = str(RATE)) -> bool:
    """What the recipe amounts to."""
    return bool(result["by recipe"][standard.name][rate] >= standard.area_share)


def matrices(recipes: list[Recipe], results: dict[str, Verdicts]) -> Iterator[tuple[str, ...]]:
    """Rows of confusion matrices, by kind of verdict and standard."""
    kinds: dict[str, Callable[[Recipe, Standard], bool | None]] = {
        "by recipe": lambda recipe, standard: by_recipe(results[recipe.name], standard),
        "as listed": Recipe.fails_as_listed,
        "as written": Recipe.fails_as_written,
    }
    for kind, verdict in kinds.items():
        for standard in STANDARDS:
            tally = Counter(
                (wrong, fails(results[recipe.name], standard))
                for recipe in recipes
                if (wrong := verdict(recipe, standard)) is not None
            )
            failing, passing = tally[True, True] + tally[True, False], tally[False, True] + tally[False, False]
            right = f"{tally[True, True] + tally[False, False]} of {tally.total()}"
            counts = failing, tally[True, True], tally[True, False], passing, tally[False, False], tally[False, True]
            yield kind, SHORT[standard], *map(str, counts), right, str(passing)


def contradictions(recipes: list[Recipe], results: dict[str, Verdicts]) -> None:
    """Name the verdicts that contradict their recipes."""
    for kind, verdict in (("as listed", Recipe.fails_as_listed), ("as written", Recipe.fails_as_written)):
        for standard in STANDARDS:
            named: dict[bool, list[str]] = {True: [], False: []}
            for recipe in recipes:
                said, result = verdict(recipe, standard), results[recipe.name]
                if said is not None and said != by_recipe(result, standard):
                    share = result["by recipe"][standard.name][str(RATE)]
                    amber = any(f[0] == "nearly" for f in result["runs"]["full"][standard.name]["findings"])
                    named[said].append(f"{recipe.name} ({share:.4f}{', amber' if amber else ''})")
            for said, names in named.items():
                if names:
                    word = "fail" if said else "pass"
                    print(
                        f"\n{SHORT[standard]}, {kind}: {len(names)} {word} against their recipe (share of the area"
                        f" with more than three flashes in a second): {', '.join(names)}"
                    )


def other_runs(recipes: list[Recipe], results: dict[str, Verdicts]) -> bool:
    """Print how the other rates and widths do; whether all but the reduced width are as the recipes."""
    rows, right = [], True
    for name in ("full", *OTHER_RATES, str(FILM_WIDTH_PX)):
        rate = name if name in OTHER_RATES else str(RATE)
        for standard in STANDARDS:
            alike = [
                fails(results[r.name], standard, name) == by_recipe(results[r.name], standard, rate) for r in recipes
            ]
            same = [by_recipe(results[r.name], standard, rate) == by_recipe(results[r.name], standard) for r in recipes]
            missed = sum(
                by_recipe(results[r.name], standard, rate) and not fails(results[r.name], standard, name)
                for r in recipes
            )
            carried = sum(a for a, b in zip(alike, same, strict=True) if b)
            right &= name == str(FILM_WIDTH_PX) or all(alike)
            width = {"full": "1920", str(FILM_WIDTH_PX): name}.get(name, str(HALF[0]))
            rows.append(
                (
                    rate,
                    width,
                    SHORT[standard],
                    str(sum(same)),
                    str(carried),
                    f"{sum(alike)} of {len(alike)}",
                    str(missed),
                )
            )
    print(
        "\nOther rates, and analysed at less than full size. At 60 each frame is shown twice, so that all verdicts"
        "\ncarry over. At 25 and 24000/1001 the same frames are shown for longer: what passes carries over, and what"
        "\nfails within fewer frames than such a second has; for the others the recipe is worked out anew.\n"
    )
    print(
        table(("rate", "px wide", "standard", "carry over", "of them right", "right by recipe", "failing missed"), rows)
    )
    return right


def iris(kept: Kept) -> None:
    """EA IRIS's videos: the changes within the last second it logs beside ours, frame by frame, and the verdicts."""
    rows = []
    for path in sorted((MATERIAL / "iris" / "TestVideos").glob("*.mp4")):
        found = kept.of(f"iris {path.stem}", lambda path=path: of_iris(path))  # type: ignore[misc]
        log = iris_log(MATERIAL / "iris" / "ExpectedVideoLogFiles" / f"{path.stem}_RELATIVE.csv")
        pairs = list(zip(log, found["transitions"], strict=False))
        same = sum(min(theirs["luminance"], 7) == ours[0] for theirs, ours in pairs)
        red = sum(min(theirs["red"], 7) == ours[1] for theirs, ours in pairs)
        peak = f"{max(t['luminance'] for t in log)} / {max(ours[0] for ours in found['transitions'])}"
        peak_red = f"{max(t['red'] for t in log)} / {max(ours[1] for ours in found['transitions'])}"
        theirs = ("pass", "pass, warned", "long", "fail")[max(each["verdict"] for each in log)]
        verdict = found["reports"][BROADCAST.name]
        ours = "pass" if verdict["passes"] else "fail"
        said = ", ".join(sorted({f[0] for f in verdict["findings"]}))
        rows.append(
            (
                path.stem,
                f"{len(log)} / {len(found['transitions'])}",
                peak,
                f"{same} of {len(pairs)}",
                peak_red,
                f"{red} of {len(pairs)}",
                theirs,
                f"{ours}{f' ({said})' if said else ''}",
            )
        )
    print(
        "\nEA IRIS's test videos, its logs / headturn (changes within a second; headturn tells no more than 7 apart)\n"
    )
    print(table(("video", "frames", "most changes", "frames alike", "most red", "alike", "IRIS", "headturn"), rows))


def of_iris(path: Path) -> Verdicts:
    """Our counts frame by frame, and the verdicts."""
    clip = clip_of(path)
    analyser = Analyser(clip.image.width, clip.image.height)
    transitions = []
    for frame in frames(clip):
        analyser.see(frame.pixels("rgb"), frame.time)
        transitions.append(analyser.transitions())
    return {"transitions": transitions, "reports": told(analyser.reports())}


def iris_log(path: Path) -> list[dict[str, int]]:
    """The counts of a log, and its verdicts: 0 pass, 1 warned, 2 long, 3 fail. The oldest log knows no "long": 2 is
    fail.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [{k: (v or "0").strip().strip("\0") for k, v in row.items() if k} for row in csv.DictReader(file)]
    return [
        {
            "luminance": int(row["LuminanceTransitions"]),
            "red": int(row["RedTransitions"]),
            "verdict": max(
                int(row.get("FlashLuminanceFailedFrame", 0)),
                int(row.get("FlashRedFailedFrame", 0)),
                (0, 1, 3)[int(row.get("FlashFailedFrames", 0))],
            ),
        }
        for row in rows
    ]


def real(kept: Kept) -> None:
    """What the analyser says of real takes."""
    rows = []
    for folder in REAL:
        for path in sorted((FOOTAGE / folder).glob("*.mp4")):
            found = kept.of(f"real {folder}/{path.name}", lambda path=path: told(of_film(clip_of(path)).reports()))  # type: ignore[misc]
            said = [
                "; ".join(
                    f"{kind} {start:.1f} to {end:.1f} s, area {share:.2f}, {rate:.1f}/s"
                    for kind, start, end, share, rate in each["findings"]
                )
                for each in found.values()
            ]
            verdicts = ["pass" if each["passes"] else "FAIL" for each in found.values()]
            rows.append(
                (f"{folder}/{path.stem}", *(f"{v}{': ' + s if s else ''}" for v, s in zip(verdicts, said, strict=True)))
            )
    print(f"\nReal takes, analysed at {FILM_WIDTH_PX} pixels across\n")
    print(table(("take", *SHORT.values()), rows))


def of_film(clip: Clip) -> Analyser:
    """A film as it would be checked: frames as they are stored, analysed small."""
    width, height = clip.image.width // 2 * 2, clip.image.height // 2 * 2
    analyser = Analyser(width, height, analysed_width_px=FILM_WIDTH_PX)
    for frame in frames(clip):
        analyser.see(frame.pixels("yuv420", width, height), frame.time)
    return analyser


def clip_of(path: Path) -> Clip:
    """A file as a clip."""
    return next(each for each in card.ingest(path.parent).clips if each.files[0] == path)


def measure_cost(kept: Kept) -> bool:
    """CPU time for generated 1080p60 H.264 beside the bare decode; whether it is within what is allowed."""

    def measured() -> Verdicts:
        with TemporaryDirectory() as folder:
            path = material.take(Path(folder) / "1080p60.mp4", material.HD60, 3)
            clip = clip_of(path)
            count = sum(1 for _ in frames(clip))
            bare = cost(lambda: sum(1 for _ in frames(clip)), rounds=3)[0]
            taken = cost(lambda: sum(frame.pixels("yuv420").shape[0] for frame in frames(clip)), rounds=3)[0]
            whole = cost(lambda: of_film(clip), rounds=3)[0]
        return {"frames": count, "bare": bare, "taken": taken, "whole": whole}

    found = kept.of("cost", measured)
    bare, taken, whole = (1000 * found[each] / found["frames"] for each in ("bare", "taken", "whole"))
    print(
        f"\n1080p60 H.264: {bare:.2f} CPU ms a frame to decode, {taken:.2f} with its planes taken out, {whole:.2f}"
        f" analysed {FILM_WIDTH_PX} wide: {whole / bare:.2f} times the bare decode"
    )
    return whole <= MOST_TIMES_THE_DECODE * bare


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
