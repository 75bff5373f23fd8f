"""A gathering from its plan to its reckoning, through the doors: who is invited, who waits, who was there."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest_asyncio

from gateway.core.evenings import due
from gateway.events.times import iso
from tests.console.served import Served, config, served
from tests.story.venue import answered

DAY, HOUR, MINUTE = 86_400.0, 3_600.0, 60.0
TITLE = {"zh-CN": "春茶品鉴", "en": "Spring tea"}
LIKES_TEA = {"by": "interest", "category": "tea", "reason": "You like tea"}


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, config(club={"gatherings": True})) as found:
        await found.hire("anna", "mei")
        yield found


async def guest(house: Served, name: str, n: int = 0, *, likes: str | None = "tea", invited: bool = True) -> None:
    """A guest with a tag, who said what they like and may be invited."""
    boss = await house.client("manager")
    await house.enrol(name, f"em:07{n:08X}", associate="anna")
    if invited:
        await answered(boss.post(f"/api/customers/{name}/consents", json={"purpose": "invitations"}))
    if likes is not None:
        said = {"category": "drink", "value": likes, "polarity": "do", "basis": "stated", "scope": "standing"}
        await answered(boss.post(f"/api/customers/{name}/preferences", json=said))


def plan(house: Served, seats: int = 10, **more: Any) -> dict[str, Any]:
    """A tasting in two days, in the lounge."""
    begins = house.now() + 2 * DAY
    times = {"from": iso(begins), "until": iso(begins + 3 * HOUR)}
    return {
        "kind": "tasting", "title": TITLE, "zones": ["lounge"], **times, "seats": seats, "hosts": ["anna"],
        "lists": [LIKES_TEA], **more,
    }  # fmt: skip


async def opened(boss: httpx2.AsyncClient, said: dict[str, Any]) -> str:
    made = await answered(boss.post("/api/gatherings", json=said))
    assert made["state"] == "draft"
    await answered(boss.post(f"/api/gatherings/{made['id']}/open"))
    return str(made["id"])


async def rows(client: httpx2.AsyncClient, gathering: str) -> dict[str, dict[str, Any]]:
    found = await answered(client.get(f"/api/gatherings/{gathering}/invitations"))
    return {each["name"].lower(): each for each in found}


async def time_passes(house: Served, gathering: str) -> None:
    """What the clock brings is written down now, and not within 15 seconds."""
    await house.gateway.act(lambda: due(house.gateway, gathering, house.now()), "gateway")


async def test_who_is_invited_goes_by_what_they_said_and_agreed_to(house: Served) -> None:
    boss = await house.client("manager")
    await guest(house, "chen", 1)
    await guest(house, "hale", 2, likes="coffee")
    await guest(house, "sato", 3, invited=False)
    made = await answered(boss.post("/api/gatherings", json=plan(house)))
    drawn = await answered(boss.get(f"/api/gatherings/{made['id']}/list"))
    assert [(each["name"], each["reasons"]) for each in drawn["chosen"]] == [("Chen", ["You like tea"])]
    assert made["counts"]["listed"] == 0, "looking at a list is not a list"
    named = {"customer": "hale", "reason": "Asked anna about it"}
    anna = await house.client("floor", "anna")
    await answered(anna.post(f"/api/gatherings/{made['id']}/invitations", json=named))
    refused = await anna.post(f"/api/gatherings/{made['id']}/invitations", json={**named, "customer": "sato"})
    assert (refused.status_code, refused.json()["detail"]) == (409, "the customer has not agreed to be invited")
    after = await answered(boss.post(f"/api/gatherings/{made['id']}/open"))
    assert (after["state"], after["counts"]["sent"]) == ("open", 2)
    assert {name: each["reasons"] for name, each in (await rows(boss, made["id"])).items()} == {
        "chen": ["You like tea"], "hale": ["Asked anna about it"],
    }  # fmt: skip
    again = await opened(boss, plan(house))
    assert (await rows(boss, again)) == {}, "who was invited within 30 days is not invited again"


async def test_who_was_not_drawn_is_kept_to_compare_with_and_shown_to_no_host(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    for n, name in enumerate(("chen", "hale", "sato")):
        await guest(house, name, n)
    made = await opened(boss, plan(house, seats=1))
    standings = sorted(each["standing"] for each in (await rows(boss, made)).values())
    assert standings == ["listed", "listed", "sent"]
    assert [each["standing"] for each in (await rows(anna, made)).values()] == ["sent"]


async def test_a_seat_that_is_freed_goes_to_who_answered_first(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    for n, name in enumerate(("chen", "hale", "sato")):
        await guest(house, name, n)
    made = await opened(boss, plan(house, seats=3))
    ids = {name: each["id"] for name, each in (await rows(anna, made)).items()}
    chen = await answered(anna.post(f"/api/invitations/{ids['chen']}/accept", json={"companions": 1}))
    assert (chen["standing"], chen["companions"]) == ("accepted", 1)
    hale = await answered(anna.post(f"/api/invitations/{ids['hale']}/accept", json={"companions": 1}))
    assert (hale["standing"], hale["place_in_line"]) == ("waiting", 1)
    sato = await answered(anna.post(f"/api/invitations/{ids['sato']}/accept"))
    assert sato["standing"] == "waiting", "the last seat is not given past who waits"
    await answered(anna.post(f"/api/invitations/{ids['chen']}/decline"))
    found = await rows(anna, made)
    assert found["chen"]["standing"] == "withdrawn"
    assert [found[name]["offered_until"] is not None for name in ("hale", "sato")] == [True, True]
    house.ahead += 25 * HOUR
    await time_passes(house, made)
    found = await rows(anna, made)
    assert [found[name]["standing"] for name in ("hale", "sato")] == ["lapsed", "lapsed"], "an offer ends"


async def test_to_stop_is_to_be_on_no_list_and_none_of_it_is_left_after_an_erasure(house: Served) -> None:
    boss = await house.client("manager")
    await guest(house, "chen", 1)
    await guest(house, "hale", 2)
    made = await opened(boss, plan(house))
    assert set(await rows(boss, made)) == {"chen", "hale"}
    await answered(boss.delete("/api/customers/chen/consents/invitations"))
    assert set(await rows(boss, made)) == {"hale"}
    await answered(boss.delete("/api/customers/hale"))
    assert await rows(boss, made) == {}
    left = house.gateway.store.reader.conn.execute("SELECT count(*) FROM invitations").fetchone()[0]
    assert left == 1, "hale's is gone; chen's can be shown to chen alone"


async def test_attendance_is_presence_and_what_it_cost_is_divided(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    for n, name in enumerate(("chen", "hale", "sato")):
        await guest(house, name, n)
    made = await opened(boss, plan(house, zones=["bar"]))
    ids = {name: each["id"] for name, each in (await rows(anna, made)).items()}
    for each in ids.values():
        await answered(anna.post(f"/api/invitations/{each}/accept"))
    assert (await anna.post(f"/api/invitations/{ids['sato']}/here")).status_code == 409, "it has not begun"
    house.ahead += 2 * DAY + MINUTE
    for n in (0, 1):
        house.tap(f"em:07{n:08X}")
    await time_passes(house, made)
    assert (await answered(anna.get(f"/api/gatherings/{made}")))["state"] == "under_way"
    assert {name for name, each in (await rows(anna, made)).items() if each["here"]} == {"chen", "hale"}
    house.ahead += 11 * MINUTE
    await time_passes(house, made)
    found = await rows(anna, made)
    assert [found[name]["standing"] for name in ("chen", "hale", "sato")] == ["attended", "attended", "accepted"]
    house.ahead += 4 * HOUR
    await time_passes(house, made)
    found = await rows(anna, made)
    assert found["sato"]["standing"] == "not_seen", "which is not that they did not come"
    assert found["chen"]["came"] < found["chen"]["went"]
    await answered(anna.post(f"/api/invitations/{ids['sato']}/here"))
    promise = {"customer": "chen", "text": "Send the tea list", "owner": "anna", "due": iso(house.now() + DAY)}
    reckoned = await answered(boss.post(f"/api/gatherings/{made}/reckon", json={"cost": 100, "promises": [promise]}))
    assert (reckoned["state"], reckoned["reckoning"]["attended"], reckoned["reckoning"]["cost"]) == (
        "reckoned",
        3,
        10000,
    )
    again = await answered(boss.post(f"/api/gatherings/{made}/reckon", json={"cost": 900}))
    assert again["reckoning"] == reckoned["reckoning"], "it is reckoned once"
    entries = house.gateway.store.reader.conn.execute("SELECT count(*) FROM entries").fetchone()[0]
    assert entries == 3
    owed = (await answered(boss.get("/api/customers/chen")))["promises"]
    assert [each["text"] for each in owed] == ["Send the tea list"]
    assert reckoned["returns"] is None
    house.ahead += 91 * DAY
    later = await answered(boss.get(f"/api/gatherings/{made}"))
    assert [(each["group"], each["of"], each["returned"]) for each in later["returns"]] == [
        ("attended", 3, None), ("invited", 0, None), ("not_drawn", 0, None),
    ]  # fmt: skip
    house.gateway.pulse(house.now())  # old cards are let go of


async def test_who_never_agreed_to_be_recognised_is_marked_by_hand_alone(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    await guest(house, "chen", 1)
    await answered(boss.delete("/api/customers/chen/consents/recognise_tag"))
    made = await opened(boss, plan(house))
    mine = (await rows(anna, made))["chen"]
    assert mine["recognised"] is False
    await answered(anna.post(f"/api/invitations/{mine['id']}/accept"))
    house.ahead += 2 * DAY + HOUR
    house.tap("em:0700000001")
    await time_passes(house, made)
    assert (await rows(anna, made))["chen"]["standing"] == "accepted"
    await answered(anna.post(f"/api/invitations/{mine['id']}/here"))
    assert (await rows(anna, made))["chen"]["standing"] == "attended"


async def test_a_call_list_and_a_calendar_name_no_more_than_they_must(house: Served) -> None:
    boss = await house.client("manager")
    await guest(house, "chen", 1)
    made = await opened(boss, plan(house))
    text = (await boss.get(f"/api/gatherings/{made}/invitations?format=csv")).text.lstrip("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["name"], row["associate"], row["reasons"]) == ("Chen", "Anna", "You like tea")
    calendar = await boss.get(f"/api/gatherings/{made}.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:春茶品鉴 · Spring tea\r\n" in calendar.text
    assert "Chen" not in calendar.text
    assert all(len(line.encode()) <= 75 for line in calendar.text.split("\r\n"))


async def test_where_it_is_not_set_nothing_of_it_is_there(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        boss = await house.client("manager")
        assert (await boss.get("/api/gatherings")).status_code == 404
        assert (await boss.post("/api/gatherings", json=plan(house, hosts=[]))).status_code == 404
        await house.enrol("chen")
        refused = await boss.post("/api/customers/chen/consents", json={"purpose": "invitations"})
        assert refused.status_code == 422


async def test_a_proof_was_seen_and_is_neither_copied_nor_numbered(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    await guest(house, "chen", 1, likes=None)
    page = "/api/customers/chen/memberships/norden"
    numbered = await anna.put(page, json={"proof": "registration", "number": "LSV1234"})
    assert numbered.status_code == 422
    kept = await answered(anna.put(page, json={"proof": "registration", "valid_until": "2199-01-01"}))
    assert (kept["seen_by"], kept["live"]) == ("anna", True)
    owners = plan(house, kind="owners", lists=[{"by": "membership", "reason": "You drive one of ours"}])
    made = await answered(boss.post("/api/gatherings", json=owners))
    drawn = await answered(boss.get(f"/api/gatherings/{made['id']}/list"))
    assert [each["name"] for each in drawn["chosen"]] == ["Chen"]
    await answered(anna.put(page.replace("norden", "lake"), json={"proof": "card"}))
    await answered(anna.delete(page))
    assert [each["brand"] for each in await answered(anna.get("/api/customers/chen/memberships"))] == ["lake"]
