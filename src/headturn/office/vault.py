"""The vault: what was found of takes and splices, kept in the store under all that it depends on.

A take is looked at once, a pair of turns compared once, a splice's treatments tried once, whichever verb asks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from headturn.edit.cut import Cut, Seam
from headturn.edit.join import Join, JoinOptions
from headturn.edit.place import Sights
from headturn.head.rush import Rush
from headturn.office.store import Store
from headturn.picture import treatment

_JOINS: TypeAdapter[tuple[Join, ...]] = TypeAdapter(tuple[Join, ...])
_SEAM: TypeAdapter[Seam] = TypeAdapter(Seam)


@dataclass(frozen=True)
class Vault:
    """What a search for joins keeps (`edit.scout.Keep`). options: how joins are searched."""

    store: Store
    options: JoinOptions

    def sights(self, rush: Rush, frames: Sequence[int], make: Callable[[], Sights]) -> Sights:
        """The features of some frames of a take."""
        inputs = (rush.take.clip.id, rush.take.clip.lens, tuple(frames))
        return Sights(**self.store.kept_arrays("sights", inputs, lambda: vars(make())))

    def joins(self, a: Rush, b: Rush, where: object, make: Callable[[], Sequence[Join]]) -> tuple[Join, ...]:
        """The joins of two takes at a place that `where` names."""
        lenses = a.take.clip.lens, b.take.clip.lens
        inputs = (a.take.id, b.take.id, *lenses, a.take.span, b.take.span, where, self.options)

        def plain() -> Any:  # noqa: ANN401
            return _JOINS.dump_python(tuple(make()), mode="json")

        return _JOINS.validate_python(self.store.kept_json("joins", inputs, plain))


def seams(film: Cut, rushes: Mapping[str, Rush], store: Store) -> treatment.Keep:
    """Keeps the seams of a film's splices (`picture.treatment.chosen`)."""

    def keep(index: int, make: Callable[[], Seam]) -> Seam:
        segments = film.segments[index : index + 2]
        lenses = [rushes[segment.take].take.clip.lens for segment in segments]
        around = [(splice.frame, splice.seam) for splice in film.splices[max(0, index - 1) : index + 2]]
        inputs = (segments, around, film.rate, film.width, film.height, lenses)
        return _SEAM.validate_python(
            store.kept_json("seams", inputs, lambda: _SEAM.dump_python(make(), mode="json")),
        )

    return keep
