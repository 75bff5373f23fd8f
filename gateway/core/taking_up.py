"""The settings are others from now on, while the house goes on: nobody is greeted anew, and what is open stays open."""

from __future__ import annotations

from gateway.core.gateway import Gateway
from gateway.core.receipt_frame import frame_of
from gateway.core.state import plan_of
from gateway.recognition.settings import PresenceSettings
from gateway.service.caps import Caps
from gateway.settings.venue import VenueConfig


def take_up(house: Gateway, config: VenueConfig) -> None:
    """The parts that decide by settings decide by these; to be called between two acts."""
    memory, rules, plan = house.memory, config.alerts, plan_of(config)
    memory.reentry_s = config.presence.reentry_minutes * 60
    if (plan, config.presence) != (plan_of(house.config), house.config.presence):
        settings = PresenceSettings(reentry_s=memory.reentry_s, linger_s=config.presence.linger_s)
        memory.presence.replan(plan, settings)
        memory.clones.replan(plan)
    memory.desk.take_up(
        rules.escalate_after_s, rules.hand_over_s, Caps(rules.per_customer_minutes * 60, rules.per_person_per_hour)
    )
    memory.serving.take_up(config, house.store.reader)
    house.config = config
    house.journal.frame = frame_of(config)
    house.brands.take_up(config, plan)
    house.moment_rules.take_up(config)
    house.views.take_up(config)
    house.sight.take_up(config.access)


def in_use(house: Gateway, config: VenueConfig) -> str | None:
    """Why these settings cannot be taken up now, in words: somebody is in a zone that would be there no more."""
    stays = {zone.id for zone in config.zones}
    here = [each.zone for each in house.memory.presence.here() if each.zone not in stays]
    if here:
        return f"somebody is in the zone {here[0]!r} now: take it away once nobody is"
    rounds = [zone for each in house.memory.rounds.all() for zone in each.zones if zone not in stays]
    return f"a round goes on in the zone {rounds[0]!r}: end it first" if rounds else None
