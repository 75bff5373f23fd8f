"""What is listed twice: the gateway's shapes and the console's TypeScript interfaces, field for field."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.console.served import Served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

MESSAGES = Path(__file__).parents[2] / "staff_console" / "src" / "lib" / "messages.ts"
INTERFACE = re.compile(r"export interface (\w+) \{\n(.*?)\n\}", re.DOTALL)
FIELD = re.compile(r"^  (\w+)(\??): (.+);$", re.MULTILINE)
MORE = {"Alert": {"id"}, "Reader": {"rejected"}}  # for programs; the console has no use for them


def interfaces() -> dict[str, dict[str, tuple[bool, str]]]:
    """Every interface: its fields with whether each may be missing, and its type."""
    text = MESSAGES.read_text("utf-8")
    return {
        name: {field: (bool(optional), type_) for field, optional, type_ in FIELD.findall(body)}
        for name, body in INTERFACE.findall(text)
    }


KNOWN = interfaces()


def fits(value: Any, type_: str) -> bool:
    """Whether a JSON value is what a TypeScript type says, as far as its outside goes."""
    if "|" in type_:
        return any(fits(value, part.strip()) for part in type_.split("|"))
    if type_.endswith("[]"):
        return isinstance(value, list)
    if type_.startswith('"'):
        return bool(value == type_.strip('"'))
    kinds: dict[str, Any] = {"string": str, "number": (int, float), "boolean": bool, "null": type(None)}
    if type_ == "number" and isinstance(value, bool):
        return False
    return isinstance(value, kinds.get(type_, (dict, str)))


def check(shape: dict[str, Any], name: str) -> None:
    """Fails where the shape and the interface differ in a name, or in the kind of a value."""
    fields = KNOWN[name]
    required = {field for field, (optional, _) in fields.items() if not optional}
    assert required <= set(shape), f"{name}: the gateway does not send {required - set(shape)}"
    unknown = set(shape) - set(fields) - MORE.get(name, set())
    assert not unknown, f"{name}: the console does not know {unknown}"
    for field, (_, type_) in fields.items():
        if field in shape:
            assert fits(shape[field], type_), f"{name}.{field}: {shape[field]!r} is no {type_}"
            inner = type_.removesuffix(" | null").removesuffix("[]")
            if inner in KNOWN and shape[field]:
                for one in shape[field] if isinstance(shape[field], list) else [shape[field]]:
                    check(one, inner)


async def test_events_answers_and_snapshots_have_the_fields_that_the_console_knows(house: Served) -> None:
    await house.enrol("chen", address_as="Ms Chen", language="zh-CN", tier="black", associate="anna")
    anna = await house.client("floor", "anna")
    page = "/api/customers/chen"
    header = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
    async with house.tablet(header) as tablet:
        await answered(anna.post(f"{page}/preferences", json={"category": "drink", "value": "tea"}))
        await answered(anna.post(f"{page}/preferences", json={"category": "seat", "value": "x", "polarity": "avoid"}))
        await answered(anna.post(f"{page}/promises", json={"text": "a seat", "due": "2099-01-01T00:00:00Z"}))
        await answered(anna.post(f"{page}/complaints", json={"text": "soup"}))
        house.tap()
        check((await tablet.expect("alert.opened"))["data"], "Alert")
        arrived = (await tablet.expect("visit.arrived"))["data"]
        check({k: v for k, v in arrived.items() if k != "sightings_at"}, "Presence")
        ask = await answered(anna.post(f"/api/visits/{arrived['visit']}/asks", json={"question": "lunch"}))
        check(ask, "Ask")
        again = await anna.post(f"/api/visits/{arrived['visit']}/asks", json={"question": "lunch"})
        check(again.json(), "Problem")
        check(await answered(anna.post(f"/api/asks/{ask['id']}/answer", json={"answer": "rice"})), "Ask")
        check(await answered(anna.post(f"/api/asks/{ask['id']}/served", json={})), "Ask")
        for type_, name in (
            ("preference.recorded", "Preference"), ("promise.made", "Promise"), ("complaint.opened", "Promise"),
            ("ask.opened", "Ask"), ("ask.answered", "Ask"), ("ask.served", "Ask"),
        ):  # fmt: skip
            event = await tablet.expect(type_)
            check(event["data"], name)
            check({k: v for k, v in event.items() if k not in ("specversion", "source")}, "LiveEvent")
        check(await tablet.tick(), "Tick")
    async with house.tablet(header) as tablet:
        check(tablet.hello, "Hello")
        state = tablet.state
        for field in ("present", "alerts", "asks", "promises", "complaints", "readers", "staff"):
            assert state[field], f"the story left no {field} in the snapshot"
        assert set(state["preferences"]) == {"chen"}
        check(state["preferences"]["chen"][0], "Preference")
    for alert in await answered(anna.get("/api/alerts")):
        check(alert, "Alert")
    for present in await answered(anna.get("/api/present")):
        check(present, "Presence")
    for reader in await answered(anna.get("/api/readers")):
        check(reader, "Reader")
    check(await answered(anna.get(page)), "Customer")
    check((await answered(anna.get(f"{page}/journal")))[0], "JournalEntry")
    check((await answered(anna.get("/api/customers?q=chen")))[0], "Found")
    check(await answered(anna.get("/api/session")), "Me")
    check((await (await house.client()).get("/api/sign-in")).json(), "SignIn")
    manager = await house.client("manager")
    async with house.tablet(header) as tablet:
        facts = {"name": "Chen", "address_as": "Ms Chen", "wishes": ["do_not_disturb"]}
        await answered(manager.put(page, json=facts))
        check((await tablet.expect("customer.changed"))["data"], "CustomerChange")
        check((await tablet.expect("wish.changed"))["data"], "WishChange")
        await answered(manager.delete(f"{page}/consents/recognise_tag"))
        check((await tablet.expect("consent.revoked"))["data"], "ConsentChange")
        departed = (await tablet.expect("visit.departed"))["data"]
        assert set(KNOWN["Departure"]) <= set(departed)


async def test_a_field_that_only_one_side_knows_is_found() -> None:
    with pytest.raises(AssertionError, match="does not know"):
        check({"id": "x", "name": {}, "more": 1}, "Zone")
    with pytest.raises(AssertionError, match="does not send"):
        check({"id": "x"}, "Zone")
    with pytest.raises(AssertionError, match="is no"):
        check({"id": 1, "name": {}}, "Zone")
