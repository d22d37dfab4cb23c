"""Cards copied to disks: read once, read back, resumed, refused, and never wrongly called verified."""

import fcntl
import os
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import xxhash

from disks import aged, card, contents, disk_in_memory, film, judged_by_ascmhl, offloaded, unmount
from headturn.errors import BadOption, CannotRead, CannotWrite, NothingToDo
from headturn.exchange import mhl
from headturn.office import catalogue, copying, readback, safe
from headturn.office import disks as machine
from headturn.office import offload as office


@pytest.fixture
def store(tmp_path):
    return film(tmp_path / "film")


@pytest.fixture
def disks(tmp_path):
    """Two disks on two devices."""
    (tmp_path / "one").mkdir()
    with disk_in_memory(tmp_path / "two") as second:
        yield tmp_path / "one", second


def states(store, roll="A012"):
    """The state of each copy by disk's folder and file."""
    with catalogue.opened(store) as opened:
        return {(Path(each.root).parent.name, each.file): each.state for each in opened.copies(roll)}


def looked_at(store, roll="A012", path=None, check=False, by_hash=False):
    return safe.card(store, roll, path, check, by_hash, lambda *_: None)


def test_both_disks_hold_the_card_as_it_is_and_it_is_safe_to_format(tmp_path, store, disks):
    source = card(tmp_path / "card")
    (source / "DCIM" / "empty folder").mkdir()
    before = contents(source)
    made = offloaded(store, source, "A012", *disks)
    assert not made.troubles
    assert made.read == len(before) == made.files
    for disk in disks:
        assert contents(disk / "A012") == before == contents(source)
        assert (disk / "A012" / "DCIM" / "empty folder").is_dir()
        for file in before:
            assert (disk / "A012" / file).stat().st_mtime_ns == (source / file).stat().st_mtime_ns
        assert judged_by_ascmhl(disk / "A012") == 0
        assert judged_by_ascmhl(disk / "A012", "-dh") == 0
        hashes = {file: xxhash.xxh128(data).hexdigest() for file, data in before.items()}
        assert mhl.read(disk / "A012") == hashes
    assert set(states(store).values()) == {"verified"}
    assert made.standing.safe
    assert looked_at(store, check=True, by_hash=True).safe


def test_each_file_of_the_card_is_read_once_and_the_manifest_has_those_hashes(tmp_path, store, disks, monkeypatch):
    source = card(tmp_path / "card")
    opened_paths = []
    monkeypatch.setattr(
        copying, "_opened", lambda path, really=copying._opened: (opened_paths.append(path), really(path))[1]
    )
    offloaded(store, source, "A012", *disks)
    assert sorted(opened_paths) == sorted(path for path in source.rglob("*") if path.is_file())


def test_a_card_offloaded_again_copies_nothing_and_adds_only_what_is_new(tmp_path, store, disks):
    source = card(tmp_path / "card")
    offloaded(store, source, "A012", *disks)
    inodes = {path: path.stat().st_ino for path in (disks[0] / "A012").rglob("*") if path.is_file()}
    again = offloaded(store, source, "A012", *disks)
    assert again.read == 0 and again.stood == again.files
    assert {path: path.stat().st_ino for path in (disks[0] / "A012").rglob("*") if path.is_file()} == inodes
    (source / "DCIM" / "100GOPRO" / "GX010009.MP4").write_bytes(b"shot since")
    more = offloaded(store, source, "A012", *disks)
    assert more.read == 1 and more.standing.safe and not more.troubles
    assert len(list((disks[0] / "A012" / "ascmhl").glob("*.mhl"))) == 2
    assert judged_by_ascmhl(disks[0] / "A012") == 0


def test_a_card_seen_before_under_another_name_is_told_and_nothing_is_doubled(tmp_path, store, disks):
    source = card(tmp_path / "card")
    offloaded(store, source, "A012", *disks)
    with pytest.raises(BadOption, match="offloaded before, as A012"):
        offloaded(store, source, "A013", *disks)
    assert not (disks[0] / "A013").exists()


def test_a_swapped_card_is_caught(tmp_path, store, disks):
    offloaded(store, card(tmp_path / "card"), "A012", *disks)
    other = card(tmp_path / "other", clips=4, size=310_000, seed=2)
    with pytest.raises(BadOption, match="A012 is another card"):
        offloaded(store, other, "A012", *disks)
    found = looked_at(store, path=other)
    assert not found.safe and found.why_not
    offloaded(store, other, "A013", *disks)
    assert contents(disks[0] / "A013") == contents(other)


def test_a_swapped_card_of_the_same_sizes_and_times_is_caught_by_its_contents(tmp_path, store, disks):
    offloaded(store, card(tmp_path / "card"), "A012", *disks)
    other = card(tmp_path / "other", seed=2)
    found = looked_at(store, path=other, by_hash=True)
    assert not found.safe and any("other contents" in why for why in found.why_not)
    made = offloaded(store, other, "A013", *disks)
    assert not made.troubles and made.standing.safe


@pytest.mark.parametrize("harm", ["byte", "missing", "longer"])
def test_harm_to_a_copy_is_caught_and_mended(tmp_path, store, disks, harm):
    source = card(tmp_path / "card")
    offloaded(store, source, "A012", *disks)
    copy = disks[1] / "A012" / "DCIM" / "100GOPRO" / "GX010002.MP4"
    about = copy.stat()
    data = bytearray(copy.read_bytes())
    data[1000] ^= 1
    {
        "byte": lambda: copy.write_bytes(data),
        "missing": copy.unlink,
        "longer": lambda: copy.write_bytes(data + b"x"),
    }[harm]()
    if harm == "byte":
        os.utime(copy, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert judged_by_ascmhl(disks[1] / "A012") == (10 if harm == "missing" else 11)
    found = looked_at(store, check=True)
    assert not found.safe and found.notes
    if harm == "longer":
        copy.unlink()
    mended = offloaded(store, source, "A012", *disks)
    assert not mended.troubles and mended.read == 1 and mended.standing.safe
    assert contents(disks[1] / "A012") == contents(source)


def test_what_lies_in_the_way_is_not_overwritten(tmp_path, store, disks):
    source = card(tmp_path / "card")
    for name in ("GX010001.MP4", "gx010002.mp4"):
        there = disks[0] / "A012" / "DCIM" / "100GOPRO" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(b"somebody else's")
        with pytest.raises(CannotWrite, match="nothing was overwritten"):
            offloaded(store, source, "A012", *disks)
        assert there.read_bytes() == b"somebody else's"
        assert [path for path in (disks[0] / "A012").rglob("*") if path.is_file()] == [there]
        there.unlink()
    assert not states(store)


def test_a_file_of_the_same_size_in_the_way_is_compared_and_kept(tmp_path, store, disks):
    source = card(tmp_path / "card")
    same, other = (disks[0] / "A012" / "DCIM" / "100GOPRO" / f"GX01000{n}.MP4" for n in (1, 2))
    same.parent.mkdir(parents=True)
    shutil.copy(source / "DCIM" / "100GOPRO" / same.name, same)
    other.write_bytes(b"x" * (source / "DCIM" / "100GOPRO" / other.name).stat().st_size)
    made = offloaded(store, source, "A012", *disks)
    assert len(made.troubles) == 1 and other.name in made.troubles[0]
    assert other.read_bytes().startswith(b"xxx")
    assert not made.standing.safe
    kept = states(store)
    assert kept["one", f"DCIM/100GOPRO/{same.name}"] == "verified"
    assert ("one", f"DCIM/100GOPRO/{other.name}") not in kept


def test_names_that_differ_in_capitals_on_the_card_are_refused(tmp_path, store, disks):
    source = card(tmp_path / "card")
    (source / "MISC" / "VERSION.TXT").write_text("other")
    with pytest.raises(CannotWrite, match="cannot keep both apart"):
        offloaded(store, source, "A012", *disks)


def test_one_device_is_not_two(tmp_path, store):
    source = card(tmp_path / "card")
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        folder.mkdir()
    with pytest.raises(BadOption, match="same device"):
        offloaded(store, source, "A012", *folders)
    made = offloaded(store, source, "A012", *folders, same_disk=True)
    assert set(states(store).values()) == {"verified"}
    assert not made.standing.safe and "one device only" in made.standing.why_not[0]
    with pytest.raises(BadOption, match="given twice"):
        offloaded(store, source, "A012", folders[0], folders[0], same_disk=True)


def test_a_disk_that_is_not_there_or_on_the_card_is_refused(tmp_path, store):
    source = card(tmp_path / "card")
    (source / "backup").mkdir()
    for disk, why in ((tmp_path / "gone", "no such folder"), (source / "backup", "on the card itself")):
        with pytest.raises(BadOption, match=why):
            offloaded(store, source, "A012", disk)
    for roll in ("", "../x", "A 1", ".hidden"):
        with pytest.raises(BadOption, match="no name of a roll"):
            offloaded(store, source, roll, tmp_path)
    with pytest.raises(CannotRead):
        offloaded(store, tmp_path / "no card", "A012", tmp_path)
    (tmp_path / "bare").mkdir()
    with pytest.raises(NothingToDo):
        offloaded(store, tmp_path / "bare", "A012", tmp_path)


def test_a_disk_that_is_too_small_is_told_before_anything_is_copied_and_the_other_goes_on(tmp_path, store):
    source = card(tmp_path / "card")
    (tmp_path / "one").mkdir()
    with disk_in_memory(tmp_path / "two", "512k") as small:
        made = offloaded(store, source, "A012", tmp_path / "one", small)
        assert contents(tmp_path / "one" / "A012") == contents(source)
        assert len(made.troubles) == 1 and "are free, the card needs" in made.troubles[0]
        assert not made.standing.safe and not list(small.iterdir())
        with pytest.raises(CannotWrite, match="are free, the card needs"):
            offloaded(store, source, "A012", small)


def test_a_disk_that_fills_up_meanwhile_keeps_what_is_whole_and_the_other_goes_on(tmp_path, store):
    source = card(tmp_path / "card")
    (tmp_path / "one").mkdir()
    with disk_in_memory(tmp_path / "two", "2m") as small:
        filler = small / "filler"

        def fill(stage, _done, _total):
            if stage == "Copying" and not filler.exists():
                filler.write_bytes(bytes(1_300_000))

        made = office.offload(store, source, "A012", [tmp_path / "one", small], False, fill)
        assert contents(tmp_path / "one" / "A012") == contents(source)
        assert any("no space is left" in trouble for trouble in made.troubles)
        there = contents(small / "A012")
        assert there and all(data == contents(source)[file] for file, data in there.items())
        filler.unlink()
        again = offloaded(store, source, "A012", tmp_path / "one", small)
        assert not again.troubles and again.standing.safe
        assert contents(small / "A012") == contents(source)
        assert judged_by_ascmhl(small / "A012") == 0


def test_a_read_only_disk_is_told_and_the_other_goes_on(tmp_path, store):
    source = card(tmp_path / "card")
    (tmp_path / "one").mkdir()
    with disk_in_memory(tmp_path / "two", options="ro") as locked:
        made = offloaded(store, source, "A012", tmp_path / "one", locked)
    assert made.troubles == (f"{locked / 'A012'}: the disk is read-only; choose another folder.",)
    assert contents(tmp_path / "one" / "A012") == contents(source)


def pulled(at_file, how):
    """A progress that takes the card away once so many bytes are read."""
    done = []

    def on_progress(stage, count, _total):
        if stage == "Copying" and count > at_file and not done:
            done.append(how())

    return on_progress


@pytest.mark.parametrize("mounted", [True, False])
def test_a_card_pulled_out_loses_nothing_and_is_gone_on_with(tmp_path, store, disks, mounted):
    source = tmp_path / "card"
    if mounted:
        with disk_in_memory(source) as real:
            card(real / "in")
            shutil.copytree(real / "in", tmp_path / "kept", copy_function=shutil.copy2)
            made = office.offload(store, real / "in", "A012", disks, False, pulled(350_000, lambda: unmount(real)))
        source = real / "in"
    else:
        card(source)
        shutil.copytree(source, tmp_path / "kept", copy_function=shutil.copy2)
        made = office.offload(
            store, source, "A012", disks, False, pulled(350_000, lambda: source.rename(tmp_path / "x"))
        )
    assert len(made.troubles) == 1 and "pulled out" in made.troubles[0]
    assert not made.standing.safe
    done = states(store)
    assert done and set(done.values()) == {"verified"}
    whole = contents(tmp_path / "kept")
    for disk in disks:
        there = contents(disk / "A012")
        assert there and all(whole[file] == data for file, data in there.items())
        assert judged_by_ascmhl(disk / "A012") == 0
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(tmp_path / "kept", source, copy_function=shutil.copy2)
    again = offloaded(store, source, "A012", *disks)
    assert again.read == len(whole) - len(done) // 2 and again.standing.safe and not again.troubles
    assert contents(disks[0] / "A012") == whole


def test_a_file_that_the_card_cannot_read_is_told_and_the_others_go_on(tmp_path, store, disks, monkeypatch):
    source = card(tmp_path / "card")

    def opened(path, really=copying._opened):
        if path.name == "GX010002.MP4":
            raise OSError(5, "Input/output error")
        return really(path)

    monkeypatch.setattr(copying, "_opened", opened)
    made = offloaded(store, source, "A012", *disks)
    assert len(made.troubles) == 1 and "GX010002.MP4 cannot be read from the card" in made.troubles[0]
    assert len(contents(disks[0] / "A012")) == made.files - 1
    assert not made.standing.safe


def test_a_file_that_changes_while_it_is_copied_is_told_and_not_kept(tmp_path, store, disks):
    source = card(tmp_path / "card", clips=2, size=9_000_000)
    growing = source / "DCIM" / "100GOPRO" / "GX010001.MP4"

    def grow(stage, count, _total):
        if stage == "Copying" and 4_000_000 < count < 9_000_000:
            with growing.open("ab") as file:
                file.write(b"more")

    made = office.offload(store, source, "A012", disks, False, grow)
    assert len(made.troubles) == 1 and "changed while it was copied" in made.troubles[0]
    assert not (disks[0] / "A012" / "DCIM" / "100GOPRO" / growing.name).exists()
    assert ("one", f"DCIM/100GOPRO/{growing.name}") not in states(store)
    again = offloaded(store, source, "A012", *disks)
    assert again.standing.safe and contents(disks[1] / "A012") == contents(source)


def test_a_small_file_that_changes_meanwhile_is_told_and_not_kept(tmp_path, store, disks):
    """It was empty when the card was looked at, and is being recorded when its turn comes."""
    source = card(tmp_path / "card")
    late = source / "MISC" / "empty.bin"

    def grow(stage, _count, _total):
        if stage == "Copying":
            with late.open("ab") as file:
                file.write(b"more")

    made = office.offload(store, source, "A012", disks, False, grow)
    assert len(made.troubles) == 1 and "empty.bin changed while it was copied" in made.troubles[0]
    assert not (disks[0] / "A012" / "MISC" / "empty.bin").exists()
    assert len(contents(disks[1] / "A012")) == made.files - 1
    again = offloaded(store, source, "A012", *disks)
    assert again.standing.safe and contents(disks[1] / "A012") == contents(source)


def test_a_card_changed_after_its_offload_is_not_safe(tmp_path, store, disks):
    source = card(tmp_path / "card")
    offloaded(store, source, "A012", *disks)
    (source / "DCIM" / "100GOPRO" / "GX010009.MP4").write_bytes(b"shot since")
    assert any("never offloaded" in why for why in looked_at(store).why_not)
    (source / "DCIM" / "100GOPRO" / "GX010009.MP4").unlink()
    assert looked_at(store).safe
    (source / "MISC" / "version.txt").write_text("HERO12 Black\n")
    assert any("of another time" in why for why in looked_at(store).why_not)
    assert any("other contents" in why for why in looked_at(store, by_hash=True).why_not)
    shutil.rmtree(source)
    assert any("not at hand" in why for why in looked_at(store).why_not)


def test_a_touched_card_is_safe_only_by_its_contents(tmp_path, store, disks):
    source = card(tmp_path / "card")
    offloaded(store, source, "A012", *disks)
    for path in source.rglob("*.MP4"):
        os.utime(path)
    assert not looked_at(store).safe
    assert looked_at(store, by_hash=True).safe


def test_what_is_left_out_and_what_cannot_be_named_is_told(tmp_path, store, disks):
    source = card(tmp_path / "card")
    (source / ".DS_Store").write_bytes(b"x")
    (source / ".Trashes").mkdir()
    (source / ".Trashes" / "old").write_bytes(b"x")
    (source / "link.MP4").symlink_to("/etc/passwd")
    os.mkfifo(source / "pipe")
    made = offloaded(store, source, "A012", *disks)
    assert made.left_out == (".DS_Store", ".Trashes", "link.MP4 (a link)", "pipe (no file)")
    assert made.standing.safe
    assert not (disks[0] / "A012" / "link.MP4").is_symlink()
    (source / os.fsdecode(b"caf\xe9.mp4")).write_bytes(b"x")
    named = offloaded(store, source, "A012", *disks)
    assert any("no plain text" in trouble for trouble in named.troubles) and not named.standing.safe


def test_names_of_people_go_through(tmp_path, store, disks):
    source = card(tmp_path / "card")
    for name in (
        "Žižek & søn <1>.wav",
        "  spaces  .wav",
        'it\'s "it".wav',
        "日本.wav",
        "e\u0301.wav",
        "back\\slash.wav",
    ):
        (source / name).write_bytes(name.encode())
    made = offloaded(store, source, "A012", *disks)
    assert not made.troubles and made.standing.safe
    assert judged_by_ascmhl(disks[0] / "A012") == 0


def test_two_runs_at_once_do_not_meet(tmp_path, store, disks):
    source = card(tmp_path / "card")
    root = disks[0] / "A012"
    root.mkdir()
    held = os.open(root, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(BadOption, match="by another run"):
        offloaded(store, source, "A012", *disks)
    os.close(held)
    assert offloaded(store, source, "A012", *disks).standing.safe


def test_ctrl_c_leaves_nothing_unfinished(tmp_path, store, disks, monkeypatch):
    monkeypatch.setattr(office, "BATCH_FILES", 1)
    source = card(tmp_path / "card", clips=6)

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.offload(store, source, "A012", disks, False, pulled(700_000, stop))
    for disk in disks:
        assert not (disk / "A012" / ".headturn-unfinished").exists()
        assert all(contents(source)[file] == data for file, data in contents(disk / "A012").items())
    again = offloaded(store, source, "A012", *disks)
    assert again.standing.safe and 0 < again.read < again.files


def test_a_disk_known_by_another_path_is_not_a_second_disk(tmp_path, store, disks):
    source = card(tmp_path / "card")
    offloaded(store, source, "A012", disks[0])
    moved = disks[0].rename(tmp_path / "elsewhere")
    made = offloaded(store, source, "A012", moved)
    assert not made.troubles and not made.standing.safe
    assert contents(moved / "A012") == contents(source)


def many_small_files(source, folders, each):
    """A card of files of a few bytes, each of its own contents."""
    for folder in range(folders):
        (source / f"F{folder:03d}").mkdir(parents=True)
        for number in range(each):
            (source / f"F{folder:03d}" / f"S{number:03d}.WAV").write_bytes(b"%d-%d" % (folder, number))
    aged(source)
    return source


@pytest.mark.slow
def test_ten_thousand_small_files(tmp_path, store, disks):
    source = many_small_files(tmp_path / "card", 100, 100)
    made = offloaded(store, source, "S001", *disks)
    assert not made.troubles and made.standing.safe and made.files == 10_000
    kept = states(store, "S001")
    assert len(kept) == 20_000 and set(kept.values()) == {"verified"}
    whole = contents(source)
    assert all(contents(disk / "S001") == whole for disk in disks)
    assert judged_by_ascmhl(disks[0] / "S001") == 0


def test_small_files_fill_a_disk_and_what_is_whole_stays(tmp_path, store):
    source = many_small_files(tmp_path / "card", 4, 100)
    (tmp_path / "one").mkdir()
    with disk_in_memory(tmp_path / "two", "4m") as small:
        filler = small / "filler"

        def fill(stage, done, _total):
            if stage == "Copying" and done > 1000 and not filler.exists():
                free = os.statvfs(small)
                with suppress(OSError):  # the copies take their part meanwhile
                    filler.write_bytes(bytes((free.f_bavail - 60) * free.f_bsize))

        made = office.offload(store, source, "S001", [tmp_path / "one", small], False, fill)
        assert contents(tmp_path / "one" / "S001") == contents(source)
        assert made.troubles and all("no space is left" in each for each in made.troubles)
        there = contents(small / "S001")
        assert 0 < len(there) < 400 and all(data == contents(source)[file] for file, data in there.items())
        assert {file for disk, file in states(store, "S001") if disk == "two"} == set(there)
        filler.unlink()
        again = offloaded(store, source, "S001", tmp_path / "one", small)
        assert not again.troubles and again.standing.safe
        assert contents(small / "S001") == contents(source)


def flushed_as_one(monkeypatch, *disks):
    """Let the file systems of these disks count among those that syncfs serves; who asks for it."""
    asked = []
    really = copying._syncfs()
    monkeypatch.setattr(copying, "FLUSHES_AS_ONE", frozenset(machine.kind(disk) for disk in disks))
    monkeypatch.setattr(copying, "_syncfs", lambda: lambda file: (asked.append(file), really(file)))
    return asked


def test_many_small_files_are_flushed_as_one(tmp_path, store, disks, monkeypatch):
    asked = flushed_as_one(monkeypatch, *disks)
    source = many_small_files(tmp_path / "card", 3, 100)
    made = offloaded(store, source, "S001", *disks)
    assert not made.troubles and made.standing.safe
    assert len(asked) == 2 * 3  # 300 files in batches of 128, on each disk


def test_where_flushing_fails_nothing_of_the_batch_is_kept_or_called_verified(tmp_path, store, disks, monkeypatch):
    flushed_as_one(monkeypatch, *disks)
    source = many_small_files(tmp_path / "card", 3, 100)

    def failing(_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(copying, "_syncfs", lambda: failing)
        made = offloaded(store, source, "S001", *disks)
    assert made.troubles and all("Input/output error" in each for each in made.troubles)
    assert not states(store, "S001") and not made.standing.safe
    for disk in disks:
        assert not contents(disk / "S001")
    again = offloaded(store, source, "S001", *disks)
    assert not again.troubles and again.standing.safe


def test_a_card_that_reads_otherwise_than_before_is_told_and_nothing_is_overwritten(tmp_path, store, disks):
    source = card(tmp_path / "card")
    offloaded(store, source, "A012", disks[0])
    rotten = source / "DCIM" / "100GOPRO" / "GX010002.MP4"
    data = bytearray(rotten.read_bytes())
    data[77] ^= 4
    rotten.write_bytes(data)
    aged(source)
    made = offloaded(store, source, "A012", *disks)
    assert len(made.troubles) == 1 and "reads otherwise than when it was offloaded first" in made.troubles[0]
    assert not (disks[1] / "A012" / "DCIM" / "100GOPRO" / rotten.name).exists()
    assert not made.standing.safe


def test_what_was_read_back_through_the_cache_is_not_called_verified(tmp_path, store, disks, monkeypatch):
    source = card(tmp_path / "card")
    monkeypatch.setattr(readback.os, "O_DIRECT", 0)
    monkeypatch.setattr(readback, "_drop", lambda _: False)
    made = offloaded(store, source, "A012", *disks)
    kept = states(store)
    assert {state for (disk, _), state in kept.items() if disk == "one"} == {"read back through the cache"}
    assert not made.standing.safe
    monkeypatch.undo()
    again = offloaded(store, source, "A012", *disks)
    assert again.read == 0 and again.standing.safe


def test_a_clock_set_back_changes_nothing(tmp_path, store, disks, monkeypatch):
    source = card(tmp_path / "card")
    offloaded(store, source, "A012", disks[0])

    class LastYear(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(days=365)

    monkeypatch.setattr(office, "datetime", LastYear)
    monkeypatch.setattr(safe, "datetime", LastYear)
    (source / "MISC" / "more.txt").write_text("shot since")
    made = offloaded(store, source, "A012", *disks)
    assert not made.troubles and made.standing.safe
    harmed = disks[0] / "A012" / "MISC" / "more.txt"
    harmed.write_text("shot sincE")
    os.utime(harmed, ns=(0, (source / "MISC" / "more.txt").stat().st_mtime_ns))
    assert not looked_at(store, check=True).safe
    assert judged_by_ascmhl(disks[1] / "A012") == 0
