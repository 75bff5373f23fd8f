"""Random lives of five members at three partners: the books come to what the lists of lots come to, in both stores."""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.club.ledger import ClubDatabase, Ledger
from gateway.club.ledger_postgres import ClubPostgres
from gateway.club.ledger_sqlite import ClubSqlite
from gateway.club.problems import Refused
from gateway.club.schema import SCHEMA
from gateway.club.verify import verify
from tests.club.given import Desk, Refusal, config, ms
from tests.club.model import Model, No
from tests.hub.postgres import Cluster

OPERATIONS = int(os.environ.get("MOMENTS_CLUB_OPERATIONS", "700"))
MEMBERS = ("ann", "bea", "cid", "dan", "eve")
DAY = 86_400_000


class Life:
    """What is asked next, of what has been."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.given: list[str] = []
        self.spent: list[str] = []
        self.held: list[str] = []
        self.count = 0

    def next(self) -> dict[str, Any]:
        """A request that somebody may well make."""
        r = self.random
        self.count += 1
        said: dict[str, Any] = {"id": f"t{self.count}", "member": r.choice(MEMBERS)}
        partner = r.choice(("norden", "lakeside", "maison"))
        kinds: list[tuple[int, str, dict[str, Any]]] = [
            (30, "earn", {"partner": partner, "amount_cents": r.randint(1, 90_000)}),
            (25, "burn", {"partner": partner, "points": r.randint(1, 90), "sale_cents": 10**6}),
            (3, "block", {"partner": "maison", "points": r.randint(1, 9) * 100, "price_mc": r.choice((800, 700))}),
            (8, "reserve", {"partner": partner, "points": r.randint(1, 60), "minutes": r.randint(1, 9_000)}),
        ]
        if self.given:
            kinds.append((12, "refund", {"of": r.choice(self.given), "amount_cents": r.randint(1, 60_000)}))
        if self.spent:
            kinds.append((10, "refund", {"of": r.choice(self.spent), "points": r.randint(1, 60)}))
            kinds.append((2, "withdraw", {"of": r.choice(self.given + self.spent)}))
        if self.held:
            of = r.choice(self.held)
            kinds.append((6, "post", {"of": of, "points": r.randint(1, 50), "sale_cents": 10**6}))
            kinds.append((3, "void", {"of": of}))
        ((_, kind, more),) = r.choices(kinds, [each[0] for each in kinds])
        said |= {"kind": kind, **more}
        if "of" in said or said["kind"] == "block":
            del said["member"]
        return said

    def was(self, said: dict[str, Any]) -> None:
        """A request was booked."""
        kind = said["kind"]
        where = {"earn": self.given, "burn": self.spent, "post": self.spent, "reserve": self.held}.get(kind)
        if where is not None:
            where.append(said["id"])
        if kind == "withdraw":
            for some in (self.given, self.spent):
                if said["of"] in some:
                    some.remove(said["of"])


async def live(ledger: Ledger, seed: int, operations: int) -> bytes:
    """Plays a life on books and model side by side; the last hash of the chain."""
    life, model, now = Life(seed), Model(), ms("2026-01-05")
    done = 0
    while done < operations:
        now += life.random.choice((60_000, DAY, 3 * DAY, 20 * DAY if life.random.random() < 0.15 else DAY))
        batch: list[Any] = []
        expected: list[Any] = []
        for _ in range(life.random.randint(1, 30)):
            said = life.next()
            try:
                expected.append(model.do(said, now))
                life.was(said)
            except No as no:
                expected.append(str(no))
            batch.append(said)
        found = await ledger.book_all(batch, now)
        got = [each.code if isinstance(each, Refused) else each["points"] for each in found]
        assert got == expected, next(each for each in zip(batch, got, expected, strict=True) if each[1] != each[2])
        done += len(batch)
        await ledger.tidy(now)
        await same(ledger, model, now)
    assert (await verify(ledger)).wrong is None
    ((hash_,),) = await ledger.database.read(_head)
    return bytes(hash_)


async def _head(tx: Any) -> Any:
    return await tx.all("SELECT hash FROM heads")


async def same(ledger: Ledger, model: Model, now: int) -> None:
    """Asserts that books and model say the same of everybody's points and everybody's money."""
    model.pass_time(now)

    async def query(tx: Any) -> Any:
        return await tx.all("SELECT id, balance FROM accounts WHERE unit = 'mc' AND balance <> 0")

    assert dict(await ledger.database.read(query)) == {name: mc for name, mc in model.money.items() if mc}

    async def of_members(tx: Any) -> Any:
        sql = "SELECT l.member, a.balance FROM accounts a JOIN lots l ON l.account = a.id WHERE a.balance <> 0"
        debts = await tx.all("SELECT id, balance FROM accounts WHERE side = 'debit' AND balance <> 0")
        return [*await tx.all(sql), *((id_.split(":")[1], balance) for id_, balance in debts)]

    points: Counter[str] = Counter()
    for member, balance in await ledger.database.read(of_members):
        points[member] += balance
    assert {each: points[each] for each in MEMBERS} == {each: model.points(each) for each in MEMBERS}


@pytest.mark.timeout(max(120, OPERATIONS))
@pytest.mark.parametrize("seed", [1, 2])
async def test_both_stores_come_to_what_lists_of_lots_come_to(tmp_path: Path, cluster: Cluster, seed: int) -> None:
    file: ClubDatabase = ClubSqlite(tmp_path)
    server: ClubDatabase = await ClubPostgres.open(cluster.database(), path=SCHEMA, timeout_s=20)
    heads = []
    for database in (file, server):
        heads.append(await live(await Ledger.open(database, config()), seed, OPERATIONS))
        await database.close()
    assert heads[0] == heads[1], "the same entries, to the last thousandth"


async def given_back(desk: Desk, of: str, **more: int) -> int:
    """The points of a refund; none where nothing that much is left."""
    with suppress(Refusal):
        return int((await desk.book("refund", of=of, **more))["points"])
    return 0


async def _parted(database: ClubDatabase, seed: int) -> None:
    """A life in which two become one and are not after all: each has what they earned, less what they spent."""
    r, desk = random.Random(seed), await Desk.open(database)
    net: Counter[str] = Counter()
    sales: list[tuple[str, str, int]] = []
    await desk.book("block", partner="maison", points=100_000)
    for step in range(40):
        if step == 10:
            await desk.book("merge", member="ann", **{"with": "bea"})
        member, partner = r.choice(("ann", "bea")), r.choice(("norden", "lakeside", "maison"))
        what = r.random()
        if what < 0.4:
            cents = r.randint(1_000, 90_000)
            id_ = await desk.earn(member, cents, partner)
            net[member] += cents // (100 if partner == "maison" else 1_000)
            sales.append((id_, member, -1))
        elif what < 0.75:
            points = r.randint(1, 60)
            if points <= await desk.points(member):
                net[member] -= points
                sales.append(((await desk.burn(member, points, partner))["id"], member, points))
        elif sales:
            id_, whose, points = r.choice(sales)
            more = {"points": r.randint(1, points)} if points > 0 else {"amount_cents": r.randint(1, 40_000)}
            net[whose] += await given_back(desk, id_, **more)
    await desk.book("unmerge", member="bea", **{"with": "ann"})
    assert {each: await desk.points(each) for each in ("ann", "bea")} == {"ann": net["ann"], "bea": net["bea"]}
    for id_, whose, points in sales:
        if points > 0:
            net[whose] += await given_back(desk, id_)
    assert {each: await desk.points(each) for each in ("ann", "bea")} == {"ann": net["ann"], "bea": net["bea"]}
    assert (await verify(desk.ledger)).wrong is None


@pytest.mark.parametrize("seed", range(max(6, OPERATIONS // 100)))
async def test_who_is_parted_has_what_they_earned_less_what_they_spent(tmp_path: Path, seed: int) -> None:
    database = ClubSqlite(tmp_path)
    await _parted(database, seed)
    await database.close()


@pytest.mark.parametrize("seed", [3, 4])
async def test_however_a_batch_is_split_the_books_are_the_same(tmp_path: Path, seed: int) -> None:
    heads = set()
    for name, sizes in (("one", 1), ("seven", 7), ("all", 500)):
        database = ClubSqlite(tmp_path / name)
        ledger, life, now = await Ledger.open(database, config()), Life(seed), ms("2026-01-05")
        model, asked = Model(), []
        for _ in range(150):
            said = life.next()
            try:
                model.do(said, now)
                life.was(said)
            except No:
                pass
            asked.append(said)
        for begin in range(0, len(asked), sizes):
            await ledger.book_all(asked[begin : begin + sizes], now)
        ((hash_,),) = await database.read(_head)
        heads.add(bytes(hash_))
        await database.close()
    assert len(heads) == 1
