"""What the ledger answers: transfers, members, lots, statements, what is still open."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from gateway.club import loading, settle, writing
from gateway.club.books import LEDGER, MONEY, Books, Draft, Entry, Lot, Transfer
from gateway.club.ledger import Ledger
from gateway.club.money import CENT
from gateway.club.problems import Refused
from gateway.club.requests import ID, moment
from gateway.club.settle import Flow, Open
from gateway.club.writing import text_of
from gateway.events import times
from gateway.hub.database import Tx, among, first

Answer = dict[str, Any]


async def transfer(ledger: Ledger, id_: str) -> Answer:
    """A transfer with its entries; raises Refused."""

    async def query(tx: Tx) -> Answer:
        sql = f"SELECT {loading.TRANSFER}, hash FROM transfers WHERE id = ?"  # noqa: S608 - names of ours
        row = await first(tx, sql, id_)
        if row is None:
            raise Refused("no-such-transfer")
        found = loading.transfer_of(row[:-1])
        sql = "SELECT n, unit, debit, credit, amount, follows FROM entries WHERE position = ? ORDER BY n"
        entries = [Entry(*each) for each in await tx.all(sql, found.position)]
        return {
            "id": found.id, "position": found.position, "kind": found.kind, "at": times.iso(found.at / 1000),
            "body": json.loads(found.body), "answer": found.answer, "entries": [each.wire() for each in entries],
            "hash": bytes(row[-1]).hex(),
        }  # fmt: skip

    return await ledger.database.read(query)


async def member(ledger: Ledger, id_: str, now: int) -> Answer:
    """What a member has: of all records that are one person."""
    await ledger.tidy(now, [id_])

    async def query(tx: Tx) -> Answer:
        books = await loading.load(tx, ledger.rules, (), 0, [id_])
        family = books.family(id_)
        lots = [lot for each in family for lot in books.open_lots(each)]
        owed = sum(points for _, _, points in books.debts(family))
        until: dict[int, int] = defaultdict(int)
        for lot in lots:
            if lot.expires_at is not None:
                until[lot.expires_at] += books.open[lot.account]
        held = [books.reserved(books.transfers[each]) for each in books.pending]
        return {
            "member": id_,
            "points": sum(books.open[lot.account] for lot in lots) - owed,
            "reserved": sum(points for some in held for _, points in some),
            "owed": owed,
            "expiring": [{"points": until[at], "at": times.iso(at / 1000)} for at in sorted(until)],
        }

    return await ledger.database.read(query)


async def lots(ledger: Ledger, id_: str, now: int) -> Answer:
    """The lots of a member: what each was, what is open of it, what is held."""
    await ledger.tidy(now, [id_])

    async def query(tx: Tx) -> Answer:
        family = (await loading.load(tx, ledger.rules, (), 0, [id_])).family(id_)
        sql = f"""
        SELECT {loading.LOT}, a.balance, (SELECT sum(e.amount) FROM entries e WHERE e.position = l.position
        AND e.credit = l.account) FROM lots l JOIN accounts a ON a.id = l.account WHERE l.member
        """  # noqa: S608 - names of ours
        rows = await among(tx, sql, family)
        found = sorted((Lot(*row[:-2]), row[-2], int(row[-1] or 0)) for row in rows)
        sql = "SELECT id, balance FROM accounts WHERE balance > 0 AND id >= 'reserved:' AND id < 'reserved;'"
        held: dict[str, int] = defaultdict(int)
        for account, balance in await tx.all(sql):
            held[f"lot:{account.split(':', 2)[2]}"] += balance
        return {
            "member": id_,
            "lots": [
                {
                    "lot": lot.account, "issuer": lot.issuer, "price_mc": lot.price, "points": given, "open": open_,
                    "reserved": held[lot.account], "earned_at": times.iso(lot.earned_at / 1000),
                    "expires_at": None if lot.expires_at is None else times.iso(lot.expires_at / 1000),
                }
                for lot, open_, given in sorted(found, key=lambda each: each[0].order)
            ],
        }  # fmt: skip

    return await ledger.database.read(query)


async def liability(ledger: Ledger, now: int) -> Answer:
    """What is still open of every partner's points."""
    await ledger.tidy(now)

    async def query(tx: Tx) -> list[Open]:
        sql = """
        SELECT l.issuer, l.price, l.earned_at, a.balance FROM lots l JOIN accounts a ON a.id = l.account
        WHERE a.balance > 0
        """
        found = [Open(*row) for row in await tx.all(sql)]
        sql = "SELECT id, balance FROM accounts WHERE balance > 0 AND id >= 'reserved:' AND id < 'reserved;'"
        held: dict[str, int] = defaultdict(int)
        for account, balance in await tx.all(sql):
            held[f"lot:{account.split(':', 2)[2]}"] += balance
        sql = "SELECT account, issuer, price, earned_at FROM lots WHERE account"
        rows = await among(tx, sql, held)
        return found + [Open(issuer, price, earned, held[account]) for account, issuer, price, earned in rows]

    rows = await ledger.database.read(query)
    return settle.liability(rows, ledger.rules.partners, ledger.rules.club.expected_breakage, now)


# --- statements -------------------------------------------------------------------------------------------------------


async def _money(tx: Tx, after: int, through: int) -> list[Flow]:
    """What moved between accounts of money behind a position and up to another."""
    sql = """
    SELECT debit, credit, sum(amount) FROM entries WHERE unit = 'mc' AND position > ? AND position <= ?
    GROUP BY debit, credit
    """
    return [Flow(debit, credit, int(amount)) for debit, credit, amount in await tx.all(sql, after, through)]


async def _points(tx: Tx, after: int, through: int) -> list[Flow]:
    """What came to and went from the points accounts of partners; the other side is left out."""
    accounts: list[str] = []
    for kind in settle.POINT_ACCOUNTS:
        rows = await tx.all("SELECT id FROM accounts WHERE id >= ? AND id < ?", f"{kind}:", f"{kind};")
        accounts += [id_ for (id_,) in rows]
    found = []
    for side in ("debit", "credit"):
        sql = f"SELECT {side}, amount FROM entries WHERE unit = 'pt' AND position > ? AND position <= ? AND {side}"  # noqa: S608
        total: dict[str, int] = defaultdict(int)
        for account, amount in await among(tx, sql, accounts, after, through):
            total[account] += amount
        found += [Flow(*((each, "") if side == "debit" else ("", each)), total[each]) for each in sorted(total)]
    return found


def partners_in(body: str) -> list[str]:
    """Whom a statement names."""
    return list(json.loads(body)["partners"])


async def cut(tx: Tx, partners: Iterable[str], zone: ZoneInfo, id_: str, after: int, through: int) -> Answer:
    """The statement between two positions."""
    before = await _money(tx, 0, after)
    between = await _money(tx, after, through)
    points = await _points(tx, after, through)
    body = settle.statement(id_, through, partners, before, [*before, *between], points)
    late = await _late(tx, zone, after, through)
    return {**body, "late": late} if late else body


async def _late(tx: Tx, zone: ZoneInfo, after: int, through: int) -> list[Answer]:
    """What was made before the statement before was cut, and came after it: each with its own day."""
    cut_before = await first(tx, "SELECT \"at\" FROM transfers WHERE position = ? AND kind = 'settle'", after + 1)
    if cut_before is None:
        return []
    sql = """
    SELECT id, kind, partner, "at" FROM transfers WHERE position > ? AND position <= ? AND "at" < ?
    AND partner IS NOT NULL AND "by" IS DISTINCT FROM ? ORDER BY position
    """
    rows = await tx.all(sql, after, through, cut_before[0], LEDGER)
    return [{"id": id_, "kind": kind, "partner": partner, "day": _day(zone, at)} for id_, kind, partner, at in rows]


def _day(zone: ZoneInfo, at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).date().isoformat()


async def make_statement(ledger: Ledger, said: Mapping[str, Any], now: int, by: str = "") -> tuple[str, bool]:
    """Cuts a statement at where the books stand, or finds the one of this id: its text, and whether it is new."""
    id_ = said.get("id")
    if not isinstance(id_, str) or not ID.fullmatch(id_):
        raise Refused("message", why="id: expected 1 to 64 letters, digits, '-' and '_'")
    at = moment(said.get("at"), now)
    if (known := await _statement(ledger, id_)) is not None:
        return known, False
    await ledger.tidy(now)

    async def change(tx: Tx) -> tuple[str, bool]:
        sql = "UPDATE heads SET position = position WHERE club = ? RETURNING position, hash"
        ((through, hash_),) = await tx.all(sql, ledger.club)
        row = await first(tx, "SELECT body FROM statements WHERE id = ?", id_)
        if row is not None:
            return row[0], False
        if await first(tx, "SELECT 1 FROM transfers WHERE id = ? OR (\"of\" = ? AND kind = 'withdraw')", id_, id_):
            raise Refused("id-taken")
        ((after,),) = await tx.all("SELECT coalesce(max(through), 0) FROM statements")
        body = await cut(tx, ledger.rules.partners, ledger.rules.zone, id_, after, through)
        text = text_of(body)
        booked = _settled(ledger, body, id_, at, now, by, through)
        await writing.write(tx, ledger.club, [booked.transfer], hash_, booked.books)
        sql = 'INSERT INTO statements (id, "from", through, body, hash) VALUES (?, ?, ?, ?, ?)'
        await tx.run(sql, id_, after, through, text, sha256(text.encode()).digest())
        return text, True

    return await ledger.database.transact(change)


def _settled(ledger: Ledger, body: Answer, id_: str, at: int, now: int, by: str, through: int) -> Draft:
    """The transfer that moves whole cents of a statement from what partners owe so far to what is due."""
    books = Books(ledger.rules, through)
    said = {"id": id_, "kind": "settle", "at": times.iso(at / 1000), "by": by or LEDGER, "through": through}
    made = Transfer(id_, through + 1, "settle", at=at, booked_at=now, by=by or LEDGER, body=text_of(said))
    draft = Draft(books, made)
    for partner, part in body["partners"].items():
        net, clearing, due = part["net_cents"], f"clearing:{partner}", f"due:{partner}"
        debit, credit = (clearing, due) if net > 0 else (due, clearing)
        draft.move(MONEY, debit, credit, abs(net) * CENT)
    made.answer = {"id": id_, "position": made.position, "kind": "settle"}
    return draft


async def _statement(ledger: Ledger, id_: str) -> str | None:
    async def query(tx: Tx) -> str | None:
        row = await first(tx, "SELECT body FROM statements WHERE id = ?", id_)
        return None if row is None else row[0]

    return await ledger.database.read(query)


async def statement(ledger: Ledger, id_: str) -> str:
    """The text of a statement, the same bytes for ever; raises Refused."""
    found = await _statement(ledger, id_)
    if found is None:
        raise Refused("no-such-statement")
    return found


async def statement_through(ledger: Ledger, id_: str, through: int) -> Answer:
    """What a statement would say that was cut at a position, behind the last one before it; nothing is booked."""

    async def query(tx: Tx) -> Answer:
        sql = "SELECT coalesce(max(through), 0) FROM statements WHERE through < ?"
        ((after,),) = await tx.all(sql, through)
        return await cut(tx, ledger.rules.partners, ledger.rules.zone, id_, after, through)

    return await ledger.database.read(query)


async def statements(ledger: Ledger) -> list[Answer]:
    """Every statement: its id, where it was cut, and whether all of it is paid."""

    async def query(tx: Tx) -> list[Answer]:
        sql = 'SELECT id, "from", through, paid_at FROM statements ORDER BY through'
        return [
            {"id": id_, "from": after, "through": through, "paid_at": None if paid is None else times.iso(paid / 1000)}
            for id_, after, through, paid in await tx.all(sql)
        ]

    return await ledger.database.read(query)


async def history(ledger: Ledger, member: str) -> list[Answer]:
    """Everything that was booked for a member, oldest first."""

    async def query(tx: Tx) -> list[Answer]:
        sql = 'SELECT position, "at", answer, partner, "of" FROM transfers WHERE member = ? ORDER BY position'
        return [
            {"at": times.iso(at / 1000), "partner": partner, "of": of, **json.loads(answer)}
            for _, at, answer, partner, of in await tx.all(sql, member)
        ]

    return await ledger.database.read(query)


async def partner_of(ledger: Ledger, id_: str) -> str | None:
    """Which partner a transfer is of; None where there is no such transfer."""

    async def query(tx: Tx) -> str | None:
        row = await first(tx, "SELECT partner FROM transfers WHERE id = ?", id_)
        return None if row is None else row[0] or ""

    return await ledger.database.read(query)


async def blocks(ledger: Ledger, partner: str = "") -> list[Answer]:
    """Blocks with what is left of them, oldest first: of one partner, or (empty) of all."""

    async def query(tx: Tx) -> list[Answer]:
        sql = """
        SELECT t.id, t.partner, t."at", t.answer, a.balance FROM transfers t
        JOIN accounts a ON a.id = 'block:' || t.id WHERE t.kind = 'block' ORDER BY t.position
        """
        found = []
        for id_, whose, at, answer, left in await tx.all(sql):
            if partner in ("", whose):
                said = json.loads(answer)
                facts = {"id": id_, "partner": whose, "at": times.iso(at / 1000), "points": said["points"]}
                found.append({**facts, "price_mc": said["price_mc"], "left": left})
        return found

    return await ledger.database.read(query)
