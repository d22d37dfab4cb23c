"""The catalogue, the same on SQLite and on a real PostgreSQL server."""

import os
import random
import shutil
import sqlite3
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pg8000.dbapi
import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

import postgres
from disks import disk_in_memory
from headturn.errors import BadOption, CannotRead, CannotWrite, DecidedMeanwhile
from headturn.office import catalogue_tables
from headturn.office.catalogue import Station, opened
from headturn.office.disks import Mount
from headturn.office.log import of_clip, of_shot, set_back
from headturn.office.store import Store
from stations import NOW, SHOT, copied, footage, sent_to_work, turns
from terminal import spawned, unprivileged

ANNA, BEN = Station("anna", "cart 1"), Station("ben", "cart 2")
KILLS = 5


@pytest.fixture(scope="module")
def server():
    with postgres.running() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgres"])
def store(request, tmp_path):
    """A film's folder whose catalogue is empty."""
    url = request.getfixturevalue("server").url() if request.param == "postgres" else ""
    (tmp_path / "film.toml").write_text(f'[catalogue]\nurl = "{url}"\n')
    return Store(tmp_path)


# Facts and decisions --------------------------------------------------------------------------------------------


def test_what_was_written_is_read_back_exactly(store):
    clip = footage("GX010001", shot_at=datetime(2026, 3, 4, 9, 30))
    with opened(store, ANNA) as catalogue:
        assert catalogue.came_in([clip], store.folder) == (clip,)
        said = catalogue.decide("slate", of_clip(clip.id), {"slate": "42A-3", "performer": "Ilya «é»", "how": "typed"})
        catalogue.record([copied("DCIM/GX010001.MP4", "copied"), copied("DCIM/GX010001.MP4", "verified")])
    with opened(store, BEN) as catalogue:
        log = catalogue.log()
        assert log.decisions == (said,)
        (entry,) = log.entries
        assert entry.footage == clip
        assert (str(entry.slate), entry.performer, entry.how) == ("42A-3", "Ilya «é»", "typed")
        assert catalogue.copies("A001") == (copied("DCIM/GX010001.MP4", "verified"),)
        assert catalogue.copies("B001") == ()
        assert catalogue.roots("A001") == (store.folder.resolve(),)
        assert catalogue.rolls() == ("A001",)


def test_what_came_in_twice_is_there_once(store):
    clips = [footage("one"), footage("two")]
    with opened(store, ANNA) as catalogue:
        catalogue.came_in(clips[:1], store.folder)
        assert catalogue.came_in(clips, store.folder) == (clips[1],)
        catalogue.came_in(clips, store.folder / "elsewhere")
        assert [entry.footage.name for entry in catalogue.log().entries] == ["one.MP4", "two.MP4"]
        assert len(catalogue.roots("A001")) == 2


def test_files_are_found_in_whichever_folder_has_them(store, tmp_path):
    clip = footage("one")
    with opened(store, ANNA) as catalogue:
        catalogue.came_in([clip], tmp_path / "unplugged")
        with pytest.raises(CannotRead, match="connect its disk"):
            catalogue.files(clip)
        (tmp_path / "disk" / "DCIM").mkdir(parents=True)
        (tmp_path / "disk" / clip.files[0]).touch()
        catalogue.came_in([clip], tmp_path / "disk")
        assert catalogue.files(clip) == ((tmp_path / "disk" / clip.files[0]).resolve(),)


def test_no_line_can_be_changed_or_deleted(store):
    with opened(store, ANNA) as catalogue:
        catalogue.came_in([footage("one")], store.folder)
        catalogue.decide("mark", SHOT, {"clip": "x", "mark": "circled"})
        catalogue.record([copied("a", "verified")])
        for table in ("decisions", "footage", "roots", "copies"):
            for words in (f"DELETE FROM {table}", f"UPDATE {table} SET number = 1000"):
                with pytest.raises(sa.exc.DBAPIError, match="only appended to"), catalogue._engine.begin() as raw:
                    raw.exec_driver_sql(words)
        assert len(catalogue.log().decisions) == 1


# Several stations -----------------------------------------------------------------------------------------------


def test_the_second_station_is_told_and_may_then_insist(store):
    with opened(store, ANNA) as anna, opened(store, BEN) as ben:
        assert not anna.log().decisions and not ben.log().decisions
        anna.decide("mark", SHOT, {"clip": "x", "mark": "circled"})
        with pytest.raises(DecidedMeanwhile, match=r"42A: .* anna at cart 1, .* circled"):
            ben.decide("bin", SHOT, {"clip": "x", "why": "match"})
        assert len(anna.log().decisions) == 1, "nothing was written"
        ben.decide("bin", SHOT, {"clip": "x", "why": "match"})
        assert [each.turn for each in anna.log().decisions] == [1, 2]


def test_who_has_seen_it_is_not_told_again(store):
    with opened(store, ANNA) as anna, opened(store, BEN) as ben:
        anna.decide("mark", SHOT, {"clip": "x", "mark": "circled"})
        ben.log(look=False)
        ben.decide("mark", of_shot("43"), {"clip": "y", "mark": "keep"})  # another shot
        with pytest.raises(DecidedMeanwhile):
            ben.decide("mark", SHOT, {"clip": "x", "mark": ""})
        anna.decide("mark", SHOT, {"clip": "x", "note": "the one"})
        ben.log()
        ben.decide("mark", SHOT, {"clip": "x", "mark": ""})


def test_a_refusal_about_one_shot_hides_nothing_about_another(store):
    with opened(store, ANNA) as anna, opened(store, BEN) as ben:
        anna.decide("mark", of_shot("43"), {"clip": "y", "mark": "circled"})
        anna.decide("mark", SHOT, {"clip": "x", "mark": "circled"})
        for shot in (SHOT, of_shot("43")):
            with pytest.raises(DecidedMeanwhile):
                ben.decide("mark", shot, {"clip": "x", "mark": ""})


def test_two_programs_of_one_station_do_not_hinder_each_other(store):
    with opened(store, ANNA) as one, opened(store, Station("carl", ANNA.name)) as other:
        one.decide("mark", SHOT, {"clip": "x", "mark": "circled"})
        other.decide("mark", SHOT, {"clip": "x", "mark": "keep"})
        assert [(each.who, each.turn) for each in one.log().decisions] == [("anna", 1), ("carl", 2)]


def test_eight_processes_writing_at_once_lose_nothing(store):
    """They also make the tables at once: the catalogue is new."""
    crew = [sent_to_work(store, number, 12) for number in range(8)]
    for each in crew:
        each.join()
    assert [each.exitcode for each in crew] == [0] * 8
    said = [turn for number in range(8) for turn in turns(store, number)]
    assert sorted(said) == list(range(1, 97)), "each took turns of its own"
    with opened(store, ANNA) as catalogue:
        log = catalogue.log()
        assert sorted(d.value["note"] for d in log.decisions) == sorted(f"{s}/{n}" for s in range(8) for n in range(12))
        assert [each.turn for each in log.decisions] == list(range(1, 97)), "numbers rise with the turns"
        assert len(log.entries) == 97 and len(catalogue.copies()) == 96


def test_writers_that_are_killed_leave_whole_decisions(store):
    before = 0
    for _ in range(KILLS):
        crew = [sent_to_work(store, number, 100_000) for number in (1, 2)]
        moment = before + random.randint(1, 8)
        while max((0, *turns(store, 1), *turns(store, 2))) < moment:
            assert all(each.is_alive() for each in crew)
            time.sleep(0.002)
        for each in crew:
            each.kill()
            each.join()
        told = {*turns(store, 1), *turns(store, 2)}
        with opened(store, ANNA) as catalogue:
            log = catalogue.log()
        taken = [each.turn for each in log.decisions]
        assert taken == list(range(1, len(taken) + 1))
        assert told <= set(taken), "what a station was told is written"
        assert len(taken) - before <= len(told) + len(crew), "nothing is written that was not said"
        before = len(taken)


# What can go wrong ----------------------------------------------------------------------------------------------


def test_a_catalogue_of_a_newer_headturn_is_left_alone(store):
    with opened(store, ANNA) as catalogue, catalogue._engine.begin() as raw:
        raw.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotRead, match="newer headturn"), opened(store, ANNA):
        pass


def test_a_server_that_is_away_is_one_sentence(tmp_path):
    (tmp_path / "film.toml").write_text('[catalogue]\nurl = "postgresql://headturn:secret@127.0.0.1:9/film"\n')
    with pytest.raises(CannotRead, match=r"film at 127\.0\.0\.1: .*see that it runs") as told, opened(Store(tmp_path)):
        pass
    assert "secret" not in str(told.value)


def test_a_server_that_stops_in_the_middle_is_one_sentence(tmp_path):
    with postgres.running() as server:
        (tmp_path / "film.toml").write_text(f'[catalogue]\nurl = "{server.url()}"\n')
        with opened(Store(tmp_path), ANNA) as catalogue:
            catalogue.decide("mark", SHOT, {"clip": "x", "mark": "circled"})
        with pytest.raises(CannotRead, match="see that it runs"), opened(Store(tmp_path), ANNA) as catalogue:
            server.stop()
            catalogue.decide("mark", SHOT, {"clip": "x", "mark": "keep"})


def test_a_database_that_is_not_there_is_one_sentence(server, tmp_path):
    (tmp_path / "film.toml").write_text(f'[catalogue]\nurl = "{server.named("elsewhere")}"\n')
    with pytest.raises(CannotRead, match=r'"elsewhere" does not exist.*see \[catalogue\] url'), opened(Store(tmp_path)):
        pass


def test_the_server_s_reason_is_told_when_it_hung_up_before_the_driver_s_goodbye(tmp_path):
    with pytest.raises(CannotRead, match=r'"film" does not exist.*see \[catalogue\] url'):  # noqa: SIM117
        with catalogue_tables.phrased(Store(tmp_path), "postgresql://headturn@/film"):
            try:
                try:
                    raise pg8000.dbapi.DatabaseError({"C": "3D000", "M": 'database "film" does not exist'})
                finally:
                    raise pg8000.dbapi.InterfaceError("network error")
            except pg8000.dbapi.InterfaceError as error:
                raise sa.exc.InterfaceError(None, None, error) from error


@pytest.mark.parametrize(
    "url", ["no address", "mysql://localhost/film", "postgresql://localhost", "postgresql://h:x/d"]
)
def test_an_address_that_is_none_is_one_sentence(tmp_path, url):
    (tmp_path / "film.toml").write_text(f'[catalogue]\nurl = "{url}"\n')
    with pytest.raises(BadOption, match="postgresql://name:password@host/database"), opened(Store(tmp_path), ANNA):
        pass


def test_sqlite_is_refused_on_a_network_file_system(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue_tables, "mounted", lambda path: Mount(str(path), "nfs4", "server:/films"))
    with pytest.raises(BadOption, match=r"nfs4.*\[catalogue\] url"), opened(Store(tmp_path), ANNA):
        pass
    assert not (tmp_path / "film.db").exists()


def test_a_damaged_catalogue_is_one_sentence(tmp_path):
    (tmp_path / "film.db").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    with pytest.raises(CannotRead, match=r"film\.db: is damaged"), opened(Store(tmp_path), ANNA):
        pass


def test_a_full_disk_loses_nothing_that_was_decided(tmp_path):
    store = Store(tmp_path)
    with opened(store, ANNA) as catalogue:
        catalogue.decide("mark", SHOT, {"clip": "x", "mark": "circled"})

        def brim(connection: sqlite3.Connection, _: object) -> None:
            connection.execute(f"PRAGMA max_page_count={connection.execute('PRAGMA page_count').fetchone()[0]}")

        catalogue._engine.dispose()
        sa.event.listen(catalogue._engine, "connect", brim)
        with pytest.raises(CannotWrite, match="no space"), catalogue_tables.phrased(store, ""):
            for _ in range(200):
                catalogue.decide("mark", SHOT, {"clip": "x", "note": "long " * 100})
    with opened(store, ANNA) as catalogue:
        log = catalogue.log()
        assert log.decisions[0].value["mark"] == "circled"
        assert [each.turn for each in log.decisions] == list(range(1, len(log.decisions) + 1))


def test_a_small_disk_that_runs_full_loses_nothing(tmp_path):
    with disk_in_memory(tmp_path / "disk", "1m") as disk:
        store = Store(disk)
        said = 0
        with pytest.raises(CannotWrite, match="no space is left"):
            while True:
                with opened(store, ANNA) as catalogue:
                    for _ in range(20):
                        catalogue.decide("mark", SHOT, {"clip": "x", "note": "long " * 1000})
                        said += 1
        with opened(_moved(store, tmp_path / "larger"), ANNA) as catalogue:
            assert len(catalogue.log().decisions) == said > 10


def _moved(store: Store, folder: Path) -> Store:
    shutil.copytree(store.folder, folder)
    return Store(folder)


def test_a_catalogue_that_another_program_holds_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue_tables, "BUSY_S", 0.05)
    with opened(Store(tmp_path), ANNA) as catalogue:
        catalogue.decide("mark", SHOT, {"clip": "x", "mark": "circled"})
    holder = sqlite3.connect(tmp_path / "film.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(CannotWrite, match="another program holds it"), opened(Store(tmp_path), ANNA) as catalogue:
        catalogue.decide("mark", SHOT, {"clip": "x", "mark": "keep"})
    holder.close()


def test_a_folder_that_may_not_be_written_is_one_sentence(tmp_path):
    folder = tmp_path / "film"
    folder.mkdir()
    (folder / "film.toml").write_text("")
    for each in (tmp_path, *tmp_path.parents):
        if each.stat().st_uid == os.geteuid() and each != Path("/"):
            each.chmod(0o755)
    folder.chmod(0o555)
    said = spawned("takes", "--film", folder, before=unprivileged())
    assert said.code == 1 and "film.db: you may not write there; change its permissions" in said.sentence


def test_a_recording_lies_in_several_rolls(store, tmp_path):
    clip = footage("one")
    with opened(store, ANNA) as catalogue:
        catalogue.came_in([clip], tmp_path / "unplugged")
        (tmp_path / "disk").mkdir()
        (tmp_path / "disk" / "renamed.MP4").touch()
        again = replace(clip, roll="B001", files=("renamed.MP4",))
        assert catalogue.came_in([again], tmp_path / "disk") == ()
        (entry,) = catalogue.log().entries
        assert entry.footage == clip
        assert catalogue.files(clip) == ((tmp_path / "disk" / "renamed.MP4").resolve(),)


def test_two_rolls_of_one_name_are_told_apart(store, tmp_path):
    with opened(store, ANNA) as catalogue:
        catalogue.came_in([footage("one")], tmp_path / "a")
        other = replace(footage("one"), id="another hash")
        with pytest.raises(BadOption, match=r"is not roll A001.*--roll"):
            catalogue.came_in([footage("two"), other], tmp_path / "b")
        assert len(catalogue.log().entries) == 1 and len(catalogue.roots("A001")) == 1


def test_a_clock_that_was_set_back_changes_no_order(store, monkeypatch):
    clip = footage("one")
    with opened(store, ANNA) as catalogue:
        catalogue.came_in([clip], store.folder)
        for hour, mark in ((12, "keep"), (9, "circled")):
            clock = type("Clock", (datetime,), {"now": lambda zone, hour=hour: NOW.replace(hour=hour)})
            monkeypatch.setattr("headturn.office.catalogue.datetime", clock)
            catalogue.decide("mark", of_clip(clip.id), {"clip": clip.id, "mark": mark})
        log = catalogue.log()
    assert [each.at.hour for each in log.decisions] == [12, 9]
    assert log.entries[0].mark == "circled"
    (note,) = set_back(log.decisions)
    assert "cart 1" in note and "3:00 h" in note


def test_the_latest_migration_is_the_one_that_is_looked_for():
    config = Config()
    config.set_main_option("script_location", str(Path(catalogue_tables.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == catalogue_tables.LATEST
