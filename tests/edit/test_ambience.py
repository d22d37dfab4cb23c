"""Ambience: level and timbre of a room, whatever is said or done in it."""

import numpy as np
import pytest

from headturn.edit import ambience

RATE = 24000


def room(seconds=0.8, gain=0.02, seed=0, hiss=False):
    noise = np.random.default_rng(seed).normal(0, gain, round(seconds * RATE))
    if not hiss:
        noise = np.convolve(noise, np.ones(16) / 4, "same")
    return np.repeat(noise[:, None], 2, axis=1).astype(np.float32)


def test_one_room_sounds_like_itself():
    a, b = (ambience.heard(room(seed=seed), RATE) for seed in (1, 2))
    assert ambience.difference(a, b) < 2.0


def test_a_louder_room_differs_by_its_level():
    a, b = (ambience.heard(room(gain=gain), RATE) for gain in (0.02, 0.04))
    assert ambience.difference(a, b) == pytest.approx(20 * np.log10(2), abs=0.1)


def test_another_room_differs_in_timbre():
    assert ambience.difference(*(ambience.heard(room(hiss=hiss), RATE) for hiss in (True, False))) > 5


def test_a_word_is_no_ambience():
    spoken = room()
    spoken[4000:8000] += np.sin(np.arange(4000) / 10)[:, None].astype(np.float32)
    assert ambience.difference(ambience.heard(spoken, RATE), ambience.heard(room(), RATE)) < 2.0


@pytest.mark.parametrize("samples", [np.zeros((RATE, 2), np.float32), room(0.06), np.zeros((0, 2), np.float32)])
def test_silence_and_snippets_are_not_judged(samples):
    assert ambience.heard(samples, RATE) is None
    assert ambience.difference(None, ambience.heard(room(), RATE)) is None
