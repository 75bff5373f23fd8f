"""The merge: of all that was ever recorded about one customer, what holds, what is put aside, by what and why.

Pure and without a clock; the same in whatever order and however often facts come. Tablets do the same, offline too
(``staff_console/src/lib/facts.ts``): rules in the same order, so that colleagues see one sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from gateway.records import said
from gateway.records.circles import circular
from gateway.records.values import Catalogue

RANK = {"inferred": 0, "observed": 1, "stated": 2}
SLIP = 600_000  # milliseconds in which an author may take back what they recorded, on any basis
ONE_OFF = 3  # the grade of what was said or seen for this visit
Thing = tuple[str, ...]
Weight = tuple[int, int, str]


class Fact(Protocol):
    """What the merge needs of a fact; ``at`` in seconds since 1970 UTC, compared to the millisecond."""

    @property
    def id(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def code(self) -> str | None: ...
    @property
    def value(self) -> str: ...
    @property
    def polarity(self) -> str: ...
    @property
    def basis(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def visit(self) -> str | None: ...
    @property
    def by(self) -> str: ...
    @property
    def at(self) -> float: ...
    @property
    def corrects(self) -> Sequence[str]: ...
    @property
    def retracts(self) -> Sequence[str]: ...
    @property
    def replaces(self) -> Sequence[str]: ...


class Aside(NamedTuple):
    """Why a fact does not hold, and by which fact; None: by none (``over``, ``note``).

    ``corrected`` and ``retracted`` by what names it; ``over`` with its visit; ``note``: it only names others;
    ``folded`` into a line that says the same; ``replaced``; ``resting`` in this visit; ``contested``: to be asked.
    """

    state: str
    by: str | None = None


@dataclass(slots=True)
class Merged:
    """What the merge makes: ids that hold, in the order of the screen; of all others why not; and what is doubted."""

    holds: list[str]
    aside: dict[str, Aside]
    doubted: list[str]
    offers: list[str]
    """What may be suggested, the best first."""

    @property
    def suggest(self) -> str | None:
        """The first thing to suggest; None where there is nothing."""
        return next(iter(self.offers), None)


@dataclass(slots=True, eq=False)
class _Line:
    """A fact with what the rules ask of it.

    ``contents`` is what it is and what is in it, ``reach`` what an allergy or avoid forbids beside its own words;
    ``names`` are the avoids that a like goes against knowingly.
    """

    fact: Fact
    thing: Thing
    slot: str | None
    contents: frozenset[str]
    reach: frozenset[str]
    at: int
    weight: Weight
    order: tuple[bool, int, int, str]
    offer: bool
    names: set[str] = field(default_factory=set)

    @property
    def rank(self) -> int:
        return RANK[self.fact.basis]


def merge(facts: Iterable[Fact], open_visits: Collection[str], catalogue: Catalogue) -> Merged:
    """What holds of the facts of one customer while these visits go on."""
    known = {fact.id: _line(fact, catalogue) for fact in facts}
    aside = _named(known)
    live = []
    for id_, line in known.items():
        if id_ in aside:
            continue
        if line.fact.scope == "one_off" and line.fact.visit not in open_visits:
            aside[id_] = Aside("over")
        elif not line.fact.value.strip():
            aside[id_] = Aside("note")
        else:
            live.append(line)
    allergies, others = _allergies(live, aside, catalogue)
    avoids, likes, doubted = _likes(_replaced(others, aside), aside, catalogue)
    likes = _slots(likes, aside)
    holds = [each.fact.id for kind in (allergies, avoids, likes) for each in sorted(kind, key=_order, reverse=True)]
    offered = {line.fact.id for line in likes if line.offer} - doubted
    return Merged(holds, aside, [id_ for id_ in holds if id_ in doubted], [id_ for id_ in holds if id_ in offered])


def thing_of(fact: Fact, catalogue: Catalogue) -> Thing:
    """What a fact is about: of a coded one its ``about``, of own words the words."""
    value = catalogue.get(fact.code)
    if value is not None:
        return (value.about,)
    return "eaten" if fact.category in said.EATEN else f"of {fact.category}", said.plain(fact.value)


def contents_of(fact: Fact, catalogue: Catalogue) -> tuple[str, ...]:
    """What is in it: of a coded one as the catalogue says, of own words the allergens named in them."""
    value = catalogue.get(fact.code)
    if value is not None:
        return value.contains
    return said.mentions(catalogue, fact.value) if fact.category in said.MENTIONING else ()


def reach_of(fact: Fact, catalogue: Catalogue) -> frozenset[str]:
    """The things that an allergy or avoid forbids, beside its own words: not what else is in a drink one avoids."""
    value = catalogue.get(fact.code)
    return frozenset((value.about,) if value is not None else contents_of(fact, catalogue))


def _line(fact: Fact, catalogue: Catalogue) -> _Line:
    value, at, rank = catalogue.get(fact.code), round(fact.at * 1000), RANK[fact.basis]
    grade = ONE_OFF if fact.scope == "one_off" and rank else rank
    about = (value.about,) if value is not None else ()
    return _Line(
        fact,
        thing_of(fact, catalogue),
        value.slot if value is not None else None,
        frozenset((*about, *contents_of(fact, catalogue))),
        reach_of(fact, catalogue),
        at,
        (grade, at, fact.id),
        (fact.polarity == "do" and value is not None and value.need, grade, at, fact.id),
        value is not None and value.offer,
    )


def _order(line: _Line) -> tuple[bool, int, int, str]:
    return line.order


def _weight(line: _Line) -> Weight:
    return line.weight


# --- 1: naming ends --------------------------------------------------------------------------------------------------


def _named(known: Mapping[str, _Line]) -> dict[str, Aside]:
    """What is corrected or retracted, by the newest of those that may."""
    names = {
        id_: {target: state for state, target in _targets(line) if target in known and _may(line, known[target])}
        for id_, line in known.items()
    }
    rings = circular(names)
    counts = {id_: targets for id_, targets in names.items() if targets and id_ not in rings}
    found: dict[str, tuple[int, str, str]] = {}
    taken_back = _taken_back(counts)
    for id_, targets in counts.items():
        if id_ not in taken_back:
            for target, state in targets.items():
                found[target] = max(found.get(target, (-1, "", "")), (known[id_].at, id_, state))
    return {target: Aside(state, by) for target, (_, by, state) in found.items()}


def _targets(line: _Line) -> Iterator[tuple[str, str]]:
    yield from (("corrected", target) for target in line.fact.corrects)
    yield from (("retracted", target) for target in line.fact.retracts)


def _may(namer: _Line, target: _Line) -> bool:
    if namer.fact.scope == "one_off" and target.fact.scope != "one_off":
        return False
    if namer.fact.by == target.fact.by and 0 <= namer.at - target.at <= SLIP:
        return True
    return namer.rank >= (RANK["stated"] if target.fact.polarity == "allergy" else target.rank)


def _taken_back(counts: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Of namers that are in no circle, those that are retracted by one that is not itself retracted."""
    by: dict[str, list[str]] = {}
    for id_, targets in counts.items():
        for target, state in targets.items():
            if state == "retracted":
                by.setdefault(target, []).append(id_)
    known: dict[str, bool] = {}
    for start in by:
        path = [start]
        while path:
            open_ = [each for each in by.get(path[-1], ()) if each not in known]
            if open_:
                path.append(open_[0])
                continue
            id_ = path.pop()
            known[id_] = not all(known[each] for each in by.get(id_, ()))
    return {id_ for id_, back in known.items() if back}


# --- 3: allergies ----------------------------------------------------------------------------------------------------


def _allergies(live: Iterable[_Line], aside: dict[str, Aside], catalogue: Catalogue) -> tuple[list[_Line], list[_Line]]:
    """One line per thing that harms; and of the others what says neither the same nor goes against one."""
    found = list(live)
    lines = _best([line for line in found if line.fact.polarity == "allergy"], lambda line: line.thing, aside)
    things = {line.thing: line for line in lines}
    against = _Against(lines, catalogue)
    others = []
    for line in found:
        if line.fact.polarity == "allergy":
            continue
        if line.fact.polarity == "avoid" and (same := things.get(line.thing)) is not None:
            aside[line.fact.id] = Aside("folded", same.fact.id)
        elif line.fact.polarity == "do" and (touched := against.lines(line)):
            aside[line.fact.id] = Aside("contested", max(touched, key=_weight).fact.id)
        else:
            others.append(line)
    return lines, others


class _Against:
    """Allergies or avoids, found by what touches them."""

    def __init__(self, lines: Iterable[_Line], catalogue: Catalogue) -> None:
        self._up = catalogue.up
        self._at: dict[Hashable, list[_Line]] = {}
        self._below: dict[str, list[_Line]] = {}
        for line in lines:
            self._at.setdefault(line.thing, []).append(line)
            for thing in line.reach:
                self._at.setdefault(thing, []).append(line)
                for family in self._up(thing):
                    self._below.setdefault(family, []).append(line)

    def lines(self, like: _Line) -> set[_Line]:
        """Those that the thing or the contents of a like touch."""
        found = set(self._at.get(like.thing, ()))
        for thing in like.contents:
            found.update(self._below.get(thing, ()))
            for family in self._up(thing):
                found.update(self._at.get(family, ()))
        return found


def _best(lines: Iterable[_Line], of: Callable[[_Line], Hashable], aside: dict[str, Aside]) -> list[_Line]:
    """The weightiest of each, into which the others are folded."""
    groups: dict[Hashable, list[_Line]] = {}
    for line in lines:
        groups.setdefault(of(line), []).append(line)
    best = []
    for group in groups.values():
        heaviest = max(group, key=_weight)
        best.append(heaviest)
        aside.update((line.fact.id, Aside("folded", heaviest.fact.id)) for line in group if line is not heaviest)
    return best


# --- 4: what loosens names what it loosens ---------------------------------------------------------------------------


def _replaced(live: list[_Line], aside: dict[str, Aside]) -> list[_Line]:
    """What no other replaces; each that stays keeps the names of those that it goes against knowingly."""
    by_id = {line.fact.id: line for line in live}
    ends: dict[str, set[str]] = {}
    for id_, line in by_id.items():
        named = (by_id.get(target) for target in line.fact.replaces)
        counted = [target for target in named if target is not None and target.rank <= line.rank]
        line.names = {target.fact.id for target in counted}
        ends[id_] = {target.fact.id for target in counted if _same(line, target)}
    rings, ended = circular(ends), dict[str, _Line]()
    for id_, targets in ends.items():
        for target in targets if id_ not in rings else ():
            ended[target] = max(ended.get(target, by_id[id_]), by_id[id_], key=_weight)
    for target, by in ended.items():
        rests = by.fact.scope == "one_off" and by_id[target].fact.scope != "one_off"
        aside[target] = Aside("resting" if rests else "replaced", by.fact.id)
    return [line for line in live if line.fact.id not in ended]


def _same(one: _Line, other: _Line) -> bool:
    return one.thing == other.thing or (one.slot is not None and one.slot == other.slot)


# --- 5 and 6: one line per thing and polarity, one like per slot -----------------------------------------------------


def _likes(
    live: list[_Line], aside: dict[str, Aside], catalogue: Catalogue
) -> tuple[list[_Line], list[_Line], set[str]]:
    """What to avoid, what is liked, and which likes are doubted."""
    lines = _best(live, lambda line: (line.fact.polarity, line.thing), aside)
    avoids = {line.fact.id: line for line in lines if line.fact.polarity == "avoid"}
    against, likes, doubted = _Against(avoids.values(), catalogue), [], set()
    contested: dict[str, _Line] = {}
    for line in lines:
        if line.fact.polarity != "do":
            continue
        touched = [avoid for avoid in against.lines(line) if avoid.fact.id not in line.names]
        stronger = [avoid for avoid in touched if avoid.weight[0] >= line.rank]
        if stronger:
            _put_aside(line, max(stronger, key=_weight), aside)
            continue
        likes.append(line)
        if touched:
            doubted.add(line.fact.id)
            contested |= {avoid.fact.id: line for avoid in touched if avoid.thing == line.thing}
    for id_, by in contested.items():
        aside[id_] = Aside("contested", by.fact.id)
        del avoids[id_]
    return list(avoids.values()), likes, doubted


def _slots(likes: list[_Line], aside: dict[str, Aside]) -> list[_Line]:
    """Of each slot the weightiest like."""
    best: dict[str, _Line] = {}
    for line in likes:
        if line.slot is not None:
            best[line.slot] = max(best.get(line.slot, line), line, key=_weight)
    kept = []
    for line in likes:
        if line.slot is None or best[line.slot] is line:
            kept.append(line)
        else:
            _put_aside(line, best[line.slot], aside)
    return kept


def _put_aside(loser: _Line, by: _Line, aside: dict[str, Aside]) -> None:
    if by.fact.scope == "one_off" and loser.fact.scope != "one_off":
        state = "resting"
    else:
        state = "contested" if loser.weight[1:] > by.weight[1:] else "replaced"
    aside[loser.fact.id] = Aside(state, by.fact.id)
