"""What the camera's sensors recorded beside the image, on the clip's clock and in camera axes."""

from dataclasses import dataclass

from headturn.rotation import Floats


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
    camera_orientation: (n, 4) quaternions w x y z, start_from_camera (GoPro CORI): the body since the recording began
    image_orientation: (n, 4) quaternions w x y z, camera_from_image (GoPro IORI): what stabilisation turned the image by
    gravity: (n, 3) unit vectors, down in camera axes (GoPro GRAV)
    shutter_s, iso, white_balance_k: (n,)
    gps: (n, 5) latitude deg, longitude deg, altitude m, ground speed m/s, 3D speed m/s
    stabilised: whether the camera stabilised the image: True, False, or None where the data does not say
    stabilisation: the camera's own words for it, e.g. "HS HLevel"; "" where it does not say
    readout_s: sensor read-out time from first to last line, where known
    warnings: sentences about values out of range, impossible jumps, gaps
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
