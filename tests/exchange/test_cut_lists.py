"""Lists of cuts: EDL and CSV in, exact times out, errors as sentences."""

from fractions import Fraction

import numpy as np
import pytest

from headturn.clock import FrameTimes
from headturn.errors import BadOption, CannotRead
from headturn.exchange import cut_lists

TIMES = FrameTimes(np.arange(1000, dtype=np.int64), Fraction(1, 25), 1000)
EDL = """TITLE: A FILM
FCM: NON-DROP FRAME

001  AX       V     C        00:00:10:00 00:00:14:00 01:00:00:00 01:00:04:00
* FROM CLIP NAME: A.mp4
002  AX       V     C        00:00:20:00 00:00:22:05 01:00:04:00 01:00:06:05
003  AX       A     C        00:00:20:00 00:00:22:05 01:00:05:00 01:00:06:05
004  AX       V     C        00:00:22:05 00:00:22:05 01:00:06:05 01:00:06:05
004  BX       V     D    010 00:00:00:00 00:00:05:00 01:00:06:05 01:00:11:05
"""


def read(tmp_path, text, name="list.csv"):
    path = tmp_path / name
    path.write_text(text)
    return cut_lists.read(path, TIMES)


def test_an_edl_gives_the_record_side_from_its_first_event_and_the_middle_of_a_dissolve(tmp_path):
    assert read(tmp_path, EDL, "film.edl") == (Fraction(4), Fraction(6) + Fraction(5 + 5, 25))


@pytest.mark.parametrize(
    "text",
    [
        "time\n4\n6.4\n",
        "timecode\n00:00:04:00\n00:00:06:10\n",
        "frame,note\n100,a\n160,b\n",
        "4.0\n6.4\n",
        "0:04.0\n0:06.4\n",
        "00:00:04:00\n00:00:06:10\n",
        "time;note\n4,0;a\n6,4;b\n",
        "Timecode List:,x\nScene Number,Start Frame,Start Time (seconds)\n1,0,0.0\n2,100,4.0\n3,160,6.4\n",
    ],
)
def test_every_form_of_list_tells_the_same_cuts(tmp_path, text):
    assert read(tmp_path, text) == (Fraction(4), Fraction(32, 5))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", CannotRead),
        ("time\n", CannotRead),
        ("1\n2\n", CannotRead),
        ("once upon a time\n", CannotRead),
        ("time\n41\n", BadOption),
        ("frame\n1000\n", BadOption),
        ("frame\n1.5\n", BadOption),
        ("time\n-1\n", BadOption),
        ("time\nnoon\n", BadOption),
        (EDL.replace("01:00:04:00 01:00:06:05", "01:00:04:40 01:00:06:05"), BadOption),
    ],
)
def test_what_is_no_list_is_told_in_a_sentence_that_names_it(tmp_path, text, error):
    with pytest.raises(error, match=r"list\.csv.*\."):
        read(tmp_path, text)


def test_a_list_that_is_missing_binary_or_a_folder_is_told(tmp_path):
    with pytest.raises(CannotRead, match="cannot be read"):
        cut_lists.read(tmp_path / "none.edl", TIMES)
    with pytest.raises(CannotRead, match="cannot be read"):
        cut_lists.read(tmp_path, TIMES)
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(range(256)))
    with pytest.raises(CannotRead):
        cut_lists.read(tmp_path / "film.mp4", TIMES)
