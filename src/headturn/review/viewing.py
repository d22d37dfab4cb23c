"""Viewing: on what a film is seen, from which seat, and by whom."""

import re
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from headturn.errors import BadOption
from headturn.review.questionnaires import mssq_percentile
from headturn.rotation import Floats

VECTION_DEG = 60.0
"""Width of view at which the feeling of moving oneself has reached 63 %: assumed; sickness grows from 60 over 100 to
140 degrees and no further (Lin 2002), which it keeps."""
LIT = 0.8
"""Share of the effect that is left where a lit room is seen around the picture: assumed; a still room in view lessens
sickness (rest frame), by how much depends on the room."""
UNKNOWN_FOCAL_WIDTHS = 0.55
"""Where the lens is not known: between the linear (0.53) and the wide view (0.47) of an action camera and a 28 mm lens
(0.78)."""
GAIN_LOG_SD = 0.61
"""Spread of viewers' gains (natural logarithm), on the shared ride."""
SENSITIVE_Z = 1.2816
"""The viewer of whom nine in ten feel less."""
GAIN_A_Z = 0.25
"""Log gain for each standard deviation of the MSSQ percentile: prior of the reference (its rank correlation with
ratings on the shared ride is 0.4)."""
LARGEST_M = 1000.0

_SIZE = re.compile(r"^\s*([0-9.,+-]+)\s*m?\s*@\s*([0-9.,+-]+)\s*m?\s*(lit|dark)?\s*$")


@dataclass(frozen=True)
class Screen:
    """A picture of a width seen from a distance, both in metres; `lit` where a lit room is seen around it."""

    name: str
    width_m: float
    distance_m: float
    lit: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no screen."""
        for what, size in (("width", self.width_m), ("distance", self.distance_m)):
            if not 0 < size <= LARGEST_M:
                raise BadOption(
                    f"Screen '{self.name}': its {what} is {size:g} m; give a size above 0 and up to {LARGEST_M:g} m."
                )

    @property
    def angle_rad(self) -> float:
        """Width of the picture as the viewer sees it."""
        return float(2 * np.arctan(self.width_m / (2 * self.distance_m)))

    @property
    def vection(self) -> float:
        """Share of full effect, 0 to 1, that motion on this screen has: by its width of view and the room's light."""
        return float(1 - np.exp(-np.degrees(self.angle_rad) / VECTION_DEG)) * (LIT if self.lit else 1.0)

    def magnification(self, focal_widths: Floats) -> Floats:
        """Degrees that the picture's centre moves in the eye for each degree the camera turns, for each focal length.

        `focal_widths` is the focal length at the centre as a share of the picture's width; where it is NaN,
        `UNKNOWN_FOCAL_WIDTHS` is taken.
        """
        known = np.where(np.isfinite(focal_widths), focal_widths, UNKNOWN_FOCAL_WIDTHS)
        return np.asarray(self.width_m / self.distance_m * known)


def _of_angle(name: str, degrees: float, distance_m: float, lit: bool = False) -> Screen:
    return Screen(name, float(2 * distance_m * np.tan(np.radians(degrees) / 2)), distance_m, lit)


SCREENS: dict[str, Screen] = {
    each.name: each
    for each in (
        Screen("phone", 0.133, 0.35, lit=True),
        Screen("laptop", 0.310, 0.55, lit=True),  # 14 inches
        Screen("television", 1.218, 2.7, lit=True),  # 55 inches
        _of_angle("cinema:back", 36.0, 20.0),  # the least that THX allows for the last row
        _of_angle("cinema:middle", 45.0, 12.0),
        _of_angle("cinema:front", 75.0, 6.0),  # the first row before a big screen; SMPTE would stop at 61.8 degrees
    )
}
"""Screens and seats by name; widths of view from the table in section 2 of the reference."""
HEADSET = _of_angle("headset", 110.0, 1.0)
"""For rated clips that were seen in a headset; what it shows is magnified by one whatever the lens."""


def screen(name_or_size: str) -> Screen:
    """A screen and seat by name, or by width and distance in metres, as "1.4m@2.5m" ("1.4m@2.5m lit" in a lit room).

    Raises:
        BadOption: neither a name nor a size, or a size that is not above zero.
    """
    if name_or_size in SCREENS:
        return SCREENS[name_or_size]
    size = _SIZE.match(name_or_size)
    if size is None:
        raise BadOption(
            f"There is no screen '{name_or_size}'; there are {', '.join(SCREENS)}, "
            "or give width and distance in metres, as 1.4m@2.5m."
        )
    try:
        width_m, distance_m = (float(each.replace(",", ".")) for each in size.groups()[:2])
    except ValueError:
        raise BadOption(f"Screen '{name_or_size}': give width and distance as numbers, as 1.4m@2.5m.") from None
    return Screen(name_or_size.strip(), width_m, distance_m, size.group(3) == "lit")


@dataclass(frozen=True)
class Viewer:
    """Who watches: how strongly it takes them beside the typical viewer (`gain` 1), and how sure that is.

    log_sd: standard deviation of the natural logarithm of the gain
    """

    name: str
    gain: float = 1.0
    log_sd: float = GAIN_LOG_SD

    def __post_init__(self) -> None:
        """Refuse what is no gain."""
        if not (0 < self.gain < np.inf and 0 <= self.log_sd < np.inf):
            raise BadOption(f"Viewer '{self.name}': a gain of {self.gain:g} makes no sense; give one above 0.")


def viewer(text: str) -> Viewer:
    """A viewer: "typical", "sensitive" (nine in ten feel less), "mssq=18.5" (raw MSSQ-short) or "gain=1.7" (measured).

    "mssq=80%" gives the percentile. A gain that was measured at a screening may have its spread: "gain=1.7~0.3".

    Raises:
        BadOption: none of these, or a value outside its scale.
    """
    kind, _, value = text.strip().partition("=")
    if text.strip() == "typical":
        return Viewer("typical")
    if text.strip() == "sensitive":
        return Viewer("sensitive", float(np.exp(SENSITIVE_Z * GAIN_LOG_SD)), 0.0)
    try:
        if kind == "mssq" and value.endswith("%"):
            return of_percentile(text.strip(), float(value[:-1]))
        if kind == "mssq":
            return of_percentile(text.strip(), mssq_percentile(float(value)))
        if kind == "gain":
            gain, _, log_sd = value.partition("~")
            return Viewer(text.strip(), float(gain), float(log_sd or 0.0))
    except ValueError:
        pass
    raise BadOption(f"There is no viewer '{text}'; there are typical, sensitive, mssq=18.5, mssq=80% and gain=1.7.")


def of_percentile(name: str, percentile: float) -> Viewer:
    """A viewer of whom the MSSQ percentile (0 to 100) is known: a little is known of the gain, most is not.

    Raises:
        BadOption: no percentile.
    """
    if not 0 <= percentile <= 100:
        raise BadOption(f"Viewer '{name}': an MSSQ percentile of {percentile:g} is outside 0 to 100.")
    z = NormalDist().inv_cdf(min(max(percentile / 100, 0.01), 0.99))
    return Viewer(name, float(np.exp(GAIN_A_Z * z)), GAIN_LOG_SD)
