"""No score reaches a price, a queue, a tier or a route: neither by what imports what, nor by what a door takes."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.settings.venue import VenueConfig
from tests.program import REPOSITORY

DECIDING = ("recognition", "service", "consent", "settings", "hub", "joined")
"""Rooms in which it is decided who is greeted when, who sits where, what is rung, and who may what."""
READS = {
    "core/insight_book.py", "core/insight_ids.py", "core/insight_rows.py", "core/insight_world.py",
    "core/insight_ledger.py", "core/insight_morning.py", "core/insight_voices.py", "core/suggested.py",
    "core/suggestions.py",
    "core/actions/said.py",
    "operations/insight_runs.py", "console/insight.py", "console/ledger.py", "console/suggestions.py",
    "console/voices.py",
    "console/app.py", "records/insight_file.py",
    "core/gatherings.py",  # how many of how many came, below thirty as a count
    "privacy/elsewhere.py",  # whether whoever is in it agrees
}  # fmt: skip
"""The only files of a gateway that know what a run found; commands of their own beside them."""
FOUND = (".insight_book.", ".insight_rows.", ".insight_file.", ".insight_runs.", "gateway.insight.")
SCORES = frozenset({"net", "ratio", "band", "stickiness", "influence", "strategic", "future", "theta", "worth"})


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_that_decides_knows_what_a_run_found() -> None:
    gateway = REPOSITORY / "gateway"
    knowing = {
        str(file.relative_to(gateway))
        for file in gateway.rglob("*.py")
        if not str(file.relative_to(gateway)).startswith(("insight/", "commands/"))
        and any(part in f"{name}." for name in imported(file) for part in FOUND)
    }
    assert knowing <= READS, "a file that decides something has come to know a score"
    assert {each.partition("/")[0] for each in knowing}.isdisjoint(DECIDING)


def members(schema: dict[str, Any], schemas: dict[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every member that a body may have, however deep."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        yield from members(schemas[name], schemas, seen | {name})
    for member, inner in schema.get("properties", {}).items():
        yield member
        yield from members(inner, schemas, seen)
    for key in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(key, ()):
            yield from members(inner, schemas, seen)
    if isinstance(schema.get("items"), dict):
        yield from members(schema["items"], schemas, seen)


def test_no_door_takes_a_score_and_no_other_answer_gives_one() -> None:
    document = json.loads((REPOSITORY / "staff_console/openapi.json").read_text("utf-8"))
    schemas = document["components"]["schemas"]
    taken, given = set[str](), set[str]()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                taken |= {f"{method} {path}: {each}" for each in members(content["schema"], schemas) if each in SCORES}
            if "/insight/" in path:
                continue
            for answer in operation["responses"].values():
                for content in answer.get("content", {}).values():
                    said = members(content.get("schema", {}), schemas)
                    given |= {f"{method} {path}: {each}" for each in said if each in {"net", "ratio", "band", "theta"}}
    assert taken == set()
    assert given == set()


def test_no_setting_names_a_score() -> None:
    schema = VenueConfig.model_json_schema()
    named = {each for each in members(schema, schema["$defs"]) if each in SCORES}
    assert named == set()
