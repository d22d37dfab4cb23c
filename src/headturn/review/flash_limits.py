"""What the standards on flashing images allow, and on how much of the screen.

A flash is a pair of opposing changes. A film fails where more than three flashes within one second, that is seven
alternating changes or more, meet on a quarter of an area. What a change is, is the same in all standards for standard
dynamic range; of which area the quarter is taken, is not.

    ITU-R BT.1702, Ofcom guidance note to section 2, annex 1, ISO 9241-391: of the screen
    WCAG 2.2, success criterion 2.3.1: of any 10 degrees of the visual field: 341 x 256 pixels of 1024 x 768, .006 sr
    TRACE (Jordan and Vanderheiden 2024, doi 10.1145/3694790): of any 416 x 416 CSS pixels

Not here: regular patterns, and the rule for high dynamic range (Michelson contrast above 160 cd/m2).
"""

from dataclasses import dataclass
from typing import Final

LEAST_CHANGE: Final = 0.1
"""Of the largest relative luminance: WCAG 2.2; 20 of the 200 cd/m2 to which broadcasters' screens are set."""
BRIGHT: Final = 0.8
"""A change between images both brighter than that is none: WCAG 2.2; 160 of 200 cd/m2."""
SATURATED: Final = 0.8
"""Saturated red: this share of R in R + G + B, in linear light; WCAG 2.2."""
LEAST_RED_CHANGE: Final = 0.2
"""To or from saturated red, distance in the CIE 1976 u'v' diagram; WCAG 2.2."""
CHANGES: Final = 7
"""So many alternating changes within a second are more than three flashes."""
SECOND_S: Final = 0.9995
"""A second, short by the rounding of time stamps to milliseconds: changes a whole second apart do not share one.
TRACE's clips pass where the fourth flash begins 30 frames after the first at 30 frames a second, and fail at 29."""
STEP_S: Final = 0.0345
"""A change happens within that time, or from one frame to the next where frames are longer: one frame of TRACE's clips
(1/30 s), and the rounding of time stamps. Their pictures that rise by .096 and again by .096 pass."""
SCREEN_CSS_PX: Final = (1920, 1080)
"""The screen that the picture fills, in CSS pixels (1/96 inch at arm's length): that of TRACE's clips."""


@dataclass(frozen=True)
class Standard:
    """One column of verdicts. area_share: of the screen, or of the block; block_px: width and height in CSS pixels of
    the block that is laid anywhere, or None for the whole screen.
    """

    name: str
    area_share: float
    block_px: tuple[int, int] | None


BROADCAST: Final = Standard("ITU-R BT.1702 / Ofcom", 0.25, None)
WCAG: Final = Standard("WCAG 2.2", 0.25, (341, 256))
TRACE: Final = Standard("TRACE 2024", 0.25, (416, 416))
STANDARDS: Final = (BROADCAST, WCAG, TRACE)
