"""A first look finds the joins that a full search finds, from fewer frames; and none where there is none."""

import numpy as np
import pytest

from headturn.clock import Span
from headturn.edit import first_look, joins
from headturn.edit.ambience import Ambience
from headturn.edit.join import Cheap
from headturn.edit.joins import Aids, JoinOptions
from makers import Shoot, lens, look_over, looking, panorama, take

WORLD, ELSEWHERE = panorama(1), panorama(2)
THROUGH = lens(320, 180, 95)
LOOKS = ((1.5, 70), (3.5, -40), (5.5, 55), (7.5, -85), (9.5, 60))
GOP = 15


def act(seconds, *, late_s=0.0, share=1.0, looks=LOOKS):
    """world_from_camera of a performance of some looks, in seconds and degrees to the right."""
    times = np.arange(round(30 * seconds)) / 30 - late_s
    yaw = sum(look_over(times, at_s, 0.6, share * angle_deg) for at_s, angle_deg in looks) + 0.02 * np.sin(3 * times)
    return looking(yaw, 0.03 * np.sin(5 * times), 0.01 * np.sin(4 * times))


def stage(shoot, id, path, world=WORLD):
    return shoot.shot(take(id, len(path), lens=THROUGH, size=(320, 180)), world, path)


def keyed(shoot):
    """A camera's large images, with two key frames a second."""
    return lambda id: Cheap(np.arange(0, len(shoot.rushes[id].times), GOP), reach_s=0.1)


def find(search, shoot, a, b, aids=joins.NO_AIDS):
    return search(a, b, a.take.span, b.take.span, shoot, JoinOptions(), aids)


@pytest.fixture(scope="module")
def performances():
    """Two performances of five looks: the second later, and a little further."""
    shoot = Shoot()
    return shoot, stage(shoot, "a", act(11)), stage(shoot, "b", act(11, late_s=0.3, share=1.05))


@pytest.mark.parametrize(("camera", "share"), [(keyed, 1 / 3), (lambda shoot: None, 1 / 2)])
def test_it_finds_what_a_full_search_finds_from_far_fewer_frames(performances, camera, share):
    shoot, a, b = performances
    shoot.looked.clear()
    (full, *_), looked_in_full = find(joins.find, shoot, a, b), len(set(shoot.looked))
    shoot.looked.clear()
    found, looked = find(first_look.find, shoot, a, b, Aids(cheap=camera(shoot))), len(set(shoot.looked))
    assert [join.verdict for join in found] == ["seamless"] * first_look.ENOUGH
    assert len({(join.turn_a, join.turn_b) for join in found}) == first_look.ENOUGH
    assert found[0].detectability <= full.detectability + 0.02
    assert looked < looked_in_full * share


def test_views_beside_turns_are_key_frames_where_they_are_sharp(performances):
    shoot, a, b = performances
    shoot.looked.clear()
    find(first_look.find, shoot, a, b, Aids(cheap=keyed(shoot)))
    first = shoot.looked[:2]
    assert all(frame % GOP == 0 for _, frame in first)
    for (_, frame), rush in zip(first, (a, b), strict=True):
        assert np.degrees(np.linalg.norm(rush.motion.rates_rad_s[frame])) < 45


def test_only_frames_that_a_low_resolution_recording_shows_are_joined(performances):
    shoot, a, b = performances
    shown = {"a": np.arange(1, len(a.times), 2), "b": np.arange(0, len(b.times), 2)}
    found = find(first_look.find, shoot, a, b, Aids(cheap=lambda id: Cheap(shown[id][::8], shown[id])))
    assert found[0].verdict == "seamless"
    assert all(join.out_frame % 2 == 1 and join.in_frame % 2 == 0 for join in found)


def test_turns_the_other_way_and_turns_elsewhere_are_no_join(performances):
    shoot, a, _ = performances
    other_way = stage(shoot, "other way", act(4, looks=((1.5, 70),)))
    mirrored = stage(shoot, "mirrored", act(4, looks=((1.5, -70),)))
    assert find(first_look.find, shoot, other_way, mirrored) == ()
    elsewhere = stage(shoot, "elsewhere", act(11), ELSEWHERE)
    found = find(first_look.find, shoot, a, elsewhere)
    assert found and all(join.hiding == "nothing" for join in found)
    assert all(join.turn_a is not None and not join.alignment.same_place for join in found)


def test_once_one_pair_is_aligned_turns_that_look_elsewhere_are_not_looked_at(performances):
    """From one spot a right turn to 70 degrees and one to 170 go alike, but never look the same way."""
    shoot = Shoot()
    looks = ((1.5, 70), (3.5, 100), (5.5, -100))
    a, b = stage(shoot, "a", act(7, looks=looks)), stage(shoot, "b", act(7, looks=looks, late_s=0.1))
    found = find(first_look.find, shoot, a, b, Aids(cheap=keyed(shoot)))
    assert all(abs(join.turn_a.peak_s + 0.1 - join.turn_b.peak_s) < 0.3 for join in found)
    assert not any(join.hiding == "nothing" for join in found)


def test_only_what_the_spans_allow_is_found(performances):
    shoot, a, b = performances
    late, early = Span(a.times[240], a.times.span.end), Span(b.times[0], b.times[100])
    found = first_look.find(a, b, late, early, shoot, JoinOptions(), Aids(cheap=keyed(shoot)))
    assert all(join.out_frame >= 240 and join.in_frame < 100 for join in found)


def test_sound_counts(performances):
    shoot, a, b = performances
    quiet, loud = Ambience((-60.0,) * 7), Ambience((-20.0,) * 7)
    plain = find(first_look.find, shoot, a, b)
    heard = find(first_look.find, shoot, a, b, Aids(hear=lambda id, time: loud if id == "a" else quiet))
    assert heard[0].cost == pytest.approx(plain[0].cost + 40 * joins.SOUND_COST)
