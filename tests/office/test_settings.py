"""film.toml: every key is known, every value makes sense, and what people wrote into it stays."""

from dataclasses import fields, is_dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.errors import BadOption
from headturn.office.settings import Settings, changed, checked, pairs, read, written


def toml(tmp_path, text):
    path = tmp_path / "film.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_no_file_means_the_defaults(tmp_path):
    assert read(tmp_path / "film.toml") == Settings()
    assert read(toml(tmp_path, "")) == Settings()


def test_keys_that_are_set_are_set_and_the_others_stay(tmp_path):
    settings = read(toml(tmp_path, '[film]\nfps = "23.976"\nsize = "1920×1080"\n[joins]\nlooks = 3\n'))
    assert settings.film.rate == Fraction(24000, 1001)
    assert settings.film.width_height == (1920, 1080)
    assert settings.joins.looks == 3
    assert settings.assemble == Settings().assemble


def test_every_table_is_an_option_of_a_department():
    for table in fields(Settings):
        options = getattr(Settings(), table.name)
        assert is_dataclass(options)
        for option in fields(options):
            value = getattr(options, option.name)
            again = checked({table.name: {option.name: value}}, "here")
            assert getattr(getattr(again, table.name), option.name) == value


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[movie]\n", "movie"),
        ("title = 'x'\n", "title"),
        ("[film]\nframerate = '25'\n", "framerate"),
        ("[film]\nfps = 'fast'\n", "fast"),
        ("[film]\nfps = '2500'\n", "2500"),
        ("[film]\nsize = '1920'\n", "1920"),
        ("[film]\nsize = '1921x1080'\n", "1921x1080"),
        ("[film]\nsize = '4x4'\n", "4x4"),
        ("[film]\ntitle = 3\n", "title"),
        ("[assemble]\nmin_share = 1.5\n", "min_share"),
        ("[assemble]\nmin_share = nan\n", "min_share"),
        ("[assemble]\nturn_ramp_s = inf\n", "turn_ramp_s"),
        ("[assemble]\nmorph_s = -0.1\n", "overlap_s"),
        ("[assemble]\nmin_share = 'most'\n", "min_share"),
        ("[joins]\nlooks = 2.5\n", "looks"),
        ("[joins]\nlooks = -1\n", "looks"),
        ("[turns]\nleast_angle_deg = []\n", "least_angle_deg"),
        ("[render]\ncodec = 'gif'\n", "codec"),
        ("[render]\ncrf = 99\n", "crf"),
        ("film = 3\n", "film"),
        ("[film\n", "TOML"),
        (b"[film]\ntitle = '\xff'\n", "TOML"),
    ],
)
def test_what_makes_no_sense_names_the_file_and_the_key(tmp_path, text, key):
    with pytest.raises(BadOption) as error:
        read(toml(tmp_path, text))
    assert "film.toml" in str(error.value)
    assert key in str(error.value)


# From the command line


def test_changes_from_a_command_line_are_text():
    before = checked({"joins": {"looks": 3}, "film": {"title": "A"}}, "here")
    after = changed(before, {"joins.turn_pairs": "2", "assemble.min_share": "0.25", "film.fps": "25"}, "there")
    assert (after.joins.looks, after.joins.turn_pairs, after.assemble.min_share) == (3, 2, 0.25)
    assert (after.film.title, after.film.rate) == ("A", 25)


@pytest.mark.parametrize("key", ["film", "film.", ".fps", "movie.fps", "film.fps.x", "film.framerate", ""])
def test_a_change_of_no_key_is_refused(key):
    with pytest.raises(BadOption, match="there"):
        changed(Settings(), {key: "25"}, "there")


def test_assignments_are_split_at_the_first_equals_sign():
    assert pairs(["joins.looks = 3", "film.title=a=b"]) == {"joins.looks": "3", "film.title": "a=b"}
    for wrong in ("joins.looks", "looks=3", "=3", ""):
        with pytest.raises(BadOption, match=r"joins\.looks=3"):
            pairs([wrong])


# Written back


def test_what_people_wrote_stays(tmp_path):
    text = "# my film\n[joins] # careful\nlooks = 3   # enough\n\n[film]\ntitle = 'old'\nfps = '25'\n"
    path = toml(tmp_path, text)
    after = written(path, {"film.title": "new", "joins.turn_pairs": 2})
    assert "# my film\n[joins] # careful\nlooks = 3   # enough" in after
    path.write_text(after)
    settings = read(path)
    assert (settings.film.title, settings.film.fps) == ("new", "25")
    assert (settings.joins.looks, settings.joins.turn_pairs) == (3, 2)


@pytest.mark.parametrize("text", ["film.title = 'old'\n", "film = {title = 'old'}\n", "[joins]\n", "joins.looks = 3\n"])
def test_every_way_to_write_a_table_takes_changes(tmp_path, text):
    path = toml(tmp_path, text)
    path.write_text(written(path, {"film.title": "new", "film.fps": "25", "render.crf": 20}))
    settings = read(path)
    assert (settings.film.title, settings.film.fps, settings.render.crf) == ("new", "25", 20)
    assert settings.joins.looks == (3 if "looks" in text else Settings().joins.looks)


def test_values_are_written_as_what_they_are(tmp_path):
    """The command line hands in text; the file holds numbers."""
    text = written(tmp_path / "film.toml", {"joins.looks": "3", "assemble.min_share": "0.25", "film.title": "3"})
    assert "looks = 3\n" in text
    assert "min_share = 0.25\n" in text
    assert 'title = "3"\n' in text


def test_writing_twice_changes_nothing(tmp_path):
    path = tmp_path / "film.toml"
    path.write_text(written(path, {"film.title": "x", "joins.looks": 3}))
    assert written(path, {"film.title": "x", "joins.looks": 3}) == path.read_text()


@given(st.text())
def test_any_title_survives(tmp_path_factory, title):
    path = tmp_path_factory.mktemp("film") / "film.toml"
    path.write_text(written(path, {"film.title": title}), encoding="utf-8", newline="")
    assert read(path).film.title == title
