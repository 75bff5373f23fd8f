"""Whatever is asked of the club's books is answered, and the books stay true: good requests, bad ones, and nonsense."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from gateway.club import api
from gateway.club.ledger import Ledger
from gateway.club.ledger_sqlite import ClubSqlite
from gateway.club.requests import NEEDED
from gateway.club.verify import verify
from tests.club.given import config, ms

IDS = [f"t{number}" for number in range(60)]
ANYTHING: tuple[Any, ...] = (
    None, 0, 1, -1, 100, 10**11, 10**13, 10**40, 1.5, True, False, "", "m", "lakeside", "club", "x" * 300, [], {}, "t1",
    "2026-03-01", "2026-03-01T00:00:00Z", "9999-12-31T23:59:59Z", "nonsense", "\ud800", "a:b", "lot:t1",
)  # fmt: skip


def good(r: random.Random) -> dict[str, Any]:
    """Members as they may well be."""
    member, partner = r.choice(("m", "n", "o")), r.choice(("norden", "lakeside", "maison"))
    return {
        "member": member, "with": r.choice(("m", "n", "o")), "partner": partner, "amount_cents": r.randint(1, 90_000),
        "points": r.randint(1, 120), "of": r.choice(IDS), "sale_cents": r.choice((10**6, 500)), "split": "house",
        "direction": r.choice(("in", "out")), "venue": r.choice(("lake-lobby", "x", "garden")),
        "allowance": r.random() < 0.3, "minutes": r.randint(1, 500), "force": r.random() < 0.5,
        "offline": r.random() < 0.3, "sale": r.choice(("s1", "s2", "s3")),
    }  # fmt: skip


def request(r: random.Random, number: int) -> Any:
    """A request of some kind, with more than it needs, and now and then with nonsense."""
    kind = r.choice([*NEEDED, "earn", "earn", "burn"])
    members = good(r)
    said: dict[str, Any] = {"id": r.choice((f"q{number}", r.choice(IDS))), "kind": kind}
    said |= {name: members[name] for name in (*NEEDED[kind], *r.sample(sorted(members), r.randint(0, 2)))}
    if r.random() < 0.15:
        said[r.choice(("id", "kind", "at", "zzz", *members))] = r.choice(ANYTHING)
    if r.random() < 0.1:
        return {"linked": r.random() < 0.5, "transfers": [said, {**said, "id": f"r{number}"}]}
    return said if r.random() < 0.99 else r.choice(ANYTHING)


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_is_asked_is_answered_and_the_books_stay_true(tmp_path: Path, seed: int) -> None:
    r, now, statuses = random.Random(seed), ms("2026-01-05"), set()
    asked: list[Any] = []
    ledger = await Ledger.open(ClubSqlite(tmp_path, lasting=False), config())
    for number in range(1_200):
        now += r.choice((0, 1_000, 3_600_000, 86_400_000 * r.randint(0, 12)))
        asked.append(r.choice(asked) if asked and r.random() < 0.05 else request(r, number))
        found = await api.answer(ledger, "POST", "/api/club/transfers", {}, asked[-1], now)
        assert found is not None
        statuses.add(found.status)
        if r.random() < 0.03:
            for path in ("members/m", "members/n/lots", "liability", f"transfers/{r.choice(IDS)}"):
                assert await api.answer(ledger, "GET", f"/api/club/{path}", {}, None, now) is not None
            statement = await api.answer(ledger, "POST", "/api/club/statements", {}, {"id": f"st{number}"}, now)
            assert statement is not None
            partners = statement.body["partners"]
            lines = [(who, line["with"], line["net_cents"]) for who, each in partners.items() for line in each["lines"]]
            assert all((other, who, -cents) in lines for who, other, cents in lines if other in partners)
            outside = sum(cents for _, other, cents in lines if other not in partners)
            assert sum(each["net_cents"] for each in partners.values()) == outside
    assert statuses == {200, 201, 400, 403, 404, 409, 422}
    assert (await verify(ledger)).wrong is None
    await ledger.close()
