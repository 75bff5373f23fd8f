"""What every store of the hub lets go of with time, and what it never does."""

from __future__ import annotations

import pytest

from gateway.hub.problems import HubProblem
from gateway.hub.store import HubStore
from gateway.hub.taking import From
from tests.hub.contract import BRAND, DAY, NOW, joined, keys, tail, take, types, what
from tests.hub.stranger import Journal

LATER = NOW + 401 * DAY
OLD = NOW + DAY  # what came before this is old


async def house(store: HubStore) -> Journal:
    """Ten rows of long ago: readers, Chen whom the house may know, and Wu whose rows are dark; then two of today."""
    await joined(store, "flagship")
    await joined(store, "lounge")
    journal = Journal("flagship")
    await keys(store, journal, "chen")
    journal.write("reader.lost", "reader-1", {}, holder="*house*")
    journal.enrol("chen")
    journal.share("chen")
    journal.prefers("chen", "still water")
    journal.write("visit.opened", "chen", {}, holder="visit:1")
    journal.enrol("wu", dark=True)
    journal.prefers("wu", "tea", dark=True)
    journal.enrol("bao")
    journal.stop("bao")
    journal.write("reader.lost", "reader-2", {}, holder="*house*")
    await take(store, journal)
    journal.write("reader.lost", "reader-3", {}, holder="*house*")
    journal.prefers("wu", "coffee", dark=True)
    await take(store, journal, after=10, now=LATER)
    return journal


class LettingGoContract:
    """The cases; a subclass has a fixture ``store``."""

    async def test_old_rows_go_but_not_who_may_know_nor_what_tells_of_whom_the_house_knows(
        self, store: HubStore
    ) -> None:
        journal = await house(store)
        assert await store.let_go(OLD) == 5
        assert await store.let_go(OLD) == 0
        there = [position for position in range(1, 13) if await store.hash_at("flagship", 1, position) is not None]
        assert there == [2, 3, 4, 8, 9, 11, 12]
        await joined(store, "terrace")
        items, _, _ = await store.snapshot(BRAND, "terrace")
        assert [(item["customer"], types(item["rows"])) for item in items] == [
            ("chen@flagship", ["customer.enrolled", "consent.granted", "preference.recorded"])
        ]
        journal.stop("chen")
        await take(store, journal, after=12, now=LATER)
        assert ("recall", "chen@flagship") in what(await tail(store, "lounge", "urgent"))
        assert await store.let_go(OLD) == 0

    async def test_the_chain_goes_on_behind_what_is_gone(self, store: HubStore) -> None:
        journal = await house(store)
        await store.let_go(OLD)
        have = await store.have("flagship", 1)
        assert have is not None
        assert have == (12, journal.hash)
        oldest = await store.oldest("flagship", 1)
        assert oldest == (10, journal.hash_at(10))
        assert await store.hash_before("flagship", 1, 0) is None, "rows behind it are missing"
        assert await store.hash_before("flagship", 1, 9) is None
        assert await store.hash_before("flagship", 1, 10) == journal.hash_at(10)
        found, more = await store.own_rows("flagship", 1, 10, 500)
        assert ([row.wire() for row in found], more) == (journal.dark[10:], 0)
        again = await take(store, journal)
        assert (again.stored, again.known) == (0, 12), "sent again whole, it is known"
        journal.write("reader.lost", "reader-4", {}, holder="*house*")
        assert (await take(store, journal, after=12, now=LATER)).stored == 1
        other = Journal("flagship")
        for number in range(13):
            other.enrol(f"c-{number}")
        with pytest.raises(HubProblem) as refused:
            await take(store, other, after=11, now=LATER)
        assert refused.value.code == "fork"

    async def test_who_agrees_late_is_lent_with_what_was_let_go_of_dark(self, store: HubStore) -> None:
        journal = await house(store)
        await store.let_go(OLD)
        await keys(store, journal, "wu", now=LATER)
        journal.share("wu")
        await take(store, journal, after=12, now=LATER)
        sender = From("box-flagship", "flagship", 1)
        await store.reveal(sender, [journal.rows[at] for at in (5, 6, 11)], LATER)
        lent = [item for item in await tail(store, "lounge") if item["customer"] == "wu@flagship"]
        assert types(lent[-1]["rows"]) == [
            "customer.enrolled", "preference.recorded", "preference.recorded", "consent.granted"
        ]  # fmt: skip

    async def test_a_row_that_never_was_is_not_let_in_by_saying_that_it_is_old(self, store: HubStore) -> None:
        journal = await house(store)
        await store.let_go(OLD)
        forged = Journal("flagship")
        forged.rows, forged.dark = list(journal.rows), list(journal.dark)
        forged.prefers("chen", "poison")
        with pytest.raises(HubProblem) as refused:
            await store.reveal(From("box-flagship", "flagship", 1), [forged.rows[-1]], LATER)
        assert refused.value.code == "chain"
