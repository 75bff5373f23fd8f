"""New passwords for readers at the embedded broker: made, told once, and in force at once."""

from __future__ import annotations

import asyncio

from fastapi import Request, Response

from gateway.console.act import House, respond
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.events.event import News
from gateway.operations import broker_users
from gateway.records.errors import DiskFull, StoreFull

router = Routes(prefix="/api/readers", tags=["readers"])


@router.post(
    "/{reader}/password",
    status_code=201,
    response_model="answers_doors.BrokerPasswords",
    responses=documented(404, 409, 503, 507),
    dependencies=[right("equip")],
)
async def make(reader: str, request: Request, house: House, who: Who) -> Response:
    """Gives a reader (each of its devices in rooms) or ``home-assistant`` a new password; the old one ends now.

    What is kept is its hash, so that no Idempotency-Key brings it back. 409 where the broker is not the embedded one.
    """
    config = house.config
    if config.mqtt is not None and not config.mqtt.embedded:
        raise Problem(409, "the broker is not ours: passwords are made where it runs")
    users = broker_users.of_reader(config, reader)
    if not users:
        raise Problem(404, "there is no such reader at the broker")
    try:
        await house.record([News("reader.password_made", reader, {"reader": reader, "users": users})], who.id)
    except StoreFull:
        raise Problem(503, "too much is waiting to be written; try again", headers={"Retry-After": "2"}) from None
    except DiskFull as full:
        raise Problem(507, str(full)) from None
    made = await asyncio.to_thread(broker_users.new_passwords, house.store.folder, users)
    passwords = [{"user": user, "password": password} for user, password in made.items()]
    beyond = config.mqtt is not None and config.mqtt.beyond
    port = config.mqtt.bind[1] if config.mqtt is not None else None
    return respond({"scheme": "mqtts" if beyond else "mqtt", "port": port or 1883, "passwords": passwords}, 201)
