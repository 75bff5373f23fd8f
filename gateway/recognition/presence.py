"""Who is where: sightings in, moments out."""

from __future__ import annotations

from collections.abc import Callable

from gateway.recognition import belief, departure
from gateway.recognition.evidence import (
    NEW_APPROACH_S,
    OUTSIDE,
    UNGRADED,
    Credential,
    Link,
    current_levels,
    link_of,
)
from gateway.recognition.moments import Evidence, Here, Kind, Moment
from gateway.recognition.person import NEVER, Person
from gateway.recognition.plan import Plan
from gateway.recognition.reasons import sentence
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.visits import Visits
from reader_drivers.sighting import Sighting

DEFAULTS = PresenceSettings()
STEP_S = 0.25  # decisions on one customer are this far apart while something may change
LONE_READ_S = 1.5  # a read that nobody outside contradicts in this time speaks for itself
LONE_READ_NATS = 4.0
HINT_AT = 0.4
FORGET_S = 900.0  # a customer who is away and unheard for so long is dropped from memory


class Presence:
    """Keeps, per customer, where they are; pure: time comes with each sighting and each pulse."""

    def __init__(self, plan: Plan, *, new_visit: Callable[[], str], settings: PresenceSettings = DEFAULTS) -> None:
        self._plan = plan
        self._settings = settings
        self._states = len(plan.zones) + 1
        self._people: dict[str, Person] = {}
        self._credentials: dict[str, tuple[Person, Credential]] = {}
        self._visits = Visits(new_visit, settings.reentry_s)
        self._lost: set[str] = set()
        self._now = NEVER
        self._swept_at = NEVER

    # --- facts in -----------------------------------------------------------------------------------------------

    def see(self, sighting: Sighting, customer: str) -> Moment | None:
        """One sighting of this customer's; nearly always no news. The hot path."""
        at = sighting.at
        if at > self._now:
            self._now = at
        elif at < self._now - self._settings.late_s:
            return None  # history, never an alarm
        known = self._credentials.get(sighting.identifier)
        if known is None or known[0].customer != customer:
            known = self._meet(sighting.identifier, customer)
        person, credential = known
        link = credential.links.get((sighting.reader, sighting.antenna))
        if link is None:
            link = link_of(credential, sighting, self._plan)
            if link is None:
                return None
        if at <= link.at:
            return None  # the same read again
        if at - link.at > NEW_APPROACH_S:
            link.first_at = at
            link.count = 0
        link.at = at
        link.count += 1
        link.n += 1
        link.total += UNGRADED if sighting.rssi is None else sighting.rssi
        if at - credential.at > 0.1:
            credential.heard(at)
        person.fresh = True
        if link.urgent:
            return self._decide_urgently(person, link, at)
        if at < person.due:
            return None
        return self._decide(person, at)

    def pulse(self, now: float) -> list[Moment]:
        """What time alone has changed: departures, and reads that waited for company. Call it twice a second."""
        if now > self._now:
            self._now = now
        moments: list[Moment] = []
        for person in self._people.values():
            if (person.fresh and now >= person.due) or now >= person.wake:
                moment = self._reconsider(person, now)
                if moment is not None:
                    moments.append(moment)
        if now - self._swept_at > 60.0:
            self._sweep(now)
        return moments

    def reader_lost(self, reader: str, at: float) -> None:
        """This reader has died: nobody leaves because it is silent."""
        self._lost.add(reader)

    def reader_back(self, reader: str, at: float) -> None:
        """This reader hears again: silence of those it heard counts from now."""
        self._lost.discard(reader)
        for person in self._people.values():
            if person.present and reader in _readers(person):
                person.silent_from = max(person.silent_from, at)

    def end(self, customer: str, at: float, reason: str) -> Moment | None:
        """This customer is no longer recognised (revoked, erased): everything about them is dropped."""
        person = self._people.pop(customer, None)
        self._visits.forget(customer)
        if person is None:
            return None
        for identifier in person.credentials:
            self._credentials.pop(identifier, None)
        if not person.present:
            return None
        return self._leave(person, at, {"kind": "ended", "why": reason}, 1.0)

    def restore(self, customer: str, visit: str, zone: str, since: float, seen_at: float, now: float) -> None:
        """Present again after a restart, without greeting; silence counts from ``now``."""
        person = self._person(customer)
        self._now = max(self._now, now)
        person.present = True
        person.visit = visit
        person.state = self._plan.zones.index(zone) + 1 if zone in self._plan.zones else 1
        person.since = person.arrived_at = since
        person.seen_at = seen_at
        person.silent_from = now
        person.belief = belief.surely(self._states, person.state)
        person.evidence = {"kind": "restored"}
        person.reason = sentence(person.evidence)
        person.confidence = self._settings.arrive_at
        person.wake = now + self._settings.floor_s

    def recent(self, customer: str, visit: str, departed_at: float) -> None:
        """Left before the restart: a return within the re-entry time goes on with this visit."""
        self._visits.close(customer, visit, departed_at)

    # --- what is known ------------------------------------------------------------------------------------------

    def here(self) -> list[Here]:
        """Everybody who is present."""
        return [self._here(person) for person in self._people.values() if person.present]

    def where(self, customer: str) -> Here | None:
        """Where this customer is; None while away."""
        person = self._people.get(customer)
        return self._here(person) if person is not None and person.present else None

    def _here(self, person: Person) -> Here:
        return Here(
            person.customer,
            person.visit,
            self._plan.zones[person.state - 1],
            person.since,
            person.confidence,
            person.reason,
            person.evidence,
            person.seen_at,
        )

    # --- decisions, one each ------------------------------------------------------------------------------------

    def _decide_urgently(self, person: Person, link: Link, at: float) -> Moment | None:
        """A tap is certain at once; an exit read starts a departure."""
        if link.role == "tap":
            return self._decide(person, at, tapped=link)
        person.exit_at = at
        person.exit_reader = link.reader
        return self._decide(person, at)

    def _decide(self, person: Person, at: float, tapped: Link | None = None) -> Moment | None:
        """Turns the reads since the last step into belief, and belief into news."""
        seconds = min(1.0, max(STEP_S, at - person.decided_at))
        person.belief = belief.drift(person.belief, min(10.0, at - person.decided_at))
        for credential in person.credentials.values():
            levels = current_levels(credential, self._states, at)
            person.belief = belief.weigh(person.belief, levels, credential.faint, seconds)
        if tapped is not None:
            person.belief = belief.surely(self._states, tapped.state)
        person.fresh = False
        person.seen_at = person.silent_from = person.decided_at = at
        person.due = at + STEP_S
        self._mind_exit(person)
        if not person.present:
            person.wake = at + LONE_READ_S
            return self._consider_arrival(person, at, tapped)
        person.wake = at + (self._settings.exit_s if person.exit_at is not None else self._settings.floor_s)
        return self._consider_move(person, at, tapped)

    def _consider_arrival(self, person: Person, at: float, tapped: Link | None) -> Moment | None:
        """Sure enough that they are inside? Or at least likely enough for a hint?"""
        inside = 1.0 - person.belief[OUTSIDE]
        if inside >= self._settings.arrive_at:
            return self._arrive(person, at, inside, tapped)
        if inside >= HINT_AT or _outer_hears(person, at):
            return self._hint(person, at, inside)
        return None

    def _consider_move(self, person: Person, at: float, tapped: Link | None) -> Moment | None:
        """Sure enough that they are in another zone?"""
        state = max(range(self._states), key=person.belief.__getitem__)
        if state in (OUTSIDE, person.state) or person.belief[state] < self._settings.move_at:
            person.confidence = max(person.confidence * 0.9, person.belief[person.state])
            return None
        evidence = _tap(tapped) if tapped is not None else self._why_moved(person, state, at)
        person.state = state
        person.since = at
        return self._say(person, "moved", at, person.belief[state], evidence)

    def _mind_exit(self, person: Person) -> None:
        """Being read on the way in, or tapping, later than an exit read calls the departure off."""
        for credential in person.credentials.values():
            for link in credential.links.values():
                if person.exit_at is not None and link.at > person.exit_at + 2.0 and link.role in ("inner", "tap"):
                    person.exit_at = None

    def _reconsider(self, person: Person, now: float) -> Moment | None:
        """Nothing was heard lately: does a lone read speak for itself, or has somebody left?"""
        if person.fresh:
            moment = self._decide(person, max(_last_heard(person), person.decided_at))
            if moment is not None:
                return moment
        if person.present:
            return self._consider_departure(person, now)
        person.wake = float("inf")
        if now - person.decided_at >= LONE_READ_S and _spoke_alone(person):
            person.belief = belief.weigh(person.belief, _alone(person, self._states), -200.0, 1.0)
            return self._consider_arrival(person, person.seen_at, None)
        return None

    def _consider_departure(self, person: Person, now: float) -> Moment | None:
        """An exit read, or silence that is long for this customer's credentials."""
        if person.exit_at is not None and now >= person.exit_at + self._settings.exit_s:
            return self._depart(person, person.exit_at, {"kind": "exit", "reader": person.exit_reader}, 0.95)
        credentials = list(person.credentials.values())
        if self._lost.intersection(_readers(person)):
            person.wake = now + 1.0
            return None
        if departure.only_passed(credentials, person.arrived_at) and person.evidence["kind"] != "restored":
            wait = self._settings.linger_s
        else:
            wait = departure.patience(credentials, self._settings)
        silence = now - person.silent_from
        if silence < wait:
            person.wake = min(person.silent_from + wait, person.wake + self._settings.exit_s, now + 5.0)
            return None
        return self._depart(person, person.seen_at, {"kind": "silence", "seconds": round(silence, 1)}, 0.9)

    # --- news out -----------------------------------------------------------------------------------------------

    def _arrive(self, person: Person, at: float, confidence: float, tapped: Link | None) -> Moment:
        state = max(range(1, self._states), key=person.belief.__getitem__)
        returned_after = None
        if not person.visit or at - person.hinted_at > self._settings.reentry_s:
            person.visit, left_at = self._visits.open(person.customer, at)
            returned_after = None if left_at is None else at - left_at
        person.present = True
        person.state = state
        person.since = person.arrived_at = at
        person.wake = at + self._settings.floor_s
        evidence = _tap(tapped) if tapped is not None else _why_here(person, state)
        if returned_after is not None:
            evidence["from"] = "away"
            evidence["away"] = round(returned_after)
        return self._say(person, "arrived", at, confidence, evidence)

    def _hint(self, person: Person, at: float, confidence: float) -> Moment | None:
        if at - person.hinted_at < self._settings.reentry_s:
            return None
        person.hinted_at = at
        person.visit, _ = self._visits.open(person.customer, at)
        return self._say(person, "hinted", at, confidence, _why_here(person, OUTSIDE))

    def _depart(self, person: Person, at: float, evidence: Evidence, confidence: float) -> Moment:
        self._visits.close(person.customer, person.visit, at)
        return self._leave(person, at, evidence, confidence)

    def _leave(self, person: Person, at: float, evidence: Evidence, confidence: float) -> Moment:
        moment = self._say(person, "departed", at, confidence, evidence)
        person.present = False
        person.state = OUTSIDE
        person.visit = ""
        person.exit_at = None
        person.wake = float("inf")
        person.belief = belief.prior(self._states)
        return moment

    def _say(self, person: Person, kind: Kind, at: float, confidence: float, evidence: Evidence) -> Moment:
        reason = sentence(evidence)
        if kind != "departed":
            person.confidence, person.reason, person.evidence = confidence, reason, evidence
        zone = self._plan.zones[person.state - 1] if person.state else None
        since = at if kind == "hinted" else person.since
        return Moment(kind, person.customer, person.visit, zone, at, since, round(confidence, 3), reason, evidence)

    def _why_moved(self, person: Person, state: int, at: float) -> Evidence:
        links = _links_of(person)
        here = max((k for k in links if k.state == state), key=lambda k: k.at)
        there = max((k for k in links if k.state == person.state), key=lambda k: k.at, default=None)
        evidence: Evidence = {
            "kind": "moved",
            "reader": here.reader,
            "from": self._plan.zones[person.state - 1],
            "seconds": round(min(at - here.first_at, at - person.since), 1),
        }
        if there is not None and here.level > there.level:
            evidence["db"] = round(here.level - there.level)
        return evidence

    # --- memory -------------------------------------------------------------------------------------------------

    def _person(self, customer: str) -> Person:
        person = self._people.get(customer)
        if person is None:
            person = self._people[customer] = Person(customer, belief.prior(self._states))
        return person

    def _meet(self, identifier: str, customer: str) -> tuple[Person, Credential]:
        """A credential heard for the first time, or given to another customer since."""
        former = self._credentials.get(identifier)
        if former is not None:
            former[0].credentials.pop(identifier, None)
        person = self._person(customer)
        credential = person.credentials[identifier] = Credential(identifier)
        self._credentials[identifier] = (person, credential)
        return self._credentials[identifier]

    def _sweep(self, now: float) -> None:
        """Drops customers who are away and have not been heard for long."""
        self._swept_at = now
        self._visits.expire(now)
        gone = [p for p in self._people.values() if not p.present and now - p.seen_at > FORGET_S]
        for person in gone:
            del self._people[person.customer]
            for identifier in person.credentials:
                self._credentials.pop(identifier, None)


def _links_of(person: Person) -> list[Link]:
    return [link for credential in person.credentials.values() for link in credential.links.values()]


def _readers(person: Person) -> set[str]:
    """Readers that have heard this customer within the last approach."""
    return {link.reader for link in _links_of(person) if link.at >= person.seen_at - NEW_APPROACH_S}


def _last_heard(person: Person) -> float:
    return max((link.at for link in _links_of(person)), default=person.seen_at)


def _outer_hears(person: Person, at: float) -> bool:
    return any(link.role == "outer" and link.at == at for link in _links_of(person))


def _spoke_alone(person: Person) -> bool:
    """Heard inside, strongly, and by nothing outside since just before."""
    links = _links_of(person)
    if any(link.state == OUTSIDE and link.at > person.seen_at - 3.0 for link in links):
        return False
    return any(
        link.state != OUTSIDE and link.at >= person.seen_at - 1.0 and link.level > credential.faint
        for credential in person.credentials.values()
        for link in credential.links.values()
    )


def _alone(person: Person, states: int) -> list[float | None]:
    """Levels that say: nothing but the zone of the last read has heard them, so far apart as to be worth a decision."""
    last = max((k for k in _links_of(person) if k.state != OUTSIDE), key=lambda k: k.at)
    levels: list[float | None] = [None] * states
    levels[last.state] = 0.0
    levels[OUTSIDE] = -LONE_READ_NATS / belief.NATS_PER_DB
    return levels


def _tap(link: Link) -> Evidence:
    return {"kind": "tap", "reader": link.reader}


def _why_here(person: Person, state: int) -> Evidence:
    """The reads that speak for this state; for a hint (outside), the loudest reads of all."""
    links = [k for k in _links_of(person) if k.at >= person.seen_at - NEW_APPROACH_S]
    mine = [k for k in links if state in (OUTSIDE, k.state)] or links
    best = max(mine, key=lambda k: (k.count, k.level))
    evidence: Evidence = {
        "kind": "reads",
        "reader": best.reader,
        "reads": best.count,
        "seconds": round(best.at - best.first_at, 1),
    }
    rival = max((k for k in links if k.state != best.state), key=lambda k: k.level, default=None)
    if rival is not None and best.level > rival.level:
        evidence["db"] = round(best.level - rival.level)
        evidence["over"] = rival.reader
    return evidence
