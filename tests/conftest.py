"""What all tests share: which are quick, and that hypothesis takes its time where the machine is busy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gateway.events import venue_time

settings.register_profile("moments", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("moments"), max_examples=25)
settings.load_profile("moments")

HERE = Path(__file__).parent
QUICK = {
    "core", "events", "insight", "reader_drivers", "recognition", "records", "service", "settings", "test_gateway.py",
    "test_house.py", "test_sequencer.py",
}  # fmt: skip
"""Whose tests need no other program and no network."""
SEVERAL = {"", "browser", "commands", "joined", "standby", "story"}
"""Whose tests are often several programs beside each other; of those few shall run at once."""
SOAK = "MOMENTS_SOAK" in os.environ
"""Whether ``make soak`` asks."""


@pytest.fixture(autouse=True)
def _time_of_nowhere() -> None:
    """No test finds the time zone of the venue before it."""
    venue_time.use("UTC")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves out what takes an hour, and does not even import the others where only the quick ones are asked for."""
    if collection_path == HERE / "soak" and not SOAK:
        return True
    if config.option.markexpr != "quick" or collection_path == HERE or not collection_path.is_relative_to(HERE):
        return None
    return collection_path.relative_to(HERE).parts[0] not in QUICK or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what ``make quick`` runs: what is not slow, and of the drivers what plays no device. Spreads them."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    items[:] = [item for path in _spread(list(files)) for item in files[path]]
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        plays_device = folder == "reader_drivers" and item.get_closest_marker("asyncio") is not None
        if folder in QUICK and not plays_device and item.get_closest_marker("slow") is None:
            item.add_marker("quick")


def _spread(files: list[Path]) -> list[Path]:
    """The same files, those of each folder at equal distances over the run."""
    folders: dict[str, list[Path]] = {}
    for each in files:
        folders.setdefault(each.relative_to(HERE).parts[0] if each.parent != HERE else "", []).append(each)
    at: dict[Path, float] = {}
    for folder, there in folders.items():
        until = 0.9 if folder in SEVERAL else 1.0  # of the run: what takes long does not begin last
        at |= {each: until * (number + 0.5) / len(there) for number, each in enumerate(there)}
    return sorted(files, key=at.__getitem__)
