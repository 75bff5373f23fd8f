"""How a command ends: 0 done, 1 failed, 2 usage or configuration; always with words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from gateway.settings.venue import BadConfig, VenueConfig, load


def fail(words: str, code: int = 1) -> NoReturn:
    """Says on stderr what was wrong and ends."""
    click.echo(words, err=True)
    sys.exit(code)


def settings(path: Path) -> VenueConfig:
    """The venue's settings; ends with 2 and every mistake in words."""
    try:
        return load(path)
    except BadConfig as bad:
        fail(str(bad), 2)
