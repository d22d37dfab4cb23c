"""The log as a value: what stands after decisions, whatever came in first and whatever was undone."""

from datetime import timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from headturn.camera.take import Slate
from headturn.clock import Span
from headturn.office.log import Decision, of_clip, of_shot, read, set_back, standing
from stations import NOW, footage

CLIPS = [footage(name) for name in ("one", "two", "three")]


def said(number, verb, value, subject="shot 42A", minutes=0, station="cart 1"):
    return Decision(number, NOW + timedelta(minutes=minutes), "anna", station, verb, subject, number, value)


def on(clip, **value):
    return {"clip": clip.id, **value}


CLIP = st.sampled_from(CLIPS)
TAKES = st.integers(1, 9)
SAID = st.one_of(
    st.builds(lambda clip, take: ("slate", of_clip(clip.id), {"slate": f"42A-{take}", "how": "typed"}), CLIP, TAKES),
    st.builds(
        lambda clip, word: ("mark", "shot 42A", on(clip, mark=word)), CLIP, st.sampled_from(["", "keep", "circled"])
    ),
    st.builds(lambda clip, end: ("mark", "shot 42A", on(clip, span=["1/3", str(end)])), CLIP, TAKES),
    st.builds(lambda clip, note: ("mark", "shot 42A", on(clip, note=note)), CLIP, st.text(min_size=1, max_size=5)),
    st.builds(lambda clip, why: ("bin", "shot 42A", on(clip, why=why)), CLIP, st.sampled_from(["look", "match"])),
    st.builds(lambda clip: ("lock", "shot 42A", {"take": clip.id, "entered": None}), CLIP),
    st.just(("unlock", "shot 42A", {})),
)


@st.composite
def logs(draw):
    """Decisions, some of which undo an earlier one."""
    made = []
    for number, (verb, subject, value) in enumerate(draw(st.lists(SAID, max_size=12)), start=1):
        if made and draw(st.integers(0, 3)) == 0:
            undone = draw(st.sampled_from(made))
            verb, subject, value = "undo", undone.subject, {"undoes": undone.number}
        made.append(said(number, verb, value, subject))
    return made


def entries(log):
    return log.entries, {shot: (lock.take, lock.decided.number) for shot, lock in log.locks.items()}


@given(logs(), st.permutations(CLIPS), st.randoms())
def test_neither_the_order_of_arrival_nor_of_reading_says_anything(decisions, clips, shuffle):
    mixed = decisions[:]
    shuffle.shuffle(mixed)
    assert entries(read(clips, mixed)) == entries(read(CLIPS, decisions))


@given(logs())
def test_all_undone_is_as_if_nothing_had_been_said(decisions):
    count = len(decisions)
    stood = standing(decisions)
    undoing = [said(count + n, "undo", {"undoes": each.number}, each.subject) for n, each in enumerate(stood, start=1)]
    log = read(CLIPS, [*decisions, *undoing])
    assert entries(log) == entries(read(CLIPS, []))
    assert len(log.decisions) == count + len(undoing), "nothing is lost by undoing"


@given(logs())
def test_undoing_the_undo_brings_all_back(decisions):
    stood = standing(decisions)
    if stood:
        count, last = len(decisions), stood[-1]
        twice = [said(count + 1, "undo", {"undoes": last.number}), said(count + 2, "undo", {"undoes": count + 1})]
        assert entries(read(CLIPS, [*decisions, *twice])) == entries(read(CLIPS, decisions))


@given(logs())
def test_what_was_undone_counts_as_never_made(decisions):
    assert entries(read(CLIPS, decisions)) == entries(read(CLIPS, standing(decisions)))


def test_later_decisions_win_and_notes_add_up():
    one = CLIPS[0]
    made = [
        said(1, "slate", {"slate": "42A-3", "performer": "ilya", "how": "typed"}, of_clip(one.id)),
        said(2, "mark", on(one, mark="keep", note="first")),
        said(3, "mark", on(one, mark="circled", span=["6/5", "58"], note="second")),
    ]
    (entry,) = read([one], made).entries
    assert (entry.slate, entry.mark, entry.notes) == (Slate("42A", 3), "circled", ("first", "second"))
    assert entry.marked == Span(Fraction(6, 5), Fraction(58))
    assert entry.subject == of_shot("42A")
    assert str(made[2]).endswith("circled, marked 1.2 s to 58 s, note: second")


def test_the_bin_keeps_a_take_out_until_it_is_marked_anew():
    one = CLIPS[0]
    made = [said(1, "mark", on(one, mark="circled")), said(2, "bin", on(one, why="look", note="too dark"))]
    (entry,) = read([one], made).entries
    assert (entry.binned, entry.usable, entry.notes) == ("look", False, ("too dark",))
    (entry,) = read([one], [*made, said(3, "mark", on(one, note="a note is no mark"))]).entries
    assert not entry.usable
    (entry,) = read([one], [*made, said(3, "mark", on(one, mark="keep"))]).entries
    assert entry.usable


def test_shots_stand_in_film_order_and_what_has_no_slate_comes_last():
    slates = {"one": "43-1", "two": "A42-2"}
    made = [
        said(number, "slate", {"slate": slate}, of_clip(f"hash of {name}"))
        for number, (name, slate) in enumerate(slates.items(), start=1)
    ]
    log = read(CLIPS, made)
    assert [entry.name for entry in log.entries] == ["A42-2", "43-1", "three.MP4"]
    assert list(log.shots) == ["A42", "43"]


def test_clocks_that_agree_to_the_minute_are_not_mentioned():
    made = [said(1, "unlock", {}, minutes=0), said(2, "unlock", {}, minutes=-1, station="cart 2")]
    assert set_back(made) == ()
    (note,) = set_back([*made, said(3, "unlock", {}, minutes=-90, station="cart 2")])
    assert "Decision 3 of cart 2 is dated 1:30 h before decision 1 of cart 1" in note
