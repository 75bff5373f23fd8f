"""The command line: a machine becomes a house."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_keeping import RECOVERY_FILE
from gateway.cli_options import CONFIG, DATA
from gateway.cli_secrets import PIN, PIN_FILE

LISTEN = click.option(
    "--listen", metavar="ADDRESS:PORT", help="Where the set-up page is; beyond this machine it speaks TLS."
)


@click.command()
@click.option(
    "--from",
    "answers",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A venue.toml with a table [manager]; a page asks where it is left out.",
)
@LISTEN
@PIN
@PIN_FILE
@RECOVERY_FILE
@CONFIG
@DATA
def setup(
    answers: Path | None, listen: str | None, pin: str | None, recovery_file: Path | None, config: Path, data: Path
) -> None:
    """Makes a house of an empty folder: settings, keys, the first manager. Says PIN and recovery key once.

    With --recovery-file copies are opened by the passphrase in it, not by words. moments serve does the same by a page.
    """
    if answers is not None and listen is not None:
        raise click.UsageError("--from asks nobody: leave --listen out")
    from gateway.commands import setup as founding

    if answers is not None:
        founding.from_file(answers, config, data, pin, recovery_file)
    elif pin is not None or recovery_file is not None:
        raise click.UsageError("--pin-file and --recovery-file go with --from: the page asks by itself")
    else:
        founding.alone(config, data, listen)
