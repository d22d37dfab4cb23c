"""The index: takes of one place find each other, others are not looked at, and the order of files does not matter."""

import numpy as np
import pytest

from headturn.edit import index, joins, place, scout
from headturn.edit.covers import Cover
from headturn.edit.index import Entries
from headturn.edit.joins import Aids, JoinOptions
from makers import Shoot, lens, look_over, looking, panorama, take

THROUGH, SIZE = lens(320, 180, 95), (320, 180)
TIMES = np.arange(100) / 30


def path(late_s=0.0, angle_deg=90.0, heading_deg=0.0):
    yaw = look_over(TIMES - late_s, 1.5, 0.7, angle_deg) + np.radians(heading_deg)
    return looking(yaw, 0.02 * np.sin(4 * TIMES))


@pytest.fixture(scope="module")
def folder():
    """Three takes in one place (one turns the other way), and one elsewhere."""
    shoot, worlds = Shoot(), (panorama(1), panorama(2))
    for id, world, way in (
        ("a", 0, path()),
        ("b", 0, path(0.2, 95, 3)),
        ("c", 0, path(0, -90, 90)),
        ("d", 1, path(0.1)),
    ):
        shoot.shot(take(id, 100, lens=THROUGH, size=SIZE), worlds[world], way)
    return shoot, [shoot.rushes[id] for id in "abcd"]


def test_only_takes_that_can_meet_are_told(folder):
    shoot, rushes = folder
    told = []
    found = scout.meetings(rushes, shoot, JoinOptions(), lambda done, total: told.append((done, total)))
    turned = [join for join in found if join.hiding == "turn"]
    assert {(join.a, join.b) for join in turned} == {("a", "b"), ("b", "a")}
    assert all(join.verdict == "seamless" for join in turned)
    others = [join for join in found if join.hiding != "turn"]
    assert {(join.a, join.b, join.hiding, join.verdict) for join in others} <= {
        (*pair, "rest", "workable") for pair in (("a", "c"), ("c", "a"), ("b", "c"), ("c", "b"))
    }, "takes that turn different ways in one place can meet at rest; one of another place cannot"
    assert others and found == tuple(sorted(found, key=joins.rank))
    assert told[-1][0] == told[-1][1] > 0


def test_the_order_of_files_does_not_matter(folder):
    shoot, rushes = folder
    assert scout.meetings(rushes, shoot, JoinOptions()) == scout.meetings(rushes[::-1], shoot, JoinOptions())


def test_no_take_or_none_with_turns_makes_no_joins(folder):
    shoot, _ = folder
    assert scout.meetings([], shoot, JoinOptions()) == ()
    still = Shoot()
    rushes = [
        still.shot(take(id, frames, lens=THROUGH, size=SIZE), panorama(1), looking(np.zeros(frames)))
        for id, frames in (("e", 30), ("f", 3))
    ]
    assert all(join.hiding == "rest" for join in scout.meetings(rushes, still, JoinOptions()))


class Kept:
    """Keeps what is found, and counts the work."""

    def __init__(self):
        self.known, self.made = {}, 0

    def _once(self, key, make):
        if key not in self.known:
            self.made += 1
            self.known[key] = make()
        return self.known[key]

    def sights(self, rush, frames, make):
        return self._once((rush.take.id, tuple(frames)), make)

    def joins(self, a, b, where, make):
        return self._once((a.take.id, b.take.id, where), make)


def test_a_second_search_looks_at_nothing_and_one_more_take_costs_only_its_own(folder):
    shoot, rushes = folder
    keep, options = Kept(), JoinOptions()
    first = scout.meetings(rushes[:3], shoot, options, keep=keep)
    made = keep.made

    def blind(id, frames):
        raise AssertionError("looked at again")

    assert scout.meetings(rushes[:3], blind, options, keep=keep) == first
    assert keep.made == made
    scout.meetings(rushes, shoot, options, keep=keep)
    new = [key for key in list(keep.known)[made:] if "d" not in key[:2]]
    assert not new, "nothing between the others is done again"


WHITE = Cover("occluder", 60, 66, 63, 0.8)


def walled(image):
    return np.full_like(image, 204)


def test_takes_of_two_places_meet_behind_what_fills_both_images():
    shoot = Shoot()
    for id, world, spoil in (("a", 1, walled), ("b", 2, walled), ("c", 3, np.array)):
        shoot.shot(take(id, 100, lens=THROUGH, size=SIZE), panorama(world), looking(np.zeros(100)), spoil)
    covers = {"a": (WHITE,), "b": (WHITE,), "c": ()}
    aids = Aids(covers=lambda id, span: covers[id])
    found = scout.meetings(list(shoot.rushes.values()), shoot, JoinOptions(), aids=aids)
    assert {(join.a, join.b, join.hiding, join.verdict) for join in found} == {
        ("a", "b", "occluder", "seamless"),
        ("b", "a", "occluder", "seamless"),
    }


@pytest.mark.parametrize("value", [0, 255])
def test_black_and_white_takes_show_no_place(value):
    shoot = Shoot()
    for id in "ab":
        made = take(id, 100, lens=THROUGH, size=SIZE)
        shoot.shot(made, panorama(1), path(), lambda image: np.full_like(image, value))
    assert scout.meetings(list(shoot.rushes.values()), shoot, JoinOptions()) == ()


def test_takes_that_cannot_be_decoded_make_no_joins(folder):
    _, rushes = folder
    assert scout.meetings(rushes, lambda id, frames: {}, JoinOptions()) == ()


def crowd(takes, turns=6, axes=16, scene=10):
    """Entries of takes in scenes of ten that share their turns, as performances differ."""
    random = np.random.default_rng(0)
    rates, views = [], []
    for first in range(0, takes, scene):
        rate = random.normal(0, 2.5, (turns, 1, 3)) * np.ones((1, 3, 1))
        view = random.normal(size=(turns, 2, axes))
        for _ in range(min(scene, takes - first)):
            rates.append(rate * (1 + 0.1 * random.normal(size=(turns, 1, 1))))
            seen = view + 0.4 * random.normal(size=view.shape)
            views.append(seen / np.linalg.norm(seen, axis=2, keepdims=True))
    take_of, turn_of = np.divmod(np.arange(takes * turns, dtype=np.int32), turns)
    return Entries(take_of, turn_of, np.float32(np.concatenate(rates)), np.float32(np.concatenate(views)))


def test_the_tree_finds_what_comparing_all_finds(monkeypatch):
    entries, options = crowd(60), JoinOptions(partners=5)
    every = index.candidates(entries, options)
    monkeypatch.setattr(index, "FEW", 0)
    sought = index.candidates(entries, options)
    assert len(set(sought) & set(every)) >= 0.9 * len(every)
    assert all(a // 10 == b // 10 for a, b in every), "partners are of one scene"


def test_each_take_has_its_most_promising_partners_and_never_itself():
    found = index.candidates(crowd(30), JoinOptions(partners=3, turn_pairs=2))
    assert all(a != b for a, b in found)
    assert max(sum(a == take for a, _ in found) for take in range(30)) == 3
    for pairs in found.values():
        assert 0 < len(pairs) <= 2 * 4


def test_views_of_one_place_are_more_alike_than_others(folder):
    shoot, rushes = folder
    seen = {rush.take.id: place.anchors(rush, rush.turns, shoot)[rush.turns[0]] for rush in rushes}
    words = place.learnt([view for pair in seen.values() for view in pair])
    here = {id: np.stack([words.description(view) for view in pair])[None] for id, pair in seen.items()}
    same, other = (float((here["a"] * here[id]).sum(axis=-1).max()) for id in "bd")
    assert same > 2 * other
    assert words.description(None) == pytest.approx(0)
