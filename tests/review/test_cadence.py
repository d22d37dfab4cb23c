"""Cadence: a seam repeats what its takes repeat."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from films import conformed, film, filmed, turn
from headturn.review import cadence, ride
from headturn.review.ride import PER_FRAME

SPLICE = 30
REACH = 8
"""Frames that a seam turns, on each side."""


def planned(repeated_a, repeated_b, overlap=6):
    takes = (filmed("a"), np.array(repeated_a)), (filmed("b"), np.array(repeated_b))
    rushes = [replace(rush, motion=conformed(rush, repeated)) for rush, repeated in takes]
    seam = turn((0, 2, 0), turn_frames=REACH, colour_frames=15, overlap_frames=overlap, gain=(1.2, 1.2, 1.2))
    cut, by_id = film([(rushes[0], 0, SPLICE), (rushes[1], 20, 40)], [seam])
    return cut, by_id, ride.plan(cut, by_id).layers


patterns = st.lists(st.booleans(), min_size=90, max_size=90)


@given(patterns, patterns, st.sampled_from([0, 2, 6, 16]))
@settings(max_examples=60, deadline=None)
def test_a_film_frame_is_the_one_before_it_where_the_take_that_leads_repeats(a, b, overlap):
    cut, rushes, layers = planned(a, b, overlap)
    shown = cadence.kept(cut, 0, range(cut.frames), rushes)
    half = overlap // 2
    for frame in range(cut.frames):
        again = SPLICE - REACH < frame < SPLICE + REACH and (a[frame] if frame < SPLICE else b[frame - SPLICE + 20])
        again = again and not (shown[frame - 1] < SPLICE - half and frame >= SPLICE + half)
        assert shown[frame] == (shown[frame - 1] if again else frame)
        for layer in layers if again else ():
            i, before = frame - layer.start, frame - 1 - layer.start
            if frame not in layer:
                continue
            if before < 0:
                assert layer.presence[i] == 0, "it is not there yet"
                continue
            assert layer.source[i] == layer.source[before]
            for name in PER_FRAME:
                if name != "presence" or all(frame in each for each in layers):
                    np.testing.assert_array_equal(getattr(layer, name)[i], getattr(layer, name)[before])
    for frame in range(cut.frames):
        seen = [layer.presence[frame - layer.start] for layer in layers if frame in layer]
        np.testing.assert_allclose(sum(seen), 1, err_msg="something is always seen")


def test_between_halting_pictures_a_seam_halts_as_often():
    """Of two takes that repeat every third frame, not at the same moments."""
    thirds = np.arange(90) % 3
    cut, rushes, _layers = planned(thirds == 1, thirds == 2)
    shown = cadence.kept(cut, 0, range(cut.frames), rushes)
    inside = np.arange(SPLICE - REACH + 1, SPLICE + REACH)
    assert 4 <= (shown[inside] < inside).sum() <= 6, "a third of fifteen"
    path = np.linalg.norm(ride.plan(cut, rushes).rates_rad_s, axis=1)
    assert (path[inside][shown[inside] < inside] < 1e-6).all(), "and the view stands still then"


def test_takes_whose_images_were_not_looked_at_run_on():
    cut, rushes, _ = planned([True] * 90, [True] * 90)
    blind = {id: replace(rush, motion=replace(rush.motion, repeated=None)) for id, rush in rushes.items()}
    frames = range(cut.frames)
    assert cadence.kept(cut, 0, frames, blind).tolist() == list(frames)
    assert cut.rate == Fraction(30)
