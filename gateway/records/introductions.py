"""Who is asked whether they would like to meet somebody; each one's answer is sealed with their own key."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gateway.events.event import Data, Event
from gateway.events.times import seconds
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Erased, Unreadable
from gateway.records.house_documents import opened
from gateway.records.writer import Tx


def _ms(time: str) -> int:
    return round((seconds(time) or 0.0) * 1000)


def _open(tx: Tx, event: Event, data: Data) -> None:
    tx.db.conn.execute(
        "INSERT INTO introductions (id, one, other, opened_at, made_at, stopped_at, json) VALUES (?, ?, ?, ?, NULL,"
        " NULL, ?) ON CONFLICT (id) DO NOTHING",
        (data["id"], data["one"], data["other"], seconds(data["opened_at"]), json.dumps(data, ensure_ascii=False)),
    )


def _answer(tx: Tx, event: Event, data: Data) -> None:
    id_ = f"{data['id']}.{data['customer']}"
    sealed = tx.keyring.seal(data["customer"], data, place=f"introduction_answers/{id_}")
    tx.db.conn.execute(
        "INSERT INTO introduction_answers (id, customer, introduction, sealed) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed",
        (id_, data["customer"], data["id"], sealed),
    )


def _made(tx: Tx, event: Event, data: Data) -> None:
    sql = "UPDATE introductions SET made_at = ? WHERE id = ? AND made_at IS NULL"
    tx.db.conn.execute(sql, (seconds(data["at"]), data["id"]))


def _stop(tx: Tx, event: Event, data: Data) -> None:
    sql = "UPDATE introductions SET stopped_at = ? WHERE id = ? AND stopped_at IS NULL"
    tx.db.conn.execute(sql, (seconds(data["at"]), data["id"]))


Introduction = dict[str, Any]
"""``id, one, other, why, by``, ``answers`` by customer, and times in milliseconds since 1970 UTC."""

APPLIED: dict[str, Callable[[Tx, Event, Data], None]] = {
    "introduction.opened": _open,
    "introduction.answered": _answer,
    "introduction.made": _made,
    "introduction.stopped": _stop,
}

# --- what is so ------------------------------------------------------------------------------------------------------


def get(reader: SealedDatabase, introduction: str) -> Introduction | None:
    """One with the answers that can be read; None where there is none."""
    return next(iter(_select(reader, "id = ?", introduction)), None)


def every(reader: SealedDatabase) -> list[Introduction]:
    """All of them, the latest first."""
    return _select(reader, "1")


def of_customer(reader: SealedDatabase, customer: str) -> list[Introduction]:
    """Those that are about one record."""
    return _select(reader, "one = ? OR other = ?", customer, customer)


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Introduction]:
    sql = f"SELECT id, made_at, stopped_at, json FROM introductions WHERE {where} ORDER BY opened_at DESC, id"  # noqa: S608 - ours
    found = []
    for id_, made_at, stopped_at, text in reader.conn.execute(sql, values).fetchall():
        data = opened(reader, f"introductions/{id_}", text)
        if data is not None:
            found.append(_read(reader, data, made_at, stopped_at))
    return found


def _read(reader: SealedDatabase, data: Data, made_at: float | None, stopped_at: float | None) -> Introduction:
    answers: dict[str, str] = {}
    sql = "SELECT id, customer, sealed FROM introduction_answers WHERE introduction = ?"
    for id_, customer, sealed in reader.conn.execute(sql, (data["id"],)).fetchall():
        with suppress(Unreadable, Erased):
            said = reader.keyring.open(customer, sealed, place=f"introduction_answers/{id_}")
            answers[customer] = said["answer"]
    return {
        **{name: data[name] for name in ("id", "one", "other", "why", "by")}, "answers": answers,
        "opened_at": _ms(data["opened_at"]), "lapses_at": _ms(data["lapses_at"]),
        "made_at": None if made_at is None else round(made_at * 1000),
        "stopped_at": None if stopped_at is None else round(stopped_at * 1000),
    }  # fmt: skip
