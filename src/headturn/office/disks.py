"""Disks as the machine knows them: which one a folder lies on, whether it is memory, what else fits on it."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from headturn.errors import BadOption, CannotWrite

IN_MEMORY = frozenset({"tmpfs", "ramfs"})
"""File systems whose medium is the machine's memory: nothing lies between a read and the medium."""
OWN_CACHE = frozenset({"zfs"})
"""File systems that may serve direct reads from a cache of their own, which no program can see or drop."""
_SHARES = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs", "fuse.sshfs"})
"""File systems whose source names the server and its share, the same on every machine and at every mount."""
_MOUNTS = Path("/proc/self/mountinfo")
_BLOCK = Path("/sys/dev/block")


@dataclass(frozen=True)
class Mount:
    """A file system where it is mounted. point: the folder; kind: ext4, exfat, tmpfs, ...; source: device or share."""

    point: str
    kind: str
    source: str


def device(path: Path) -> str:
    """An id of the disk that an existing path lies on; the same for two partitions of one disk.

    Where the system tells a serial number, a world-wide name or a share's address, the id stays the same wherever and
    whenever the disk is mounted. Else it is the station's name and the number the system gave the device, which stays
    while the disk is mounted.

    Raises:
        OSError: there is no such path.
    """
    number = path.stat().st_dev
    mount = mounted(path)
    if mount and mount.kind in _SHARES:
        return f"{mount.kind} {mount.source}"
    disk = _whole_disk(number, mount)
    if disk is None:
        return f"{platform.node()} {number}"
    for told in ("device/wwid", "wwid", "serial", "device/serial"):
        serial = _line(disk / told)
        if serial:
            return f"{serial} {_line(disk / 'size')}"  # some enclosures all have one serial
    return f"{platform.node()} {_line(disk / 'dev') or number}"


def mounted(path: Path) -> Mount | None:
    """The file system that a path lies on, or None where the system does not tell."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    whole = str(path.resolve())
    best = None
    for line in lines:
        before, _, after = line.partition(" - ")
        point = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4])
        inside = whole == point or whole.startswith(point.rstrip("/") + "/")
        if inside and (best is None or len(point) >= len(best.point)):  # a later mount hides an earlier one
            kind, source, *_ = after.split(" ")
            best = Mount(point, kind, source)
    return best


def kind(path: Path) -> str:
    """The kind of file system that a path lies on, like ext4, or "" where the system does not tell."""
    mount = mounted(path)
    return mount.kind if mount else ""


def at_hand(folder: Path) -> bool:
    """Whether a folder can be looked at now: its disk may be away, broken or closed to us."""
    try:
        return folder.is_dir()
    except OSError:
        return False


def in_memory(path: Path) -> bool:
    """Whether what is written there is gone when the machine stops."""
    return kind(path) in IN_MEMORY


def goes_with(path: Path, card: Path) -> bool:
    """Whether formatting a card takes away what lies at a path: both lie on one mounted card, stick or disk.

    A card that is a mere folder on the station's own disk is not formatted.
    """
    mount = mounted(card)
    if mount is None or mount.point == "/":
        return False
    return path.stat().st_dev == card.stat().st_dev


def check_room(disk: Path, sizes: list[int]) -> None:
    """See that files of these sizes fit on a disk.

    Raises:
        CannotWrite: they do not.
    """
    about = os.statvfs(disk)
    block = about.f_frsize or 1
    needed = sum(-(-size // block) * block for size in sizes) + _MANIFEST_BYTES + len(sizes) * _MANIFEST_FILE_BYTES
    free = about.f_bavail * block
    if sizes and needed > free:
        raise CannotWrite(
            disk,
            f"{size_name(free)} are free, the card needs {size_name(needed)}",
            "free some space or take another disk, and run the same command again, it goes on",
        )
    if about.f_files and about.f_favail < len(sizes):
        raise CannotWrite(
            disk, f"there is room for {about.f_favail} more files, the card has {len(sizes)}", "take another disk"
        )


_MANIFEST_BYTES = 1 << 16
_MANIFEST_FILE_BYTES = 512
"""What the manifest needs for each file: 330 bytes measured at a path of 30 characters."""


def check_apart(card: Path, disks: list[Path], same_disk: bool) -> None:
    """See that destinations are folders on different devices, and not in one another or in the card.

    Raises:
        BadOption: they are not.
    """
    for disk in disks:
        if not at_hand(disk):
            raise BadOption(f"{disk}: there is no such folder; mount the disk, or make the folder first.")
        if disk.is_relative_to(card):
            raise BadOption(f"{disk} lies on the card itself; choose a disk to copy to.")
    for index, disk in enumerate(disks):
        for other in disks[:index]:
            if disk.samefile(other):
                raise BadOption(f"{disk} is given twice; give two disks.")
            if not same_disk and device(disk) == device(other):
                raise BadOption(
                    f"{other} and {disk} lie on the same device, which fails as one; give another disk, or say"
                    " --same-disk, and the card will not be called safe to format."
                )


def size_name(size: float) -> str:
    """A number of bytes as people read it: 58.3 GB, in steps of 1000 as disks are sold."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _whole_disk(number: int, mount: Mount | None) -> Path | None:
    """The folder under /sys of the disk behind a device number: not the partition, not the encryption above it."""
    block = _BLOCK / f"{os.major(number)}:{os.minor(number)}"
    if not block.exists() and mount and mount.source.startswith("/"):  # file systems with numbers of their own (btrfs)
        try:
            real = Path(mount.source).stat().st_rdev
        except OSError:
            return None
        block = _BLOCK / f"{os.major(real)}:{os.minor(real)}"
    if not block.exists():
        return None
    disk = block.resolve()
    while True:
        beneath = sorted((disk / "slaves").iterdir()) if (disk / "slaves").is_dir() else []
        if (disk / "partition").exists():
            disk = disk.parent
        elif len(beneath) == 1:
            disk = beneath[0].resolve()
        else:
            return disk


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
