"""`headturn make` from end to end: what is in a film's folder, told as an outsider reads it."""

import json
import os
import re
import shutil
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

from headturn.edit import detectability
from headturn.edit.cut import from_json
from headturn.exchange.otio import source_frame_of
from headturn.picture import render
from outsider import Film, heard
from recordings import NTSC, Look, Shot, record
from terminal import headturn

RESULTS = ("film.mp4", "film.otio", "cut.json", "report.html", "film.csv", "film.toml")
CLICK = 0.02
"""Second difference of sound that is heard as a click: a tone of 440 Hz at a quarter of full scale makes 0.0008."""
TONES_HZ = {"12A-1": 220, "12A-2": 220, "12B-1": 330, "GX010007.MP4": 440}


def uneven(seconds: float) -> tuple[float, ...]:
    """Frame times of a camera that now and then takes 24 frames a second instead of 30."""
    times = [0.0]
    while times[-1] < seconds:
        times.append(times[-1] + (1 / 30 if len(times) % 20 < 12 else 1 / 24))
    return tuple(times)


REFERRING = {"src", "href", "srcset", "poster", "data", "action", "background", "formaction"}
TAKES = {
    "12A-1.mp4": Shot(tone_hz=220),
    "12A-2.mp4": Shot(phase=2, looks=(Look(0.6, 70), Look(2.55, 66, 0.55)), gain=0.9, tone_hz=220),
    "12B-1.mp4": Shot(rate=NTSC, facing_deg=70, phase=1, looks=(Look(0.5, 72), Look(2.45, 70)), tone_hz=330),
    "GX010007.MP4": Shot(rate=Fraction(25), width=240, facing_deg=140, phase=1, tone_hz=440),
    "turned.mp4": Shot(facing_deg=210, phase=1, turned=90),
    "vary.mp4": Shot(facing_deg=280, phase=1, times_s=uneven(2.9)),
}


@pytest.fixture(scope="module")
def shoot(tmp_path_factory):
    """A folder of takes: slated rivals and unslated ones, of several rates and shapes, with and without sound."""
    folder = tmp_path_factory.mktemp("shoot") / "takes"
    for name, shot in TAKES.items():
        record(folder / name, shot)
    return folder


@pytest.fixture(scope="module")
def made(shoot):
    """The film's folder that `make` makes of it; what the command said lies in its attribute."""
    out = shoot.parent / "film"
    said = headturn("make", shoot, "-o", out)
    assert said.code == 0, said
    assert said.err == ""
    return out, said


@pytest.fixture
def film(made):
    return Film(made[0])


@pytest.fixture
def copy(made, request):
    """A film's folder of its own beside the made one, so that paths to the takes still hold."""
    out = made[0].with_name(re.sub(r"\W", "_", request.node.name))
    shutil.copytree(made[0], out)
    yield out
    shutil.rmtree(out)


def reels(out: Path) -> dict[str, int]:
    """The rendered reels and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in (out / ".headturn" / "reels").iterdir()}


def taken(out: Path) -> list[str]:
    return [segment["name"] for segment in Film(out).cut["segments"]]


# What is made ---------------------------------------------------------------------------------------------------


def test_every_file_is_there_and_nothing_else(made):
    assert sorted(path.name for path in made[0].iterdir()) == sorted([*RESULTS, ".headturn"])


def test_the_film_has_the_frames_rate_and_size_of_the_cut(film):
    with av.open(str(film.folder / "film.mp4")) as container:
        image = container.streams.video[0]
        shown = [frame.pts * image.time_base for frame in container.decode(image)]
        assert (image.width, image.height) == (film.cut["width"], film.cut["height"]) == (320, 180)
        assert image.average_rate == film.rate == 30
        assert (image.codec_context.name, container.streams.audio[0].codec_context.name) == ("h264", "aac")
    assert len(shown) == film.cut["frames"] == film.cut["segments"][-1]["start"] + film.cut["segments"][-1]["frames"]
    assert shown == [Fraction(k, 30) for k in range(len(shown))]


def test_frames_outside_seams_are_the_source_frames_that_the_cut_names(film):
    wrong, told = film.wrong()
    assert not wrong
    assert told == 1, "frames of these takes can all be told from their neighbours"


def test_the_comparison_itself_tells_a_frame_from_its_neighbours(film, monkeypatch):
    """The check above fails on a film that shows each frame too early."""
    right = Film.named(film)
    monkeypatch.setattr(Film, "named", lambda *_: {frame: (take, max(0, n - 1)) for frame, (take, n) in right.items()})
    wrong, _ = film.wrong()
    assert len(wrong) > 0.9 * len(right)


def test_one_of_the_rivals_and_every_other_recording_is_in_the_film(film):
    first, *rest = taken(film.folder)
    assert first in ("12A-1", "12A-2")
    assert rest == ["12B-1", "GX010007.MP4", "turned.mp4", "vary.mp4"]


def test_turns_that_go_on_are_joined_in_the_turn(film):
    assert [splice["seam"]["hiding"] for splice in film.cut["splices"]] == ["turn"] * 4

    def chance(splice):
        """What would be caught but for the written frame numbers, which stand still while the world turns."""
        return detectability.chance([(name, cost) for name, cost in splice["terms"].items() if name != "mover"])

    assert max(map(chance, film.cut["splices"])) < detectability.WORKABLE_CHANCE
    jumps = [splice for splice in film.cut["splices"] if splice["verdict"] == "visible"]
    assert all("moves by itself" in " ".join(splice["reasons"]) for splice in jumps)


def test_never_less_than_the_share_of_a_take(film):
    for segment in film.cut["segments"]:
        times = film.source(segment["take"]).times
        length = float(Fraction(segment["out"]) - Fraction(segment["in"]))
        assert length >= 0.6 * float(times[-1]) - 1 / 30, segment["name"]


def test_the_sound_is_as_long_as_the_picture(film):
    samples, rate = heard(film.folder / "film.mp4")
    assert abs(len(samples) / rate - film.cut["frames"] / float(film.rate)) < 1 / float(film.rate)


def test_each_take_is_heard_where_it_is_seen(film):
    samples, rate = heard(film.folder / "film.mp4")
    for segment in film.cut["segments"]:
        start, stop = (
            round(frame / film.rate * rate)
            for frame in (segment["start"] + 6, segment["start"] + segment["frames"] - 6)
        )
        part = samples[start:stop, 0]
        tone = TONES_HZ.get(segment["name"])
        if tone is None:
            assert np.abs(part).max() < 0.01, segment["name"]
        else:
            loudest = np.argmax(np.abs(np.fft.rfft(part * np.hanning(len(part))))) * rate / len(part)
            assert abs(loudest - tone) < 2, segment["name"]
            assert np.sqrt(np.mean(part**2)) > 0.1, segment["name"]


def test_no_click_at_splices_nor_anywhere(film):
    samples, _ = heard(film.folder / "film.mp4")
    assert np.abs(np.diff(samples, n=2, axis=0)).max() < CLICK


def test_the_click_measure_hears_a_hard_cut(film):
    samples, rate = heard(film.folder / "film.mp4")
    at = round(film.cut["splices"][1]["frame"] / film.rate * rate)
    cut = np.concatenate([samples[: at - 30], samples[at + 30 :]])
    assert np.abs(np.diff(cut, n=2, axis=0)).max() > CLICK


def test_the_timeline_names_the_frames_that_are_in_the_film(film):
    timeline = otio.adapters.read_from_file(str(film.folder / "film.otio"))
    picture = timeline.video_tracks()[0]
    named, checked = film.named(), 0
    takes = {segment["start"]: segment["take"] for segment in film.cut["segments"]}
    for clip in picture.find_clips():
        file, first = source_frame_of(clip)
        start = round(clip.trimmed_range_in_parent().start_time.rescaled_to(float(film.rate)).value)
        take = takes[start]
        assert (film.folder / file).resolve() == (film.folder / film.cut["takes"][take]["files"][0]).resolve()
        source, segment = film.source(take), next(s for s in film.cut["segments"] if s["start"] == start)
        assert first == source.nearest(Fraction(segment["in"]))
        assert clip.available_range().duration.value == len(source.times)
        if clip.source_range.start_time.rate == float(film.rate) and take not in uneven_takes(film):
            frames = [frame for frame in named if start <= frame < start + segment["frames"]]
            assert all(named[frame] == (take, first + frame - start) for frame in frames)
            checked += len(frames)
    assert checked > 20
    assert [marker.metadata["headturn"]["frame"] for marker in timeline.tracks.markers] == list(takes)[1:]


def uneven_takes(film: Film) -> list[str]:
    return [s["take"] for s in film.cut["segments"] if s["name"] == "vary.mp4"]


class Tags(HTMLParser):
    """Collects what the tags of a page refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.references += [value or "" for key, value in attrs if key.rpartition(":")[2] in REFERRING]


def test_the_report_is_one_file_that_needs_nothing_else(film):
    page = (film.folder / "report.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert len(tags.references) > 20
    assert [each for each in tags.references if not each.startswith(("data:", "#"))] == []
    assert not re.search(r"url\((?!['\"]?(?:data:|#))", page)
    assert not re.findall(r"https?://(?!www\.w3\.org/)[^\s<]*", page)
    for name in TAKES:
        assert name in page
    assert "25 frames a second, shown at 30 between its frames" in page
    assert "240x180, scaled to cover 320x180" in page


def test_the_terminal_names_takes_verdicts_length_and_order(made, film):
    text = made[1].out
    for name in taken(made[0]):
        assert name in text
    verdicts = [splice["verdict"] for splice in film.cut["splices"]]
    assert re.findall(r"seamless|workable|visible", text) == verdicts
    assert f"0:{film.cut['frames'] / 30:04.1f}, 320x180, 30 frames a second" in text
    assert "takes by slate, then 3 takes by name" in text
    assert str(made[0] / "film.mp4") in text
    assert not re.search(r"[\x1b\r]", text), "no colours and no moving bars where no terminal is"


# Run again ------------------------------------------------------------------------------------------------------


def test_a_second_run_does_nothing_again(shoot, made):
    out = made[0]
    before = {name: ((out / name).stat().st_mtime_ns, (out / name).read_bytes()) for name in RESULTS}
    reels_before = reels(out)
    said = headturn("make", shoot, "-o", out, "--json")
    assert said.code == 0
    after = {name: ((out / name).stat().st_mtime_ns, (out / name).read_bytes()) for name in RESULTS}
    assert after["film.mp4"] == before["film.mp4"]
    assert reels(out) == reels_before
    for name in ("film.otio", "cut.json", "film.csv", "film.toml"):
        assert after[name][1] == before[name][1], name
    told = json.loads(said.out)
    cut = Film(out).cut
    assert told["takes"] == taken(out)
    assert [splice["frame"] for splice in told["splices"]] == [splice["frame"] for splice in cut["splices"]]
    assert told["running_time_s"] == pytest.approx(cut["frames"] / 30)
    assert (told["rate"], told["size"], Path(told["film"])) == ("30", [320, 180], out / "film.mp4")


def test_a_mark_renders_only_what_it_changes(shoot, copy, monkeypatch):
    monkeypatch.setattr(render, "REEL_S", 2)
    assert headturn("make", shoot, "-o", copy, "--title", "again").code == 0
    before, whole = reels(copy), from_json(Film(copy).cut)
    frames = whole.light_frames(len(whole.splices) - 1).start  # light begins to go over before the splice
    assert len(before) >= 5
    table = (copy / "film.csv").read_text(encoding="utf-8")
    assert "turned.mp4,,,,,\n" in table
    (copy / "film.csv").write_text(table.replace("vary.mp4,,,,,", "vary.mp4,,,no good,,"), encoding="utf-8")
    said = headturn("make", shoot, "-o", copy)
    assert said.code == 0
    assert "vary.mp4: marked no good" in said.out
    assert "vary.mp4" not in taken(copy)
    after = reels(copy)
    untouched = [name for name in after if before.get(name) == after[name]]
    assert len(untouched) >= frames // 60 - 1
    assert len(untouched) < len(after)
    assert Film(copy).wrong()[0] == []


def test_a_changed_setting_changes_the_film(shoot, copy):
    before = (copy / "film.mp4").read_bytes()
    assert headturn("make", shoot, "-o", copy, "--set", "assemble.min_share=0.95").code == 0
    assert (copy / "film.mp4").read_bytes() != before
    film = Film(copy)
    for segment in film.cut["segments"]:
        length = float(Fraction(segment["out"]) - Fraction(segment["in"]))
        assert length >= 0.95 * float(film.source(segment["take"]).times[-1]) - 1 / 30, segment["name"]
    assert "min_share" in (copy / "film.toml").read_text(encoding="utf-8"), "it is kept for the next run"
    kept = (copy / "film.mp4").read_bytes()
    assert headturn("make", shoot, "-o", copy).code == 0
    assert (copy / "film.mp4").read_bytes() == kept


def test_what_people_wrote_is_never_overwritten(shoot, copy):
    lines = ("file;slate;performer;mark;in;out", "12A-1.mp4;;Ilya;no good;;", "vary.mp4", "turned.mp4;;;;0.2s;2.9s")
    order = b"\xef\xbb\xbf" + "\r\n".join(lines).encode()  # as a spreadsheet writes it
    (copy / "film.csv").write_bytes(order)
    settings = '# our film\n[film]\ntitle = "Häuser"   # working title\n\n[assemble]\n# he insists\nmin_share = 0.5\n'
    (copy / "film.toml").write_text(settings, encoding="utf-8")
    for _ in range(2):
        assert headturn("make", shoot, "-o", copy, "--set", "joins.looks=4").code == 0
        assert (copy / "film.csv").read_bytes() == order
        text = (copy / "film.toml").read_text(encoding="utf-8")
        for line in settings.splitlines():
            assert line in text
        assert "looks" in text
    assert Film(copy).cut["title"] == "Häuser"
    assert taken(copy)[0] == "12A-2"
    assert taken(copy).index("vary.mp4") < taken(copy).index("turned.mp4")


# Options --------------------------------------------------------------------------------------------------------


def test_title_rate_and_size_are_as_asked(shoot, copy):
    said = headturn("make", shoot, "-o", copy, "--title", "<A> & B", "--fps", "24000/1001", "--size", "256x144")
    assert said.code == 0
    film = Film(copy)
    assert film.cut["title"] == "<A> & B"
    assert "<A> & B: " in said.out
    assert "<A>" not in (copy / "report.html").read_text(encoding="utf-8")
    with av.open(str(copy / "film.mp4")) as container:
        image = container.streams.video[0]
        assert (image.width, image.height, image.average_rate) == (256, 144, Fraction(24000, 1001))
        assert sum(1 for _ in container.decode(image)) == film.cut["frames"]
    assert film.wrong()[0] == []


@pytest.mark.parametrize(("master", "codec"), [("prores", "prores"), ("dnxhr", "dnxhd")])
def test_a_master_has_ten_bits_and_the_same_frames(shoot, copy, master, codec):
    film_before = (copy / "film.mp4").read_bytes()
    assert headturn("make", shoot, "-o", copy, "--master", master).code == 0
    assert (copy / "film.mp4").read_bytes() == film_before
    film = Film(copy)
    with av.open(str(copy / "film-master.mov")) as container:
        image = container.streams.video[0]
        assert image.codec_context.name == codec
        assert image.pix_fmt == "yuv422p10le"
        assert image.average_rate == film.rate
    viewing, intermediate = film.reel(), film.reel("film-master.mov")
    assert intermediate.times == viewing.times
    off = np.sqrt(np.mean((viewing.images - intermediate.images) ** 2, axis=(1, 2)))
    assert off.max() < 4
    assert film.wrong("film-master.mov")[0] == []
    samples, rate = heard(copy / "film-master.mov")
    assert len(samples) == round(film.cut["frames"] / film.rate * rate)


# Real footage ---------------------------------------------------------------------------------------------------

FOLDERS = {"shop": 1, "lap": 1, "fridge": 2, "path": 2, "single": 5, "glasses": 1, "shaky": 2, "drone": 1, "house": 6}
"""Folders of real footage and how many recordings each holds."""


@pytest.mark.slow
@pytest.mark.footage
@pytest.mark.parametrize("folder", FOLDERS)
def test_real_footage_becomes_a_film(footage, tmp_path, folder):
    """`house`, six times 71 s, takes minutes: it is made where HEADTURN_LONG is set."""
    if folder == "house" and not os.environ.get("HEADTURN_LONG"):
        pytest.skip("takes minutes; set HEADTURN_LONG to make it")
    said = headturn("make", footage / folder, "-o", tmp_path / "film")
    assert said.code == 0, said
    film = Film(tmp_path / "film")
    assert len(film.cut["segments"]) == FOLDERS[folder]
    wrong, told = film.wrong()
    assert not wrong
    assert told > 0.5
    assert len(film.reel().times) == film.cut["frames"]
    if folder == "fridge":
        assert "could hand over to milk_in_fridge.mp4 by a workable join" in said.out, "with less of both takes"


@pytest.mark.footage
@pytest.mark.parametrize("folder", ["gpmf", "motion"])
def test_data_without_an_image_is_said_in_one_sentence(footage, tmp_path, folder):
    said = headturn("make", footage / folder, "-o", tmp_path / "film")
    assert said.code == 1
    assert "no image" in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "film").exists()
