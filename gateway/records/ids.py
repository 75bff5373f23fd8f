"""What may name a customer or a member of staff; what a spreadsheet made of an id is refused as that."""

from __future__ import annotations

import re

from reader_drivers.texts import one_line, one_width

CUSTOMER_ID = re.compile(r"\w[\w.~@:+-]{0,63}")
STAFF_ID = re.compile(r"\w[\w.-]{0,63}")

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|januar|februar|mär|mai|juni|juli|okt|dez|fév|avr|aoû|déc"
_AS_NUMBER = re.compile(r"[+-]?\d([.,]\d+)?E\+\d{1,3}", re.ASCII | re.IGNORECASE)
_AS_DATE = re.compile(
    rf"\d{{1,2}}[-./ ]({_MONTH})\w{{0,6}}\.?([-./ ]\d{{2,4}})?|({_MONTH})\w{{0,6}}\.?[-./ ]\d{{1,4}}"
    r"|\d{1,2}/\d{1,2}(/\d{2,4})?|(\d{2,4}年)?\d{1,2}月(\d{1,2}日)?",
    re.IGNORECASE,
)
_AS_ERROR = re.compile(r"#+|#(N/A|REF!|NAME\?|VALUE!|NUM!|DIV/0!|NULL!|N/V|BEZUG!|WERT!|ZAHL!)", re.IGNORECASE)
_PRECISE = 15  # digits of a number that a spreadsheet keeps; it writes zeros for the others


def damaged(text: str) -> str | None:
    """What a spreadsheet has made of this cell, in words; None where it seems whole."""
    if _AS_NUMBER.fullmatch(text):
        return "is a number that a spreadsheet has shortened, and its digits are lost; format the column as text"
    if _AS_DATE.fullmatch(text):
        return "is a date that a spreadsheet has made of an id; format the column as text"
    if _AS_ERROR.fullmatch(text):
        return "is a spreadsheet's error and no value; mend its formula"
    return None


def rounded(text: str) -> bool:
    """Whether this id is a long number that a spreadsheet may have rounded: nothing but zeros after 15 digits."""
    return text.isascii() and text.isdigit() and len(text) > _PRECISE and not text[_PRECISE:].strip("0")


# Letters of Cyrillic and Greek that nobody tells from ours on a screen.
_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝɡӏАВЕКМНОРСТУХІЈЅԌԚԜӀαικνορτυχγΑΒΕΖΗΙΚΜΝΟΡΤΥΧϳ",
    "aeopcyxijshdqwglABEKMHOPCTYXIJSGQWlaikvoptuxyABEZHIKMNOPTYXj",
)


def looks(id_: str) -> str:
    """An id as people see it: two that look the same are one here, whatever letters they are written with."""
    return one_width(id_).translate(_ALIKE)


OURS = frozenset({"customer", "gateway", "command-line"})  # who acts where no member of staff does


def customer_id(text: str) -> str:
    """The customer's id as it is kept; raises ValueError with what was expected."""
    kept = one_line(text)
    if not CUSTOMER_ID.fullmatch(kept):
        raise ValueError("is no id; expected 1 to 64 letters, digits and . _ ~ @ : + -, the first a letter or digit")
    return kept


def staff_id(text: str) -> str:
    """A member of staff's id as it is kept; raises ValueError with what was expected."""
    kept = one_line(text)
    if not STAFF_ID.fullmatch(kept):
        raise ValueError("is no id; expected 1 to 64 letters, digits and . _ -, the first a letter or digit")
    if kept in OURS:
        raise ValueError(f"{kept!r} is who acts where no member of staff does; expected another id")
    return kept
