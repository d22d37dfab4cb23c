"""Treatments: tried on the takes themselves, within their handles; two halves of one take are joined to that take."""

from dataclasses import replace
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from films import conformed
from headturn.camera import media
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit.cut import Cut, Seam, Segment, Splice
from headturn.head.rush import Rush
from headturn.picture import render, residual, treatment
from headturn.review import ride
from headturn.rotation import compose, inverse
from makers import lens, look_over, looking, motion, panorama, view

SIZE = (192, 108)
LENS = lens(*SIZE)
RATE = Fraction(30)
OPEN_S = 0.03
"""How long the shutter of take "long" is open; the others' is not open for any time at all."""
DARKER = 0.8
"""Of take b's video values."""


def record(path, orientations, world, develop):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=int(RATE), options={"crf": "10", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.thread_count = 1
        for exposure in orientations:
            shown = np.mean([view(world, LENS, orientation) for orientation in exposure], axis=0)
            frame = av.VideoFrame.from_ndarray(develop(shown.astype(np.uint8)), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """Two takes of one turn in one place, the second darker and a little later; one of another place; and the first
    with a shutter that is open for long. By id."""
    folder = tmp_path_factory.mktemp("card")
    times = np.arange(50) / float(RATE)
    made = {}
    takes = (
        ("a", 5, 0.0, 1.0, 0.0),
        ("b", 5, 0.02, DARKER, 0.0),
        ("elsewhere", 8, 0.0, 1.0, 0.0),
        ("long", 5, 0.0, 1.0, OPEN_S),
    )
    for name, seed, late_s, level, open_s in takes:
        exposed_s = np.linspace(-open_s / 2, open_s / 2, 33 if open_s else 1)
        exposures = [looking(look_over(times + each, 0.8 + late_s, 0.8, 90)) for each in exposed_s]
        orientations = looking(look_over(times, 0.8 + late_s, 0.8, 90))
        path = folder / f"{name}.mp4"
        record(
            path,
            np.stack(exposures, axis=1),
            panorama(seed, 256),
            lambda image, level=level: cv2.convertScaleAbs(image, alpha=level),
        )
        clip = replace(media.probe([path], name), lens=LENS)
        made[name] = Rush(Take(clip, clip.span, name), media.frame_times(clip), motion(times, orientations), ())
    return made


@pytest.fixture(scope="module")
def halting(card, tmp_path_factory):
    """Takes "a" and "b" of the card as they are after a conform from 20 frames a second: each third image comes again.

    Not at the same moments in both.
    """
    folder, made = tmp_path_factory.mktemp("halting"), {}
    for name, again in (("a", 1), ("b", 2)):
        rush = card[name]
        repeated = np.arange(len(rush.times)) % 3 == again
        moved = conformed(rush, repeated)
        path = folder / f"{name}.mp4"
        record(path, moved.world_from_body[:, None], panorama(5, 256), lambda image: image)
        clip = replace(media.probe([path], name), lens=LENS)
        made[name] = replace(rush, take=Take(clip, clip.span, name), motion=moved)
    return made


def test_between_halting_pictures_a_seam_halts(halting):
    """Where the take that leads shows an image again the film does: the encoder of the takes changes a little of it."""
    cut = treatment.chosen(film(halting), halting)
    frames = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in rendered(cut, halting)]).astype(float)
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))[9:31]
    (splice,) = cut.splices
    number = np.arange(10, 32)
    again = np.where(number < splice.frame, (number + 4) % 3 == 1, (number - splice.frame + 24) % 3 == 2)
    assert steps[again].max() < 0.15 * np.median(steps[~again])
    assert again.sum() >= 6


def film(card, a="a", b="b", out=24, into=24, hiding="turn", frames=20, **seam):
    """`frames` of take a up to its frame `out`, then as many of b from its frame `into` on."""
    before, after = min(frames, out), min(frames, 50 - into)
    here, there = card[a].motion.world_from_body[min(out, 49)], card[b].motion.world_from_body[into]
    w, x, y, z = (float(q) for q in compose(inverse(here), there))
    wanted = {"turn_frames": 6, "colour_frames": 8, "overlap_frames": 6, "sound_frames": 4, "blend": "wipe"} | seam
    reach = min(before, after)
    wanted |= {name: min(wanted[name], reach) for name in ("turn_frames", "colour_frames")}
    segments = (
        Segment(a, a, Span((out - before) / RATE, out / RATE), 0, before),
        Segment(b, b, Span(into / RATE, (into + after) / RATE), before, after),
    )
    splice = Splice(before, Seam(hiding, (w, x, y, z), **wanted), "seamless", 0.1)
    return Cut("film", RATE, *SIZE, segments, (splice,))


def rendered(cut, card, layout="rgb"):
    takes = {id: rush.take for id, rush in card.items()}
    frames = render.film_pixels(cut, ride.plan(cut, card), takes, range(cut.frames), layout)
    return [frame if frame.dtype == np.uint8 else (frame // 257).astype(np.uint8) for frame in frames]


def shelf(frames):
    """By how much the left half of each frame has more detail than the right one, in logarithms."""
    half = SIZE[0] // 2
    left, right = (
        [np.ascontiguousarray(frame[:, side]) for frame in frames] for side in (slice(half), slice(half, None))
    )
    return residual.sharpness(left) - residual.sharpness(right)


def test_the_chosen_seam_differs_in_treatment_and_colour_only(card):
    cut = film(card)
    (seam,) = [splice.seam for splice in treatment.chosen(cut, card).splices]
    before = cut.splices[0].seam
    assert seam.blend in ("wipe", "morph")
    same = replace(
        seam, blend=before.blend, overlap_frames=before.overlap_frames, gain=before.gain, gain_drift=(0, 0, 0)
    )
    assert same == replace(before, gain_drift=(0, 0, 0))


def test_exposure_is_found_in_the_overlap(card):
    """The seam says nothing of it: take b is darker by 0.8 of its video values."""
    (splice,) = treatment.chosen(film(card), card).splices
    frames = rendered(treatment.chosen(film(card), card), card)
    levels = np.array([frame[:, 60:130].mean() for frame in frames])
    assert 1.3 < min(splice.seam.gain) < 2.0
    hard = levels[:20].mean() * (1 - DARKER)
    assert np.abs(np.diff(levels)).max() < 0.6 * hard, "the step is spread over the ramp"


@pytest.mark.parametrize(
    ("a", "b", "softened"), [("a", "long", 0), ("long", "a", 1), ("a", "b", None), ("a", "a", None)]
)
def test_the_sharper_take_is_smeared_like_one_with_a_longer_shutter(card, a, b, softened):
    cut = treatment.chosen(film(card, a, b), card)
    lacking_s = cut.splices[0].seam.lacking_s
    layers = ride.plan(cut, card).layers
    smears = [np.abs(layer.smear).max(axis=1) for layer in layers]
    if softened is None:
        assert lacking_s == 0 and not any(smear.any() for smear in smears)
        return
    assert 0 < abs(lacking_s) < 1.35 * OPEN_S
    assert (lacking_s > 0) == (softened == 0)
    assert smears[softened].any() and not smears[1 - softened].any()
    ((splice,), even) = cut.splices, rendered(film(card, "long", "long"), card)
    sharp = replace(cut, splices=(replace(splice, seam=replace(splice.seam, lacking_s=0.0)),))
    entering = slice(18, 24)  # the wipe's edge crosses the picture: the halves are of two takes
    shelves = [np.abs(shelf(rendered(each, card)) - shelf(even))[entering].mean() for each in (cut, sharp)]
    assert shelves[0] < 0.6 * shelves[1]


def test_two_halves_of_one_take_give_back_the_take(card):
    """Whatever the treatment: the frames are those of the take, within the rounding of codes."""
    for blend in ("wipe", "morph", "dissolve", "cut"):
        cut = film(card, b="a", blend=blend)
        seam = replace(cut.splices[0].seam, a_from_b=(1.0, 0.0, 0.0, 0.0))
        cut = replace(cut, splices=(replace(cut.splices[0], seam=seam),))
        clip = card["a"].take.clip
        own = [frame.pixels("rgb") for frame in media.frames(clip, 4, 44)]
        off = [np.abs(x.astype(int) - y).max() for x, y in zip(rendered(cut, card), own, strict=True)]
        assert max(off) <= 3, blend
    chosen = treatment.chosen(cut, card).splices[0].seam
    np.testing.assert_allclose(chosen.gain, 1, atol=1e-3)
    np.testing.assert_allclose(chosen.gain_drift, 0, atol=1e-3)


def test_a_seam_stands_out_less_than_a_cut(card):
    cut = treatment.chosen(film(card), card)
    hard = replace(cut, splices=(replace(cut.splices[0], seam=Seam("nothing")),))
    uncut = [
        residual.steps([frame.pixels("rgb") for frame in media.frames(card[id].take.clip, 4, 44)]) for id in ("a", "b")
    ]
    usual = float(np.median(np.concatenate(uncut)))
    out = [float(residual.steps(rendered(each, card)).max()) / usual for each in (cut, hard)]
    assert out[0] < 0.6 * out[1]


def test_outside_the_seam_the_takes_own_frames_are_seen(card):
    cut = treatment.chosen(film(card), card)
    touched = cut.changed_frames(0)
    for frame, pixels in enumerate(rendered(cut, card)):
        if frame not in touched:
            take = card["a" if frame < 20 else "b"].take.clip
            own = next(iter(media.frames(take, frame + 4, frame + 5))).pixels("rgb")
            np.testing.assert_array_equal(pixels, own)
    assert len(touched) < cut.frames


@pytest.mark.parametrize(("out", "into", "most"), [(50, 24, 0), (48, 24, 4), (24, 1, 2), (24, 0, 0)])
def test_no_treatment_asks_for_frames_that_a_take_does_not_have(card, out, into, most):
    tried = list(treatment.candidates(film(card, out=out, into=into), 0, card))
    assert max(seam.overlap_frames for seam in tried) == min(most, 12)
    assert all(seam.blend == "cut" or seam.overlap_frames for seam in tried)
    chosen = treatment.chosen(film(card, out=out, into=into), card)
    assert chosen.splices[0].seam.overlap_frames <= most


@pytest.mark.parametrize("hiding", ["occluder", "darkness", "flash", "nothing"])
def test_two_places_are_cut_or_mixed_for_a_moment(card, hiding):
    cut = film(card, b="elsewhere", hiding=hiding, turn_frames=0, colour_frames=0)
    seam = treatment.chosen(cut, card).splices[0].seam
    assert seam.blend in ("cut", "dissolve")
    assert seam.overlap_frames <= 4
    assert seam.gain == (1.0, 1.0, 1.0)


def test_a_take_that_cannot_be_decoded_keeps_its_seam(card, monkeypatch):
    monkeypatch.setattr(media, "frames_at", lambda clip, indices: iter(()))
    cut = film(card)
    assert treatment.chosen(cut, card) == cut


def test_a_film_without_splices_stays(card):
    alone = film(card)
    alone = replace(alone, segments=alone.segments[:1], splices=())
    assert treatment.chosen(alone, card) == alone


def test_a_short_film_of_another_rate_is_no_trouble(card):
    cut = film(card, frames=3)
    assert treatment.chosen(cut, card).frames == cut.frames
    fast = replace(
        cut,
        rate=Fraction(240),
        segments=tuple(
            replace(part, source=Span(part.source.start, part.source.start + Fraction(3, 240))) for part in cut.segments
        ),
    )
    assert treatment.chosen(fast, card).splices[0].seam.reach <= 3
