"""Five venues and what their staff need of the desk: a cabin, a store, a showroom, a service centre, a lounge."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from gateway.events.times import iso
from tests.story.desk import STREET, KindOfVenue, arrives, in_minutes
from tests.story.settings import COUNTER, DOOR, WAY_OUT
from tests.story.tablet import Tablet
from tests.story.venue import Guest, Venue, answered, guest

RECORDS = 140


# --- the cabin -------------------------------------------------------------------------------------------------------


async def test_cabin_lunch_is_asked_once_for_eight_tablets(tmp_path_factory: pytest.TempPathFactory) -> None:
    crew = [f"crew{n}" for n in range(1, 9)]
    passenger = guest("Zhao Min", associate="crew1", language="zh-CN")
    async with KindOfVenue(tmp_path_factory.mktemp("cabin"), [STREET, DOOR], "cabin") as venue:
        await venue.staff(*crew, roles=["crew"])
        await venue.enrol(passenger)
        async with AsyncExitStack() as stack:
            tablets = [await stack.enter_async_context(await venue.tablet(name)) for name in crew]
            venue.m100["street"].present(passenger.epc, -62)  # on the bridge, then through the door
            await asyncio.sleep(0.5)
            venue.m100["street"].remove(passenger.epc)
            venue.m100["door"].present(passenger.epc, -48)
            opened = (await tablets[0].expect("alert.opened", customer=passenger.id))["data"]
            venue.m100["door"].remove(passenger.epc)
            assert opened["to"] == ["crew1"]
            asks = f"/api/visits/{opened['visit']}/asks"
            clients = [await venue.client(name) for name in crew]
            answers = await asyncio.gather(*(c.post(asks, json={"question": "lunch"}) for c in clients))
            assert sorted(a.status_code for a in answers) == [201, *[409] * 7]
            asked = next(a.json() for a in answers if a.status_code == 201)
            assert {a.json()["ask"]["id"] for a in answers if a.status_code == 409} == {asked["id"]}
            await answered(clients[3].post(f"/api/asks/{asked['id']}/answer", json={"answer": "noodles"}))
            for tablet in tablets:
                closed = (await tablet.expect("ask.answered", customer=passenger.id))["data"]
                assert (closed["answer"], closed["state"], closed["count"]) == ("noodles", "answered", 1)
            assert all(len(t.seen("ask.opened", customer=passenger.id)) == 1 for t in tablets)
            await _served(tablets, clients, asked["id"])
            again = await clients[4].post(asks, json={"question": "lunch"})
            assert (again.status_code, again.json()["ask"]["state"]) == (409, "served")
            put = await answered(clients[4].post(asks, json={"question": "lunch", "again": True}))
            assert (put["state"], put["count"], put["served_at"]) == ("open", 2, None)


async def _served(tablets: list[Tablet], clients: list[httpx2.AsyncClient], ask: str) -> None:
    """Two bring the tray at once, one of them twice; it was served once, and every tablet counts it."""
    trays = [
        clients[who].post(f"/api/asks/{ask}/served", json={}, headers={"Idempotency-Key": key})
        for who, key in ((5, "tray"), (6, "tray"), (5, "tray"))
    ]
    brought = await asyncio.gather(*map(answered, trays))
    assert len({(b["state"], b["served_by"], b["served_at"]) for b in brought}) == 1
    for tablet in tablets:
        told = (await tablet.expect("ask.served", id=ask))["data"]
        assert (told["answer"], told["state"], told["served_by"]) == ("noodles", "served", brought[0]["served_by"])
    wrong_row = await answered(clients[5].post(f"/api/asks/{ask}/served", json={"served": False}))
    assert (wrong_row["state"], wrong_row["answer"], wrong_row["served_by"]) == ("answered", "noodles", None)
    await answered(clients[5].post(f"/api/asks/{ask}/served"))
    for tablet in tablets:
        await tablet.expect("ask.served", id=ask, served_by="crew6")
        assert len(tablet.seen("ask.served", id=ask)) == 2


async def test_cabin_what_was_asked_and_served_out_of_reach_is_kept_when_the_tablet_is_back_too_late(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    passenger = guest("Zhou Ling", associate="crew1")
    async with KindOfVenue(tmp_path_factory.mktemp("late"), [COUNTER, WAY_OUT], "cabin") as venue:
        await venue.staff("crew1", "crew2", roles=["crew"])
        await venue.enrol(passenger)
        crew1 = await venue.client("crew1")
        async with await venue.tablet("crew2") as other:
            visit = (await venue.taps(passenger, other))["visit"]
            asked_at, id_ = in_minutes(0), str(uuid4())
            await venue.goes(passenger, other)  # while crew1's tablet has no network
            late = in_minutes(1)
            asks = f"/api/visits/{visit}/asks"
            for at in (None, late, in_minutes(-60)):  # not asked in this visit
                body = {"question": "lunch", **({"at": at} if at else {})}
                assert (await crew1.post(asks, json=body)).status_code == 409
            for path, body in (
                (asks, {"id": id_, "question": "lunch", "at": asked_at}),
                (f"/api/asks/{id_}/answer", {"answer": "rice", "at": asked_at}),
                (f"/api/asks/{id_}/served", {"at": asked_at}),
            ):
                for _ in range(2):  # the first answer was lost on the way
                    kept = await answered(crew1.post(path, json=body))
            assert (kept["state"], kept["answer"], kept["served_by"]) == ("served", "rice", "crew1")
            assert kept["at"] == kept["served_at"] <= iso(datetime.fromisoformat(asked_at).timestamp())
            await other.expect("ask.served", id=id_)
            assert [e["type"] for e in other.events if e["type"].startswith("ask.")] == [
                "ask.opened", "ask.answered", "ask.served",
            ]  # fmt: skip
            again = await crew1.post(asks, json={"question": "lunch", "at": asked_at})
            assert (again.status_code, again.json()["ask"]["id"]) == (409, id_)
            journal = await _journal(venue, passenger)
            assert [e["data"]["state"] for e in journal if e["type"] == "ask.served"] == ["served"]


async def sync(client: httpx2.AsyncClient, outbox: list[tuple[str, str, dict[str, Any]]]) -> int:
    """Sends what waits, one after the other, until the gateway is out of reach; how many were answered."""
    for sent, (key, path, body) in enumerate(outbox):
        try:
            answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
        except httpx2.TransportError:
            return sent
        assert answer.status_code == 201, answer.text
    return len(outbox)


async def test_cabin_records_made_without_network_arrive_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    passenger = guest("Zhou Ling", associate="crew1")
    async with KindOfVenue(tmp_path_factory.mktemp("outbox"), [COUNTER], "cabin") as venue:
        await venue.staff("crew1", "crew2", roles=["crew"])
        await venue.enrol(passenger)
        page = f"/api/customers/{passenger.id}"
        outbox: list[tuple[str, str, dict[str, Any]]] = []
        for n in range(RECORDS):
            fact = {"id": str(uuid4()), "category": "other", "value": f"record {n:03}", "at": in_minutes(-90 + n / 10)}
            outbox.append((str(uuid4()), f"{page}/preferences", fact))
        done = asyncio.create_task(sync(await venue.client("crew1"), outbox))
        await venue.eventually(
            lambda: _journal(venue, passenger), lambda j: 40 < len([e for e in j if "recorded" in e["type"]]) < RECORDS
        )
        venue.kill()  # the network fails in the middle, and takes an answer along
        sent = await done
        assert 40 < sent < RECORDS
        await venue.start()
        async with await venue.tablet("crew2") as other:
            assert await sync(await venue.client("crew1"), outbox[max(0, sent - 5) :]) == RECORDS - max(0, sent - 5)
            await other.expect("preference.recorded", value=f"record {RECORDS - 1:03}")
            told = [e["data"]["value"] for e in other.seen("preference.recorded")]
            assert told == sorted(set(told))
        journal = [e["data"]["value"] for e in await _journal(venue, passenger) if e["type"] == "preference.recorded"]
        assert journal[::-1] == [f"record {n:03}" for n in range(RECORDS)]
        kept = await answered((await venue.client("crew2")).get(f"{page}/preferences"))
        assert sorted(p["value"] for p in kept) == [f"record {n:03}" for n in range(RECORDS)]
        assert max(p["at"] for p in kept) < in_minutes(-70)  # when it was said, not when it was sent


async def _journal(venue: Venue, who: Guest, by: str = "crew2") -> list[dict[str, Any]]:
    client = await venue.client(by)
    return list(await answered(client.get(f"/api/customers/{who.id}/journal")))


# --- the store -------------------------------------------------------------------------------------------------------


async def test_store_while_her_associate_sleeps_the_deputy_has_the_card(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    chen = guest("Chen Yulan", associate="anna", deputy="ben")
    folder = tmp_path_factory.mktemp("store")
    async with Venue(folder, [COUNTER], escalate_after_s=(1.0, 2.5)) as venue:
        await venue.staff("anna", "ben", "cora")
        await venue.staff("mei", roles=["manager"])
        await venue.enrol(chen)
        async with (
            await venue.tablet("anna") as annas,
            await venue.tablet("ben") as bens,
            await venue.tablet("cora"),
            await venue.tablet("mei"),
        ):
            opened = await arrives(venue, chen, annas)
            assert (opened["to"], opened["aged_s"], opened["stage"]) == (["anna"], 0, "card")
            second = await bens.expect("alert.escalated", customer=chen.id)
            assert (second["data"]["to"], second["data"]["card"]["address_as"]) == (["ben"], "Chen Yulan")
            third = await bens.expect("alert.escalated", customer=chen.id)
            assert (third["data"]["to"], third["data"]["level"]) == (["mei"], 2)
            rung = [datetime.fromisoformat(e["time"]).timestamp() for e in (second, third)]
            start = datetime.fromisoformat(opened["opened_at"]).timestamp()
            assert 1.0 <= rung[0] - start < 2.5 <= rung[1] - start


async def test_store_who_passes_the_window_five_times_is_no_card(tmp_path_factory: pytest.TempPathFactory) -> None:
    passer, buyer = guest("Passing By", associate="anna"), guest("Going In", associate="anna")
    async with Venue(tmp_path_factory.mktemp("window"), [STREET, DOOR]) as venue:
        await venue.staff("anna", "ben")
        await venue.enrol(passer, buyer)
        anna = await venue.client("anna")
        async with await venue.tablet("anna") as annas, await venue.tablet("ben") as bens:
            for _ in range(5):
                venue.m100["street"].present(passer.epc, -60)
                await asyncio.sleep(1.0)
                venue.m100["street"].remove(passer.epc)
                await asyncio.sleep(0.3)
            venue.m100["door"].present(buyer.epc, -48)
            opened = (await annas.expect("alert.opened", customer=buyer.id))["data"]
            venue.m100["door"].remove(buyer.epc)
            hints = [e for e in annas.seen("visit.hinted") if e["subject"] != opened["visit"]]
            assert len(hints) <= 1
            for hint in hints:  # to one person, without a name or a number
                assert (hint["data"]["to"], hint["data"]["card"], hint["data"]["customer"]) == (["anna"], None, None)
            assert not bens.seen("visit.hinted")
            for trace in ("Passing", passer.id):
                assert trace not in f"{annas.events} {bens.events}"
            assert [a["alert"] for a in await answered(anna.get("/api/alerts"))] == [opened["alert"]]
            assert set(await venue.present()) == {buyer.id}


async def test_store_a_hint_goes_to_one_person_and_becomes_the_card(tmp_path_factory: pytest.TempPathFactory) -> None:
    chen = guest("Chen Yulan", associate="anna")
    async with Venue(tmp_path_factory.mktemp("hint"), [STREET, DOOR]) as venue:
        await venue.staff("anna", "ben")
        await venue.enrol(chen)
        async with await venue.tablet("anna") as annas, await venue.tablet("integration") as program:
            venue.m100["street"].present(chen.epc, -55)
            told = await annas.expect("visit.hinted")
            hint = told["data"]
            assert told["subject"] == hint["visit"] != chen.id
            assert chen.id not in str(told)
            assert (hint["stage"], hint["to"], hint["state"]) == ("hint", ["anna"], "open")
            assert "Chen" not in str(hint)
            assert (await program.expect("visit.hinted"))["data"]["customer"] == chen.id
            async with await venue.tablet("ben") as bens:
                assert bens.state["alerts"] == []  # it is Anna's alone
                assert not bens.seen("visit.hinted")
            async with await venue.tablet("anna") as again:
                assert [(a["stage"], a["card"], a["customer"]) for a in again.state["alerts"]] == [("hint", None, None)]
                assert "Chen" not in str(bens.hello)
            claimed = await (await venue.client("anna")).post(f"/api/alerts/{hint['alert']}/claim")
            assert claimed.status_code == 409  # there is nobody to have yet
            venue.m100["street"].remove(chen.epc)
            venue.m100["door"].present(chen.epc, -48)
            opened = (await annas.expect("alert.opened", customer=chen.id))["data"]
            venue.m100["door"].remove(chen.epc)
            assert (opened["alert"], opened["stage"], opened["to"]) == (hint["alert"], "card", ["anna"])
            assert opened["card"]["new"] == ["first_visit"]


# --- the showroom ----------------------------------------------------------------------------------------------------


async def test_showroom_an_open_complaint_rings_with_its_owner_and_not_with_sales(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    wang = guest("Wang Jianguo", associate="sara", tier="black")
    async with KindOfVenue(tmp_path_factory.mktemp("showroom"), [COUNTER], "showroom") as venue:
        await venue.staff("sara", "sid", "carl")
        await venue.staff("mei", roles=["manager"])
        await venue.enrol(wang)
        sara = await venue.client("sara")
        await venue.knows(wang, "sara", "do", "drink", "espresso")
        page = f"/api/customers/{wang.id}"
        complaint = {
            "text": "scratch in the paint",
            "owner": "carl",
            "recovery_cost": {"amount": 800, "currency": "CNY"},
        }
        made = await answered(sara.post(f"{page}/complaints", json=complaint))
        async with await venue.tablet("sara") as saras, await venue.tablet("carl"), await venue.tablet("mei"):
            opened = await arrives(venue, wang, saras)
            assert opened["to"] == ["carl"]
            assert (opened["card"]["suggestion"]["kind"], opened["card"]["complaints"][0]["owner"]) == (
                "recover",
                "carl",
            )
            closing = {"note": "polished", "recovery_cost": {"amount": 950.5, "currency": "CNY"}}
            await answered(sara.post(f"{page}/complaints/{made['id']}/close", json=closing))
            closed = (await saras.expect("complaint.closed", customer=wang.id))["data"]
            assert closed["recovery_cost"] == {"amount": 950.5, "currency": "CNY"}


async def test_showroom_a_shift_that_ends_hands_its_promises_over(tmp_path_factory: pytest.TempPathFactory) -> None:
    wang, liu = guest("Wang Jianguo", associate="sara", deputy="sid"), guest("Liu Yang", associate="sara")
    async with KindOfVenue(tmp_path_factory.mktemp("handover"), [COUNTER], "showroom") as venue:
        await venue.staff("sara", "sid")
        await venue.staff("mei", roles=["manager"])
        await venue.enrol(wang, liu)
        sara, sid = await venue.client("sara"), await venue.client("sid")
        offers = [
            await answered(sara.post(f"/api/customers/{who.id}/promises", json={"text": "an offer by mail"}))
            for who in (wang, liu)
        ]
        async with await venue.tablet("sid") as sids:
            ended = await answered(sara.request("DELETE", "/api/staff/sara/shift"))
            assert [(p["owner"], p["handed_from"]) for p in ended["handed"]] == [("sid", "sara"), ("mei", "sara")]
            for offer, owner in zip(offers, ("sid", "mei"), strict=True):
                handed = (await sids.expect("promise.handed_over", id=offer["id"]))["data"]
                assert (handed["owner"], handed["state"]) == (owner, "open")
            assert (await sara.request("DELETE", "/api/staff/sara/shift")).status_code == 204  # nothing left to hand on
            await answered(sid.post("/api/staff/sid/shift", json={"until": in_minutes(0.02)}))
            runs_out = (await sids.expect("promise.handed_over", id=offers[0]["id"]))["data"]
            assert (runs_out["owner"], runs_out["handed_from"]) == ("mei", "sid")
            assert runs_out["handed_because"] == "shift_ended"
            off = await sids.expect("shift.ended", id="sid", on_shift=False)
            assert off["actor"] == "gateway"
            path = f"/api/customers/{wang.id}/promises/{offers[0]['id']}/hand-over"
            back = await answered(sid.post(path, json={"to": "sara"}))
            assert (back["owner"], back["handed_from"], back["handed_because"]) == ("sara", "mei", None)
            assert (await sid.post(path, json={"to": "nobody"})).status_code == 422


async def test_showroom_at_six_nothing_goes_home_with_who_had_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    wang = guest("Wang Jianguo", associate="sara", deputy="sid")
    async with KindOfVenue(tmp_path_factory.mktemp("six"), [COUNTER], "showroom") as venue:
        await venue.staff("sara", "sid")
        await venue.staff("mei", roles=["manager"])
        await venue.enrol(wang)
        sara, boss, page = await venue.client("sara"), await venue.client("manager"), f"/api/customers/{wang.id}"
        async with await venue.tablet("sara") as saras, await venue.tablet("sid") as sids, await venue.tablet("mei"):
            alert = (await arrives(venue, wang, saras))["alert"]
            await answered(sara.post(f"/api/alerts/{alert}/claim"))
            promise = await answered(sara.post(f"{page}/promises", json={"text": "an offer by mail"}))
            complaint = await answered(sara.post(f"{page}/complaints", json={"text": "waited too long"}))
            await answered(sara.post("/api/staff/sara/shift", json={"until": in_minutes(0.02)}))  # six o'clock
            for kind, owed, heir in (("promise", promise, "sid"), ("complaint", complaint, "mei")):  # who sells: no
                handed = (await sids.expect(f"{kind}.handed_over", id=owed["id"]))["data"]
                assert (handed["owner"], handed["handed_from"], handed["handed_because"]) == (
                    heir, "sara", "shift_ended",
                )  # fmt: skip
            released = (await sids.expect("alert.released", alert=alert))["data"]
            assert (released["to"], released["by"]) == (["mei"], None)  # there is a complaint: who may mend it
            assert (released["handed_by"], released["handed_because"]) == ("sara", "shift_ended")
            assert released["card"]["complaints"][0]["owner"] == "mei"
            sid = await venue.client("sid")
            await answered(sid.post(f"/api/alerts/{alert}/claim"))
            for gone in ("mei", "sid"):  # the last two leave: what nobody can take stays whose it is, and is said
                ended = await answered(sid.request("DELETE", f"/api/staff/{gone}/shift")) if gone == "sid" else (
                    await answered(boss.request("DELETE", f"/api/staff/{gone}/shift"))
                )  # fmt: skip
            assert {(o["kind"], o["owner"]) for o in ended["kept"]} == {("promise", "sid"), ("complaint", "sid")}
            assert ended["handed"] == []
        journal = await _journal(venue, wang, by="sid")
        assert [e["data"]["handed_by"] for e in journal if e["type"] == "alert.released"][-1] == "sara"


async def test_showroom_a_hand_over_that_nobody_accepts_goes_to_the_manager(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    wang, liu = guest("Wang Jianguo", associate="sara"), guest("Liu Yang", associate="sara")
    async with KindOfVenue(
        tmp_path_factory.mktemp("accept"), [COUNTER], "showroom", alerts="hand_over_s = 1.5"
    ) as venue:
        await venue.staff("sara", "sid")
        await venue.staff("mei", roles=["manager"])
        await venue.enrol(wang, liu)
        sara, sid = await venue.client("sara"), await venue.client("sid")
        async with await venue.tablet("sara") as saras, await venue.tablet("sid"), await venue.tablet("mei"):
            for who, accepts in ((wang, True), (liu, False)):
                alert = (await arrives(venue, who, saras))["alert"]
                await answered(sara.post(f"/api/alerts/{alert}/claim"))
                handed = await answered(sara.post(f"/api/alerts/{alert}/hand-over", json={"to": "sid"}))
                assert (handed["to"], handed["by"]) == (["sid"], None)
                assert handed["accept_by"] > handed["opened_at"]
                if accepts:
                    taken = await answered(sid.post(f"/api/alerts/{alert}/claim"))
                    assert (taken["by"], taken["accept_by"]) == ("sid", None)
            late = (await saras.expect("alert.escalated", customer=liu.id))["data"]
            assert (late["to"], late["level"], late["accept_by"]) == (["mei"], 2, None)
            assert not saras.seen("alert.escalated", customer=wang.id)


# --- the service centre ----------------------------------------------------------------------------------------------


async def test_centre_companions_are_counted_and_nothing_is_sold_to_who_complains(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    lin = guest("Lin Mei", associate="anna")
    async with KindOfVenue(tmp_path_factory.mktemp("centre"), [COUNTER], "centre") as venue:
        await venue.staff("anna", "sven")
        await venue.enrol(lin)
        anna = await venue.client("anna")
        page = f"/api/customers/{lin.id}"
        await venue.knows(lin, "anna", "do", "drink", "green tea")
        await answered(anna.post(f"{page}/complaints", json={"text": "third repair of the same thing"}))
        async with await venue.tablet("anna") as annas, await venue.tablet("sven") as svens:
            opened = await arrives(venue, lin, annas)
            assert opened["card"]["suggestion"]["kind"] == "recover"
            counted = f"/api/visits/{opened['visit']}/companions"
            await answered(anna.post(counted, json={"count": 1}))
            assert (await svens.expect("visit.companions", visit=opened["visit"]))["data"]["companions"] == 1
            assert (await venue.present())[lin.id]["companions"] == 1
            shown = await answered(anna.get(f"/api/alerts/{opened['alert']}"))
            assert shown["card"]["companions"] == 1
            for wrong in (-1, 21, "Tom"):
                assert (await anna.post(counted, json={"count": wrong})).status_code == 422
            due = in_minutes(9)  # ten minutes before is time for the specialist to get up
            booking = {"text": "specialist for the hinge", "owner": "sven", "due": due}
            booked = await answered(anna.post(f"{page}/promises", json=booking))
            rung = (await svens.expect("alert.opened", kind="promise_due"))["data"]
            assert (rung["to"], rung["about"]["promise"]["text"]) == (["sven"], "specialist for the hinge")
            assert rung["card"]["suggestion"]["kind"] == "recover"
            await answered(anna.post(f"{page}/promises/{booked['id']}/close", json={}))
            assert (await svens.expect("alert.closed", alert=rung["alert"]))["data"]["state"] == "closed"
        await venue.restart()
        assert (await venue.present())[lin.id]["companions"] == 1


# --- the lounge ------------------------------------------------------------------------------------------------------


async def test_lounge_do_not_disturb_is_on_all_tablets_within_two_seconds_and_ends_the_ringing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    hale = guest("Margaret Hale", associate="anna", wishes=["no_name"])
    async with KindOfVenue(tmp_path_factory.mktemp("lounge"), [COUNTER, WAY_OUT], "lounge") as venue:
        await venue.staff("anna", "ben", "cora")
        await venue.enrol(hale)
        ben = await venue.client("ben")
        async with await venue.tablet("anna") as a, await venue.tablet("ben") as b, await venue.tablet("cora") as c:
            opened = await arrives(venue, hale, a)
            wishes = ["no_name", "do_not_disturb"]
            await answered(ben.post(f"/api/customers/{hale.id}/wishes", json={"wishes": wishes}))
            for tablet in (a, b, c):
                assert (await tablet.expect("wish.changed", customer=hale.id))["data"]["wishes"] == wishes
                closed = (await tablet.expect("alert.closed", customer=hale.id))["data"]
                assert (closed["alert"], closed["card"]) == (opened["alert"], None)
            assert await answered(ben.get("/api/alerts")) == []
            here = (await venue.present())[hale.id]
            assert (here["wishes"], here["name"]) == (wishes, None)
            assert "Hale" not in str(a.events)
            facts = await answered((await venue.client("manager")).get(f"/api/customers/{hale.id}"))
            assert (facts["name"], facts["associate"]) == ("Margaret Hale", "anna")  # nothing else has changed
