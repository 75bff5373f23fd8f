"""Errors as RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gateway.records.errors import DiskFull, StoreFull
from gateway.service.desk import Refused

MEDIA_TYPE = "application/problem+json"
WHEN = {
    400: "The Host name is none of ours, or the request cannot be read.",
    401: "There is no login, or it has ended; signing in: the PIN or the code is wrong.",
    403: "The role does not allow this, or the request comes from another site.",
    404: "There is no such thing, or not any more.",
    409: "Something stands in the way: `alert`, `ask`, `existing` or `stops` shows what.",
    408: "The request did not come to an end in time.",
    412: "It was changed meanwhile: `changed` shows how, and the `version` to send as `If-Match`.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    423: "The house is in quarantine: nobody can know whom it has forgotten, and no customer is shown.",
    422: "The request is not as expected: `errors` says where.",
    429: "Too soon after something wrong, or more at once than one may have: `retry_after_s` says when.",
    503: "Too much is waiting to be written, or too many are connected; nothing was recorded.",
    507: "The gateway's disk is full; nothing was recorded.",
}
"""When an answer has one of these statuses."""


class Problem(Exception):
    """An answer that is not what was asked for; ``extra`` stands beside the standard members."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.extra = extra


def no_room(full: DiskFull) -> str:
    """What whoever wanted something recorded is told."""
    return f"the gateway's disk {full.why}; nothing was recorded"


def answer(status: int, detail: str, headers: dict[str, str] | None = None, **extra: Any) -> JSONResponse:
    """A problem details response (RFC 9457 section 3)."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **extra}
    return JSONResponse(jsonable_encoder(body), status, headers=headers, media_type=MEDIA_TYPE)


def documented(*refusals: int, answers: Mapping[int, str] | None = None) -> dict[int | str, dict[str, Any]]:
    """What a route's document says beside its ordinary answer; what its door refuses is added by ``document``."""
    said: dict[int | str, dict[str, Any]] = {status: refusal(status) for status in refusals}
    for status, model in (answers or {}).items():
        said[status] = {"model": model}
    return said


def refusal(status: int) -> dict[str, Any]:
    """What the document says of an answer with this status: a problem."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": WHEN[status], "content": {MEDIA_TYPE: {"schema": schema}}}


def _unreadable(cause: BaseException | None) -> str | None:
    """What is wrong with a body that could not even be read as JSON; None where it was read."""
    if isinstance(cause, RecursionError):
        return "body: nested too deeply"
    if isinstance(cause, UnicodeDecodeError):
        return "body: not UTF-8"
    return "body: a number too large" if isinstance(cause, ValueError) else None


def install(app: FastAPI) -> None:
    """Every error of this application leaves as a problem."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, problem: Problem) -> JSONResponse:
        return answer(problem.status, problem.detail, problem.headers, **problem.extra)

    @app.exception_handler(Refused)
    async def _refused(_: Request, refused: Refused) -> JSONResponse:
        return answer(refused.status, refused.reason)

    @app.exception_handler(StoreFull)
    async def _behind(_: Request, full: StoreFull) -> JSONResponse:
        return answer(503, "too much is waiting to be written; try again", {"Retry-After": "2"})

    @app.exception_handler(DiskFull)
    async def _no_room(_: Request, full: DiskFull) -> JSONResponse:
        return answer(507, no_room(full))

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        said = _unreadable(error.__cause__) or str(error.detail)
        return answer(error.status_code, said, dict(error.headers) if error.headers else None)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        wrong = [
            # The value stays out: it may be a PIN.
            {"at": "/".join(str(part) for part in e["loc"]), "reason": e["msg"].removeprefix("Value error, ")}
            for e in error.errors()
        ]
        first = wrong[0] if wrong else {"at": "body", "reason": "unreadable"}
        return answer(422, f"{first['at']}: {first['reason']}", errors=wrong)
