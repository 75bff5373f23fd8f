"""Routes that are made when they are first asked for, and whose answers are known by name until then.

What a request may hold is made of models, which takes a millisecond and twenty kilobytes a route; most of two hundred
are never asked in one house. Models of answers are only ever written down in the document: each door answers with what
it has made itself.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pydantic
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette import routing
from starlette.types import Receive, Scope, Send

# FastAPI asks of all that a request may hold whether it is of pydantic's first version, and would import that for it.
vars(pydantic).setdefault("v1", SimpleNamespace(BaseModel=type("NoModelOfOurs", (), {})))


class Route(APIRoute):
    """A route of which ``response_model`` and ``model`` name modules of answers and their classes, as text.

    Until somebody asks for it, or for what it depends on, it knows its path and methods alone.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **settings: Any) -> None:
        self._settings = settings
        self._made = False
        routing.Route.__init__(self, path, endpoint, methods=settings.get("methods"))
        self.methods = {method.upper() for method in settings.get("methods") or ("GET",)}

    def __getattr__(self, name: str) -> Any:
        if self.__dict__.get("_made", True) or name.startswith("__"):
            raise AttributeError(name)
        self._make()
        return getattr(self, name)

    def _make(self) -> None:
        self._made = True
        super().__init__(self.path, self.endpoint, **{**self._settings, "response_model": None, "responses": None})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if not self._made:
            self._make()
        await super().handle(scope, receive, send)

    def whole(self) -> APIRoute:
        """The same route with the models of its answers, as the document needs it."""
        said = {status: _with_model(each) for status, each in (self._settings.get("responses") or {}).items()}
        answer = model(self._settings.get("response_model"))
        return APIRoute(self.path, self.endpoint, **{**self._settings, "response_model": answer, "responses": said})


class Routes(APIRouter):
    """Routes under one prefix."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, route_class=Route)


class _Modules(dict[str, Any]):
    """The modules of answers, each imported when it is first named."""

    def __missing__(self, name: str) -> Any:
        room = "console" if name.startswith("answers") else "events"
        self[name] = found = import_module(f"gateway.{room}.{name}")
        return found


_MODULES = _Modules(list=list, dict=dict, str=str)


def model(named: Any) -> Any:
    """What a text like ``list[answers.Found]`` names; anything else is itself."""
    return eval(named, {"__builtins__": {}}, _MODULES) if isinstance(named, str) else named  # noqa: S307 - ours alone


def _with_model(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "model": model(said["model"])} if "model" in said else said
