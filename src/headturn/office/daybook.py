"""What the verb days works on: the log, the cut and the plan of a film, put together with pace and forecast."""

from dataclasses import dataclass

from headturn.office import catalogue, days, pace, plan, reopening, settings
from headturn.office.days import Days
from headturn.office.pace import Forecast, Pace
from headturn.office.store import Store


@dataclass(frozen=True, eq=False)
class Daybook:
    """The days of a film, its pace, and its forecast; None where nothing is matched, or there is no plan."""

    title: str
    found: Days
    pace: Pace | None
    forecast: Forecast | None

    @property
    def wrap(self) -> str:
        """The forecast as a sentence."""
        if self.found.missing is None:
            return f"none, for there is no {plan.FILE} in the film's folder to forecast against"
        if not self.found.missing:
            return "every planned shot is matched"
        left = len(self.found.missing)
        shots = "1 shot is" if left == 1 else f"{left} shots are"
        if self.forecast is None:
            return f"{shots} still to do; no forecast before the first shot is matched"
        told = self.forecast.days
        if told.high == float("inf"):
            return f"{shots} still to do; at this pace no end can be told"
        return (
            f"{shots} still to do: {told.middle:.0f} more shooting {'day' if told.middle == 1 else 'days'}, "
            f"in 8 of 10 cases {told.low:.0f} to {told.high:.0f} if the days go on as they did"
        )


def kept(store: Store) -> Daybook:
    """The daybook of a film.

    Raises:
        BadOption: film.toml or plan.csv makes no sense. CannotRead: the catalogue or the cut is damaged.
    """
    chosen = settings.read(store.settings)
    with catalogue.opened(store) as open_catalogue:
        log = open_catalogue.log()
    film = reopening.read_cut(store.cut)[0] if store.cut.exists() else None
    planned = plan.read(store.folder / plan.FILE)
    found = days.of(log, film, chosen.days, planned)
    return of_days(chosen.film.title or store.folder.resolve().name, found, chosen.days.week_days)


def of_days(title: str, found: Days, week_days: int = 5) -> Daybook:
    """The daybook of days; a day of sound alone is none that the pace counts."""
    told = pace.fitted([len(day.tally.matched) for day in found.days if day.takes], week_days)
    ahead = pace.forecast(told, len(found.missing)) if told and found.missing else None
    return Daybook(title, found, told, ahead)
