"""What must not go wrong: broken cards, full disks, locked folders, interrupted runs, odd names and odd settings.

Each case has one clear sentence, the rest of the folder is still made into a film, and nothing of anybody is lost.
"""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from camera import mp4_boxes
from outsider import Film, Reel, heard, reel, whole
from recordings import Look, Shot, record, record_sound
from terminal import Said, command, headturn, spawned, unprivileged

FINAL = ("film.mp4", "film.otio", "cut.json", "report.html", "film.csv", "film.toml")
SMALL = Shot(seconds=2, width=160, height=90, looks=(Look(1, 60),), tone_hz=300)
ENCODED_AGAIN_GREYS = 4
"""x264 does not always make the same bytes of the same pictures: rms difference of a frame that was encoded twice."""
CUTS = 10
"""Places at which a recording is cut off: evenly from its first bytes to just before its end."""


def contents(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Everything in a folder: a hash of each file's bytes, when it was changed, and its mode."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in sorted(folder.rglob("*"))
    }


def damaged(path: Path, *shares: float) -> Path:
    """Random bytes over a twelfth of a file at each of these shares of it."""
    data = bytearray(path.read_bytes())
    for share in shares:
        at, count = round(len(data) * share), len(data) // 12
        data[at : at + count] = random.Random(2).randbytes(count)
    path.write_bytes(data)
    return path


def with_gpmf(path: Path, payloads: list[bytes]) -> Path:
    """Adds a GoPro's motion track to a recording whose index stands at its end."""
    data = path.read_bytes()
    index = data.rindex(b"moov") - 4
    media = mp4_boxes.box("mdat", *payloads)
    places, at = [], index + 8
    for payload in payloads:
        places.append(at)
        at += len(payload)
    track = mp4_boxes.trak("gpmd", "meta", places, [len(p) for p in payloads], runs=[(len(payloads), 1000)])
    path.write_bytes(data[:index] + media + mp4_boxes.box("moov", data[index + 8 :], track))
    return path


# A broken card --------------------------------------------------------------------------------------------------

COPY_AGAIN = r"copy it again from the card"
UNUSED = {
    "empty.mp4": rf"is empty; {COPY_AGAIN}",
    "noise.MP4": rf"is no recording, or is damaged .*; {COPY_AGAIN}",
    "text.mp4": r"is a text file, no recording; leave it out",
    "sound.mp4": r"has no video track \(it holds: audio\); leave it out",
    "again.mp4": r"is a copy of 1A-1\.mp4 .*; that one is used",
    "short.mp4": r"0\.30 s long, shorter than a head turn",
    "one.mp4": r"0\.03 s long, shorter than a head turn",
    **{f"tail{k}.mp4": rf"has no index \(moov\): the recording was cut off.*; {COPY_AGAIN}" for k in range(CUTS)},
    "front0.mp4": rf"has no index \(moov\): the recording was cut off.*; {COPY_AGAIN}",
    **{f"front{k}.mp4": r"0\.\d\d s long, shorter than a head turn" for k in (1, 2)},
}
CUT_SHORT = [f"front{k}.mp4" for k in range(3, CUTS)]


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """Two good takes among everything that can be wrong with a file."""
    folder = tmp_path_factory.mktemp("broken") / "takes"
    record(folder / "1A-1.mp4", Shot(tone_hz=220))
    record(folder / "2A-1.mp4", Shot(facing_deg=70))
    for kind, flags in (("tail", ""), ("front", "faststart")):
        data = record(folder.parent / f"{kind}.mp4", replace(SMALL, movflags=flags)).read_bytes()
        for k in range(CUTS):
            (folder / f"{kind}{k}.mp4").write_bytes(data[: len(data) * k // CUTS or 20])
    (folder / "empty.mp4").touch()
    (folder / "noise.MP4").write_bytes(random.Random(1).randbytes(200_000))
    (folder / "text.mp4").write_text("scene one, take two\n" * 300)
    record_sound(folder / "sound.mp4", 220, 2)
    record(folder / "short.mp4", Shot(seconds=0.3))
    record(folder / "one.mp4", Shot(seconds=1 / 30))
    record(folder / "black.mp4", SMALL, [np.zeros((90, 160, 3), np.uint8)])
    record(folder / "grey.mp4", SMALL, [np.full((90, 160, 3), 128, np.uint8)])
    shutil.copy2(folder / "1A-1.mp4", folder / "again.mp4")
    damaged(record(folder / "torn.mp4", replace(SMALL, tone_hz=None, seconds=3)), 1 / 3, 1 / 2)
    payloads = [random.Random(k).randbytes(4000) for k in range(3)]
    with_gpmf(record(folder / "gpmf.mp4", replace(SMALL, place=2)), [b"DEVC\0\1\x0f\xa0" + p for p in payloads])
    return folder


@pytest.fixture(scope="module")
def survived(card):
    """What `make` says of the broken card, and the film's folder."""
    before = contents(card)
    said = headturn("make", card, "-o", card.parent / "film", "--json")
    assert (said.code, said.err) == (0, "")
    assert contents(card) == before, "originals are only read"
    return json.loads(said.out), card.parent / "film"


@pytest.mark.parametrize("name", UNUSED)
def test_a_file_that_cannot_be_used_has_one_clear_sentence(survived, name):
    (why,) = [each["why"] for each in survived[0]["unused"] if each["name"] == name]
    assert re.search(UNUSED[name], why)
    assert "\n" not in why
    assert len(why) < 200
    assert name in (survived[1] / "report.html").read_text(encoding="utf-8")


def test_nothing_else_is_left_out(survived):
    assert sorted(each["name"] for each in survived[0]["unused"]) == sorted(UNUSED)


def test_the_rest_of_the_card_is_a_film(survived):
    told, out = survived
    film = Film(out)
    others = ["black.mp4", *CUT_SHORT, "gpmf.mp4", "grey.mp4", "torn.mp4"]
    assert told["takes"] == ["1A-1", "2A-1", *others]
    assert whole(out / "film.mp4") == film.cut["frames"]
    wrong, share = film.wrong(of=[take for take in told["takes"] if take != "torn.mp4"])
    assert wrong == []
    assert share > 0.5


@pytest.mark.parametrize("name", CUT_SHORT)
def test_a_recording_that_breaks_off_is_used_as_far_as_it_goes(survived, name):
    (note,) = [note for note in survived[0]["notes"] if note.startswith(f"{name} was")]
    assert re.fullmatch(rf"{name} was cut off: its last \d+ frames are missing, the rest is used\.", note)


def test_damage_in_the_middle_is_told_and_the_rest_is_used(survived):
    (note,) = [note for note in survived[0]["notes"] if note.startswith("torn.mp4: ")]
    assert re.fullmatch(r"torn\.mp4: \d+ of its frames cannot be decoded; the last good one stands for them\.", note)


def test_damaged_telemetry_costs_the_take_nothing_but_a_sentence(survived):
    page = (survived[1] / "report.html").read_text(encoding="utf-8")
    assert "gpmf.mp4" in survived[0]["takes"]
    assert re.search(r"telemetry[^<.]*(damaged|hold nothing|cannot be used)", page)


# Nothing to do --------------------------------------------------------------------------------------------------


def test_an_empty_folder(tmp_path):
    (tmp_path / "takes").mkdir()
    said = headturn("make", tmp_path / "takes", "-o", tmp_path / "film")
    assert said.code == 1
    assert "takes: there is no recording in it" in said.sentence
    assert not (tmp_path / "film").exists()


def test_a_folder_that_is_not_there(tmp_path):
    said = headturn("make", tmp_path / "nowhere", "-o", tmp_path / "film")
    assert (said.code, said.sentence) == (1, "headturn: nowhere: is not there; check the path.")


def test_a_file_instead_of_a_folder(tmp_path):
    take = record(tmp_path / "1A-1.mp4", SMALL)
    said = headturn("make", take, "-o", tmp_path / "film")
    assert said.code == 1
    assert "1A-1.mp4: is no folder" in said.sentence


def test_only_broken_files(tmp_path):
    (tmp_path / "a.mp4").touch()
    (tmp_path / "b.mp4").write_bytes(b"\0" * 5000)
    said = headturn("make", tmp_path, "-o", tmp_path / "film")
    assert said.code == 1
    for name in ("a.mp4", "b.mp4"):
        assert len([line for line in said.err.splitlines() if name in line]) == 1
    assert "Traceback" not in said.err
    assert not (tmp_path / "film").exists()


# Rights ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def anybodys():
    """A folder of two takes that an unprivileged user may read, in one that he may write to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        for number in (1, 2):
            record(folder / "takes" / f"{number}A-1.mp4", replace(SMALL, place=number))
        yield folder
        for path in folder.rglob("*"):
            path.chmod(0o700)


def test_a_take_that_may_not_be_read(anybodys):
    locked = record(anybodys / "takes" / "3A-1.mp4", SMALL)
    hidden = record(anybodys / "takes" / "more" / "4A-1.mp4", SMALL).parent
    locked.chmod(0)
    hidden.chmod(0)
    said = spawned("make", anybodys / "takes", "-o", anybodys / "film", before=unprivileged())
    assert (said.code, said.err) == (0, "")
    told = " ".join(said.out.split())
    assert "Not used: 3A-1.mp4: may not be read (permission denied); ask for read permission." in told
    assert "Not used: more: the folder cannot be opened (Permission denied); what is in it is left out." in told
    assert [segment["name"] for segment in Film(anybodys / "film").cut["segments"]] == ["1A-1", "2A-1"]


def test_takes_that_may_not_be_read_at_all(anybodys):
    (anybodys / "takes").chmod(0)
    said = spawned("make", anybodys / "takes", "-o", anybodys / "film", before=unprivileged())
    assert said.code == 1
    assert said.sentence.endswith(
        "takes: the folder cannot be opened (Permission denied); ask for permission to read it."
    )


def test_a_film_folder_that_may_not_be_written(anybodys):
    shelf = anybodys / "shelf"
    shelf.mkdir(mode=0o555)
    said = spawned("make", anybodys / "takes", "-o", shelf / "film", before=unprivileged())
    assert said.code == 1
    assert "you may not write there; choose another folder or change its permissions" in said.sentence


def test_a_film_folder_that_is_a_file(tmp_path):
    take = record(tmp_path / "takes" / "1A-1.mp4", SMALL)
    before = contents(tmp_path)
    for out in (take, take / "film"):
        said = headturn("make", tmp_path / "takes", "-o", out)
        assert said.code == 1
        assert "choose another folder" in said.sentence
    assert contents(tmp_path) == before


# No space -------------------------------------------------------------------------------------------------------

ON_A_SMALL_DISK = """
mount -t tmpfs -o size="$1" tmpfs "$2" || exit 99
out="$2" again="$3"; shift 3
"$@"; echo "code $?"
cp -a "$out" "$out-full"
[ "$again" ] || exit 0
mount -t tmpfs -o size=100m tmpfs "$out" && cp -a "$out-full/." "$out"
"$@" >/dev/null; echo "again $?"
cp -a "$out" "$out-again"
"""


@pytest.mark.parametrize(("size", "there"), [("300k", False), ("1m", False), ("2m", True)])
def test_no_space_is_said_and_a_second_run_goes_on(tmp_path, size, there):
    """A real disk of that size: full while it renders, while it joins the film, and after the film stands."""
    for number in range(3):
        record(tmp_path / "takes" / f"{number + 1}A-1.mp4", Shot(facing_deg=70 * number, tone_hz=220))
    (tmp_path / "film").mkdir()
    alone = ["unshare", "--mount"] if not os.geteuid() else ["unshare", "--map-root-user", "--mount"]
    make = [*in_reels_of_a_second(), "make", tmp_path / "takes", "-o", tmp_path / "film"]
    again = "yes" if size == "1m" else ""
    words = [*alone, "sh", "-c", ON_A_SMALL_DISK, "sh", size, tmp_path / "film", again, *make]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    said = Said(done.returncode, done.stdout, done.stderr)
    assert said.code == 0, said
    assert re.match(
        r"headturn: .*(no space is left|the disk is full).*; free some space and run the same", said.sentence
    )
    assert "code 1\n" in said.out
    full, after = tmp_path / "film-full", tmp_path / "film-again"
    assert (full / "film.mp4").exists() == there
    assert not (full / "report.html").exists()
    assert unfinished(full) == []
    if again:
        assert "again 0\n" in said.out
        assert whole(after / "film.mp4") == Film(after).cut["frames"]
        assert reels(full)
        assert reels(full).items() <= reels(after).items()


def in_reels_of_a_second() -> list[str]:
    """headturn, but for reels of one second: many moments to be stopped at in a short film."""
    program = "from headturn.picture import render; render.REEL_S = 1; from headturn.cli import main; main()"
    return [sys.executable, "-c", program]


def reels(out: Path) -> dict[str, int]:
    """Finished reels, and when each was written."""
    folder = out / ".headturn" / "reels"
    files = [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.exists() else []
    return {path.name: path.stat().st_mtime_ns for path in files}


def unfinished(out: Path) -> list[Path]:
    """Everything in a film's folder that is under no final name."""
    allowed = {*FINAL, "own.json"}
    kept = re.compile(r"[0-9a-f]{24}\.(npz|json|mp4|mov)")
    return [p for p in out.rglob("*") if p.is_file() and p.name not in allowed and not kept.fullmatch(p.name)]


# Stopped in the middle ------------------------------------------------------------------------------------------

STOPS_ITSELF = """
import os, re, signal, sys
from pathlib import Path
from headturn.picture import render
from headturn.cli import main
render.REEL_S, (number, name, count), replace = 1, sys.argv.pop(1).split(":"), Path.replace
def stopping(self, target):
    global count
    count = int(count) - bool(re.fullmatch(name, Path(target).name))
    if not count:
        os.killpg(0, int(number))
    return replace(self, target)
Path.replace = stopping
main()
"""
"""headturn, stopped by a signal to its whole group just before the count-th file of that name gets its name."""

REEL = r"[0-9a-f]{24}\.mp4"
MOTION = r"[0-9a-f]{24}\.npz"
CTRL_C_AT = [(MOTION, 1), (REEL, 3), (r"film\.mp4", 1), (r"film\.otio", 1)]
KILLED_AT = [(MOTION, 2), (REEL, 2), (r"film\.mp4", 1)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Takes, and the film made of them in one go."""
    folder = tmp_path_factory.mktemp("stopped")
    for number in range(3):
        record(folder / "takes" / f"{number + 1}A-1.mp4", Shot(facing_deg=70 * number, tone_hz=220))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headturn.picture.render.REEL_S", 1)
        assert headturn("make", folder / "takes", "-o", folder / "film", "--title", "stopped").code == 0
    return folder


def stopped(folder: Path, out: Path, number: int, name: str, count: int) -> Said:
    program = [sys.executable, "-c", STOPS_ITSELF, f"{number:d}:{name}:{count}"]
    words = [*program, "make", str(folder / "takes"), "-o", str(out), "--title", "stopped"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, start_new_session=True)
    return Said(done.returncode, done.stdout, done.stderr)


def pictures(path: Path) -> Reel:
    return reel(path, (90, 160), path.stat().st_mtime_ns)


def same_as_undisturbed(out: Path, undisturbed: Path) -> None:
    """Whatever has its final name is whole, and what it is where nothing was stopped."""
    expected = undisturbed / "film"
    for name in ("cut.json", "film.otio", "film.csv", "film.toml"):
        if (out / name).exists():
            assert (out / name).read_bytes() == (expected / name).read_bytes(), name
    if (out / "report.html").exists():
        assert (out / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    if (out / "film.mp4").exists():
        ours, theirs = (pictures(folder / "film.mp4") for folder in (out, expected))
        assert ours.times == theirs.times
        assert np.sqrt(np.mean((ours.images - theirs.images) ** 2, axis=(1, 2))).max() < ENCODED_AGAIN_GREYS
        assert np.array_equal(heard(out / "film.mp4")[0], heard(expected / "film.mp4")[0])


@pytest.mark.parametrize(("number", "moments"), [(signal.SIGINT, CTRL_C_AT), (signal.SIGKILL, KILLED_AT)])
def test_stopped_again_and_again_it_goes_on_and_ends_in_the_same_film(undisturbed, number, moments):
    """Ctrl-C, or the power going, at one moment after the other; each run goes on from what the ones before did."""
    out, source = undisturbed / f"film{number:d}", contents(undisturbed / "takes")
    for name, count in moments:
        before = reels(out)
        said = stopped(undisturbed, out, number, name, count)
        if number == signal.SIGINT:
            assert said.code == 130, (name, said)
            assert "interrupted" in said.sentence
            assert unfinished(out) == []
        else:
            assert said.code == -signal.SIGKILL, (name, said)
        assert before.items() <= reels(out).items(), "what is done is not done again"
        same_as_undisturbed(out, undisturbed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headturn.picture.render.REEL_S", 1)
        assert headturn("make", undisturbed / "takes", "-o", out, "--title", "stopped").code == 0
    assert sorted(path.name for path in out.iterdir()) == sorted([".headturn", *FINAL])
    same_as_undisturbed(out, undisturbed)
    assert Film(out).wrong()[0] == []
    assert unfinished(out) == []
    assert contents(undisturbed / "takes") == source


def test_ctrl_c_while_it_loads(undisturbed, tmp_path):
    """Loading takes seconds on a cold disk: stopped there it says the same, and leaves nothing."""
    words = command("make", undisturbed / "takes", "-o", tmp_path / "film")
    with subprocess.Popen(words, stdout=-1, stderr=-1, text=True, start_new_session=True) as process:
        maps = Path(f"/proc/{process.pid}/maps")
        while process.poll() is None and "/cv2/" not in maps.read_text():
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    said = Said(process.returncode, out, err)
    assert said.code == 130, said
    assert "interrupted" in said.sentence
    assert not (tmp_path / "film").exists()


def test_ctrl_c_in_the_middle_of_a_reel(undisturbed, tmp_path):
    """At whatever frame it is: the unfinished reel is gone, the finished ones stay."""
    out = tmp_path / "film"
    words = [*in_reels_of_a_second(), "make", str(undisturbed / "takes"), "-o", str(out), "--title", "stopped"]
    with subprocess.Popen(words, stdout=-1, stderr=-1, text=True, start_new_session=True) as process:
        while process.poll() is None and not [p for p in unfinished(out) if p.suffix == ".mp4"]:
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, "interrupted" in err) == (130, True)
    assert unfinished(out) == []
    assert not [name for name in FINAL if (out / name).exists()]


# Where the film lies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [".", "film", "cuts/third"])
def test_a_film_in_the_folder_of_its_takes_is_no_take(tmp_path, where):
    for number in (1, 2):
        record(tmp_path / f"{number}A-1.mp4", replace(SMALL, place=number))
    before = contents(tmp_path)
    for _ in range(2):
        said = headturn("make", tmp_path, "-o", tmp_path / where, "--master", "prores", "--json")
        assert (said.code, said.err) == (0, "")
        told = json.loads(said.out)
        assert (told["takes"], told["unused"]) == (["1A-1", "2A-1"], [])
    after = contents(tmp_path)
    assert {name: after[name] for name in before if name.endswith("1.mp4")} == {
        name: about for name, about in before.items() if name.endswith("1.mp4")
    }


def test_a_film_that_was_stopped_in_the_folder_of_its_takes_is_no_take(undisturbed, tmp_path):
    shutil.copytree(undisturbed / "takes", tmp_path / "takes")
    shutil.copytree(undisturbed / "film" / ".headturn", tmp_path / "takes" / ".headturn")  # so that it takes no time
    assert stopped(tmp_path, tmp_path / "takes", signal.SIGKILL, r"cut\.json", 1).code == -signal.SIGKILL
    assert (tmp_path / "takes" / "film.mp4").exists()
    assert headturn("make", tmp_path / "takes", "-o", tmp_path / "takes").code == 0
    assert [s["name"] for s in Film(tmp_path / "takes").cut["segments"]] == ["1A-1", "2A-1", "3A-1"]


def test_a_take_called_film_is_not_overwritten(tmp_path):
    for name in ("film.mp4", "opening.mp4"):
        record(tmp_path / name, replace(SMALL, place=len(name)))
    before = contents(tmp_path)
    said = headturn("make", tmp_path, "-o", tmp_path)
    assert said.code == 1
    assert "film.mp4" in said.sentence
    assert "choose another folder" in said.sentence
    assert contents(tmp_path) == before


def test_somebody_elses_film_is_not_overwritten(tmp_path):
    record(tmp_path / "takes" / "1A-1.mp4", SMALL)
    theirs = record(tmp_path / "out" / "film.mp4", SMALL)
    before = contents(tmp_path / "out")
    said = headturn("make", tmp_path / "takes", "-o", theirs.parent)
    assert (said.code, contents(theirs.parent)) == (1, before)
    assert "choose another folder" in said.sentence


# Names ----------------------------------------------------------------------------------------------------------

NAMES = (
    "a space.mp4",
    "Küche – Tür.mp4",
    'it\'s "quoted".mp4',
    "<img src=x onerror=alert(1)>.mp4",
    "new\nline.mp4",
    "🎬.mp4",
    "[bold]red[].mp4",
    "50%41?#;,:cat:.mp4",
    os.fsdecode(b"caf\xe9.mp4"),
)


def test_any_file_name_is_taken_as_it_is(tmp_path):
    for number, name in enumerate(NAMES):
        record(tmp_path / "takes" / name, replace(SMALL, seconds=0.6, place=number))
        (tmp_path / "takes" / f"0{name}").touch()
    environment = {**os.environ, "COLUMNS": "500"}
    said = spawned("make", tmp_path / "takes", "-o", tmp_path / "film", env=environment)
    assert (said.code, said.err) == (0, "")
    film = Film(tmp_path / "film")
    assert len(film.cut["segments"]) == len(NAMES)
    assert film.wrong()[0] == []
    for name in NAMES[:4] + NAMES[5:8]:
        assert name in said.out
        assert f"Not used: 0{name}: is empty" in said.out
    page = (tmp_path / "film" / "report.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;.mp4" in page
    order = (tmp_path / "film" / "film.csv").read_bytes()
    (tmp_path / "film" / "film.csv").write_bytes(order + b"\n")  # now it is the user's
    again = headturn("make", tmp_path / "takes", "-o", tmp_path / "film", "--json")
    assert again.code == 0
    assert f"{len(NAMES) - 1} takes by film.csv, then 1 take by name" in again.out, "all but the one that is no UTF-8"


# Settings -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A folder of one take."""
    return record(tmp_path_factory.mktemp("plain") / "takes" / "1A-1.mp4", SMALL).parent


BAD_TOML = {
    "[film]\ntitel = 'x'": r"\[film\] has no key 'titel'; it has title, ",
    "[fillm]\ntitle = 'x'": r"'fillm' is no table of film\.toml; there are film, ",
    "[film]\nfps = 'fast'": r"'fast' is no frame rate; write it like",
    "[film]\nsize = '1920'": r"'1920' is no size; write it like 1920x1080",
    "[assemble]\nmin_share = 2": r"min_share is a share of a take, from 0 to 1",
    "[assemble]\nmin_share = 'much'": r"min_share = 'much'",
    "[joins]\nlooks = 1.5": r"looks = 1\.5",
    "title = ": r"cannot be read as TOML",
    "film = 3": r"'film' is no table",
    "\0": r"cannot be read as TOML",
}


@pytest.mark.parametrize("text", BAD_TOML)
def test_a_wrong_setting_is_said_and_stays(plain, tmp_path, text):
    (tmp_path / "film.toml").write_text(text)
    said = headturn("make", plain, "-o", tmp_path)
    assert said.code == 2
    assert "film.toml" in said.sentence
    assert re.search(BAD_TOML[text], said.sentence)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("film.toml", text)]


BAD_OPTIONS = {
    ("--fps", "fast"): "'fast' is no frame rate",
    ("--size", "big"): "'big' is no size",
    ("--size", "1921x1080"): "use even numbers",
    ("--min-share", "60"): "from 0 to 1",
    ("--set", "joins"): "'joins' is no setting; write it like",
    ("--set", "joins.luks=3"): "[joins] has no key 'luks'",
    ("--set", "render.codec=vhs"): "codec = 'vhs'",
}


@pytest.mark.parametrize("words", BAD_OPTIONS, ids=" ".join)
def test_a_wrong_option_is_said(plain, tmp_path, words):
    said = headturn("make", plain, "-o", tmp_path / "film", *words)
    assert said.code == 2
    assert BAD_OPTIONS[words] in said.sentence
    assert not (tmp_path / "film").exists()


BAD_ORDER = {
    b"": r"no column 'file'; the columns are file, slate",
    b"clip,take\n1A-1.mp4,3\n": r"unknown column clip, take; the columns are file, slate",
    b"file,mark\n1A-1.mp4,super\n": r"'super' is no mark; use circled, keep",
    b"\xff\xfe\0\x80" * 50: r"cannot be read as a table",
    b"\0" * 200: r"film\.csv",
    b'file,slate\n"1A-1.mp4,3\n' + b"x" * 200_000: r"film\.csv",
}


@pytest.mark.parametrize("data", BAD_ORDER, ids=range(len(BAD_ORDER)))
@pytest.mark.parametrize("where", ["film", "takes"])
def test_a_malformed_order_file_is_said_and_stays(plain, tmp_path, data, where):
    shutil.copytree(plain, tmp_path / "takes")
    (tmp_path / "film").mkdir()
    (tmp_path / where / "film.csv").write_bytes(data)
    said = headturn("make", tmp_path / "takes", "-o", tmp_path / "film")
    assert said.code == 2
    assert f"{where}/film.csv" in said.sentence
    assert re.search(BAD_ORDER[data], said.sentence)
    assert (tmp_path / where / "film.csv").read_bytes() == data


@pytest.mark.parametrize("span", ["9s,", ",0.2s", "1.5s,1s", "noon,", "1/0,", "-1s,"])
def test_a_wrong_in_or_out_keeps_only_its_take_out(plain, tmp_path, span):
    shutil.copytree(plain, tmp_path / "takes")
    record(tmp_path / "takes" / "2A-1.mp4", replace(SMALL, seconds=1))
    (tmp_path / "takes" / "film.csv").write_text(f"file,in,out\n1A-1.mp4,{span}\n")
    said = headturn("make", tmp_path / "takes", "-o", tmp_path / "film", "--json")
    assert said.code == 0
    told = json.loads(said.out)
    assert told["takes"] == (["1A-1", "2A-1"] if span == ",0.2s" else ["2A-1"])
    assert all(each["why"].startswith("1A-1.mp4: ") for each in told["unused"])
