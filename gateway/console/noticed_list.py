"""What was noticed of security, for whoever leads: a quiet list, newest first."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Annotated

from fastapi import Query, Response

from gateway.console.act import House, respond
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.core.gateway import Gateway
from gateway.core.noticing import TYPES, is_noticed, noticed
from gateway.events.event import Event
from gateway.events.times import iso
from gateway.records import journal_search

router = Routes(prefix="/api/security", tags=["security"])
MOST = 200


@router.get("", response_model="list[answers_security.SecurityEvent]", dependencies=[right("lead")])
async def every(house: House, before: Annotated[int | None, Query(gt=0, lt=10**17)] = None) -> Response:
    """The newest things to know of, two hundred at the most; with ``before`` those before that sequence number."""
    floor = house.memory.floor
    rows = [
        {
            "sequence": e.sequence,
            "time": iso(e.time),
            "type": e.type,
            "actor": e.actor,
            "actor_name": floor.name_of(e.actor),
            **noticed(house.memory, e),
        }
        for e in await asyncio.to_thread(_read, house, before)
    ]
    return respond(rows)


def _read(house: Gateway, before: int | None) -> list[Event]:
    with closing(house.store.open_reader()) as reader:
        found = journal_search.newest(reader, sorted(TYPES), 2 * MOST, before)
    return [event for event in found if is_noticed(event)][:MOST]
