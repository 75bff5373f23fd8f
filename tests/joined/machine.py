"""A box with its settings and its data folder, on which commands are typed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from click.testing import CliRunner

from gateway.cli import main
from tests.program import Ended

VENUE = """
[venue]
id = "{venue}"
name = {{ en = "House" }}
{more}
"""


class Machine:
    """A box with its settings, on which commands are typed."""

    def __init__(self, folder: Path, venue: str = "flagship", hub_url: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        more = "" if hub_url is None else f'[hub]\nurl = "{hub_url}"\nbrand = "aurelia"\n'
        self.config, self.data = folder / "venue.toml", folder / "data"
        self.config.write_text(VENUE.format(venue=venue, more=more), "utf-8")

    def types(self, *words: str) -> Ended:
        """Runs ``moments`` with these words, in a thread since it has a loop of its own."""
        with ThreadPoolExecutor(1) as thread:
            done = thread.submit(CliRunner().invoke, main, list(words)).result()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ended(done.exit_code, done.stdout, done.stderr)

    def join(self, url: str, code: str) -> Ended:
        """``moments join``."""
        return self.types("join", url, code, "--config", str(self.config), "--data", str(self.data))
