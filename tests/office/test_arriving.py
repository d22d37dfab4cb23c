"""What arrives is taken in when it is whole: a copy that pauses, a file still written to, one cut off for good."""

import subprocess
import sys

import numpy as np
import pytest

from headturn.camera import card, mp4
from headturn.office import arriving, logbook, settled
from headturn.office.arrivals import Arrived
from headturn.office.catalogue import opened
from headturn.office.store import Store
from recordings import Shot, record
from waves import wave

INDEX_FIRST = Shot(seconds=1.0, width=160, height=90, looks=(), movflags="faststart")
"""A part of it reads as a film."""
HOLDS = "import sys; file = open(sys.argv[1], 'r+b'); print('open', flush=True); sys.stdin.read()"


@pytest.fixture
def store(tmp_path):
    logbook.begin(tmp_path / "film", "Arrivals", "30", "")
    return Store(tmp_path / "film")


@pytest.fixture
def looks(store, tmp_path, monkeypatch):
    """A watched folder, and what is told within so many seconds of looking at it, by a clock of our own."""
    clock = [1000.0]
    monkeypatch.setattr(arriving.time, "monotonic", lambda: clock[0])
    (tmp_path / "takes").mkdir()

    class Waited(Exception):
        pass

    def within(seconds):
        ends = clock[0] + seconds

        def sleep(wait_s):
            clock[0] += wait_s
            if clock[0] >= ends:
                raise Waited

        told = []
        try:
            for event in arriving.watch(store, arriving.Watched(tmp_path / "takes"), lambda *_: None, sleep):
                told.append(event)
        except Waited:
            return told

    return within


def known(store):
    """The recordings that the catalogue knows, by name."""
    with opened(store) as catalogue:
        return {entry.footage.name: entry.footage.id for entry in catalogue.log().entries}


def arrived(told):
    return [footage.name for event in told if isinstance(event, Arrived) for footage in event.new]


def test_a_copy_that_pauses_is_taken_in_once_and_whole(tmp_path, store, looks):
    whole = record(tmp_path / "card" / "42A-1.mp4", INDEX_FIRST)
    data, there = whole.read_bytes(), tmp_path / "takes" / "42A-1.mp4"
    there.write_bytes(data[: len(data) * 2 // 3])
    assert card.ingest(there.parent).clips, "it already reads as a film"
    told = looks(20)
    assert [each for each in told if isinstance(each, str)] == [
        "42A-1.mp4: is shorter than it says itself, a copy that has stopped; it is taken in when it is whole, or as it"
        " is after 60 s."
    ]
    assert not known(store)
    there.write_bytes(data)
    assert arrived(looks(10)) == ["42A-1.mp4"]
    assert known(store) == {"42A-1.mp4": card.identity([whole])}


def test_what_was_cut_off_for_good_is_taken_in_as_it_is_and_said(tmp_path, store, looks):
    there = record(tmp_path / "takes" / "42A-1.mp4", INDEX_FIRST)
    there.write_bytes(there.read_bytes()[:-2000])
    told = looks(arriving.STALLED_S + 5)
    assert arrived(told) == ["42A-1.mp4"]
    (event,) = [each for each in told if isinstance(each, Arrived)]
    assert any("was cut off" in note for note in event.notes)


def test_a_file_that_a_program_still_writes_to_is_left_alone(tmp_path, store, looks):
    there = record(tmp_path / "takes" / "42A-1.mp4", INDEX_FIRST)
    command = [sys.executable, "-c", HOLDS, str(there)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"open\n"
        told = looks(arriving.STALLED_S + 30)
        assert len(told) == 1 and "has it open for writing" in told[0]
        assert not known(store)
        writer.communicate()
    assert arrived(looks(10)) == ["42A-1.mp4"]


def test_who_reads_a_file_does_not_write_to_it(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"x")
    with path.open("rb"):
        assert settled.writers([path]) == {}
    with path.open("ab"):
        assert list(settled.writers([path])) == [path]


@pytest.mark.parametrize("movflags", ["", "faststart", "frag_keyframe+empty_moov"])
def test_a_whole_recording_does_not_end_early_and_parts_of_it_do(tmp_path, movflags):
    path = record(tmp_path / "a.mp4", Shot(seconds=0.5, width=160, height=90, movflags=movflags))
    data = path.read_bytes()
    assert not mp4.ends_early(path)
    for size in (9, 40, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        assert mp4.ends_early(path), size


def test_other_files_do_not_end_early(tmp_path):
    for name, data in (("empty", b""), ("text", b"just some words about the shot"), ("noise", bytes(range(256)))):
        (tmp_path / name).write_bytes(data)
        assert not mp4.ends_early(tmp_path / name)
    assert not mp4.ends_early(tmp_path / "missing")


def test_a_sound_that_is_still_copied_is_short(tmp_path):
    path = wave(tmp_path / "a.wav", np.zeros(4800))
    assert settled.short([path]) == ()
    path.write_bytes(path.read_bytes()[:-100])
    assert settled.short([path]) == (path,)


def test_an_empty_folder_and_a_closed_one_are_told_for_what_they_are(tmp_path, store, monkeypatch):
    (tmp_path / "takes").mkdir()
    once = arriving.Watched(tmp_path / "takes", once=True)
    assert list(arriving.watch(store, once, lambda *_: None, lambda _: None)) == [
        f"{tmp_path / 'takes'}: holds no file yet."
    ]

    def closed(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(arriving.Path, "iterdir", closed)
    (said,) = arriving.watch(store, once, lambda *_: None, lambda _: None)
    assert "may not be looked into (Permission denied)" in said
