"""Whatever a reader answers to what it is asked: its driver goes on, or loses it in words, and raises nothing else."""

from __future__ import annotations

import logging
import random
from typing import Any

import pytest

from reader_drivers import DRIVERS, ReaderLost
from reader_drivers.rfid import llrp_wire as wire
from reader_drivers.rfid.conversation import Conversation, Reply
from reader_drivers.rfid.llrp import _setup
from reader_drivers.rfid.llrp_conversation import LlrpConversation
from reader_drivers.simulated_llrp import parameter
from tests.reader_drivers.test_llrp import status
from tests.reader_drivers.test_llrp import tag as llrp_tag

TALKERS: list[tuple[str, dict[str, Any]]] = [
    ("uhfreader18", {"dialect": "18", "region": "us", "power_dbm": 20}),
    ("uhfreader18", {"dialect": "288"}),
    ("uhfreader18", {"dialect": "288", "mode": "real-time"}),
    ("uhf_prime", {"region": "eu", "power_dbm": 20}),
    ("thingmagic", {"region": "us", "power_dbm": 20, "antennas": [1, 2]}),
    ("pn532", {}),
    ("llrp", {"read_tid": True, "power_dbm": 20}),
]
STATUSES = (0, 0, 0, 0, 1, 2, 3, 0x12, 0x26, 0x28, 0xF8, 0xFB, 0xFE, 0xFF, 0x0101, 0x0105, 0x0400, 0x0405, 0x0504)
GREETING = parameter(246, parameter(128, bytes(8)) + parameter(256, b"\0\0"))
SIZES = (0, 1, 2, 3, 5, 8, 9, 16, 20, 25, 30, 64, 172)


def conversation(name: str, settings: dict[str, Any]) -> Conversation:
    made: Any = DRIVERS[name]
    chosen = made.settings.model_validate(settings)
    if name == "llrp":
        return LlrpConversation("door", 0.0, _setup(chosen))
    talk: Conversation = made("door", "link", chosen)._conversation(0.0)
    return talk


def answer(talk: Conversation, chance: random.Random) -> Reply:
    """An answer to what was asked, mostly, with anything in it."""
    asked = talk._queue[0].answer if talk._queue else None
    command = asked if asked is not None and chance.random() < 0.8 else chance.randrange(-3, 1024)
    data = bytes(chance.choice((0, 1, 2, 0x80, 0xFF, chance.randrange(256))) for _ in range(chance.choice(SIZES)))
    if isinstance(talk, LlrpConversation):
        if command == wire.EVENT and chance.random() < 0.8:
            return Reply(command, 0, GREETING)
        data = chance.choice((b"", status(0), status(0), status(0), llrp_tag())) + chance.choice((b"", data))
    return Reply(command, chance.choice(STATUSES), data)


@pytest.mark.parametrize(("name", "settings"), TALKERS)
def test_any_answer_is_lived_with_or_told_in_words(
    name: str, settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(16)
    deep, reasons = 0, []
    with caplog.at_level(logging.CRITICAL):
        for _ in range(300):
            talk, now = conversation(name, settings), 0.0
            try:
                for step in range(60):
                    talk.due(now)
                    assert 0.001 <= talk.wait(now, holding=step % 2 == 0) <= 60
                    assert talk.quiet is None or 5 < len(talk.quiet) < 200
                    talk.heard(now)
                    talk.replied(answer(talk, chance), now)
                    now += chance.choice((0.0, 0.001, 0.05, 0.3, 1.0))
                    deep = max(deep, step)
            except ReaderLost as lost:
                reasons.append(str(lost))
            assert talk.firmware is None or talk.firmware.isprintable()
    assert deep >= 20
    assert all(10 < len(each) < 200 for each in reasons)
