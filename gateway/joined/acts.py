"""What the hub has this house do: through the product's own acts, so that receipts, screens and tablets follow."""

from __future__ import annotations

import asyncio
from functools import partial

from gateway.consent import ledger
from gateway.core.action import Action, Actor
from gateway.core.actions import consents as consent_acts
from gateway.core.actions import customers, staff
from gateway.core.gateway import Gateway
from gateway.events.event import GATEWAY, Data, News
from gateway.hub.scopes import HOUSES
from gateway.joined.intake import Effects, Intake
from gateway.records import consents, journal_rows
from gateway.records import customers as customer_rows
from gateway.records.writer import Tx
from gateway.service.alert import Refused

HUB = "hub"
"""Who did it, in the journal."""


class Acts:
    """Belongs to the gateway's loop."""

    def __init__(self, house: Gateway, intake: Intake) -> None:
        self._house = house
        self._intake = intake

    async def erase(self, customer: str) -> bool:
        """Erases an own customer, where they are still known; returns when their keys are destroyed."""
        house = self._house
        if customer_rows.get_customer(house.store.reader, customer) is None:
            return False
        await house.act(partial(self._erasing, customer), HUB)
        return True

    def _erasing(self, customer: str) -> Action:
        house = self._house
        try:
            return customers.erase(house, customer, house.memory.now(), by="house")
        except Refused:  # somebody here was faster
            return Action(None)

    async def stop(self, customer: str, before: float) -> bool:
        """An own customer stopped that other houses know of them, by what the hub remembers of rows that are lost here.

        It ends what was agreed to until ``before`` (seconds since 1970 UTC): what came later the hub has not heard.
        """
        house = self._house
        given = consents.entries_of(house.store.reader, customer, HOUSES)
        living = ledger.alive(given, HOUSES, house.memory.now())
        if not living or any(entry.at > before for entry in living):
            return False

        def stopping() -> Action:
            try:
                return consent_acts.stop(house, customer, HOUSES, Actor(HUB), house.memory.now())
            except Refused:
                return Action(None)

        await house.act(stopping, HUB)
        return True

    async def leave(self, member: str, hand_to: str | None = None) -> bool:
        """Somebody has left the house: their sessions, tokens and PIN end here; what was theirs is ``hand_to``'s.

        Where nobody here is called so, others keep what they owed, as at the end of a shift.
        """
        house = self._house
        if house.memory.floor.member(member) is None:
            return False
        heir = hand_to if hand_to != member and house.memory.floor.member(hand_to or "") is not None else None

        def leaving() -> Action:
            try:
                return staff.remove(house, member, house.memory.now(), heir)
            except Refused:
                return Action(None)

        await house.act(leaving, HUB)
        if heir is not None:
            await self._hand_over(member, heir)
        return True

    async def _hand_over(self, member: str, heir: str) -> None:
        """Own customers whom they looked after are somebody else's: the house need not know these."""
        house = self._house
        for customer, changed in await asyncio.to_thread(self._looked_after, member, heir):
            data = {
                "customer": customer, "changed": changed, "was": dict.fromkeys(changed, member), "source": "staff",
            }  # fmt: skip
            news = News("customer.changed", customer, data)

            def handing(news: News = news) -> Action:
                there = customer_rows.get_customer(house.store.reader, news.subject)
                still = there is not None and all(getattr(there, name) == member for name in news.data["changed"])
                return Action(None, news=[news] if still else [])

            await house.act(handing, HUB)

    def _looked_after(self, member: str, heir: str) -> list[tuple[str, dict[str, str]]]:
        reader = self._house.store.open_reader()
        try:
            found = []
            for each in customer_rows.customers(reader):
                roles = [name for name in ("associate", "deputy") if getattr(each, name) == member]
                if roles and "@" not in each.id:
                    found.append((each.id, dict.fromkeys(roles, heir)))
            return found
        finally:
            reader.close()

    async def begin_epoch(self, because: str) -> None:
        """What is recorded from now on is another epoch, that goes on from the newest row."""
        house = self._house
        journal, telling = house.journal, house.telling
        data: Data = {"because": because, "parent_epoch": None, "parent_position": None, "carried": {}}
        events = telling.begin([News("epoch.began", journal.origin, data)], GATEWAY, house.memory.now())
        (began,) = events

        def change(tx: Tx) -> None:
            last = journal_rows.last(tx.db)
            began.epoch = last.epoch + 1
            data.update({"parent_epoch": last.epoch, "parent_position": last.position})
            journal.record(tx, events)

        try:
            await house.store.write(change)
        except BaseException:
            telling.drop(events)
            raise
        journal.epoch = max(journal.epoch, began.epoch)
        telling.written(events)
        house.memory.apply(began)
        telling.release(began)

    async def after(self, effects: Effects) -> None:
        """Memory follows what the disk has."""
        self._intake.after(effects)
