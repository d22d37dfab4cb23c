"""What the camera's sensors recorded beside the image: values only, on the clip's clock and in camera axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headturn.rotation import Floats

GYRO_LIMIT_RAD_S = 35.0
"""2000 deg/s and a little: the widest range of the gyros that cameras carry. More cannot have been measured."""
ACCELEROMETER_LIMIT_M_S2 = 160.0
"""16 g and a little: the widest range of the accelerometers that cameras carry."""
GYRO_SPIKE_RAD_S = 4.0
"""A single sample this far off two neighbours that agree: 230 deg/s gained and lost within 10 ms is no head."""
ACCELEROMETER_SPIKE_M_S2 = 100.0
"""The same for the accelerometer; the shock of a step or a fall lasts several samples or leaves a trace."""
SPIKE_AGREEMENT = 0.25
"""How far the two neighbours may differ, as a share of the spike."""
GAP_SAMPLES = 5.0
"""Missing samples in a row before it is called a gap: VQF and interpolation bridge fewer without harm."""
GAP_LEAST_S = 0.05


@dataclass(frozen=True, eq=False)
class Stream:
    """One sensor's samples: times_s (n,) in seconds on the clip's clock, increasing; values (n,) or (n, k)."""

    times_s: Floats
    values: Floats

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(frozen=True, eq=False)
class Telemetry:
    """Motion and exposure data of one clip. A stream that the camera did not record is None.

    Vectors are in camera axes (x right, y down, z forward; see `headturn.rotation`).

    source: "GPMF", "gcsv", ...; model: camera model as the data says, or ""
    gyro: (n, 3) rad/s
    accelerometer: (n, 3) m/s², specific force: at rest it points up, against gravity, and is 9.81 long
    camera_orientation: (n, 4) quaternions w x y z, start_from_camera (GoPro CORI): the body since the start
    image_orientation: (n, 4) quaternions w x y z, camera_from_image (GoPro IORI): what stabilisation did
    gravity: (n, 3) unit vectors, down in camera axes (GoPro GRAV)
    shutter_s, iso, white_balance_k: (n,)
    gps: (n, 5) latitude deg, longitude deg, altitude m, ground speed m/s, 3D speed m/s
    stabilised: whether the camera stabilised the image: True, False, or None where the data does not say
    stabilisation: the camera's own words for it, e.g. "HS HLevel"; "" where it does not say
    readout_s: sensor read-out time from first to last line, where known
    warnings: sentences about values out of range, impossible jumps, gaps
    fov: GoPro's letter for the field of view (W wide, L linear, N narrow ...), "" where it does not say
    fov_diagonal_rad: field of view across the diagonal, where the camera recorded it
    """

    source: str
    model: str = ""
    gyro: Stream | None = None
    accelerometer: Stream | None = None
    camera_orientation: Stream | None = None
    image_orientation: Stream | None = None
    gravity: Stream | None = None
    shutter_s: Stream | None = None
    iso: Stream | None = None
    white_balance_k: Stream | None = None
    gps: Stream | None = None
    stabilised: bool | None = None
    stabilisation: str = ""
    readout_s: float | None = None
    warnings: tuple[str, ...] = ()
    fov: str = ""
    fov_diagonal_rad: float | None = None


def joined(pieces: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Times and values one after the other; samples that do not come later than all before are dropped."""
    times, values = np.concatenate([piece[0] for piece in pieces]), np.concatenate([piece[1] for piece in pieces])
    before = np.concatenate([[-np.inf], np.maximum.accumulate(times)[:-1]])
    later = times > before
    return times[later], values[later]


def checked(name: str, stream: Stream | None, limit: float, spike: float) -> tuple[Stream | None, tuple[str, ...]]:
    """A vector sensor (n, 3) without the samples no sensor can have measured, and sentences on what is odd.

    Values beyond the range are dropped; spikes, clipping at the range and gaps stay and are reported.
    """
    if stream is None:
        return None, ()
    sizes = np.max(np.abs(stream.values), axis=1)
    with np.errstate(invalid="ignore"):
        possible = sizes <= limit
    said = []
    if not np.all(possible):
        said.append(
            f"{name}: {np.count_nonzero(~possible)} samples beyond the sensor's range were left out, "
            f"the first at {stream.times_s[~possible][0]:.2f} s."
        )
        stream = Stream(stream.times_s[possible], stream.values[possible])
    odd = _spikes(stream.values, spike)
    if len(odd):
        said.append(
            f"{name}: {len(odd)} impossible jumps, the first at {stream.times_s[odd[0]]:.2f} s; "
            "the data may be damaged."
        )
    return (stream if len(stream) else None), (*said, *gaps(name, stream))


def _spikes(values: Floats, spike: float) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Indices of single samples far off two neighbours that agree with each other."""
    if len(values) < 3:
        return np.empty(0, np.intp)
    off = np.max(np.abs(values[1:-1] - (values[:-2] + values[2:]) / 2), axis=1)
    apart = np.max(np.abs(values[2:] - values[:-2]), axis=1)
    return np.flatnonzero((off > spike) & (apart < SPIKE_AGREEMENT * off)) + 1


def gaps(name: str, stream: Stream) -> tuple[str, ...]:
    """A sentence on the stretches without samples, if there are any."""
    if len(stream) < 3:
        return ()
    steps = np.diff(stream.times_s)
    missing = np.flatnonzero(steps > max(GAP_LEAST_S, GAP_SAMPLES * float(np.median(steps))))
    if not len(missing):
        return ()
    longest = float(steps[missing].max())
    return (f"{name}: {len(missing)} gaps of up to {longest:.2f} s, the first at {stream.times_s[missing[0]]:.2f} s.",)
