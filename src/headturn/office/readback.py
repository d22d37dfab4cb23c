"""Reading a copy back from the disk itself, not from the machine's memory of what it has just written."""

import ctypes
import ctypes.util
import mmap
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import xxhash

from headturn.office.disks import IN_MEMORY, OWN_CACHE

CHUNK_BYTES = 8 << 20
"""One read. A multiple of every disk's block; below 1 MB a direct read does not reach a fast disk's speed."""


def read_back(path: Path, kind: str, going_on: Callable[[int], None]) -> tuple[str, int, bool]:
    """Hash a file anew: its xxh128 in hex, its size, and whether it was read past the page cache.

    Direct reads where the file system has them. Else the cached pages are dropped, and only where the kernel then says
    that not one is left does the read count as past the cache. A disk's own memory is beyond any program's reach.

    kind: of its file system, as `disks.kind` names it
    going_on: called with the bytes of each read; what it raises ends the reading

    Raises:
        OSError: the file cannot be read.
    """
    flag = getattr(os, "O_DIRECT", 0)
    if flag and kind not in IN_MEMORY | OWN_CACHE:
        try:
            return *_hashed(path, flag, going_on), True
        except OSError as error:
            if error.errno not in _NOT_DIRECT:
                raise
    past_cache = kind in IN_MEMORY or (kind not in OWN_CACHE and _drop(path))
    return *_hashed(path, 0, going_on), past_cache


_NOT_DIRECT = {22, 95}
"""EINVAL and EOPNOTSUPP, with which file systems without direct reads refuse them."""


def _hashed(path: Path, flag: int, going_on: Callable[[int], None]) -> tuple[str, int]:
    sum_of, size = xxhash.xxh128(), 0
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flag)
    pages = os.fstat(file).st_size // mmap.PAGESIZE + 1  # the kernel pins all that a direct read might fill
    buffer = mmap.mmap(-1, min(CHUNK_BYTES, pages * mmap.PAGESIZE))  # such a read needs memory that begins at a page
    view = memoryview(buffer)
    try:
        while count := os.readv(file, [view]):
            sum_of.update(view[:count])
            size += count
            going_on(count)
    finally:
        os.close(file)
        view.release()
        buffer.close()
    return sum_of.hexdigest(), size


def _drop(path: Path) -> bool:
    """Ask the kernel to forget a file's pages; whether it did, every one."""
    if not hasattr(os, "posix_fadvise"):
        return False
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(file).st_size
        if not size:
            return True
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        return not _is_cached(file, size)
    finally:
        os.close(file)


def _is_cached(file: int, size: int) -> bool:
    """Whether a page of a file lies in memory; yes where that cannot be told."""
    mincore = _mincore()
    if mincore is None:
        return True
    pages = -(-size // mmap.PAGESIZE)
    held = (ctypes.c_ubyte * pages)()
    with mmap.mmap(file, size, access=mmap.ACCESS_COPY) as memory:  # a copy only because ctypes wants it writable
        start = ctypes.c_char.from_buffer(memory)
        try:
            if mincore(ctypes.c_void_p(ctypes.addressof(start)), ctypes.c_size_t(size), held):
                return True
        finally:
            del start
    return any(page & 1 for page in held)


@cache
def _mincore() -> Callable[..., int] | None:
    library = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    return getattr(library, "mincore", None)
