"""The cut: what holds it together, its JSON, and which source frame a film frame shows."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.clock import NTSC, Span
from headturn.edit.cut import Cut, Seam, Segment, Splice, Steadying, around, from_json, to_json
from makers import frame_times

RATES = st.sampled_from([Fraction(24), Fraction(25), 30 * NTSC, Fraction(30), 60 * NTSC])
ratios = st.floats(0.25, 4)


shares = st.floats(0, 1)
steadyings = st.none() | st.builds(
    Steadying,
    st.dictionaries(st.integers(-5, 500), shares, max_size=4).map(lambda knots: tuple(sorted(knots.items()))),
    shares,
    st.floats(0, 0.9),
    st.none() | st.floats(0, 100),
    st.sampled_from(["", "cinema:front"]),
)


@st.composite
def cuts(draw):
    rate, lengths = draw(RATES), draw(st.lists(st.integers(1, 40), min_size=1, max_size=6))
    segments, splices, at = [], [], 0
    for index, frames in enumerate(lengths):
        start = draw(st.fractions(0, 100, max_denominator=90000))
        segments.append(
            Segment(f"id{index}", draw(st.text(max_size=9)), Span(start, start + frames / rate), at, frames)
        )
        at += frames
        if index + 1 == len(lengths):
            break
        room = min(lengths[index : index + 2]) // 2
        reach = st.integers(0, room)
        seam = Seam(
            draw(st.sampled_from(["turn", "rest", "nothing"])),
            draw(st.tuples(*[st.floats(-1, 1)] * 4)),
            draw(st.tuples(*[ratios] * 3)),
            draw(reach),
            draw(reach),
            2 * draw(reach),
            2 * draw(reach),
            lacking_s=draw(st.floats(-0.05, 0.05)),
        )
        verdict = draw(st.sampled_from(["seamless", "workable", "visible"]))
        splices.append(
            Splice(
                at,
                seam,
                verdict,
                draw(st.floats(0, 9)),
                tuple(draw(st.lists(st.text(max_size=9), max_size=2))),
                draw(st.none() | st.floats(0, 1)),
                tuple(draw(st.dictionaries(st.text(max_size=9), st.floats(0, 9), max_size=2)).items()),
            )
        )
    return Cut(draw(st.text(max_size=9)), rate, 1920, 1080, tuple(segments), tuple(splices), draw(steadyings))


@given(cuts())
def test_a_cut_survives_its_json(cut):
    assert from_json(json.loads(json.dumps(to_json(cut)))) == cut


@given(cuts())
def test_every_film_frame_belongs_to_one_segment_and_to_one_seam_at_most(cut):
    for frame in range(cut.frames):
        segment = cut.segments[cut.segment_at(frame)]
        assert segment.start <= frame < segment.stop
        assert sum(frame in seam for seam in cut.seam_frames()) <= 1
        assert sum(frame in cut.light_frames(index) for index in range(len(cut.splices))) <= 1
    assert sum(segment.frames for segment in cut.segments) == cut.frames == cut.duration * cut.rate


def two(rate=Fraction(25), frames=(20, 30), seam=None):
    """A cut of two segments that meet at one splice."""
    a = Segment("a", "A", Span(Fraction(0), frames[0] / rate), 0, frames[0])
    b = Segment("b", "B", Span(Fraction(1), 1 + frames[1] / rate), frames[0], frames[1])
    return Cut("film", rate, 640, 360, (a, b), (Splice(frames[0], seam or Seam("turn"), "seamless", 0.1),))


def test_light_goes_over_to_the_end_of_the_film_and_to_the_middle_of_a_segment_between_two_splices():
    frames, rate = (30, 40, 100), Fraction(25)
    starts = (0, 30, 70)
    segments = tuple(
        Segment(name, name, Span(Fraction(0), count / rate), start, count)
        for name, count, start in zip("abc", frames, starts, strict=True)
    )
    splices = tuple(Splice(at, Seam("turn", colour_frames=50), "seamless", 0.1) for at in starts[1:])
    cut = Cut("film", rate, 640, 360, segments, splices)
    assert [cut.light_frames(index) for index in (0, 1)] == [range(0, 50), range(50, 120)]
    assert cut.seam_frames() == (range(30, 30), range(70, 70))


def test_its_json_names_the_frames_that_a_seam_changes_and_those_that_it_turns_or_mixes():
    cut = two(seam=Seam("turn", turn_frames=4, colour_frames=15, overlap_frames=10))
    (splice,) = to_json(cut)["splices"]
    assert splice["seam"]["frames"] == [5, 35]
    assert splice["seam"]["mixed"] == [15, 25]


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        ("no segment", {"segments": (), "splices": ()}),
        ("no splice", {"splices": ()}),
        ("a splice elsewhere", {"splices": (Splice(21, Seam("turn"), "seamless", 0.0),)}),
        ("an empty segment", {"segments": (two().segments[0], Segment("b", "B", Span(*[Fraction(1)] * 2), 20, 0))}),
        ("a source of another length", {"segments": (two().segments[0], replace(two().segments[1], frames=31))}),
        ("a gap", {"segments": (two().segments[0], replace(two().segments[1], start=21))}),
        ("a seam longer than its segment", {"splices": (Splice(20, Seam("turn", turn_frames=21), "seamless", 0.0),)}),
        ("no size", {"width": 0}),
    ],
)
def test_what_does_not_hold_together_is_refused(what, broken):
    with pytest.raises(ValueError):
        replace(two(), **broken)


def spoilt(change):
    data = to_json(two())
    change(data)
    return data


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        None,
        spoilt(lambda d: d.update(schema="headturn.cut.99")),
        spoilt(lambda d: d.pop("rate")),
        spoilt(lambda d: d.update(rate="1/0")),
        spoilt(lambda d: d.update(rate="0")),
        spoilt(lambda d: d.update(segments=None)),
        spoilt(lambda d: d["segments"][0].update({"in": "soon"})),
        spoilt(lambda d: d["splices"][0].update(verdict="fine")),
        spoilt(lambda d: d["splices"][0]["seam"].update(hiding="fog")),
        spoilt(lambda d: d["splices"][0]["seam"].update(a_from_b=[1, 0, 0])),
        spoilt(lambda d: d["splices"][0].update(seam=[])),
        spoilt(lambda d: d.update(steadying=1)),
        spoilt(lambda d: d.update(steadying={"strength": [[3, 0.5], [3, 0.6]]})),
        spoilt(lambda d: d.update(steadying={"strength": [[0, 1.5]]})),
        spoilt(lambda d: d.update(steadying={"max_crop": 1})),
    ],
)
def test_json_that_is_no_cut_is_a_value_error(data):
    with pytest.raises(ValueError):
        from_json(data)


def test_keys_of_later_versions_are_left_alone():
    data = to_json(two())
    data["mood"] = data["segments"][0]["mood"] = data["splices"][0]["mood"] = data["splices"][0]["seam"]["mood"] = 1
    assert from_json(data) == two()


@given(RATES, st.integers(0, 50), st.integers(1, 50))
def test_at_one_rate_each_film_frame_shows_the_next_source_frame(rate, first, frames):
    source = Span(first / rate, (first + frames) / rate)
    cut = Cut("film", rate, 64, 36, (Segment("a", "A", source, 0, frames),), ())
    assert cut.source_frames(0, range(frames), frame_times(200, rate)) == list(range(first, first + frames))


@given(RATES, RATES, st.fractions(0, 1, max_denominator=1000), st.integers(1, 60))
def test_at_another_rate_each_film_frame_shows_the_nearest_source_frame(rate, own, start, frames):
    cut = Cut("film", rate, 64, 36, (Segment("a", "A", Span(start, start + frames / rate), 0, frames),), ())
    shown = cut.source_frames(0, range(frames), frame_times(300, own))
    for frame, index in enumerate(shown):
        assert abs(index / own - (start + frame / rate)) <= 1 / own / 2
    assert shown == sorted(shown)


def test_handles_lie_beyond_the_splice():
    cut = two()
    assert cut.source_time(0, 22) == Fraction(22, 25)
    assert cut.source_time(1, 18) == 1 - Fraction(2, 25)


def test_the_strength_goes_from_knot_to_knot():
    steadying = Steadying(((10, 0.2), (20, 0.8)))
    assert list(steadying.strength_at([0, 10, 15, 20, 99])) == pytest.approx([0.2, 0.2, 0.5, 0.8, 0.8])
    assert list(Steadying(()).strength_at([0, 5])) == [0, 0]


def test_what_is_shown_around_a_splice_is_as_filmed():
    assert around(replace(two(), steadying=Steadying()), 0, 5).steadying is None
