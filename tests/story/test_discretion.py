"""What a customer agreed to and wishes is honoured before anything is shown."""

from __future__ import annotations

import asyncio
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


async def test_who_takes_consent_back_is_gone_everywhere_at_once_and_a_stranger_from_then_on(
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
        assert time.monotonic() - before < 20.0  # within two where the machine is not busy
        assert chen.id not in await venue.present()
        revoked = await annas.expect("consent.revoked", customer=chen.id)
        assert {"customer": chen.id, "purpose": "recognise_tag"}.items() <= revoked["data"].items()
        venue.em4100["counter"].hold(chen.em)
        await venue.hears("counter")
        venue.em4100["counter"].release()
        await venue.taps(other, annas)
        assert len(annas.seen("visit.arrived", customer=chen.id)) == 1
    # Who says it once more is heard once more: it is written down beside the first.
    assert (await anna.delete(f"/api/customers/{chen.id}/consents/recognise_tag")).status_code == 204
    said = await answered(anna.get(f"/api/customers/{chen.id}/consents", params={"all": True}))
    assert [(one["purpose"], one["act"]) for one in said].count(("recognise_tag", "withdrawn")) == 2


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


async def test_who_wishes_no_name_while_here_has_none_in_what_was_told_before_either(venue: Venue) -> None:
    hale = guest("Margaret Unveiled", associate="anna")
    await venue.enrol(hale)
    anna, manager = await venue.client("anna"), await venue.client("manager")
    page = f"/api/customers/{hale.id}"
    async with await venue.tablet("anna") as annas:
        since = int(annas.hello["sequence"])
        await venue.taps(hale, annas)
        await annas.expect("alert.opened", customer=hale.id)
        assert "Unveiled" in str(annas.events)
        await answered(anna.post(f"{page}/wishes", json={"wishes": ["anonymous"]}))
        assert (await annas.expect("wish.changed", customer=hale.id))["data"]["name"] is None
    async with await venue.tablet("anna", since=since) as again:  # asleep since before they came
        assert again.hello["state"] is None
        await again.expect("wish.changed", customer=hale.id)
        assert again.seen("alert.opened", customer=hale.id)[0]["data"]["card"]["name"] is None
        assert "Unveiled" not in str(again.events)
    for path in (page, f"{page}/journal", "/api/present", "/api/alerts", f"/api/customers?q={hale.id}"):
        assert "Unveiled" not in (await anna.get(path)).text, path
    assert await answered(anna.get("/api/customers", params={"q": "Unveiled"})) == []  # nor can it be guessed
    assert [c["id"] for c in await answered(anna.get("/api/customers", params={"q": hale.id}))] == [hale.id]
    # Who keeps the customers' records knows whose they are.
    assert (await answered(manager.get(page)))["name"] == "Margaret Unveiled"
    assert [c["name"] for c in await answered(manager.get("/api/customers", params={"q": "Unveiled"}))] == [hale.name]


async def test_what_is_known_of_somebody_is_shown_nowhere_once_they_no_longer_agree_that_it_is_kept(
    venue: Venue,
) -> None:
    chen = guest("Chen Yulan", associate="anna")
    await venue.enrol(chen, consents=["recognise_tag", "keep_preferences"])
    await venue.knows(chen, "anna", "do", "drink", "Earl Grey")
    anna, page = await venue.client("anna"), f"/api/customers/{chen.id}"
    async with await venue.tablet("anna") as annas:
        await venue.taps(chen, annas)
        opened = (await annas.expect("alert.opened", customer=chen.id))["data"]
        assert [p["value"] for p in opened["card"]["likes"]] == ["Earl Grey"]
        assert opened["card"]["suggestion"]["kind"] == "offer"
        await answered(anna.delete(f"{page}/consents/keep_preferences"))
        await annas.expect("consent.revoked", customer=chen.id)
    late = {"category": "food", "value": "scones", "at": "2026-01-01T00:00:00Z"}  # from a tablet that was out of reach
    refused = await anna.post(f"{page}/preferences", json=late)
    assert (refused.status_code, "no longer agrees" in refused.json()["detail"]) == (403, True)
    async with await venue.tablet("ben") as bens:
        assert "Earl Grey" not in str(bens.hello)
    for path in (page, f"{page}/preferences", f"/api/alerts/{opened['alert']}"):
        assert "Earl Grey" not in (await anna.get(path)).text, path


async def test_who_is_erased_while_tablets_send_is_erased_and_nothing_brings_them_back(venue: Venue) -> None:
    anna, manager = await venue.client("anna"), await venue.client("manager")
    for n in range(4):
        gone = guest("Ottilie Vanishing", associate="anna")
        await venue.enrol(gone)
        page = f"/api/customers/{gone.id}"
        async with await venue.tablet("anna") as annas:
            visit = (await venue.taps(gone, annas))["visit"]
            late = [
                anna.post(f"{page}/preferences", json={"category": "drink", "value": "tea"}),
                anna.post(f"{page}/promises", json={"text": "a seat"}),
                anna.post(f"{page}/wishes", json={"wishes": ["no_name"]}),
                anna.post(f"/api/visits/{visit}/asks", json={"question": "lunch"}),
                anna.post(f"/api/visits/{visit}/companions", json={"count": 1}),
            ]
            answers = await asyncio.gather(manager.delete(page), *(late if n % 2 else reversed(late)))
            assert answers[0].status_code == 202  # with the receipt, of which the tablets' answers are still to come
            assert gone.id not in answers[0].text  # it is kept for years, and names them by an id of ours
            assert {a.status_code for a in answers[1:]} <= {200, 201, 204, 404}
            erased = await annas.expect("customer.erased", customer=gone.id)
            told = [e["type"] for e in annas.events if e["subject"] == gone.id and e["sequence"] > erased["sequence"]]
            assert set(told) <= {"alert.closed", "visit.departed", "visit.companions"}  # that one is a number
        assert (await manager.get(page)).status_code == 404
        for path in ("preferences", "promises", "wishes"):
            assert (await anna.post(f"{page}/{path}", json={})).status_code in (404, 422)
        async with await venue.tablet("ben") as bens:
            assert gone.id not in str(bens.hello)
    assert "was not recorded" not in venue.log


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
        # What a tablet noted before, and sends now, does not bring them back; who keeps the records may.
        anna, path = await venue.client("anna"), f"/api/customers/{shy.id}/wishes"
        late = await answered(anna.post(path, json={"wishes": ["no_name"]}))
        assert late["wishes"] == ["no_name", "do_not_recognise"]
        await annas.expect("wish.changed", customer=shy.id, wishes=["no_name", "do_not_recognise"])
        assert (await answered(manager.post(path, json={"wishes": []})))["wishes"] == []


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
            await technician.expect("staff.connected", id="ben", connected=True)
        assert not [e for e in technician.events if e["subject"] == known.id]
        assert technician.state["present"] == []
        assert technician.state["readers"]
    # A program is sent no names; it may ask for them, and then it has looked, once in a visit.
    asking = await venue.client("integration")
    for _ in range(2):
        assert known.id in (await asking.get("/api/present")).text
        assert "Known Lady" in (await asking.get("/api/alerts")).text
    anna = await venue.client("anna")

    async def looks() -> list[str]:
        journal = await answered(anna.get(f"/api/customers/{known.id}/journal"))
        return [e["actor"] for e in journal if e["type"] == "customer.viewed" and e["actor"].startswith("program-")]

    assert len(await venue.eventually(looks, bool)) == 1  # what happens by itself is written down behind


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
        assert again.hello["stopped"] == [{"customer": gone.id, "ended": ["everything"]}]
        assert gone.id not in str(again.hello["state"])
        assert "Ottilie" not in str([again.hello, *again.events])
        assert not again.seen("visit.arrived", customer=gone.id)  # there is nothing left to tell of them
    kept = b"".join(f.read_bytes() for f in venue.data.rglob("*") if f.is_file())
    for trace in ("Ottilie", "vanishing", gone.em.removeprefix("em:"), gone.epc.removeprefix("epc:")):
        assert trace.encode() not in kept
        assert trace not in venue.log
