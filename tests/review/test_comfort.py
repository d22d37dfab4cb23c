"""Comfort: which way it must go, what it says of the worst, and how sure it is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.errors import NoTelemetry
from headturn.review.comfort import DEFAULTS, UNCALIBRATED, felt, now, worst
from headturn.review.viewing import SCREENS, Viewer, screen, viewer
from motions import film, sines, walk

MIDDLE, TYPICAL = screen("cinema:middle"), viewer("typical")
SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=15, deadline=None)


def of(rates, seat=MIDDLE, who=TYPICAL, **more):
    return felt(film(rates, **more), seat, who)


@given(SEEDS, st.floats(0, 1))
@FEW
def test_steadier_is_never_worse(seed, share):
    rates = walk(30, seed)
    as_it_is, steadier = of(rates), of(share * rates)
    assert (steadier.now <= as_it_is.now + 1e-9).all()
    assert (steadier.build_up <= as_it_is.build_up + 1e-9).all()


@given(SEEDS)
@FEW
def test_the_front_row_is_above_the_back_row_above_television(seed):
    rates = walk(30, seed)
    front, back, television = (of(rates, SCREENS[name]) for name in ("cinema:front", "cinema:back", "television"))
    for figure in ("now", "build_up"):
        assert (getattr(front, figure) > getattr(back, figure)).all()
        assert (getattr(back, figure) > getattr(television, figure)).all()


@given(SEEDS, st.integers(1, 5))
@FEW
def test_longer_is_not_better(seed, times):
    rates = walk(20, seed)
    once, often = of(rates), of(np.tile(rates, (times, 1)))
    assert often.build_up[-1] >= once.build_up[-1] - 1e-9
    assert often.now.max() >= once.now.max() * 0.99  # the seam of two runs has its own edge


@given(SEEDS, st.integers(60, 240))
@FEW
def test_rest_heals(seed, rest_s):
    rates, rest = walk(60, seed), np.zeros((30 * rest_s, 3))
    rested = of(np.concatenate([rates, rest]))
    assert rested.now[-1] < rested.now[55:65].max() * 0.06
    assert (np.diff(rested.now[62:]) <= 0).all()
    with_break, without = of(np.concatenate([rates, rest, rates])), of(np.concatenate([rates, rates]))
    assert with_break.now.max() <= without.now.max() + 0.5


def test_build_up_heals_in_a_long_rest():
    dose = of(np.concatenate([walk(1200), np.zeros((30 * 3600, 3))])).build_up
    assert dose[-1] < 0.6 * dose.max() and dose.argmax() < 2400


@given(SEEDS, st.sampled_from([(0, 1), (1, 2), (0, 2)]))
@FEW
def test_two_axes_are_not_better_than_one(seed, axes):
    hertz = np.random.default_rng(seed).uniform(0.05, 3)
    one, both = ([(axis, hertz, 20.0) for axis in axes[:count]] for count in (1, 2))
    single, dual = of(sines(40, one)), of(sines(40, both))
    assert (dual.now >= single.now - 1e-9).all() and (dual.build_up >= single.build_up - 1e-9).all()


def test_a_seam_resets_nothing():
    before, after = walk(60, 1), walk(60, 2)
    both = of(np.concatenate([before, after]))
    assert both.now[62] > of(after).now[2] + 1
    assert both.build_up[-1] > of(after).build_up[-1]


def test_stillness_is_nothing():
    told = of(np.zeros((900, 3)))
    assert told.now == pytest.approx(0) and told.build_up == pytest.approx(0)
    assert told.now_high == pytest.approx(0, abs=1e-6)
    assert worst(told, film(np.zeros((900, 3)))) == ()


def test_bands_hold_the_middle_and_widen_with_what_is_not_known():
    rates = walk(60)
    known, unknown = of(rates, speed_over_depth=0.3), of(rates, speed_over_depth=np.nan)
    for told in (known, unknown):
        assert (told.now_low <= told.now).all() and (told.now <= told.now_high).all() and told.now_high.max() < 100
        assert (told.build_up_low <= told.build_up).all() and (told.build_up <= told.build_up_high).all()
        assert told.build_up_high.max() <= 20

    def width(told):
        latent = -np.log1p(-np.stack([told.now_low, told.now_high]) / 100)
        return np.log(latent[1] / latent[0])

    assert (width(unknown)[5:] > width(known)[5:] + 0.01).all()
    gap = rates.copy()
    gap[600:1200] = np.nan
    assert width(of(gap, speed_over_depth=0.3))[35] > width(known)[35] + 0.1


def test_who_watches():
    rates = walk(60)
    typical, sensitive = of(rates), of(rates, who=viewer("sensitive"))
    assert (sensitive.now > typical.now).all() and (sensitive.now < typical.now_high).all()
    sure = of(rates, who=Viewer("measured", 1.0, 0.1))
    assert sure.now == pytest.approx(typical.now) and (sure.now_high < typical.now_high).all()


def test_what_it_cannot_know_is_said():
    told = of(walk(30), speed_over_depth=np.nan)
    assert UNCALIBRATED in told.notes and any("translation" in note for note in told.notes)
    screened = felt(film(walk(30)), MIDDLE, TYPICAL, replace(DEFAULTS, calibrated=True))
    assert UNCALIBRATED not in screened.notes
    assert not any("safe" in note for note in told.notes)


def test_now_alone_is_the_same():
    told = of(walk(30))
    assert (now(told.drive, TYPICAL) == told.now).all()


def test_the_same_film_is_felt_the_same():
    rates = walk(60)
    one, other = of(rates), of(rates)
    assert (one.now == other.now).all() and (one.build_up_high == other.build_up_high).all()


def test_a_whole_film_has_every_second():
    told = of(np.tile(walk(60, fps=24), (90, 1)), fps=24)
    assert len(told.times_s) == len(told.now) == 5400
    assert told.times_s[-1] == 5400 and np.isfinite(told.build_up_high).all()


def test_no_motion_is_a_clear_error():
    with pytest.raises(NoTelemetry, match="Nothing is known"):
        of(np.full((300, 3), np.nan))


CALM = [(1, 0.1, 2.0)]
BAD = {
    "shake": [(0, 5, 30), (1, 6, 20)],
    "slow sway": [(1, 0.5, 40)],
    "roll": [(2, 0.5, 40)],
}


def with_moment(bad_rates, at_s=60, seconds=120):
    rates = sines(seconds, CALM)
    rates[at_s * 30 : at_s * 30 + len(bad_rates)] += bad_rates
    return film(rates)


@pytest.mark.parametrize("cause", BAD)
def test_the_worst_moment_is_found_and_its_cause(cause):
    shown = with_moment(sines(6, BAD[cause]))
    told = felt(shown, MIDDLE, TYPICAL)
    first = worst(told, shown)[0]
    assert first.cause == cause
    assert 57 <= first.start_s <= 63 and first.end_s == first.start_s + 5
    assert first.gain > 1 and first.gain_of_most > 0
    assert first.without.max() < told.now.max() and len(first.without) == len(told.now)
    assert first.without[:50] == pytest.approx(told.now[:50])


def test_a_turn_of_the_head_is_a_fast_turn_and_not_shake():
    times_s = np.arange(30) / 30
    turn = np.zeros((30, 3))
    turn[:, 1] = np.radians(120) * np.exp(-0.5 * ((times_s - 0.5) / 0.15) ** 2) / (0.15 * np.sqrt(2 * np.pi))
    shown = with_moment(turn)
    first = worst(felt(shown, MIDDLE, TYPICAL), shown)[0]
    assert first.cause == "fast turn" and "degrees a second" in first.words


def test_travel_is_a_cause_only_where_it_is_known():
    shown = with_moment(np.zeros((0, 3)))
    fast = np.zeros(3600)
    fast[1800:1980] = 3.0
    told = felt(replace(shown, speed_over_depth=fast), MIDDLE, TYPICAL)
    assert worst(told, shown)[0].cause == "travel"
    guessed = felt(replace(with_moment(sines(6, BAD["roll"])), speed_over_depth=np.full(3600, np.nan)), MIDDLE, TYPICAL)
    assert worst(guessed, shown)[0].cause == "roll"


def test_flashes_are_named_where_they_are():
    shown = with_moment(sines(6, BAD["shake"]))
    told = felt(shown, MIDDLE, TYPICAL)
    named = worst(told, shown, flashes=[(62.0, 63.0)])
    assert named[0].cause == "flashes" and "shakes" in named[0].words
    assert worst(told, shown, flashes=[(20.0, 21.0)])[0].cause == "shake"


def test_the_worst_moments_do_not_overlap_and_come_worst_first():
    shown = film(np.concatenate([walk(30, seed, degrees=2 + 3 * (seed % 4)) for seed in range(12)]))
    told = felt(shown, MIDDLE, TYPICAL)
    moments = worst(told, shown, most=7)
    assert len(moments) == 7
    assert [m.gain for m in moments] == sorted((m.gain for m in moments), reverse=True)
    starts = sorted(m.start_s for m in moments)
    assert min(np.diff(starts)) >= 5


def test_a_film_shorter_than_a_moment():
    shown = film(np.concatenate([sines(1, CALM), sines(1, BAD["shake"]), sines(1, CALM)]))
    assert all(moment.end_s <= 3 for moment in worst(felt(shown, MIDDLE, TYPICAL), shown))
