"""What readers tell is not always so: copies of tags, old news told as new, clocks that are off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from reader_drivers.simulated_mqtt import SimulatedImpinj
from tests.console.served import config, served
from tests.mosquitto import Mosquitto, mosquitto
from tests.story.settings import DOOR, WAY_OUT, Place
from tests.story.venue import Venue, answered, guest

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOBBY = Place("lobby", "impinj_iot", "zone", "lounge", link="impinj/lobby")
BAR = Place("bar", "impinj_iot", "zone", "bar", link="impinj/bar")
RIGHT, WRONG = "E2801170200014CD9B5A08EC", "E2801170200014CD9B5AFFFF"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Venue, Mosquitto]]:
    with mosquitto() as broker:
        async with Venue(tmp_path_factory.mktemp("doubtful"), [DOOR, LOBBY, BAR, WAY_OUT], mqtt=broker.url) as venue:
            await venue.staff("anna")
            await venue.staff("mei", roles=["manager"])
            yield venue, broker


async def test_a_tag_whose_chip_is_not_the_one_handed_out_shows_no_preferences_and_the_manager_is_told(
    house: tuple[Venue, Mosquitto],
) -> None:
    venue, broker = house
    honest, copied = guest("Honest Guest", associate="anna"), guest("Copied Guest", associate="anna")
    await venue.enrol(honest, copied)
    manager = await venue.client("manager")
    for who in (honest, copied):
        page = f"/api/customers/{who.id}"
        await answered(manager.post(f"{page}/credentials", json={"identifier": who.epc, "tid": RIGHT.lower()}))
        await venue.knows(who, "anna", "do", "drink", "Longjing tea")
    async with (
        await venue.tablet("anna") as anna,
        await venue.tablet("mei") as mei,
        SimulatedImpinj(broker.url, LOBBY.link, every_s=0.2) as lobby,
    ):
        lobby.chips = {honest.epc: RIGHT, copied.epc: WRONG}
        for who in (honest, copied):
            lobby.present(who.epc, 1, -48)
        cards = {
            who.id: (await anna.expect("alert.opened", kind="arrival", customer=who.id))["data"]["card"]
            for who in (honest, copied)
        }
        assert [p["value"] for p in cards[honest.id]["likes"]] == ["Longjing tea"]
        assert cards[copied.id]["likes"] == cards[copied.id]["avoid"] == []
        assert cards[copied.id]["verify_reason"] == "wrong_tid"
        told = (await mei.expect("alert.opened", kind="verify", customer=copied.id))["data"]
        assert told["to"] == ["mei"]
        lobby.chips[honest.epc] = WRONG  # a copy comes in beside the tag that was handed out
        await mei.expect("alert.opened", kind="verify", customer=honest.id, within=40)
        demoted = (await anna.expect("alert.escalated", customer=honest.id))["data"]["card"]
        assert (demoted["verify"], demoted["likes"]) == (True, [])
    assert RIGHT not in venue.log
    assert WRONG not in venue.log


async def test_a_tag_read_at_the_door_and_in_the_lounge_at_once_is_a_copy_and_twins_with_tags_of_their_own_are_two(
    house: tuple[Venue, Mosquitto],
) -> None:
    venue, broker = house
    copied = guest("Copied Twice", associate="anna")
    twins = guest("First Twin", associate="anna"), guest("Second Twin", associate="anna")
    await venue.enrol(copied, *twins)
    await venue.knows(copied, "anna", "do", "drink", "dry sherry")
    async with (
        await venue.tablet("anna") as anna,
        await venue.tablet("mei") as mei,
        SimulatedImpinj(broker.url, LOBBY.link, every_s=0.2) as lobby,
    ):
        venue.m100["door"].present(copied.epc, -50)
        card = (await anna.expect("alert.opened", kind="arrival", customer=copied.id))["data"]["card"]
        assert [p["value"] for p in card["likes"]] == ["dry sherry"]
        venue.m100["door"].present(twins[0].epc, -50)
        for tag in (copied.epc, twins[1].epc):
            lobby.present(tag, 1, -50)
        told = (await mei.expect("alert.opened", kind="verify", customer=copied.id))["data"]
        assert (told["to"], told["card"]["verify_reason"], told["card"]["likes"]) == (["mei"], "two_places", [])
        demoted = (await anna.expect("alert.escalated", customer=copied.id))["data"]["card"]
        assert (demoted["verify"], demoted["likes"]) == (True, [])
        present = await venue.present()
        assert [present[twin.id]["zone"] for twin in twins] == ["entrance", "lounge"]
        for who in (copied, twins[0]):
            venue.m100["door"].remove(who.epc)
        assert not mei.seen("alert.opened", kind="verify", customer=twins[0].id)
        assert not mei.seen("alert.opened", kind="verify", customer=twins[1].id)


async def test_three_readers_see_one_customer_and_one_arrival_is_told(house: tuple[Venue, Mosquitto]) -> None:
    venue, broker = house
    vip = guest("One Guest", associate="anna")
    await venue.enrol(vip)
    async with (
        await venue.tablet("anna") as anna,
        await venue.tablet("mei") as mei,
        SimulatedImpinj(broker.url, LOBBY.link, every_s=0.2) as lobby,
        SimulatedImpinj(broker.url, BAR.link, every_s=0.2) as bar,
    ):
        venue.m100["door"].present(vip.epc, -48)
        lobby.present(vip.epc, 1, -66)
        bar.present(vip.epc, 1, -70)
        arrived = (await anna.expect("visit.arrived", customer=vip.id))["data"]
        assert arrived["zone"] == "entrance"
        await venue.hears("bar")
        for _ in range(2):
            await anna.tick()
        assert len(anna.seen("visit.arrived", customer=vip.id)) == 1
        assert len(anna.seen("alert.opened", customer=vip.id)) == 1
        assert not mei.seen("alert.opened", kind="verify", customer=vip.id)
        venue.m100["door"].remove(vip.epc)


async def test_a_broker_that_replays_an_hour_greets_nobody_again_and_rings_nowhere(
    house: tuple[Venue, Mosquitto],
) -> None:
    venue, broker = house
    greeted, gone, last = (guest(name, associate="anna") for name in ("Greeted Guest", "Gone Guest", "Last Guest"))
    await venue.enrol(greeted, gone, last)
    client = await venue.client("anna")
    async with await venue.tablet("anna") as anna, SimulatedImpinj(broker.url, LOBBY.link, every_s=0.2) as lobby:
        for who in (greeted, gone):
            lobby.present(who.epc, 1, -50)
            await anna.expect("visit.arrived", customer=who.id)
        alert = (await anna.expect("alert.opened", customer=greeted.id))["data"]["alert"]
        await answered(client.post(f"/api/alerts/{alert}/claim"))
        await answered(client.post(f"/api/alerts/{alert}/close", json={"outcome": "greeted"}))
        replayed = []
        for ago in range(3600, 0, -6):  # what both did in the last hour, many a message more than once
            lobby.clock_s = -float(ago)
            replayed += list(lobby.round()) * (1 + ago % 3)
        lobby.clock_s = 0.0
        lobby.remove(gone.epc)
        await venue.passes_the_exit(gone)
        await anna.expect("visit.departed", customer=gone.id)
        for post in replayed + replayed[-40:] * 45:
            lobby.say(post.topic, post.payload)
        lobby.say(replayed[-1].topic, replayed[-1].payload, retain=True)
        lobby.present(last.epc, 1, -50)  # comes after all of it, by the same way
        await anna.expect("visit.arrived", customer=last.id)
        present = await venue.present()
        assert {greeted.id, last.id} <= set(present)
        assert gone.id not in present
        for who in (greeted, gone):
            assert len(anna.seen("visit.arrived", customer=who.id)) == 1
            assert len(anna.seen("alert.opened", customer=who.id)) == 1
        lobby.remove(greeted.epc)
        await venue.restart()  # the broker tells the reader's retained message again
        async with await venue.tablet("anna") as back:
            await back.tick()
            assert gone.id not in await venue.present()
            assert not back.seen("visit.arrived")
        lobby.say(replayed[-1].topic, "", retain=True)


async def test_readers_whose_clocks_are_off_agree_on_who_is_where(house: tuple[Venue, Mosquitto]) -> None:
    venue, broker = house
    walker = guest("Walking Guest", associate="anna")
    await venue.enrol(walker)
    async with (
        await venue.tablet("anna") as anna,
        await venue.tablet("mei") as mei,
        SimulatedImpinj(broker.url, LOBBY.link, every_s=0.2, clock_s=2.0) as lobby,
        SimulatedImpinj(broker.url, BAR.link, every_s=0.2, clock_s=-40.0) as bar,
    ):
        lobby.present(walker.epc, 1, -50)
        first = (await anna.expect("visit.arrived", customer=walker.id))["data"]
        assert first["zone"] == "lounge"
        lobby.remove(walker.epc)
        bar.present(walker.epc, 1, -50)
        moved = (await anna.expect("visit.moved", customer=walker.id, within=60))["data"]
        assert (moved["zone"], moved["visit"]) == ("bar", first["visit"])
        bar.remove(walker.epc)
        lobby.present(walker.epc, 1, -50)
        moved = (await anna.expect("visit.moved", customer=walker.id))["data"]
        assert (moved["zone"], moved["visit"]) == ("lounge", first["visit"])
        assert len(anna.seen("visit.arrived", customer=walker.id)) == 1
        assert not mei.seen("alert.opened", kind="verify", customer=walker.id)


@pytest.mark.parametrize("dies", [True, False])
async def test_a_reader_that_dies_is_not_a_crowd_that_left(
    house: tuple[Venue, Mosquitto], tmp_path: Path, dies: bool
) -> None:
    _, broker = house
    name = {"zh-CN": "吧", "en": "Bar"}
    bar = {"id": "bar", "driver": "impinj_iot", "link": "impinj/crowd", "role": "zone", "zone": "bar"}
    settings = config(mqtt={"url": broker.url}, zones=[{"id": "bar", "name": name}], readers=[bar], places=[])
    crowd = {f"c{n}": f"epc:3034F10A5C0E40000000C{n:03X}" for n in range(8)}
    async with served(tmp_path, settings) as venue:
        for customer, tag in crowd.items():
            await venue.enrol(customer, tag)
        headers = {"Authorization": f"Bearer {await venue.token('manager')}"}
        async with venue.tablet(headers) as tablet, SimulatedImpinj(broker.url, bar["link"], every_s=0.2) as reader:
            for tag in crowd.values():
                reader.present(tag, 1, -50)
            for customer in crowd:
                await tablet.expect("visit.arrived", customer=customer)
            if dies:
                await reader.drop()  # the broker tells its last will
                await tablet.expect("reader.quiet", reader="bar")
            else:
                for tag in crowd.values():
                    reader.remove(tag)
            venue.ahead += 180.0
            venue.gateway.pulse(venue.now())
            await tablet.tick()
            left = {event["subject"] for event in tablet.seen("visit.departed")}
            assert left == (set() if dies else set(crowd))
