"""What lies on a card: everything once, and times and names as disks keep them."""

import os
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from headturn.office.listing import folded, listed, same_time


@given(st.integers(0, 2**62), st.sampled_from([1, 100, 1_000, 10_000_000, 1_000_000_000, 2_000_000_000]))
def test_a_time_cut_off_by_a_disk_is_the_same(time_ns, step_ns):
    assert same_time(time_ns, time_ns // step_ns * step_ns)


@given(st.integers(0, 2**62), st.integers(2_000_000_000, 2**40))
def test_a_later_or_much_earlier_time_is_another(time_ns, by_ns):
    assert not same_time(time_ns, time_ns + by_ns)
    assert not same_time(time_ns + by_ns, time_ns)


@given(st.text(max_size=20))
def test_folding_forgets_capitals_and_ways_of_writing_accents(name):
    assert folded(folded(name)) == folded(name)
    assert folded(unicodedata.normalize("NFD", name)) == folded(unicodedata.normalize("NFC", name))


def test_every_file_is_listed_once_and_sorted(tmp_path):
    for path in ("b/c/one", "b/two", "a", ".hidden/x", "b/.DS_Store", "ascmhl/0001.mhl", "b/ascmhl/x"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"12345")
    (tmp_path / "up").symlink_to("..")
    found = listed(tmp_path)
    assert [each.file for each in found.files] == [".hidden/x", "a", "b/c/one", "b/two"]
    assert found.folders == (".hidden", "b", "b/c")
    assert found.left_out == ("ascmhl", "b/.DS_Store", "b/ascmhl", "up (a link)")
    assert found.size == 20 and not found.unreadable


def test_names_that_no_manifest_can_hold_are_told(tmp_path):
    for name in (b"caf\xe9.mp4", b"two\nlines", "para\u2028graph".encode()):
        (tmp_path / os.fsdecode(name)).write_bytes(b"")
    found = listed(tmp_path)
    assert not found.files and len(found.unreadable) == 3
