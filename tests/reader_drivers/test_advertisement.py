"""Raw advertisements and identifiers as devices write them: who is it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers.messages import NoSighting
from reader_drivers.phone.advertisement import beacon, manufacturer_beacon, raw, structures
from reader_drivers.spelling import RULES, from_base64, spelled, tag_code

UUID = "b5b182c7-eab1-4988-aa99-b5c1517008d9"
EDDYSTONE = "0201060303AAFE1516AAFE00E700112233445566778899AABBCCDDEEFF"


@pytest.mark.parametrize(
    ("data", "identifier"),
    [
        ("0201061aff4c000215b5b182c7eab14988aa99b5c1517008d90001cf64c5", f"ibeacon:{UUID}-1-53092"),
        (
            "0201061AFF4C000215EB6D469624BE4663B15230D46B0E9CC9000D002AC0",
            "ibeacon:eb6d4696-24be-4663-b152-30d46b0e9cc9-13-42",
        ),
        (
            "0201061AFF4C000215FDA50693A4E24FB1AFCFC6EB0764782527114CB9C5",
            "ibeacon:fda50693-a4e2-4fb1-afcf-c6eb07647825-10001-19641",
        ),
        (EDDYSTONE, "eddystone:00112233445566778899-aabbccddeeff"),
        (EDDYSTONE.replace("1516AAFE", "1716AAFE") + "0000", "eddystone:00112233445566778899-aabbccddeeff"),
        ("02010612FF0D0083BC200120AAAAFFFF000002070000", None),
        ("0201060303AAFE0A16AAFE30E70102030405", None),  # an Eddystone-EID: only its owner can tell
        (EDDYSTONE.replace("16AAFE", "16ABFE"), None),  # another service's data
        ("0201061AFF4C001006031E0000000000000000000000000000000000000000".replace("1AFF", "1BFF"), None),
        ("", None),
        ("000000", None),
        ("02010600FFFF", None),  # zeros end it
    ],
)
def test_real_advertisements_are_read(data: str, identifier: str | None) -> None:
    assert beacon(raw(data)) == identifier


def test_a_node_of_the_installation_is_nobody() -> None:
    with pytest.raises(NoSighting, match="ESPresense"):
        beacon(raw("1AFF4C000215E5CA1ADEF007BA1100000000000000000001000ACC"))


@pytest.mark.parametrize("data", ["1AFF4C0002", "02", "FF", "020106FF16", "0201061AFF4C000215B5B182"])
def test_a_structure_that_runs_over_the_end_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="structure of"):
        beacon(raw(data))


@pytest.mark.parametrize("data", ["zz", "0", "02 0106 0", None, 7, "00" * 300])
def test_what_is_not_hex_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="advertisement: "):
        raw(data)


@given(st.binary(max_size=80))
def test_no_bytes_do_harm(data: bytes) -> None:
    try:
        told = beacon(data)
    except (ValueError, NoSighting):
        return
    assert told is None or told.startswith(("ibeacon:", "eddystone:"))
    assert sum(len(value) + 2 for _, value in structures(data)) <= len(data)
    manufacturer_beacon(data)


@given(st.binary(min_size=16, max_size=16), st.integers(0, 65535), st.integers(0, 65535), st.binary(max_size=20))
def test_an_ibeacon_is_found_behind_whatever_stands_before_it(uuid: bytes, major: int, minor: int, name: bytes) -> None:
    if uuid.hex() == "e5ca1adef007ba110000000000000000":
        return
    data = bytes((len(name) + 1, 9)) + name + b"\x1a\xff\x4c\x00\x02\x15" + uuid
    data += major.to_bytes(2, "big") + minor.to_bytes(2, "big") + b"\xc5"
    hexed = uuid.hex()
    told = f"ibeacon:{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}-{major}-{minor}"
    assert beacon(data) == told
    assert spelled("ibeacon", f"{hexed.upper()}-{major}-{minor}") == told


@pytest.mark.parametrize(
    ("scheme", "text", "identifier"),
    [
        ("epc", "e2 80 11 60", "epc:E2801160"),
        ("tid", "E28011700200", "tid:E28011700200"),
        ("em", "3c00ce754c", "em:3C00CE754C"),
        ("nfc", "04:a1:b2:c3:d4:e5:f6", "nfc:04A1B2C3D4E5F6"),
        ("ibeacon", f"{UUID.upper()}_1_002", f"ibeacon:{UUID}-1-2"),
        ("eddystone", "00112233445566778899AABBCCDDEEFF", "eddystone:00112233445566778899-aabbccddeeff"),
        ("irk", "EC0234A357C8AD05341010A60A397D9B", "irk:ec0234a357c8ad05341010a60a397d9b"),
        ("ble", " AA-BB-CC-DD-EE-0F ", "ble:aabbccddee0f"),
        ("alias", "安娜的手机", "alias:安娜的手机"),
        ("owntracks", "anna/phone", "owntracks:anna/phone"),
    ],
)
def test_what_devices_write_is_brought_to_one_spelling(scheme: str, text: str, identifier: str) -> None:
    assert spelled(scheme, text) == identifier


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("epc", "E28011"),
        ("epc", "E280116"),
        ("epc", "E2801160_2"),
        ("epc", "E28011602006" + "0" * 2),
        ("epc", "g" * 8),
        ("epc", "0" * 128),
        ("em", "0013530444F"),
        ("nfc", "04A1B2C3D4"),
        ("ibeacon", f"{UUID}-1"),
        ("ibeacon", f"{UUID}-1-65536"),
        ("ibeacon", "not-1-2"),
        ("eddystone", "00"),
        ("irk", "00"),
        ("ble", "aabbccddee"),
        ("ble", "00:00:00:00:00:00"),
        ("ble", "ff:ff:ff:ff:ff:ff"),
        ("alias", ""),
        ("alias", "a;b"),
        ("alias", "x" * 129),
        ("alias", "\u200b\x00"),
        ("alias", "a\ufffd"),
        ("owntracks", "anna"),
        ("owntracks", "a/b/c"),
        ("secret", "x"),
        ("epc", "٠" * 8),
    ],
)
def test_what_is_no_identifier_is_refused_without_repeating_it(scheme: str, text: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the words differ
        spelled(scheme, text)
    assert not text or text not in str(refused.value)


@given(st.sampled_from(sorted(RULES)), st.text(max_size=60))
def test_no_text_does_harm(scheme: str, text: str) -> None:
    try:
        told = spelled(scheme, text)
    except ValueError:
        return
    assert told.startswith(scheme + ":")
    assert spelled(scheme, told.partition(":")[2]) == told


def test_base64_is_read_and_nothing_else() -> None:
    assert tag_code("epc", from_base64("ftqQOAUQAnEAAsCu", "epc"), "epc") == "epc:7EDA9038051002710002C0AE"
    for wrong in ("ftqQOAUQAnEAAsC", "ftqQ*AUQ", "字", 7, None):
        with pytest.raises(ValueError, match="epc: "):
            from_base64(wrong, "epc")
