"""Whatever stands in a field, a query or a path: it is taken, or refused with a reason; never an error of ours."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from tests.console.served import FOB, Served
from tests.console.test_doors import raw
from tests.shapes import document, routes
from tests.story.venue import answered

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

LONG = "9" * 5_000  # Python reads no whole number of more than 4,300 digits
ABSURD = [
    '"9999-12-31"', '"9999-12-31T23:59:59Z"', '"9999-12-31T23:59:59-23:59"', '"0001-01-01T00:00:00+14:00"',
    '"1969-12-31T23:59:59Z"', '"2200-01-01T00:00:00Z"', '"2026-13-45"', f'"{LONG}"', LONG, f"-{LONG}", f"0.{LONG}",
    "1e999", "-1e999", "1e308", "NaN", "Infinity", str(10**30), str(2**63), "-1", "0.5", "true", "null", "[]", "{}",
    "[null]", "[[]]", '"\\ud800"', '"\\u0000"', '"\\u200b"', '"\\ufffd"', '""', '" "', '"x\\ny"', '"٣"', '"-0"',
    '"ffffffff-ffff-7fff-bfff-ffffffffffff"', '"00000000-0000-0000-0000-000000000000"', '"\\ud83d\\ude00"',
    "[" * 5_000 + "]" * 5_000, '{"a":' * 5_000 + "1" + "}" * 5_000, "[" * 100_000, f'["{"x" * 70_000}"]',
]  # fmt: skip
"""Values as JSON, some of which no JSON library would write."""

BODIES: dict[str, dict[str, Any]] = {
    "SignIn": {"staff": "nobody", "pin": "1"},
    "NewTablet": {"name": "x"},
    "NewToken": {"role": "it"},
    "Leaving": {"customers": 1},
    "CopyMade": {"name": "x", "epoch": 1, "position": 1, "head": "00"},
    "Pair": {"code": "x"},
    "CustomerFacts": {"name": "Chen"},
    "Wishes": {"wishes": []},
    "NewCredential": {"identifier": "epc:3034257BF7194E4000001A85"},
    "Typed": {"text": "epc:3034257BF7194E4000001A86"},
    "GiveHeard": {"customer": "chen"},
    "NewConsent": {"purpose": "recognise_tag"},
    "NewPreference": {"category": "drink", "value": "tea"},
    "NewAsk": {"question": "tea?", "again": True},
    "Answer": {"answer": "yes"},
    "NewOwed": {"text": "x"},
    "NewComplaint": {"text": "x", "recovery_cost": {"amount": 1}},
    "HandOver": {"to": "ben"},
    "CloseAlert": {"outcome": "greeted"},
    "Rating": {"useful": True},
    "Companions": {"count": 1},
    "Review": {"satisfaction": 3},
    "StaffFacts": {"name": "Cleo", "roles": ["floor"]},
    "FloorPlan": {"width": 9, "height": 9, "zones": [{"zone": "bar", "x": 0, "y": 0, "w": 1, "h": 1}]},
    "NewRecording": {"out": "/nowhere/at/all"},
}
"""What is good of each body, as far as it has to be there."""


async def places(house: Served) -> dict[str, str]:
    """Something that is there for every name in a path."""
    await house.enrol("chen", FOB)
    house.tap(FOB)
    await house.gateway.settle()
    boss = await house.client("manager", "mei")
    visit = house.gateway.memory.presence.here()[0].visit
    at = "/api/customers/chen"
    fact = await answered(boss.post(f"{at}/preferences", json={"category": "drink", "value": "tea"}))
    ask = await answered(boss.post(f"/api/visits/{visit}/asks", json={"question": "tea?"}))
    promise = await answered(boss.post(f"{at}/promises", json={"text": "x"}))
    complaint = await answered(boss.post(f"{at}/complaints", json={"text": "x"}))
    (alert, *_) = house.gateway.memory.desk.alerts()
    return {
        "customer": "chen", "visit": visit, "ask": ask["id"], "alert": alert.id, "preference": fact["id"],
        "promise": promise["id"], "complaint": complaint["id"], "staff": "ben", "purpose": "share_partners",
        "reader": "counter",
    }  # fmt: skip


def model_of(route: APIRoute, method: str) -> str | None:
    """The name of the body that a route takes; None where it takes none."""
    said = document()["paths"][route.path_format][method.lower()].get("requestBody", {})
    schema = said.get("content", {}).get("application/json", {}).get("schema", {})
    named = [schema, *schema.get("anyOf", [])]
    return next((each["$ref"].rpartition("/")[2] for each in named if "$ref" in each), None)


def written(body: dict[str, Any], **raw: str) -> bytes:
    """A body as JSON in which some members stand as they are given."""
    import json

    members = {name: json.dumps(value) for name, value in body.items()} | raw
    return ("{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}").encode()


async def test_nothing_absurd_in_a_body_is_an_error_of_ours(house: Served) -> None:
    there, tried = await places(house), 0
    boss = await house.local()
    for route in routes():
        path = route.path_format.format(**{name: there.get(name, "x") for name in route.param_convertors})
        for method in sorted((route.methods or set()) & {"POST", "PUT"}):
            model = model_of(route, method)
            if model is None:
                continue
            fields = document()["components"]["schemas"][model]["properties"]
            bodies = [each.encode() for each in ABSURD]
            bodies += [written(BODIES.get(model, {}), **{name: each}) for name in fields for each in ABSURD]
            for body in bodies:
                answer = await boss.request(method, path, content=body, headers={"Content-Type": "application/json"})
                tried += 1
                assert answer.status_code < 500, (method, path, body[:200], answer.text)
                if answer.status_code >= 400:
                    why = answer.json()["detail"]
                    assert why, (method, path, body[:200])
                    assert "There was an error parsing the body" not in why
                    assert "Value error" not in why
    assert tried > 4_000


async def test_nothing_absurd_in_a_query_or_a_path_is_an_error_of_ours(house: Served) -> None:
    boss, tried = await house.local(), 0
    strange = [
        *(each.strip('"').encode().decode("unicode_escape", "replace") for each in ABSURD if len(each) < 20_000),
        "\0",
        "%",
        "../..",
    ]
    strange = [each.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for each in strange]
    for route in routes():
        for method in sorted((route.methods or set()) & {"GET", "DELETE", "POST", "PUT"}):
            parameters = document()["paths"][route.path_format][method.lower()].get("parameters", [])
            plain = route.path_format.format(**dict.fromkeys(route.param_convertors, "x"))
            asked = [each["name"] for each in parameters if each.get("in") == "query"]
            paths = [f"{plain}?{name}={quote(each, safe='')}" for name in asked for each in strange]
            for name in route.param_convertors:
                others = dict.fromkeys(route.param_convertors, "chen")
                paths += [route.path_format.format(**{**others, name: quote(each, safe="")}) for each in strange]
            for path in paths:
                answer = await boss.request(method, path[:60_000])
                tried += 1
                assert answer.status_code < 500, (method, path[:200], answer.text)
    assert tried > 1_000


@pytest.mark.parametrize("length", ["9" * 5_000, "-1", "0x10", "\u0663".encode().decode("latin-1"), "1" * 30])
async def test_a_length_that_is_none_is_refused(house: Served, length: str) -> None:
    request = f"POST /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n".encode("latin-1")
    status, _ = await asyncio.to_thread(raw, house.url, request)
    assert status in (400, 413)
