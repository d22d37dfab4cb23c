"""The lab: covers and ambience of real files, asked for as the search asks."""

from fractions import Fraction

import pytest

from headturn.camera.card import ingest
from headturn.clock import Span
from headturn.edit import ambience
from headturn.office.lab import Glancer


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
