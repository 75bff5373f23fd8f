"""A guest's points at a real venue of a real hub: on the card where they agreed, on their own page, behind a code."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gateway.console.page_doors import KEY_HEADER, LINK_HEADER
from gateway.joined import boxes, signing
from tests.club.given import PROGRAMMES, TEXT
from tests.club.test_doors import BRANDS
from tests.console.served import Served
from tests.hub.program import Program
from tests.joined.houses import house_of, sent, until
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

DIGITS = "718204"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A hub with a club of three partners."""
    folder = tmp_path_factory.mktemp("hub")
    program = Program(folder, brands=BRANDS)
    (folder / "club.toml").write_text(PROGRAMMES + TEXT)
    program.start()
    yield program
    program.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def house(hub: Program, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """A venue of its own for each test, of one partner's brand; Chen is known there."""
    venue, folder = f"store-{abs(hash(request.node.name)) % 10_000}", tmp_path / "data"
    code = await asyncio.to_thread(hub.invite, venue, "--brand", "norden")
    made = await signing.join(hub.url, code, venue, "", boxes.new_keys(), context=None, now=time.time())
    folder.mkdir(mode=0o700)
    boxes.keep(folder, made)
    async with house_of(hub, folder, venue, hub={"brand": "norden"}, club={"points": True}) as found:
        await found.enrol("chen")
        await sent(found)
        yield found


async def agree(boss: httpx2.AsyncClient) -> None:
    """Chen wants points on the card."""
    await answered(boss.post("/api/customers/chen/consents", json={"purpose": "club_points"}))


async def own_page(house: Served) -> httpx2.AsyncClient:
    """Chen's phone with all of their page open."""
    boss = await house.client("manager")
    made = await answered(boss.post("/api/customers/chen/page-link"))
    phone = await house.client(**{LINK_HEADER: str(made["link"].partition("#")[2])})
    await answered(boss.put("/api/customers/chen/page-digits", json={"digits": DIGITS}))
    phone.headers[KEY_HEADER] = (await answered(phone.post("/api/me/unlock", json={"digits": DIGITS})))["key"]
    return phone


async def earned(boss: httpx2.AsyncClient, member: str, id_: str) -> None:
    """A sale of 1,000.00, for 100 points."""
    said: dict[str, Any] = {"id": id_, "kind": "earn", "member": member, "partner": "norden", "amount_cents": 100_000}
    await answered(boss.post("/api/club/transfers", json=said))


async def test_points_are_shown_to_whom_the_guest_agreed_and_on_their_own_page_always(house: Served) -> None:
    boss = await house.client("manager")
    line = await answered(boss.get("/api/customers/chen/points"))
    assert (line["state"], line["member"]) == ("off", None)
    phone = await own_page(house)
    assert (await answered(phone.get("/api/me/club")))["points"]["state"] == "off", (
        "no number yet: nobody was asked for"
    )
    await agree(boss)
    line = await answered(boss.get("/api/customers/chen/points"))
    assert (line["state"], line["points"], line["club"]["en"]) == ("shown", 0, "riverside")
    await earned(boss, line["member"], f"{house.gateway.config.venue.id}-1")
    again = await answered(boss.get("/api/customers/chen/points"))
    assert (again["points"], again["member"], again["as_of"]) == (100, line["member"], None)

    mine = (await answered(phone.get("/api/me/club")))["points"]
    assert (mine["state"], mine["points"]) == ("shown", 100)
    assert [(lot["partner"], lot["given"], lot["left"]) for lot in mine["lots"]] == [("norden", 100, 100)]
    await answered(boss.request("DELETE", "/api/customers/chen/consents/club_points"))
    ended = await answered(boss.get("/api/customers/chen/points"))
    assert (ended["state"], ended["points"]) == ("off", None)
    assert (await answered(phone.get("/api/me/club")))["points"]["points"] == 100, "they are just as good"


async def test_who_shows_a_code_pays_once_and_says_no_more(house: Served) -> None:
    boss = await house.client("manager")
    await agree(boss)
    member = (await answered(boss.get("/api/customers/chen/points")))["member"]
    phone = await own_page(house)
    shown = await answered(phone.post("/api/me/code"))
    assert (len(shown["code"]), shown["expires_in"]) == (8, 60)
    used = await answered(boss.post("/api/club/codes/used", json={"code": f"{shown['code'][:4]} {shown['code'][4:]}"}))
    assert used == {"member": member, "club": "riverside", "name": {"zh-CN": "riverside", "en": "riverside"}}
    refused = await boss.post("/api/club/codes/used", json={"code": shown["code"]})
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (404, "no-such-code")
    linked = await house.client(**{LINK_HEADER: phone.headers[LINK_HEADER]})
    assert (await linked.post("/api/me/code")).status_code == 403, "a link alone, seen by a stranger, spends nothing"


async def test_what_was_said_last_stands_with_its_time_while_the_hub_is_away(house: Served, hub: Program) -> None:
    boss = await house.client("manager")
    await agree(boss)
    line = await answered(boss.get("/api/customers/chen/points"))
    await earned(boss, line["member"], f"{house.gateway.config.venue.id}-1")
    assert (await answered(boss.get("/api/customers/chen/points")))["points"] == 100
    phone = await own_page(house)
    await asyncio.to_thread(hub.stop)
    away = await answered(boss.get("/api/customers/chen/points"))
    assert (away["state"], away["points"]) == ("shown", 100)
    assert away["as_of"] is not None
    mine = (await answered(phone.get("/api/me/club")))["points"]
    assert (mine["points"], mine["lots"], mine["as_of"]) == (100, [], away["as_of"])
    assert (await phone.post("/api/me/code")).status_code == 503
    await asyncio.to_thread(hub.start)


async def test_an_erased_guest_takes_their_points_along(house: Served) -> None:
    boss = await house.client("manager")
    await agree(boss)
    member = (await answered(boss.get("/api/customers/chen/points")))["member"]
    await earned(boss, member, f"{house.gateway.config.venue.id}-1")
    assert (await answered(boss.get(f"/api/club/members/{member}")))["points"] == 100
    erasure = (await answered(boss.delete("/api/customers/chen")))["erasure"]

    async def gone() -> bool:
        left: int = (await answered(boss.get(f"/api/club/members/{member}")))["points"]
        return left == 0

    await until(gone, "the books forget who was erased")

    async def said() -> list[dict[str, Any]]:
        receipt = await answered(boss.get(f"/api/erasures/{erasure}"))
        return [each for each in receipt["places"] if each["kind"] == "club" and each["done_at"]]

    assert [(each["place"], each["what"]) for each in await until(said, "and the receipt says so")] == [
        ("club", "points ended, member number of nobody")
    ]


async def test_nothing_of_whoever_stopped_is_remembered_and_nothing_of_who_asked_for_themselves(
    house: Served, hub: Program
) -> None:
    boss = await house.client("manager")
    await agree(boss)
    assert (await answered(boss.get("/api/customers/chen/points")))["state"] == "shown"
    await answered(boss.request("DELETE", "/api/customers/chen/consents/club_points"))
    phone = await own_page(house)
    assert (await answered(phone.get("/api/me/club")))["points"]["state"] == "shown"
    await asyncio.to_thread(hub.stop)
    assert (await answered(phone.get("/api/me/club")))["points"]["state"] == "away"
    await agree(boss)
    assert (await answered(boss.get("/api/customers/chen/points")))["state"] == "away"
    await asyncio.to_thread(hub.start)
