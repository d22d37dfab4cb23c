"""film.otio, read back by OpenTimelineIO, names the frames that are in the film."""

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.camera.lens import Lens
from headturn.camera.take import Clip, Colour, ImageTrack, Slate, SoundTrack, Take
from headturn.clock import STANDARD_RATES, FrameTimes, Span, Timecode
from headturn.edit.cut import Cut, Seam, Segment, Splice
from headturn.errors import CannotWrite
from headturn.exchange.otio import source_frame_of, timeline, write

NTSC_24, NTSC_30 = Fraction(24000, 1001), Fraction(30000, 1001)


def even_times(rate, frames):
    """Frame times as a camera with this rate writes them."""
    base = 1 / Fraction(rate.numerator)
    ticks = np.arange(frames, dtype=np.int64) * rate.denominator
    return FrameTimes(ticks, base, frames * rate.denominator)


def take_of(times, files=("GX010001.MP4",), timecode=None, joints=(), sound=True, **facts):
    """A take of the whole of a clip; joints: indices of the first frames of its later chapters."""
    rate = times.rate
    colour = Colour("bt709", "bt709", "bt709", False, 8)
    image = ImageTrack("h264", 64, 36, 64, 36, 0, Fraction(1), rate, times.variable, len(times), colour)
    clip = Clip(
        id=f"{len(files)}{sound}",
        files=tuple(Path(file) for file in files),
        span=times.span,
        chapter_starts=(Fraction(0), *(times[joint] for joint in joints)),
        image=image,
        sound=SoundTrack("aac", 48000, 2, Fraction(0), times.span.end) if sound else None,
        lens=Lens("rectilinear", 64, 36, (40.0, 40.0), (31.5, 17.5)),
        timecode=timecode,
    )
    return Take(clip, times.span, shot="1", **facts)


def cut_of(rate, parts, verdicts=("seamless", "workable", "visible")):
    """parts: (take, source start, film frames)."""
    segments, splices, at = [], [], 0
    for index, (take, start, length) in enumerate(parts):
        if index:
            verdict = verdicts[(index - 1) % len(verdicts)]
            splices.append(Splice(at, Seam("turn"), verdict, 0.25 * index, ("turns left", "step in time")))
        segments.append(Segment(take.id, take.name, Span(start, start + length / rate), at, length))
        at += length
    return Cut("film", rate, 64, 36, tuple(segments), tuple(splices))


def exchanged(cut, takes_and_times, folder):
    """The timeline as another program reads it from the file."""
    takes = {take.id: take for take, _ in takes_and_times}
    times = {take.id: times for take, times in takes_and_times}
    write(timeline(cut, takes, times, folder), folder / "film.otio")
    return otio.adapters.read_from_file(str(folder / "film.otio"))


def assert_names_the_film(film, cut, takes_and_times):
    """Every film frame lies in a clip whose range, counted in the file's own frames, names the cut's frame."""
    times = {take.id: times for take, times in takes_and_times}
    takes = {take.id: take for take, _ in takes_and_times}
    at = 0
    for clip in film.video_tracks()[0]:
        facts = clip.metadata["headturn"]
        assert facts["film_frame"] == at
        segment = cut.segment_at(at)
        take = takes[cut.segments[segment].take]
        file, index = source_frame_of(clip)
        chapter = [path.name for path in take.clip.files].index(file.name)
        joint = times[take.id].nearest(take.clip.chapter_starts[chapter])
        [named] = cut.source_frames(segment, range(at, at + 1), times[take.id])
        assert joint + index == named
        length = clip.source_range.duration.value / clip.source_range.duration.rate * float(cut.rate)
        assert length == pytest.approx(facts["film_frames"], abs=1e-6)
        inside = range(at, at + facts["film_frames"])
        last = cut.source_frames(segment, inside[-1:], times[take.id])[0] - joint
        assert 0 <= index <= last < clip.available_range().duration.value, "all of it lies in the named file"
        assert Fraction(facts["in"]) == cut.source_time(segment, at)
        at += facts["film_frames"]
    assert at == cut.frames
    assert film.duration().to_seconds() == pytest.approx(float(cut.duration), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from(STANDARD_RATES[:12]),
    offset=st.integers(0, 300),
    lengths=st.lists(st.integers(1, 150), min_size=1, max_size=4),
    timecode=st.none() | st.integers(0, 2_000_000),
)
def test_ranges_read_back_name_the_frames_of_the_cut(rate, offset, lengths, timecode, tmp_path_factory):
    times = even_times(rate, 500)
    take = take_of(times, timecode=None if timecode is None else Timecode(timecode, rate))
    cut = cut_of(rate, [(take, times[offset], length) for length in lengths])
    film = exchanged(cut, [(take, times)], tmp_path_factory.mktemp("film"))
    assert_names_the_film(film, cut, [(take, times)])
    for clip in film.video_tracks()[0]:
        start = clip.source_range.start_time
        assert (start.value, start.rate) == (offset + (timecode or 0), float(rate))
        assert Fraction(start.rate).limit_denominator(1001) == rate
        shown = clip.metadata["headturn"]["film_frame"], clip.metadata["headturn"]["film_frames"]
        frames = range(shown[0], shown[0] + shown[1])
        named = cut.source_frames(cut.segment_at(shown[0]), frames, times)
        assert named == list(range(offset, offset + shown[1])), "every frame of the clip, not only its first"


def test_drop_frame_timecode_reads_as_the_camera_showed_it(tmp_path):
    times = even_times(NTSC_30, 4000)
    take = take_of(times, timecode=Timecode.parse("00:59:59;28", NTSC_30))
    cut = cut_of(NTSC_30, [(take, times[1800 + 3], 60)])
    [clip] = exchanged(cut, [(take, times)], tmp_path).video_tracks()[0]
    start = clip.source_range.start_time
    # 01:00:00;00 is two frames in, 01:01:00;02 is 1800 frames later
    assert start.to_timecode(start.rate, True) == "01:01:00;03"
    assert clip.metadata["headturn"]["timecode"] == "01:01:00;03"
    assert source_frame_of(clip) == (Path(os.path.relpath("GX010001.MP4", tmp_path)), 1803)


def test_timecode_counted_at_half_the_rate_of_the_image(tmp_path):
    times = even_times(Fraction(50), 200)
    take = take_of(times, timecode=Timecode.parse("10:00:00:05", Fraction(25)))
    cut = cut_of(Fraction(50), [(take, times[7], 20)])
    [clip] = exchanged(cut, [(take, times)], tmp_path).video_tracks()[0]
    assert clip.available_range().start_time.value == 36000 * 50 + 10
    assert source_frame_of(clip)[1] == 7


def test_the_film_starts_at_the_first_hour(tmp_path):
    for rate, written in ((NTSC_24, "01:00:00:00"), (Fraction(25), "01:00:00:00"), (Fraction(60), "01:00:00:00")):
        times = even_times(rate, 60)
        take = take_of(times)
        film = exchanged(cut_of(rate, [(take, times[0], 50)]), [(take, times)], tmp_path)
        assert film.global_start_time.to_timecode(float(rate), False) == written


@pytest.mark.parametrize("film_rate", [NTSC_24, Fraction(25), Fraction(60)])
def test_a_take_of_another_rate_keeps_its_own_frames_and_says_so(film_rate, tmp_path):
    times = even_times(NTSC_30, 900)
    take = take_of(times)
    parts = [(take, Fraction(3), 100), (take, Fraction(7), 33), (take, Fraction(1, 3), 77)]
    cut = cut_of(film_rate, parts)
    film = exchanged(cut, [(take, times)], tmp_path)
    assert_names_the_film(film, cut, [(take, times)])
    for clip in film.video_tracks()[0]:
        assert clip.source_range.start_time.rate == float(NTSC_30)
        assert "nearest frame time" in clip.metadata["headturn"]["conform"]


def test_a_file_of_variable_rate_is_counted_by_its_frames(tmp_path):
    gaps = np.random.default_rng(7).choice([2, 3, 4, 9], 400) * 1001
    times = FrameTimes(np.cumsum(gaps) - gaps[0], Fraction(1, 90000), int(gaps.sum()))
    take = take_of(times)
    assert take.clip.image.variable_rate
    cut = cut_of(NTSC_30, [(take, times[40], 100), (take, times[200], 50)])
    film = exchanged(cut, [(take, times)], tmp_path)
    assert_names_the_film(film, cut, [(take, times)])
    assert [source_frame_of(clip)[1] for clip in film.video_tracks()[0]] == [40, 200]


@pytest.mark.parametrize("film_rate", [NTSC_30, Fraction(25), Fraction(60)])
@pytest.mark.parametrize("start", [0, 99, 100, 101, 250])
def test_a_recording_in_chapters_is_split_where_the_next_file_begins(film_rate, start, tmp_path):
    times = even_times(NTSC_30, 400)
    files = ("GX010007.MP4", "GX020007.MP4", "GX030007.MP4")
    take = take_of(times, files, Timecode(5000, NTSC_30), joints=(100, 300))
    cut = cut_of(film_rate, [(take, times[start], 130), (take, times[290], 90)])
    film = exchanged(cut, [(take, times)], tmp_path)
    assert_names_the_film(film, cut, [(take, times)])
    second = next(clip for clip in film.find_clips() if clip.name == "GX020007.MP4").available_range()
    assert (second.start_time.value, second.duration.value) == (5100, 200)


def test_splices_are_markers_that_say_what_hosts_would_lose(tmp_path):
    times = even_times(NTSC_24, 300)
    take = take_of(times, slate=Slate("42A", 3), performer="Ada")
    cut = cut_of(NTSC_24, [(take, times[start], 40) for start in (0, 50, 100, 150)])
    film = exchanged(cut, [(take, times)], tmp_path)
    markers = film.tracks.markers
    assert [marker.color for marker in markers] == ["GREEN", "YELLOW", "RED"]
    assert [marker.name for marker in markers] == ["S001 seamless 0.25", "S002 workable 0.50", "S003 visible 0.75"]
    assert [marker.marked_range.start_time.value for marker in markers] == [40, 80, 120]
    assert markers[0].comment == "seamless: turns left; step in time"
    assert markers[2].metadata["headturn"]["cost"] == 0.75
    assert list(markers[2].metadata["headturn"]["reasons"]) == ["turns left", "step in time"]
    for marker, clip in zip(markers, film.video_tracks()[0][1:], strict=True):
        assert clip.range_in_parent().start_time.almost_equal(marker.marked_range.start_time, delta=1e-6)
        assert clip.metadata["headturn"]["slate"] == "42A-3"
        assert clip.metadata["headturn"]["performer"] == "Ada"


def test_sound_lies_under_its_image_and_a_gap_under_a_mute_take(tmp_path):
    times = even_times(Fraction(25), 300)
    heard, mute = take_of(times), take_of(times, ("mute.mp4",), sound=False)
    cut = cut_of(Fraction(25), [(heard, times[10], 50), (mute, times[20], 50), (heard, times[90], 50)])
    film = exchanged(cut, [(heard, times), (mute, times)], tmp_path)
    [sound] = film.audio_tracks()
    assert [type(item) for item in sound] == [otio.schema.Clip, otio.schema.Gap, otio.schema.Clip]
    for below, above in zip(sound, film.video_tracks()[0], strict=True):
        assert below.range_in_parent() == above.range_in_parent()
    assert sound[2].source_range == film.video_tracks()[0][2].source_range
    silent = exchanged(cut_of(Fraction(25), [(mute, times[0], 9)]), [(mute, times)], tmp_path)
    assert not silent.audio_tracks()


@pytest.mark.parametrize(
    "name", ["take 1#2.mp4", "50%.mp4", "ä?b&c.mp4", "a:b.mp4", 'quo"te\n.mp4', os.fsdecode(b"\xff\xfe.mp4")]
)
def test_a_name_of_any_kind_leads_back_to_its_file(name, tmp_path):
    card, out = tmp_path / "the card", tmp_path / "films" / "one"
    card.mkdir()
    out.mkdir(parents=True)
    (card / name).touch()
    times = even_times(Fraction(25), 30)
    take = take_of(times, (str(card / name),))
    film = exchanged(cut_of(Fraction(25), [(take, times[0], 9)]), [(take, times)], out)
    [clip] = film.video_tracks()[0]
    url = clip.media_reference.target_url
    assert url.startswith("../../the%20card/")
    assert url.isascii() and not set(url) & set(' "?#&:\n')
    assert (out / source_frame_of(clip)[0]).samefile(card / name)


def test_the_way_to_the_file_holds_when_the_film_s_folder_is_a_link(tmp_path):
    (tmp_path / "disk" / "deep" / "film").mkdir(parents=True)
    (tmp_path / "take.mp4").touch()
    (tmp_path / "film").symlink_to(tmp_path / "disk" / "deep" / "film")
    times = even_times(Fraction(25), 30)
    take = take_of(times, (str(tmp_path / "take.mp4"),))
    film = exchanged(cut_of(Fraction(25), [(take, times[0], 9)]), [(take, times)], tmp_path / "film")
    [clip] = film.video_tracks()[0]
    assert (tmp_path / "film" / source_frame_of(clip)[0]).samefile(tmp_path / "take.mp4")


def test_what_cannot_be_written_is_said_and_nothing_half_written_stays(tmp_path):
    times = even_times(Fraction(25), 30)
    take = take_of(times)
    film = timeline(cut_of(Fraction(25), [(take, times[0], 9)]), {take.id: take}, {take.id: times}, tmp_path)
    (tmp_path / "film.otio").mkdir()
    with pytest.raises(CannotWrite, match=r"film\.otio: .*directory"):
        write(film, tmp_path / "film.otio")
    assert [path.name for path in tmp_path.iterdir()] == ["film.otio"]
    with pytest.raises(CannotWrite):
        write(film, tmp_path / "nowhere" / "film.otio")
