"""The catalogue for readers: ``/asyncapi.json`` (AsyncAPI 3.0) for programs, ``docs/events.md`` for people.

``python -m gateway.events.document > docs/events.md`` writes the page; a test holds it to the rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from pydantic.json_schema import models_json_schema

from gateway.events.catalogue import CATALOGUE, Row, example
from gateway.events.sent_live import EVENTS, FRAMES

REF = "#/components/schemas/{model}"
AUDIENCES = {
    "service": "those who look after customers (floor, crew, manager)",
    "technical": "those who look after equipment (it)",
    "program": "programs with an integration token, and webhooks without names",
}
HOLDERS = {"customer": "the customer's", "staff": "the member of staff's", "house": "the house's"}


def asyncapi(version: str) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of the live socket."""
    models = [*dict.fromkeys(model for several in EVENTS.values() for model in several), *FRAMES]
    _, schemas = models_json_schema([(m, "serialization") for m in models], ref_template=REF)
    sent = {type_: row for type_, row in CATALOGUE.items() if row.to or row.lead}
    messages: dict[str, Any] = {_key(type_): _message(type_, row) for type_, row in sent.items()}
    messages |= {frame: _frame(frame) for frame in STANDING}
    messages |= {"Painted": PAINTED, "Touched": TOUCHED}
    down = [_key(type_) for type_ in sent] + [*STANDING]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Moments, the live socket", "version": version},
        "defaultContentType": "application/json",
        "channels": {
            "live": {
                "address": "/live",
                "description": "JSON text frames; with ?since=SEQUENCE every event after that number, each once.",
                "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in [*down, "Painted", "Touched"]},
                "bindings": {"ws": {"query": {"type": "object", "properties": {"since": {"type": "integer"}}}}},
            }
        },
        "operations": {
            "tell": {"action": "send", "channel": CHANNEL, "messages": [_in_channel(key) for key in down]},
            "painted": {"action": "receive", "channel": CHANNEL, "messages": [_in_channel("Painted")]},
            "touched": {"action": "receive", "channel": CHANNEL, "messages": [_in_channel("Touched")]},
        },
        "components": {"messages": messages, "schemas": schemas.get("$defs", {})},
    }


STANDING = ("Hello", "View", "Tick", "Covered")  # frames that are no events
CHANNEL = {"$ref": "#/channels/live"}
PAINTED = {
    "name": "painted",
    "summary": "A tablet shows the event with this number, so many milliseconds after it came.",
    "payload": {
        "type": "object",
        "required": ["type", "sequence", "ms"],
        "properties": {
            "type": {"const": "painted"},
            "sequence": {"type": "integer", "minimum": 0},
            "ms": {"type": "number", "minimum": 0},
        },
    },
}


TOUCHED = {
    "name": "touched",
    "summary": "A person touched the screen so many seconds ago: else it is covered after a while.",
    "payload": {
        "type": "object",
        "required": ["type", "ago"],
        "properties": {"type": {"const": "touched"}, "ago": {"type": "number", "minimum": 0}},
    },
}


def _key(type_: str) -> str:
    return type_.replace(".", "_")


def _in_channel(key: str) -> dict[str, str]:
    return {"$ref": f"#/channels/live/messages/{key}"}


def _frame(model: str) -> dict[str, Any]:
    return {"name": model.lower(), "payload": {"$ref": REF.format(model=model)}}


def _message(type_: str, row: Row) -> dict[str, Any]:
    """One event of the socket; ``x-audiences`` are sent it, ``x-program`` are the members that a program is sent."""
    data = [{"$ref": REF.format(model=model.__name__)} for model in EVENTS[type_]]
    told = {"properties": {"type": {"const": type_}, "data": data[0] if len(data) == 1 else {"anyOf": data}}}
    return {
        "name": type_,
        "summary": _says(row),
        "payload": {"allOf": [{"$ref": REF.format(model="LiveEvent")}, told]},
        "x-audiences": sorted(row.to),
        "x-program": sorted(row.program) if "program" in row.to else [],
    }


def _says(row: Row) -> str:
    return " ".join((row.data.__doc__ or "").split())


def page() -> str:
    """``docs/events.md``."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from (
        "# Events",
        "",
        "Every change is an event, kept whole in the journal; tables, memory and screens are made of these and of",
        "nothing else. This page is made from `gateway/events/catalogue.py`, and a test holds it to that. Times are",
        "ISO 8601 in UTC.",
        "`/asyncapi.json` says what of them leaves on the live socket, and in what shape.",
        "",
        "Audiences: "
        + "; ".join(f"*{name}*: {who}" for name, who in AUDIENCES.items())
        + ". What has none stays here.",
        "",
        "| Type | Sealed with | Sent to | A program is sent |",
        "|---|---|---|---|",
    )
    for type_, row in CATALOGUE.items():
        to = ", ".join(sorted(row.to)) + (" (whom it names)" if row.person else "") if row.to else "nobody"
        program = ", ".join(sorted(row.program)) if "program" in row.to else ""
        yield f"| [`{type_}`](#{type_.replace('.', '')}) | {HOLDERS[row.holder]} key | {to} | {program} |"
    for type_, row in CATALOGUE.items():
        text = json.dumps(example(type_), ensure_ascii=False, indent=1)
        yield from ("", f"## {type_}", "", _says(row), "", "```json", text, "```")


if __name__ == "__main__":
    sys.stdout.write(page())
