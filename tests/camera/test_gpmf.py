import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mp4_boxes import device, klv, nest, numbers, shorts

from headturn.camera import mp4
from headturn.camera.gpmf import DamagedError, Item, read_payload, split_payloads
from headturn.camera.gpmf import numbers as values_of


def read_everything(data):
    """What a caller may do with any bytes; only `DamagedError` may come out of a value."""
    payload = read_payload(data)
    for part in payload.devices:
        part.find("MINF")
        for record in part.records:
            record.text("STNM")
            record.number("STMP")
            with contextlib.suppress(DamagedError):
                assert record.values().ndim == 2
    return payload


@pytest.mark.parametrize(
    ("kind", "size", "data", "expected"),
    [
        ("b", 1, b"\xff\x02", [[-1], [2]]),
        ("B", 2, b"\xff\x02", [[255, 2]]),
        ("s", 4, numbers("h", -3, 4), [[-3, 4]]),
        ("S", 2, numbers("H", 65535), [[65535]]),
        ("l", 4, numbers("i", -70000), [[-70000]]),
        ("L", 4, numbers("I", 4_000_000_000), [[4e9]]),
        ("j", 8, numbers("q", -5), [[-5]]),
        ("J", 8, numbers("Q", 5), [[5]]),
        ("q", 4, numbers("i", -(3 << 15)), [[-1.5]]),
        ("Q", 8, numbers("q", 5 << 31), [[2.5]]),
    ],
)
def test_each_type_of_number(kind, size, data, expected):
    assert values_of(Item("TEST", kind, size, data)).tolist() == expected


def test_floating_point():
    single = np.array([1.5, -2.25], ">f4").tobytes()
    double = np.array([1e300], ">f8").tobytes()
    assert values_of(Item("TEST", "f", 8, single)).tolist() == [[1.5, -2.25]]
    assert values_of(Item("TEST", "d", 8, double)).tolist() == [[1e300]]


def test_a_complex_sample_with_repeats_text_and_scales():
    sample = b"SNOW" + np.array([0.5], ">f4").tobytes() + numbers("h", 20, 30) + b"\x07"
    stream = nest(
        "STRM",
        klv("TYPE", "c", 1, b"Ffs[2]B"),
        klv("SCAL", "l", 4, numbers("i", 1, 2, 10, 10, 1)),
        klv("SCEN", "?", 13, sample * 2),
    )
    record = read_payload(device(stream)).devices[0].records[0]
    expected = [np.nan, 0.25, 2, 3, 7]
    assert np.allclose(record.values(), [expected, expected], equal_nan=True)


@pytest.mark.parametrize("layout", ["f[999]", "f[255]f", "", "XYZ", "ff"])
def test_a_layout_that_does_not_fit_is_damage(layout):
    with pytest.raises(DamagedError):
        values_of(Item("TEST", "?", 4, bytes(4)), layout)


@pytest.mark.parametrize(
    ("kind", "size", "scale"),
    [("#", 4, b""), ("s", 3, b""), ("s", 0, b""), ("s", 4, numbers("h", 0)), ("s", 4, numbers("h", 1, 2, 3))],
)
def test_values_that_contradict_themselves_are_damage(kind, size, scale):
    notes = [klv("SCAL", "s", 2, scale)] if scale else []
    stream = nest("STRM", *notes, klv("GYRO", kind, size, bytes(12)) if size else b"GYROs\0\0\3")
    with pytest.raises(DamagedError):
        read_payload(device(stream)).devices[0].records[0].values()


def test_settings_are_found_in_the_device_and_in_its_streams():
    flat = read_payload(device(klv("MINF", "c", 1, b"HERO9 Black\0\0"))).devices[0]
    nested = read_payload(
        device(nest("STRM", klv("MINF", "c", 1, b"HERO7 Black\0"), klv("BRID", "B", 1, b"\0")))
    ).devices[0]
    assert flat.find("MINF").text == "HERO9 Black" and nested.find("MINF").text == "HERO7 Black"
    assert flat.find("ZFOV") is None


def test_wanted_streams_only():
    data = device(shorts("GYRO", [[1, 2, 3]]), shorts("ACCL", [[1, 2, 3]]))
    assert [record.data.key for record in read_payload(data, ["ACCL"]).devices[0].records] == ["ACCL"]


def test_what_comes_before_the_damage_stays():
    data = device(shorts("GYRO", [[1, 2, 3]] * 4), shorts("ACCL", [[4, 5, 6]] * 4))
    payload = read_payload(data[:-30])
    assert payload.devices == () and len(payload.faults) == 1
    inner = bytearray(data)
    at = inner.rindex(b"ACCL")
    inner[at + 6 : at + 8] = b"\xff\xff"
    payload = read_payload(bytes(inner))
    assert [record.data.key for record in payload.devices[0].records] == ["GYRO"] and len(payload.faults) == 1
    assert payload.devices[0].records[0].values().tolist() == [[1, 2, 3]] * 4


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_reported(data):
    read_everything(data)
    assert b"".join(split_payloads(data)) in (data, b"")
    read_everything(device(nest("STRM", data)))
    read_everything(device(data))
    assert b"".join(split_payloads(device(data))) == device(data)


@pytest.mark.footage
@pytest.mark.parametrize("name", ["path/max-heromode.mp4", "path/hero7.mp4", "drone/karma.mp4"])
def test_real_payloads_have_no_fault(footage, name):
    movie = mp4.read_movie(footage / name)
    for data in mp4.sample_bytes(movie.path, movie.track(codec="gpmd")):
        assert read_everything(data).faults == ()


@pytest.mark.footage
@settings(deadline=None, max_examples=120)
@given(flips=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 7)), max_size=12), cut=st.integers(0, 1 << 20))
def test_damaged_real_payloads_are_read_or_reported(footage, flips, cut):
    for name in ("hero11.raw", "hero6+ble.raw"):
        data = bytearray((footage / "gpmf" / name).read_bytes()[:9000])
        for place, bit in flips:
            data[place % len(data)] ^= 1 << bit
        read_everything(bytes(data[: cut % len(data)]) if cut % 2 else bytes(data))


@pytest.mark.footage
@pytest.mark.parametrize(
    ("name", "count"), [("hero11", 11), ("hero7", 17), ("consecutive2", 3), ("hero5", 1), ("karma", 1)]
)
def test_raw_files_fall_into_payloads(footage, name, count):
    parts = split_payloads((footage / "gpmf" / f"{name}.raw").read_bytes())
    assert len(parts) == count
    assert all(read_payload(part).devices for part in parts)
