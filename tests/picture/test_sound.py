"""The film's sound: exact length, even power, no click."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.clock import STANDARD_RATES, Span
from headturn.edit.cut import Cut, Seam, Segment, Splice
from headturn.picture.sound import BLOCK, EASE_S, mix

HZ = 48000
NTSC_24 = Fraction(24000, 1001)


def cut_of(lengths, rate=Fraction(25), sound_frames=8, starts=None):
    """A cut of takes "0", "1", ... with these lengths in frames, each from `starts` seconds on."""
    starts = starts or [Fraction(10)] * len(lengths)
    segments, splices, at = [], [], 0
    for index, (length, start) in enumerate(zip(lengths, starts, strict=True)):
        if index:
            splices.append(Splice(at, Seam("turn", sound_frames=sound_frames), "seamless", 0.0))
        source = Span(Fraction(start), Fraction(start) + length / rate)
        segments.append(Segment(str(index), f"take {index}", source, at, length))
        at += length
    return Cut("test", rate, 64, 36, tuple(segments), tuple(splices))


def listener(sounds, block=1000):
    """A `listen` that evaluates each take's function of time (n,) in seconds, in blocks."""

    def listen(take: str, start: Fraction, stop: Fraction) -> Iterator[np.ndarray]:
        count = round((stop - start) * HZ)
        for first in range(0, count, block):
            times = float(start) + np.arange(first, min(count, first + block)) / HZ
            yield np.repeat(sounds[take](times)[:, None], 2, axis=1).astype(np.float32)

    return listen


def mixed(cut, sounds, **options):
    return np.concatenate(list(mix(cut, listener(sounds, **options), HZ)))


def tone(times):
    return 0.5 * np.sin(2 * np.pi * 440 * times)


def mute(times):
    return np.zeros_like(times)


NOISE = np.random.default_rng(1).normal(0, 1, 60 * HZ)


def noise(seed, level=0.1):
    """Noise that is a function of time: the same whatever stretch is asked for, another for each seed."""
    return lambda times: level * NOISE[(np.round(times * HZ).astype(int) + seed * HZ // 2) % len(NOISE)]


def steepest(sound):
    """The largest step from one sample to the next."""
    return float(np.abs(np.diff(sound, axis=0)).max())


TONE_STEP = 0.5 * 2 * np.pi * 440 / HZ


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    rate=st.sampled_from(STANDARD_RATES[:12]),
    sound_frames=st.integers(0, 30),
    rate_hz=st.sampled_from([32000, 44100, 48000]),
)
def test_the_sound_is_exactly_as_long_as_the_film(lengths, rate, sound_frames, rate_hz):
    cut = cut_of(lengths, rate, sound_frames)
    asked = []

    def listen(take, start, stop):
        asked.append((take, start, stop))
        assert ((stop - start) * rate_hz).denominator == 1
        yield np.ones((int((stop - start) * rate_hz), 2), np.float32)

    blocks = list(mix(cut, listen, rate_hz))
    assert sum(map(len, blocks)) == round(cut.duration * rate_hz)
    for (take, start, _), segment in zip(asked, cut.segments, strict=True):
        film_position = (start - segment.source.start + segment.start / rate) * rate_hz
        assert take == segment.take
        assert film_position.denominator == 1, "sound is asked for on the film's own samples"


def test_every_sample_of_a_long_ntsc_film_is_in_its_place():
    cut = cut_of([501] * 5, NTSC_24, sound_frames=0, starts=[Fraction(i * 501) / NTSC_24 for i in range(5)])
    film = mixed(cut, dict.fromkeys("01234", lambda t: 0.5 + 0.4 * np.sin(2 * np.pi * t)))
    times = np.arange(len(film)) / HZ
    inner = slice(HZ, -HZ)
    # takes shot on one clock and joined where they meet are that clock, to a fraction of a sample
    assert np.abs(film[inner, 0] - 0.5 - 0.4 * np.sin(2 * np.pi * times[inner])).max() < 1e-4


def test_one_recording_cut_and_joined_again_goes_on_in_phase():
    starts = [Fraction(10), Fraction(12), Fraction(14)]
    film = mixed(cut_of([50, 50, 50], starts=starts), dict.fromkeys("012", tone))
    times = 10 + np.arange(len(film)) / HZ
    ease = round(EASE_S * HZ)
    assert np.abs(film[:, 0] - tone(times))[ease:-ease].max() < 1e-4


def test_the_power_stays_even_while_unlike_sounds_are_crossed():
    powers = []
    for seed in range(40):
        film = mixed(cut_of([25, 25], sound_frames=10), {"0": noise(seed), "1": noise(seed + 50)})
        powers.append(np.square(film[:, 0], dtype=float).reshape(-1, 960).mean(axis=1))  # one value each 20 ms
    around = np.mean(powers, axis=0)[5:-5]
    assert around / around.mean() == pytest.approx(np.ones(len(around)), abs=0.06)


@pytest.mark.parametrize("sound_frames", [0, 1, 8, 200])
@pytest.mark.parametrize(
    "sounds",
    [(tone, mute), (mute, tone), (tone, lambda t: -tone(t)), (tone, lambda t: 0.1 * tone(t + 0.0007))],
    ids=["into silence", "out of silence", "opposite phase", "other level"],
)
def test_no_sample_jumps_at_a_splice_nor_at_head_and_tail(sounds, sound_frames):
    film = mixed(cut_of([50, 50], sound_frames=sound_frames), dict(zip("01", sounds, strict=True)))
    with_ends = np.concatenate([np.zeros((1, 2)), film, np.zeros((1, 2))])
    # a hard cut steps by up to 1.0; fades of 5 ms and more add little to the slope of the tone
    assert steepest(with_ends) < 1.8 * TONE_STEP
    assert np.abs(film).max() > 0.4


@pytest.mark.parametrize("gap_s", [-0.2, -0.05, 0.0, 0.05, 0.2])
def test_a_take_whose_sound_begins_or_ends_near_the_splice_is_faded_there(gap_s):
    def ends(times):
        return np.where(times < 12 + 0.03, tone(times), 0)

    def begins(times):
        return np.where(times >= 10 + 0.03 + gap_s, tone(times), 0)

    film = mixed(cut_of([50, 50], sound_frames=8), {"0": ends, "1": begins})
    assert steepest(film) < 1.8 * TONE_STEP
    heard = np.abs(film[:, 0]).reshape(-1, 480).max(axis=1) > 0.25  # each 10 ms
    assert (~heard).sum() * 0.01 <= max(0, gap_s) + 0.08, "no hole but that in the takes"


def test_sound_that_drops_out_within_a_take_does_not_click():
    def broken(times):
        return np.where((times > 10.5) & (times < 11), 0, tone(times))

    for block in (100, 1000, 5 * BLOCK):
        film = mixed(cut_of([50]), {"0": broken}, block=block)
        assert steepest(film) < 1.8 * TONE_STEP
        assert np.array_equal(film, mixed(cut_of([50]), {"0": broken}))


def test_sound_away_from_splices_is_the_take_s_own():
    film = mixed(cut_of([100, 100], sound_frames=8), {"0": noise(1), "1": noise(20)})
    times = 10 + np.arange(len(film)) / HZ
    assert np.array_equal(film[HZ : 3 * HZ, 0], noise(1)(times[HZ : 3 * HZ]).astype(np.float32))
    assert np.array_equal(film[7 * HZ : -HZ, 0], noise(20)(times[7 * HZ : -HZ] - 4).astype(np.float32))


@pytest.mark.parametrize("ratio, step", [(0.7, 1.0), (0.2, 2.5 * 2**0.23)])
def test_the_incoming_take_starts_at_the_level_of_the_outgoing_one(ratio, step):
    film = mixed(cut_of([100, 100], sound_frames=8), {"0": noise(1), "1": noise(20, 0.1 * ratio)})

    def level(time_s):
        return film[round((time_s - 0.15) * HZ) : round((time_s + 0.15) * HZ), 0].std()

    assert level(3.7) / level(4.3) == pytest.approx(step, rel=0.15)  # 6 dB at most, 0.46 s later
    assert level(7) == pytest.approx(0.1 * ratio, rel=0.05)
    steps = [level(4.3 + k / 10) / level(4.4 + k / 10) for k in range(25)]
    assert max(steps) < 1.12


def test_a_film_of_silent_takes_is_silent():
    film = mixed(cut_of([30, 30, 30]), dict.fromkeys("012", mute))
    assert film.shape == (round(3.6 * HZ), 2)
    assert not film.any()


def test_crossings_of_a_short_segment_meet_in_its_middle():
    film = mixed(cut_of([25, 2, 25], sound_frames=25), {"0": tone, "1": mute, "2": tone})
    assert len(film) == round(52 / 25 * HZ)
    assert steepest(film) < 1.8 * TONE_STEP


def test_blocks_stay_small_however_long_a_take_is():
    sizes = [len(block) for block in mix(cut_of([25 * 20, 25]), listener({"0": tone, "1": tone}), HZ)]
    assert max(sizes) <= 2 * BLOCK
    assert all(a > 0 for a, _ in pairwise(sizes))
