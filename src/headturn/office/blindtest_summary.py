"""What `blindtest` says: where the page is, or how often viewers were right."""

from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.office.answers import Tally, calibration, meaning, total
from headturn.office.blindtest import Judged, MadeTest
from headturn.office.words import percent


def show_made(made: MadeTest) -> None:
    """Print where the page is and what to do with it."""
    say = partial(Console(highlight=False, emoji=False).print, soft_wrap=True)
    count = len(made.test.pairs)
    say(f"{escape(made.test.film)}: {count} {'pair' if count == 1 else 'pairs'} of loops, one of each with a splice.")
    if made.left_out:
        numbers = ", ".join(map(str, made.left_out))
        say(f"Note: no uncut turn can be shown beside splice {numbers}; it is left out.")
    say(f"\nTest:   {escape(str(made.page))}")
    say("Show it to viewers, have them download their answers, and take those in with --answers FILE.")


def show_judged(judged: Judged) -> None:
    """Print how often viewers were right, for each splice and in all."""
    console = Console(highlight=False, emoji=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("splice", "takes", "right", "share", "95 % interval", "machines", "with viewers"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "takes")
    people = calibration(judged.tallies)
    for each in judged.tallies:
        takes = escape(" → ".join(each.takes))
        machines = "" if each.detectability is None else percent(each.detectability)
        both = percent(people.chance(each.terms)) if each.terms else ""
        table.add_row(str(each.number), takes, *_counted(each), machines, both)
    everything = total(judged.tallies)
    if everything:
        table.add_row("all", "", *_counted(everything), "", "", style="bold")
        console.print(table)
        console.print(f"\n{meaning(everything)}", soft_wrap=True)
        if people.answers:
            console.print(
                f"[dim]machines, with viewers: chance of being caught, corrected by {people.answers} answers; "
                "joins, seam and make judge by them from now on[/]",
                soft_wrap=True,
            )
    viewers = "1 sitting" if judged.sittings == 1 else f"{judged.sittings} sittings"
    console.print(f"\nAnswers: {escape(str(judged.kept))} ({viewers}, {judged.new} new)", soft_wrap=True)


def _counted(tally: Tally) -> tuple[str, str, str]:
    low, high = tally.interval
    return f"{tally.right} of {tally.shown}", percent(tally.share), f"{percent(low)} to {percent(high)}"


def made_json(made: MadeTest) -> dict[str, Any]:
    """The test as plain values, without telling which side is which."""
    return {
        "page": str(made.page),
        "test": made.test.id,
        "film": made.test.film,
        "pairs": len(made.test.pairs),
        "left_out": list(made.left_out),
    }


def judged_json(judged: Judged) -> dict[str, Any]:
    """The count as plain values."""
    everything, people = total(judged.tallies), calibration(judged.tallies)
    return {
        "answers": str(judged.kept),
        "sittings": judged.sittings,
        "new": judged.new,
        "all": _plain(everything) | {"meaning": meaning(everything)} if everything else None,
        "calibration": {"shift": people.shift, "scale": people.scale, "answers": people.answers},
        "splices": [
            {"number": each.number, "takes": list(each.takes), "verdict": each.verdict}
            | {"detectability": each.detectability, "terms": dict(each.terms)}
            | {"with_viewers": people.chance(each.terms) if each.terms else None}
            | _plain(each)
            for each in judged.tallies
        ],
    }


def _plain(tally: Tally) -> dict[str, Any]:
    return {"shown": tally.shown, "right": tally.right, "share": tally.share, "interval": list(tally.interval)}
