"""Zones limit what is seen and done: one table of rights and what each is about, asked at every route of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fastapi import Request

from gateway.console.named import whose
from gateway.console.problems import Problem
from gateway.core.gateway import Gateway
from gateway.core.sight import Eyes
from gateway.records import receipts
from gateway.records.ids import customer_id
from gateway.service.alert import Refused
from gateway.settings.access import What


class Looker(Protocol):
    """Who asks: a ``Principal``."""

    @property
    def staff(self) -> str | None: ...
    @property
    def roles(self) -> tuple[str, ...]: ...


# The rights that are about a customer, a visit or a card, and what must be seen of them. Whoever has the others keeps
# records, which is no matter of zones; to stop a consent is everybody's.
ABOUT: Mapping[str, What] = {
    **dict.fromkeys(("see", "facts", "agreed", "learn", "serve", "service"), "customers"),
    **dict.fromkeys(("alerts", "answer"), "alerts"),
}
READ_ONLY = "what two people opened is for reading alone"
ELSEWHERE = "this guest is not in your zones; to be shown them anyway, say why"


def eyes_of(who: Looker) -> Eyes:
    """Who looks, as zones know them."""
    return Eyes(who.staff, who.roles)


def refuse_elsewhere(name: str, who: Looker, request: Request) -> None:
    """Raises Problem(403) where a right is used for somebody who is in a zone that is not theirs."""
    what, house = ABOUT.get(name), request.app.state.gateway
    if what is None:
        if name in ("agree", "people") and request.method != "GET":
            _read_only(house, who, request)
        return
    eyes, sight = eyes_of(who), house.sight
    round_ = house.memory.rounds.find(request.path_params.get("round_id", ""))
    if round_ is not None and not sight.zones(eyes, round_.zones):
        raise Problem(403, ELSEWHERE, elsewhere=True)
    customer = _customer(house, request.path_params)
    if customer is None:
        return
    if request.method != "GET":
        _read_only(house, who, request)
    if what == "alerts":  # whoever sees no cards takes none, however well they know the guest
        late = request.method != "GET" and sight.reach(eyes, what) != "none" and sight.writes(eyes, customer)
        allowed = late or sight.sees(eyes, customer, what)
    else:
        allowed = sight.writes(eyes, customer) if request.method != "GET" else sight.opens(eyes, customer)
    if not allowed:
        raise Problem(403, ELSEWHERE, elsewhere=True)


def _read_only(house: Gateway, who: Looker, request: Request) -> None:
    customer = _customer(house, request.path_params)
    if customer is not None and house.glass.opens(who.staff, "customer", customer) is not None:
        raise Problem(403, READ_ONLY)


def _customer(house: Gateway, path: Mapping[str, str]) -> str | None:
    """The customer whom a path is about; None for nobody, and for what there is not: its route says so."""
    memory = house.memory
    if "customer" in path:
        try:
            return memory.family.root(whose(customer_id(path["customer"])))
        except ValueError:
            return None
    if "visit" in path:
        return memory.whose(path["visit"])
    if "ask_id" in path:
        ask = memory.asks.find(path["ask_id"])
        return ask.customer if ask is not None else None
    if "receipt" in path:
        whose_receipt = receipts.whose(house.store.reader, path["receipt"])
        return memory.family.root(whose_receipt) if whose_receipt is not None else None
    if "alert" in path:
        try:
            return memory.desk.get(path["alert"]).customer
        except Refused:
            return None
    return None
