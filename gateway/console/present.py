"""Who is here."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.console.act import House, respond
from gateway.console.security import Who, right
from gateway.events.sent import Presence

router = APIRouter(prefix="/api/present", tags=["presence"])


@router.get("", response_model=list[Presence], dependencies=[right("see")])
async def present(house: House, who: Who) -> Response:
    """Who is here: where, since when, how sure, and why we think so."""
    here = house.views.present()
    if who.program:
        house.looks.read([p["customer"] for p in here if p["name"] is not None], who.id)
    return respond(here)
