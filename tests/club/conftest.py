"""The club's books are tested on the PostgreSQL of the hub's tests."""

from __future__ import annotations

from tests.hub.conftest import cluster

__all__ = ["cluster"]
