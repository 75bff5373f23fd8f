"""What stands at the doors is made anew: the passwords of the embedded broker's users, and the authority of the house.

What runs takes both up by itself within a minute. A password is said once: what is kept is its hash.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gateway.operations import broker_users
from gateway.records.rotation import Steps
from gateway.records.store import Store
from gateway.settings.venue import VenueConfig

NO_BROKER = "no broker of ours lets anybody in here: change the passwords of [mqtt] url where that broker is kept"
NO_AUTHORITY = (
    "this house has no certificate authority of its own: put new files in place of those that [console.tls] names"
)


class DoorsRotation:
    """The steps of one venue, by its settings as they are then; ``told`` is what to tell whoever asked, once."""

    def __init__(self, config: Callable[[], VenueConfig]) -> None:
        self._settings = config
        self.told: dict[str, str] = {}

    @property
    def _config(self) -> VenueConfig:
        return self._settings()

    @property
    def steps(self) -> Steps:
        """By what is made anew."""
        return {"broker": self._broker, "ca": self._ca}

    def refusal(self, what: str, folder: Path) -> str | None:
        """Why this cannot be made anew in this data folder, in words; None where it can."""
        if what == "broker":
            mqtt = self._config.mqtt
            heard = any(reader.over == "mqtt" for reader in self._config.readers) or mqtt is not None
            return None if heard and (mqtt is None or mqtt.embedded) else NO_BROKER
        if what == "ca":
            from gateway.operations.venue_ca import read_authority  # x509 takes a tenth of a second

            return None if read_authority(folder) is not None else NO_AUTHORITY
        return None

    def _broker(self, store: Store) -> None:
        self.told = broker_users.rotate_broker(store.folder, self._config)

    def _ca(self, store: Store) -> None:
        from gateway.operations.venue_ca import rotate_ca

        old, new = rotate_ca(store.folder, self._config.venue.id, self._config.console.hosts, datetime.now(UTC))
        self.told = {"before": old, "now": new}
