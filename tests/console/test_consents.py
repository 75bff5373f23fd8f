"""What customers say to what they are asked, through the door that tablets and programs use."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.events.times import iso, new_id
from tests.console.served import FOB, Served, config, same_from_its_records, served
from tests.story.venue import answered

NAME = {"zh-CN": "水疗", "en": "Spa"}
SIGNED = {"media": "image/png", "content": base64.b64encode(b"\x89PNG a hand").decode()}
PRIVACY = {"controller": {"name": "Bund House", "address": "1 Bund", "contact": "privacy@example.com"}}
SPA = {"id": "spa-bund", "name": NAME, "country": "CN", "data": ["preferences.food", "preferences.drink"]}
OWN = {"id": "club_points", "labels": {"en": "Points"}, "months": 6}
DAY = 86_400.0


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    settings = config(privacy={**PRIVACY, "purposes": [OWN]}, partners=[SPA])
    async with served(tmp_path, settings) as house:
        yield house
        await same_from_its_records(house)


def act(house: Served, purpose: str, **more: Any) -> dict[str, Any]:
    """A consent as a tablet sends it."""
    shown = {"id": purpose, "version": 1, "language": "zh-CN", "shown_at": iso(house.now() - 20)}
    if purpose == "club_points":
        shown["id"] = "points"
    return {"purpose": purpose, "method": "on_glass", "act": "given", "notice": shown, **more}


async def known(house: Served, customer: str = "chen") -> Any:
    boss = await house.client("manager")
    await answered(boss.put(f"/api/customers/{customer}", json={"name": customer.capitalize()}))
    return boss


def last(house: Served, days: int) -> str:
    return (datetime.fromtimestamp(house.now(), UTC).date() + timedelta(days=days)).isoformat()


async def test_never_asked_is_no_and_each_purpose_is_apart(house: Served) -> None:
    boss = await known(house)
    rows = await answered(boss.get("/api/customers/chen/purposes"))
    everything = (
        "recognise_tag", "recognise_phone", "keep_preferences", "share_houses", "introductions", "insight",
        "club_points",
    )  # fmt: skip
    expected = {(each, None) for each in everything} | {("share_partners", "spa-bund")}
    assert {(row["purpose"], row["partner"]) for row in rows} == expected
    assert {row["state"] for row in rows} == {"never_asked"}
    said = {"category": "drink", "value": "tea", "basis": "stated", "scope": "standing"}
    refused = await boss.post("/api/customers/chen/preferences", json=said)
    assert (refused.status_code, refused.json()["type"]) == (403, "consent-needed")
    made = await answered(boss.post("/api/customers/chen/consents", json=act(house, "keep_preferences")))
    assert (made["state"], made["act"], made["by"], made["renew"]) == ("alive", "given", "customer", False)
    assert made["receipt"].startswith("R-")
    await answered(boss.post("/api/customers/chen/preferences", json=said))
    no = {"purpose": "insight", "act": "refused", "method": "spoken"}
    refusal = await answered(boss.post("/api/customers/chen/consents", json=no))
    assert (refusal["state"], refusal["ask_after"]) == ("refused", last(house, 180))
    states = {row["purpose"]: row for row in await answered(boss.get("/api/customers/chen/purposes"))}
    assert (states["keep_preferences"]["state"], states["insight"]["state"]) == ("alive", "refused")
    assert states["insight"]["stops"] == [refusal["id"]]
    every = await answered(boss.get("/api/customers/chen/consents?all=1"))
    assert [(row["purpose"], row["act"]) for row in every] == [("keep_preferences", "given"), ("insight", "refused")]
    assert [row["purpose"] for row in await answered(boss.get("/api/customers/chen/consents"))] == ["keep_preferences"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"notice": None}, "notice: missing"),
        ({"purpose": "club_prizes"}, "purpose: 'club_prizes' is none of recognise_tag"),
        ({"method": "spoken"}, "method: what is only spoken is no consent"),
        ({"method": "telepathy"}, "method: expected one of signed_on_glass"),
        ({"method": "signed_on_glass"}, "signature: missing"),
        ({"partner": "spa-bund"}, "partner: keep_preferences is about no partner"),
        ({"brand": "maison-z"}, "brand: 'maison-z' is none of"),
        ({"guardian": {"name": "Li", "relation": "mother", "comes_of_age": "2031-05"}}, "signature: missing"),
        ({"purpose": "share_partners", "notice": "share_partners"}, "partner: missing"),
        ({"purpose": "share_partners", "notice": "share_partners", "partner": "bar"}, "partner: 'bar' is none of"),
    ],
)
async def test_what_is_missing_is_named_and_nothing_is_written(
    house: Served, wrong: dict[str, Any], words: str
) -> None:
    boss = await known(house)
    body = act(house, "keep_preferences") | wrong
    if isinstance(body["notice"], str):
        body["notice"] = act(house, body["notice"])["notice"]
    answer = await boss.post("/api/customers/chen/consents", json=body)
    assert answer.status_code == 422, answer.text
    assert words in answer.json()["detail"]
    assert await answered(boss.get("/api/customers/chen/consents?all=1")) == []


async def test_a_text_is_read_before_it_is_agreed_to_and_is_the_one_that_was_shown(house: Served) -> None:
    boss = await known(house)
    for change, words in (
        ({"shown_at": iso(house.now() + 60)}, "shown_at is not before at"),
        ({"version": 9}, "there is no keep_preferences 9"),
        ({"hash": "sha256:" + "0" * 64}, "has another text"),
        ({"id": "insight"}, "is not about keep_preferences"),
    ):
        body = act(house, "keep_preferences")
        body["notice"] |= change
        answer = await boss.post("/api/customers/chen/consents", json=body)
        assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.text


async def test_a_stop_ends_what_did_not_know_of_it_and_is_shown_to_who_asks_again(house: Served) -> None:
    boss = await known(house)
    await house.hire("anna")
    await answered(boss.post("/api/customers/chen/consents", json=act(house, "recognise_tag")))
    await answered(boss.post("/api/customers/chen/credentials", json={"identifier": FOB}))
    house.tap()
    assert [row["customer"] for row in await answered(boss.get("/api/present"))] == ["chen"]
    floor = await house.client("floor", "anna")
    assert (await floor.delete("/api/customers/chen/consents/recognise_tag")).status_code == 204
    assert await answered(boss.get("/api/present")) == []
    house.tap()
    assert await answered(boss.get("/api/present")) == []
    late = await boss.post("/api/customers/chen/consents", json=act(house, "recognise_tag", id=new_id()))
    assert (late.status_code, late.json()["type"]) == (409, "urn:moments:problem:stop-unknown")
    (stop,) = late.json()["stops"]
    assert (stop["act"], stop["witness"]) == ("withdrawn", "anna")
    again = act(house, "recognise_tag", id=new_id(), lifts=[stop["id"]])
    made = await answered(boss.post("/api/customers/chen/consents", json=again))
    assert await answered(boss.post("/api/customers/chen/consents", json=again)) == made, "the same once more"
    other = await boss.post("/api/customers/chen/consents", json={**again, "purpose": "keep_preferences"})
    assert other.status_code == 409
    house.tap()
    assert [row["customer"] for row in await answered(boss.get("/api/present"))] == ["chen"]


async def test_a_stop_is_written_down_also_where_nothing_was_alive(house: Served) -> None:
    boss = await known(house)
    for _ in range(2):
        assert (await boss.delete("/api/customers/chen/consents/insight")).status_code == 204
    assert (await boss.delete("/api/customers/chen/consents/nothing_such")).status_code == 404
    late = await boss.post("/api/customers/chen/consents", json=act(house, "insight"))
    assert len(late.json()["stops"]) == 2


async def test_partners_one_by_one_and_only_what_they_may_be_told(house: Served) -> None:
    boss = await known(house)
    path = "/api/customers/chen/consents"
    body = act(house, "share_partners", partner="spa-bund")
    beyond = await boss.post(path, json={**body, "data": ["preferences.allergy"]})
    assert (beyond.status_code, "is nothing that spa-bund may be told" in beyond.json()["detail"]) == (422, True)
    made = await answered(boss.post(path, json={**body, "data": ["preferences.food"]}))
    assert (made["partner"], made["data"]) == ("spa-bund", ["preferences.food"])
    assert (await boss.delete(f"{path}/share_partners?partner=spa-bund")).status_code == 204
    assert await answered(boss.get(path)) == []


async def test_nothing_lasts_longer_than_its_purpose_and_what_nobody_read_ninety_days(house: Served) -> None:
    boss = await known(house)
    path = "/api/customers/chen/consents"
    long = await answered(boss.post(path, json=act(house, "recognise_phone", expires="2099-01-01")))
    year = datetime.fromtimestamp(house.now(), UTC)
    assert long["last_day"] == f"{year.year + 1}-{year:%m-%d}"
    old = await answered(boss.post(path, json={"purpose": "keep_preferences", "method": "paper", "document": "7"}))
    assert (old["last_day"], old["renew"]) == (last(house, 90), True)
    told = {"purpose": "recognise_tag", "expires": last(house, 200)}
    assert (await answered(boss.post(path, json=told)))["last_day"] == last(house, 90), "whatever end a program tells"
    (row,) = await answered(boss.get("/api/consents/renewals"))
    assert {each["purpose"] for each in row["consents"]} == {"keep_preferences", "recognise_tag"}
    shorter = await answered(boss.post(path, json={"purpose": "recognise_tag", "expires": last(house, 10)}))
    assert shorter["last_day"] == last(house, 10)
    house.ahead = 12 * DAY
    alive = {row["purpose"] for row in await answered(boss.get(path))}
    assert alive == {"recognise_phone", "keep_preferences"}, "what was signed last said until when"


async def test_a_person_names_the_text_and_what_is_imported_its_document(house: Served) -> None:
    await known(house)
    path = "/api/customers/chen/consents"
    await house.hire("mei", roles=("manager",))
    mei = await house.signs_in("mei")
    for body in ({"purpose": "insight"}, {"purpose": "insight", "method": "paper", "document": "7"}):
        unread = await mei.post(path, json=body)
        assert (unread.status_code, "expected" in unread.json()["detail"]) == (422, True), "a person names the text"
    bare = {"purpose": "insight", "method": "imported", "act": "given"}
    nowhere = await mei.post(path, json=bare)
    assert (nowhere.status_code, "document: missing" in nowhere.json()["detail"]) == (422, True), nowhere.text
    listed = await answered(mei.post(path, json={**bare, "document": "list of 2026, line 12"}))
    assert (listed["last_day"], listed["renew"]) == (last(house, 90), True)


async def test_the_wish_not_to_be_recognised_stops_both_until_it_is_signed_for_again(house: Served) -> None:
    boss = await known(house)
    path = "/api/customers/chen"
    await answered(boss.post(f"{path}/consents", json=act(house, "recognise_tag")))
    await answered(boss.post(f"{path}/credentials", json={"identifier": FOB}))
    await answered(boss.post(f"{path}/wishes", json={"wishes": ["do_not_recognise"]}))
    assert house.gateway.memory.roster.who(FOB, house.now()) is None
    await answered(boss.post(f"{path}/wishes", json={"wishes": []}))
    assert house.gateway.memory.roster.who(FOB, house.now()) is None, "agreeing again is an act of its own"
    await answered(boss.post(f"{path}/wishes", json={"wishes": ["do_not_recognise"]}))
    rows = {row["purpose"]: row for row in await answered(boss.get(f"{path}/purposes"))}
    signed = act(house, "recognise_tag", lifts=rows["recognise_tag"]["stops"])
    await answered(boss.post(f"{path}/consents", json=signed))
    assert (await answered(boss.get(path)))["wishes"] == []
    assert house.gateway.memory.roster.who(FOB, house.now()) == house.whose("chen")


# --- enrolments ------------------------------------------------------------------------------------------------------


def flow(house: Served, *consents: dict[str, Any], **more: Any) -> dict[str, Any]:
    guest = {"address_as": "陈女士", "language": "zh-CN"}
    return {"customer": guest, "of_age": True, "consents": list(consents), "signature": SIGNED, **more}


async def test_a_whole_flow_is_one_act_and_the_same_again_is_answered_as_at_first(house: Served) -> None:
    boss = await house.client("manager")
    signed = act(house, "recognise_tag", method="signed_on_glass")
    no = {"purpose": "keep_preferences", "act": "refused", "method": "on_glass"}
    body = flow(house, signed, no, credentials=[{"identifier": FOB, "label": "key"}], id=new_id())
    made = await answered(boss.post("/api/customers/c-new/enrolments", json=body))
    assert [(each["purpose"], each["state"]) for each in made["consents"]] == [
        ("recognise_tag", "alive"), ("keep_preferences", "refused"),
    ]  # fmt: skip
    assert [each["label"] for each in made["credentials"]] == ["key"]
    assert {each["receipt"] for each in made["consents"]} == {made["receipt"]}
    again = await answered(boss.post("/api/customers/c-new/enrolments", json=body))
    assert (again["customer"], again["receipt"]) == ("c-new", made["receipt"])
    assert len(await answered(boss.get("/api/customers/c-new/consents?all=1"))) == 2
    page = await answered(boss.get("/api/customers/c-new"))
    assert (page["name"], page["address_as"], page["language"]) == ("陈女士", "陈女士", "zh-CN")
    assert house.gateway.memory.roster.who(FOB, house.now()) == house.whose("c-new")


async def test_of_a_flow_that_is_refused_nothing_is_kept(house: Served) -> None:
    boss = await house.client("manager")
    phone = [{"identifier": "irk:000102030405060708090a0b0c0d0e0f"}]
    unsigned = act(house, "recognise_phone")
    tag = act(house, "recognise_tag", method="signed_on_glass")
    child = act(house, "insight", method="signed_on_glass", guardian={
        "name": "Li", "relation": "mother", "comes_of_age": f"{datetime.now(UTC).year + 4}-05",
    })  # fmt: skip
    for body, words in (
        (flow(house, unsigned, credentials=phone), "signature: missing"),
        (flow(house, tag, credentials=phone), "what is not permitted is not stored"),
        (flow(house, tag, of_age=False), "guardian: missing"),
        (flow(house, child, of_age=False), "a child is not asked for insight"),
        (flow(house, tag, signature=None), "signature: missing"),
    ):
        answer = await boss.post("/api/customers/c-new/enrolments", json=body)
        assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.text
        assert (await boss.get("/api/customers/c-new")).status_code == 404


async def test_a_childs_consent_ends_before_the_month_in_which_it_comes_of_age(house: Served) -> None:
    boss = await house.client("manager")
    month = datetime.fromtimestamp(house.now(), UTC) + timedelta(days=100)
    guardian = {"name": "Li Na", "relation": "mother", "comes_of_age": f"{month:%Y-%m}"}
    signed = act(house, "recognise_tag", method="signed_on_glass", guardian=guardian)
    body = flow(house, signed, of_age=False)
    made = await answered(boss.post("/api/customers/c-child/enrolments", json=body))
    first = month.replace(day=1).date()
    assert made["consents"][0]["last_day"] == (first - timedelta(days=1)).isoformat()
    assert made["consents"][0]["by"] == "guardian"
    alone = await boss.post("/api/customers/c-child/consents", json=act(house, "keep_preferences"))
    assert (alone.status_code, "guardian: missing" in alone.json()["detail"]) == (422, True)
    rows = {row["purpose"]: row["askable"] for row in await answered(boss.get("/api/customers/c-child/purposes"))}
    assert (rows["keep_preferences"], rows["insight"], rows["introductions"]) == (True, False, False)


# --- texts -----------------------------------------------------------------------------------------------------------


async def test_texts_have_versions_and_none_is_ever_another_one(house: Served) -> None:
    boss, floor = await known(house), await house.client("floor")
    before = await answered(boss.post("/api/customers/chen/consents", json=act(house, "keep_preferences")))
    text = {"id": "keep_preferences", "texts": {"zh-CN": "我们记下您的喜好。", "en": "We remember what you like."}}
    assert (await floor.post("/api/notices", json=text)).status_code == 403
    half = await boss.post("/api/notices", json={**text, "texts": {"en": "x"}})
    assert (half.status_code, "none in zh-CN" in half.json()["detail"]) == (422, True)
    made = await answered(boss.post("/api/notices", json={**text, "material": True}))
    assert (made["version"], made["purposes"], made["newest"]) == (2, ["keep_preferences"], True)
    more = {"id": "keep_preferences", "version": 2, "texts": {"ja": "お好みを覚えます。"}}
    assert set((await answered(boss.post("/api/notices", json=more)))["hashes"]) == {"zh-CN", "en", "ja"}
    other = await boss.post("/api/notices", json={**more, "texts": {"en": "another"}})
    assert other.status_code == 409
    shown = {row["id"]: row["version"] for row in await answered(floor.get("/api/notices"))}
    assert shown["keep_preferences"] == 2
    (row,) = await answered(boss.get("/api/consents/renewals"))
    assert [each["id"] for each in row["consents"]] == [before["id"]]
    assert row["consents"][0]["last_day"] == last(house, 90)
    house.ahead = 92 * DAY
    assert await answered(boss.get("/api/customers/chen/consents")) == []
    assert [row["id"] for row in await answered(boss.get("/api/consents/none"))] == ["chen"]
    house.ahead = 0.0
