import contextlib
import os
from datetime import UTC, datetime
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mp4_boxes import CLOCKWISE, MATRIX, box, full, moov, numbers, trak

from headturn.camera.mp4 import edit_shift, presentation_ticks, read_movie, read_tracks, sample_bytes
from headturn.errors import CannotRead


def encoded(path, frames=40, options=None, **container):
    with av.open(str(path), "w", options=container.get("container_options", {})) as out:
        stream = out.add_stream("libx264", rate=30, options={"bf": "2", "preset": "ultrafast", **(options or {})})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 30000)
        for index in range(frames):
            picture = np.full((48, 64, 3), index * 6 % 255, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture)
            frame.pts, frame.time_base = index * 1001 + (index % 3) * 200, Fraction(1, 30000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def demuxed(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.pts is not None and not packet.is_discard]
        return sorted(packet.pts for packet in packets), stream.time_base


def bare(tmp_path, *traks, name="bare.mp4", media=bytes(1000), **header):
    path = tmp_path / name
    path.write_bytes(box("ftyp", b"mp41") + box("mdat", media) + moov(*traks, **header))
    return path


@pytest.mark.footage
def test_frame_times_are_ffmpegs_on_every_real_clip(footage):
    clips = sorted(footage.glob("*/*.mp4"))
    assert len(clips) > 20
    for clip in clips:
        track = next(track for track in read_tracks(clip) if track.handler == "vide")
        ticks, end = presentation_ticks(track)
        expected, base = demuxed(clip)
        assert Fraction(1, track.timescale) == base, clip.name
        assert np.array_equal(ticks, expected), clip.name
        assert end > ticks[-1], clip.name


@pytest.mark.footage
def test_gopro_says_who_it_is(footage):
    movie = read_movie(footage / "path" / "max-heromode.mp4")
    assert [track.codec for track in movie.tracks] == ["avc1", "mp4a", "tmcd", "gpmd", "fdsc"]
    assert movie.strings["FIRM"] == "H19.03.01.30.00" and movie.strings["LENS"] == "C33632245042171"
    assert movie.created == datetime(2019, 11, 18, 15, 45, 32, tzinfo=UTC)
    assert b"GoPro Max" in movie.gpmf
    start = movie.track(codec="tmcd").timecode
    assert (start.frames, start.rate, start.drop) == (1700260, Fraction(30000, 1001), False)
    payloads = list(sample_bytes(movie.path, movie.track(codec="gpmd")))
    assert len(payloads) == 11 and all(payload.startswith(b"DEVC") for payload in payloads)


def test_reordered_and_uneven_frames(tmp_path):
    path = encoded(tmp_path / "uneven.mp4")
    track = read_movie(path).track(handler="vide")
    ticks, end = presentation_ticks(track)
    expected, base = demuxed(path)
    assert ticks.tolist() == expected and Fraction(1, track.timescale) == base
    assert len(set(np.diff(ticks))) > 1 and np.any(track.samples.shifts != track.samples.shifts[0])
    assert end > ticks[-1]


def test_index_before_the_media(tmp_path):
    path = encoded(tmp_path / "fast.mp4", container_options={"movflags": "faststart"})
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat")
    assert presentation_ticks(read_movie(path).track(handler="vide"))[0].tolist() == demuxed(path)[0]


@pytest.mark.parametrize("start", [0, 1001, 5000, 20000])
def test_an_edit_that_starts_late_is_applied_as_ffmpeg_does(tmp_path, start):
    path = encoded(tmp_path / "cut.mp4", options={"g": "8"})
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 12
    media_start = int.from_bytes(data[at + 4 : at + 8], "big")
    data[at : at + 8] = numbers("I", 800, media_start + start)
    path.write_bytes(data)
    with av.open(str(path)) as container:
        expected = [frame.pts for frame in container.decode(video=0)]
    assert presentation_ticks(read_movie(path).track(handler="vide"))[0].tolist() == expected


def test_an_empty_edit_delays(tmp_path):
    track = trak("avc1", "vide", [20, 21, 22], [1] * 3, runs=[(3, 40)], edits=[(500, -1), (120, 40)])
    track = read_movie(bare(tmp_path, track, timescale=500)).track()
    ticks, end = presentation_ticks(track)
    assert ticks.tolist() == [1000, 1040] and end == 1080
    assert edit_shift(track) == 960


def test_several_pieces_are_left_to_the_demuxer(tmp_path):
    track = trak("avc1", "vide", [20, 21, 22], [1] * 3, runs=[(3, 40)], edits=[(40, 80), (40, 0)])
    track = read_movie(bare(tmp_path, track)).track()
    with pytest.raises(CannotRead, match="demux"):
        presentation_ticks(track)
    assert edit_shift(track) == 0


def test_frames_beyond_the_end_of_the_file_are_dropped(tmp_path):
    track = trak("avc1", "vide", [20, 10**7, 22], [1] * 3, runs=[(3, 40)])
    movie = read_movie(bare(tmp_path, track))
    assert presentation_ticks(movie.track())[0].tolist() == [0, 80]
    assert [len(data) for data in sample_bytes(movie.path, movie.track())] == [1, 0, 1]


def test_sizes_and_offsets_of_64_bits(tmp_path):
    path = tmp_path / "long.mp4"
    track = trak("avc1", "vide", [40], [4], runs=[(1, 40)], co64=True)
    path.write_bytes(box("ftyp", b"mp41") + box("mdat", b"abcdefghijklmnopqrstuvwxyz", long=True) + moov(track))
    movie = read_movie(path)
    assert list(sample_bytes(path, movie.track())) == [path.read_bytes()[40:44]]


@pytest.mark.parametrize(
    ("matrix", "turn"), [(MATRIX, 0), (CLOCKWISE, 90), ((-65536, 0, 0, 0, -65536, 0, 0, 0, 1 << 30), 180)]
)
def test_rotation(tmp_path, matrix, turn):
    movie = read_movie(bare(tmp_path, trak("avc1", "vide", [20], [1], runs=[(1, 40)], matrix=matrix)))
    assert movie.track().rotation_deg == turn and (movie.track().width, movie.track().height) == (640, 360)


def test_timecode_with_dropped_labels(tmp_path):
    entry = bytes(4) + numbers("I", 1, 30000, 1001) + bytes([30, 0])
    track = trak("tmcd", "tmcd", [20], [4], runs=[(1, 1000)], entry=entry)
    media = numbers("I", 107892) + bytes(100)
    start = read_movie(bare(tmp_path, track, media=media)).track(codec="tmcd").timecode
    assert (start.frames, start.rate, start.drop) == (107892, Fraction(30000, 1001), True)


def test_a_clock_that_was_never_set_is_no_date(tmp_path):
    track = trak("avc1", "vide", [20], [1], runs=[(1, 40)])
    assert read_movie(bare(tmp_path, track, created=100)).created is None


def refused(path, words):
    with pytest.raises(CannotRead, match=words) as caught:
        for track in read_tracks(path):
            presentation_ticks(track)
    assert path.name in str(caught.value)


def test_bad_files_are_refused_in_words(tmp_path):
    good = encoded(tmp_path / "good.mp4").read_bytes()
    cases = {
        "empty.mp4": (b"", "is empty"),
        "text.mp4": (b"These are words, not pictures. " * 40, "no MP4"),
        "tiny.mp4": (b"abc", "no index|no MP4"),
        "cut.mp4": (good[: good.index(b"moov") - 4], "no index"),
        "within.mp4": (good[:-20], "cut off within"),
        "silly.mp4": (box("ftyp", b"mp41") + numbers("I", 4) + b"mdat" + bytes(50), "no index"),
    }
    for name, (data, words) in cases.items():
        (tmp_path / name).write_bytes(data)
        refused(tmp_path / name, words)
    refused(tmp_path / "none.mp4", "cannot be read")
    refused(encoded(tmp_path / "parts.mp4", container_options={"movflags": "frag_keyframe+empty_moov"}), "in fragments")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_no_permission_is_said(tmp_path):
    path = encoded(tmp_path / "closed.mp4")
    path.chmod(0)
    refused(path, "cannot be read")


@pytest.mark.parametrize(
    "table",
    [
        full("stsz", numbers("I", 0, 0xFFFFFFFF)),
        full("stsz", numbers("I", 1, 0xFFFFFFFF)),
        full("stts", numbers("I", 0xFFFFFFFF)),
        full("stts", numbers("I", 1, 1, 40)),
        full("stsc", numbers("I", 1, 7, 1, 1)),
        full("stsc", numbers("I", 0)),
        full("stco", numbers("I", 0xFFFFFFFF)),
        full("ctts", numbers("I", 9)),
    ],
)
def test_a_table_that_claims_too_much_is_refused(tmp_path, table):
    refused(bare(tmp_path, trak("avc1", "vide", [20, 21], [1, 1], runs=[(2, 40)], instead=[table])), "index is broken")


def test_wild_composition_offsets_are_ignored(tmp_path):
    track = trak("avc1", "vide", [20, 21], [1, 1], runs=[(2, 40)], shifts=[(2, 1 << 30)])
    assert presentation_ticks(read_movie(bare(tmp_path, track)).track())[0].tolist() == [0, 40]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1 << 30), st.integers(0, 255)), min_size=1, max_size=12), st.data())
def test_flipped_bytes_end_in_words_or_in_times(tmp_path, flips, data):
    good = tmp_path / "good.mp4"
    if not good.exists():
        encoded(good, frames=12)
    content = bytearray(good.read_bytes())
    start = content.index(b"moov") - 4
    for place, value in flips:
        content[start + place % (len(content) - start)] = value
    cut = data.draw(st.integers(0, 60))
    path = tmp_path / "flipped.mp4"
    path.write_bytes(content[: len(content) - (cut if cut < 30 else 0)])
    try:
        for track in read_tracks(path):
            ticks, end = presentation_ticks(track)
            assert np.all(np.diff(ticks) > 0) and (not len(ticks) or end > ticks[-1])
            assert sum(1 for _ in sample_bytes(path, track)) == len(track.samples)
    except CannotRead as error:
        assert str(error).startswith("flipped.mp4")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(tmp_path, noise):
    path = tmp_path / "noise.mp4"
    for data in (noise, box("moov", noise), box("moov", box("trak", noise)), box("ftyp", noise) + noise):
        path.write_bytes(data)
        with contextlib.suppress(CannotRead):
            for track in read_tracks(path):
                presentation_ticks(track)
