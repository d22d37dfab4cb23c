"""The lab: covers and ambience of real files, asked for as the search asks."""

from fractions import Fraction
from threading import Event

import numpy as np
import pytest

from headturn.camera.card import ingest, recording
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit import ambience
from headturn.head.turns import TurnOptions
from headturn.office.lab import Glancer, develop
from headturn.office.store import Store


@pytest.fixture
def single(footage):
    clips = {clip.files[0].stem: clip for clip in ingest(footage / "single").clips}
    return clips, Glancer({clip.id: clip for clip in clips.values()})


@pytest.mark.footage
def test_covers_are_found_in_the_stretch_that_is_asked_for(single):
    clips, glancer = single
    clip = clips["kaust_1"]
    (before, around) = (Span(Fraction(3), Fraction(4)), Span(Fraction(4), Fraction(5)))
    assert glancer.covers(clip.id, before) == ()
    found = glancer.covers(clip.id, around)
    assert {cover.kind for cover in found} == {"occluder"}
    assert all(4 * 30 <= cover.first < cover.stop <= 5 * 30 for cover in found)
    assert glancer.aids.covers(clip.id, around) is found, "looked for once"


@pytest.mark.footage
def test_takes_are_listened_to_where_they_have_sound(single):
    clips, glancer = single
    heard = glancer.hear(clips["data_sample_1_full_window"].id, Fraction(3))
    assert heard is not None
    assert all(ambience.SILENCE_DB <= level < 0 for level in heard.levels_db)
    assert glancer.hear(clips["kaust_1"].id, Fraction(3)) is None


@pytest.mark.footage
def test_which_images_only_come_again_is_seen_and_kept(footage, tmp_path):
    """`house` was recorded at 20 frames a second and made into 30: a third of the images comes again."""
    clip = recording(footage / "house" / "demo2_blur_middle_grid_6.mp4")
    store, window = Store(tmp_path / "kept"), Span(Fraction(8), Fraction(13))
    store.open()
    seen, kept = (
        develop(Take(clip, clip.span, "6"), store, TurnOptions(), Event(), window).motion.repeated for _ in range(2)
    )
    assert seen is not None and kept is not None and np.array_equal(seen, kept)
    assert 0.3 < seen[8 * 30 : 13 * 30].mean() < 0.36
    assert not seen[: 8 * 30].any(), "not looked at"
