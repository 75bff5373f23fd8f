"""The demo of a house: venues, their hub and the cables between them, as processes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from tests.commands.demo_process import PIN, demo

CABLES = r"Cables\s+(http://\S+)"
WITHIN = 120.0  # seconds; seven programs start, and the machine may be busy


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
    with (
        demo("--quiet-venue", "--venues", "2", says=CABLES, within=WITHIN) as page,
        httpx2.Client(base_url=page, trust_env=False, timeout=30) as cables,
    ):

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
