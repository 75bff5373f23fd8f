"""What readers tell is not always so: copies of tags, old news told as new, clocks that are off."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from reader_drivers.simulated_mqtt import SimulatedImpinj
from tests.mosquitto import Mosquitto, mosquitto
from tests.story.settings import COUNTER, Place
from tests.story.venue import Venue, answered, guest

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOBBY = Place("lobby", "impinj_iot", "zone", "lounge", link="impinj/lobby")
RIGHT, WRONG = "E2801170200014CD9B5A08EC", "E2801170200014CD9B5AFFFF"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Venue, Mosquitto]]:
    with mosquitto() as broker:
        async with Venue(tmp_path_factory.mktemp("doubtful"), [LOBBY, COUNTER], mqtt=broker.url) as venue:
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
        await mei.expect("alert.opened", kind="verify", customer=honest.id, within=10)
        demoted = (await anna.expect("alert.escalated", customer=honest.id))["data"]["card"]
        assert (demoted["verify"], demoted["likes"]) == (True, [])
    assert RIGHT not in venue.log
    assert WRONG not in venue.log
