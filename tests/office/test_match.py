"""Does the take match, looked at in the camera's low-resolution recordings where they fit."""

from dataclasses import replace
from fractions import Fraction

import pytest

from headturn.camera import card, media
from headturn.camera.take import Clip
from headturn.clock import Span
from headturn.office import joins_page, logbook, match, smaller
from headturn.office.slating import Typed, typed
from headturn.office.store import Store
from makers import take
from recordings import Look, Shot, picture, record

LARGE = {
    "GX010001": Shot(width=480, height=270, looks=(Look(0.5, 70), Look(2.4, 60))),
    "GX010002": Shot(width=480, height=270, looks=(Look(0.7, 60), Look(2.3, -50)), facing_deg=72.0, phase=1.0),
}


def tiny(shot: Shot) -> Shot:
    return replace(shot, width=240, height=134)


def nothing(*_) -> None:
    pass


def filmed(folder, name, early=0, small=None):
    """A recording of a card; with `small` its LRV beside it, which shows everything `early` frames early."""
    record(folder / "large.mp4", LARGE[name]).rename(folder / f"{name}.MP4")
    if small:
        count = round(small.seconds * small.rate)
        pictures = [picture(small, number, number / 30) for number in range(early, early + count)]
        record(folder / "small.mp4", small, pictures).rename(folder / f"GL{name[2:]}.LRV")


def begun(tmp_path, smalls):
    """A film with both takes; `smalls`: of each, how early its LRV is and what it shows."""
    (tmp_path / "card").mkdir()
    for name, (early, small) in smalls.items():
        filmed(tmp_path / "card", name, early, small)
    logbook.begin(tmp_path / "film", "Low", "30", "")
    store = Store(tmp_path / "film")
    logbook.add(store, tmp_path / "card", "A001", nothing)
    typed(store, "GX010001", Typed(slate="1A-1"), "")
    typed(store, "GX010002", Typed(slate="1B-1"), "")
    return store


def answered(store):
    *_, found = match.in_film(store, "1B-1", None, {}, nothing)
    return found


@pytest.fixture
def decoded(monkeypatch):
    """How often frames of each file were asked for, by name."""
    asked: dict[str, int] = {}

    def counted(plain):
        def frames(clip: Clip, *args, **options):
            for frame in plain(clip, *args, **options):
                asked[clip.name] = asked.get(clip.name, 0) + 1
                yield frame

        return frames

    monkeypatch.setattr(media, "frames_at", counted(media.frames_at))
    monkeypatch.setattr(media, "frames", counted(media.frames))
    return asked


def best(found):
    return found.verdict, found.joins[0].out_frame, found.joins[0].in_frame


@pytest.fixture(scope="module")
def from_recordings(tmp_path_factory):
    """The answer without any LRV."""
    return answered(begun(tmp_path_factory.mktemp("plain"), dict.fromkeys(LARGE, (0, None))))


def test_a_low_resolution_recording_gives_the_same_answer_for_less(tmp_path, decoded, from_recordings):
    store = begun(tmp_path, {name: (0, tiny(shot)) for name, shot in LARGE.items()})
    decoded.clear()
    found = answered(store)
    assert found.verdict == from_recordings.verdict != "no match"
    for one, other in zip(best(found)[1:], best(from_recordings)[1:], strict=True):
        assert abs(one - other) <= 3
    assert "GX010001.MP4 is looked at in GL010001.LRV." in found.meeting.notes
    assert decoded["GL010001.LRV"] >= 90 and decoded["GL010002.LRV"] >= 90
    assert decoded["GX010001.MP4"] + decoded["GX010002.MP4"] <= 2 * (smaller.proxy.MOMENTS * 2 + 4)


def test_one_that_is_off_by_frames_gives_the_same_answer_too(tmp_path, from_recordings):
    store = begun(tmp_path, {"GX010001": (0, tiny(LARGE["GX010001"])), "GX010002": (2, tiny(LARGE["GX010002"]))})
    found = answered(store)
    assert "GX010002.MP4 is looked at in GL010002.LRV, which runs 67 ms ahead." in found.meeting.notes
    for one, other in zip(best(found)[1:], best(from_recordings)[1:], strict=True):
        assert abs(one - other) <= 3


@pytest.mark.parametrize(
    ("small", "says"),
    [
        (replace(tiny(LARGE["GX010002"]), seconds=2.0), "GL010002.LRV lasts 2.0 s, the recording 3.0 s: "),
        (replace(tiny(LARGE["GX010002"]), place=9), "GL010002.LRV does not show the same at "),
    ],
)
def test_one_that_does_not_fit_is_refused_and_the_recording_is_looked_at(tmp_path, small, says, from_recordings):
    store = begun(tmp_path, {"GX010001": (0, None), "GX010002": (0, small)})
    found = answered(store)
    (said,) = [note for note in found.meeting.notes if "LRV" in note]
    assert said.startswith(says) and said.endswith("the recording itself is looked at.")
    assert best(found) == best(from_recordings)


def test_a_damaged_one_is_said_and_the_recording_is_looked_at(tmp_path, from_recordings):
    store = begun(tmp_path, {"GX010001": (0, None), "GX010002": (0, tiny(LARGE["GX010002"]))})
    (tmp_path / "card" / "GL010002.LRV").write_bytes(b"\0\0\0\x18ftypmp41 no more came of it")
    found = answered(store)
    (said,) = [note for note in found.meeting.notes if "LRV" in note]
    assert said.startswith("GL010002.LRV") and said.endswith("The recording itself is looked at.")
    assert best(found) == best(from_recordings)


def test_previews_are_rendered_from_it(tmp_path, decoded):
    store = begun(tmp_path, {"GX010001": (0, tiny(LARGE["GX010001"])), "GX010002": (2, tiny(LARGE["GX010002"]))})
    found = answered(store)
    assert [rush.take.clip.name for rush in found.seen_in] == ["GL010001.LRV", "GL010002.LRV"]
    join, (_, b) = found.joins[0], found.seen_in
    shown = b.times.nearest(join.in_time)
    assert shown == join.in_frame - 2 and b.times[shown] == join.in_time
    decoded.clear()
    joins_page.write_previews(found.meeting, found.seen_in, tmp_path / "match.html", nothing)
    page = (tmp_path / "match.html").read_text()
    assert page.count("As it is seen") == len(found.meeting.joins)
    assert joins_page.PREVIEWS in page
    assert {name for name in decoded if name.startswith("G")} == {"GL010001.LRV", "GL010002.LRV"}


def test_that_it_fits_is_found_out_once(tmp_path, monkeypatch):
    store = begun(tmp_path, {name: (0, tiny(shot)) for name, shot in LARGE.items()})
    answered(store)
    monkeypatch.setattr(smaller.proxy, "lags", None)
    answered(store)


def test_frames_that_it_lacks_come_from_the_recording(tmp_path):
    begun(tmp_path, {"GX010001": (2, tiny(LARGE["GX010001"])), "GX010002": (0, None)})
    clip = next(each for each in card.ingest(tmp_path / "card").clips if each.name == "GX010001.MP4")
    small, _ = smaller.of_clip(clip, Store(tmp_path / "film"))
    got = {index: frame.pixels("gray").shape for index, frame in smaller.frames_at(clip, [0, 1, 2, 50], small)}
    assert got == {0: (270, 480), 1: (270, 480), 2: (134, 240), 50: (134, 240)}
    stretch = [(index, frame.pixels("gray").shape[0]) for index, frame in smaller.frames(clip, 0, 5, small)]
    assert stretch == [(0, 270), (1, 270), (2, 134), (3, 134), (4, 134)]


def test_the_search_lies_where_the_marks_let_a_take_be_left_and_entered():
    """A minute of which 20 to 30 s must be in the film: what lies before and after that may be searched, no more."""
    plain, window = take("a", 1800), Fraction(15)
    marked = replace(plain, marked=Span(Fraction(20), Fraction(30)))
    end = plain.span.end
    assert match.tail(plain, window) == Span(end - 15, end)
    assert match.head(plain, window) == Span(plain.span.start, plain.span.start + 15)
    assert match.tail(marked, window) == Span(Fraction(29), Fraction(44))
    assert match.head(marked, window) == Span(Fraction(6), Fraction(21))
    early = replace(plain, marked=Span(Fraction(2), Fraction(58)))
    assert match.head(early, window) == Span(Fraction(0), Fraction(15))
    assert match.tail(early, window) == Span(end - 15, end)
