"""Who is where: sightings in, moments out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.recognition import belief, departure, motion, side, told
from gateway.recognition.apart import Whereabouts
from gateway.recognition.clocks import AHEAD_S, ReaderClocks
from gateway.recognition.drift import CALM, Drift
from gateway.recognition.evidence import NEW_APPROACH_S, OUTSIDE, UNGRADED_DBM, Credential, Ears, Link, absorb, link_of
from gateway.recognition.moments import Evidence, Here, Kind, Moment
from gateway.recognition.people import People
from gateway.recognition.person import NEVER, Person
from gateway.recognition.plan import Plan
from gateway.recognition.reasons import sentence, why_here, why_moved, why_tapped
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.visits import Visits
from reader_drivers.sighting import Left, Sighting

DEFAULTS = PresenceSettings()
SWEEP_S = 60.0
STREAM_GAPS = 3.0  # reads no more gaps apart speak for the time between them, one after a silence for itself
SURPRISE_DB = 10.0  # so far from where somebody has been is worth a look at once
ENOUGH = 8  # reads to think about when nothing presses
COPY_S = 0.03  # a broker that is back sends what it has up to 45 times, and not every reader puts a time into it
GATHER_S = 0.1  # the readers of a venue hear one transmission within milliseconds; what they say belongs together


class Presence:
    """Keeps, per customer, where they are; pure: time comes with each sighting and each pulse."""

    def __init__(self, plan: Plan, *, new_visit: Callable[[], str], settings: PresenceSettings = DEFAULTS) -> None:
        self._plan = plan
        self._settings = settings
        self._people = People(len(plan.zones))
        self._has_exit = any(place.role == "exit" for place in plan.readers.values())
        self._ears = Ears(plan)
        self._clocks = ReaderClocks()
        self._drift = Drift()
        self._visits = Visits(new_visit, settings.reentry_s)
        self._lost: dict[str, float] = {}
        self._now = self._pulsed_at = self._swept_at = NEVER

    # --- facts in -----------------------------------------------------------------------------------------------

    def see(self, sighting: Sighting, customer: str) -> Moment | None:
        """One sighting of this customer's; nearly always no news. The hot path."""
        at = sighting.at
        shifts = self._clocks.shifts
        if shifts:
            at += shifts.get(sighting.reader, 0.0)
        ahead = at - self._now
        if ahead > 0.0:
            self._ahead(sighting.reader, at, ahead)
        elif ahead < -self._settings.late_s:
            self._late(sighting, at, customer)
            return None
        known = self._people.by_identifier.get(sighting.identifier)
        if known is None or known[0].customer != customer:
            if sighting.reader not in self._plan.readers:
                return None
            known = self._people.meet(sighting.identifier, customer)
        person, credential = known
        link = credential.links.get((sighting.reader, sighting.antenna))
        if link is None:
            link = self._new_link(credential, sighting)
            if link is None:
                return None
        rssi = UNGRADED_DBM if sighting.rssi is None else sighting.rssi
        gap = at - link.at
        if gap < COPY_S and (gap <= 0.0 or rssi == link.last):
            return None  # the same read again
        if gap > NEW_APPROACH_S:
            link.first_at = at
            link.count = 0
        link.at = at
        link.count += 1
        link.n += 1
        link.last = rssi
        link.total += rssi
        if at - credential.at > 0.1:
            credential.heard(at)
        person.heard_at = at
        if link.urgent:
            return self._decide(person, at, link if link.role == "tap" else None)
        person.pending += 1
        if not -SURPRISE_DB < rssi - link.dwell < SURPRISE_DB and person.overdue > at + GATHER_S:
            person.due = person.overdue = at + GATHER_S
        elif person.pending == 1:
            if at + GATHER_S > person.due:
                person.due = at + GATHER_S
        elif at >= person.due and (person.pending >= ENOUGH or at >= person.overdue):
            return self._decide(person, at)
        return None

    def _new_link(self, credential: Credential, sighting: Sighting) -> Link | None:
        """An antenna hears this credential for the first time; None for a reader without a place in the plan."""
        link = link_of(credential, sighting, self._plan)
        if link is not None:
            self._ears.learn(link, credential.beacon)
            self._drift.make_up(credential.beacon, (link,))
        return link

    def _late(self, sighting: Sighting, at: float, customer: str) -> None:
        """History, never an alarm."""
        self._clocks.late(sighting.reader, at, self._now)
        told.remember(sighting, at, self._now - self._settings.told_s, customer, self._people, self._plan)

    def left(self, left: Left, customer: str) -> Moment | None:
        """A phone says that it has left: so has its customer, unless something else of theirs is heard."""
        person = told.who_left(left, customer, self._people, self._settings)
        return None if person is None else self._depart(person, left.at, {"kind": "left", "reader": left.reader}, 0.95)

    def pulse(self, now: float) -> list[Moment]:
        """What time alone has changed: departures, and reads that waited for company. Call it twice a second."""
        if self._clocks.settle(now):
            self._people.rewind(now, now + AHEAD_S)
        self._now = self._pulsed_at = now
        moments: list[Moment] = []
        for person in self._people.by_customer.values():
            if (person.pending and now >= person.overdue) or now >= person.wake:
                moment = self._reconsider(person, now)
                if moment is not None:
                    moments.append(moment)
        if now - self._swept_at > SWEEP_S:
            self._sweep(now)
        return moments

    def _sweep(self, now: float) -> None:
        """Once a minute: forgets what is over, and learns from those who stay how well antennas hear."""
        self._swept_at = now
        self._visits.expire(now)
        self._people.sweep(now)
        self._drift.sweep(self._people.by_customer.values(), now)

    def reader_lost(self, reader: str, at: float) -> None:
        """This reader has died or gone deaf: nobody leaves because it is silent."""
        self._lost.setdefault(reader, at)

    def reader_back(self, reader: str, at: float) -> None:
        """This reader hears again: silence of those it heard counts from now."""
        self._lost.pop(reader, None)
        for person in self._people.by_customer.values():
            if person.present and reader in person.readers():
                person.silent_from = max(person.silent_from, at)

    def end(self, customer: str, at: float, reason: str) -> Moment | None:
        """This customer is no longer recognised (revoked, erased): everything about them is dropped."""
        person = self._people.drop(customer)
        self._visits.forget(customer)
        if person is None or not person.present:
            return None
        return self._leave(person, at, {"kind": "ended", "why": reason}, 1.0)

    def restore(self, customer: str, visit: str, zone: str, since: float, seen_at: float, now: float) -> None:
        """Present again after a restart, without greeting; silence counts from ``now``."""
        self._now = max(self._now, now)
        person = self._people.of(customer)
        person.present = person.restored = True
        person.visit = visit
        person.state = self._plan.zones.index(zone) + 1 if zone in self._plan.zones else 1
        person.since = person.arrived_at = since
        person.seen_at = seen_at
        person.silent_from = person.decided_at = now
        person.certain_of(person.state)
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
        return [self._here(person) for person in self._people.by_customer.values() if person.present]

    def where(self, customer: str) -> Here | None:
        """Where this customer is; None while away."""
        person = self._people.by_customer.get(customer)
        return self._here(person) if person is not None and person.present else None

    def whereabouts(self, customer: str) -> list[Whereabouts]:
        """Where each thing of a customer is by itself; empty for somebody who is not known."""
        person = self._people.by_customer.get(customer)
        if person is None:
            return []
        return [belief.whereabouts(credential, self._plan, self._ears) for credential in person.credentials.values()]

    def clock_shifts(self) -> Mapping[str, float]:
        """Seconds added to the times of readers whose clocks are wrong."""
        return self._clocks.shifts

    def drifts(self) -> dict[str, float]:
        """Readers that hear otherwise than they used to, and by how many dB: look at the antenna."""
        return self._drift.found()

    def _here(self, person: Person) -> Here:
        return person.here(self._plan.zones[person.state - 1])

    # --- one step -----------------------------------------------------------------------------------------------

    def _ahead(self, reader: str, at: float, ahead: float) -> None:
        """Time goes on with the reads, but not far beyond the last pulse on the word of one reader."""
        if ahead <= AHEAD_S or self._pulsed_at == NEVER:
            self._now = at
        else:
            self._clocks.claims(reader, at)

    def _decide(self, person: Person, at: float, tapped: Link | None = None) -> Moment | None:
        """Turns the reads since the last step into belief, and belief into news."""
        self._think(person, at)
        if tapped is not None:
            person.certain_of(tapped.state)
            person.exit_at = NEVER
        if not person.present:
            person.wake = at + side.LAST_WORD_S
            return self._consider_arrival(person, at, tapped)
        if departure.walked_out(person, at, self._settings):
            return self._walk_out(person, at)
        person.wake = at + (side.LAST_WORD_S if side.going_out(person.credentials.values()) else self._settings.floor_s)
        if self._has_exit:
            departure.mind_exit(person)
            if person.exit_at > NEVER:
                person.wake = min(person.wake, person.exit_at + self._settings.exit_s)
        return self._consider_move(person, at, tapped)

    def _think(self, person: Person, at: float) -> None:
        """Moves what we believe by the reads since the last step."""
        settings = self._settings
        speaking = [credential for credential in person.credentials.values() if absorb(credential)]
        seconds = _evidence_time(at - person.decided_at, speaking, settings)
        walking = person.walking = motion.moved(person.walking, speaking, at, seconds)
        zones = belief.drift(person.zones, walking, seconds)
        person.inside = side.forgotten(person.inside, at - person.decided_at, person.present)
        for credential in speaking:
            evidence = side.weigh(credential, self._ears.street(credential.beacon, self._lost), walking, at, seconds)
            person.inside = side.moved(person.inside, evidence)
            scores = belief.zone_scores(credential, self._ears, walking, at)
            zones = belief.weigh(zones, scores, walking, seconds, not credential.beacon)
        person.zones = zones
        person.pending = 0
        person.last_word = False
        person.seen_at = person.silent_from = person.decided_at = at
        calm = person.present and walking < CALM
        person.due = at + (settings.calm_step_s if calm else settings.step_s)
        person.overdue = at + (settings.sparse_step_s if calm else settings.step_s)

    # --- decisions, one each ------------------------------------------------------------------------------------

    def _consider_arrival(self, person: Person, at: float, tapped: Link | None = None) -> Moment | None:
        """Sure enough that they are inside, and where? Or at least likely enough for a hint?"""
        confidence = side.probability(person.inside)
        if confidence < self._settings.arrive_at or self._on_the_way_out(person, at, tapped):
            person.sure_at = NEVER
            return self._consider_hint(person, at, confidence)
        if person.sure_at == NEVER:
            person.sure_at = at
        zone_by = person.sure_at + self._settings.zone_wait_s
        if max(person.zones) < self._settings.move_at and self._now < zone_by:
            person.wake = zone_by
            return None
        return self._arrive(person, at, confidence, tapped)

    def _on_the_way_out(self, person: Person, at: float, tapped: Link | None) -> bool:
        """Readers of rooms still hear who has just left by the exit; only the way in brings them back."""
        if tapped is not None or at - person.left_by_exit_at > self._settings.exit_echo_s:
            return False
        return not any(link.role == "inner" and link.at > person.left_by_exit_at for link in person.links())

    def _consider_hint(self, person: Person, at: float, confidence: float) -> Moment | None:
        """Heard outside, or inside and not surely: worth a hint, once per approach."""
        if at - person.hinted_at < self._settings.reentry_s or at - person.left_by_exit_at < self._settings.exit_echo_s:
            return None
        outside = any(link.role == "outer" and link.count > 1 for link in person.recent_links())
        if not outside and confidence < self._settings.hint_at:
            return None
        person.hinted_at = at
        person.visit, _ = self._visits.open(person.customer, at)
        return self._say(person, "hinted", at, confidence, why_here(person, OUTSIDE))

    def _consider_move(self, person: Person, at: float, tapped: Link | None) -> Moment | None:
        """Sure enough that they are in another zone?"""
        state = max(range(len(person.zones)), key=person.zones.__getitem__) + 1
        confidence = person.zones[state - 1]
        if state == person.state or confidence < self._settings.move_at or not person.heard_in(state):
            person.confidence = person.zones[person.state - 1]
            return None
        evidence = why_tapped(tapped) if tapped is not None else why_moved(person, state, at, self._plan)
        person.state = state
        person.since = at
        return self._say(person, "moved", at, confidence, evidence)

    def _reconsider(self, person: Person, now: float) -> Moment | None:
        """Time has passed: decide on reads that waited, hear the last word of a silent newcomer, notice who left."""
        if person.pending:
            moment = self._decide(person, max(person.heard_at, person.decided_at))
            if moment is not None or now < person.wake:
                return moment
        if now < person.wake:
            return None
        person.wake = float("inf")
        if not person.last_word:
            person.last_word = True
            word = side.last_word(person.credentials.values(), self._ears, self._lost, now)
            person.inside = side.moved(person.inside, word)
        if person.present:
            return self._consider_departure(person, now)
        return self._consider_arrival(person, person.seen_at)

    def _consider_departure(self, person: Person, now: float) -> Moment | None:
        """An exit read that stands, or silence that is long for what this person carries."""
        if departure.left_by_exit(person, now, self._settings):
            person.left_by_exit_at = person.exit_at
            return self._depart(person, person.exit_at, {"kind": "exit", "reader": person.exit_reader}, 0.95)
        if any(now - self._lost[r] < self._settings.blind_s for r in self._lost.keys() & person.readers()):
            person.wake = now + 1.0  # a reader that heard them last is dead, and has not been for very long
            return None
        wait = departure.patience(person, self._plan, self._ears, self._settings)
        silence = now - person.silent_from
        if silence < wait:
            person.wake = min(person.silent_from + wait, now + 5.0)
            if person.exit_at > NEVER:
                person.wake = min(person.wake, max(now + 0.5, person.exit_at + self._settings.exit_s))
            return None
        if departure.is_outside(person, self._settings):
            return self._walk_out(person, person.seen_at)
        evidence: Evidence = {"kind": "silence", "seconds": round(now - max(person.seen_at, person.since))}
        if not departure.may_hide(person, self._ears, "zone"):
            return self._depart(person, person.seen_at, evidence, 0.9)
        person.left_unseen_at = now
        moment = self._depart(person, person.seen_at, evidence, 0.9)
        self._visits.close(person.customer, moment.visit, now)  # a return counts from when it was told
        return moment

    def _walk_out(self, person: Person, at: float) -> Moment:
        """The way in was the way out."""
        person.left_by_exit_at = at
        return self._depart(person, at, departure.why_out(person), 1.0 - side.probability(person.inside))

    # --- news out -----------------------------------------------------------------------------------------------

    def _arrive(self, person: Person, at: float, confidence: float, tapped: Link | None) -> Moment:
        visit, left_at = self._visits.open(person.customer, at)
        if left_at is not None or not person.visit or at - person.hinted_at > self._settings.reentry_s:
            person.visit = visit
        person.present = True
        person.state = max(range(len(person.zones)), key=person.zones.__getitem__) + 1
        person.since = person.arrived_at = at
        person.wake = at + self._settings.floor_s
        evidence = why_tapped(tapped) if tapped is not None else why_here(person, person.state)
        if left_at is None:
            return self._say(person, "arrived", at, confidence, evidence)
        resumed = departure.never_left(person)
        person.left_unseen_at = NEVER
        evidence["missed" if resumed else "away"] = round(at - left_at)
        moment = self._say(person, "moved" if resumed else "arrived", at, confidence, evidence)
        moment.resumed = resumed
        if resumed:
            departure.learn_hiding(person)
        return moment

    def _depart(self, person: Person, at: float, evidence: Evidence, confidence: float) -> Moment:
        self._visits.close(person.customer, person.visit, at)
        return self._leave(person, at, evidence, confidence)

    def _leave(self, person: Person, at: float, evidence: Evidence, confidence: float) -> Moment:
        moment = self._say(person, "departed", at, confidence, evidence)
        person.begin_again()
        return moment

    def _say(self, person: Person, kind: Kind, at: float, confidence: float, evidence: Evidence) -> Moment:
        reason = sentence(evidence)
        if kind != "departed":
            person.confidence, person.reason, person.evidence = confidence, reason, evidence
        zone = self._plan.zones[person.state - 1] if person.state else None
        since = at if kind == "hinted" else person.since
        return Moment(kind, person.customer, person.visit, zone, at, since, round(confidence, 3), reason, evidence)


def _evidence_time(since: float, speaking: list[Credential], settings: PresenceSettings) -> float:
    """Seconds of hearing that the reads of a step stand for, ``since`` seconds after the one before."""
    if since > STREAM_GAPS * min((c.gap for c in speaking), default=1.0):
        return settings.step_s
    return min(settings.calm_step_s, max(settings.step_s, since))
