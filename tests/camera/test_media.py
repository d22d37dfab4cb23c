"""Recordings are probed and their frames come out at their exact times, upright and in shape."""

import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from made import CLOSED, NTSC, OPEN, click, number_in, numbered, patched, record, seen, videos

from headturn.camera.media import covering, frame_times, frames, frames_at, key_frames, probe, sound
from headturn.errors import CannotRead, NoImage


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.footage
def test_frame_times_are_those_of_the_decoded_frames_on_every_real_clip(footage):
    for path in videos(footage):
        clip = probe([path])
        times = frame_times(clip)
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            shown = [frame.pts for frame in container.decode(stream)]
            base = stream.time_base
        assert len(shown) == len(times) == clip.image.frames, path
        assert all(times[k] == (pts - shown[0]) * base for k, pts in enumerate(shown)), path


@pytest.mark.footage
def test_a_clip_lasts_as_long_as_its_video_track_not_its_container(footage):
    clip = probe([footage / "drone" / "karma.mp4"])
    assert clip.span.end == Fraction(1087086, 90000)
    assert str(clip.timecode) == "19:26:48:04"
    assert clip.created.isoformat() == "2017-04-17T19:27:57+00:00"
    assert clip.camera.startswith("HERO5")
    assert clip.image.rate == NTSC
    assert clip.image.colour.full_range


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi"])
@pytest.mark.parametrize("options", [CLOSED, OPEN], ids=["closed", "open"])
def test_every_frame_is_found_at_its_index_wherever_one_starts(tmp_path, name, options):
    if name == "a.avi":
        options = {**options, "bf": "0", "x264-params": "keyint=12:bframes=0"}
    clip = probe([record(tmp_path / name, 60, rate=NTSC, options=options)])
    assert [number_in(frame) for frame in frames(clip)] == list(range(60))
    for start in (0, 1, 10, 11, 12, 13, 23, 24, 35, 47, 59):
        found = [(frame.index, number_in(frame)) for frame in frames(clip, start, start + 3)]
        assert found == [(k, k) for k in range(start, min(60, start + 3))]


@pytest.mark.footage
def test_starting_in_the_middle_of_a_real_clip_gives_the_same_pictures(footage):
    rng = random.Random(1)
    for path in ("glasses/Neon_Scene_Camera_v1_ps1.mp4", "shaky/video_stabilized.avi", "single/kaust_1.mp4"):
        clip = probe([footage / path])
        whole = {frame.index: frame.pixels("gray", 64).sum() for frame in frames(clip)}
        for start in rng.sample(range(len(whole)), 4):
            some = {frame.index: frame.pixels("gray", 64).sum() for frame in frames(clip, start, start + 2)}
            assert some == {k: whole[k] for k in range(start, min(start + 2, len(whole)))}


def test_variable_frame_rate_keeps_every_frames_own_time(tmp_path):
    ticks = [0, 40, 47, 90, 200, 233, 266, 300]
    path = record(tmp_path / "a.mp4", 8, times=ticks, base=Fraction(1, 1000), options={"bf": "0"})
    clip = probe([path])
    assert [frame.time for frame in frames(clip)] == [Fraction(tick, 1000) for tick in ticks]
    assert clip.image.variable_rate
    assert any("varies" in note for note in clip.notes)


@pytest.mark.parametrize("skipped", [0, 3, 7])
def test_edit_lists_are_followed(tmp_path, skipped):
    path = record(tmp_path / "a.mp4", 40, options={"bf": "3", "g": "12", "preset": "veryfast"})

    def start_later(data, at):
        start = int.from_bytes(data[at + 12 : at + 16], "big") + skipped * 512
        data[at + 12 : at + 16] = start.to_bytes(4, "big")

    clip = probe([patched(path, b"elst", start_later)])
    with av.open(str(path)) as container:
        pts = [frame.pts for frame in container.decode(video=0)]
    found = list(frames(clip))
    assert [frame.time for frame in found] == [Fraction(p - pts[0], 15360) for p in pts]
    assert [number_in(frame) for frame in found] == list(range(skipped, 40))
    assert number_in(next(frames(clip, 20))) == 20 + skipped


def test_chapters_are_one_clip_on_one_clock(tmp_path):
    parts = []
    for number, (first, last) in enumerate([(0, 20), (20, 41), (41, 60)]):
        pictures = (numbered(k) for k in range(first, last))
        parts.append(record(tmp_path / f"GX0{number + 1}0001.MP4", pictures, rate=NTSC, options=CLOSED))
    clip = probe(parts, "identity")
    assert clip.id == "identity"
    assert clip.chapter_starts == (0, 20 / NTSC, 41 / NTSC)
    assert clip.span.end == 60 / NTSC
    assert [(f.index, f.time, number_in(f)) for f in frames(clip, 18, 44)] == [(k, k / NTSC, k) for k in range(18, 44)]


def test_files_of_different_kinds_are_no_chapters(tmp_path):
    one = record(tmp_path / "a.mp4", 5)
    other = record(tmp_path / "b.mp4", [np.full((96, 64), 128, np.uint8)] * 5)
    with pytest.raises(CannotRead, match="no chapter"):
        probe([one, other])


@pytest.mark.parametrize("wanted", [[0], [3, 4, 50], [59, 0, 30, 30], [11, 12, 13, 25, 47], range(60), [-1, 7, 60]])
def test_single_frames_wherever_they_lie(tmp_path, wanted):
    clip = probe([record(tmp_path / "a.mp4", 40, options=CLOSED), record(tmp_path / "b.mp4", 20, options=OPEN)])
    found = [(frame.index, number_in(frame)) for frame in frames_at(clip, wanted)]
    assert found == [(k, k if k < 40 else k - 40) for k in sorted(set(wanted)) if 0 <= k < 60]


def test_key_frames_are_spread_over_the_clip(tmp_path):
    clip = probe([record(tmp_path / "a.mp4", 60, options=CLOSED)])
    found = list(key_frames(clip, 4))
    assert [frame.index for frame in found] == [0, 12, 36, 48]
    assert [number_in(frame) for frame in found] == [0, 12, 36, 48]


def test_an_abandoned_reading_closes_its_file(tmp_path):
    clip = probe([record(tmp_path / "a.mp4", 30, sound=click(1, 0.5))])
    before = open_files()
    picture, voice = frames(clip), sound(clip, Fraction(0), Fraction(1))
    next(picture), next(voice)
    assert open_files() > before
    picture.close(), voice.close()
    assert open_files() == before


def quadrants(width=192, height=96):
    """Red, green / blue, grey quadrants as rgb24."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = 200, 20, 20
    picture[: height // 2, width // 2 :] = 20, 200, 20
    picture[height // 2 :, : width // 2] = 20, 20, 200
    picture[height // 2 :, width // 2 :] = 128
    return picture


def turned(path, degrees):
    """Sets the rotation flag (clockwise) of the track header."""
    matrices = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
    a, b, c, d = (value * 65536 for value in matrices[degrees])

    def turn(data, at):
        matrix = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
        data[at + 40 : at + 76] = b"".join(value.to_bytes(4, "big", signed=True) for value in matrix)

    return patched(path, b"tkhd", turn)


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("layout", ["rgb", "rgb48", "yuv420", "yuv422p10", "gray"])
def test_the_rotation_flag_is_applied(tmp_path, degrees, layout):
    picture = quadrants()
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="yuv420p", dst_colorspace=1)
    path = record(tmp_path / "a.mp4", [frame] * 2, tags={"colorspace": 1}, options={"crf": "4"})
    straight = next(frames(probe([path]))).pixels("rgb").astype(int)
    clip = probe([turned(path, degrees)])
    assert clip.image.rotation_deg == degrees
    upright = np.rot90(straight, -degrees // 90)
    assert (clip.image.height, clip.image.width) == upright.shape[:2]
    shown = next(frames(clip)).pixels(layout)
    height, width = upright.shape[:2]
    shape = {"gray": (height, width), "yuv420": (height * 3 // 2, width), "yuv422p10": (height * 2, width)}
    assert shown.shape == shape.get(layout, (height, width, 3))
    points = [(height // 4, width // 4), (height // 4, width * 3 // 4), (height * 3 // 4, width // 4)]
    for y, x in points:
        found = seen(shown, layout, height, width, y, x)
        expected = upright[y, x] if "gray" not in layout else upright[y, x] @ (0.2126, 0.7152, 0.0722)
        np.testing.assert_allclose(found, expected, atol=6)


def test_pixels_become_square(tmp_path):
    clip = probe([record(tmp_path / "a.mp4", 3, aspect=Fraction(4, 3))])
    assert (clip.image.width, clip.image.height) == (256, 96)
    assert next(frames(clip)).pixels("gray").shape == (96, 256)


@pytest.mark.footage
def test_pixels_of_a_real_wide_clip_become_square(footage):
    clip = probe([footage / "edited" / "issue-195-aspect-ratio.mp4"])
    assert (clip.image.coded_width, clip.image.width, clip.image.height) == (704, 1024, 576)
    assert next(frames(clip)).pixels("yuv420").shape == (864, 1024)


@pytest.mark.parametrize(("width", "height"), [(96, 96), (192, 48), (64, 90), (300, 100), (2, 2)])
@pytest.mark.parametrize("layout", ["gray", "rgb", "yuv420", "yuv422p10"])
def test_other_shapes_are_covered_and_cropped_about_the_middle(tmp_path, width, height, layout):
    clip = probe([record(tmp_path / "a.mp4", [cross()] * 2, options={"crf": "1"})])
    luma = next(frames(clip)).pixels(layout, width, height)[:height]
    luma = luma.max(axis=2) if layout == "rgb" else luma
    if min(width, height) > 40:
        bright = luma > (600 if layout == "yuv422p10" else 150)
        x, y = np.nonzero(bright.sum(axis=0) > height * 0.8)[0], np.nonzero(bright.sum(axis=1) > width * 0.8)[0]
        assert abs(x.mean() - (width - 1) / 2) < 0.6
        assert abs(y.mean() - (height - 1) / 2) < 0.6
    assert luma.shape == (height, width)


def cross():
    picture = np.full((144, 192), 128, np.uint8)
    picture[:96] = 40
    picture[44:52] = 220
    picture[:96, 92:100] = 220
    return picture


def test_one_size_asks_for_the_other(tmp_path):
    clip = probe([record(tmp_path / "a.mp4", 2)])
    frame = next(frames(clip))
    assert frame.pixels("gray", 64).shape == (32, 64)
    assert frame.pixels("gray", height=48).shape == (48, 96)
    with pytest.raises(ValueError, match="even"):
        frame.pixels("yuv420", 63, 48)


def test_covering_never_leaves_a_gap(tmp_path):
    image = probe([record(tmp_path / "a.mp4", 2)]).image
    for width, height, step in [(101, 50, 2), (640, 361, 2), (1920, 1080, 4), (7, 1000, 4)]:
        across, down = covering(image, width, height, step=step)
        assert across >= width and down >= height and min(across - width, down - height) == 0
        assert (across - width) % step == (down - height) % step == 0


@pytest.mark.parametrize(
    ("contents", "why"),
    [
        (b"", "is empty"),
        (b"This is a shopping list.\nMilk.\n" * 50, "text"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:5,\nhttp://localhost/a.ts\n", "text"),
        (bytes(random.Random(1).randbytes(100_000)), "recording"),
        (bytes(100_000), "recording"),
        (b"\0\0\0\x20ftypisom" + bytes(20) + b"\0\0\1\0mdat" + bytes(248), "index"),
    ],
    ids=["empty", "text", "playlist", "random", "zeros", "no index"],
)
def test_what_is_no_recording_is_said_in_a_sentence(tmp_path, contents, why):
    path = tmp_path / "a.MP4"
    path.write_bytes(contents)
    with pytest.raises(CannotRead, match=why) as caught:
        probe([path])
    assert str(caught.value).startswith("a.MP4: ")


def test_odd_letters_in_the_metadata_do_no_harm(tmp_path):
    path = record(tmp_path / "a.mp4", 3)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"VideoHandler", b"Video\xff\xfe\xe9dler"))
    assert probe([path]).image.frames == 3


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_threads_change_nothing(tmp_path, threads):
    clip = probe([record(tmp_path / "a.mp4", 40, options=CLOSED)])
    assert [number_in(frame) for frame in frames(clip, 15, 30, threads=threads)] == list(range(15, 30))


@pytest.mark.parametrize(("profile", "noted"), [(b"FLAT", True), (b"GOPRO", False)])
def test_camera_and_flat_profile_are_read_from_the_settings_of_the_camera(tmp_path, profile, noted):
    def item(key, kind, value):
        padded = value + bytes(-len(value) % 4)
        return key + kind + (b"\0" if kind == b"\0" else b"\1") + len(value).to_bytes(2, "big") + padded

    inside = item(b"MINF", b"c", b"HERO13 Black") + item(b"PTCL", b"c", profile)
    device = b"DEVC\0\1" + len(inside).to_bytes(2, "big") + inside
    path = record(tmp_path / "a.mp4", 3)
    data = path.read_bytes()
    block = (8 + len(device)).to_bytes(4, "big") + b"GPMF" + device
    block = (8 + len(block)).to_bytes(4, "big") + b"udta" + block
    at = data.index(b"moov") - 4
    size = int.from_bytes(data[at : at + 4], "big") + len(block)
    kept = data[at + 4 :].replace(b"udta", b"free", 1)
    path.write_bytes(data[:at] + size.to_bytes(4, "big") + kept + block)
    clip = probe([path])
    assert clip.camera == "HERO13 Black"
    assert any("FLAT" in note for note in clip.notes) == noted


def test_missing_files_and_folders(tmp_path):
    for path in (tmp_path / "none.mp4", tmp_path):
        with pytest.raises(CannotRead):
            probe([path])


def test_sound_alone_and_telemetry_alone_have_no_image(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2048), np.float32), format="flt", layout="stereo")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(NoImage, match="audio"):
        probe([path])
    payload = tmp_path / "a.raw"
    payload.write_bytes(b"DEVC\0\1\0\0" + bytes(100))
    with pytest.raises(NoImage, match="telemetry"):
        probe([payload])


def test_a_recording_cut_off_anywhere_is_used_as_far_as_it_goes_or_refused(tmp_path):
    late = record(tmp_path / "late.mp4", 60, options=CLOSED).read_bytes()
    early = record(tmp_path / "early.mp4", 60, options=CLOSED, container_options={"movflags": "faststart"}).read_bytes()
    assert early.find(b"moov") < early.find(b"mdat")
    usable = 0
    for tenth in range(10):
        path = tmp_path / f"late{tenth}.mp4"
        path.write_bytes(late[: len(late) * tenth // 10])
        with pytest.raises(CannotRead):
            probe([path])
        path = tmp_path / f"early{tenth}.mp4"
        path.write_bytes(early[: len(early) * tenth // 10])
        try:
            clip = probe([path])
        except CannotRead:
            continue
        found = [number_in(frame) for frame in frames(clip)]
        assert 0 < len(found) <= clip.image.frames < 60
        assert found == list(range(len(found)))[: len(found)] or set(found) <= set(range(clip.image.frames + 3))
        assert any("cut off" in note for note in clip.notes)
        usable += 1
    assert usable >= 5


def test_a_damaged_frame_does_not_end_the_take(tmp_path):
    path = record(tmp_path / "a.mp4", 60, options={"g": "10", "bf": "0", "preset": "veryfast"})
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    position, size = places[25]
    data[position : position + size] = bytes(random.Random(3).randbytes(size))
    path.write_bytes(data)
    clip = probe([path])
    found = {frame.index: number_in(frame) for frame in frames(clip)}
    assert set(range(60)) - set(found) <= set(range(24, 30))
    assert all(found[k] == k for k in (*range(24), *range(30, 60)))


def test_a_recording_in_fragments_is_read_by_its_packets(tmp_path):
    path = record(tmp_path / "a.mp4", 40, options=CLOSED, container_options={"movflags": "frag_keyframe+empty_moov"})
    clip = probe([path])
    assert [number_in(frame) for frame in frames(clip, 20)] == list(range(20, 40))
    assert [frame.time for frame in frames(clip, 20, 22)] == [Fraction(20, 30), Fraction(21, 30)]
