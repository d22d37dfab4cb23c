"""How a film is steadied, as people ask for it: apart from what does it, which is slow to load and rarely wanted."""

from dataclasses import dataclass

from headturn.errors import BadOption
from headturn.review import viewing

MOST_NOW, MOST_BUILD_UP = 100.0, 20.0
"""The ends of the scales."""
LARGEST_CROP = 50.0
"""Percent: beyond it a quarter of the picture is left."""
UNCALIBRATED = (
    "a budget on build-up would be a guess: no ratings stand behind it beyond four minutes, so that without a "
    "screening it is relative and uncalibrated; add --uncalibrated (steady.uncalibrated=true) to set it all the same"
)


@dataclass(frozen=True)
class SteadyingOptions:
    """How the picture is steadied; not at all where neither a budget nor a strength nor a level is given.

    max_now: the most discomfort of the moment, 1 to 100, on `screen` for `viewer`; the least steadying that keeps
        below it is found, second by second. 0: no such budget
    max_build_up: likewise the most predicted FMS, to 20; only with `uncalibrated`. 0: no such budget
    screen: a screen and seat by name, or width and distance, like "1.4m@2.5m"
    viewer: "typical", "sensitive", "mssq=18.5" or "gain=1.7"
    max_crop: the most percent of width and height that may be lost for it
    level: share of the tilt against gravity that is taken out, 0 to 1
    strength: 0 to 1, the same throughout; a budget finds its own
    """

    max_now: float = 0.0
    max_build_up: float = 0.0
    uncalibrated: bool = False
    screen: str = "cinema:middle"
    viewer: str = "typical"
    max_crop: float = 10.0
    level: float = 0.0
    strength: float = 0.0

    @property
    def budgeted(self) -> bool:
        """Whether there is a budget to be met."""
        return self.max_now > 0 or self.max_build_up > 0

    @property
    def wanted(self) -> bool:
        """Whether anything is to be steadied."""
        return self.budgeted or self.strength > 0 or self.level > 0

    def check(self) -> None:
        """Raises BadOption where an option lies outside its scale, names no screen or viewer, or is refused."""
        if self.max_now > MOST_NOW or self.max_build_up > MOST_BUILD_UP:
            raise BadOption(f"max_now goes to {MOST_NOW:.0f} and max_build_up to {MOST_BUILD_UP:.0f}.")
        if self.level > 1 or self.strength > 1:
            raise BadOption("level and strength are shares, from 0 to 1.")
        if not 0 < self.max_crop <= LARGEST_CROP:
            raise BadOption(f"max_crop is in percent, above 0 and up to {LARGEST_CROP:.0f}.")
        if self.strength and self.budgeted:
            raise BadOption("a budget finds its own strength; give one of both.")
        if self.max_build_up and not self.uncalibrated:
            raise BadOption(f"{UNCALIBRATED}.")
        viewing.screen(self.screen), viewing.viewer(self.viewer)
