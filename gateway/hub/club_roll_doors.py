"""Doors of the club's roll, for boxes alone: whose number somebody of theirs has, and a code for one sale elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from gateway.club.api import Said
from gateway.club.ledger import Ledger
from gateway.club.roll import CODE_MS
from gateway.hub.club_roll import RollKeeper
from gateway.hub.house import now_ms
from gateway.hub.problems import HubProblem
from gateway.hub.wire import text
from gateway.settings.premises import Name
from gateway.tries import Few, TooSoon

WRONG_MOST, WRONG_WITHIN = 10, 60.0  # codes that a venue may try in vain


class RollDoors:
    """What boxes ask of the roll."""

    def __init__(self, keeper: RollKeeper, ledger: Ledger, partner_of: Mapping[str, str]) -> None:
        self._keeper = keeper
        self._club = ledger.rules.club
        self._partners = ledger.rules.config.partners
        self._partner_of = partner_of
        self._guessed = Few(WRONG_MOST, WRONG_WITHIN)

    async def answer(self, partner: str, venue: str, what: list[str], said: Mapping[str, Any]) -> Said:
        """The answer to a box; raises HubProblem, or Refused."""
        if not venue:
            raise HubProblem("role", role="box")
        match what:
            case ["members"]:
                return await self._member(
                    venue, text(said.get("customer"), "customer"), known=said.get("known") is True
                )
            case ["members", "forgotten"]:
                return await self._forgotten(venue, text(said.get("customer"), "customer"))
            case ["codes"]:
                return await self._code(venue, text(said.get("customer"), "customer"))
            case ["codes", "used"]:
                return await self._used(venue, text(said.get("code"), "code", 16))
        raise HubProblem("unknown", what="door")

    def partner_names(self) -> dict[str, dict[str, str]]:
        """How the partners are called."""
        return {each.id: _named(each.name, each.id) for each in self._partners}

    async def _number(self, venue: str, customer: str, *, known: bool = False) -> tuple[str, bool, str]:
        """Number, whether it is new, and how the house calls the customer; ``known``: nobody is given one."""
        name, brand = await self._keeper.named(venue, customer)
        if known and name not in await self._keeper.roll.known([name]):
            raise HubProblem("unknown", what="member")
        partner = self._partner_of.get(brand)
        if partner is None:
            raise HubProblem("not-yours", why="the customer's own house is of no partner of the club")
        member, new = await self._keeper.roll.member_of(partner, name, now_ms())
        return member, new, name

    async def _member(self, venue: str, customer: str, *, known: bool) -> Said:
        member, new, _ = await self._number(venue, customer, known=known)
        return Said(201 if new else 200, self._said(member))

    async def _forgotten(self, venue: str, customer: str) -> Said:
        """Ends what a venue's own customer had, whom it has erased; of one who has no number nothing is said."""
        name = await self._keeper.name_of(venue, customer)
        if name.rpartition("@")[2] != venue:
            raise HubProblem("not-yours", why="only the customer's own house forgets them")
        now = now_ms()
        await self._keeper.roll.erase(name, now, now)
        return Said(200, {"forgotten": True})

    async def _code(self, venue: str, customer: str) -> Said:
        member, _, name = await self._number(venue, customer)
        if name.rpartition("@")[2] != venue:
            raise HubProblem("not-yours", why="only the customer's own house shows them a code")
        code = await self._keeper.roll.code(member, now_ms())
        return Said(201, {"code": code, "expires_in": CODE_MS // 1000})

    async def _used(self, venue: str, code: str) -> Said:
        now = time.monotonic()
        try:
            self._guessed.may_try(venue, now)
        except TooSoon as soon:
            raise HubProblem("wait", retry_after_s=max(1, round(soon.wait))) from None
        self._guessed.wrong(venue, now)  # also while it is looked up: many at once are as many tries
        member = await self._keeper.roll.used("".join(code.split()), now_ms())
        self._guessed.right(venue)
        return Said(200, self._said(member))

    def _said(self, member: str) -> dict[str, Any]:
        return {"member": member, "club": self._club.id, "name": _named(self._club.name, self._club.id)}

    async def own(self, venue: str, member: str, customer: str) -> None:
        """Raises HubProblem where a number is not that of this venue's own customer."""
        name, _ = await self._keeper.named(venue, text(customer, "customer"))
        if name.rpartition("@")[2] != venue or not await self._keeper.roll.is_theirs(member, name):
            raise HubProblem("unknown", what="member")


def _named(name: Name | None, id_: str) -> dict[str, str]:
    return dict.fromkeys(("zh-CN", "en"), id_) if name is None else name.by_language()
