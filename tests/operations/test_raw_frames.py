"""Raw frames on request: what IT sees, and that no identifier is in it."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.operations.keeper import Keeper
from gateway.operations.raw_frames import MASK, Chunk, RawFrames, masked
from gateway.settings.venue import ReaderConfig
from reader_drivers import DRIVERS, Sighting
from reader_drivers.mqtt_link import Broker
from reader_drivers.rfid.em4100 import Em4100
from reader_drivers.simulated import SimulatedEspresense, SimulatedM100
from tests.mosquitto import mosquitto
from tests.reader_drivers.readers import until

AT = 1_790_000_000.25
M100_TAG = bytes.fromhex("BB02220011C9340030751FEB705C5904E3D50D703A76EF7E")
EPC = "30751FEB705C5904E3D50D70"
NO_TAG = bytes.fromhex("BB01FF000115167E")


def reader(driver: str, link: str = "/dev/a", **more: Any) -> ReaderConfig:
    return ReaderConfig.model_validate({"id": "door", "driver": driver, "link": link, "role": "inner", **more})


def shown(config: ReaderConfig, *chunks: bytes, where: str = "in") -> list[str]:
    return [text for _, text in masked(config, [Chunk(AT, where, each) for each in chunks])]


def test_a_tags_frame_is_shown_but_for_the_tag() -> None:
    (text,) = shown(reader("m100"), M100_TAG)
    assert text == "BB 02 22 00 11 C9 34 00 " + " ".join([MASK] * 12) + " 3A 76 EF 7E"


def test_what_holds_no_tag_is_shown_whole() -> None:
    assert shown(reader("m100"), NO_TAG) == ["BB 01 FF 00 01 15 16 7E"]
    assert masked(reader("m100"), [Chunk(AT, "out", NO_TAG)]) == [("out", "BB 01 FF 00 01 15 16 7E")]


def test_an_identifier_that_is_cut_between_two_chunks_is_masked_in_both() -> None:
    for cut in range(1, len(M100_TAG)):
        texts = shown(reader("m100"), M100_TAG[:cut], M100_TAG[cut:])
        assert " ".join(texts) == shown(reader("m100"), M100_TAG)[0]


@pytest.mark.parametrize("broken", [
    M100_TAG[:-2] + b"\x00\x7e", M100_TAG[:-1], M100_TAG[4:], b"\xff" * 3 + M100_TAG[:18] + NO_TAG, M100_TAG[:12],
])  # fmt: skip
def test_of_what_cannot_be_read_only_the_ends_are_shown(broken: bytes) -> None:
    (text,) = shown(reader("m100"), broken)
    assert text.count(MASK) == len(broken) - 3
    assert text.startswith(broken[:2].hex(" ").upper())


def test_where_the_identifier_is_written_in_some_other_way_only_the_ends_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Elsewhere:
        holding = 0

        def feed(self, chunk: bytes, at: float) -> list[Sighting]:
            return [Sighting("door", None, "em:0000003039", None, None, at)]

    monkeypatch.setattr(DRIVERS["m100"], "decoder", staticmethod(lambda *_: Elsewhere()))
    assert shown(reader("m100"), b"No. 12345\n") == [f"4E 6F {' '.join([MASK] * 7)} 0A"]


@pytest.mark.parametrize(("sent", "fob"), [
    (b"\x0262E3086CED08\x03", "62E3086CED"), (bytes.fromhex("020A022E00B6D7B5F203"), "2E00B6D7B5"),
    (bytes.fromhex("02303131344145334242433C03"), "0114AE3BBC"),
])  # fmt: skip
def test_a_fob_is_masked_in_every_framing(sent: bytes, fob: str) -> None:
    assert any(fob in each.identifier for each in Em4100.decoder("r", Em4100.Settings()).feed(sent, AT))  # type: ignore[union-attr]
    (text,) = shown(reader("em4100"), sent)
    digits = fob.encode().hex(" ").upper()
    assert digits not in text
    assert bytes.fromhex(fob).hex(" ").upper() not in text
    assert MASK in text


def test_a_message_shows_its_shape_and_nobody() -> None:
    payload = {
        "mac": "58b1294494d3", "id": "irk:0123456789abcdef0123456789abcdef", "name": "Darrell's Watch", "rssi": -86,
        "distance": 5.89, "int": 588, "lat": 52.1, "major": 7, "found": True, "none": None,
        "e2801160600002049b": 1, "tags": [{"epc": EPC, "antennaPort": 2}], "eventType": "tagInventory",
    }  # fmt: skip
    config = reader("espresense", "espresense", rooms={"foyer": "entrance"})
    topic = "espresense/devices/irk:0123/foyer"
    ((where, text),) = masked(config, [Chunk(AT, topic, json.dumps(payload).encode())])
    assert where == f"espresense/devices/{MASK}/foyer"
    assert json.loads(text) == {
        "mac": MASK, "id": MASK, "name": MASK, "rssi": -86, "distance": 5.89, "int": 588, "lat": "#", "major": "#",
        "found": True, "none": None, MASK: "#", "tags": [{"epc": MASK, "antennaPort": 2}], "eventType": "tagInventory",
    }  # fmt: skip


@pytest.mark.parametrize("payload", [b"\x00\xff", b"[" * 10_000, b"", b'"' + b"x" * 5000])
def test_any_other_payload_is_only_counted(payload: bytes) -> None:
    ((_, text),) = masked(reader("json", "a"), [Chunk(AT, "a/b", payload)])
    assert text == f"{len(payload)} bytes that are no JSON"


@pytest.mark.parametrize("driver", [name for name, each in DRIVERS.items() if each.over != "mqtt"])
def test_no_driver_lets_random_bytes_through(driver: str) -> None:
    settings = {"dialect": "288"} if driver == "uhfreader18" else {}
    junk = bytes(range(40, 140))
    assert sum(text.count(MASK) for text in shown(reader(driver, settings=settings), junk)) >= 90


# --- on real links ----------------------------------------------------------------------------------------------------


def kept(config: ReaderConfig, broker: Broker | None = None) -> Keeper:
    made: Any = DRIVERS[config.driver]
    more = (broker,) if broker else ()
    make = lambda: made(config.id, config.link, config.settings, *more)  # noqa: E731
    return Keeper(config, make, lambda _: None, lambda *_: None, time.time)


async def test_what_a_serial_reader_sends_is_seen_while_somebody_looks(tmp_path: Path) -> None:
    async with SimulatedM100(tmp_path / "door", round_s=0.01) as device:
        device.present(EPC)
        keeper = kept(reader("m100", str(device.link)))
        life = asyncio.create_task(keeper.keep())
        await until(lambda: keeper.last_sighting)
        frames = await keeper.raw.look(0.5)
        life.cancel()
        await asyncio.wait([life])
    assert len(frames) >= 5
    whole = [each["shown"] for each in frames]
    assert any("BB 02 22 00 11" in text for text in whole)
    assert not any(bytes.fromhex(EPC).hex(" ").upper()[6:20] in text for text in whole)
    assert keeper.details()["rssi"] == keeper.last_rssi is not None


async def test_what_a_broker_brings_is_seen_too() -> None:
    with mosquitto() as server:
        async with Broker(server.url) as broker, SimulatedEspresense(server.url, ["foyer"], every_s=0.05) as phones:
            phones.place("iBeacon:e5ca1ade-f007-ba11-0000-000000000001-7-9", "foyer")
            config = reader("espresense", "espresense", rooms={"foyer": "entrance"})
            keeper = kept(config, broker)
            life = asyncio.create_task(keeper.keep())
            await until(lambda: keeper.last_sighting)
            frames = await keeper.raw.look(0.5)
            life.cancel()
            await asyncio.wait([life])
    assert {each["from"] for each in frames} >= {f"espresense/devices/{MASK}/foyer"}
    assert any('"rssi":-' in each["shown"] for each in frames)
    assert not any("ba11" in str(each) for each in frames)


async def test_one_looks_at_a_time_and_a_flood_ends_the_look() -> None:
    raw = RawFrames(reader("m100"), lambda: AT)
    raw("in", M100_TAG)  # nobody looks: nothing is kept
    first = asyncio.create_task(raw.look(20))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="somebody looks at door already"):
        await raw.look(1)
    for _ in range(5000):
        raw("in", M100_TAG)
    frames = await asyncio.wait_for(first, 2)
    assert len(frames) == 200
    again = asyncio.create_task(raw.look(0.01))
    assert await again == []
