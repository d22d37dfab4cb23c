"""Copies read back: past the page cache, and said where not."""

import os

import pytest
import xxhash

from headturn.office import disks, readback


def nothing(_count):
    pass


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 1 << 20, (8 << 20) + 13])
@pytest.mark.parametrize("direct", [True, False])
def test_every_size_is_read_whole(tmp_path, monkeypatch, size, direct):
    path = tmp_path / "file"
    data = os.urandom(size)
    path.write_bytes(data)
    if not direct:
        monkeypatch.setattr(readback.os, "O_DIRECT", 0)
    assert readback.read_back(path, "ext4", nothing)[:2] == (xxhash.xxh128(data).hexdigest(), size)


def test_a_file_in_the_cache_is_seen_there_and_dropped_once_it_is_on_the_disk(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(1 << 20))
    with path.open("rb+") as file:
        file.read()
        assert readback._is_cached(file.fileno(), 1 << 20)
        os.fsync(file.fileno())
    if disks.kind(tmp_path) in disks.IN_MEMORY:
        assert not readback._drop(path)
    else:
        assert readback._drop(path)


def test_what_cannot_be_dropped_is_read_through_the_cache(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10_000)
    monkeypatch.setattr(readback.os, "O_DIRECT", 0)
    monkeypatch.setattr(readback, "_drop", lambda _: False)
    assert readback.read_back(path, "ext4", nothing)[2] is False
    assert readback.read_back(path, "tmpfs", nothing)[2] is True, "memory has no cache before it"
    monkeypatch.undo()
    assert readback.read_back(path, "zfs", nothing)[2] is False, "its own cache cannot be dropped"


def test_a_file_that_is_gone_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        readback.read_back(tmp_path / "none", "ext4", nothing)
