"""What rows of several venues say of one customer, as one: pure, the same in every order, with repeats.

Rows are ordered by (effective clock, origin, position). By that the latest of a field is told; what restricts needs no
order: an erasure, a stop that no grant names, a wish that nobody has named since. Preferences stay facts, of which
``facts.merge`` says what holds. It reads what other programs wrote: what it cannot read says nothing, and a consent
that it cannot read has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple, TypeGuard

from gateway.consent import told
from gateway.consent.ledger import Entry, alive
from gateway.events.times import DAY
from gateway.records import facts, preferences
from gateway.records.facts import Merged
from gateway.records.preferences import Preference
from gateway.records.values import Catalogue

HOUSES = "share_houses"
FIELDS = ("name", "address_as", "language", "birthday", "tier", "associate", "deputy")
CONTENDED = 30 * DAY  # seconds for which "changed at two places" is shown
OWED = {"promise": ("promise.kept",), "complaint": ("complaint.closed",)}
Order = tuple[int, str, int, str, str]


@dataclass(slots=True, frozen=True)
class Told:
    """A row, opened: ``subject`` as the house calls the customer, ``hlc`` the effective clock, ``at`` in seconds.

    ``key`` is the id of the data key that sealed it.
    """

    id: str
    type: str
    subject: str
    origin: str
    epoch: str
    position: int
    hlc: int
    at: float
    actor: str
    data: Mapping[str, Any]
    key: bytes = b""

    @property
    def order(self) -> Order:
        """Where it stands among all rows of all venues."""
        return self.hlc, self.origin, self.position, self.epoch, self.id


class Said(NamedTuple):
    """A value, and the row that says so."""

    value: Any
    row: Told


class Owing(NamedTuple):
    """A promise, a complaint: as it is now, and the row that made it."""

    facts: Mapping[str, Any]
    row: Told

    @property
    def is_open(self) -> bool:
        """Whether it is still owed."""
        return self.facts.get("state") != "closed"


@dataclass(slots=True)
class Folded:
    """What is so of one customer by all rows; ``erased``: nothing is, and nothing ever will be.

    ``lost`` are the values of a field that a later one took the place of, the newest first. ``wishes`` name the row
    that set each. ``merges`` are those that hold, by their ids: (kept, other).
    """

    customer: str
    born: Told | None = None
    erased: bool = False
    fields: dict[str, Said] = field(default_factory=dict)
    lost: dict[str, list[Said]] = field(default_factory=dict)
    wishes: dict[str, Told] = field(default_factory=dict)
    consents: dict[str, Told] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    credentials: dict[str, Said] = field(default_factory=dict)
    preferences: dict[str, Told] = field(default_factory=dict)
    owed: dict[str, Owing] = field(default_factory=dict)
    merges: dict[str, tuple[str, str]] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """A field as it is now; empty where nobody said anything."""
        said = self.fields.get(name)
        return said.value if said is not None else ("" if name not in ("birthday", "associate", "deputy") else None)

    def contended(self, name: str, now: float) -> Said | None:
        """What another venue said of a field lately that a later word replaced; None where nobody need be asked."""
        said = self.fields.get(name)
        if said is None or now - said.row.at > CONTENDED:
            return None
        return next((each for each in self.lost.get(name, ()) if _elsewhere(each, said)), None)

    def until(self, purpose: str, now: float, brand: str = "") -> float:
        """Until when the customer agrees to this, in seconds since 1970 UTC; minus infinity where they do not."""
        living = [] if self.erased else alive(self.entries, purpose, now, brand=brand)
        return living[0].ends if living else -inf

    def facts(self) -> list[Preference]:
        """The preferences as they were recorded, those that can be read."""
        found = (_fact(row, self.customer) for row in self.preferences.values())
        return [fact for fact in found if fact is not None]

    def holds(self, open_visits: Collection[str], catalogue: Catalogue) -> Merged:
        """Which of the preferences hold while these visits go on."""
        return facts.merge(self.facts(), open_visits, catalogue)


def called(text: str, origin: str) -> str:
    """How the house calls whom a venue calls so: its own customers bear its name."""
    return text if "@" in text else f"{text}@{origin}"


def at_home(customer: str) -> str:
    """The venue whose customer this is, by what the house calls them."""
    return customer.rpartition("@")[2]


def fold(customer: str, rows: Iterable[Told]) -> Folded:
    """What the rows about one customer say; those about others are passed over."""
    mine = _once(row for row in rows if row.subject == customer)
    found = Folded(customer)
    alive_, found.erased = _since_birth(customer, mine)
    for row in alive_:
        reader = READ.get(row.type)
        if reader is not None:
            reader(found, row)
    found.entries = told.known_as(_entries(found))
    found.born = next((row for row in alive_ if row.type == "customer.enrolled"), None)
    for lost in found.lost.values():
        lost.sort(key=lambda said: _order(said.row), reverse=True)
    _end(found, alive_)
    return found


def together(kept: Folded, *others: Folded) -> Folded:
    """Several records of one person as one: wishes, facts and debts of all, of each field the kept one's if filled."""
    found = Folded(kept.customer, kept.born, kept.erased)
    for each in (kept, *others):
        if each.erased:
            continue
        for name, said in each.fields.items():
            found.fields.setdefault(name, said)
        found.lost |= {name: [*found.lost.get(name, ()), *lost] for name, lost in each.lost.items()}
        for mine, theirs in _united(found, each):
            for key, value in theirs.items():
                mine.setdefault(key, value)
        found.entries = [*found.entries, *each.entries]
    return found


def agrees_until(records: Collection[Folded], purpose: str, now: float, brand: str = "") -> float:
    """The narrower consent of several records of one person: what one of them does not agree to, the person does not.

    A stop in any of them covers the consents of all.
    """
    every = [entry for each in records for entry in each.entries]
    stops = [entry for entry in every if entry.stops]
    ends = []
    for each in records:
        living = [] if each.erased else alive([*each.entries, *stops], purpose, now, brand=brand)
        ends.append(living[0].ends if living else -inf)
    return min(ends, default=-inf)


def merges(folds: Iterable[Folded]) -> dict[str, tuple[str, str]]:
    """The merges that hold by the rows of all these customers, by their ids: (kept, other)."""
    return {id_: pair for each in folds for id_, pair in each.merges.items()}


# --- erasure ---------------------------------------------------------------------------------------------------------


def _since_birth(customer: str, rows: list[Told]) -> tuple[list[Told], bool]:
    """The rows that count; whether the customer is erased.

    An erasure ends all there is. The same id again is a new person from where their own venue enrolled them anew; what
    was sealed with a key of before is of before, whenever it comes.
    """
    erasures = [row for row in rows if row.type == "customer.erased"]
    if not erasures:
        return rows, False
    last = max(erasures, key=_order).order
    home = at_home(customer)
    births = [row for row in rows if row.type == "customer.enrolled" and row.origin == home and row.order > last]
    if not births:
        return [], True
    birth = births[0].order
    before = {row.key for row in rows if row.order < birth and row.key}
    return [row for row in rows if row.order >= birth and row.key not in before], False


# --- the types of rows -----------------------------------------------------------------------------------------------


def _enrolled(found: Folded, row: Told) -> None:
    for name in FIELDS:
        if filled := _filled(name, row.data.get(name)):
            _say(found, name, filled, row)
    _wish(found, row, _texts(row.data.get("wishes")), frozenset())


def _changed(found: Folded, row: Told) -> None:
    changed, was = row.data.get("changed"), row.data.get("was")
    if not isinstance(changed, Mapping):
        return
    named = was if isinstance(was, Mapping) else {}
    for name in FIELDS:
        if name not in changed:
            continue
        filled = _filled(name, changed[name])
        if filled or named.get(name):  # an empty one says what it takes the place of, or says nothing
            _say(found, name, filled, row)
    if "wishes" in changed:
        _wish(found, row, _texts(changed["wishes"]), _texts(named.get("wishes")))


def _wish_changed(found: Folded, row: Told) -> None:
    _wish(found, row, _texts(row.data.get("wishes")), _texts(row.data.get("was")))


def _wish(found: Folded, row: Told, wishes: frozenset[str], was: frozenset[str]) -> None:
    """Rows come in their order: a wish stays until a row names it that was written where it was on the screen."""
    for wish in was - wishes:
        found.wishes.pop(wish, None)
    for wish in wishes:
        found.wishes.setdefault(wish, row)


def _say(found: Folded, name: str, value: Any, row: Told) -> None:
    before = found.fields.get(name)
    if before is not None and before.value != value:
        found.lost.setdefault(name, []).append(before)
    found.fields[name] = Said(value, row)


def _consent(found: Folded, row: Told) -> None:
    found.consents.setdefault(row.id, row)


def _given(found: Folded, row: Told) -> None:
    id_, identifier = row.data.get("credential"), row.data.get("identifier")
    if _is_word(id_) and _is_word(identifier) and ":" in identifier:
        found.credentials[id_] = Said(identifier, row)


def _prefers(found: Folded, row: Told) -> None:
    id_ = row.data.get("id") or row.id
    if _is_word(id_):
        found.preferences.setdefault(id_, row)


def _owes(found: Folded, row: Told) -> None:
    id_ = row.data.get("id")
    if not _is_word(id_) or row.data.get("kind") not in OWED:
        return
    before = found.owed.get(id_)
    made = before.row if before is not None else row
    whole = {**(before.facts if before is not None else {}), **row.data}
    if before is not None and not before.is_open:  # closed once is closed, whoever hands it over later
        whole = {**whole, **{name: before.facts.get(name) for name in ("state", "closed_by", "closed_at", "note")}}
    elif row.type in OWED[row.data["kind"]]:
        whole["state"] = "closed"
    found.owed[id_] = Owing(whole, made)


def _handed(found: Folded, row: Told) -> None:
    """Head office gives to somebody else what was a leaver's: a customer, a promise, a complaint."""
    what, to, id_ = row.data.get("what"), row.data.get("to"), row.data.get("id")
    if not _is_word(to):
        return
    if what in ("associate", "deputy"):
        _say(found, what, to, row)
    elif _is_word(id_) and id_ in found.owed:
        owing = found.owed[id_]
        found.owed[id_] = Owing({**owing.facts, "owner": to}, owing.row)


def _merged(found: Folded, row: Told) -> None:
    merge, other = row.data.get("merge") or row.id, row.data.get("other")
    if _is_word(merge) and _is_word(other):
        found.merges.setdefault(merge, (row.subject, called(other, row.origin)))


READ = {
    "customer.enrolled": _enrolled,
    "customer.changed": _changed,
    "wish.changed": _wish_changed,
    **dict.fromkeys(told.ACTS, _consent),
    "credential.given": _given,
    "preference.recorded": _prefers,
    **{f"{kind}.{what}": _owes for kind in OWED for what in ("made", "opened", "kept", "closed", "handed_over")},
    "customer.merged": _merged,
    "customer.handed_over": _handed,
}
"""What each type of rows says of a customer; every other type says nothing here."""


def _end(found: Folded, rows: Iterable[Told]) -> None:
    """What names something ends it, whenever it was written."""
    for row in rows:
        if row.type == "credential.taken":
            found.credentials.pop(str(row.data.get("credential")), None)
        elif row.type == "customer.unmerged":
            found.merges.pop(str(row.data.get("merge")), None)


# --- helpers ---------------------------------------------------------------------------------------------------------


def _order(row: Told) -> Order:
    return row.order


def _once(rows: Iterable[Told]) -> list[Told]:
    """Each row once, in order; where one came with several clocks, by the earliest."""
    found: dict[tuple[str, str, int, str], Told] = {}
    for row in rows:
        place = row.origin, row.epoch, row.position, row.id
        found[place] = min(found.get(place, row), row, key=_order)
    return sorted(found.values(), key=_order)


def _elsewhere(one: Said, other: Said) -> bool:
    return bool(one.row.origin != other.row.origin) and abs(other.row.at - one.row.at) <= CONTENDED


def _united(one: Folded, other: Folded) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    for name in ("wishes", "consents", "credentials", "preferences", "owed", "merges"):
        yield getattr(one, name), getattr(other, name)


def _entries(found: Folded) -> Iterator[tuple[str, Entry]]:
    for row in found.consents.values():
        entry = told.entry_of(row.id, row.type, row.data, row.at)
        if entry is None and row.type != "consent.granted":  # of what, nobody can tell: then of the sharing
            entry = Entry(row.id, HOUSES, "withdrawn", row.at)
        if entry is not None:
            yield row.id, entry


def _fact(row: Told, customer: str) -> Preference | None:
    try:
        return preferences.from_data({"id": row.id, **row.data, "customer": customer})
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _filled(name: str, value: object) -> str | None:
    """A value of a field: a text, or nothing."""
    empty = None if name in ("birthday", "associate", "deputy") else ""
    return value if isinstance(value, str) and value else empty


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= 200


def _texts(value: object) -> frozenset[str]:
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()
