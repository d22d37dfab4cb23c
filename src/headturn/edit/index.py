"""Which take can follow which: the joins of a whole folder of takes."""

from collections.abc import Callable, Sequence
from itertools import permutations

from headturn.edit import joins, meet
from headturn.edit.join import Glances, Join, JoinOptions
from headturn.head.rush import Rush

Progress = Callable[[int, int], None]
"""Told how many pairs of takes are done, and how many there are."""


def meetings(
    rushes: Sequence[Rush], glances: Glances, options: JoinOptions, on_progress: Progress = lambda done, total: None
) -> tuple[Join, ...]:
    """The best join for each ordered pair of takes that has one, best first.

    Only joins that something hides are told; takes are looked at only where their motion lets them meet.
    """
    found: list[Join] = []
    pairs = list(permutations(rushes, 2))
    for number, (a, b) in enumerate(pairs):
        on_progress(number, len(pairs))
        exits = meet.usable(a, a.take.span, 0.0, options.handle_s)
        entries = meet.usable(b, b.take.span, options.handle_s, 0.0)
        likely = meet.meetings(a, b, exits, entries, options)[: options.turn_pairs]
        hidden = [join for join in joins.in_turns(a, b, likely, glances, options) if join.hiding != "nothing"]
        found += sorted(hidden, key=joins.rank)[:1]
    on_progress(len(pairs), len(pairs))
    return tuple(sorted(found, key=joins.rank))
