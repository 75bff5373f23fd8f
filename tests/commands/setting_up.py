"""``moments serve`` on a machine that is no house yet, as a process, with what it says on its screen."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.program import REPOSITORY, command_line

SAYS_WITHIN = 60.0  # seconds; the machine may be busy
CODE = re.compile(r"code / \S+\s+([A-Z0-9]{4}-[A-Z0-9]{4})")
URL = re.compile(r"(https?://\S+/)")


@dataclass(slots=True)
class Beginning:
    """A set-up under way: where its page is, and what its screen shows."""

    folder: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    more: threading.Condition = field(default_factory=threading.Condition)

    @property
    def config(self) -> Path:
        """Where its settings will be."""
        return self.folder / "venue.toml"

    @property
    def data(self) -> Path:
        """Where its records will be."""
        return self.folder / "data"

    def codes(self, count: int = 1) -> list[str]:
        """The codes that were shown so far, once there are so many."""
        self.says(lambda said: len(CODE.findall(said)) >= count)
        return CODE.findall("".join(self.lines))

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.said(URL)

    def said(self, wanted: re.Pattern[str]) -> str:
        """The first group of what the screen shows, once it does."""
        self.says(lambda said: wanted.search(said) is not None)
        match = wanted.search("".join(self.lines))
        assert match is not None
        return match[1]

    def says(self, enough: object) -> None:
        """Returns once the screen shows ``enough``, which is asked again with every line."""
        assert callable(enough)
        with self.more:
            there = self.more.wait_for(lambda: enough("".join(self.lines)), SAYS_WITHIN)
        assert there, "".join(self.lines)

    def listen(self) -> None:
        """Takes in what the screen shows, until its end."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self.more:
                self.lines.append(line)
                self.more.notify_all()


@contextmanager
def beginning(folder: Path, listen: str, *command: str) -> Iterator[Beginning]:
    """``moments serve`` in an empty folder until the block ends; it has to end well."""
    words = command_line(
        *(command or ("serve",)), "--config", folder / "venue.toml", "--data", folder / "data", "--listen", listen
    )
    process = subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    made = Beginning(folder, process)
    listening = threading.Thread(target=made.listen, daemon=True)
    listening.start()
    try:
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(SAYS_WITHIN)
        listening.join(20)
        assert process.stderr is not None
        process.stderr.close()
    assert code == 0, "".join(made.lines)
