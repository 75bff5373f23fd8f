"""Several brands in one house: which zone is whose, and that a consent to one counts in its zones alone.

What a customer carries has no brand: it is theirs, and serves each brand that they agreed with, whoever handed it out.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.consent.purposes import RECOGNISE
from gateway.core.state import Memory
from gateway.recognition.identifiers import purpose_of
from gateway.recognition.moments import Moment
from gateway.recognition.plan import Plan
from gateway.records.consents import Consent
from gateway.settings.venue import VenueConfig
from reader_drivers import Sighting


class Brands:
    """Of a house with one brand nothing is asked here; of one with several, where each read was."""

    def __init__(self, config: VenueConfig, plan: Plan, memory: Memory) -> None:
        self._memory = memory
        self._usual = memory.consenting.brand
        self.take_up(config, plan)

    def take_up(self, config: VenueConfig, plan: Plan) -> None:
        """The zones are these from now on."""
        self._plan = plan
        self._of_zone = {zone.id: zone.brand or self._usual for zone in config.zones}
        self.several = len(config.privacy.brands) > 1

    def of_zone(self, zone: str | None) -> str:
        """Whose this zone is; the usual one's where nobody says otherwise."""
        return self._of_zone.get(zone or "", self._usual)

    def of_staff(self, staff: str) -> str:
        """In whose name this person asks: that of the zones that they work in, where all are of one brand."""
        shift = self._memory.floor.shift(staff)
        named = {self.of_zone(zone) for zone in shift.zones} if shift is not None else set()
        return named.pop() if len(named) == 1 else self._usual

    def admits(self, customer: str, sighting: Sighting, at: float) -> bool:
        """Whether this customer may be recognised by this, there, at ``at``: else they are a stranger to that brand."""
        brand = self.of_zone(self._plan.zone_of(sighting.reader, sighting.antenna))
        purpose, until = purpose_of(sighting.identifier), self._memory.people.by_brand(customer)
        return at < max(until.get((purpose, brand), 0.0), until.get((purpose, ""), 0.0))

    def may_tell(self, moment: Moment) -> bool:
        """Whether the brand of the zone where this customer is believed to be may know them, by whatever they carry."""
        if moment.kind == "departed" or moment.zone is None:
            return True
        brand, until = self.of_zone(moment.zone), self._memory.people.by_brand(moment.customer)
        at = moment.at + self._memory.clock.to_certain
        return any(at < until.get((purpose, agreed), 0.0) for purpose in RECOGNISE for agreed in (brand, ""))

    def leaves(self, moment: Moment, now: float) -> Moment | None:
        """They walked on to where they are nobody: that they are here no more, where anybody was told that they are."""
        if moment.late or moment.kind == "hinted":
            return None
        left = self._memory.presence.end(moment.customer, now, "in a zone of another brand")
        if left is None or self._memory.stays.of(left.visit) is None:
            return None
        self._memory.presence.recent(left.customer, left.visit, now)  # who comes back goes on with the visit
        return left

    def where_they_are(self, customer: str, alive: Iterable[Consent]) -> list[Consent]:
        """Those of these consents that count in the zone where this customer is now; all where they are not here."""
        here = self._memory.presence.where(customer) if self.several else None
        return [one for one in alive if here is None or one.brand in ("", self.of_zone(here.zone))]
