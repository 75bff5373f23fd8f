"""One person's file over HTTP, who looked at them, and who received what is known of them."""

from __future__ import annotations

import asyncio
import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from gateway.console.page_doors import KEY_HEADER, LINK_HEADER
from gateway.records.person_journal import LOOKS
from tests.console.served import Served, config, served
from tests.operations.receiver import Receiver
from tests.reader_drivers.readers import until
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHO = "chen-yulan"
DIGITS = "718204"
TEA = {"category": "drink", "value": "Green tea", "polarity": "do", "basis": "stated", "scope": "standing"}


async def phone(house: Served, customer: str = WHO) -> Any:
    """The customer's phone, with the whole of their page open."""
    boss = await house.client("manager")
    made = await answered(boss.post(f"/api/customers/{customer}/page-link"))
    await answered(boss.put(f"/api/customers/{customer}/page-digits", json={"digits": DIGITS}))
    mine = await house.client(**{LINK_HEADER: made["link"].partition("#")[2]})
    opened = await answered(mine.post("/api/me/unlock", json={"digits": DIGITS}))
    mine.headers[KEY_HEADER] = opened["key"]
    return mine


def part(raw: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(raw)) as there:
        return there.read(name)


async def test_a_manager_with_a_reason_takes_everything_along_and_the_customer_sees_it(house: Served) -> None:
    await house.enrol(WHO, name="Margaret Hale")
    boss, floor = await house.client("manager"), await house.client("floor", "anna")
    assert (await floor.get(f"/api/customers/{WHO}/export", params={"reason": "curious"})).status_code == 403
    assert (await boss.get(f"/api/customers/{WHO}/export")).status_code == 422
    made = await boss.get(f"/api/customers/{WHO}/export", params={"reason": "she asked at the desk"})
    assert made.headers["content-disposition"] == f'attachment; filename="person-{house.whose(WHO)}.zip"'
    person = json.loads(part(made.content, "person.json"))
    assert (person["format"], person["rows"]["customers"][0]["data"]["name"]) == ("moments-person-1", "Margaret Hale")
    mine = await phone(house)
    looks = (await answered(mine.get("/api/me/record")))["looks"]
    assert ("file", "she asked at the desk") in {(look["what"], look["reason"]) for look in looks}
    own = await mine.get("/api/me/export")
    assert json.loads(part(own.content, "person.json"))["rows"]["customers"] == person["rows"]["customers"]
    looks = (await answered(mine.get("/api/me/record")))["looks"]
    assert [look["by"] for look in looks if look["what"] == "file"] == [None, looks[1]["by"]]
    assert (await boss.get("/api/customers/nobody/export", params={"reason": "whoever"})).status_code == 404


async def test_another_house_takes_them_in_and_knows_them_at_once(house: Served, tmp_path: Path) -> None:
    await house.enrol("c-moves", "em:0700AA0001", name="Na Wei", address_as="Ms Wei")
    boss = await house.client("manager")
    await answered(boss.post("/api/customers/c-moves/preferences", json=TEA))
    await answered(boss.post("/api/customers/c-moves/promises", json={"text": "a window table"}))
    raw = (await boss.get("/api/customers/c-moves/export", params={"reason": "she moves"})).content
    kind = {"Content-Type": "application/zip"}
    async with served(tmp_path) as there:
        other = await there.client("manager")
        ask = {"reason": "she moves", "check": "true"}
        tried = await other.post("/api/customers/import", params=ask, content=raw, headers=kind)
        assert (tried.status_code, tried.json()["recorded"]) == (200, False)
        assert (await other.get("/api/customers/c-moves")).status_code == 404
        done = await other.post("/api/customers/import", params={"reason": "she moves"}, content=raw, headers=kind)
        assert done.status_code == 201, done.text
        assert done.json()["left_out"] == ["keep_preferences", "recognise_tag"]
        page = await answered(other.get("/api/customers/c-moves"))
        assert (page["name"], page["consents"]) == ("Na Wei", [])
        assert [each["text"] for each in page["promises"]] == ["a window table"]
        there.tap("em:0700AA0001")
        assert await answered(other.get("/api/present")) == [], "nobody is recognised by a consent that is not proven"
        again = await other.post("/api/customers/import", params={"reason": "she moves"}, content=raw, headers=kind)
        assert again.status_code == 409
        bad = await other.post("/api/customers/import", params={"reason": "she moves"}, content=b"PK", headers=kind)
        assert bad.status_code == 422
        await there.agrees("c-moves")
        assert [f["value"] for f in await answered(other.get("/api/customers/c-moves/preferences"))] == ["Green tea"]


async def test_whoever_is_shown_somebody_is_among_who_looked(house: Served) -> None:
    await house.enrol("c-seen", "em:0700AA0002", name="Samuel Okafor")
    house.tap("em:0700AA0002")
    boss, anna = await house.client("manager", "mei"), await house.client("floor", "anna")
    ben = await house.client("floor", "ben")
    alert = next(a for a in await answered(boss.get("/api/alerts")) if a["customer"] == "c-seen")
    for client, path in (
        (anna, "/api/customers/c-seen?why=search"),
        (ben, "/api/customers?q=Okafor"),
        (boss, "/api/customers/c-seen/record"),
        (boss, f"/api/alerts/{alert['id']}"),
    ):
        await answered(client.get(path))
    async with house.tablet({"Authorization": f"Bearer {await house.token('crew', 'ben')}"}):
        await asyncio.sleep(0)
    await house.gateway.settle()
    mine = await phone(house, "c-seen")
    looks = (await answered(mine.get("/api/me/record")))["looks"]
    assert {(look["by"], look["what"]) for look in looks} >= {
        ("Anna", "search"), ("Ben", "search"), ("Mei", "list"), ("Mei", "present"), ("Ben", "present"),
    }  # fmt: skip
    said = [e for e in await answered(boss.get("/api/customers/c-seen/journal")) if e["type"] in LOOKS]
    seen = {(e["type"], e["actor"]) for e in said}
    assert seen <= {(e.type, e.actor) for e in house.gateway.journal.since(0, 100_000) or ()}


async def test_a_recipient_of_what_was_wrong_is_told_and_the_page_says_when_it_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "a secret of more than 24 characters"
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", secret)
    with Receiver(secret.encode()) as crm:
        hook = {"name": "crm", "url": crm.url, "events": ["preference.*"], "personal": True}
        async with served(tmp_path, config(webhooks=[hook])) as house:
            await house.enrol(WHO, name="Margaret Hale")
            boss = await house.client("manager")
            told = await answered(boss.post(f"/api/customers/{WHO}/preferences", json=TEA))
            await until(lambda: crm.events)
            mine, down = await phone(house), [True]
            crm.answer = lambda _: 503 if down[0] else 204
            right = {"fact": told["id"], "value": "Jasmine tea"}
            record = await answered(mine.post("/api/me/corrections", json=right))
            assert record["corrections"][0]["recipients"] == [
                {"kind": "webhook", "recipient": "crm", "answered_at": None}
            ]
            down[0] = False
            await until(lambda: len(crm.events) > 1)
            await until(lambda: house.gateway.journal.of_customer(house.whose(WHO), 5, type="person.passed_on")[1:])
            record = await answered(mine.get("/api/me/record"))
            assert record["corrections"][0]["recipients"][0]["answered_at"]
            has = next(one for one in record["received"] if one["recipient"] == "crm")
            assert "value" in has["members"]
            assert (has["kind"], has["times"], has["types"]) == ("webhook", 2, ["preference.recorded"])


async def test_a_program_on_the_live_socket_is_among_who_received_it(house: Served) -> None:
    await house.enrol("c-told", "em:0700AA0003", name="Ben Osei")
    token = await house.token("integration")
    async with house.tablet({"Authorization": f"Bearer {token}"}) as program:
        house.tap("em:0700AA0003")
        await program.expect("visit.arrived", customer="c-told")
    mine = await phone(house, "c-told")
    record = await answered(mine.get("/api/me/record"))
    has = next(one for one in record["received"] if one["kind"] == "program")
    assert "zone" in has["members"]
    assert "name" not in has["members"], "a program is sent no names"
