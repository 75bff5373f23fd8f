"""Where the settings of a venue are."""

from __future__ import annotations

from pathlib import Path

USUAL = Path("/etc/moments/venue.toml")


def in_data(data: Path) -> Path:
    """Where the settings lie that a set-up wrote beside the records."""
    return data / "venue.toml"


def settings_of(config: Path, data: Path) -> Path:
    """``config``, or what a set-up wrote beside the records where the usual place has no file."""
    beside = in_data(data)
    return beside if config == USUAL and not config.exists() and beside.exists() else config
