"""Health for monitors, metrics for Prometheus; no login, no names."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway.console.problems import Problem
from gateway.core.shapes import Shape

router = APIRouter(tags=["health"])

LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient", None})


@router.get("/health")
async def health(request: Request) -> Shape:
    """Whether all is well, reader by reader."""
    shape: Shape = request.app.state.health()
    return shape


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus text; from this machine only."""
    if request.client is not None and request.client.host not in LOOPBACK:
        raise Problem(403, "metrics are for this machine only")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
