"""Where a splice would be seen: the join that there would be if less of the takes had to be in the film."""

import re

import pytest

from headturn.edit.detectability import MACHINES
from headturn.edit.join import NO_AIDS
from headturn.office.dailies import with_less
from headturn.office.settings import Settings
from headturn.office.store import Store
from makers import Shoot, lens, looking, panorama, take, thing

WORLD, FRAMES = panorama(1), 150


@pytest.fixture
def desk(tmp_path):
    store = Store(tmp_path)
    store.open()
    return store, Settings(), MACHINES


def shots(*places):
    shoot, path = Shoot(), looking([0.0] * FRAMES)
    shoot.aids = NO_AIDS
    through = {"lens": lens(320, 180, 95), "size": (320, 180)}
    return shoot, *(
        shoot.shot(take(id, FRAMES, **through), WORLD, path, props=thing(across))
        for id, across in zip("ab", places, strict=True)
    )


def test_the_join_that_less_of_the_takes_would_give_is_told(desk):
    """The thing passes through B's place at A's frame 50 of 150, long before three fifths of A are over."""
    shoot, a, b = shots(lambda frame: 60 + 1.5 * frame, lambda frame: 135)
    said = with_less(a, b, (a.take.span, b.take.span), shoot, *desk)
    assert said is not None
    assert "by a workable join" in said
    share = float(re.search(r"min_share=(0\.\d\d)", said)[1])
    assert 0.25 <= share <= 50 / FRAMES + 0.05
    percent = [int(number) for number in re.findall(r"(\d+) %", said)]
    assert share * 100 <= min(percent) <= share * 100 + 1


def test_nothing_is_told_where_it_is_visible_everywhere(desk):
    shoot, a, b = shots(lambda frame: 60, lambda frame: 250)
    assert with_less(a, b, (a.take.span, b.take.span), shoot, *desk) is None
