"""The desk: a moment becomes an alert, and an alert becomes somebody's customer.

What is to become of alerts is decided here and changes nothing; ``apply`` changes them, once it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from gateway.service import marks
from gateway.service.alert import Alert, AlertNews, Because, Outcome, Refused, State
from gateway.service.alert_index import AlertIndex
from gateway.service.caps import Caps
from gateway.service.decision import NOBODY, Decision
from gateway.service.floor import Floor
from gateway.service.routing import Wanted

__all__ = ["FORGET_AFTER", "Alert", "AlertNews", "Desk", "Outcome", "Refused"]

FORGET_AFTER = 86400.0  # longer than a visit: who steps out hours after the greeting is not greeted anew
SWEEP_EVERY = 60.0


def _nobody_is(_: str) -> bool:
    return False


def _as_it_was(alert: Alert) -> Wanted:
    return alert.wanted


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
        self._index = AlertIndex(len(self._steps))
        self._swept_at = float("-inf")

    def take_up(self, escalate_after_s: Iterable[float], hand_over_s: float, caps: Caps) -> None:
        """The rules are these from now on; how often whom was told what is still known."""
        self._steps, self._hand_over_s = tuple(escalate_after_s), hand_over_s
        self._caps.per_customer_s, self._caps.per_person_per_hour = caps.per_customer_s, caps.per_person_per_hour

    # --- what can be asked -------------------------------------------------------------------------------------

    def get(self, alert: str) -> Alert:
        """The alert with this id; raises Refused(404)."""
        return self._index.get(alert)

    def alerts(self, state: State | None = None) -> list[Alert]:
        """Alerts in this state, oldest first; without one, those that are not closed."""
        return self._index.all(state)

    def of_customer(self, customer: str) -> list[Alert]:
        """Every alert about this customer that is not history."""
        return self._index.of_customer(customer)

    def naming(self, customer: str) -> list[Alert]:
        """The alerts about a customer that are not closed, and those about others that name them."""
        return [a for a in self._index.naming(customer) if a.state != "closed"]

    def of_visit(self, visit: str) -> Alert | None:
        """The latest alert of a visit's arrival."""
        return next((a for a in reversed(self._index.of_visit(visit)) if a.kind == "arrival"), None)

    def attends(self, visit: str) -> str | None:
        """Who looks after the customer of this visit; None while nobody does."""
        every = self._index.of_visit(visit)
        held = [a for a in every if a.by and (a.state == "claimed" or a.outcome == "greeted")]
        return held[-1].by if held else None

    def would_repeat(self, kind: str, visit: str, customer: str, now: float) -> bool:
        """Whether a kind of moment would be none for this customer now: one is open, or was opened a moment ago."""
        return self._at(now).would_repeat(Alert("", kind, visit, customer, NOBODY, opened_at=now))

    # --- moments: what would change ----------------------------------------------------------------------------

    def hinted(self, visit: str, customer: str, wanted: Wanted, now: float) -> list[AlertNews]:
        """Somebody may be at the door: one person learns it, silently, and not who it is."""
        return self._at(now).hinted(visit, customer, wanted)

    def arrived(
        self, visit: str, customer: str, wanted: Wanted, now: float, party: str | None = None
    ) -> list[AlertNews]:
        """Opens an alert, unless this visit has one that was dealt with: who is back within a visit was greeted."""
        return self._at(now).arrived(visit, customer, wanted, party)

    def occurred(
        self, kind: str, visit: str, customer: str, wanted: Wanted, now: float, *,
        party: str | None = None, about: dict[str, Any] | None = None,
    ) -> list[AlertNews]:  # fmt: skip
        """A kind of moment beside arrival; nothing while one of the kind is open, or was told a moment ago."""
        return self._at(now).occurred(kind, visit, customer, wanted, party, about or {})

    def left(self, visit: str, now: float) -> list[AlertNews]:
        """The customer has gone: the alerts end by themselves; what is owed stays owed."""
        return self._at(now).ended(visit, "left")

    def revoked(self, visit: str, now: float) -> list[AlertNews]:
        """The customer no longer agrees to be recognised: the alerts end by themselves."""
        return self._at(now).ended(visit, "revoked")

    def mistaken(self, visit: str, now: float) -> list[AlertNews]:
        """It was somebody else: the alerts of the visit end; what is owed to the customer stays owed."""
        return self._at(now).ended(visit, "wrong_person")

    def reconsidered(
        self, customer: str, wanted_in: Callable[[str], Wanted], now: float, *,
        quiet: str | None = None, ended: str | None = None, settled: str | None = None,
    ) -> list[AlertNews]:  # fmt: skip
        """What is known of somebody changed: their card goes on to whom ``wanted_in`` their zone says from now on.

        In the visit ``quiet`` nothing rings any more, in ``ended`` they are not to be recognised; ``settled`` is a
        promise or complaint that is closed, and an alert about it with it.
        """
        decision = self._at(now)
        news = decision.quiet(quiet) if quiet is not None else []
        news += decision.ended(ended, "revoked") if ended is not None else []
        news += decision.settled(settled) if settled is not None else []
        return news + decision.reconsidered(customer, wanted_in)

    def pulse(self, now: float, busy: Callable[[str], bool] = _nobody_is) -> list[AlertNews]:
        """What un-claimed time brings: the next person, then the managers; the most urgent card first.

        A customer who is ``busy``, because somebody acts on their card just now, has their turn at the next pulse.
        """
        if now - self._swept_at >= SWEEP_EVERY:
            self._swept_at = now
            for alert in self.alerts("closed"):
                if now - (alert.closed_at or now) > FORGET_AFTER:
                    self._forget(alert)
        return self._at(now).pulse(busy)

    # --- acts: what would change -------------------------------------------------------------------------------

    def claim(self, alert: str, staff: str, now: float) -> list[AlertNews]:
        """I have this customer. First wins: raises Refused(409) naming who has it; claiming twice is the same claim."""
        return self._at(now).claim(alert, staff)

    def release(self, alert: str, staff: str, now: float, *, lead: bool = False) -> list[AlertNews]:
        """Someone else, please; only who has the customer, or a manager, can say so."""
        return self._at(now).release(alert, staff, lead=lead)

    def hand_over(self, alert: str, staff: str, to: str, now: float, *, lead: bool = False) -> list[AlertNews]:
        """To a named colleague, who accepts by claiming; who does not in time leaves it to the managers."""
        return self._at(now).hand_over(alert, staff, to, lead=lead)

    def gone(
        self, staff: str, because: Because, now: float, hand_to: str | None = None, *,
        here: Collection[str] = (), floor: Floor | None = None, wanted: Callable[[Alert], Wanted] = _as_it_was,
    ) -> list[AlertNews]:  # fmt: skip
        """This person has gone: their customers are offered to ``hand_to``, or go on as if released.

        Whom they greeted before, of the visits that are ``here``, nobody looks after from now on. ``floor`` is who is
        left, ``wanted`` whom an alert asks for from now on.
        """
        return self._at(now, floor).gone(staff, because, hand_to, here, wanted)

    def close(
        self, alert: str, staff: str, outcome: Outcome, note: str | None, now: float, *, lead: bool = False
    ) -> list[AlertNews]:
        """How it ended; only who has the customer, or a manager, can say so. Closing alike twice is the same close."""
        return self._at(now).close(alert, staff, outcome, note, lead=lead)

    def rate(self, alert: str, staff: str, now: float, *, useful: bool) -> list[AlertNews]:
        """Whether the card was of use, in one tap; the last word holds."""
        return marks.rate(self._index.get(alert), staff, useful=useful)

    def meet(
        self, alert: str, staff: str, now: float, at: float | None = None, *, met: bool = True, lead: bool = False
    ) -> list[AlertNews]:
        """I am with the customer (since ``at``, told late), or am not; only who has them, or a manager, can say so."""
        found = self._index.get(alert)
        return marks.meet(found, staff, self._floor.name_of(found.by), now, at, met=met, lead=lead)

    # --- what has changed --------------------------------------------------------------------------------------

    def apply(self, alert: Alert, type_: str, at: float) -> None:
        """Takes in an alert as an event of this type left it, at ``at`` (seconds since 1970 UTC)."""
        before = self._index.find(alert.id)
        if alert.stage == "card" and alert.to != (before.to if before and before.stage == "card" else []):
            for staff in alert.to:
                self._caps.given(alert, staff, at)
        self._index.put(alert)
        if type_ == "alert.opened":
            self._caps.opened(alert)

    def moved(self, visit: str, zone: str) -> None:
        """The customer is in another zone: the card says where, and nobody is rung again."""
        for alert in self._index.of_visit(visit):
            if alert.state != "closed" and alert.zone != zone:
                self._index.put(alert.in_zone(zone))

    def shift_times(self, by: float) -> None:
        """The clock was set by so many seconds: each card was opened as long ago as before."""
        self._index.shift_times(by)
        self._caps.shift_times(by)
        self._swept_at += by

    def restore(self, alert: Alert) -> None:
        """Takes back an alert, such as one that was open when the gateway stopped."""
        self._index.put(alert)
        self._caps.opened(alert)

    def forget_customer(self, customer: str) -> None:
        """The customer was erased."""
        for alert in self._index.of_customer(customer):
            self._forget(alert)

    # --- inside ------------------------------------------------------------------------------------------------

    def _at(self, now: float, floor: Floor | None = None) -> Decision:
        return Decision(
            floor or self._floor, self._index, self._caps, self._steps, self._hand_over_s, self._new_id, now
        )

    def _forget(self, alert: Alert) -> None:
        self._index.forget(alert)
        self._caps.forget(alert)
