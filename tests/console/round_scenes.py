"""Scenes of a day in which guests sit, and are served a round."""

from __future__ import annotations

from typing import Any

from tests.console.day import Day

ROUND = "0199ac51-5a10-7e44-8f31-2d6c0b7e11b0"
KUNGPAO: dict[str, Any] = {
    "id": "kungpao", "labels": {"zh-CN": "宫保鸡丁", "en": "Kung Pao chicken"}, "allergens": ["peanuts", "soy"],
    "without": ["peanuts"], "stock": 2,
}  # fmt: skip
RICE = {"id": "rice", "labels": {"en": "Rice"}, "allergens": [], "stock": 1}


async def places_are_told(day: Day) -> None:
    lines = "place,zone,kind,seats\nB,bar,table,2\nS,lounge,chair,\n"
    await day.sends("mei", "places/imports", lines)
    await day.does("mei", "PUT", "menus/lunch", question="meal", items=[KUNGPAO, RICE])


async def guests_are_expected(day: Day) -> None:
    await day.does("mei", "POST", "expected", customer="chen", place="B/1", note="a cushion")  # who is here already
    rows = [{"customer": "hale", "place": "1A"}, {"customer": "li", "place": "1C"}, {"customer": "nobody"}]
    answers = await day.does("mei", "POST", "expected", rows)
    assert [each["status"] for each in answers] == [201, 201, 422]
    await day.does("mei", "DELETE", f"expected/{answers[1]['expected']['id']}")
    await day.does("mei", "PUT", f"expected/{answers[0]['expected']['id']}", customer="hale", place="2A")


async def they_sit(day: Day) -> None:
    assert day.house.gateway.memory.seating.place_of(day.visit("chen")) == "B/1"
    await day.does("anna", "POST", f"visits/{day.visit('hale')}/place", place="B/1", swap=True)
    await day.does("anna", "POST", f"visits/{day.visit('chen')}/place", place="2C")
    await day.does("anna", "POST", f"visits/{day.visit('hale')}/place", place=None)
    await day.does("anna", "POST", f"visits/{day.visit('hale')}/place", place="1C")


async def a_round_begins(day: Day) -> None:
    await day.does("anna", "POST", f"visits/{day.visit('hale')}/asks", question="meal")
    await day.does("ben", "POST", "rounds", id=ROUND, question="meal", zones=["bar"], menu="lunch")


async def much_is_ordered(day: Day) -> None:
    (nuts, *_) = day.house.gateway.views.dining.lines(day.house.whose("hale"))
    despite = {"despite": [nuts.id], "reason": "prepared_without", "without": ["peanuts"]}
    order = await day.does(
        "anna", "POST", f"visits/{day.visit('hale')}/asks", question="meal", item="kungpao", **despite
    )
    assert order["state"] == "answered"
    await day.does("ben", "POST", f"visits/{day.visit('chen')}/asks", question="meal", item="rice")
    await day.does("ben", "POST", f"rounds/{ROUND}/places/B/2/order", item="rice")
    await day.does("ben", "POST", f"rounds/{ROUND}/places/1A/order", answer="only tea")


async def the_galley_looks(day: Day) -> None:
    await day.later(70)
    shown = await day.does("mei", "GET", f"rounds/{ROUND}")
    assert shown["late_since"] is not None
    await day.does("mei", "POST", f"rounds/{ROUND}/counts/acknowledge", sequence=shown["sequence"])
    await day.does("mei", "POST", "menus/lunch/items/rice/stock", stock=4)


async def something_is_learnt_late(day: Day) -> None:
    await day.does("anna", "POST", "customers/chen/preferences", category="allergy", value="gluten", polarity="allergy")
    soy = await day.does(
        "anna", "POST", "customers/hale/preferences", category="allergy", value="soy", polarity="allergy"
    )
    flagged = [ask for ask in day.house.gateway.memory.asks.all() if ask.flagged]
    assert [(ask.customer, ask.flagged[0]["fact"]) for ask in flagged] == [(day.house.whose("hale"), soy["id"])]
    await day.does("mei", "POST", f"asks/{flagged[0].id}/flag/seen")


async def they_are_served(day: Day) -> None:
    await day.does("ben", "POST", f"rounds/{ROUND}/places/B/2/served")
    await day.does("ben", "POST", f"rounds/{ROUND}/places/1A/served", cancelled=True)
    asks = [ask for ask in day.house.gateway.memory.asks.all() if ask.round == ROUND]
    await day.does("ben", "POST", f"asks/{asks[-1].id}/served")
    await day.does("ben", "POST", f"visits/{day.visit('chen')}/place", place="B/2")


async def the_round_is_over(day: Day) -> None:
    await day.does("ben", "POST", f"rounds/{ROUND}/end")
    await day.does("mei", "DELETE", "menus/lunch")
