"""What is let go, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gateway.events.times import DAY, iso, seconds
from gateway.records import bodies, visits
from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx

SUGGESTED = "kind IN ('drawn', 'shown', 'done', 'dismissed')"
DAY_BEGAN = "CAST(strftime('%s', day) AS INTEGER)"
# Table, what is over, and the limit that holds for it.
RULES = (
    ("alerts", "is_open = 0 AND changed_at < ?", "visits"),
    ("asks", "changed_at < ? AND visit NOT IN (SELECT id FROM visits WHERE closed_at IS NULL)", "visits"),
    ("rounds", "is_open = 0 AND ended_at < ?", "visits"),
    ("promises", "is_open = 0 AND changed_at < ?", "visits"),
    ("preferences", "ended_at < ?", "visits"),
    ("statements", f"{SUGGESTED} AND {DAY_BEGAN} < ?", "visits"),
    ("visits", "closed_at < ?", "visits"),
    # A consent once it is over; every other act, and never before the consents that it may stop.
    (
        "consents",
        (
            "stopped_at < ?1 OR until < ?1 OR (act NOT IN ('given', 'renewed') AND at < ?1 AND NOT EXISTS ("
            "SELECT 1 FROM consents o WHERE o.customer = consents.customer AND o.purpose = consents.purpose"
            " AND o.act IN ('given', 'renewed') AND ifnull(o.stopped_at >= ?1, 1) AND ifnull(o.until >= ?1, 1)))"
        ),
        "receipts",
    ),
    ("signatures", "at < ?1 AND customer NOT IN (SELECT customer FROM consents)", "receipts"),
    # What a customer took away goes with the last act that it may prove.
    (
        "receipts",
        (
            "at < ?1 AND NOT EXISTS (SELECT 1 FROM consents o"
            " WHERE o.customer = receipts.customer AND o.at <= receipts.at)"
        ),
        "receipts",
    ),
    ("erasure_receipts", "at < ? AND id NOT IN (SELECT erasure FROM erasure_places WHERE done_at IS NULL)", "receipts"),
    ("sessions", "ended_at < ?1 OR last_seen < ?1", "sessions"),
    ("shifts", "until < ?", "sessions"),
    ("idempotency", "at < ?", "answers"),
    ("brought", "kind = 'journal' AND at < ?", "journal"),
)
OVER = "min(ifnull(stopped_at, 9e999), ifnull(until, 9e999), iif(act IN ('given', 'renewed'), 9e999, at))"
# When a row was over, by which it is let go.
WHEN = {
    "alerts": "changed_at", "asks": "changed_at", "rounds": "ended_at", "promises": "changed_at",
    "preferences": "ended_at", "statements": DAY_BEGAN,
    "visits": "closed_at", "consents": OVER,
    "signatures": "at", "receipts": "at", "erasure_receipts": "at",
    "sessions": "min(last_seen, ifnull(ended_at, last_seen))", "shifts": "until",
    "idempotency": "at", "brought": "at", "journal": "time",
}  # fmt: skip
WHERE_THEY_WERE = "closed_at < ? AND zones IS NULL"  # visits that are over, and of which it is still known
AT_ONCE = 1_000  # rows of a class in one run: the writer has others waiting
LEAST, SHARE = 50, 20  # of a class a day takes so many rows, or one in so many, whichever is more, and then asks
OLDEST = "number < ifnull((SELECT min(number) FROM journal WHERE time >= ?1), 1 << 62)"
NEVER = iso(0.0)
CLASSES = ("presence", "visits", "journal", "skeleton", "receipts", "sessions", "answers")
PLACES: Mapping[str, tuple[tuple[str, str], ...]] = {
    kind: tuple(
        (table, where)
        for table, where, of in (*RULES, ("visits", WHERE_THEY_WERE, "presence"), ("journal", OLDEST, "skeleton"))
        if of == kind
    )
    for kind in CLASSES
}
"""Of each class its tables, and what of them is over."""
BODIES: Mapping[str, bodies.Kind] = {kind: kind for kind in bodies.KINDS}
"""The classes to which bodies of events belong beside those rows."""
GONE: Mapping[str, tuple[str, ...]] = {
    **{kind: tuple(table for table, _ in places) for kind, places in PLACES.items()},
    "presence": ("zones", "presence"), "journal": ("brought", "bodies"),
}  # fmt: skip
"""What ``gone`` counts of each class."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days things are kept after they are over."""

    presence: float = 14  # from zone to zone: where a visit was, and the events that say so
    visits: float = 400  # a year and a season: visits, alerts, asks, closed promises, ended preferences, suggestions
    journal: float = 400  # what events say
    skeleton: float = 2_200  # the events: when something of what type happened
    receipts: float = 1_100  # three years: consents that were revoked, renewed or have expired
    sessions: float = 30
    answers: float = 7  # first answers to writes: no tablet keeps its outbox longer


@dataclass(frozen=True, slots=True)
class Measure:
    """How much a run may take: without end of the classes ``allowed``, nothing of those that are ``held``."""

    at_once: int = AT_ONCE
    allowed: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Over:
    """Of one class: how many rows it has, how many of them are over, and whether more are than a day may take."""

    kind: str
    rule: str
    rows: int
    candidates: int

    @property
    def most(self) -> int:
        """How many rows of it a day takes without a person."""
        return most_of(self.rows)

    def as_data(self, measure: Measure) -> dict[str, Any]:
        """It as a report has it; how many went is counted as it is recorded."""
        facts = {"kind": self.kind, "rule": self.rule, "rows": self.rows, "candidates": self.candidates, "deleted": 0}
        return {**facts, "asks": self.candidates > self.most and self.kind not in measure.allowed}


def most_of(rows: int) -> int:
    """How many of so many rows a day takes without a person: 50, or one in twenty."""
    return max(LEAST, rows // SHARE)


def applied(now: float, keep: Retention = Retention()) -> dict[str, Any]:
    """The data of ``retention.applied``: before when each is let go; how many went is counted as it is recorded."""
    times = {name: iso(max(0.0, now - days * DAY)) for name, days in asdict(keep).items()}
    return {**times, "gone": {}}


def looked(reader: SealedDatabase, now: float, keep: Retention = Retention()) -> list[Over]:
    """Every class as it stands: how much there is, and how much of it is over at ``now``."""
    found, days = [], asdict(keep)
    for kind, before in _before(applied(now, keep)).items():
        rows = candidates = 0
        if kind in BODIES:
            rows += bodies.rows(reader, BODIES[kind])
            candidates += bodies.over(reader, BODIES[kind], before)
        for table, where in PLACES[kind]:
            rows += reader.conn.execute(f"SELECT count(*) FROM {table}{_among(kind, table)}").fetchone()[0]  # noqa: S608
            sql = f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608 - ours
            candidates += reader.conn.execute(sql, (before,)).fetchone()[0]
        found.append(Over(kind, f"{days[kind]:g} d", rows, candidates))
    return found


def due(
    reader: SealedDatabase, now: float, keep: Retention = Retention(), measure: Measure = Measure()
) -> dict[str, Any] | None:
    """The same for one run: of each class the oldest, as many rows as ``measure`` says; None where nothing may go.

    What is bounded is before when, so that applying it again lets go of the same. Of a class of which more is over
    than a day may take that much goes, and its report asks for the rest.
    """
    data = applied(now, keep)
    before, bounded, some = _before(data), dict(data), False
    reports = looked(reader, now, keep)
    for over in reports:
        asks = over.as_data(measure)["asks"]
        most = min(measure.at_once, over.most) if asks else measure.at_once
        if over.kind in measure.held or not over.candidates:
            bounded[over.kind] = data[over.kind] if not over.candidates else NEVER
        elif over.candidates > most:
            bounded[over.kind] = min(data[over.kind], _bound(reader, over.kind, before[over.kind], most, strict=asks))
            some = True
        else:
            some = True
    return {**bounded, "kinds": [over.as_data(measure) for over in reports]} if some else None


def _bound(reader: SealedDatabase, kind: str, before: float, most: int, *, strict: bool) -> str:
    """Before when ``most`` rows of a class are over; with ``strict`` never more, even where they ended at once."""
    if kind == "skeleton":
        row = reader.conn.execute(
            "SELECT max(time) FROM (SELECT time FROM journal ORDER BY number LIMIT ?)", (most + 1,)
        )
        return iso(row.fetchone()[0])
    ended: list[float] = []
    for table, where in PLACES[kind]:
        sql = f"SELECT {WHEN[table]} FROM {table} WHERE {where} ORDER BY 1 LIMIT ?2"  # noqa: S608 - ours
        ended += [row[0] for row in reader.conn.execute(sql, (before, most + 1))]
    if kind in BODIES:
        ended += bodies.times(reader, BODIES[kind], before, most + 1)
    times = sorted(ended)[: most + 1]
    if strict or times[-1] > times[0]:
        return iso(times[-1])
    following = [_next(reader, table, where, before, times[0]) for table, where in PLACES[kind]]
    return iso(min((each for each in following if each is not None), default=before))


def _next(reader: SealedDatabase, table: str, where: str, before: float, first: float) -> float | None:
    """When the next ended of which more than one run takes ended at once: those go together."""
    sql = f"SELECT min({WHEN[table]}) FROM {table} WHERE ({where}) AND {WHEN[table]} > ?2"  # noqa: S608 - ours
    row = reader.conn.execute(sql, (before, first)).fetchone()
    return row[0] if row else None


def counted(kinds: list[dict[str, Any]], gone: Mapping[str, int]) -> list[dict[str, Any]]:
    """The reports of a run, with how many rows of each class went with it."""
    return [
        {**each, "deleted": sum(gone.get(name, 0) for name in GONE.get(each["kind"], ())) or each["deleted"]}
        for each in kinds
    ]


def in_words(gone: Mapping[str, int]) -> str:
    """How many rows of each table went, for a log."""
    return ", ".join(f"{table} {count}" for table, count in gone.items() if count) or "nothing"


def let_go(tx: Tx, data: Mapping[str, Any]) -> dict[str, int]:
    """Deletes what is over for longer than ``applied`` said, and where the visits were that it names; how many."""
    before = _before(data)
    gone = {
        table: int(tx.db.conn.execute(f"DELETE FROM {table} WHERE {where}", (before[kind],)).rowcount)  # noqa: S608
        for table, where, kind in RULES
    }
    return {**gone, "zones": visits.forget_where(tx, data.get("zones", {}))}


def bounded_by(data: Mapping[str, Any], latest: str) -> dict[str, Any]:
    """The same data with nothing of it later than ``latest``."""
    return {**data, **{kind: min(data[kind], latest) for kind in PLACES if kind in data}}


def _before(data: Mapping[str, Any]) -> dict[str, float]:
    return {kind: seconds(data.get(kind)) or 0.0 for kind in PLACES}


def _among(kind: str, table: str) -> str:
    if table == "statements":
        return f" WHERE {SUGGESTED}"
    return " WHERE zones IS NULL" if kind == "presence" else ""
