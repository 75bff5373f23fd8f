"""What tests of the club share: three partners as in the worked example, and a ledger that is asked at given times."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from gateway.club import api
from gateway.club.ledger import ClubDatabase, Ledger
from gateway.events import times
from gateway.settings.club import ClubConfig, parse

PROGRAMMES = """
programmes = [
  { partner = "norden", kind = "earn", points = 1, per_cents = 1000, from = "2026-01-01" },
  { partner = "norden", kind = "burn", value_mc = 1000, from = "2026-01-01" },
  { partner = "lakeside", kind = "earn", points = 1, per_cents = 1000, from = "2026-01-01" },
  { partner = "lakeside", kind = "burn", value_mc = 1000, from = "2026-01-01" },
  { partner = "maison", kind = "earn", points = 1, per_cents = 100, from = "2026-01-01" },
  { partner = "maison", kind = "burn", value_mc = 800, from = "2026-01-01" },
]
"""
TEXT = """
splits = [{ id = "house", shares = { norden = 50, lakeside = 30, maison = 20 } }]
allowances = [{ venues = ["lake-lobby"], points = 2000, hours = 24, when = "present" }]
[club]
id = "riverside"
timezone = "Asia/Shanghai"
nothing_sold = ["garden"]
[[partners]]
id = "norden"
brands = ["norden"]
charge_mc = 1000
pay_mc = 1000
[[partners]]
id = "lakeside"
brands = ["lakeside"]
charge_mc = 1000
pay_mc = 950
[[partners]]
id = "maison"
brands = ["maison"]
billing = "prepaid"
when_empty = "refuse"
charge_mc = 800
pay_mc = 800
"""


def config(programmes: str = PROGRAMMES, text: str = TEXT) -> ClubConfig:
    """The club's settings."""
    return parse(tomllib.loads(programmes + text))


def ms(at: str) -> int:
    """Milliseconds since 1970 UTC; a day alone is its noon in Shanghai."""
    return round((times.seconds(at if "T" in at else f"{at}T12:00:00+08:00") or 0) * 1000)


class Refusal(Exception):
    """The club refused; ``body`` is the problem."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.body = body
        self.code = body["type"].rpartition(":")[2]
        super().__init__(f"{self.code}: {body}")


class Desk:
    """Asks a ledger as a till or the club's office does, at a time of the test's."""

    def __init__(self, ledger: Ledger, at: str = "2026-03-01") -> None:
        self.ledger = ledger
        self.now = ms(at)
        self._count = 0

    @classmethod
    async def open(cls, database: ClubDatabase, settings: ClubConfig | None = None, at: str = "2026-03-01") -> Desk:
        """A desk at the books of a database."""
        return cls(await Ledger.open(database, settings or config()), at)

    def on(self, at: str) -> Desk:
        """The clock stands here now."""
        self.now = ms(at)
        return self

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The answer's body; raises Refusal."""
        found = await api.answer(self.ledger, method, f"/api/club/{path}", query, body, self.now)
        assert found is not None
        if found.status >= 400:
            raise Refusal(found.body)
        return found.body

    async def get(self, path: str, **query: str) -> Any:
        """The answer to a look."""
        return await self.ask("GET", path, **query)

    async def book(self, kind: str, **said: Any) -> dict[str, Any]:
        """The answer to a request, which has an id of its own where none is said."""
        self._count += 1
        body = {"id": f"x{self._count}", "kind": kind, "at": times.iso(self.now / 1000), **said}
        found: dict[str, Any] = await self.ask("POST", "transfers", body)
        return found

    async def earn(self, member: str, cents: int, partner: str = "norden", **more: Any) -> str:
        """The id of an earning."""
        return str((await self.book("earn", member=member, partner=partner, amount_cents=cents, **more))["id"])

    async def burn(self, member: str, points: int, partner: str = "lakeside", **more: Any) -> dict[str, Any]:
        """The answer to a burn."""
        return await self.book("burn", member=member, partner=partner, points=points, sale_cents=10**7, **more)

    async def points(self, member: str) -> int:
        """What a member has."""
        return int((await self.get(f"members/{member}"))["points"])

    async def entries(self, id_: str) -> list[str]:
        """The entries of a transfer as ``debit > credit amount unit``."""
        found = await self.get(f"transfers/{id_}")
        return [f"{each['debit']} > {each['credit']} {each['amount']} {each['unit']}" for each in found["entries"]]

    async def money(self) -> dict[str, int]:
        """Balances of every account that is not at nothing and holds no points of a member."""

        async def query(tx: Any) -> list[tuple[Any, ...]]:
            found: list[tuple[Any, ...]] = await tx.all("SELECT id, balance FROM accounts WHERE balance <> 0")
            return found

        rows = await self.ledger.database.read(query)
        return {id_: balance for id_, balance in rows if not id_.startswith(("lot:", "reserved:", "owed:"))}
