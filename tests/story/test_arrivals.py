"""Somebody comes and goes: from bytes on a wire to a card on a tablet, and away again."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.story.settings import COUNTER, DOOR, WAY_OUT
from tests.story.venue import Venue, answered, guest

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    async with Venue(tmp_path_factory.mktemp("arrivals"), [DOOR, WAY_OUT, COUNTER]) as venue:
        await venue.staff("anna", "ben")
        yield venue


async def test_bytes_from_a_door_reader_become_a_card_with_what_to_avoid_first(venue: Venue) -> None:
    chen = guest("Chen Yulan", address_as="Ms Chen", associate="anna")
    await venue.enrol(chen)
    await venue.knows(chen, "ben", "do", "drink", "Green tea")
    await venue.knows(chen, "ben", "avoid", "seat", "by the door")
    await venue.knows(chen, "ben", "allergy", "food", "peanuts")
    async with await venue.tablet("anna") as anna:
        venue.m100["door"].present(chen.epc, -50)
        arrived = (await anna.expect("visit.arrived", customer=chen.id))["data"]
        assert (arrived["name"], arrived["zone"]) == ("Chen Yulan", "entrance")
        assert arrived["confidence"] >= 0.9
        assert "door" in arrived["reason"]
        alert = (await anna.expect("alert.opened", customer=chen.id))["data"]
        assert alert["to"] == ["anna"]
        card = alert["card"]
        assert card["address_as"] == "Ms Chen"
        assert [(p["polarity"], p["value"]) for p in card["avoid"]] == [
            ("allergy", "peanuts"),
            ("avoid", "by the door"),
        ]
        assert [p["value"] for p in card["likes"]] == ["Green tea"]
        assert card["likes"][0]["by_name"] == "Ben"
        assert (card["suggestion"]["kind"], card["suggestion"]["value"]) == ("offer", "Green tea")
        assert not card["verify"]
        venue.m100["door"].remove(chen.epc)
    assert (await venue.present())[chen.id]["zone"] == "entrance"


async def test_a_fob_held_to_the_counter_arrives_at_once(venue: Venue) -> None:
    ward = guest("Ada Ward", associate="anna")
    await venue.enrol(ward)
    async with await venue.tablet("anna") as anna:
        before = time.monotonic()
        arrived = await venue.taps(ward, anna)
        assert time.monotonic() - before < 30.0  # a quarter of a second where the machine is not busy
        assert (arrived["zone"], arrived["evidence"]["kind"]) == ("bar", "tap")
        assert (await anna.expect("alert.opened", customer=ward.id))["data"]["card"]["zone"] == "bar"


async def test_two_things_that_one_customer_carries_are_one_visit(venue: Venue) -> None:
    okafor = guest("Samuel Okafor", associate="anna")
    await venue.enrol(okafor)
    async with await venue.tablet("anna") as anna:
        venue.m100["door"].present(okafor.epc, -50)
        first = (await anna.expect("visit.arrived", customer=okafor.id))["data"]
        venue.m100["door"].remove(okafor.epc)
        venue.em4100["counter"].hold(okafor.em)
        moved = (await anna.expect("visit.moved", customer=okafor.id))["data"]
        venue.em4100["counter"].release()
        assert (moved["visit"], moved["zone"]) == (first["visit"], "bar")
        assert len(anna.seen("visit.arrived", customer=okafor.id)) == 1
        assert len(anna.seen("alert.opened", customer=okafor.id)) == 1


async def test_who_leaves_takes_the_card_along_and_who_returns_within_the_visit_is_not_greeted_again(
    venue: Venue,
) -> None:
    hale = guest("Margaret Hale", associate="anna")
    lost = guest("Lost Soul", associate="anna")
    await venue.enrol(hale, lost)
    client = await venue.client("anna")
    async with await venue.tablet("anna") as anna:
        first = await venue.taps(hale, anna)
        await venue.taps(lost, anna)
        alert = (await anna.expect("alert.opened", customer=hale.id))["data"]["alert"]
        await answered(client.post(f"/api/alerts/{alert}/claim"))
        await answered(client.post(f"/api/alerts/{alert}/close", json={"outcome": "greeted"}))
        ask = await answered(client.post(f"/api/visits/{first['visit']}/asks", json={"question": "lunch"}))
        await venue.passes_the_exit(hale, lost)
        left = (await anna.expect("visit.departed", customer=hale.id))["data"]
        assert (left["visit"], left["evidence"]["kind"], left["state"]) == (first["visit"], "exit", "departed")
        closed = await anna.expect("alert.closed", customer=lost.id)
        assert closed["data"]["outcome"] == "left"  # nobody had greeted this one: the card goes by itself
        assert not {hale.id, lost.id} & set(await venue.present())
        assert (await client.post(f"/api/visits/{first['visit']}/asks", json={"question": "seat"})).status_code == 409

        again = await venue.taps(hale, anna)
        assert again["visit"] == first["visit"]
        second = await client.post(f"/api/visits/{again['visit']}/asks", json={"question": "Lunch"})
        assert (second.status_code, second.json()["ask"]["id"]) == (409, ask["id"])
        assert len(anna.seen("alert.opened", customer=hale.id)) == 1
        await venue.taps(lost, anna)
        await anna.expect("alert.opened", customer=lost.id)
        await anna.expect("alert.opened", customer=lost.id)  # never greeted, so this one rings again


async def test_a_stranger_s_tag_makes_no_news(venue: Venue) -> None:
    known = guest("Known Guest", associate="anna")
    stranger = guest("Nobody")
    await venue.enrol(known)
    async with await venue.tablet("anna") as anna:
        venue.m100["door"].present(stranger.epc, -45)
        venue.m100["door"].present(known.epc, -50)
        await anna.expect("visit.arrived", customer=known.id)
        venue.m100["door"].remove(stranger.epc)
        venue.m100["door"].remove(known.epc)
        assert anna.told_of == {known.id}


async def test_a_tag_given_while_its_owner_stands_at_the_door_is_recognised_at_once_and_taken_back_no_more(
    venue: Venue,
) -> None:
    wen = guest("Wen Li", associate="anna")
    manager = await venue.client("manager")
    await venue.enrol(wen)
    held = (await answered(manager.get(f"/api/customers/{wen.id}")))["credentials"]
    for credential in held:
        await answered(manager.delete(f"/api/customers/{wen.id}/credentials/{credential['id']}"))
    async with await venue.tablet("anna") as anna:
        venue.em4100["counter"].hold(wen.em)
        await venue.hears("counter")
        assert not anna.seen("visit.arrived", customer=wen.id)
        made = await answered(manager.post(f"/api/customers/{wen.id}/credentials", json={"identifier": wen.em}))
        assert set(made) == {"id", "scheme", "label"}
        await anna.expect("visit.arrived", customer=wen.id)
        venue.em4100["counter"].release()


async def test_people_from_a_csv_file_are_recognised_while_the_gateway_serves(venue: Venue) -> None:
    good, expired = guest("Imported Guest"), guest("Expired Guest")
    file = venue.folder / "people.csv"
    header = "customer,name,address_as,language,tier,associate,deputy,identifiers,consents"
    rows = [
        f"{g.id},{g.name},,en,gold,anna,,{g.em},recognise_tag{until}"
        for g, until in ((good, "@2099-12-31"), (expired, "@2020-01-31"))
    ]
    file.write_text("\n".join([header, *rows, ""]), "utf-8")
    ended = await venue.moments("customers", "import", file)
    assert ended.code == 0, ended
    assert ended.out.startswith("2 customers")
    async with await venue.tablet("anna") as anna:
        venue.em4100["counter"].hold(expired.em)
        await venue.hears("counter")
        arrived = await venue.taps(good, anna)
        assert arrived["name"] == "Imported Guest"
        assert not anna.seen("visit.arrived", customer=expired.id)


async def test_readers_and_metrics_count_what_was_heard(venue: Venue) -> None:
    anna = await venue.client("anna")
    readers = {r["id"]: r for r in await answered(anna.get("/api/readers"))}
    assert {r["state"] for r in readers.values()} == {"up"}
    assert readers["door"]["firmware"]
    assert readers["counter"]["last_sighting"]
    table = await venue.moments("readers", "--config", venue.config)
    assert table.code == 0, table
    assert [line.split()[:3] for line in table.out.splitlines()[1:]] == [
        ["door", "m100", "up"], ["way-out", "m100", "up"], ["counter", "em4100", "up"],
    ]  # fmt: skip
    metrics = (await anna.get("/metrics")).text
    assert 'moments_reader_up{reader="door"} 1.0' in metrics
