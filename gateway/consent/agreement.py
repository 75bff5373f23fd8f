"""What a receipt's core repeats of its body, and where the two say otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.consent.terms import STATES

GIVEN = frozenset({STATES["given"], STATES["renewed"]})
REFUSED = frozenset({STATES["refused"]})
ENDED = frozenset(STATES[each] for each in ("withdrawn", "ended", "invalid", "expired"))


class Member(NamedTuple):
    """A member of a receipt that is not what it was, and why we say so."""

    path: str
    why: str


def row_name(row: dict[str, Any]) -> str:
    """How the core calls a row of ``processing``: ``share_partners:spa-bund`` where it is to one partner."""
    partners = row.get("recipient_third_parties") or ()
    return ":".join([str(row.get("purpose")), *map(str, partners)])


def repeated(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """``given``, ``refused`` and ``ended`` of a core, of the rows of ``processing``."""
    return {
        "given": {row_name(row): row["last_day"] for row in rows if row["state"] in GIVEN},
        "refused": [row_name(row) for row in rows if row["state"] in REFUSED],
        "ended": [row_name(row) for row in rows if row["state"] in ENDED],
    }


def notice_name(notice: dict[str, Any] | None) -> str | None:
    """How the core calls a notice: ``enrol/3/zh-CN``."""
    return None if notice is None else f"{notice.get('id')}/{notice.get('version')}/{notice.get('language')}"


def differences(body: dict[str, Any], core: dict[str, Any]) -> list[Member]:
    """Every member of the body that is not what the core repeats of it."""
    found: list[Member] = []
    for member, look in (("receipt_id", _ids), ("processing", _states), ("events", _times), ("ledger", _place)):
        try:
            found += look(body, core)
        except (AttributeError, KeyError, TypeError) as error:
            found.append(Member(member, f"it is not in the shape of a receipt: {error}"))
    return found


def _ids(body: dict[str, Any], core: dict[str, Any]) -> Iterator[Member]:
    for member, inside in (("receipt_id", "id"), ("pii_principal_id", "sub")):
        if body.get(member) != core.get(inside):
            yield _other(member, inside, body.get(member), core.get(inside))
    notice = body.get("privacy_notice")
    said = notice_name(notice) if notice is None or isinstance(notice, dict) else notice
    if said != core.get("notice"):
        yield _other("privacy_notice", "notice", said, core.get("notice"))
    if body.get("schema_version") != "moments-receipt-1":
        yield Member("schema_version", f"it is {body.get('schema_version')!r}, not 'moments-receipt-1'")


def _times(body: dict[str, Any], core: dict[str, Any]) -> Iterator[Member]:
    newest = max((str(event["event_time"]) for event in body["events"]), default="")
    if newest[:19] > str(core.get("at"))[:19]:
        yield Member("events", f"one happened at {newest}, after the receipt was made at {core.get('at')}")


def _place(body: dict[str, Any], core: dict[str, Any]) -> Iterator[Member]:
    missing = {"venue", "epoch", "position", "hash"} - body["ledger"].keys()
    yield from (Member("ledger", f"{name} is missing") for name in sorted(missing))


def _states(body: dict[str, Any], core: dict[str, Any]) -> Iterator[Member]:
    """Rows of ``processing`` in another state than the core says, or with another last day; and those that are gone."""
    said = {
        **{name: ("given", day) for name, day in core["given"].items()},
        **dict.fromkeys(core["refused"], ("refused", None)),
        **dict.fromkeys(core["ended"], ("ended", None)),
    }
    seen = set()
    for number, row in enumerate(body["processing"]):
        name, state = row_name(row), _state(row)
        place, (wanted, day) = f"processing[{number}]", said.get(name, (None, None))
        seen.add(name)
        if wanted is None:
            yield Member(f"{place}.purpose", f"{name} is not in what was signed")
        elif state != wanted:
            yield Member(f"{place}.state", f"{name} is {row['state']}, and signed was: {wanted}")
        elif wanted == "given" and row["last_day"] != day:
            yield Member(f"{place}.last_day", f"{name} is until {row['last_day']}, and signed was: until {day}")
    for name in said.keys() - seen:
        yield Member("processing", f"{name} is missing, which was signed")


def _state(row: dict[str, Any]) -> str | None:
    state = row["state"]
    return "given" if state in GIVEN else "refused" if state in REFUSED else "ended" if state in ENDED else None


def _other(member: str, inside: str, is_: object, signed: object) -> Member:
    return Member(member, f"it is {is_!r}, and proof.core.{inside} says {signed!r}")
