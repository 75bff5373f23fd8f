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
        for event in replay_files(files, lambda text: click.echo(text, err=True)):
            click.echo(json.dumps(event, ensure_ascii=False))
    except (BadRecording, OSError) as error:
        fail(str(error))


def simulate(scenario: Path, seed: int, out: Path) -> None:
    """Writes a recording with truth and tells its check values; ends with 2 where the scenario is none.

    Ends with 1 where a check value is not within 15 % of what was measured on real radio.
    """
    from gateway.recognition.recording import save
    from gateway.recognition.simulator.checks import check_values
    from gateway.recognition.simulator.scenario import BadScenario, read_scenario
    from gateway.recognition.simulator.simulate import record
    from gateway.settings.mistakes import BadConfig
    from gateway.settings.toml_file import read

    try:
        head, stream = record(read_scenario(read(scenario)), seed)
    except BadConfig as error:
        fail(str(error), 2)
    except BadScenario as error:
        fail(f"{scenario}: {error}", 2)
    rows = list(stream)
    try:
        save(out, head, rows)
    except OSError as error:
        fail(str(error))
    click.echo(f"{out}: {len(head.customers)} customers, {len(head.readers)} readers", err=True)
    values = check_values(head, rows)
    for value in values:
        click.echo(str(value), err=True)
    if not values:
        click.echo("no check values: none is known of this kind of recording, or it is too short", err=True)
    if not all(value.good for value in values):
        fail("the simulation does not sound like real radio")


def score(files: Sequence[Path]) -> None:
    """Prints tables; ends with 1 where no recording says where anybody was."""
    from gateway.recognition.score import score_files

    try:
        report = score_files(files)
    except (BadRecording, OSError) as error:
        fail(str(error))
    if not report.tallies:
        fail("there is no truth in it, so nothing to score: add rows that say where each customer was, or try replay")
    click.echo(report.text())
