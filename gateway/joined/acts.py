"""What the hub has this house do: through the product's own acts, so that receipts, screens and tablets follow."""

from __future__ import annotations

from functools import partial

from gateway.core.action import Action
from gateway.core.actions import customers, staff
from gateway.core.gateway import Gateway
from gateway.events.event import GATEWAY, Data, News
from gateway.joined.intake import Effects, Intake
from gateway.records import customers as customer_rows
from gateway.records import journal_rows
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

    async def leave(self, member: str) -> bool:
        """Somebody has left the house: their sessions, tokens and PIN end here, and others keep what they owed."""
        house = self._house
        if house.memory.floor.member(member) is None:
            return False

        def leaving() -> Action:
            try:
                return staff.remove(house, member, house.memory.now())
            except Refused:
                return Action(None)

        await house.act(leaving, HUB)
        return True

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
