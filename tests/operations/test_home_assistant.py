"""The gateway in Home Assistant: what it is told through a real broker, when, and that nobody is named."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.operations import broker_users, home_assistant
from gateway.operations.broker import EmbeddedBroker
from gateway.operations.home_assistant import Facts, Teller, counted, description, states, will
from gateway.operations.house_broker import house_broker
from gateway.operations.overruns import Overruns
from gateway.settings.venue import VenueConfig, parse
from reader_drivers.mqtt_link import Broker
from tests.mosquitto import Mosquitto, mosquitto
from tests.operations.venue import VenueWith
from tests.reader_drivers.readers import until
from tests.story.settings import COUNTER
from tests.story.venue import guest

CONFIG: dict[str, Any] = {
    "venue": {"id": "flagship", "name": {"zh-CN": "旗舰店", "en": "Flagship"}},
    "mqtt": {"url": "embedded"},
    "zones": [
        {"id": "entrance", "name": {"zh-CN": "入口", "en": "Entrance"}},
        {"id": "bar.1/左", "name": {"zh-CN": "吧", "en": "Bar"}},
    ],
    "readers": [{"id": "door", "driver": "m100", "link": "/dev/a", "role": "inner", "zone": "entrance"}],
    "home_assistant": {},
}
DEVICE = "homeassistant/device/moments_flagship/config"


def config(**more: Any) -> VenueConfig:
    return parse({**CONFIG, **more})


def reader(state: str = "up", reason: str | None = None) -> dict[str, Any]:
    placed = {"zones": ["entrance"], "role": "inner", "since": "2026-11-22T10:00:00.000Z"}
    return {"id": "door", "state": state, "reason": reason, "firmware": "M100 V1", **placed}


class House:
    """Home Assistant: keeps what is retained, and hears what is said."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.state: dict[str, str] = {}
        self.heard: list[str] = []

    async def listen(self) -> None:
        async for messages in self.broker.listen("#", who="house"):
            for message in messages:
                self.state[message.topic] = message.payload.decode()
                self.heard.append(message.topic)

    async def until(self, topic: str, value: str) -> None:
        await until(lambda: self.state.get(topic) == value)


@asynccontextmanager
async def house(url: str, **login: Any) -> AsyncIterator[House]:
    async with Broker(url, **login) as broker:
        one = House(broker)
        listening = asyncio.create_task(one.listen())
        try:
            await until(lambda: broker.state == "up")
            yield one
        finally:
            listening.cancel()
            await asyncio.wait([listening])


@asynccontextmanager
async def telling(server: Mosquitto, look: Callable[[], Facts]) -> AsyncIterator[asyncio.Task[None]]:
    async with Broker(server.url, will=will(config())) as broker:
        task = asyncio.create_task(Teller(config(), broker, look).run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_assistant, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(home_assistant, "AFTER_BIRTH", 0.1)


def facts() -> Facts:
    return Facts(counted(["entrance", "entrance", None]), 2, [reader()])


# --- what is in the settings no longer --------------------------------------------------------------------------------


async def test_a_zone_and_a_reader_that_are_taken_out_are_taken_back(tmp_path: Path) -> None:
    with mosquitto() as server:
        await _taken_out(server, tmp_path)


async def _taken_out(server: Mosquitto, tmp_path: Path) -> None:
    before, after = config(), config(zones=CONFIG["zones"][:1], readers=[])
    bar = next(topic for topic in states(before, facts()) if "bar" in topic)

    async def told(settings: VenueConfig, look: Callable[[], Facts]) -> None:
        async with Broker(server.url, will=will(settings)) as broker:
            task = asyncio.create_task(Teller(settings, broker, look, folder=tmp_path).run())
            await until(lambda: (tmp_path / "home-assistant.json").exists())
            await asyncio.sleep(0.3)
            task.cancel()
            await asyncio.wait([task])

    await told(before, facts)
    async with house(server.url) as home:
        await home.until(bar, "0")
        assert len(json.loads(home.state[DEVICE])["cmps"]) == 6
    for _ in range(2):  # and a Home Assistant that was away the first time hears of it too
        await told(after, lambda: Facts(counted([]), 0, []))
        async with house(server.url) as home:
            await until(lambda home=home: DEVICE in home.state)  # type: ignore[misc]
            await asyncio.sleep(0.2)
            described = json.loads(home.state[DEVICE])["cmps"]
            alone = {key: entity for key, entity in described.items() if set(entity) == {"p"}}
            assert {key.partition("_")[0] for key in alone} == {"zone", "reader"}
            assert len(alone) == 3
            assert not any("bar" in topic or "readers" in topic for topic in home.state)
    await told(before, facts)
    async with house(server.url) as home:
        await home.until(bar, "0")
        assert all(len(entity) > 1 for entity in json.loads(home.state[DEVICE])["cmps"].values())


def test_a_name_in_chinese_alone_is_told_as_it_is() -> None:
    entrance = {"id": "entrance", "name": {"zh-CN": "入口"}}
    chinese = config(venue={"id": "flagship", "name": {"zh-CN": "旗舰店"}}, zones=[entrance])
    told = description(chinese)
    assert told["dev"]["name"] == "Moments 旗舰店"
    assert told["cmps"]["zone_entrance"]["name"] == "Key customers in 入口"
    assert "None" not in json.dumps(told)


# --- what is told -----------------------------------------------------------------------------------------------------


def test_the_device_is_described_as_home_assistant_asks() -> None:
    told = description(config(), "http://127.0.0.1:8080")
    assert told["dev"]["ids"] == ["moments_flagship"]
    assert told["dev"]["cu"] == "http://127.0.0.1:8080"
    assert told["o"]["name"] == "moments"
    assert told["avty_t"] == "moments/flagship/status"
    ids = [entity["uniq_id"] for entity in told["cmps"].values()]
    assert len(set(ids)) == len(ids) == 6
    for key, entity in told["cmps"].items():
        assert re.fullmatch(r"[A-Za-z0-9_-]+", key)
        assert re.fullmatch(r"[A-Za-z0-9_-]+", entity["uniq_id"])
        assert entity["p"] in ("sensor", "binary_sensor")
        assert entity["name"]
    assert told["cmps"]["zone_entrance"] == {
        "p": "sensor", "name": "Key customers in Entrance", "stat_cla": "measurement", "unit_of_meas": "people",
        "stat_t": "moments/flagship/zones/entrance/present", "uniq_id": "moments_flagship_zone_entrance",
    }  # fmt: skip


def test_every_entitys_topic_is_told_and_no_other() -> None:
    asked = {
        entity[key]
        for entity in description(config())["cmps"].values()
        for key in ("stat_t", "json_attr_t")
        if key in entity
    }
    found = states(config(), facts())
    assert asked == set(found)
    assert not any(set(topic) & set("+# ") for topic in found)
    top = "moments/flagship"
    assert (found[f"{top}/present"], found[f"{top}/alerts"], found[f"{top}/zones/entrance/present"]) == ("3", "2", "2")
    assert found[f"{top}/readers/door/connected"] == "ON"
    assert json.loads(found[f"{top}/readers/door/details"])["firmware"] == "M100 V1"


@pytest.mark.parametrize(("state", "connected"), [("up", "ON"), ("quiet", "ON"), ("lost", "OFF")])
def test_a_reader_is_told_by_its_state(state: str, connected: str) -> None:
    found = states(config(), Facts({}, 0, [reader(state, "because")]))
    assert found["moments/flagship/readers/door/connected"] == connected
    assert found["moments/flagship/readers/door/state"] == state
    assert json.loads(found["moments/flagship/readers/door/details"])["reason"] == "because"


# --- through a broker -------------------------------------------------------------------------------------------------


async def test_who_comes_later_finds_everything_and_changes_follow_at_once() -> None:
    now = [facts()]
    with mosquitto() as server:
        async with telling(server, lambda: now[0]):
            async with house(server.url) as home:
                await home.until("moments/flagship/status", "online")
                await until(lambda: DEVICE in home.state)
                assert json.loads(home.state[DEVICE]) == description(config())
            async with house(server.url) as late:
                await late.until("moments/flagship/zones/entrance/present", "2")
                assert DEVICE in late.state, "it is retained"
                await until(lambda: late.state.keys() >= home.state.keys())
                before = len(late.heard)
                now[0] = Facts(counted(["entrance"]), 0, [reader("lost", "no such device")])
                await late.until("moments/flagship/zones/entrance/present", "1")
                await late.until("moments/flagship/readers/door/connected", "OFF")
                await late.until("moments/flagship/alerts", "0")
                await asyncio.sleep(0.3)
                assert len(late.heard) - before == 6, "only what has changed"


async def test_a_home_assistant_that_starts_is_told_anew() -> None:
    with mosquitto() as server:
        async with telling(server, facts), house(server.url) as home:
            await home.until("moments/flagship/status", "online")
            await until(lambda: DEVICE in home.state)
            home.state.clear()
            await home.broker.publish("homeassistant/status", "offline")
            await asyncio.sleep(0.2)
            assert DEVICE not in home.state
            await home.broker.publish("homeassistant/status", "online")
            await until(lambda: DEVICE in home.state and "moments/flagship/present" in home.state)
            await home.until("moments/flagship/status", "online")


async def test_when_we_are_gone_the_broker_says_so_and_when_we_end_we_do() -> None:
    with mosquitto() as server:
        async with house(server.url) as home:
            async with Broker(server.url, will=will(config())) as broker:
                task = asyncio.create_task(Teller(config(), broker, facts).run())
                await home.until("moments/flagship/status", "online")
                wire: Any = broker._wire
                wire.client.reconnect_delay_set(30, 30)
                wire.client.socket().shutdown(2)  # as a cable that is cut
                await home.until("moments/flagship/status", "offline")
                task.cancel()
                await asyncio.wait([task])
            async with telling(server, facts):
                await home.until("moments/flagship/status", "online")
            await home.until("moments/flagship/status", "offline")


async def test_a_broker_that_restarts_without_a_memory_is_told_everything_again() -> None:
    with mosquitto() as server:
        async with telling(server, facts):
            async with house(server.url) as home:
                await home.until("moments/flagship/status", "online")
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            async with house(server.url) as home:
                await until(lambda: DEVICE in home.state, within=20)
                await home.until("moments/flagship/present", "3")


async def test_the_embedded_broker_lets_home_assistant_read_it_and_nothing_else(tmp_path: Path) -> None:
    published, subscribed = home_assistant.published_topics(config()), home_assistant.subscribed_topics(config())
    password = broker_users.new_passwords(tmp_path, ["home-assistant"])["home-assistant"]
    async with EmbeddedBroker(
        tmp_path / "broker", ["espresense/#"], published=published, subscribed=subscribed,
        hashes=lambda: broker_users.hashes(tmp_path),
    ) as embedded:  # fmt: skip
        ours = Broker(embedded.inner_url, username=embedded.username, password=embedded.password, will=will(config()))
        async with ours as broker:
            task = asyncio.create_task(Teller(config(), broker, facts).run())
            signed_in = {"username": "home-assistant", "password": password}
            url = f"mqtt://127.0.0.1:{embedded.port}"
            async with house(url, **signed_in) as home, house(url) as anyone:
                await home.until("moments/flagship/status", "online")
                home.state.clear()
                await home.broker.publish("homeassistant/status", "online")
                await until(lambda: DEVICE in home.state)
                await broker.publish("espresense/devices/irk:secret/foyer", "{}")
                await home.broker.publish("moments/flagship/alerts", "99")
                await asyncio.sleep(0.3)
                assert "espresense/devices/irk:secret/foyer" not in home.state
                assert home.state.get("moments/flagship/alerts") != "99"
                assert anyone.state == {}
            task.cancel()
            await asyncio.wait([task])


async def test_home_assistant_keeps_its_password_of_before_and_no_file_holds_it_in_clear(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    folder.mkdir()
    (folder / "credentials.json").write_text(
        '{"gateway": "old-gateway", "home-assistant": "old-home", "readers": "all"}'
    )
    (folder / "mosquitto.db").write_text("what an older version kept")
    async with house_broker(config(), tmp_path, Overruns(), None) as embedded:
        url = f"mqtt://127.0.0.1:{embedded.port}"
        async with house(url, username="home-assistant", password="old-home") as home:
            await home.broker.publish("homeassistant/status", "online")
        files = {file.name: file.read_text() for file in folder.iterdir()}
    assert {"credentials.json", "mosquitto.db"}.isdisjoint(files)
    for secret in ("old-gateway", "old-home", embedded.password):
        assert not [name for name, text in files.items() if secret in text]


async def test_a_guest_who_arrives_is_counted_in_the_house_and_never_named(tmp_path: Path) -> None:
    anna = guest("Anna Karenina", address_as="Madame Karenina")
    with mosquitto() as server:

        def told(toml: str) -> str:
            return toml + "[home_assistant]\n"

        telling = VenueWith("[home_assistant]\n", tmp_path, [COUNTER], mqtt=server.url)
        async with house(server.url) as home, telling as venue:
            await venue.staff("li", zones=["bar"])
            await venue.enrol(anna)
            await home.until("moments/story/zones/bar/present", "0")
            await home.until("moments/story/readers/counter/state", "up")
            async with await venue.tablet("li") as tablet:
                await venue.taps(anna, tablet)
                await home.until("moments/story/zones/bar/present", "1")
                await home.until("moments/story/present", "1")
                await home.until("moments/story/alerts", "1")
            everything = "\n".join([*home.state, *home.state.values()])
            assert not any(secret in everything for secret in ("Karenina", anna.id, anna.em, anna.em[3:]))
            await venue.stop()
            await home.until("moments/story/status", "offline")
