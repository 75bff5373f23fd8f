"""Readers, zones and rules are changed while the house runs: in the file, on every tablet, and back in one tap."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gateway.operations import live_settings
from gateway.operations.live_settings import WRITTEN
from gateway.records.errors import StoreFull
from gateway.settings import added
from reader_drivers.simulated import SimulatedEm4100, SimulatedEspresense, SimulatedM100
from tests.console.served import FOB, Served, served
from tests.reader_drivers.readers import until
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

VENUE = """# The house on the quay
[venue]
id = "quay"
name = { zh-CN = "码头", en = "Quay" }

[console]
listen = "127.0.0.1:0"
paired_tablets = false

[mqtt]
url = "embedded"

[[zones]]
id = "bar"   # where they tap
name = { zh-CN = "吧台", en = "Bar" }

# on the counter
[[readers]]
id = "till"
driver = "em4100"
link = "PORT"
role = "tap"
zone = "bar"
"""


class Quay(Served):
    """A house with a file, and folders in which ports are."""

    file: Path
    folder: Path
    till: SimulatedEm4100

    @property
    def says(self) -> dict[str, Any]:
        """What the file says now."""
        return tomllib.loads(self.file.read_text("utf-8"))

    def state(self, reader: str) -> str | None:
        """How a reader is; None where there is none."""
        keeper = self.running.equipment.keeper(reader)
        return keeper.state if keeper is not None else None


@pytest_asyncio.fixture(loop_scope="module")
async def quay(tmp_path: Path) -> AsyncIterator[Quay]:
    """One for each test: they change it."""
    async with SimulatedEm4100(tmp_path / "till") as till:
        file = tmp_path / "venue.toml"
        file.write_text(VENUE.replace("PORT", str(till.link)), "utf-8")
        async with served(tmp_path / "data", file=file) as house:
            house.__class__ = Quay
            assert isinstance(house, Quay)
            house.file, house.folder, house.till = file, tmp_path, till
            await house.hire("mei", roles=("manager",))
            await until(lambda: house.state("till") == "up")
            yield house


async def changes(who: httpx2.AsyncClient, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What is answered to changes of these rows."""
    made: dict[str, Any] = await answered(
        who.post("/api/settings/changes", json={"changes": list(rows), "leave": True, **more})
    )
    return made


def zone(id_: str) -> dict[str, Any]:
    """One more zone."""
    return {"table": "zones", "value": {"id": id_, "name": {"en": id_.capitalize(), "zh-CN": "区"}}}


def reader(id_: str, driver: str, link: Path | str, **more: Any) -> dict[str, Any]:
    """One more reader."""
    value = {"id": id_, "driver": driver, "link": str(link), "role": "tap", "zone": "bar", **more}
    return {"table": "readers", "value": value}


async def test_a_reader_and_its_zone_come_and_go_while_tablets_look_on(quay: Quay) -> None:
    it, mei = await quay.client("it"), await quay.signs_in("mei")
    await quay.enrol("chen")
    async with SimulatedEm4100(quay.folder / "salon") as salon, quay.tablet({"cookie": _cookie(mei)}) as tablet:
        made = await changes(it, zone("salon"), reader("second", "em4100", salon.link, zone="salon"))
        assert (made["tables"], made["waits"]) == (["zones", "readers"], [])
        assert '+id = "second"' in made["difference"].split("\n")
        state = await _whole_state(tablet)
        assert [each["id"] for each in state["venue"]["zones"]] == ["bar", "salon"]
        assert [each["id"] for each in state["readers"]] == ["till", "second"]
        await until(lambda: quay.state("second") == "up")
        salon.hold(FOB.partition(":")[2])
        arrived = await tablet.expect("visit.arrived")
        assert arrived["data"]["zone"] == "salon"
        salon.release()
        gone = [{"table": "readers", "at": "second", "value": None}, {"table": "zones", "at": "salon", "value": None}]
        refused = await it.post("/api/settings/changes", json={"changes": gone})
        assert (refused.status_code, "somebody is in the zone 'salon'" in refused.json()["detail"]) == (409, True)
        await changes(it, {"table": "readers", "at": "second", "value": None})
        assert quay.state("second") is None
        assert quay.says["readers"][0]["id"] == "till"
        assert quay.state("till") == "up"
    assert '# on the counter\n[[readers]]\nid = "till"' in quay.file.read_text("utf-8")


def _cookie(browser: httpx2.AsyncClient) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


async def _whole_state(tablet: Any) -> dict[str, Any]:
    for _ in range(100):
        hellos = [each for each in tablet.events if each["type"] == "hello"]
        if hellos:
            return dict(hellos[-1]["state"])
        await asyncio.sleep(0.05)
    raise AssertionError("no tablet was told the whole state")


async def test_who_is_here_stays_and_is_not_greeted_again(quay: Quay) -> None:
    it = await quay.client("it")
    boss = await quay.client("manager")
    await quay.enrol("chen")
    quay.till.hold(FOB.partition(":")[2])
    for _ in range(100):
        here = await answered(boss.get("/api/present"))
        if here:
            break
        await asyncio.sleep(0.05)
    quay.till.release()
    await changes(it, zone("salon"), {"table": "presence", "value": {"reentry_minutes": 3}})
    again = await answered(boss.get("/api/present"))
    assert [(row["customer"], row["visit"], row["zone"], row["since"]) for row in again] == [
        (row["customer"], row["visit"], row["zone"], row["since"]) for row in here
    ]
    journal = await answered(boss.get("/api/customers/chen/journal"))
    assert [row["type"] for row in journal].count("visit.arrived") == 1


async def test_rules_and_tiers_hold_from_now_on(quay: Quay) -> None:
    it = await quay.client("it")
    await changes(
        it,
        {"table": "moments", "value": {"kind": "waiting", "after_minutes": 7, "to": "manager"}},
        {"table": "alerts", "value": {"escalate_after_s": [5, 9], "tiers": ["ruby", "opal"]}},
    )
    waiting = [rule for rule in quay.gateway.moment_rules.rules if rule.kind == "waiting"]
    assert [(rule.after_minutes, rule.to) for rule in waiting] == [(7, "manager")]
    assert quay.says["moments"] == [{"kind": "waiting", "after_minutes": 7, "to": "manager"}]
    now = await answered((await quay.client("manager")).get("/api/vocabulary"))
    assert now


async def test_what_is_wrong_is_named_and_nothing_is_another(quay: Quay) -> None:
    it, before = await quay.client("it"), quay.file.read_text("utf-8")
    for path in ("preview", "changes"):
        bad = {"changes": [reader("second", "em4100", "/dev/x", zone="moon", colour="red")], "leave": True}
        if path == "preview":
            del bad["leave"]
        answer = await it.post(f"/api/settings/{path}", json=bad)
        assert answer.status_code == 422
        assert any("colour" in line for line in answer.json()["mistakes"]), answer.text
    assert quay.file.read_text("utf-8") == before
    shown = await answered(it.post("/api/settings/preview", json={"changes": [zone("salon")]}))
    assert '+id = "salon"' in shown["difference"]
    assert quay.file.read_text("utf-8") == before
    assert (await answered(it.get("/api/settings")))["changes"] == []


async def test_a_file_that_somebody_wrote_is_changed_with_leave_alone(quay: Quay) -> None:
    it = await quay.client("it")
    assert (await answered(it.get("/api/settings")))["by_hand"] is True
    answer = await it.post("/api/settings/changes", json={"changes": [zone("salon")]})
    assert (answer.status_code, "by hand" in answer.json()["detail"]) == (409, True)
    await changes(it, zone("salon"))
    shown = await answered(it.get("/api/settings"))
    assert (shown["by_hand"], shown["edited"]) == (False, False)
    await answered(it.post("/api/settings/changes", json={"changes": [zone("pool")]}))
    quay.file.write_text(quay.file.read_text("utf-8").replace("where they tap", "their bar"), "utf-8")
    shown = await answered(it.get("/api/settings"))
    assert (shown["by_hand"], shown["edited"]) == (True, True)
    assert (await it.post("/api/settings/changes", json={"changes": [zone("roof")]})).status_code == 409


async def test_what_somebody_wrote_into_the_file_is_taken_up(quay: Quay) -> None:
    it = await quay.client("it")
    text = quay.file.read_text("utf-8") + '\n[[zones]]\nid = "deck"\nname = { en = "Deck" }\n'
    quay.file.write_text(text, "utf-8")
    made = await answered(it.post("/api/settings/changes", json={}))
    assert made["tables"] == ["zones"]
    assert [each.id for each in quay.gateway.config.zones] == ["bar", "deck"]
    assert quay.file.read_text("utf-8") == text
    shown = await answered(it.get("/api/settings"))
    assert (shown["edited"], [each["because"] for each in shown["changes"]]) == (False, ["by_hand"])


async def test_a_change_is_kept_with_its_author_and_taken_back_in_one_tap(quay: Quay) -> None:
    mei, before = await quay.signs_in("mei"), quay.file.read_text("utf-8")
    made = await changes(mei, zone("salon"))
    shown = await answered(mei.get("/api/settings"))
    (one,) = shown["changes"]
    assert (one["by"], one["by_name"], one["because"], one["may_undo"]) == ("mei", "Mei", "screen", True)
    await answered(mei.post(f"/api/settings/changes/{made['change']}/undo", json={}))
    assert quay.file.read_text("utf-8") == before
    assert [each.id for each in quay.gateway.config.zones] == ["bar"]
    back, one = (await answered(mei.get("/api/settings")))["changes"]
    assert (back["undoes"], one["undone"], one["may_undo"]) == (made["change"], True, False)
    assert (await mei.post("/api/settings/changes/nothing/undo", json={})).status_code == 404


async def test_two_who_change_the_same_file_do_not_overwrite_each_other(quay: Quay) -> None:
    it = await quay.client("it")
    version = (await answered(it.get("/api/settings")))["version"]
    await changes(it, zone("salon"), version=version)
    answer = await it.post("/api/settings/changes", json={"changes": [zone("x")], "version": version, "leave": True})
    assert (answer.status_code, "another than" in answer.json()["detail"]) == (409, True)


async def test_a_change_that_is_sent_twice_is_made_once(quay: Quay) -> None:
    it, body = await quay.client("it"), {"changes": [zone("salon")], "leave": True}
    first, second = [
        await answered(it.post("/api/settings/changes", json=body, headers={"Idempotency-Key": "one"}))
        for _ in range(2)
    ]
    assert first == second
    assert len(quay.says["zones"]) == 2


async def test_who_equips_a_house_does_not_say_who_sees_what(quay: Quay) -> None:
    it, boss = await quay.client("it"), await quay.client("manager")
    for row in (
        {"table": "access", "value": {"role": "floor", "what": ["presence"], "zones": "all"}},
        {"table": "break_glass", "value": {"officers": ["it"]}},
        {"table": "retention", "value": {"visits_days": 40}},
        {"table": "console", "value": {"listen": "127.0.0.1:0", "paired_tablets": True}},
    ):
        answer = await it.post("/api/settings/changes", json={"changes": [row], "leave": True})
        assert answer.status_code == 403, row
    made = await changes(boss, {"table": "console", "value": {"listen": "127.0.0.1:0"}},
                         {"table": "retention", "value": {"visits_days": 300}})  # fmt: skip
    assert made["waits"] == ["console"]
    assert quay.gateway.config.retention.visits_days == 300
    assert quay.gateway.config.console.paired_tablets is False
    assert (await answered(it.get("/api/settings")))["waits"] == ["console"]


async def test_nothing_is_written_that_cannot_be_recorded(quay: Quay, monkeypatch: pytest.MonkeyPatch) -> None:
    it, before = await quay.client("it"), quay.file.read_text("utf-8")

    async def refuses(*_: object, **__: object) -> None:
        raise StoreFull

    monkeypatch.setattr(quay.gateway, "act", refuses)
    answer = await it.post("/api/settings/changes", json={"changes": [zone("salon")], "leave": True})
    assert answer.status_code == 503
    monkeypatch.undo()
    assert quay.file.read_text("utf-8") == before
    assert not (quay.gateway.store.folder / WRITTEN).exists()
    assert [each.id for each in quay.gateway.config.zones] == ["bar"]


async def test_a_file_that_cannot_be_written_is_said_to_be_so(quay: Quay, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(added, "write", refuses)
    it = await quay.client("it")
    answer = await it.post("/api/settings/changes", json={"changes": [zone("salon")], "leave": True})
    assert (answer.status_code, answer.json()["detail"]) == (409, "venue.toml cannot be written: read-only file system")
    assert [each.id for each in quay.gateway.config.zones] == ["bar"]


async def test_a_reader_that_does_not_come_back_is_as_it_was(quay: Quay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_settings, "PROVED_WITHIN", 1.0)
    it, before = await quay.client("it"), quay.file.read_text("utf-8")
    value = {**reader("till", "em4100", quay.folder / "nowhere")["value"]}
    await changes(it, {"table": "readers", "at": "till", "value": value})
    await until(lambda: quay.file.read_text("utf-8") == before and quay.state("till") == "up", 20)
    back, made = (await answered(it.get("/api/settings")))["changes"]
    assert (back["because"], back["by"], back["undoes"]) == ("reader_lost", "gateway", made["change"])


async def test_another_reader_takes_the_place_of_one_and_its_port_is_free_again(quay: Quay) -> None:
    it = await quay.client("it")
    async with SimulatedM100(quay.folder / "other") as other:
        value = {"id": "till", "driver": "m100", "link": str(other.link), "role": "inner", "zone": "bar"}
        await changes(it, {"table": "readers", "at": "till", "value": value})
        await until(lambda: quay.state("till") == "up")
        old = reader("old", "em4100", quay.till.link)
        await changes(it, old)
        await until(lambda: quay.state("old") == "up")


async def test_a_node_of_the_broker_is_heard_without_a_restart(quay: Quay) -> None:
    it = await quay.client("it")
    await until(lambda: quay.running.embedded is not None and quay.running.embedded.pid is not None)
    embedded = quay.running.embedded
    assert embedded is not None
    node = {"id": "phones", "driver": "espresense", "link": "espresense", "role": "zone", "rooms": {"bar": "bar"}}
    await changes(it, {"table": "readers", "value": node})
    user, password = embedded.reader_credentials
    async with SimulatedEspresense(embedded.url.replace("gateway@", ""), ["bar"], username=user, password=password):
        keeper = quay.running.equipment.keeper("phones")
        assert keeper is not None
        await until(lambda: keeper.state == "up" and keeper.status.firmware is not None, 20)


async def test_whoever_listens_to_readers_hears_the_new_one_too(quay: Quay) -> None:
    it = await quay.client("it")
    await answered(it.post("/api/enrolment"))
    async with SimulatedEm4100(quay.folder / "desk") as desk:
        await changes(it, reader("desk", "em4100", desk.link))
        await until(lambda: quay.state("desk") == "up")
        desk.hold("0700ABCDEF")
        for _ in range(100):
            if any(row["shown"].endswith("CDEF") for row in await answered(it.post("/api/enrolment"))):
                return
            await asyncio.sleep(0.05)
    raise AssertionError("the enrolment screen does not hear the new reader")


async def test_places_and_who_sees_whom_hold_from_now_on_and_are_taken_back(quay: Quay) -> None:
    boss, before = await quay.client("manager"), quay.file.read_text("utf-8")
    made = await changes(
        boss,
        {"table": "places", "value": {"zone": "bar", "rows": "1-3", "letters": "AC"}},
        {"table": "access", "value": {"role": "crew", "what": ["presence"], "zones": "all"}},
        {"table": "programs", "value": {"days": 30}},
        {"table": "insight", "value": {"currency": "EUR", "margin": {"mid": 0.55}}},
    )
    assert (made["tables"], made["waits"]) == (["places", "access", "programs", "insight"], [])
    config = quay.gateway.config
    assert [place.place for each in config.places for place in each.all()] == ["1A", "1C", "2A", "2C", "3A", "3C"]
    assert (config.insight.currency, config.insight.margin.mid, config.programs.days) == ("EUR", 0.55, 30)
    twice = {"table": "places", "value": {"zone": "bar", "ids": ["2A"]}}
    answer = await boss.post("/api/settings/preview", json={"changes": [twice]})
    assert any("each place once" in line for line in answer.json()["mistakes"]), answer.text
    await answered(boss.post(f"/api/settings/changes/{made['change']}/undo", json={}))
    assert quay.file.read_text("utf-8") == before
    assert (quay.gateway.config.places, quay.gateway.config.insight.currency) == ((), "CNY")


async def test_copies_go_elsewhere_without_a_restart(quay: Quay) -> None:
    boss, folder = await quay.client("manager"), quay.folder / "stick"
    made = await changes(boss, {"table": "backup", "value": {"to": [str(folder)], "keep": 3}})
    assert made["waits"] == []
    shown = await answered(boss.get("/api/copies"))
    assert ([each["to"] for each in shown["folders"]], shown["keep"]) == ([str(folder)], 3)
    assert quay.running.copies.newest() == {str(folder): None}
    await answered(boss.post(f"/api/settings/changes/{made['change']}/undo", json={}))
    assert (await answered(boss.get("/api/copies")))["folders"] == []
    assert quay.running.copies.newest() == {}


async def test_a_webhook_has_its_secret_before_it_is_in_the_file(quay: Quay, monkeypatch: pytest.MonkeyPatch) -> None:
    boss = await quay.client("manager")
    row = {"table": "webhooks", "value": {"name": "crm", "url": "https://crm.example/in"}}
    answer = await boss.post("/api/settings/preview", json={"changes": [row]})
    assert any("has no secret to sign with" in line for line in answer.json()["mistakes"]), answer.text
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", "s" * 24)
    made = await changes(boss, row)
    assert made["waits"] == ["webhooks"]
    row = {"table": "webhooks", "at": "crm", "value": {"name": "crm", "url": "https://crm.example/new"}}
    await changes(boss, row)
    assert quay.says["webhooks"] == [{"name": "crm", "url": "https://crm.example/new"}]
