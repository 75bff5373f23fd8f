"""The JSON Schema of a file about one person, made of the columns of our tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.records.person_rows import HIDDEN, LEDGER, SHAPES

DRAFT = "https://json-schema.org/draft/2020-12/schema"
KINDS: Mapping[str, Any] = {
    "TEXT": {"type": ["string", "null"]},
    "INTEGER": {"type": ["integer", "null"]},
    "REAL": {"type": ["string", "null"], "format": "date-time"},
    "BLOB": {"type": ["string", "null"], "pattern": "^([0-9a-f]{2})*$"},
}
TIME = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}


def schema(name: str, tables: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The schema of format ``name``; ``tables`` are the columns of each table with their types."""
    rows = {table: row_schema(table, kinds) for table, kinds in tables.items()}
    return {
        "$schema": DRAFT,
        "title": name,
        "description": "person.json; the lines of ledger.jsonl and journal.jsonl, and recipients.json, under $defs",
        **_object({
            "format": {"const": name}, "person": TEXT, "records": {"type": "array", "items": TEXT}, "brand": TEXT,
            "house": {"type": "object", "required": ["id"], "properties": {"id": TEXT}}, "exported_at": TIME,
            "rows": {
                "type": "object", "additionalProperties": False,
                "properties": {table: _list(row) for table, row in rows.items() if table not in LEDGER},
            },
        }),
        "$defs": {
            "ledger line": {"oneOf": [_of_ledger(table, rows[table]) for table in LEDGER if table in rows]},
            "journal line": _object({
                "id": TEXT, "at": TIME, "type": TEXT, "by": TEXT, "house": TEXT, "data": {"type": "object"},
            }),
            "recipients": _list(_object({
                "recipient": TEXT, "kind": {"enum": ["webhook", "program", "partner"]}, "first": TIME, "last": TIME,
                "times": {"type": "integer"}, "types": _list(TEXT), "members": _list(TEXT),
                "waits_since": KINDS["REAL"],
            })),
        },
    }  # fmt: skip


def row_schema(table: str, kinds: Mapping[str, str]) -> dict[str, Any]:
    """The schema of one row as the file shows it."""
    members = {name: KINDS[kind] for name, kind in kinds.items() if name != "sealed"}
    if "sealed" in kinds:
        parts = SHAPES.get(table)
        text = {"type": ["string", "null"]}
        members["data"] = {} if parts is None else _object(dict.fromkeys(parts, text))
    return _object({name: each for name, each in members.items() if name not in HIDDEN.get(table, ())})


def _of_ledger(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return _object({"table": {"const": table}, **row["properties"]})


def _object(members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(members),
        "properties": dict(members),
        "additionalProperties": False,
    }


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}
