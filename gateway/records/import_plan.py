"""What a file of customers comes to, as events: one for each new fact, none for what is so already.

for some in batches(rows):
    news, done = plan(reader, some, now, doubts, document=document)   # reads and decides; the caller records
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from gateway.events import venue_time
from gateway.events.event import News
from gateway.events.times import iso, new_id, seconds
from gateway.records import consents, customers
from gateway.records.connection import SealedDatabase
from gateway.records.customers import FILED, Customer
from gateway.records.doubtful import Doubts
from gateway.records.exchange import Problem, Row

Source = Literal["import", "demo"]

AT_ONCE = 200  # rows in one transaction, some 60 ms of the writer: between two, doors and tablets have their turn
METHOD = "imported"  # how a consent in a file was given, as far as we know


@dataclass(slots=True)
class Imported:
    """What an import did; ``problems`` are rows, or parts of rows, that the records contradict, ``doubts`` stand."""

    customers: int = 0
    """Rows that were read, of which some were ``new``, some ``changed``, and the others so already."""
    new: int = 0
    changed: int = 0
    credentials: int = 0
    consents: int = 0
    problems: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)
    changes: list[Problem] = field(default_factory=list)
    """What each row that brings anything would change, where it is only tried."""

    def add(self, more: Imported) -> None:
        """Counts another part of the same file."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(more, each.name))

    @property
    def news(self) -> bool:
        """Whether anything was not so before."""
        return bool(self.new or self.changed or self.credentials or self.consents)

    def shape(self) -> dict[str, Any]:
        """The same as JSON."""
        return asdict(self)


def batches(rows: Sequence[Row], at_once: int = AT_ONCE) -> Iterator[Sequence[Row]]:
    """A file in parts."""
    return (rows[start : start + at_once] for start in range(0, len(rows), at_once))


def plan(
    reader: SealedDatabase,
    rows: Sequence[Row],
    at: float,
    doubts: Doubts,
    *,
    document: str,
    source: Source = "import",
    tried: bool = False,
) -> tuple[list[News], Imported]:
    """The events that bring these rows into the records, and what they come to; no row names what another one does.

    Where it is only ``tried`` what each row changes is said as well.

    A consent that the customer took back is not given again by a file, and an identifier of somebody else stays theirs.
    """
    planned = _Plan(reader, rows, at, document, source)
    for row in rows:
        planned.done.doubts += [Problem(row.line, reason) for reason in doubts.of(reader, row, at)]
        before = len(planned.news)
        planned.row(row)
        if tried and (said := [in_words(news) for news in planned.news[before:]]):
            planned.done.changes.append(Problem(row.line, f"{row.customer}: {'; '.join(said)}"))
    return planned.news, planned.done


def in_words(news: News) -> str:
    """What an event of an import changes; of a tag or phone its scheme alone, as anywhere."""
    data = news.data
    match news.type:
        case "customer.enrolled":
            return f"new, {data['name']}"
        case "customer.changed":
            return ", ".join(
                f"{name} {data['was'][name] or '-'} → {now or '-'}" for name, now in data["changed"].items()
            )
        case "credential.given":
            return f"tag or phone: {data['scheme']}"
        case _:
            expires = seconds(data["expires"])
            return f"consent: {data['purpose']}" + (f" until {venue_time.ending_text(expires)}" if expires else "")


def finished(done: Imported, document: str) -> News:
    """The event that says what a whole file brought; ``document`` names the file by its SHA-256."""
    facts = {
        "customers": done.new + done.changed,
        "credentials": done.credentials,
        "consents": done.consents,
        "problems": len(done.problems),
        "document": document,
    }
    return News("customers.imported", document, facts)


class _Plan:
    """The events of some rows, beside what is known of their customers."""

    def __init__(self, reader: SealedDatabase, rows: Sequence[Row], at: float, document: str, source: Source) -> None:
        self.news: list[News] = []
        self.done = Imported()
        self._reader = reader
        self._at = at
        self._document = document
        self._source = source
        self._known = _known(reader, [row.customer for row in rows])
        self._owners = _owners(reader, [identifier for row in rows for identifier in row.identifiers])

    def row(self, row: Row) -> None:
        """Plans one row."""
        self.done.customers += 1
        before = self._known.get(row.customer)
        if before is None:
            self._enrol(row)
        else:
            self._change(row, before)
        self._give(row)
        self._grant(row, new=before is None)

    def _enrol(self, row: Row) -> None:
        nothing_yet: dict[str, Any] = {"wishes": [], "birthday": None, "meets": []}
        facts = {name: getattr(row, name) for name in FILED}
        self._say("customer.enrolled", row, {**facts, **nothing_yet, "source": self._source})
        self.done.new += 1

    def _change(self, row: Row, before: Customer) -> None:
        changed = {name: getattr(row, name) for name in FILED if getattr(row, name) != getattr(before, name)}
        if changed:
            was = {name: getattr(before, name) for name in changed}
            self._say("customer.changed", row, {"changed": changed, "was": was, "source": self._source})
            self.done.changed += 1

    def _give(self, row: Row) -> None:
        for number, identifier in enumerate(row.identifiers, 1):
            owner, tid = self._owners.get(identifier), row.tids.get(identifier)
            if owner is None:
                self._credential(row, new_id(self._at), identifier, "", tid)
                self.done.credentials += 1
            elif owner != row.customer:
                reason = f"identifiers: number {number} belongs to customer {owner!r}"
                self.done.problems.append(Problem(row.line, reason))
            elif tid is not None:
                self._tell_chip(row, identifier, tid)

    def _tell_chip(self, row: Row, identifier: str, tid: str) -> None:
        """A tag that is there already gets its chip's number, and keeps its label."""
        there = customers.credentials_of(self._reader, row.customer)
        known = next((one for one in there if one.identifier == identifier), None)
        if known is not None and known.tid != tid:
            self._credential(row, known.id, identifier, known.label, tid)

    def _credential(self, row: Row, id_: str, identifier: str, label: str, tid: str | None) -> None:
        facts = {"scheme": identifier.partition(":")[0], "identifier": identifier, "label": label, "tid": tid}
        self._say("credential.given", row, {"credential": id_, **facts})

    def _grant(self, row: Row, *, new: bool) -> None:
        there = [] if new or not row.consents else consents.consents_of(self._reader, row.customer)
        live = {consent.purpose: _written(consent.expires) for consent in there}
        for purpose, expires in row.consents:
            until = _written(expires)
            if purpose in live and live[purpose] == until:
                continue
            if not new and purpose not in live and self._taken_back(row.customer, purpose):
                reason = f"consents: {purpose} was taken back by the customer; a file does not give it again"
                self.done.problems.append(Problem(row.line, reason))
                continue
            unsaid: dict[str, Any] = {"text_version": None, "witness": None, "lifts": []}
            facts = {"purpose": purpose, "method": METHOD, "document": self._document, "expires": until}
            self._say("consent.granted", row, {**facts, **unsaid})
            self.done.consents += 1

    def _taken_back(self, customer: str, purpose: str) -> bool:
        return consents.last_revoked(self._reader, customer, purpose) is not None

    def _say(self, type_: str, row: Row, facts: Mapping[str, Any]) -> None:
        self.news.append(News(type_, row.customer, {"customer": row.customer, **facts}))


def _written(expires: float | None) -> str | None:
    return None if expires is None else iso(expires)


# --- what is there: one question for all rows -------------------------------------------------------------------------


def _known(reader: SealedDatabase, ids: Sequence[str]) -> dict[str, Customer]:
    there = reader.conn.execute(f"SELECT id FROM customers WHERE id IN ({_places(ids)})", ids).fetchall()  # noqa: S608
    found = (customers.get_customer(reader, id_) for (id_,) in there)
    return {customer.id: customer for customer in found if customer is not None}


def _owners(reader: SealedDatabase, identifiers: Sequence[str]) -> dict[str, str]:
    hashes = {reader.keyring.fingerprint(identifier): identifier for identifier in identifiers}
    rows = reader.conn.execute(
        f"SELECT fingerprint, customer FROM credentials WHERE fingerprint IN ({_places(hashes)})",  # noqa: S608
        list(hashes),
    )
    return {hashes[bytes(fingerprint)]: customer for fingerprint, customer in rows.fetchall()}


def _places(values: Collection[object]) -> str:
    return ",".join("?" * len(values))
