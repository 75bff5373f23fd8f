"""A meal round in a full cabin: forty seats, six allergies, two waiters, a galley; no plate goes wrong in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.events.times import new_id
from tests.console.served import Served, config, same_from_its_records, served
from tests.story.venue import answered

pytestmark = [pytest.mark.asyncio(loop_scope="function"), pytest.mark.slow]

SEATS = [f"{row}{letter}" for row in range(1, 11) for letter in "ACDF"]
ALLERGIES = {"1C": "花生", "2A": "Milk", "4D": "fish", "6F": "大豆", "8A": "sesame", "10F": "gluten"}
WISHED = {"1C": "kungpao", "2A": "bass", "4D": "bass", "6F": "kungpao", "8A": "noodles", "10F": "noodles"}
"""What those six would like to have."""
DISHES: list[dict[str, Any]] = [
    {
        "id": "kungpao", "labels": {"zh-CN": "宫保鸡丁", "en": "Kung Pao chicken"}, "allergens": ["peanuts", "soy"],
        "without": ["peanuts"], "stock": 14,
    },
    {"id": "bass", "labels": {"zh-CN": "清蒸鲈鱼", "en": "Sea bass"}, "allergens": ["fish"], "may_contain": ["milk"],
     "stock": 14},
    {"id": "noodles", "labels": {"zh-CN": "担担面", "en": "Dan Dan noodles"}, "allergens": ["wheat", "sesame"],
     "stock": 11},
    {"id": "fruit", "labels": {"zh-CN": "水果", "en": "Fruit"}, "allergens": [], "stock": 10},
]  # fmt: skip
NAME = {"zh-CN": "客舱", "en": "Cabin"}
CABIN: dict[str, Any] = {
    "zones": [{"id": "bar", "name": NAME}],
    "places": [{"zone": "bar", "rows": "1-10", "letters": "ACDF"}],
}


def who(seat: str) -> str:
    return f"guest-{seat.lower()}"


class Waiter:
    """Somebody with a tablet, whose taps are counted."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.taps = 0

    async def taps_on(self, path: str, **body: Any) -> httpx2.Response:
        self.taps += 1
        return await self.client.post(f"/api/{path}", json=body)


async def boards(house: Served) -> None:
    """Forty guests, with seats from the list of who is expected; six of them are allergic."""
    boss = await house.client("manager")
    rows = []
    for number, seat in enumerate(SEATS):
        await house.enrol(who(seat), f"em:07000000{number:02X}", address_as=f"Guest {seat}")
        rows.append({"customer": who(seat), "place": seat, "note": None})
        if seat in ALLERGIES:
            page = f"/api/customers/{who(seat)}"
            await answered(boss.post(f"{page}/consents", json={"purpose": "keep_preferences", "method": "paper"}))
            fact = {"category": "allergy", "value": ALLERGIES[seat], "polarity": "allergy"}
            await answered(boss.post(f"{page}/preferences", json=fact))
    assert {each["status"] for each in await answered(boss.post("/api/expected", json=rows))} == {201}
    for number in range(len(SEATS)):
        house.tap(f"em:07000000{number:02X}")
    await house.gateway.settle()


async def test_forty_seats_are_asked_counted_and_served_in_two_taps_each(tmp_path: Path) -> None:
    async with served(tmp_path, config(**CABIN)) as house:
        await house.hire("anna", "ben")
        boss = await house.client("manager")
        await answered(boss.put("/api/menus/lunch-0503", json={"question": "lunch", "items": DISHES}))
        await boards(house)
        memory = house.gateway.memory
        assert {seat.place: seat.customer for seat in memory.seating.all()} == {
            seat: house.whose(who(seat)) for seat in SEATS
        }
        anna, ben = Waiter(await house.client("crew", "anna")), Waiter(await house.client("crew", "ben"))
        start = {"question": "lunch", "zones": ["bar"], "menu": "lunch-0503"}
        meal = await answered(anna.client.post("/api/rounds", json=start))
        assert [row["place"] for row in meal["rows"]] == SEATS

        stopped: dict[str, list[tuple[str, str | None]]] = {}
        asks: dict[str, str] = {}
        for number, seat in enumerate(SEATS):
            waiter = (anna, ben)[number % 2]
            here = memory.presence.where(house.whose(who(seat)))
            assert here is not None
            path, dish = f"visits/{here.visit}/asks", WISHED.get(seat, DISHES[number % 3]["id"])
            answer = await waiter.taps_on(path, question="lunch", item=dish, id=new_id())
            if answer.status_code == 409:
                warned = answer.json()["warnings"]
                stopped[seat] = [(each["why"], each["code"]) for each in warned]
                answer = await waiter.taps_on(path, question="lunch", item="fruit", id=new_id())  # another dish
            asks[seat] = (await answered(_done(answer)))["id"]
        assert stopped == {
            "1C": [("allergy", "peanuts")], "2A": [("may_contain", "milk")], "4D": [("allergy", "fish")],
            "6F": [("allergy", "soy")], "8A": [("allergy", "sesame")], "10F": [("allergy", "wheat")],
        }  # fmt: skip

        shown = await answered(anna.client.get(f"/api/rounds/{meal['id']}"))
        counts = {count["item"]: count for count in shown["counts"]}
        assert sum(count["n"] for count in counts.values()) == len(SEATS)
        assert counts["fruit"]["n"] == len(stopped)
        for item in DISHES:
            count = counts[item["id"]]
            assert count["left"] - count["over"] == item["stock"] - count["n"]
        assert {care["place"] for care in shown["care"]} == set(ALLERGIES), "each plate of who is allergic is named"
        assert "guest" not in str(shown["care"]).lower()
        assert {row["order"]["state"] for row in shown["rows"]} == {"sent"}
        done = await answered(
            boss.post(f"/api/rounds/{meal['id']}/counts/acknowledge", json={"sequence": shown["sequence"]})
        )
        assert {row["order"]["state"] for row in done["rows"]} == {"taken"}

        for number, seat in enumerate(SEATS):
            await answered(_done(await (anna, ben)[number % 2].taps_on(f"asks/{asks[seat]}/served")))
        ended = await answered(anna.client.post(f"/api/rounds/{meal['id']}/end", json={}))
        assert {row["order"]["state"] for row in ended["rows"]} == {"served"}
        assert [row["place"] for row in ended["rows"]] == SEATS
        assert anna.taps + ben.taps == 2 * len(SEATS) + len(stopped)
        await same_from_its_records(house)


async def _done(answer: httpx2.Response) -> httpx2.Response:
    return answer
