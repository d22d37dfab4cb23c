"""ASC MHL: the manifest of a roll, as the `ascmhl` package writes and reads it.

A generation is added whole or not at all. It is made in a temporary folder, for where a disk is full `ascmhl` leaves
files open, and those complain when they are let go; then written beside the history, flushed to the disk, and only then
moved in. The chain, which names all generations, comes last.
"""

import os
import platform
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from ascmhl.generator import MHLGenerationCreationSession
from ascmhl.hasher import DirectoryHashContext
from ascmhl.hashlist import MHLAuthor, MHLCreatorInfo, MHLProcess, MHLProcessInfo, MHLTool
from ascmhl.history import MHLHistory
from ascmhl.ignore import MHLIgnoreSpec
from lxml import etree

from headturn import __version__
from headturn.errors import CannotRead

FOLDER = "ascmhl"
CHAIN = "ascmhl_chain.xml"
FORMAT = "xxh128"
_TOOL = "headturn"


@dataclass(frozen=True)
class Hashed:
    """A file as it was read from the card. file: path below the roll's folder; hash: xxh128 hex; at: UTC, when read."""

    file: str
    size: int
    changed_ns: int
    hash: str
    at: datetime


def add(
    root: Path,
    files: Sequence[Hashed],
    folders: Iterable[str],
    ignored: Iterable[str],
    author: str,
    unfinished: Path,
) -> Path | None:
    """Add a generation for files that the history does not know; the manifest, or None where it knows them all.

    root: the roll's folder; folders: every folder below it; ignored: names not taken over from the card
    unfinished: an empty folder on the same disk, in the roll's folder, in which the generation is made

    Raises:
        CannotRead: the history that is there is broken.
        OSError: it cannot be written.
    """
    if (root / FOLDER).is_dir():
        _clear_cut_short(root)
    known = read(root)
    files = [each for each in files if each.file not in known]
    if not files and known:
        return None
    history = _history(root)
    session = MHLGenerationCreationSession(history, MHLIgnoreSpec(None, sorted(ignored)))
    for each in sorted(files, key=lambda one: one.file):
        session.append_file_hash(
            str(root / each.file), each.size, _local(each.changed_ns), FORMAT, each.hash, hash_date=_local_at(each.at)
        )
    everything = {**known, **{each.file: each.hash for each in files}}
    for folder, content, structure in _folder_hashes(everything, folders):
        changed = _local((root / folder).stat().st_mtime_ns)
        session.append_directory_hashes(str(root / folder), changed, FORMAT, content, structure)
    making = unfinished / FOLDER
    making.mkdir()
    with TemporaryDirectory() as elsewhere:
        made = Path(elsewhere) / root.name / FOLDER / FOLDER  # the roll's folder is where the history is looked for
        made.mkdir(parents=True)
        name = _commit(history, session, made, author)
        for written in (name, CHAIN):
            shutil.copyfile(made / written, making / written)
    return _moved_in(root, making, name, bool(known))


def read(root: Path) -> dict[str, str]:
    """The xxh128 of each file that a roll's history names, by path; empty where there is no history.

    Raises:
        CannotRead: the history is broken: a manifest is missing, was changed, or is no XML.
    """
    if not (root / FOLDER).is_dir():
        return {}
    hashes: dict[str, str] = {}
    for generation in _history(root).hash_lists:
        for each in generation.media_hashes:
            entry = None if each.is_directory else each.find_hash_entry_for_format(FORMAT)
            if entry is not None:
                hashes.setdefault(each.path, entry.hash_string)
    return hashes


def _history(root: Path) -> Any:  # noqa: ANN401  # ascmhl has no types
    try:
        if (root / FOLDER / CHAIN).exists():
            etree.parse(root / FOLDER / CHAIN)  # of one that is cut short ascmhl would leave the file open
        return MHLHistory.load_from_path(str(root))
    except (click.ClickException, etree.LxmlError, OSError, ValueError, AssertionError) as error:
        why = error.format_message() if isinstance(error, click.ClickException) else str(error)
        raise CannotRead(
            root / FOLDER, f"the ASC MHL history of {root} is broken ({why})", "copy this roll to another folder anew"
        ) from None


def _clear_cut_short(root: Path) -> None:
    """Take away a manifest of ours that a killed run moved in without naming it in the chain: no one relies on it."""
    history = _history(root)
    named = {generation.ascmhl_filename for generation in history.chain.generations}
    for generation in history.hash_lists:
        path = Path(generation.file_path)
        if path.name not in named and generation.creator_info.tool.name == _TOOL:
            path.unlink()


def _commit(history: Any, session: Any, making: Path, author: str) -> str:  # noqa: ANN401
    """Write the new generation and the chain into a folder of their own; the manifest's name."""
    who = MHLCreatorInfo()
    who.tool = MHLTool(_TOOL, __version__)
    who.creation_date = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    who.host_name = platform.node() or "unknown"
    who.authors.append(MHLAuthor(author or "unknown"))
    how = MHLProcessInfo()
    how.process = MHLProcess("transfer")
    history.asc_mhl_path = str(making)
    history.chain.file_path = str(making / CHAIN)
    history.get_root_path = lambda: str(making.parent.parent)  # the roll's name goes into the manifest's
    history.get_relative_file_path = lambda path: os.path.relpath(path, making.parent.parent)
    session.commit(who, how)
    return Path(history.hash_lists[-1].file_path).name


def _moved_in(root: Path, making: Path, name: str, is_further: bool) -> Path:
    for path in (making / name, making / CHAIN, making):
        synced(path)
    there = root / FOLDER
    if is_further or there.is_dir():
        (making / name).rename(there / name)
        (making / CHAIN).replace(there / CHAIN)
        shutil.rmtree(making)
        synced(there)
    else:
        making.rename(there)
        synced(root)
    return there / name


def synced(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk itself."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _folder_hashes(hashes: Mapping[str, str], folders: Iterable[str]) -> list[tuple[str, str, str]]:
    """Each folder with the hash of its contents and of its structure, deepest first, the roll's own last as "."."""
    inside: dict[str, list[str]] = defaultdict(list)
    for file in hashes:
        inside[_above(file)].append(file)
    below: dict[str, list[str]] = defaultdict(list)
    every = set(folders)
    for folder in [*every, *map(_above, hashes)]:
        while folder not in ("", "."):
            every.add(folder)
            folder = _above(folder)
    for folder in every:
        below[_above(folder)].append(folder)
    found: dict[str, tuple[str, str]] = {}
    for folder in [*sorted(every, key=lambda each: (-each.count("/"), each)), "."]:
        context = DirectoryHashContext(FORMAT)
        for child in below[folder]:
            context.append_directory_hashes(child, *found[child])
        for file in inside[folder]:
            context.append_file_hash(file, hashes[file])
        found[folder] = (context.final_content_hash_str(), context.final_structure_hash_str())
    return [(folder, *both) for folder, both in found.items()]


def _above(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _local(time_ns: int) -> datetime:
    return _local_at(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000))


def _local_at(at: datetime) -> datetime:
    """A time as ascmhl wants it: without a zone, in the zone that it will write, which is today's also for winter."""
    offset = time.altzone if time.localtime().tm_isdst == 1 else time.timezone
    return at.astimezone(timezone(timedelta(seconds=-offset))).replace(tzinfo=None)
