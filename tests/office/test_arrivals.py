"""What lies in a folder becomes slated footage, and the log's takes are opened again as they were worn."""

import json
import os
from fractions import Fraction
from math import radians

import pytest
from benchmarks.codes import Held, shoot

from headturn.camera import card
from headturn.camera.code import Said
from headturn.camera.lens import fisheye
from headturn.camera.take import Slate
from headturn.clock import Span
from headturn.errors import CannotRead
from headturn.office import arrivals, assembly, logbook, reopening, settings
from headturn.office.catalogue import opened
from headturn.office.log import of_clip
from headturn.office.slating import Typed, typed
from headturn.office.store import Store
from recordings import Shot, record

SMALL = Shot(seconds=0.5, width=160, height=90)


def nothing(*_) -> None:
    pass


@pytest.fixture
def store(tmp_path):
    logbook.begin(tmp_path / "film", "Second Floor", "30", "")
    return Store(tmp_path / "film")


def profile(focal_px: float) -> str:
    matrix = [[focal_px, 0, 80], [0, focal_px, 45], [0, 0, 1]]
    size = {"w": 160, "h": 90}
    return json.dumps(
        {"calib_dimension": size, "fisheye_params": {"camera_matrix": matrix, "distortion_coeffs": [0.1, 0, 0, 0]}}
    )


def takes(store):
    with opened(store) as catalogue:
        return arrivals.takes_of(catalogue, catalogue.log(), settings.read(store.settings), store)


def shot_through_lenses(store, card, *names):
    """Recordings of a film with a lens of its own (70 pixels), and of a rig that has another (90)."""
    for number, name in enumerate(names):
        record(card / f"{name}.mp4", Shot(seconds=0.5, width=160, height=90, place=number))
    logbook.add(store, card, "", nothing)
    (store.folder / "film.json").write_text(profile(70))
    (store.folder / "mouth.json").write_text(profile(90))
    (store.folder / "rigs.toml").write_text('[mouth]\nlens = "mouth.json"\n[chest]\nmount = "chest"\n')
    store.write(store.settings, settings.written(store.settings, {"film.lens": "film.json"}))


def test_a_cut_is_opened_again_through_the_lenses_that_it_was_assembled_with(tmp_path, store):
    shot_through_lenses(store, tmp_path / "card", "42A-1", "42B-1")
    typed(store, "42B-1", Typed(rig="mouth"), "")
    made = assembly.assemble(store, {}, nothing).made
    again = reopening.reopened(store.cut, nothing)
    assert {id: rush.take.clip.lens for id, rush in again.rushes.items()} == {
        id: rush.take.clip.lens for id, rush in made.rushes.items()
    }
    assert sorted(rush.take.clip.lens.focal_px[0] for rush in again.rushes.values()) == [70, 90]


def test_a_take_is_opened_through_the_lens_of_its_rig_else_the_films(tmp_path, store):
    shot_through_lenses(store, tmp_path / "card", "42A-1", "42A-2", "42A-3")
    typed(store, "42A-2", Typed(rig="mouth"), "")
    typed(store, "42A-3", Typed(rig="chest"), "")
    found, unread = takes(store)
    focal = {take.name: take.clip.lens.focal_px[0] for take in found.values()}
    assert focal == {"42A-1": 70, "42A-2": 90, "42A-3": 70} and not unread
    (store.folder / "mouth.json").unlink()
    found, unread = takes(store)
    assert {take.name for take in found.values()} == {"42A-1", "42A-3"}
    assert [each.name for each in unread] == ["42A-2"] and "mouth.json" in unread[0].why
    (store.folder / "rigs.toml").unlink()
    assert len(takes(store)[0]) == 3, "a rig that is not described any more wears the film's lens"


def test_a_code_of_another_film_is_told_and_not_taken(tmp_path, store):
    lens = fisheye(960, 540, horizontal_fov_rad=radians(100))
    (tmp_path / "card").mkdir()
    shoot(tmp_path / "card" / "GX010001.MP4", lens, Said("Second Floor", Slate("42A", 3)), Held(distance_m=0.2), 4, 1)
    shoot(tmp_path / "card" / "GX010002.MP4", lens, Said("Another", Slate("1", 1)), Held(distance_m=0.2), 4, 2)
    arrived = logbook.add(store, tmp_path / "card", "", nothing)
    assert arrived.slated == {"GX010001.MP4": "42A-3"}
    (entry,) = (entry for entry in logbook.standing(store).entries if entry.slate)
    assert entry.code is not None and entry.code.start == 0
    (note,) = (note for note in arrived.notes if "code" in note)
    assert note.startswith("GX010002.MP4: its code is of the film Another, not of Second Floor")


def test_what_the_code_is_in_is_no_part_of_the_take_unless_it_is_marked(tmp_path, store):
    record(tmp_path / "card" / "GX010001.MP4", Shot(seconds=4, width=160, height=90))
    logbook.add(store, tmp_path / "card", "", nothing)
    (clip_id,) = (entry.footage.id for entry in logbook.standing(store).entries)

    def span(start, end, **marked):
        with opened(store) as catalogue:
            seen = {"slate": "42A-3", "how": "code", "code": [start, end]}
            catalogue.decide("slate", of_clip(clip_id), seen)
        if marked:
            logbook.mark(store.folder, "42A-3", logbook.Marking(**marked), "")
        (take,) = takes(store)[0].values()
        return take.span

    assert span("0", "3/2") == Span(Fraction(3, 2), Fraction(4))
    assert span("5/2", "4") == Span(Fraction(0), Fraction(5, 2))
    assert span("0", "39/10") == Span(Fraction(0), Fraction(4)), "a take of which nothing would be left stays whole"
    assert span("0", "3/2", inside="1s", outside="3s") == Span(Fraction(1), Fraction(4))
    assert span("5/2", "4") == Span(Fraction(0), Fraction(3))


def test_a_take_at_another_rate_and_one_of_uneven_frames_are_told(tmp_path, store):
    record(tmp_path / "card" / "42A-1.mp4", Shot(seconds=0.5, width=160, height=90, rate=Fraction(25)))
    uneven = tuple(number / 30 + (0.012 if number % 3 == 1 else 0) for number in range(30))
    record(tmp_path / "card" / "42A-2.mp4", Shot(width=160, height=90, times_s=uneven, place=2))
    record(tmp_path / "card" / "42A-3.mp4", Shot(seconds=0.5, width=160, height=90, place=3))
    notes = logbook.add(store, tmp_path / "card", "", nothing).notes
    assert any(note.startswith("42A-1.mp4: was shot at 25 frames a second, the film 30") for note in notes), notes
    assert any(note.startswith("42A-2.mp4: was shot at a variable frame rate") for note in notes), notes
    assert not any(note.startswith("42A-3") for note in notes), notes


def test_a_recording_that_is_not_what_came_in_is_told(tmp_path, store):
    path = record(tmp_path / "card" / "42A-1.mp4", SMALL)
    logbook.add(store, tmp_path / "card", "", nothing)
    record(path, Shot(seconds=0.6, width=160, height=90, place=4))
    found, unread = takes(store)
    assert not found and "its contents have changed" in unread[0].why
    path.unlink()
    with opened(store) as catalogue, pytest.raises(CannotRead, match="is not in"):
        arrivals.take_of(catalogue, catalogue.log().entries[0], settings.read(store.settings), store)


def test_a_take_that_came_in_is_not_looked_at_again_until_its_file_changes(tmp_path, store, monkeypatch):
    path = record(tmp_path / "card" / "42A-1.mp4", SMALL)
    logbook.add(store, tmp_path / "card", "", nothing)
    looked = []
    reopened = card.reopened
    monkeypatch.setattr(card, "reopened", lambda files: looked.append(files) or reopened(files))
    (first,) = takes(store)[0].values()
    assert not looked and first.clip == reopened([path])
    (path.parent / "42A-1.gcsv").write_text("a log that was copied later")
    assert takes(store)[0][first.clip.id].clip.proxies == (path.parent / "42A-1.gcsv",)
    os.utime(path, (1, 1))
    assert takes(store)[0] and looked == [(path,)]


def test_other_contents_of_the_same_length_and_date_are_told(tmp_path, store):
    path = record(tmp_path / "card" / "42A-1.mp4", SMALL)
    logbook.add(store, tmp_path / "card", "", nothing)
    about, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    found, unread = takes(store)
    assert not found and "its contents have changed" in unread[0].why
