"""SSQ and MSSQ-short against hand-worked cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.errors import BadOption
from headturn.review.questionnaires import MSSQ_ITEMS, SSQ_ITEMS, mssq_percentile, mssq_raw, ssq

RATINGS = st.lists(st.integers(0, 3), min_size=16, max_size=16)
ANSWERS = st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=9, max_size=9)
# of each item: is it one of nausea, of oculomotor, of disorientation (Kennedy et al. 1993, table of weights)
LOADS = [
    (1, 1, 0), (0, 1, 0), (0, 1, 0), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 0), (1, 0, 1),
    (1, 1, 0), (0, 0, 1), (0, 1, 1), (0, 0, 1), (0, 0, 1), (0, 0, 1), (1, 0, 0), (1, 0, 0),
]  # fmt: skip


def scored(ratings):
    scores = ssq(ratings)
    return scores.nausea, scores.oculomotor, scores.disorientation, scores.total


def test_nothing_felt_scores_nothing():
    assert scored([0] * 16) == (0, 0, 0, 0)


def test_the_worst_scores_the_most():
    assert scored([3] * 16) == pytest.approx((200.34, 159.18, 292.32, 235.62))


@pytest.mark.parametrize("item", range(16), ids=lambda item: SSQ_ITEMS[item])
def test_each_item_counts_where_it_belongs(item):
    n, o, d = LOADS[item]
    alone = [0] * 16
    alone[item] = 1
    assert scored(alone) == pytest.approx((9.54 * n, 7.58 * o, 13.92 * d, 3.74 * (n + o + d)))


@given(RATINGS, RATINGS)
def test_scores_add_up(a, b):
    low, high = [min(x, y) for x, y in zip(a, b, strict=True)], [max(x, y) for x, y in zip(a, b, strict=True)]
    assert [p + q for p, q in zip(scored(low), scored(high), strict=True)] == pytest.approx(
        [p + q for p, q in zip(scored(a), scored(b), strict=True)]
    )


@pytest.mark.parametrize("bad", [4, -1, 1.5, float("nan"), "2"])
def test_a_rating_outside_the_scale_is_refused(bad):
    with pytest.raises(BadOption, match="nausea"):
        ssq([0] * 7 + [bad] + [0] * 8)


@pytest.mark.parametrize("count", [0, 15, 17])
def test_sixteen_ratings_and_no_other_number(count):
    with pytest.raises(BadOption, match="16 questions"):
        ssq([0] * count)


@pytest.mark.parametrize(
    ("child", "adult", "raw"),
    [
        ([0] * 9, [0] * 9, 0.0),
        ([3] * 9, [3] * 9, 54.0),
        ([1, 2] + [0] * 7, [0] * 9, 3.0),
        ([3, None, None, None, None, None, None, None, 0], [None] * 9, 13.5),  # 9 * 3 / (9 - 7)
        ([2, None, 1, 0, 0, 0, 0, 0, 0], [1] + [0] * 8, 9 * 3 / 8 + 1),
    ],
)
def test_mssq_by_hand(child, adult, raw):
    assert mssq_raw(child, adult) == pytest.approx(raw)


@given(ANSWERS, ANSWERS)
def test_mssq_stays_on_its_scale(child, adult):
    assert 0 <= mssq_percentile(mssq_raw(child, adult)) <= 100


@pytest.mark.parametrize(("raw", "percentile"), [(0, 0), (5, 24), (11.3, 50), (19, 74), (30.4, 95), (54, 100)])
def test_percentiles_as_published(raw, percentile):
    assert mssq_percentile(raw) == pytest.approx(percentile, abs=0.5)


@given(st.floats(0, 54), st.floats(0, 54))
def test_more_sickness_is_no_lower_percentile(a, b):
    assert mssq_percentile(min(a, b)) <= mssq_percentile(max(a, b)) + 1e-9


@pytest.mark.parametrize("raw", [-0.1, 54.1, float("nan")])
def test_a_score_off_the_scale_is_refused(raw):
    with pytest.raises(BadOption, match="0 to 54"):
        mssq_percentile(raw)


def test_answers_of_another_kind_are_refused():
    with pytest.raises(BadOption, match=f"{len(MSSQ_ITEMS)} questions"):
        mssq_raw([0] * 8, [0] * 9)
    with pytest.raises(BadOption, match="trains"):
        mssq_raw([0] * 9, [0, 0, 5] + [0] * 6)
