"""What a file of customers comes to, as events: one for each new fact, none for what is so already.

for some in batches(rows):
    news, done = plan(reader, some, now, doubts, document=document)   # reads and decides; the caller records
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from gateway.consent.ledger import IMPORTED
from gateway.consent.purposes import RECOGNISE
from gateway.events import venue_time
from gateway.events.event import News
from gateway.events.times import new_id, seconds
from gateway.records import aliases, consent_files, consents, customers
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Consent
from gateway.records.customers import FILED, FOR_GOOD, Customer
from gateway.records.doubtful import Doubts
from gateway.records.exchange import Problem, Row
from gateway.records.receipts import new_receipt_id

Source = Literal["import", "demo"]

AT_ONCE = 80  # rows in one transaction, some 60 ms of the writer: between two, doors and tablets have their turn
CONSENTS = frozenset({"consent.granted", "consent.revoked"})
METHOD = IMPORTED  # how a consent in a file was given, as far as we know


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
    receipts: bool = False,
    drawn: Mapping[str, str] | None = None,
) -> tuple[list[News], Imported]:
    """The events that bring these rows into the records, and what they come to; no row names what another one does.

    Where it is only ``tried`` what each row changes is said as well. With ``receipts`` each customer for whom the file
    says or ends something has one of it: the journal knows then who answers for the data. ``drawn`` are ids for those
    of the whole file whom other rows name.

    A consent that the customer took back is not given again by a file, and an identifier of somebody else stays theirs.
    """
    planned = _Plan(reader, rows, at, document, source, drawn or {}, receipts=receipts)
    for row in rows:
        planned.done.doubts += [Problem(row.line, reason) for reason in doubts.of(reader, row, at)]
        before = len(planned.news)
        planned.row(row)
        if tried and (said := [in_words(news) for news in planned.news[before:] if news.type != "receipt.made"]):
            planned.done.changes.append(Problem(row.line, f"{row.customer}: {'; '.join(said)}"))
    return planned.news, planned.done


def drawn(rows: Sequence[Row]) -> dict[str, str]:
    """Ids of ours for those of a file whom other rows name, where they are new: each row may come before the other."""
    named = {each for row in rows for each in row.more.get("meets", ())}
    return {row.customer: aliases.new_id() for row in rows if row.customer in named}


def in_words(news: News) -> str:
    """What an event of an import changes; of a tag or phone its scheme alone, as anywhere."""
    data = news.data
    match news.type:
        case "customer.enrolled":
            return f"new, {data['name']}"
        case "customer.changed":
            return ", ".join(
                f"{name} {_text(data['was'][name])} → {_text(now)}" for name, now in data["changed"].items()
            )
        case "wish.changed":
            return f"wishes: {', '.join(data['wishes'])}"
        case "credential.given":
            return f"tag or phone: {data['scheme']}"
        case "consent.revoked":
            return f"consent ends: {data['purpose']}"
        case _:
            expires = seconds(data["expires"])
            return f"consent: {data['purpose']}" + (f" until {venue_time.ending_text(expires)}" if expires else "")


def _text(value: str | list[str] | None) -> str:
    return (";".join(value) if isinstance(value, list) else value) or "-"


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

    def __init__(
        self, reader: SealedDatabase, rows: Sequence[Row], at: float, document: str, source: Source,
        drawn: Mapping[str, str], *, receipts: bool,
    ) -> None:  # fmt: skip
        self.news: list[News] = []
        self.done = Imported()
        self._reader = reader
        self._at = at
        self._document = document
        self._source = source
        named = {each for row in rows for each in (row.customer, *row.more.get("meets", ()))}
        self._ids = {**drawn, **aliases.every(reader, named)}
        self._receipts = receipts
        self._known = _known(reader, [self._ids.get(row.customer, row.customer) for row in rows])
        self._lines: dict[str, int] = {}
        self._owners = _owners(reader, [identifier for row in rows for identifier in row.identifiers])

    def row(self, row: Row) -> None:
        """Plans one row."""
        self.done.customers += 1
        named, first = row.customer, len(self.news)
        before = self._known.get(self._ids.get(named, named))
        if why := self._refused(named, before):
            self.done.problems.append(Problem(row.line, f"customer: {why}"))
            return
        id_ = before.id if before is not None else self._ids.get(named) or aliases.new_id()
        self._lines[id_] = row.line
        more = {name: self._met(value) if name == "meets" else value for name, value in row.more.items()}
        row = replace(row, customer=id_, more=more)
        if before is None:
            self._enrol(row, named)
        else:
            self._change(row, before)
        self._give(row)
        self._grant(row, new=before is None)
        self._receipt(row, self.news[first:])

    def _refused(self, named: str, before: Customer | None) -> str | None:
        """Why nothing is taken of a row about whom it names so; None where it is."""
        if before is not None and before.id in self._lines:
            return f"{named!r} is who stands in line {self._lines[before.id]} already"
        if before is not None:
            return None
        if why := aliases.wrong_alias(named):
            return f"{named!r} {why}"
        if aliases.erased(self._reader, named):
            return "was erased here, and no file brings them back; who comes again has another id"
        return None

    def _receipt(self, row: Row, said: Sequence[News]) -> None:
        """A receipt of everything that holds, where the file agrees to something or ends it: as of each other act."""
        acts = [each for each in said if each.type in CONSENTS]
        if acts and self._receipts:
            receipt = new_receipt_id(self._at + self.done.customers / 1_000)  # one a millisecond: an id says when
            for act in acts:
                act.data["receipt"] = receipt
            self._say("receipt.made", row, {"receipt": receipt, "document": {}})

    def _met(self, named: Sequence[str]) -> list[str]:
        """Whom they meet, by our ids; who is not known yet stays as they are named, and is looked for at each look."""
        return list(dict.fromkeys(self._ids.get(each, each) for each in named))

    def _enrol(self, row: Row, alias: str) -> None:
        nothing_yet: dict[str, Any] = {"wishes": [], "birthday": None, "meets": []}
        facts = {name: getattr(row, name) for name in FILED}
        whole = {"alias": alias, **facts, **nothing_yet, **row.more}
        self._say("customer.enrolled", row, {**whole, "source": self._source})
        self.done.new += 1

    def _change(self, row: Row, before: Customer) -> None:
        said = {**{name: getattr(row, name) for name in FILED}, **row.more}
        if "wishes" in said:  # a file adds wishes and takes none back, as with consents
            said["wishes"] = list(dict.fromkeys([*before.wishes, *said["wishes"]]))
        changed = {name: value for name, value in said.items() if value != getattr(before, name)}
        if changed:
            was = {name: getattr(before, name) for name in changed}
            self._say("customer.changed", row, {"changed": changed, "was": was, "source": self._source})
            self.done.changed += 1
        if "wishes" in changed:
            self._say("wish.changed", row, {"wishes": changed["wishes"], "was": was["wishes"]})
            if FOR_GOOD in changed["wishes"] and FOR_GOOD not in was["wishes"]:
                self._stop(row)

    def _give(self, row: Row) -> None:
        for number, identifier in enumerate(row.identifiers, 1):
            owner, tid = self._owners.get(identifier), row.tids.get(identifier)
            if owner is None:
                self._credential(row, new_id(self._at), identifier, "", tid)
                self.done.credentials += 1
            elif owner != row.customer:
                other = aliases.of(self._reader, owner) or owner
                reason = f"identifiers: number {number} belongs to customer {other!r}"
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
        for purpose, expires in row.consents:
            there = [] if new else consents.given(self._reader, row.customer, purpose)
            ends = consent_files.until(purpose, expires, self._at)
            live = [one for one in there if one.stopped_at is None and self._at < one.until and not one.partner]
            from_files = [one for one in live if one.method == METHOD and one.notice is None]
            if live and (expires is None or not from_files or ends >= max(one.until for one in live)):
                continue
            if any(one.method == METHOD and one.until in (ends, expires) for one in there if one.stopped_at is None):
                continue  # the same as a file said before
            if not live and (why := self._over(row.customer, purpose, there)):
                self.done.problems.append(Problem(row.line, f"consents: {purpose} {why}"))
                continue
            self._say("consent.granted", row, self._given(row, purpose, ends, [one.id for one in live]))
            self.done.consents += 1

    def _given(self, row: Row, purpose: str, ends: float, live: list[str]) -> dict[str, Any]:
        """A consent from this file; what came from one before, and would last longer, is ended by it."""
        if not live:
            return consent_files.given(purpose, ends, self._document, self._at, [])
        over = consent_files.ended(purpose, self._document, self._at, live)
        self._say("consent.revoked", row, over)
        lifts = [*consents.revocations_of(self._reader, row.customer, purpose), over["id"]]
        return consent_files.given(purpose, ends, self._document, self._at, lifts)

    def _over(self, customer: str, purpose: str, there: Collection[Consent]) -> str | None:
        """Why a file does not give this again; None where it may."""
        if consents.last_revoked(self._reader, customer, purpose) is not None:
            return "was taken back by the customer; a file does not give it again"
        if any(one.method == METHOD and one.notice is None and one.until <= self._at for one in there):
            return "came from a file before and has run out: it is to be asked for; a file does not give it again"
        return None

    def _stop(self, row: Row) -> None:
        """The wish not to be recognised is a stop of both ways to be."""
        for purpose in sorted(RECOGNISE):
            alive = [one.id for one in consents.consents_of(self._reader, row.customer) if one.purpose == purpose]
            self._say("consent.revoked", row, consent_files.stopped(purpose, self._document, self._at, alive))

    def _say(self, type_: str, row: Row, facts: Mapping[str, Any]) -> None:
        self.news.append(News(type_, row.customer, {"customer": row.customer, **facts}))


# --- what is there: one question for all rows -------------------------------------------------------------------------


def _known(reader: SealedDatabase, ids: Sequence[str]) -> dict[str, Customer]:
    there = reader.conn.execute(f"SELECT id FROM customers WHERE id IN ({_places(ids)})", ids).fetchall()  # noqa: S608
    found = (customers.get_customer(reader, id_) for (id_,) in there)
    return {customer.id: customer for customer in found if customer is not None}


def _owners(reader: SealedDatabase, identifiers: Sequence[str]) -> dict[str, str]:
    hashes = {each: identifier for identifier in identifiers for each in reader.keyring.fingerprints(identifier)}
    rows = reader.conn.execute(
        f"SELECT fingerprint, customer FROM credentials WHERE fingerprint IN ({_places(hashes)})",  # noqa: S608
        list(hashes),
    )
    return {hashes[bytes(fingerprint)]: customer for fingerprint, customer in rows.fetchall()}


def _places(values: Collection[object]) -> str:
    return ",".join("?" * len(values))
