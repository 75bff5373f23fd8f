"""Who is where: sightings in, moments out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.recognition import belief, departure, door_side, evidence, inference, self_reported
from gateway.recognition.beside import Beside
from gateway.recognition.clocks import AHEAD_S, ReaderClocks
from gateway.recognition.drift import Drift
from gateway.recognition.evidence import OUTSIDE, UNGRADED_DBM, Antennas, Credential, Signal, signal_of
from gateway.recognition.labels import Label
from gateway.recognition.learnt import Learnt
from gateway.recognition.left_behind import Whereabouts
from gateway.recognition.moments import Evidence, Here, Kind, Moment
from gateway.recognition.plan import Plan
from gateway.recognition.reasons import sentence, why_here, why_moved, why_tapped
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.track import NEVER, Track
from gateway.recognition.tracks import Tracks
from gateway.recognition.visits import Visits
from reader_drivers.sighting import Left, Sighting

DEFAULTS = PresenceSettings()
SWEEP_S = 60.0
SURPRISE_DB = 10.0  # so far from where somebody has been is worth a look at once
ENOUGH = 8  # reads to think about when nothing presses
COPY_S = 0.03  # a broker that is back sends what it has up to 45 times, and not every reader puts a time into it
GATHER_S = 0.1  # the readers of a venue hear one transmission within milliseconds; what they say belongs together


class Presence:
    """Keeps, per customer, where they are; pure: time comes with each sighting and each pulse."""

    def __init__(
        self, plan: Plan, *, new_visit: Callable[[], str], settings: PresenceSettings = DEFAULTS,
        learnt: Learnt | None = None,
    ) -> None:  # fmt: skip
        self._plan = plan
        self._settings = settings
        self.learnt = learnt or Learnt(plan)
        self._tracks = Tracks(len(plan.zones), self.learnt.introduce)
        self._has_exit = any(place.role == "exit" for place in plan.readers.values())
        self._antennas = Antennas(plan)
        self._clocks = ReaderClocks()
        self._drift = Drift()
        self._visits = Visits(new_visit, settings.reentry_s)
        self._lost: dict[str, float] = {}
        self.beside = Beside(plan, self._lost)
        self._nobodys = False  # what it hears: it teaches rooms, and counts for nothing else
        self._now = self._pulsed_at = self._swept_at = NEVER

    # --- facts in -----------------------------------------------------------------------------------------------

    def see(self, sighting: Sighting, customer: str) -> Moment | None:
        """One sighting of this customer's; nearly always no news. The hot path."""
        at = sighting.at
        shifts = self._clocks.shifts
        if shifts:
            at += shifts.get(sighting.reader, 0.0)
        if (ahead := at - self._now) > 0.0:
            self._ahead(sighting.reader, at, ahead)
        elif ahead < -self._settings.late_s:
            self._late(sighting, at, customer)
            return None
        known = self._tracks.by_identifier.get(sighting.identifier)
        if known is None or known[0].customer != customer:
            if sighting.reader not in self._plan.readers:
                return None
            known = self._tracks.meet(sighting.identifier, customer)
        track, credential = known
        heard_by = (sighting.reader, sighting.antenna)
        signal = credential.signals.get(heard_by) or self._new_signal(credential, sighting)
        if signal is None:
            return None
        rssi = UNGRADED_DBM if sighting.rssi is None else sighting.rssi
        gap = at - signal.at
        if gap < COPY_S and not signal.is_new(rssi, gap):
            return None  # the same read again
        if gap > evidence.NEW_APPROACH_S and gap > evidence.NEW_APPROACH_GAPS * credential.gap:
            signal.first_at, signal.count, signal.last = at, 0, rssi
        signal.at = at
        signal.count += 1
        signal.n += 1
        signal.rough += (rssi - signal.last) ** 2
        signal.last = rssi
        signal.total += rssi
        if at - credential.at > 0.1:
            credential.heard(at)
        track.heard_at = at
        if signal.urgent:
            return self._decide(track, at, signal if signal.role == "tap" else None)
        track.pending += 1
        if not -SURPRISE_DB < rssi - signal.dwell < SURPRISE_DB and track.overdue > at + GATHER_S:
            track.due = track.overdue = at + GATHER_S
        elif track.pending == 1:
            if at + GATHER_S > track.due:
                track.due = at + GATHER_S
        elif at >= track.due and (track.pending >= ENOUGH or at >= track.overdue):
            return self._decide(track, at)
        return None

    def _new_signal(self, credential: Credential, sighting: Sighting) -> Signal | None:
        """An antenna hears this credential for the first time; None for a reader without a place in the plan."""
        signal = signal_of(credential, sighting, self._plan)
        if signal is not None:
            self._antennas.learn(signal, credential.beacon)
            self._drift.make_up(credential.beacon, (signal,))
        return signal

    def _late(self, sighting: Sighting, at: float, customer: str) -> None:
        """History, never an alarm."""
        self._clocks.late(sighting.reader, at, self._now)
        since = self._now - self._settings.self_reported_s
        self_reported.remember(sighting, at, since, customer, self._tracks, self._plan)

    def left(self, left: Left, customer: str) -> Moment | None:
        """A phone says that it has left: so has its customer, unless something else of theirs is heard."""
        track = self_reported.who_left(left, customer, self._tracks, self._settings)
        return None if track is None else self._depart(track, left.at, {"kind": "left", "reader": left.reader}, 0.95)

    def taught(self, label: Label) -> bool:
        """Staff have said where somebody is, or is not; False where nothing could be learnt from it."""
        track = self._tracks.by_customer.get(label.customer)
        if track is None or not (track.present or label.source == "walk_test"):
            return False
        said = self._plan.zones[track.state - 1] if track.present else None
        return self.learnt.learn(label, said, track, self._antennas, self._lost)

    def placed(self, customer: str, zone: str, at: float, evidence: Evidence) -> None:
        """Staff have seen this customer in ``zone``: they are there until they walk on, or readers insist for long."""
        track = self._tracks.by_customer.get(customer)
        if track is not None and track.present and zone in self._plan.zones:
            track.placed(self._plan.zones.index(zone) + 1, at, evidence, sentence(evidence))

    def apart(self) -> Presence:
        """Another of the same venue, for a thing that is nobody's: what it is taught, this knows."""
        other = Presence(self._plan, new_visit=str, settings=self._settings, learnt=self.learnt)
        other._antennas, other._clocks, other._drift = self._antennas, self._clocks, self._drift
        other._lost, other.beside, other._now, other._pulsed_at = self._lost, self.beside, self._now, self._pulsed_at
        other._nobodys = True
        return other

    def pulse(self, now: float) -> list[Moment]:
        """What time alone has changed: departures, and reads that waited for others. Call it twice a second."""
        if self._clocks.settle(now):
            self._tracks.rewind(now, now + AHEAD_S)
        self._now = self._pulsed_at = now
        moments: list[Moment] = []
        for track in self._tracks.by_customer.values():
            if (track.pending and now >= track.overdue) or now >= track.wake:
                moments += filter(None, [self._reconsider(track, now)])
        if now - self._swept_at > SWEEP_S:
            self._sweep(now)
        return moments

    def _sweep(self, now: float) -> None:
        """Once a minute: forgets what is over, and learns from those who stay how well antennas hear."""
        self._swept_at = now
        self._visits.expire(now)
        for things in self._tracks.passed_by(now - SWEEP_S):
            self.learnt.never_came_in(things)
        self._tracks.sweep(now)
        self._drift.sweep(self._tracks.by_customer.values(), now)

    def reader_lost(self, reader: str, at: float) -> None:
        """This reader has died or gone deaf: nobody leaves because it is silent."""
        self._lost.setdefault(reader, at)

    def reader_back(self, reader: str, at: float) -> None:
        """This reader hears again: silence of those it heard counts from now."""
        self._lost.pop(reader, None)
        for track in self._tracks.by_customer.values():
            if track.present and reader in track.readers():
                track.silent_from = max(track.silent_from, at)

    def end(self, customer: str, at: float, reason: str) -> Moment | None:
        """This customer is no longer recognised (revoked, erased): everything about them is dropped."""
        track = self._tracks.drop(customer)
        self._visits.forget(customer)
        if track is None or not track.present:
            return None
        return self._leave(track, at, {"kind": "ended", "why": reason}, 1.0)

    def ending(self, customer: str, at: float, reason: str) -> Moment | None:
        """What ``end`` would tell; nothing changes. None for somebody who is not here."""
        h, why = self.where(customer), Evidence(kind="ended", why=reason)
        return Moment("departed", customer, h.visit, h.zone, at, h.since, 1.0, sentence(why), why) if h else None

    def restore(self, customer: str, visit: str, zone: str, since: float, seen_at: float, now: float) -> None:
        """Present again after a restart, without greeting; silence counts from ``now``."""
        self._now = max(self._now, now)
        state = self._plan.zones.index(zone) + 1 if zone in self._plan.zones else 1
        track = self._tracks.of(customer)
        track.restore(visit, state, since, seen_at, now, self._settings)
        track.reason = sentence(track.evidence)

    def recent(self, customer: str, visit: str, departed_at: float) -> None:
        """Left before the restart: a return within the re-entry time goes on with this visit."""
        self._visits.close(customer, visit, departed_at)

    # --- what is known ------------------------------------------------------------------------------------------

    def here(self) -> list[Here]:
        """Everybody who is present."""
        return [self._here(track) for track in self._tracks.by_customer.values() if track.present]

    def where(self, customer: str) -> Here | None:
        """Where this customer is; None while away."""
        track = self._tracks.by_customer.get(customer)
        return self._here(track) if track is not None and track.present else None

    def whereabouts(self, customer: str) -> list[Whereabouts]:
        """Where each thing of a customer is by itself; empty for somebody who is not known."""
        track = self._tracks.by_customer.get(customer)
        things = track.credentials if track is not None else {}
        return [belief.whereabouts(c, self._plan, self._antennas, self._lost) for c in things.values()]

    def clock_shifts(self) -> Mapping[str, float]:
        """Seconds added to the times of readers whose clocks are wrong."""
        return self._clocks.shifts

    def drifts(self) -> dict[str, float]:
        """Readers that hear otherwise than they used to, and by how many dB: look at the antenna."""
        return self._drift.found()

    def _here(self, track: Track) -> Here:
        plan, settings = self._plan, self._settings
        return track.here(plan.zones[track.state - 1], quiet=departure.has_gone_quiet(track, self._now, plan, settings))

    # --- one step -----------------------------------------------------------------------------------------------

    def _ahead(self, reader: str, at: float, ahead: float) -> None:
        """Time goes on with the reads, but not far beyond the last pulse on the word of one reader."""
        if ahead <= AHEAD_S or self._pulsed_at == NEVER:
            self._now = at
        else:
            self._clocks.claims(reader, at)

    def _decide(self, track: Track, at: float, tapped: Signal | None = None) -> Moment | None:
        """Turns the reads since the last step into belief, and belief into news."""
        inference.think(track, at, self._antennas, self.learnt, self.beside, self._lost, self._settings)
        if tapped is not None:
            track.certain_of(tapped.state)
            track.exit_at = NEVER
        if not track.present:
            track.wake = at + door_side.LAST_WORD_S
            return self._consider_arrival(track, at, tapped)
        if departure.walked_out(track, at, self._settings):
            return self._walk_out(track, at)
        out = door_side.going_out(track.credentials.values())
        track.wake = at + (door_side.LAST_WORD_S if out else self._settings.floor_s)
        if self._has_exit:
            departure.mind_exit(track)
            if track.exit_at > NEVER:
                track.wake = min(track.wake, track.exit_at + self._settings.exit_s)
        return self._consider_move(track, at, tapped)

    # --- decisions, one each ------------------------------------------------------------------------------------

    def _consider_arrival(self, track: Track, at: float, tapped: Signal | None = None) -> Moment | None:
        """Sure enough that they are inside, and where? Or at least likely enough for a hint?"""
        confidence = door_side.probability(track.inside + track.let_in)
        if confidence < self._settings.arrive_at or self._on_the_way_out(track, at, tapped):
            track.sure_at = NEVER
            return self._consider_hint(track, at, confidence)
        if track.sure_at == NEVER:
            track.sure_at = at
        zone_by = track.sure_at + self._settings.zone_wait_s
        if max(track.zones) < self._settings.move_at and self._now < zone_by:
            track.wake = zone_by
            return None
        return self._arrive(track, at, confidence, tapped)

    def _on_the_way_out(self, track: Track, at: float, tapped: Signal | None) -> bool:
        """Readers of rooms still hear who has just left by the exit; only the way in brings them back."""
        if tapped is not None or at - track.left_by_exit_at > self._settings.exit_echo_s:
            return False
        return not any(signal.role == "inner" and signal.at > track.left_by_exit_at for signal in track.signals())

    def _consider_hint(self, track: Track, at: float, confidence: float) -> Moment | None:
        """Heard outside, or inside and not surely: worth a hint, once per approach."""
        if at - track.hinted_at < self._settings.reentry_s or at - track.left_by_exit_at < self._settings.exit_echo_s:
            return None
        outside = any(signal.role == "outer" and signal.count > 1 for signal in track.recent_signals())
        if confidence < self._settings.hint_at and not (outside and self.learnt.come_in() >= self._settings.hint_at):
            return None
        track.hinted_at = at
        track.visit, _ = self._visits.open(track.customer, at)
        return self._say(track, "hinted", at, confidence, why_here(track, OUTSIDE))

    def _honest(self, state: int, probability: float) -> float:
        return self.learnt.honest(self._plan.zones[state - 1], probability)

    def _consider_move(self, track: Track, at: float, tapped: Signal | None) -> Moment | None:
        """Sure enough that they are in another zone?"""
        if track.stays_as_told(at):
            return None
        state = max(range(len(track.zones)), key=track.zones.__getitem__) + 1
        confidence = track.zones[state - 1]
        if state == track.state or confidence < self._settings.move_at or not track.heard_in(state):
            track.confidence = 1.0 if tapped else self._honest(track.state, track.zones[track.state - 1])
            return None
        evidence = why_tapped(tapped) if tapped is not None else why_moved(track, state, at, self._plan)
        track.state = state
        track.since = at
        return self._say(track, "moved", at, 1.0 if tapped else self._honest(state, confidence), evidence)

    def _reconsider(self, track: Track, now: float) -> Moment | None:
        """Time has passed: decide on reads that waited, hear the last word of a silent newcomer, notice who left."""
        if track.pending:
            moment = self._decide(track, max(track.heard_at, track.decided_at))
            if moment is not None or now < track.wake:
                return moment
        if now < track.wake:
            return None
        track.wake = float("inf")
        self.beside.of_doors(track, now)
        if not track.last_word:
            track.last_word = True
            word = door_side.last_word(track.credentials.values(), self._antennas, self._lost, now)
            track.inside = door_side.moved(track.inside, word)
        if track.present:
            return self._consider_departure(track, now)
        return self._consider_arrival(track, track.seen_at)

    def _consider_departure(self, track: Track, now: float) -> Moment | None:
        """An exit read that stands, or silence that is long for what this person carries."""
        if departure.left_by_exit(track, now, self._settings) and not track.kept_in:
            track.left_by_exit_at = track.exit_at
            return self._depart(track, track.exit_at, {"kind": "exit", "reader": track.exit_reader}, 0.95)
        if any(now - self._lost[r] < self._settings.blind_s for r in self._lost.keys() & track.readers()):
            track.wake = now + 1.0  # a reader that heard them last is dead, and has not been for very long
            return None
        wait = departure.patience(track, self._plan, self._antennas, self._settings)
        wait = self.beside.patience(track, wait, now, self._settings)
        silence = now - track.silent_from
        if silence < wait:
            track.wake = min(track.silent_from + wait, now + 5.0)
            if track.exit_at > NEVER:
                track.wake = min(track.wake, max(now + 0.5, track.exit_at + self._settings.exit_s))
            return None
        if departure.is_outside(track, self._settings):
            return self._walk_out(track, track.seen_at)
        evidence: Evidence = {"kind": "silence", "seconds": round(now - max(track.seen_at, track.since))}
        if not departure.may_hide(track, self._antennas, "zone"):
            return self._depart(track, track.seen_at, evidence, 0.9)
        track.left_unseen_at = now
        moment = self._depart(track, track.seen_at, evidence, 0.9)
        self._visits.close(track.customer, moment.visit, now)  # a return counts from when staff were told
        return moment

    def _walk_out(self, track: Track, at: float) -> Moment:
        """The way in was the way out."""
        track.left_by_exit_at = at
        return self._depart(track, at, departure.why_out(track), 1.0 - door_side.probability(track.inside))

    # --- news out -----------------------------------------------------------------------------------------------

    def _arrive(self, track: Track, at: float, confidence: float, tapped: Signal | None) -> Moment:
        visit, left_at = self._visits.open(track.customer, at)
        if left_at is not None or not track.visit or at - track.hinted_at > self._settings.reentry_s:
            track.visit = visit
        self.learnt.came_in(track.credentials.values(), again=self._nobodys)
        track.state = max(range(len(track.zones)), key=track.zones.__getitem__) + 1
        track.present, track.since, track.arrived_at = True, at, at
        track.wake = at + self._settings.floor_s
        evidence = why_tapped(tapped) if tapped is not None else why_here(track, track.state)
        if tapped is None and left_at is None and not self._nobodys:
            self.beside.sensors.came_in(track, at)
        confidence = min(confidence, 1.0 if tapped else self.learnt.surely(self._plan.zones[track.state - 1]))
        if left_at is None:
            return self._say(track, "arrived", at, confidence, evidence)
        departure.learn_silence(track, at - left_at)
        resumed = departure.never_left(track)
        track.left_unseen_at = NEVER
        evidence["missed" if resumed else "away"] = round(at - left_at)
        moment = self._say(track, "moved" if resumed else "arrived", at, confidence, evidence)
        moment.resumed = resumed
        if resumed:
            departure.learn_hiding(track)
        return moment

    def _depart(self, track: Track, at: float, evidence: Evidence, confidence: float) -> Moment:
        self._visits.close(track.customer, track.visit, at)
        return self._leave(track, at, evidence, confidence)

    def _leave(self, track: Track, at: float, evidence: Evidence, confidence: float) -> Moment:
        moment = self._say(track, "departed", at, confidence, evidence)
        self.learnt.came_in(track.credentials.values(), again=True)  # what they were heard like inside is no approach
        track.begin_again()
        return moment

    def _say(self, track: Track, kind: Kind, at: float, confidence: float, evidence: Evidence) -> Moment:
        reason = sentence(evidence)
        if kind != "departed":
            track.confidence, track.reason, track.evidence = confidence, reason, evidence
        zone = self._plan.zones[track.state - 1] if track.state else None
        since = at if kind == "hinted" else track.since
        return Moment(kind, track.customer, track.visit, zone, at, since, round(confidence, 3), reason, evidence)
