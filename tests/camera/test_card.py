"""A card is read as it is: chapters, companions, copies, and files that are no recordings."""

import os
import shutil
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import number_in, numbered, record

from headturn.camera import card
from headturn.camera.card import BLOCK_BYTES, WHOLE_BYTES, identity, ingest
from headturn.camera.media import frames
from headturn.errors import CannotRead


def clip_at(path, seed=0, count=4):
    """A short recording whose contents depend on the seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return record(path, (numbered(seed + k, 160, 80) for k in range(count)), options={"preset": "ultrafast"})


def names(clips):
    return [[path.name for path in clip.files] for clip in clips]


def kinds(rejected):
    return {one.path.name: one.kind for one in rejected}


# ---- identity ----------------------------------------------------------------------------------------------------


def test_identity_survives_renaming_and_tells_contents_apart(tmp_path):
    one, two, three = (tmp_path / name for name in "abc")
    one.write_bytes(b"x" * 1000)
    two.write_bytes(b"x" * 1000)
    three.write_bytes(b"x" * 999 + b"y")
    assert identity([one]) == identity([two]) != identity([three])
    assert len(identity([one])) == 32
    assert identity([one, three]) != identity([three, one])


@given(st.binary(max_size=50), st.binary(max_size=50))
@settings(max_examples=30)
def test_identity_knows_where_a_chapter_ends(one, two):
    with tempfile.TemporaryDirectory() as folder:
        first, second, joined = (Path(folder) / name for name in "abc")
        first.write_bytes(one)
        second.write_bytes(two)
        joined.write_bytes(one + two)
        assert identity([first, second]) != identity([joined])


def test_identity_of_large_files_reads_only_blocks(tmp_path, monkeypatch):
    path = tmp_path / "large"
    size = WHOLE_BYTES + 12_345_678
    with path.open("wb") as file:
        file.truncate(size)
    plain = identity([path])
    read = []
    digest = card.xxhash.xxh3_128

    class Counting:
        def __init__(self):
            self.inner = digest()

        def update(self, data):
            read.append(len(data))
            self.inner.update(data)

        def hexdigest(self):
            return self.inner.hexdigest()

    monkeypatch.setattr(card.xxhash, "xxh3_128", Counting)
    assert identity([path]) == plain
    assert sum(read) < 17 * BLOCK_BYTES
    found = set()
    for place in (0, size - 1):
        with path.open("r+b") as file:
            file.seek(place)
            file.write(b"!")
        found.add(identity([path]))
    with path.open("ab") as file:
        file.write(b"\0")
    assert len({plain, *found, identity([path])}) == 4


def test_a_file_that_is_gone_has_no_identity(tmp_path):
    with pytest.raises(CannotRead):
        identity([tmp_path / "none"])


# ---- chapters ----------------------------------------------------------------------------------------------------


def test_gopro_chapters_become_one_clip(tmp_path):
    folder = tmp_path / "DCIM" / "100GOPRO"
    made = ["GX010123", "GX020123", "GX030123", "GX010124", "GH010123", "GOPR0077", "GP010077", "GP020077"]
    for number, name in enumerate([*made, "GXAA0001", "GXAA0002"]):
        clip_at(folder / f"{name}.MP4", 10 * number)
    clip_at(tmp_path / "DCIM" / "101GOPRO" / "GX020124.MP4", 200)
    read = ingest(tmp_path)
    assert names(read.clips) == [
        ["GH010123.MP4"],
        ["GOPR0077.MP4", "GP010077.MP4", "GP020077.MP4"],
        ["GX010123.MP4", "GX020123.MP4", "GX030123.MP4"],
        ["GX010124.MP4"],
        ["GXAA0001.MP4"],
        ["GXAA0002.MP4"],
        ["GX020124.MP4"],
    ]
    assert read.rejected == ()
    whole = read.clips[2]
    assert whole.chapter_starts == (0, Fraction(4, 30), Fraction(8, 30))
    assert [number_in(frame) & 7 for frame in frames(whole, 3, 5)] == [3 & 7, 10 & 7]
    assert whole.id == identity(whole.files)


def test_a_missing_chapter_is_said_and_no_time_is_jumped_over(tmp_path):
    for number, name in enumerate(["GX010123", "GX030123", "GX040123"]):
        clip_at(tmp_path / f"{name}.MP4", 10 * number)
    clips = ingest(tmp_path).clips
    assert names(clips) == [["GX010123.MP4"], ["GX030123.MP4", "GX040123.MP4"]]
    assert any("Chapter 02" in note for note in clips[1].notes)


def test_a_broken_chapter_leaves_the_others_usable(tmp_path):
    for number, name in enumerate(["GX010123", "GX020123", "GX030123"]):
        clip_at(tmp_path / f"{name}.MP4", 10 * number)
    last = tmp_path / "GX030123.MP4"
    last.write_bytes(last.read_bytes()[:1500])
    read = ingest(tmp_path)
    assert names(read.clips) == [["GX010123.MP4", "GX020123.MP4"]]
    assert kinds(read.rejected) == {"GX030123.MP4": "broken"}


def test_chapters_that_do_not_fit_stand_alone(tmp_path):
    clip_at(tmp_path / "GX010123.MP4")
    record(tmp_path / "GX020123.MP4", 3)
    clips = ingest(tmp_path).clips
    assert names(clips) == [["GX010123.MP4"], ["GX020123.MP4"]]
    assert all("alone" in clip.notes[0] for clip in clips)


# ---- companions --------------------------------------------------------------------------------------------------


def test_companions_belong_to_their_clip_and_are_no_takes(tmp_path):
    clip_at(tmp_path / "GX010123.MP4")
    clip_at(tmp_path / "GX020123.MP4", 10)
    clip_at(tmp_path / "preview.mp4", 20).rename(tmp_path / "GL010123.LRV")
    (tmp_path / "GX010123.THM").write_bytes(b"picture")
    (tmp_path / "GL020123.LRV").write_bytes(b"proxy")
    clip_at(tmp_path / "Proxies" / "GX010123_Proxy.MP4", 30)
    clip_at(tmp_path / "42A-3.mp4", 40)
    (tmp_path / "42A-3.gcsv").write_text("GYROFLOW IMU LOG\n")
    (tmp_path / "42A-3.WAV").write_bytes(b"RIFF")
    read = ingest(tmp_path)
    assert names(read.clips) == [["42A-3.mp4"], ["GX010123.MP4", "GX020123.MP4"]]
    assert [path.name for path in read.clips[0].proxies] == ["42A-3.WAV", "42A-3.gcsv"]
    found = {path.name for path in read.clips[1].proxies}
    assert found == {"GL010123.LRV", "GL020123.LRV", "GX010123.THM", "GX010123_Proxy.MP4"}
    assert read.rejected == ()


def test_a_preview_without_its_recording_is_said(tmp_path):
    clip_at(tmp_path / "GX010123.MP4")
    (tmp_path / "GL010999.LRV").write_bytes(b"proxy")
    assert kinds(ingest(tmp_path).rejected) == {"GL010999.LRV": "no recording"}


# ---- what is none ------------------------------------------------------------------------------------------------


def test_copies_are_said_and_one_is_used(tmp_path):
    original = clip_at(tmp_path / "b" / "GX010123.MP4")
    clip_at(tmp_path / "b" / "GX020123.MP4", 10)
    shutil.copy(original, tmp_path / "a copy.mp4")
    read = ingest(tmp_path)
    assert names(read.clips) == [["GX010123.MP4", "GX020123.MP4"]]
    (copy,) = read.rejected
    assert copy.kind == "copy" and copy.path.name == "a copy.mp4"
    assert "GX010123.MP4" in copy.reason


def test_each_unusable_file_has_its_sentence_and_the_rest_goes_on(tmp_path):
    clip_at(tmp_path / "good.mp4")
    whole = (tmp_path / "good.mp4").read_bytes()
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.MP4").write_text("notes of the day\n" * 40)
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(1).bytes(50_000))
    (tmp_path / "hero.raw").write_bytes(b"DEVC\0\1\0\0" + bytes(64))
    (tmp_path / "GS010001.360").write_bytes(whole)
    for ordinary in ("notes.txt", "film.toml", "list.csv", "readme.md", "a.json", "still.jpg"):
        (tmp_path / ordinary).write_text("a,b\n1,2\n")
    seen = []
    read = ingest(tmp_path, lambda done, total, path: seen.append((done, total, path.name)))
    assert names(read.clips) == [["good.mp4"]]
    assert kinds(read.rejected) == {
        "empty.mp4": "broken",
        "cut.mp4": "broken",
        "text.MP4": "broken",
        "noise.mp4": "broken",
        "hero.raw": "no image",
        "GS010001.360": "no image",
    }
    for one in read.rejected:
        assert one.reason.startswith(f"{one.path.name}: ") and one.reason.endswith(".")
    assert [done for done, _, _ in seen] == list(range(5)) and seen[0][1] == 5


def test_where_nothing_is_usable_each_file_is_told_what_it_is(tmp_path):
    (tmp_path / "motion.csv").write_text("timestamp,gyro_x\n0,1\n")
    (tmp_path / "notes.txt").write_text("hello")
    read = ingest(tmp_path)
    assert read.clips == ()
    assert kinds(read.rejected) == {"motion.csv": "no image", "notes.txt": "no recording"}
    assert "no image" in read.rejected[0].reason


def test_hidden_files_hash_lists_and_films_are_left_out(tmp_path):
    clip_at(tmp_path / "a.mp4")
    for number, hidden in enumerate(["._a.mp4", ".trash/b.mp4", "ascmhl/c.mp4", "film/takes/d.mp4"]):
        clip_at(tmp_path / hidden, 10 * (number + 1))
    (tmp_path / "film" / "cut.json").write_text("{}")
    read = ingest(tmp_path)
    assert names(read.clips) == [["a.mp4"]]
    assert read.rejected == ()


def test_a_film_made_into_the_folder_of_its_takes_is_no_take(tmp_path):
    clip_at(tmp_path / "a.mp4")
    clip_at(tmp_path / "film.mp4", 10)
    assert names(ingest(tmp_path).clips) == [["a.mp4"], ["film.mp4"]]
    (tmp_path / "cut.json").write_text("{}")
    assert names(ingest(tmp_path).clips) == [["a.mp4"]]


def test_links_that_lead_back_or_nowhere_do_no_harm(tmp_path):
    clip_at(tmp_path / "card" / "a.mp4")
    (tmp_path / "card" / "loop").symlink_to(tmp_path / "card")
    (tmp_path / "card" / "self").symlink_to(tmp_path / "card" / "self")
    (tmp_path / "card" / "gone.mp4").symlink_to(tmp_path / "nothing.mp4")
    os.mkfifo(tmp_path / "card" / "pipe.mp4")
    elsewhere = clip_at(tmp_path / "elsewhere" / "b.mp4", 10)
    (tmp_path / "card" / "linked").symlink_to(elsewhere.parent)
    assert names(ingest(tmp_path / "card").clips) == [["a.mp4"], ["b.mp4"]]


def test_no_such_folder(tmp_path):
    with pytest.raises(CannotRead, match="not there"):
        ingest(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(CannotRead, match="no folder"):
        ingest(tmp_path / "file")


@pytest.fixture
def unprivileged():
    """A folder that an ordinary user may enter, and that user's rights, where the tests run with all rights."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    rights = os.geteuid()

    def drop():
        if rights == 0:
            os.seteuid(65534)

    yield folder, drop
    os.seteuid(rights)
    for path in folder.iterdir():
        path.chmod(0o700)
    shutil.rmtree(folder)


def test_what_may_not_be_read_is_said_and_the_rest_goes_on(unprivileged):
    folder, drop = unprivileged
    clip_at(folder / "a.mp4")
    clip_at(folder / "secret.mp4", 10).chmod(0)
    clip_at(folder / "closed" / "b.mp4", 20)
    (folder / "closed").chmod(0)
    drop()
    with pytest.raises(PermissionError):
        (folder / "secret.mp4").open("rb")
    read = ingest(folder)
    assert names(read.clips) == [["a.mp4"]]
    assert kinds(read.rejected) == {"secret.mp4": "not permitted", "closed": "not permitted"}
    with pytest.raises(CannotRead, match="permission"):
        ingest(folder / "closed")


# ---- real footage ------------------------------------------------------------------------------------------------


@pytest.mark.footage
def test_real_folders(footage):
    read = ingest(footage)
    assert len(read.clips) == 26
    assert {one.path.suffix for one in read.rejected} == {".raw"}
    assert all("no image" in one.reason for one in read.rejected)
    circles = {clip.files[0].stem for clip in read.clips if clip.lens.circle_px}
    assert len(circles) == 7 and "basketball_aria" in circles
    motion = ingest(footage / "motion")
    assert not motion.clips and "no image" in motion.rejected[0].reason
