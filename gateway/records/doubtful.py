"""What a good row of a customer file may still get wrong: told by line and reason, and imported all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from gateway.events import venue_time
from gateway.records.connection import SealedDatabase
from gateway.records.exchange import Row
from gateway.records.ids import damaged, rounded
from gateway.records.staff import get_staff
from reader_drivers.texts import folded

LARGEST_PRINTED = 1 << 32  # what stands on a fob are its last four bytes at the most

# ISO 639-1: the two-letter languages there are.
_TWO_LETTERS = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz"
    " ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik"
    " io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml"
    " mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd"
    " se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi"
    " vo wa wo xh yi yo za zh zu"
)
_LANGUAGES = frozenset(_TWO_LETTERS.split())
_COUNTRIES = {"cn": "zh-CN", "hk": "zh-HK", "jp": "ja", "us": "en", "gb": "en", "at": "de", "cz": "cs", "gr": "el"}


def language(tag: str) -> str | None:
    """Why a well-formed tag is no language that people speak; None where it may be one."""
    first = tag.lower().partition("-")[0]
    if len(first) != 2 or first in _LANGUAGES:
        return None
    meant = _COUNTRIES.get(first)
    return f"language: there is no language {tag!r}" + (f"; {meant} may be meant" if meant else "")


def tier(name: str, tiers: Collection[str]) -> str | None:
    """Why a tier is none of the venue's; None where it is one, or where the venue's are not known."""
    if not name or not tiers or folded(name) in {folded(known) for known in tiers}:
        return None
    return f"tier: {name!r} is none of {', '.join(tiers)}: it comes after them all"


class Doubts:
    """What is doubtful in the rows of one file; ``tiers`` are the venue's, where they are known."""

    def __init__(self, tiers: Collection[str] = ()) -> None:
        self._tiers = tiers
        self._works_here: dict[str, bool] = {}

    def of(self, reader: SealedDatabase, row: Row, at: float) -> Iterator[str]:
        """The reasons to doubt this row, ``at`` in seconds since 1970 UTC."""
        yield from filter(None, (language(row.language), tier(row.tier, self._tiers)))
        for part, staff in (("associate", row.associate), ("deputy", row.deputy)):
            if staff is not None and not self._employed(reader, staff):
                yield f"{part}: there is no member of staff {staff!r} yet"
        yield from consents(row.consents, at)
        yield from ailing(row)

    def _employed(self, reader: SealedDatabase, staff: str) -> bool:
        if staff not in self._works_here:
            self._works_here[staff] = get_staff(reader, staff) is not None
        return self._works_here[staff]


def ailing(row: Row) -> Iterator[str]:
    """What a spreadsheet, another encoding or a printed number may have done to this row."""
    if rounded(row.customer):
        yield (
            f"customer: {row.customer!r} is a number of {len(row.customer)} digits that ends in zeros:"
            " a spreadsheet keeps 15 of them"
        )
    for part in ("name", "address_as"):
        if getattr(row, part).startswith("#") and (why := damaged(getattr(row, part))):
            yield f"{part}: {getattr(row, part)!r} {why}"
        if meant := garbled(getattr(row, part)):
            yield f"{part}: seems to have been read in another encoding once; {meant!r} may be meant"
    for number, identifier in enumerate(row.identifiers, 1):
        scheme, _, code = identifier.partition(":")
        if scheme == "em" and code.isdigit() and int(code) < LARGEST_PRINTED:
            yield (
                f"identifiers: number {number}: ten decimal digits may be the number printed on the fob, which is"
                " another than the ten hex digits that a reader sends: hold it to a reader once"
            )


def garbled(text: str) -> str | None:
    """What this was before UTF-8 was taken for Windows-1252; None where it was not."""
    if text.isascii():
        return None
    try:
        meant = text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
    return meant if meant.isprintable() else None


def consents(given: Sequence[tuple[str, float | None]], at: float) -> Iterator[str]:
    """Consents that had ended when they were imported, ``at`` in seconds since 1970 UTC."""
    for purpose, expires in given:
        if expires is not None and expires <= at:
            last = venue_time.ending_text(expires)
            yield f"consents: {purpose} lasted until {last}: it is kept as a receipt and allows nothing"
