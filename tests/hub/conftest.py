"""What the hub's tests share: a PostgreSQL for the session, where one is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub import postgres
from tests.hub.postgres import Cluster

MISSING = "PostgreSQL 15 or newer is not installed (Debian: postgresql)"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private PostgreSQL; the test is skipped where there is none."""
    pytest.importorskip("asyncpg", reason="the extra 'postgres' is not installed")
    if postgres.programs() is None:
        pytest.skip(MISSING)
    with postgres.cluster() as found:
        yield found
