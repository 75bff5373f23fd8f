"""The port of the embedded broker is another program's: readers are silent until it is free, and the house goes on."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

from tests.operations.venue import VenueWith
from tests.ports import free_port
from tests.story.venue import answered


async def test_a_broker_whose_port_is_taken_meanwhile_is_tried_again(tmp_path: Path) -> None:
    port = free_port()
    tables = f'\n[mqtt]\nurl = "embedded"\nlisten = "127.0.0.1:{port}"\n'
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        async with VenueWith(tables, tmp_path) as venue:
            await venue.eventually(venue.health, lambda h: h["broker"] in ("lost", "connecting"))
            assert f"port {port} cannot be had" in venue.log
            other.close()
            await venue.eventually(venue.health, lambda h: h["broker"] == "up")
            await answered((await venue.client("manager")).get("/api/readers"))
            (mosquitto,) = venue.processes()[1:]
            os.kill(mosquitto, signal.SIGKILL)
            await venue.eventually(venue.health, lambda h: h["broker"] != "up")
            await venue.eventually(venue.health, lambda h: h["broker"] == "up", within=40)
            assert venue.running
