"""Everything about one person in one file, ``moments-person-1``: what leaves a house, and comes whole into another.

A zip of JSON that a program and a person can read: ``person.json`` with the rows of each table, ``ledger.jsonl`` with
what was agreed to and stopped, ``journal.jsonl``, ``recipients.json``, ``receipts/``, ``documents/``, the schema of it
all, and a page that explains it in both languages.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from gateway.events.times import iso, seconds
from gateway.records import person_journal, person_rows, receipts
from gateway.records.connection import SealedDatabase
from gateway.records.person_journal import Line
from gateway.records.person_readme import README
from gateway.records.person_rows import HERE_ALONE, LEDGER, NOT_OURS, Row
from gateway.records.person_schema import schema

FORMAT = "moments-person-1"
BIGGEST = 64 * 1024 * 1024  # bytes of all that is in one file
BIGGEST_JSON = 16 * 1024 * 1024  # bytes of a part that is read as JSON, which takes twenty times as much memory
MOST_PARTS = 5_000
PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # others unpack at once whatever is in them
FOLDERS = ("receipts/", "documents/")
NEEDED = ("person.json", "ledger.jsonl", "journal.jsonl", "recipients.json")
MADE = ("schema.json", "README.md")  # what explains the others, made anew each time
PART = re.compile(r"(receipts|documents)/[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
THEN = (1980, 1, 1, 0, 0, 0)  # when every part was made: the same contents are the same bytes


class NoPerson(ValueError):
    """This file is not what a house writes of one person; the text says why."""


@dataclass(slots=True)
class PersonFile:
    """What such a file says; ``house`` and ``exported_at`` are of the house that wrote it last."""

    person: str
    records: list[str]
    brand: str
    house: dict[str, Any]
    exported_at: float
    rows: dict[str, list[Row]]
    ledger: list[Row] = field(default_factory=list)
    journal: list[Line] = field(default_factory=list)
    recipients: list[dict[str, Any]] = field(default_factory=list)
    parts: dict[str, bytes] = field(default_factory=dict)
    """Receipts and documents, by their names in the file."""

    @property
    def receipts(self) -> dict[str, bytes]:
        """The receipts among the parts."""
        return {name: raw for name, raw in self.parts.items() if name.startswith("receipts/")}


def gathered(
    reader: SealedDatabase, records: Sequence[str], brand: str, house: Mapping[str, Any], at: float
) -> PersonFile:
    """All that this database holds of one person; ``records`` are their ids, who is kept in front."""
    rows = person_rows.rows(reader, records)
    lines = person_journal.lines(reader, records)
    kept = person_journal.kept_of(reader, records)
    of_here = {table: rows.pop(table) for table in [*rows] if table in HERE_ALONE and table not in LEDGER}
    ledger = [{"table": table, **row} for table in LEDGER for row in rows.pop(table, ())]
    before = [row for each in kept for row in each.get("ledger", ())]
    parts = {name: bytes.fromhex(raw) for each in kept for name, raw in each.get("parts", {}).items()}
    return PersonFile(
        records[0], list(records), brand, {**house, **({"rows": of_here} if of_here else {})}, at, rows,
        sorted([*ledger, *(row for row in before if row not in ledger)], key=_by_id), lines,
        person_journal.recipients(lines), {**parts, **parts_of(reader, records)},
    )  # fmt: skip


def parts_of(reader: SealedDatabase, records: Sequence[str]) -> dict[str, bytes]:
    """The receipts that are kept of these customers here, each as it was signed."""
    found = {}
    for record in records:
        for one in receipts.handed(reader, record):
            receipt = receipts.get(reader, one.id)
            if receipt is not None:
                found[f"receipts/{one.id}.json"] = _json(receipt)
    return found


def _by_id(row: Row) -> tuple[str, str]:
    return row["table"], str(row.get("id"))


# --- out -------------------------------------------------------------------------------------------------------------


def written(file: PersonFile, tables: Mapping[str, Mapping[str, str]]) -> bytes:
    """The zip; ``tables`` are the columns of each table with their types, for the schema."""
    person = {
        "format": FORMAT, "person": file.person, "records": file.records, "brand": file.brand, "house": file.house,
        "exported_at": iso(file.exported_at), "rows": file.rows,
    }  # fmt: skip
    parts = {
        "README.md": README.format(tables=_left_out(NOT_OURS)).encode(),
        "person.json": _json(person),
        "ledger.jsonl": _lines(file.ledger),
        "journal.jsonl": _lines(file.journal),
        "recipients.json": _json(file.recipients),
        "schema.json": _json(schema(FORMAT, tables)),
        **dict(sorted(file.parts.items())),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, raw in parts.items():
            info = zipfile.ZipInfo(name, THEN)
            info.external_attr = 0o600 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, raw)
    return out.getvalue()


def document_of(raw: bytes) -> str:
    """What tells one file from another."""
    return f"sha256:{sha256(raw).hexdigest()}"


def _left_out(tables: Mapping[str, str]) -> str:
    return "\n".join(f"- `{table}`: {why}" for table, why in tables.items())


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _lines(rows: Iterable[Any]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows).encode()


# --- in --------------------------------------------------------------------------------------------------------------


def read(raw: bytes) -> PersonFile:
    """What the file says; raises NoPerson for one that is damaged, too large, or in another format."""
    try:
        parts = _parts(raw)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise NoPerson(f"this is no zip that can be read: {error}") from None
    except ValueError as error:
        raise NoPerson(str(error)) from None
    if missing := [name for name in NEEDED if name not in parts]:
        raise NoPerson(f"{', '.join(missing)} is missing: this is no file of one person")
    try:
        return _read(parts)
    except NoPerson:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NoPerson(f"this is no file of one person in the format {FORMAT}: {_in_words(error)}") from None


def _parts(raw: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = BIGGEST
    with zipfile.ZipFile(io.BytesIO(raw)) as there:
        members = there.infolist()
        if len(members) > MOST_PARTS:
            raise NoPerson(f"it has {len(members)} parts, and at most {MOST_PARTS} are read")
        for info in members:
            if info.filename in MADE or info.is_dir():
                continue
            if info.filename not in NEEDED and not PART.fullmatch(info.filename):
                raise NoPerson(f"{info.filename[:80]!r} is no part of such a file")
            if info.compress_type not in PACKED:
                raise NoPerson(f"{info.filename} is packed in a way that is not read here; expected deflate")
            with there.open(info) as part:
                content = part.read(left + 1)
            if info.filename in NEEDED and len(content) > BIGGEST_JSON:
                raise NoPerson(f"{info.filename} has more than {BIGGEST_JSON // 1024 // 1024} MB")
            left -= len(content)
            if left < 0:
                raise NoPerson(f"it holds more than {BIGGEST // 1024 // 1024} MB")
            if info.filename in found:
                raise NoPerson(f"{info.filename} is in it twice")
            found[info.filename] = content
    return found


def _read(parts: Mapping[str, bytes]) -> PersonFile:
    person = json.loads(parts["person.json"])
    if person["format"] != FORMAT:
        raise NoPerson(f"its format is {str(person['format'])[:40]!r}, and {FORMAT} is known here")
    records = _texts(person["records"])
    if person["person"] not in records:
        raise NoPerson("the person is not among their own records")
    at = seconds(person["exported_at"])
    if not isinstance(person["exported_at"], str) or at is None:
        raise NoPerson("exported_at is no time")
    if not isinstance(person["rows"], dict) or not isinstance(person["house"], dict):
        raise NoPerson("person.json: expected rows by table, and the house")
    return PersonFile(
        person["person"], records, _text(person["brand"]), {**person["house"], "id": _text(person["house"]["id"])}, at,
        person["rows"], _rows(parts["ledger.jsonl"]), _rows(parts["journal.jsonl"]),
        _list(json.loads(parts["recipients.json"])),
        {name: raw for name, raw in parts.items() if name.startswith(FOLDERS)},
    )  # fmt: skip


def _rows(raw: bytes) -> list[dict[str, Any]]:
    return _list([json.loads(line) for line in raw.decode("utf-8").split("\n") if line])


def _list(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise NoPerson("expected a list of objects")
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or len(set(map(str, value))) != len(value):
        raise NoPerson("records: expected the ids of one person, each once")
    return [_text(each) for each in value]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NoPerson("expected a text")
    return value


def _in_words(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) and error.args else str(error)[:120]
