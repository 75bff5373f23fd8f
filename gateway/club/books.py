"""The open part of the books, as far as a batch of requests needs it, and what is being booked on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gateway.club.rules import Row, Rules

POINTS, MONEY = "pt", "mc"
LEDGER = "ledger"
"""Who does what time brings by itself."""
GIVING_BACK = ("refund", "withdraw")


class Lot(NamedTuple):
    """The points of one earning: what is open of them is the balance of the account of the same name."""

    account: str
    member: str
    issuer: str
    payer: str
    price: int
    block: str | None
    earned_at: int
    expires_at: int | None
    position: int
    n: int

    @property
    def order(self) -> tuple[float, int, int, int]:
        """In which order lots are used."""
        return (float("inf") if self.expires_at is None else self.expires_at, self.earned_at, self.position, self.n)


class Entry(NamedTuple):
    """An amount from one account to another; ``follows`` is the points entry whose money it is."""

    n: int
    unit: str
    debit: str
    credit: str
    amount: int
    follows: int | None

    def wire(self) -> dict[str, Any]:
        """As it is answered and hashed."""
        return {
            "debit": self.debit, "credit": self.credit, "amount": self.amount, "unit": self.unit,
            "follows": self.follows,
        }  # fmt: skip


@dataclass(slots=True)
class Transfer:
    """All that one request booked."""

    id: str
    position: int
    kind: str
    member: str = ""
    partner: str = ""
    venue: str = ""
    sale: str = ""
    of: str = ""
    closes: str | None = None
    at: int = 0
    booked_at: int = 0
    by: str = ""
    rule: Row | None = None
    body: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)


class Join(NamedTuple):
    """Two members are one person, from a position on, until another."""

    member: str
    other: str
    begins: int
    ends: int | None


class Block(NamedTuple):
    """Points that a partner may issue because it paid before."""

    account: str
    price: int
    position: int


class Pending(NamedTuple):
    """A reservation that is not resolved; an allowance has no time at which it ends by itself."""

    id: str
    member: str
    expires_at: int | None


def lot_of(account: str) -> str:
    """The lot whose points an account holds: of ``lot:T`` itself, of ``reserved:R:T`` the lot ``lot:T``."""
    return account if account.startswith("lot:") else f"lot:{account.split(':', 2)[2]}"


def is_members(account: str) -> bool:
    """Whether an account holds the points of a lot, open or reserved."""
    return account.startswith(("lot:", "reserved:"))


class Books:
    """What is known of the ledger while a batch is decided; everything booked changes it at once."""

    def __init__(self, rules: Rules, position: int) -> None:
        self.rules = rules
        self.position = position
        self.open: dict[str, int] = defaultdict(int)
        """Balances of accounts of points that end at nothing: lots, reserved, owed, blocks."""
        self.lots: dict[str, Lot] = {}
        self.of_member: dict[str, set[str]] = defaultdict(set)
        self.transfers: dict[str, Transfer] = {}
        self.about: dict[str, list[Transfer]] = defaultdict(list)
        """What refers to a transfer: refunds, posts, voids, withdrawals."""
        self.sales: dict[tuple[str, str], str] = {}
        self.joins: list[Join] = []
        self.pending: dict[str, Pending] = {}
        self.blocks: dict[str, list[Block]] = defaultdict(list)
        self.debtors: set[str] = set()
        """Members who owe, or did a moment ago."""
        self.left: set[str] = set()
        """Members who were erased."""
        self.crossing: list[Transfer] = []
        """What moved points of the lots of one family; loaded where two of it are to be parted."""

    # --- what is there ------------------------------------------------------------------------------------------------

    def add_lot(self, lot: Lot, balance: int) -> None:
        """A lot that is there, with what is open of it."""
        self.lots[lot.account] = lot
        self.of_member[lot.member].add(lot.account)
        self.open[lot.account] = balance

    def add_transfer(self, transfer: Transfer) -> None:
        """A transfer that is there."""
        if transfer.id not in self.transfers:
            self.transfers[transfer.id] = transfer
            if transfer.of:
                self.about[transfer.of].append(transfer)
            if transfer.kind == "earn" and transfer.sale:
                self.sales[transfer.partner, transfer.sale] = transfer.id

    def family(self, member: str, before: int | None = None) -> list[str]:
        """Who is one person with a member, themselves first; ``before``: and has been since that position."""
        if not self.joins:
            return [member]
        found, seen = [member], {member}
        for each in found:
            for join in self.joins:
                if join.ends is None and each in join[:2] and (before is None or join.begins <= before):
                    other = join.other if join.member == each else join.member
                    if other not in seen:
                        seen.add(other)
                        found.append(other)
        return [member, *sorted(found[1:])]

    def open_lots(self, member: str) -> list[Lot]:
        """The open lots of a member alone, in the order in which they are used."""
        found = [self.lots[each] for each in self.of_member.get(member, ()) if self.open[each] > 0]
        return sorted(found, key=lambda lot: lot.order)

    def due_lots(self, member: str, now: int) -> list[Lot]:
        """The open lots of a member that have ended by now."""
        return [
            lot
            for each in self.of_member.get(member, ())
            if (lot := self.lots[each]).expires_at is not None and lot.expires_at <= now and self.open[each] > 0
        ]

    def family_lots(self, member: str) -> list[Lot]:
        """The open lots that a member may spend: their own first."""
        own = self.open_lots(member)
        if not self.joins:
            return own
        others = [lot for each in self.family(member)[1:] for lot in self.open_lots(each)]
        return own + sorted(others, key=lambda lot: lot.order)

    def available(self, member: str) -> int:
        """How many points a member may spend."""
        return sum(max(0, self.open[lot]) for each in self.family(member) for lot in self.of_member.get(each, ()))

    def debts(self, members: Iterable[str]) -> list[tuple[str, str, int]]:
        """What members owe, in the order in which it is paid: account, creditor, points."""
        return [
            (account, creditor, -self.open[account])
            for member in members
            if member in self.debtors
            for creditor in self.rules.creditors
            if (account := f"owed:{member}:{creditor}") in self.open and self.open[account] < 0
        ]

    def open_blocks(self, partner: str) -> list[Block]:
        """The blocks of a partner from which points may still be issued, oldest first."""
        found = [each for each in self.blocks.get(partner, ()) if self.open[each.account] > 0]
        return sorted(found, key=lambda block: block.position)

    def reserved(self, reservation: Transfer) -> list[tuple[str, int]]:
        """What a reservation still holds: account and points, in the order in which lots are used."""
        held = [entry.credit for entry in reservation.entries if entry.credit.startswith("reserved:")]
        return [(each, self.open[each]) for each in held if self.open[each] > 0]

    def withdrawn(self, id_: str) -> bool:
        """Whether an id was taken back."""
        return any(each.kind == "withdraw" for each in self.about.get(id_, ()))

    def resolved_by(self, reservation: str) -> Transfer | None:
        """What resolved a reservation; None while it is pending."""
        return next((each for each in self.about.get(reservation, ()) if each.closes == reservation), None)


class Draft:
    """A transfer while it is made: each entry moves the balances, and ``undo`` moves them back."""

    def __init__(self, books: Books, transfer: Transfer) -> None:
        self.books = books
        self.transfer = transfer
        self._pending: list[tuple[str, Pending | None]] = []
        self._joins = list(books.joins)

    def move(self, unit: str, debit: str, credit: str, amount: int, follows: int | None = None) -> int:
        """An entry; its number. Nothing where no amount moves, or from an account to itself."""
        entries = self.transfer.entries
        if amount <= 0 or debit == credit:
            return -1
        n = len(entries) + 1
        entries.append(Entry(n, unit, debit, credit, amount, follows))
        if unit == POINTS:
            if debit.startswith("owed:"):
                self.books.debtors.add(debit.split(":")[1])
            self.books.open[debit] -= amount
            self.books.open[credit] += amount
        return n

    def new_lot(
        self, member: str, issuer: str, payer: str, price: int, block: str | None, expires_at: int | None, at: int
    ) -> Lot:
        """A lot of this transfer, still empty."""
        n = len(self.transfer.lots) + 1
        account = f"lot:{self.transfer.id}" if n == 1 else f"lot:{self.transfer.id}.{n}"
        lot = Lot(account, member, issuer, payer, price, block, at, expires_at, self.transfer.position, n)
        self.transfer.lots.append(lot)
        self.books.add_lot(lot, 0)
        return lot

    def pays(self, payer: str, creditor: str, price: int, points: int, follows: int) -> None:
        """The money of points that go to a creditor: at most what the partner is paid, the rest is the fund's."""
        if creditor == "club":
            self.move(MONEY, payer, "fund", points * price, follows)
            return
        partner = self.books.rules.partners.get(creditor)
        own = payer in (f"clearing:{creditor}", f"pool:{creditor}")
        paid = price if own or partner is None else min(price, partner.pay_mc)
        self.move(MONEY, payer, f"clearing:{creditor}", points * paid, follows)
        self.move(MONEY, payer, "fund", points * (price - paid), follows)

    def pend(self, pending: Pending) -> None:
        """A reservation that waits to be resolved."""
        self._pending.append((pending.id, self.books.pending.get(pending.id)))
        self.books.pending[pending.id] = pending

    def resolve(self, reservation: str) -> None:
        """A reservation is resolved by this transfer."""
        self.transfer.closes = reservation
        self._pending.append((reservation, self.books.pending.pop(reservation, None)))

    def settle_debts(self, member: str) -> int:
        """Pays what a person owes with the lots that are open; how many points."""
        if not self.books.debtors:
            return 0
        family, paid = self.books.family(member), 0
        for debtor in family:
            for account, creditor, owed in self.books.debts([debtor]):
                for lot in self.books.family_lots(debtor):
                    points = min(owed, self.books.open[lot.account])
                    follows = self.move(POINTS, lot.account, account, points)
                    self.pays(lot.payer, creditor, lot.price, points, follows)
                    owed -= points
                    paid += points
                    if not owed:
                        break
        return paid

    def keep(self) -> Transfer:
        """The transfer, booked in these books."""
        self.books.add_transfer(self.transfer)
        self.books.position = self.transfer.position
        return self.transfer

    def undo(self) -> None:
        """As if it had never been begun."""
        books, transfer = self.books, self.transfer
        for entry in transfer.entries:
            if entry.unit == POINTS:
                books.open[entry.debit] += entry.amount
                books.open[entry.credit] -= entry.amount
        for lot in transfer.lots:
            del books.lots[lot.account]
            books.of_member[lot.member].discard(lot.account)
        for id_, before in reversed(self._pending):
            if before is None:
                books.pending.pop(id_, None)
            else:
                books.pending[id_] = before
        books.joins = self._joins
