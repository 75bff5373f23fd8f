"""What is wrong is on one list, each with what it costs; and its button goes through a door that mends it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from gateway.events.times import DAY
from gateway.operations import keeper, repairs
from gateway.operations.helper import UNIT, Helper
from reader_drivers import Sighting
from reader_drivers.simulated import SimulatedEm4100
from tests.console.served import Served, config, served
from tests.console.test_settings import Quay, changes, quay, reader
from tests.operations.receiver import Receiver
from tests.reader_drivers.readers import until
from tests.records.recovering import with_recovery
from tests.story.venue import answered

__all__ = ["quay"]  # the fixture
pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE = "ibeacon:b9407f30-f5f8-466e-aff9-25556b57fe6d-1-7"


async def cards(who: httpx2.AsyncClient) -> dict[str, dict[str, Any]]:
    """What is wrong, by kind."""
    return {each["kind"]: each for each in await answered(who.get("/api/repairs"))}


async def press(who: httpx2.AsyncClient, card: dict[str, Any]) -> httpx2.Response:
    """What the card's button does."""
    mend = card["mend"]
    return await who.request(mend["method"], mend["path"], json=mend["body"])


def all_of(house: Served) -> Any:
    """Who looks."""
    found: Any = house.running.front.app.state.repairs
    return found


async def test_a_reader_that_was_plugged_in_again_is_opened_at_once(
    quay: Quay, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = await quay.client("it")
    monkeypatch.setattr(keeper, "FIRST_WAIT", 500.0)
    await changes(it, reader("door", "em4100", quay.folder / "port"))
    await until(lambda: "no such device" in str((k := quay.running.equipment.keeper("door")) and k.reason))
    card = next(each for each in (await cards(it)).values() if each["about"] == "door")
    assert (card["kind"], card["soon"], card["open"]) == ("reader_lost", False, "readers/door")
    assert card["why"].startswith("no such device")
    assert card["title"] == "door is not reached"
    assert card["steps"][0]["kind"] in ("missing", "none_plugged")
    async with SimulatedEm4100(quay.folder / "port"):
        assert (await press(it, card)).status_code == 204
        await until(lambda: quay.state("door") == "up")
        assert "reader_lost" not in await cards(it)


async def test_a_port_that_only_root_may_open_is_for_the_helper(quay: Quay, monkeypatch: pytest.MonkeyPatch) -> None:
    it, found = await quay.client("it"), all_of(quay)
    advice = [{"kind": "modem_manager", "facts": {"rules": "rules"}, "text": ""}]
    row = {"id": "till", "state": "up", "reason": None, "since": "2026-11-30T10:00:00.000Z", "advice": advice}

    async def readers(_: float) -> list[dict[str, Any]]:
        return [row]

    monkeypatch.setattr(found._tools, "readers_with_advice", readers)
    monkeypatch.setattr(found, "_synchronised", lambda: False)
    monkeypatch.setattr(found, "helper", Helper(quay.folder, quay.folder))
    there = await cards(it)
    assert (there["reader_port"]["soon"], there["reader_port"]["mend"]) == (True, None)
    assert [each["kind"] for each in there["reader_port"]["steps"]] == ["modem_manager", "helper"]
    assert [each["kind"] for each in there["clock_alone"]["steps"]] == ["ntp", "helper"]
    refused = await it.post("/api/repairs/helper", json={"what": "ports"})
    assert (refused.status_code, "not installed" in refused.json()["detail"]) == (409, True)
    unit = quay.folder / UNIT
    unit.parent.mkdir(parents=True)
    unit.touch()
    for kind, word in (("reader_port", "ports"), ("clock_alone", "clock")):
        assert (await press(it, (await cards(it))[kind])).status_code == 202
        assert (quay.folder / "repair").read_text() == word
    assert (await answered(it.get("/api/repairs/helper")))["asked"] is True
    assert (await it.post("/api/repairs/helper", json={"what": "reboot"})).status_code == 422


async def test_an_antenna_that_lost_twelve_decibels_is_bad_now(quay: Quay, monkeypatch: pytest.MonkeyPatch) -> None:
    it, presence = await quay.client("it"), quay.gateway.memory.presence
    for by, kind, soon in ((-12.4, "antenna_lost", False), (-7.0, "antenna_lost", True), (8.0, "antenna_other", True)):
        monkeypatch.setattr(presence, "drifts", lambda by=by: {"till": by})
        card = (await cards(it))[kind]
        assert (card["about"], card["soon"], card["facts"]["db"]) == ("till", soon, f"{abs(by):.0f}")


async def test_a_tablet_that_nobody_used_for_a_week_is_let_go(quay: Quay) -> None:
    boss = await quay.client("manager")
    code = await answered(boss.post("/api/tablets/codes", json={"name": "bar 2"}))
    await answered((await quay.client()).post("/api/pair", json={"code": code["code"]}))
    assert "tablet_unseen" not in await cards(boss)
    quay.ahead += 8 * DAY
    card = (await cards(boss))["tablet_unseen"]
    assert (card["facts"], card["soon"]) == ({"name": "bar 2", "days": "8"}, True)
    assert (await press(boss, card)).status_code == 204
    assert "tablet_unseen" not in await cards(boss)


async def test_a_disk_that_fills_is_told_of_before_it_is_full(quay: Quay, monkeypatch: pytest.MonkeyPatch) -> None:
    it = await quay.client("it")
    mb = 1024 * 1024
    for free, soon in ((900, True), (50, False)):
        there = SimpleNamespace(f_bavail=free, f_frsize=mb, f_blocks=64_000)
        monkeypatch.setattr(repairs, "os", SimpleNamespace(statvfs=lambda _, there=there: there))
        card = (await cards(it))["disk_fills"]
        assert (card["facts"], card["soon"]) == ({"free": str(free), "size": "64000"}, soon)
        assert card["steps"][0]["kind"] == "make_room"


async def test_whose_phone_is_mute_is_named_until_they_carry_something_else(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as house:
        boss = await house.client("manager")
        await house.hire("anna")
        await house.enrol("chen", PHONE)
        await answered(boss.post("/api/customers/chen/consents", json={"purpose": "recognise_phone"}))
        mute = SimpleNamespace(
            consider=lambda customer, _things, _now: SimpleNamespace(customer=customer, silent_s=600.0),
            forget=lambda _customer: None,
        )
        house.gateway.memory.mute = mute  # type: ignore[assignment]
        anna = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
        async with house.tablet(anna) as tablet:
            house.gateway.see(Sighting("counter", None, PHONE, -40.0, None, house.now()))
            for _ in range(3):
                house.ahead += 5
                house.gateway.pulse(house.now())
            await tablet.expect("alert.opened", kind="mute_phone")
        await house.gateway.settle()
        card = (await cards(boss))["mute_phone"]
        assert card["facts"] == {"customer": "chen", "name": "Chen"}
        await cards(boss)
        await house.gateway.settle()
        looked = [e for e in await answered(boss.get("/api/customers/chen/journal")) if e["type"] == "customer.viewed"]
        assert len(looked) == 1
        await answered(boss.post("/api/customers/chen/credentials", json={"identifier": "em:0700C4A999"}))
        assert "mute_phone" not in await cards(boss)


async def test_a_house_without_copies_says_so_and_makes_one_at_a_touch(tmp_path: Path) -> None:
    to = tmp_path / "copies"
    async with served(tmp_path / "data", config(backup={"to": [str(to)]})) as house:
        it = await house.client("it")
        assert "copy_none" not in await cards(it)
        house.ahead += 3 * DAY
        assert (await cards(it))["copy_none"]["open"] == "setup/keeping"
        there = await answered(it.get("/api/copies"))
        assert (there["key"], there["folders"]) == (
            False,
            [{"to": str(to), "there": False, "fault": None, "copies": []}],
        )
        assert (await it.post("/api/copies", json={"to": "/etc"})).status_code == 404
        with_recovery(house.gateway.store.folder)
        await answered(it.post("/api/copies", json={"to": str(to)}))
        await until(lambda: not house.running.copies.making)
        there = await answered(it.get("/api/copies"))
        (copy,) = there["folders"][0]["copies"]
        assert (there["key"], copy["wrong"], copy["bytes"] > 10_000) == (True, None, True)
        assert any(to.iterdir())
        house.ahead -= 3 * DAY


async def test_what_became_of_a_reader_is_told_newest_first(quay: Quay) -> None:
    it = await quay.client("it")
    await quay.till.__aexit__(None, None, None)
    await until(lambda: quay.state("till") == "lost")
    await quay.gateway.settle()
    newest, *_ = await answered(it.get("/api/readers/till/log"))
    assert (newest["what"], "was" in newest["reason"] or "no such device" in newest["reason"]) == ("lost", True)
    assert await answered(it.get("/api/readers/nobody/log")) == []
    assert (await it.post("/api/readers/nobody/connect")).status_code == 404


async def test_a_webhook_is_tried_and_sent_once_more_by_who_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "a secret that is long enough"
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", secret)
    with Receiver(secret.encode()) as receiver:
        receiver.answer = lambda _: 503
        hook = {"name": "crm", "url": receiver.url, "events": ["visit.arrived"]}
        async with served(tmp_path / "data", config(webhooks=[hook])) as house:
            boss, it = await house.client("manager"), await house.client("it")
            await house.enrol("chen")
            house.tap()
            await until(lambda: house.running.hooks[0].fault is not None)
            card = (await cards(it))["webhook_waits"]
            assert (card["about"], card["why"], card["open"]) == (
                "crm",
                "it answers 503 Service Unavailable",
                "setup/hooks",
            )
            (standing,) = await answered(it.get("/api/webhooks"))
            assert (standing["state"], standing["waiting"] > 0) == ("lost", True)
            receiver.answer = lambda _: 204
            assert (await press(it, card)).status_code == 204
            await until(lambda: house.running.hooks[0].fault is None)
            assert "webhook_waits" not in await cards(it)
            await until(lambda: len(receiver.events) == 1)
            await until(lambda: not house.running.hooks[0].waiting(house.running.live.sequence))
            assert (await it.post("/api/webhooks/crm/replay", json={"events": 100})).status_code == 403
            await answered(boss.post("/api/webhooks/crm/replay", json={"events": 100}))
            await until(lambda: len(receiver.tries) >= 3)
            assert receiver.tries[-1]["id"] == receiver.events[0]["id"]
            assert (await boss.post("/api/webhooks/none/send")).status_code == 404
