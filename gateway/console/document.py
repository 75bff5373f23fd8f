"""What ``/openapi.json`` says beside the routes themselves: logins, what each door refuses, what the live socket sends.

A route names its own refusals. Those of the door before it follow from what it asks for: a login, a body, a key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from gateway.console.act import LONGEST_KEY, performer
from gateway.console.problems import refusal
from gateway.console.quarantined import shut
from gateway.console.routes import Route
from gateway.console.security import UNSAFE, leaving, principal
from gateway.core.shapes import Shape

LOGINS = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A program's token, as `moments token` prints it."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "moments",
        "description": "A person's session on a tablet, as signing in sets it; with TLS its name is `__Host-moments`.",
    },
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body get the first answer, however often they are sent.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}
REF = "#/components/schemas/{model}"
OF_FASTAPI = ("HTTPValidationError", "ValidationError")  # what it says of a 422; ours is a problem
UNCHECKED = frozenset({"type", "title"})  # what the schema of a path's part says where any text will do


class Documented(FastAPI):
    """An application whose document says all that its doors may answer."""

    def __init__(self, routers: Sequence[APIRouter], **settings: Any) -> None:
        super().__init__(**settings)
        self._routers = routers

    def openapi(self) -> Shape:
        """The OpenAPI 3.1 document; made once."""
        if self.openapi_schema is None:
            served = self.router.routes
            self.router.routes = [_whole(route) for route in served]
            try:
                made = super().openapi()
            finally:
                self.router.routes = served
            refused: set[int] = set()
            for route in (r for router in self._routers for r in router.routes if isinstance(r, APIRoute)):
                for method in route.methods or ():
                    path = route.path_format
                    operation = made["paths"][path][method.lower()]
                    refused |= _tell(path, operation, method, set(_asked(route.dependant)))
            schemas = {**made["components"]["schemas"], **_sent()}
            made["components"] = {
                "schemas": {name: schemas[name] for name in sorted(schemas) if name not in OF_FASTAPI},
                "responses": {f"Problem{status}": refusal(status) for status in sorted(refused)},
                "parameters": {"IdempotencyKey": KEY},
                "securitySchemes": LOGINS,
            }
            self.openapi_schema = {**made, **{part: _bare(made[part]) for part in ("paths", "components")}}
        return self.openapi_schema


def _whole(route: BaseRoute) -> BaseRoute:
    return route.whole() if isinstance(route, Route) else route


def _tell(path: str, operation: Shape, method: str, asked: set[Callable[..., Any]]) -> set[int]:
    """Adds to one operation what its door asks for and may refuse; gives all that it may refuse."""
    answers = operation["responses"]
    refused = {400, *(int(status) for status in answers if status >= "4" and status != "422")}
    if path.startswith("/api/"):
        refused.add(503)  # the house is full
    if shut(path):
        refused.add(423)
    if not asked.isdisjoint({principal, leaving}):
        operation["security"] = [{name: []} for name in LOGINS]
        refused |= {401, 403}
        refused |= {415} if method in UNSAFE else set()
    if "requestBody" in operation or method in UNSAFE:
        refused |= {408, 413}
    if "requestBody" in operation or any(map(_checked, operation.get("parameters", ()))):
        refused.add(422)
    if performer in asked:
        refused |= {422, 503, 507}
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    kept = {status: said for status, said in answers.items() if status < "4"}
    named = {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(refused)}
    operation["responses"] = kept | named
    return refused


def _asked(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for each in dependant.dependencies:
        if each.call is not None:
            yield each.call
        yield from _asked(each)


def _checked(parameter: Shape) -> bool:
    return parameter["in"] != "path" or not UNCHECKED.issuperset(parameter["schema"])


def _bare(part: Any) -> Any:
    """A part of the document without titles that repeat a name, and without the null that is left out."""
    if isinstance(part, list):
        return [_bare(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _bare(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }


def _sent() -> dict[str, Shape]:
    """The schemas of what the live socket sends, and of a problem, with all that they hold.

    Their models are made when the document is, which nobody asks of most gateways.
    """
    from pydantic import BaseModel
    from pydantic.json_schema import models_json_schema

    from gateway.console.answers import ProblemDetails
    from gateway.events.sent_live import EVENTS, FRAMES

    models: set[type[BaseModel]] = {ProblemDetails, *FRAMES, *(model for of in EVENTS.values() for model in of)}
    by_name = sorted(models, key=lambda model: model.__name__)
    _, made = models_json_schema([(model, "serialization") for model in by_name], ref_template=REF)
    schemas: dict[str, Shape] = made["$defs"]
    return schemas
