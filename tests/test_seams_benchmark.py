"""The statistics of the seams benchmark, on input whose answer is known."""

import cv2
import numpy as np
import pytest
from benchmarks import adversary, figures, seams
from benchmarks.apart import eyes
from benchmarks.detectors import DEFAULTS, Kept, loudest
from benchmarks.windows import CONTEXT, HALF, JUDGED
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

FRAMES = 2 * HALF
SEEN = (*adversary.LEFT, *adversary.BESIDE, *adversary.MOVES, *adversary.SHIFTS, *adversary.LEVELS)


def test_threshold_fires_on_the_share_that_it_promises() -> None:
    scores = np.arange(200.0)
    limit = figures.threshold(scores, 0.05)
    assert (scores > limit).mean() == 0.05


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_threshold_never_fires_more_often(scores: list[float]) -> None:
    assert (np.array(scores) > figures.threshold(scores)).mean() <= figures.FALSE_ALARMS


def test_area_under_the_curve_of_known_orders() -> None:
    assert figures.auc([1, 2, 3, 4], [0, 0, 1, 1]) == 1
    assert figures.auc([4, 3, 2, 1], [0, 0, 1, 1]) == 0
    assert figures.auc([1, 1, 1, 1], [0, 1, 0, 1]) == 0.5
    assert figures.auc([1, 2, 3, 4], [1, 0, 1, 0]) == 0.25


def test_excess_is_paired_with_own_controls() -> None:
    """Splices of restless places fire often, and so do their controls: nothing is left."""
    places = [f"p{i // 10}" for i in range(100)]
    restless = np.array([i // 10 % 2 for i in range(100)], float)
    found = figures.excess(restless, restless, places)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_interval_counts_places_and_not_windows() -> None:
    """A hundred like windows of two places tell no more than two windows."""
    values = np.repeat([0.0, 1.0], 50)
    places = ["a"] * 50 + ["b"] * 50
    found = figures.share(values, places)
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)
    alone = figures.share(values, [str(i) for i in range(100)])
    assert alone.high - alone.low < 0.25


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (5, 10, 0.237, 0.763)]
)
def test_wilson_interval(hits: int, of: int, low: float, high: float) -> None:
    found = figures.wilson(hits, of)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


def window(rng: np.random.Generator, jump: float = 0.0) -> dict[str, object]:
    scores = {name: list(0.1 + 0.02 * rng.random(FRAMES)) for name in DEFAULTS}
    steps = list(0.1 + 0.02 * rng.random(FRAMES - 1))
    for name in DEFAULTS:
        scores[name][HALF] += 0.1 * jump
    steps[HALF - 1] += 0.1 * jump
    return {"scores": scores, "steps": steps, "seen": {name: list(rng.random(FRAMES)) for name in SEEN}}


def test_only_the_judged_part_of_a_window_counts() -> None:
    quiet = {name: [0.0] * FRAMES for name in DEFAULTS}
    for at, seen in ((CONTEXT, False), (HALF - 1, True), (HALF, True), (HALF + JUDGED - 1, True), (FRAMES - 1, False)):
        loud = {name: [*values[:at], 1.0, *values[at + 1 :]] for name, values in quiet.items()}
        assert (loudest(loud)["content"] == 1.0) == seen


def test_two_halves_of_one_window_are_that_window() -> None:
    rng = np.random.default_rng(1)
    one, other = window(rng), window(rng, 2.0)
    assert adversary.halves(one, one) == {name: one[name] for name in ("scores", "seen", "steps")}
    mixed = adversary.halves(one, other)
    assert mixed["seen"]["left"][HALF - 1 : HALF + 1] == [one["seen"]["left"][HALF - 1], other["seen"]["left"][HALF]]
    assert len(mixed["steps"]) == len(one["steps"])


@pytest.mark.parametrize("beside", [False, True])
def test_features_see_a_jump_at_the_splice_and_not_the_level(beside: bool) -> None:
    rng = np.random.default_rng(0)
    plain, jumping = window(rng), window(rng, 2.0)
    seen = [adversary.features(each, beside=beside) for each in (plain, jumping)]
    assert seen[0].shape == seen[1].shape
    assert np.abs(seen[1] - seen[0]).max() > 0.5
    nothing = {
        "scores": {name: [0.0] * FRAMES for name in DEFAULTS},
        "steps": [0.0] * (FRAMES - 1),
        "seen": {name: [0.0] * FRAMES for name in SEEN},
    }
    assert np.isfinite(adversary.features(nothing, beside=beside)).all()


def panned(shares: list[float], gain: float = 1.0) -> NDArray[np.uint8]:
    """A view that pans over a still picture, by shares of its width; from the middle on brighter by `gain`."""
    rng = np.random.default_rng(3)
    noise = cv2.GaussianBlur(rng.uniform(0, 255, (90, 480, 3)).astype(np.float32), (0, 0), 2.0)
    picture = cv2.normalize(noise, None, 40, 180, cv2.NORM_MINMAX)
    x = np.cumsum([0, *shares]) * 160
    moved = [cv2.warpAffine(picture, np.array([[1, 0, -at - 40], [0, 1, 0]], np.float32), (160, 90)) for at in x]
    return np.stack([frame * (gain if i >= len(x) // 2 else 1.0) for i, frame in enumerate(moved)]).astype(np.uint8)


def test_eyes_measure_how_the_view_moves() -> None:
    seen = eyes.seen(panned([0.02] * 9))
    assert len(seen["pan"]) == 10
    assert np.allclose(seen["pan"][1:], -0.02, atol=0.002)
    assert np.allclose(seen["tilt"][1:], 0, atol=0.002)


def test_eyes_tell_light_that_steps_from_a_view_that_moves() -> None:
    plain, brighter = (np.array(eyes.seen(panned([0.03] * 9, gain))["flash"]) for gain in (1.0, 1.2))
    assert np.abs(plain).max() < 0.02
    assert abs(brighter[5] - np.log(1.2)) < 0.03
    assert np.abs(np.delete(brighter, 5)).max() < 0.02


def test_eyes_see_what_does_not_follow_the_view() -> None:
    even = panned([0.02] * 9)
    torn = even.copy()
    torn[5:] = np.roll(torn[5:, ::-1], 50, axis=2)
    plain, jump = (np.array(eyes.seen(frames)["left"]) for frames in (even, torn))
    assert jump[5] > plain[1:].max() + 0.5
    assert np.abs(jump[6:] - plain[6:]).max() < 0.5


def test_residual_ratio_of_an_even_turn_is_one() -> None:
    even = [0.2] * (FRAMES - 1)
    assert seams.ratio(even, [even, even]) == pytest.approx(1)
    jump = [*even[: HALF - 1], 1.0, *even[HALF:]]
    assert seams.ratio(jump, [even, even]) == pytest.approx(5)


def test_table_names_who_caught_a_splice() -> None:
    rng = np.random.default_rng(1)
    records = [
        {
            "name": f"{i}", "group": "g", "place": f"p{i:02d}", "verdict": "seamless", "hiding": "turn",
            "blend": "morph", "overlap": 6, "detectability": 0.1, "cost": 0.5, "terms": {"framing": 0.5},
            "speed_deg_s": 100.0,
            "seam": window(rng, 5.0 if i % 2 else 0.0), "uncut": [window(rng), window(rng)],
        }
        for i in range(40)
    ]  # fmt: skip
    verdicts = adversary.Verdicts(np.arange(40.0), np.full(80, 38.5), figures.Figure(0.5, 0, 1), {})
    rows = seams.caught(records, verdicts)
    assert [row["caught_detector"] for row in rows[1::2]] == [1] * 20
    assert sum(row["caught_detector"] for row in rows[::2]) <= 10
    assert [row["caught_adversary"] for row in rows] == [0] * 39 + [1]
    assert [row["half"] for row in rows[:2]] == ["fit", "test"]


def test_kept_values_survive_a_torn_line(tmp_path) -> None:
    path = tmp_path / "kept.jsonl"
    assert Kept(path).of("a", lambda: 1) == 1
    with path.open("a") as file:
        file.write('\n["b", 2')
    kept = Kept(path)
    assert kept.of("a", lambda: 3) == 1
    assert "b" not in kept
    kept.keep("c", 4)
    assert dict(Kept(path).values()) == {"a": 1, "c": 4}
