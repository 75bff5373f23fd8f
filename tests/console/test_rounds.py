"""A round by seats: asked and answered in one tap, counted, held against allergies, and seen by the galley."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gateway.events.times import iso, new_id
from tests.console.served import Served, same_from_its_records, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="function")

FOBS = {"chen": "em:0700C4A91E", "hale": "em:0700C4A91F", "sato": "em:0700C4A920"}
ITEMS: list[dict[str, Any]] = [
    {
        "id": "kungpao", "labels": {"zh-CN": "宫保鸡丁", "en": "Kung Pao chicken"}, "allergens": ["peanuts", "soy"],
        "may_contain": ["sesame"], "ingredients": ["chilli"], "without": ["peanuts"], "stock": 2,
    },
    {"id": "rice", "labels": {"zh-CN": "米饭", "en": "Rice"}, "allergens": [], "stock": 1},
    {"id": "soup", "labels": {"zh-CN": "例汤", "en": "Soup"}},
]  # fmt: skip


class Meal:
    """A house with guests, a menu, and a waiter."""

    def __init__(self, house: Served, anna: httpx2.AsyncClient, boss: httpx2.AsyncClient) -> None:
        self.house, self.anna, self.boss = house, anna, boss

    def comes(self, customer: str) -> str:
        """A guest taps in; their visit."""
        self.house.tap(FOBS[customer])
        here = self.house.gateway.memory.presence.where(self.house.whose(customer))
        assert here is not None
        return here.visit

    async def does(self, path: str, **body: Any) -> Any:
        return await answered(self.anna.post(f"/api/{path}", json=body))

    async def fails(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.anna.post(f"/api/{path}", json=body)
        assert answer.status_code in (404, 409, 422), answer.text
        return {"status": answer.status_code, **answer.json()}

    async def round(self, **more: Any) -> str:
        made = await self.does("rounds", question="lunch", zones=["bar"], menu="lunch", **more)
        return str(made["id"])

    async def shown(self, id_: str) -> dict[str, Any]:
        return dict(await answered(self.anna.get(f"/api/rounds/{id_}")))

    async def counts(self, id_: str) -> dict[str, tuple[int, int, int | None, int]]:
        rows = (await self.shown(id_))["counts"]
        return {c["item"] or c["answer"]: (c["n"], c["served"], c["left"], c["over"]) for c in rows}

    async def allergic(self, customer: str, to: str, polarity: str = "allergy") -> str:
        category = "allergy" if polarity == "allergy" else "dislike"
        fact = {"category": category, "value": to, "polarity": polarity}
        return str((await answered(self.anna.post(f"/api/customers/{customer}/preferences", json=fact)))["id"])

    def alerts(self, kind: str) -> list[Any]:
        return [a for a in self.house.gateway.memory.desk.alerts() if a.kind == kind]


@pytest_asyncio.fixture
async def meal(tmp_path: Path) -> AsyncIterator[Meal]:
    async with served(tmp_path) as house:
        await house.hire("anna", "ben")
        for customer, fob in FOBS.items():
            await house.enrol(customer, fob, associate="anna")
        boss = await house.client("manager")
        menu = {"question": "lunch", "items": ITEMS}
        await answered(boss.put("/api/menus/lunch", json=menu))
        yield Meal(house, await house.client("crew", "anna"), boss)
        await same_from_its_records(house)


async def test_one_tap_asks_and_answers_and_the_second_serves(meal: Meal) -> None:
    visit = meal.comes("chen")
    await meal.does(f"visits/{visit}/place", place="1A")
    id_ = await meal.round()
    shown = await meal.shown(id_)
    assert [(row["place"], row["state"], row["customer"]) for row in shown["rows"]] == [
        ("1A", "here", "chen"), ("1C", "empty", None), ("2A", "empty", None), ("2C", "empty", None),
    ]  # fmt: skip
    ask = await meal.does(f"visits/{visit}/asks", question="lunch", item="rice", id=(made := new_id()))
    assert (ask["state"], ask["item"], ask["answer"], ask["round"], ask["menu"]) == (
        "answered", "rice", "Rice", id_, "lunch",
    )  # fmt: skip
    assert await meal.counts(id_) == {"kungpao": (0, 0, 2, 0), "rice": (1, 0, 0, 0), "soup": (0, 0, None, 0)}
    assert (await meal.does(f"visits/{visit}/asks", question="lunch", item="rice", id=made))["id"] == ask["id"]
    second = await meal.fails(f"visits/{visit}/asks", question="lunch", item="soup")
    assert (second["status"], second["ask"]["id"]) == (409, ask["id"])
    await meal.does(f"asks/{ask['id']}/served")
    assert (await meal.shown(id_))["rows"][0]["order"]["state"] == "served"
    await meal.does(f"asks/{ask['id']}/served", served=False)
    changed = await meal.does(f"visits/{visit}/asks", question="lunch", item="soup", again=True)
    assert (changed["id"], changed["count"], changed["item"]) == (ask["id"], 2, "soup")
    assert await meal.counts(id_) == {"kungpao": (0, 0, 2, 0), "rice": (0, 0, 1, 0), "soup": (1, 0, None, 0)}


async def test_a_question_that_a_colleague_put_is_answered_and_not_asked_anew(meal: Meal) -> None:
    visit = meal.comes("chen")
    id_ = await meal.round()
    first = await meal.does(f"visits/{visit}/asks", question="Lunch")
    assert (await meal.shown(id_))["rows"][4]["order"]["state"] == "open"
    ask = await meal.does(f"visits/{visit}/asks", question="lunch", answer="only tea", id=new_id())
    assert (ask["id"], ask["count"], ask["answer"]) == (first["id"], 1, "only tea")
    assert (await meal.counts(id_))["only tea"] == (1, 0, None, 0)
    assert (await meal.fails(f"asks/{ask['id']}/answer"))["status"] == 422
    assert (await meal.fails(f"asks/{ask['id']}/answer", answer="x", item="rice"))["status"] == 422


async def test_a_dish_that_is_typed_by_its_name_is_that_dish(meal: Meal) -> None:
    visit, nuts = meal.comes("chen"), await meal.allergic("chen", "花生")
    id_, asks = await meal.round(), f"visits/{visit}/asks"
    for words in ("宫保鸡丁", "kung pao  Chicken"):
        stopped = await meal.fails(asks, question="lunch", answer=words)
        assert (stopped["type"], [each["fact"] for each in stopped["warnings"]]) == ("against-allergy", [nuts])
    ask = await meal.does(asks, question="lunch", answer="米饭")
    assert (ask["item"], ask["answer"]) == ("rice", "米饭")
    await meal.does(f"rounds/{id_}/places/1C/order", answer="rice", id=(made := new_id()))
    await meal.does(f"rounds/{id_}/places/1C/order", answer="rice", id=made)
    assert await meal.counts(id_) == {"kungpao": (0, 0, 2, 0), "rice": (2, 0, 0, 1), "soup": (0, 0, None, 0)}


async def test_a_program_sees_the_round_and_nothing_of_health_through_any_door(meal: Meal) -> None:
    visit, nuts = meal.comes("chen"), await meal.allergic("chen", "花生")
    id_ = await meal.round()
    meant: dict[str, Any] = {"item": "kungpao", "despite": [nuts], "reason": "guest_confirmed"}
    ask = await meal.does(f"visits/{visit}/asks", question="lunch", **meant)
    assert ask["warnings"]
    program = await meal.house.client("integration")
    page = "/api/customers/chen"
    for path in (
        page,
        f"{page}/journal",
        f"{page}/preferences?all=1",
        "/api/alerts",
        "/api/rounds",
        f"/api/rounds/{id_}",
    ):
        said = json.dumps(await answered(program.get(path)), ensure_ascii=False)
        assert not [word for word in ("花生", "peanuts", '"allergy"') if word in said], path
    brought = await answered(program.post(f"/api/asks/{ask['id']}/served"))
    assert (brought["state"], brought["warnings"]) == ("served", [])
    taken = await program.post(f"{page}/preferences", json={"id": nuts, "category": "drink", "value": "Tonic"})
    assert (taken.status_code, "existing" in taken.json()) == (409, False)
    assert (await program.post(f"{page}/preferences/{nuts}/served")).status_code == 404
    chen = meal.house.whose("chen")
    looks = [e.data for e in meal.house.gateway.journal.of_customer(chen) if e.type == "customer.viewed"]
    assert {"customer": chen, "why": "program"} in looks
    assert "peanuts" in (await meal.boss.get(f"/api/rounds/{id_}")).text


async def test_a_dish_against_an_allergy_is_stopped_until_it_is_meant_and_said_why(meal: Meal) -> None:
    visit, nuts = meal.comes("chen"), await meal.allergic("chen", "花生")
    chilli = await meal.allergic("chen", "No chilli", "avoid")
    id_, asks = await meal.round(), f"visits/{visit}/asks"
    stopped = await meal.fails(asks, question="lunch", item="kungpao")
    assert (stopped["status"], stopped["type"]) == (409, "against-allergy")
    assert stopped["warnings"] == [
        {"fact": nuts, "why": "allergy", "code": "peanuts"}, {"fact": chilli, "why": "avoid", "code": "chilli"},
    ]  # fmt: skip
    assert (await meal.counts(id_))["kungpao"] == (0, 0, 2, 0)
    without = {"question": "lunch", "item": "kungpao", "without": ["peanuts"]}
    assert [w["why"] for w in (await meal.fails(asks, **without))["warnings"]] == ["may_contain", "avoid"]
    for wrong in ({"despite": [nuts]}, {"despite": [nuts], "reason": "guest_confirmed"}):
        assert (await meal.fails(asks, **without, **wrong))["type"] == "against-allergy"
    both = {**without, "despite": [nuts, chilli]}
    assert (await meal.fails(asks, **both))["status"] == 422
    assert (await meal.fails(asks, **both, reason="other"))["status"] == 422
    ask = await meal.does(asks, **both, reason="other", note="the guest saw the label")
    assert (ask["despite"], ask["reason"], ask["note"]) == ([nuts, chilli], "other", "the guest saw the label")
    [care] = (await meal.shown(id_))["care"]
    assert (care["item"], care["without"], care["reason"], care["note"]) == (
        "kungpao", ["peanuts"], "other", "the guest saw the label",
    )  # fmt: skip
    assert [(line["about"], line["words"], line["why"], line["touches"]) for line in care["lines"]] == [
        ("peanuts", None, "may_contain", "peanuts"), (None, "No chilli", "avoid", "chilli"),
    ]  # fmt: skip
    assert "chen" not in str(care).lower()
    for brought in (True, False):
        await meal.does(f"asks/{ask['id']}/served", served=brought)
    listed = await answered(meal.boss.get("/api/today/list", params={"figure": "orders.despite"}))
    assert [(line["customer"], line["text"]) for line in listed["lines"]] == [("chen", "Kung Pao chicken")]
    assert (await meal.fails(asks, question="lunch", item="kungpao", without=["soy"], again=True))["status"] == 422


async def test_words_are_held_against_allergies_too_and_so_is_what_nobody_declared(meal: Meal) -> None:
    visit = meal.comes("chen")
    await meal.allergic("chen", "peanuts")
    for words in ("宫保鸡丁（花生）", "noodles with peanuts"):
        stopped = await meal.fails(f"visits/{visit}/asks", question="lunch", answer=words)
        assert [w["code"] for w in stopped["warnings"]] == ["peanuts"]
    stopped = await meal.fails(f"visits/{visit}/asks", question="lunch", item="soup")
    assert [(w["why"], w["code"]) for w in stopped["warnings"]] == [("not_declared", None)]
    await meal.does(f"visits/{visit}/asks", question="lunch", item="rice")


async def test_an_allergy_that_is_recorded_later_flags_what_is_not_served_yet(meal: Meal) -> None:
    async with meal.house.tablet({"Authorization": f"Bearer {await meal.house.token('floor', 'ben')}"}) as ben:
        visit, other = meal.comes("chen"), meal.comes("hale")
        id_ = await meal.round()
        ask = await meal.does(f"visits/{visit}/asks", question="lunch", item="kungpao")
        eaten = await meal.does(f"visits/{other}/asks", question="lunch", item="kungpao")
        await meal.does(f"asks/{eaten['id']}/served")
        nuts = await meal.allergic("chen", "peanuts")
        await meal.allergic("hale", "peanuts")
        flagged = (await ben.expect("order.flagged"))["data"]
        assert (flagged["id"], flagged["because"]) == (ask["id"], "recorded")
        assert flagged["flagged"] == [{"fact": nuts, "why": "allergy", "code": "peanuts"}]
        (card,) = meal.alerts("order_flagged")
        assert (card.customer, card.to, card.about["order"]["ask"]) == (meal.house.whose("chen"), ["ben"], ask["id"])
        (care,) = [each for each in (await meal.shown(id_))["care"] if each["wants_tap"]]
        assert care["order"] == ask["id"]
        await meal.allergic("chen", "soy")  # one more is one more tap, and one more card
        assert len(meal.alerts("order_flagged")) == 2
        seen = await meal.does(f"asks/{ask['id']}/flag/seen")
        assert (seen["seen_by"], len(seen["flagged"])) == ("anna", 2)
        assert not any(each["wants_tap"] for each in (await meal.shown(id_))["care"])
        assert (await meal.fails(f"asks/{eaten['id']}/flag/seen"))["status"] == 409
        assert (await answered(meal.boss.get("/api/today")))["orders"] == {"despite": 0, "flagged": 2}


async def test_a_dish_that_turns_out_to_hold_something_flags_its_orders(meal: Meal) -> None:
    visit = meal.comes("chen")
    await meal.allergic("chen", "milk")
    ask = await meal.does(f"visits/{visit}/asks", question="lunch", item="rice")
    menu = {"question": "lunch", "items": [ITEMS[0], {**ITEMS[1], "allergens": ["milk"]}]}
    await answered(meal.boss.put("/api/menus/lunch", json=menu))
    await meal.house.gateway.settle()
    assert [w["code"] for w in meal.house.gateway.memory.asks.get(ask["id"]).flagged] == ["milk"]


async def test_an_order_that_was_taken_offline_and_is_refused_comes_back_as_a_card(meal: Meal) -> None:
    async with meal.house.tablet({"Authorization": f"Bearer {await meal.house.token('floor', 'ben')}"}):
        visit = meal.comes("chen")
        meal.house.ahead += 300.0
        await meal.allergic("chen", "peanuts")
        said = {"question": "lunch", "item": "kungpao", "menu": "lunch", "at": iso(meal.house.now() - 120.0)}
        for _ in range(2):  # an outbox may send it twice
            assert (await meal.fails(f"visits/{visit}/asks", **said))["type"] == "against-allergy"
        (card,) = meal.alerts("order_flagged")
        assert card.about["order"]["refused"]
        assert card.about["order"]["labels"]["en"] == "Kung Pao chicken"
        assert meal.house.gateway.memory.asks.of_visit(visit) == []
        fresh = {**said, "at": iso(meal.house.now())}
        await meal.fails(f"visits/{visit}/asks", **fresh)  # whoever taps now reads it themselves
        assert len(meal.alerts("order_flagged")) == 1


async def test_an_order_is_sent_until_the_galley_has_seen_it_and_late_after_a_minute(meal: Meal) -> None:
    visit = meal.comes("chen")
    id_ = await meal.round()
    await meal.does(f"visits/{visit}/asks", question="lunch", item="rice")
    row = (await meal.shown(id_))["rows"][4]
    assert (row["customer"], row["order"]["state"]) == ("chen", "sent")
    for seconds, late in ((58.0, False), (4.0, True)):
        meal.house.ahead += seconds
        meal.house.gateway.pulse(meal.house.now())
        assert ((await meal.shown(id_))["late_since"] is not None) == late
    shown = await meal.shown(id_)
    early = await meal.does(f"rounds/{id_}/counts/acknowledge", sequence=shown["sequence"] - 1)
    assert early["rows"][4]["order"]["state"] == "sent"
    done = await meal.does(f"rounds/{id_}/counts/acknowledge", sequence=10**12)  # nobody has seen what is to come
    assert (done["rows"][4]["order"]["state"], done["late_since"]) == ("taken", None)
    assert (await meal.shown(id_))["acknowledged"]["sequence"] == shown["sequence"]
    await meal.does(f"rounds/{id_}/places/1A/order", item="soup")
    rows = (await meal.shown(id_))["rows"]
    assert [row["order"] and row["order"]["state"] for row in (rows[0], rows[4])] == ["sent", "taken"]


async def test_a_seat_whose_guest_nobody_knows_orders_too_and_is_checked_once_somebody_does(meal: Meal) -> None:
    id_ = await meal.round()
    at = f"rounds/{id_}/places/1A"
    await meal.does(f"{at}/order", item="kungpao")
    await meal.does(f"{at}/order", item="kungpao")  # the same once more
    assert (await meal.counts(id_))["kungpao"] == (1, 0, 1, 0)
    await meal.does(f"{at}/order", item="rice")
    assert (await meal.counts(id_))["rice"] == (1, 0, 0, 0)
    await meal.does(f"{at}/order", item="kungpao")
    visit = meal.comes("chen")
    await meal.allergic("chen", "peanuts")
    await meal.does(f"visits/{visit}/place", place="1A")
    (care,) = (await meal.shown(id_))["care"]
    assert (care["place"], care["wants_tap"], care["lines"][0]["why"]) == ("1A", True, "allergy")
    await meal.does(f"{at}/flag/seen")
    assert not (await meal.shown(id_))["care"][0]["wants_tap"]
    known = await meal.fails(f"{at}/order", item="rice")
    assert (known["status"], known["sitting"]["visit"]) == (409, visit)
    await meal.does(f"{at}/served")
    await meal.does(f"{at}/served", cancelled=True)
    assert (await meal.counts(id_))["kungpao"] == (0, 0, 2, 0)
    assert (await meal.fails(f"rounds/{id_}/places/9Z/order", item="rice"))["status"] == 404


async def test_more_than_there_is_is_said_and_a_count_begins_anew(meal: Meal) -> None:
    id_ = await meal.round()
    for customer in ("chen", "hale"):
        await meal.does(f"visits/{meal.comes(customer)}/asks", question="lunch", item="rice")
    assert (await meal.counts(id_))["rice"] == (2, 0, 0, 1)
    await meal.does("menus/lunch/items/rice/stock", stock=3)
    assert (await meal.counts(id_))["rice"] == (2, 0, 3, 0)
    (menu,) = await answered(meal.anna.get("/api/menus"))
    assert [(item["id"], item["stock"], item["left"]) for item in menu["items"]] == [
        ("kungpao", 2, 2), ("rice", 3, 3), ("soup", None, None),
    ]  # fmt: skip
    await answered(meal.boss.put("/api/menus/lunch", json={"question": "lunch", "items": ITEMS[:2]}))
    assert (await meal.counts(id_))["rice"][2] == 1  # another number is another count
    wrong = [{**ITEMS[1], "allergens": ["peanut"]}]
    refused = await meal.boss.put("/api/menus/lunch", json={"question": "lunch", "items": wrong})
    assert (refused.status_code, "did you mean 'peanuts'" in refused.text) == (422, True)


async def test_who_leaves_is_greyed_who_comes_has_the_row_of_the_seat_and_a_move_keeps_the_order(meal: Meal) -> None:
    chen, hale = meal.comes("chen"), meal.comes("hale")
    await meal.does(f"visits/{chen}/place", place="1A")
    id_ = await meal.round()
    ask = await meal.does(f"visits/{chen}/asks", question="lunch", item="rice")
    taken = await meal.fails(f"visits/{hale}/place", place="1A")
    assert (taken["status"], taken["sitting"]["customer"], taken["sitting"]["name"]) == (409, "chen", "Chen")
    await meal.does(f"visits/{chen}/place", place="2C")
    rows = {row["place"]: row for row in (await meal.shown(id_))["rows"] if row["place"]}
    assert (rows["1A"]["state"], rows["2C"]["order"]["id"]) == ("empty", ask["id"])
    await answered(meal.boss.delete("/api/customers/chen/consents/recognise_tag"))
    rows = {row["place"]: row for row in (await meal.shown(id_))["rows"] if row["place"]}
    assert (rows["2C"]["state"], rows["2C"]["called"], rows["2C"]["order"]["id"]) == ("left", "Chen", ask["id"])
    assert (await meal.counts(id_))["rice"] == (1, 0, 0, 0)
    await meal.does(f"visits/{hale}/place", place="2C")  # the place is free
    shown = await meal.shown(id_)
    assert [(row["row"], row["place"], row["state"]) for row in shown["rows"]] == [
        (0, "1A", "empty"), (1, "1C", "empty"), (2, "2A", "empty"), (3, "2C", "here"), (4, None, "moved"),
    ]  # fmt: skip
    ended = await meal.does(f"rounds/{id_}/end")
    assert (ended["state"], (await meal.shown(id_))["counts"]) == ("ended", ended["counts"])
    assert (await meal.does(f"rounds/{id_}/end"))["ended_at"] is not None
    assert await answered(meal.anna.get("/api/rounds")) == []


async def test_who_is_expected_takes_the_place_in_its_zone_and_a_habit_only_suggests(meal: Meal) -> None:
    async with meal.house.tablet({"Authorization": f"Bearer {await meal.house.token('floor', 'ben')}"}) as ben:
        row = {"customer": "chen", "place": "1C", "note": "a cushion"}
        made = await answered(meal.boss.post("/api/expected", json=row))
        again = await answered(meal.boss.post("/api/expected", json={**row, "note": "two cushions"}))
        assert (again["id"], again["note"]) == (made["id"], "two cushions")
        visit = meal.comes("chen")
        taken = (await ben.expect("place.taken"))["data"]
        assert (taken["visit"], taken["place"], taken["because"], taken["by"]) == (visit, "1C", "expected", "gateway")
        card = (await ben.expect("alert.opened"))["data"]["card"]
        assert (card["place"], card["note"]) == ("1C", "two cushions")
        await meal.does(f"visits/{visit}/place", place=None)
        meal.house.gateway.pulse(meal.house.now())
        assert meal.house.gateway.memory.seating.place_of(visit) is None, (
            "who was told to stand up is not sat down again"
        )
        await meal.does(f"visits/{visit}/place", place="2A")
        await answered(meal.boss.delete("/api/customers/chen/consents/recognise_tag"))
        assert (await ben.expect("place.freed"))["data"]["because"] == "staff"
        assert (await ben.expect("place.freed"))["data"]["because"] == "left"
        await answered(meal.boss.post("/api/customers/chen/consents", json={"purpose": "recognise_tag"}))
        await answered(meal.boss.delete(f"/api/expected/{made['id']}"))
        meal.house.ahead += 3_600.0
        again_here = meal.comes("chen")
        seats = {seat["place"]: seat for seat in await answered(meal.anna.get("/api/places"))}
        assert [(h["visit"], h["times"]) for h in seats["2A"]["habit"]] == [(again_here, 1)]
        assert seats["2A"]["visit"] is None


async def test_a_place_that_is_taken_is_not_taken_by_who_is_expected_there(meal: Meal) -> None:
    hale = meal.comes("hale")
    await meal.does(f"visits/{hale}/place", place="1A")
    answers = await answered(
        meal.boss.post(
            "/api/expected",
            json=[{"customer": "chen", "place": "1A"}, {"customer": "sato", "place": "T1/1"}, {"customer": "x"}, 7],
        )
    )
    assert [each["status"] for each in answers] == [201, 201, 422, 422]
    for customer in ("chen", "sato"):  # one place is taken, the other in a zone where she is not
        assert meal.house.gateway.memory.seating.place_of(meal.comes(customer)) is None
    seats = {seat["place"]: seat for seat in await answered(meal.anna.get("/api/places"))}
    assert (seats["1A"]["customer"], [e["customer"] for e in seats["1A"]["expected"]]) == ("hale", ["chen"])


async def test_a_round_that_nobody_ends_is_over_after_a_day(meal: Meal) -> None:
    id_ = await meal.round()
    again = await meal.fails("rounds", question="Lunch", zones=["bar"])
    assert again["status"] == 409
    meal.house.ahead += 86_500.0
    meal.house.gateway.pulse(meal.house.now())
    assert await answered(meal.anna.get("/api/rounds")) == []
    await meal.house.gateway.store.write(lambda tx: None)
    assert (await meal.shown(id_))["state"] == "ended"
