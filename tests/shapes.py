"""What the gateway answers and sends, held against the models of its document: a wrong shape is red anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import httpx2
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from gateway.console.answers import ProblemDetails
from gateway.console.app import RESOURCES, doors
from gateway.console.routes import Route
from gateway.events.sent_covered import Covered
from gateway.events.sent_frames import Hello, LiveEvent, Tick, View
from gateway.events.sent_live import EVENTS

FORGOTTEN = {"visit", "alert", "customer", "state"}  # what is left of an event whose customer was erased meanwhile
FRAMES = {"hello": Hello, "tick": Tick, "view": View, "covered": Covered}


def validate(model: Any, data: Any, *, part: bool = False) -> None:
    """Fails where ``data`` is not what the model says; in ``part`` members may be missing, and none may be added."""
    wrong = mistakes(model, data, part=part)
    assert not wrong, f"{_name(model)}: {'; '.join(wrong)}\n{data}"


def mistakes(model: Any, data: Any, *, part: bool = False) -> list[str]:
    """What is wrong with ``data``, a line each."""
    try:
        _adapter(model).validate_python(data, strict=True)
    except ValidationError as error:
        return [
            f"{'/'.join(map(str, e['loc']))}: {e['msg']}"
            for e in error.errors(include_url=False)
            if not (part and e["type"] == "missing")
        ]
    return []


# --- HTTP ------------------------------------------------------------------------------------------------------------


async def as_documented(response: httpx2.Response) -> None:
    """A hook for clients: fails at the request whose answer is not what the document says of its route and status."""
    await response.aread()
    request = response.request
    kind = response.headers.get("content-type", "").partition(";")[0]
    wrong = answer_mistakes(request.method, request.url.path, response.status_code, kind, response.content)
    assert not wrong, (
        f"{request.method} {request.url.path} → {response.status_code}: {'; '.join(wrong)}\n{response.text}"
    )


def answer_mistakes(method: str, path: str, status: int, kind: str, body: bytes) -> list[str]:
    """What is wrong with one answer; of what the document does not know (files, no route) problems alone are read."""
    route = next((r for r in routes() if r.path_regex.match(path) and method in (r.methods or ())), None)
    said: Mapping[str, Any] = {}
    if route is not None:
        documented = document()["paths"][route.path_format][method.lower()]["responses"]
        if str(status) not in documented:
            return [f"a {status} is not documented"]
        said = response_of(documented[str(status)]).get("content", {})
        if kind not in (list(said) or [""]):
            return [f"{kind or 'nothing'} is not documented, but {', '.join(said) or 'nothing'}"]
    if status >= 400 and (route is not None or path.startswith("/api")):
        return _read(ProblemDetails, body)
    model = model_of(route, status) if route is not None else None
    if said and model is None and kind == "application/json":
        return ["it has no model"]
    return _read(model, body) if model is not None and said and kind == "application/json" else []


def response_of(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the document says of an answer, also where it says so elsewhere."""
    found: Mapping[str, Any] = (
        document()["components"]["responses"][said["$ref"].rpartition("/")[2]] if "$ref" in said else said
    )
    return found


def model_of(route: APIRoute, status: int) -> Any:
    """The model of a route's answer with this status; None where there is none."""
    whole = _whole()[route.path_format, *sorted(route.methods or ())]
    if status == (whole.status_code or 200):
        return whole.response_model
    return whole.responses.get(status, {}).get("model")


@cache
def _whole() -> dict[tuple[str, ...], APIRoute]:
    return {(r.path_format, *sorted(r.methods or ())): r.whole() if isinstance(r, Route) else r for r in routes()}


@cache
def routes() -> tuple[APIRoute, ...]:
    """Every route that the document knows."""
    return tuple(r for resource in RESOURCES for r in resource.router.routes if isinstance(r, APIRoute))


@cache
def document() -> dict[str, Any]:
    """``/openapi.json``."""
    return doors().openapi()


def _read(model: Any, body: bytes) -> list[str]:
    try:
        _adapter(model).validate_json(body, strict=True)
    except ValidationError as error:
        return [f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
    return []


# --- the live socket -------------------------------------------------------------------------------------------------


def frame_mistakes(message: Mapping[str, Any], *, part: bool) -> Iterator[str]:
    """What is wrong with one frame; in ``part`` for who is sent less than everything, such as a program."""
    frame = FRAMES.get(message["type"])
    if frame is not None:
        yield from mistakes(frame, message, part=part)
        return
    yield from mistakes(LiveEvent, message)
    models = EVENTS.get(message["type"])
    if models is None:
        yield "there is no model of such an event"
        return
    less = part or FORGOTTEN.issuperset(message["data"])
    yield from min((mistakes(model, message["data"], part=less) for model in models), key=len)


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _name(model: Any) -> str:
    return getattr(model, "__name__", str(model))
