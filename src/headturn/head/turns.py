"""Head turns: when the head goes to look somewhere else, and comes to rest there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """One head turn, on the clip's clock.

    onset_s, peak_s, settle_s: where the turn begins, is fastest, and has come to rest, in seconds
    axis: unit vector in camera axes (x right, y down, z forward) about which the image turns at the peak
    angle_rad: how far it turns from onset to settle
    peak_rad_s: its highest speed
    """

    onset_s: float
    peak_s: float
    settle_s: float
    axis: tuple[float, float, float]
    angle_rad: float
    peak_rad_s: float
