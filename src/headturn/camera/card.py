"""What came out of a camera: the recordings of a folder, each with its chapters and companions, and what is none.

A card is read as it is: nothing on it is written, renamed or trusted to be whole. A file that cannot be used is
reported with a sentence and the rest goes on.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import xxhash

from headturn.camera import telemetry
from headturn.camera.lens import assumed_lens
from headturn.camera.media import image_circle, probe
from headturn.camera.take import Clip
from headturn.errors import CannotRead, NoImage

WHOLE_BYTES = 64 << 20
"""Files up to this size are hashed whole: a second of reading from a card."""
BLOCK_BYTES = 1 << 20
BLOCKS = 16
"""Of larger files this many blocks are hashed, evenly spaced from the first byte to the last, and the size."""

Kind = Literal["broken", "no image", "copy", "not permitted", "no recording"]
OnProgress = Callable[[int, int, Path], None]
"""(files looked at, of how many, the file)."""

_RECORDINGS = frozenset(
    [".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mts", ".m2ts", ".mxf", ".mpg", ".mpeg", ".3gp", ".wmv", ".flv"]
)
_PAYLOADS = frozenset({".raw", ".gpmf"})
_SPHERICAL = frozenset({".360", ".insv"})
_PREVIEW = ".lrv"
_COMPANIONS = frozenset([".lrv", ".thm", ".gcsv", ".wav", ".srt", ".xml", ".bbl", ".gyroflow"])
_PROXY_FOLDERS = frozenset({"proxy", "proxies"})
_LEFT_OUT_FOLDERS = frozenset({"ascmhl", "$recycle.bin", "system volume information", "lost+found"})
_FILM = frozenset({"film", "film-master"})
"""Names of what is rendered into a film's folder (`film.mp4`): never takes."""
_FILMS_OWN = ("cut.json", ".headturn")
"""Either of them tells a film's folder; a film that was interrupted may have only the second."""


@dataclass(frozen=True)
class Rejected:
    """A file that cannot be used. reason: a sentence that names the file and what to do."""

    path: Path
    reason: str
    kind: Kind


@dataclass(frozen=True)
class Card:
    """The recordings of a folder, in the order of their paths, and what cannot be used."""

    clips: tuple[Clip, ...]
    rejected: tuple[Rejected, ...]


class _Chapter(NamedTuple):
    """Which recording of which camera a file is a chapter of, by its name. `place` counts from `first`."""

    recording: str
    place: int
    first: int


def identity(files: Sequence[Path]) -> str:
    """A hash (xxh3, 128 bits, hexadecimal) of the contents of files in order, whatever they are called.

    A file of up to `WHOLE_BYTES` counts whole; of a larger one its size and `BLOCKS` blocks of `BLOCK_BYTES`, the first
    and the last among them, so that hours of footage need not be read.

    Raises:
        CannotRead: a file cannot be read.
    """
    digest = xxhash.xxh3_128()
    for path in files:
        try:
            with path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                digest.update(size.to_bytes(8, "big"))
                for start in _block_starts(size):
                    file.seek(start)
                    digest.update(file.read(BLOCK_BYTES))
        except OSError as error:
            raise CannotRead(path, f"cannot be read ({error.strerror})", "check the disk and its permissions") from None
    return digest.hexdigest()


def _block_starts(size: int) -> Iterable[int]:
    if size <= WHOLE_BYTES:
        return range(0, size, BLOCK_BYTES)
    return [number * (size - BLOCK_BYTES) // (BLOCKS - 1) for number in range(BLOCKS)]


def ingest(folder: Path, on_progress: OnProgress | None = None) -> Card:
    """The recordings in a folder and its subfolders, and everything in it that looks like one and is none.

    Chapters of one GoPro recording become one clip; where a chapter is missing or broken, what follows it is a clip of
    its own. LRV, THM and sidecar files go to their clip's `proxies`. Of identical files one is used. Hidden files,
    `ascmhl` folders and films' folders are left out. Other files (tables, texts ...) are passed over, unless nothing in
    the folder can be used: then each is in `rejected`.

    Raises:
        CannotRead: no such folder, or not permitted.
    """
    files, rejected = _walk(folder)
    takes, proxies, others = _sorted_out(files)
    used: dict[str, Path] = {}
    healthy: list[Path] = []
    for number, path in enumerate(takes):
        if on_progress:
            on_progress(number, len(takes), path)
        problem = _problem(path, used)
        if problem:
            rejected.append(problem)
        else:
            healthy.append(path)
    clips = []
    for run, notes in _runs(healthy, takes):
        try:
            clips += _clips(run, notes, [proxy for path in run for proxy in proxies.pop(path, ())])
        except CannotRead as error:
            rejected.append(Rejected(error.path, str(error), _kind(error)))
    rejected += _left_over(others, everything=not clips)
    return Card(tuple(sorted(clips, key=lambda clip: clip.files)), tuple(sorted(rejected, key=lambda one: one.path)))


def recording(file: Path) -> Clip:
    """The recording that a file belongs to: all its chapters, where the file is one of several.

    Raises:
        CannotRead: no such file, a folder, or no recording that can be used.
    """
    if _is_folder(file):
        raise CannotRead(file, "is a folder", "give the file of a recording")
    probe([file])
    own, beside = _chapter(file), _beside(file)
    used: dict[str, Path] = {identity([file]): file}
    chapters = [file]
    for entry in beside:
        its = _chapter(entry)
        same = own and its and its.recording == own.recording and entry.suffix.lower() == file.suffix.lower()
        if same and not _problem(entry, used):
            chapters.append(entry)
    run, notes = next(each for each in _runs(sorted(chapters), chapters) if file in each[0])
    _, proxies, _ = _sorted_out(sorted([file, *beside]))
    clips = _clips(run, notes, [proxy for path in run for proxy in proxies.get(path, ())])
    return next(clip for clip in clips if file in clip.files)


def _beside(file: Path) -> list[Path]:
    """The other files of its folder; none where that may not be looked into."""
    try:
        return sorted(entry for entry in _entries(file.parent, set()) if _is_file(entry) and entry != file)
    except OSError:
        return []


def companions(files: Sequence[Path]) -> tuple[Path, ...]:
    """What lies beside the chapters of a recording and belongs to it: LRV, THM and sidecar files, proxies."""
    _, proxies, _ = _sorted_out(sorted({*files, *_beside(files[0])}))
    return tuple(sorted(proxy for path in files for proxy in proxies.get(path, ())))


def previews(clip: Clip) -> tuple[Path, ...]:
    """The camera's low-resolution recording (LRV) of each chapter of a clip, in order; nothing where one is missing."""
    owners = {_owner_place(proxy): proxy for proxy in clip.proxies if proxy.suffix.lower() == _PREVIEW}
    found = [owners.get(_place(file)) for file in clip.files]
    return tuple(path for path in found if path) if all(found) else ()


def reopened(files: Sequence[Path]) -> Clip:
    """The recording that these chapters make, in this order, as they were found once.

    Raises:
        CannotRead: one of them is not there any more, or cannot be used.
    """
    (clip, *others) = _clips(list(files), [], [])
    if others:
        raise CannotRead(files[0], "its chapters do not fit together any more", "copy them from the card again")
    return clip


def _walk(folder: Path) -> tuple[list[Path], list[Rejected]]:
    """All files that may be somebody's footage, and folders that cannot be entered."""
    if not folder.is_dir():
        raise CannotRead(folder, "is no folder" if folder.exists() else "is not there", "check the path")
    files: list[Path] = []
    rejected: list[Rejected] = []
    seen: set[tuple[int, int]] = set()
    pending = [folder]
    while pending:
        path = pending.pop()
        try:
            entries = _entries(path, seen)
            of_a_film = any((path / name).exists() for name in _FILMS_OWN)
        except OSError as error:
            why = f"the folder cannot be opened ({error.strerror})"
            if path == folder:
                raise CannotRead(folder, why, "ask for permission to read it") from None
            reason = f"{path.name}: {why}; what is in it is left out."
            rejected.append(Rejected(path, reason, "not permitted"))
            continue
        if of_a_film:
            entries = [entry for entry in entries if entry.stem not in _FILM] if path == folder else []
        folders = [entry for entry in entries if _is_folder(entry)]
        files += [entry for entry in set(entries).difference(folders) if _is_file(entry)]
        pending += [entry for entry in folders if entry.name.casefold() not in _LEFT_OUT_FOLDERS]
    return sorted(files), rejected


def _entries(path: Path, seen: set[tuple[int, int]]) -> list[Path]:
    """What is in a folder and not hidden; nothing for one that was seen before, by a link that leads back."""
    status = path.stat()
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    return [entry for entry in path.iterdir() if not entry.name.startswith(".")]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    """Whether it is a file: broken links, sockets and pipes are none."""
    try:
        return path.is_file()
    except OSError:
        return True  # not even its kind may be read: reported when it is opened


def _sorted_out(files: Sequence[Path]) -> tuple[list[Path], dict[Path, list[Path]], list[Path]]:
    """Recordings (chapters first, so that no copy of one takes its place), what belongs to each, and the rest."""
    candidates = [path for path in files if path.suffix.lower() in _RECORDINGS]
    companions = [path for path in files if path.suffix.lower() in _COMPANIONS]
    owners = {_place(path): path for path in candidates}
    proxies: dict[Path, list[Path]] = {}
    for path in (*companions, *candidates):
        owner = owners.get(_owner_place(path))
        if owner and owner != path:
            proxies.setdefault(owner, []).append(path)
    attached = {path for of_one in proxies.values() for path in of_one}
    takes = [path for path in candidates if path not in attached]
    takes.sort(key=lambda path: (_chapter(path) is None, path))
    return takes, proxies, [path for path in files if path not in attached and path not in set(takes)]


def _place(path: Path) -> tuple[Path, str]:
    """Folder and name of a recording, as its companions name it: GX010123 and GH010123 are both G?010123."""
    return path.parent, re.sub(r"(?i)^g[hxl](?=\d{6}$)", "g?", path.stem.casefold())


def _owner_place(path: Path) -> tuple[Path, str]:
    """Where the recording lies that a companion or a proxy belongs to."""
    if path.suffix.lower() in _RECORDINGS:
        if path.parent.name.casefold() not in _PROXY_FOLDERS:
            return path, ""
        return _place(path.parent.parent / (re.sub(r"(?i)_proxy$", "", path.stem) + path.suffix))
    return _place(path)


def _problem(path: Path, used: dict[str, Path]) -> Rejected | None:
    """Why one recording cannot be used; None where it can, and then its identity is in `used`."""
    try:
        probe([path])
        own = identity([path])
    except CannotRead as error:
        return Rejected(path, str(error), _kind(error))
    if own in used:
        reason = f"{path.name}: is a copy of {used[own].name} (the same contents); that one is used."
        return Rejected(path, reason, "copy")
    used[own] = path
    return None


def _kind(error: CannotRead) -> Kind:
    if isinstance(error, NoImage):
        return "no image"
    try:
        error.path.open("rb").close()
    except PermissionError:
        return "not permitted"
    except OSError:
        pass
    return "broken"


def _chapter(path: Path) -> _Chapter | None:
    """Which chapter of which GoPro recording a file is, by its name; None for single files.

    HERO6 and later: GX010123, GX020123. HERO5 and earlier: GOPR0123, GP010123. Looping recordings (GXAA0001) are
    single files.
    """
    stem = path.stem.upper()
    if match := re.fullmatch(r"G([HX])(\d\d)(\d{4})", stem):
        return _Chapter(f"G{match[1]}{match[3]}", int(match[2]), 1)
    if match := re.fullmatch(r"GOPR(\d{4})", stem):
        return _Chapter(f"GP{match[1]}", 0, 0)
    if match := re.fullmatch(r"GP(\d\d)(\d{4})", stem):
        return _Chapter(f"GP{match[2]}", int(match[1]), 0)
    return None


def _runs(healthy: Sequence[Path], all_files: Sequence[Path]) -> Iterator[tuple[list[Path], list[str]]]:
    """Files that make one recording each, with what is to be said of them."""
    groups: dict[tuple[Path, str, str], list[tuple[int, Path]]] = {}
    for path in healthy:
        chapter = _chapter(path)
        if chapter is None:
            yield [path], []
        else:
            key = (path.parent, chapter.recording, path.suffix.lower())
            groups.setdefault(key, []).append((chapter.place, path))
    for chapters in groups.values():
        chapters.sort()
        expected = chapter.first if (chapter := _chapter(chapters[0][1])) else 0
        run: list[Path] = []
        notes: list[str] = []
        for place, path in chapters:
            if place != expected:
                if run:
                    yield run, notes
                run, notes = [], [f"Chapter {expected:02d} of this recording is missing; {path.name} starts anew."]
            run.append(path)
            expected = place + 1
        yield run, notes


def _clips(run: list[Path], notes: list[str], proxies: list[Path]) -> list[Clip]:
    """The clip that a run of chapters is; one for each chapter where they do not fit together."""
    try:
        clip = probe(run, identity(run), proxies=sorted(proxies), notes=notes)
    except CannotRead:
        if len(run) == 1:
            raise
        note = "Its chapters differ in size or encoding, so that each stands alone."
        return [clip for path in run for clip in _clips([path], [*notes, note], [])]
    circle = image_circle(clip)
    fov, diagonal_rad = telemetry.field_of_view_of(clip.files[0])
    lens = assumed_lens(
        clip.image.width,
        clip.image.height,
        camera=clip.camera,
        fov=fov,
        circle_px=circle,
        fov_diagonal_rad=diagonal_rad,
    )
    said = [f"The image is a circle of {2 * circle:.0f} pixels across in black corners."] if circle else []
    return [replace(clip, lens=lens, notes=(*clip.notes, *said))]


def _left_over(others: Sequence[Path], *, everything: bool) -> Iterator[Rejected]:
    """What else lies in the folder: always what a film-maker would miss, the rest only if `everything` is asked for."""
    kind: Kind
    for path in others:
        suffix = path.suffix.lower()
        if suffix in _PAYLOADS and _starts_with(path, b"DEVC"):
            text, kind = "holds telemetry but no image; give the recording it was taken from", "no image"
        elif suffix in _SPHERICAL:
            text, kind = "is a recording of two lenses; unfold it into a flat picture first", "no image"
        elif suffix == _PREVIEW:
            text, kind = "is a camera's preview without its recording; copy the recording too", "no recording"
        elif not everything:
            continue
        elif suffix in (".csv", ".gcsv", ".tsv", ".vrs", ".bbl"):
            text, kind = "is a table or a motion log: there is no image in it; give the recording", "no image"
        else:
            text, kind = "is no recording; leave it out", "no recording"
        yield Rejected(path, f"{path.name}: {text}.", kind)


def _starts_with(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError:
        return False
