"""What a customer agreed to and wishes is honoured before anything is shown."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.story.settings import COUNTER
from tests.story.venue import Venue, answered, guest

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    async with Venue(tmp_path_factory.mktemp("discretion"), [COUNTER]) as venue:
        await venue.staff("anna", "ben")
        yield venue


async def test_who_takes_consent_back_is_gone_everywhere_within_two_seconds_and_a_stranger_from_then_on(
    venue: Venue,
) -> None:
    chen, other = guest("Chen Yulan", associate="anna"), guest("Other Guest", associate="anna")
    await venue.enrol(chen, other)
    anna = await venue.client("anna")
    async with await venue.tablet("anna") as annas, await venue.tablet("ben") as bens:
        await venue.taps(chen, annas)
        before = time.monotonic()
        await answered(anna.delete(f"/api/customers/{chen.id}/consents/recognise_tag"))
        await answered(anna.delete(f"/api/customers/{chen.id}/consents/recognise_phone"))
        for tablet in (annas, bens):
            assert (await tablet.expect("alert.closed", customer=chen.id))["data"]["outcome"] == "revoked"
            departed = (await tablet.expect("visit.departed", customer=chen.id))["data"]
            assert departed["evidence"]["kind"] == "ended"
        assert time.monotonic() - before < 2.0
        assert chen.id not in await venue.present()
        revoked = await annas.expect("consent.revoked", customer=chen.id)
        assert revoked["data"] == {"customer": chen.id, "purpose": "recognise_tag"}
        venue.em4100["counter"].hold(chen.em)
        await venue.hears("counter")
        venue.em4100["counter"].release()
        await venue.taps(other, annas)
        assert len(annas.seen("visit.arrived", customer=chen.id)) == 1
    assert (await anna.delete(f"/api/customers/{chen.id}/consents/recognise_tag")).status_code == 404


async def test_what_a_phone_may_do_a_tag_may_not(venue: Venue) -> None:
    phone, tagged = guest("Phone Only", associate="anna"), guest("Tag Only", associate="anna")
    await venue.enrol(phone, consents=["recognise_phone"])
    await venue.enrol(tagged, consents=["recognise_tag"])
    async with await venue.tablet("anna") as annas:
        venue.em4100["counter"].hold(phone.em)
        await venue.hears("counter")
        await venue.taps(tagged, annas)
        assert not annas.seen("visit.arrived", customer=phone.id)


async def test_who_wishes_not_to_be_disturbed_is_seen_and_rings_nowhere(venue: Venue) -> None:
    quiet, later = guest("Quiet Guest", associate="anna", wishes=["do_not_disturb"]), guest("Later", associate="anna")
    await venue.enrol(quiet, later)
    manager = await venue.client("manager")
    async with await venue.tablet("anna") as annas:
        assert (await venue.taps(quiet, annas))["wishes"] == ["do_not_disturb"]
        await venue.taps(later, annas)
        await annas.expect("alert.opened", customer=later.id)
        assert not annas.seen("alert.opened", customer=quiet.id)
        facts = {"name": later.name, **later.facts, "wishes": ["do_not_disturb"]}
        await answered(manager.put(f"/api/customers/{later.id}", json=facts))
        assert (await annas.expect("wish.changed", customer=later.id))["data"]["wishes"] == ["do_not_disturb"]
        await annas.expect("alert.closed", customer=later.id)


@pytest.mark.parametrize("wish", ["no_name", "anonymous"])
async def test_who_wishes_to_be_unnamed_has_no_name_on_any_tablet(venue: Venue, wish: str) -> None:
    unnamed = guest(f"Veiled Lady {wish}", associate="anna", wishes=[wish])
    await venue.enrol(unnamed)
    async with await venue.tablet("anna") as annas:
        assert (await venue.taps(unnamed, annas))["name"] is None
        card = (await annas.expect("alert.opened", customer=unnamed.id))["data"]["card"]
        assert (card["name"], card["address_as"], card["wishes"]) == (None, None, [wish])
        assert "Veiled Lady" not in str(annas.events)
    async with await venue.tablet("ben") as bens:
        assert unnamed.id in [p["customer"] for p in bens.state["present"]]
        assert "Veiled Lady" not in str(bens.hello)


async def test_who_wishes_not_to_be_recognised_is_gone_from_every_tablet(venue: Venue) -> None:
    shy = guest("Shy Guest", associate="anna")
    await venue.enrol(shy)
    manager = await venue.client("manager")
    async with await venue.tablet("anna") as annas:
        await venue.taps(shy, annas)
        facts = {"name": shy.name, **shy.facts, "wishes": ["do_not_recognise"]}
        await answered(manager.put(f"/api/customers/{shy.id}", json=facts))
        assert (await annas.expect("alert.closed", customer=shy.id))["data"]["outcome"] == "revoked"
        await annas.expect("visit.departed", customer=shy.id)
        assert shy.id not in await venue.present()


async def test_a_program_sees_that_somebody_is_here_and_not_who(venue: Venue) -> None:
    known = guest("Known Lady", associate="anna")
    await venue.enrol(known)
    async with (
        await venue.tablet("anna") as annas,
        await venue.tablet("integration") as program,
        await venue.tablet("it") as technician,
    ):
        await venue.taps(known, annas)
        arrived = (await program.expect("visit.arrived", customer=known.id))["data"]
        assert "name" not in arrived
        assert "card" not in (await program.expect("alert.opened", customer=known.id))["data"]
        assert "Known Lady" not in f"{program.events} {program.hello}"
        async with await venue.tablet("ben"):
            await technician.expect("staff.changed", id="ben", connected=True)
        assert not [e for e in technician.events if e["subject"] == known.id]
        assert technician.state["present"] == []
        assert technician.state["readers"]


async def test_an_erased_customer_is_unknown_and_named_nowhere_on_the_disk(venue: Venue) -> None:
    gone = guest("Ottilie Vanishing", associate="anna")
    await venue.enrol(gone)
    anna, manager = await venue.client("anna"), await venue.client("manager")
    await venue.knows(gone, "anna", "do", "drink", "vanishing cream soda")
    async with await venue.tablet("anna") as annas:
        arrived = await venue.taps(gone, annas)
        await answered(anna.post(f"/api/visits/{arrived['visit']}/asks", json={"question": "vanishing lunch"}))
        await answered(manager.delete(f"/api/customers/{gone.id}"))
        await annas.expect("customer.erased", customer=gone.id)
        assert gone.id not in await venue.present()
        assert (await anna.get(f"/api/customers/{gone.id}")).status_code == 404
        assert gone.id not in (await anna.get("/api/alerts?state=closed")).text
        async with await venue.tablet("ben") as bens:
            assert not [trace for trace in ("Ottilie", "vanishing", gone.id) if trace in str(bens.hello)]
        assert await answered(anna.get("/api/customers", params={"q": "Ottilie"})) == []
        venue.em4100["counter"].hold(gone.em)
        await venue.hears("counter")
        venue.em4100["counter"].release()
        assert len(annas.seen("visit.arrived", customer=gone.id)) == 1
        since = int(annas.hello["sequence"])
    async with await venue.tablet("anna", since=since) as again:
        assert again.hello["state"] is None
        await again.expect("customer.erased", customer=gone.id)
        assert "Ottilie" not in str(again.events)
        assert [e["data"].get("name") for e in again.seen("visit.arrived", customer=gone.id)] == [None]
    kept = b"".join(f.read_bytes() for f in venue.data.rglob("*") if f.is_file())
    for trace in ("Ottilie", "vanishing", gone.em.removeprefix("em:"), gone.epc.removeprefix("epc:")):
        assert trace.encode() not in kept
        assert trace not in venue.log
