"""film.toml: every option of a film, each defined once beside the function that it steers.

The tables of the file are the option dataclasses of the departments; a key that none of them has is an error. The
command line sets the same keys.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import TypeAdapter, ValidationError
from tomlkit.exceptions import TOMLKitError

from headturn.clock import parse_rate
from headturn.edit.assemble import Brief
from headturn.edit.joins import JoinOptions
from headturn.errors import BadOption
from headturn.head.turns import TurnOptions
from headturn.office.days import DaysOptions
from headturn.office.steadying_options import SteadyingOptions
from headturn.picture.render import RenderOptions


@dataclass(frozen=True)
class FilmOptions:
    """What the film is.

    title: its name; empty means the name of its folder
    footage: the folder of takes, from the film's folder
    fps: frames a second, like "24000/1001" or "25"; empty means that of most of the running time
    size: like "1920x1080"; empty means that of most of the running time
    lens: a Gyroflow lens profile (JSON) of the camera, from the film's folder; empty means that a lens is assumed
    """

    title: str = ""
    footage: str = ""
    fps: str = ""
    size: str = ""
    lens: str = ""

    @property
    def rate(self) -> Fraction | None:
        """Frames a second as an exact rational, or None for that of most of the running time.

        Raises:
            BadOption: `fps` is no frame rate.
        """
        return parse_rate(self.fps) if self.fps else None

    @property
    def drop(self) -> bool:
        """Whether the film's timecode drops frames, as "29.97df" says."""
        return self.fps.strip().lower().endswith("df")

    @property
    def width_height(self) -> tuple[int, int] | None:
        """Width and height in pixels, or None for that of most of the running time.

        Raises:
            BadOption: `size` is no size, odd, or outside 16 to 8192.
        """
        if not self.size:
            return None
        try:
            width, height = (int(part) for part in self.size.lower().replace("×", "x").split("x"))
        except ValueError:
            raise BadOption(f"'{self.size}' is no size; write it like 1920x1080.") from None
        if not (16 <= width <= 8192 and 16 <= height <= 8192) or width % 2 or height % 2:
            raise BadOption(f"a size of {self.size} cannot be written; use even numbers from 16 to 8192.")
        return width, height


@dataclass(frozen=True)
class MatchOptions:
    """How a new take is held against the shot before.

    window_s: without motion data, so much of the end of the shot before and of the start of the take is analysed: the
        answer is wanted while the take can still be shot again
    """

    window_s: float = 15.0


@dataclass(frozen=True)
class CatalogueOptions:
    """Where the catalogue is kept.

    url: of a PostgreSQL database, for a crew of several stations; empty means film.db in the film's folder
    """

    url: str = ""


@dataclass(frozen=True)
class Settings:
    """All options of a film, by department: the tables of film.toml."""

    film: FilmOptions = field(default_factory=FilmOptions)
    assemble: Brief = field(default_factory=Brief)
    turns: TurnOptions = field(default_factory=TurnOptions)
    joins: JoinOptions = field(default_factory=JoinOptions)
    render: RenderOptions = field(default_factory=RenderOptions)
    steady: SteadyingOptions = field(default_factory=SteadyingOptions)
    match: MatchOptions = field(default_factory=MatchOptions)
    catalogue: CatalogueOptions = field(default_factory=CatalogueOptions)
    days: DaysOptions = field(default_factory=DaysOptions)


_TABLES: dict[str, type[Any]] = {
    "film": FilmOptions,
    "assemble": Brief,
    "turns": TurnOptions,
    "joins": JoinOptions,
    "render": RenderOptions,
    "steady": SteadyingOptions,
    "match": MatchOptions,
    "catalogue": CatalogueOptions,
    "days": DaysOptions,
}


def read(path: Path) -> Settings:
    """The settings in a film.toml; the defaults where there is none.

    Raises:
        BadOption: not TOML, an unknown table or key, or a value of the wrong kind.
    """
    if not path.exists():
        return Settings()
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise BadOption(f"{path}: cannot be read as TOML ({error}).") from None
    return checked(document.unwrap(), str(path))


def checked(tables: Mapping[str, Any], where: str) -> Settings:
    """Settings from plain values, every key and value checked; `where` names their source in errors."""
    settings = Settings()
    for name, values in tables.items():
        if name not in _TABLES or not isinstance(values, Mapping):
            raise BadOption(f"{where}: '{name}' is no table of film.toml; there are {', '.join(_TABLES)}.")
        known = [each.name for each in fields(_TABLES[name])]
        for key in values:
            if key not in known:
                raise BadOption(f"{where}: [{name}] has no key '{key}'; it has {', '.join(known)}.")
        try:
            options: Any = TypeAdapter(_TABLES[name]).validate_python(dict(values))
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise BadOption(f"{where}: [{name}] {key} = {first['input']!r}: {first['msg'].lower()}.") from None
        settings = replace(settings, **{name: options})
    _within_range(settings, where)
    return settings


def _within_range(settings: Settings, where: str) -> None:
    for name, kind in _TABLES.items():
        for each in fields(kind):
            value = getattr(getattr(settings, name), each.name)
            if isinstance(value, int | float) and not 0 <= value < math.inf:
                raise BadOption(f"{where}: [{name}] {each.name} = {value}: must be a number from 0 on.")
    if not 0 <= settings.assemble.min_share <= 1:
        raise BadOption(f"{where}: [assemble] min_share is a share of a take, from 0 to 1.")
    if not 1 <= settings.render.crf <= 51:
        raise BadOption(f"{where}: [render] crf goes from 1 (huge) to 51 (tiny, ugly).")
    try:
        settings.steady.check()
    except BadOption as error:
        raise BadOption(f"{where}: [steady] {error}") from None
    try:
        settings.days.check()
    except BadOption as error:
        raise BadOption(f"{where}: [days] {error}") from None
    try:
        _ = settings.film.rate, settings.film.width_height
    except BadOption as error:
        raise BadOption(f"{where}: {error}") from None


def changed(settings: Settings, changes: Mapping[str, Any], where: str) -> Settings:
    """New settings with changes such as {"film.fps": "25"} on top; values may be text, as from a command line.

    Raises:
        BadOption: an unknown key or a value that makes no sense.
    """
    tables: dict[str, dict[str, Any]] = {
        name: {each.name: getattr(getattr(settings, name), each.name) for each in fields(kind)}
        for name, kind in _TABLES.items()
    }
    for key, value in changes.items():
        name, _, option = key.partition(".")
        tables.setdefault(name, {})[option] = value
    return checked(tables, where)


def pairs(assignments: Sequence[str]) -> dict[str, str]:
    """{"joins.looks": "3"} from ["joins.looks=3"].

    Raises:
        BadOption: no "=".
    """
    split = [each.partition("=") for each in assignments]
    for key, equals, _ in split:
        if not equals or "." not in key:
            raise BadOption(f"'{key}' is no setting; write it like joins.looks=3.")
    return {key.strip(): value.strip() for key, _, value in split}


def written(path: Path, changes: Mapping[str, Any]) -> str:
    """The text of film.toml with changes on top, such as those of `changed`; what people wrote, comments too, stays."""
    values = changed(Settings(), changes, str(path))
    if path.exists():
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    else:
        document = tomlkit.document()
        document.add(tomlkit.comment("A film's settings. Keys left out have their defaults: headturn make --help."))
    for key in changes:
        name, _, option = key.partition(".")
        if name not in document:
            document[name] = tomlkit.table()
        document[name][option] = getattr(getattr(values, name), option)
    return tomlkit.dumps(document)
