"""``/openapi.json`` says all that the doors answer, and the console's types are made of it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.console.problems import MEDIA_TYPE
from gateway.events.sent_live import EVENTS, FRAMES
from tests.console import openapi
from tests.console.test_rights import ANYBODY, MAY, THEIRS
from tests.shapes import document, model_of, response_of, routes

WEB = openapi.FILE.parent
STALE = "the gateway's shapes have changed: make types"
UNTYPED = {"JournalEntry/data", "LiveEvent/data", "OwnRecord/rows"}  # said by the event's type, or by the table
UNTYPED |= {"Settings/settings", "SettingsRow/value"}  # what venue.toml holds
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def untyped(schema: Any, at: str) -> Iterator[str]:
    """Where a schema leaves open what a member is."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return
    kinds = ("anyOf", "allOf", "oneOf", "enum", "const")
    if (not any(kind in schema for kind in kinds) and "type" not in schema) or (
        schema.get("type") == "object"
        and "properties" not in schema
        and schema.get("additionalProperties") in (True, None)
    ):
        yield at
    for kind in kinds[:3]:
        for part in schema.get(kind, ()):
            yield from untyped(part, at)
    for name, part in schema.get("properties", {}).items():
        yield from untyped(part, f"{at}/{name}")
    for name in ("items", "additionalProperties"):
        yield from untyped(schema.get(name), at)


def test_every_operation_answers_with_a_model_or_with_nothing() -> None:
    found = list(operations())
    assert {(method, path) for method, path, _ in found} == set(MAY) | THEIRS | {
        each for each in ANYBODY if each[1] not in ("/", "/me", "/openapi.json", "/asyncapi.json", "/live")
    }
    for method, path, operation in found:
        route = next(r for r in routes() if r.path_format == path and method in (r.methods or ()))
        good = {int(status): said for status, said in operation["responses"].items() if status < "4"}
        assert good, f"{method} {path}"
        for status, said in good.items():
            content = said.get("content", {})
            if status in (204, 304) or path == "/metrics" or content.keys() & {"application/zip", "text/calendar"}:
                assert "application/json" not in content, f"{method} {path}"
                continue
            assert model_of(route, status) is not None, f"{method} {path} → {status}"
            assert not list(untyped(content["application/json"]["schema"], path)), f"{method} {path} → {status}"


def test_no_answer_is_validated_while_somebody_waits_for_it() -> None:
    returned = {route.path_format: route.endpoint.__annotations__["return"] for route in routes()}
    assert {path for path, kind in returned.items() if kind != "Response"} == set(), (
        "what is returned as it is, is sent so"
    )


def test_no_schema_leaves_open_what_a_member_is() -> None:
    schemas = document()["components"]["schemas"]
    assert len(schemas) > 100
    assert {at for name, schema in schemas.items() for at in untyped(schema, name)} == UNTYPED
    ours = [schema for schema in schemas.values() if schema.get("type") == "object"]
    assert all(schema["additionalProperties"] is False for schema in ours)


def test_every_refusal_is_a_problem_and_who_must_log_in_is_told_how() -> None:
    for method, path, operation in operations():
        refusals = {int(status): said for status, said in operation["responses"].items() if status >= "4"}
        for status, said in refusals.items():
            content = response_of(said)["content"]
            assert content == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}, status
        needed = {401, 403} if (method, path) in MAY else set()
        assert needed <= set(refusals), f"{method} {path}"
        assert operation.get("security") == (SECURITY if (method, path) in MAY else None), f"{method} {path}"
        assert ("requestBody" not in operation) or 422 in refusals, f"{method} {path}"
    schemes = document()["components"]["securitySchemes"]
    assert (schemes["bearer"]["scheme"], schemes["cookie"]["in"]) == ("bearer", "cookie")


@pytest.mark.parametrize(
    ("operation", "refusals"),
    [
        ("GET /api/session", {400, 401, 403, 503}),
        ("GET /api/alerts/{alert}", {400, 401, 403, 404, 423, 503}),
        ("POST /api/alerts/{alert}/claim", {400, 401, 403, 404, 408, 409, 413, 415, 422, 423, 503, 507}),
        ("POST /api/sign-in", {400, 401, 403, 408, 409, 413, 422, 429, 503, 507}),
        ("DELETE /api/enrolment", {400, 401, 403, 408, 413, 415, 423, 503}),
        ("GET /health", {400}),
    ],
)
def test_an_operation_names_the_refusals_that_can_happen_and_no_others(operation: str, refusals: set[int]) -> None:
    method, path = operation.split()
    said = document()["paths"][path][method.lower()]["responses"]
    assert {int(status) for status in said if status >= "4"} == refusals


def test_what_the_live_socket_sends_is_among_the_schemas_and_what_nobody_sends_is_not() -> None:
    schemas = document()["components"]["schemas"]
    assert {model.__name__ for of in [FRAMES, *EVENTS.values()] for model in of} <= set(schemas)
    assert not {name for name in schemas if "HTTPValidation" in name or name.startswith("gateway__") or "-" in name}
    body = schemas["NewPreference"]["properties"]["at"]
    assert {"type": "string", "format": "date-time"} in body["anyOf"], "times are sent to us as text"


def test_the_document_in_the_repository_is_the_gateway_s() -> None:
    assert openapi.FILE.read_text("utf-8") == openapi.text(), STALE


def test_the_console_s_types_are_made_of_the_document(tmp_path: Path) -> None:
    program = WEB / "node_modules" / ".bin" / "openapi-typescript"
    if not program.exists():
        pytest.skip("the console's npm packages are not installed")
    made = tmp_path / "types.ts"
    command = re.sub(r"--output \S+", f"--output {made}", scripts()["types"]).split()
    subprocess.run([program, *command[1:]], cwd=WEB, check=True, capture_output=True)
    assert (WEB / "src" / "lib" / "api-types.ts").read_text("utf-8") == made.read_text("utf-8"), STALE


def scripts() -> dict[str, str]:
    """The npm scripts of the console."""
    found: dict[str, str] = json.loads((WEB / "package.json").read_text("utf-8"))["scripts"]
    return found
