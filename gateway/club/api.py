"""What is asked of the club's ledger by method and path, by whoever carries it: a hub's door, or a replayed file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.club import reading, settle
from gateway.club.ledger import MOST, Ledger
from gateway.club.problems import Refused
from gateway.club.writing import text_of

PREFIX = "/api/club/"


class Said(NamedTuple):
    """An answer: ``text`` where its bytes are given, else ``body`` as JSON."""

    status: int
    body: Any
    text: str | None = None
    media_type: str = "application/json"


def refusal(refused: Refused) -> Said:
    """A refusal as an answer."""
    return Said(refused.kind.status, refused.body(), media_type="application/problem+json")


async def answer(ledger: Ledger, method: str, path: str, query: Mapping[str, str], body: Any, now: int) -> Said | None:
    """The answer to what is asked there; None where there is no such door."""
    try:
        return await _answer(ledger, method, path.removeprefix(PREFIX).split("/"), query, body, now)
    except Refused as refused:
        return refusal(refused)


async def _answer(
    ledger: Ledger, method: str, path: list[str], query: Mapping[str, str], body: Any, now: int
) -> Said | None:
    match method, path:
        case "POST", ["transfers"]:
            return await transfers(ledger, body, now)
        case "GET", ["transfers", id_]:
            return Said(200, await reading.transfer(ledger, id_))
        case "GET", ["members", member]:
            return Said(200, await reading.member(ledger, member, now))
        case "GET", ["members", member, "lots"]:
            return Said(200, await reading.lots(ledger, member, now))
        case "POST", ["statements"]:
            if not isinstance(body, dict):
                raise Refused("message", why="expected an object")
            text, new = await reading.make_statement(ledger, body, now)
            return _json(201 if new else 200, text)
        case "GET", ["statements"]:
            return Said(200, await reading.statements(ledger))
        case "GET", ["statements", id_]:
            return _statement(await reading.statement(ledger, id_), query)
        case "GET", ["liability"]:
            return Said(200, await reading.liability(ledger, now))
    return None


def _json(status: int, text: str) -> Said:
    return Said(status, json.loads(text), text)


def _statement(text: str, query: Mapping[str, str]) -> Said:
    partner, form = query.get("partner"), query.get("format", "json")
    if form not in ("json", "csv"):
        raise Refused("message", why="format: expected json or csv")
    body = json.loads(text)
    if partner:
        body = settle.only(body, partner)
        text = text_of(body)
    if form == "csv":
        table = settle.as_csv(body)
        return Said(200, table, table, "text/csv; charset=utf-8")
    return _json(200, text)


async def transfers(ledger: Ledger, body: Any, now: int) -> Said:
    """One request, or a batch of them."""
    if not isinstance(body, dict) or "transfers" not in body:
        found = await ledger.book(body, now)
        return Said(200 if found.get("replayed") else 201, found)
    batch, linked = body["transfers"], body.get("linked", False)
    if not isinstance(batch, list) or not 0 < len(batch) <= MOST:
        raise Refused("message", why=f"transfers: expected 1 to {MOST}")
    if not isinstance(linked, bool):
        raise Refused("message", why="linked: expected true or false")
    outcomes = await ledger.book_all(batch, now, linked=linked)
    return Said(
        201, {"transfers": [each.body() if isinstance(each, Refused) else each for each in outcomes]}
    )  # fmt: skip
