"""What stands on every receipt of a house: who answers for the data, where it is kept, and how to end it."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.consent import purposes
from gateway.consent.purposes import Purpose
from gateway.consent.receipt import Frame
from gateway.settings.venue import VenueConfig

STAFF, PAGE = "any member of staff", "own page"
AUTHORITIES: Mapping[str, str] = {"CN": "网信办", "HK": "PCPD", "GB": "ICO"}
"""Where a customer complains, by jurisdiction, where that is one office for all."""


def frame_of(config: VenueConfig) -> Frame:
    """What stands on every receipt of this house; without a controller in its settings it is named by its own name."""
    venue, privacy = config.venue, config.privacy
    controller = privacy.controller
    own = {"name": _both(venue.name.by_language())}
    if controller is not None:
        own = {"name": controller.name, "address": controller.address, "contact": controller.contact}
    partners = {
        each.id: {
            "name": _both(each.name.by_language()),
            "address": each.address or each.country,
            "contact": each.contact or "",
        }
        for each in config.partners
    }
    return Frame(
        parties={**partners, "operator": own},
        jurisdictions=privacy.jurisdictions,
        storage=privacy.jurisdictions[:1],  # the first is that of the house
        authorities=tuple(AUTHORITIES[each] for each in privacy.jurisdictions if each in AUTHORITIES),
        withdrawal=(STAFF, PAGE, *([controller.contact] if controller else [])),
        kept={"presence": f"P{config.retention.presence_days}D", "visits": f"P{config.retention.visits_days}D"},
        timezone=venue.timezone,
        language="zh-CN",
        brand=privacy.brands[0] if privacy.brands else "",
        purposes=purposes.rows(asked_by(config)),
    )


def asked_by(config: VenueConfig) -> list[Purpose]:
    """The purposes that this house has beside those that all have: its own, and those of its club."""
    own = [
        Purpose(each.id, each.dpv, each.months, each.partner, each.adults, labels=each.labels.by_language())
        for each in config.privacy.purposes
    ]
    there = {each.id for each in own}
    wanted = {"invitations": config.club.gatherings, "club_points": config.club.points}
    return [*own, *(each for each in purposes.OF_A_CLUB if wanted[each.id] and each.id not in there)]


def _both(names: Mapping[str, str]) -> str:
    return " · ".join(dict.fromkeys(names.values()))
