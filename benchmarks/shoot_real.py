"""Real takes through the office on set: what it says of them, as a crew would read it.

`path` and `fridge` as they are, `lap` cut into its five laps, the six wearers of `house`; the fixed cameras are left
out. No truth is known of them but what people see: the film is there to be looked at.
"""

import shutil
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from benchmarks.ledger import Ledger, cpu_s
from benchmarks.shoot import typed_in
from headturn.camera import card, media

TITLE, RATE = "Real takes", "30000/1001"
LAPS_S = ((2.0, 8.4), (7.2, 13.4), (12.5, 18.8), (17.8, 24.0), (22.9, 29.6))
"""Where each lap begins and ends: before the turn past the basket, after the one back to it."""
WEARERS = 6
LOG = """file,slate,performer,mark,note
hero7.mp4,1A-1,walker,,another day
max-heromode.mp4,1A-2,walker,circled,
milk_from_fridge.mp4,2A-1,cook,circled,
milk_in_fridge.mp4,2B-1,cook,circled,
"""
"""The continuity supervisor's table; the rest is typed."""


def cards(folder: Path, footage: Path) -> None:
    """Copies of the takes, as cards by roll."""
    rolls = {roll: folder / roll / "DCIM" for roll in ("R001", "R002", "R003", "R004")}
    for roll, files in (
        ("R001", [footage / "path" / f"{name}.mp4" for name in ("hero7", "max-heromode")]),
        ("R002", [footage / "fridge" / f"milk_{way}_fridge.mp4" for way in ("from", "in")]),
        ("R004", [footage / "house" / f"demo2_blur_middle_grid_{n}.mp4" for n in range(1, WEARERS + 1)]),
    ):
        rolls[roll].mkdir(parents=True)
        for file in files:
            shutil.copyfile(file, rolls[roll] / file.name)
    rolls["R003"].mkdir(parents=True)
    for number, (start_s, end_s) in enumerate(LAPS_S, start=1):
        cut_out(footage / "lap" / "basketball_aria.mp4", rolls["R003"] / f"GX01{number:04d}.mp4", start_s, end_s)


def cut_out(file: Path, out: Path, start_s: float, end_s: float) -> None:
    """A part of a recording as a recording of its own, encoded again, without sound."""
    clip = card.recording(file)
    times = media.frame_times(clip)
    first, stop = (times.nearest(Fraction(time).limit_denominator(1000)) for time in (start_s, end_s))
    with media.PictureWriter(out, clip.image.width, clip.image.height, clip.image.rate, crf=16) as writer:
        for frame in media.frames(clip, first, stop):
            writer.write(frame.pixels("rgb"))


def lines(rolls: dict[str, Path], folder: Path) -> Iterator[Sequence[str]]:
    """What is typed."""
    to = [word for disk in ("disk 1", "disk 2") for word in ("--to", str(folder / disk))]
    for roll, path in rolls.items():
        yield "offload", str(path), "--roll", roll, *to, "--same-disk"
    yield "takes", "--read", str(folder / "log.csv")
    yield "match", "2B-1", "--no-loops"
    for number, slate in enumerate(("3A-1", "3A-2", "3B-1", "3B-2", "3B-3"), start=1):
        yield "slate", f"GX01{number:04d}", slate, "--performer", "player"
    yield "circle", "3A-1"
    for number in (1, 2, 3):
        yield "match", f"3B-{number}", "--no-loops"
    yield "bin", "3B-3", "--why", "performance", "--note", "one lap too many"
    for number in range(1, WEARERS + 1):
        slate = f"4{'AB'[number > 3]}-{(number - 1) % 3 + 1}"
        yield "slate", f"demo2_blur_middle_grid_{number}", slate, "--performer", f"wearer {number}"
        yield "mark", slate, "--in", "20s", "--out", "40s"
    yield "match", "4A-1", "--no-loops"
    for number in (1, 2, 3):
        yield "match", f"4B-{number}", "--no-loops"
    yield "next", "4B", "-o", str(folder / "next.html")
    yield ("takes",)
    yield ("assemble",)
    yield "lock", "3B"
    yield ("render",)
    yield ("drift",)
    yield ("days",)
    yield "card", "R001"


def run(folder: Path, footage: Path) -> int:
    """Type all of it and print what the office said; 0."""
    ledger = Ledger(folder / "done.json")
    film = folder / "film"
    if not ledger.results:
        shutil.rmtree(folder, ignore_errors=True)
        for disk in ("disk 1", "disk 2"):
            (folder / disk).mkdir(parents=True)
        cards(folder / "cards", footage)
        (folder / "log.csv").write_text(LOG, encoding="utf-8")
        typed_in(["new", str(film), "--title", TITLE, "--fps", RATE])
    for words in lines({roll: folder / "cards" / roll for roll in ("R001", "R002", "R003", "R004")}, folder):

        def typed(words: Sequence[str] = words) -> dict[str, object]:
            begun = cpu_s()
            return {"said": typed_in([*words, "--film", str(film)]), "cpu_s": cpu_s() - begun}

        said = ledger.kept(" ".join(words), typed)
        print(f"$ headturn {' '.join(words)}    # {said['cpu_s']:.1f} CPU s\n{said['said']}", flush=True)
    return 0
