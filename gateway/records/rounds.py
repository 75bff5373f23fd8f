"""Menus and rounds; of each the whole, as its events made it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.events import folds
from gateway.events.event import Data, Event
from gateway.events.times import iso, seconds
from gateway.records import asks
from gateway.records.connection import SealedDatabase
from gateway.records.document_table import Document
from gateway.records.house_documents import opened
from gateway.records.writer import Tx

MENU = ("menu", "question", "items")

# --- menus -----------------------------------------------------------------------------------------------------------


def change_menu(tx: Tx, event: Event, data: Data) -> None:
    """Records a menu as it is from now on; one that is removed is gone."""
    if data["removed"]:
        tx.db.conn.execute("DELETE FROM menus WHERE menu = ?", (data["menu"],))
        return
    there = _menu(tx.db, data["menu"])
    sold = there[0]["sold"] if there is not None else {}
    document = {**{name: data[name] for name in MENU}, "sold": folds.counted_after(sold, data)}
    if there is None or there[1] < event.sequence:
        _save_menu(tx, document, event)


def count(tx: Tx, event: Event, data: Mapping[str, Any]) -> None:
    """Records that there is one less of an item of a menu, or one more; by one event only once."""
    if data["menu"] is None or (data["takes"] is None and data["gives_back"] is None):
        return
    there = _menu(tx.db, data["menu"])
    if there is not None and there[1] < event.sequence:
        _save_menu(tx, {**there[0], "sold": folds.sold_after(there[0]["sold"], data)}, event)


def sold(reader: SealedDatabase) -> dict[str, dict[str, int]]:
    """How many of each item of every menu were ordered since it was counted."""
    return {document["menu"]: document["sold"] for document in menus(reader)}


def stand(tx: Tx, event: Event, data: Mapping[str, Any]) -> None:
    """Records how many were ordered, as an event says that takes the orders of somebody along; once by one event."""
    for menu, ordered in (data.get("sold") or {}).items():
        there = _menu(tx.db, menu)
        if there is not None and there[1] < event.sequence:
            _save_menu(tx, {**there[0], "sold": dict(ordered)}, event)


def menus(reader: SealedDatabase) -> list[Document]:
    """Every menu, with how many of each item were ordered since it was counted."""
    return _opened(reader, "menus", reader.conn.execute("SELECT menu, json FROM menus ORDER BY menu"))


def _menu(db: SealedDatabase, menu: str) -> tuple[Document, int] | None:
    row = db.conn.execute("SELECT json, counted FROM menus WHERE menu = ?", (menu,)).fetchone()
    document = opened(db, f"menus/{menu}", row[0]) if row else None
    return (document, row[1]) if document is not None else None


def _save_menu(tx: Tx, document: Document, event: Event) -> None:
    tx.db.conn.execute(
        "INSERT INTO menus (menu, changed_at, counted, json) VALUES (?, ?, ?, ?) ON CONFLICT (menu) DO UPDATE SET"
        " changed_at = excluded.changed_at, counted = excluded.counted, json = excluded.json",
        (document["menu"], event.time, event.sequence, json.dumps(document, ensure_ascii=False)),
    )


# --- rounds ----------------------------------------------------------------------------------------------------------


def change(tx: Tx, event: Event, data: Data) -> None:
    """Records what became of a round."""
    before = get(tx.db, data["id"])
    if before is None and event.type != "round.started":
        return
    save(tx, after(before, event))
    if event.type == "round.changed":
        count(tx, event, data)


def after(before: Document | None, event: Event) -> Document:
    """The round as it is after an event of its own."""
    return folds.round_after(before, event.type, event.data, event.sequence, event.time)


def save(tx: Tx, document: Mapping[str, Any]) -> None:
    """Records the round as it is."""
    row = (
        document["id"], document["ended_at"] is None, seconds(document["at"]), seconds(document["ended_at"]),
        json.dumps(document, ensure_ascii=False),
    )  # fmt: skip
    tx.db.conn.execute(
        "INSERT INTO rounds (id, is_open, started_at, ended_at, json) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id)"
        " DO UPDATE SET is_open = excluded.is_open, ended_at = excluded.ended_at, json = excluded.json",
        row,
    )


def get(reader: SealedDatabase, round: str) -> Document | None:  # noqa: A002
    """The round, also one that is over."""
    row = reader.conn.execute("SELECT json FROM rounds WHERE id = ?", (round,)).fetchone()
    return opened(reader, f"rounds/{round}", row[0]) if row else None


def open_rounds(reader: SealedDatabase) -> list[Document]:
    """The rounds that go on, oldest first."""
    sql = "SELECT id, json FROM rounds WHERE is_open = 1 ORDER BY started_at, id"
    return _opened(reader, "rounds", reader.conn.execute(sql))


def _opened(reader: SealedDatabase, table: str, rows: Iterable[tuple[str, str]]) -> list[Document]:
    """The documents of these rows (id, JSON) without those that are damaged."""
    found = (opened(reader, f"{table}/{id_}", text) for id_, text in rows)
    return [document for document in found if document is not None]


def order(tx: Tx, event: Event, data: Mapping[str, Any]) -> None:
    """Records which event brought an order of a round; one that is asked anew, or is another's, is none any more."""
    if data["state"] == "open" or data["round"] is None:
        tx.db.conn.execute("DELETE FROM orders WHERE id = ?", (data["id"],))
    else:
        tx.db.conn.execute(
            "INSERT INTO orders (id, round, count, sequence, received) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET count = excluded.count, sequence = excluded.sequence,"
            " received = excluded.received WHERE count <> excluded.count",
            (data["id"], data["round"], data["count"], event.sequence, event.time),
        )


def orders(reader: SealedDatabase, round: str) -> list[tuple[Document, int, float]]:  # noqa: A002
    """What guests ordered in a round: each ask, the event that brought it, and when that came."""
    sql = "SELECT id, sequence, received FROM orders WHERE round = ? ORDER BY sequence"
    found = []
    for id_, sequence, received in reader.conn.execute(sql, (round,)).fetchall():
        ask = asks.get(reader, id_)
        if ask is not None:
            found.append((ask, sequence, received))
    return found


def shift(tx: Tx, by: float) -> None:
    """The clock was set by so many seconds: what waits in rounds that go on has waited as long as before."""
    tx.db.conn.execute(
        "UPDATE orders SET received = received + ? WHERE round IN (SELECT id FROM rounds WHERE is_open = 1)", (by,)
    )
    for document in open_rounds(tx.db):
        waiting = {
            id_: {**each, "received": iso((seconds(each["received"]) or 0.0) + by)}
            for id_, each in document["orders"].items()
        }
        save(tx, {**document, "orders": waiting})
