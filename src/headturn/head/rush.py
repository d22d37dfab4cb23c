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
    lost: frames that were to be looked at and cannot be decoded; where telemetry suffices few are looked at
    """

    take: Take
    times: FrameTimes
    motion: Motion
    turns: tuple[Turn, ...]
    exposure_stops: Floats | None = None
    lost: int = 0
