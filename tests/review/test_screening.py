"""Screenings: ratings correct the prediction, as surely as they can and no surer; profiles are kept."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.errors import BadOption
from headturn.review import course, panel, provocation, screening
from headturn.review.profile import NAMES, PRIOR, from_json
from headturn.review.ratings import Rated
from headturn.review.screening import Showing, calibrated, predicted
from headturn.review.shown import Shown
from headturn.review.viewing import screen

EVERY_S = 10.0


@cache
def film(name="cinema:middle", seconds=240, rest=False, scale=1.0, travel=False):
    """A drive whose strength comes and goes; with a rest of 80 seconds, with travel if wanted."""
    times = np.arange(0, seconds, 1 / 30)
    strength = 0.8 * scale * (1.2 + np.sin(times / 17) + 0.5 * np.sin(times / 5))
    if rest:
        strength[(times > seconds / 2) & (times < seconds / 2 + 80)] = 0.0
    rates = strength[:, None] * np.stack([np.sin(times * 3), np.cos(times * 2), np.sin(times * 9)], axis=1)
    nothing = np.full(len(times), np.nan)
    speed = 0.2 * (1 + np.sin(times / 11)) * strength if travel else nothing
    shown = Shown(times, rates, np.full((len(times), 3), np.nan), speed, np.full(len(times), 0.5))
    return provocation.drive(shown, screen(name))


def rating(name, drive, gain, until_s=None, seed=None, constants=course.DEFAULTS, **about):
    """What a viewer of a gain would rate by the model, every ten seconds, with scatter if there is a seed."""
    latent = course.now_latent(course.provoked(drive, constants), constants)
    times = np.arange(EVERY_S, (until_s or len(latent)) + 0.1, EVERY_S)
    values = panel.expected(gain * np.interp(times, np.arange(1, len(latent) + 1), latent))
    if seed is not None:
        values = values + 0.2 * np.random.default_rng(seed).standard_normal(len(values))
    fms = panel.uneven(values)
    return Rated(name, tuple(times.tolist()), tuple(fms.tolist()), **about)


def people(drive, count, typical=1.0, seed=0, **rest):
    gains = typical * np.exp(0.6 * np.random.default_rng(seed).standard_normal(count))
    return [rating(f"v{i:02d}", drive, float(gain), seed=100 * seed + i, **rest) for i, gain in enumerate(gains)]


def width(band):
    return float(np.mean(band.high - band.low))


def level(profile, drive):
    return float(predicted(profile, drive).mean.middle.mean())


def test_ratings_move_the_prediction_towards_what_was_rated():
    drive = film()
    weak, strong = (calibrated([Showing(drive, people(drive, 12, typical))]) for typical in (0.4, 2.0))
    assert level(weak, drive) < level(PRIOR, drive) < level(strong, drive)
    for profile, typical in ((weak, 0.4), (strong, 2.0)):
        truth = np.mean([each.fms for each in people(drive, 400, typical, seed=5)], axis=0)
        told = predicted(profile, drive).mean
        at = np.arange(int(EVERY_S) - 1, len(told.middle), int(EVERY_S))
        assert np.mean((told.low[at] <= truth) & (truth <= told.high[at])) > 0.8
        assert np.sqrt(np.mean((told.middle[at] - truth) ** 2)) < 1.5


def test_more_viewers_who_say_the_same_narrow_the_bands():
    drive = film()
    few = people(drive, 4)
    many = [replace(each, viewer=f"{each.viewer} {k}") for each in few for k in range(8)]
    told = [predicted(calibrated([Showing(drive, each)]), drive) for each in (few, many)]
    assert width(told[1].mean) < 0.8 * width(told[0].mean) < 0.8 * width(predicted(PRIOR, drive).mean)


def test_more_ratings_of_one_viewer_narrow_that_viewer_s_band():
    drive = film()
    others = people(drive, 5)
    widths = []
    for until_s in (20.0, 80.0, 240.0):
        heard = [*others, rating("director", drive, 1.5, until_s, seed=1)]
        profile = calibrated([Showing(drive, heard)])
        widths.append(profile.viewer("director").log_sd)
    assert widths[0] > widths[1] > widths[2]


@settings(deadline=None, max_examples=8)
@given(gain=st.floats(0.3, 2.0), seed=st.integers(0, 20))
def test_a_viewer_twice_as_sensitive_is_predicted_higher(gain, seed):
    drive = film()
    heard = [*people(drive, 4, seed=seed), rating("one", drive, gain, seed=1), rating("two", drive, 2 * gain, seed=1)]
    profile = calibrated([Showing(drive, heard)])
    one, two = (predicted(profile, drive, name).viewer.middle for name in ("one", "two"))
    assert two[20:].mean() > one[20:].mean()
    assert profile.viewer("two").gain > profile.viewer("one").gain
    assert 1.3 < profile.viewer("two").gain / profile.viewer("one").gain < 2.4


def test_with_no_information_the_prior_comes_back():
    drive = film(scale=0.0)
    silent = [Rated("ann", (60.0, 120.0), (0.0, 0.0)), Rated("ben", (60.0,), (0.0,))]
    after = calibrated([Showing(drive, silent)])
    for name in ("now", "build_up"):
        before, learnt = PRIOR.learnt(name), after.learnt(name)
        np.testing.assert_allclose(learnt.values, before.values, atol=1e-3)
        np.testing.assert_allclose(learnt.covariance, before.covariance, atol=1e-3)
    busy = film()
    np.testing.assert_allclose(predicted(after, busy).mean.middle, predicted(PRIOR, busy).mean.middle, rtol=0.1)


def test_the_order_of_viewers_does_not_matter_and_nothing_is_random():
    drive = film()
    heard = people(drive, 6)
    profile = calibrated([Showing(drive, heard)])
    assert profile == calibrated([Showing(drive, heard[::-1])]) == calibrated([Showing(drive, heard)])
    one, again = predicted(profile, drive, "v03"), predicted(profile, drive, "v03")
    assert np.array_equal(one.viewer.high, again.viewer.high) and np.array_equal(one.tenth.low, again.tenth.low)


def test_bands_are_in_order_and_on_the_scale():
    drive = film()
    told = predicted(calibrated([Showing(drive, people(drive, 6, 1.5))]), drive, "v00")
    for band in (told.mean, told.tenth, told.anyone, told.viewer):
        assert np.all((band.low >= 0) & (band.low <= band.middle) & (band.middle <= band.high) & (band.high <= 20))
    assert np.all(told.tenth.middle >= told.mean.middle)
    assert told.times_s[0] == pytest.approx(drive.times_s[0] + 1)


def test_a_small_audience_is_less_sure_than_a_large_one():
    drive = film()
    profile = calibrated([Showing(drive, people(drive, 20))])
    assert width(predicted(profile, drive, audience=4).mean) > 1.2 * width(predicted(profile, drive, audience=200).mean)


def test_an_audience_that_gets_sick_easily_is_predicted_higher():
    drive = film()
    easily, hardly = ([Rated(str(i), (), (), mssq=mssq) for i in range(30)] for mssq in (30.0, 2.0))
    means = [predicted(PRIOR, drive, audience=each).mean.middle.mean() for each in (easily, hardly)]
    assert means[0] > 1.2 * means[1]


def test_ratings_of_people_who_get_sick_easily_say_less_against_a_film():
    drive = film()
    same = [rating(f"v{i}", drive, 1.5, seed=i) for i in range(8)]
    levels = [
        level(calibrated([Showing(drive, [replace(each, mssq=mssq) for each in same])]), drive)
        for mssq in (30.0, None, 2.0)
    ]
    assert levels[0] < levels[1] < levels[2]


def test_one_viewer_is_enough_and_the_spread_stays_the_prior_s():
    drive = film()
    profile = calibrated([Showing(drive, [rating("director", drive, 3.0)])])
    assert profile.now.spread == PRIOR.now.spread and profile.now.spread_viewers == PRIOR.now.spread_viewers
    assert any("Only one viewer" in note for note in profile.notes)
    assert level(profile, drive) > level(PRIOR, drive)
    assert profile.viewer("director").gain > 1


def test_viewers_who_differ_widen_the_spread():
    drive = film()
    alike = [rating(f"v{i}", drive, 1.0, seed=i) for i in range(12)]
    unlike = [rating(f"v{i}", drive, 3.0 if i % 2 else 0.3, seed=i) for i in range(12)]
    spreads = [calibrated([Showing(drive, each)]).now.spread for each in (alike, unlike)]
    assert spreads[0] < PRIOR.now.spread < spreads[1]


def values(profile, name="now"):
    return dict(zip(NAMES[name], profile.learnt(name).values, strict=True))


def test_without_a_rest_its_constants_stay_and_that_is_said():
    slower = replace(course.DEFAULTS, tau_s=45.0, gain=course.DEFAULTS.gain / 2)
    found = {}
    for rest in (False, True):
        drive = film(rest=rest)
        profile = calibrated([Showing(drive, people(drive, 12, constants=slower))])
        found[rest] = np.exp(values(profile)["tau_s"])
        assert any("calm stretch of 60 s" in note for note in profile.notes) != rest
    assert found[False] == pytest.approx(course.DEFAULTS.tau_s)
    assert found[True] == pytest.approx(45.0, rel=0.25)


def test_only_two_sizes_of_screen_tell_what_size_does():
    front, phone = film("cinema:front"), film("phone")
    only_screen = replace(course.DEFAULTS, beta=0.0)
    at_phone = [replace(each, viewer="p" + each.viewer) for each in people(phone, 10, seed=2, constants=only_screen)]
    showings = [Showing(front, people(front, 10, seed=1, constants=only_screen)), Showing(phone, at_phone)]
    one, two = calibrated(showings[:1]), calibrated(showings)
    assert values(one)["beta"] == values(PRIOR)["beta"] and any("two sizes" in note for note in one.notes)
    assert values(two)["beta"] < values(PRIOR)["beta"] and not any("two sizes" in note for note in two.notes)


def test_what_stays_keeps_its_doubt():
    drive = film()
    learnt = calibrated([Showing(drive, people(drive, 30))]).now
    at = NAMES["now"].index("tau_s")
    assert learnt.covariance[at][at] == pytest.approx(PRIOR.now.covariance[at][at])


def test_travel_is_learnt_only_where_it_is_known():
    known, unknown = film(travel=True), film()
    assert values(calibrated([Showing(unknown, people(unknown, 6))]))["translation"] == values(PRIOR)["translation"]
    assert values(calibrated([Showing(known, people(known, 6))]))["translation"] != values(PRIOR)["translation"]


def test_who_walks_out_counts_as_badly_off():
    drive = film()
    stayed = rating("ann", drive, 0.8, until_s=60.0, seed=3)
    left = replace(stayed, left_s=70.0)
    gains = [calibrated([Showing(drive, [each])]).viewer("ann").gain for each in (stayed, left)]
    assert gains[1] > 1.2 * gains[0]


def test_the_ssq_is_heard_too():
    drive = film()
    ann = rating("ann", drive, 1.0, until_s=60.0, seed=3)
    gains = [
        calibrated([Showing(drive, [replace(ann, ssq_more=more)])]).viewer("ann").gain for more in (0.0, None, 120.0)
    ]
    assert gains[0] < gains[1] < gains[2]


def test_a_profile_is_the_same_after_json_and_serves_the_next_film():
    drive, other = film(), film(seconds=300, scale=0.7)
    profile = calibrated([Showing(drive, people(drive, 8, 1.8))])
    kept = from_json(profile.to_json())
    assert kept == profile and (kept.viewers, kept.ratings, kept.films) == (8, 8 * 24, 1)
    carried = kept.for_next_film()
    assert level(carried, other) > level(PRIOR, other)
    assert width(predicted(carried, other).mean) > width(predicted(kept, other).mean)
    assert carried.viewer("v00").log_sd > kept.viewer("v00").log_sd
    again = calibrated([Showing(other, people(other, 3, 1.8, seed=4))], carried)
    assert (again.viewers, again.films) == (8, 2)
    assert width(predicted(again, other).mean) < width(predicted(carried, other).mean)
    assert {known.name for known in again.now.viewers} == {known.name for known in profile.now.viewers}


def test_comfort_reads_what_was_learnt():
    drive = film()
    profile = calibrated([Showing(drive, people(drive, 8, 1.8))])
    constants = profile.constants()
    assert constants.calibrated and not PRIOR.constants().calibrated
    assert constants.gain > course.DEFAULTS.gain and constants.scale != course.DEFAULTS.scale
    np.testing.assert_allclose(
        [getattr(PRIOR.constants(), name) for name in NAMES["build_up"]],
        [getattr(course.DEFAULTS, name) for name in NAMES["build_up"]],
    )


def test_build_up_is_corrected_too():
    drive = film(seconds=600)
    heard = people(drive, 8, 1.5)
    told = predicted(calibrated([Showing(drive, heard)]), drive, course="build_up")
    before = predicted(PRIOR, drive, course="build_up")
    rated = np.mean([each.fms for each in heard])
    assert abs(told.mean.middle.mean() - rated) < abs(before.mean.middle.mean() - rated)
    assert width(told.mean) < width(before.mean)


def test_what_makes_no_sense_is_refused():
    drive = film()
    with pytest.raises(BadOption, match="no ratings"):
        calibrated([])
    with pytest.raises(BadOption, match="no ratings"):
        calibrated([Showing(drive, [Rated("ann", (), ())])])
    with pytest.raises(BadOption, match="Two viewers are called 'ann'"):
        calibrated([Showing(drive, [Rated("ann", (1.0,), (1.0,))] * 2)])
    with pytest.raises(BadOption, match="No viewer 'bob'"):
        predicted(PRIOR, drive, "bob")
    for audience in (0, -3, []):
        with pytest.raises(BadOption, match="audience of nobody"):
            predicted(PRIOR, drive, audience=audience)


@pytest.mark.parametrize("name", ["values", "covariance", "spread", "noise"])
def test_what_is_no_profile_is_refused(name):
    drive = film()
    plain = json.loads(calibrated([Showing(drive, people(drive, 2))]).to_json())
    for text in ("", "{}", "[1, 2]", json.dumps({**plain, "now": 3})):
        with pytest.raises(BadOption, match="no profile"):
            from_json(text)
    wrong = {"values": [0.0], "covariance": [[-1.0] * 6] * 6, "spread": -1.0, "noise": float("nan")}[name]
    plain["now"][name] = wrong
    with pytest.raises(BadOption, match="no profile"):
        from_json(json.dumps(plain))


def test_ratings_that_cannot_all_be_true_still_end_in_a_profile():
    drive = film()
    times = tuple(np.arange(10.0, 240.0, 10.0).tolist())
    heard = [
        Rated("top", times, (20.0,) * len(times)),
        Rated("none", times, (0.0,) * len(times)),
        Rated("odd", times, tuple(20.0 * (i % 2) for i in range(len(times)))),
    ]
    profile = calibrated([Showing(drive, heard)])
    told = predicted(profile, drive, "odd")
    assert np.isfinite(told.viewer.middle).all() and np.isfinite(told.tenth.high).all()
    assert profile.viewer("top").gain > profile.viewer("odd").gain > profile.viewer("none").gain
    assert screening.predicted(from_json(profile.to_json()), drive).mean.middle == pytest.approx(told.mean.middle)
