"""Joins of rendered takes whose truth is known: found where they are, and not where there is none."""

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn import rotation
from headturn.camera import light
from headturn.clock import Span
from headturn.edit import assemble, joins, meet, rests
from headturn.edit.ambience import Ambience
from headturn.edit.assemble import Brief
from headturn.edit.covers import Cover
from headturn.edit.detectability import BIAS, SEAMLESS_CHANCE, SLOPE, WORKABLE_CHANCE
from headturn.edit.joins import Aids, JoinOptions
from headturn.edit.look import NOT_ALIGNED
from headturn.edit.reasons import reasons
from makers import RATE, Shoot, lens, look_over, looking, panorama, take

WORLD, ELSEWHERE = panorama(1), panorama(2)
THROUGH = lens(320, 180, 95)
SIZE = (320, 180)


@pytest.fixture(autouse=True)
def few_rests(monkeypatch):
    """Fewer moments at rest do for these short takes."""
    monkeypatch.setattr(rests, "MOST", 3)


def act(frames, *, rate=30, late_s=0.0, angle_deg=90.0, lasting_s=0.7, heading_deg=0.0, at_s=1.5):
    """world_from_camera of one performance of a scene: a slight walk, and one turn to the right."""
    times = np.arange(frames) / rate - late_s
    yaw = look_over(times, at_s, lasting_s, angle_deg) + np.radians(heading_deg) + 0.02 * np.sin(3 * times)
    return looking(yaw, 0.03 * np.sin(5 * times), 0.01 * np.sin(4 * times))


def stage(shoot, id, path, world=WORLD, develop=lambda image: image, rate=30, **rest):
    made = take(id, len(path), rate=rate, lens=THROUGH, size=SIZE, **rest)
    return shoot.shot(made, world, path, develop)


def whole(rush):
    return rush.take.span


def find(shoot, a, b, options=None):
    return joins.find(a, b, whole(a), whole(b), shoot, options or JoinOptions())


def true_turn(a, b, join):
    """a_from_b of the frames at a join, from the paths themselves, for two takes of one world."""
    return rotation.compose(
        rotation.inverse(a.motion.world_from_body[join.out_frame]), b.motion.world_from_body[join.in_frame]
    )


def off_deg(join, truth):
    return float(np.degrees(rotation.angle(rotation.compose(rotation.inverse(np.array(join.a_from_b)), truth))))


# One place


@pytest.mark.parametrize("offset", [0, 7, -9])
def test_two_parts_of_one_take_join_where_they_are_one(offset):
    """B begins `offset` frames later in the same performance."""
    shoot, path = Shoot(), act(120)
    a = stage(shoot, "a", path[max(0, -offset) :])
    b = stage(shoot, "b", path[max(0, offset) :])
    best = find(shoot, a, b)[0]
    assert best.out_frame - best.in_frame == offset
    assert best.verdict == "seamless"
    assert best.cost < 0.2
    assert best.turn_a.direction == "right"
    assert a.turns[0].onset_s < best.out_time < a.turns[0].settle_s
    assert off_deg(best, rotation.IDENTITY) < 0.2


@pytest.fixture(scope="module")
def performances():
    """Two performances: B turns later, further and slower, begins 4 degrees off, and is half a stop brighter."""
    shoot = Shoot()
    a = stage(shoot, "a", act(100))
    brighter = lambda image: light.codes_from_linear(light.linear_from_video(image) * np.float32(2**0.5))  # noqa: E731
    b = stage(shoot, "b", act(100, late_s=0.2, angle_deg=96, lasting_s=0.75, heading_deg=4), develop=brighter)
    return shoot, a, b, find(shoot, a, b)


def test_two_performances_join_in_their_turn_where_they_look_the_same_way(performances):
    _, a, b, found = performances
    best = found[0]
    assert best.verdict == "seamless"
    assert best.hiding == "turn"
    assert np.degrees(rotation.angle(true_turn(a, b, best))) < 6
    assert best.out_time == a.times[best.out_frame]
    assert best.in_time == b.times[best.in_frame]
    assert np.degrees(best.speed_rad_s) > 60


def test_the_rotation_between_two_performances_is_found(performances):
    _, a, b, found = performances
    in_turns = [join for join in found if join.hiding == "turn"]
    assert len(in_turns) >= 3
    for join in in_turns:
        assert off_deg(join, true_turn(a, b, join)) < 0.5


def test_exposure_is_matched_and_said(performances):
    *_, found = performances
    best = found[0]
    assert best.gain == pytest.approx([2**-0.5] * 3, rel=0.05)
    assert best.stops == pytest.approx(0.5, abs=0.07)
    assert any("about 0.5 stop brighter" in sentence for sentence in reasons(best))


def test_joins_come_cheapest_first_and_the_same_each_time(performances):
    shoot, a, b, found = performances
    assert [join.cost for join in found] == sorted(join.cost for join in found)
    assert find(shoot, a, b) == found


def test_images_are_asked_for_only_near_what_survived(performances):
    shoot, *_ = performances
    options = JoinOptions()
    assert len(set(shoot.looked)) <= 2 * (len(joins.ALIGN_OFFSETS_S) + options.looks) + 2


def test_a_mirrored_scene_joins_at_the_same_frames(performances):
    shoot, a, b, found = performances
    mirrored, flip = Shoot(), np.array([1.0, 1.0, -1.0, -1.0])
    for rush in (a, b):
        world, develop, _ = shoot.worlds[rush.take.id]
        mirrored.shot(rush.take, np.fliplr(world), rush.motion.world_from_body * flip, develop)
    other = find(mirrored, mirrored.rushes["a"], mirrored.rushes["b"])[0]
    assert (other.out_frame, other.in_frame) == (found[0].out_frame, found[0].in_frame)
    assert off_deg(other, np.array(found[0].a_from_b) * flip) < 0.3
    assert other.turn_a.direction == "left"
    assert other.cost == pytest.approx(found[0].cost, abs=0.1)


def with_ball(image):
    """A white ball a tenth of the width across, right of the middle of the image."""
    return cv2.circle(image.copy(), (230, 90), 16, (245, 245, 245), -1)


def test_what_moves_by_itself_costs_and_is_told(performances):
    """A ball flies in the second take and not in the first, right of the middle of both images."""
    *_, found = performances
    shoot = Shoot()
    a, b = stage(shoot, "a", act(100)), stage(shoot, "b", act(100, late_s=0.2), develop=with_ball)
    best, usual = find(shoot, a, b)[0], found[0]
    assert dict(best.terms)["mover"] > 0.25 > dict(usual.terms)["mover"]
    assert best.detectability > usual.detectability
    (told,) = [sentence for sentence in reasons(best) if "moves by itself" in sentence]
    assert "degrees right" in told
    assert not any("moves by itself" in sentence for sentence in reasons(usual))


def test_what_moves_by_itself_counts_less_where_the_turn_smears_both_images():
    """The same ball, sharp, and smeared along with the rest of the image."""
    costs = []
    for blur in (lambda image: image, smeared):
        shoot = Shoot()
        a = stage(shoot, "a", act(100), develop=blur)
        b = stage(shoot, "b", act(100, late_s=0.2), develop=lambda image, blur=blur: blur(with_ball(image)))
        pairs = [join for join in find(shoot, a, b) if join.hiding == "turn"]
        costs.append({join.out_frame: dict(join.terms)["mover"] / join.alignment.mover.size for join in pairs})
    sharp, soft = (float(np.median(list(each.values()))) for each in costs)
    assert soft < 0.5 * sharp


@pytest.mark.parametrize("rate", [24, 60])
def test_takes_of_two_rates_join_at_one_moment(rate):
    shoot = Shoot()
    a = stage(shoot, "a", act(100))
    b = stage(shoot, "b", act(round(100 / 30 * rate), rate=rate, late_s=0.1), rate=rate)
    best = find(shoot, a, b)[0]
    assert best.verdict == "seamless"
    assert float(best.in_time - best.out_time) == pytest.approx(0.1, abs=0.021)


def test_what_telemetry_says_of_exposure_is_believed(performances):
    shoot, a, b, _ = performances
    told = [replace(rush, exposure_stops=np.full(len(rush.times), stops)) for rush, stops in ((a, 1.0), (b, 3.0))]
    best = find(shoot, *told)[0]
    assert (best.stops, best.stops_known) == (2.0, True)
    assert any("is 2.0 stop" in sentence for sentence in reasons(best))


# Where it may be


def test_a_splice_stays_where_it_may_be_and_leaves_handles(performances):
    shoot, a, b, _ = performances
    out, into = Span(Fraction(1), Fraction(3, 2)), Span(Fraction(3, 2), Fraction(2))
    found = joins.find(a, b, out, into, shoot, JoinOptions(handle_s=1 / 3))
    assert [join for join in found if join.hiding == "turn"]
    for join in found[:-1]:
        if join.hiding != "turn":
            continue
        assert join.out_time in out
        assert join.in_time in into
        assert join.out_frame + 10 <= len(a.times)
        assert join.in_frame >= 10


@pytest.mark.parametrize("min_share", [0.6, 1.0])
@pytest.mark.parametrize("marked", [None, (0, Fraction(10, 3)), (1, 2)])
def test_what_is_found_leaves_a_way_through_the_film(performances, min_share, marked):
    shoot, a, b, _ = performances
    brief = Brief(min_share=min_share)
    a, b = (replace(rush, take=replace(rush.take, marked=marked and Span(*map(Fraction, marked)))) for rush in (a, b))
    out, into = assemble.exit_span(a.take, brief), assemble.entry_span(b.take, brief)
    found = {("a", "b"): joins.find(a, b, out, into, shoot, JoinOptions())}
    choices = assemble.choose([[a.take], [b.take]], found, brief)
    film = assemble.cut(choices, title="film", rate=RATE, size=SIZE, brief=brief)
    for segment, rush in zip(film.segments, (a, b), strict=True):
        must = rush.take.marked
        if must:
            assert segment.source.start <= must.start
            assert segment.source.end >= must.end
        else:
            assert segment.source.duration >= rush.take.span.duration * Fraction(str(min_share))


# No place, no turn, no image


def test_opposite_turns_never_join_in_a_turn(monkeypatch):
    shoot = Shoot()
    a = stage(shoot, "a", act(100))
    b = stage(shoot, "b", act(100, angle_deg=-90, heading_deg=90))
    found = find(shoot, a, b)
    assert all(join.hiding != "turn" for join in found)
    assert all(join.verdict != "seamless" for join in found)
    assert all(join.turn_a is None for join in found)
    monkeypatch.setattr(rests, "joins", lambda *_: [])
    shoot.looked.clear()
    find(shoot, a, b)
    assert len(set(shoot.looked)) <= 2, "motion alone ruled the turns out: only the last and the first frame are seen"


def test_two_places_are_never_hidden():
    shoot = Shoot()
    a = stage(shoot, "a", act(100))
    b = stage(shoot, "b", act(100), world=ELSEWHERE)
    found = find(shoot, a, b)
    assert {join.hiding for join in found} == {"nothing"}
    assert {join.verdict for join in found} == {"visible"}
    assert found[0].turn_a is not None, "the turn is still the better place for it"
    assert found[0].detectability >= WORKABLE_CHANCE
    assert any("same place" in sentence for sentence in reasons(found[0]))


def test_takes_at_rest_join_at_rest_where_they_look_the_same_way():
    shoot = Shoot()
    still = np.zeros(60)
    a = stage(shoot, "a", looking(0.01 * np.sin(np.arange(60) / 9)))
    b = stage(shoot, "b", looking(still + np.radians(5)))
    best = find(shoot, a, b)[0]
    assert best.hiding == "rest"
    assert best.verdict == "workable"
    assert off_deg(best, true_turn(a, b, best)) < 0.5


def test_takes_that_look_different_ways_end_and_start():
    shoot = Shoot()
    a = stage(shoot, "a", looking(np.zeros(60)))
    b = stage(shoot, "b", looking(np.full(60, np.pi)))
    (only,) = find(shoot, a, b)
    assert (only.hiding, only.verdict) == ("nothing", "visible")
    assert only.out_time == a.take.span.end
    assert only.in_time == 0


def flat(value):
    return lambda image: np.full_like(image, value)


@pytest.mark.parametrize("value", [0, 255])
def test_turns_in_the_dark_or_in_glare_are_not_called_joins(value):
    """Motion matches to the frame, the image shows nothing: nobody knows what will jump."""
    shoot = Shoot()
    a, b = (stage(shoot, id, act(100), develop=flat(value)) for id in "ab")
    for pair in ((a, b), (b, a)):
        found = find(shoot, *pair)
        assert {join.verdict for join in found} == {"visible"}
        assert all(np.isfinite([join.cost, *join.gain, *join.a_from_b]).all() for join in found)
        assert all(reasons(join) for join in found)


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("moving", [True, False])
def test_takes_of_a_few_frames_are_joined_all_the_same(frames, moving):
    shoot = Shoot()
    a = stage(shoot, "a", act(100)[45 : 45 + frames] if moving else looking(np.zeros(frames)))
    b = stage(shoot, "b", act(100)[40:60] if moving else looking(np.zeros(20)))
    for pair in ((a, b), (b, a)):
        found = find(shoot, *pair)
        for join in found:
            assert 0 <= join.out_frame <= len(pair[0].times)
            assert 0 <= join.in_frame < len(pair[1].times)
            assert reasons(join)


def test_images_that_cannot_be_decoded_leave_the_last_resort():
    shoot = Shoot()
    a, b = (stage(shoot, id, act(100)) for id in "ab")
    found = joins.find(a, b, whole(a), whole(b), lambda id, frames: {}, JoinOptions())
    assert found[-1].out_time == a.take.span.end or found[0].out_time == a.take.span.end
    assert {join.verdict for join in found} == {"visible"}
    assert all(join.alignment == NOT_ALIGNED for join in found)


# Behind something


@pytest.mark.parametrize("kind", ["occluder", "darkness", "flash"])
def test_two_places_join_behind_what_covers_both(kind):
    """Both takes see the same grey wall, or nothing, for a moment; they share no turn and no place."""
    shoot = Shoot()
    a = stage(shoot, "a", looking(np.zeros(60)), develop=flat(90))
    b = stage(shoot, "b", looking(np.ones(60)), world=ELSEWHERE, develop=flat(96))
    covered = Aids(covers=lambda take, span: (Cover(kind, 20, 30, 25),))
    best = joins.find(a, b, whole(a), whole(b), shoot, JoinOptions(), covered)[0]
    assert (best.hiding, best.verdict, best.out_frame, best.in_frame) == (kind, "seamless", 25, 25)
    assert best.gain == (1, 1, 1), "nothing is graded behind a cover, so no gain excuses a step"


@pytest.mark.parametrize(("kind", "verdict"), [("occluder", "workable"), ("darkness", "seamless")])
def test_what_fills_the_image_hides_no_turn_back_seamlessly(kind, verdict):
    """One head turns right past a wall, the other left; in the dark nobody sees which way."""
    shoot = Shoot()
    turning = np.linspace(0, 2, 60)
    a = stage(shoot, "a", looking(turning), develop=flat(90))
    b = stage(shoot, "b", looking(-turning), world=ELSEWHERE, develop=flat(90))
    covered = Aids(covers=lambda take, span: (Cover(kind, 20, 30, 25),))
    best = joins.find(a, b, whole(a), whole(b), shoot, JoinOptions(), covered)[0]
    assert (best.hiding, best.verdict) == (kind, verdict)


@pytest.mark.parametrize(("other", "detail"), [((110, 95, 20), 0.0), ((140, 65, 50), 0.4)])
def test_coats_of_like_lightness_or_full_of_folds_hide_no_splice_seamlessly(other, detail):
    shoot, red = Shoot(), (140, 60, 50)
    a = stage(shoot, "a", looking(np.zeros(60)), develop=lambda image: np.full_like(image, red))
    b = stage(shoot, "b", looking(np.ones(60)), world=ELSEWHERE, develop=lambda image: np.full_like(image, other))
    covered = Aids(covers=lambda take, span: (Cover("occluder", 20, 30, 25, 0.3, detail),))
    best = joins.find(a, b, whole(a), whole(b), shoot, JoinOptions(), covered)[0]
    assert best.verdict != "seamless"


def test_a_white_and_a_black_wall_are_no_cover_for_each_other():
    shoot = Shoot()
    a = stage(shoot, "a", looking(np.zeros(60)), develop=flat(30))
    b = stage(shoot, "b", looking(np.ones(60)), world=ELSEWHERE, develop=flat(200))
    covered = Aids(covers=lambda take, span: (Cover("occluder", 20, 30, 25),))
    best = joins.find(a, b, whole(a), whole(b), shoot, JoinOptions(), covered)[0]
    assert best.verdict == "visible"


def test_a_door_and_the_dark_are_two_kinds():
    shoot = Shoot()
    a, b = (stage(shoot, id, looking(np.zeros(60)), develop=flat(20)) for id in "ab")
    kinds = {"a": "occluder", "b": "darkness"}
    covered = Aids(covers=lambda take, span: (Cover(kinds[take], 20, 30, 25),))
    found = joins.find(a, b, whole(a), whole(b), shoot, JoinOptions(), covered)
    assert {join.hiding for join in found} <= {"nothing", "rest"}


def smeared(image):
    return np.mean([np.roll(image, shift, axis=1) for shift in range(24)], axis=0).astype(np.uint8)


@pytest.mark.parametrize(("lasting_s", "verdict"), [(0.6, "workable"), (1.4, "visible")])
def test_only_a_fast_blurred_turn_hides_a_change_of_place_and_never_well(lasting_s, verdict):
    shoot = Shoot()
    path = act(100, lasting_s=lasting_s)
    a = stage(shoot, "a", path, develop=smeared)
    b = stage(shoot, "b", path, world=ELSEWHERE, develop=smeared)
    best = find(shoot, a, b)[0]
    assert best.verdict == verdict
    assert not best.alignment.same_place
    assert any("place" in sentence for sentence in reasons(best))


def test_sound_counts_where_both_takes_have_some(performances):
    shoot, a, b, found = performances
    rooms = {"a": Ambience((-50.0,) * 7), "b": Ambience((-30.0,) * 7)}
    unlike = joins.find(a, b, whole(a), whole(b), shoot, JoinOptions(), Aids(hear=lambda take, time: rooms[take]))
    alike = joins.find(a, b, whole(a), whole(b), shoot, JoinOptions(), Aids(hear=lambda take, time: rooms["a"]))
    mute = joins.find(a, b, whole(a), whole(b), shoot, JoinOptions(), Aids(hear=lambda take, time: None))
    assert mute == found
    assert alike[0].cost == pytest.approx(found[0].cost)
    assert unlike[0].cost == pytest.approx(found[0].cost + 20 * joins.SOUND_COST)
    assert any("sound different" in sentence for sentence in reasons(unlike[0]))


# What holds of all takes


@given(st.sampled_from([-1, 1]), st.floats(0.5, 0.9), st.floats(50, 120), st.integers(-2, 2))
@settings(max_examples=6, deadline=None)
def test_a_take_joined_with_itself_at_neighbouring_frames_costs_nothing(side, lasting_s, angle_deg, later):
    shoot = Shoot()
    path = act(90 + abs(later), lasting_s=lasting_s, angle_deg=side * angle_deg)
    a, b = stage(shoot, "a", path[max(0, -later) :]), stage(shoot, "b", path[max(0, later) :])
    best = find(shoot, a, b)[0]
    assert best.out_frame - best.in_frame == later
    assert best.cost < 0.02 * (1 + abs(later))
    assert best.detectability < SEAMLESS_CHANCE


@pytest.mark.parametrize("rate", [24, 120, 240])
def test_the_measure_does_not_depend_on_the_frame_rate(rate):
    shoot = Shoot()
    a, b = (
        stage(shoot, id, act(round(2.8 * rate), rate=rate, late_s=late_s, angle_deg=angle), rate=rate)
        for id, late_s, angle in (("a", 0, 90), ("b", 0.1, 97))
    )
    c, d = (
        stage(shoot, id, act(84, late_s=late_s, angle_deg=angle))
        for id, late_s, angle in (("c", 0, 90), ("d", 0.1, 97))
    )
    best, usual = find(shoot, a, b)[0], find(shoot, c, d)[0]
    assert best.cost == pytest.approx(usual.cost, abs=0.15)
    assert float(best.in_time - best.out_time) == pytest.approx(float(usual.in_time - usual.out_time), abs=0.05)


# The measure


def test_rates_that_are_one_differ_by_nothing_and_opposite_ones_by_much():
    shoot = Shoot()
    a, b = (stage(shoot, id, act(100, angle_deg=angle)) for id, angle in (("a", 90), ("b", -90)))
    frames = np.arange(40, 50)
    same = meet.rate_difference(a, a, frames, frames)
    assert np.diag(same) == pytest.approx(0, abs=1e-12)
    assert (same >= 0).all()
    np.testing.assert_allclose(same, same.T)
    assert (np.diag(meet.rate_difference(a, b, frames, frames)) > 3).all()


def test_bridging_by_motion_is_exact_where_motion_is():
    shoot = Shoot()
    a = stage(shoot, "a", act(100))
    b = stage(shoot, "b", act(100, late_s=0.2, heading_deg=4))
    paths = a.motion.world_from_body, b.motion.world_from_body
    a_from_b = rotation.compose(rotation.inverse(paths[0][30]), paths[1][40])
    frames_a, frames_b = np.array([25, 50]), np.array([35, 60, 90])
    bridge = meet.bridged(a, b, 30, 40, a_from_b)
    headings = bridge.headings(frames_a, frames_b)
    for row, out in enumerate(frames_a):
        for column, into in enumerate(frames_b):
            truth = rotation.compose(rotation.inverse(paths[0][out]), paths[1][into])
            found = bridge.a_from_b(out, into)
            assert rotation.angle(rotation.compose(rotation.inverse(found), truth)) < 1e-6
            assert headings[row, column] == pytest.approx(rotation.angle(truth), abs=1e-6)


def test_verdicts_are_what_the_detectability_means(performances):
    *_, found = performances
    best = found[0]

    def verdict(chance, **changes):
        terms = (("all", (np.log(chance / (1 - chance)) - BIAS) / SLOPE),)
        join = replace(best, terms=terms, **changes)
        assert join.detectability == pytest.approx(chance)
        return join.verdict

    assert verdict(SEAMLESS_CHANCE - 0.01) == "seamless"
    assert verdict(SEAMLESS_CHANCE - 0.01, hiding="rest") == "workable", "nothing blurs what is left"
    assert verdict(SEAMLESS_CHANCE - 0.01, alignment=NOT_ALIGNED) == "workable", "a turn does not make two places one"
    assert verdict(SEAMLESS_CHANCE - 0.01, alignment=NOT_ALIGNED, hiding="darkness") == "seamless"
    assert verdict(SEAMLESS_CHANCE + 0.01) == "workable"
    assert verdict(WORKABLE_CHANCE + 0.01) == "visible"
    assert verdict(0.01, hiding="nothing") == "visible"
