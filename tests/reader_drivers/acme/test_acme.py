"""Acme QX1: its frames, and the driver against its device on a pseudo-terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from reader_drivers import DRIVERS
from tests.reader_drivers.acme.device import SimulatedAcme
from tests.reader_drivers.acme.driver import Acme
from tests.reader_drivers.readers import Heard, until
from tests.reader_drivers.rules import FrameRules, SilenceRules


@pytest.fixture(autouse=True)
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver of yours has a row in DRIVERS; this one has it while it is tested."""
    monkeypatch.setitem(DRIVERS, "acme", Acme)


class TestFrames(FrameRules):
    driver = "acme"
    rows: ClassVar = [
        ("7E0E90D202E200322FE20DF9311328B7E3E803", [(2, "epc:E200322FE20DF9311328B7E3", -46.0)]),
        ("7E06900000003230386D19", [(None, "epc:00323038", None)]),
    ]
    others: ClassVar = [
        ("7E0001B879", "reply to 01"),
        ("7E0010B971", "reply to 10"),
        ("7E0290D202BB55", "too short"),
    ]


class TestReader(SilenceRules):
    driver = "acme"
    settings: ClassVar[dict[str, Any]] = {"power_dbm": 20}
    device = SimulatedAcme
    tag, other = "epc:E280691500004020ED9648B3", "epc:DA20230000000000225191CA"

    async def test_it_is_set_up_started_and_stopped(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            door = self.make(device)
            async with Heard(door):
                await until(lambda: device.scanning)
                assert device.power_dbm == 20
                assert door.status.firmware == "QX1 V3.2"
            await until(lambda: not device.scanning)  # the field is not left on
