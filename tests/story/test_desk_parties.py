"""Several at once: a couple and a stranger, arrivals while a tablet is away, two hundred tablets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.story.desk import KindOfVenue, arrives
from tests.story.settings import COUNTER, DOOR, WAY_OUT
from tests.story.tablet import Tablet
from tests.story.venue import Venue, answered, guest

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLETS = 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    async with KindOfVenue(tmp_path_factory.mktemp("parties"), [DOOR, WAY_OUT, COUNTER], "lounge") as venue:
        await venue.staff("anna", "ben", "cora")
        await venue.staff("mei", roles=["manager"])
        yield venue


async def test_a_couple_is_one_group_for_one_associate_and_a_stranger_is_nobody(venue: Venue) -> None:
    li, na, stranger = guest("Li Wei", associate="ben"), guest("Na Wei"), guest("Nobody")
    await venue.enrol(li, na)
    ben = await venue.client("ben")
    async with await venue.tablet("anna") as annas, await venue.tablet("ben") as bens, await venue.tablet("cora"):
        for who in (li, stranger, na):
            venue.m100["door"].present(who.epc, -48)
            await asyncio.sleep(1.0)
        first = (await annas.expect("alert.opened", customer=li.id))["data"]
        second = (await annas.expect("alert.opened", customer=na.id))["data"]
        for who in (li, stranger, na):
            venue.m100["door"].remove(who.epc)
        assert first["party"] == second["party"] is not None
        assert (first["to"], second["to"]) == (["ben"], ["ben"])
        present = await venue.present()
        assert {present[who.id]["party"] for who in (li, na)} == {first["party"]}
        assert present[li.id]["visit"] != present[na.id]["visit"]
        assert annas.told_of == {li.id, na.id}
        for alert in (first, second):
            await answered(ben.post(f"/api/alerts/{alert['alert']}/claim"))
            await answered(ben.post(f"/api/alerts/{alert['alert']}/close", json={"outcome": "greeted"}))
        await bens.expect("alert.closed", customer=na.id)
        assert (await venue.present())[na.id]["attended_by"] == "ben"
    async with await venue.tablet("anna") as annas, await venue.tablet("cora"):
        await venue.passes_the_exit(li, na)
        for who in (li, na):
            await annas.expect("visit.departed", customer=who.id)


async def test_a_couple_and_another_customer_within_three_seconds_are_two_groups_for_two_people(venue: Venue) -> None:
    li = guest("Li Couple", associate="ben")
    na = guest("Na Couple", associate="ben")
    wu = guest("Wu Alone", associate="cora")
    await venue.enrol(li, na, wu)
    async with (
        await venue.tablet("anna") as annas,
        await venue.tablet("ben"),
        await venue.tablet("cora"),
    ):
        for who in (li, wu, na):
            venue.m100["door"].present(who.epc, -48)
            await asyncio.sleep(1.0)
        opened = {who.id: (await annas.expect("alert.opened", customer=who.id))["data"] for who in (li, na, wu)}
        for who in (li, na, wu):
            venue.m100["door"].remove(who.epc)
        assert opened[li.id]["party"] == opened[na.id]["party"] != opened[wu.id]["party"]
        assert [opened[who.id]["to"] for who in (li, na, wu)] == [["ben"], ["ben"], ["cora"]]
        for who, name in ((li, "ben"), (na, "ben"), (wu, "cora")):
            client = await venue.client(name)
            await answered(client.post(f"/api/alerts/{opened[who.id]['alert']}/claim"))
            await answered(client.post(f"/api/alerts/{opened[who.id]['alert']}/close", json={"outcome": "greeted"}))
        await venue.passes_the_exit(li, na, wu)
        for who in (li, na, wu):
            await annas.expect("visit.departed", customer=who.id)


async def test_one_un_claimed_card_for_each_and_the_rest_in_order_as_hands_come_free(venue: Venue) -> None:
    # Who comes in a row through one door within seconds is a party; these come far enough apart to be none.
    guests = [guest(f"Guest {n}", associate="anna", tier=tier) for n, tier in enumerate(("gold", "silver", "black"))]
    await venue.enrol(*guests)
    anna = await venue.client("anna")
    first, silver, black = guests
    async with await venue.tablet("anna") as annas, await venue.tablet("it"):
        alerts = {first.id: await arrives(venue, first, annas)}
        for who in (silver, black):
            await asyncio.sleep(7.0)
            alerts[who.id] = await arrives(venue, who, annas)
        assert [alerts[who.id]["to"] for who in guests] == [["anna"], [], []]
        assert all(alerts[who.id]["card"]["name"] == who.name for who in guests)  # seen, and silent
        await answered(anna.post(f"/api/alerts/{alerts[first.id]['alert']}/claim"))
        given = (await annas.expect("alert.escalated"))["data"]
        assert (given["customer"], given["to"]) == (black.id, ["anna"])
        await annas.tick()
        assert not annas.seen("alert.escalated", customer=silver.id)
        async with await venue.tablet("cora"):
            given = (await annas.expect("alert.escalated", customer=silver.id))["data"]
            assert given["to"] == ["cora"]
        await venue.passes_the_exit(*guests)
        for who in guests:
            await annas.expect("visit.departed", customer=who.id)


async def test_three_who_come_while_a_tablet_is_away_are_each_there_once_and_with_their_age(venue: Venue) -> None:
    stays, goes, is_taken = (guest(name) for name in ("Staying Guest", "Going Guest", "Taken Guest"))
    await venue.enrol(stays, goes, is_taken)
    mei = await venue.client("mei")
    async with await venue.tablet("mei") as meis:
        async with await venue.tablet("anna") as annas:
            await annas.tick()
        for who in (stays, goes, is_taken):
            alert = await arrives(venue, who, meis)
        await answered(mei.post(f"/api/alerts/{alert['alert']}/claim"))
        await venue.passes_the_exit(goes)
        await meis.expect("visit.departed", customer=goes.id)
        await asyncio.sleep(1.0)
        async with await venue.tablet("anna", since=annas.sequence) as back:
            await back.tick()
            opened = {who.id: back.seen("alert.opened", customer=who.id) for who in (stays, goes, is_taken)}
            assert [len(events) for events in opened.values()] == [1, 1, 1]
            for who in (stays, is_taken):
                assert 1.0 < opened[who.id][0]["data"]["aged_s"] < 120.0
            assert opened[goes.id][0]["data"]["to"] == opened[is_taken.id][0]["data"]["to"] == []  # neither rings now
            assert opened[stays.id][0]["data"]["to"] == ["mei"]
        async with await venue.tablet("anna") as fresh:
            shown = {a["customer"]: a for a in fresh.state["alerts"]}
            assert shown[stays.id]["aged_s"] > 1.0
            assert goes.id not in shown


async def test_two_hundred_tablets_all_have_the_card(venue: Venue) -> None:
    last = guest("Last Guest", associate="anna")
    await venue.enrol(last)
    async with AsyncExitStack() as stack:
        tablets: list[Tablet] = []
        while len(tablets) < TABLETS:
            some = [await venue.tablet("anna" if n % 2 else "ben") for n in range(20)]
            tablets += await asyncio.gather(*(stack.enter_async_context(tablet) for tablet in some))
        before = time.monotonic()
        await arrives(venue, last, tablets[0])
        opened = await asyncio.gather(*(t.expect("alert.opened", customer=last.id) for t in tablets[1:]))
        assert {e["data"]["card"]["name"] for e in opened} == {"Last Guest"}
        assert time.monotonic() - before < 40.0  # under one second where the machine is not busy
        await tablets[1].send('{"type": "painted", "sequence": %d, "ms": 42}' % opened[0]["sequence"])  # noqa: UP031
        manager = await venue.client("manager")

        async def painted() -> list[int]:
            rows = (await answered(manager.get("/api/tablets")))["live"]
            assert len(rows) == TABLETS
            return [row["last_painted"] for row in rows if row["painted"]["p95_ms"] == 42]

        await venue.eventually(painted, lambda sequences: sequences == [opened[0]["sequence"]])
