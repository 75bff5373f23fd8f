"""A venue of a kind, for the stories of the desk; and what customers do in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.story.settings import Place
from tests.story.tablet import Tablet
from tests.story.venue import Guest, Venue

STREET = Place("street", "m100", "outer")


class KindOfVenue(Venue):
    """A venue whose settings say what kind it is, and what else stands in ``[alerts]``."""

    def __init__(self, folder: Path, places: Iterable[Place], kind: str, *, alerts: str = "", **more: Any) -> None:
        super().__init__(folder, places, **more)
        self._says = {'id = "story"': f'id = "story"\nkind = "{kind}"', "[alerts]": f"[alerts]\n{alerts}"}

    async def start(self) -> None:
        """Returns when the gateway serves and every reader hears."""
        toml = self.config.read_text("utf-8")
        if "kind = " not in toml:
            for line, lines in self._says.items():
                toml = toml.replace(line, lines, 1)
            self.config.write_text(toml, "utf-8")
        await super().start()
        await self.eventually(self.health, lambda h: all(state == "up" for state in h["readers"].values()))


def in_minutes(minutes: float) -> str:
    """A time from now, as a tablet writes it."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


async def arrives(venue: Venue, who: Guest, tablet: Tablet) -> dict[str, Any]:
    """This customer taps at the counter; the alert that follows."""
    await venue.taps(who, tablet)
    return dict((await tablet.expect("alert.opened", customer=who.id))["data"])
