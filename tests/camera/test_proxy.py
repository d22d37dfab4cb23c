"""A camera's low-resolution recording is mapped frame for frame where it fits, and refused in a sentence elsewhere."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from headturn.camera import card, media, proxy
from headturn.errors import CannotRead
from recordings import NUMBER_BITS, Look, Shot, picture, record

LARGE = Shot(seconds=4.0, width=640, height=360, looks=(Look(0.7, 70), Look(2.2, -60), Look(3.4, 50)))
SMALL = replace(LARGE, width=256, height=144)


def recorded(folder, small=SMALL, name="GX010001.MP4", large=LARGE, **rest):
    """A recording and its LRV as a card has them, opened as one clip; `rest` says what the LRV is made of."""
    file, lrv = folder / name, folder / f"GL{name[2:8]}.LRV"
    record(folder / "large.mp4", large).rename(file)
    record(folder / "small.mp4", small, **rest).rename(lrv)
    (clip,) = card.ingest(folder).clips
    assert clip.files == (file,) and clip.proxies == (lrv,)
    return clip


def shifted(frames, small=SMALL):
    """The pictures of an LRV that shows everything so many frames early."""
    count = round(small.seconds * small.rate)
    return [picture(small, number, float(number / small.rate)) for number in range(frames, frames + count)]


def number_in(frame):
    """The number burnt into a frame."""
    image = frame.pixels("gray")
    height, width = image.shape
    block, row = min(width, height) // 16, height * 3 // 4 + min(width, height) // 32
    left = (width - NUMBER_BITS * block) // 2 + block // 2
    return sum(1 << bit for bit in range(NUMBER_BITS) if image[row, left + bit * block] > 128)


def test_one_that_fits_shows_every_frame(tmp_path):
    clip = recorded(tmp_path)
    small = proxy.beside(clip)
    lags_s = proxy.lags(clip, small)
    assert lags_s == pytest.approx((0.0,), abs=1e-6)
    fit = proxy.fitted(clip, small, lags_s)
    assert list(fit.frames) == list(range(clip.image.frames))
    assert list(fit.keys) == list(media.key_numbers(small))


@pytest.mark.parametrize("early", [1, 3])
def test_one_that_is_off_by_frames_is_mapped_by_what_it_shows(tmp_path, early):
    clip = recorded(tmp_path, pictures=shifted(early))
    small = proxy.beside(clip)
    lags_s = proxy.lags(clip, small)
    assert lags_s == pytest.approx((-early / 30,), abs=1e-6)
    fit = proxy.fitted(clip, small, lags_s)
    assert list(fit.frames[:early]) == [-1] * early
    assert list(fit.frames[early:]) == list(range(clip.image.frames - early))
    wanted = [20, 41, 77]
    seen = {frame.index: number_in(frame) for frame in media.frames_at(small, fit.frames[wanted].tolist())}
    assert [seen[int(fit.frames[index])] for index in wanted] == wanted


@pytest.mark.parametrize("odd", [0, 1])
def test_one_of_every_second_frame_is_mapped_to_the_frames_that_it_shows(tmp_path, odd):
    large = replace(LARGE, rate=Fraction(60))
    small = replace(SMALL, rate=Fraction(30))
    pictures = [picture(small, number, number / 60) for number in range(odd, 240, 2)]
    clip = recorded(tmp_path, small, large=large, pictures=pictures)
    fit = proxy.fitted(clip, proxy.beside(clip), proxy.lags(clip, proxy.beside(clip)))
    shown = np.flatnonzero(fit.frames >= 0)
    assert list(shown) == list(range(odd, 240, 2))
    assert list(fit.frames[shown]) == list(range(120))


def test_where_the_speed_is_known_it_is_compared_where_the_image_moves(tmp_path):
    """At rest one frame is as good as the next: three frames of rest would not tell that it is off."""
    still = replace(LARGE, seconds=6.0, looks=(Look(4.8, 90, 0.4),))
    small = replace(still, width=256, height=144)
    clip = recorded(tmp_path, small, large=still, pictures=shifted(2, small))
    times = media.frame_times(clip).seconds
    speed = np.exp(-(((times - 4.8) / 0.15) ** 2))
    assert proxy.lags(clip, proxy.beside(clip), speed) == pytest.approx((-2 / 30,), abs=1e-6)


@pytest.mark.parametrize(
    ("small", "says"),
    [
        (replace(SMALL, seconds=3.0), "lasts 3.0 s, the recording 4.0 s"),
        (replace(SMALL, place=7), "does not show the same at"),
        (replace(SMALL, width=192, height=144), "has another shape (192x144, 640x360)"),
    ],
)
def test_one_that_does_not_fit_is_refused_in_a_sentence(tmp_path, small, says):
    clip = recorded(tmp_path, small)
    assert says in proxy.lags(clip, proxy.beside(clip))


def test_one_that_does_not_keep_step_is_refused(tmp_path):
    """It drops four frames in the middle and repeats its last ones."""
    kept = [*range(40), *range(44, 120), *[119] * 4]
    pictures = [picture(SMALL, number, number / 30) for number in kept]
    clip = recorded(tmp_path, pictures=pictures)
    assert "does not keep step: it is off by" in proxy.lags(clip, proxy.beside(clip))


def test_one_that_is_cropped_shows_something_else(tmp_path):
    """The same pixels through a narrower angle: only the size may differ."""
    large = [picture(LARGE, number, number / 30) for number in range(120)]
    cropped = [np.ascontiguousarray(image[40:320, 70:570][::2, ::2][:, :248]) for image in large]
    clip = recorded(tmp_path, replace(SMALL, width=248, height=140), pictures=cropped)
    assert "does not show the same" in proxy.lags(clip, proxy.beside(clip))


def test_a_damaged_one_cannot_be_read(tmp_path):
    clip = recorded(tmp_path)
    (lrv,) = clip.proxies
    lrv.write_bytes(lrv.read_bytes()[:3000])
    with pytest.raises(CannotRead, match=r"GL010001\.LRV"):
        proxy.beside(clip)


def test_every_chapter_needs_its_own(tmp_path):
    for place in (1, 2):
        record(tmp_path / "large.mp4", replace(LARGE, place=place)).rename(tmp_path / f"GX0{place}0001.MP4")
        record(tmp_path / "small.mp4", replace(SMALL, place=place)).rename(tmp_path / f"GL0{place}0001.LRV")
    clip = card.recording(tmp_path / "GX010001.MP4")
    assert len(clip.files) == 2
    small = proxy.beside(clip)
    assert [file.name for file in small.files] == ["GL010001.LRV", "GL020001.LRV"]
    fit = proxy.fitted(clip, small, proxy.lags(clip, small))
    assert list(fit.frames) == list(range(240))
    (tmp_path / "GL020001.LRV").unlink()
    assert proxy.beside(card.recording(tmp_path / "GX010001.MP4")) is None
