"""rigs.toml is read as people write it, and every mistake in it is said."""

import pytest

from headturn.errors import BadOption
from headturn.office import rig_book
from headturn.office.rig_book import Rig
from headturn.office.store import Store


def written(tmp_path, text: str) -> Store:
    (tmp_path / rig_book.NAME).write_text(text)
    return Store(tmp_path)


def test_a_rig_is_what_its_table_says(tmp_path):
    store = written(tmp_path, '[mouth]\ncamera = "HERO12"\nmount = "mouth"\ntilt_deg = -6\nunit = "B"\n[helmet]\n')
    assert rig_book.rig(store, "mouth") == Rig("mouth", "HERO12", "", "mouth", -6.0, "B")
    assert rig_book.rig(store, "helmet") == Rig("helmet")


def test_a_film_may_have_none(tmp_path):
    assert rig_book.read(Store(tmp_path)) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mouth]\ntilt = 3", "no key 'tilt'"),
        ('[mouth]\nmount = "hand"', "mount = 'hand'"),
        ('[mouth]\ntilt_deg = "steep"', "tilt_deg = 'steep'"),
        ("[mouth]\ntilt_deg = nan", "-90"),
        ("[mouth]\ntilt_deg = 120", "-90"),
        ('mouth = "HERO12"', "is no rig"),
        ("[mouth", "cannot be read as TOML"),
    ],
)
def test_every_mistake_is_said(tmp_path, text, said):
    with pytest.raises(BadOption, match=said):
        rig_book.read(written(tmp_path, text))


def test_a_wrong_name_is_answered_with_the_nearest(tmp_path):
    store = written(tmp_path, "[mouth]\n[chest]\n")
    with pytest.raises(BadOption, match="there is mouth"):
        rig_book.rig(store, "mout")
    with pytest.raises(BadOption, match="write it into"):
        rig_book.rig(Store(tmp_path / "other"), "mouth")
