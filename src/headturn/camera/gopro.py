"""GoPro's telemetry: GPMF payloads of a recording into streams on the clip's clock, in camera axes.

Clock. Payload k belongs to the time its sample of the gpmd track covers. Where streams carry STMP (microseconds of
the sensor clock at the first sample of each payload), samples are placed on that clock, and the clock is tied to the
image by the streams that have one sample a frame (CORI, SHUT ...), so that the offsets between streams stay. Elsewhere
the samples are counted (TSMP) and the count is fitted to the payload times over the whole chapter. TICK is not used:
GoPro withdrew it as noisy.

Measured: MAX, CORI against the image, 6 ms; gyro against CORI, stamped 13 ms late, on HERO11 11 ms
(GoPro admits to about 10). HERO5, counted: gyro against the image, 18 ms early. None of this is corrected here.

Orientation. CORI and IORI come as w x y z of the inverse rotation in camera axes: their conjugates are
start_from_camera and camera_from_image. Established on the MAX clip: CORI against its gyro R² 0.9999; composed with
IORI against the image r 0.998, 1.000, 0.995 in its turn (0.48, 0.71, -0.54 without IORI); GRAV seen in the image stays
level within 0.15 degrees, as that clip's horizon lock demands. GRAV comes in camera axes, pointing down.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headturn.camera.gpmf import DamagedError, Device, Item, Payload, Record, numbers
from headturn.camera.sensor_axes import CAMERA_FROM_GOPRO, gopro_axes, gopro_matrix
from headturn.camera.sensor_clock import Clock, fit_clock
from headturn.camera.sensors import (
    ACCELEROMETER_LIMIT_M_S2,
    ACCELEROMETER_SPIKE_M_S2,
    GYRO_LIMIT_RAD_S,
    GYRO_SPIKE_RAD_S,
    Stream,
    Telemetry,
    checked,
    gaps,
    joined,
)
from headturn.rotation import Floats

MODEL_AXES = {"HERO5": ("ZXY",), "HERO6": ("YxZ", "ZXY"), "FUSION": ("yXZ",)}
"""Axes of cameras that do not say (later ones have ORIN). Source: GoPro's description of the format; of HERO6 both
its order and HERO5's have been met without ORIN, so gravity decides."""
DEFAULT_AXES = ("ZXY",)
FIRMWARE_MODELS = {"HD5": "HERO5", "HD6": "HERO6", "HD7": "HERO7", "HD8": "HERO8", "HD9": "HERO9", "H19": "GoPro Max"}
FRAME_STREAMS = ("CORI", "SHUT", "ISOE", "IORI", "GRAV")
"""Streams with one sample a frame, best first: the sensor clock is tied to the image by the first there is."""
LATE_STAMP_S = 0.25
"""A payload that is off its clock by more has lost or gained samples; a late flush is off by 0.1 s."""
UNIT_SLACK = 0.02
"""A stored unit quaternion or vector is off by 1 in 32767; this far off it is none."""
UPRIGHT = 0.5
"""Cosine of 60 degrees: gravity further from the vertical of the image says that the camera was not upright."""
MAX_READOUT_S = 0.1
LEAST_GYRO_HZ = 50.0
"""Time-lapse and TimeWarp recordings hold a mean for each frame, from which no motion can be read; video has 197."""
_UNTURNED = 1e-3
"""Rotation of IORI in radians below which the image is the body's."""

STREAM_KEYS = ("GYRO", "ACCL", "CORI", "IORI", "GRAV", "SHUT", "ISOE", "ISOG", "WBAL", "GPS5", "GPS9", "SROT")
"""The streams that are read."""


@dataclass(frozen=True, eq=False)
class Chapter:
    """The payloads of one file, and when each begins (k,) and how long it lasts (k,), on the clip's clock.

    `times_s` is None where there is no container to say.
    """

    payloads: Sequence[Payload]
    times_s: Floats | None
    durations_s: Floats


@dataclass(frozen=True, eq=False)
class _Piece:
    """What one payload holds of a stream."""

    payload: int
    record: Record
    values: Floats


def telemetry(chapters: Sequence[Chapter], settings: Sequence[Device] = (), firmware: str = "") -> Telemetry:
    """The telemetry of a clip from its chapters; `settings` are the devices of the file's own GPMF block.

    Damage does not raise: what can be read is returned, the rest is said in `warnings`.
    """
    faults: list[str] = []
    pieces = [_pieces(chapter, faults) for chapter in chapters]
    anchors = [_anchor(chapter, found) for chapter, found in zip(chapters, pieces, strict=True)]

    def stream(key: str, columns: int = 0) -> Stream | None:
        timed = [
            _timed(key, chapter, found[key], anchor, faults)
            for chapter, found, anchor in zip(chapters, pieces, anchors, strict=True)
            if key in found
        ]
        wide = [(times, values[:, :columns]) for times, values in timed if values.shape[1] >= max(columns, 1)]
        if not wide:
            return None
        times, values = joined(wide)
        finite = np.all(np.isfinite(values), axis=1)
        return Stream(times[finite], values[finite]) if np.any(finite) else None

    first = next((found for found in pieces if found), {})
    model = _model(chapters, settings, firmware)
    gyro, accelerometer = stream("GYRO", 3), stream("ACCL", 3)
    axes = _axes(first, model, accelerometer, faults)
    gyro, said_gyro = checked("Gyro", _turned(gyro, axes), GYRO_LIMIT_RAD_S, GYRO_SPIKE_RAD_S)
    accelerometer, said_accelerometer = checked(
        "Accelerometer", _turned(accelerometer, axes), ACCELEROMETER_LIMIT_M_S2, ACCELEROMETER_SPIKE_M_S2
    )
    gyro, accelerometer = _fast_enough(gyro, faults), _fast_enough(accelerometer, faults)
    orientation = _units("CORI", stream("CORI", 4), faults, np.array([1.0, -1, -1, -1]))
    image = _units("IORI", stream("IORI", 4), faults, np.array([1.0, -1, -1, -1]))
    gravity = _units("GRAV", stream("GRAV", 3), faults, np.ones(3))
    gain = stream("ISOG", 1)
    iso = _flat(stream("ISOE", 1)) or _flat(Stream(gain.times_s, gain.values * 100) if gain else None)
    readout = _flat(stream("SROT", 1))
    stabilised, words = _stabilisation(settings, image)
    fov, diagonal_rad = field_of_view(settings)
    return Telemetry(
        source="GPMF",
        model=model,
        gyro=gyro,
        accelerometer=accelerometer,
        camera_orientation=orientation,
        image_orientation=image,
        gravity=gravity,
        shutter_s=_positive(stream("SHUT", 1)),
        iso=iso,
        white_balance_k=_positive(stream("WBAL", 1)),
        gps=stream("GPS9", 5) or stream("GPS5", 5),
        stabilised=stabilised,
        stabilisation=words,
        readout_s=_readout(readout, settings),
        warnings=tuple(dict.fromkeys((*faults, *said_gyro, *said_accelerometer, *_upright(accelerometer)))),
        fov=fov,
        fov_diagonal_rad=diagonal_rad,
    )


def _pieces(chapter: Chapter, faults: list[str]) -> dict[str, list[_Piece]]:
    """What each payload holds of each wanted stream, by key; taken from the camera, not from what is connected."""
    found: dict[str, list[_Piece]] = {}
    damaged = 0
    for place, payload in enumerate(chapter.payloads):
        damaged += bool(payload.faults)
        seen: set[str] = set()
        for record in (record for device in payload.devices for record in device.records):
            key = record.data.key
            if key not in STREAM_KEYS or key in seen:
                continue
            seen.add(key)
            try:
                values = record.values()
            except DamagedError:
                damaged += 1
                continue
            if key == "GPS5" and record.number("GPSF") == 0:
                continue
            if key == "GPS9" and values.shape[1] >= 9:
                values = values[values[:, 8] > 0]
            if len(values):
                found.setdefault(key, []).append(_Piece(place, record, values))
    if damaged:
        faults.append(f"{damaged} payloads of the telemetry are damaged; what could be read of them is used.")
    return found


def _anchor(chapter: Chapter, found: Mapping[str, list[_Piece]]) -> Clock | None:
    """The clip's clock by the sensor clock (in seconds of STMP), where a stream carries stamps."""
    for key in (*FRAME_STREAMS, *found):
        stamped = [(_stamp(piece), piece.payload) for piece in found.get(key, ())]
        rising = [pair for pair in stamped if pair[0] is not None]
        if not rising:
            continue
        stamps = np.array([stamp for stamp, _ in rising], dtype=np.float64)
        places = np.array([place for _, place in rising])
        times = stamps - stamps[0] if chapter.times_s is None else chapter.times_s[places]
        keep = stamps > np.concatenate([[-np.inf], np.maximum.accumulate(stamps)[:-1]])
        return fit_clock(stamps[keep], times[keep], 1.0)
    return None


def _stamp(piece: _Piece) -> float | None:
    stamp = piece.record.number("STMP")
    return stamp * 1e-6 if stamp is not None and stamp > 0 else None


def _timed(
    key: str, chapter: Chapter, pieces: Sequence[_Piece], anchor: Clock | None, faults: list[str]
) -> tuple[Floats, Floats]:
    """Times and values of one stream in one chapter."""
    width = pieces[0].values.shape[1]
    pieces = [piece for piece in pieces if piece.values.shape[1] == width]
    lengths = np.array([len(piece.values) for piece in pieces])
    starts = _starts(pieces, lengths)
    stamps = [_stamp(piece) for piece in pieces]
    places = np.array([piece.payload for piece in pieces])
    if anchor is not None and all(stamp is not None for stamp in stamps):
        marks = anchor.at(np.array(stamps, dtype=np.float64))
    elif chapter.times_s is not None:
        marks = chapter.times_s[places]
    else:
        marks = np.cumsum(chapter.durations_s)[places] - chapter.durations_s[places]
    clock = fit_clock(starts, marks, float(chapter.durations_s[places[0]]) / int(lengths[0]))
    late = np.abs(clock.residuals_s) > LATE_STAMP_S
    if np.any(late):
        faults.append(f"{key}: the sample counts of {np.count_nonzero(late)} payloads do not fit their times.")
    counts = np.concatenate([start + np.arange(length) for start, length in zip(starts, lengths, strict=True)])
    return clock.at(counts.astype(np.float64)), np.concatenate([piece.values for piece in pieces])


def _starts(pieces: Sequence[_Piece], lengths: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    """Number of the first sample of each piece: by TSMP where it makes sense, so that lost payloads leave a gap.

    Without TSMP a missing payload counts as many samples as the others hold.
    """
    counted = [piece.record.number("TSMP") for piece in pieces]
    if all(count is not None for count in counted):
        starts = np.array(counted, dtype=np.float64) - lengths
        skipped = np.diff(starts) - lengths[:-1]
        if np.all(skipped >= 0) and np.sum(skipped) <= np.median(lengths) * (pieces[-1].payload + 1):
            return starts - starts[0]
    missing = np.diff([piece.payload for piece in pieces], prepend=pieces[0].payload - 1) - 1
    before = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return np.asarray(before + np.cumsum(missing) * np.median(lengths), dtype=np.float64)


def _axes(found: Mapping[str, Sequence[_Piece]], model: str, accelerometer: Stream | None, faults: list[str]) -> Floats:
    """camera_from_channels (3, 3) of gyro and accelerometer: what the stream says, else by the camera's model."""
    for piece in (piece for key in ("GYRO", "ACCL") for piece in found.get(key, ())[:1]):
        record = piece.record
        said = _matrix(record) if "MTRX" in record.notes else gopro_axes(record.text("ORIN"))
        if said is None and "ORIN" in record.notes:
            said = gopro_axes(record.text("ORIN"))
        if said is not None:
            return said
        if "ORIN" in record.notes or "MTRX" in record.notes:
            faults.append("What the telemetry says of its axes makes no sense; those of the model are used.")
    name = model.upper()
    orders = next((axes for prefix, axes in MODEL_AXES.items() if prefix in name), DEFAULT_AXES)
    maps = [axes for axes in map(gopro_axes, orders) if axes is not None]
    if len(maps) > 1 and accelerometer is not None:
        mean = np.median(accelerometer.values, axis=0)
        maps.sort(key=lambda axes: float((axes @ mean)[1]))
    return maps[0] if maps else CAMERA_FROM_GOPRO


def _matrix(record: Record) -> Floats | None:
    try:
        values = numbers(record.notes["MTRX"]).ravel()
    except DamagedError:
        return None
    return gopro_matrix(values.reshape(3, 3), record.text("ORIO") or "ZXY") if len(values) == 9 else None


def _turned(stream: Stream | None, axes: Floats) -> Stream | None:
    return None if stream is None else Stream(stream.times_s, stream.values @ axes.T)


def _units(key: str, stream: Stream | None, faults: list[str], signs: Floats) -> Stream | None:
    """Unit quaternions or vectors, with signs; values that are not of unit length are left out."""
    if stream is None:
        return None
    lengths = np.linalg.norm(stream.values, axis=1)
    unit = np.abs(lengths - 1) < UNIT_SLACK
    if not np.all(unit):
        faults.append(f"{key}: {np.count_nonzero(~unit)} values that are no unit were left out.")
    if not np.any(unit):
        return None
    kept = Stream(stream.times_s[unit], stream.values[unit] / lengths[unit, None] * signs)
    faults.extend(gaps(key, kept))
    return kept


def _flat(stream: Stream | None) -> Stream | None:
    return None if stream is None else Stream(stream.times_s, stream.values[:, 0])


def _positive(stream: Stream | None) -> Stream | None:
    """A stream of single numbers above zero; the others are no exposure and no temperature."""
    if stream is None:
        return None
    above = stream.values[:, 0] > 0
    return Stream(stream.times_s[above], stream.values[above, 0]) if np.any(above) else None


def _model(chapters: Sequence[Chapter], settings: Sequence[Device], firmware: str) -> str:
    """MINF of the file, else the name of the first device, else by the firmware's name; "Camera" says nothing."""
    named = _setting_text(settings, "MINF")
    devices = (device.name for chapter in chapters for payload in chapter.payloads for device in payload.devices)
    first = next(devices, "")
    return named or (first if first != "Camera" else "") or FIRMWARE_MODELS.get(firmware[:3], "")


def field_of_view(settings: Sequence[Device]) -> tuple[str, float | None]:
    """The field of view as the camera's settings name it (VFOV), and across the diagonal in radians (ZFOV)."""
    diagonal = _setting_number(settings, "ZFOV")
    return _setting_text(settings, "VFOV"), math.radians(diagonal) if diagonal and 0 < diagonal < 360 else None


def _setting(settings: Iterable[Device], key: str) -> Item | None:
    return next((item for item in (device.find(key) for device in settings) if item is not None), None)


def _setting_text(settings: Iterable[Device], key: str) -> str:
    item = _setting(settings, key)
    return item.text if item is not None and item.type == "c" else ""


def _setting_number(settings: Iterable[Device], key: str) -> float | None:
    item = _setting(settings, key)
    try:
        found = numbers(item).ravel() if item is not None else np.empty(0)
    except DamagedError:
        return None
    return float(found[0]) if len(found) and np.isfinite(found[0]) else None


def _stabilisation(settings: Sequence[Device], image: Stream | None) -> tuple[bool | None, str]:
    """Whether the image was stabilised, and the camera's word for it: EISE and EISA, else whether IORI turns."""
    enabled = _setting_text(settings, "EISE")[:1].upper()
    words = _setting_text(settings, "EISA")
    if enabled in ("Y", "N"):
        return enabled == "Y", words if enabled == "Y" else ""
    if image is not None:
        return bool(np.max(2 * np.linalg.norm(image.values[:, 1:], axis=1)) > _UNTURNED), words
    return None, words


def _readout(stream: Stream | None, settings: Sequence[Device]) -> float | None:
    """Sensor read-out time in seconds; stored in milliseconds, for the file or for each frame."""
    stored = float(np.median(stream.values)) if stream is not None else _setting_number(settings, "SROT")
    return stored / 1000 if stored is not None and 0 < stored / 1000 < MAX_READOUT_S else None


def _fast_enough(stream: Stream | None, faults: list[str]) -> Stream | None:
    """A motion stream, or nothing where it is that of a time lapse."""
    if stream is None or len(stream) < 2 or 1 / float(np.median(np.diff(stream.times_s))) >= LEAST_GYRO_HZ:
        return stream
    faults.append("A time lapse: its gyro and accelerometer are too slow to say how the camera moved.")
    return None


def _upright(accelerometer: Stream | None) -> tuple[str, ...]:
    """A sentence where gravity is not where the image has its vertical."""
    if accelerometer is None:
        return ()
    mean = np.median(accelerometer.values, axis=0)
    if -mean[1] >= UPRIGHT * max(float(np.linalg.norm(mean)), 1e-6):
        return ()
    return ("Gravity does not lie along the image's vertical: the camera was not upright, or its axes are wrong.",)
