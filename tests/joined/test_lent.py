"""A customer of one venue at the door of another: known there by the hub's word, and no longer than that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.events.times import DAY
from gateway.hub.expecting import Expected, wish_of
from gateway.hub.feeds import HOUSE, URGENT
from gateway.hub.own_rows import Own, OwnRows
from gateway.joined.acts import Acts
from gateway.joined.lent import LentCustomers
from gateway.records import rebuild
from tests.console.served import FOB, Served
from tests.hub.contract import BRAND
from tests.joined.maison import FLAGSHIP, PUDONG, Maison, item_of, maison
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="function")


@pytest_asyncio.fixture
async def both(tmp_path: Path) -> AsyncIterator[Maison]:
    async with maison(tmp_path) as made:
        yield made


def at(house: Maison, name: str) -> Served:
    return house.venues[name].house


async def shares(house: Maison, customer: str, identifier: str = FOB, **facts: Any) -> str:
    """A customer of the flagship who agrees that other houses know of them; how the house calls them."""
    home = at(house, FLAGSHIP)
    await home.enrol(customer, identifier, **facts)
    boss = await home.client("manager")
    await answered(boss.post(f"/api/customers/{customer}/consents", json={"purpose": "share_houses"}))
    return f"{home.whose(customer)}@{FLAGSHIP}"


async def likes(house: Served, customer: str, value: str, polarity: str = "do", category: str = "drink") -> str:
    boss = await house.client("manager", "mei")
    fact = {"category": category, "value": value, "polarity": polarity, "basis": "stated", "scope": "standing"}
    answer = await answered(boss.post(f"/api/customers/{customer}/preferences", json=fact))
    return str(answer["id"])


async def cards(house: Served) -> list[dict[str, Any]]:
    boss = await house.client("manager", "mei")
    found: list[dict[str, Any]] = await answered(boss.get("/api/alerts?state=open"))
    return [each["card"] for each in found if each["card"]]


async def stop(house: Served, customer: str, purpose: str = "share_houses") -> None:
    boss = await house.client("manager")
    assert (await boss.delete(f"/api/customers/{customer}/consents/{purpose}")).status_code == 204


async def grant_again(house: Served, customer: str) -> None:
    boss = await house.client("manager")
    page = f"/api/customers/{customer}/consents"
    refused = await boss.post(page, json={"purpose": "share_houses"})
    lifts = [each["id"] for each in refused.json()["stops"]] if refused.status_code == 409 else []
    if refused.status_code == 409:
        await answered(boss.post(page, json={"purpose": "share_houses", "lifts": lifts}))


async def test_who_is_lent_gets_a_card_like_our_own(both: Maison) -> None:
    lent = await shares(both, "chen", address_as="Ms Chen", tier="gold", language="en")
    await likes(at(both, FLAGSHIP), "chen", "Green tea")
    await likes(at(both, FLAGSHIP), "chen", "Peanuts", "allergy", "allergy")
    await both.carry()
    at(both, PUDONG).tap()
    (card,) = await cards(at(both, PUDONG))
    assert (card["address_as"], card["tier"], card["lent_by"]) == ("Ms Chen", "gold", FLAGSHIP)
    assert [each["value"] for each in card["avoid"]] == ["Peanuts"]
    boss = await at(both, PUDONG).client("manager", "mei")
    page = await answered(boss.get(f"/api/customers/{lent}"))
    assert (page["lent_by"], page["name"]) == (FLAGSHIP, "Chen")
    assert {each["value"]: each["venue"] for each in page["preferences"]} == {
        "Green tea": FLAGSHIP,
        "Peanuts": FLAGSHIP,
    }


async def test_what_is_learnt_of_who_is_lent_is_known_at_home_and_says_where(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    here, home = at(both, PUDONG), at(both, FLAGSHIP)
    here.tap()
    await likes(here, lent, "Walnuts", "allergy", "allergy")
    boss = await here.client("manager", "mei")
    promise = await answered(boss.post(f"/api/customers/{lent}/promises", json={"text": "a window table"}))
    home.tap()
    await both.carry()
    known = await answered((await home.client("manager", "mei")).get("/api/customers/chen"))
    assert [(each["value"], each["venue"]) for each in known["preferences"]] == [("Walnuts", PUDONG)]
    assert [(each["id"], each["text"]) for each in known["promises"]] == [(promise["id"], "a window table")]
    (card,) = await cards(home)
    assert [each["value"] for each in card["avoid"]] == ["Walnuts"]
    assert card["lent_by"] is None
    page = f"/api/customers/chen/promises/{promise['id']}/close"
    await answered((await home.client("manager", "mei")).post(page, json={}))
    await both.carry()
    assert (await answered(boss.get(f"/api/customers/{lent}")))["promises"] == []


async def test_what_was_taken_back_is_silent_at_once_and_its_keys_are_gone_from_the_disk(both: Maison) -> None:
    lent = await shares(both, "chen", name="Chen Jing")
    await both.carry()
    here = at(both, PUDONG)
    here.tap()
    assert len(await cards(here)) == 1
    (key,) = [each for each in both.venues[PUDONG].data_keys() if each.customer == lent]
    await stop(at(both, FLAGSHIP), "chen")
    await both.send(FLAGSHIP)
    await both.hear(PUDONG)
    boss = await here.client("manager", "mei")
    assert await cards(here) == []
    assert await answered(boss.get("/api/present")) == []
    assert (await boss.get(f"/api/customers/{lent}")).status_code == 404
    here.tap()
    assert await cards(here) == []
    await both.venues[PUDONG].settle()
    store = both.venues[PUDONG].store
    assert not store.keyring.has(key.key_id)
    assert not store.reader.conn.execute("SELECT 1 FROM lent_rows").fetchone()
    wrapped = [row[0] for row in store.keyring.select("SELECT wrapped FROM keys WHERE key_id = ?", key.key_id)]
    assert wrapped == [bytes(60)]
    assert key.key_id not in store.keyring.erasures._read().keys, "what was taken back may be lent again"


async def test_a_live_tablet_lets_go_of_who_was_taken_back(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    here = at(both, PUDONG)
    anna = await here.signs_in("anna")
    async with here.tablet({"Cookie": "; ".join(f"{n}={v}" for n, v in anna.cookies.items()), "Origin": here.url}) as t:
        here.tap()
        await t.expect("alert.opened")
        since = here.gateway.journal.sequence
        await stop(at(both, FLAGSHIP), "chen")
        await both.send(FLAGSHIP)
        await both.hear(PUDONG)
        await t.expect("lent.ended", customer=lent)
    boss = await here.client("manager", "mei")
    assert (await boss.get("/api/alerts?state=open")).json() == []
    assert since > 0


async def test_who_is_lent_again_is_known_again_with_what_was_written_of_them_here(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    here = at(both, PUDONG)
    here.tap()
    await likes(here, lent, "Green tea")
    await both.carry()
    await stop(at(both, FLAGSHIP), "chen")
    await both.carry()
    boss = await here.client("manager", "mei")
    assert (await boss.get(f"/api/customers/{lent}")).status_code == 404
    await grant_again(at(both, FLAGSHIP), "chen")
    await both.carry()
    page = await answered(boss.get(f"/api/customers/{lent}"))
    assert [(each["value"], each["venue"]) for each in page["preferences"]] == [("Green tea", None)]


async def test_who_was_erased_is_erased_here_with_a_receipt_and_no_copy_brings_them_back(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    (key,) = [each for each in both.venues[PUDONG].data_keys() if each.customer == lent]
    home = await at(both, FLAGSHIP).client("manager", "mei")
    at(both, FLAGSHIP).two_open("erasure")
    erased = await home.request("DELETE", "/api/customers/chen")
    assert erased.status_code == 202, erased.text
    await both.send(FLAGSHIP)
    heard = await both.hear(PUDONG)
    assert [each.kind for each in heard] == ["erase"]
    await both.venues[PUDONG].settle()
    boss = await at(both, PUDONG).client("manager", "mei")
    (receipt,) = await answered(boss.get("/api/erasures"))
    assert receipt["customer"] == lent
    assert {each["place"]: bool(each["done_at"]) for each in receipt["places"]}[PUDONG]
    store = both.venues[PUDONG].store
    assert store.keyring.erasures.entry_of([key.key_id]) is not None
    await both.give(PUDONG, "brand/aurelia", [], [key._replace(customer=lent)])
    assert not store.keyring.has(key.key_id), "a key that was destroyed for good comes back by no message"


async def test_one_tag_of_two_customers_is_of_neither_until_somebody_decides(both: Maison) -> None:
    lent = await shares(both, "chen")
    here = at(both, PUDONG)
    await here.enrol("okafor")
    here.tap()
    assert [each["name"] for each in await cards(here)] == ["Okafor"]
    await both.carry()
    here.ahead = 3_600.0
    here.tap()
    boss = await here.client("manager", "mei")
    assert here.gateway.memory.roster.who(FOB, here.now()) is None
    page = await answered(boss.get("/api/customers/okafor"))
    (thing,) = page["credentials"]
    assert (await boss.delete(f"/api/customers/okafor/credentials/{thing['id']}")).status_code == 204
    await both.venues[PUDONG].settle()
    both.venues[PUDONG].lent.pulse(here.now())
    assert here.gateway.memory.roster.who(FOB, here.now()) == lent


async def test_what_may_not_be_done_here_is_refused_and_says_where(both: Maison) -> None:
    lent = await shares(both, "chen")
    here = at(both, PUDONG)
    await here.enrol("okafor", "em:0700C4A9F1")
    await both.carry()
    boss = await here.client("manager", "mei")
    page = f"/api/customers/{lent}"
    here.two_open("erasure")
    facts = {"name": "Somebody else"}
    tries = [
        await boss.put(page, json=facts),
        await boss.post(f"{page}/credentials", json={"identifier": "em:0700C4A9F2"}),
        await boss.post(f"{page}/consents", json={"purpose": "recognise_phone"}),
        await boss.post(f"{page}/merge", json={"other": here.whose("okafor")}),
        await boss.request("DELETE", page),
    ]
    assert {each.status_code for each in tries} == {403}, [each.text for each in tries]
    said = {each.json()["detail"] for each in tries}
    assert said == {f"this customer is lent by {FLAGSHIP}: that is done there"}


async def test_a_stop_is_taken_wherever_it_is_said_and_holds_at_home(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    await stop(at(both, PUDONG), lent, "recognise_tag")
    await both.carry()
    home = at(both, FLAGSHIP)
    home.tap()
    assert await cards(home) == []


async def test_a_restart_knows_who_is_lent_and_one_that_waits_for_the_hub_shows_nobody(tmp_path: Path) -> None:
    async with maison(tmp_path) as before:
        lent = await shares(before, "chen")
        await before.carry()
    async with maison(tmp_path) as after:
        venue = after.venues[PUDONG]
        venue.lent.hold(held=True)
        venue.house.tap()
        assert await cards(venue.house) == []
        boss = await venue.house.client("manager", "mei")
        assert (await boss.get(f"/api/customers/{lent}")).status_code == 404
        venue.lent.hold(held=False)
        venue.house.tap()
        assert [each["lent_by"] for each in await cards(venue.house)] == [FLAGSHIP]


async def test_consent_is_believed_from_the_rows_and_not_from_the_hub(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    await stop(at(both, FLAGSHIP), "chen")
    await both.venues[FLAGSHIP].settle()
    (stopped,) = [each for each in both.venues[FLAGSHIP].rows() if '"consent.revoked"' in each["head"]]
    item = {"number": 99, "kind": "event", "customer": lent, "origin": FLAGSHIP, "epoch": 1, "hlc": "0" * 16}
    effects = await both.give(PUDONG, BRAND, [item_of({**item, "row": stopped})])
    assert effects.gone == {lent}
    at(both, PUDONG).tap()
    assert await cards(at(both, PUDONG)) == []


async def test_unheard_for_the_lease_nobody_is_known_and_later_nothing_is_left(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    venue = both.venues[PUDONG]
    here = venue.house
    here.tap()
    assert len(await cards(here)) == 1
    later = here.now() + 31 * DAY
    venue.lent.pulse(later)
    assert await cards(here) == []
    here.tap()
    assert await cards(here) == []
    venue.lent.heard(later)
    here.tap()
    assert [each["lent_by"] for each in await cards(here)] == [FLAGSHIP]

    later += 31 * DAY
    for minute in range(48 * 60 + 2):
        venue.lent.pulse(later + minute * 60)
    await venue.settle()
    assert not [key for key in venue.data_keys() if key.customer == lent]
    assert not venue.store.reader.conn.execute("SELECT 1 FROM lent_rows").fetchone()
    assert await cards(here) == []


async def test_the_lease_is_as_long_as_the_hub_says_also_after_a_restart(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    venue = both.venues[PUDONG]
    now = venue.house.now()
    venue.lent.heard(now, 7)
    venue.lent.pulse(now + 6 * DAY)
    venue.house.tap()
    assert [each["customer"] for each in await cards(venue.house)] == [lent]
    await venue.settle()
    again = LentCustomers(venue.house.gateway)
    again.pulse(now + 8 * DAY)
    assert await cards(venue.house) == []
    again.heard(now + 8 * DAY)
    venue.house.tap()
    assert len(await cards(venue.house)) == 1


async def test_a_message_that_comes_twice_and_in_another_order_makes_the_same(both: Maison) -> None:
    lent = await shares(both, "chen", tier="gold")
    await likes(at(both, FLAGSHIP), "chen", "Green tea")
    await both.send(FLAGSHIP)
    items = [item_of(each) for said in await both.hub.tail(BRAND, PUDONG, 0) for each in said.items]
    keys = await both.keys_of([lent])
    await both.give(PUDONG, BRAND, items, keys)
    await both.give(PUDONG, BRAND, list(reversed(items)), keys)
    await both.give(PUDONG, BRAND, items)
    boss = await at(both, PUDONG).client("manager", "mei")
    page = await answered(boss.get(f"/api/customers/{lent}"))
    assert (page["tier"], [each["value"] for each in page["preferences"]]) == ("gold", ["Green tea"])


async def test_whom_a_whole_snapshot_does_not_name_is_known_no_more(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    venue = both.venues[PUDONG]
    for part, last in ((1, False), (2, True)):
        effects = await venue.store.write(
            lambda tx, part=part, last=last: venue.lent.snapshot(tx, BRAND, [], part, last=last)
        )
        venue.lent.after(effects)
    assert effects.gone == {lent}
    at(both, PUDONG).tap()
    assert await cards(at(both, PUDONG)) == []


async def test_no_name_of_who_is_lent_is_in_any_log(both: Maison, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await shares(both, "chen", name="Zhuangzi Planted")
    await both.carry()
    at(both, PUDONG).tap()
    await stop(at(both, FLAGSHIP), "chen")
    await both.carry()
    assert "Zhuangzi" not in caplog.text
    for file in (both.venues[PUDONG].store.folder).rglob("*"):
        assert not file.is_file() or b"Zhuangzi" not in file.read_bytes(), file


async def test_a_tag_that_is_given_here_and_is_lent_too_is_of_neither(both: Maison) -> None:
    await shares(both, "chen")
    await both.carry()
    here = at(both, PUDONG)
    await here.enrol("okafor")
    assert here.gateway.memory.roster.who(FOB, here.now()) is None
    here.tap()
    assert await cards(here) == []


async def calls_itself(house: Maison, name: str, **names: str) -> None:
    said = wish_of({"name": {"zh-CN": names["zh"], "en": names["en"]}})
    await house.hub.welcome(name, "aurelia", house.now_ms, said)


async def test_a_venue_is_named_as_it_calls_itself_wherever_its_word_is_shown(both: Maison) -> None:
    await calls_itself(both, FLAGSHIP, zh="旗舰店", en="The Flagship")
    await calls_itself(both, PUDONG, zh="浦东店", en="Pudong House")
    lent = await shares(both, "chen")
    await both.carry()
    here, home = at(both, PUDONG), at(both, FLAGSHIP)
    here.tap()
    (card,) = await cards(here)
    assert card["lent_by_name"] == {"zh-CN": "旗舰店", "en": "The Flagship"}
    assert (card["new"], card["visits"]) == (["first_here"], 1)
    boss = await here.client("manager", "mei")
    page = await answered(boss.get(f"/api/customers/{lent}"))
    assert page["lent_by_name"]["en"] == "The Flagship"
    await likes(here, lent, "Walnuts", "allergy", "allergy")
    await answered(boss.post(f"/api/customers/{lent}/promises", json={"text": "a window table"}))
    await answered(boss.post(f"/api/customers/{lent}/complaints", json={"text": "the wine was warm"}))
    await both.carry()
    known = await answered((await home.client("manager", "mei")).get("/api/customers/chen"))
    said = [*known["preferences"], *known["promises"], *known["complaints"]]
    assert [(each["venue"], each["venue_name"]["en"]) for each in said] == [(PUDONG, "Pudong House")] * 3
    home.tap()
    (card,) = await cards(home)
    assert [(each["venue"], each["venue_name"]["zh-CN"]) for each in card["promises"]] == [(PUDONG, "浦东店")]
    assert card["new"] == ["first_here"], "they were at the other house"


async def test_a_name_that_is_none_is_none_and_one_language_serves_for_both(both: Maison) -> None:
    await calls_itself(both, FLAGSHIP, zh="", en="The Flagship")
    await shares(both, "chen")
    await both.carry()
    at(both, PUDONG).tap()
    (card,) = await cards(at(both, PUDONG))
    assert card["lent_by_name"] == {"zh-CN": "The Flagship", "en": "The Flagship"}


async def expects(house: Maison, customer: str, id_: str = "e-1", place: str | None = "table 4") -> None:
    begins = house.now_ms + 3_600_000
    await house.hub.expect(
        [Expected(id_, customer, PUDONG, begins, begins + 7_200_000, place, "birthday")], "lina", house.now_ms
    )


async def book(house: Served) -> list[tuple[str, Any, Any]]:
    boss = await house.client("manager", "mei")
    return [(each["customer"], each["place"], each["note"]) for each in await answered(boss.get("/api/expected"))]


async def test_whom_head_office_announces_stands_in_the_book_of_that_venue_until_it_takes_it_back(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    await expects(both, lent)
    await both.hear(PUDONG, URGENT, HOUSE, BRAND)
    assert await book(at(both, PUDONG)) == [(lent, None, "table 4 · birthday")]
    at(both, PUDONG).tap()
    (card,) = await cards(at(both, PUDONG))
    assert card["note"] == "table 4 · birthday"
    assert await book(at(both, FLAGSHIP)) == []
    await both.hub.cancel_expected("e-1", "lina", both.now_ms)
    await both.hear(PUDONG, URGENT, HOUSE, BRAND)
    assert await book(at(both, PUDONG)) == []


async def test_what_the_floor_struck_from_the_book_does_not_come_back_by_itself(both: Maison) -> None:
    lent = await shares(both, "chen")
    await both.carry()
    await expects(both, lent)
    await both.hear(PUDONG, URGENT, HOUSE, BRAND)
    boss = await at(both, PUDONG).client("manager", "mei")
    assert (await boss.delete("/api/expected/e-1")).status_code == 204
    await likes(at(both, FLAGSHIP), "chen", "Green tea")
    await both.carry()
    LentCustomers(at(both, PUDONG).gateway)
    assert await book(at(both, PUDONG)) == []


async def test_a_customer_of_this_venue_is_announced_by_head_office_too(both: Maison) -> None:
    here = at(both, PUDONG)
    await here.enrol("okafor", "em:0700C4A9F1")
    boss = await here.client("manager", "mei")
    await answered(boss.post("/api/customers/okafor/consents", json={"purpose": "share_houses"}))
    await both.carry()
    await expects(both, f"{here.whose('okafor')}@{PUDONG}", place=None)
    await both.hear(PUDONG, URGENT, HOUSE, BRAND)
    assert await book(here) == [("okafor", None, "birthday")]


async def test_what_was_a_leavers_is_theirs_whom_head_office_named_also_of_whom_it_knows_nothing(both: Maison) -> None:
    here = at(both, FLAGSHIP)
    await here.hire("lina")
    await here.enrol("chen", associate="anna")
    await here.enrol("okafor", "em:0700C4A9F1", associate="mei", deputy="anna")
    anna = await here.client("manager", "anna")
    promise = await answered(anna.post("/api/customers/chen/promises", json={"text": "a window table"}))
    acts = Acts(here.gateway, both.venues[FLAGSHIP].lent)
    assert await acts.leave("anna", "lina")
    boss = await here.client("manager", "mei")
    chen, okafor = [await answered(boss.get(f"/api/customers/{each}")) for each in ("chen", "okafor")]
    assert [(each["id"], each["owner"]) for each in chen["promises"]] == [(promise["id"], "lina")]
    assert (chen["associate"], okafor["associate"], okafor["deputy"]) == ("lina", "mei", "lina")


async def test_an_heir_who_does_not_work_here_takes_nothing_over(both: Maison) -> None:
    here = at(both, FLAGSHIP)
    await here.enrol("chen", associate="anna")
    assert await Acts(here.gateway, both.venues[FLAGSHIP].lent).leave("anna", "a-stranger")
    boss = await here.client("manager", "mei")
    assert (await answered(boss.get("/api/customers/chen")))["associate"] == "anna"


async def one_person(house: Maison, kept: str, other: str, merge: str = "m-1") -> None:
    """Head office says that two records are of one person."""

    async def does(_: Any, own: OwnRows) -> None:
        data = {"customer": kept, "merge": merge, "other": other, "visit": None}
        await own.write([Own("customer.merged", kept, data, kept)])

    await house.hub.write(does, "lina", house.now_ms)


async def two_people(house: Maison, kept: str, other: str, merge: str = "m-1") -> None:
    async def does(_: Any, own: OwnRows) -> None:
        await own.write([Own("customer.unmerged", kept, {"customer": kept, "merge": merge, "other": other}, kept)])

    await house.hub.write(does, "lina", house.now_ms)


async def known_in_both(house: Maison) -> tuple[str, str]:
    """One guest whom both houses enrolled, each with a tag and a taste; how the house calls each record."""
    lent = await shares(house, "chen", tier="gold")
    await likes(at(house, FLAGSHIP), "chen", "Green tea")
    here = at(house, PUDONG)
    await here.enrol("chen-2", "em:0700C4A9F1", name="Chen")
    boss = await here.client("manager")
    await answered(boss.post("/api/customers/chen-2/consents", json={"purpose": "share_houses"}))
    await likes(here, "chen-2", "Walnuts", "allergy", "allergy")
    await house.carry()
    return lent, f"{here.whose('chen-2')}@{PUDONG}"


async def test_whom_head_office_merges_is_one_person_in_every_venue_that_knows_both(both: Maison) -> None:
    lent, other = await known_in_both(both)
    here = at(both, PUDONG)
    here.tap("em:0700C4A9F1")
    assert len(await cards(here)) == 1
    await one_person(both, lent, other)
    await both.carry()
    (card,) = await cards(here)
    assert (card["customer"], card["tier"]) == (lent, "gold")
    assert [each["value"] for each in card["avoid"]] == ["Walnuts"]
    assert [each["value"] for each in card["likes"]] == ["Green tea"]
    boss = await here.client("manager", "mei")
    assert [each["customer"] for each in await answered(boss.get("/api/present"))] == [lent]
    home = at(both, FLAGSHIP)
    home.tap("em:0700C4A9F1")
    (card,) = await cards(home)
    assert [each["value"] for each in card["avoid"]] == ["Walnuts"], "at home, too, by the tag of the other house"


async def test_two_who_were_merged_by_mistake_are_two_again_and_stay_so(both: Maison) -> None:
    lent, other = await known_in_both(both)
    here = at(both, PUDONG)
    await one_person(both, lent, other)
    await both.carry()
    await two_people(both, lent, other)
    await both.carry()
    boss = await here.client("manager", "mei")
    page = await answered(boss.get("/api/customers/chen-2"))
    assert [each["value"] for each in page["preferences"]] == ["Walnuts"]
    page = await answered(boss.get(f"/api/customers/{lent}"))
    assert [each["value"] for each in page["preferences"]] == ["Green tea"]
    await likes(at(both, FLAGSHIP), "chen", "Jazz", category="other")
    await both.carry()
    assert here.gateway.memory.family.roots() == []


async def test_a_merge_that_is_heard_before_the_other_record_holds_once_that_is_there(both: Maison) -> None:
    lent, other = await known_in_both(both)
    await one_person(both, lent, other)
    heard = [item_of(each) for said in await both.hub.tail(BRAND, PUDONG, 0) for each in said.items]
    keys = await both.keys_of([lent])
    merge = [each for each in heard if each.kind == "event" and each.origin == "maison"]
    assert merge
    await both.give(PUDONG, BRAND, [each._replace(kind="lend") for each in merge], keys)
    assert at(both, PUDONG).gateway.memory.family.roots() == []
    await both.give(PUDONG, BRAND, [each for each in heard if each.kind == "lend"], keys)
    await both.give(PUDONG, BRAND, heard, keys)
    assert at(both, PUDONG).gateway.memory.family.roots() == [lent]


async def test_when_half_of_a_person_is_taken_back_the_other_half_is_known_by_itself(both: Maison) -> None:
    lent, other = await known_in_both(both)
    here = at(both, PUDONG)
    await one_person(both, lent, other)
    await both.carry()
    await stop(at(both, FLAGSHIP), "chen")
    await both.carry()
    here.tap("em:0700C4A9F1")
    (card,) = await cards(here)
    assert (card["customer"], card["lent_by"]) == ("chen-2", None)
    boss = await here.client("manager", "mei")
    assert (await boss.get(f"/api/customers/{lent}")).status_code == 404


async def test_an_erasure_asked_at_the_hub_reaches_a_record_that_counts_for_a_lent_one(both: Maison) -> None:
    lent, other = await known_in_both(both)
    here = at(both, PUDONG)
    await one_person(both, lent, other)
    await both.carry()
    assert await Acts(here.gateway, both.venues[PUDONG].lent).erase(here.whose("chen-2"))
    await both.venues[PUDONG].settle()
    boss = await here.client("manager", "mei")
    assert (await boss.get("/api/customers/chen-2")).status_code == 404
    here.tap("em:0700C4A9F1")
    assert await cards(here) == []


async def test_tables_that_are_made_anew_know_who_is_one_person_by_the_word_of_others(tmp_path: Path) -> None:
    async with maison(tmp_path) as before:
        lent, other = await known_in_both(before)
        await one_person(before, lent, other)
        await before.carry()
        store = before.venues[PUDONG].store
        with closing(store.open_reader()) as reader:
            assert rebuild.check(reader, tmp_path / PUDONG).differences == []
        await store.write(lambda tx: rebuild.anew(tx, tmp_path / PUDONG))
    async with maison(tmp_path) as after:
        assert at(after, PUDONG).gateway.memory.family.roots() == [lent]
