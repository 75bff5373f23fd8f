"""Readers: what each hears, and what is wrong with it."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.console.act import House
from gateway.console.security import right
from gateway.shapes import Shape

router = APIRouter(prefix="/api/readers", tags=["readers"])


@router.get("", dependencies=[right("readers")])
async def readers(house: House) -> list[Shape]:
    """The live state of every reader."""
    return house.views.readers()
