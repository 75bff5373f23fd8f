"""What people type becomes what readers send, or they are told what was wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.recognition.identifiers import SCHEMES, BadIdentifier, parse, printed, purpose_of
from gateway.records.customers import TAG_SCHEMES

UUID = "fda50693-a4e2-4fb1-afcf-c6eb07647825"


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("epc:3034257bf7194e4000001a85", "epc:3034257BF7194E4000001A85"),
        (" EPC: 3034 257B F719 4E40 0000 1A85 ", "epc:3034257BF7194E4000001A85"),
        ("tid:e2801160", "tid:E2801160"),
        ("em:0700abcdef", "em:0700ABCDEF"),
        ("em:3C-00-CE-75-4C", "em:3C00CE754C"),
        ("em:0013530444", "em:0013530444"),  # ten digits are what a reader sends, even if all are decimal
        ("nfc:04:a1:b2:c3:d4:e5:f6", "nfc:04A1B2C3D4E5F6"),
        (f"iBeacon:{UUID.upper()}-100-7", f"ibeacon:{UUID}-100-7"),
        (f"ibeacon:{UUID.replace('-', '')}-100-7", f"ibeacon:{UUID}-100-7"),
        (f"ibeacon:{UUID}:00100:007", f"ibeacon:{UUID}-100-7"),
        (f"ibeacon:{UUID}-0-65535", f"ibeacon:{UUID}-0-65535"),
        ("eddystone:00010203040506070809-AABBCCDDEEFF", "eddystone:00010203040506070809-aabbccddeeff"),
        ("eddystone:00010203040506070809aabbccddeeff", "eddystone:00010203040506070809-aabbccddeeff"),
        ("irk:E0E1E2E3E4E5E6E7E8E9EAEBECEDEEEF", "irk:e0e1e2e3e4e5e6e7e8e9eaebecedeeef"),
        ("ble:AA:BB:CC:DD:EE:FF", "ble:aabbccddeeff"),
        ("alias: Anna's phone", "alias:Anna's phone"),
        ("owntracks:anna/phone", "owntracks:anna/phone"),
        ("ｅｐｃ：３０３４２５７Ｂ", "epc:3034257B"),  # typed with a Chinese input method
    ],
)
def test_common_spellings_become_one(typed: str, normalised: str) -> None:
    assert parse(typed) == normalised
    assert parse(normalised) == normalised


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("3034257BF7194E4000001A85", "no scheme"),
        ("", "no scheme"),
        ("ecp:3034", "did you mean epc"),
        ("zigbee:3034", "expected one of epc, tid"),
        ("epc:", "nothing after the colon"),
        ("epc:3034257BF7194E4000001A8", "23 hex digits"),
        ("epc:3034257BF7194E4000001AOO", "'O' is no hex digit"),
        ("epc:" + "0" * 128, "at most 124"),
        ("em:206,30028", "printed number"),
        ("em:0700ABCDE", "9 hex digits; expected 10"),
        ("nfc:04A1", "expected 8 or 14"),
        (f"ibeacon:{UUID}-100", "uuid-major-minor"),
        (f"ibeacon:{UUID}-65536-1", "at most 65535"),
        (f"ibeacon:{UUID}-1-99999", "at most 65535"),
        ("irk:e0e1", "4 hex digits; expected 32"),
        ("alias:a;b", "without ';'"),
        ("alias:a\ufffdb", "U+FFFD"),
        ("alias:\u200b", "nothing after the colon"),
        ("owntracks:anna", "user/device"),
        ("owntracks:anna/#", "user/device"),
    ],
)
def test_what_is_wrong_is_said(typed: str, told: str) -> None:
    with pytest.raises(BadIdentifier, match=re.escape(told)):
        parse(typed)


def test_a_secret_is_not_repeated_in_the_error() -> None:
    with pytest.raises(BadIdentifier) as caught:
        parse("irk:e0e1e2e3e4e5e6e7e8e9eaebecedee")
    assert "e0e1" not in str(caught.value)


@given(st.text() | st.builds("{}:{}".format, st.sampled_from(list(SCHEMES)), st.text()))
def test_anything_is_normal_or_bad(text: str) -> None:
    try:
        normalised = parse(text)
    except BadIdentifier:
        return
    assert parse(normalised) == normalised
    assert purpose_of(normalised) in ("recognise_tag", "recognise_phone")


@given(st.binary(min_size=5, max_size=5), st.sampled_from(["", " ", ":", "-"]), st.booleans())
def test_hex_survives_separators_and_case(value: bytes, separator: str, upper: bool) -> None:
    digits = separator.join(f"{byte:02x}" for byte in value)
    assert parse("em:" + (digits.upper() if upper else digits)) == "em:" + value.hex().upper()


def test_the_number_printed_on_a_fob_is_known() -> None:
    assert printed("em:3C00CE754C") == ("0013530444", "206,30028")
    assert printed("em:0100000001") == ("0000000001", "000,00001")
    assert printed("epc:3034257B") is None


def test_tags_and_phones_need_their_own_consent() -> None:
    assert {scheme for scheme in SCHEMES if purpose_of(f"{scheme}:x") == "recognise_tag"} == set(TAG_SCHEMES)
