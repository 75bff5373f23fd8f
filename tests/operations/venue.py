"""A venue whose file says more than a story's does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.story.settings import Place
from tests.story.venue import Venue


class VenueWith(Venue):
    """A venue with some more tables in its file."""

    def __init__(
        self, tables: str, folder: Path, places: Iterable[Place] = (), *, mqtt: str | None = None, port: int = 0
    ) -> None:
        super().__init__(folder, places, mqtt=mqtt, port=port)
        self._tables = tables

    async def start(self) -> None:
        """Serves, with these tables."""
        text = self.config.read_text("utf-8")
        if self._tables not in text:
            self.config.write_text(text + self._tables, "utf-8")
        await super().start()
