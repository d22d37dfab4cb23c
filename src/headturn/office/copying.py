"""Files from a card to several disks at once: each read once, hashed as it is read, flushed, renamed, read back.

One thread reads the card and decides. Every disk is a lane with two threads: one writes what was read, in batches; the
other reads back what is whole, while the card is read on. Small files are handed over together, and flushed together
where the file system does that as surely as one by one.
"""

import ctypes
import ctypes.util
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from queue import Queue, SimpleQueue
from typing import Literal

import xxhash

from headturn.errors import CannotWrite
from headturn.exchange.mhl import synced
from headturn.office.listing import UNFINISHED, Found
from headturn.office.readback import read_back
from headturn.office.store import writing

State = Literal["copied", "verified", "read back through the cache", "bad", "missing"]
CHUNK_BYTES = 4 << 20
WAITING_CHUNKS = 8
"""Chunks a disk may lag behind the card: 32 MB."""
BATCH_BYTES, BATCH_FILES = 64 << 20, 128
"""What is flushed and renamed together. Flushing small files one by one took twice as long as by eights (ext4)."""
FLUSHERS = 8
SMALL_BYTES, TOGETHER_BYTES = 256 << 10, 1 << 20
"""Files up to the first are handed to the disks whole, so many bytes of them together: handing over costs as much as
writing a file of 4 kB."""
FLUSHES_AS_ONE = frozenset({"ext4", "xfs", "btrfs"})
"""File systems whose syncfs waits for the data of all files and then has the disk empty its own memory, as fsync does
for one. Others (FAT, exFAT, shares, FUSE) write out but do not all see to the disk's memory."""


@dataclass(frozen=True)
class Read:
    """A file as it was read. steady: its size and time were the same before and after, and as many bytes came."""

    hash: str
    size: int
    steady: bool


@dataclass(frozen=True)
class Done:
    """What became of a file on a disk. own: headturn wrote it or knew it; else it was there before and is compared."""

    root: Path
    file: str
    size: int
    hash: str
    state: State
    own: bool = True
    why: str = ""


class Stopped(Exception):
    """The work was interrupted."""


def read_once(path: Path, found: Found, sink: Callable[[bytes], None]) -> Read:
    """Read a file from first to last byte, once, handing on each chunk; without touching its time of reading.

    Raises:
        OSError: it is gone or cannot be read.
    """
    file = _opened(path)
    try:
        with suppress(OSError, AttributeError):
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        sum_of, size = xxhash.xxh128(), 0
        at_once = min(CHUNK_BYTES, found.size + 1)  # one byte more tells of a file that has grown
        while size <= found.size and (chunk := os.read(file, at_once)):
            sum_of.update(chunk)
            size += len(chunk)
            sink(chunk)
        after = os.fstat(file)
        with suppress(OSError, AttributeError):
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)
    steady = (found.size, found.changed_ns) == (after.st_size, after.st_mtime_ns) and size == found.size
    return Read(sum_of.hexdigest(), size, steady)


def _opened(path: Path) -> int:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:  # only a file's owner may read it without a trace
        return os.open(path, flags)


@dataclass
class _Staged:
    """A file being written under a name of its own. file: its descriptor, below 0 once it is closed"""

    file: int
    path: Path
    found: Found
    replaces: bool
    hash: str = ""


@dataclass(frozen=True)
class Small:
    """A file that was read whole. replaces: what lies there is a copy of ours that was found bad."""

    found: Found
    replaces: bool
    data: bytes
    hash: str


@dataclass
class Lane:
    """One disk at work.

    root: the roll's folder there; kind: of its file system; trouble: why it takes no more, or ""
    checked: bytes read back so far

    Its methods are called by the thread that reads the card; they wait where the disk lags too far behind.
    """

    root: Path
    kind: str
    results: SimpleQueue[Done]
    stop: threading.Event
    trouble: str = ""
    checked: int = 0
    _orders: Queue[Callable[[], None] | None] = field(default_factory=lambda: Queue(WAITING_CHUNKS))
    _checks: SimpleQueue[Callable[[], None] | None] = field(default_factory=SimpleQueue)
    _small: list[Small] = field(default_factory=list)
    _small_bytes: int = 0
    _current: _Staged | None = None
    _batch: list[_Staged] = field(default_factory=list)
    _count: int = 0
    _folder: int = -1

    def begin(self, found: Found, replaces: bool) -> None:
        """A file follows. replaces: what lies there is a copy of ours that was found bad."""
        self._orders.put(partial(self._begin, found, replaces))

    def feed(self, chunk: bytes) -> None:
        """Some of it."""
        self._orders.put(partial(self._feed, chunk))

    def finish(self, hash_of: str) -> None:
        """It is whole and has this hash."""
        self._orders.put(partial(self._finish, hash_of))

    def discard(self) -> None:
        """It is not to be kept."""
        self._orders.put(self._discard)

    def take(self, small: Small) -> None:
        """A whole file, between the others."""
        self._small.append(small)
        self._small_bytes += len(small.data)
        if self._small_bytes >= TOGETHER_BYTES:
            self._hand_over()

    def commit(self) -> None:
        """Flush what is whole, give it its names, and read it back."""
        self._hand_over()
        self._orders.put(self._commit)

    def check(self, found: Found, hash_of: str, own: bool) -> None:
        """Read back a file that is there already."""
        self._checks.put(partial(self._check, found.file, found.size, hash_of, own))

    def end(self) -> None:
        """Nothing follows."""
        self._orders.put(None)

    def _hand_over(self) -> None:
        if self._small:
            self._orders.put(partial(self._take, self._small))
            self._small, self._small_bytes = [], 0

    def _take(self, several: Sequence[Small]) -> None:
        for small in several:
            self._begin(small.found, small.replaces)
            self._feed(small.data)
            self._finish(small.hash)

    def _begin(self, found: Found, replaces: bool) -> None:
        self._count += 1
        path = Path(f"{self.root}/{UNFINISHED}/{self._count:06d}")  # in one go: joining costs three times as much
        self._current = _Staged(os.open(path, _CREATE, 0o666), path, found, replaces)

    def _feed(self, chunk: bytes) -> None:
        assert self._current
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._current.file, rest) :]

    def _finish(self, hash_of: str) -> None:
        assert self._current
        whole = self._current
        whole.hash = hash_of
        os.utime(whole.file, ns=(whole.found.changed_ns, whole.found.changed_ns))
        self._batch.append(whole)
        self._current = None

    def _discard(self) -> None:
        if self._current:
            _thrown_away(self._current)
            self._current = None

    def _commit(self) -> None:
        batch, self._batch = self._batch, []
        whole = []
        for staged, error in zip(batch, self._flush(batch), strict=True):
            target = Path(f"{self.root}/{staged.found.file}")
            if error is None and not staged.replaces and os.path.lexists(target):
                error = FileExistsError(17, "a file of that name has come to lie there meanwhile")
            if error is None:
                staged.path.replace(target)
                whole.append(staged)
            else:
                _thrown_away(staged)
                self._refused(error)
        for folder in {staged.found.file.rpartition("/")[0] for staged in whole}:
            synced(self.root / folder)
        for staged in whole:
            self.results.put(Done(self.root, staged.found.file, staged.found.size, staged.hash, "copied"))
        self._checks.put(partial(self._check_each, whole))

    def _flush(self, batch: Sequence[_Staged]) -> list[OSError | None]:
        """Have files on the disk and close them; what was wrong with each, or None."""
        together = _syncfs() if self.kind in FLUSHES_AS_ONE and len(batch) >= FLUSHERS else None
        if together is None:
            with ThreadPoolExecutor(FLUSHERS) as flushers:
                return list(flushers.map(_flushed, batch))
        closed = [_closed(staged) for staged in batch]
        try:
            together(self._folder)
        except OSError as error:
            return [error] * len(batch)
        return closed

    def _check_each(self, whole: Sequence[_Staged]) -> None:
        for staged in whole:
            if not self.stop.is_set():
                self._check(staged.found.file, staged.found.size, staged.hash, own=True)

    def _check(self, file: str, size: int, hash_of: str, own: bool) -> None:
        path = Path(f"{self.root}/{file}")
        state: State
        try:
            came, count, past_cache = read_back(path, self.kind, self._going_on)
        except OSError as error:
            state = "missing" if error.errno == 2 else "bad"
            self.results.put(Done(self.root, file, size, hash_of, state, own, str(error.strerror)))
            return
        if (came, count) != (hash_of, size):
            state = "bad"
        else:
            state = "verified" if past_cache else "read back through the cache"
        self.results.put(Done(self.root, file, size, hash_of, state, own))

    def _going_on(self, count: int) -> None:
        if self.stop.is_set():
            raise Stopped
        self.checked += count

    def _refused(self, error: OSError) -> None:
        try:
            with writing(self.root):
                raise error
        except CannotWrite as sentence:
            self.trouble = self.trouble or str(sentence)

    def write_all(self) -> None:
        """The thread that writes."""
        self._folder = os.open(self.root, os.O_RDONLY | os.O_CLOEXEC)  # from now on syncfs tells of failed writes
        try:
            self._write_all()
        finally:
            os.close(self._folder)
            self._checks.put(None)

    def _write_all(self) -> None:
        for order in iter(self._orders.get, None):
            if self.stop.is_set() or (self.trouble and order != self._discard and order != self._commit):
                continue
            try:
                order()
            except OSError as error:
                self._refused(error)
                self._discard()
        for staged in [*self._batch, *([self._current] if self._current else [])]:
            _thrown_away(staged)

    def check_all(self) -> None:
        """The thread that reads back."""
        for order in iter(self._checks.get, None):
            if not self.stop.is_set():
                with suppress(Stopped):
                    order()


_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def _flushed(staged: _Staged) -> OSError | None:
    """Have a file on the disk and close it; what was wrong, or None."""
    try:
        os.fsync(staged.file)
    except OSError as error:
        return error
    return _closed(staged)


def _closed(staged: _Staged) -> OSError | None:
    file, staged.file = staged.file, -1
    try:
        os.close(file)
    except OSError as error:
        return error
    return None


def _thrown_away(staged: _Staged) -> None:
    if staged.file >= 0:
        _closed(staged)
    with suppress(OSError):
        staged.path.unlink()


@cache
def _syncfs() -> Callable[[int], None] | None:
    """Linux's syncfs for an open file of the file system that is meant, or None where there is none."""
    call = getattr(ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True), "syncfs", None)
    if call is None:
        return None

    def together(file: int) -> None:
        if call(file):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    return together


@contextmanager
def running(lanes: list[Lane], while_waiting: Callable[[], None]) -> Iterator[None]:
    """Start the lanes' threads; at the end wait until all is written and read back, or stop them at an error."""
    threads = [
        threading.Thread(target=work, daemon=True) for each in lanes for work in (each.write_all, each.check_all)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
        for lane in lanes:
            lane.end()
        for thread in threads:
            while thread.is_alive():
                thread.join(_PATIENCE_S)
                while_waiting()
    except BaseException:
        for lane in lanes:
            lane.stop.set()
        for lane in lanes:
            lane.end()
        for thread in threads:
            thread.join()
        raise


_PATIENCE_S = 0.2
