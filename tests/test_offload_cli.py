"""The verbs `offload` and `card` as the loader types them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from disks import SCHEMAS, card, contents, disk_in_memory, film, judged_by_ascmhl, unmount
from terminal import command, headturn, spawned, unprivileged


@pytest.fixture
def set_up(monkeypatch):
    """A film, a card and two disks on two devices, where every user may go."""
    with TemporaryDirectory() as name:
        here = Path(name)
        here.chmod(0o777)
        store = film(here / "film")
        monkeypatch.setenv("HEADTURN_FILM", str(store.folder))
        (here / "one").mkdir()
        with disk_in_memory(here / "two") as two:
            yield card(here / "card"), here / "one", two


def offload(source, *disks, roll="A012", more=()):
    return headturn("offload", source, "--roll", roll, *(word for disk in disks for word in ("--to", disk)), *more)


def test_a_card_from_offload_to_safe_to_format_and_no_more(set_up):
    source, one, two = set_up
    said = offload(source, one, two)
    assert said.code == 0, said.err
    assert "SAFE TO FORMAT" in said.out and "NOT YET" not in said.out
    assert "Manifest: " in said.out
    assert headturn("card", "A012").code == 0
    (source / "MISC" / "new.txt").write_text("new")
    said = headturn("card", "A012")
    assert said.code == 3
    assert "NOT YET SAFE TO FORMAT" in said.out and "MISC/new.txt" in said.out


def test_json_says_the_same(set_up):
    source, one, two = set_up
    told = json.loads(offload(source, one, two, more=["--json"]).out)
    assert told["safe_to_format"] and told["read"] == told["files"]
    assert [disk["states"] for disk in told["disks"]] == [{"verified": told["files"]}] * 2
    again = headturn("card", "A012", source, "--hash", "--check", "--json")
    assert again.code == 0
    assert json.loads(again.out)["places"][0]["bytes"] == told["bytes"]


def test_one_disk_only_is_done_but_not_safe(set_up):
    source, one, _ = set_up
    said = offload(source, one)
    assert said.code == 0 and "NOT YET SAFE TO FORMAT" in said.out and "one device only" in said.out
    assert headturn("card", "A012").code == 3


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["offload", "card", "--roll", "A012"], 2, "needs a disk"),
        (["offload", "card", "--roll", "A/12", "--to", "one"], 2, "no name of a roll"),
        (["offload", "nothing", "--roll", "A012", "--to", "one"], 1, "cannot be read"),
        (["offload", "card", "--roll", "A012", "--to", "gone"], 2, "no such folder"),
        (["card", "A099"], 2, "never offloaded"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(set_up, monkeypatch, words, code, why):
    monkeypatch.chdir(set_up[0].parent)
    said = headturn(*words)
    assert said.code == code
    assert why in said.sentence


def opened_to_all(folder):
    """Let everybody read and write a tree."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)


def test_a_disk_without_permission_is_told_and_the_other_goes_on(set_up):
    source, one, two = set_up
    opened_to_all(source.parent)
    (two / "A012").mkdir()
    (two / "A012").chmod(0o555)
    words = ["offload", source, "--roll", "A012", "--to", one, "--to", two]
    said = spawned(*words, before=unprivileged(), cwd=one)
    assert said.code == 1, said.err
    assert (
        said.sentence
        == f"headturn: {two / 'A012'}: you may not write there; choose another folder or change its permissions."
    )
    assert contents(one / "A012") == contents(source)


def test_a_disk_whose_own_folder_may_not_be_written_is_told_and_the_other_goes_on(set_up):
    source, one, two = set_up
    opened_to_all(source.parent)
    two.chmod(0o555)
    words = ["offload", source, "--roll", "A012", "--to", one, "--to", two]
    said = spawned(*words, before=unprivileged(), cwd=one)
    assert said.code == 1, said.err
    assert f"{two / 'A012'}: you may not write there" in said.sentence
    assert contents(one / "A012") == contents(source) and not list(two.iterdir())
    assert "NOT YET SAFE TO FORMAT" in said.out and "one device only" in said.out


def test_a_read_only_disk_is_told_to_everybody_and_the_other_goes_on(set_up):
    source, one, two = set_up
    opened_to_all(source.parent)
    with disk_in_memory(source.parent / "locked", options="ro,mode=0777") as locked:
        words = ["offload", source, "--roll", "A012", "--to", one, "--to", locked]
        said = spawned(*words, before=unprivileged(), cwd=one)
        assert said.code == 1, said.err
        assert said.sentence == f"headturn: {locked / 'A012'}: the disk is read-only; choose another folder."
        only = spawned("offload", source, "--roll", "A012", "--to", locked, before=unprivileged(), cwd=one)
        assert only.code == 1 and "the disk is read-only" in only.sentence
    assert contents(one / "A012") == contents(source)
    assert "one device only" in said.out
    said = spawned("offload", source, "--roll", "A012", "--to", one, "--to", two, before=unprivileged(), cwd=one)
    assert said.code == 0 and "SAFE TO FORMAT" in said.out


def test_a_card_that_may_not_be_looked_into_is_one_sentence(set_up):
    source, one, two = set_up
    opened_to_all(source.parent)
    source.chmod(0)
    said = spawned("offload", source, "--roll", "A012", "--to", one, "--to", two, before=unprivileged(), cwd=one)
    source.chmod(0o777)
    assert said.code == 1 and "the card cannot be read (Permission denied)" in said.sentence
    assert not list(one.iterdir()) and not list(two.iterdir())


def test_a_file_without_permission_on_the_card_is_told_and_the_others_go_on(set_up):
    source, one, two = set_up
    opened_to_all(source.parent)
    closed = source / "DCIM" / "100GOPRO" / "GX010002.MP4"
    closed.chmod(0)
    said = spawned("offload", source, "--roll", "A012", "--to", one, "--to", two, before=unprivileged(), cwd=one)
    assert said.code == 1
    assert "GX010002.MP4 cannot be read from the card (Permission denied)" in said.sentence
    assert "NOT YET SAFE TO FORMAT" in said.out


def test_ctrl_c_says_that_it_goes_on_and_it_does(set_up):
    source, one, two = set_up
    (source / "DCIM" / "100GOPRO" / "GX010008.MP4").write_bytes(os.urandom(20_000_000))
    process = subprocess.Popen(
        command("offload", source, "--roll", "A012", "--to", one, "--to", two), stderr=subprocess.PIPE, text=True
    )
    while not (one / "A012" / ".headturn-unfinished").exists() and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (130, 0)
    if process.returncode:
        assert errors.strip().splitlines()[-1].startswith("headturn: interrupted")
    assert not (one / "A012" / ".headturn-unfinished").exists()
    assert offload(source, one, two).code == 0
    assert contents(one / "A012") == contents(source)


@pytest.mark.footage
def test_the_schemas_accept_every_generation(set_up, footage):
    assert SCHEMAS.is_dir()
    source, one, two = set_up
    real = sorted((footage / "lap").glob("*.[mM][pP]4"))[:1]
    for path in real:
        shutil.copy2(path, source / "DCIM" / "100GOPRO" / path.name)
    assert offload(source, one, two).code == 0
    (source / "MISC" / "more.txt").write_text("shot since")
    assert offload(source, one, two).code == 0
    program = Path(sys.executable).with_name("ascmhl-debug")
    for disk in (one, two):
        manifests = sorted((disk / "A012" / "ascmhl").glob("*.mhl"))
        assert [path.name[:4] for path in manifests] == ["0001", "0002"]
        chain = [disk / "A012" / "ascmhl" / "ascmhl_chain.xml", "-df"]
        for schema, words in (
            *(("ASCMHL.xsd", [path]) for path in manifests), ("ASCMHLDirectory__combined.xsd", chain),
        ):  # fmt: skip
            done = subprocess.run(
                [str(program), "xsd-schema-check", "-xsd", str(SCHEMAS / schema), *map(str, words)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
        assert judged_by_ascmhl(disk / "A012") == 0


def test_a_disk_taken_away_is_told_as_of_when_it_was_there(set_up):
    source, one, two = set_up
    offload(source, one, two)
    unmount(two)
    said = headturn("card", "A012")
    assert said.code == 0 and "not attached; as of" in said.out
    (one / "A012").rename(one / "moved")
    said = headturn("card", "A012")
    assert said.code == 3 and "no copy is at hand" in said.out
    assert headturn("card", "A012", "--hash").code == 0
