"""Who sees a part of a guest, that they are here, or their cards, or their page, is sent that part and no more."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from gateway.console.app import RESOURCES
from gateway.console.in_view import FOR_ALL, InView
from gateway.console.zones import ABOUT
from gateway.core.sight import Eyes
from gateway.events.catalogue import CATALOGUE
from gateway.events.event import Event
from tests.console.served import Served, config, served
from tests.console.test_rights import MAY
from tests.console.test_zones import LISTED, WISH, ids
from tests.story.tablet import Tablet
from tests.story.venue import answered

WHATS = ("presence", "alerts", "customers")
PARTS = [frozenset(some) for n in range(len(WHATS) + 1) for some in combinations(WHATS, n)]
PAGE = frozenset({"presence", "customers"})
NEEDS = {"visit": {"presence"}, "place": {"presence"}, "alert": {"alerts"}}


def named(part: frozenset[str]) -> str:
    return "+".join(sorted(part)) or "nothing"


async def a_guest_is_served(house: Served) -> None:
    """A guest is in the bar with a card, a fact, a question and a promise."""
    boss = await house.client("manager")
    for name, roles in (("anna", ["floor"]), ("mei", ["manager"])):
        await answered(boss.put(f"/api/staff/{name}", json={"name": name, "roles": roles}))
        await answered(boss.post(f"/api/staff/{name}/shift", json={}))
    await house.enrol("hale", name="Name of Hale")
    await answered(boss.post("/api/customers/hale/preferences", json=WISH))
    await answered(boss.post("/api/customers/hale/promises", json={"text": "an umbrella", "owner": "mei"}))
    house.tap()
    await house.gateway.settle()
    mei = await house.client("manager", "mei")  # who has the card: it rings with nobody, whose own it would be
    (alert,) = await answered(mei.get("/api/alerts"))
    await answered(mei.post(f"/api/alerts/{alert['id']}/claim", json={}))


def rows(part: frozenset[str]) -> list[dict[str, Any]]:
    """Of what is not in ``part`` the floor sees none."""
    none = [what for what in WHATS if what not in part]
    return [{"role": "floor", "what": none, "zones": "none"}] if none else []


@pytest.mark.parametrize("part", PARTS, ids=named)
async def test_a_part_is_seen_on_every_path_and_in_every_event_and_no_more(
    tmp_path: Path, part: frozenset[str]
) -> None:
    slow = config(access=rows(part), alerts={"escalate_after_s": [6000, 12000]})
    async with served(tmp_path, slow) as house:
        await a_guest_is_served(house)
        about, anna = await ids(house), await house.client("floor", "anna")
        assert len(await answered(anna.get("/api/present"))) == int("presence" in part)
        assert len(await answered(anna.get("/api/alerts"))) == int("alerts" in part)
        await _paths(house, part, about)
        _state(house, part)
        _events(house, part)
        await _socket(house, part)


async def _paths(house: Served, part: frozenset[str], about: dict[str, str]) -> None:
    rights = {
        (method, route.path_format): getattr(dependency.dependency, "right", "")
        for resource in RESOURCES
        for route in resource.router.routes
        for method in getattr(route, "methods", None) or ()
        for dependency in getattr(route, "dependencies", ())
    }
    anna = await house.client("floor", "anna")
    for method, path in LISTED:
        if "floor" not in MAY[method, path] or "round" in path:
            continue
        answer = await anna.request(method, path.format(**about), json={})
        refused = answer.status_code == 403 and answer.json().get("elsewhere") is True
        seen = ABOUT[rights[method, path]] in part
        assert refused == (not seen), f"{named(part)}: {method} {path}: {answer.status_code} {answer.text}"


def _view(house: Served) -> tuple[InView, dict[str, Any]]:
    memory = house.gateway.memory
    view = InView(house.gateway.sight, Eyes("anna", ("floor",)), house.gateway.views.about, memory.family.root)
    return view, view.state(house.gateway.views.state({"staff": "anna"}, audience="service"))


def _state(house: Served, part: frozenset[str]) -> None:
    _, state = _view(house)
    shown = {name for name in ("present", "alerts", "asks", "preferences", "promises") if state[name]}
    expected = {"present"} if "presence" in part else set()
    expected |= {"alerts"} if "alerts" in part else set()
    expected |= {"asks", "preferences"} if part >= PAGE else set()
    expected |= {"promises"} if "customers" in part else set()
    assert shown == expected, named(part)


def _events(house: Served, part: frozenset[str]) -> None:
    """Every event about a guest, and what it brings along."""
    (here,) = house.gateway.memory.presence.here()
    along = {"preferences": [1], "asks": [1], "alerts": [{"customer": "hale", "visit": here.visit, "about": {}}]}
    for type_, row in CATALOGUE.items():
        if "service" not in row.to or row.holder != "customer" or type_ in FOR_ALL:
            continue
        view, _ = _view(house)
        event = Event("e", type_, "hale", "hale", house.now(), {"visit": here.visit}, "gateway", 1)
        sent = {"visit": here.visit, "customer": "hale", "zone": "bar", "owner": "mei", "by": "mei", **along}
        before, told = view.event(event, sent) if view.limited else (None, sent)
        first = type_.partition(".")[0]
        seen = NEEDS.get(first, PAGE) <= part or ("customers" in part and type_ != "visit.departed")
        assert (told is not None) == seen, f"{named(part)}: {type_}"
        for frame in filter(None, (before, told)):
            assert bool(frame.get("alerts")) <= ("alerts" in part), f"{named(part)}: {type_} brings a card"
            assert bool(frame.get("present")) <= ("presence" in part), f"{named(part)}: {type_} brings somebody"
            page = bool(frame.get("preferences") or frame.get("asks"))
            assert page <= (part >= PAGE), f"{named(part)}: {type_} brings what is known"


async def _socket(house: Served, part: frozenset[str]) -> None:
    """The same before a real tablet, while the guest is served."""
    boss = await house.client("manager", "mei")
    headers = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
    async with Tablet(f"{house.url}/live", headers, name="anna") as tablet:
        await answered(boss.post("/api/customers/hale/preferences", json={**WISH, "value": "no lilies"}))
        (alert,) = await answered(boss.get("/api/alerts"))
        await answered(boss.post(f"/api/alerts/{alert['id']}/met", json={"met": True}))
        await house.gateway.settle()
        await tablet.tick()
        heard = json.dumps([tablet.hello, tablet.events])
        types = {event["type"] for event in tablet.events}
        assert ("alert.met" in types) == ("alerts" in part), named(part)
        assert ("preference.recorded" in types) == (part >= PAGE), named(part)
        if not part & {"presence", "alerts"}:
            assert "Name of Hale" not in heard
        if "alerts" not in part and not part >= PAGE:
            assert "no lilies" not in heard
