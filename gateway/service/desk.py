"""The desk: a moment becomes an alert, and an alert becomes somebody's customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

from gateway.service import routing
from gateway.service.alert import Alert, AlertNews, Because, Outcome, Refused, State
from gateway.service.alert_index import AlertIndex
from gateway.service.caps import Caps, tireless
from gateway.service.floor import Floor
from gateway.service.routing import Wanted
from gateway.service.rules import WITHOUT_DISTURBING

__all__ = ["FORGET_AFTER", "Alert", "AlertNews", "Desk", "Outcome", "Refused"]

FORGET_AFTER = 86400.0  # longer than a visit: who steps out hours after the greeting is not greeted anew
HINT_LASTS = 120.0  # seconds: who was at the door and did not come in has gone on
SWEEP_EVERY = 60.0
NOBODY = Wanted("")
MET_BY_GREETING = frozenset({"arrival", "waiting", "back_after", "birthday"})  # nothing is left of these once greeted
OUTLIVES_VISIT = frozenset({"promise_due"})


class Desk:
    """Holds every alert that is not history yet; first claim wins, and nobody is forgotten."""

    def __init__(
        self,
        floor: Floor,
        escalate_after_s: Iterable[float],
        *,
        new_id: Callable[[], str],
        hand_over_s: float = 60.0,
        caps: Caps | None = None,
    ) -> None:
        self._floor = floor
        self._steps = tuple(escalate_after_s)
        self._new_id = new_id
        self._hand_over_s = hand_over_s
        self._caps = caps or Caps()
        self._book = AlertIndex(len(self._steps))
        self._swept_at = float("-inf")

    # --- what can be asked -------------------------------------------------------------------------------------

    def get(self, alert: str) -> Alert:
        """The alert with this id; raises Refused(404)."""
        return self._book.get(alert)

    def alerts(self, state: State | None = None) -> list[Alert]:
        """Alerts in this state, oldest first; without one, those that are not closed."""
        return self._book.all(state)

    def of_visit(self, visit: str) -> Alert | None:
        """The latest alert of a visit's arrival."""
        return next((a for a in reversed(self._all(visit)) if a.kind == "arrival"), None)

    def attends(self, visit: str) -> str | None:
        """Who looks after the customer of this visit; None while nobody does."""
        held = [a for a in self._all(visit) if a.by and (a.state == "claimed" or a.outcome == "greeted")]
        return held[-1].by if held else None

    # --- moments -----------------------------------------------------------------------------------------------

    def hinted(self, visit: str, customer: str, wanted: Wanted, now: float) -> list[AlertNews]:
        """Somebody may be at the door: one person learns it, silently, and not who it is."""
        last = self.of_visit(visit)
        if last is not None and last.outcome != "left":
            return []
        to = routing.next_after(self._floor, wanted, {}, (), now)[:1]
        if not to:
            return []
        alert = Alert(self._new_id(), "arrival", visit, customer, wanted, opened_at=now, stage="hint", to=to)
        self.restore(alert)
        return [AlertNews("visit.hinted", alert)]

    def arrived(
        self, visit: str, customer: str, wanted: Wanted, now: float, group: str | None = None
    ) -> list[AlertNews]:
        """Opens an alert, unless this visit has one that was dealt with: who is back within a visit was greeted."""
        last = self.of_visit(visit)
        hint = last if last is not None and last.stage == "hint" and last.state == "open" else None
        if last is not None and hint is None and last.outcome != "left":
            return self.moved(visit, wanted.zone)
        alert = hint or Alert(self._new_id(), "arrival", visit, customer, wanted, opened_at=now)
        alert.stage, alert.wanted, alert.opened_at, alert.group = "card", wanted, now, group
        return self._open(alert, now)

    def occurred(
        self, kind: str, visit: str, customer: str, wanted: Wanted, now: float, *,
        group: str | None = None, about: dict[str, Any] | None = None,
    ) -> list[AlertNews]:  # fmt: skip
        """A kind of moment beside arrival; nothing while one of the kind is open, or was told a moment ago."""
        alert = Alert(self._new_id(), kind, visit, customer, wanted, opened_at=now, group=group, about=about or {})
        if self._told_already(alert, now):
            return []
        people = {m.id for m in self._floor.reachable(now)}
        if people and people <= self._caps.tired(alert, now) and not wanted.manager:
            return []
        return self._open(alert, now)

    def told_already(self, kind: str, visit: str, customer: str, now: float) -> bool:
        """Whether a kind of moment would be none for this customer now: one is open, or was told a moment ago."""
        return self._told_already(Alert("", kind, visit, customer, NOBODY, opened_at=now), now)

    def moved(self, visit: str, zone: str) -> list[AlertNews]:
        """An un-greeted customer moved: the card says where, and nobody is rung again."""
        for alert in self._all(visit):
            if alert.state != "closed":
                alert.wanted = replace(alert.wanted, zone=zone)
        return []

    def left(self, visit: str, now: float) -> list[AlertNews]:
        """The customer has gone: the alerts end by themselves; what is owed stays owed."""
        return self._end([a for a in self._all(visit) if a.kind not in OUTLIVES_VISIT], "left", now)

    def revoked(self, visit: str, now: float) -> list[AlertNews]:
        """The customer no longer agrees to be recognised: the alerts end by themselves."""
        return self._end(self._all(visit), "revoked", now)

    def quiet(self, visit: str, now: float) -> list[AlertNews]:
        """The customer does not want to be disturbed: what would bring anybody up to them ends."""
        return self._end([a for a in self._all(visit) if a.kind not in WITHOUT_DISTURBING], "revoked", now)

    def settled(self, promise: str, now: float) -> list[AlertNews]:
        """The promise was kept: the alert about it ends by itself."""
        return self._end([a for a in self._book.all() if a.about.get("promise") == promise], "greeted", now)

    def restore(self, alert: Alert) -> None:
        """Takes back an alert, such as one that was open when the gateway stopped."""
        self._book.put(alert)
        self._caps.told(alert)

    def forget_customer(self, customer: str) -> None:
        """The customer was erased."""
        for alert in self._book.of_customer(customer)[:]:
            self._forget(alert)

    def pulse(self, now: float) -> list[AlertNews]:
        """What un-claimed time brings: the next person, then the managers; the most urgent card first."""
        news: list[AlertNews] = []
        hands = self._hands(now)
        for alert in sorted(self.alerts("open"), key=lambda a: a.urgency):
            level, told = alert.level, self._step(alert, hands, now)
            if told or alert.level != level:
                news += told
                hands = self._hands(now)
        if now - self._swept_at >= SWEEP_EVERY:
            self._swept_at = now
            for alert in self.alerts("closed"):
                if now - (alert.closed_at or now) > FORGET_AFTER:
                    self._forget(alert)
        return news

    # --- acts --------------------------------------------------------------------------------------------------

    def claim(self, alert: str, staff: str, now: float) -> list[AlertNews]:
        """I have this customer. First wins: raises Refused(409) naming who has it; claiming twice is the same claim.

        Those who came along go to the same person, who may claim them too.
        """
        a = self._not_closed(alert)
        if a.stage == "hint":
            raise Refused(409, "nobody has come in yet", alert=a)
        if a.state == "claimed":
            if a.by == staff:
                return []
            raise Refused(409, f"{self._floor.name_of(a.by)} has this customer", alert=a)
        a.state, a.by, a.claimed_at, a.accept_by = "claimed", staff, now, None
        news = [AlertNews("alert.claimed", a, staff)]
        for mate in self._mates(a):
            free = self._floor.answers(staff, now) and staff not in self._load(mate, now)
            if mate.to != [staff] and mate.accept_by is None and free:
                self._give(mate, [staff], now)
                news.append(AlertNews("alert.escalated", mate))
        return news + self._end(
            [b for b in self._all(a.visit) if b is not a and b.kind == "waiting" and b.state == "open"], "greeted", now
        )

    def release(self, alert: str, staff: str, now: float, *, lead: bool = False) -> list[AlertNews]:
        """Someone else, please; only who has the customer, or a manager, can say so."""
        a = self._held(alert, staff, lead=lead)
        a.asked.add(staff)
        return self._released(a, "released", staff, now)

    def hand_over(self, alert: str, staff: str, to: str, now: float, *, lead: bool = False) -> list[AlertNews]:
        """To a named colleague, who accepts by claiming; who does not in time leaves it to the managers."""
        a = self._held(alert, staff, lead=lead)
        if self._floor.member(to) is None:
            raise Refused(422, f"there is no member of staff {to!r}")
        if not self._floor.connected(to):
            raise Refused(409, f"{self._floor.name_of(to)} has no live tablet just now")
        return self._offered(a, to, "handed_over", staff, now)

    def gone(
        self, staff: str, because: Because, now: float, hand_to: str | None = None, *, here: Collection[str] = ()
    ) -> list[AlertNews]:
        """This person has gone: their customers are offered to ``hand_to``, or go on as if released.

        Whom they greeted before, of the visits that are ``here``, nobody looks after from now on.
        """
        held = sorted((a for a in self.alerts("claimed") if a.by == staff), key=lambda a: a.urgency)
        news: list[AlertNews] = []
        for alert in held:
            alert.asked.add(staff)
            if hand_to is not None and hand_to != staff and self._floor.connected(hand_to):
                news += self._offered(alert, hand_to, because, "gateway", now)
            else:
                news += self._released(alert, because, "gateway", now)
        for alert in (a for visit in here for a in self._all(visit)):
            if alert.by == staff and alert.outcome == "greeted":
                alert.handed_by, alert.handed_because = staff, because
                alert.by, alert.to, alert.closed_at = None, [], now
                news.append(AlertNews("alert.released", alert))
        return news

    def close(
        self, alert: str, staff: str, outcome: Outcome, note: str | None, now: float, *, lead: bool = False
    ) -> list[AlertNews]:
        """How it ended; only who has the customer, or a manager, can say so. Closing alike twice is the same close."""
        a = self.get(alert)
        if a.state == "closed":
            if a.outcome == outcome and a.by == staff:
                return []
            raise Refused(409, f"this alert is closed: {a.outcome}", alert=a)
        if a.state == "claimed" and a.by != staff and not lead:
            raise Refused(409, f"{self._floor.name_of(a.by)} has this customer", alert=a)
        a.by = a.by or staff
        a.state, a.outcome, a.note, a.closed_at, a.accept_by = "closed", outcome, note, now, None
        greeted = [b for b in self._all(a.visit) if outcome == "greeted" and b.kind in MET_BY_GREETING]
        return [AlertNews("alert.closed", a, staff), *self._end([b for b in greeted if b.by is None], "greeted", now)]

    def rate(self, alert: str, staff: str, *, useful: bool) -> list[AlertNews]:
        """Whether the card was of use, in one tap; the last word holds."""
        a = self.get(alert)
        if a.rated == useful:
            return []
        a.rated = useful
        return [AlertNews("alert.rated", a, staff)]

    # --- inside ------------------------------------------------------------------------------------------------

    def _open(self, alert: Alert, now: float) -> list[AlertNews]:
        """Gives a new card to whom it belongs; one of a party to who has the others, unless it has its own."""
        load = self._load(alert, now)
        to = routing.first(self._floor, alert.wanted, load, now)
        with_mate = [staff for staff in self._with_mate(alert, now) if staff not in load]
        if with_mate and not set(to) & {alert.wanted.owner, alert.wanted.associate, alert.wanted.deputy}:
            to = with_mate
        self._give(alert, to, now)
        self.restore(alert)
        return [AlertNews("alert.opened", alert)]

    def _with_mate(self, alert: Alert, now: float) -> list[str]:
        """Who has the rest of the party."""
        held = [a.by for a in self._party(alert) if a.state == "claimed" and a.by and self._floor.answers(a.by, now)]
        ringing = [a.to for a in self._mates(alert) if self._rings(a, now)]
        return held[-1:] or (ringing[0] if ringing else [])

    def _hands(self, now: float) -> routing.Hands:
        ringing = self._book.ringing()
        parties = {a.group for a in ringing if a.group}
        return routing.hands(self._floor, {s for a in ringing for s in a.to}, self._caps.weary(now), parties, now)

    def _step(self, alert: Alert, hands: routing.Hands, now: float) -> list[AlertNews]:
        """One step at a time; an alert that nobody could be told of is given as soon as somebody can."""
        if alert.stage == "hint":
            return self._end([alert], "left", now) if now - alert.opened_at >= HINT_LASTS else []
        if alert.accept_by is not None:
            accepting = any(map(self._floor.connected, alert.to)) and now < alert.accept_by
            return [] if accepting else self._not_accepted(alert, now)
        news = self._escalate(alert, now)
        if news or self._rings(alert, now) or self._waits_for_hands(alert, hands):
            return news
        return self._reroute(alert, now)

    def _waits_for_hands(self, alert: Alert, hands: routing.Hands) -> bool:
        """Nobody was told, and there is nobody to tell: in a full house most cards wait so, most of the time."""
        if alert.to or alert.group in hands.parties or (hands.free if tireless(alert) else hands.fresh):
            return False
        to_managers = self._late(alert) or alert.wanted.manager or not hands.any
        return not (to_managers and hands.managers)

    def _released(self, alert: Alert, because: Because, actor: str, now: float) -> list[AlertNews]:
        alert.let_go(because, now)
        to = routing.next_after(self._floor, alert.wanted, self._load(alert, now), alert.asked, now)
        self._give(alert, to or routing.escalate(self._floor, alert.asked, now), now)
        return [AlertNews("alert.released", alert, actor)]

    def _offered(self, alert: Alert, to: str, because: Because, actor: str, now: float) -> list[AlertNews]:
        alert.let_go(because, now)
        alert.accept_by = now + self._hand_over_s
        self._give(alert, [to], now)
        return [AlertNews("alert.handed_over", alert, actor)]

    def _escalate(self, alert: Alert, now: float) -> list[AlertNews]:
        if alert.level >= len(self._steps) or now - alert.opened_at < self._steps[alert.level]:
            return []
        alert.level += 1
        last_step = alert.level == len(self._steps)
        load = self._load(alert, now)
        to = [] if last_step else routing.next_after(self._floor, alert.wanted, load, alert.asked, now)
        return self._told(alert, to or (routing.escalate(self._floor, alert.asked, now) if last_step else []), now)

    def _not_accepted(self, alert: Alert, now: float) -> list[AlertNews]:
        """The colleague has not answered or put the tablet down: the managers, where there are none anybody."""
        alert.accept_by, alert.level = None, len(self._steps)
        to = routing.escalate(self._floor, alert.asked, now)
        return self._told(alert, to, now) or self._reroute(alert, now)

    def _reroute(self, alert: Alert, now: float) -> list[AlertNews]:
        load = self._load(alert, now)
        to = (
            routing.next_after(self._floor, alert.wanted, load, alert.asked, now)
            or routing.next_after(self._floor, alert.wanted, load, (), now)
            or (routing.escalate(self._floor, (), now) if self._late(alert) or not self._anybody(now) else [])
        )
        if to == alert.to:
            return []
        self._give(alert, to, now)
        return [AlertNews("alert.escalated", alert)]

    def _told(self, alert: Alert, to: list[str], now: float) -> list[AlertNews]:
        if not to:
            return []
        self._give(alert, to, now)
        return [AlertNews("alert.escalated", alert)]

    def _give(self, alert: Alert, to: list[str], now: float) -> None:
        for staff in to:
            self._caps.given(alert, staff, now)
        alert.to = to
        alert.asked.update(to)
        if to:
            self._book.given(alert)

    def _load(self, alert: Alert, now: float) -> Counter[str]:
        """Who cannot take this card: who has an un-claimed one of other people before them, or has had enough.

        A card that rang its time out and was not taken keeps nobody from the next.
        """
        others = [a for a in self._book.ringing() if a is not alert]
        busy = Counter(staff for a in others if not (a.group and a.group == alert.group) for staff in a.to)
        busy.update(self._caps.tired(alert, now))
        return busy

    def _told_already(self, alert: Alert, now: float) -> bool:
        promise = alert.about.get("promise")
        open_ = [a for a in self._book.of_customer(alert.customer) if a.kind == alert.kind and a.state != "closed"]
        return any(a.about.get("promise") == promise for a in open_) or self._caps.again(alert, now)

    def _late(self, alert: Alert) -> bool:
        return alert.level >= len(self._steps)

    def _rings(self, alert: Alert, now: float) -> bool:
        return any(self._floor.answers(staff, now) for staff in alert.to)

    def _anybody(self, now: float) -> bool:
        return any(True for _ in self._floor.reachable(now))

    def _party(self, alert: Alert) -> list[Alert]:
        """The other cards of the same party that are not closed."""
        if alert.group is None:
            return []
        return [a for a in self.alerts() if a is not alert and a.group == alert.group and a.kind == alert.kind]

    def _mates(self, alert: Alert) -> list[Alert]:
        return [a for a in self._party(alert) if a.state == "open" and a.stage == "card"]

    def _all(self, visit: str) -> list[Alert]:
        """The alerts of a visit, oldest first."""
        return self._book.of_visit(visit)

    def _end(self, alerts: list[Alert], outcome: Outcome, now: float) -> list[AlertNews]:
        ended = [a for a in alerts if a.state != "closed"]
        for alert in ended:
            alert.state, alert.outcome, alert.closed_at, alert.accept_by = "closed", outcome, now, None
        return [AlertNews("alert.closed", a) for a in ended]

    def _not_closed(self, alert: str) -> Alert:
        a = self.get(alert)
        if a.state == "closed":
            raise Refused(409, f"this alert is closed: {a.outcome}", alert=a)
        return a

    def _held(self, alert: str, staff: str, *, lead: bool) -> Alert:
        a = self._not_closed(alert)
        if a.state != "claimed" or (a.by != staff and not lead):
            holder = self._floor.name_of(a.by)
            raise Refused(409, f"{holder} has this customer" if holder else "nobody has claimed this alert", alert=a)
        return a

    def _forget(self, alert: Alert) -> None:
        self._book.forget(alert)
        self._caps.forget(alert)
