"""The command line beside a gateway that runs: everything goes through it, and its journal tells of it."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.console import imports
from gateway.events.event import Event
from gateway.operations.control import SOCKET_FILE
from gateway.records import import_plan
from gateway.records.import_plan import AT_ONCE, Imported
from tests.commands.folder import of
from tests.console.served import FOB, PIN, Served, served
from tests.program import Ended, kept_in, moments
from tests.story.venue import answered

HEADER = "customer,name,address_as,language,tier,associate,deputy,identifiers,consents"
CHEN = f"chen,陈玉兰,陈女士,zh-CN,black,,,{FOB};irk:e0e1e2e3e4e5e6e7e8e9eaebecedeeef,recognise_tag@2099-12-31"
WANG = "wang,Wang,,en,,,,,keep_preferences"
BAD = "hale,Hale,,en,gold,,,epc:XYZ,recognise_tag"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path / "data") as running:
        yield running


def write(folder: Path, *rows: str) -> Path:
    """A CSV file of these rows."""
    file = folder / "people.csv"
    file.write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    return file


async def said(house: Served, *words: str | Path) -> Ended:
    """A command on the data folder of this house."""
    return await moments(*words, "--data", house.gateway.store.folder)


def told(house: Served, *types: str) -> list[Event]:
    """The events of these types in the journal."""
    return of(house.gateway.journal.since(0, 100_000) or [], *types)


# --- customers --------------------------------------------------------------------------------------------------------


async def test_who_is_imported_is_told_and_recognised_at_once(house: Served, tmp_path: Path) -> None:
    file = write(tmp_path, CHEN, WANG)
    done = await said(house, "customers", "import", file)
    assert (done.code, done.out.strip()) == (0, "2 customers, 2 new credentials, 2 new consents"), done
    kinds = ("customer.enrolled", "credential.given", "consent.granted", "customers.imported")
    events = told(house, *kinds)
    assert [event.type for event in events] == [
        "customer.enrolled", "credential.given", "credential.given", "consent.granted",
        "customer.enrolled", "consent.granted", "customers.imported",
    ]  # fmt: skip
    assert {event.actor for event in events} == {"command-line"}
    document = f"sha256:{sha256(file.read_bytes()).hexdigest()}"
    assert events[3].data["document"] == events[-1].data["document"] == document
    house.tap()
    boss = await house.client("manager")
    assert [one["customer"] for one in await answered(boss.get("/api/present"))] == ["chen"]
    page = await answered(boss.get("/api/customers/chen"))
    assert (page["name"], page["tier"]) == ("陈玉兰", "black")
    again = await said(house, "customers", "import", file)
    assert "all of it was known already: nothing changed" in again.err
    assert len(told(house, *kinds)) == len(events) + 1


async def test_mistakes_and_doubts_are_named_as_without_a_gateway(house: Served, tmp_path: Path) -> None:
    file = write(tmp_path, CHEN, BAD)
    refused = await said(house, "customers", "import", file)
    assert (refused.code, told(house, "customer.enrolled", "customers.imported")) == (1, [])
    assert "line 3: identifiers: number 1: epc" in refused.err
    assert "nothing was imported: 1 mistakes; --partial imports the good rows" in refused.err
    partial = await said(house, "customers", "import", file, "--partial")
    assert (partial.code, partial.out.strip()) == (0, "1 customers, 2 new credentials, 1 new consents"), partial
    assert "line 3: identifiers: number 1: epc" in partial.err
    (imported,) = told(house, "customers.imported")
    assert (imported.data["customers"], imported.data["problems"]) == (1, 1)


async def test_between_two_parts_of_a_file_others_have_their_turn(house: Served, tmp_path: Path) -> None:
    boss = await house.client("manager")
    await answered(boss.put("/api/customers/first", json={"name": "First"}))
    await house.agrees("first")
    rows = [f"c-{n},Customer {n},,,,,,,keep_preferences" for n in range(6 * AT_ONCE)]
    importing = asyncio.create_task(said(house, "customers", "import", write(tmp_path, *rows)))
    fact = {"category": "drink", "value": "tea"}
    while not importing.done():
        await answered(boss.post("/api/customers/first/preferences", json=fact))
    assert (await importing).code == 0
    happened = told(house, "preference.recorded", "consent.granted", "customers.imported")
    kinds = [
        event.type for event in happened if (event.type, event.subject) != ("consent.granted", house.whose("first"))
    ]
    middle = kinds[kinds.index("consent.granted") : kinds.index("customers.imported")]
    assert "preference.recorded" in middle
    assert middle.count("consent.granted") == 6 * AT_ONCE


async def test_a_row_that_somebody_was_quicker_with_is_looked_at_again(
    house: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss, planned, loop = await house.client("manager"), import_plan.plan, asyncio.get_running_loop()

    async def quicker() -> None:
        await answered(boss.put("/api/customers/quick", json={"name": "Quick"}))
        await answered(boss.post("/api/customers/quick/credentials", json={"identifier": FOB}))

    def plan(*arguments: Any, **more: Any) -> tuple[list[Any], Imported]:
        made = planned(*arguments, **more)
        if imports.__dict__["plan"] is plan:  # the first time
            monkeypatch.setattr(imports, "plan", planned)
            asyncio.run_coroutine_threadsafe(quicker(), loop).result(20)
        return made

    monkeypatch.setattr(imports, "plan", plan)
    done = await said(house, "customers", "import", write(tmp_path, CHEN))
    assert (done.code, done.out.strip()) == (0, "1 customers, 1 new credentials, 1 new consents"), done
    assert "line 2: identifiers: number 1 belongs to customer 'quick'" in done.err
    assert [event.subject for event in told(house, "credential.given")] == [
        house.whose(each) for each in ("quick", "chen")
    ]


async def test_a_manager_imports_over_the_network_and_is_who_did(house: Served) -> None:
    await house.hire("marie", roles=("manager",))
    marie = await house.signs_in("marie")
    text = {"Content-Type": "text/csv"}
    raw = "\n".join([HEADER, CHEN, BAD]).encode()
    refused = await marie.post("/api/imports", content=raw, headers=text)
    assert (refused.status_code, refused.json()["problems"][0]["line"]) == (422, 3)
    done = await answered(marie.post("/api/imports?partial=true", content=raw, headers=text))
    assert (done["customers"], done["new"], [p["line"] for p in done["problems"]]) == (1, 1, [3])
    assert {event.actor for event in told(house, "customer.enrolled", "customers.imported")} == {"marie"}
    elsewhere = {**text, "Origin": "http://evil.example"}
    assert (await marie.post("/api/imports", content=raw, headers=elsewhere)).status_code == 403
    assert (await marie.post("/api/imports", content=raw, headers={"Content-Type": "text/plain"})).status_code == 415


async def test_what_leaves_and_what_is_copied_is_told(house: Served, tmp_path: Path) -> None:
    assert (await said(house, "customers", "import", write(tmp_path, CHEN, WANG))).code == 0
    alone = await said(house, "customers", "export")
    assert (alone.code, alone.out, "takes two people" in alone.err) == (1, "", True), alone
    assert not told(house, "customers.exported")
    house.two_open()
    exported = await said(house, "customers", "export")
    assert [line.split(",")[0] for line in exported.out.splitlines()] == ["customer", "chen", "wang"]
    refused = await said(house, "backup", tmp_path / "copies")
    assert (refused.code, "moments recovery new" in refused.err, (tmp_path / "copies").exists()) == (1, True, False)
    assert (await said(house, "recovery", "new")).code == 0
    assert (await said(house, "backup", tmp_path / "copies")).code == 0
    (left,), (copied,) = told(house, "customers.exported"), told(house, "records.backed_up")
    assert (left.data, left.actor) == ({"customers": 2}, "command-line")
    (copy,) = (tmp_path / "copies").glob("moments-*.db")
    assert (copied.data["name"], copied.actor) == (copy.name, "command-line")
    assert copied.data["position"] == left.position


# --- the house --------------------------------------------------------------------------------------------------------


async def test_a_token_is_good_at_once_and_ends_at_once(house: Served) -> None:
    made = await said(house, "token", "--role", "integration")
    assert made.code == 0, made
    secret = made.out.strip()
    program = await house.client(Authorization=f"Bearer {secret}")
    assert (await program.get("/api/present")).status_code == 200
    id_ = next(
        line.split()[0] for line in (await said(house, "token", "list")).out.splitlines() if "integration" in line
    )
    assert (
        next(t for t in await answered((await house.client("manager")).get("/api/tokens")) if t["id"] == id_)["staff"]
        is None
    )
    async with house.tablet({"Authorization": f"Bearer {secret}"}) as socket:
        assert (await said(house, "token", "revoke", id_)).code == 0
        assert await socket.closed() is not None
    assert (await program.get("/api/present")).status_code == 401
    again = await said(house, "token", "revoke", id_)
    assert (again.code, "there is no good token" in again.err) == (1, True)
    born = next(event for event in told(house, "token.made") if event.subject == id_)
    (ended,) = told(house, "token.revoked")
    hashed = sha256(secret.encode()).hexdigest()
    facts = {"token": id_, "hash": hashed, "role": "integration", "staff": None, "name": "", "scopes": None}
    assert {name: value for name, value in born.data.items() if name != "until"} == facts
    assert ended.data == {"token": id_, "because": "ended"}
    assert (ended.actor, born.actor) == ("command-line", "command-line")
    assert secret not in json.dumps([event.data for event in told(house, "token.made", "token.revoked")])


async def test_a_token_for_nobody_is_refused(house: Served) -> None:
    nobody = await said(house, "token", "--role", "floor", "--staff", "nobody")
    assert (nobody.code, nobody.err.strip()) == (1, "there is no member of staff 'nobody'")
    assert {event.actor for event in told(house, "token.made")} <= {"tests"}


async def test_who_is_hired_signs_in_at_once_and_a_new_pin_signs_out(house: Served, tmp_path: Path) -> None:
    words = ("staff", "add", "anna", "--name", "安娜", "--role", "floor", "--zone", "bar")
    made = await said(house, *words, "--pin-file", kept_in(tmp_path, PIN))
    assert (made.code, made.out) == (0, f"安娜: PIN {PIN}\n"), made
    anna = await house.signs_in("anna")
    assert (await anna.get("/api/present")).status_code == 200
    assert (await said(house, *words, "--pin-file", kept_in(tmp_path, "135790"))).code == 0
    assert (await anna.get("/api/present")).status_code == 401
    await house.signs_in("anna", "135790")
    assert {event.actor for event in told(house, "staff.changed") if event.data["new_pin"]} == {"command-line"}
    nowhere = await said(house, "staff", "add", "ben", "--role", "floor", "--zone", "moon")
    assert (nowhere.code, nowhere.err.strip()) == (1, "zones: there is no zone 'moon'")


async def test_a_tablet_is_paired_where_tablets_reach_the_console(house: Served) -> None:
    link = (await said(house, "tablet", "pair", "bar")).out.strip()
    assert link.startswith(f"{house.url}/#/pair/")
    tablet = await house.client()
    assert (await tablet.post("/api/pair", json={"code": link.rpartition("/")[2]})).status_code == 201
    assert [event.data["paired_by"] for event in told(house, "tablet.paired")] == ["command-line"]


async def test_one_recording_at_a_time(house: Served, tmp_path: Path) -> None:
    local = await house.local()
    out = {"out": str(tmp_path / "a.jsonl")}
    assert (await local.delete("/api/recordings")).status_code == 404
    assert (await local.post("/api/recordings", json=out)).status_code == 201
    assert (await local.post("/api/recordings", json={"out": str(tmp_path / "b.jsonl")})).status_code == 409
    assert await answered(local.delete("/api/recordings")) == {"reads": 0}
    nowhere = await local.post("/api/recordings", json={"out": str(tmp_path / "none" / "c.jsonl")})
    assert (nowhere.status_code, "cannot write" in nowhere.json()["detail"]) == (422, True)
    assert (tmp_path / "a.jsonl").exists()


# --- who is local -----------------------------------------------------------------------------------------------------


async def test_the_socket_is_its_owner_s_alone(house: Served) -> None:
    assert stat.S_IMODE((house.gateway.store.folder / SOCKET_FILE).stat().st_mode) == 0o600
    local = await house.local()
    assert (await answered(local.get("/api/session")))["role"] == "local"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Moments.Local": "true", "X-Moments-Local": "1", "moments.local": "1"},
        {"X-Forwarded-For": "unix:", "Forwarded": "for=unix", "X-Real-IP": "127.0.0.1"},
        {"Authorization": "Bearer local"},
        {"Authorization": "Bearer command-line"},
        {"Cookie": "moments=local; moments.local=1"},
    ],
)
async def test_nobody_on_the_network_is_taken_for_local(house: Served, headers: dict[str, str]) -> None:
    stranger = await house.client()
    stranger.headers.update(headers)
    for method, path in (("POST", "/api/exports"), ("POST", "/api/recordings"), ("GET", "/api/tokens")):
        answer = await stranger.request(method, f"{path}?moments.local=1", json={"customers": 1, "out": "/tmp/x"})
        assert answer.status_code == 401, f"{method} {path}: {answer.text}"


async def test_no_role_that_can_be_given_is_the_local_one(house: Served) -> None:
    local, boss = await house.local(), await house.client("manager")
    assert (await local.post("/api/tokens", json={"role": "local"})).status_code == 422
    facts = {"name": "Eve", "roles": ["local"], "pin": PIN}
    assert (await local.put("/api/staff/eve", json=facts)).status_code == 422
    assert (await boss.post("/api/exports", json={"customers": 1})).status_code == 403


async def test_only_the_local_socket_takes_a_body_of_all_customers(house: Served) -> None:
    big = b"x" * 300_000
    boss, local = await house.client("manager"), await house.local()
    text = {"Content-Type": "text/csv"}
    assert (await boss.post("/api/imports", content=big, headers=text)).status_code == 413
    assert (await local.post("/api/imports", content=big, headers=text)).status_code == 422
