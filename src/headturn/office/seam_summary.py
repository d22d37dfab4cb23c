"""What `seam` says: for people, and the same as plain values for scripts."""

from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape

from headturn.clock import clock_name
from headturn.edit.reasons import reasons
from headturn.office.joins_summary import join_json, judged_by, places, signed
from headturn.office.seaming import Seamed
from headturn.office.words import HIDDEN_BY, blended, percent


def show_seam(made: Seamed) -> None:
    """Print what was rendered, and how well its splice is hidden."""
    say = partial(Console(highlight=False, emoji=False).print, soft_wrap=True)
    splice, join = made.film.splices[0], made.join
    say(f"[bold]{escape(made.film.title)}[/]: {signed(join)}, {percent(join.detectability)} chance of being caught")
    if made.meeting.desk.judges.calibration.answers:
        say(f"Judged by {made.meeting.desk.judges}.")
    out, into = places(join, made.meeting)
    say(f"Out at {out}, in at {into}; hidden by {HIDDEN_BY[splice.seam.hiding]}, {blended(splice.seam)}.")
    for reason in reasons(join):
        say(f"– {escape(reason)}")
    say(f"\nSeam:   {escape(str(made.out))} ({clock_name(made.film.duration)})")


def seam_json(made: Seamed) -> dict[str, Any]:
    """What was rendered."""
    splice = made.film.splices[0]
    return {
        "seam": str(made.out),
        "frames": made.film.frames,
        "rate": str(made.film.rate),
        "size": [made.film.width, made.film.height],
        "splice_frame": splice.frame,
        "blend": splice.seam.blend,
        "overlap_frames": splice.seam.overlap_frames,
        "judged_by": judged_by(made.meeting.desk.judges),
        "join": join_json(made.join, made.meeting.a, made.meeting.b),
    }
