"""The demo of a house: venues, their hub and the cables between them, as processes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from tests.program import REPOSITORY, command_line

PIN = "482913"
WITHIN = 120.0  # seconds; seven programs start, and the machine may be busy


@contextmanager
def house(*words: str) -> Iterator[str]:
    """The demo of a house as a process; the address of its page, once it serves."""
    process = subprocess.Popen(
        command_line("demo", "--port", "0", "--pin-file", "-", "--quiet-venue", *words),
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(f"{PIN}\n")
    process.stdin.close()
    said: list[str] = []
    found: list[str] = []
    served = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if page := re.search(r"Cables\s+(http://\S+)", line):
                found.append(page[1])
                served.set()
        served.set()

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        served.wait(WITHIN)
        assert found, "".join(said)
        yield found[0]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN) == 0
        listening.join(20)
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


def eventually(asked: Callable[[], Any]) -> Any:
    """What it answers, once it is something."""
    give_up = time.monotonic() + WITHIN
    while not (found := asked()):
        assert time.monotonic() < give_up
        time.sleep(0.2)
    return found


@contextmanager
def signed_in(url: str) -> Iterator[httpx2.Client]:
    """A browser in which Lina has signed in."""
    with httpx2.Client(base_url=url, trust_env=False, timeout=30) as client:
        assert client.post("/api/sign-in", json={"staff": "lina", "pin": PIN}).is_success
        yield client


@pytest.mark.timeout(400)
def test_a_guest_of_one_venue_is_known_in_the_other_also_after_a_cut() -> None:
    with house("--venues", "2") as page, httpx2.Client(base_url=page, trust_env=False, timeout=30) as cables:

        def links() -> dict[str, dict[str, Any]]:
            rows = cables.get("/state").json()["venues"]
            return {row["venue"]: row["link"] or {} for row in rows}

        urls = {row["venue"]: row["url"] for row in cables.get("/state").json()["venues"]}
        assert set(urls) == {"cloudrest", "cloudrest-air"}
        eventually(lambda: all(link.get("connected") for link in links().values()))
        with signed_in(urls["cloudrest"]) as lounge, signed_in(urls["cloudrest-air"]) as cabin:
            (chen,) = lounge.get("/api/customers?q=陈玉兰").json()
            (lent,) = eventually(lambda: cabin.get("/api/customers?q=陈玉兰").json())
            assert cables.put("/cables/cloudrest-air", json={"whole": False}).is_success
            eventually(lambda: not links()["cloudrest-air"].get("connected"))
            fact = {"category": "drink", "value": "Oolong by the window", "polarity": "do"}
            recorded = lounge.post(f"/api/customers/{chen['id']}/preferences", json=fact)
            assert recorded.is_success, recorded.text
            assert "Oolong" not in json.dumps(cabin.get(f"/api/customers/{lent['id']}").json())
            assert cables.put("/cables/cloudrest-air", json={"whole": True}).is_success
            eventually(lambda: "Oolong" in json.dumps(cabin.get(f"/api/customers/{lent['id']}").json()))
