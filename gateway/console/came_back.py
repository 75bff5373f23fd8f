"""An order that a tablet took out of reach, and that is refused on arrival: a card says so, as the tablet may sleep."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.console.problems import Problem
from gateway.core.actions import orders
from gateway.core.actions.orders import AGAINST_ALLERGY, Said
from gateway.core.gateway import Gateway

LATE = 15.0  # seconds: what is older was taken offline, and whoever took it may look elsewhere by now


@asynccontextmanager
async def or_a_card(house: Gateway, of: str, said: Said, at: float | None) -> AsyncIterator[None]:
    """Opens a card to whoever looks after the guest where their late order is refused; ``of`` is the visit or ask."""
    try:
        yield
    except Problem as refused:
        late = at is not None and house.memory.now() - at > LATE
        if late and refused.extra.get("type") == AGAINST_ALLERGY:
            ask = orders.attempted(house, of, said)
            if ask is not None:
                house.came_back(ask, refused.extra["warnings"])
        raise
