"""Who is here."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.console.act import House, respond
from gateway.console.security import Who, right
from gateway.console.zones import eyes_of
from gateway.events.sent import Presence

router = APIRouter(prefix="/api/present", tags=["presence"])


@router.get("", response_model=list[Presence], dependencies=[right("presence")])
async def present(house: House, who: Who) -> Response:
    """Who is here: where, since when, how sure, and why we think so."""
    here = [p for p in house.views.present() if house.sight.sees(eyes_of(who), p["customer"])]
    house.looks.shown(here, who.id, program=who.program)
    return respond(here)
