import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.camera.gcsv import ACCELEROMETER_STEP_G, G_M_S2, GYRO_STEP_RAD_S, TIME_STEP_S, read_gcsv, write_gcsv
from headturn.errors import CannotRead, CannotWrite

HEAD = "GYROFLOW IMU LOG\nversion,1.3\nid,little_logger\n"


def log(tmp_path, text):
    path = tmp_path / "take.gcsv"
    path.write_text(text)
    return path


def test_what_is_written_comes_back(tmp_path):
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.uniform(0.004, 0.006, 500)) - 0.02
    gyro, accelerometer = np.cumsum(rng.normal(0, [[[0.1]], [[0.5]]], (2, 500, 3)), axis=1)
    path = tmp_path / "take.gcsv"
    write_gcsv(path, times, gyro, accelerometer)
    back = read_gcsv(path)
    assert np.max(np.abs(back.gyro.times_s - times)) <= TIME_STEP_S / 2 + 1e-12
    assert np.max(np.abs(back.gyro.values - gyro)) <= GYRO_STEP_RAD_S / 2 + 1e-12
    assert np.max(np.abs(back.accelerometer.values - accelerometer)) <= ACCELEROMETER_STEP_G * G_M_S2 / 2 + 1e-12
    assert back.source == "gcsv" and back.model == "headturn" and back.warnings == ()
    write_gcsv(path, back.gyro.times_s, back.gyro.values, back.accelerometer.values)
    again = read_gcsv(path)
    assert np.allclose(again.gyro.values, back.gyro.values, atol=1e-12)


def test_gyroflow_reads_ours_in_its_own_axes(tmp_path):
    """Up, left, back are Gyroflow's; `telemetry-parser` is its reader."""
    parser = pytest.importorskip("telemetry_parser")
    times = np.arange(100) / 200
    gyro = np.tile([0.1, -0.2, 0.3], (100, 1))
    accelerometer = np.tile([0.5, -9.8, 1.0], (100, 1))
    path = tmp_path / "take.gcsv"
    write_gcsv(path, times, gyro, accelerometer)
    sample = parser.Parser(str(path)).normalized_imu()[20]
    right, down, forward = 0.1, -0.2, 0.3
    assert np.allclose(np.radians(sample["gyro"]), [-down, -right, -forward], atol=1e-4)
    assert np.allclose(sample["accl"], [9.8, -0.5, -1.0], atol=0.02)
    assert sample["timestamp_ms"] == pytest.approx(100, abs=6)


def test_scales_and_orientation(tmp_path):
    rows = "t,gx,gy,gz,ax,ay,az\n0,1000,0,0,0,0,2000\n5,0,1000,0,0,0,2000\n10,0,0,1000,0,0,2000\n"
    path = log(
        tmp_path, f"{HEAD}orientation,Zxy\ntscale,0.001\ngscale,0.001\nascale,0.0005\nframe_readout_time,15.2\n{rows}"
    )
    found = read_gcsv(path)
    # Up is channel 3, left the opposite of channel 1, back the opposite of channel 2.
    assert np.allclose(found.gyro.values, [[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    assert np.allclose(found.accelerometer.values, [[0, -G_M_S2, 0]] * 3)
    assert np.allclose(found.gyro.times_s, [0, 0.005, 0.010])
    assert found.readout_s == pytest.approx(0.0152) and found.model == "little logger"


def test_gyro_alone_and_odd_lines(tmp_path):
    rows = "t,gx,gy,gz\n0,1,2,3\nnonsense\n5,nan,2,3\n4,1,1,1\n3,1,1,1\n9,1,2,3\n"
    found = read_gcsv(log(tmp_path, f"{HEAD}orientation,XYZ\ngscale,0.01\n{rows}"))
    assert found.accelerometer is None and found.gyro.times_s.tolist() == pytest.approx([0, 0.004, 0.009])
    assert found.warnings == ("2 lines of the gyro log make no sense and were left out.",)


def test_samples_no_sensor_can_give_are_left_out(tmp_path):
    rows = "".join(f"{i},{100 if i != 50 else 90000},0,0\n" for i in range(100))
    found = read_gcsv(log(tmp_path, f"{HEAD}orientation,XYZ\ngscale,0.001\nt,gx,gy,gz\n{rows}"))
    assert len(found.gyro) == 99 and "beyond the sensor's range" in found.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "t,gx,gy,gz\n0,1,2,3\n",
        HEAD,
        f"{HEAD}t,gx,gy,gz\n",
        f"{HEAD}orientation,XYY\nt,gx,gy,gz\n0,1,2,3\n",
        f"{HEAD}orientation,XYz\nt,gx,gy,gz\n0,1,2,3\n",
        f"{HEAD}gscale,fast\nt,gx,gy,gz\n0,1,2,3\n",
        f"{HEAD}tscale,0\nt,gx,gy,gz\n0,1,2,3\n",
    ],
)
def test_no_log_is_refused_in_words(tmp_path, text):
    with pytest.raises(CannotRead, match=r"take\.gcsv"):
        read_gcsv(log(tmp_path, text))


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(CannotRead, match="cannot be read"):
        read_gcsv(tmp_path / "none.gcsv")
    with pytest.raises(CannotWrite, match="cannot be written"):
        write_gcsv(tmp_path / "no" / "take.gcsv", np.zeros(1), np.zeros((1, 3)), np.zeros((1, 3)))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("noise") / "take.gcsv"
    for content in (data, b"GYROFLOW IMU LOG\n" + data, HEAD.encode() + b"orientation,XYZ\nt,gx,gy,gz\n" + data):
        path.write_bytes(content)
        try:
            found = read_gcsv(path)
        except CannotRead:
            continue
        assert found.gyro is None or np.all(np.isfinite(found.gyro.values))
