"""Rush: a take as the editor gets it, with what its head did."""

from dataclasses import dataclass

from headturn.camera.take import Take
from headturn.clock import FrameTimes
from headturn.head.motion import Motion
from headturn.head.turns import Turn
from headturn.rotation import Floats


@dataclass(frozen=True, eq=False)
class Rush:
    """A take with the exact times of its frames, its image motion on those times, and its turns.

    `times` and `motion` cover the whole clip; `turns` only those within the take's span.
    exposure_stops: (n,) log2 of shutter time times ISO at each frame, where telemetry has both
    readout_s: how long the sensor takes to read an image from its first line to its last, where telemetry tells;
        below 0 where the image stood upside down
    lost: frames that were to be looked at and cannot be decoded; where telemetry suffices few are looked at
    """

    take: Take
    times: FrameTimes
    motion: Motion
    turns: tuple[Turn, ...]
    exposure_stops: Floats | None = None
    lost: int = 0
    readout_s: float | None = None
