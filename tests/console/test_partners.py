"""Partners: what each is sent, by whose word, and that it hears of every end until it has answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.core import sharing
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.events.times import DAY
from gateway.operations import erasing, partners, webhooks
from gateway.records.preferences import Preference
from gateway.settings.venue import VenueConfig
from tests.console.served import Served, config, served
from tests.console.test_persons import phone
from tests.operations.receiver import Receiver
from tests.reader_drivers.readers import until
from tests.story.venue import answered

SECRET = "a secret of more than 24 characters"
SPA = {"id": "spa", "name": {"zh-CN": "水疗", "en": "Bund Spa"}, "country": "CN"}
BAR = {"id": "bar", "name": {"zh-CN": "酒吧", "en": "The Bar"}, "country": "CN", "data": ["preferences.drink"]}
KINDS = ["preferences.food", "preferences.drink"]
FACT = {"polarity": "do", "basis": "stated", "scope": "standing"}
ANNA = "anna.berg@example.com"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("LOOK_EVERY", 0.01), ("FIRST_WAIT", 0.02), ("LONGEST_WAIT", 0.1)):
        monkeypatch.setattr(webhooks, name, seconds)
    monkeypatch.setattr(partners, "LONGEST_WAIT", 0.1)
    monkeypatch.setattr(partners, "REFUSED_WAIT", 0.05)
    monkeypatch.setattr(erasing, "LOOK_EVERY", 0.02)
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_SPA", SECRET)
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", SECRET)


@pytest.fixture
def spa() -> Iterator[Receiver]:
    """The spa's own program."""
    with Receiver(SECRET.encode()) as receiver:
        yield receiver


def settings(spa: Receiver, *, data: list[str] | None = None, **more: Any) -> VenueConfig:
    hook = {"name": "spa", "url": spa.url, "partner": "spa"}
    return config(partners=[{**SPA, "data": data or KINDS}, BAR], webhooks=[hook], **more)


async def agrees(house: Served, customer: str, partner: str = "spa", **more: Any) -> None:
    """The customer agrees on paper that something is shared with this partner."""
    boss = await house.client("manager")
    row = next(
        each for each in await answered(boss.get(f"/api/customers/{customer}/purposes"))
        if (each["purpose"], each["partner"]) == ("share_partners", partner)
    )  # fmt: skip
    notice = {**row["notice"], "language": "en", "shown_at": "2026-01-01T00:00:00Z"}
    notice = {name: notice[name] for name in ("id", "version", "language", "shown_at")}
    act = {
        "purpose": "share_partners", "partner": partner, "act": "given", "method": "on_glass", "notice": notice,
        "witness": "lina", "lifts": row["stops"], **more,
    }  # fmt: skip
    await answered(boss.post(f"/api/customers/{customer}/consents", json=act))


async def stops(house: Served, customer: str, partner: str = "spa") -> None:
    boss = await house.client("manager")
    await answered(boss.delete(f"/api/customers/{customer}/consents/share_partners?partner={partner}"))


async def records(house: Served, customer: str, category: str, value: str, **more: Any) -> str:
    boss = await house.client("manager")
    told = await answered(
        boss.post(f"/api/customers/{customer}/preferences", json={**FACT, "category": category, "value": value, **more})
    )
    return str(told["id"])


async def begins(house: Served) -> None:
    """Anna is known, and something of hers that is of the agreed kinds and of others."""
    await house.hire("lina")
    await house.enrol(ANNA, name="Anna Berg")
    house.tap()
    await records(house, ANNA, "drink", "Green tea")
    await records(house, ANNA, "food", "Nuts", polarity="allergy")
    await records(house, ANNA, "seat", "By the window")
    await records(house, ANNA, "food", "Only today", scope="one_off")


def values(event: dict[str, Any]) -> list[str]:
    return sorted(fact["value"] for fact in event["data"].get("facts", []))


def kinds(spa: Receiver) -> list[str]:
    return [each["type"] for each in spa.events]


async def waiting(house: Served, partner: str = "spa") -> list[dict[str, Any]]:
    """What the partner has not answered, as a manager reads it."""
    rows = await answered((await house.client("manager")).get("/api/partners"))
    return list(next(row for row in rows if row["partner"] == partner)["waiting"])


async def settled(house: Served) -> None:
    """Nothing is on its way to the spa any more."""
    async with asyncio.timeout(40):
        while await waiting(house):
            await house.gateway.settle()


# --- what is sent -----------------------------------------------------------------------------------------------------


async def test_nothing_leaves_before_the_customer_agreed_and_then_the_agreed_kinds_alone(
    tmp_path: Path, spa: Receiver
) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await agrees(house, ANNA, "bar")  # another partner's word is no word for this one
        await house.enrol("ben", "em:0700C4A920")
        await records(house, "ben", "drink", "Beer")
        assert not spa.tries
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        await records(house, ANNA, "food", "Dumplings")
        await until(lambda: len(spa.events) == 2)
        ours = house.whose(ANNA)
    first, second = spa.events
    assert (first["type"], first["subject"], first["data"]["customer"]) == ("sharing.changed", ours, ours)
    assert first["data"]["data"] == KINDS
    assert first["data"]["last_day"]
    assert values(first) == ["Green tea"]
    assert values(second) == ["Dumplings", "Green tea"], "each body is the whole of what it may know"
    assert {name for event in spa.events for fact in event["data"]["facts"] for name in fact} == set(sharing.MEMBERS)
    said = json.dumps(spa.tries)
    for never in ("Anna", "anna", "Nuts", "window", "Only today", "Beer", "lina", "gateway"):
        assert never not in said, never


async def test_a_kind_that_the_consent_or_the_settings_do_not_name_is_not_sent(tmp_path: Path, spa: Receiver) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await records(house, ANNA, "food", "Dumplings")
        await agrees(house, ANNA, data=["preferences.food"])
        await until(lambda: spa.events)
        assert (values(spa.events[0]), spa.events[0]["data"]["data"]) == (["Dumplings"], ["preferences.food"])
        fed = spa.events[0]["data"]["facts"][0]["id"]
    async with served(tmp_path, settings(spa, data=["preferences.drink"])) as house:  # the settings have less now
        await until(lambda: len(spa.events) == 2)
        assert (spa.events[1]["type"], "facts" in spa.events[1]["data"]) == ("sharing.stopped", False)
        assert fed
        await settled(house)


async def test_who_stopped_while_the_partner_was_away_is_told_as_a_stop_and_nothing_else(
    tmp_path: Path, spa: Receiver
) -> None:
    down = [False]
    spa.answer = lambda _: 503 if down[0] else 204
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        await settled(house)
        down[0] = True
        await records(house, ANNA, "food", "Dumplings")
        await until(lambda: len(spa.tries) > 1)
        await stops(house, ANNA)
        async with asyncio.timeout(40):
            while not (stop := [each for each in await waiting(house) if each["what"] == "stop"]):
                await asyncio.sleep(0.01)
        assert [(each["customer"], bool(each["since"])) for each in stop] == [(ANNA, True)], "until it has answered"
        seen = len(spa.tries)
        await until(lambda: len(spa.tries) > seen + 2)
        assert {each["type"] for each in spa.tries[seen + 1 :]} == {"sharing.stopped"}
    async with served(tmp_path, settings(spa)) as house:  # after a new start it is still owed
        (row,) = await waiting(house)
        assert row["what"] == "stop"
        down[0] = False
        await until(lambda: len(spa.events) == 2)
        await settled(house)
    assert kinds(spa) == ["sharing.changed", "sharing.stopped"]
    assert values(spa.events[0]) == ["Green tea"], "what waited was never delivered"


async def test_a_consent_that_runs_out_is_told_as_a_stop_and_one_given_anew_as_news(
    tmp_path: Path, spa: Receiver
) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        await settled(house)
        await stops(house, ANNA)
        await until(lambda: len(spa.events) == 2)
        await agrees(house, ANNA)
        await until(lambda: len(spa.events) == 3)
        await settled(house)
        assert values(spa.events[2]) == ["Green tea"]
        house.ahead = 370 * DAY
        await until(lambda: len(spa.events) == 4, within=20)
    assert set(spa.faults) == {"an old time"}, "this house's clock is a year ahead of the spa's"
    spa.faults.clear()
    assert kinds(spa) == ["sharing.changed", "sharing.stopped", "sharing.changed", "sharing.stopped"]


async def test_a_body_that_the_partner_finds_wrong_holds_up_nobody_else(tmp_path: Path, spa: Receiver) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        ours = house.whose(ANNA)
        spa.answer = lambda event: 422 if event["subject"] == ours else 204
        await agrees(house, ANNA)
        await until(lambda: spa.tries)
        await house.enrol("ben", "em:0700C4A920")
        await records(house, "ben", "drink", "Beer")
        await agrees(house, "ben")
        await until(lambda: spa.events)
        assert values(spa.events[0]) == ["Beer"]
        health = (await (await house.client()).get("/health")).json()
        assert "webhook spa" in " ".join(health["why"])


async def test_two_records_that_are_merged_are_one_customer_to_the_partner(tmp_path: Path, spa: Receiver) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await house.enrol("ben", "em:0700C4A920")
        await records(house, "ben", "drink", "Beer")
        for each in (ANNA, "ben"):
            await agrees(house, each)
        await until(lambda: len(spa.events) == 2)
        anna, ben = house.whose(ANNA), house.whose("ben")
        boss = await house.client("manager")
        await answered(boss.post(f"/api/customers/{ANNA}/merge", json={"other": "ben"}))
        await until(lambda: {("sharing.stopped", ben), ("sharing.changed", anna)} <= {
            (each["type"], each["subject"]) for each in spa.events[2:]
        })  # fmt: skip
        await settled(house)
        assert values(next(each for each in reversed(spa.events) if each["subject"] == anna)) == ["Beer", "Green tea"]


@pytest.mark.parametrize("polarity", ["do", "avoid", "allergy"])
def test_an_allergy_is_not_sent_whatever_kind_it_was_recorded_as(polarity: str) -> None:
    fact = Preference("f-1", "c-1", "food", "Nuts", polarity, "stated", 0.0)
    assert sharing._fits(fact, ["preferences.food"]) == (polarity != "allergy")


# --- put right, and asked for ----------------------------------------------------------------------------------------


async def test_a_correction_reaches_the_partner_and_the_customer_reads_who_has_answered(
    tmp_path: Path, spa: Receiver
) -> None:
    down = [False]
    spa.answer = lambda _: 503 if down[0] else 204
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        wrong = await records(house, ANNA, "food", "Dumplings")
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        await settled(house)
        mine, down[0] = await phone(house, ANNA), True
        record = await answered(mine.post("/api/me/corrections", json={"fact": wrong, "value": "Noodles"}))
        assert record["corrections"][0]["recipients"] == [{"kind": "partner", "recipient": "spa", "answered_at": None}]
        await until(lambda: len(spa.tries) > 1)
        assert [each["what"] for each in await waiting(house)] == ["correction"]
        down[0] = False
        await until(lambda: len(spa.events) == 2)
        await settled(house)
        assert (values(spa.events[1]), spa.events[1]["data"]["ended"]) == (["Green tea", "Noodles"], [wrong])
        record = await answered(mine.get("/api/me/record"))
        assert record["corrections"][0]["recipients"][0]["answered_at"]
        (has,) = record["received"]
        assert (has["recipient"], has["kind"], has["waits_since"]) == ("spa", "partner", None)
        assert has["members"] == sorted(sharing.MEMBERS)


async def test_what_is_taken_back_is_let_go_of_by_the_partner(tmp_path: Path, spa: Receiver) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        wrong = await records(house, ANNA, "food", "Dumplings")
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        mine = await phone(house, ANNA)
        await answered(mine.post("/api/me/corrections", json={"fact": wrong, "value": None}))
        await until(lambda: len(spa.events) == 2)
        await settled(house)
        assert (values(spa.events[1]), spa.events[1]["data"]["ended"]) == (["Green tea"], [wrong])
        record = await answered(mine.get("/api/me/record"))
        assert record["corrections"][0]["recipients"][0]["answered_at"]


# --- erased -----------------------------------------------------------------------------------------------------------


async def test_an_erasure_waits_for_each_partner_that_ever_had_something(tmp_path: Path, spa: Receiver) -> None:
    down = [False]
    spa.answer = lambda _: 503 if down[0] else 204
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        await stops(house, ANNA)
        await until(lambda: len(spa.events) == 2)
        await settled(house)
        down[0] = True
        boss, ours = await house.client("manager"), house.whose(ANNA)
        begun = await answered(boss.delete(f"/api/customers/{ANNA}"))
        (place,) = [each for each in begun["places"] if each["kind"] == "partner"]
        assert (place["place"], place["told_at"], place["done_at"]) == ("spa", None, None)
        assert place["not_heard_since"]
        receipt = f"/api/erasures/{begun['erasure']}"

        async def at_spa() -> dict[str, Any]:
            found = await answered(boss.get(receipt))
            return dict(next(each for each in found["places"] if each["kind"] == "partner"))

        async with asyncio.timeout(40):
            while (await at_spa())["told_at"] is None:
                await asyncio.sleep(0.01)
        assert (await at_spa())["done_at"] is None
        assert (await waiting(house))[0]["erasure"] == begun["erasure"]
    async with served(tmp_path, settings(spa)) as house:  # a new start asks on
        boss = await house.client("manager")
        down[0] = False
        async with asyncio.timeout(40):
            while (await at_spa())["done_at"] is None:
                await asyncio.sleep(0.01)
        assert (await at_spa())["by"] is None
        assert (await answered(boss.get(receipt)))["dark_at"]
        assert not await waiting(house)
    assert spa.events[-1]["data"] == {"customer": ours, "erasure": begun["erasure"]}
    assert kinds(spa) == ["sharing.changed", "sharing.stopped", "customer.erased"]


async def test_who_never_shared_anything_is_no_partner_s_business(tmp_path: Path, spa: Receiver) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        begun = await answered((await house.client("manager")).delete(f"/api/customers/{ANNA}"))
        assert "partner" not in {each["kind"] for each in begun["places"]}
    assert not spa.tries


async def test_a_partner_without_a_webhook_is_answered_for_by_a_manager_and_that_is_written_down(
    tmp_path: Path, spa: Receiver
) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await agrees(house, ANNA, "bar")
        boss = await house.client("manager", "lina")
        begun = await answered(boss.delete(f"/api/customers/{ANNA}"))
        (place,) = [each for each in begun["places"] if each["kind"] == "partner"]
        assert (place["place"], place["done_at"]) == ("bar", None)
        assert [each["what"] for each in await waiting(house, "bar")] == ["erasure"]
        said = {"erasure": begun["erasure"]}
        floor = await house.client("floor")
        assert (await floor.post("/api/partners/bar/answers", json=said)).status_code == 403
        assert (await boss.post("/api/partners/spa/answers", json=said)).status_code == 404
        assert (await boss.post("/api/partners/bar/answers", json={})).status_code == 422
        for _ in range(2):  # said twice is said once
            assert (await boss.post("/api/partners/bar/answers", json=said)).status_code == 204
        done = await answered(boss.get(f"/api/erasures/{begun['erasure']}"))
        (place,) = [each for each in done["places"] if each["kind"] == "partner"]
        assert place["done_at"]
        assert place["by"] == "lina"
        assert not await waiting(house, "bar")


async def test_a_stop_waits_for_a_person_where_no_webhook_ever_led_to_the_partner(
    tmp_path: Path, spa: Receiver
) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        boss = await house.client("manager", "lina")

        async def may_have() -> int:
            rows = await answered(boss.get("/api/partners"))
            return int(next(row for row in rows if row["partner"] == "bar")["customers"])

        said = {"customer": ANNA}
        assert (await boss.post("/api/partners/bar/answers", json=said)).status_code == 404
        for _ in range(2):  # who agrees anew has to be let go of anew
            await agrees(house, ANNA, "bar")
            assert (await may_have(), await waiting(house, "bar")) == (1, [])
            assert (await boss.post("/api/partners/bar/answers", json=said)).status_code == 409
            await stops(house, ANNA, "bar")
            assert [each["what"] for each in await waiting(house, "bar")] == ["stop"]
            assert await may_have() == 1
            assert (await boss.post("/api/partners/bar/answers", json=said)).status_code == 204
            assert (await may_have(), await waiting(house, "bar")) == (0, [])


async def test_a_partner_whose_webhook_is_gone_from_the_settings_is_still_owed_the_stop(
    tmp_path: Path, spa: Receiver
) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        await settled(house)
    without = config(partners=[{**SPA, "data": KINDS}, BAR])
    async with served(tmp_path, without) as house:
        boss = await house.client("manager", "lina")
        assert not await waiting(house)
        early = await boss.post("/api/partners/spa/answers", json={"customer": ANNA})
        assert early.status_code == 409, "they still agree"
        await stops(house, ANNA)
        assert [each["what"] for each in await waiting(house)] == ["stop"]
        assert (await boss.post("/api/partners/spa/answers", json={"customer": ANNA})).status_code == 204
        assert not await waiting(house)
        assert (await boss.post("/api/partners/bar/answers", json={"customer": ANNA})).status_code == 404


async def test_a_partner_that_is_gone_is_sent_nothing_new_and_every_end_all_the_same(
    tmp_path: Path, spa: Receiver
) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        await settled(house)
        spa.answer = lambda _: 410
        await records(house, ANNA, "food", "Dumplings")
        await until(lambda: len(spa.tries) == 2)
        await house.enrol("ben", "em:0700C4A920")
        await records(house, "ben", "drink", "Beer")
        await agrees(house, "ben")
        await stops(house, ANNA)
        await until(lambda: [each["type"] for each in spa.tries].count("sharing.stopped") > 1)
        assert "Beer" not in json.dumps(spa.tries)
        spa.answer = lambda _: 204
        await until(lambda: "sharing.stopped" in kinds(spa))
        await until(lambda: values(spa.events[-1]) == ["Beer"])  # it is back


async def test_other_programs_hear_as_before_and_the_partner_gets_nothing_of_theirs(
    tmp_path: Path, spa: Receiver
) -> None:
    with Receiver(SECRET.encode()) as crm:
        hooks = [
            {"name": "spa", "url": spa.url, "partner": "spa"},
            {"name": "crm", "url": crm.url, "events": ["*"], "personal": True},
        ]
        both = config(partners=[{**SPA, "data": KINDS}], webhooks=hooks)
        async with served(tmp_path, both) as house:
            await begins(house)
            house.tap()
            await until(lambda: any(each["type"] == "visit.arrived" for each in crm.events))
            begun = await answered((await house.client("manager")).delete(f"/api/customers/{ANNA}"))
            assert [each["place"] for each in begun["places"] if each["kind"] == "webhook"] == ["crm"]
        assert not spa.tries


async def test_a_partner_whose_answer_was_lost_counts_as_having_it(tmp_path: Path, spa: Receiver) -> None:
    spa.answer = lambda event: 503 if event["type"] == "sharing.changed" else 204
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await agrees(house, ANNA)
        await until(lambda: spa.tries)
        mine = await phone(house, ANNA)
        (has,) = (await answered(mine.get("/api/me/record")))["received"]
        assert (has["recipient"], has["times"], bool(has["waits_since"])) == ("spa", 0, True)
        begun = await answered((await house.client("manager")).delete(f"/api/customers/{ANNA}"))
        assert [each["place"] for each in begun["places"] if each["kind"] == "partner"] == ["spa"]
        await until(lambda: "customer.erased" in kinds(spa))
        await settled(house)
    assert kinds(spa) == ["customer.erased"]


async def test_a_consent_to_another_brand_is_none_for_the_brand_of_the_webhook(tmp_path: Path, spa: Receiver) -> None:
    hook = {"name": "spa", "url": spa.url, "partner": "spa", "brand": "lakeside"}
    of_two = config(
        partners=[{**SPA, "data": KINDS}], webhooks=[hook], privacy={"brands": ["maison", "lakeside"]}, places=[]
    )
    async with served(tmp_path, of_two) as house:
        await begins(house)
        await agrees(house, ANNA, brand="maison")
        await records(house, ANNA, "food", "Dumplings")
        await house.gateway.settle()
        assert not spa.tries
        await agrees(house, ANNA, brand="lakeside")
        await until(lambda: spa.events)
        assert values(spa.events[0]) == ["Dumplings", "Green tea"]
        await settled(house)


async def test_an_id_that_others_chose_never_leaves(tmp_path: Path, spa: Receiver) -> None:
    """Of customers from before ids were ours: theirs may be a name."""
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await house.gateway.record(
            [News("customer.enrolled", "berta.blum", {"customer": "berta.blum", "name": "Berta"})], "lina"
        )
        boss = await house.client("manager")
        await answered(boss.post("/api/customers/berta.blum/consents", json={"purpose": "keep_preferences"}))
        await records(house, "berta.blum", "drink", "Beer")
        await agrees(house, "berta.blum")
        await agrees(house, ANNA)  # who comes after
        await until(lambda: spa.events)
        await settled(house)
    assert "berta" not in json.dumps(spa.tries).lower()
    assert values(spa.events[0]) == ["Green tea"]


async def test_what_may_no_longer_be_kept_is_let_go_of_by_the_partner_too(tmp_path: Path, spa: Receiver) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        boss = await house.client("manager")
        await answered(boss.delete(f"/api/customers/{ANNA}/consents/keep_preferences"))
        await until(lambda: len(spa.events) > 1)
        await settled(house)
    (fact,) = spa.events[0]["data"]["facts"]
    last = spa.events[-1]
    assert (last["type"], values(last), last["data"]["ended"]) == ("sharing.changed", [], [fact["id"]])


async def test_who_stops_while_it_is_written_down_that_it_leaves_is_heard_before_it_does(
    tmp_path: Path, spa: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(tmp_path, settings(spa)) as house:
        await begins(house)
        record = Gateway.record

        async def and_stops(gateway: Gateway, news: Sequence[News], actor: str) -> None:
            await record(gateway, news, actor)
            if news[0].type == "person.passing_on" and not news[0].data["stop"]:
                await stops(house, ANNA)

        monkeypatch.setattr(Gateway, "record", and_stops)
        await agrees(house, ANNA)
        await until(lambda: spa.events)
        await settled(house)
    assert kinds(spa) == ["sharing.stopped"]
    assert "Green tea" not in json.dumps(spa.tries)
