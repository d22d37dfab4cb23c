"""Telemetry of other makes (Sony, Insta360, DJI ...) through the `telemetry-parser` package, where it is installed.

Taken as it comes, with its known faults: it pairs accelerometer and gyro by index within a block, so that sensors of
different rates come out wrongly timed, and it drops the sensor clock, so that offsets between streams are lost.
"""

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np

from headturn.camera.sensor_axes import CAMERA_FROM_GYROFLOW
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


def read_other(path: Path) -> Telemetry | None:
    """Gyro and accelerometer as `telemetry-parser` gives them; None without the package or without data."""
    try:
        parser: Any = importlib.import_module("telemetry_parser").Parser(str(path))
        samples = parser.normalized_imu()
        model = f"{parser.camera or ''} {parser.model or ''}".strip()
    except Exception:  # a foreign reader of foreign bytes: whatever it raises, the clip has no telemetry
        return None
    gyro, said_gyro = checked("Gyro", _stream(samples, "gyro", math.pi / 180), GYRO_LIMIT_RAD_S, GYRO_SPIKE_RAD_S)
    accelerometer, said_accelerometer = checked(
        "Accelerometer", _stream(samples, "accl", 1.0), ACCELEROMETER_LIMIT_M_S2, ACCELEROMETER_SPIKE_M_S2
    )
    if gyro is None:
        return None
    note = "Read by telemetry-parser, which pairs gyro and accelerometer by index and drops the sensor's clock."
    warnings = (note, *said_gyro, *said_accelerometer)
    return Telemetry("telemetry-parser", model, gyro=gyro, accelerometer=accelerometer, warnings=warnings)


def _stream(samples: list[dict[str, Any]], key: str, scale: float) -> Stream | None:
    kept = [(sample["timestamp_ms"], sample[key]) for sample in samples if sample.get(key) is not None]
    if not kept:
        return None
    times = np.array([time for time, _ in kept], dtype=np.float64) / 1000
    values = np.array([value for _, value in kept], dtype=np.float64) * scale @ CAMERA_FROM_GYROFLOW.T
    return Stream(*joined([(times, values)]))
