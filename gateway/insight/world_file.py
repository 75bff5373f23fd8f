"""A house in one JSON file: what is in it, and what is wrong with it, in words."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from gateway.insight.entry_file import entry
from gateway.insight.facts import Bond, Gathering, Lost, Margins, Rules, Visit, World
from gateway.insight.reading import BadWorld, Reading

MEMBERS = (
    "as_of", "settings", "customers", "visits", "gatherings", "introductions", "families", "entries", "lost", "what_if",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A question put to a world: had nobody met at these, were these to meet, were one gone."""

    kind: Literal["skip", "gathering", "without"]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A world, what was asked of it, and what is odd about the file without being wrong."""

    world: World
    begins: date | None
    what_if: Mapping[str, WhatIf]
    odd: tuple[str, ...]


def parse(text: str | bytes) -> Asked:
    """Reads a world; raises BadWorld with one line for each mistake."""
    try:
        given = json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadWorld([f"not JSON: {error}"]) from None
    reading = Reading()
    if not isinstance(given, dict):
        reading.wrong("the file", given, "an object with as_of and customers")
        raise BadWorld(reading.mistakes)
    found = _World(given, reading).read()
    if reading.mistakes:
        raise BadWorld(reading.mistakes)
    return found


@dataclass(slots=True)
class _World:
    given: dict[str, Any]
    reading: Reading
    customers: dict[str, frozenset[str]] = field(default_factory=dict)
    gatherings: dict[str, Gathering] = field(default_factory=dict)

    def read(self) -> Asked:
        given, reading = self.given, self.reading
        as_of = reading.day("as_of", given.get("as_of"))
        begins = None if given.get("from") is None else reading.day("from", given["from"])
        rules = self._rules(reading.members("settings", given.get("settings")))
        for each, facts in reading.members("customers", given.get("customers")).items():
            facts = reading.members(f"customers.{each}", facts)
            self.customers[each] = frozenset(reading.texts(f"customers.{each}.consents", facts.get("consents")))
        for each, facts in reading.members("gatherings", given.get("gatherings")).items():
            facts = reading.members(f"gatherings.{each}", facts)
            attended = reading.texts(f"gatherings.{each}.attended", facts.get("attended"))
            for at, who in enumerate(attended):
                self._known(f"gatherings.{each}.attended[{at}]", who)
            day = reading.day(f"gatherings.{each}.on", facts.get("on"))
            self.gatherings[each] = Gathering(each, day, frozenset(attended))
        entries = [
            entry(at, each, reading, rules, self.customers, self.gatherings) for at, each in self._rows("entries")
        ]
        world = World(
            as_of=as_of,
            customers=self.customers,
            rules=rules,
            visits=tuple(
                Visit(self._whose(at, each), reading.day(f"{at}.on", each.get("on")))
                for at, each in self._rows("visits")
            ),
            gatherings=self.gatherings,
            bonds=(*self._bonds("introductions", "introduced"), *self._bonds("families", "family")),
            entries=tuple(each for each in entries if each is not None),
            lost=tuple(self._left(at, each) for at, each in self._rows("lost")),
        )
        self._no_two_of_one_id(world)
        return Asked(world, begins, self._what_if(), tuple(self._odd(world)))

    def _rules(self, given: Mapping[str, Any]) -> Rules:
        reading, usual = self.reading, Rules()
        margin = reading.members("settings.margin", given.get("margin"))
        shares = {
            name: reading.number(f"settings.margin.{name}", margin.get(name, getattr(usual.margin, name)))
            for name in ("low", "mid", "high")
        }
        margins = Margins(**shares)
        if not 0 <= margins.low <= margins.mid <= margins.high <= 1:
            reading.wrong("settings.margin", margin, "0 ≤ low ≤ mid ≤ high ≤ 1")
        hour = dict(usual.hour)
        for role, price in reading.members("settings.hour", given.get("hour")).items():
            hour[role] = reading.number(f"settings.hour.{role}", price)
            if hour[role] < 0:
                reading.wrong(f"settings.hour.{role}", price, "what an hour costs, 0 or more")
        currency = given.get("currency", usual.currency)
        if not (isinstance(currency, str) and len(currency) == 3 and currency.isalpha() and currency.isupper()):
            reading.wrong("settings.currency", currency, "three capital letters such as CNY")
            currency = usual.currency
        return Rules(currency, margins, hour)

    def _rows(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for place, each in enumerate(self.reading.array(name, self.given.get(name))):
            at = f"{name}[{place}]"
            yield at, self.reading.members(at, each)

    def _known(self, at: str, who: str) -> None:
        if who not in self.customers:
            self.reading.wrong(at, who, "the id of one of customers")

    def _whose(self, at: str, row: Mapping[str, Any]) -> str:
        who = self.reading.text(f"{at}.customer", row.get("customer"))
        if who:
            self._known(f"{at}.customer", who)
        return who

    def _left(self, at: str, row: Mapping[str, Any]) -> Lost:
        cause = self.reading.text(f"{at}.cause", row.get("cause"))
        return Lost(self._whose(at, row), self.reading.day(f"{at}.on", row.get("on")), cause)

    def _bonds(self, name: str, kind: Literal["introduced", "family"]) -> list[Bond]:
        found = []
        for place, each in enumerate(self.reading.array(name, self.given.get(name))):
            pair = self.reading.texts(f"{name}[{place}]", each)
            if len(pair) != 2 or pair[0] == pair[1]:
                self.reading.wrong(f"{name}[{place}]", each, "two different customers: [a, b]")
                continue
            for at, who in enumerate(pair):
                self._known(f"{name}[{place}][{at}]", who)
            found.append(Bond(min(pair), max(pair), kind))
        return found

    def _what_if(self) -> dict[str, WhatIf]:
        found: dict[str, WhatIf] = {}
        kinds: dict[str, tuple[Literal["skip", "gathering", "without"], Iterable[str], str]] = {
            "skip": ("skip", self.gatherings, "the ids of gatherings"),
            "gathering": ("gathering", self.customers, "the ids of customers"),
            "without": ("without", self.customers, "the id of a customer"),
        }
        for name, asked in self.reading.members("what_if", self.given.get("what_if")).items():
            at = f"what_if.{name}"
            asked = self.reading.members(at, asked)
            if len(asked) != 1 or next(iter(asked)) not in kinds:
                self.reading.wrong(at, asked, "one of skip, gathering, without")
                continue
            kind, known, expected = kinds[next(iter(asked))]
            given = asked[kind]
            if kind == "without":
                given = [given]
            ids = self.reading.texts(f"{at}.{kind}", given)
            for each in ids:
                if each not in known:
                    self.reading.wrong(f"{at}.{kind}", each, expected)
            found[name] = WhatIf(kind, tuple(ids))
        return found

    def _no_two_of_one_id(self, world: World) -> None:
        seen: dict[str, Any] = {}
        for each in world.entries:
            if seen.setdefault(each.id, each) != each:
                self.reading.wrong("entries", each.id, "an id once, or the same entry again under it")

    def _odd(self, world: World) -> Iterator[str]:
        for name in self.given:
            if name not in (*MEMBERS, "from"):
                near = difflib.get_close_matches(name, MEMBERS, 1)
                yield f"{name}: no member of a world, not looked at" + (f"; {near[0]} is one" if near else "")
        ids = {each.id for each in world.entries}
        for each in world.entries:
            if each.reverses is not None and each.reverses not in ids:
                yield f"entry {each.id}: reverses {each.reverses!r}, which is not here"


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member {twice!r} stands twice in one object")
    return found
