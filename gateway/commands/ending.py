"""How a command ends: 0 done, 1 failed, 2 usage or configuration; always with words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from gateway.events import venue_time

if TYPE_CHECKING:
    from gateway.settings.venue import VenueConfig


def fail(words: str, code: int = 1) -> NoReturn:
    """Says on stderr what was wrong and ends."""
    click.echo(words, err=True)
    sys.exit(code)


def settings(path: Path) -> VenueConfig:
    """The venue's settings; ends with 2 and every mistake in words."""
    from gateway.settings.venue import BadConfig, load  # half of what a command without settings takes to start

    try:
        config = load(path)
    except BadConfig as bad:
        fail(str(bad), 2)
    venue_time.use(config.venue.timezone)
    return config
