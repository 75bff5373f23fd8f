"""Whom the house knows: the facts of those who were met, whose records are of one person, and who is recognised."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import inf
from typing import Any

from gateway.consent.purposes import RECOGNISE
from gateway.core.borrowed import Borrowed
from gateway.core.many import AT_START, Many
from gateway.recognition.identifiers import purpose_of
from gateway.recognition.roster import Roster
from gateway.recognition.suspects import Suspects
from gateway.records import agreements, consents, customers, merges, mistakes
from gateway.records.consents import Consent, Cut
from gateway.records.customers import FOR_GOOD, Credential, Customer
from gateway.records.store import Store
from gateway.service.family import Family
from reader_drivers.phone.private_address import IRKs

MOST_CUSTOMERS = 20_000  # customers whose facts stay in memory, some 20 MB


class People:
    """Customers by id; of one person of whom there are several records, by any of their ids."""

    def __init__(self, store: Store, certain: Callable[[], float], cut: Cut) -> None:
        """``certain`` tells the time by which something may run out, in seconds since 1970 UTC; ``cut`` see there."""
        self._cut = cut
        self._store = store
        self._certain = certain
        self._met: dict[str, Customer] = {}
        self._by_brand: dict[str, dict[tuple[str, str], float]] = {}
        self.family = Family()
        self.roster = Roster()
        self.many: Many | None = None
        """What is known of everybody, in a house that reads its customers at first sight."""
        self.at_start = AT_START
        self._room = MOST_CUSTOMERS
        self.suspects = Suspects()
        self.borrowed = Borrowed(store.keyring.fingerprint)
        self.here: Callable[[], Collection[str]] = tuple
        """Those who are here, and are not forgotten where too many were met."""

    def person(self, customer: str) -> Customer | None:
        """The facts of a customer who was met; None for a stranger, and for one who was erased. Reads no disk."""
        customer = self.family.root(customer)
        return None if self.borrowed.silent(customer) else self._met.get(customer)

    def meet(self, customer: str) -> Customer | None:
        """The facts of a customer, opened at first sight and kept from then on."""
        customer = self.family.root(customer)
        if self.borrowed.silent(customer):
            return None
        found = self._met.get(customer)
        if found is None:
            found = merges.person(self._store.reader, customer)
            if found is not None:
                self._make_room()
                self._met[customer] = found
        return found

    def forget(self, *ids: str) -> None:
        """What was kept of these customers is read anew."""
        for customer in ids:
            self._met.pop(customer, None)

    def enrolled(self, customer: str, alias: str | None) -> None:
        """Somebody is known from now on: also to those who agreed to meet who is called so, and were here first."""
        self.forget(customer, *(each.id for each in self._met.values() if alias in each.meets))

    def renew(self, *ids: str) -> None:
        """Of these customers, and of all who agreed to meet anybody, what was kept is read anew."""
        for customer in [*ids, *(each.id for each in self._met.values() if each.meets)]:
            if self._met.pop(customer, None) is not None:
                self.meet(customer)

    def changed(self, customer: str, facts: Mapping[str, Any], at: float) -> None:
        """Facts of this customer are otherwise since ``at``."""
        root = self.family.root(customer)
        found = self._met.get(root)
        if found is None:
            return
        if len(self.family.all_of(root)) > 1 or "meets" in facts:  # whom they meet may be records of one person
            self.forget(root)
            self.meet(root)
            return
        for member, value in facts.items():
            setattr(found, member, list(value) if isinstance(value, list) else value)
        found.changed_at = at

    def tie(self, one: str, other: str) -> bool | None:
        """Whether two customers belong together: they agreed to meet, or have the same associate; None: who knows."""
        a, b = self.person(one), self.person(other)
        if a is None or b is None:
            return None
        if other in a.meets and one in b.meets:
            return True
        return a.associate == b.associate if a.associate and b.associate else None

    # --- what they carry and agreed to -------------------------------------------------------------------------------

    def carried(self, customer: str) -> list[Credential]:
        """The tags and phones of a person, by all of their records."""
        reader = self._store.reader
        return [each for one in self.family.all_of(customer) for each in customers.credentials_of(reader, one)]

    def agreed(self, customer: str, now: float | None) -> list[Consent]:
        """The consents of a person that count; with ``now``, those that have not expired."""
        family = self.family
        return agreements.agreed(self._store.reader, family.all_of(customer), family.since(customer), now, self._cut)

    def acts(self, customer: str) -> list[Consent]:
        """The ledger of a person, by all of their records, oldest first."""
        reader = self._store.reader
        found = [act for one in self.family.all_of(customer) for act in consents.ledger_of(reader, one, self._cut)]
        return sorted(found, key=lambda act: (act.granted_at, act.id))

    def withdrew(self, customer: str, purpose: str, now: float) -> bool:
        """Whether a person answered once, and does not agree to this at ``now``."""
        records, since = self.family.all_of(customer), self.family.since(customer)
        return agreements.withdrew(self._store.reader, records, since, purpose, now, self._cut)

    def took_back(self, customer: str, purpose: str, since: float) -> bool:
        """Whether a person has ended this after ``since``, whatever they have agreed to again."""
        records, reader = self.family.all_of(customer), self._store.reader
        return any((consents.taken_back(reader, each, purpose) or 0.0) > since for each in records)

    def unrecognised(self, customer: str) -> bool:
        """Whether a person answered to being recognised once, and agrees to no way of it now."""
        if self.roster.admits(customer):
            return False
        now = self._certain()
        if any(now < self.agreed_until(customer, purpose) for purpose in RECOGNISE):
            return False
        return any(self.withdrew(customer, purpose, now) for purpose in RECOGNISE)

    def by_brand(self, customer: str) -> dict[tuple[str, str], float]:
        """Until when a person agrees to each purpose, by purpose and brand; kept until they say something else."""
        found = self._by_brand.get(customer)
        if found is None:
            if len(self._by_brand) >= MOST_CUSTOMERS:
                self._by_brand.clear()
            found = self._by_brand[customer] = {}
            for one in self.agreed(customer, None):
                key = one.purpose, one.brand
                found[key] = max(one.until, found.get(key, one.until))
        return found

    def agreed_until(self, customer: str, purpose: str) -> float:
        """Until when a person agrees to this; see ``consents.agreed_until``."""
        records, since = self.family.all_of(customer), self.family.since(customer)
        return agreements.agreed_until(self._store.reader, records, since, purpose, self._cut)

    def admit(self, customer: str) -> None:
        """Brings the roster in line with what this person carries and agrees to."""
        self._make_room_beyond()
        customer, many = self.family.root(customer), self.many
        for record in self.family.all_of(customer):
            self.roster.withdraw_customer(record)
            self._by_brand.pop(record, None)
        self.borrowed.look(self._store.reader)
        alive = self._alive(customer)
        for credential in self.carried(customer) if alive or many is not None else []:
            purpose = purpose_of(credential.identifier)
            if self.borrowed.disputed(credential.identifier):
                self.roster.withdraw(credential.identifier)
            elif purpose in alive:
                self.roster.admit(credential.identifier, customer, _or_none(alive[purpose]), credential.tid)
            if many is not None:
                many.carries(credential, recognised=purpose in alive)

    def _alive(self, customer: str) -> dict[str, float]:
        """What a person agrees to, and until when; nothing where they wish not to be recognised at all."""
        person = self.meet(customer)
        if person is None or FOR_GOOD in person.wishes:
            return {}
        alive: dict[str, float] = {}
        for each in self.agreed(customer, self._certain()):
            alive[each.purpose] = max(each.until, alive.get(each.purpose, each.until))
        return alive

    def lost(self, customer: str) -> None:
        """Something of a customer's, or all, is no longer on record."""
        self._by_brand.pop(customer, None)
        self.roster.forget(customer)
        if self.many is not None:
            self.many.phones.lost(customer)

    def taken(self, customer: str) -> None:
        """A tag or phone of a customer's was taken back."""
        self.lost(customer)
        self.admit(customer)

    def admit_everybody(self) -> None:
        """Brings the roster in line with what everybody carries and agrees to; a second for 100,000.

        Where there are more they are asked for at first sight.
        """
        self._by_brand.clear()
        reader, now = self._store.reader, self._certain()
        if self.many is not None or customers.carry_more_than(reader, self.at_start):
            self.ask_at_first_sight()
            return
        enrolled = customers.enrolled(reader, now, self._cut)
        roster = {
            identifier: (customer, until, tid)
            for identifier, customer, until, tid in enrolled
            if not self.borrowed.silent(customer) and not self.borrowed.disputed(identifier)
        }
        roots = set(self.family.roots())
        self.roster.keep(lambda identifier, customer: identifier in roster or customer in roots)
        for identifier, (customer, until, tid) in roster.items():
            self.roster.admit(identifier, customer, until, tid)
        for customer in roots:
            self.admit(customer)

    # --- many customers ----------------------------------------------------------------------------------------------

    def ask_at_first_sight(self) -> None:
        """Forgets who is recognised: from now on that is asked of the records, of each customer at first sight."""
        self.many = self.many or Many(self._store, self._certain, self._cut)
        self.many.phones.anew()
        self.roster.ask(self)

    def whose(self, identifier: str) -> str | None:
        """The person to whom this belongs, whatever they agree to; None for a stranger's."""
        owner = self.many.owner(identifier) if self.many is not None else None
        return None if owner is None else self.family.root(owner)

    def open(self, customer: str) -> None:
        """At first sight of somebody: the roster knows them from now on."""
        self.admit(customer)

    def irks(self) -> IRKs:
        """The keys of phones that are recognised; of many customers none while they are read."""
        if self.many is None:
            return self.roster.irks
        return self.many.phones.asked(self.admit, self.family.roots) or ()

    def _make_room_beyond(self) -> None:
        """Keeps the roster from growing without end: by those who came since the start, or who were seen since."""
        if self.many is None and len(self.roster) > 2 * self.at_start:
            self.ask_at_first_sight()
        elif self.many is not None and self.roster.seen >= self._room:
            here = set(self.here())
            self.roster.let_go(here.__contains__)
            self._room = max(MOST_CUSTOMERS, 2 * self.roster.seen)

    # --- what is in doubt --------------------------------------------------------------------------------------------

    def suspect(self, customer: str, credentials: Collection[str], heard_at: float | None = None) -> None:
        """These things of a customer are in doubt; see ``Suspects.put``."""
        for each in self.carried(customer):
            if each.id in credentials:
                self.suspects.put(each.identifier, each.customer, heard_at)

    def settled(self, customer: str) -> None:
        """Nothing of a person's is in doubt any more, but what nobody has settled."""
        records = self.family.all_of(customer)
        for record in records:
            self.suspects.forget_customer(record)
        for each in mistakes.unsettled_of(self._store.reader, records):
            self.suspect(each.customer, each.credentials)

    def _make_room(self) -> None:
        """Forgets who is not here, where too many were met."""
        if len(self._met) >= MOST_CUSTOMERS:
            here = set(self.here())
            self._met = {id_: person for id_, person in self._met.items() if id_ in here}


def _or_none(until: float) -> float | None:
    return None if until == inf else until
