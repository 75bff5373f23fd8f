"""A data folder on a real disk, opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.records.journal import Journal
from gateway.records.store import Store

SOURCE = "/venues/test"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = Store.open(folder, source=SOURCE)
    yield opened
    opened.close()


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)
