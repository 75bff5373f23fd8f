"""What is recorded of a customer, through the doors: kept whole, put right, never more than they agreed to."""

from __future__ import annotations

import sqlite3  # noqa: TID251 - looks at the file from outside
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gateway.events.times import iso
from gateway.records import rebuild
from gateway.records.store import reading
from gateway.records.verify import verify
from tests.console.served import FOB, Served, served
from tests.records.happening import older
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio

PAGE = "/api/customers/chen"
SAID = f"{PAGE}/preferences"


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as opened:
        await opened.hire("anna", "ben")
        await opened.enrol("chen", associate="anna")
        yield opened


async def says(client: httpx2.AsyncClient, category: str, value: str | None = None, **more: Any) -> dict[str, Any]:
    fact = {"category": category, "lang": "en", **({"value": value} if value else {}), **more}
    return dict(await answered(client.post(SAID, json=fact)))


async def sheet(client: httpx2.AsyncClient) -> dict[str, tuple[str, str | None]]:
    """Every fact by what it says, with its state and which fact that is due to."""
    rows = await answered(client.get(SAID, params={"all": "true"}))
    says_ = {row["id"]: row["value"] for row in rows}
    return {row["value"]: (row["state"], says_.get(row["against"], row["against"])) for row in rows}


TWENTY_ONE = [
    ("drink", "绿茶"), ("drink", "气泡水"), ("drink", "拿铁"), ("drink", "不加糖"), ("food", "粥"), ("food", "辣"),
    ("food", "面食"), ("dislike", "不要香菜"), ("dislike", "不吃猪肉"), ("seat", "靠窗"), ("seat", "前排"),
    ("seat", "远离门口"), ("temperature", "稍暖"), ("temperature", "要毛毯"), ("reading", "日报"),
    ("conversation", "话少"), ("service", "不要打扰"), ("address", "称女士"), ("gift", "鲜花"), ("allergy", "花生"),
    ("other", "喜欢歌剧"),
]  # fmt: skip


async def test_twenty_one_facts_are_twenty_one_on_the_card_and_every_sheet(house: Served) -> None:
    anna, ben = await house.client("floor", "anna"), await house.client("floor", "ben")
    house.tap()
    async with house.tablet({"Authorization": f"Bearer {await house.token('floor', 'ben')}"}) as tablet:
        for category, value in TWENTY_ONE:
            kept = await says(anna, category, value)
            told = (await tablet.expect("preference.recorded", value=value))["data"]
            assert (kept["state"], told["id"]) == ("holds", kept["id"])
        assert len(told["preferences"]) == 21
    rows = await answered(ben.get(SAID))
    assert {row["value"] for row in rows} == {value for _, value in TWENTY_ONE}
    assert [row["polarity"] for row in rows] == ["allergy"] + ["avoid"] * 4 + ["do"] * 16
    (alert,) = await answered(anna.get("/api/alerts"))
    assert [row["value"] for row in alert["card"]["avoid"]] == ["花生", "不要打扰", "远离门口", "不吃猪肉", "不要香菜"]
    assert len(alert["card"]["likes"]) == 5
    assert (alert["card"]["suggestion"]["kind"], alert["card"]["suggestion"]["value"]) == ("offer", "鲜花")


async def test_a_wrong_fact_is_put_right_by_a_colleague_and_one_that_is_no_more_goes(house: Served) -> None:
    anna, ben = await house.client("floor", "anna"), await house.client("floor", "ben")
    green = await says(anna, "drink", "Green tea")
    black = await says(ben, "drink", "Black tea", corrects=green["id"], reason="mistaken")
    assert black["corrects"] == [green["id"]]
    assert await sheet(anna) == {"Black tea": ("holds", None), "Green tea": ("corrected", "Black tea")}
    gone = await answered(ben.post(f"{SAID}/{black['id']}/retract", json={"reason": "no_longer", "basis": "stated"}))
    assert (gone["state"], gone["retracts"], gone["value"]) == ("note", [black["id"]], "")
    states = await sheet(anna)
    assert (states["Black tea"][0], states["Green tea"][0]) == ("retracted", "holds")  # what corrects it is gone
    for path in (f"{SAID}/none/retract", f"/api/customers/nobody/preferences/{green['id']}/retract"):
        assert (await anna.post(path, json={})).status_code == 404


async def test_a_slip_is_seen_by_nobody_and_stays_in_the_chain(house: Served) -> None:
    anna = await house.client("floor", "anna")
    slip = await says(anna, "allergy", "牛奶", basis="observed")
    await answered(anna.post(f"{SAID}/{slip['id']}/retract", json={"reason": "slip", "basis": "inferred"}))
    assert await sheet(anna) == {}
    assert "preference.recorded" not in {e["type"] for e in await answered(anna.get(f"{PAGE}/journal"))}
    kinds = [event.type for event in house.gateway.journal.of_customer(house.whose("chen"))]
    assert kinds.count("preference.recorded") == 2


async def test_what_loosens_must_name_what_it_loosens(house: Served) -> None:
    anna, ben = await house.client("floor", "anna"), await house.client("floor", "ben")
    no_ice = await says(anna, "drink", code="drink.no_ice", value="去冰")
    with_ice = await says(ben, "drink", code="drink.with_ice", value="加冰")
    assert (with_ice["state"], with_ice["against"]) == ("contested", no_ice["id"])
    named = await says(ben, "drink", code="drink.with_ice", value="加冰", replaces=[no_ice["id"]])
    assert named["state"] == "holds"
    assert (await sheet(anna))["去冰"] == ("replaced", "加冰")


WRONG: list[dict[str, Any]] = [
    {"code": "drink.latte", "value": "绿茶"},
    {"code": "dislike.coriander", "polarity": "do"},
    {"code": "allergy.peanuts", "polarity": "avoid"},
    {"code": "drink.nothing_such"},
    {},
    {"replaces": ["00000000-03e8-7c02-8e69-70a9a59eafb8"]},
    {"code": "latte", "value": "x"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_words_and_codes_that_do_not_go_together_are_refused(house: Served, wrong: dict[str, Any]) -> None:
    anna = await house.client("floor", "anna")
    refused = await anna.post(SAID, json={"category": "drink", **wrong})
    assert refused.status_code == 422, refused.text
    assert await sheet(anna) == {}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"category": "food", "value": "不要香菜"}, ("dislike", "dislike.coriander", "avoid", True)),
        ({"category": "food", "value": "no onions", "polarity": "do"}, ("food", None, "avoid", True)),
        (
            {"category": "food", "value": "对虾过敏", "polarity": "avoid"},
            ("allergy", "allergy.shrimp", "allergy", True),
        ),
        ({"category": "drink", "code": "drink.no_ice"}, ("drink", "drink.no_ice", "avoid", False)),
        ({"category": "drink", "value": "拿铁", "polarity": "avoid"}, ("drink", "drink.latte", "avoid", False)),
        ({"category": "name", "value": "Mr"}, ("address", "address.mr", "do", False)),
        ({"category": "drink", "value": "Tonic"}, ("drink", None, "do", False)),
        ({"category": "allergy", "value": "Dragon fruit"}, ("allergy", None, "allergy", False)),
        ({"category": "allergy", "value": "Dragon fruit", "polarity": "do"}, ("allergy", None, "allergy", True)),
        ({"category": "dislike", "value": "Brussels sprouts"}, ("dislike", None, "avoid", False)),
    ],
    ids=str,
)
async def test_what_a_program_sends_is_kept_as_it_reads(
    house: Served, sent: dict[str, Any], kept: tuple[str, str | None, str, bool]
) -> None:
    program = await house.client("integration")
    fact = await answered(program.post(SAID, json=sent))
    assert (fact["category"], fact["code"], fact["polarity"], fact.get("recoded", False)) == kept


async def test_a_form_that_has_asked_is_believed_and_a_program_learns_nothing_of_health(house: Served) -> None:
    anna, program = await house.client("floor", "anna"), await house.client("integration")
    wine = await says(anna, "drink", "不错的红酒", polarity="do")
    assert (wine["polarity"], wine["lang"]) == ("do", "zh-CN")
    await says(anna, "allergy", "花生", polarity="allergy")
    await says(anna, "accessibility", "轮椅")
    assert [row["value"] for row in await answered(program.get(SAID))] == ["不错的红酒"]
    assert [row["value"] for row in (await answered(program.get(PAGE)))["preferences"]] == ["不错的红酒"]
    assert len(await answered(anna.get(SAID))) == 3


async def test_what_was_served_is_suggested_no_more_in_this_visit(house: Served) -> None:
    anna = await house.client("floor", "anna")
    coffee = await says(anna, "drink", "Coffee")
    await says(anna, "drink", "Green tea")
    house.tap()

    async def suggested() -> str | None:
        (alert,) = await answered(anna.get("/api/alerts"))
        return str(alert["card"]["suggestion"]["value"])

    assert await suggested() == "Green tea"
    visit = house.gateway.memory.presence.here()[0].visit
    ask = await answered(anna.post(f"/api/visits/{visit}/asks", json={"question": "drink"}))
    await answered(anna.post(f"/api/asks/{ask['id']}/answer", json={"answer": "绿茶"}))
    await answered(anna.post(f"/api/asks/{ask['id']}/served", json={}))
    assert await suggested() == "Coffee"
    await answered(anna.post(f"{SAID}/{coffee['id']}/served", json={}))
    assert await suggested() == "None"


# --- the catalogue ---------------------------------------------------------------------------------------------------


async def test_a_venue_adds_renames_and_hides_values_and_no_code_says_something_else(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    first = await anna.get("/api/catalogue")
    tag = first.headers["etag"]
    assert len(first.json()["values"]) == 181
    assert (await anna.get("/api/catalogue", headers={"If-None-Match": tag})).status_code == 304
    at = "/api/catalogue/values"
    tea = {"labels": {"zh-CN": "本店茶", "en": "House tea"}, "contains": ["caffeine"], "offer": True}
    assert (await anna.put(f"{at}/drink.house_tea", json=tea)).status_code == 403
    assert (await boss.put(f"{at}/drink.house_tea", json=tea)).status_code == 201
    assert (await anna.get("/api/catalogue", headers={"If-None-Match": tag})).status_code == 200
    assert (await says(anna, "drink", "house tea"))["code"] == "drink.house_tea"
    renamed = await answered(boss.put(f"{at}/drink.latte", json={"labels": {"zh-CN": "拿铁咖啡", "en": "Caffè latte"}}))
    assert (renamed["about"], renamed["contains"]) == ("latte", ["caffeine", "milk"])
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("drink.house_tea", {"contains": []}),
        ("drink.house_tea", {"polarity": "avoid"}),
        ("drink.latte", {"about": "milk"}),
        ("drink.other_tea", tea),  # its word is taken
        ("drink.third_tea", {"labels": {"zh-CN": "茶", "en": "绿茶"}}),
        ("dislike.tea", {"labels": {"zh-CN": "茶", "en": "tea"}, "polarity": "do"}),
        ("other.tea", {"labels": {"zh-CN": "茶", "en": "tea"}}),
        ("drink.fourth_tea", {}),
    ]
    for code, body in wrong:
        assert (await boss.put(f"{at}/{code}", json=body)).status_code == 422, code
    assert (await boss.delete(f"{at}/drink.house_tea")).status_code == 204  # used: hidden, and still understood
    values = {row["code"]: row for row in (await answered(anna.get("/api/catalogue")))["values"]}
    assert values["drink.house_tea"]["hidden"]
    spare = {"labels": {"zh-CN": "备用", "en": "Spare"}}
    assert (await boss.put(f"{at}/drink.spare", json=spare)).status_code == 201
    assert (await boss.delete(f"{at}/drink.spare")).status_code == 204
    assert (await boss.put(f"{at}/drink.spare", json=spare)).status_code == 422  # given out once
    assert (await boss.delete(f"{at}/drink.spare")).status_code == 404


# --- what an older program recorded ----------------------------------------------------------------------------------


async def test_a_like_that_reads_as_avoid_waits_for_one_tap_of_a_manager(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    for id_, category, value in (
        ("f-1", "food", "no onions"),
        ("f-2", "drink", "不错的红酒"),
        ("f-3", "food", "不要香菜"),
    ):
        await house.gateway.record([older(id_, category, value, customer=house.whose("chen"))], "anna")
    waiting = await answered(boss.get("/api/doubts"))
    assert [(row["customer"], row["preference"]["id"]) for row in waiting] == [("chen", f"f-{n}") for n in (1, 2, 3)]
    assert {row["preference"]["polarity"] for row in waiting} == {"avoid"}
    assert (await anna.get("/api/doubts")).status_code == 403
    for id_, polarity, status in (("f-1", "avoid", 201), ("f-2", "do", 201), ("f-3", "do", 422), ("f-3", "avoid", 201)):
        settled = await boss.post(f"{SAID}/{id_}/settle", json={"polarity": polarity})
        assert settled.status_code == status, settled.text
    assert await answered(boss.get("/api/doubts")) == []
    held = {row["value"]: (row["polarity"], row["doubt"]) for row in await answered(anna.get(SAID))}
    assert held == {"no onions": ("avoid", None), "不错的红酒": ("do", None), "不要香菜": ("avoid", None)}
    again = await boss.post(f"{SAID}/{(await answered(anna.get(SAID)))[0]['id']}/settle", json={"polarity": "do"})
    assert again.status_code == 409


# --- for this visit alone --------------------------------------------------------------------------------------------


async def refuses(client: httpx2.AsyncClient, **fact: Any) -> str:
    answer = await client.post(SAID, json={"category": "drink", "value": "Coffee", **fact})
    assert answer.status_code == 403, answer.text
    return str(answer.json()["type"])


async def test_without_consent_what_is_said_is_for_this_visit_and_unreadable_after_it(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen")
        boss, anna = await house.client("manager"), await house.client("floor", "anna")
        await answered(boss.delete(f"{PAGE}/consents/keep_preferences"))
        assert await refuses(anna) == "consent-needed"
        house.tap()
        key = {"Idempotency-Key": "k-1"}
        peanuts = {"category": "allergy", "value": "花生", "polarity": "allergy", "scope": "one_off"}
        kept = await answered(anna.post(SAID, json=peanuts, headers=key))
        assert [row["value"] for row in await answered(anna.get(SAID))] == ["花生"]
        assert await refuses(anna) == "consent-needed"
        await answered(anna.post(f"{SAID}/{kept['id']}/served", json={}))
        async with house.tablet({"Authorization": f"Bearer {await house.token('floor', 'anna')}"}) as tablet:
            assert [row["value"] for row in tablet.state["preferences"]["chen"]] == ["花生"]
            assert [p["keeps"] for p in tablet.state["present"]] == [False]
        gateway = house.gateway
        told = gateway.journal.sequence
        await answered(boss.delete(f"{PAGE}/consents/recognise_tag"))  # ends the visit
        house.ahead += 31
        gateway.pulse(house.now())
        await gateway.store.write(lambda tx: None)
        assert await answered(anna.get(SAID, params={"all": "true"})) == []
        assert gateway.store.keyring.holders("*visit*") == []
        dark = [e for e in gateway.journal.of_customer(house.whose("chen")) if e.type.startswith("preference.")]
        assert [event.data for event in dark] == [{}, {}]
        assert "花生" not in (await anna.get(f"{PAGE}/journal")).text
        async with house.tablet({"Authorization": f"Bearer {await house.token('floor', 'anna')}"}, told - 3) as tablet:
            assert tablet.state["present"] == []  # who came back after a stop is told the whole state
            assert "花生" not in str([tablet.hello, *tablet.events])
    reader = reading(tmp_path)
    with closing(reader), closing(reader.keyring):
        assert verify(reader).ok
        assert rebuild.check(reader, tmp_path).differences == []
        with closing(sqlite3.connect(tmp_path / "moments.db")) as file:
            assert file.execute("SELECT count(*) FROM preferences").fetchone() == (0,)
            assert file.execute("SELECT count(*) FROM idempotency WHERE key = 'k-1'").fetchone() == (0,)


async def test_what_was_for_a_visit_that_ended_while_the_gateway_was_down_is_forgotten_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen")
        boss, anna = await house.client("manager"), await house.client("floor", "anna")
        await answered(boss.delete(f"{PAGE}/consents/keep_preferences"))
        house.tap()
        await says(anna, "allergy", "花生", polarity="allergy", scope="one_off")
        await answered(boss.delete(f"{PAGE}/consents/recognise_tag"))
        assert len(house.gateway.store.keyring.holders("*visit*")) == 1
    async with served(tmp_path) as house:
        house.ahead = 31
        house.gateway.pulse(house.now())
        await house.gateway.store.write(lambda tx: None)
        assert house.gateway.store.keyring.holders("*visit*") == []


async def test_what_was_said_in_a_visit_that_is_over_is_not_of_the_next(house: Served) -> None:
    anna, boss = await house.client("floor", "anna"), await house.client("manager")
    house.tap()
    (first,) = house.gateway.memory.presence.here()
    said = {"scope": "one_off", "at": iso(house.now())}
    consent = f"{PAGE}/consents"
    await answered(boss.delete(f"{consent}/recognise_tag"))  # ends the visit
    late = await says(anna, "drink", "Coffee", **said)  # from a tablet that was out of reach
    assert (late["visit"], late["state"]) == (first.visit, "over")
    await answered(boss.post(consent, json={"purpose": "recognise_tag"}))
    house.ahead += 7200
    house.tap()
    assert (await says(anna, "drink", "Green tea", **said))["state"] == "over"
    assert (await says(anna, "drink", "Black tea", scope="one_off"))["state"] == "holds"
    await answered(boss.delete(f"{consent}/keep_preferences"))
    refused = await anna.post(SAID, json={"category": "drink", "value": "Tonic", **said})
    assert refused.status_code == 409, refused.text


async def test_a_one_off_with_consent_stays_the_customer_s_and_comes_with_the_visit(house: Served) -> None:
    anna = await house.client("floor", "anna")
    house.tap(FOB)
    await says(anna, "drink", "Coffee", scope="one_off")
    assert await sheet(anna) == {"Coffee": ("holds", None)}
    assert house.gateway.store.keyring.holders("*visit*") == []
