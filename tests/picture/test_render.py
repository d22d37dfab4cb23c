"""From cut to file: which source frame each film frame shows, conforming, reels that are kept, and interruptions."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.camera import media
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit import look
from headturn.edit.cut import Cut, Seam, Segment, Splice
from headturn.edit.look import Glance
from headturn.errors import CannotRead, CannotWrite
from headturn.head.rush import Rush
from headturn.picture import render
from headturn.picture.render import RenderOptions
from headturn.review import ride
from headturn.rotation import compose, from_vector, inverse, to_vector
from makers import lens, look_over, looking, motion, panorama, view

SIZE = (192, 108)
BLOCKS = 10
LENS = lens(*SIZE)
LENS_ABOVE = replace(LENS, height=90)
"""For the picture above the blocks."""


def numbered(picture, number):
    """The picture with a row of blocks along its foot that count in binary."""
    for bit in range(BLOCKS):
        picture[96:106, 6 + bit * 18 : 20 + bit * 18] = 235 if number >> bit & 1 else 16
    return picture


def number_in(luma):
    return sum(int(luma[101, 13 + bit * 18] > 128) << bit for bit in range(BLOCKS))


def record(path, rate, first, orientations, world):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "12", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.thread_count, stream.codec_context.gop_size = 1, 12
        for k, orientation in enumerate(orientations):
            image = numbered(view(world, LENS, orientation), first + k)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode(None))


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """Two takes of one turn in one world, at 25 and at 30 frames a second, numbered from 0 and from 512; by id."""
    folder, world = tmp_path_factory.mktemp("card"), panorama(5, 256)
    made = {}
    for name, rate, first in (("a", 25, 0), ("b", 30, 512)):
        times = np.arange(2 * rate) / rate
        orientations = looking(look_over(times, 1.0, 0.8, 70))
        record(folder / f"{name}.mp4", rate, first, orientations, world)
        clip = replace(media.probe([folder / f"{name}.mp4"], name), lens=LENS)
        made[name] = Rush(Take(clip, clip.span, name), media.frame_times(clip), motion(times, orientations), ())
    return made


def film(rate, seam=None):
    """Take a, then take b, spliced in the middle of the turn."""
    rate = Fraction(rate)
    half = round(rate)
    a = Segment("a", "a", Span(Fraction(0), half / rate), 0, half)
    start = Fraction(28, 30)
    b = Segment("b", "b", Span(start, start + (half - 2) / rate), half, half - 2)
    q = tuple(float(x) for x in from_vector(np.radians([0.0, 2.0, 0.0])))
    seam = seam or Seam("turn", q, (1.1, 1.0, 0.9), turn_frames=5, colour_frames=7, overlap_frames=4, sound_frames=2)
    return Cut("film", rate, *SIZE, (a, b), (Splice(half, seam, "seamless", 0.1),))


@pytest.fixture
def finish(card, tmp_path):
    """Renders a cut of the card; its keyword arguments go to `render`."""

    def finish(cut, **rest):
        takes = {id: rush.take for id, rush in card.items()}
        out = tmp_path / "film.mp4"
        options = rest.pop("options", RenderOptions(crf=12))
        render.render(cut, ride.plan(cut, card), takes, tmp_path / "reels", out, options, **rest)
        return out

    return finish


@pytest.fixture
def short_reels(monkeypatch):
    """Reels of half a second, and which of them are written."""
    monkeypatch.setattr(render, "REEL_S", Fraction(1, 2))
    written = []

    class Watched(media.PictureWriter):
        def __enter__(self):
            written.append(self.path)
            return super().__enter__()

    monkeypatch.setattr(media, "PictureWriter", Watched)
    return written


def frames_of(path):
    return [(frame.time, frame.pixels("gray")) for frame in media.frames(media.probe([path]))]


@pytest.mark.parametrize("rate", [30, 25, 24, Fraction(24000, 1001)])
def test_outside_seams_the_film_shows_the_frames_that_the_cut_names(card, finish, rate):
    cut = film(rate)
    shown = frames_of(finish(cut))
    assert len(shown) == cut.frames
    assert [time for time, _ in shown] == [k / cut.rate for k in range(cut.frames)]
    seam = cut.changed_frames(0)
    named, found = [], []
    for frame, (_, luma) in enumerate(shown):
        if frame in seam:
            continue
        segment = cut.segment_at(frame)
        index = cut.source_frames(segment, range(frame, frame + 1), card["ab"[segment]].times)[0]
        named.append(index + 512 * segment)
        found.append(number_in(luma))
    assert found == named
    assert len(named) > 20


def yaw_steps_deg(path):
    """How far the view turns from each film frame to the next, seen in the film itself."""
    glances = [Glance(frame.pixels("rgb")[:90], LENS_ABOVE) for frame in media.frames(media.probe([path]))]
    seen = [look.align(a, b) for a, b in pairwise(glances)]
    assert min(each.points for each in seen) >= 10
    return np.array([np.degrees(to_vector(np.array(each.a_from_b))[1]) for each in seen])


def test_the_turn_goes_on_through_the_seam(card, finish):
    """Two stretches meet 12 degrees apart: with the seam every step is one of the turn, else one goes backwards."""
    path = card["b"].motion.world_from_body
    a_from_b = tuple(float(x) for x in compose(inverse(path[30]), path[28]))
    seam = Seam("turn", a_from_b, turn_frames=8, colour_frames=8, overlap_frames=6)
    cut = film(30, seam)
    first = replace(cut.segments[1], source=Span(Fraction(0), Fraction(1)), start=0, frames=30)
    cut = replace(cut, segments=(first, cut.segments[1]))
    steps = yaw_steps_deg(finish(cut))[24:36]
    own = 2 * 70 / 0.8 / 30  # a raised cosine peaks at twice its mean
    assert steps.min() > 0.4 * own  # the seam goes 12 degrees over in 16 frames, and so turns slower
    assert steps.max() < 1.2 * own
    assert np.abs(np.diff(steps)).max() < 0.2 * own
    hard = replace(cut, splices=(replace(cut.splices[0], seam=Seam("nothing")),))
    assert yaw_steps_deg(finish(hard))[29] < 0, "a hard cut would show here"


def test_a_film_of_another_shape_and_codec(card, finish, tmp_path):
    cut = replace(film(25), width=128, height=128)
    planned = ride.plan(cut, card)
    takes = {id: rush.take for id, rush in card.items()}
    out = tmp_path / "film-master.mov"
    render.render(cut, planned, takes, tmp_path / "reels", out, RenderOptions("prores"))
    image = media.probe([out]).image
    assert (image.width, image.height, image.frames, image.codec) == (128, 128, cut.frames, "prores")
    assert image.colour.bits == 10


def test_only_a_reel_that_is_missing_is_rendered_again(finish, short_reels, tmp_path):
    cut = film(30)
    finish(cut)
    reels = sorted((tmp_path / "reels").glob("*.mp4"))
    assert len(reels) == len(short_reels) == len(render.reel_ranges(cut)) >= 3
    reels[1].unlink()
    short_reels.clear()
    assert len(frames_of(finish(cut))) == cut.frames
    assert short_reels == [reels[1]]


def test_a_changed_splice_renders_only_its_reel_and_leaves_nothing_behind(finish, short_reels, tmp_path):
    cut = film(30)
    finish(cut)
    before = set(short_reels)
    short_reels.clear()
    changed = film(30, replace(cut.splices[0].seam, a_from_b=(1.0, 0.0, 0.0, 0.0)))
    finish(changed)
    assert len(short_reels) == 1
    kept = set((tmp_path / "reels").iterdir())
    assert len(kept) == len(before)
    assert len(kept - before) == 1


def test_an_interrupted_film_goes_on_and_is_the_same(finish, short_reels, tmp_path):
    cut = film(30)
    whole = frames_of(finish(cut))
    for each in (*(tmp_path / "reels").iterdir(), tmp_path / "film.mp4"):
        each.unlink()
    short_reels.clear()

    def stop(done, total):
        if done >= 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(cut, on_progress=stop)
    assert not (tmp_path / "film.mp4").exists()
    assert {path.name for path in (tmp_path / "reels").iterdir()} == {path.name for path in short_reels[:-1]}
    done = len(short_reels) - 1
    assert done >= 1
    short_reels.clear()
    for (time, luma), (other_time, other) in zip(frames_of(finish(cut)), whole, strict=True):
        assert time == other_time
        assert np.abs(luma.astype(int) - other).mean() < 2
    assert len(short_reels) == len(render.reel_ranges(cut)) - done


def test_a_take_that_is_gone_is_named_and_no_film_appears(card, tmp_path):
    cut = film(30)
    clip = replace(card["b"].take.clip, files=(tmp_path / "gone.mp4",))
    takes = {"a": card["a"].take, "b": replace(card["b"].take, clip=clip)}
    with pytest.raises(CannotRead, match=r"gone\.mp4"):
        render.render(cut, ride.plan(cut, card), takes, tmp_path / "reels", tmp_path / "film.mp4", RenderOptions())
    assert not (tmp_path / "film.mp4").exists()
    assert not list((tmp_path / "reels").iterdir())


def test_frames_that_cannot_be_decoded_are_stood_in_for(card, monkeypatch, tmp_path):
    """Damage costs its own frames only: the film keeps its length, and the next frames are the right ones again."""
    whole = media.frames
    lost = {0, 5, 6, 29}
    monkeypatch.setattr(
        media, "frames", lambda clip, *span: (f for f in whole(clip, *span) if clip.id != "a" or f.index not in lost)
    )
    cut = film(25, Seam("nothing"))
    takes = {id: rush.take for id, rush in card.items()}
    pixels = list(render.film_pixels(cut, ride.plan(cut, card), takes, range(cut.frames), "yuv420"))
    assert len(pixels) == cut.frames
    found = [number_in(luma) for luma in pixels[:25]]
    assert [number for k, number in enumerate(found) if k not in lost] == [k for k in range(25) if k not in lost]
    assert all(abs(found[k] - k) <= 2 for k in lost if k < 25)


def test_a_folder_that_may_not_be_made_is_said(card, tmp_path):
    (tmp_path / "reels").write_text("a file in the way")
    cut = film(30)
    takes = {id: rush.take for id, rush in card.items()}
    with pytest.raises(CannotWrite):
        render.render(cut, ride.plan(cut, card), takes, tmp_path / "reels", tmp_path / "film.mp4", RenderOptions())


def test_the_key_of_a_film_is_that_of_all_it_shows(card):
    def key(cut, options=RenderOptions()):  # noqa: B008
        return render.film_key(cut, ride.plan(cut, card), options)

    cut = film(30)
    seam = cut.splices[0].seam
    others = [
        key(film(25)),
        key(cut, RenderOptions(crf=20)),
        key(film(30, replace(seam, sound_frames=6))),
        key(film(30, replace(seam, overlap_frames=6))),
        key(replace(cut, width=160)),
    ]
    assert len({key(cut), *others}) == 1 + len(others)
    assert key(cut) == key(film(30))


@given(st.lists(st.tuples(st.integers(1, 900), st.integers(0, 200)), min_size=1, max_size=9))
def test_reels_cover_the_film_and_never_end_in_a_seam(lengths):
    rate, at, segments, splices = Fraction(25), 0, [], []
    for k, (frames, wanted) in enumerate(lengths):
        segments.append(Segment(str(k), str(k), Span(Fraction(0), frames / rate), at, frames))
        at += frames
        if k + 1 < len(lengths):
            reach = min(wanted, frames // 2, lengths[k + 1][0] // 2)
            splices.append(Splice(at, Seam("turn", turn_frames=reach), "seamless", 0.0))
    cut = Cut("film", rate, 64, 36, tuple(segments), tuple(splices))
    reels = render.reel_ranges(cut)
    assert [frame for reel in reels for frame in reel] == list(range(cut.frames))
    for reel in reels[:-1]:
        assert not any(seam.start < reel.stop < seam.stop for seam in cut.seam_frames())
    assert max(map(len, reels)) <= 375 + 400
