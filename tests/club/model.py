"""The club's ledger as lists of lots: what the books have to come to, said once more and otherwise."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.club.given import ms

CHARGE = {"norden": 1000, "lakeside": 1000, "maison": 800}
PAY = {"norden": 1000, "lakeside": 950, "maison": 800}
PER = {"norden": 1000, "lakeside": 1000, "maison": 100}
CREDITORS = ("lakeside", "maison", "norden", "club")
MONTHS = [ms(f"{year}-{month:02d}-01T00:00:00+08:00") for year in range(2026, 2032) for month in range(1, 13)]


class No(Exception):
    """A refusal, by its code."""


@dataclass(eq=False)
class Lot:
    """Points of one earning."""

    member: str
    issuer: str
    payer: str
    price: int
    ends: int
    made: tuple[int, int, int]
    block: list[int] | None = None
    open: int = 0


@dataclass
class Sale:
    """A transfer that may be given back: what it took of which lots, with what each point paid to whom."""

    kind: str
    member: str
    partner: str
    amount: int
    lots: list[Lot] = field(default_factory=list)
    used: list[tuple[Lot, int]] = field(default_factory=list)
    at: int = 0


class Model:
    """All members; money by account, + is received."""

    def __init__(self) -> None:
        self.lots: list[Lot] = []
        self.owed: Counter[tuple[str, str]] = Counter()
        self.money: Counter[str] = Counter()
        self.blocks: list[list[int]] = []
        self.sales: dict[str, Sale] = {}
        self.held: dict[str, tuple[Sale, int]] = {}
        self.count = 0

    # --- pieces -------------------------------------------------------------------------------------------------------

    def pay(self, payer: str, to: str, mc: int) -> None:
        self.money[payer] -= mc
        self.money[to] += mc

    def pays(self, lot: Lot, partner: str, points: int, sign: int = 1) -> None:
        own = lot.payer in (f"clearing:{partner}", f"pool:{partner}")
        price = lot.price if own else min(lot.price, PAY[partner])
        self.pay(lot.payer, f"clearing:{partner}", sign * points * price)
        self.pay(lot.payer, "fund", sign * points * (lot.price - price))

    def open_of(self, member: str) -> list[Lot]:
        return sorted((lot for lot in self.lots if lot.member == member and lot.open), key=lambda x: (x.ends, x.made))

    def points(self, member: str) -> int:
        return sum(lot.open for lot in self.open_of(member)) - self.debt(member)

    def debt(self, member: str) -> int:
        return sum(points for (who, _), points in self.owed.items() if who == member)

    def debts(self, member: str) -> None:
        for creditor in CREDITORS:
            for lot in self.open_of(member):
                points = min(lot.open, self.owed[member, creditor])
                lot.open -= points
                self.owed[member, creditor] -= points
                if points:
                    self.pays(lot, creditor, points)

    def ends(self, at: int) -> int:
        return MONTHS[next(n for n, begins in enumerate(MONTHS) if begins > at) + 24]

    def pass_time(self, now: int) -> None:
        """What has ended by now."""
        for id_, (sale, ends) in list(self.held.items()):
            if ends <= now:
                self.void(id_, {"id": ""}, now)
                self.sales[id_] = sale
        for lot in self.lots:
            if lot.open and lot.ends <= now:
                if lot.payer.startswith("pool:"):
                    self.pay(lot.payer, f"clearing:{lot.issuer}", lot.open * lot.price)
                lot.open = 0

    # --- kinds --------------------------------------------------------------------------------------------------------

    def do(self, said: dict[str, Any], now: int) -> int:
        """The points of the answer; raises No."""
        self.pass_time(now)
        self.count += 1
        points: int = getattr(self, said["kind"])(said.get("of", said["id"]), said, now)
        return points

    def block(self, _: str, said: dict[str, Any], now: int) -> int:
        self.blocks.append([said["points"], said["price_mc"]])
        self.pay("bank", "pool:maison", said["points"] * said["price_mc"])
        return int(said["points"])

    def earn(self, id_: str, said: dict[str, Any], now: int) -> int:
        partner, points = said["partner"], said["amount_cents"] // PER[said["partner"]]
        sale = Sale("earn", said["member"], partner, said["amount_cents"])
        left = points
        if partner == "maison":
            if left > sum(block[0] for block in self.blocks):
                raise No("block-empty")
            for block in self.blocks:
                some = min(left, block[0])
                block[0] -= some
                left -= some
                if some:
                    sale.lots.append(Lot(sale.member, partner, "pool:maison", block[1], 0, (0, 0, 0), block, some))
        elif left:
            sale.lots.append(
                Lot(sale.member, partner, f"clearing:{partner}", CHARGE[partner], 0, (0, 0, 0), None, left)
            )
        for n, lot in enumerate(sale.lots, 1):
            lot.ends, lot.made = self.ends(now), (now, self.count, n)
        self.lots += sale.lots
        self.sales[id_] = sale
        self.debts(sale.member)
        return int(points)

    def take(self, sale: Sale, points: int) -> None:
        used = sale.used
        for lot in self.open_of(sale.member):
            some = min(points, lot.open)
            lot.open -= some
            points -= some
            if some:
                used.append((lot, some))

    def burn(self, id_: str, said: dict[str, Any], now: int) -> int:
        if said["points"] > sum(lot.open for lot in self.open_of(said["member"])):
            raise No("insufficient-points")
        sale = Sale("burn", said["member"], said["partner"], said["points"])
        self.take(sale, said["points"])
        for lot, points in sale.used:
            self.pays(lot, sale.partner, points)
        self.sales[id_] = sale
        return -int(said["points"])

    def reserve(self, id_: str, said: dict[str, Any], now: int) -> int:
        self.burn(id_, said, now)
        sale = self.sales.pop(id_)
        for lot, points in sale.used:
            self.pays(lot, sale.partner, points, -1)
        self.held[id_] = (sale, now + said["minutes"] * 60_000)
        return -int(said["points"])

    def void(self, of: str, said: dict[str, Any], now: int) -> int:
        if of not in self.held:
            raise No("already-resolved")
        sale, _ = self.held.pop(of)
        for lot, points in sale.used:
            lot.open += points
        self.debts(sale.member)
        return sum(points for _, points in sale.used)

    def post(self, of: str, said: dict[str, Any], now: int) -> int:
        if of not in self.held:
            raise No("reservation-expired" if of in self.sales else "already-resolved")
        sale, _ = self.held[of]
        left = said["points"]
        if left > sum(points for _, points in sale.used):
            raise No("exceeds-reservation")
        posted = Sale("post", sale.member, sale.partner, left)
        for lot, points in sale.used:
            some = min(points, left)
            left -= some
            if some:
                posted.used.append((lot, some))
                self.pays(lot, sale.partner, some)
            lot.open += points - some
        del self.held[of]
        self.sales[said["id"]] = posted
        self.debts(sale.member)
        return -int(said["points"])

    def refund(self, of: str, said: dict[str, Any], now: int) -> int:
        sale = self.sales[of]
        wanted = said.get("amount_cents", said.get("points", sale.amount))
        if wanted > sale.amount or not wanted:
            raise No("exceeds-sale")
        if sale.kind == "earn":
            return self.refund_earn(sale, wanted)
        sale.amount -= wanted
        left, new = wanted, 0
        while left:
            lot, points = sale.used.pop()
            some = min(points, left)
            left -= some
            if points > some:
                sale.used.append((lot, points - some))
            self.pays(lot, sale.partner, some, -1)
            if lot.ends <= now:
                new += 1
                ends = now + 30 * 86_400_000
                lot = Lot(lot.member, lot.issuer, lot.payer, lot.price, ends, (lot.made[0], self.count, new))
                self.lots.append(lot)
            lot.open += some
        self.debts(sale.member)
        return int(wanted)

    def refund_earn(self, sale: Sale, cents: int) -> int:
        per = PER[sale.partner]
        taken = left = sale.amount // per - (sale.amount - cents) // per
        sale.amount -= cents
        for lot in reversed(sale.lots):
            some = min(left, lot.open)
            lot.open -= some
            left -= some
            if lot.block is not None:
                lot.block[0] += some
        for lot in self.open_of(sale.member):
            some = min(left, lot.open)
            lot.open -= some
            left -= some
            if some:
                self.pays(lot, sale.partner, some)
        self.owed[sale.member, sale.partner] += left
        return -taken

    def withdraw(self, of: str, said: dict[str, Any], now: int) -> int:
        sale = self.sales.get(of)
        return self.refund(of, {}, now) if sale is not None and sale.amount else 0
