"""A budget for a film: met within 5 % at the least crop of a grid, or refused with the reason."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from films import film
from headturn import rotation
from headturn.edit.cut import Steadying
from headturn.errors import BadOption
from headturn.review import budget, comfort, steadied, viewing
from makers import look_over, looking, rush, take

ASKED = Steadying(max_now=1.0, screen="cinema:front", viewer="sensitive", max_crop=0.15)
SCREEN, VIEWER = viewing.screen("cinema:front"), viewing.viewer("sensitive")


def walked(seconds=12, shaking=(4, 9), size_deg=0.8, turns=()):
    """A head that shakes for some seconds, and turns at some."""
    times = np.arange(30 * seconds) / 30
    shakes = np.radians(size_deg) * ((times > shaking[0]) & (times < shaking[1]))
    yaw = 0.02 * np.sin(times) + sum((look_over(times, at, 0.5, 90) for at in turns), np.zeros(len(times)))
    pitch = (0.002 + shakes) * np.sin(2 * np.pi * 2.3 * times)
    cut, rushes = film([(rush(take("a", len(times)), looking(yaw, pitch, -pitch / 2)), 0, len(times))], [])
    return cut, rushes


def now_of(cut, rushes, steadying):
    """`now` (n,) and mean crop under a steadying."""
    cut = replace(cut, steadying=steadying)
    planned = steadied.plan(cut, rushes)
    now = comfort.now(comfort.drive(steadied.shown(cut, planned, rushes), SCREEN), VIEWER)
    return now, float(np.mean(1 - 1 / planned.layers[0].zoom))


def test_a_budget_is_met_at_the_least_crop_of_a_grid():
    cut, rushes = walked()
    filmed, _ = now_of(cut, rushes, None)
    most = 0.7 * filmed.max()
    found = budget.meet(cut, rushes, replace(ASKED, max_now=most))
    assert not found.unmet
    now, crop = now_of(cut, rushes, found.steadying)
    np.testing.assert_allclose(now, found.after)
    assert 0.95 * most <= now.max() <= 1.05 * most
    assert crop == pytest.approx(found.mean_crop)
    blocks = [(round(30 * (3 * block + 1.5)), block) for block in range(4)]
    alternatives = []
    for shares in itertools.product((0.0, 0.3, 0.6), repeat=4):
        steadying = replace(ASKED, strength=tuple((frame, shares[block]) for frame, block in blocks))
        alternatives.append(now_of(cut, rushes, steadying))
    meet = [crop for now, crop in alternatives if now.max() <= most]
    assert meet and found.mean_crop <= min(meet) * 1.02


def test_calm_seconds_are_left_as_filmed():
    cut, rushes = walked(40, (18, 24))
    filmed, _ = now_of(cut, rushes, None)
    found = budget.meet(cut, rushes, replace(ASKED, max_now=0.7 * filmed.max()))
    planned = steadied.plan(replace(cut, steadying=found.steadying), rushes)
    assert all(planned.layers[0].untouched(frame) for frame in range(30 * 10))
    assert found.steadying.strength_at([30 * 21])[0] > 0.2


def test_a_budget_that_is_met_as_filmed_asks_for_nothing():
    cut, rushes = walked()
    for most in (99.0, None):
        found = budget.meet(cut, rushes, replace(ASKED, max_now=most))
        assert not found.steadying.strength_at(range(cut.frames)).any()
        assert found.most_crop == 0 and not found.unmet
        np.testing.assert_allclose(found.before, found.after)


def test_what_cannot_be_met_is_refused_with_seconds_and_reason():
    cut, rushes = walked(20, (0, 0), turns=(6, 8, 10, 12))
    found = budget.meet(cut, rushes, replace(ASKED, max_now=1.0, max_crop=0.05))
    assert found.unmet
    assert found.unmet[0].start_s >= 4 and found.unmet[-1].end_s == 20
    assert all("film's own" in each.why or "crop" in each.why for each in found.unmet)
    assert found.most_crop <= 0.05 * 1.02 + 0.01


@pytest.mark.parametrize("wrong", [{"screen": "moon"}, {"viewer": "nobody"}, {"screen": "0m@2m"}])
def test_screens_and_viewers_that_do_not_exist_are_refused(wrong):
    with pytest.raises(BadOption):
        budget.meet(*walked(2), replace(ASKED, **wrong))


def test_rotation_of_two_takes_does_not_jump_in_the_trial():
    still = [
        rush(take(id, 60), rotation.from_vector(np.tile([0, yaw, 0.0], (60, 1)))) for id, yaw in (("a", 0), ("b", 3))
    ]
    cut, rushes = film([(still[0], 0, 60)], [])
    assert budget.meet(cut, rushes, ASKED).after.max() < 0.1
