"""What a program was not yet told of a customer when they stopped: it learns that they stopped, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.operations import webhooks
from tests.console.served import config, served
from tests.operations.receiver import Receiver
from tests.reader_drivers.readers import until
from tests.story.venue import answered

SECRET = "a secret of more than 24 characters"
TEA = {"category": "drink", "value": "Green tea", "polarity": "do", "basis": "stated", "scope": "standing"}


async def test_a_stop_overtakes_what_still_waits_for_a_webhook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", SECRET)
    for name, seconds in (("LOOK_EVERY", 0.01), ("FIRST_WAIT", 0.02), ("LONGEST_WAIT", 0.1)):
        monkeypatch.setattr(webhooks, name, seconds)
    with Receiver(SECRET.encode()) as crm:
        down = [True]
        crm.answer = lambda _: 503 if down[0] else 204
        hook = {"name": "crm", "url": crm.url, "events": ["*"], "personal": True}
        async with served(tmp_path, config(webhooks=[hook])) as house:
            await house.enrol("anna", name="Anna Berg")
            boss = await house.client("manager")
            house.tap()
            await answered(boss.post("/api/customers/anna/preferences", json=TEA))
            await until(lambda: crm.tries)
            for purpose in ("recognise_tag", "keep_preferences"):
                await answered(boss.delete(f"/api/customers/anna/consents/{purpose}"))
            await answered(boss.put("/api/customers/ben", json={"name": "Ben Osei"}))
            down[0] = False
            await until(lambda: any(each["subject"] == "ben" for each in crm.events))
    told = [each["type"] for each in crm.events if each["subject"] == "anna"]
    assert told.count("consent.revoked") == 2
    assert "visit.departed" in told, "whoever may know of the visit knows that it is over"
    assert not {"visit.arrived", "alert.opened", "preference.recorded"} & set(told), told
    assert "Green tea" not in str(crm.events)
