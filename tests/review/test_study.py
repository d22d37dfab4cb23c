"""Study: motion ends at cuts, turns that run into cuts, what is a cut and what only looks like one."""

from dataclasses import replace

import numpy as np

from headturn.head.flow import Flow
from headturn.review import study

RATE = 25


def film(speeds_deg_s, agreement=None):
    """Flow of a film that yaws at these speeds."""
    speeds = np.asarray(speeds_deg_s, dtype=float)
    n = len(speeds)
    steps = np.zeros((n, 3))
    steps[1:, 1] = np.radians(speeds[1:]) / RATE
    return Flow(
        np.arange(n) / RATE, steps, np.ones(n) if agreement is None else np.asarray(agreement, dtype=float),
        np.zeros(n), np.zeros(n, dtype=bool), np.full(n, 100.0), np.full(n, 5.0), "", np.zeros((n, 3)),
    )  # fmt: skip


def seen(flow, frames):
    cuts = tuple(study.FilmCut(k, float(flow.times_s[k]), "hard", 20.0) for k in frames)
    return study.studied(flow, cuts, len(flow.times_s) / RATE, 0.5)


def test_a_cut_between_rests_is_in_no_turn_and_its_jump_is_no_motion():
    speeds = np.zeros(100)
    speeds[50] = 3000.0
    found = seen(film(speeds), [50])
    assert found.in_turns == 0 and not found.turns
    assert np.abs(found.shown.rates_rad_s).max() < 1e-9
    assert np.allclose(found.lengths_s, [2, 2])


def test_a_turn_that_a_cut_halves_counts_on_both_sides_and_never_runs_across():
    speeds = np.zeros(100)
    speeds[42:58] = 150 * np.sin(np.linspace(0.1, np.pi - 0.1, 16))
    found = seen(film(speeds), [50])
    assert found.cuts[0].before and found.cuts[0].after and found.in_turns == 1
    assert all(turn.settle_s <= 2 or turn.onset_s >= 2 for turn in found.turns)
    away = seen(film(speeds), [20])
    assert away.in_turns == 0 and len(away.turns) == 1


def test_segments_of_one_frame_and_films_without_cuts_have_lengths():
    found = seen(film(np.zeros(30)), [10, 11, 12])
    assert np.allclose(found.lengths_s * RATE, [10, 1, 1, 18])
    assert np.isnan(found.shown.rates_rad_s[10]).all()
    assert len(seen(film(np.zeros(30)), []).lengths_s) == 1


def scored(n=60, **at):
    scores, returned = np.zeros(n), np.full(n, 30.0)
    for name, value in at.items():
        scores[int(name[1:])] = value
    return scores, returned


def test_a_change_that_motion_follows_is_a_turn_and_one_that_it_cannot_is_a_cut():
    agreement = np.ones(60)
    agreement[[20, 40]] = 0.0
    cuts = study.detected(*scored(f20=30.0, f30=30.0, f40=6.0), film(np.zeros(60), agreement))
    assert [cut.frame for cut in cuts] == [20, 40]


def test_a_flash_is_no_cut_and_black_is_one():
    agreement = np.ones(60)
    agreement[[20, 22]] = 0.0
    scores, returned = scored(f20=30.0, f22=30.0)
    returned[22] = 1.0
    assert not study.detected(scores, returned, film(np.zeros(60), agreement))
    flow = film(np.zeros(60))
    luma, slope = flow.luma.copy(), flow.sharpness.copy()
    luma[30:36], slope[30:36] = 1.0, 0.1
    (cut,) = study.detected(*scored(), replace(flow, luma=luma, sharpness=slope))
    assert (cut.kind, cut.frame) == ("black", 36)


def test_listed_cuts_are_frames_once_each_and_recall_counts_those_found_near():
    flow = film(np.zeros(60))
    listed = study.given([0.0, 0.4, 0.41, 1.0], np.zeros(60), flow)
    assert [cut.frame for cut in listed] == [10, 25]
    assert study.recalled(listed, study.given([0.44], np.zeros(60), flow)) == 1
    assert study.recalled(listed, ()) == 0
