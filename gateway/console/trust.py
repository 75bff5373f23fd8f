"""How tablets come to trust this house, for who equips it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from fastapi import Request, Response

from gateway.console.act import House, respond
from gateway.console.pairing import picture
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.events.times import iso
from gateway.operations.presented import Presented, last_day
from gateway.operations.tls_folder import GIVEN, TLS

router = Routes(prefix="/api/trust", tags=["tablets"])


@router.get("", response_model="answers_doors.Trust", dependencies=[right("equip")])
async def trust(request: Request, house: House) -> Response:
    """The page that hands out the house's certificate, with its QR code, and the fingerprint to compare."""
    doors = request.app.state.doors
    page: str | None = doors.trust_url if doors is not None else None
    shown: Presented | None = doors.presented if doors is not None else None
    ours = house.config.console.own_tls and house.config.console.acme is None
    own, print_, until = await asyncio.to_thread(_read, house.store.folder, shown, ours)
    return respond(
        {
            "own": own,
            "page": page,
            "picture": picture(page) if page is not None else None,
            "fingerprint": print_,
            "until": iso(until.timestamp()) if until is not None else None,
        }
    )


def _read(folder: Path, shown: Presented | None, own: bool) -> tuple[bool, str | None, datetime | None]:
    if shown is None:
        return False, None, None
    until = last_day(shown.cert)
    if not own:
        return False, None, until
    return True, sha256((folder / TLS / GIVEN).read_bytes()).digest().hex(":").upper(), until
