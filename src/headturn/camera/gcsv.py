"""Gyro logs beside a recording: Gyroflow's .gcsv text format.

Header lines `name,value`, then rows `t,gx,gy,gz[,ax,ay,az[,mx,my,mz]]`. Times are counts of `tscale` seconds from
the first frame, gyro counts of `gscale` rad/s, accelerometer counts of `ascale` g. `orientation` says which way the
channels point. Source: Gyroflow's description of the format (docs.gyroflow.xyz, "GCSV format").
"""

import math
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from headturn.camera.sensor_axes import gyroflow_axes
from headturn.camera.sensors import (
    ACCELEROMETER_LIMIT_M_S2,
    ACCELEROMETER_SPIKE_M_S2,
    GYRO_LIMIT_RAD_S,
    GYRO_SPIKE_RAD_S,
    Stream,
    Telemetry,
    checked,
    joined,
)
from headturn.errors import CannotRead, CannotWrite
from headturn.rotation import Floats

G_M_S2 = 9.80665
"""Standard gravity; the unit of the format's accelerometer."""
DEFAULT_ORIENTATION = "xzY"
"""What Gyroflow takes where a log does not say."""
CAMERA_ORIENTATION = "yxz"
"""Channels in camera axes (right, down, forward), said in Gyroflow's axes (up, left, back)."""
TIME_STEP_S = 1e-6
GYRO_STEP_RAD_S = 1e-5
"""Fine against sensors (a 16-bit one of 2000 deg/s steps by 1e-3) and still whole numbers of six digits."""
ACCELEROMETER_STEP_G = 1e-5
MAX_READOUT_S = 0.1
_WIDEST = 7
"""Columns that are read: time, gyro, accelerometer."""
_HEADS = ("GYROFLOW IMU LOG", "CAMERA IMU LOG")
_CURE = "export it again from the logger, or take it away to do without"


def read_gcsv(path: Path) -> Telemetry:
    """Gyro and accelerometer of a gyro log, in camera axes, time 0 at the first frame.

    Raises:
        CannotRead: no such file, no gyro log, no samples, or an orientation that is no rotation.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            if not file.readline().startswith(_HEADS):
                raise CannotRead(path, "is no gyro log (its first line is not GYROFLOW IMU LOG)", _CURE)
            header, rows, skipped = _parse(file)
    except OSError as error:
        raise CannotRead(path, f"cannot be read ({error.strerror})", _CURE) from None
    orientation = header.get("orientation", DEFAULT_ORIENTATION)
    axes = gyroflow_axes(orientation)
    if axes is None:
        raise CannotRead(path, f"has the orientation '{orientation}', which is no rotation", _CURE)
    scales = [_number(path, header, name, default) for name, default in (("tscale", 0.001), ("gscale", 1.0))]
    if not len(rows) or scales[0] <= 0:
        raise CannotRead(path, "holds no samples", _CURE)
    times = rows[:, 0] * scales[0]
    gyro = Stream(*joined([(times, rows[:, 1:4] * scales[1] @ axes.T)]))
    accelerometer = None
    if rows.shape[1] >= 7:
        scale = _number(path, header, "ascale", 1.0) * G_M_S2
        accelerometer = Stream(*joined([(times, rows[:, 4:7] * scale @ axes.T)]))
    kept_gyro, said_gyro = checked("Gyro", gyro, GYRO_LIMIT_RAD_S, GYRO_SPIKE_RAD_S)
    kept_accelerometer, said = checked(
        "Accelerometer", accelerometer, ACCELEROMETER_LIMIT_M_S2, ACCELEROMETER_SPIKE_M_S2
    )
    broken = (f"{skipped} lines of the gyro log make no sense and were left out.",) if skipped else ()
    readout = abs(_number(path, header, "frame_readout_time", 0.0)) / 1000
    return Telemetry(
        "gcsv",
        header.get("id", "").replace("_", " "),
        gyro=kept_gyro,
        accelerometer=kept_accelerometer,
        readout_s=readout if 0 < readout < MAX_READOUT_S else None,
        warnings=(*broken, *said_gyro, *said),
    )


def write_gcsv(path: Path, times_s: Floats, gyro: Floats, accelerometer: Floats) -> None:
    """Write a gyro log that Gyroflow reads too: times (n,) s, gyro (n, 3) rad/s, accelerometer (n, 3) m/s².

    Vectors are in camera axes; the accelerometer is specific force. Values are rounded to `TIME_STEP_S`,
    `GYRO_STEP_RAD_S` and `ACCELEROMETER_STEP_G`.

    Raises:
        CannotWrite: no space or no permission.
    """
    columns = [
        np.asarray(times_s)[:, None] / TIME_STEP_S,
        np.asarray(gyro) / GYRO_STEP_RAD_S,
        np.asarray(accelerometer) / (ACCELEROMETER_STEP_G * G_M_S2),
    ]
    head = (
        f"GYROFLOW IMU LOG\nversion,1.3\nid,headturn\norientation,{CAMERA_ORIENTATION}\ntscale,{TIME_STEP_S}\n"
        f"gscale,{GYRO_STEP_RAD_S}\nascale,{ACCELEROMETER_STEP_G}\nt,gx,gy,gz,ax,ay,az\n"
    )
    try:
        with path.open("w", encoding="utf-8") as file:
            file.write(head)
            np.savetxt(file, np.rint(np.hstack(columns)), fmt="%d", delimiter=",")
    except OSError as error:
        raise CannotWrite(path, f"the gyro log cannot be written ({error.strerror})", "make room") from None


def _parse(lines: Iterator[str]) -> tuple[dict[str, str], Floats, int]:
    """Header values, rows (n, 4 or 7) of finite numbers, and how many lines were no row."""
    header: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(",")
        if name.strip() in ("t", "time"):
            break
        header[name.strip()] = value.strip()
    cells, lengths = array("d"), bytearray()  # an hour's rows as Python's lists would take 200 MB
    skipped = 0
    for line in lines:
        try:
            row = [float(cell) for cell in line.split(",")[:_WIDEST]]
        except ValueError:
            row = []
        if len(row) >= 4 and all(map(math.isfinite, row)):
            cells.extend(row + [math.nan] * (_WIDEST - len(row)))
            lengths.append(len(row))
        else:
            skipped += bool(line.strip())
    rows, long = np.array(cells).reshape(-1, _WIDEST), np.array(lengths)
    width = _WIDEST if np.count_nonzero(long >= _WIDEST) > len(long) / 2 else 4
    kept = rows[long >= width, :width]
    return header, kept, skipped + len(rows) - len(kept)


def _number(path: Path, header: dict[str, str], name: str, default: float) -> float:
    try:
        value = float(header.get(name, default))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CannotRead(path, f"has no number for {name} ('{header.get(name)}')", _CURE)
    return value
