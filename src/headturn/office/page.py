"""Pages: what every HTML page of headturn shares. One file each, opens offline, loads nothing, reads without a library.

The look stands in page.css.j2, a splice with its frames in splice.html.j2, and the enlarging of stills in stills.js.
"""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from headturn import __version__
from headturn.clock import clock_name, rate_name
from headturn.errors import CannotWrite
from headturn.office.store import Store
from headturn.office.words import VERDICT_SIGN, percent

OWN_PAGE = b'<meta name="generator" content="headturn'
"""Stands near the beginning of every page, so that headturn knows its own and writes over no other."""


@dataclass(frozen=True)
class Still:
    """A small picture: JPEG data, the film time it stands for, and words beneath it ("" for none)."""

    jpeg: bytes
    film_time_s: float
    caption: str = ""


def rendered(template: str, **values: Any) -> str:  # noqa: ANN401
    """A page from a template beside this module; text is taken as it comes and escaped."""
    import jinja2  # slow to load, and `match` looks here for pages that are not its own before it gives its verdict

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": clock_name,
        "rate": rate_name,
        "jpeg": _jpeg_uri,
        "percent": percent,
        "mp4": _mp4_uri,
    }
    environment.globals |= {"version": __version__, "sign": VERDICT_SIGN}
    return environment.get_template(template).render(**values)


def write(page: str, out: Path) -> None:
    """Write a page to `out`, which appears only when it is whole.

    Raises:
        CannotWrite: no space, no permission.
    """
    Store(out.parent).write(out, page.encode("utf-8", "backslashreplace"))  # file names may hold bytes that are no text


def spare_others(out: Path) -> None:
    """Raises CannotWrite where a page would take the place of a file that is no page of headturn's, or of a folder."""
    if out.is_dir():
        raise CannotWrite(out, "is a folder", "give the page's own name, like joins.html")
    if not out.exists():
        return
    try:
        with out.open("rb") as file:
            own = OWN_PAGE in file.read(4096)
    except OSError as error:
        raise CannotWrite(out, f"cannot be read ({error.strerror})", "choose another name with -o") from None
    if not own:
        raise CannotWrite(out, "is there and is not headturn's own", "choose another name with -o")


def data_uri(kind: str, content: bytes) -> Markup:
    """Content within a page, e.g. of kind "image/jpeg"."""
    return Markup(f"data:{kind};base64,{base64.b64encode(content).decode()}")


def _jpeg_uri(still: Still) -> Markup:
    return data_uri("image/jpeg", still.jpeg)


def _mp4_uri(content: bytes) -> Markup:
    return data_uri("video/mp4", content)
