"""How this house asks for consent: its purposes, partners and texts."""

from __future__ import annotations

from gateway.consent import notices, purposes
from gateway.consent.ledger import Entry
from gateway.consent.notices import Shelf
from gateway.core.receipt_frame import asked_by
from gateway.events import venue_time
from gateway.records import consent_acts, schema
from gateway.records.connection import SealedDatabase
from gateway.settings.venue import VenueConfig


class Consenting:
    """What a house asks for and with which texts."""

    def __init__(self, config: VenueConfig) -> None:
        privacy = config.privacy
        own = asked_by(config)
        self.purposes = purposes.rows(own)
        self._of_a_club = notices.of_a_club({each.id for each in own})
        self.partners = {each.id: each for each in config.partners}
        self.brands = privacy.brands
        self.ask_again_days = privacy.ask_again_days
        self.guardian_under = privacy.guardian_under
        self._material_days = privacy.material_days
        self.shelf = Shelf(self._of_a_club, privacy.material_days)

    @property
    def brand(self) -> str:
        """The usual brand of the house; empty where it has one alone."""
        return self.brands[0] if self.brands else ""

    def read(self, reader: SealedDatabase) -> None:
        """Takes in the texts that this house has published."""
        own = [*self._of_a_club, *consent_acts.published(reader)]
        self.shelf = Shelf(own, self._material_days, schema.since(reader, schema.UNREAD))

    def cut(self, entry: Entry) -> float:
        """When a new text ends this consent, in seconds since 1970 UTC; infinity where none does."""
        return self.shelf.ends(entry, venue_time.zone())
