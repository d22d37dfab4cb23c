import math
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mp4_boxes import box, device, gopro_file, klv, nest, numbers, shorts
from scipy.signal import savgol_filter
from scipy.spatial.transform import Rotation

from headturn import rotation
from headturn.camera.gcsv import write_gcsv
from headturn.camera.lens import fisheye, rectilinear
from headturn.camera.sensors import ACCELEROMETER_LIMIT_M_S2, GYRO_LIMIT_RAD_S
from headturn.camera.telemetry import Telemetry, read, read_raw
from headturn.errors import CannotRead

STREAMS = (
    "gyro",
    "accelerometer",
    "camera_orientation",
    "image_orientation",
    "gravity",
    "shutter_s",
    "iso",
    "white_balance_k",
    "gps",
)
LEVEL = (0, 0, 4100, 0)


def read_one(path: Path) -> Telemetry:
    found = read([path], [Fraction(0)])
    assert found is not None
    for stream in (getattr(found, name) for name in STREAMS):
        if stream is not None:
            assert len(stream) == len(stream.values) > 0
            assert np.all(np.diff(stream.times_s) > 0) and np.all(np.isfinite(stream.values))
    return found


# --- the real clips ---------------------------------------------------------------------------------------------


def image_turns(path, lens_of, first, last):
    """Rotation found in the image (n, 3) in rad/s, camera axes, and the times (n + 1,) of its frames."""
    cv2.setNumThreads(1)
    times, turns, before, lens = [], [], None, None
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for index, frame in enumerate(container.decode(stream)):
            if index < first or index > last:
                continue
            grey = frame.to_ndarray(format="gray")
            times.append(float(frame.pts * stream.time_base))
            if before is not None:
                lens = lens or lens_of(grey.shape[1], grey.shape[0])
                turns.append(image_turn(lens, before, grey))
            before = grey
    return np.array(times), np.array(turns) / np.diff(times)[:, None]


def image_turn(lens, before, after):
    points = cv2.goodFeaturesToTrack(before, 250, 0.01, 10)
    moved, found, _ = cv2.calcOpticalFlowPyrLK(before, after, points, None, winSize=(17, 17), maxLevel=4)
    kept = found[:, 0] == 1
    old, new = lens.rays(points[kept, 0]), lens.rays(moved[kept, 0])
    weights = np.ones(len(old))
    for _ in range(12):
        turn, _ = Rotation.align_vectors(old, new, weights=weights)
        off = np.linalg.norm(old - turn.apply(new), axis=1)
        weights = 1 / (1 + (off / max(np.median(off), 1e-4)) ** 2) ** 2 + 1e-9
    return turn.as_rotvec()


def mean_rates(stream, times, late=0.0):
    """Mean of a rate between consecutive times, the stream being `late` seconds late."""
    steps = np.diff(stream.times_s)[:, None] * (stream.values[1:] + stream.values[:-1]) / 2
    angle = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
    at = np.column_stack([np.interp(times + late, stream.times_s, angle[:, axis]) for axis in range(3)])
    return np.diff(at, axis=0) / np.diff(times)[:, None]


def alike(a, b):
    return [float(np.corrcoef(a[:, axis], b[:, axis])[0, 1]) for axis in range(3)]


@pytest.mark.footage
def test_max_orientation_is_its_gyros(footage):
    """CORI: order w x y z, conjugated. R² 0.9999 with the gyro, which lags CORI's stamps by 13 ms."""
    found = read_one(footage / "path" / "max-heromode.mp4")
    cori = found.camera_orientation
    turned = (
        rotation.to_vector(rotation.compose(rotation.inverse(cori.values[:-1]), cori.values[1:]))
        / np.diff(cori.times_s)[:, None]
    )
    inner = slice(3, -3)
    fits = {
        late: 1 - np.var((turned - mean_rates(found.gyro, cori.times_s, late / 1000))[inner]) / np.var(turned[inner])
        for late in range(0, 31)
    }
    best = max(fits, key=fits.get)
    assert fits[best] > 0.9995 and 11 <= best <= 15


@pytest.mark.footage
def test_max_gravity_and_horizon(footage):
    """GRAV is opposite to the accelerometer, and level in the image that the camera kept level (HLevel)."""
    found = read_one(footage / "path" / "max-heromode.mp4")
    down = found.gravity.values
    mean = np.mean(found.accelerometer.values, axis=0)
    assert np.mean(down, axis=0) @ (-mean / np.linalg.norm(mean)) > math.cos(math.radians(3))
    seen = rotation.apply(rotation.inverse(found.image_orientation.values), down)
    roll_of_camera, roll_of_image = (np.degrees(np.arctan2(-v[:, 0], v[:, 1])).std() for v in (down, seen))
    assert roll_of_camera > 1.5 and roll_of_image < 0.2


@pytest.mark.footage
def test_max_image_turns_as_orientations_say(footage):
    """In its turn CORI composed with IORI explains the image at r above 0.99 on every axis; CORI alone does not."""
    path = footage / "path" / "max-heromode.mp4"
    found = read_one(path)
    times, turns = image_turns(path, lambda w, h: fisheye(w, h, horizontal_fov_rad=math.radians(122)), 225, 306)
    camera = rotation.interpolate(found.camera_orientation.times_s, found.camera_orientation.values, times)
    correction = rotation.interpolate(found.image_orientation.times_s, found.image_orientation.values, times)
    image = rotation.compose(camera, correction)

    def rates(orientation):
        steps = rotation.compose(rotation.inverse(orientation[:-1]), orientation[1:])
        return rotation.to_vector(steps) / np.diff(times)[:, None]

    assert min(alike(rates(image), turns)) > 0.985
    assert min(alike(rates(camera), turns)) < 0.5
    slopes = [np.polyfit(rates(image)[:, axis], turns[:, axis], 1)[0] for axis in range(3)]
    assert all(0.8 < slope < 1.1 for slope in slopes)


@pytest.mark.footage
def test_max_says_what_it_is(footage):
    found = read_one(footage / "path" / "max-heromode.mp4")
    assert (found.source, found.model, found.stabilised, found.stabilisation) == (
        "GPMF",
        "GoPro Max",
        True,
        "HS HLevel",
    )
    assert found.fov == "W" and math.degrees(found.fov_diagonal_rad) == pytest.approx(137.39, abs=0.01)
    assert found.readout_s == pytest.approx(0.0206, abs=1e-4)
    assert len(found.gyro) == len(found.accelerometer) == 2082 and len(found.camera_orientation) == 316
    assert found.warnings == ()
    # The sensor clock: gyro starts at 80577 microseconds, the frames at 85608.
    assert found.gyro.times_s[0] == pytest.approx(80577e-6 - 85608e-6, abs=2e-4)
    assert found.camera_orientation.times_s[0] == pytest.approx(0, abs=2e-4)
    assert 1 / np.diff(found.gyro.times_s).mean() == pytest.approx(197.455, abs=0.01)
    assert np.median(found.iso.values) == 100 and 4000 < np.median(found.white_balance_k.values) < 7000
    assert np.allclose(np.median(found.gps.values, axis=0)[:2], [33.127, -117.327], atol=1e-3)


@pytest.mark.footage
def test_karma_gyro_has_the_signs_of_the_image(footage):
    """HERO5, not stabilised: r 0.998 in its pan, and each axis has its own sign in the small motion before it."""
    path = footage / "drone" / "karma.mp4"
    found = read_one(path)
    times, turns = image_turns(path, lambda w, h: rectilinear(w, h, horizontal_fov_rad=math.radians(80)), 250, 356)
    late = -0.019
    gyro = mean_rates(found.gyro, times, late)
    pan = slice(-26, None)
    assert np.corrcoef(gyro[pan, 1], turns[pan, 1])[0, 1] > 0.99
    assert 0.95 < np.polyfit(gyro[pan, 1], turns[pan, 1], 1)[0] < 1.1
    still = slice(0, 75)
    fast = [values[still] - savgol_filter(values[still], 31, 2, axis=0) for values in (gyro, turns)]
    assert min(alike(*fast)) > 0.4
    crossed = np.corrcoef(np.hstack(fast).T)[:3, 3:]
    assert np.argmax(np.abs(crossed), axis=0).tolist() == [0, 1, 2]


@pytest.mark.footage
def test_karma_is_told_by_its_firmware_and_stands_upright(footage):
    found = read_one(footage / "drone" / "karma.mp4")
    assert (found.model, found.stabilised, found.image_orientation, found.warnings) == ("HERO5", None, None, ())
    assert np.mean(found.accelerometer.values, axis=0) == pytest.approx([0.16, -9.69, 0.21], abs=0.02)
    assert 1 / np.diff(found.gyro.times_s).mean() == pytest.approx(397.2, abs=0.5)
    assert found.shutter_s.values[0] == pytest.approx(1 / 205, rel=0.01) and found.iso.values[0] == pytest.approx(
        141.4, 0.01
    )


@pytest.mark.footage
def test_hero7_is_stabilised_though_no_orientation_says_how(footage):
    found = read_one(footage / "path" / "hero7.mp4")
    assert (found.model, found.stabilised, found.stabilisation) == ("HERO7 Black", True, "HS EIS")
    assert found.image_orientation is None and found.camera_orientation is None
    assert found.readout_s == pytest.approx(0.008015, abs=1e-6)
    assert -np.median(found.accelerometer.values, axis=0)[1] > 9
    assert found.gyro.times_s[0] == pytest.approx(0.05, abs=0.02) and len(found.gyro) == 2175


@pytest.mark.footage
@pytest.mark.parametrize("name", ["drone/karma.mp4", "path/max-heromode.mp4", "path/hero7.mp4"])
def test_values_are_those_of_another_reader(footage, name):
    """telemetry-parser gives the same numbers in its own axes: up, left, back."""
    parser = pytest.importorskip("telemetry_parser")
    path = footage / name
    found = read_one(path)
    samples = parser.Parser(str(path)).normalized_imu()
    theirs = np.radians([sample["gyro"] for sample in samples if sample.get("gyro") is not None])
    ours = -found.gyro.values[:, [1, 0, 2]]
    assert theirs.shape == ours.shape and np.allclose(theirs, ours, atol=1e-5)
    theirs = np.array([sample["accl"] for sample in samples if sample.get("accl") is not None])
    ours = -found.accelerometer.values[:, [1, 0, 2]]
    assert theirs.shape == ours.shape and np.allclose(theirs, ours, atol=1e-4)


@pytest.mark.footage
def test_every_raw_file_is_telemetry_without_an_image(footage):
    upright = {"Fusion", "hero5", "hero6", "hero6+ble", "hero11", "karma"}
    for path in sorted((footage / "gpmf").glob("*.raw")):
        found = read_raw(path)
        assert found.source == "GPMF" and found.gyro is not None
        if path.stem in upright:
            assert -np.median(found.accelerometer.values, axis=0)[1] > 8, path.name
    assert read_raw(footage / "gpmf" / "hero11.raw").model == "HERO11 Black"


@pytest.mark.footage
def test_hero11_orientation_is_its_gyros(footage):
    """The same order and signs as on MAX: R² 0.996, the gyro 11 ms late."""
    found = read_raw(footage / "gpmf" / "hero11.raw")
    cori = found.camera_orientation
    steps = rotation.compose(rotation.inverse(cori.values[:-1]), cori.values[1:])
    inner = slice(3, -16)
    turned = (rotation.to_vector(steps) / np.diff(cori.times_s)[:, None])[inner]
    gyro = mean_rates(found.gyro, cori.times_s, 0.011)[inner]
    mapping = np.linalg.lstsq(gyro, turned, rcond=None)[0].T
    assert 1 - np.var(turned - gyro @ mapping.T) / np.var(turned) > 0.99
    assert np.allclose(mapping, np.eye(3), atol=0.12)
    mean = np.median(found.accelerometer.values, axis=0)
    assert np.median(found.gravity.values, axis=0) @ (-mean / np.linalg.norm(mean)) > 0.99


# --- made by hand -----------------------------------------------------------------------------------------------


def payload(gyro, *, stamp=None, count=None, first=0, axes="ZXY", level=4100):
    """One payload: gyro rows and as many accelerometer rows of an upright camera, with optional STMP and TSMP."""

    def notes(offset):
        said = [klv("TSMP", "L", 4, numbers("I", count))] if count is not None else []
        said += [klv("STMP", "J", 8, numbers("Q", stamp + offset))] if stamp is not None else []
        return [*said, klv("ORIN", "c", 1, axes.encode())]

    frames = nest("STRM", *notes(5000)[:-1], klv("SHUT", "f", 4, np.full(30, 0.004, ">f4").tobytes()))
    return device(
        shorts("ACCL", [(level, 0, 0)] * len(gyro), *notes(0), scale=418),
        shorts("GYRO", gyro, *notes(0), scale=1000),
        frames,
    )


def counting(start, length):
    """Gyro rows whose value tells the number of the sample."""
    return [(i % 20000, 0, 0) for i in range(start, start + length)]


def test_counted_samples_are_placed_over_the_whole_take(tmp_path):
    lengths = [171, 216, 198, 198, 198, 201, 198, 198, 198]
    starts = np.cumsum(lengths) - lengths
    parts = [payload(counting(start, length)) for start, length in zip(starts, lengths, strict=True)]
    found = read_one(gopro_file(tmp_path / "a.mp4", parts))
    assert len(found.gyro) == sum(lengths)
    assert np.array_equal(np.rint(-found.gyro.values[:, 1] * 1000), np.arange(sum(lengths)))
    assert np.diff(found.gyro.times_s) == pytest.approx(1.001 / 198, rel=0.01)


def test_the_sensor_clock_keeps_offsets_between_streams(tmp_path):
    parts = [payload(counting(k * 200, 200), stamp=70_000_000 + k * 1_001_000, count=(k + 1) * 200) for k in range(6)]
    found = read_one(gopro_file(tmp_path / "a.mp4", parts))
    assert found.shutter_s.times_s[0] == pytest.approx(0, abs=1e-5)
    assert found.gyro.times_s[0] == pytest.approx(-0.005, abs=1e-5)
    assert found.gyro.times_s[600] == pytest.approx(-0.005 + 3.003, abs=1e-5)


def test_chapters_share_one_clock(tmp_path):
    parts = [payload(counting(k * 200, 200), stamp=1000 + k * 1_001_000, count=(k + 1) * 200) for k in range(8)]
    one = gopro_file(tmp_path / "GX010001.MP4", parts[:4], frames=120)
    two = gopro_file(tmp_path / "GX020001.MP4", parts[4:], frames=120)
    found = read([one, two], [Fraction(0), Fraction(120 * 1001, 30000)])
    assert np.all(np.diff(found.gyro.times_s) > 0)
    assert np.diff(found.gyro.times_s) == pytest.approx(1.001 / 200, abs=2e-5)
    assert np.array_equal(np.rint(-found.gyro.values[:, 1] * 1000), np.arange(1600))


def test_a_trimmed_file_keeps_image_and_telemetry_together(tmp_path):
    """As ffmpeg trims without encoding: both tracks keep their samples, and an edit list says where to start."""
    parts = [payload(counting(k * 200, 200)) for k in range(6)]
    path = gopro_file(tmp_path / "a.mp4", parts, frames=180, image_edit=(4000, 30030), payload_edit=(4000, 1001))
    found = read_one(path)
    assert found.gyro.times_s[200] == pytest.approx(0, abs=1e-4) and found.gyro.times_s[0] == pytest.approx(
        -1.001, abs=1e-4
    )


def test_a_lost_payload_leaves_a_gap_and_a_word(tmp_path):
    parts = [payload(counting(k * 200, 200), count=(k + 1) * 200) for k in range(8)]
    parts[3] = b"\0" * 100
    found = read_one(gopro_file(tmp_path / "a.mp4", parts))
    place = {round(-v * 1000): t for t, v in zip(found.gyro.times_s, found.gyro.values[:, 1], strict=True)}
    assert place[800] - place[599] == pytest.approx(201 * 1.001 / 200, rel=0.01)
    assert any("gap" in said for said in found.warnings) and any("hold nothing" in said for said in found.warnings)


def test_a_payload_beyond_the_end_of_the_file_is_said(tmp_path):
    path = gopro_file(tmp_path / "a.mp4", [payload(counting(k * 200, 200)) for k in range(5)])
    data = path.read_bytes()
    at = data.index(b"moov") - 4
    cut = 2000
    fixed = bytearray(data[: at - cut] + data[at:])
    fixed[12:16] = (int.from_bytes(data[12:16], "big") - cut).to_bytes(4, "big")
    path.write_bytes(fixed)
    found = read_one(path)
    assert 600 <= len(found.gyro) < 1000 and found.warnings


def test_what_no_sensor_can_measure_is_left_out_or_said(tmp_path):
    rows = [(20, 0, 0)] * 200
    rows[50], rows[120] = (20000, 0, 0), (20, -32768, 0)
    found = read_one(gopro_file(tmp_path / "a.mp4", [payload(rows), payload([(20, 0, 0)] * 200)]))
    assert "Gyro: 2 impossible jumps" in " ".join(found.warnings)
    wild = payload(rows).replace(klv("SCAL", "s", 2, numbers("h", 1000)), klv("SCAL", "s", 2, numbers("h", 1)))
    found = read_one(gopro_file(tmp_path / "b.mp4", [wild, payload([(20, 0, 0)] * 200)]))
    assert "beyond the sensor's range" in " ".join(found.warnings)
    assert np.max(np.abs(found.gyro.values)) <= GYRO_LIMIT_RAD_S
    assert np.max(np.abs(found.accelerometer.values)) <= ACCELEROMETER_LIMIT_M_S2


def test_quaternions_that_are_none_are_left_out(tmp_path):
    rows = [(32767, 0, 0, 0)] * 30
    rows[7] = (100, 0, 0, 0)
    found = read_one(gopro_file(tmp_path / "a.mp4", [device(shorts("CORI", rows, scale=32767))]))
    assert len(found.camera_orientation) == 29 and "CORI: 1 values" in found.warnings[0]


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ([klv("EISE", "c", 1, b"Y"), klv("EISA", "c", 1, b"HS Boost\0")], (True, "HS Boost")),
        ([klv("EISE", "c", 1, b"N"), klv("EISA", "c", 1, b"N/A\0")], (False, "")),
        ([], (None, "")),
    ],
)
def test_the_cameras_own_word_on_stabilisation(tmp_path, notes, expected):
    udta = box("GPMF", device(klv("MINF", "c", 1, b"HERO9 Black\0"), klv("VFOV", "c", 1, b"L"), *notes))
    found = read_one(gopro_file(tmp_path / "a.mp4", [payload(counting(0, 200))], udta=udta))
    assert (found.stabilised, found.stabilisation) == expected
    assert (found.model, found.fov) == ("HERO9 Black", "L")


@pytest.mark.parametrize(("turn", "expected"), [(0, False), (300, True)])
def test_an_image_that_is_turned_was_stabilised(tmp_path, turn, expected):
    rows = [(32767, turn, 0, 0)] * 30
    found = read_one(gopro_file(tmp_path / "a.mp4", [device(shorts("IORI", rows, scale=32767))]))
    assert found.stabilised is expected
    assert found.image_orientation.values[0, 1] == pytest.approx(-turn / 32767, abs=1e-6)


def test_a_camera_on_its_side_is_said(tmp_path):
    found = read_one(gopro_file(tmp_path / "a.mp4", [payload(counting(0, 200), level=-4100)]))
    assert any("not upright" in said for said in found.warnings)
    found = read_one(gopro_file(tmp_path / "b.mp4", [payload(counting(0, 200), axes="QQQ")]))
    assert any("axes makes no sense" in said for said in found.warnings)


def test_the_gyro_of_a_time_lapse_is_of_no_use(tmp_path):
    found = read_one(gopro_file(tmp_path / "a.mp4", [payload(counting(k * 30, 30)) for k in range(5)]))
    assert found.gyro is None and found.accelerometer is None and found.shutter_s is not None
    assert any("time lapse" in said for said in found.warnings)


def test_a_gyro_log_beside_the_file(tmp_path):
    film = tmp_path / "42A-3.mp4"
    gopro_file(film, [])
    assert read([film], [Fraction(0)]) is None
    times = np.arange(400) / 200
    write_gcsv(tmp_path / "42A-3.gcsv", times, np.ones((400, 3)), np.tile([0.0, -9.8, 0], (400, 1)))
    found = read_one(film)
    assert found.source == "gcsv" and np.allclose(found.gyro.values, 1) and len(found.gyro) == 400
    second = gopro_file(tmp_path / "42A-4.mp4", [])
    write_gcsv(tmp_path / "42A-4.gcsv", times, np.zeros((400, 3)), np.tile([0.0, -9.8, 0], (400, 1)))
    both = read([film, second], [Fraction(0), Fraction(2)])
    assert len(both.gyro) == 800 and both.gyro.times_s[400] == pytest.approx(2)
    (tmp_path / "42A-3.gcsv").write_text("GYROFLOW IMU LOG\nnothing more\n")
    broken = read([film], [Fraction(0)])
    assert broken.gyro is None and "42A-3.gcsv" in broken.warnings[0]


def test_the_files_own_track_goes_before_a_log(tmp_path):
    film = gopro_file(tmp_path / "a.mp4", [payload(counting(0, 200))])
    write_gcsv(tmp_path / "a.gcsv", np.arange(9) / 9, np.ones((9, 3)), np.ones((9, 3)))
    assert read_one(film).source == "GPMF"


def test_files_without_telemetry_have_none(tmp_path):
    for name, data in {"a.mp4": b"", "b.avi": b"RIFF" + bytes(100), "c.mov": bytes(50)}.items():
        path = tmp_path / name
        path.write_bytes(data)
        assert read([path], [Fraction(0)]) is None
    assert read([tmp_path / "none.mp4"], [Fraction(0)]) is None


@pytest.mark.parametrize("data", [b"", b"no telemetry at all", bytes(64)])
def test_a_raw_file_without_payloads_is_refused(tmp_path, data):
    path = tmp_path / "a.raw"
    path.write_bytes(data)
    with pytest.raises(CannotRead, match=r"a\.raw"):
        read_raw(path)
    with pytest.raises(CannotRead):
        read_raw(tmp_path / "none.raw")


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="counts bytes as Linux does")
def test_only_index_and_payloads_are_read(tmp_path):
    """A file of 3 GB with 6 kB of telemetry costs less than a megabyte of reading."""
    path = tmp_path / "long.mp4"
    small = gopro_file(tmp_path / "small.mp4", [payload(counting(k * 200, 200)) for k in range(3)]).read_bytes()
    at = small.index(b"moov") - 4
    padding = 3_000_000_000
    with path.open("wb") as file:
        file.write(small[:at])
        file.write(numbers("I", padding + 8) + b"free")
        file.seek(at + 8 + padding)
        file.write(small[at:])

    def bytes_read():
        return int(Path("/proc/self/io").read_text().split("rchar:")[1].split()[0])

    before = bytes_read()
    assert len(read_one(path).gyro) == 600
    assert bytes_read() - before < 1_000_000


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 7)), min_size=1, max_size=30))
def test_damage_never_breaks_the_reading(tmp_path, flips):
    parts = [payload(counting(k * 60, 60), stamp=1000 + k * 1_001_000, count=(k + 1) * 60) for k in range(4)]
    data = bytearray(gopro_file(tmp_path / "a.mp4", parts).read_bytes())
    start, end = data.index(b"DEVC"), data.index(b"moov") - 4
    for place, bit in flips:
        data[start + place % (end - start)] ^= 1 << bit
    (tmp_path / "a.mp4").write_bytes(data)
    read_one(tmp_path / "a.mp4")
