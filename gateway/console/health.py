"""Health for monitors, metrics for Prometheus; no login, no names."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway.console.act import respond
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes

router = Routes(tags=["health"])

LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient", None})


@router.get("/health", response_model="answers.HealthReport")
async def health(request: Request) -> Response:
    """Whether all is well, reader by reader."""
    return respond({**request.app.state.health(), "nothing_deleted": request.app.state.letting_go.why()})


@router.get("/metrics", response_class=PlainTextResponse, responses=documented(403))
async def metrics(request: Request) -> Response:
    """Prometheus text; from this machine only."""
    if request.client is not None and request.client.host not in LOOPBACK:
        raise Problem(403, "metrics are for this machine only")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
