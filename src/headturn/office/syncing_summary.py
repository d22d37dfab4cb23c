"""What `sync` says: where each recording lies on the first, how that is known, and how surely."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape

from headturn.camera.take import Clip
from headturn.clock import rate_name
from headturn.office.syncing import Synced
from headturn.office.words import percent

LEAST_DRIFT_PPM = 1.0
"""Less is not told: over an hour it makes a tenth of a frame."""


def show(found: Sequence[Synced]) -> None:
    """Print a paragraph for each."""
    say = partial(Console(highlight=False, emoji=False).print, soft_wrap=True)
    for each in found:
        name, first = escape(each.other.name), escape(each.reference.name)
        if each.offset_s is None:
            say(f"[bold]{name}[/]: cannot be laid on {first}.")
        else:
            say(f"[bold]{name}[/] begins {_seconds(each.offset_s)} {_way(each.offset_s)} {first}{_frames(each)}.")
            say(f"  {_surely(each)}")
        for note in each.notes:
            say(f"  [dim]{escape(note)}[/]")


def _seconds(offset_s: float) -> str:
    return f"{abs(offset_s):.4f} s"


def _way(offset_s: float) -> str:
    return "after" if offset_s >= 0 else "before"


def _frames(each: Synced) -> str:
    assert each.frames is not None and isinstance(each.reference, Clip)
    rate = rate_name(each.reference.image.rate)
    told = [f"{abs(each.frames):.2f} frames of {rate}"]
    if each.frame is not None:
        told.append(f"at its frame {each.frame}")
    if each.timecode:
        told.append(f"at {each.timecode}")
    return ": " + ", ".join(told)


def _surely(each: Synced) -> str:
    told = [f"by {each.how}"]
    if each.agreement is not None:
        told.append(f"agreement {percent(each.agreement)}")
    if each.turned_rad is not None:
        told.append(f"the cameras look {np.degrees(each.turned_rad):.0f}° apart")
    if each.drift_ppm is not None and abs(each.drift_ppm) >= LEAST_DRIFT_PPM:
        told.append(f"its clock runs {abs(each.drift_ppm):.0f} ppm {'fast' if each.drift_ppm > 0 else 'slow'}")
    return "; ".join(told)


def as_json(found: Sequence[Synced]) -> dict[str, Any]:
    """For scripts: offsets on the clock of the first recording."""
    return {
        "schema": "headturn.sync.1",
        "reference": str(found[0].reference.name),
        "synced": [
            {
                "name": each.other.name,
                "offset_s": each.offset_s,
                "offset_frames": each.frames,
                "frame": each.frame,
                "timecode": each.timecode or None,
                "how": each.how or None,
                "agreement": each.agreement,
                "drift_ppm": each.drift_ppm,
                "turned_deg": None if each.turned_rad is None else float(np.degrees(each.turned_rad)),
                "notes": list(each.notes),
            }
            for each in found
        ],
    }
