"""The page of `rigs`: the criteria in one table, and each rig's widest turn as a loop, side by side."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from headturn.office import page
from headturn.office.rigs import Rig
from headturn.office.rigs_summary import rows


def write(rigs: Sequence[Rig], screen: str, viewer: str, out: Path) -> None:
    """Write the page.

    Raises:
        CannotWrite: no space, no permission.
    """
    values = {"rigs": rigs, "rows": rows(rigs), "screen": screen, "viewer": viewer, "created": datetime.now(UTC)}
    page.write(page.rendered("rigs.html.j2", **values), out)
