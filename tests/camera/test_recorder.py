"""Sound recorders' files are read for what they say, and never trusted."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.camera import media, recorder
from headturn.camera.take import Slate
from headturn.errors import CannotRead
from waves import wave

IXML = """<?xml version="1.0" encoding="UTF-8"?><BWFXML><SCENE>42A</SCENE><TAKE>3</TAKE>
<SPEED><TIMECODE_RATE>24000/1001</TIMECODE_RATE><TIMECODE_FLAG>NDF</TIMECODE_FLAG></SPEED></BWFXML>"""
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(24000) / 48000)


@pytest.mark.parametrize("rf64", [False, True])
def test_tells_the_time_of_day_to_the_sample_and_what_was_typed(tmp_path: Path, rf64: bool):
    path = wave(tmp_path / "T001.wav", TONE, since_midnight=48000 * 36672 + 7, ixml=IXML, rf64=rf64)
    found = recorder.probe(path)
    assert found.began_s == 36672 + Fraction(7, 48000)
    assert found.slate == Slate("42A", 3)
    assert (found.rate, found.drop) == (Fraction(24000, 1001), False)
    assert found.created == datetime(2026, 11, 20, 10, 11, 12)
    assert (found.sound.rate_hz, found.sound.channels, found.span.duration) == (48000, 1, Fraction(1, 2))
    assert found.notes == ()


def test_a_plain_wave_says_nothing_of_time_and_is_slated_by_its_name(tmp_path: Path):
    found = recorder.probe(wave(tmp_path / "42A-3.wav", np.column_stack([TONE, TONE]), 44100))
    assert (found.began_s, found.created, found.slate) == (None, None, Slate("42A", 3))
    assert (found.sound.rate_hz, found.sound.channels) == (44100, 2)


def test_its_samples_come_back_from_any_place(tmp_path: Path):
    path = wave(tmp_path / "a.wav", TONE)
    whole = np.concatenate(list(media.recorded(path, Fraction(0), Fraction(1, 2))))
    part = np.concatenate(list(media.recorded(path, Fraction(1, 10), Fraction(2, 10))))
    assert np.abs(whole[:, 0] - TONE).max() < 1e-4
    assert np.array_equal(part, whole[4800:9600])
    late = np.concatenate(list(media.recorded(path, Fraction(4, 10), Fraction(6, 10))))
    assert len(late) == 9600 and not late[4800:].any()


def test_a_recording_that_was_cut_off_is_used_and_said(tmp_path: Path):
    path = wave(tmp_path / "a.wav", TONE, since_midnight=0)
    path.write_bytes(path.read_bytes()[:-30000])
    found = recorder.probe(path)
    assert found.span.duration < Fraction(1, 2)
    assert "cut off" in found.notes[0]


def test_a_time_of_day_beyond_midnight_is_not_believed(tmp_path: Path):
    found = recorder.probe(wave(tmp_path / "a.wav", TONE, since_midnight=48000 * 90000))
    assert found.began_s is None
    assert "not believed" in found.notes[0]


@pytest.mark.parametrize("ixml", ["<BWFXML><SCENE>42A</SCENE>", "", "\0\0", "<BWFXML><SCENE>garden</SCENE></BWFXML>"])
def test_bad_ixml_costs_only_what_it_would_have_said(tmp_path: Path, ixml: str):
    assert recorder.probe(wave(tmp_path / "a.wav", TONE, since_midnight=0, ixml=ixml)).slate is None


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"hello, world", bytes(5000)])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(CannotRead, match=r"a\.wav"):
        recorder.probe(path)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(CannotRead, match="is not there"):
        recorder.probe(tmp_path / "a.wav")


@given(st.data())
def test_damage_raises_nothing_else(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    whole = bytearray(wave(path, TONE[:500], since_midnight=5, ixml=IXML, rf64=data.draw(st.booleans())).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, min(len(whole) - 1, 1100)))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    try:
        found = recorder.probe(path)
        assert found.span.duration > 0
    except CannotRead:
        pass
