"""What staff do with a card: claim, release, hand over, close; what they ask and record, and who is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.story.settings import COUNTER
from tests.story.tablet import Tablet
from tests.story.venue import Guest, Venue, answered, guest

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    async with Venue(tmp_path_factory.mktemp("floor"), [COUNTER]) as venue:
        await venue.staff("anna", "ben", "cora")
        yield venue


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def nothing_is_left_open(venue: Venue) -> AsyncIterator[None]:
    """Each story starts with empty hands: a card that nobody took would keep its person from the next."""
    yield
    manager = await venue.client("manager")
    for alert in await answered(manager.get("/api/alerts")):
        await greeted(venue, alert)


async def greeted(venue: Venue, alert: dict[str, Any]) -> None:
    """Somebody has looked after this customer."""
    manager = await venue.client("manager")
    await answered(manager.post(f"/api/alerts/{alert['alert']}/close", json={"outcome": "greeted"}))


async def comes(venue: Venue, who: Guest, tablet: Tablet) -> dict[str, Any]:
    """This customer taps at the counter; the alert that follows."""
    await venue.enrol(who)
    await venue.taps(who, tablet)
    return dict((await tablet.expect("alert.opened", customer=who.id))["data"])


async def test_a_claim_is_seen_on_the_other_tablet_and_the_second_one_hears_who_has_the_customer(venue: Venue) -> None:
    chen = guest("Chen Yulan", associate="anna")
    anna, ben = await venue.client("anna"), await venue.client("ben")
    async with await venue.tablet("anna") as annas, await venue.tablet("ben") as bens:
        alert = (await comes(venue, chen, annas))["alert"]
        claimed = await answered(anna.post(f"/api/alerts/{alert}/claim", json={}))
        assert (claimed["state"], claimed["by"]) == ("claimed", "anna")
        seen = await bens.expect("alert.claimed", customer=chen.id)
        assert (seen["data"]["by"], seen["actor"]) == ("anna", "anna")
        second = await ben.post(f"/api/alerts/{alert}/claim", json={})
        assert second.status_code == 409
        assert second.headers["content-type"] == "application/problem+json"
        assert "Anna" in second.json()["detail"]
        assert second.json()["alert"]["by"] == "anna"
        assert (await anna.post(f"/api/alerts/{alert}/claim", json={})).status_code == 200  # a nervous second tap
        assert (await ben.post(f"/api/alerts/{alert}/close", json={"outcome": "greeted"})).status_code == 409
        await answered(anna.post(f"/api/alerts/{alert}/close", json={"outcome": "not_found", "note": "at the bar"}))
        closed = (await bens.expect("alert.closed", customer=chen.id))["data"]
        assert (closed["outcome"], closed["note"], closed["by"]) == ("not_found", "at the bar", "anna")
        assert len(bens.seen("alert.claimed", customer=chen.id)) == 1
        assert [a["alert"] for a in await answered(ben.get("/api/alerts?state=closed"))].count(alert) == 1
        assert alert not in [a["alert"] for a in await answered(ben.get("/api/alerts"))]


async def test_two_taps_at_the_same_instant_have_one_winner(venue: Venue) -> None:
    wang = guest("Wang Jianguo", associate="anna")
    people = [await venue.client(name) for name in ("anna", "ben", "cora")]
    async with await venue.tablet("anna") as annas:
        alert = (await comes(venue, wang, annas))["alert"]
        answers = await asyncio.gather(*(p.post(f"/api/alerts/{alert}/claim") for p in people))
        assert sorted(a.status_code for a in answers) == [200, 409, 409]
        winner = next(a.json()["by"] for a in answers if a.status_code == 200)
        assert {a.json()["alert"]["by"] for a in answers if a.status_code == 409} == {winner}


async def test_a_released_card_goes_to_somebody_else_and_a_handed_over_one_to_whom_it_was_given(venue: Venue) -> None:
    hale = guest("Margaret Hale", associate="anna", deputy="ben")
    anna, ben = await venue.client("anna"), await venue.client("ben")
    async with await venue.tablet("anna") as annas, await venue.tablet("ben"), await venue.tablet("cora"):
        alert = (await comes(venue, hale, annas))["alert"]
        assert (await ben.post(f"/api/alerts/{alert}/release")).status_code == 409  # nobody's to give away
        await answered(anna.post(f"/api/alerts/{alert}/claim"))
        await answered(anna.post(f"/api/alerts/{alert}/release"))
        released = (await annas.expect("alert.released", customer=hale.id))["data"]
        assert (released["state"], released["by"], released["to"]) == ("open", None, ["ben"])
        await answered(ben.post(f"/api/alerts/{alert}/claim"))
        nobody = await ben.post(f"/api/alerts/{alert}/hand-over", json={"to": "nobody"})
        assert nobody.status_code == 422
        await answered(ben.post(f"/api/alerts/{alert}/hand-over", json={"to": "cora"}))
        handed = (await annas.expect("alert.handed_over", customer=hale.id))["data"]
        assert (handed["state"], handed["to"]) == ("open", ["cora"])
    blind = await ben.post(f"/api/alerts/{alert}/hand-over", json={"to": "cora"})
    assert blind.status_code == 409  # she has put her tablet down


async def test_the_card_goes_to_the_associate_then_the_deputy_and_never_to_a_tablet_that_is_not_there(
    venue: Venue,
) -> None:
    first, second, third = (guest(f"Guest of {n}", associate="anna", deputy="ben") for n in ("both", "ben", "cora"))
    async with await venue.tablet("cora") as coras:
        async with await venue.tablet("ben"):
            async with await venue.tablet("anna"):
                alert = await comes(venue, first, coras)
                assert alert["to"] == ["anna"]
                await greeted(venue, alert)
            alert = await comes(venue, second, coras)
            assert alert["to"] == ["ben"]
            await greeted(venue, alert)
        assert (await comes(venue, third, coras))["to"] == ["cora"]


async def test_who_is_not_on_shift_is_not_rung(venue: Venue) -> None:
    fourth = guest("Guest at night", associate="anna")
    anna = await venue.client("anna")
    async with await venue.tablet("anna") as annas, await venue.tablet("ben"):
        await answered(anna.delete("/api/staff/anna/shift"))
        assert (await comes(venue, fourth, annas))["to"] == ["ben"]
        await answered(anna.post("/api/staff/anna/shift", json={}))


async def test_who_comes_while_every_tablet_is_away_rings_on_the_first_that_is_back(venue: Venue) -> None:
    early = guest("Early Guest", associate="anna")
    anna = await venue.client("anna")
    await venue.enrol(early)
    venue.em4100["counter"].hold(early.em)
    await venue.eventually(venue.present, lambda present: early.id in present)
    venue.em4100["counter"].release()
    open_ = {a["customer"]: a for a in await answered(anna.get("/api/alerts?state=open"))}
    assert open_[early.id]["to"] == []
    async with await venue.tablet("anna") as annas:
        mine = [a for a in annas.state["alerts"] if a["customer"] == early.id]
        assert len(mine) == 1
        if mine[0]["to"] == []:  # else it rang before the state was on its way
            mine = [(await annas.expect("alert.escalated", customer=early.id))["data"]]
        assert mine[0]["to"] == ["anna"]


async def test_lunch_is_asked_once(venue: Venue) -> None:
    okafor = guest("Samuel Okafor", associate="anna")
    anna, ben = await venue.client("anna"), await venue.client("ben")
    async with await venue.tablet("anna") as annas, await venue.tablet("ben") as bens:
        visit = (await comes(venue, okafor, annas))["visit"]
        ask = await answered(anna.post(f"/api/visits/{visit}/asks", json={"question": "lunch"}))
        assert (ask["state"], ask["by_name"], ask["count"]) == ("open", "Anna", 1)
        assert (await bens.expect("ask.opened", customer=okafor.id))["data"]["id"] == ask["id"]
        again = await ben.post(f"/api/visits/{visit}/asks", json={"question": " Lunch "})
        assert (again.status_code, again.json()["ask"]["id"]) == (409, ask["id"])
        assert again.json()["ask"]["by_name"] == "Anna"

        await answered(anna.post(f"/api/asks/{ask['id']}/answer", json={"answer": "noodles, at one"}))
        closed = (await bens.expect("ask.answered", customer=okafor.id))["data"]
        assert (closed["state"], closed["answer"], closed["answered_by"]) == ("answered", "noodles, at one", "anna")
        third = await ben.post(f"/api/visits/{visit}/asks", json={"question": "lunch"})
        assert (third.status_code, third.json()["ask"]["answer"]) == (409, "noodles, at one")
        other = await ben.post(f"/api/asks/{ask['id']}/answer", json={"answer": "rice"})
        assert (other.status_code, other.json()["ask"]["answer"]) == (409, "noodles, at one")

        meant = await answered(ben.post(f"/api/visits/{visit}/asks", json={"question": "lunch", "again": True}))
        assert (meant["state"], meant["count"], meant["by"], meant["answer"]) == ("open", 2, "ben", None)
        assert (await annas.expect("ask.opened", customer=okafor.id, count=2))["data"]["id"] == meant["id"]
        assert (await ben.post(f"/api/visits/{visit}/asks", json={"question": "dinner"})).status_code == 201
        assert (await ben.post("/api/visits/none/asks", json={"question": "dinner"})).status_code == 404
        assert (await ben.post("/api/asks/none/answer", json={"answer": "yes"})).status_code == 404


async def test_what_one_records_is_on_the_other_tablet_and_sent_twice_it_is_one(venue: Venue) -> None:
    lin = guest("Lin Mei", associate="anna")
    anna = await venue.client("anna")
    key = {"Idempotency-Key": str(uuid4())}
    async with await venue.tablet("anna") as annas, await venue.tablet("ben") as bens:
        await comes(venue, lin, annas)
        body = {"category": "drink", "value": "no ice", "polarity": "avoid", "basis": "stated", "scope": "one-off"}
        path = f"/api/customers/{lin.id}/preferences"
        first = await anna.post(path, json=body, headers=key)
        assert first.status_code == 201
        recorded = (await bens.expect("preference.recorded", customer=lin.id))["data"]
        assert (recorded["value"], recorded["by_name"], recorded["scope"]) == ("no ice", "Anna", "one_off")
        second = await anna.post(path, json=body, headers=key)
        assert (second.status_code, second.json()) == (201, first.json())
        other = await anna.post(path, json={**body, "value": "ice"}, headers=key)
        assert other.status_code == 422
        await venue.knows(lin, "ben", "do", "seat", "by the window")
        await bens.expect("preference.recorded", customer=lin.id, value="by the window")
        assert len(bens.seen("preference.recorded", customer=lin.id)) == 2
        assert sorted(p["value"] for p in await answered(anna.get(path))) == ["by the window", "no ice"]


async def test_a_complaint_is_mended_first_and_a_promise_is_kept_by_its_owner(venue: Venue) -> None:
    ward = guest("Ada Ward", associate="anna")
    await venue.enrol(ward)
    anna = await venue.client("anna")
    owed = f"/api/customers/{ward.id}"
    promise = await answered(
        anna.post(f"{owed}/promises", json={"text": "a window seat", "owner": "ben", "due": "2099-01-01T10:00:00Z"})
    )
    assert (promise["owner"], promise["due"]) == ("ben", "2099-01-01T10:00:00.000Z")
    complaint = await answered(anna.post(f"{owed}/complaints", json={"text": "cold soup"}))
    assert (complaint["owner"], complaint["by"]) == ("anna", "anna")
    async with await venue.tablet("ben") as bens:
        card = (await comes(venue, ward, bens))["card"]
        assert (card["suggestion"]["kind"], card["suggestion"]["value"]) == ("recover", "cold soup")
        assert [p["text"] for p in card["promises"]] == ["a window seat"]
        await answered(anna.post(f"{owed}/complaints/{complaint['id']}/close", json={"note": "a new soup"}))
        assert (await bens.expect("complaint.closed", customer=ward.id))["data"]["note"] == "a new soup"
        await answered(anna.post(f"{owed}/promises/{promise['id']}/close", json={}))
        assert (await bens.expect("promise.kept", customer=ward.id))["data"]["closed_by"] == "anna"
        assert (await anna.post(f"{owed}/promises/{promise['id']}/close", json={})).status_code == 404


async def test_the_customer_s_page_tells_what_happened_and_who_looked(venue: Venue) -> None:
    seen = guest("Seen Guest", associate="anna")
    ben = await venue.client("ben")
    async with await venue.tablet("anna") as annas:
        await comes(venue, seen, annas)
    page = await venue.eventually(lambda: answered(ben.get(f"/api/customers/{seen.id}")), lambda p: p["visits"] == 1)
    assert page["presence"]["zone"] == "bar"
    assert {c["scheme"] for c in page["credentials"]} == {"epc", "em", "irk"}
    assert seen.irk.removeprefix("irk:") not in str(page)
    journal = await venue.eventually(
        lambda: answered(ben.get(f"/api/customers/{seen.id}/journal")),
        lambda j: "customer.viewed" in [e["type"] for e in j],  # an alert may move on meanwhile: Anna's tablet has left
    )
    assert [e["actor_name"] for e in journal if e["type"] == "customer.viewed"] == ["Ben"]
    assert "visit.arrived" in [e["type"] for e in journal]
    assert [e["sequence"] for e in journal] == sorted((e["sequence"] for e in journal), reverse=True)
    found = await answered(ben.get("/api/customers", params={"q": "SEEN"}))
    assert [(f["id"], f["present"]) for f in found] == [(seen.id, True)]


async def test_a_program_with_a_person_s_token_counts_as_their_live_tablet(venue: Venue) -> None:
    made = await venue.moments("token", "--role", "floor", "--staff", "cora")
    assert made.code == 0, made
    header = {"Authorization": f"Bearer {made.out.strip()}"}
    lee = guest("Lee Wei", associate="cora")
    async with await venue.tablet("ben") as bens:
        async with Tablet(f"{venue.url}/live", header, name="the program"):
            connected = await bens.expect("staff.connected", id="cora", connected=True)
            assert connected["actor"] == "cora"
            opened = await comes(venue, lee, bens)
            assert opened["to"] == ["cora"]
        await bens.expect("staff.connected", id="cora", connected=False)


async def test_unclaimed_goes_to_the_next_and_then_to_the_manager(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("escalation")
    async with Venue(folder, [COUNTER], escalate_after_s=(0.6, 1.2)) as venue:
        await venue.staff("anna", "ben")
        await venue.staff("mei", roles=["manager"])
        slow, quick = guest("Slow Guest", associate="anna"), guest("Quick Guest", associate="anna")
        anna = await venue.client("anna")
        async with await venue.tablet("anna") as annas, await venue.tablet("ben"), await venue.tablet("mei"):
            mine = (await comes(venue, quick, annas))["alert"]
            await answered(anna.post(f"/api/alerts/{mine}/claim"))
            claimed = await annas.expect("alert.claimed", customer=quick.id)
            alert = await comes(venue, slow, annas)
            assert alert["to"] == ["anna"]
            first = await annas.expect("alert.escalated", customer=slow.id)
            assert (first["data"]["to"], first["data"]["level"]) == (["ben"], 1)
            second = await annas.expect("alert.escalated", customer=slow.id)
            assert (second["data"]["to"], second["data"]["level"]) == (["mei"], 2)
            # A claimed card, older than the one that has gone all the way, has gone nowhere.
            rung = [e["sequence"] for e in annas.seen("alert.escalated", customer=quick.id)]
            assert not [sequence for sequence in rung if sequence > claimed["sequence"]]
