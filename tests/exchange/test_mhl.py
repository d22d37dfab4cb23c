"""Manifests: what is written is read back and accepted by the reference program; a broken history is told."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from disks import judged_by_ascmhl
from headturn.errors import CannotRead
from headturn.exchange import mhl

AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def written(root, files):
    """A roll's folder with these files, named in a new generation."""
    for file, data in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(data)
    return added(root, files)


def added(root, files):
    unfinished = root / ".unfinished"
    unfinished.mkdir()
    hashed = [mhl.Hashed(file, len(data), 0, xxhash.xxh128(data).hexdigest(), AT) for file, data in files.items()]
    folders = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir() and path != unfinished]
    made = mhl.add(
        root, hashed, [each for each in folders if not each.startswith("ascmhl")], [".Trashes"], "Ada", unfinished
    )
    unfinished.rmdir()
    return made


def test_a_generation_is_read_back_and_accepted(tmp_path):
    files = {"DCIM/a.MP4": b"one", "DCIM/deep/er/b.WAV": b"two", "c & <d>.txt": b"", "é.txt": b"four"}
    made = written(tmp_path / "A012", files)
    assert made.name.startswith("0001_A012_")
    assert mhl.read(tmp_path / "A012") == {file: xxhash.xxh128(data).hexdigest() for file, data in files.items()}
    assert judged_by_ascmhl(tmp_path / "A012") == 0 == judged_by_ascmhl(tmp_path / "A012", "-dh")
    text = made.read_text()
    assert 'action="original"' in text and "<author>Ada</author>" in text and "<pattern>.Trashes</pattern>" in text


def test_a_second_generation_names_only_what_is_new_and_none_is_added_for_nothing(tmp_path):
    written(tmp_path / "A012", {"a": b"one"})
    assert added(tmp_path / "A012", {"a": b"one"}) is None
    second = written(tmp_path / "A012", {"b": b"two"})
    assert second.name.startswith("0002_") and ">a<" not in second.read_text()
    assert set(mhl.read(tmp_path / "A012")) == {"a", "b"}
    assert judged_by_ascmhl(tmp_path / "A012") == 0 == judged_by_ascmhl(tmp_path / "A012", "-dh")


def test_a_changed_byte_a_missing_and_a_new_file_are_told_apart(tmp_path):
    root = tmp_path / "A012"
    written(root, {"a": b"one", "b": b"two"})
    (root / "a").write_bytes(b"ome")
    assert judged_by_ascmhl(root) == 11
    (root / "a").write_bytes(b"one")
    (root / "b").unlink()
    assert judged_by_ascmhl(root) == 10
    (root / "b").write_bytes(b"two")
    (root / "c").write_bytes(b"new")
    assert judged_by_ascmhl(root) == 21


@pytest.mark.parametrize("harm", ["manifest changed", "manifest gone", "chain gone", "chain torn"])
def test_a_broken_history_is_told(tmp_path, harm):
    root = tmp_path / "A012"
    manifest = written(root, {"a": b"one"})
    chain = root / "ascmhl" / "ascmhl_chain.xml"
    {
        "manifest changed": lambda: manifest.write_text(manifest.read_text().replace("Ada", "Bob")),
        "manifest gone": manifest.unlink,
        "chain gone": chain.unlink,
        "chain torn": lambda: chain.write_bytes(chain.read_bytes()[:150]),
    }[harm]()
    with pytest.raises(CannotRead, match="ASC MHL history"):
        mhl.read(root)


def test_a_manifest_that_a_killed_run_did_not_name_in_the_chain_gives_way(tmp_path):
    root = tmp_path / "A012"
    written(root, {"a": b"one"})
    chain = (root / "ascmhl" / "ascmhl_chain.xml").read_bytes()
    orphan = written(root, {"b": b"two"})
    (root / "ascmhl" / "ascmhl_chain.xml").write_bytes(chain)
    orphan.rename(orphan.with_name("0002_A012_2020-01-01_000000Z.mhl"))
    assert added(root, {"b": b"two"})
    assert sorted(path.name[:4] for path in (root / "ascmhl").glob("*.mhl")) == ["0001", "0002"]
    assert judged_by_ascmhl(root) == 0


@given(st.dictionaries(st.text("abcé &<>'\"[]{}#%,;=~", min_size=1, max_size=12), st.binary(max_size=40), max_size=6))
def test_any_names_come_back(tmp_path_factory, files):
    root = tmp_path_factory.mktemp("roll") / "A012"
    root.mkdir()
    files = {f"d/{name}": data for name, data in files.items() if name.strip(". ")}
    written(root, files)
    assert mhl.read(root) == {file: xxhash.xxh128(data).hexdigest() for file, data in files.items()}


def test_times_are_those_of_the_files_wherever_the_station_stands(tmp_path):
    code = (
        "import sys; sys.path[:0] = ['tests', 'tests/exchange']; from pathlib import Path; import test_mhl;"
        f"print(test_mhl.written(Path({str(tmp_path)!r}) / 'A012', {{'a': b'one'}}).read_text())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "TZ": "America/New_York"}, capture_output=True, text=True,
        check=True, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    stamp = done.stdout.split('action="original" hashdate="')[1].split('"')[0]
    assert datetime.fromisoformat(stamp) == AT
    assert datetime.fromisoformat(done.stdout.split('lastmodificationdate="')[1].split('"')[0]).timestamp() == 0
