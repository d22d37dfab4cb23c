"""The days of a production, on logs written by hand whose figures are known."""

import csv
import io
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.errors import BadOption
from headturn.office import daybook, days, days_summary, plan
from headturn.office.days import DaysOptions
from headturn.office.log import Log
from shoots import START, a_shoot, cut_of, entry, lock


def test_a_shoot_adds_up_to_what_was_shot():
    log, cut = a_shoot()
    found = days.of(log, cut, DaysOptions())
    assert [len(block.days) for block in found.blocks] == [4, 4, 4]
    assert len(found.days) == 12 and len(found.sequences) == 12
    assert (found.total.takes, found.total.rehearsals, found.total.circled) == (144, 36, 36)
    assert found.total.binned == {"false start": 36, "look": 18, "match": 18}
    assert found.total.bin_share == 0.5
    assert found.total.shot_s == 36 * 280 and found.total.rehearsal_s == 36 * 30
    assert found.total.camera_s == {"A": 36 * 220, "B": 36 * 60}
    assert sum(found.total.binned_s.values()) == 36 * 70 and found.total.bin_share_s == 0.25
    assert found.total.used_s == found.total.screen_s == 36 * 40
    assert found.total.takes_a_match == 4 and len(found.total.matched) == 36
    assert all(day.tally.used_share == pytest.approx(120 / 840) for day in found.days)
    assert all(day.first.hour == 9 and day.last.strftime("%H:%M") == "13:20" for day in found.days)
    assert not found.notes and found.missing is None


def test_the_order_of_entries_changes_nothing():
    log, cut = a_shoot()
    mixed = list(log.entries)
    random.Random(1).shuffle(mixed)
    assert days.of(replace(log, entries=tuple(mixed)), cut, DaysOptions()) == days.of(log, cut, DaysOptions())


RECORDING = st.tuples(
    st.integers(0, 40), st.integers(0, 23), st.sampled_from(["", "1A", "1B", "2"]), st.integers(1, 4),
    st.integers(1, 600), st.sampled_from(["", "A", "B"]),
    st.sampled_from([None, "circled", "no good", "false start", "rehearsal"]),
    st.sampled_from([None, "look", "match"]), st.sampled_from(["image", "image", "sound"]), st.integers(0, 2),
)  # fmt: skip


@given(st.lists(RECORDING, max_size=25), st.randoms())
def test_whatever_was_shot_adds_up(recordings, chance):
    entries = [
        entry(f"{n:03}", START + timedelta(days=day, hours=hour), shot, take, duration, kind, unit=unit, mark=mark,
              binned=binned)
        for n, (day, hour, shot, take, duration, unit, mark, binned, kind, _) in enumerate(recordings)
    ]  # fmt: skip
    shown = [
        (f"{n:03}", 1) for n, each in enumerate(recordings) if each[-1] == 0 and each[4] > 2 and each[-2] == "image"
    ]
    cut = cut_of(*shown) if shown else None
    log = Log(tuple(entries))
    found = days.of(log, cut, DaysOptions())
    for parts in (found.days, found.blocks, found.sequences):
        for name in ("takes", "rehearsals", "circled", "shot_s", "rehearsal_s", "used_s", "screen_s"):
            assert sum(getattr(each.tally, name) for each in parts) == getattr(found.total, name)
        assert sum(len(each.tally.matched) for each in found.days) == len(found.total.matched)
    images = [each.footage.duration for each in entries if each.footage.kind == "image"]
    assert found.total.shot_s + found.total.rehearsal_s == sum(images)
    assert sum(day.tally.sounds for day in found.days) == found.total.sounds == len(entries) - len(images)
    for tally in (found.total, *(day.tally for day in found.days)):
        for share in (tally.bin_share, tally.bin_share_s, tally.used_share):
            assert share is None or 0 <= share <= 1
        assert sum(tally.binned_s.values()) + tally.used_s <= tally.shot_s
    chance.shuffle(entries)
    assert days.of(replace(log, entries=tuple(entries)), cut, DaysOptions()) == found


def test_a_night_is_one_day_and_a_wrong_clock_falls_back():
    night = START.replace(hour=22)
    wrong = [datetime(1970, 1, 1), datetime(2015, 1, 1, 3), datetime(2031, 5, 5), None]
    log = Log((
        entry("a", night), entry("b", night + timedelta(hours=5), take=2),
        *(entry(f"w{n}", at, take=n + 3) for n, at in enumerate(wrong)),
    ))  # fmt: skip
    found = days.of(log, None, DaysOptions())
    assert [(str(day.date), day.tally.takes) for day in found.days] == [("2026-03-02", 2), ("2026-11-30", 4)]
    assert "1A-3, 1A-4, 1A-5, 1A-6 are dated by when the card came in" in found.notes[0]
    assert len(days.of(log, None, DaysOptions(starts_hour=0)).days) == 3


def test_a_reshoot_of_a_slate_is_another_take_and_a_camera_b_is_none():
    log = Log((
        entry("a1", START), entry("b1", START, unit="B"), entry("a2", START + timedelta(days=1)),
        entry("b2", START + timedelta(days=1), unit="B", binned="look"),
    ))  # fmt: skip
    found = days.of(log, None, DaysOptions())
    assert [day.tally.takes for day in found.days] == [1, 1]
    assert found.total.binned == {} and found.total.binned_s == {"look": 60}


def test_a_shot_is_matched_when_locked_or_joined_without_being_seen():
    log = Log((entry("a", START, "1"), entry("b", START, "2"), entry("c", START, "3")))
    assert days.of(log, cut_of(("a", 9), ("b", 9), verdict="visible"), DaysOptions()).total.matched == ("1",)
    assert days.of(log, cut_of(("a", 9), ("b@1-9", 9)), DaysOptions()).total.matched == ("1", "2")
    locked = replace(log, locks={"3": lock("3", "c")})
    assert days.of(locked, cut_of(("a", 9)), DaysOptions()).total.matched == ("1", "3")


def test_what_is_out_of_the_film_since_the_cut_is_said():
    log = Log((entry("a", START, binned="look"),))
    found = days.of(log, cut_of(("a", 9)), DaysOptions())
    assert found.total.used_s == 0 and not found.total.matched
    assert "1A-1: in the cut, but out of the film" in found.notes[0]


def test_the_plan_names_sequences_and_blocks_and_what_is_missing(tmp_path):
    path = tmp_path / plan.FILE
    path.write_text("shot,sequence,block,seconds\n1a,chase,Moscow,12\n1B,chase,Moscow,\n2,finale,studio,30.5\n")
    wanted = plan.read(path)
    log = Log((entry("a", START), entry("b", START + timedelta(days=1), "2")), {"1A": lock("1A", "a")})
    found = days.of(log, None, DaysOptions(), wanted)
    assert [day.block for day in found.days] == ["Moscow", "studio"]
    assert [(part.name, [each.shot for each in part.missing]) for part in found.sequences] == [
        ("chase", ["1B"]), ("finale", ["2"]),
    ]  # fmt: skip
    assert [each.shot for each in found.missing] == ["1B", "2"]


@pytest.mark.parametrize(("text", "says"), [
    ("sequence\nx\n", "line 1"), ("shot,sceen\n1,2\n", "'sceen' is no column"),
    ("shot\n1A\n1a\n", "line 3: shot 1A is there already"), ("shot,seconds\n1A,long\n", "line 2: 'long' is no number"),
    ("shot,block\n,x\n", "line 2: names no shot"), ("shot\n1,2\n", "line 2: has 2 cells"), ("", "line 1"),
])  # fmt: skip
def test_a_plan_that_makes_no_sense_is_told_by_its_line(tmp_path, text, says):
    (tmp_path / "plan.csv").write_text(text)
    with pytest.raises(BadOption, match=says):
        plan.read(tmp_path / "plan.csv")


def test_an_empty_log_and_one_day_are_told(capsys):
    for log in (Log(()), Log((entry("a", START),))):
        found = days.of(log, None, DaysOptions())
        book = daybook.of_days("Film", found)
        days_summary.show(book)
        assert book.pace is None and book.wrap.startswith("none, for there is no plan.csv")
        assert len(list(csv.DictReader(io.StringIO(days_summary.as_csv(book))))) == len(found.days)
        assert days_summary.as_json(book)["pace"] is None
    assert "no shot is matched yet" in capsys.readouterr().out


def test_a_day_is_named_by_number_date_or_last():
    log, cut = a_shoot()
    found = days.of(log, cut, DaysOptions())
    assert days.day_named(found, "last").number == 12 == days.day_named(found, "12").number
    assert days.day_named(found, "2026-03-03").number == 2
    with pytest.raises(BadOption, match="days 1 to 12"):
        days.day_named(found, "13")


def test_options_that_make_no_sense_are_refused():
    for wrong in (DaysOptions(starts_hour=24), DaysOptions(block_gap_days=0), DaysOptions(zone="Nowhere/At_all")):
        with pytest.raises(BadOption):
            wrong.check()
