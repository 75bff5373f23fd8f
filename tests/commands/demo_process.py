"""The demo as a process, and the address that it prints."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.program import REPOSITORY, command_line

PIN = "482913"
ENDS_WITHIN = 120.0  # seconds; the machine may be busy


@contextmanager
def demo(*words: str, says: str = r"(http://[\d.]+:\d+)", within: float = 40.0) -> Iterator[str]:
    """``moments demo`` until the block ends; what it ``says``, the first group of that, within so many seconds."""
    process = subprocess.Popen(
        command_line("demo", "--port", "0", "--pin-file", "-", *words),
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(f"{PIN}\n")
    process.stdin.close()
    said: list[str] = []
    found: list[str] = []
    known = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if not found and (match := re.search(says, line)):
                found.append(match[1])
                known.set()
        known.set()  # it has ended

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        known.wait(within)
        assert found, "".join(said)
        yield found[0]
    finally:
        process.terminate()
        assert process.wait(ENDS_WITHIN) == 0, "it ends well"
        listening.join(20)
        assert process.stdout is not None
        process.stdout.close()
