"""Every shape that leaves by a door, in one story: clients and tablets hold each against its model as it comes."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from gateway.events import sent, sent_live
from tests.console.served import Served
from tests.shapes import answer_mistakes, document, frame_mistakes, validate
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = "/api/customers/chen"
ASKED = {"q": "chen", "figure": "claimed"}
# What two people open, what only a guest may, what leaves as a file or tells of who is gone: held to its shape where it
# is tested, as every answer to every client of these tests is.
ELSEWHERE = (
    *("/api/insight/", "/api/break-glass/", "/api/club/", "/api/gatherings", "/api/introductions", "/api/me"),
    *("/api/erasures/", "/api/settings"),
    "/api/customers/{customer}/export",
)
EMPTY = (
    "/raw", "/doubts", "/none", "/renewals", "/erasures", "/break-glass", "/passkeys", "/tokens", "/security",
    "/partners", "/budgets", "/memberships", "/introductions", "/usual", "/webhooks",
)  # fmt: skip
"""The ends of what has nothing to say in this house."""
ROUND = "0199ac51-5a10-7e44-8f31-2d6c0b7e11b0"


async def tells(anna: httpx2.AsyncClient, visit: str) -> None:
    """What a member of staff says of a customer who is here."""
    asks = f"/api/visits/{visit}/asks"
    ask = await answered(anna.post(asks, json={"question": "lunch"}))
    again = await anna.post(asks, json={"question": "lunch"})
    assert again.json()["ask"] == ask
    await answered(anna.post(f"/api/asks/{ask['id']}/answer", json={"answer": "rice"}))
    await answered(anna.post(f"/api/asks/{ask['id']}/served", json={}))
    await answered(anna.post(f"/api/visits/{visit}/place", json={"place": "1A"}))
    await answered(anna.post("/api/rounds", json={"id": ROUND, "question": "drink", "menu": "drinks"}))
    ordered = {"question": "drink", "item": "milk"}
    milk = await answered(anna.post(asks, json=ordered))
    await answered(anna.post(f"/api/rounds/{ROUND}/places/T1/1/order", json={"item": "milk"}))
    counts = (await answered(anna.get(f"/api/rounds/{ROUND}")))["counts"]
    assert [(c["item"], c["n"], c["left"], c["over"]) for c in counts] == [("milk", 2, 0, 1)]
    allergic = {"category": "allergy", "value": "milk", "polarity": "allergy"}
    await answered(anna.post(f"{PAGE}/preferences", json=allergic))
    refused = await anna.post(asks, json={**ordered, "again": True})
    assert (refused.status_code, refused.json()["type"]) == (409, "against-allergy")
    await answered(anna.post(f"/api/asks/{milk['id']}/flag/seen", json={}))
    tea = await answered(anna.post(f"{PAGE}/preferences", json={"category": "drink", "value": "tea"}))
    nuts = {"category": "food", "value": "peanuts", "polarity": "allergy"}
    assert (await answered(anna.post(f"{PAGE}/preferences", json=nuts)))["code"] == "allergy.peanuts"
    await answered(anna.post(f"{PAGE}/preferences/{tea['id']}/served", json={}))
    await answered(anna.post(f"{PAGE}/promises", json={"text": "a seat", "due": "2099-01-01T00:00:00Z"}))
    cost = {"amount": 20, "currency": "CNY"}
    soup = await answered(anna.post(f"{PAGE}/complaints", json={"text": "soup", "recovery_cost": cost}))
    await answered(anna.post(f"{PAGE}/complaints/{soup['id']}/hand-over", json={"to": "ben"}))
    await answered(anna.put(f"{PAGE}/measures", json={"measures": ["greeted by name"]}))
    await answered(anna.post(f"{PAGE}/measures/evidence", json={"measure": "greeted by name", "met": True}))
    await answered(anna.post(f"/api/visits/{visit}/companions", json={"count": 2}))
    await answered(anna.post(f"/api/visits/{visit}/review", json={"satisfaction": 5, "about": "person"}))


async def test_what_a_tablet_and_a_program_are_sent_is_as_documented(house: Served) -> None:
    await house.enrol("chen", address_as="Ms Chen", language="zh-CN", tier="black", associate="anna")
    anna, boss = await house.client("floor", "anna"), await house.client("manager")
    header = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
    program = {"Authorization": f"Bearer {await house.token('integration')}"}
    async with house.tablet(header) as tablet, house.tablet(program) as other:
        labels = {"zh-CN": "牛奶", "en": "Milk"}
        milk = {"id": "milk", "labels": labels, "allergens": ["milk"], "stock": 1}
        await answered(boss.put("/api/menus/drinks", json={"question": "drink", "items": [milk]}))
        await answered(boss.post("/api/expected", json={"customer": "chen", "place": "1C", "note": "with a dog"}))
        house.tap()
        arrived = (await tablet.expect("visit.arrived"))["data"]
        opened = (await tablet.expect("alert.opened"))["data"]
        await tells(anna, arrived["visit"])
        await answered(anna.post(f"/api/alerts/{opened['alert']}/claim"))
        await tablet.expect("alert.claimed")
        await answered(boss.put("/api/plan", json={"width": 9, "height": 9}))
        await answered(boss.put("/api/expected", json={"expected": [{"customer": "chen"}]}))
        await tablet.expect("plan.changed")
        assert (await other.expect("alert.claimed"))["data"].get("card") is None
        assert (await tablet.tick())["sequence"] > 0
    async with house.tablet(header) as tablet:
        state = tablet.state
        for field in (
            "present",
            "alerts",
            "asks",
            "promises",
            "complaints",
            "readers",
            "staff",
            "plan",
            "places",
            "expected",
            "menus",
            "rounds",
        ):
            assert state[field], f"the story left no {field} in the snapshot"
        assert set(state["preferences"]) == {"chen"}
    async with house.tablet(header, since=0) as tablet:
        assert tablet.hello["state"] is None
        assert (await tablet.expect("alert.claimed"))["data"]["card"] is not None
    async with house.tablet(program) as other:
        assert "name" not in other.state["present"][0]


async def test_every_answer_to_who_reads_is_as_documented(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    alert, *_ = await answered(boss.get("/api/alerts"))
    receipt, *_ = await answered(boss.get(f"{PAGE}/receipts"))
    of = {"round_id": ROUND, "customer": "chen", "alert": alert["alert"], "staff": "anna", "reader": "counter"}
    of["receipt"] = receipt["id"]
    await house.enrol("chen~2", "em:0700C4A9F1")
    await answered(boss.put("/api/customers/chen~2", json={"name": "Chen"}))
    house.tap("em:0700C4A9F1")
    (wrong,) = [a for a in await answered(boss.get("/api/alerts")) if a["customer"] == "chen~2"]
    await answered(anna.post(f"/api/alerts/{wrong['alert']}/close", json={"outcome": "wrong_person", "note": "a boy"}))
    there = [path for path, operations in document()["paths"].items() if "get" in operations]
    paths = [path.format(**of) for path in there if not path.startswith(ELSEWHERE)]
    assert len(paths) >= 20
    for path in paths:
        answer = await boss.get(path, params={"seconds": 0.1} if path.endswith("/raw") else ASKED)
        assert answer.status_code == 200, path
        assert answer.text not in ("[]", "{}") or path.endswith(EMPTY), f"{path} answers nothing to look at"
    (reader,) = await answered(anna.get("/api/readers"))
    assert "link" not in reader


async def test_what_follows_a_change_of_records_is_as_documented(house: Served) -> None:
    boss = await house.client("manager")
    async with house.tablet({"Authorization": f"Bearer {await house.token('floor', 'anna')}"}) as tablet:
        facts = {"name": "Chen", "address_as": "Ms Chen", "wishes": ["do_not_disturb"]}
        await answered(boss.put(PAGE, json=facts))
        await tablet.expect("customer.changed")
        await tablet.expect("wish.changed")
        await answered(boss.delete(f"{PAGE}/consents/recognise_tag"))
        await tablet.expect("consent.revoked")
        await tablet.expect("alert.closed")
        assert (await tablet.expect("visit.departed"))["data"]["state"] == "departed"


ZONE: dict[str, Any] = {"id": "bar", "name": {"zh-CN": "吧", "en": "Bar"}}


@pytest.mark.parametrize(
    ("zone", "mistake"),
    [
        ({**ZONE, "more": 1}, "more: Extra inputs"),
        ({"id": "bar"}, "name: Field required"),
        ({**ZONE, "id": 1}, "id: Input should be a valid string"),
        ({**ZONE, "name": {"zh_cn": "吧", "en": "Bar"}}, "name/zh-CN: Field required"),
    ],
)
async def test_a_shape_that_is_not_its_model_s_is_found(zone: dict[str, Any], mistake: str) -> None:
    validate(sent.Zone, ZONE)
    with pytest.raises(AssertionError, match=mistake):
        validate(sent.Zone, zone)


async def test_a_program_may_be_sent_less_and_nothing_more() -> None:
    validate(sent_live.CustomerChange, {"customer": "chen"}, part=True)
    with pytest.raises(AssertionError, match="phone: Extra inputs"):
        validate(sent_live.CustomerChange, {"customer": "chen", "phone": "1"}, part=True)


async def test_an_answer_that_is_not_documented_is_found() -> None:
    problem = b'{"type": "about:blank", "title": "Gone", "status": 410, "detail": "gone"}'
    say = "application/problem+json"
    assert answer_mistakes("GET", "/api/present", 200, "application/json", b"[]") == []
    assert answer_mistakes("GET", "/api/present", 410, say, problem) == ["a 410 is not documented"]
    assert answer_mistakes("GET", "/api/present", 401, say, problem) == []
    assert answer_mistakes("GET", "/api/present", 401, "application/json", problem)
    assert answer_mistakes("GET", "/api/present", 401, say, b"{}")
    assert answer_mistakes("GET", "/api/present", 200, "application/json", b"{}")
    assert answer_mistakes("GET", "/api/nowhere", 404, say, problem) == []
    assert answer_mistakes("GET", "/api/nowhere", 404, say, b'{"detail": "Not Found"}')


async def test_an_event_of_a_type_without_a_model_is_found() -> None:
    event = {"specversion": "1.0", "id": "1", "source": "/venues/x", "subject": "chen", "sequence": 1,
             "actor": "anna", "recorded": True,
             "time": "2026-11-22T10:00:00.123Z", "data": {"customer": "chen"}}  # fmt: skip
    assert not list(frame_mistakes({**event, "type": "customer.erased"}, part=False))
    assert list(frame_mistakes({**event, "type": "customer.praised"}, part=False))
    assert list(frame_mistakes({**event, "type": "wish.changed", "data": {"customer": "chen", "wish": []}}, part=True))
