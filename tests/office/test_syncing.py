"""Cameras and sound recorders are laid on each other to the frame, from files; what cannot be is refused."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from headturn.errors import BadOption
from headturn.office import logbook, syncing, syncing_summary
from headturn.office.slating import Typed, typed
from headturn.office.store import Store
from recordings import Shot, record
from set_takes import CAMERA, performed, take
from waves import wave

HZ = 48000
FRAME_S = 1 / 30


def nothing(*_) -> None:
    pass


def steps(seconds: float, seed: int = 3) -> np.ndarray:
    """Steps on a hard floor before the tone of a room, at 48 kHz."""
    rng = np.random.default_rng(seed)
    samples = 0.003 * rng.standard_normal(round(seconds * HZ))
    step = np.exp(-np.arange(7200) / 1200)
    for start in (np.cumsum(rng.uniform(0.4, 0.65, round(seconds * 1.4))) * HZ).astype(int):
        samples[start : start + 7200] += 0.15 * step * rng.standard_normal(7200)
    return samples


def filmed(path: Path, sound: np.ndarray, timecode: str = "") -> Path:
    """A recording with this sound (48 kHz), as AAC, and a timecode track where one is given."""
    silent = record(path.with_name(f"silent-{path.name}"), Shot(seconds=len(sound) / HZ, width=160, height=90))
    with av.open(str(silent)) as source, av.open(str(path), "w") as out:
        if timecode:
            out.metadata["timecode"] = timecode
        image = out.add_stream_from_template(source.streams.video[0])
        if timecode:
            image.metadata["timecode"] = timecode
        voice = out.add_stream("aac", rate=HZ, layout="mono", bit_rate=128000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = image
                out.mux(packet)
        for first in range(0, len(sound), 1024):
            block = sound[first : first + 1024].astype(np.float32)[None]
            frame = av.AudioFrame.from_ndarray(block, "fltp", "mono")
            frame.sample_rate, frame.pts, frame.time_base = HZ, first, Fraction(1, HZ)
            out.mux(voice.encode(frame))
        out.mux(voice.encode(None))
    silent.unlink()
    return path


def recorded(path: Path, sound: np.ndarray, offset_s: float, since_midnight: int | None = None) -> Path:
    """What a recorder heard of it, begun later, through another microphone."""
    heard = sosfilt(butter(2, [150, 9000], "bandpass", fs=HZ, output="sos"), sound[round(offset_s * HZ) :])
    heard = 0.3 * heard + 0.001 * np.random.default_rng(8).standard_normal(len(heard))
    return wave(path, heard, since_midnight=since_midnight)


def test_two_cameras_of_one_take_lie_to_the_frame(tmp_path):
    performance = performed(1)
    a = take(tmp_path / "A.mp4", performance, replace(CAMERA, seed=1))
    b = take(tmp_path / "B.mp4", performance, replace(CAMERA, seed=2, start_s=0.7, mount_rad=(0.3, -0.5, 0.1)))
    (found,) = syncing.synced([str(a), str(b)], None, nothing)
    assert found.how == "gyros"
    assert abs(found.offset_s - 0.7) < FRAME_S
    assert found.frame == 21
    told = syncing_summary.as_json([found])["synced"][0]
    assert told["offset_frames"] == pytest.approx(21, abs=1)


def test_two_takes_are_not_laid_on_each_other(tmp_path, capsys):
    a, b = (take(tmp_path / f"{seed}.mp4", performed(seed), replace(CAMERA, seed=seed)) for seed in (1, 2))
    (found,) = syncing.synced([str(a), str(b)], None, nothing)
    assert found.offset_s is None
    assert any("gyros" in note for note in found.notes) and any("sound" in note for note in found.notes)
    syncing_summary.show([found])
    assert "cannot be laid" in capsys.readouterr().out


def test_a_recorder_without_timecode_is_laid_on_by_sound(tmp_path):
    sound = steps(9)
    a = filmed(tmp_path / "A.mp4", sound)
    c = recorded(tmp_path / "C.wav", sound, 1.3)
    (found,) = syncing.synced([str(a), str(c)], None, nothing)
    assert found.how == "sound"
    assert abs(found.offset_s - 1.3) < 0.005


@pytest.mark.parametrize(("late_s", "how"), [(0, "timecode, sound agrees"), (2, "sound")])
def test_timecode_is_held_against_the_sound(tmp_path, late_s, how):
    sound = steps(9)
    a = filmed(tmp_path / "A.mp4", sound, "10:00:00:00")
    began = round((36000 + 1.3 + late_s) * HZ)
    c = recorded(tmp_path / "C.wav", sound, 1.3, began)
    (found,) = syncing.synced([str(a), str(c)], None, nothing)
    assert found.how == how
    assert abs(found.offset_s - 1.3) < 0.005
    assert found.timecode == "10:00:01:09"
    assert any("not jammed" in note for note in found.notes) == bool(late_s)


def test_timecode_alone_does_where_the_sound_does_not_tell(tmp_path):
    a = filmed(tmp_path / "A.mp4", steps(6, 1), "10:00:00:00")
    c = wave(tmp_path / "C.wav", steps(6, 2), since_midnight=36002 * HZ)
    (found,) = syncing.synced([str(a), str(c)], None, nothing)
    assert (found.how, found.offset_s, found.frame) == ("timecode", 2.0, 60)


def test_a_take_that_runs_over_midnight(tmp_path):
    a = filmed(tmp_path / "A.mp4", steps(6, 1), "23:59:58:00")
    c = wave(tmp_path / "C.wav", steps(6, 2), since_midnight=1 * HZ)
    (found,) = syncing.synced([str(a), str(c)], None, nothing)
    assert found.offset_s == 3.0


def test_of_a_take_all_that_was_recorded_with_it(tmp_path):
    logbook.begin(tmp_path / "film", "", "30", "")
    store, performance = Store(tmp_path / "film"), performed(1)
    take(tmp_path / "card" / "GX010001.MP4", performance, replace(CAMERA, seed=1))
    take(tmp_path / "card" / "GX010002.MP4", performance, replace(CAMERA, seed=2, start_s=0.7, mount_rad=(0.3, 0, 0)))
    wave(tmp_path / "card" / "42A-3.wav", steps(4))
    logbook.add(store, tmp_path / "card", "", nothing)
    typed(store, "GX010001", Typed("42A-3"), "")
    typed(store, "GX010002", Typed("42A-3", unit="B"), "")
    found = syncing.synced(["42A-3"], store.folder, nothing)
    assert [each.other.name for each in found] == ["42A-3.wav", "GX010002.MP4"] or [
        each.other.name for each in found
    ] == ["GX010002.MP4", "42A-3.wav"]
    by_name = {each.other.name: each for each in found}
    assert by_name["GX010002.MP4"].frame == 21
    assert by_name["42A-3.wav"].offset_s is None


def test_what_makes_no_sense_is_said(tmp_path):
    a = record(tmp_path / "A.mp4", Shot(seconds=0.5, width=160, height=90))
    c = wave(tmp_path / "C.wav", steps(1))
    with pytest.raises(BadOption, match="two or more"):
        syncing.synced([str(a)], None, nothing)
    with pytest.raises(BadOption, match="camera's recording first"):
        syncing.synced([str(c), str(a)], None, nothing)
