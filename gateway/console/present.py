"""Who is here."""

from __future__ import annotations

from fastapi import Response

from gateway.console.act import House, respond
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.zones import eyes_of

router = Routes(prefix="/api/present", tags=["presence"])


@router.get("", response_model="list[sent.Presence]", dependencies=[right("presence")])
async def present(house: House, who: Who) -> Response:
    """Who is here: where, since when, how sure, and why we think so."""
    here = [p for p in house.views.present() if house.sight.sees(eyes_of(who), p["customer"])]
    house.looks.shown(here, who.id, program=who.program)
    return respond(here)
