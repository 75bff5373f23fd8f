"""Errors as RFC 9457 problem details."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gateway.service.desk import Refused

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that is not what was asked for; ``extra`` stands beside the standard members."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.extra = extra


def answer(status: int, detail: str, headers: dict[str, str] | None = None, **extra: Any) -> JSONResponse:
    """A problem details response (RFC 9457 section 3)."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **extra}
    return JSONResponse(jsonable_encoder(body), status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Every error of this application leaves as a problem."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, problem: Problem) -> JSONResponse:
        return answer(problem.status, problem.detail, problem.headers, **problem.extra)

    @app.exception_handler(Refused)
    async def _refused(_: Request, refused: Refused) -> JSONResponse:
        return answer(refused.status, refused.reason)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        return answer(error.status_code, str(error.detail), dict(error.headers) if error.headers else None)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        wrong = [
            {"at": "/".join(str(part) for part in e["loc"]), "reason": e["msg"]}  # the value stays out: it may be a PIN
            for e in error.errors()
        ]
        first = wrong[0] if wrong else {"at": "body", "reason": "unreadable"}
        return answer(422, f"{first['at']}: {first['reason']}", errors=wrong)
