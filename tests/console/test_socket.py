"""The live socket: resuming, refusing, and the journal behind it."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.console.frames import Encoded
from gateway.console.live import Live
from gateway.console.roles import Principal
from gateway.console.seen import seen_as
from gateway.console.tablet import OUTBOX, Tablet
from gateway.events.catalogue import Audience
from gateway.events.event import Event, News
from gateway.events.times import iso
from gateway.records.retention import applied
from tests.console.served import Served, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def bearer(house: Served, role: str = "floor", staff: str | None = "anna") -> dict[str, str]:
    """A program's header."""
    return {"Authorization": f"Bearer {await house.token(role, staff)}"}


async def test_a_number_so_old_that_its_events_are_gone_gets_the_whole_state(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen")
        kept_since = time.time()
        await answered((await house.client("manager")).put("/api/customers/hale", json={"name": "Hale"}))
        last = house.gateway.journal.sequence
        before = {**applied(0.0), "journal": iso(kept_since)}
        house.gateway.note([News("retention.applied", "house", before)])
    async with served(tmp_path) as house:
        async with house.tablet(await bearer(house), since=1) as tablet:
            assert tablet.state["venue"]["id"] == "house"
        async with house.tablet(await bearer(house), since=last - 1) as tablet:
            assert tablet.hello["state"] is None
            assert (await tablet.expect("customer.enrolled"))["subject"] == "hale"
            assert tablet.events[0]["sequence"] == last
        async with house.tablet(await bearer(house), since=house.gateway.journal.sequence) as tablet:
            assert tablet.hello["state"] is None


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "9" * 30, "%E4%B8%83", ""])
async def test_what_is_no_number_is_refused(house: Served, since: str) -> None:
    tablet = house.tablet(await bearer(house))
    tablet._url += f"?since={since}"  # no tablet sends this
    with pytest.raises(InvalidStatus) as refused:
        await tablet.__aenter__()
    assert refused.value.response.status_code == 422


async def painted(house: Served) -> float:
    """How many receipts were counted so far."""
    metrics = (await (await house.client()).get("/metrics")).text
    count = "moments_painted_seconds_count "
    return float(next(line for line in metrics.splitlines() if line.startswith(count)).removeprefix(count))


async def test_what_a_tablet_says_is_read_with_care(house: Served) -> None:
    before = await painted(house)
    async with house.tablet(await bearer(house)) as tablet:
        for said in (
            "",
            "{",
            "[]",
            "null",
            '{"type":"painted"}',
            '{"type":"painted","sequence":1,"ms":"x"}',
            "[" * 4000,
        ):
            await tablet.send(said)
        await tablet.send(json.dumps({"type": "painted", "sequence": 1, "ms": 40}))
        await tablet.tick()
        assert tablet.close_code is None
    async with house.tablet(await bearer(house)) as loud:
        await loud.send("x" * 20_000)
        assert await loud.closed() == 1009
    assert await painted(house) == before + 1


async def test_after_a_story_the_journal_s_chain_holds_and_names_who_did_what(house: Served) -> None:
    await house.enrol("ward", "em:0700C4A922", associate="anna")
    anna = await house.client("floor", "anna")
    async with house.tablet(await bearer(house)) as tablet:
        house.tap("em:0700C4A922")
        alert = (await tablet.expect("alert.opened", customer="ward"))["data"]
        assert alert["to"] == ["anna"]
        await answered(anna.post(f"/api/alerts/{alert['alert']}/claim", json={}))
        claimed = await tablet.expect("alert.claimed", customer="ward")
        assert claimed["actor"] == "anna"
        boss = await house.client("manager")
        await answered(boss.post(f"/api/alerts/{alert['alert']}/close", json={"outcome": "greeted"}))  # a lead may
        closed = await tablet.expect("alert.closed", customer="ward")
        assert closed["actor"].startswith("program-")
        assert all(e["source"] == "/venues/house" and e["specversion"] == "1.0" for e in tablet.events)
    verdict = house.gateway.journal.verify()
    assert verdict.ok
    assert verdict.events >= 10


def event(number: int) -> Event:
    return Event(
        f"id-{number}", "wish.changed", "chen", "chen", 0.0, {"customer": "chen", "wishes": []}, "anna", number
    )


async def test_a_full_outbox_closes_that_tablet_and_offer_never_waits() -> None:
    who = Principal("anna", "Anna", ("floor",), "anna", "door", by_cookie=True)
    slow, quick = Tablet(who), Tablet(who)
    live = Live("/venues/house", build="1")
    live._tablets |= {slow, quick}  # two tablets whose sockets the test holds
    for number in range(1, OUTBOX + 2):
        live.publish(event(number))
        assert json.loads((await quick.next()).text)["sequence"] == number
    assert slow.closed.result() == 4408
    assert not quick.closed.done()


@pytest.mark.parametrize(
    "type_", ["visit.hinted", "alert.closed"]
)  # who did not come in is not named afterwards either
async def test_a_hint_is_one_person_s_and_says_where_and_not_who(type_: str) -> None:
    data = {
        "alert": "a1",
        "visit": "v1",
        "stage": "hint",
        "to": ["anna"],
        "customer": None,
        "card": None,
        "zone": "door",
    }
    told = Event("id-1", type_, "chen", "chen", 0.0, {}, "gateway", 1)

    def seen(audience: Audience, staff: str | None) -> dict[str, Any] | None:
        return seen_as(audience, staff, told, data, "/venues/house")

    assert seen("service", "ben") is None
    assert seen("technical", "ian") is None
    anna, program = seen("service", "anna"), seen("program", None)
    assert anna is not None
    assert program is not None
    assert (anna["subject"], anna["data"]) == ("v1", data)
    assert (program["subject"], program["data"]["customer"]) == ("chen", "chen")  # as a number, as of everybody
    assert "card" not in program["data"]


async def test_a_full_cabin_that_is_heard_in_one_burst_closes_no_tablet(house: Served) -> None:
    guests = 300
    async with house.tablet(await bearer(house)) as tablet:
        last = 0
        for _ in range(3 * guests):  # nothing is sent before all of it has happened
            house.gateway.note([News("wish.changed", "chen", {"customer": "chen", "wishes": [], "was": []})])
            last = house.gateway.journal.sequence
        await tablet.expect("wish.changed", sequence=last)
        assert len(tablet.seen("wish.changed")) >= 3 * guests
        assert tablet.close_code is None


async def test_who_reads_late_gets_everything_once_and_in_order_beside_one_who_reads_at_once(house: Served) -> None:
    """Some of it is written at once, some waits in the kernel and the rest in the outbox."""
    await house.enrol("okafor", "em:0700C4A955")
    wishes = [f"{n:04d}" * 500 for n in range(20)]  # 40 kB each time, more than the kernel takes for him
    late = await connect(
        house.url.replace("http", "ws", 1) + "/live", additional_headers=await bearer(house), compression=None,
        max_queue=1, max_size=None,
    )  # fmt: skip
    async with house.tablet(await bearer(house)) as quick, late:
        await late.recv()
        first = house.gateway.journal.sequence + 1
        for _ in range(200):
            house.gateway.note([News("wish.changed", "okafor", {"customer": "okafor", "wishes": wishes, "was": []})])
            if not house.gateway.journal.sequence % 10:
                await asyncio.sleep(0)
        last = house.gateway.journal.sequence
        await quick.expect("wish.changed", sequence=last)
        heard = [first - 1]
        while heard[-1] < last:
            message = json.loads(await asyncio.wait_for(late.recv(), 30))
            if message["type"] != "tick":
                heard.append(message["sequence"])
        assert heard == list(range(first - 1, last + 1))
        assert [e["sequence"] for e in quick.seen("wish.changed")] == list(range(first, last + 1))


async def test_who_comes_right_after_somebody_else_is_told_what_happened_between(house: Served) -> None:
    await house.enrol("novak", "em:0700C4A966", associate="anna")
    anna = await house.client("floor", "anna")
    async with house.tablet(await bearer(house)) as first:
        assert "novak" not in {each["customer"] for each in first.state["present"]}
        house.tap("em:0700C4A966")
        alert = (await first.expect("alert.opened", customer="novak"))["data"]["alert"]
        for state in ("open", "claimed"):
            async with house.tablet(await bearer(house)) as second, house.tablet(await bearer(house)) as third:
                assert second.state == {**third.state, "alerts": second.state["alerts"]}
                assert {a["alert"]: a["state"] for a in third.state["alerts"]}[alert] == state
                assert "novak" in {each["customer"] for each in third.state["present"]}
            if state == "open":
                await answered(anna.post(f"/api/alerts/{alert}/claim", json={}))


async def test_a_message_is_written_at_once_only_where_nothing_waits_before_it() -> None:
    tablet = Tablet(Principal("anna", "Anna", ("floor",), "anna", "door", by_cookie=True))
    written: list[bytes] = []
    takes = True

    def straight(frame: bytes) -> bool:
        if takes:
            written.append(frame)
        return takes

    tablet.straight = straight
    tablet.tell(Encoded('{"n":0}'))
    assert not written  # its task has not sent what it missed yet
    assert (await tablet.next()).text == '{"n":0}'
    sending = asyncio.create_task(tablet.next())
    await asyncio.sleep(0)  # it has sent all there was
    tablet.tell(Encoded('{"n":1}'))
    takes = False  # what was written waits in the kernel
    tablet.tell(Encoded('{"n":2}'))
    takes = True
    tablet.tell(Encoded('{"n":3}'))
    assert written == [b'\x81\x07{"n":1}']
    assert [(await sending).text, (await tablet.next()).text] == ['{"n":2}', '{"n":3}']


async def test_missed_events_come_once_and_in_order_from_wherever_they_are_kept() -> None:
    live = Live("/venues/house", build="1")
    asked: list[int] = []

    def older(since: int, _limit: int) -> list[Event] | None:
        asked.append(since)
        return None if since < 5 else [event(n) for n in range(since + 1, 13)]

    live.older = older
    for number in range(11, 16):
        live.publish(event(number))

    def numbers(since: int | None) -> list[int] | None:
        missed = live.missed(since)
        return None if missed is None else [e.sequence for e in missed]

    assert numbers(None) is None
    assert numbers(16) is None
    assert numbers(15) == []
    assert numbers(12) == [13, 14, 15]
    assert numbers(10) == [11, 12, 13, 14, 15]
    assert asked == []
    assert numbers(7) == [8, 9, 10, 11, 12, 13, 14, 15]
    assert numbers(4) is None
