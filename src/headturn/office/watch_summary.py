"""What `watch` says: a line for each thing that happens."""

from typing import Any

from rich.console import Console
from rich.markup import escape

from headturn.clock import clock_name
from headturn.office import assembly_summary, log_summary, match_summary, offload_summary
from headturn.office.arrivals import Arrived
from headturn.office.arriving import Event
from headturn.office.assembly import Assembled
from headturn.office.joins_summary import signed
from headturn.office.match import Match, told
from headturn.office.offload import Offloaded
from headturn.office.words import STYLE, VERDICT_SIGN


def show(event: Event) -> None:
    """For people."""
    if isinstance(event, Arrived):
        log_summary.show_arrived(event)
    elif isinstance(event, Offloaded):
        offload_summary.show_offloaded(event)
    else:
        Console(highlight=False, emoji=False, soft_wrap=True).print(_line(event))


def _line(event: Match | Assembled | str) -> str:
    if isinstance(event, str):
        return escape(event)
    if isinstance(event, Match):
        word = signed(event.joins[0]) if event.joins else f"[{STYLE['visible']}]{VERDICT_SIGN['visible']} no match[/]"
        names = f"{event.meeting.a.take.name} → {event.meeting.b.take.name}"
        return f"[bold]{escape(names)}[/]: {word}{'' if event.final else ' so far'}; {escape(told(event)[0])}"
    cut = event.made.cut
    changed = f": {'; '.join(event.changed)}" if event.changed else ""
    return f"The cut: {len(cut.segments)} shots, {clock_name(cut.duration)}{escape(changed)}"


def as_json(event: Event) -> dict[str, Any]:
    """For scripts: one object a line."""
    if isinstance(event, Arrived):
        return {"event": "arrived", **log_summary.arrived_json(event)}
    if isinstance(event, Offloaded):
        return {"event": "offloaded", **offload_summary.offloaded_json(event)}
    if isinstance(event, Match):
        return {"event": "matched", **match_summary.as_json(event, None)}
    if isinstance(event, Assembled):
        return {"event": "assembled", **assembly_summary.as_json(event, None)}
    return {"event": "trouble", "said": event}
