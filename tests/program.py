"""The command line as people run it: a process, its exit code, and what it said."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
COMMAND_WITHIN = 50.0  # seconds; the machine may be busy


@dataclass(slots=True, frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def command_line(*arguments: str | Path, clock: Path | None = None) -> list[str]:
    """The words that run ``moments`` from this checkout; ``clock`` says by how much its wall clock is wrong."""
    program = ["gateway"] if clock is None else ["tests.clocked", str(clock)]
    return [sys.executable, "-m", *program, *map(str, arguments)]


def run(*arguments: str | Path, stdin: bytes = b"") -> Ended:
    """Runs ``moments`` with these arguments and waits for its end."""
    done = subprocess.run(
        command_line(*arguments), cwd=REPOSITORY, input=stdin, capture_output=True, timeout=COMMAND_WITHIN, check=False
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def kept_in(folder: Path, secret: str) -> Path:
    """A file of its owner's alone that holds a secret, as a command takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"secret-{len(list(folder.glob('secret-*')))}"
    file.touch(0o600)
    file.write_text(f"{secret}\n", "utf-8")
    return file


async def moments(*arguments: str | Path, stdin: bytes = b"") -> Ended:
    """The same beside a loop that goes on."""
    return await asyncio.to_thread(run, *arguments, stdin=stdin)
