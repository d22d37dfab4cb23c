"""Motion of the head and of the image, on one clock."""

from dataclasses import dataclass

from headturn.rotation import Floats


@dataclass(frozen=True, eq=False)
class Motion:
    """Orientation over time.

    times_s: (n,) seconds on the clip's clock; for image motion these are the frame times
    world_from_body: (n, 4) quaternions; "body" is the head for head motion, the image for image motion. Gravity is up
        in `world` where `level` is true; its heading is arbitrary and differs from take to take.
    rates_rad_s: (n, 3) angular velocity in body axes (x right, y down, z forward)
    source: where it comes from: "gyro", "camera orientation", "camera and image orientation", "image"
    level: whether gravity is known
    confidence: 0 to 1 for each sample (n,); for rotation found in the image, the share of the picture that agrees
    notes: sentences for the report (assumed focal length, why telemetry was not used, ...)
    """

    times_s: Floats
    world_from_body: Floats
    rates_rad_s: Floats
    source: str
    level: bool
    confidence: Floats
    notes: tuple[str, ...] = ()
