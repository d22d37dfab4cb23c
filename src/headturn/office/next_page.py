"""The card of `next` as a page, as a picture for a phone, and its out frame as an overlay for a monitor."""

import io
from pathlib import Path
from textwrap import wrap

import numpy as np
from matplotlib import image
from matplotlib.figure import Figure

from headturn.errors import BadOption, CannotWrite
from headturn.office import page, splice
from headturn.office.next_card import WIDEST_PX, NextCard
from headturn.office.next_summary import lines
from headturn.office.store import Store

PAGE, PICTURE = ".html", ".png"
SIGNED = {"Software": "headturn next"}
"""Stands in each picture, so that headturn knows its own and writes over no other."""
CARD_PX = (1080, 1920)
"""Of a phone held upright."""
INK, QUIET, GROUND, MARK = "#f2f4f6", "#8d99a6", "#0c0e11", "#ffb000"
_ARROW = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}


def write(card: NextCard, out: Path) -> None:
    """Write the card: .html a page, .png a picture.

    Raises:
        BadOption: another kind of name. CannotWrite: no space, no permission, or a file that is not headturn's own.
    """
    if out.suffix.lower() == PAGE:
        still = splice.still(card.picture, 0.0, width_px=WIDEST_PX)
        page.write(page.rendered("next.html.j2", card=card, still=still, lines=lines(card), way=way(card)), out)
    elif out.suffix.lower() == PICTURE:
        Store(out.parent).write(out, drawn(card))
    else:
        raise BadOption(f"{out.name}: a card is written as .html or .png; give it such a name.")


def write_overlay(card: NextCard, out: Path, opacity: float) -> None:
    """Write the out frame as a PNG that lets `opacity` (0 to 1) of itself be seen over a monitor's picture.

    Raises:
        BadOption: no .png, or an opacity that is none. CannotWrite: as `write`.
    """
    if out.suffix.lower() != PICTURE or not 0 < opacity <= 1:
        raise BadOption("an overlay is written as .png, with an opacity above 0 and up to 1, like 0.5.")
    alpha = np.full((*card.picture.shape[:2], 1), round(255 * opacity), np.uint8)
    drawing = io.BytesIO()
    image.imsave(drawing, np.concatenate([card.picture, alpha], axis=2), format="png", metadata=SIGNED)
    Store(out.parent).write(out, drawing.getvalue())


def spare(out: Path) -> None:
    """Raises CannotWrite where `out` is a folder, or a file that headturn did not write."""
    if out.suffix.lower() == PAGE:
        page.spare_others(out)
    elif out.is_dir() or (out.exists() and not _signed(out)):
        raise CannotWrite(out, "is there and is not headturn's own", "choose another name")


def _signed(out: Path) -> bool:
    try:
        with out.open("rb") as file:
            return SIGNED["Software"].encode() in file.read(1024)
    except OSError as error:
        raise CannotWrite(out, f"cannot be read ({error.strerror})", "choose another name") from None


def way(card: NextCard) -> str:
    """The main direction of the turn, for an arrow: left, right, up, down; or ""."""
    said = card.handover.turn.direction.split(" and ")[0] if card.handover else ""
    return said if said in _ARROW else ""


def drawn(card: NextCard) -> bytes:
    """The card as a PNG, `CARD_PX` across and down: the out frame with its thirds and the turn, the words below."""
    width, height = CARD_PX
    figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor=GROUND)
    tall = card.picture.shape[0] / card.picture.shape[1] * width / height
    top = 0.94
    figure.text(0.04, 0.965, card.shot, color=INK, fontsize=40, fontweight="bold", va="center")
    figure.text(0.96, 0.965, f"after {card.before}", color=QUIET, fontsize=24, va="center", ha="right")
    shown = figure.add_axes((0.0, top - tall, 1.0, tall))
    shown.imshow(card.picture, aspect="auto")
    shown.set_axis_off()
    for third in (1 / 3, 2 / 3):
        shown.axhline(third * card.picture.shape[0], color="white", lw=1, alpha=0.4)
        shown.axvline(third * card.picture.shape[1], color="white", lw=1, alpha=0.4)
    if way(card):
        dx, dy = _ARROW[way(card)]
        shown.annotate(
            "", xy=(0.5 + 0.3 * dx, 0.5 + 0.3 * dy), xytext=(0.5 - 0.1 * dx, 0.5 - 0.1 * dy), xycoords="axes fraction",
            arrowprops={"arrowstyle": "-|>,head_width=1.0,head_length=1.4", "color": MARK, "lw": 9},
        )  # fmt: skip
    y = top - tall - 0.035
    for what, how in lines(card)[1:]:
        figure.text(0.04, y, what, color=QUIET, fontsize=19, va="top")
        told = wrap(how, 52)
        figure.text(0.25, y, "\n".join(told), color=INK, fontsize=21, va="top", linespacing=1.35)
        y -= 0.0215 * max(len(told), 1) + 0.022
    drawing = io.BytesIO()
    figure.savefig(drawing, format="png", metadata=SIGNED)
    return drawing.getvalue()
