"""Motion sensors and door contacts: what the usual ones publish, and what is damage."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers.decode import decode_message
from reader_drivers.json_messages import JsonMessages
from reader_drivers.json_states import OFF, ON
from reader_drivers.sighting import Found, Ignored, Rejected, Sensed
from tests.reader_drivers.hostile import AT, json_values

CONTACT: dict[str, Any] = {"kind": "contact"}
MOTION: dict[str, Any] = {"kind": "motion"}
BRIDGE: dict[str, Any] = {"kind": "contact", "state": "ZbReceived.0x1A2B.Contact"}
SWITCH: dict[str, Any] = {"kind": "contact", "state": "Switch1"}

# Settings, topic, payload, on.
SAMPLES: list[tuple[dict[str, Any], str, Any, bool]] = [
    (CONTACT, "zigbee2mqtt/door", {"battery": 97, "contact": False, "linkquality": 120, "voltage": 3015}, True),
    (CONTACT, "zigbee2mqtt/door", {"battery": 97, "contact": True}, False),
    (MOTION, "zigbee2mqtt/hall", {"occupancy": True, "illuminance": 12}, True),
    (MOTION, "zigbee2mqtt/hall", {"occupancy": False}, False),
    (MOTION, "zigbee2mqtt/hall", {"presence": True}, True),
    (SWITCH, "tele/door/SENSOR", {"Time": "2026-11-22T10:00:00", "Switch1": "ON"}, True),
    (SWITCH, "tele/door/SENSOR", {"Time": "2026-11-22T10:00:00", "Switch1": "OFF"}, False),
    (CONTACT, "stat/door/POWER", b"ON", True),
    (BRIDGE, "tele/zb/SENSOR", {"ZbReceived": {"0x1A2B": {"Name": "door", "Contact": 1, "Endpoint": 1}}}, True),
    (BRIDGE, "tele/zb/SENSOR", {"ZbReceived": {"0x1A2B": {"Name": "door", "Contact": 0, "Endpoint": 1}}}, False),
    (CONTACT, "front/binary_sensor/door/state", b"ON", True),
    (CONTACT, "front/binary_sensor/door/state", b"OFF\n", False),
    (MOTION, "front/binary_sensor/motion/state", b"ON", True),
    (CONTACT, "shellies/shellydw2-1/sensor/state", b"open", True),
    (CONTACT, "shellies/shellydw2-1/sensor/state", b"close", False),
    (CONTACT, "blu", {"window": 1, "battery": 100}, True),
    ({**CONTACT, "inverted": True}, "x", b"ON", False),
    ({**CONTACT, "inverted": True}, "x", {"contact": True}, True),
    (MOTION, "x", b'"detected"', True),
]


def found(settings: dict[str, Any], payload: Any, topic: str = "x", *, retained: bool = False) -> list[Found]:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    decoder = JsonMessages.decoder("door", JsonMessages.Settings(**settings))
    return decoder.message(topic, raw, AT, retained=retained)


@pytest.mark.parametrize(("settings", "topic", "payload", "on"), SAMPLES)
def test_what_the_usual_ones_publish_is_understood(
    settings: dict[str, Any], topic: str, payload: Any, on: bool
) -> None:
    assert found(settings, payload, topic) == [Sensed("door", None, "", None, None, AT, None, settings["kind"], on)]


def test_several_doors_below_one_topic_are_told_apart() -> None:
    (sensed,) = found({**CONTACT, "antenna_level": 1}, {"contact": False}, "zigbee2mqtt/front")
    assert isinstance(sensed, Sensed)
    assert sensed.antenna == "front"


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"   ", b"ajar", b"\xff\xfe", b"{", b"[1]", b"O" * 5000),
        *(b'{"contact": "ajar"}', b'{"contact": 7}', b'{"contact": null}'),
        *(b'{"contact": {"state": true}}', b'{"contact": 1e400}'),
    ],
)
def test_what_says_no_state_is_damage_in_words(payload: bytes) -> None:
    results = found(CONTACT, payload)
    assert results
    for result in results:
        assert isinstance(result, Rejected | Ignored)
        assert 5 < len(result.reason) < 200
    if payload.strip():
        assert any(isinstance(result, Rejected) for result in results)


@pytest.mark.parametrize("payload", [{"battery": 90}, b"online", b"offline", {"state": "online"}])
def test_a_battery_report_and_a_last_will_are_no_state_and_no_damage(payload: Any) -> None:
    assert all(isinstance(result, Ignored) for result in found(CONTACT, payload))


def test_a_state_that_the_broker_kept_is_of_an_age_that_nobody_knows() -> None:
    assert isinstance(found(CONTACT, {"contact": False}, retained=True)[0], Ignored)
    timed = found({**CONTACT, "time": "at"}, {"contact": False, "at": AT - 40.0}, retained=True)[0]
    assert isinstance(timed, Sensed)


@given(json_values | st.sampled_from(sorted(ON | OFF)), st.sampled_from([CONTACT, MOTION, SWITCH, BRIDGE]))
def test_nothing_raises_and_everything_has_a_result(value: Any, settings: dict[str, Any]) -> None:
    for payload in (value, {"contact": value, "occupancy": value, "Switch1": value}):
        results = found(settings, payload)
        assert results
        assert all(isinstance(result, Sensed | Rejected | Ignored) for result in results)


def test_decode_says_what_was_sensed() -> None:
    (row,) = decode_message("json", JsonMessages.Settings(kind="contact"), "x", b'{"contact": false}', lambda: AT)
    assert row == {"sensed": "contact", "on": True, "antenna": None, "at": AT, "reader": "json"}
