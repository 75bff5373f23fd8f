"""What becomes of alerts at one moment: decided on a draft, so that nothing has changed until it is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

from gateway.service import routing
from gateway.service.alert import Alert, AlertNews, Because, Outcome, Refused
from gateway.service.alert_index import AlertIndex, Draft
from gateway.service.caps import Caps, tireless
from gateway.service.floor import Floor
from gateway.service.late_comers import late_comers
from gateway.service.routing import How, Wanted
from gateway.service.rules import ADVICE, WITHOUT_DISTURBING

HINT_LASTS = 120.0  # seconds: who was at the door and did not come in has gone on
NOBODY = Wanted("")
MET_BY_GREETING = frozenset({"arrival", "waiting", "back_after", "birthday"})  # nothing is left of these once greeted
OUTLIVES_VISIT = frozenset({"promise_due"})


class Decision:
    """One decision of the desk at ``now`` (seconds since 1970 UTC); each method answers what changes, in order."""

    def __init__(
        self,
        floor: Floor,
        index: AlertIndex,
        caps: Caps,
        steps: tuple[float, ...],
        hand_over_s: float,
        new_id: Callable[[], str],
        now: float,
    ) -> None:
        self._floor = floor
        self._draft = Draft(index)
        self._index = index
        self._caps = caps
        self._steps = steps
        self._hand_over_s = hand_over_s
        self._new_id = new_id
        self._now = now
        self._given = Counter[str]()

    # --- moments -----------------------------------------------------------------------------------------------

    def hinted(self, visit: str, customer: str, wanted: Wanted) -> list[AlertNews]:
        """Somebody may be at the door: one person learns it, silently, and not who it is."""
        last = self._of_arrival(visit)
        if last is not None and last.outcome != "left":
            return []
        to = routing.next_after(self._floor, wanted, {}, (), self._now)[:1]
        if not to:
            return []
        alert = Alert(self._new_id(), "arrival", visit, customer, wanted, opened_at=self._now, stage="hint", to=to)
        return [AlertNews("visit.hinted", self._draft.add(alert))]

    def arrived(self, visit: str, customer: str, wanted: Wanted, party: str | None) -> list[AlertNews]:
        """Opens an alert, unless this visit has one that was dealt with: who is back within a visit was greeted."""
        last = self._of_arrival(visit)
        hint = last if last is not None and last.stage == "hint" and last.state == "open" else None
        if last is not None and hint is None and last.outcome != "left":
            return []
        if hint is not None:
            alert = self._draft.edit(hint)
        else:
            alert = Alert(self._new_id(), "arrival", visit, customer, wanted, opened_at=self._now)
        alert.stage, alert.wanted, alert.opened_at, alert.party = "card", wanted, self._now, party
        return self._open(alert)

    def occurred(
        self, kind: str, visit: str, customer: str, wanted: Wanted, party: str | None, about: dict[str, Any]
    ) -> list[AlertNews]:
        """A kind of moment beside arrival; nothing while one of the kind is open, or was opened a moment ago."""
        alert = Alert(self._new_id(), kind, visit, customer, wanted, opened_at=self._now, party=party, about=about)
        if self.would_repeat(alert):
            return []
        reachable = {m.id for m in self._floor.reachable(self._now)}
        if reachable and reachable <= self._caps.tired(alert, self._now) and not wanted.manager:
            return []
        return self._open(alert)

    def would_repeat(self, alert: Alert) -> bool:
        """Whether such an alert is open, or was opened a moment ago."""
        same = [a for a in self._draft.of_customer(alert.customer) if a.kind == alert.kind and a.state != "closed"]
        return any(a.matter == alert.matter for a in same) or self._caps.again(alert, self._now)

    def ended(self, visit: str, outcome: Outcome) -> list[AlertNews]:
        """The customer has gone, or may not be recognised any more: what is owed stays owed where they left."""
        outlives = OUTLIVES_VISIT if outcome in ("left", "wrong_person") else frozenset[str]()
        return self._end([a for a in self._draft.of_visit(visit) if a.kind not in outlives], outcome)

    def quiet(self, visit: str) -> list[AlertNews]:
        """The customer does not want to be disturbed: what would bring anybody up to them ends."""
        return self._end([a for a in self._draft.of_visit(visit) if a.kind not in WITHOUT_DISTURBING], "revoked")

    def settled(self, promise: str) -> list[AlertNews]:
        """The promise was kept: the alert about it ends by itself."""
        return self._end([a for a in self._draft.all() if a.about.get("promise") == promise], "greeted")

    def reconsidered(self, customer: str, wanted_in: Callable[[str], Wanted]) -> list[AlertNews]:
        """What is known of somebody changed: their card goes on to whom ``wanted_in`` their zone says from now on."""
        news = []
        for alert in self._draft.of_customer(customer):
            wanted = wanted_in(alert.zone)
            if alert.kind == "arrival" and alert.state != "closed" and alert.wanted != wanted:
                changed = self._draft.edit(alert)
                changed.wanted = wanted
                news.append(AlertNews("alert.reconsidered", changed))
        return news

    def pulse(self, busy: Callable[[str], bool]) -> list[AlertNews]:
        """What un-claimed time brings: the next person, then the managers; the most urgent card first.

        A customer who is ``busy``, because somebody acts on their card just now, has their turn at the next pulse.
        """
        news: list[AlertNews] = []
        hands = self._hands()
        for alert in sorted(self._index.all("open"), key=lambda a: a.urgency):
            if busy(alert.customer):
                continue
            changed = self._step(alert, hands)
            if changed:
                news += changed
                hands = self._hands()
        late = (a for a in self._draft.all("open") if a.level and a.accept_by is None and not busy(a.customer))
        for alert in sorted(late, key=lambda a: a.urgency):  # cards that ring with nobody had their turn before
            news += self._considered_again(alert, self._hands()) if self._is_heard(alert) else []
        return news

    # --- acts --------------------------------------------------------------------------------------------------

    def claim(self, alert: str, staff: str) -> list[AlertNews]:
        """I have this customer. First wins: raises Refused(409) naming who has it; claiming twice is the same claim.

        Those who came along go to the same person, who may claim them too.
        """
        found = self._not_closed(alert)
        if found.stage == "hint":
            raise Refused(409, "nobody has come in yet", alert=found)
        if found.state == "claimed":
            if found.by == staff:
                return []
            raise Refused(409, f"{self._floor.name_of(found.by)} has this customer", alert=found)
        a = self._draft.edit(found)
        a.state, a.by, a.claimed_at, a.accept_by = "claimed", staff, self._now, None
        news = [AlertNews("alert.claimed", a, staff)]
        for other in self._rest_of_party(a):
            free = self._floor.answers(staff, self._now) and staff not in self._load(other)
            if other.to != [staff] and other.accept_by is None and free:
                news.append(self._given_to("alert.escalated", self._draft.edit(other), [staff], "party"))
        waiting = [b for b in self._draft.of_visit(a.visit) if b.id != a.id and b.kind == "waiting"]
        return news + self._end([b for b in waiting if b.state == "open"], "greeted")

    def release(self, alert: str, staff: str, *, lead: bool) -> list[AlertNews]:
        """Someone else, please; only who has the customer, or a manager, can say so."""
        a = self._draft.edit(self._held(alert, staff, lead=lead))
        a.asked.add(staff)
        return self._released(a, "released", staff)

    def hand_over(self, alert: str, staff: str, to: str, *, lead: bool) -> list[AlertNews]:
        """To a named colleague, who accepts by claiming; who does not in time leaves it to the managers."""
        a = self._held(alert, staff, lead=lead)
        if self._floor.member(to) is None:
            raise Refused(422, f"there is no member of staff {to!r}")
        if not self._floor.connected(to):
            raise Refused(409, f"{self._floor.name_of(to)} has no live tablet just now")
        return self._offered(self._draft.edit(a), to, "handed_over", staff)

    def gone(
        self,
        staff: str,
        because: Because,
        hand_to: str | None,
        here: Collection[str],
        wanted: Callable[[Alert], Wanted],
    ) -> list[AlertNews]:
        """This person has gone: their customers are offered to ``hand_to``, or go on as if released.

        Whom they greeted before, of the visits that are ``here``, nobody looks after from now on. ``wanted`` says whom
        an alert asks for from now on: what they owed is others'.
        """
        held = sorted((a for a in self._draft.all("claimed") if a.by == staff), key=lambda a: a.urgency)
        news: list[AlertNews] = []
        for alert in map(self._draft.edit, held):
            alert.asked.add(staff)
            alert.wanted = wanted(alert)
            if hand_to is not None and hand_to != staff and self._floor.connected(hand_to):
                news += self._offered(alert, hand_to, because, "gateway")
            else:
                news += self._released(alert, because, "gateway")
        for greeted in (a for visit in here for a in self._draft.of_visit(visit)):
            if greeted.by == staff and greeted.outcome == "greeted":
                alert = self._draft.edit(greeted)
                alert.handed_by, alert.handed_because = staff, because
                alert.by, alert.to, alert.closed_at = None, [], self._now
                news.append(AlertNews("alert.released", alert))
        return news

    def close(self, alert: str, staff: str, outcome: Outcome, note: str | None, *, lead: bool) -> list[AlertNews]:
        """How it ended; only who has the customer, or a manager, can say so. Closing alike twice is the same close."""
        found = self._draft.get(alert)
        if found.state == "closed":
            if found.outcome == outcome and found.by == staff:
                return []
            raise Refused(409, f"this alert is closed: {found.outcome}", alert=found)
        if found.state == "claimed" and found.by != staff and not lead:
            raise Refused(409, f"{self._floor.name_of(found.by)} has this customer", alert=found)
        a = self._draft.edit(found)
        a.by = a.by or staff
        a.state, a.outcome, a.note, a.closed_at, a.accept_by = "closed", outcome, note, self._now, None
        greeted = [b for b in self._draft.of_visit(a.visit) if outcome == "greeted" and b.kind in MET_BY_GREETING]
        return [AlertNews("alert.closed", a, staff), *self._end([b for b in greeted if b.by is None], "greeted")]

    # --- one step ----------------------------------------------------------------------------------------------

    def _open(self, alert: Alert) -> list[AlertNews]:
        """Gives a new card to whom it belongs; one of a party to who has the others, unless it has its own."""
        self._draft.add(alert)
        load = self._load(alert)
        rule: How = "first"
        to = routing.first(self._floor, alert.wanted, load, self._now)
        with_party = [staff for staff in self._has_party(alert) if staff not in load]
        if with_party and not set(to) & {alert.wanted.owner, alert.wanted.associate, alert.wanted.deputy}:
            to, rule = with_party, "party"
        return [self._given_to("alert.opened", alert, to, rule, load=load)]

    def _has_party(self, alert: Alert) -> list[str]:
        """Who has the rest of the party."""
        party = self._party(alert)
        held = [a.by for a in party if a.state == "claimed" and a.by and self._floor.answers(a.by, self._now)]
        ringing = [a.to for a in party if a.state == "open" and a.stage == "card" and self._is_heard(a)]
        return held[-1:] or (ringing[0] if ringing else [])

    def _hands(self) -> routing.Hands:
        ringing = self._draft.ringing()
        parties = {a.party for a in ringing if a.party}
        weary = self._caps.weary(self._now, self._given)
        return routing.hands(self._floor, {s for a in ringing for s in a.to}, weary, parties, self._now)

    def _step(self, alert: Alert, hands: routing.Hands) -> list[AlertNews]:
        """One step at a time; an alert that nobody could be given is given as soon as somebody can."""
        if alert.stage == "hint":
            return self._end([alert], "left") if self._now - alert.opened_at >= HINT_LASTS else []
        if alert.accept_by is not None:
            accepting = any(map(self._floor.connected, alert.to)) and self._now < alert.accept_by
            return [] if accepting else self._not_accepted(self._draft.edit(alert))
        news = [] if alert.kind in ADVICE else self._escalate(alert)
        moved_on = self._draft.get(alert.id)
        if any(n.type != "alert.waited" for n in news) or self._is_heard(moved_on):
            return news
        if self._waits_for_hands(moved_on, hands):
            return news
        return self._reroute(moved_on) or news

    def _considered_again(self, alert: Alert, hands: routing.Hands) -> list[AlertNews]:
        """It rings with somebody, and who should have been told since was not there when their turn came."""
        found = late_comers(
            alert, self._floor, hands, len(self._steps), self._now,
            managers=lambda: self._managers(alert.asked), best=lambda: self._next(alert, alert.asked),
        )  # fmt: skip
        return [self._given_to("alert.escalated", self._draft.edit(alert), *found)] if found else []

    def _waits_for_hands(self, alert: Alert, hands: routing.Hands) -> bool:
        """Nobody has it, and nobody can be given it: in a full house most cards wait so, most of the time."""
        if alert.to or alert.party in hands.parties or (hands.free if tireless(alert) else hands.fresh):
            return False
        to_managers = self._late(alert) or alert.wanted.manager or not hands.any
        return not (to_managers and hands.managers)

    def _released(self, alert: Alert, because: Because, actor: str) -> list[AlertNews]:
        alert.let_go(because, self._now)
        to = self._next(alert, alert.asked)
        if to:
            return [self._given_to("alert.released", alert, to, "next", actor)]
        return [self._given_to("alert.released", alert, self._managers(alert.asked), "managers", actor)]

    def _offered(self, alert: Alert, to: str, because: Because, actor: str) -> list[AlertNews]:
        alert.let_go(because, self._now)
        alert.accept_by = self._now + self._hand_over_s
        return [self._given_to("alert.handed_over", alert, [to], "named", actor)]

    def _escalate(self, alert: Alert) -> list[AlertNews]:
        if alert.level >= len(self._steps) or self._now - alert.opened_at < self._steps[alert.level]:
            return []
        alert = self._draft.edit(alert)
        alert.level += 1
        if alert.level == len(self._steps):
            return [self._given_or_waits(alert, self._managers(alert.asked), "managers")]
        return [self._given_or_waits(alert, self._next(alert, alert.asked), "next")]

    def _not_accepted(self, alert: Alert) -> list[AlertNews]:
        """The colleague has not answered or put the tablet down: the managers, where there are none anybody."""
        alert.accept_by, alert.level = None, len(self._steps)
        to = self._managers(alert.asked)
        if to:
            return [self._given_to("alert.escalated", alert, to, "managers")]
        return self._reroute(alert) or [self._given_or_waits(alert, [], "managers")]

    def _reroute(self, alert: Alert) -> list[AlertNews]:
        to = self._next(alert, alert.asked) or self._next(alert, ())
        if not to and (self._late(alert) or not any(True for _ in self._floor.reachable(self._now))):
            to = self._managers(())
        if to == alert.to:
            return []
        return [self._given_to("alert.escalated", self._draft.edit(alert), to, "again")]

    def _given_or_waits(self, alert: Alert, to: list[str], rule: How) -> AlertNews:
        """Gives the alert to ``to``; without anybody it goes on ringing where it did, and the journal says so."""
        if to:
            return self._given_to("alert.escalated", alert, to, rule)
        return AlertNews("alert.waited", alert, routing=self._explain(alert, [], rule, self._load(alert), alert.asked))

    def _given_to(
        self, type_: str, alert: Alert, to: list[str], rule: How, actor: str = "gateway", *,
        load: Counter[str] | None = None,
    ) -> AlertNews:  # fmt: skip
        load = self._load(alert) if load is None else load
        why = self._explain(alert, to, rule, load, alert.asked)
        if not tireless(alert):
            self._given.update(to)
        alert.to = to
        alert.asked.update(to)
        return AlertNews(type_, alert, actor, why)

    def _explain(
        self, alert: Alert, to: list[str], rule: How, load: Counter[str], asked: Collection[str]
    ) -> routing.Routing:
        weary = self._caps.tired(alert, self._now, self._given)
        return routing.explain(self._floor, alert.wanted, load, weary, asked, to, rule, self._now)

    # --- what is asked on the way ------------------------------------------------------------------------------

    def _next(self, alert: Alert, asked: Collection[str]) -> list[str]:
        return routing.next_after(self._floor, alert.wanted, self._load(alert), asked, self._now)

    def _managers(self, asked: Collection[str]) -> list[str]:
        return routing.escalate(self._floor, asked, self._now)

    def _load(self, alert: Alert) -> Counter[str]:
        """Who cannot take this card: who has an un-claimed one of other people before them, or has had enough.

        A card that rang its time out and was not taken keeps nobody from the next.
        """
        others = [a for a in self._draft.ringing() if a.id != alert.id]
        busy = Counter(staff for a in others if not (a.party and a.party == alert.party) for staff in a.to)
        busy.update(self._caps.tired(alert, self._now, self._given))
        return busy

    def _late(self, alert: Alert) -> bool:
        return alert.level >= len(self._steps)

    def _is_heard(self, alert: Alert) -> bool:
        return any(self._floor.answers(staff, self._now) for staff in alert.to)

    def _party(self, alert: Alert) -> list[Alert]:
        """The other cards of the same party that are not closed."""
        if alert.party is None:
            return []
        party = self._draft.of_party(alert.party)
        return [a for a in party if a.id != alert.id and a.kind == alert.kind and a.state != "closed"]

    def _rest_of_party(self, alert: Alert) -> list[Alert]:
        return [a for a in self._party(alert) if a.state == "open" and a.stage == "card"]

    def _of_arrival(self, visit: str) -> Alert | None:
        return next((a for a in reversed(self._draft.of_visit(visit)) if a.kind == "arrival"), None)

    def _end(self, alerts: Iterable[Alert], outcome: Outcome) -> list[AlertNews]:
        news = []
        for alert in [a for a in alerts if a.state != "closed"]:
            ended = self._draft.edit(alert)
            ended.state, ended.outcome, ended.closed_at, ended.accept_by = "closed", outcome, self._now, None
            news.append(AlertNews("alert.closed", ended))
        return news

    def _not_closed(self, alert: str) -> Alert:
        a = self._draft.get(alert)
        if a.state == "closed":
            raise Refused(409, f"this alert is closed: {a.outcome}", alert=a)
        return a

    def _held(self, alert: str, staff: str, *, lead: bool) -> Alert:
        a = self._not_closed(alert)
        if a.state != "claimed" or (a.by != staff and not lead):
            holder = self._floor.name_of(a.by)
            raise Refused(409, f"{holder} has this customer" if holder else "nobody has claimed this alert", alert=a)
        return a
