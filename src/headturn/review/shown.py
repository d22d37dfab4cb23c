"""Shown: the motion that a picture shows its viewers, whatever it was made from.

A ride gives one for a cut, a take's image motion another, rated clips a third.
Comfort reads nothing else.
"""

from dataclasses import dataclass

from headturn.rotation import Floats


@dataclass(frozen=True, eq=False)
class Shown:
    """Motion frame by frame, after steadying and crop, across seams.

    times_s (n,): when each frame is shown, seconds, growing
    rates_rad_s (n, 3): angular velocity of what is shown, in camera axes (x right: pitch, y down: yaw, z forward: roll)
    up (n, 3): unit vector against gravity in the same axes; NaN where gravity is not known
    speed_over_depth (n,): speed of the camera over the distance of what it sees, 1/s; NaN where it is not known
    focal_widths (n,): focal length at the centre of the picture, as a share of the picture's width (pixels a radian
        over pixels across); NaN where the lens is not known
    notes: sentences for the report: what is not known of which stretch, and why
    """

    times_s: Floats
    rates_rad_s: Floats
    up: Floats
    speed_over_depth: Floats
    focal_widths: Floats
    notes: tuple[str, ...] = ()
