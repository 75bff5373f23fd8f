"""What a feed says, read from the wire: rows are held against their own hashes where they bring them whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.events import hlc
from gateway.hub import rows
from gateway.hub.problems import HubProblem
from gateway.hub.rows import Row
from gateway.hub.wire import Unfit, epoch, names_of, number, table
from gateway.hub.wire import rows as array
from gateway.joined.intake import Item
from gateway.records import chain

MOST_ITEMS, MOST_ROWS = 5_000, 100_000
_KNOWN = frozenset({"number", "kind", "customer", "origin", "epoch", "hlc", "row", "rows", "part", "last", "names"})


def items_of(value: object) -> list[Item]:
    """The items of one message; raises Unfit."""
    return [_item(table(each, "an item")) for each in array(value, "items", MOST_ITEMS)]


def _item(said: Mapping[str, Any]) -> Item:
    wires = array(said["rows"], "rows", MOST_ROWS) if "rows" in said else [said["row"]] if said.get("row") else []
    try:
        stamp = hlc.parse(str(said.get("hlc")))
    except ValueError as error:
        raise Unfit(str(error)) from None
    return Item(
        number(said.get("number"), "number"),
        str(said.get("kind")),
        str(said.get("customer") or ""),
        str(said.get("origin")),
        epoch(said.get("epoch")),
        stamp,
        tuple(_row(wire) for wire in wires),
        number(said.get("part", 1), "part", 1),
        said.get("last", True) is True,
        _names(said.get("names")),
        {key: each for key, each in said.items() if key not in _KNOWN},
    )


def _names(value: object) -> dict[str, dict[str, str]]:
    said = value if isinstance(value, Mapping) else {}
    return {venue: name for venue, each in said.items() if isinstance(venue, str) and (name := names_of(each))}


def _row(wire: object) -> Row:
    members = table(wire, "a row")
    try:
        head = chain.read_head(str(members.get("head")))
        return rows.one(head.origin, head.epoch, None, wire)
    except (ValueError, HubProblem) as error:
        raise Unfit(f"a row of a feed: {error}") from None
