"""Sound comes out sample for sample on the clock of the clip."""

from fractions import Fraction

import numpy as np
import pytest
from made import CLOSED, click, heard, onset, record

from headturn.camera.media import probe


@pytest.mark.parametrize(
    ("name", "codec", "hz", "channels"),
    [
        ("a.mp4", "aac", 48000, 2),
        ("a.mp4", "aac", 44100, 2),
        ("a.mp4", "aac", 16000, 1),
        ("a.mov", "pcm_s16le", 48000, 1),
        ("a.mkv", "aac", 48000, 6),
        ("a.avi", "pcm_s16le", 48000, 2),
    ],
)
def test_a_click_is_heard_at_its_time(tmp_path, name, codec, hz, channels):
    made = click(2, 1.25, hz, channels)
    video = {"codec": "mpeg4"} if name == "a.avi" else {"options": CLOSED}
    path = record(tmp_path / name, 60, sound=made, sound_codec=codec, sound_hz=hz, **video)
    clip = probe([path])
    assert clip.sound.channels == channels
    tolerance = 3 if hz == 48000 else 6  # of 48 kHz: the resampler's filter is as wide as a sample of the source
    if name == "a.mkv":
        tolerance = 25  # its clock counts milliseconds
    whole = heard(clip, 0, 2)
    assert whole.shape == (96000, 2)
    assert onset(whole) == pytest.approx(60000, abs=tolerance)
    for start in (Fraction(1, 3), Fraction(7, 6), Fraction(5, 4)):
        part = heard(clip, start, 2)
        assert len(part) == round((2 - start) * 48000)
        assert onset(part) + round(start * 48000) == pytest.approx(60000, abs=tolerance)
    if channels == 1:
        np.testing.assert_array_equal(whole[:, 0], whole[:, 1])
        assert np.abs(whole).max() > 0.6


def test_a_clock_that_drifts_is_followed_without_gaps(tmp_path):
    tone = 0.5 + click(8, 6) * 0.5
    path = record(tmp_path / "a.mkv", 240, sound=tone, sound_codec="pcm_f32le", pace=Fraction(10002, 10000))
    whole = heard(probe([path]), 0, Fraction(15, 2))
    assert whole.min() > 0.4, "no hole"
    assert onset(whole, 0.8) == pytest.approx(6 * 48000 * 1.0002, abs=30)
    assert abs(onset(whole, 0.8) - 6 * 48000) > 30


def test_there_is_silence_where_there_is_no_sound(tmp_path):
    hum = np.full((48000, 2), 0.5, np.float32)
    path = record(tmp_path / "a.mov", 60, sound=hum, sound_codec="pcm_s16le", sound_from=Fraction(1, 2))
    clip = probe([path])
    assert clip.sound.start == Fraction(1, 2)
    whole = heard(clip, -1, 4)
    loud = np.abs(whole[:, 0]) > 0.4
    assert len(whole) == 5 * 48000
    assert loud[72000:120000].all() and not loud[:72000].any() and not loud[120000:].any()


def test_a_silent_clip_is_silent(tmp_path):
    clip = probe([record(tmp_path / "a.mp4", 30)])
    assert clip.sound is None
    assert not heard(clip, 0, Fraction(1, 3), 44100).any()
    assert len(heard(clip, 0, Fraction(1, 3), 44100)) == 14700
    assert len(heard(clip, 1, 1)) == 0


def test_sound_goes_on_across_chapters(tmp_path):
    tone = np.sin(np.arange(2 * 48000) * 2 * np.pi * 441 / 48000).astype(np.float32)[:, None].repeat(2, axis=1) * 0.5
    parts = []
    for number in range(2):
        part = tone[number * 48000 : (number + 1) * 48000 - number * 9600]
        name = tmp_path / f"GX0{number + 1}0001.MOV"
        parts.append(record(name, 30, sound=part, sound_codec="pcm_s16le", options=CLOSED))
    clip = probe(parts)
    whole = heard(clip, 0, 2)
    np.testing.assert_allclose(whole[: 96000 - 9600], tone[: 96000 - 9600], atol=1e-3)
    assert not whole[96000 - 9600 :].any()
    np.testing.assert_array_equal(heard(clip, Fraction(9, 10), Fraction(11, 10)), whole[43200:52800])


@pytest.mark.footage
def test_real_sound_is_the_same_wherever_one_starts(footage):
    for path in ("path/hero7.mp4", "glasses/Neon_Scene_Camera_v1_ps1.mp4", "single/data_sample_1_full_window.mp4"):
        clip = probe([footage / path])
        whole = heard(clip, 0, 4)
        assert np.abs(whole).max() > 0.01
        part = heard(clip, 2, 3)
        shifts = range(-10, 11)  # a drifting clock is followed within a few samples
        worst = min(np.abs(part - whole[96000 + by : 144000 + by]).max() for by in shifts)
        assert worst < 0.1 * np.abs(part).max(), path
