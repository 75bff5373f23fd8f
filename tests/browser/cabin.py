"""A cabin of forty seats and its lunch: what the stories of rounds share, and their pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.chromium import LOAD_WITHIN
from tests.browser.floor import go
from tests.story.desk import KindOfVenue
from tests.story.settings import COUNTER
from tests.story.venue import Guest, Venue, answered, guest

ROWS, LETTERS = 10, "ACDF"
SEATS = [f"{row}{letter}" for row in range(1, ROWS + 1) for letter in LETTERS]
PLACES = f"""
[[places]]
zone = "bar"
kind = "seat"
rows = "1-{ROWS}"
letters = "{LETTERS}"
"""

Row = dict[str, Any]


def dish(id: str, zh: str, en: str, **facts: Any) -> Row:  # noqa: A002
    """A dish as a menu has it; nothing in it that anybody must not have, unless ``facts`` say so."""
    return {"id": id, "labels": {"zh-CN": zh, "en": en}, "allergens": [], **facts}


LUNCH = [
    dish("kungpao", "宫保鸡丁", "Kung Pao chicken", allergens=["peanuts", "soy"], without=["peanuts"]),
    dish("noodles", "红烧牛肉面", "Braised beef noodles", ingredients=["beef", "coriander"], without=["coriander"]),
    dish("bass", "清蒸鲈鱼", "Steamed sea bass", allergens=["fish"], stock=12),
    dish("rice", "素菜饭", "Vegetables and rice"),
    dish("pasta", "番茄意面", "Pasta with tomato", allergens=None),
]
"""For lunch: peanuts that can be left out, a fish there are twelve of, and pasta of which nobody says what is in it."""


class Cabin(KindOfVenue):
    """A cabin whose guests tap in at its counter; entered, it serves, with its seats and its lunch."""

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__(folder, [COUNTER], "cabin", **more)

    async def start(self) -> None:
        """Returns when the gateway serves."""
        text = self.config.read_text("utf-8")
        if "[[places]]" not in text:
            self.config.write_text(text + PLACES, "utf-8")
        await super().start()

    async def caters(self, menu: str = "lunch-1", items: list[Row] | None = None) -> None:
        """This is for lunch."""
        boss = await self.client("manager")
        body = {"question": "lunch", "items": LUNCH if items is None else items}
        await answered(boss.put(f"/api/menus/{menu}", json=body))

    async def seat(self, who: Guest, place: str) -> None:
        """This guest comes, and sits there."""
        if who.id not in await self.present():
            self.em4100["counter"].hold(who.em)
            await self.eventually(self.present, lambda here: who.id in here)
            self.em4100["counter"].release()
        boss = await self.client("manager")
        visit = (await self.present())[who.id]["visit"]
        await answered(boss.post(f"/api/visits/{visit}/place", json={"place": place}))

    async def rounds(self) -> list[Row]:
        """The rounds that go on."""
        return list(await answered((await self.client("manager")).get("/api/rounds")))

    async def end_rounds(self) -> None:
        """No round goes on."""
        boss = await self.client("manager")
        for one in await self.rounds():
            await answered(boss.post(f"/api/rounds/{one['id']}/end"))


async def fly(cabin: Cabin) -> str:
    """Brings guests into the cabin, with lunch half served; returns the round."""
    await cabin.caters()
    guests = {
        "1A": await known(cabin, "陈女士", ("allergy", "food", "花生")),
        "1C": await known(cabin, "Dr Konstantinopoulou-Featherstonehaugh", ("allergy", "food", "walnuts, also as oil")),
        "1D": await known(cabin, "王总", ("avoid", "dislike", "不要香菜"), ("do", "food", "清蒸鲈鱼")),
        "2A": await known(cabin, "Ms Hale", ("do", "food", "Vegetables and rice")),
        "2F": await known(cabin, "Mr Okafor"),
    }
    for place, who in guests.items():
        await cabin.seat(who, place)
    zhou = await known(cabin, "周先生")
    boss = await cabin.client("manager")
    await answered(boss.post("/api/expected", json={"customer": zhou.id, "place": "2C", "note": "轮椅"}))
    round_ = await answered(boss.post("/api/rounds", json={"question": "lunch", "menu": "lunch-1"}))
    visits = {place: (await cabin.present())[who.id]["visit"] for place, who in guests.items()}
    for place, item, more in (
        ("2A", "rice", {}),
        ("1D", "noodles", {"without": ["coriander"], "despite": True, "reason": "prepared_without"}),
        ("2F", "bass", {}),
    ):
        body = {"question": "lunch", "item": item, **more}
        if more:
            facts = await answered(boss.get(f"/api/customers/{guests[place].id}/preferences"))
            body["despite"] = [fact["id"] for fact in facts if fact["polarity"] == "avoid"]
        ask = await answered(boss.post(f"/api/visits/{visits[place]}/asks", json=body))
        if place == "2A":
            await answered(boss.post(f"/api/asks/{ask['id']}/served"))
    await answered(boss.post(f"/api/rounds/{round_['id']}/places/2D/order", json={"item": "kungpao"}))
    await cabin.knows(guests["2F"], "manager", "allergy", "food", "fish")
    return str(round_["id"])


async def known(venue: Venue, name: str, *facts: tuple[str, str, str]) -> Guest:
    """A guest of whom this is known: polarity, category, value."""
    who = guest(name, address_as=name)
    await venue.enrol(who, consents=("recognise_tag", "keep_preferences"))
    for fact in facts:
        await venue.knows(who, "manager", *fact)
    return who


async def begin_lunch(page: Page) -> None:
    """Starts the round of lunch on this tablet; returns when its rows are there."""
    await go(page, "service")
    await page.get_by_test_id("round-start").click()
    await page.get_by_test_id("round-start-sure").click()
    await expect(page.get_by_test_id("row-0")).to_be_visible(timeout=LOAD_WITHIN)


def row(page: Page, place: str) -> Any:
    """The row of a place."""
    return page.locator(f'[data-place="{place}"]')


async def stands(page: Page, place: str, stage: str) -> None:
    """Returns when the order of this place is so far."""
    await expect(row(page, place)).to_have_attribute("data-stage", stage, timeout=LOAD_WITHIN)


async def orders(page: Page, place: str, item: str) -> None:
    """One tap on this dish."""
    await page.get_by_test_id(f"dish-{place}-{item}").click()
