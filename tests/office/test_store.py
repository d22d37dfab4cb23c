"""The film's folder: files whole or not at all, results kept once, and what belongs to people left alone."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from headturn.errors import CannotWrite
from headturn.office.store import Store

NOBODY = 65534


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "film")
    made.open()
    return made


def inside(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_paths_lie_in_the_folder_and_nowhere_else(store):
    names = ("settings", "order", "cut", "film", "master", "timeline", "report", "reels")
    paths = [getattr(store, name) for name in names]
    assert len(set(paths)) == len(paths)
    assert all(path.is_relative_to(store.folder) for path in paths)


def test_a_path_is_written_relative_to_the_folder(store, tmp_path):
    assert store.path_from(tmp_path / "card" / "a.mp4") == "../card/a.mp4"
    assert store.path_from(store.film) == "film.mp4"


# Whole or not at all


def test_what_is_written_is_read_back(store):
    store.write(store.report, "Küche\n")
    assert store.report.read_bytes() == "Küche\n".encode()
    store.write(store.report, b"\x00\xff")
    assert store.report.read_bytes() == b"\x00\xff"
    assert inside(store.folder) == ["report.html"]


def test_names_that_are_no_text_can_be_written(store):
    """Files on a Linux disk may be called anything but a slash."""
    store.write_json(store.cut, {"file": os.fsdecode(b"a\xff.mp4")})
    assert json.loads(store.cut.read_text(encoding="utf-8")) == {"file": os.fsdecode(b"a\xff.mp4")}


def test_a_result_is_as_readable_as_any_file_of_its_owner(store):
    store.write(store.report, "x")
    (store.folder / "plain").touch()
    assert store.report.stat().st_mode == (store.folder / "plain").stat().st_mode


def test_an_interruption_leaves_what_was_there(store, monkeypatch):
    store.write(store.cut, "old")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        store.write(store.cut, "new")
    assert store.cut.read_text() == "old"
    assert inside(store.folder) == ["cut.json"]


NO_SPACE = """
import sys
from pathlib import Path
import numpy as np
from headturn.errors import CannotWrite
from headturn.office.store import Store

store = Store(Path(sys.argv[1]))
store.open()
store.write(store.cut, "old")
for attempt in (
    lambda: store.write(store.cut, b"x" * 3_000_000),
    lambda: store.kept_arrays("motion", 1, lambda: {"a": np.random.default_rng(0).random(400_000)}),
    lambda: store.kept_json("joins", 1, lambda: "x" * 3_000_000),
):
    try:
        attempt()
    except CannotWrite as error:
        assert "no space is left" in str(error), error
    else:
        sys.exit("was written")
assert store.cut.read_text() == "old"
left = sorted(path.name for path in store.folder.rglob("*") if path.is_file())
assert left == ["cut.json"], left
"""


def test_a_full_disk_is_said_and_loses_nothing(tmp_path):
    """On a real disk of 1 MiB, mounted where only this test sees it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" -c "$3" "$1"/film'
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh", str(disk), sys.executable, NO_SPACE],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def unprivileged():
    """As a user whom permissions bind: root is not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def open_to_all(path):
    """Lets anybody through to a folder that pytest made."""
    for each in (path, *path.parents):
        if each.stat().st_uid == os.geteuid() and each != Path("/tmp"):
            each.chmod(each.stat().st_mode | 0o055)


def test_a_folder_that_is_read_only_is_said(store):
    store.write(store.cut, "old")
    open_to_all(store.folder)
    for folder in (store.folder / ".headturn", store.folder):
        folder.chmod(0o555)
    try:
        with unprivileged():
            for attempt in (
                lambda: store.write(store.cut, "new"),
                lambda: store.kept_json("joins", 1, lambda: 1),
                lambda: store.kept_arrays("motion", 1, lambda: {"a": np.zeros(1)}),
                lambda: Store(store.folder / "deeper").open(),
            ):
                with pytest.raises(CannotWrite, match="may not write"):
                    attempt()
            assert store.cut.read_text() == "old"
    finally:
        store.folder.chmod(0o755)
        (store.folder / ".headturn").chmod(0o755)


def test_a_file_where_the_folder_should_be_is_said(tmp_path):
    (tmp_path / "film").write_text("x")
    for folder in (tmp_path / "film", tmp_path / "film" / "deeper"):
        with pytest.raises(CannotWrite, match="file"):
            Store(folder).open()


# Kept results


def test_arrays_are_made_once_for_the_same_inputs(store):
    made = []

    def make():
        made.append(1)
        return {"a": np.arange(5), "words": np.array(["x", "ü"]), "none": np.empty(0)}

    first, again = (store.kept_arrays("motion", ("id", 1), make) for _ in range(2))
    assert len(made) == 1
    for name, values in first.items():
        np.testing.assert_array_equal(again[name], values)
    assert set(again) == {"a", "words", "none"}
    store.kept_arrays("motion", ("id", 2), make)
    store.kept_arrays("flow", ("id", 1), make)
    assert len(made) == 3


def test_json_is_made_once_for_the_same_inputs(store):
    made = []
    assert [store.kept_json("joins", 1, lambda: made.append(1) or [1, "ü", None]) for _ in range(2)] == [
        [1, "ü", None]
    ] * 2
    assert len(made) == 1


def test_another_version_makes_everything_anew(store, monkeypatch):
    assert store.kept_json("joins", 1, lambda: "old") == "old"
    monkeypatch.setattr("headturn.office.store.__version__", "99")
    assert store.kept_json("joins", 1, lambda: "new") == "new"


@pytest.mark.parametrize("damage", ["empty", "half", "flipped", "text", "tail"])
def test_a_torn_result_is_made_again(store, damage):
    values = {"a": np.arange(1000), "b": np.zeros(7)}
    store.kept_arrays("motion", 1, lambda: values)
    store.kept_json("joins", 1, lambda: list(range(100)))
    for path in (store.folder / ".headturn").rglob("*.*"):
        if path.is_file():
            data = path.read_bytes()
            middle = len(data) // 2
            path.write_bytes(
                {
                    "empty": b"",
                    "half": data[:middle],
                    "flipped": data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :],
                    "text": b"hello",
                    "tail": data[middle:],
                }[damage]
            )
    np.testing.assert_array_equal(store.kept_arrays("motion", 1, lambda: values)["a"], values["a"])
    assert store.kept_json("joins", 1, lambda: list(range(100))) == list(range(100))


def test_what_fails_to_be_made_leaves_nothing(store):
    for keep in (store.kept_arrays, store.kept_json):
        with pytest.raises(ZeroDivisionError):
            keep("motion", 1, lambda: 1 / 0)
    assert inside(store.folder) == []


# What belongs to people


def test_a_file_is_ours_until_people_change_it(store):
    for path in (store.order, store.film):
        assert not store.is_own(path)
        store.write(path, "file\n")
        assert not store.is_own(path), "people may have put it there"
        store.own(path)
        assert store.is_own(path)
        path.write_text("file\nmine.mp4\n")
        assert not store.is_own(path)


def test_a_table_that_was_only_copied_is_still_ours(store):
    store.write(store.order, "file\n")
    store.own(store.order)
    os.utime(store.order, (1, 1))
    assert store.is_own(store.order)


def test_ours_means_made_from_the_same_key(store):
    store.write(store.film, "x")
    store.own(store.film, "one")
    assert store.is_own(store.film, "one")
    assert not store.is_own(store.film, "two")
    store.film.unlink()
    assert not store.is_own(store.film, "one")


@pytest.mark.parametrize("notes", ["", "[]", '{"film.csv": 3}', "\udcff", "{"])
def test_spoilt_notes_mean_that_nothing_is_ours(store, notes):
    store.write(store.order, "file\n")
    store.own(store.order)
    (store.folder / ".headturn" / "own.json").write_bytes(notes.encode("utf-8", "surrogateescape"))
    assert not store.is_own(store.order)
    store.own(store.order)
    assert store.is_own(store.order)
