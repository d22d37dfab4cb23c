"""Parts of a film become a film in which every frame has its exact time."""

import itertools
import resource
import signal
from fractions import Fraction

import av
import numpy as np
import pytest
from made import NTSC, click, heard, number_in, numbered, onset

from headturn.camera.media import (
    PictureWriter,
    frame_times,
    frames,
    join_parts,
    probe,
)
from headturn.camera.media.frames import subsampled
from headturn.errors import CannotRead, CannotWrite

SIZE = 256, 120


def write_parts(folder, lengths, codec="h264", rate=NTSC):
    parts, number = [], 0
    for place, length in enumerate(lengths):
        path = folder / f"part{place}{'.mp4' if codec == 'h264' else '.mov'}"
        with PictureWriter(path, *SIZE, rate, codec) as writer:
            for _ in range(length):
                picture = numbered(number, *SIZE)
                writer.write(picture if codec == "h264" else as_rgb48(picture))
                number += 1
        parts.append(path)
    return parts


def as_rgb48(picture):
    frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
    return frame.reformat(format="rgb48le", src_colorspace=1, src_color_range=1, dst_color_range=2).to_ndarray()


@pytest.mark.parametrize("codec", ["h264", "prores", "dnxhr"])
def test_parts_become_one_film_in_which_every_frame_has_its_exact_time(tmp_path, codec):
    parts = write_parts(tmp_path, [40, 1, 33, 2], codec)
    out = tmp_path / ("film.mp4" if codec == "h264" else "film.mov")
    progress = []
    made = click(76 / NTSC, 1)
    blocks = (made[at : at + 5000] for at in range(0, len(made), 5000))
    join_parts(parts, out, blocks, on_progress=progress.append)
    assert progress == list(range(1, 77))
    clip = probe([out])
    times = frame_times(clip)
    assert [times[k] for k in range(len(times))] == [k / NTSC for k in range(76)]
    assert clip.span.end == 76 / NTSC
    assert [number_in(frame) for frame in frames(clip)] == list(range(76))
    assert number_in(next(frames(clip, 41))) == 41
    colour = clip.image.colour
    assert (colour.matrix, colour.primaries, colour.transfer, colour.full_range) == ("bt709",) * 3 + (False,)
    assert colour.assumed == "" and colour.bits == (8 if codec == "h264" else 10)
    samples = heard(clip, 0, clip.span.end)
    assert onset(samples) == pytest.approx(48000, abs=2)
    data = out.read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")
    assert b"nclx" in data or b"nclc" in data
    with av.open(str(out)) as container:
        decoding = [packet.dts for packet in container.demux(video=0) if packet.size]
        assert all(a < b for a, b in itertools.pairwise(decoding))
        container.seek(0)
        frame = next(container.decode(video=0))
        assert (frame.color_range, frame.colorspace, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*(part.name for part in parts), out.name])


def test_a_film_may_be_silent(tmp_path):
    join_parts(write_parts(tmp_path, [5, 5], rate=Fraction(25)), tmp_path / "film.mp4", None)
    clip = probe([tmp_path / "film.mp4"])
    assert clip.sound is None and clip.image.rate == 25 and clip.image.frames == 10


def test_the_same_pictures_give_the_same_bytes(tmp_path):
    films = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        join_parts(write_parts(tmp_path / name, [12, 9]), tmp_path / name / "film.mp4", [click(0.7, 0.2)])
        films.append((tmp_path / name / "film.mp4").read_bytes())
    assert films[0] == films[1]


@pytest.mark.parametrize("codec", ["prores", "dnxhr"])
def test_a_master_keeps_ten_bits_in_either_layout(tmp_path, codec):
    ramp = np.repeat(np.linspace(20000, 40000, 256).astype(np.uint16)[None, :, None], 120, axis=0).repeat(3, axis=2)
    for place, layout in enumerate(["rgb48", "yuv422p10"]):
        path = tmp_path / f"{place}.mov"
        with PictureWriter(path, *SIZE, Fraction(24), codec) as writer:
            writer.write(ramp if layout == "rgb48" else subsampled(ramp))
        found = next(frames(probe([path]))).pixels("rgb48")
        assert np.abs(found.astype(int) - ramp).mean() / 65535 < 1 / 1024


def test_deep_pictures_are_rounded_to_eight_bits_without_a_pattern(tmp_path):
    """A dithered wall has a grain that the frames beside it, which came in 8 bits, have not."""
    path = tmp_path / "a.mp4"
    wall = np.full((*SIZE[::-1], 3), 30000 + 100, np.uint16)
    with PictureWriter(path, *SIZE, Fraction(24), crf=1) as writer:
        writer.write(wall)
    luma = next(frames(probe([path]))).pixels("yuv420")[: SIZE[1]]
    assert luma.min() == luma.max() == round(16 + 219 * 30100 / 65535)


def test_ten_bits_become_eight_without_a_pattern(tmp_path):
    path = tmp_path / "a.mov"
    with PictureWriter(path, *SIZE, Fraction(24), "prores") as writer:
        writer.write(np.full((*SIZE[::-1], 3), 30100, np.uint16))
    luma = next(frames(probe([path]))).pixels("yuv420")[: SIZE[1]]
    assert luma.min() == luma.max() == round(16 + 219 * 30100 / 65535)


def test_odd_sizes_and_wrong_pictures_are_refused(tmp_path):
    with pytest.raises(ValueError, match="even"):
        PictureWriter(tmp_path / "a.mp4", 191, 96, Fraction(25))
    with pytest.raises(CannotWrite, match="ProRes"):
        PictureWriter(tmp_path / "a.mov", 224, 224, Fraction(25), "dnxhr")
    with (
        pytest.raises(ValueError, match="no picture"),
        PictureWriter(tmp_path / "a.mp4", 192, 96, Fraction(25)) as writer,
    ):
        writer.write(numbered(0, 96, 96))
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_part_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), PictureWriter(tmp_path / "a.mp4", 192, 96, Fraction(25)) as writer:
        writer.write(numbered(0))
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_join_leaves_nothing(tmp_path):
    parts = write_parts(tmp_path, [5, 5])

    def voice():
        yield click(0.1, 0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        join_parts(parts, tmp_path / "film.mp4", voice())
    assert {path.name for path in tmp_path.iterdir()} == {part.name for part in parts}


def test_parts_of_different_kinds_are_not_joined(tmp_path):
    parts = write_parts(tmp_path, [5])
    with PictureWriter(tmp_path / "b.mp4", 192, 96, Fraction(25)) as writer:
        writer.write(numbered(0))
    with pytest.raises(CannotRead, match="settings"):
        join_parts([*parts, tmp_path / "b.mp4"], tmp_path / "film.mp4", None)
    assert not (tmp_path / "film.mp4").exists()


@pytest.fixture
def small_disk():
    """No file may grow beyond some bytes: the system refuses to write on, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_part_that_does_not_fit_is_an_error_and_leaves_nothing(tmp_path, small_disk):
    rng = np.random.default_rng(1)
    for limit in (1000, 60_000):
        small_disk(limit)
        with (
            pytest.raises(CannotWrite, match="written"),
            PictureWriter(tmp_path / "a.mp4", 192, 96, Fraction(25), crf=0) as writer,
        ):
            for _ in range(6):
                writer.write(rng.integers(16, 235, (144, 192)).astype(np.uint8))
        assert list(tmp_path.iterdir()) == []


def test_a_film_that_does_not_fit_is_an_error_and_leaves_nothing(tmp_path, small_disk):
    parts = write_parts(tmp_path, [40, 40])
    size = sum(part.stat().st_size for part in parts)
    for limit in (100, size // 2, size - 2000):
        small_disk(limit)
        with pytest.raises(CannotWrite, match="written"):
            join_parts(parts, tmp_path / "film.mp4", [click(2, 1)])
        assert {path.name for path in tmp_path.iterdir()} == {part.name for part in parts}


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path):
    with pytest.raises(CannotWrite):
        PictureWriter(tmp_path / "none" / "a.mp4", 192, 96, Fraction(25))
