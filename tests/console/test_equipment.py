"""What IT does at a desk: looks at readers and their frames, walks with a test tag, enrols what is held to a reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.operations.enrolment import CLOSED_AFTER, KEPT
from gateway.operations.toolbox import UNWATCHED
from gateway.records.customers import credentials_of
from reader_drivers.sighting import Left, Sighting
from reader_drivers.simulated import SimulatedEm4100
from tests.console.served import Served, config, served
from tests.reader_drivers.readers import until
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW = "0700ABCDEF"  # printed on it: 0011259375, 171,52719
EPC = "epc:30751FEB705C5904E3D50D70"


class Desk(Served):
    """The house with a reader that is there, and one that is not."""

    till: SimulatedEm4100


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("desk")
    async with SimulatedEm4100(folder / "till") as till:
        readers = [
            {"id": "till", "driver": "em4100", "link": str(till.link), "role": "tap", "zone": "bar"},
            {"id": "gate", "driver": "m100", "link": "/nowhere/gate", "role": "inner", "zone": "lounge"},
        ]
        async with served(folder / "data", config(readers=readers)) as house:
            house.till = till  # type: ignore[attr-defined]
            await house.hire("mei", roles=("manager",))
            await until(lambda: house.running.keepers[0].state == "up")
            yield house  # type: ignore[misc]


@pytest.fixture(autouse=True)
def now(desk: Desk) -> None:
    """Every test begins in its own present."""
    desk.ahead = 0.0


async def heard(desk: Desk, it: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await answered(it.post("/api/enrolment"))
    return rows


async def shows(desk: Desk, it: Any, identifier: str) -> dict[str, Any]:
    """Holds a fob to the till until the enrolment screen is sure of it."""
    await heard(desk, it)
    desk.till.hold(identifier.partition(":")[2])
    try:
        for _ in range(200):
            rows = [row for row in await heard(desk, it) if row["shown"].endswith(identifier[-4:]) and row["sure"]]
            if rows:
                return rows[0]
            await asyncio.sleep(0.05)
        raise AssertionError(await heard(desk, it))
    finally:
        desk.till.release()


# --- readers ----------------------------------------------------------------------------------------------------------


async def test_it_sees_why_a_reader_is_lost_and_what_to_do_and_staff_see_what_they_need(desk: Desk) -> None:
    it, floor = await desk.client("it"), await desk.client("floor")
    await until(lambda: desk.running.keepers[1].reason != "starting")
    rows = {row["id"]: row for row in await answered(it.get("/api/readers"))}
    gate = rows["gate"]
    assert gate["state"] == "lost"
    assert gate["reason"] == "no such device: /nowhere/gate"
    assert gate["advice"][0]["kind"] in ("none_plugged", "missing")
    assert gate["link"] == "/nowhere/gate"
    assert rows["till"]["advice"] == []
    for row in await answered(floor.get("/api/readers")):
        assert not {"link", "advice", "last_tag", "faults"} & set(row)


async def test_raw_frames_come_masked_and_to_one_person_at_a_time(desk: Desk) -> None:
    it = await desk.client("it")
    desk.till.hold(NEW)
    first = asyncio.create_task(it.get("/api/readers/till/raw?seconds=1"))
    await until(lambda: desk.running.keepers[0].raw._kept is not None)
    assert (await it.get("/api/readers/till/raw?seconds=1")).status_code == 409
    frames = (await first).json()
    desk.till.release()
    assert frames
    for frame in frames:
        assert NEW.encode().hex(" ").upper() not in frame["shown"]
        assert "··" in frame["shown"]
    assert (await it.get("/api/readers/nobody/raw")).status_code == 404
    assert (await it.get("/api/readers/till/raw?seconds=60")).status_code == 422


# --- walk test --------------------------------------------------------------------------------------------------------


async def test_a_walk_goes_green_ends_and_its_result_is_kept(desk: Desk) -> None:
    it = await desk.client("it")
    assert (await it.delete("/api/walk-test")).status_code == 404
    begun = await it.post("/api/walk-test", json={})
    assert begun.status_code == 201
    assert (await it.post("/api/walk-test", json={})).status_code == 409
    desk.till.hold(NEW)
    while (walk := (await answered(it.get("/api/walk-test")))["walk"])["zones"]["bar"] != "pass":
        await asyncio.sleep(0.05)
    desk.till.release()
    assert walk["tag"] == "em:…CDEF"
    assert (walk["zones"]["lounge"], walk["passed"]) == ("fail", False)
    ended = (await it.delete("/api/walk-test")).json()
    seen = await answered(it.get("/api/walk-test"))
    assert (seen["walk"], seen["last"]) == (None, ended)
    assert {place["reader"]: place["verdict"] for place in ended["places"]} == {"till": "pass", "gate": "fail"}
    assert NEW not in str(seen)


async def test_a_walk_that_nobody_watches_lets_go_of_its_tag(desk: Desk) -> None:
    it = await desk.client("it")
    bad = await it.post("/api/walk-test", json={"identifier": "banana"})
    assert (bad.status_code, "no scheme" in bad.json()["detail"]) == (422, True)
    await it.post("/api/walk-test", json={"identifier": EPC})
    desk.ahead += UNWATCHED + 1
    await until(lambda: desk.running.keepers[0].see == desk.gateway.see)
    assert (await answered(it.get("/api/walk-test")))["walk"] is None


# --- enrolment --------------------------------------------------------------------------------------------------------


async def test_a_tag_that_nobody_has_appears_is_given_and_is_recognised(desk: Desk) -> None:
    it = await desk.client("it")
    row = await shows(desk, it, f"em:{NEW}")
    assert (row["shown"], row["printed"], row["reader"]) == ("em:…CDEF", ["…59375", "…52719"], "till")
    assert NEW not in str(await heard(desk, it))
    await answered(it.put("/api/customers/wu", json={"name": "Wu"}))
    await answered(it.post("/api/customers/wu/consents", json={"purpose": "recognise_tag", "method": "on paper"}))
    given = await it.post(f"/api/enrolment/{row['key']}/give", json={"customer": "wu", "label": "keychain"})
    assert (given.status_code, given.json()["scheme"]) == (201, "em")
    assert NEW not in given.text
    held = await answered(it.get("/api/customers/wu/enrolment"))
    assert held["credentials"] == [given.json()]
    assert [c["purpose"] for c in held["consents"]] == ["recognise_tag"]
    assert NEW not in (await it.get("/api/customers/wu/enrolment")).text
    assert next(r for r in await heard(desk, it) if r["key"] == row["key"])["taken"] is True
    desk.till.hold(NEW)
    wu = desk.whose("wu")
    await until(lambda: desk.gateway.memory.presence.where(wu))
    desk.till.release()
    assert (await it.delete(f"/api/customers/wu/credentials/{given.json()['id']}")).status_code == 204
    assert desk.gateway.memory.presence.where(wu) is None
    await desk.gateway.store.write(lambda tx: None)
    told = {e.type: e for e in desk.gateway.journal.of_customer(wu)}
    for type_ in ("credential.given", "credential.taken"):
        assert {"customer": wu, "credential": given.json()["id"], "scheme": "em"}.items() <= told[type_].data.items()
        assert told[type_].actor == told["consent.granted"].actor, "who gave it and who took it back stays known"
    await answered(it.put("/api/customers/xu", json={"name": "Xu"}))
    await it.post(f"/api/enrolment/{row['key']}/give", json={"customer": "wu"})
    other = await it.post(f"/api/enrolment/{row['key']}/give", json={"customer": "xu"})
    assert other.status_code == 409
    await it.delete("/api/customers/wu")


async def test_a_box_of_keychains_is_held_one_after_the_other_and_given_away(desk: Desk) -> None:
    it = await desk.client("it")
    assert await answered(it.get("/api/enrolment/box")) is None
    assert (await it.post("/api/enrolment/box", json={"reader": "moon"})).status_code == 404
    await answered(it.put("/api/customers/lin", json={"name": "Lin"}))
    await answered(it.post("/api/customers/lin/credentials", json={"identifier": "epc:AA09"}))
    await answered(it.post("/api/enrolment/box", json={"reader": "till"}))
    for n, at in enumerate((1.0, 3.0, 5.0)):
        desk.running.keepers[0].see(Sighting("till", None, f"epc:AA0{n + 7}", -40.0, None, desk.now() + at))
    look = await answered(it.get("/api/enrolment/box"))
    assert [(row["number"], row["taken"]) for row in look["rows"]] == [(3, True), (2, False), (1, False)]
    assert "AA07" in look["rows"][2]["shown"]
    refused = await it.post("/api/enrolment/box/3/give", json={"customer": "lin"})
    given = await it.post("/api/enrolment/box/2/give", json={"customer": "lin", "label": "No. 2"})
    assert given.status_code == 201, given.text
    assert refused.status_code in (201, 409)  # it is theirs already
    rows = (await answered(it.get("/api/enrolment/box")))["rows"]
    assert next(row for row in rows if row["number"] == 2)["given"] == "lin"
    assert {c["label"] for c in (await answered(it.get("/api/customers/lin/enrolment")))["credentials"]} >= {"No. 2"}
    assert (await it.post("/api/enrolment/box/9/give", json={"customer": "lin"})).status_code == 404
    desk.ahead = 0.0
    await answered(it.delete("/api/enrolment/box"))
    assert await answered(it.get("/api/enrolment/box")) is None
    await it.delete("/api/customers/lin")


async def test_a_printed_number_finds_the_fob_that_was_heard_in_any_of_its_forms(desk: Desk) -> None:
    it = await desk.client("it")
    await answered(it.delete("/api/enrolment"))
    for text in ("0011259375", "171,52719"):
        answer = await it.post("/api/enrolment/typed", json={"text": text})
        assert answer.status_code == 404
        assert "hold the fob to a reader" in answer.json()["detail"]
    row = await shows(desk, it, f"em:{NEW}")
    for text in (
        "0011259375",
        " 11259375",
        "171,52719",
        "171, 52719",
        "em:0011259375",
        f"em:{NEW}",
        f"em:{NEW.lower()}",
    ):
        assert (await answered(it.post("/api/enrolment/typed", json={"text": text})))["key"] == row["key"], text


@pytest.mark.parametrize(("text", "shown"), [
    ("ibeacon:E5CA1ADE-F007-BA11-0000-000000000001-7-9", "ibeacon:…-7-9"),
    ("irk:0123456789abcdef0123456789abcdef", "irk:…cdef"), (EPC, "epc:…0D70"),
])  # fmt: skip
async def test_phones_and_tags_are_typed_and_never_shown_whole(desk: Desk, text: str, shown: str) -> None:
    it = await desk.client("it")
    key = (await answered(it.post("/api/enrolment/typed", json={"text": text})))["key"]
    row = next(each for each in await heard(desk, it) if each["key"] == key)
    assert (row["shown"], row["reader"], row["sure"], row["taken"]) == (shown, None, True, False)
    bad = await it.post("/api/enrolment/typed", json={"text": text[:-2] + "!!"})
    assert bad.status_code == 422
    assert text[-12:] not in bad.text


async def test_what_was_heard_is_forgotten_after_a_minute_and_when_the_screen_is_closed(desk: Desk) -> None:
    it = await desk.client("it")
    row = await shows(desk, it, f"em:{NEW}")
    hear = desk.running.keepers[1].see
    hear(Sighting("gate", None, "epc:C0FFEE00C0FFEE00", -40, None, desk.now() + KEPT))
    desk.ahead += KEPT + 1
    kept = await answered(it.post("/api/enrolment", json={"keep": row["key"]}))
    assert row["key"] in {each["key"] for each in kept}, "it is being given just now"
    rows = await heard(desk, it)
    assert [each["scheme"] for each in rows if each["reader"]] == ["epc"]
    gone = await it.post(f"/api/enrolment/{row['key']}/give", json={"customer": "nobody"})
    assert gone.status_code == 404
    desk.ahead += CLOSED_AFTER + 1
    await until(lambda: desk.running.keepers[1].see == desk.gateway.see)
    assert await heard(desk, it) == []
    await it.delete("/api/enrolment")


async def test_a_hall_full_of_tags_takes_no_memory_and_a_ghost_is_not_sure(desk: Desk) -> None:
    it = await desk.client("it")
    await heard(desk, it)
    hear = desk.running.keepers[1].see
    for n in range(5000):
        hear(Sighting("gate", None, f"epc:{n:024X}", -60, None, desk.now()))
    hear(Sighting("gate", None, "em:0000000001", None, None, desk.now()))
    rows = await heard(desk, it)
    assert len(rows) <= 60
    assert next(row for row in rows if row["scheme"] == "em")["sure"] is False
    await it.delete("/api/enrolment")


async def test_nothing_that_was_heard_reaches_the_disk_or_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    it = await desk.client("it")
    await shows(desk, it, f"em:{NEW}")
    await desk.gateway.settle()
    store = desk.gateway.store
    await store.write(lambda tx: None)
    assert NEW not in caplog.text
    for file in Path(store.folder).rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert NEW.encode() not in content, file
            assert bytes.fromhex(NEW) not in content, file


async def test_a_chip_s_own_number_is_given_with_its_tag_and_a_farewell_is_no_read(desk: Desk) -> None:
    it = await desk.client("it")
    await it.delete("/api/enrolment")
    await heard(desk, it)
    hear = desk.running.keepers[1].see
    hear(Left("gate", None, "owntracks:anna/phone", None, None, desk.now()))
    hear(Sighting("gate", None, EPC, -40, None, desk.now(), "E280110520007A1B"))
    (row,) = await heard(desk, it)
    await answered(it.put("/api/customers/zhou", json={"name": "Zhou"}))
    await it.post(f"/api/enrolment/{row['key']}/give", json={"customer": "zhou"})
    (credential,) = credentials_of(desk.gateway.store.reader, desk.whose("zhou"))
    assert (credential.identifier, credential.tid) == (EPC, "E280110520007A1B")
    await it.delete("/api/customers/zhou")
    await it.delete("/api/enrolment")


async def test_who_is_made_or_changed_is_told_with_roles_zones_and_languages(desk: Desk) -> None:
    it = await desk.client("it")
    header = {"Authorization": f"Bearer {await desk.token('it')}"}
    async with desk.tablet(header) as tablet:
        facts = {"name": "Ines", "roles": ["floor", "crew"], "zones": ["bar"], "languages": ["fr"], "pin": "135790"}
        await answered(it.put("/api/staff/ines", json=facts))
        told = (await tablet.expect("staff.changed"))["data"]
        assert (told["roles"], told["zones"], told["languages"]) == (["crew", "floor"], ["bar"], ["fr"])
        assert "135790" not in str(told)
        await answered(it.post("/api/staff/ines/shift", json={"zones": ["lounge"]}))
        await tablet.expect("shift.started")
        await answered(it.put("/api/staff/ines", json={"name": "Ines", "roles": ["floor"], "zones": []}))
        told = (await tablet.expect("staff.changed"))["data"]
        assert (told["roles"], told["zones"]) == (["floor"], ["lounge"]), "this shift's zones stay"
        await it.delete("/api/staff/ines")
