"""Secrets that a command takes: from a file, a pipe or the keyboard, and never as an argument."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import click

LONGEST = 1_000  # bytes of a file that holds one line
AN_ARGUMENT = (
    "a secret on the command line stays in the shell's history, and every program of this machine sees it: "
    "leave {option} out, or give {option}-file FILE (- asks for it on the terminal, or reads a pipe)"
)


def said(option: str, value: Path | None) -> str | None:
    """The one line of this file, without its end; - is the keyboard or a pipe. Raises UsageError."""
    if value is None:
        return None
    if str(value) == "-":
        if sys.stdin.isatty():
            return str(click.prompt(option.strip("-").upper(), hide_input=True, confirmation_prompt=True))
        return sys.stdin.readline(LONGEST).rstrip("\r\n")
    try:
        mode = value.stat().st_mode
        if stat.S_ISREG(mode) and mode & 0o077:
            words = f"others may read {value} (mode {stat.S_IMODE(mode):04o}); type: chmod 0600 {value}"
            raise click.UsageError(f"{option}-file: {words}")
        with value.open(encoding="utf-8") as file:
            return file.readline(LONGEST).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{option}-file: {value} cannot be read ({error})") from None


def _refused(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        option = parameter.opts[0]
        raise click.UsageError(AN_ARGUMENT.format(option=option))


PIN = click.option("--pin", "argument", hidden=True, expose_value=False, callback=_refused)
PIN_FILE = click.option(
    "--pin-file",
    "pin",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    callback=lambda _context, _parameter, value: said("--pin", value),
    help="4 to 12 digits in a file of mode 0600; - asks, or reads a pipe. Made at random where it is left out.",
)
