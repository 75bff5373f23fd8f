"""A full house to look at: long names, many things to avoid and none, a party, a complaint, wishes, a queue."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.story.desk import KindOfVenue, in_minutes
from tests.story.settings import DOOR, WAY_OUT, Place
from tests.story.venue import Guest, answered, guest

PIN = "246813"
DESK = Place("desk", "m100", "tap", "bar")
STAFF = {"lina": "李娜", "marie": "Marie Dubois", "anna": "Anna Kowalski", "ben": "Ben Osei"}
ZONES = {"Entrance": "入口", "Bar": "吧台", "Lounge": "休息厅", "Story": "云栖贵宾厅"}

Facts = tuple[tuple[str, str, str], ...]


class FullHouse(KindOfVenue):
    """A lounge with guests of every kind; entered, it serves, and ``fill`` brings them in."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, [DOOR, WAY_OUT, DESK], "lounge", port=free_port())

    async def start(self) -> None:
        """Returns when the gateway serves; its zones have names in both languages."""
        text = self.config.read_text("utf-8")
        for en, zh in ZONES.items():
            text = text.replace(f'zh-CN = "{en}"', f'zh-CN = "{zh}"')
        self.config.write_text(text, "utf-8")
        await super().start()

    async def hire(self) -> None:
        """Puts everybody on the books and on shift, with a PIN."""
        boss = await self.client("manager")
        for who, name in STAFF.items():
            roles = ["floor", "manager", "it"] if who == "marie" else ["floor"]
            await answered(boss.put(f"/api/staff/{who}", json={"name": name, "roles": roles, "pin": PIN}))
            await answered(boss.post(f"/api/staff/{who}/shift", json={}))

    async def know(self, who: Guest, facts: Facts) -> None:
        """Enrols a customer and records what is known of them."""
        await self.enrol(who, consents=("recognise_tag", "keep_preferences"))
        for polarity, category, value in facts:
            await self.knows(who, "lina", polarity, category, value)

    async def come(self, *guests: Guest, apart: float = 1.0) -> None:
        """They arrive at the desk, one after the other."""
        for who in guests:
            self.m100["desk"].present(who.epc, -45)
            await self.eventually(self.present, lambda here, id_=who.id: id_ in here)  # type: ignore[misc]
            self.m100["desk"].remove(who.epc)
            await asyncio.sleep(apart)

    async def owe(self, who: Guest, kind: str, text: str, owner: str, minutes: float) -> dict[str, Any]:
        """A promise or a complaint, due in some minutes."""
        client = await self.client("lina")
        body = {"text": text, "owner": owner, "due": in_minutes(minutes)}
        return dict(await answered(client.post(f"/api/customers/{who.id}/{kind}s", json=body)))


CHEN = guest("陈玉兰", address_as="陈女士", language="zh-CN", tier="black", associate="lina")
LONG = guest(
    "Alexandra Maria Konstantinopoulou-Featherstonehaugh", address_as="Dr Konstantinopoulou-Featherstonehaugh",
    tier="platinum", associate="marie",
)  # fmt: skip
PLAIN = guest("赵明辉", address_as="赵先生", language="zh-CN", tier="gold")
NAMELESS = guest("Margaret Hale", address_as="Ms Hale", wishes=["no_name", "do_not_disturb"], tier="platinum")
CROSS = guest("王建国", address_as="王总", language="zh-CN", tier="black", associate="anna")
WEI, NA = guest("Li Wei", address_as="Mr Li", associate="ben"), guest("Na Wei", address_as="Mrs Li", associate="ben")

KNOWN: dict[str, Facts] = {
    CHEN.id: (
        ("allergy", "food", "花生"), ("avoid", "seat", "靠门的座位"), ("do", "drink", "龙井，不加糖"),
        ("do", "seat", "靠窗"), ("do", "reading", "财新周刊"), ("do", "temperature", "二十四度"),
        ("do", "conversation", "孙女的钢琴比赛"),
    ),
    LONG.id: (
        ("allergy", "food", "walnuts and all other tree nuts, also as oil"), ("avoid", "conversation", "the merger"),
        ("avoid", "seat", "next to the kitchen or the door"), ("avoid", "drink", "anything with ice"),
        ("avoid", "service", "being addressed before she has sat down"), ("avoid", "temperature", "draughts"),
        ("do", "drink", "a dry sherry, before the meal, in the small glass"),
    ),
    PLAIN.id: (),
    NAMELESS.id: (("do", "drink", "a dry sherry"),),
    CROSS.id: (("do", "drink", "浓缩咖啡"),),
    WEI.id: (("do", "drink", "green tea"),),
    NA.id: (("allergy", "food", "shellfish"),),
}  # fmt: skip
GUESTS = {one.id: one for one in (CHEN, LONG, PLAIN, NAMELESS, CROSS, WEI, NA)}


LEARNT = {
    "version": 1,
    "rooms": {
        "tags": {
            zone: [{"weight": 9.0, "levels": [["door", None, level]]}]
            for zone, level in (("entrance", -52.0), ("bar", -64.0), ("lounge", -66.0))
        }
    },
    "door": {"inside": [0, 0, 16], "outside": [0, 0, 16]},
    "said": [
        ["entrance", "entrance", 206], ["entrance", "bar", 6], ["bar", "bar", 61], ["bar", "lounge", 25],
        ["lounge", "lounge", 3],
    ],
    "changed": {"way-out": -11.4},
}  # fmt: skip


async def fill(house: FullHouse) -> None:
    """Brings the guests in, with what is owed to them; nobody has a tablet yet, so nothing is claimed."""
    await house.hire()
    await answered((await house.client("it")).put("/api/learnt/document", json=LEARNT))
    for who in GUESTS.values():
        await house.know(who, KNOWN[who.id])
    await house.owe(CROSS, "complaint", "手机屏幕划痕，第三次维修", "anna", 60)
    await house.owe(CROSS, "promise", "下午三点前回电", "lina", 20)
    await house.owe(CHEN, "promise", "送一份新款目录", "lina", 10)
    await house.come(PLAIN, NAMELESS, CROSS, apart=7.0)
    await house.come(LONG, CHEN, apart=7.0)
    for who in (WEI, NA):
        house.m100["door"].present(who.epc, -48)
    await house.eventually(house.present, lambda here: {WEI.id, NA.id} <= set(here))
    for who in (WEI, NA):
        house.m100["door"].remove(who.epc)
