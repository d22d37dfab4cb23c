"""Two recordings of one moment are laid on each other; those of two moments are refused."""

from dataclasses import replace
from math import radians

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from headturn.backlot.performers import Look, Performance, Performer, Script, Walk
from headturn.backlot.shoot import Camera, write_log
from headturn.camera.gcsv import read_gcsv
from headturn.camera.lens import rectilinear
from headturn.head import sync
from headturn.head.motion import Motion, head_motion
from headturn.head.sync import SOUND_HZ, Aligned, Refused

FRAME_S = 1001 / 30000
CAMERA = Camera(rectilinear(320, 180, horizontal_fov_rad=radians(80)), seed=5)
MOUNT = (radians(20), radians(-35), radians(8))


LOOKS = tuple(Look(1 + 1.6 * n, heading, -0.1, 0.6) for n, heading in enumerate((0.9, 0.1, -1.2, 0.3, 1.0)))
SCRIPT = Script(10.0, Walk((0.0, 2.0, 9.0, 10.0), ((0, 0), (0, 0), (8, 0), (8, 0))), 0.0, -0.1, LOOKS)


def played(seed: int) -> Performance:
    return Performer().play(SCRIPT, seed)


def moved(performance: Performance, camera: Camera, folder) -> Motion:
    write_log(performance, camera, folder / "log.gcsv")
    motion = head_motion(read_gcsv(folder / "log.gcsv"))
    assert motion is not None
    return motion


@pytest.mark.parametrize("offset_s", [-1.2345, 0.0, 0.5, 3.21])
def test_two_cameras_of_a_rig_are_laid_on_each_other_by_their_gyros(tmp_path, offset_s):
    performance = played(1)
    a, b = (
        replace(CAMERA, start_s=max(0, -offset_s)),
        replace(CAMERA, start_s=max(0, offset_s), mount_rad=MOUNT, seed=6),
    )
    found = sync.by_gyros(moved(performance, a, tmp_path), moved(performance, b, tmp_path))
    assert isinstance(found, Aligned)
    assert abs(found.offset_s - offset_s) < FRAME_S / 10
    assert np.allclose(found.a_from_b, MOUNT, atol=radians(1))
    assert found.agreement > 0.95


def test_two_takes_of_one_script_are_not_one_moment(tmp_path):
    first, second = moved(played(1), CAMERA, tmp_path), moved(played(2), CAMERA, tmp_path)
    refused = sync.by_gyros(first, second)
    assert isinstance(refused, Refused)
    assert "do not move as one" in refused.why


def still(seconds: float) -> Motion:
    times = np.arange(0, seconds, 0.005)
    rates = np.random.default_rng(1).normal(0, 0.01, (len(times), 3))
    return Motion(times, np.tile([1.0, 0, 0, 0], (len(times), 1)), rates, "gyro", True, np.ones(len(times)))


def test_a_rig_that_is_not_moved_is_refused(tmp_path):
    refused = sync.by_gyros(moved(played(1), CAMERA, tmp_path), still(6))
    assert isinstance(refused, Refused) and "B is not moved" in refused.why
    assert isinstance(sync.by_gyros(still(1), still(6)), Refused)


def test_motion_that_repeats_itself_is_refused():
    times = np.arange(0, 20, 0.005)
    rates = np.column_stack([np.sin(2 * np.pi * times), np.cos(2 * np.pi * times), 0.3 * np.sin(4 * np.pi * times)])
    walk = Motion(times, np.tile([1.0, 0, 0, 0], (len(times), 1)), rates, "gyro", True, np.ones(len(times)))
    refused = sync.by_gyros(walk, walk)
    assert isinstance(refused, Refused) and "repeats" in refused.why


def heard(seed: int = 5, seconds: float = 20.0) -> np.ndarray:
    """Steps on a hard floor before the tone of a room."""
    rng = np.random.default_rng(seed)
    samples = 0.002 * rng.standard_normal(round(seconds * SOUND_HZ))
    step = np.exp(-np.arange(2400) / 400)
    for start in (np.cumsum(rng.uniform(0.4, 0.65, round(seconds * 1.4))) * SOUND_HZ).astype(int):
        samples[start : start + 2400] += 0.1 * step * rng.standard_normal(2400)
    return samples


def listening(samples: np.ndarray):
    def listen(start_s: float, stop_s: float) -> np.ndarray:
        at = np.arange(round(start_s * SOUND_HZ), round(stop_s * SOUND_HZ))
        return np.where((at >= 0) & (at < len(samples)), samples[np.clip(at, 0, len(samples) - 1)], 0.0)

    return listen


def by_sound(a: np.ndarray, b: np.ndarray) -> Aligned | Refused:
    return sync.by_sound(sync.envelope(a), sync.envelope(b), listening(a), listening(b))


def elsewhere(samples: np.ndarray, offset_s: float, drift_ppm: float, snr_db: float) -> np.ndarray:
    """The same through another microphone and another clock, begun later, with noise of its own."""
    clock = np.arange(int((len(samples) / SOUND_HZ - offset_s) * SOUND_HZ)) / SOUND_HZ
    same = np.interp(offset_s + clock / (1 + drift_ppm * 1e-6), np.arange(len(samples)) / SOUND_HZ, samples)
    dull = sosfilt(butter(2, [200, 4000], "bandpass", fs=SOUND_HZ, output="sos"), same)
    return 0.2 * (dull + 10 ** (-snr_db / 20) * samples.std() * np.random.default_rng(3).standard_normal(len(dull)))


@pytest.mark.parametrize(("offset_s", "snr_db"), [(0.777, 20), (4.25, 20), (0.777, 6)])
def test_what_two_microphones_heard_is_laid_on_each_other(offset_s, snr_db):
    samples = heard()
    found = by_sound(samples, elsewhere(samples, offset_s, 0, snr_db))
    assert isinstance(found, Aligned)
    assert abs(found.offset_s - offset_s) < 0.002


def test_the_drift_of_the_clocks_is_told():
    samples = np.concatenate([heard(seed) for seed in (5, 6, 7, 8)])
    found = by_sound(samples, elsewhere(samples, 1.0, 80, 20))
    assert isinstance(found, Aligned)
    assert found.drift_ppm == pytest.approx(80, abs=10)


def test_other_sound_and_silence_are_refused():
    samples = heard()
    noise = np.random.default_rng(1).normal(0, 0.1, len(samples))
    for other in (noise, np.zeros(len(samples)), samples[:1000]):
        assert isinstance(by_sound(samples, other), Refused)
        assert isinstance(by_sound(other, samples), Refused)
