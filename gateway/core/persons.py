"""Everything about one person, out of a house as a file, and out of a file into another house of the same brand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.consent import trust, verify
from gateway.consent.ledger import GIVING
from gateway.consent.trust import Trust
from gateway.core.state import Memory
from gateway.events.catalogue import model
from gateway.events.event import Event, News
from gateway.events.times import END_OF_TIME, iso
from gateway.recognition.identifiers import BadIdentifier, parse
from gateway.records import (
    aliases,
    customers,
    expected,
    merges,
    mistakes,
    person_rows,
    preferences,
    promises,
    receipt_keys,
    seats,
    visits,
)
from gateway.records.connection import SealedDatabase
from gateway.records.facts import merge
from gateway.records.ids import CUSTOMER_ID, damaged
from gateway.records.person_file import NoPerson, PersonFile, gathered, read, written
from gateway.records.person_rows import LEDGER, Row
from gateway.records.rebuild import scratch_of
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import sqlite3
from gateway.records.values import starter
from gateway.records.writer import Tx
from gateway.service.alert import Alert, Refused
from gateway.service.asks import Ask
from gateway.service.owed import Owed

MOST_SAID = 50  # mistakes that are named


@dataclass(slots=True)
class Brought:
    """What a file would bring, or has brought: how many rows, and the consents that no receipt bears out."""

    person: str
    news: News
    rows: dict[str, int] = field(default_factory=dict)
    consents: int = 0
    left_out: list[str] = field(default_factory=list)

    def shape(self) -> dict[str, Any]:
        """As it is answered."""
        return {"customer": self.person, "rows": self.rows, "consents": self.consents, "left_out": self.left_out}


def trusting(keyring: Keyring, also: object = None) -> Trust:
    """Whose receipts count: those of this house's operator, and of a file of keys ``also``. Raises BadTrust."""
    own = trust.read(receipt_keys.exported(keyring))
    if also is not None:
        other = trust.read(also)
        own.operators |= other.operators
        own.stolen |= other.stolen
        own.certificates |= other.certificates
    return own


def records_of(reader: SealedDatabase, customer: str) -> list[str]:
    """The ids of all records of one person, who is kept in front."""
    found = [merges.root(reader, customer)]
    for each in found:
        found += [one.other for one in merges.of(reader, each) if one.other not in found]
    return found


# --- out and in again ------------------------------------------------------------------------------------------------


def lost_on_the_way(reader: SealedDatabase, customer: str) -> list[str]:
    """What of somebody's file would not be the same once it was in an empty house: tables, and parts of the file.

    Nothing is written: the empty tables are in memory.
    """
    file = gathered(reader, records_of(reader, customer), "", {"id": ""}, 0.0)
    back = read(written(file, {}))
    lost = [part.name for part in fields(PersonFile) if getattr(file, part.name) != getattr(back, part.name)]
    with closing(scratch_of(reader.keyring)) as scratch:
        try:
            person_rows.put(Tx(scratch, scratch.keyring), back.rows)
            again = person_rows.rows(scratch, back.records)
        except (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError):
            return [*lost, "rows"]
    return lost + [table for table, rows in back.rows.items() if again.get(table) != rows]


# --- in --------------------------------------------------------------------------------------------------------------


def plan(
    reader: SealedDatabase, file: PersonFile, document: str, brand: str, known: Trust, reason: str | None
) -> Brought:
    """What the file brings into these tables, as the one event that says so.

    Raises NoPerson for a file that is not in order, and Refused(409) where somebody here stands in its way.
    """
    if file.brand != brand:
        raise Refused(409, f"the file is of brand {file.brand!r}, and this house of {brand!r}: what was agreed is not")
    strangers(reader, file)
    rows = {table: each for table, each in file.rows.items() if each}
    problems = [*person_rows.wrong(reader, rows, file.records), *_ledger_problems(reader, file)]
    if not problems:
        problems = list(_not_ours(reader, rows, file))
    if problems:
        raise NoPerson("; ".join(problems[:MOST_SAID]))
    free(reader, rows)
    good, left_out = _ledger(file, brand, known)
    over = {table: [_over(table, row, file, rows) for row in each] for table, each in rows.items()}
    kept = {
        "journal": file.journal,
        "ledger": left_out,
        "parts": {name: raw.hex() for name, raw in file.parts.items()},
    }
    ask_again = sorted(str(row.get("purpose")) for row in left_out if row.get("stopped_at") is None)
    data = {
        "customer": file.person, "house": file.house["id"], "exported_at": iso(file.exported_at), "reason": reason,
        "document": document, "rows": {**over, **good}, "kept": kept, "left_out": len(left_out),
    }  # fmt: skip
    return Brought(
        file.person, News("person.imported", file.person, data), {name: len(each) for name, each in over.items()},
        sum(row["act"] in GIVING for row in good.get("consents", ())), ask_again,
    )  # fmt: skip


def strangers(reader: SealedDatabase, file: PersonFile) -> None:
    """Nobody of the file is known here, nor was erased here: that outranks every file."""
    for record in file.records:
        if damaged(record) or not CUSTOMER_ID.fullmatch(record):
            raise NoPerson(f"{record[:70]!r} is no id of a customer")
        if reader.conn.execute("SELECT 1 FROM customers WHERE id = ?", (record,)).fetchone():
            raise Refused(409, f"{record} is known here already")
        if aliases.holder(reader, record) is not None:
            raise Refused(409, f"{record} is what another customer is called here")
        if reader.keyring.erased(record):
            raise Refused(409, f"{record} was erased here, and no file brings them back")


def free(reader: SealedDatabase, rows: Mapping[str, Sequence[Row]]) -> None:
    """No id and no tag of the file is anybody else's here."""
    for row in rows.get("customers", ()):
        alias = row["data"].get("alias")
        if alias is not None and (aliases.holder(reader, alias) or customers.get_customer(reader, alias)):
            raise Refused(409, f"{alias} is what another customer is called here")
        if alias is not None and aliases.erased(reader, alias):
            raise Refused(409, f"{alias} was erased here, and no file brings them back")
    for row in rows.get("credentials", ()):
        if customers.owner_of(reader, row["data"]["identifier"]) is not None:
            raise Refused(409, "a tag or phone of the file belongs to another customer here")
    for table, some in rows.items():
        if "id" in person_rows.columns(reader, table):
            for row in some:
                sql = f"SELECT 1 FROM {table} WHERE id = ?"  # noqa: S608 - one of our tables
                if reader.conn.execute(sql, (row["id"],)).fetchone():
                    raise Refused(409, f"{table}: {row['id']} is somebody else's here")


def _over(table: str, row: Row, file: PersonFile, rows: Mapping[str, Sequence[Row]]) -> Row:
    """A row as it is once its house is left: a visit that went on is over, and so are its cards and what was for it."""
    at = iso(file.exported_at)
    if table == "visits" and row["closed_at"] is None:
        return {**row, "closed_at": at}
    if table == "alerts" and row["is_open"]:
        data = {**row["data"], "state": "closed", "outcome": "left", "closed_at": at}
        return {**row, "is_open": 0, "changed_at": at, "data": data}
    going_on = {visit["id"] for visit in rows.get("visits", ()) if visit["closed_at"] is None}
    if table == "preferences" and row["one_off"] and row["ended_at"] is None and row["visit"] in going_on:
        return {**row, "ended_at": at}
    return row


# --- what was agreed to ----------------------------------------------------------------------------------------------


def _ledger_problems(reader: SealedDatabase, file: PersonFile) -> Iterator[str]:
    for number, row in enumerate(file.ledger):
        table = row.get("table")
        if table not in LEDGER:
            yield f"ledger.jsonl, line {number + 1}: {table!r} is none of {', '.join(LEDGER)}"
            continue
        bare = {name: value for name, value in row.items() if name != "table"}
        yield from person_rows.wrong(reader, {str(table): [bare]}, file.records, known=LEDGER)


def _ledger(file: PersonFile, brand: str, known: Trust) -> tuple[dict[str, list[Row]], list[Row]]:
    """The rows that count here, by table, and those that do not: consents that no receipt of this brand bears out."""
    borne_out = set(_borne_out(file, brand, known))
    good: dict[str, list[Row]] = {}
    left_out = []
    for row in file.ledger:
        if row["table"] == "consents" and row["act"] in GIVING and row["id"] not in borne_out:
            left_out.append(row)
        else:
            good.setdefault(row["table"], []).append({name: each for name, each in row.items() if name != "table"})
    return good, left_out


def _borne_out(file: PersonFile, brand: str, known: Trust) -> Iterator[str]:
    """The ids of the entries that a good receipt of this person and brand says were given."""
    for raw in file.receipts.values():
        try:
            receipt = verify.read(raw.decode("utf-8"))
            verdict = verify.verify(receipt, known)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        core = verdict.core or {}
        if verdict.state == "good" and verdict.whole and core["sub"] in file.records and core["brand"] == brand:
            yield from (str(event["event_id"]) for event in receipt["events"])


# --- whether it is what our own tables could hold --------------------------------------------------------------------


def _not_ours(reader: SealedDatabase, rows: Mapping[str, Sequence[Row]], file: PersonFile) -> Iterator[str]:
    """What the rows are not, put into empty tables and read as we read ours."""
    with closing(scratch_of(reader.keyring)) as scratch:
        try:
            person_rows.put(Tx(scratch, scratch.keyring), rows)
            broken = scratch.conn.execute("PRAGMA foreign_key_check").fetchall()
        except (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError) as error:
            yield f"the rows do not fit into our tables: {error}"
            return
        yield from (f"{each[0]}: a row of it hangs in the air" for each in broken[:MOST_SAID])
        for name, look in READS.items():
            try:
                look(scratch, file.records)
            except (ValidationError, BadIdentifier, ValueError, TypeError, KeyError, AttributeError) as error:
                yield f"{name}: {_first(error)}"


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        wrong = error.errors(include_input=False, include_url=False)[0]
        return f"{'/'.join(map(str, wrong['loc']))}: {wrong['msg']}"
    return str(error)[:120] or type(error).__name__


def _typed(facts: str, data: Mapping[str, Any]) -> None:
    """Raises ValidationError where a member is not what the catalogue says; some may be missing."""
    try:
        TypeAdapter(model(facts)).validate_python(data, strict=True)
    except ValidationError as error:
        if any(each["type"] not in ("missing", "extra_forbidden") for each in error.errors(include_url=False)):
            raise


def _people(scratch: SealedDatabase, records: Collection[str]) -> None:
    for record in records:
        found = customers.get_customer(scratch, record)
        if found is None:
            raise ValueError(f"there is no row of {record}")
        _typed("customers.CustomerFacts", {name: getattr(found, name) for name in customers.FACTS})
        if found.alias is not None and (aliases.wrong_alias(found.alias) or not CUSTOMER_ID.fullmatch(found.alias)):
            raise ValueError("an alias is none")
        for each in customers.credentials_of(scratch, record):
            if parse(each.identifier) != each.identifier:
                raise ValueError("a tag or phone is not written as we write it")


def _facts(scratch: SealedDatabase, records: Collection[str]) -> None:
    found = [fact for record in records for fact in preferences.facts_of(scratch, record)]
    for fact in found:
        _typed("customers.PreferenceFacts", fact.data())
    merge(found, (), starter())


def _visits(scratch: SealedDatabase, records: Collection[str]) -> None:
    for record in records:
        for visit in visits.of_customer(scratch, record):
            if not (isinstance(visit.zone, str) and 0 <= visit.since < END_OF_TIME and isinstance(visit.reason, str)):
                raise ValueError(f"visit {visit.id}: expected a zone, since when, and why")
        list(seats.of_customer(scratch, record))
    expected.all_of(scratch)
    mistakes.unsettled_of(scratch, [*records])


def _documents(scratch: SealedDatabase, table: str, records: Collection[str]) -> Iterator[dict[str, Any]]:
    for row in person_rows.rows(scratch, [*records]).get(table, ()):
        data: dict[str, Any] = row["data"]
        if any(row[name] != data[name] for name in ("customer", "visit") if name in data):
            raise ValueError("a row and what is in it are of two customers or visits")
        yield data


def _asks(scratch: SealedDatabase, records: Collection[str]) -> None:
    for data in _documents(scratch, "asks", records):
        _typed("alerts.AskFacts", Ask.from_data(data).data())


def _owed(scratch: SealedDatabase, records: Collection[str]) -> None:
    for data in _documents(scratch, "promises", records):
        _typed("alerts.OwedFacts", Owed.from_data(data).data())


def _alerts(scratch: SealedDatabase, records: Collection[str]) -> None:
    for data in _documents(scratch, "alerts", records):
        _typed("alerts.AlertFacts", Alert.from_data(data).data())


READS: Mapping[str, Callable[[SealedDatabase, Collection[str]], None]] = {
    "customers": _people, "preferences": _facts, "visits": _visits, "asks": _asks, "promises": _owed,
    "alerts": _alerts,
}  # fmt: skip


# --- into memory -----------------------------------------------------------------------------------------------------


def take_in(memory: Memory, reader: SealedDatabase, event: Event) -> None:
    """Somebody came in a file: memory knows of them what a start would make of the tables."""
    rows = event.data["rows"]
    records = [row["id"] for row in rows.get("customers", ())]
    memory.people.forget(*records)
    for each in merges.live(reader):
        if each.other in records:
            memory.family.merge(each.kept, each.other, each.at)
    memory.people.admit(event.subject)
    for mistake in mistakes.unsettled_of(reader, records):
        memory.people.suspect(mistake.customer, mistake.credentials)
    if rows.get("expected"):
        memory.expecting.restore(reader)
    for row in [*promises.open_promises(reader), *promises.open_complaints(reader)]:
        if row["customer"] in records and memory.meet(row["customer"]) is not None:
            memory.dues.put(Owed.from_data(row))
    memory.known.forget(event.subject)
