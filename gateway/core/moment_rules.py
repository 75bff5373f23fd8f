"""Which alerts a change of presence, or time alone, brings: arrivals, and the other kinds of moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.core.state import Memory
from gateway.recognition.left_behind import Whereabouts
from gateway.recognition.moments import Here, Moment
from gateway.records.customers import Customer
from gateway.records.store import Store
from gateway.records.visits import last_visit
from gateway.service import card
from gateway.service.alert import AlertNews
from gateway.service.asks import Ask
from gateway.service.owed import Dues
from gateway.service.routing import LAST_TIER, Wanted
from gateway.service.rules import WITHOUT_DISTURBING, Addressee, Kind, Rule, rules_of
from gateway.settings.venue import VenueConfig
from reader_drivers.texts import folded

NO_ALERT = frozenset({"do_not_disturb"})  # wishes that keep a visit from ringing anywhere
LOOK_EVERY = 1.0  # seconds between two looks at what time alone brings
LOOK_AROUND = 5  # looks until somebody's things are looked for again: it takes a while and is no hurry
SWEEP_EVERY = 60.0
DUE_SOON = 1800.0  # seconds: a promise so near puts its customer before others
STALE = 86400.0  # seconds: a promise overdue for longer stands on the card and rings no more
DAY = 86400.0


class MomentRules:
    """Turns moments into alerts by the venue's rules; changes nothing.

    It answers one alert after the other. Apply each before you ask for the next.
    """

    def __init__(self, config: VenueConfig, memory: Memory, store: Store) -> None:
        self._memory = memory
        self._store = store
        self._looked_at = self._swept_at = 0.0
        self._looks = 0
        self.take_up(config)

    def take_up(self, config: VenueConfig) -> None:
        """The rules are these from now on."""
        self._config = config
        self._tiers = {folded(tier): rank for rank, tier in enumerate(config.alerts.tiers)}
        self._timezone = ZoneInfo(config.venue.timezone)
        self.rules = rules_of(config.venue.kind, [row.model_dump() for row in config.moments])
        readers = [r for r in config.readers if r.senses is None]
        ways_out = [r for r in readers if r.role == "exit"] or [r for r in readers if r.role == "inner"]
        self._ways_out = frozenset(zone for reader in ways_out for zone in reader.zones)

    # --- moments -----------------------------------------------------------------------------------------------

    def hinted(self, moment: Moment, customer: Customer, now: float) -> list[AlertNews]:
        """Somebody may be at the door."""
        if not self._config.alerts.hint or moment.late or not NO_ALERT.isdisjoint(customer.wishes):
            return []
        return self._memory.desk.hinted(moment.visit, customer.id, self.wanted(customer, moment.zone or "", now), now)

    def arrived(self, moment: Moment, customer: Customer, now: float) -> Iterator[AlertNews]:
        """Somebody has come: the card, and what else is special about today."""
        zone = moment.zone
        if zone is None:
            return
        doubted, rings = customer.id in self._memory.doubts, NO_ALERT.isdisjoint(customer.wishes)
        stay = self._memory.stays.of(moment.visit)
        party = stay.party if stay else None
        wanted = self.wanted(customer, zone, now)
        news = self._memory.desk.arrived(moment.visit, customer.id, wanted, now, party) if rings else []
        yield from news
        last = self._last_visit(customer)
        new = self.what_is_new(customer, last, now) if news else []
        for rule in self.rules:
            # What the holder's own card says already is worth a card of its own only to somebody else.
            if rule.kind in new and rule.to != "holder" and rule.holds_in(zone):
                yield from self._occurred(
                    rule, moment.visit, customer, zone, now, self._days(rule.kind, customer, last, now)
                )
        if doubted:
            yield from self._to_verify(moment.visit, customer, zone, now)
        if news:
            yield from self._met(customer, now)

    def moved(self, moment: Moment, customer: Customer, before: str | None, now: float) -> Iterator[AlertNews]:
        """Somebody went from the zone ``before`` into another: one that matters, or the way out."""
        zone = moment.zone or ""
        stay = self._memory.stays.of(moment.visit)
        for rule in self._rules("moved"):
            if rule.holds_in(zone):
                yield from self._occurred(rule, moment.visit, customer, zone, now, {"from": before})
        for rule in self._rules("leaving"):
            long_enough = stay is not None and now - stay.arrived_at >= rule.after_minutes * 60
            if long_enough and zone in (rule.zones or self._ways_out):
                yield from self._occurred(rule, moment.visit, customer, zone, now, {})

    def doubted(self, customer: Customer, now: float, *, before: bool) -> Iterator[AlertNews]:
        """A tag or phone that may be a copy: the card says verify by sight from now on, and who guards is told."""
        here = self._memory.presence.where(customer.id)
        if here is None:
            return  # whoever arrives with it is told as such
        for alert in self._memory.desk.alerts() if not before else ():
            if alert.visit == here.visit and alert.stage == "card":
                yield AlertNews("alert.escalated", alert)  # the same to the same, with less on the card
        yield from self._to_verify(here.visit, customer, here.zone, now)

    def flagged(self, ask: Ask, now: float, *, refused: bool = False) -> Iterator[AlertNews]:
        """An order goes against what is known of the guest: whoever looks after them learns it at once."""
        here, customer = self._memory.presence.where(ask.customer), self._memory.person(ask.customer)
        if here is None or customer is None:
            return
        place = self._memory.seating.place_of(ask.visit)
        order = {"ask": ask.id, "item": ask.item, "labels": ask.labels, "place": place, "refused": refused}
        about = {"order": {**order, "warnings": [dict(each) for each in ask.flagged]}}
        for rule in self._rules("order_flagged"):
            yield from self._occurred(rule, here.visit, customer, here.zone, now, about)

    # --- time --------------------------------------------------------------------------------------------------

    def pulse(self, now: float, busy: Callable[[str], bool]) -> Iterator[AlertNews]:
        """What time alone brings, one after the other; looks once a second, however often it is called.

        A customer who is ``busy``, because somebody acts on them just now, has their turn at the next look.
        """
        steady = now - self._memory.clock.moved
        if steady - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = steady
        if steady - self._swept_at >= SWEEP_EVERY:
            self._swept_at = steady
            self._memory.clones.sweep(steady)
            self._memory.chips.sweep(steady)
            self._forget_doubts(now)
        self._looks += 1
        for n, here in enumerate(self._memory.presence.here()):
            if busy(here.customer):
                continue
            yield from self._waited(here, now)
            if (n + self._looks) % LOOK_AROUND == 0:
                things = self._memory.presence.things(here.customer)
                yield from self._left_behind(here, things, now)
                yield from self._mute_phone(here, things, now)
        yield from self._due(now, busy)

    def waiting_since(self, visit: str) -> float | None:
        """Since when nobody has looked after the customer of this visit; None where somebody does, or nobody shall."""
        alert = self._memory.desk.of_visit(visit)
        if alert is None or alert.stage == "hint" or self._memory.desk.attends(visit) is not None:
            return None
        if alert.state == "closed":
            return alert.closed_at if alert.outcome == "not_found" or alert.handed_because == "shift_ended" else None
        return alert.opened_at

    def _waited(self, here: Here, now: float) -> Iterator[AlertNews]:
        since = self.waiting_since(here.visit)
        for rule in self._rules("waiting") if since is not None else ():
            minutes = (now - (since or now)) / 60
            due = minutes >= rule.after_minutes
            if not due or self._memory.desk.would_repeat(rule.kind, here.visit, here.customer, now):
                continue
            customer = self._memory.person(here.customer)
            if customer is not None and rule.holds_in(here.zone):
                yield from self._occurred(rule, here.visit, customer, here.zone, now, {"minutes": int(minutes)})

    def _left_behind(self, here: Here, things: list[Whereabouts], now: float) -> Iterator[AlertNews]:
        steady = now - self._memory.clock.moved
        left = self._memory.left_behind.consider(here.customer, things, steady) if len(things) > 1 else None
        customer = self._memory.person(here.customer) if left is not None else None
        for rule in self._rules("keys_left"):
            if left is not None and customer is not None and rule.holds_in(left.stays_in):
                about = {"zone": left.stays_in, "minutes": int((steady - left.since) / 60)}
                yield from self._occurred(rule, here.visit, customer, here.zone, now, about)

    def _mute_phone(self, here: Here, things: list[Whereabouts], now: float) -> Iterator[AlertNews]:
        mute = self._memory.mute.consider(here.customer, things, now - self._memory.clock.moved)
        customer = self._memory.person(here.customer) if mute is not None else None
        for rule in self._rules("mute_phone"):
            if mute is not None and customer is not None and rule.holds_in(here.zone):
                about = {"minutes": round(mute.silent_s / 60)}
                yield from self._occurred(rule, here.visit, customer, here.zone, now, about)

    def _forget_doubts(self, now: float) -> None:
        """A doubt lasts as long as the visit, and as long after it as the visit may go on."""
        memory, lasts = self._memory, self._config.presence.reentry_minutes * 60
        for customer, doubt in list(memory.doubts.items()):
            if now - doubt.at > lasts and memory.presence.where(customer) is None:
                del memory.doubts[customer]

    def _due(self, now: float, busy: Callable[[str], bool]) -> Iterator[AlertNews]:
        for rule in self._rules("promise_due"):
            for owed in [*self._memory.dues.all("promise"), *self._memory.dues.all("complaint")]:
                if (
                    owed.due is None
                    or busy(owed.customer)
                    or not 0 <= now - (owed.due + rule.after_minutes * 60) < STALE
                ):
                    continue
                person = self._memory.family.root(owed.customer)
                customer, here = self._memory.person(person), self._memory.presence.where(person)
                zone = here.zone if here else ""
                if customer is not None and (rule.holds_in(zone) if here else not rule.zones):
                    visit = here.visit if here else owed.visit or ""
                    about = {"promise": owed.id}
                    yield from self._occurred(rule, visit, customer, zone, now, about, owner=owed.owner)

    # --- inside ------------------------------------------------------------------------------------------------

    def wanted(
        self, customer: Customer, zone: str, now: float, *, to: Addressee = "holder", owner: str | None = None,
        dues: Dues | None = None,
    ) -> Wanted:  # fmt: skip
        """Who is to be told of this customer; an open complaint's owner before anybody who sells.

        ``dues`` is what is owed where that is not what memory holds.
        """
        dues = dues or self._memory.dues
        complaints = dues.of_customer(customer.id, "complaint")
        promises = dues.of_customer(customer.id, "promise")
        own = to in ("holder", "owner")
        return Wanted(
            zone,
            customer.associate if own else None,
            customer.deputy if own else None,
            customer.language or None,
            owner=owner or (complaints[0].owner if complaints and own else None),
            complaint=bool(complaints) and own,
            due=any(o.due is not None and o.due - now < DUE_SOON for o in promises),
            tier=self._tiers.get(folded(customer.tier or ""), LAST_TIER),
            manager=to == "manager",
        )

    def _last_visit(self, customer: Customer) -> float | None:
        last = last_visit(self._store.reader, *self._memory.family.all_of(customer.id))
        return last.opened_at if last else None

    def what_is_new(self, customer: Customer, last: float | None, now: float) -> list[str]:
        """What is not as at the visit that began at ``last``, for the card."""
        days = {rule.kind: rule.days for rule in self.rules}
        return card.what_is_new(
            last_visit=last,
            back_after=days["back_after"] * DAY if "back_after" in days else float("inf"),
            birthday="birthday" in days and card.near_birthday(customer.birthday, self._today(now), days["birthday"]),
            now=now,
            elsewhere=any(map(self._memory.people.borrowed.was_elsewhere, self._memory.family.all_of(customer.id))),
        )

    def _days(self, kind: str, customer: Customer, last: float | None, now: float) -> dict[str, Any]:
        """How many days they have not been here, or in how many their birthday is; negative: ago."""
        if kind == "birthday":
            return {"days": card.days_to(customer.birthday, self._today(now))}
        return {"days": int((now - last) / DAY)} if last is not None else {}

    def _to_verify(self, visit: str, customer: Customer, zone: str, now: float) -> Iterator[AlertNews]:
        """Alerts to who guards: this customer may be somebody else."""
        for rule in self._rules("verify"):
            yield from self._occurred(rule, visit, customer, zone, now, {})

    def _met(self, customer: Customer, now: float) -> Iterator[AlertNews]:
        """Those who are here and agreed, as this customer did, to meet: the staff of both are told."""
        for other_id in customer.meets if "no_introductions" not in customer.wishes else ():
            here, other = self._memory.presence.where(other_id), self._memory.person(other_id)
            if here is None or other is None or customer.id not in other.meets or "no_introductions" in other.wishes:
                continue
            for one, with_ in ((other, customer.id), (customer, other_id)):
                where = self._memory.presence.where(one.id)
                for rule in self._rules("met") if where is not None else ():
                    if where is not None and rule.holds_in(where.zone):
                        yield from self._occurred(rule, where.visit, one, where.zone, now, {"with": [with_]})

    def _occurred(
        self, rule: Rule, visit: str, customer: Customer, zone: str, now: float, about: dict[str, Any], *,
        owner: str | None = None,
    ) -> list[AlertNews]:  # fmt: skip
        if rule.kind not in WITHOUT_DISTURBING and not NO_ALERT.isdisjoint(customer.wishes):
            return []
        desk, stay = self._memory.desk, self._memory.stays.of(visit)
        if rule.to == "holder":
            owner = desk.attends(visit)
        wanted = self.wanted(customer, zone, now, to=rule.to, owner=owner)
        party = stay.party if stay else None
        return desk.occurred(rule.kind, visit, customer.id, wanted, now, party=party, about=about)

    def _rules(self, kind: Kind) -> list[Rule]:
        return [rule for rule in self.rules if rule.kind == kind]

    def _today(self, now: float) -> date:
        return datetime.fromtimestamp(now, self._timezone).date()
