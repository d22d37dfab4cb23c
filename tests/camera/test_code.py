"""Codes say what was put into them, through a lens and a file, and nothing else is taken for one."""

from dataclasses import replace
from fractions import Fraction
from math import radians
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from benchmarks.codes import Held, clip_of, pictures, screen, shoot
from hypothesis import given
from hypothesis import strategies as st

from headturn.camera import card, code
from headturn.camera.code import Said
from headturn.camera.lens import fisheye
from headturn.camera.take import Slate
from headturn.errors import BadOption

SAID = Said("Second Floor", Slate("42A", 3), "Anna", "B")
LENS = fisheye(960, 540, horizontal_fov_rad=radians(118.2))
WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=16)
SLATES = st.builds(
    Slate, st.sampled_from(["42A", "7", "A42", "112B", "kitchen", "2nd yard"]), st.integers(1, 99), pickup=st.booleans()
)


@given(st.builds(Said, WORDS, SLATES, WORDS, st.sampled_from(["", "A", "B"])))
def test_the_text_says_what_was_put_into_it(said: Said):
    assert code.understood(str(said)) == said


@given(st.builds(Said, WORDS, SLATES, WORDS, st.sampled_from(["", "B"])))
def test_the_image_says_what_was_put_into_it(said: Said):
    assert code.read(screen(said)[::4, ::4]) == said


@given(st.text(max_size=40) | st.from_regex(r"HT\d:[^:]*:[^:]*(:[^:]*)*", fullmatch=True))
def test_any_other_text_is_none_of_ours_or_a_whole_slate(text: str):
    said = code.understood(text)
    assert said is None or isinstance(said.slate, Slate)


@pytest.mark.parametrize("text", ["https://example.org", "HT2:a:42A-3:b:", "HT1:a:42A-3", "HT1:a::b:", "42A-3"])
def test_foreign_codes_are_passed_over(text: str):
    rows = [list(row) for row in segno.make_qr(text).matrix_iter(scale=6, border=4)]
    assert code.read(np.where(np.array(rows), 0, 255).astype(np.uint8)) is None


def test_a_foreign_code_does_not_hide_ours():
    rows = [list(row) for row in segno.make_qr("https://example.org").matrix_iter(scale=6, border=4)]
    foreign = np.where(np.array(rows), 0, 255).astype(np.uint8)
    ours = screen(SAID)[::4, ::4]
    both = np.full((300, 600), 255, np.uint8)
    both[: foreign.shape[0], : foreign.shape[1]] = foreign
    both[: ours.shape[0], 300 : 300 + ours.shape[1]] = ours
    assert code.read(both) == SAID


def test_capitals_make_a_coarser_code():
    assert screen(replace(SAID, film="SECOND FLOOR", performer="ANNA")).shape < screen(SAID).shape


def test_the_terminal_shows_it_and_the_drawing_is_one():
    lines = code.drawn(SAID, "text").decode().splitlines()
    upper = np.array([[letter in "▀█" for letter in line] for line in lines])
    lower = np.array([[letter in "▄█" for letter in line] for line in lines])
    rows = np.stack([upper, lower], axis=1).reshape(-1, upper.shape[1])
    assert code.read(np.kron(np.where(rows, 255, 0), np.ones((5, 5))).astype(np.uint8)) == SAID
    assert b"42A-3B" in code.drawn(SAID, "svg")


def test_what_is_too_long_to_be_filmed_is_refused():
    with pytest.raises(BadOption, match="too fine"):
        code.drawn(replace(SAID, film="x" * 200), "png")


@pytest.mark.parametrize(
    "held",
    [
        Held(),
        Held(distance_m=0.16),
        Held(off_rad=(radians(45), radians(8)), tilt_rad=(radians(15), 0.0, radians(90))),
        Held(tilt_rad=(radians(40), radians(10), radians(30))),
        Held(shake_rad_s=radians(40)),
        Held(gain=0.4, noise=8),
    ],
    ids=["before the lens", "out of focus", "at the edge", "turned away", "shaken", "dim"],
)
def test_a_filmed_code_is_read_from_the_file(tmp_path: Path, held: Held):
    lens = fisheye(1280, 720, horizontal_fov_rad=radians(118.2))
    clip = clip_of(shoot(tmp_path / "GX010001.mp4", lens, SAID, held, 9, 3), lens)
    assert code.find(clip) == SAID


def test_at_the_edge_of_a_fisheye_only_a_flat_window_shows_it():
    """Bent so strongly, a large code has no straight side left: only through the lens it has."""
    lens = fisheye(960, 540, horizontal_fov_rad=radians(170))
    held = Held(distance_m=0.1, off_rad=(radians(50), radians(0)), shake_rad_s=0.0)
    image = next(pictures(lens, SAID, held, 1, 1))
    assert code.read(image) is None
    assert code.read_hard(image, lens) == SAID


def test_head_and_tail_are_looked_at_and_no_more(tmp_path: Path):
    blank, held = Held(distance_m=50), Held(distance_m=0.2)
    lens = replace(LENS)
    shown = list(pictures(lens, SAID, held, 15, 1))
    empty = list(pictures(lens, SAID, blank, 15, 1))
    for name, order, found in (
        ("tail", [*empty, *empty, *shown], SAID),
        ("middle", [*empty, *shown, *empty], None),
    ):
        path = tmp_path / f"{name}.mp4"
        with code.media.PictureWriter(path, 960, 540, Fraction(30)) as writer:
            for image in order:
                writer.write(np.repeat(image[..., None], 3, axis=2))
        assert code.find(clip_of(path, lens), window_s=0.45) == found


def test_a_code_is_told_with_when_it_is_in_the_picture(tmp_path: Path):
    held, blank = Held(distance_m=0.2, shake_rad_s=0.0), Held(distance_m=50)
    shown = list(pictures(LENS, SAID, held, 6, 1))
    empty = list(pictures(LENS, SAID, blank, 1, 1))
    second = [image for image in shown for _ in range(5)]
    for name, order, start_s, end_s in (
        ("head", [*second, *90 * empty], 0, 1),
        ("head, with a gap", [*second, *20 * empty, *second, *60 * empty], 0, 80 / 30),
        ("tail", [*90 * empty, *second], 3, 4),
    ):
        path = tmp_path / f"{name}.mp4"
        with code.media.PictureWriter(path, 960, 540, Fraction(30), preset="ultrafast") as writer:
            for image in order:
                writer.write(np.repeat(image[..., None], 3, axis=2))
        found = code.filmed(clip_of(path, LENS))
        assert found is not None and found.said == SAID
        assert start_s - 1.0 <= found.span.start <= start_s, "not before it is lifted, and no later than it is seen"
        assert end_s <= found.span.end <= end_s + 1.0


def test_nothing_is_read_from_noise_and_clutter():
    rng = np.random.default_rng(1)
    for _ in range(5):
        image = cv2.GaussianBlur(rng.integers(0, 255, (540, 960)).astype(np.uint8), (0, 0), float(rng.uniform(0.5, 5)))
        assert code.read_hard(np.asarray(image, np.uint8), LENS) is None


@pytest.mark.footage
@pytest.mark.parametrize("name", ["path/hero7.mp4", "lap/basketball_aria.mp4"])
def test_nothing_is_read_from_real_footage_without_codes(footage: Path, name: str):
    assert code.find(card.recording(footage / name), window_s=1) is None


def test_the_cameras_own_preview_is_looked_at_first(tmp_path: Path):
    blank = shoot(tmp_path / "GX010001.MP4", LENS, SAID, Held(distance_m=50), 6, 1)
    small = fisheye(480, 270, horizontal_fov_rad=radians(118.2))
    seen = shoot(tmp_path / "preview.mp4", small, SAID, Held(distance_m=0.12), 6, 1)
    preview = seen.rename(tmp_path / "GL010001.LRV")
    assert code.find(clip_of(blank, LENS)) is None
    assert code.find(replace(clip_of(blank, LENS), proxies=(preview,))) == SAID
    preview.write_bytes(b"broken")
    assert code.find(replace(clip_of(blank, LENS), proxies=(preview,))) is None


def test_a_slate_of_any_letters_is_drawn():
    assert b"&lt;yard&gt; &amp; bath-1" in code.drawn(replace(SAID, slate=Slate("<yard> & bath", 1), unit=""), "svg")
