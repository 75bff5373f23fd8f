"""``moments decode``: what do these bytes mean?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from reader_drivers.simulated import SimulatedEm4100, SimulatedM100
from tests.program import Ended, run

EPC = "3034F10A5C0E400000000001"
FOB = "0700C4A91E"


def rows(ended: Ended) -> list[dict[str, Any]]:
    """The JSON lines that a command printed."""
    assert ended.code == 0, ended
    return [json.loads(line) for line in ended.out.splitlines()]


def test_an_m100_s_bytes_in_chunks_are_tags_rejects_and_replies() -> None:
    m100 = SimulatedM100("unused")
    tag, silence = m100.tag(EPC, -61), m100.frame(1, 0xFF, b"\x15")
    spoilt = bytes([*tag[:8], tag[8] ^ 1, *tag[9:]])
    lines = [tag[:9].hex(), tag[9:].hex(), silence.hex(), spoilt.hex(), "zz", ""]
    found = rows(run("decode", "--driver", "m100", stdin="\n".join(lines).encode()))
    sighting = found[0]
    assert set(sighting) == {"identifier", "rssi", "antenna", "distance", "at", "reader"}
    assert (sighting["identifier"], sighting["rssi"], sighting["distance"]) == (f"epc:{EPC}", -61.0, None)
    assert "ignored" in found[1]
    assert {key for row in found[2:] for key in row} == {"error"}
    assert [row for row in found if "line 5" in row.get("error", "")]


@pytest.mark.parametrize("framing", ["stx14", "crlf16", "raw13", "bare12", "bin10"])
def test_an_em4100_s_bytes_are_fobs_in_every_framing(framing: Any) -> None:
    frame = SimulatedEm4100("unused", framing=framing).frame(FOB)
    line = (frame * 3).hex().encode()
    found = rows(run("decode", "--driver", "em4100", "--settings", json.dumps({"framing": framing}), stdin=line))
    assert {row["identifier"] for row in found} == {f"em:{FOB}"}
    assert {row["rssi"] for row in found} == {None}


def test_an_espresense_payload_is_a_phone_in_a_room() -> None:
    payload = {"mac": "5e0000000001", "id": "irk:5f2d8c61b0a94e7f93d214c06e8ab75d", "rssi": -67.5, "distance": 2.25}
    topic = "espresense/devices/irk:5f2d8c61b0a94e7f93d214c06e8ab75d/lounge"
    (found,) = rows(run("decode", "--driver", "espresense", "--topic", topic, stdin=json.dumps(payload).encode()))
    assert found["identifier"] == "irk:5f2d8c61b0a94e7f93d214c06e8ab75d"
    assert (found["rssi"], found["antenna"], found["distance"]) == (-67.5, "lounge", 2.25)
    (rejected,) = rows(run("decode", "--driver", "espresense", "--topic", topic, stdin=b"{"))
    assert set(rejected) == {"error"}
    (status,) = rows(
        run("decode", "--driver", "espresense", "--topic", "espresense/rooms/lounge/status", stdin=b"online")
    )
    assert set(status) == {"ignored"}


def test_what_cannot_be_decoded_is_said_in_words() -> None:
    unknown = run("decode", "--driver", "m10")
    assert unknown.code == 2
    assert "m100" in unknown.err
    assert run("decode", "--driver", "espresense", stdin=b"{}").code == 2
    assert run("decode", "--driver", "m100", "--settings", "{").code == 2
