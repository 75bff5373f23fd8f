"""The gateway in Home Assistant, by MQTT discovery: counts per zone, readers, open alerts; never a name.

One retained message describes the whole device (Home Assistant 2024.11 and later); each entity has a retained topic of
its own below ``moments/<venue>/``; the last will makes all of them unavailable when we are gone.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from gateway import __version__
from gateway.core.state import Memory
from gateway.operations.keeper import Keeper
from gateway.settings.premises import Name
from gateway.settings.venue import VenueConfig
from reader_drivers import ReaderLost
from reader_drivers.mqtt_link import Broker
from reader_drivers.mqtt_wire import Will

LOOK_EVERY = 1.0  # seconds; a light in a room may follow a count, and must not lag
AFTER_BIRTH = 5.0  # seconds at the most until a Home Assistant that has started is told everything anew
AGAIN_AFTER = 1.0  # seconds until a broker that was lost is listened to again
MOST_GONE = 200  # components that were let go and are still named
TOLD_FILE = "home-assistant.json"
ONLINE, OFFLINE = "online", "offline"
log = logging.getLogger(__name__)
NOT_AN_ID = re.compile(r"[^A-Za-z0-9_-]+")


class Facts(NamedTuple):
    """What is told: customers who are here by zone, alerts that are open, and the shape of every reader."""

    present: Mapping[str | None, int]
    alerts: int
    readers: Iterable[Mapping[str, Any]]


def facts_of(memory: Memory, keepers: Iterable[Keeper]) -> Facts:
    """What is so now."""
    here = counted(each.zone for each in memory.presence.here())
    return Facts(here, len(memory.desk.alerts()), [keeper.shape() for keeper in keepers])


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

    ``url`` is where the console is opened, for a link on the device's page. What was told is kept in ``folder``, so
    that what is in the settings no longer is taken back.
    """

    def __init__(
        self,
        config: VenueConfig,
        broker: Broker,
        look: Callable[[], Facts],
        url: str | None = None,
        folder: Path | None = None,
    ) -> None:
        self._config = config
        self._broker = broker
        self._look = look
        self._url = url
        self._told = Told(folder)
        self._published: dict[str, str] = {}
        self._anew_at: float | None = None

    def take_up(self, config: VenueConfig) -> None:
        """The zones and readers are these from now on: they are described anew."""
        self._config = config
        self._anew_at = asyncio.get_running_loop().time()

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
                    await self._describe()
                for topic, payload in states(self._config, self._look()).items():
                    await self._publish(topic, payload)
                await self._publish(f"{base(self._config)}/status", ONLINE)

    async def _describe(self) -> None:
        """Tells what there is; what there was, and is not any more, is let go."""
        described = description(self._config, self._url)
        gone = self._told.gone(described["cmps"])
        for topic in discovery_topics(self._config):
            await self._publish(topic, json.dumps({**described, "cmps": {**described["cmps"], **gone}}))
        kept = states(self._config, self._look()).keys()
        for topic in self._told.topics - kept:
            await self._broker.publish(topic, b"", qos=1, retain=True)
        self._told.keep(described["cmps"], gone, kept)

    async def _publish(self, topic: str, payload: str) -> None:
        if self._published.get(topic) != payload:
            await self._broker.publish(topic, payload, qos=1, retain=True)
            self._published[topic] = payload


class Told:
    """What Home Assistant was told of, in a file: components by key with their platform, and topics with a state."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / TOLD_FILE if folder is not None else None
        self._platforms: dict[str, str] = {}
        self.topics: set[str] = set()
        """Those that hold a state."""
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            kept = json.loads(self._file.read_text()) if self._file else {"components": {}, "topics": []}
            self._platforms = {str(key): str(platform) for key, platform in kept["components"].items()}
            self.topics = {str(topic) for topic in kept["topics"]}

    def gone(self, components: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
        """What to say of components that are no more: their platform alone, by which Home Assistant lets them go."""
        left = [(key, platform) for key, platform in self._platforms.items() if key not in components]
        return {key: {"p": platform} for key, platform in left[-MOST_GONE:]}

    def keep(
        self, components: Mapping[str, Mapping[str, Any]], gone: Mapping[str, Mapping[str, str]], topics: Iterable[str]
    ) -> None:
        """Notes what is told now, and what was let go: a Home Assistant that was away hears of it when it is back."""
        platforms = {key: str(one["p"]) for key, one in {**gone, **components}.items()}
        if (platforms, set(topics)) == (self._platforms, self.topics):
            return
        self._platforms, self.topics = platforms, set(topics)
        if self._file is not None:
            try:
                fresh = self._file.with_suffix(".new")
                fresh.write_text(json.dumps({"components": platforms, "topics": sorted(self.topics)}))
                fresh.replace(self._file)
            except OSError as fault:  # a full disk: what is taken out meanwhile stays in Home Assistant
                log.warning("what Home Assistant was told cannot be kept (%s)", fault.strerror)


# --- what is told: pure -----------------------------------------------------------------------------------------------


def description(config: VenueConfig, url: str | None = None) -> dict[str, Any]:
    """The discovery message of the whole device."""
    top, device = base(config), _device(config)
    name = _name(config.venue.name)
    entities: dict[str, dict[str, Any]] = {
        "present": _count("Key customers present", f"{top}/present", "people"),
        "alerts": _count("Open alerts", f"{top}/alerts", "alerts"),
    }
    for zone in config.zones:
        key = _slug(zone.id)
        entities[f"zone_{key}"] = _count(f"Key customers in {_name(zone.name)}", f"{top}/zones/{key}/present", "people")
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


def _name(name: Name) -> str:
    """A name as it is shown there: the English one, or the one there is."""
    return name.by_language()["en"]


def _device(config: VenueConfig) -> str:
    return f"moments_{config.venue.id}"


def _slug(name: str) -> str:
    """A name as Home Assistant takes an id; one that had to be changed is told from others by a check of it."""
    slug = NOT_AN_ID.sub("_", name)
    return slug if slug == name else f"{slug}_{crc32(name.encode()):08x}"
