"""``moments replay``, ``simulate`` and ``score``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.recognition.recording import BadRecording


def replay(files: Sequence[Path]) -> None:
    """One JSON line for each event."""
    from gateway.recognition.replay import replay_files

    try:
        for event in replay_files(files):
            click.echo(json.dumps(event, ensure_ascii=False))
    except (BadRecording, OSError) as error:
        fail(str(error))
