"""What `make` made: the film with all that led to it, for those who tell of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headturn.edit.cut import Cut
from headturn.head.rush import Rush
from headturn.office.answers import Judges
from headturn.office.order import Order, Unused
from headturn.office.settings import Settings
from headturn.office.steadying import Steadied
from headturn.office.store import Store


@dataclass(frozen=True, eq=False)
class Made:
    """A film in its folder. unused: what could not be used, and why; rushes: by take id; steadied: None as filmed."""

    store: Store
    cut: Cut
    order: Order
    unused: tuple[Unused, ...]
    rushes: Mapping[str, Rush]
    settings: Settings
    judges: Judges = field(default_factory=Judges)
    steadied: Steadied | None = None
