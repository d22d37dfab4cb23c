"""Exact time: rates, timecode against a slow count of labels, spans, frame times."""

import contextlib
import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headturn.clock import NTSC, FrameTimes, Span, Timecode, clock_name, parse_rate, rate_name
from headturn.errors import BadOption

RATES = [Fraction(n) * f for n in (24, 25, 30, 48, 50, 60, 120) for f in (1, NTSC)]
DROP_RATES = [30 * NTSC, 60 * NTSC]
times = st.fractions(0, 100, max_denominator=100_000)


# Rates


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("25", Fraction(25)),
        (" 24000/1001 ", Fraction(24000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("29.970", Fraction(30000, 1001)),
        ("29.97df", Fraction(30000, 1001)),
        ("59.94 fps", Fraction(60000, 1001)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_rates_are_read_as_people_write_them(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "1/0", "0", "-25", "0.5", "1001", "nan", "inf", "1e999999999", "25/1/1"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(BadOption, match="24000/1001"):
        parse_rate(text)


@pytest.mark.parametrize("rate", RATES)
def test_a_rate_survives_its_name(rate):
    assert parse_rate(rate_name(rate)) == rate
    assert parse_rate(str(rate)) == rate


def test_running_times_carry_over_when_they_are_rounded():
    assert clock_name(Fraction(15, 2)) == "0:07.5"
    assert clock_name(59.96) == "1:00.0"
    assert clock_name(3723) == "1:02:03.0"


# Timecode


def labels(nominal, dropped):
    """Every label of a day in order, counted the slow way; `dropped` of them are left out at most minutes."""
    for hour in range(24):
        for minute in range(60):
            for second in range(60):
                skipped = dropped if second == 0 and minute % 10 else 0
                for frame in range(skipped, nominal):
                    yield hour, minute, second, frame


@pytest.mark.parametrize(("rate", "dropped"), [(DROP_RATES[0], 2), (DROP_RATES[1], 4), (Fraction(25), 0)])
def test_timecode_counts_as_a_slow_count_does(rate, dropped):
    mark = ";" if dropped else ":"
    wanted = {0, 1, 1799, 1800, 3597, 3598, 17981, 17982, 17983, 35963, 35964, 107891, 107892, 500_001}
    for count, (hour, minute, second, frame) in enumerate(labels(round(rate), dropped)):
        if count in wanted or 3590 <= count <= 3610:
            text = f"{hour:02d}:{minute:02d}:{second:02d}{mark}{frame:02d}"
            assert str(Timecode(count, rate, bool(dropped))) == text
            assert Timecode.parse(text, rate) == Timecode(count, rate, bool(dropped))
        if count > 500_001:
            break


@given(st.sampled_from([(rate, False) for rate in RATES] + [(rate, True) for rate in DROP_RATES]), st.data())
def test_timecode_survives_its_text(kind, data):
    rate, drop = kind
    a_day = round(rate) * 86400 - (2 * round(rate) // 30) * 54 * 24 * drop
    code = Timecode(data.draw(st.integers(0, a_day - 1)), rate, drop)
    assert Timecode.parse(str(code), rate) == code
    assert code.plus(code.seconds).frames == 2 * code.frames


@given(st.integers(0, 24 * 6 - 1), st.integers(1, 9), st.integers(0, 3))
def test_labels_that_drop_frame_leaves_out_are_no_timecode(tens, minute, frame):
    minutes = tens * 10 + minute
    text = f"{minutes // 60:02d}:{minutes % 60:02d}:00;{frame:02d}"
    with pytest.raises(BadOption):
        Timecode.parse(text, DROP_RATES[1])
    assert str(Timecode.parse(text, DROP_RATES[1], drop=False)) == text.replace(";", ":")


@pytest.mark.parametrize(
    "text", ["", "1:2:3:4", "01:02:03", "01:60:00:00", "01:00:60:00", "01:00:00:25", "01:00:00:0x"]
)
def test_what_is_no_timecode_is_refused(text):
    with pytest.raises(BadOption):
        Timecode.parse(text, Fraction(25))


@given(st.text("0123456789:;.,", min_size=8, max_size=14))
def test_any_text_is_a_timecode_or_a_bad_option(text):
    with contextlib.suppress(BadOption):
        Timecode.parse(text, 30 * NTSC)


def test_only_rates_with_drop_frame_drop_labels():
    assert Timecode.parse("00:10:00;00", Fraction(25)).frames == 15000
    assert Timecode.parse("00:11:00;02", Fraction(24000, 1001)).frames == 11 * 60 * 24 + 2


def test_an_hour_of_drop_frame_is_an_hour_of_real_time():
    assert abs(Timecode.parse("01:00:00;00", DROP_RATES[0]).seconds - 3600) < Fraction(1, 100)


# Spans


@given(times, times, times, times)
def test_spans_share_what_their_instants_share(a, b, c, d):
    one, other = Span(min(a, b), max(a, b)), Span(min(c, d), max(c, d))
    edges = sorted({a, b, c, d})
    shared = [(q - p) for p, q in itertools.pairwise(edges) if p in one and p in other]
    assert one.overlap(other) == sum(shared) == other.overlap(one)
    assert one.shifted(c).duration == one.duration


def test_a_span_is_half_open_and_runs_forwards():
    span = Span(Fraction(1), Fraction(2))
    assert 1 in span
    assert 2 not in span
    with pytest.raises(ValueError, match="before"):
        Span(Fraction(2), Fraction(1))


# Frame times


def even(rate, base, frames, start=0):
    """Frame times as a muxer writes them: each rounded to the nearest tick."""
    ticks = np.array([start + round(k / rate / base) for k in range(frames)])
    return FrameTimes(ticks, base, start + round(frames / rate / base))


@given(
    st.lists(st.integers(1, 5000), min_size=1, max_size=40),
    st.sampled_from([Fraction(1, 90000), Fraction(1, 1000), Fraction(1001, 30000)]),
    st.integers(0, 2**40),
    st.data(),
)
def test_the_nearest_frame_is_the_one_that_brute_force_finds(intervals, base, start, data):
    ticks = start + np.cumsum([0, *intervals[:-1]])
    shown = FrameTimes(ticks, base, int(ticks[-1]) + intervals[-1])
    low, high = (ticks[0] - 10000) * base, (ticks[-1] + 10000) * base
    middles = [(shown[k] + shown[k + 1]) / 2 for k in range(len(ticks) - 1)]
    somewhere = st.fractions(low, high, max_denominator=10**6)
    time = data.draw(st.one_of(somewhere, st.sampled_from(middles)) if middles else somewhere)
    best = min(abs(shown[k] - time) for k in range(len(ticks)))
    assert shown.nearest(time) == next(k for k in range(len(ticks)) if abs(shown[k] - time) == best)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("base", [Fraction(1, 90000), Fraction(1, 1000), Fraction(1, 600)])
def test_the_rate_is_known_whatever_the_clock_counts_in(rate, base):
    shown = even(rate, base, 3000)
    assert shown.rate == rate
    assert not shown.variable


def test_thirty_and_its_ntsc_form_are_told_apart_in_half_a_minute():
    assert even(Fraction(30), Fraction(1, 1000), 900).rate == 30
    assert even(30 * NTSC, Fraction(1, 1000), 900).rate == 30 * NTSC


@given(st.sets(st.integers(1, 998), min_size=1, max_size=60))
@settings(max_examples=50)
def test_frames_that_the_camera_lost_do_not_change_the_rate(lost):
    """One in a thousand lost makes the mean of 30 frames a second exactly 30000/1001."""
    whole = even(Fraction(30), Fraction(1, 90000), 1000)
    kept = FrameTimes(np.delete(whole.ticks, sorted(lost)), whole.base, whole.end)
    assert kept.rate == 30


@given(st.integers(0, 2**32))
@settings(max_examples=30)
def test_a_jittering_phone_has_its_nominal_rate(seed):
    jitter = np.random.default_rng(seed).integers(-300, 300, 600)
    shown = FrameTimes(np.arange(600) * 3000 + jitter, Fraction(1, 90000), 600 * 3000)
    assert shown.rate == 30
    assert not shown.variable


def test_a_rate_that_no_standard_knows_is_kept_as_it_is():
    assert even(Fraction(17), Fraction(1, 17000), 100).rate == 17
    assert FrameTimes(np.array([0]), Fraction(1, 25), 1).rate == 25


def test_variable_means_off_the_even_grid():
    ticks = np.concatenate([np.arange(0, 3000, 100), np.arange(3000, 9000, 200)])
    assert FrameTimes(ticks, Fraction(1, 3000), 9000).variable


@given(st.integers(1, 200), st.sampled_from(RATES))
def test_times_are_exact(frames, rate):
    shown = even(rate, 1 / rate, frames)
    assume(frames > 1)
    assert [shown[k] for k in range(frames)] == [k / rate for k in range(frames)]
    assert shown.span == Span(Fraction(0), frames / rate)
