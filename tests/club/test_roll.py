"""Who in the club is which customer: sealed, found by whose customer they are alone, and forgotten with an erasure."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.club.ledger import ClubDatabase
from gateway.club.ledger_postgres import ClubPostgres
from gateway.club.ledger_sqlite import ClubSqlite
from gateway.club.problems import Refused
from gateway.club.roll import CODE_MS, Merge, Roll
from gateway.club.schema import SCHEMA
from gateway.club.verify import verify
from tests.club.given import PROGRAMMES, TEXT, Desk
from tests.club.test_doors import BRANDS, T, Till, code, earn
from tests.hub.postgres import Cluster
from tests.hub.program import Program
from tests.hub.stranger import Journal
from tests.hub.test_office import Officer

CHEN, LIU = "c-chen@north-store", "c-liu@north-store"


class Keys:
    """A machine's generation keys."""

    def __init__(self) -> None:
        self.held = {1: os.urandom(32), 2: os.urandom(32)}

    def generation(self, number: int) -> bytes:
        """The key of one; KeyError once it is destroyed."""
        return self.held[number]


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ClubDatabase]:
    """Empty books."""
    if request.param == "sqlite":
        found: ClubDatabase = ClubSqlite(tmp_path)
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        found = await ClubPostgres.open(cluster.database(), path=SCHEMA, timeout_s=20)
    yield found
    await found.close()


async def sealed(database: ClubDatabase) -> list[bytes]:
    """What the books keep of who is who."""

    async def query(tx: Any) -> list[bytes]:
        return [bytes(each) for (each,) in await tx.all("SELECT customer FROM members WHERE customer IS NOT NULL")]

    return await database.read(query)


async def test_a_customer_has_one_number_and_the_books_name_nobody(database: ClubDatabase) -> None:
    desk, keys = await Desk.open(database), Keys()
    roll = await Roll.open(desk.ledger, keys, 1)
    chen, new = await roll.member_of("norden", CHEN, desk.now)
    assert new
    assert await roll.member_of("norden", CHEN, desk.now) == (chen, False)
    liu, _ = await roll.member_of("norden", LIU, desk.now)
    assert chen != liu
    assert await roll.known([CHEN, "c-nobody@north-store"]) == {CHEN: chen}
    assert await roll.is_theirs(chen, CHEN)
    assert not await roll.is_theirs(chen, LIU)
    before = await sealed(database)
    assert not any(b"chen" in each or b"north-store" in each for each in before)
    await roll.reseal(2)
    del keys.held[1]
    again = await Roll.open(desk.ledger, keys, 1)
    assert await again.member_of("norden", CHEN, desk.now) == (chen, False), "known by the new key alone"
    assert not set(before) & set(await sealed(database))


async def test_an_erasure_ends_points_and_forgets_who_it_was(database: ClubDatabase) -> None:
    desk = await Desk.open(database)
    roll = await Roll.open(desk.ledger, Keys(), 1)
    chen, _ = await roll.member_of("norden", CHEN, desk.now)
    liu, _ = await roll.member_of("norden", LIU, desk.now)
    for member in (chen, liu):
        await desk.earn(member, 100_000)
    assert not await roll.erase(CHEN, desk.now - 1, desk.now), "an erasure of before is another person's"
    assert await roll.number_then(CHEN, desk.now - 1) is None, "and no receipt of it has a line for them"
    assert await roll.number_then(CHEN, desk.now) == chen
    assert await desk.points(chen) == 100
    assert await roll.erase(CHEN, desk.now + 1, desk.now + 1)
    assert (await desk.points(chen), await desk.points(liu)) == (0, 100)
    assert await roll.known([CHEN, LIU]) == {LIU: liu}
    assert not await roll.erase(CHEN, desk.now + 2, desk.now + 2)
    assert (await roll.member_of("norden", CHEN, desk.now + 3))[0] != chen, "a new person"
    assert (await verify(desk.ledger)).wrong is None


async def test_two_records_of_one_person_spend_together_until_they_are_two_again(database: ClubDatabase) -> None:
    desk = await Desk.open(database)
    roll = await Roll.open(desk.ledger, Keys(), 1)
    chen, _ = await roll.member_of("norden", CHEN, desk.now)
    one = Merge("m1", CHEN, LIU, undone=False)
    assert await roll.join([one], desk.now) == 0, "the other has no number yet"
    liu, _ = await roll.member_of("norden", LIU, desk.now)
    await desk.earn(chen, 100_000)
    await desk.earn(liu, 50_000)
    assert await roll.join([one], desk.now) == 1
    assert await roll.join([one], desk.now + 1) == 0
    assert await (await Roll.open(desk.ledger, Keys(), 1)).join([one], desk.now + 2) == 0, "once, whoever looks"
    await desk.burn(chen, 120)
    assert await roll.join([one._replace(undone=True)], desk.now) == 1
    assert await roll.join([one._replace(undone=True)], desk.now) == 0
    assert (await desk.points(chen), await desk.points(liu)) == (-20, 50), "what one took of the other's is owed"
    assert (await verify(desk.ledger)).wrong is None


async def test_a_code_says_a_number_once_within_its_minute(database: ClubDatabase) -> None:
    desk = await Desk.open(database)
    roll = await Roll.open(desk.ledger, Keys(), 1)
    first = await roll.code("000000000001", desk.now)
    assert len(first) == 8
    assert await roll.used(first, desk.now + CODE_MS - 1) == "000000000001"
    with pytest.raises(Refused):
        await roll.used(first, desk.now)
    late = await roll.code("000000000001", desk.now)
    with pytest.raises(Refused):
        await roll.used(late, desk.now + CODE_MS)
    old, new = await roll.code("000000000002", desk.now), await roll.code("000000000002", desk.now)
    with pytest.raises(Refused):
        await roll.used(old, desk.now)
    assert await roll.used(new, desk.now) == "000000000002", "the newest alone"


def test_a_box_learns_numbers_of_its_own_customers_and_another_partner_only_by_a_code(tmp_path: Path) -> None:
    hub = Program(tmp_path, brands=BRANDS)
    (tmp_path / "club.toml").write_text(PROGRAMMES + TEXT)
    hub.start()
    north, lake = Till(hub, "north-store", "norden"), Till(hub, "lake-lobby", "lakeside")
    status, said = north.ask("POST", "/club/members", {"customer": "chen"})
    member = said["member"]
    assert (status, said["club"], member.isdigit()) == (201, "riverside", True)
    assert north.ask("POST", "/club/members", {"customer": "chen"}) == (200, said)
    assert code(lake.ask("POST", "/club/members", {"customer": "chen@north-store"})) == (404, "unknown")
    assert lake.ask("POST", "/club/members", {"customer": "chen"})[1]["member"] != member, "their own chen"
    assert north.ask("POST", T, earn("a", "norden", member=member))[0] == 201
    lots = f"/club/members/{member}/lots"
    assert north.ask("GET", f"{lots}?customer=chen")[1]["lots"][0]["open"] == 100
    assert code(north.ask("GET", f"{lots}?customer=liu")) == (404, "unknown")
    assert code(lake.ask("GET", f"{lots}?customer=chen")) == (404, "unknown")
    shown = north.ask("POST", "/club/codes", {"customer": "chen"})[1]["code"]
    assert lake.ask("POST", "/club/codes/used", {"code": f"{shown[:4]} {shown[4:]}"})[1]["member"] == member
    for _ in range(10):
        assert code(lake.ask("POST", "/club/codes/used", {"code": shown})) == (404, "no-such-code")
    assert code(lake.ask("POST", "/club/codes/used", {"code": shown})) == (429, "wait"), "guessed by nobody"
    keeper = Officer(hub, "kim", "club").sign_in()
    assert code(keeper.ask("POST", "/club/members", {"customer": "chen@north-store"})) == (403, "role"), "no names"

    journal = Journal("north-store", brand="norden")
    journal.enrol("chen", dark=True)
    erasure = journal.erase("chen")
    north.box.exchange([north.box.hello(journal), journal.batch(0)])
    give_up = time.monotonic() + 60
    while north.ask("GET", f"/club/members/{member}")[1]["points"]:
        assert time.monotonic() < give_up, "the erasure does not reach the books"
        time.sleep(0.2)
    assert code(north.ask("POST", "/club/members", {"customer": "chen"})) == (404, "unknown")
    office = Officer(hub, "lina", "office").sign_in()
    places = {each["place"]: each["done_at"] for each in office.good("GET", f"/erasures/{erasure}")["places"]}
    assert places["club"] is not None
    hub.stop()
