"""What a request and the open lots come to: pure, without a clock and without a database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from gateway.club import merging, money, refunds, rules
from gateway.club.books import LEDGER, POINTS, Books, Draft, Pending, Transfer
from gateway.club.problems import Refused
from gateway.club.requests import MOST_POINTS, Request, text_of
from gateway.events import times

QUARTER = 4
MINUTES = 10
"""How long a reservation at a till holds that names no time."""
AT_A_TILL = ("earn", "burn", "reserve", "post")
Answer = dict[str, Any]


class Batch:
    """Requests that are decided one after the other; ``booked`` is what is to be written."""

    def __init__(self, books: Books, now: int) -> None:
        self.books = books
        self.now = now
        self.booked: list[Transfer] = []
        self._kinds: dict[str, Callable[[Draft, Request], Answer]] = {
            "earn": self._earn, "grant": self._grant, "burn": self._burn, "reserve": self._reserve,
            "post": self._post, "void": self._void, "refund": self._refund, "withdraw": self._withdraw,
            "block": money.block, "cost": money.cost, "pay": money.pay, "write_off": money.write_off,
            "merge": merging.merge, "unmerge": merging.unmerge,
        }  # fmt: skip

    def book(self, request: Request) -> Answer:
        """The answer to a request; raises Refused, and then nothing of it is left."""
        known = self.books.transfers.get(request.id)
        if self.books.withdrawn(request.id):
            raise Refused("withdrawn")
        if known is not None:
            if known.body != request.text:
                raise Refused("id-taken")
            return {**known.answer, "replayed": True}
        self.tidy(self._whom(request))
        transfer = Transfer(
            request.id, self.books.position + 1, request.kind, request.word("member"), request.word("partner"),
            request.word("venue"), request.word("sale"), request.word("of"), None, request.at, self.now,
            request.word("by"), None, request.text,
        )  # fmt: skip
        draft = Draft(self.books, transfer)
        try:
            if transfer.kind in AT_A_TILL and transfer.venue in self.books.rules.club.nothing_sold:
                raise Refused("nothing-sold-here")
            said = self._kinds[request.kind](draft, request)
        except Refused:
            draft.undo()
            raise
        transfer.answer = {"id": transfer.id, "position": transfer.position, "kind": transfer.kind, **said}
        self.booked.append(draft.keep())
        return transfer.answer

    def _whom(self, request: Request) -> list[str]:
        of = self.books.transfers.get(request.word("of"))
        named = [request.word("member"), request.word("with"), of.member if of is not None else ""]
        return [each for each in dict.fromkeys(named) if each]

    # --- what time brings ---------------------------------------------------------------------------------------------

    def tidy(self, members: Iterable[str]) -> None:
        """Lets go of what members hold in reservations that have ended, and ends the lots that are due."""
        books = self.books
        for member in dict.fromkeys(other for each in members for other in books.family(each)):
            if books.pending:
                due = [
                    each for each in books.pending.values()
                    if each.member == member and each.expires_at is not None and each.expires_at <= self.now
                ]  # fmt: skip
                for pending in sorted(due, key=lambda each: (each.expires_at or 0, each.id)):
                    self._let_go(pending)
            if lots := sorted(books.due_lots(member, self.now), key=lambda lot: lot.order):
                for moment in sorted({lot.expires_at or 0 for lot in lots}):
                    self._expire(member, [lot.account for lot in lots if lot.expires_at == moment], moment)
            if member in books.left:
                self._expire(member, [lot.account for lot in books.open_lots(member)], self.now, "erased")

    def _own(self, kind: str, member: str, at: int, **more: str) -> Draft:
        position = self.books.position + 1
        id_ = f"{kind}:{position}"
        body = {"id": id_, "kind": kind, "at": times.iso(at / 1000), "by": LEDGER, "member": member, **more}
        return Draft(
            self.books,
            Transfer(
                id_, position, kind, member, of=more.get("of", ""), at=at, booked_at=self.now, by=LEDGER,
                body=text_of(body),
            ),
        )  # fmt: skip

    def _keep(self, draft: Draft, points: int, **more: Any) -> None:
        made = draft.transfer
        made.answer = {"id": made.id, "position": made.position, "kind": made.kind, "points": points, **more}
        self.booked.append(draft.keep())

    def _let_go(self, pending: Pending) -> None:
        draft = self._own("void", pending.member, pending.expires_at or 0, of=pending.id)
        released = self._release(draft, self.books.transfers[pending.id])
        draft.resolve(pending.id)
        draft.settle_debts(pending.member)
        self._keep(draft, released, released=released)

    def _expire(self, member: str, lots: list[str], at: int, reason: str = "") -> None:
        if not lots:
            return
        books = self.books
        draft = self._own("expire", member, at, **({"reason": reason} if reason else {}))
        points = 0
        for account in lots:
            lot, open_ = books.lots[account], books.open[account]
            follows = draft.move(POINTS, account, f"expired:{lot.issuer}", open_)
            money.breakage(draft, lot, open_, follows)
            points += open_
        self._keep(draft, -points)

    # --- points of a sale ---------------------------------------------------------------------------------------------

    def _earn(self, draft: Draft, request: Request) -> Answer:
        made, books = draft.transfer, self.books
        row = books.rules.row(made.partner, "earn", request.word("category") or "default", request.at)
        if row is None or made.partner not in books.rules.partners:
            raise Refused("no-such-rule")
        if made.sale and (made.partner, made.sale) in books.sales:
            raise Refused("sale-taken")
        cents = request.count("amount_cents") or 0
        points = rules.points_of(row, cents)
        if points > MOST_POINTS:
            raise Refused("message", why=f"amount_cents: it would earn more than {MOST_POINTS:,} points")
        made.rule = row
        self._give(draft, request, points)
        return {"points": points, "amount_cents": cents}

    def _grant(self, draft: Draft, request: Request) -> Answer:
        if draft.transfer.partner not in self.books.rules.partners:
            raise Refused("no-such-rule")
        points = request.count("points") or 0
        self._give(draft, request, points)
        return {"points": points}

    def _give(self, draft: Draft, request: Request, points: int) -> None:
        made, books = draft.transfer, self.books
        partner = books.rules.partners[made.partner]
        until, issued = books.rules.expiry(request.at), f"issued:{partner.id}"
        if partner.billing == "prepaid":
            blocks = books.open_blocks(partner.id)
            missing = points - sum(books.open[each.account] for each in blocks)
            if missing > 0 and partner.when_empty != "postpaid" and not request.flag("offline"):
                raise Refused("block-empty", missing=missing)
            for block in blocks:
                some = min(points, books.open[block.account])
                if some:
                    lot = draft.new_lot(
                        made.member, partner.id, f"pool:{partner.id}", block.price, block.account, until, request.at
                    )
                    draft.move(POINTS, issued, lot.account, some)
                    draft.move(POINTS, block.account, f"blocks:{partner.id}", some)
                    points -= some
        if points:
            lot = draft.new_lot(
                made.member, partner.id, f"clearing:{partner.id}", partner.charge_mc, None, until, request.at
            )
            draft.move(POINTS, issued, lot.account, points)
        draft.settle_debts(made.member)

    # --- points that are spent ----------------------------------------------------------------------------------------

    def _burn(self, draft: Draft, request: Request) -> Answer:
        made, points = draft.transfer, request.count("points") or 0
        row = self._burn_row(made.partner, request)
        self._may_burn(row, request, points)
        if self.books.available(made.member) < points:
            raise Refused("insufficient-points", available=self.books.available(made.member))
        self._confirmed(request, points)
        made.rule = row
        self._spend(draft, points)
        return {"points": -points, "value_cents": rules.worth(row, points)}

    def _burn_row(self, partner: str, request: Request) -> rules.Row:
        row = self.books.rules.row(partner, "burn", "", request.at)
        if row is None or partner not in self.books.rules.partners:
            raise Refused("not-a-burn-partner")
        return row

    @staticmethod
    def _may_burn(row: rules.Row, request: Request, points: int) -> None:
        if points < row["min_points"] or points % row["step"]:
            raise Refused("points-not-allowed", min_points=row["min_points"], step=row["step"])
        sale = request.count("sale_cents")
        if sale is None and row["max_share"] < 100:
            raise Refused("message", why="sale_cents: points may pay a part of the bill only")
        if sale is not None and points > (most := rules.most_points(row, sale)):
            raise Refused("share-exceeded", most_points=most)

    def _confirmed(self, request: Request, points: int) -> None:
        over = self.books.rules.club.confirm_over
        if points > over and request.word("confirmed") not in ("tag", "page"):
            raise Refused("confirm-first", ways=["tag", "page"])

    def _spend(self, draft: Draft, points: int) -> None:
        """Takes open points for good; the rest is left where there are not enough."""
        made = draft.transfer
        for lot in self.books.family_lots(made.member):
            some = min(points, self.books.open[lot.account])
            follows = draft.move(POINTS, lot.account, f"redeemed:{made.partner}", some)
            draft.pays(lot.payer, made.partner, lot.price, some, follows)
            points -= some
            if not points:
                return

    # --- points that are held -----------------------------------------------------------------------------------------

    def _reserve(self, draft: Draft, request: Request) -> Answer:
        made, books = draft.transfer, self.books
        if made.partner:
            self._burn_row(made.partner, request)
        available, points, expires = books.available(made.member), request.count("points"), None
        if request.flag("allowance"):
            row = books.rules.allowances.get(made.venue)
            if row is None:
                raise Refused("no-such-rule")
            most = min(row.points, available // QUARTER)
            points = most if points is None else min(points, most)
            if not points:
                raise Refused("insufficient-points", available=most)
        elif points is None:
            raise Refused("message", why="points: missing in a request of kind reserve")
        else:
            expires = self.now + 60_000 * (request.count("minutes") or MINUTES)
        if points > available:
            raise Refused("insufficient-points", available=available)
        left = points
        for lot in books.family_lots(made.member):
            some = min(left, books.open[lot.account])
            draft.move(POINTS, lot.account, f"reserved:{made.id}:{lot.account.removeprefix('lot:')}", some)
            left -= some
            if not left:
                break
        draft.pend(Pending(made.id, made.member, expires))
        ends = {} if expires is None else {"expires": times.iso(expires / 1000)}
        return {"points": -points, "reserved": points, **ends}

    def _reservation(self, draft: Draft, request: Request) -> Transfer:
        found, made = self.books.transfers.get(request.word("of")), draft.transfer
        if found is None or found.kind != "reserve" or (made.member and made.member != found.member):
            raise Refused("no-such-reservation")
        if made.partner and found.partner and made.partner != found.partner:
            raise Refused("no-such-reservation")
        made.member, made.partner = found.member, made.partner or found.partner
        made.venue = made.venue or found.venue
        return found

    def _post(self, draft: Draft, request: Request) -> Answer:
        books, made = self.books, draft.transfer
        reservation = self._reservation(draft, request)
        lent = reservation.id in books.pending and books.pending[reservation.id].expires_at is None
        resolved = books.resolved_by(reservation.id)
        row = self._burn_row(made.partner, request)
        if resolved is not None:
            if not _is_forced(resolved):
                raise Refused("reservation-expired" if resolved.by == LEDGER else "already-resolved")
            return self._post_late(draft, request, reservation, row)
        reserved = sum(points for _, points in books.reserved(reservation))
        points = request.count("points") or reserved
        if points > reserved or not points:
            raise Refused("exceeds-reservation", reserved=reserved)
        if not request.flag("offline"):
            self._may_burn(row, request, points)
        if not lent:
            self._confirmed(request, points)
        made.rule, left = row, points
        for account, held in books.reserved(reservation):
            some = min(left, held)
            lot = books.lots[f"lot:{account.split(':', 2)[2]}"]
            follows = draft.move(POINTS, account, f"redeemed:{made.partner}", some)
            draft.pays(lot.payer, made.partner, lot.price, some, follows)
            left -= some
        answer = {"points": -points, "value_cents": rules.worth(row, points)}
        if lent:
            return answer
        released = self._release(draft, reservation)
        draft.resolve(reservation.id)
        draft.settle_debts(made.member)
        return {**answer, "released": released}

    def _post_late(self, draft: Draft, request: Request, reservation: Transfer, row: rules.Row) -> Answer:
        """What a venue spent of an allowance that was voided by force: what is there is taken, the rest is its loss."""
        books, made = self.books, draft.transfer
        posts = [each for each in books.about[reservation.id] if each.kind == "post"]
        left = reservation.answer["reserved"] + sum(each.answer["points"] for each in posts)
        points = request.count("points") or left
        if points > left or not points:
            raise Refused("exceeds-reservation", reserved=left)
        made.rule, there = row, min(points, books.available(made.member))
        if there:
            self._spend(draft, there)
        draft.move(POINTS, f"shortfall:{made.partner}", f"redeemed:{made.partner}", points - there)
        return {"points": -points, "value_cents": rules.worth(row, points), "shortfall": points - there}

    def _void(self, draft: Draft, request: Request) -> Answer:
        reservation = self._reservation(draft, request)
        if self.books.resolved_by(reservation.id) is not None:
            raise Refused("already-resolved")
        released = self._release(draft, reservation)
        draft.resolve(reservation.id)
        draft.settle_debts(draft.transfer.member)
        return {"points": released, "released": released}

    def _release(self, draft: Draft, reservation: Transfer) -> int:
        released = 0
        for account, held in self.books.reserved(reservation):
            draft.move(POINTS, account, f"lot:{account.split(':', 2)[2]}", held)
            released += held
        return released

    # --- taken back ---------------------------------------------------------------------------------------------------

    def _refund(self, draft: Draft, request: Request) -> Answer:
        of, made = self.books.transfers.get(request.word("of")), draft.transfer
        if of is None or not refunds.is_refundable(of):
            raise Refused("no-such-transfer")
        if any(said and said != theirs for said, theirs in ((made.member, of.member), (made.partner, of.partner))):
            raise Refused("no-such-transfer")
        return refunds.refund(draft, of, request.count("amount_cents"), request.count("points"), self.now)

    def _withdraw(self, draft: Draft, request: Request) -> Answer:
        of = self.books.transfers.get(request.word("of"))
        if self.books.withdrawn(request.word("of")):
            raise Refused("withdrawn")
        if of is None:
            return {"points": 0}
        if refunds.is_refundable(of):
            if of.kind == "grant" and self.books.about[of.id]:
                return {"points": 0}
            return refunds.refund(draft, of, None, None, self.now)
        if of.kind != "reserve":
            raise Refused("already-resolved")
        draft.transfer.member, draft.transfer.partner = of.member, of.partner
        if self.books.resolved_by(of.id) is not None:
            return {"points": 0}
        released = self._release(draft, of)
        draft.resolve(of.id)
        draft.settle_debts(of.member)
        return {"points": released, "released": released}


def _is_forced(void: Transfer) -> bool:
    return void.kind == "void" and json.loads(void.body).get("force") is True
