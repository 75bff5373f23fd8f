"""The gateway in Home Assistant, by MQTT discovery: counts per zone, readers, open alerts; never a name.

One retained message describes the whole device (Home Assistant 2024.11 and later); each entity has a retained topic of
its own below ``moments/<venue>/``; the last will makes all of them unavailable when we are gone.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from typing import Any, NamedTuple
from zlib import crc32

from gateway import __version__
from gateway.settings.venue import VenueConfig
from reader_drivers import ReaderLost
from reader_drivers.mqtt_link import Broker
from reader_drivers.mqtt_wire import Will

LOOK_EVERY = 1.0  # seconds; a light in a room may follow a count, and must not lag
AFTER_BIRTH = 5.0  # seconds at the most until a Home Assistant that has started is told everything anew
AGAIN_AFTER = 1.0  # seconds until a broker that was lost is listened to again
ONLINE, OFFLINE = "online", "offline"
NOT_AN_ID = re.compile(r"[^A-Za-z0-9_-]+")


class Facts(NamedTuple):
    """What is told: customers who are here by zone, alerts that are open, and the shape of every reader."""

    present: Mapping[str | None, int]
    alerts: int
    readers: Iterable[Mapping[str, Any]]


def base(config: VenueConfig) -> str:
    """The topic above all that is told."""
    return f"moments/{config.venue.id}"


def will(config: VenueConfig) -> Will | None:
    """What the broker tells when it loses us; None where Home Assistant is not told anything."""
    return Will(f"{base(config)}/status", OFFLINE) if config.home_assistant is not None else None


def published_topics(config: VenueConfig) -> list[str]:
    """The topic filters that the gateway writes for Home Assistant."""
    return [f"{base(config)}/#", *discovery_topics(config)] if config.home_assistant else []


def discovery_topics(config: VenueConfig) -> list[str]:
    """Where Home Assistant looks for a device; empty where it is not told anything."""
    home = config.home_assistant
    return [f"{home.discovery_prefix}/device/{_device(config)}/config"] if home else []


def subscribed_topics(config: VenueConfig) -> list[str]:
    """The topic filters that Home Assistant writes and the gateway reads."""
    return [f"{config.home_assistant.discovery_prefix}/status"] if config.home_assistant else []


class Teller:
    """Keeps Home Assistant informed through one broker, whose last will is ``will(config)``; ``look`` gives the facts.

    ``url`` is where the console is opened, for a link on the device's page.
    """

    def __init__(
        self,
        config: VenueConfig,
        broker: Broker,
        look: Callable[[], Facts],
        url: str | None = None,
    ) -> None:
        self._config = config
        self._broker = broker
        self._look = look
        self._url = url
        self._published: dict[str, str] = {}
        self._anew_at: float | None = None

    async def run(self) -> None:
        """Tells until cancelled; then it says goodbye, for a will is told only of who was lost."""
        try:
            while True:
                with suppress(ReaderLost):  # the broker tells of its loss itself
                    await self._follow()
                await asyncio.sleep(AGAIN_AFTER)
        finally:
            with suppress(ReaderLost):
                await self._broker.publish(f"{base(self._config)}/status", OFFLINE, qos=1, retain=True)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        listening = self._broker.listen(*subscribed_topics(self._config), who="home assistant", every=LOOK_EVERY)
        async with aclosing(listening) as batches:
            self._anew_at = loop.time()  # a broker that was away may have forgotten what it was told
            async for messages in batches:
                if any(message.payload == ONLINE.encode() and not message.retained for message in messages):
                    # Home Assistant asks for a pause, so that not everything in a house speaks at once.
                    self._anew_at = loop.time() + random.uniform(0, AFTER_BIRTH)
                if self._anew_at is not None and loop.time() >= self._anew_at:
                    self._anew_at = None
                    self._published.clear()
                    for topic in discovery_topics(self._config):
                        await self._publish(topic, json.dumps(description(self._config, self._url)))
                for topic, payload in states(self._config, self._look()).items():
                    await self._publish(topic, payload)
                await self._publish(f"{base(self._config)}/status", ONLINE)

    async def _publish(self, topic: str, payload: str) -> None:
        if self._published.get(topic) != payload:
            await self._broker.publish(topic, payload, qos=1, retain=True)
            self._published[topic] = payload


# --- what is told: pure -----------------------------------------------------------------------------------------------


def description(config: VenueConfig, url: str | None = None) -> dict[str, Any]:
    """The discovery message of the whole device."""
    top, device = base(config), _device(config)
    name = config.venue.name.en
    entities: dict[str, dict[str, Any]] = {
        "present": _count("Key customers present", f"{top}/present", "people"),
        "alerts": _count("Open alerts", f"{top}/alerts", "alerts"),
    }
    for zone in config.zones:
        key = _slug(zone.id)
        entities[f"zone_{key}"] = _count(f"Key customers in {zone.name.en}", f"{top}/zones/{key}/present", "people")
    for reader in config.readers:
        key = _slug(reader.id)
        place = f"{top}/readers/{key}"
        entities[f"reader_{key}"] = {
            "p": "binary_sensor",
            "name": f"Reader {reader.id}",
            "dev_cla": "connectivity",
            "ent_cat": "diagnostic",
            "stat_t": f"{place}/connected",
            "json_attr_t": f"{place}/details",
        }
        entities[f"reader_{key}_state"] = {
            "p": "sensor",
            "name": f"Reader {reader.id} state",
            "dev_cla": "enum",
            "ent_cat": "diagnostic",
            "ops": ["up", "quiet", "lost"],
            "stat_t": f"{place}/state",
        }
    for key, entity in entities.items():
        entity["uniq_id"] = f"{device}_{key}"
    about = {"ids": [device], "name": f"Moments {name}", "mf": "Moments", "mdl": "Gateway", "sw": __version__}
    return {
        "dev": {**about, **({"cu": url} if url else {})},
        "o": {"name": "moments", "sw": __version__},
        "avty_t": f"{top}/status",
        "qos": 1,
        "cmps": entities,
    }


def states(config: VenueConfig, facts: Facts) -> dict[str, str]:
    """Every state by its topic."""
    top = base(config)
    found = {f"{top}/present": str(sum(facts.present.values())), f"{top}/alerts": str(facts.alerts)}
    for zone in config.zones:
        found[f"{top}/zones/{_slug(zone.id)}/present"] = str(facts.present.get(zone.id, 0))
    for reader in facts.readers:
        place = f"{top}/readers/{_slug(reader['id'])}"
        found[f"{place}/connected"] = "OFF" if reader["state"] == "lost" else "ON"
        found[f"{place}/state"] = reader["state"]
        details = {key: reader[key] for key in ("reason", "firmware", "zones", "role", "since")}
        found[f"{place}/details"] = json.dumps(details, ensure_ascii=False)
    return found


def counted(zones: Iterable[str | None]) -> Mapping[str | None, int]:
    """How many are in each zone."""
    return Counter(zones)


def _count(name: str, topic: str, unit: str) -> dict[str, Any]:
    return {"p": "sensor", "name": name, "stat_cla": "measurement", "unit_of_meas": unit, "stat_t": topic}


def _device(config: VenueConfig) -> str:
    return f"moments_{config.venue.id}"


def _slug(name: str) -> str:
    """A name as Home Assistant takes an id; one that had to be changed is told from others by a check of it."""
    slug = NOT_AN_ID.sub("_", name)
    return slug if slug == name else f"{slug}_{crc32(name.encode()):08x}"
