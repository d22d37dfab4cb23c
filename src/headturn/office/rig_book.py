"""The rigs of a film: rigs.toml in its folder, one table for each, written by people.

[mouth]
camera = "HERO12 Black"     # as the recordings name it; a take of another camera is pointed out
lens = "lenses/wide.json"   # a Gyroflow lens profile, from the film's folder
mount = "mouth"             # mouth, helmet or chest
tilt_deg = -6               # how it is meant to lie: degrees up, below 0 down
unit = "A"                  # which camera of a rig of two
"""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import tomlkit
from pydantic import TypeAdapter, ValidationError
from tomlkit.exceptions import TOMLKitError

from headturn.errors import BadOption
from headturn.office.store import Store

NAME = "rigs.toml"


@dataclass(frozen=True)
class Rig:
    """How a camera is worn. Fields are those of its table in rigs.toml; what is left out is not known."""

    name: str
    camera: str = ""
    lens: str = ""
    mount: Literal["", "mouth", "helmet", "chest"] = ""
    tilt_deg: float | None = None
    unit: Literal["", "A", "B", "C", "D"] = ""


def read(store: Store) -> dict[str, Rig]:
    """The rigs of a film by name; none where it has no rigs.toml.

    Raises:
        BadOption: not TOML, an unknown key, or a value of the wrong kind.
    """
    path = store.folder / NAME
    if not path.exists():
        return {}
    try:
        tables = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise BadOption(f"{path}: cannot be read as TOML ({error}).") from None
    return {name: _rig(str(name), values, str(path)) for name, values in tables.items()}


def _rig(name: str, values: Any, where: str) -> Rig:  # noqa: ANN401  # whatever stands in the file
    keys = [each.name for each in fields(Rig) if each.name != "name"]
    if not isinstance(values, Mapping):
        raise BadOption(f"{where}: '{name}' is no rig; begin one with [{name}] and give {', '.join(keys)}.")
    for key in values:
        if key not in keys:
            raise BadOption(f"{where}: [{name}] has no key '{key}'; it has {', '.join(keys)}.")
    try:
        rig = TypeAdapter(Rig).validate_python({"name": name, **values})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BadOption(f"{where}: [{name}] {key} = {first['input']!r}: {first['msg'].lower()}.") from None
    if rig.tilt_deg is not None and not (math.isfinite(rig.tilt_deg) and abs(rig.tilt_deg) <= 90):
        raise BadOption(f"{where}: [{name}] tilt_deg goes from -90 (straight down) to 90.")
    return rig


def rig(store: Store, name: str) -> Rig:
    """A rig by its name.

    Raises:
        BadOption: there is none of that name.
    """
    rigs = read(store)
    if name not in rigs:
        near = difflib.get_close_matches(name, rigs, n=1) or sorted(rigs)
        hint = f"there is {', '.join(near)}" if near else f"write it into {store.folder / NAME}"
        raise BadOption(f"there is no rig {name}; {hint}.")
    return rigs[name]
