"""Who is here."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.console.act import House
from gateway.console.security import right
from gateway.shapes import Shape

router = APIRouter(prefix="/api/present", tags=["presence"])


@router.get("", dependencies=[right("see")])
async def present(house: House) -> list[Shape]:
    """Who is here: where, since when, how sure, and why we think so."""
    return house.views.present()
