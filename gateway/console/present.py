"""Who is here."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.console.act import House
from gateway.console.security import Who, right
from gateway.core.actions.customers import read
from gateway.core.shapes import Shape

router = APIRouter(prefix="/api/present", tags=["presence"])


@router.get("", dependencies=[right("see")])
async def present(house: House, who: Who) -> list[Shape]:
    """Who is here: where, since when, how sure, and why we think so."""
    here = house.views.present()
    if who.program:
        read(house, who.id, [p for p in here if p["name"] is not None])
    return here
