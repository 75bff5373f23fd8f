"""One customer, three tablets out of reach, a house: what happens in any order, and what has to be so after it.

What is true is worked out here by what was answered alone: which stops were taken, and which of them each consent knew.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import httpx2

from gateway.events.times import iso
from tests.console.served import Served

TAG, KEEP = "recognise_tag", "keep_preferences"
HEADER = "customer,name,address_as,language,tier,associate,deputy,identifiers,consents"
STOPPED = ("no longer agrees", "no such", "was erased", "has said no since", "has left", "is not here")
"""What a write is told that comes after a stop, or after the visit that it was for."""


@dataclass(slots=True)
class Row:
    """Something recorded where no network was: sent in this order, again with the same key until it is answered."""

    key: str
    path: str
    body: dict[str, Any]
    text: str = ""
    """The words in it, which no other row has."""
    knew: frozenset[int] = frozenset()
    """Of a consent: the stops that the screen showed on which it was signed."""


@dataclass(slots=True)
class Truth:
    """What was answered, and what follows from it."""

    stops: dict[str, set[int]] = field(default_factory=lambda: {TAG: set(), KEEP: set()})
    given: dict[str, list[frozenset[int]]] = field(default_factory=lambda: {TAG: [], KEEP: []})
    kept_until: float = 0.0
    """When the keeping of preferences was last taken back."""
    erased: bool = False
    count: int = 0

    def stop(self, purpose: str, at: float) -> None:
        self.count += 1
        self.stops[purpose].add(self.count)
        if purpose == KEEP:
            self.kept_until = at

    def alive(self, purpose: str) -> bool:
        """Some consent knew of every stop that there is."""
        return not self.erased and any(self.stops[purpose] <= knew for knew in self.given[purpose])


class Tablet:
    """A tablet with what its person recorded, and what it was shown when it was last in reach."""

    def __init__(self, name: str, client: httpx2.AsyncClient) -> None:
        self.name = name
        self.client = client
        self.forgets()

    def forgets(self) -> None:
        """Another customer's story begins."""
        self.rows: list[Row] = []
        self.visit = ""
        self.facts: list[str] = []
        self.asks: list[str] = []
        self.shown: dict[str, list[str]] = {TAG: [], KEEP: []}
        self.knew: dict[str, frozenset[int]] = {TAG: frozenset(), KEEP: frozenset()}


class Story:
    """One customer's; ``r`` decides everything."""

    def __init__(self, house: Served, boss: httpx2.AsyncClient, tablets: list[Tablet], number: int, r: Random) -> None:
        self.house, self.boss, self.tablets, self.r = house, boss, tablets, r
        self.customer, self.fob = f"c-{number}", f"em:{0x0700000000 + number:010X}"
        self.name = f"Guest Nr{number}x"
        self.truth, self.words, self.told = Truth(), [self.name], list[str]()
        self.file = b""
        self.page, self.id = f"/api/customers/{self.customer}", ""

    # --- what goes on ------------------------------------------------------------------------------------------------

    async def begins(self) -> None:
        """They are enrolled, and mostly here; every tablet has seen it."""
        await self._does("enrolled", self.boss.put(self.page, json={"name": self.name}), 201)
        self.id = self.house.whose(self.customer)
        thing = {"identifier": self.fob}
        await self._does("has a fob", self.boss.post(f"{self.page}/credentials", json=thing), 201)
        for purpose in (TAG, KEEP):
            await self._does(purpose, self.boss.post(f"{self.page}/consents", json={"purpose": purpose}), 201)
            self.truth.given[purpose].append(frozenset())
        if self.r.random() < 0.8:
            await self.tapped()
        for tablet in self.tablets:
            tablet.forgets()
            if self.r.random() < 0.8:
                await self.looks(tablet)

    async def goes_on(self) -> None:
        """One thing happens."""
        self.house.ahead += self.r.choice([0.01, 1.0, 30.0])
        acts: list[Callable[[], Awaitable[None]]] = [
            self.records, self.comes_back, self.stops, self.wishes, self.erases, self.agrees, self.file_comes,
            self.tapped, self.made_again, self.taken_out, self.brought_in,
        ]  # fmt: skip
        await self.r.choices(acts, weights=[40, 22, 7, 3, 4, 6, 4, 6, 3, 2, 3])[0]()

    async def ends(self) -> None:
        """Everybody is in reach again, twice: nothing waits any more. Files and people know nothing of an erasure."""
        if self.truth.erased:
            for act in self.r.sample([self.made_again, self.file_comes, self.brought_in], 3):
                await act()
        for tablet in self.r.sample(self.tablets, 3):
            rows = [*tablet.rows]
            await self.comes_back(tablet, whole=True)
            for row in self.r.sample(rows, len(rows) // 2):  # whatever was sent may come once more
                await self._sent(tablet, row, again=True)

    async def tapped(self) -> None:
        """The counter hears the fob."""
        self.house.tap(self.fob)
        await self.house.gateway.settle()
        here = self.house.gateway.memory.presence.where(self.id)
        assert (here is not None) <= self.truth.alive(TAG), f"recognised without consent: {self.told}"

    # --- what the house does -----------------------------------------------------------------------------------------

    async def stops(self) -> None:
        """Somebody ends one purpose at the desk."""
        purpose = self.r.choice([TAG, KEEP])
        if (await self._does("stop", self.boss.delete(f"{self.page}/consents/{purpose}"), 204, 404)) == 204:
            self.truth.stop(purpose, self.house.now())

    async def wishes(self) -> None:
        """They wish never to be recognised again."""
        await self._wish(self.boss, None, ["do_not_recognise"])

    async def erases(self) -> None:
        """They are forgotten."""
        if (await self._does("erase", self.boss.delete(self.page), 202, 404)) == 202:
            self.truth.erased = True

    async def agrees(self) -> None:
        """They agree again, on glass, before somebody whose screen shows every stop."""
        purpose = self.r.choice([TAG, KEEP])
        body = self._consent(purpose, (await self._stops())[purpose])
        if (await self._does("agree", self.boss.post(f"{self.page}/consents", json=body), 201, 404)) == 201:
            self.truth.given[purpose].append(frozenset(self.truth.stops[purpose]))

    async def file_comes(self) -> None:
        """Another program's nightly file has them, with everything as it was."""
        row = f"{self.customer},{self.name},,,,,,{self.fob},{TAG};{KEEP}"
        kind = {"Content-Type": "text/csv"}
        sent = self.boss.post("/api/imports?partial=1", content=f"{HEADER}\n{row}\n".encode(), headers=kind)
        await self._does("file", sent, 200)

    async def made_again(self) -> None:
        """Somebody makes the record by hand as it was."""
        await self._does("made again", self.boss.put(self.page, json={"name": self.name}), 200, 409)

    async def taken_out(self) -> None:
        """Everything about them is handed out as a file."""
        answer = await self.boss.get(f"{self.page}/export", params={"reason": "they asked for it"})
        assert answer.status_code == (404 if self.truth.erased else 200), answer.text
        self.file = answer.content if answer.is_success else self.file

    async def brought_in(self) -> None:
        """That file is brought in again."""
        if self.file:
            kind, why = {"Content-Type": "application/zip"}, {"reason": "they are back"}
            sent = self.boss.post("/api/customers/import", params=why, content=self.file, headers=kind)
            await self._does("brought in", sent, 409)

    # --- what tablets do ---------------------------------------------------------------------------------------------

    async def looks(self, tablet: Tablet) -> None:
        """A tablet in reach is shown who is here and what they said no to."""
        here = self.house.gateway.memory.presence.where(self.id)
        tablet.visit = here.visit if here is not None else tablet.visit
        tablet.shown = await self._stops()
        tablet.knew = {purpose: frozenset(stops) for purpose, stops in self.truth.stops.items()}

    async def records(self) -> None:
        """Somebody records something on a tablet that is out of reach."""
        tablet, id_, word = self.r.choice(self.tablets), self._id(), f"word{self.r.randrange(10**12)}x"
        visit, at = f"/api/visits/{tablet.visit}", iso(self.house.now())
        fact = {"id": id_, "category": "other", "value": word, "basis": "stated", "at": at}
        kinds: list[tuple[str, dict[str, Any]]] = [
            (f"{self.page}/preferences", {**fact, "scope": "standing"}),
            (f"{self.page}/preferences", {**fact, "scope": "standing"}),
            (f"{self.page}/preferences", {**fact, "scope": "one_off"}),
            (f"{self.page}/promises", {"id": id_, "text": word}),
            (f"{self.page}/complaints", {"id": id_, "text": word}),
            (f"{self.page}/wishes", {"wishes": self.r.choice([["no_name"], [], ["do_not_recognise"]])}),
            (
                f"{self.page}/consents",
                {"id": id_, "act": "withdrawn", "purpose": self.r.choice([TAG, KEEP]), "method": "spoken"},
            ),
        ]
        if tablet.visit:
            kinds += [
                (f"{visit}/asks", {"id": id_, "question": word, "at": at}),
                (f"{visit}/review", {"satisfaction": 3, "note": word}),
                (f"{visit}/companions", {"count": self.r.randrange(4)}),
            ]
        kinds += [(f"/api/asks/{self.r.choice(tablet.asks)}/answer", {"answer": word})] if tablet.asks else []
        kinds += [(f"{self.page}/preferences", self._put_right(fact, tablet))] if tablet.facts else []
        path, body = self.r.choice(kinds)
        knew: frozenset[int] = frozenset()
        if self.r.random() < 0.15:
            purpose = self.r.choice([TAG, KEEP])
            path, body = self._signed(purpose, tablet)
            knew = tablet.knew[purpose]
        self._noted(tablet, Row(str(self._id()), path, body, word if word in json.dumps(body) else "", knew))

    def _put_right(self, fact: dict[str, Any], tablet: Tablet) -> dict[str, Any]:
        return {**fact, "scope": "standing", "corrects": [self.r.choice(tablet.facts)]}

    def _signed(self, purpose: str, tablet: Tablet) -> tuple[str, dict[str, Any]]:
        """A consent taken out of reach: one act, or a whole enrolment."""
        act = {**self._consent(purpose, tablet.shown[purpose]), "id": self._id()}
        if self.r.random() < 0.5:
            return f"{self.page}/consents", act
        return f"{self.page}/enrolments", {"id": self._id(), "of_age": True, "consents": [act]}

    def _noted(self, tablet: Tablet, row: Row) -> None:
        tablet.rows.append(row)
        self.words += [row.text] if row.text else []
        if row.path.endswith("/preferences"):
            tablet.facts.append(row.body["id"])
        elif row.path.endswith("/asks"):
            tablet.asks.append(row.body["id"])

    async def comes_back(self, tablet: Tablet | None = None, *, whole: bool = False) -> None:
        """A tablet sends some of what waits, or all; stops go first. An answer may be lost: then it is sent again."""
        tablet = tablet or self.r.choice(self.tablets)
        waiting = sorted(tablet.rows, key=lambda row: row.body.get("act") != "withdrawn")
        for row in waiting if whole else waiting[: self.r.randint(0, len(waiting))]:
            await self._sent(tablet, row)
            if self.r.random() < 0.15:
                await self._sent(tablet, row, again=True)
            tablet.rows.remove(row)
        await self.looks(tablet)

    async def _sent(self, tablet: Tablet, row: Row, *, again: bool = False) -> None:
        if row.path.endswith("/wishes"):
            await self._wish(tablet.client, row.key, row.body["wishes"], again=again)
            return
        now, keeps, recognised = self.house.now(), self.truth.alive(KEEP), self.truth.alive(TAG)
        answer = await tablet.client.post(row.path, json=row.body, headers={"Idempotency-Key": row.key})
        self.told.append(f"{tablet.name} {row.path} {row.body} {'again ' if again else ''}→ {answer.status_code}")
        taken = answer.is_success
        assert taken or (answer.status_code < 500 and any(why in answer.text for why in STOPPED)), self._why(answer)
        assert not (taken and self.truth.erased), self._why(answer)
        if not taken or again:
            return
        act = row.body.get("act") or next((one["act"] for one in row.body.get("consents", ())), None)
        purpose = row.body.get("purpose") or next((one["purpose"] for one in row.body.get("consents", ())), "")
        if act == "withdrawn":
            self.truth.stop(purpose, now)
        elif act == "given":
            assert self.truth.stops[purpose] <= row.knew, f"a consent that knew not of a stop: {self._why(answer)}"
            self.truth.given[purpose].append(row.knew)
        elif row.path.startswith(("/api/visits/", "/api/asks/")):
            assert recognised, f"of a visit that ended with the consent: {self._why(answer)}"
        elif row.path.endswith("/preferences") and row.body["scope"] == "standing":
            assert keeps, f"kept without consent: {self._why(answer)}"
            assert row.body["at"] > iso(self.truth.kept_until), f"older than the stop: {self._why(answer)}"

    async def _wish(self, who: httpx2.AsyncClient, key: str | None, wishes: list[str], *, again: bool = False) -> None:
        known = self.house.gateway.customer(self.id)
        new = known is not None and "do_not_recognise" in wishes and "do_not_recognise" not in known.wishes
        headers = {"Idempotency-Key": key} if key else {}
        answer = await who.post(f"{self.page}/wishes", json={"wishes": wishes}, headers=headers)
        self.told.append(f"wishes {wishes} → {answer.status_code}")
        assert answer.status_code == (404 if self.truth.erased else 200), self._why(answer)
        if answer.is_success and new and not again:
            self.truth.stop(TAG, self.house.now())

    # --- what has to be so -------------------------------------------------------------------------------------------

    async def holds(self) -> None:
        """Nobody who stopped, and nothing of theirs, has come back anywhere."""
        await self.tapped()
        self.house.gateway.pulse(self.house.now())
        here = self.house.gateway.memory.presence.where(self.id) is not None
        assert here == (self.truth.alive(TAG) and not self._shy()), [here, *self.told]
        floor = f"{(await self.boss.get('/api/present')).text} {(await self.boss.get('/api/alerts')).text}"
        assert here or (self.name not in floor and f'"{self.customer}"' not in floor), self.told
        page = await self.boss.get(self.page)
        if self.truth.erased:
            assert page.status_code == 404, self.told
            self._forgotten()
            return
        live = {each["purpose"] for each in (await self.boss.get(f"{self.page}/consents")).json()}
        alive = {purpose for purpose in (TAG, KEEP) if self.truth.alive(purpose)}
        assert live == alive, [live, alive, *self.told]
        facts = (await self.boss.get(f"{self.page}/preferences")).json()
        assert self.truth.alive(KEEP) or not [each for each in facts if each["scope"] == "standing"], self.told

    def _shy(self) -> bool:
        known = self.house.gateway.customer(self.id)
        return known is not None and "do_not_recognise" in known.wishes

    def _forgotten(self) -> None:
        """No word of theirs can be read in the journal or in memory."""
        memory = self.house.gateway.memory
        owed = [o.data() for kind in ("promise", "complaint") for o in memory.dues.of_customer(self.id, kind)]
        asks = [a.data() for a in memory.asks.all() if a.customer == self.id]
        desk = [a.data() for a in (*memory.desk.alerts(), *memory.desk.alerts("closed")) if a.customer == self.id]
        assert not owed, self.told
        assert not asks, self.told
        told = [event.data for event in self.house.gateway.journal.of_customer(self.id)]
        said = json.dumps([told, desk], ensure_ascii=False, default=str)
        assert not [word for word in self.words if word in said], said

    # --- by the way --------------------------------------------------------------------------------------------------

    def _id(self) -> str:
        return str(UUID(int=self.r.getrandbits(128), version=4))

    def _consent(self, purpose: str, lifts: list[str]) -> dict[str, Any]:
        shown = {"id": purpose, "version": 1, "language": "en", "shown_at": iso(self.house.now() - 20)}
        return {"purpose": purpose, "method": "on_glass", "act": "given", "notice": shown, "lifts": lifts}

    async def _stops(self) -> dict[str, list[str]]:
        """The stops that a screen shows, by purpose."""
        rows = await self.boss.get(f"{self.page}/purposes")
        shown = {row["purpose"]: row["stops"] for row in rows.json()} if rows.is_success else {}
        return {purpose: shown.get(purpose, []) for purpose in (TAG, KEEP)}

    async def _does(self, what: str, asking: Awaitable[httpx2.Response], *good: int) -> int:
        answer = await asking
        self.told.append(f"{what} → {answer.status_code}")
        assert answer.status_code in good, self._why(answer)
        return answer.status_code

    def _why(self, answer: httpx2.Response) -> str:
        return "\n".join([answer.text, *self.told])
