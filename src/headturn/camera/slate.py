"""Slate: scene, setup and take out of a file's name, and the order of shots.

A name is first held against the names that cameras give, because many of them would read as slates
(`GX010123` is no scene GX01012). What is left is a slate only where a separator stands between setup and take:
`42A-3`, `42A_T3`, `42A 3`, and not `42A3`.
"""

import re
from pathlib import PurePath

from headturn.camera.take import Slate

_CAMERA_NAMES = re.compile(
    r"""
      G[HXLPS](\d\d|AA)\d{4}          # GoPro HERO6 and later: codec, chapter (AA: looping), recording
    | GOPR\d{4} | GP\d{6} | G\d{7}    # GoPro HERO5 and earlier
    | (DSC[NF_]?|IMG|VID|MVI|MOV|PXL|DJI|MAH|MAQ|CLIP|REC|LRV|PRO)[-_ ]?\d+   # numbered by other makes
    | [A-Z]\d{3}[-_ ]?C\d{3}          # cinema cameras: reel and clip, A001C001, A001_C001
    | [CP]\d{4,7}                     # Sony, Panasonic
    | (19|20)\d\d[-_. ]?(0\d|1[0-2])([-_. ]?[0-3]\d)?(?!\d)   # a date, 2024-10-10, 20241010, 2024-10
    """,
    re.VERBOSE | re.IGNORECASE,
)

_SETUP = r"(?P<inserted>(?P<letter>[A-H])(?P=letter)?)?(?P<scene>\d{1,4})(?P<setup>((?!PU)[A-Z]{1,2})?)"
_SLATE = re.compile(
    rf"(SC(ENE)?[-_ ]?)?R?{_SETUP}(?P<early>PU)?\s*[-_/ ]\s*(T|TK|TAKE)?[-_ ]?(?P<take>\d{{1,3}})(?P<late>PU)?",
    re.IGNORECASE,
)
_SHOT = re.compile(_SETUP, re.IGNORECASE)


def parse(name: str) -> Slate | None:
    """The slate that a file's name (with or without its extension) stands for, or None where it is none.

    The shot is scene and setup in capitals ("42A", "A42" for an inserted scene). `R42A-3`, a reshoot, competes for the
    same shot as `42A-3`. `42-3pu` and `42pu-3` are pick-ups. Takes are counted from 1, scenes from 1, and a scene
    number with leading zeros is one only below four digits and without an inserted letter (`0001-2` and `A001-2`
    are counters of files and reels).
    """
    stem = PurePath(name).stem.strip()
    if _CAMERA_NAMES.match(stem):
        return None
    match = _SLATE.fullmatch(stem)
    if not match:
        return None
    scene, take = match["scene"], int(match["take"])
    counter = scene.startswith("0") and (len(scene) > 3 or match["inserted"])
    if counter or not int(scene) or not take:
        return None
    shot = f"{match['inserted'] or ''}{int(scene)}{match['setup']}".upper()
    return Slate(shot, take, pickup=bool(match["early"] or match["late"]))


def written(text: str) -> Slate | None:
    """A slate as people write it: "42A-3", "kitchen 2", or just "kitchen" for its first take; None for no text."""
    if not text.strip():
        return None
    match = re.fullmatch(r"(.*?)(?:[\s_/-]+(?:T|take)?\s*(\d+)(pu)?)?", text.strip(), re.IGNORECASE)
    parsed = parse(text)
    if parsed or match is None:
        return parsed
    return Slate(match[1], int(match[2] or 1), bool(match[3]))


def numbered(text: str) -> bool:
    """Whether a slate as people write it says which take it is; true of no text, which says nothing at all."""
    said = written(text)
    return said is None or parse(text) is not None or said.shot != text.strip()


def sort_key(shot: str) -> tuple[tuple[int, str], ...]:
    """Orders shots as they follow in a film: 41A, AA42, A42, B42, 42, 42A, 42Z, 42AA, 43.

    A letter before the number is a scene inserted after the numbers were given out: A42 and B42 lie between 41 and 42,
    AA42 before A42. A letter behind it is a setup of the scene; after 42Z comes 42AA. Anything else is put in its
    natural order (shot 2 before shot 10) after the numbered shots.
    """
    match = _SHOT.fullmatch(shot.strip())
    if not match:
        parts = re.split(r"(\d+)", shot.casefold())
        return ((1, ""), *((int(part), "") if part.isdecimal() else (0, part) for part in parts))
    inserted, setup = (match["inserted"] or "").upper(), match["setup"].upper()
    before = (0, f"{inserted[0]}{3 - len(inserted)}") if inserted else (1, "")
    return ((0, ""), (int(match["scene"]), ""), before, (len(setup), setup))


def known_shot(text: str) -> str:
    """A shot as people type it, written as slates have it: "42b" is "42B"; a name stays as it is."""
    match = _SHOT.fullmatch(text.strip())
    if not match:
        return text.strip()
    return f"{match['inserted'] or ''}{int(match['scene'])}{match['setup']}".upper()


def scene(shot: str) -> str:
    """The scene of a shot: "42" of 42B, "A42" of A42C; a shot that is no number is a scene of its own."""
    match = _SHOT.fullmatch(shot.strip())
    return f"{match['inserted'] or ''}{int(match['scene'])}".upper() if match else shot.strip()
