"""Files from spreadsheets and other programs: which text their bytes are, and what parts their columns.

A file is read whole or refused whole, in words that say what it is and how to save it: never row by row, by luck.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

SAVE_AS = "save it as CSV UTF-8 (Excel: Save as, CSV UTF-8; WPS, Numbers, LibreOffice: encoding UTF-8)"
BIGGEST_CELL = 4 * 1024 * 1024  # characters: of a customer with more tags than anybody carries
MOST_SIGNS = 50  # of a first line that are tried as what parts its columns

_NO_TEXT = {
    b"PK\x03\x04": "an Excel or Numbers workbook",
    b"\xd0\xcf\x11\xe0": "a workbook of an old Excel",
    b"\x1f\x8b": "packed with gzip",
    b"%PDF": "a PDF",
    b"{\\rtf": "an RTF document",
}
_MARKS = {
    b"\xef\xbb\xbf": "utf-8", b"\xff\xfe\0\0": "utf-32-le", b"\0\0\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be",
}  # fmt: skip
# Of each encoding that Excel writes where it is not asked: the bytes with which its commonest signs begin.
_EASTERN = {
    "gb18030": ("GBK, which Excel in China writes as plain CSV", 0xB0, 0xD7),
    "big5": ("Big5, which Excel in Taiwan and Hong Kong writes as plain CSV", 0xA4, 0xC6),
    "shift_jis": ("Shift JIS, which Excel in Japan writes as plain CSV", 0x82, 0x97),
    "euc_kr": ("EUC-KR, which Excel in Korea writes as plain CSV", 0xB0, 0xC8),
}
GBK, WESTERN = _EASTERN["gb18030"][0], "Windows-1252 or its kin, which Excel in Europe and America writes as plain CSV"
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_SEP = re.compile(r'"?sep=([^\w"\'\r\n])"?\s*', re.IGNORECASE)
_BETWEEN = re.compile(r"[^\w \"'\r\n]")
csv.field_size_limit(BIGGEST_CELL)


class Unreadable(ValueError):
    """A file that is refused whole; the text says what it is, and ``line`` where that shows."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def text_of(raw: bytes, encoding: str | None = None) -> str:
    """What a file says: UTF-8, UTF-16 that says so, or ``encoding``; raises Unreadable for every other."""
    for start, what in _NO_TEXT.items():
        if raw.startswith(start):
            raise Unreadable(1, f"this is {what} and no CSV file: open it and {SAVE_AS}")
    mark = next((mark for mark in _MARKS if raw.startswith(mark)), b"")
    known = _MARKS.get(mark) or encoding or _wide(raw) or "utf-8"
    try:
        text = raw[len(mark) :].decode(known)
    except UnicodeDecodeError as wrong:
        line = raw[: len(mark) + wrong.start].count(b"\n") + 1
        if mark or encoding:
            raise Unreadable(line, f"the file is damaged: this line is not {known.upper()}; {SAVE_AS}") from None
        raise Unreadable(line, f"not UTF-8; it looks like {_named(raw)}: {SAVE_AS}") from None
    if "\0" in text:
        raise Unreadable(text.partition("\0")[0].count("\n") + 1, f"this is no text, it holds NUL: {SAVE_AS}")
    if text.lstrip()[:1] == "<":
        raise Unreadable(1, f"this is HTML or XML and no CSV file: open it and {SAVE_AS}")
    if known == "utf-8" and not mark and (line := by_luck(text.split("\n"))):
        raise Unreadable(line, f"not UTF-8; it looks like {GBK}: {SAVE_AS}")
    return text


def lines_of(text: str, wanted: Collection[str]) -> Iterator[tuple[int, list[str] | str]]:
    """Line number and cells of every row, or what makes it unreadable; ``wanted`` tells which sign parts columns."""
    first, _, rest = text.partition("\n")
    told = _SEP.fullmatch(first)
    skipped, body = (1, rest) if told else (0, text)
    sign = told[1] if told else separator(body, wanted)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=sign, strict=True)
    while True:
        line = skipped + reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"not CSV: {error}"


def separator(text: str, wanted: Collection[str]) -> str:
    """The sign between columns: that which makes most of the ``wanted`` names of the first line; a comma in doubt."""
    head = text.lstrip("\r\n")[:20_000].splitlines()[:1]
    found: dict[str, int] = {}
    for sign in [",", *(_BETWEEN.findall(head[0]) if head else ())]:
        if sign not in found and len(found) < MOST_SIGNS:
            found[sign] = len(set(_names(head, sign)) & {name.casefold() for name in wanted})
    return max(found, key=lambda sign: found[sign])


def _names(head: list[str], sign: str) -> list[str]:
    try:
        return [name.strip().casefold() for row in csv.reader(head, delimiter=sign) for name in row]
    except csv.Error:
        return []


# --- which encoding --------------------------------------------------------------------------------------------------


def _wide(raw: bytes) -> str | None:
    """UTF-16 that does not say so: every second byte of what begins as ASCII is nothing."""
    start = raw[:16]
    if len(start) >= 8 and not any(start[1::2]) and all(start[::2]):
        return "utf-16-le"
    return "utf-16-be" if len(start) >= 8 and not any(start[::2]) and all(start[1::2]) else None


def _named(raw: bytes) -> str:
    """What a file that is not UTF-8 most probably is."""
    shares = {name: _common(raw, name) for name in _EASTERN}
    best = max(shares, key=lambda name: shares[name])
    return _EASTERN[best][0] if shares[best] >= 0.8 else WESTERN


def _common(raw: bytes, encoding: str) -> float:
    """Which part of the foreign signs is among the commonest, were the file in this encoding."""
    try:
        signs = "".join(_FOREIGN.findall(raw.decode(encoding)))
    except UnicodeDecodeError:
        return 0.0
    _, first, last = _EASTERN[encoding]
    return sum(first <= sign.encode(encoding)[0] <= last for sign in signs) / len(signs) if signs else 0.0


def by_luck(lines: Iterable[str]) -> int:
    """The line, counted from 1, that shows that GBK only happens to be good UTF-8; 0 where it is what it seems."""
    shown = 0
    for number, line in enumerate(lines, 1):
        for run in _FOREIGN.finditer(line):
            beside = line[run.start() - 1 : run.start()].isalpha() or line[run.end() : run.end() + 1].isalpha()
            if beside or not _hanzi(run[0]):
                return 0
            if not shown and not _likely(run[0]):
                shown = number
    return shown


def _hanzi(run: str) -> bool:
    """Whether the bytes of this run would be hanzi in GBK."""
    try:
        return all("\u4e00" <= sign <= "\u9fff" for sign in run.encode().decode("gb2312"))
    except UnicodeError:
        return False


def _likely(run: str) -> bool:
    """Whether these may be a word by themselves: letters of one script, which is not ours."""
    kinds = [unicodedata.category(sign)[0] for sign in run]
    scripts = {unicodedata.name(sign, "?").partition(" ")[0] for sign in run}
    return kinds[0] == "L" and set(kinds) <= {"L", "M"} and len(scripts) == 1 and scripts != {"LATIN"}
