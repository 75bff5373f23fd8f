"""Identifiers, ``scheme:value``: what people type, brought to the one spelling that readers send."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

from reader_drivers.texts import Unfit, one_width

NAME_LIMIT = 128  # characters of an alias, or of an owntracks user and device together

UUID = r"\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?"
IBEACON = re.compile(UUID + r"[-_:,/ ]0*(\d{1,5})[-_:,/ ]0*(\d{1,5})", re.ASCII)
PRINTED_EM = re.compile(r"\d{1,3}\s*,\s*\d{1,5}", re.ASCII)
SEPARATORS = re.compile(r"[\s:.-]+")
NOT_HEX = re.compile(r"[^0-9a-fA-F]")


class BadIdentifier(ValueError):
    """The text is no identifier; says what was wrong and what was expected, and never the value: some are secrets."""


def parse(text: str) -> str:
    """``text`` normalised, or BadIdentifier.

    Case, spaces, hyphens, colons and dots between hex digits do not matter, nor do hyphens within an iBeacon's UUID.
    ``em:`` takes the ten hex digits that a reader sends, even where all ten are decimal; the number printed on a fob
    (``0013530444``, ``206,30028``) leaves out the first byte or two, so it is compared with ``printed`` at enrolment.
    """
    try:
        scheme, colon, value = one_width(text).partition(":")
    except Unfit as unfit:
        raise BadIdentifier(str(unfit)) from None
    scheme, value = scheme.strip().lower(), value.strip()
    if not colon:
        raise BadIdentifier("no scheme: expected scheme:value, such as epc:3034257BF7194E4000001A85")
    rule = SCHEMES.get(scheme)
    if rule is None:
        near = difflib.get_close_matches(scheme, SCHEMES, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; expected one of {', '.join(SCHEMES)}"
        raise BadIdentifier(f"unknown scheme {scheme[:20]!r}{hint}")
    if not value:
        raise BadIdentifier(f"{scheme}: nothing after the colon")
    return f"{scheme}:{rule(scheme, value)}"


def purpose_of(identifier: str) -> str:
    """The consent that recognising this identifier needs: ``recognise_tag`` or ``recognise_phone``."""
    return "recognise_tag" if identifier.partition(":")[0] in TAGS else "recognise_phone"


def printed(identifier: str) -> tuple[str, str] | None:
    """What stands on a 125 kHz fob: ``("0013530444", "206,30028")`` for ``em:3C00CE754C``; None for other schemes."""
    scheme, _, value = identifier.partition(":")
    if scheme != "em":
        return None
    number = int(value[2:], 16)
    return f"{number:010d}", f"{number >> 16 & 0xFF:03d},{number & 0xFFFF:05d}"


# --- one rule a scheme -----------------------------------------------------------------------------------------------


def _digits(scheme: str, value: str) -> str:
    digits = SEPARATORS.sub("", value)
    if found := NOT_HEX.search(digits):
        raise BadIdentifier(f"{scheme}: {found[0]!r} is no hex digit")
    return digits


def _hex(*lengths: int, lower: bool = False) -> Callable[[str, str], str]:
    """Hex digits, as many as one of ``lengths``."""

    def rule(scheme: str, value: str) -> str:
        digits = _digits(scheme, value)
        if len(digits) not in lengths:
            expected = " or ".join(map(str, lengths))
            raise BadIdentifier(f"{scheme}: {len(digits)} hex digits; expected {expected}")
        return digits.lower() if lower else digits.upper()

    return rule


def _words(scheme: str, value: str) -> str:
    """Tag memory is read in words of 16 bits; a length in the protocol control word ends at 31 of them."""
    digits = _digits(scheme, value)
    if len(digits) % 4 or not 4 <= len(digits) <= 124:
        raise BadIdentifier(f"{scheme}: {len(digits)} hex digits; expected whole words of 4, usually 24, at most 124")
    return digits.upper()


def _em(scheme: str, value: str) -> str:
    if PRINTED_EM.fullmatch(value):
        raise BadIdentifier(
            "em: a printed number does not name the whole tag; expected the 10 hex digits a reader sends"
        )
    return _hex(10)(scheme, value)


def _ibeacon(scheme: str, value: str) -> str:
    found = IBEACON.fullmatch(value.lower())
    if found is None:
        raise BadIdentifier(f"{scheme}: expected uuid-major-minor, the numbers in decimal")
    *uuid, major, minor = found.groups()
    if int(major) > 0xFFFF or int(minor) > 0xFFFF:
        raise BadIdentifier(f"{scheme}: major and minor are at most 65535")
    return f"{'-'.join(uuid)}-{int(major)}-{int(minor)}"


def _eddystone(scheme: str, value: str) -> str:
    digits = _hex(32, lower=True)(scheme, value)
    return f"{digits[:20]}-{digits[20:]}"


def _name(scheme: str, value: str) -> str:
    if len(value) > NAME_LIMIT or ";" in value:
        raise BadIdentifier(f"{scheme}: expected at most {NAME_LIMIT} characters, without ';'")
    return value


def _owntracks(scheme: str, value: str) -> str:
    if not re.fullmatch(r"[^/\s+#]+/[^/\s+#]+", value):
        raise BadIdentifier(f"{scheme}: expected user/device")
    return _name(scheme, value)


SCHEMES: dict[str, Callable[[str, str], str]] = {
    "epc": _words,
    "tid": _words,
    "em": _em,
    "nfc": _hex(8, 14, 16, 20),  # single, double and triple size UIDs; 16: ISO 15693 and FeliCa
    "ibeacon": _ibeacon,
    "eddystone": _eddystone,
    "irk": _hex(32, lower=True),
    "ble": _hex(12, lower=True),
    "alias": _name,
    "owntracks": _owntracks,
}
TAGS = ("epc", "tid", "em", "nfc")
