"""Rests: two takes of one place that meet where what moves in them is in one place, too."""

import numpy as np
import pytest

from headturn.edit import rests
from headturn.edit.join import Cheap, JoinOptions
from makers import Shoot, lens, looking, panorama, take, thing

WORLD, ELSEWHERE = panorama(1), panorama(2)
FRAMES = 150
THROUGH = lens(320, 180, 95)


def calm(phase=0.0):
    """world_from_camera of a head that sways by a degree or so."""
    times = np.arange(FRAMES) / 30
    return looking(0.015 * np.sin(1.7 * times + phase), 0.01 * np.sin(2.3 * times))


def shot(shoot, id, props=lambda image, frame: image, world=WORLD, phase=0.0):
    return shoot.shot(take(id, FRAMES, lens=THROUGH, size=(320, 180)), world, calm(phase), props=props)


def found(shoot, a, b, cheap=None):
    whole = range(FRAMES)
    return sorted(rests.joins(a, b, whole, whole, shoot, JoinOptions(), cheap), key=lambda join: join.cost)


def mover(join):
    return dict(join.terms)["mover"]


def test_takes_meet_where_the_thing_in_hand_is_in_one_place():
    """It goes right in one take and left in the other: at a rate of 1.5 pixels a frame they pass at one place."""
    shoot = Shoot()
    a = shot(shoot, "a", thing(lambda frame: 60 + 1.5 * frame))
    b = shot(shoot, "b", thing(lambda frame: 280 - 1.5 * frame), phase=1.0)
    best = found(shoot, a, b)[0]
    apart_px = abs((60 + 1.5 * best.out_frame) - (280 - 1.5 * best.in_frame))
    assert apart_px <= 6, "of a thing 26 pixels wide"
    assert best.verdict == "workable"
    assert mover(best) < 0.1


def test_a_thing_that_comes_out_of_nowhere_is_seen():
    shoot = Shoot()
    a, b = shot(shoot, "a"), shot(shoot, "b", thing(lambda frame: 160), phase=1.0)
    for pair in ((a, b), (b, a)):
        assert {join.verdict for join in found(shoot, *pair)} <= {"visible"}


def test_both_ways_round_are_as_good():
    shoot = Shoot()
    a = shot(shoot, "a", thing(lambda frame: 60 + 1.5 * frame))
    b = shot(shoot, "b", thing(lambda frame: 280 - 1.5 * frame), phase=1.0)
    one, other = found(shoot, a, b)[0], found(shoot, b, a)[0]
    assert one.detectability == pytest.approx(other.detectability, abs=0.02)


def test_joins_lie_at_places_of_their_own():
    shoot = Shoot()
    several = found(shoot, shot(shoot, "a"), shot(shoot, "b", phase=1.0))
    assert 1 < len(several) <= rests.WALKS
    assert len({(join.out_frame, join.in_frame) for join in several}) == len(several)


def test_two_places_have_no_rest():
    shoot = Shoot()
    assert found(shoot, shot(shoot, "a"), shot(shoot, "b", world=ELSEWHERE)) == []


def test_of_dear_takes_key_frames_are_looked_at_first():
    shoot = Shoot()
    keys = np.arange(0, FRAMES, 15)
    a, b = shot(shoot, "a"), shot(shoot, "b", world=ELSEWHERE)  # of two places nothing else is looked at
    assert found(shoot, a, b, lambda id: Cheap(keys, reach_s=0.1)) == []
    assert {frame for _, frame in shoot.looked} <= set(keys.tolist())


def test_only_what_a_small_recording_shows_is_looked_at():
    shoot = Shoot()
    shown = np.arange(0, FRAMES, 2)
    a, b = shot(shoot, "a"), shot(shoot, "b", phase=1.0)
    best = found(shoot, a, b, lambda id: Cheap(np.empty(0, np.int64), shown))
    assert best
    assert {frame for _, frame in shoot.looked} <= set(shown.tolist())


@pytest.mark.parametrize("frames", [1, 3])
def test_takes_of_a_few_frames(frames):
    shoot = Shoot()
    a, b = shot(shoot, "a"), shot(shoot, "b", phase=1.0)
    few = range(40, 40 + frames)
    for join in rests.joins(a, b, few, range(FRAMES), shoot, JoinOptions()):
        assert join.out_frame in few


def test_what_cannot_be_decoded_has_no_rest():
    shoot = Shoot()
    a, b = shot(shoot, "a"), shot(shoot, "b")
    assert rests.joins(a, b, range(FRAMES), range(FRAMES), lambda id, frames: {}, JoinOptions()) == []
