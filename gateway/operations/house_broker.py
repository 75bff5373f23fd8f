"""The embedded broker of a house: for whom it is, as the settings say, and what becomes of a new password."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from gateway.operations import broker_users, home_assistant
from gateway.operations.broker import BrokerFailed, BrokerMissing, EmbeddedBroker
from gateway.operations.broker_settings import topics_of
from gateway.operations.gate import Gate
from gateway.operations.overruns import Overruns
from gateway.operations.presented import Presented
from gateway.settings.venue import VenueConfig
from reader_drivers.mqtt_link import Broker

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds
AGAIN = 5.0  # seconds until a broker that died is started again
THIS_MACHINE = frozenset({"127.0.0.1", "::1"})


def house_broker(config: VenueConfig, data: Path, overruns: Overruns, presented: Presented | None) -> EmbeddedBroker:
    """The broker of this data folder, not started; what an older version kept of passwords is taken over."""
    mqtt = config.mqtt
    host, port = mqtt.bind if mqtt else ("127.0.0.1", None)
    if broker_users.take_over(data):
        log.warning(
            "readers signed in at the broker with one password for all, which is good no longer beyond this machine: "
            "moments reader password ID makes one for each"
        )
    broker = EmbeddedBroker(
        data / broker_users.FOLDER,
        topics_of(r.link for r in config.readers if r.over == "mqtt"),
        host=host,
        port=port,
        published=home_assistant.published_topics(config),
        subscribed=home_assistant.subscribed_topics(config),
        readers=broker_users.users_of(config),
        hashes=lambda: broker_users.hashes(data),
        tls=(lambda: presented.context) if presented is not None and mqtt is not None and mqtt.beyond else None,
        plain=mqtt.bind_plain if mqtt else None,
        gate=Gate(overruns, trusts=THIS_MACHINE, full="broker", silent="broker"),
    )
    if not broker.open_to_this_machine:
        _say_who_lacks_one(config, data)
    return broker


def admit(broker: EmbeddedBroker, config: VenueConfig) -> None:
    """The broker lets these readers in, and the gateway hears them, while it runs; may take a while."""
    topics = topics_of(r.link for r in config.readers if r.over == "mqtt")
    broker.admit(topics, broker_users.users_of(config), home_assistant.published_topics(config))
    broker.take_up()


def _say_who_lacks_one(config: VenueConfig, data: Path) -> None:
    known = broker_users.hashes(data)
    if lacking := [user for user in broker_users.users_of(config) if user not in known]:
        log.warning("no password yet, so nobody signs in as %s: moments reader password ID", ", ".join(lacking))


async def keep_running(broker: EmbeddedBroker, link: Broker) -> None:
    """Starts the broker again whenever it has ended, for ever: its port may be another program's meanwhile."""
    said = ""
    while True:
        if broker.pid is not None:
            log.error("the embedded broker ended: %s", await broker.died())
            await asyncio.sleep(AGAIN)
        try:
            await broker.start()
            link.follow(broker.inner_url)
            said = ""
        except (BrokerFailed, BrokerMissing, OSError) as error:
            if str(error) != said:
                log.error("the embedded broker does not start: %s", error)
            said = str(error)
            await asyncio.sleep(AGAIN)


async def follow_users(broker: EmbeddedBroker, data: Path) -> None:
    """Has the broker take up new passwords as they are made, for ever."""
    file = data / broker_users.FOLDER / broker_users.FILE
    seen = _stamp(file)
    while True:
        await asyncio.sleep(LOOK_EVERY)
        if (now := _stamp(file)) != seen:
            seen = now
            await asyncio.to_thread(broker.take_up)
            log.info("the embedded broker has taken up new passwords")


def _stamp(file: Path) -> tuple[int, int]:
    try:
        stat = file.stat()
    except FileNotFoundError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_ino
