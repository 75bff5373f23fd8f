"""Several at once: whatever is done while something else is being written, records and memory say the same after."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.recognition.clones import Doubt
from gateway.records.store import DiskFull, StoreFull
from tests.console.served import PIN, Served, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio


@contextmanager
def slow_disk(house: Served) -> Iterator[None]:
    """While this is entered nothing that is written reaches the disk."""
    writes = threading.Event()
    house.gateway.store.post(lambda tx: writes.wait())
    try:
        yield
    finally:
        writes.set()


@asynccontextmanager
async def being_written(house: Served, subject: str, act: Any) -> AsyncIterator[asyncio.Task[Any]]:
    """While this is entered ``act``, which is about ``subject``, is decided and not on the disk yet."""
    subject = house.whose(subject)
    with slow_disk(house):
        acting = asyncio.ensure_future(act)
        await until(lambda: house.gateway._turns.taken(subject))
        yield acting
    await acting


async def until(so: Callable[[], object]) -> None:
    """Waits until it is so."""
    async with asyncio.timeout(40):
        while not so():
            await asyncio.sleep(0)


async def types_of(house: Served, customer: str) -> list[str]:
    """What the journal says happened with this customer, oldest first."""
    await house.gateway.settle()
    await house.gateway.store.write(lambda tx: None)
    return [e.type for e in reversed(house.gateway.journal.of_customer(house.whose(customer)))]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/consents/recognise_tag", None),
        ("DELETE", "/credentials/{credential}", None),
        ("POST", "/wishes", {"wishes": ["do_not_recognise"]}),
        ("DELETE", "", None),
    ],
)
async def test_who_comes_in_while_recognition_ends_is_nobody(
    tmp_path: Path, method: str, path: str, body: dict[str, Any] | None
) -> None:
    async with served(tmp_path) as house:
        await house.enrol("chen")
        boss = await house.client("manager")
        page = await answered(boss.get("/api/customers/chen"))
        at = f"/api/customers/chen{path.format(credential=page['credentials'][0]['id'])}"
        async with being_written(house, "chen", boss.request(method, at, json=body)) as ending:
            house.tap()
        assert (await ending).is_success
        assert (house.gateway.memory.presence.here(), house.gateway.memory.desk.alerts()) == ([], [])
        assert "visit.arrived" not in await types_of(house, "chen")


async def test_who_leaves_while_their_visit_is_being_ended_leaves_once(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.enrol("chen")
        boss = await house.client("manager")
        house.tap()
        async with being_written(house, "chen", boss.delete("/api/customers/chen/consents/recognise_tag")):
            left = house.gateway.memory.presence.end(house.whose("chen"), house.now(), "gone")
            assert left is not None
            house.gateway.moment(left, house.now())
        assert (await types_of(house, "chen")).count("visit.departed") == 1


async def test_a_doubt_that_comes_up_while_a_card_is_claimed_leaves_it_claimed(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen")
        anna = await house.client("floor", "anna")
        house.tap()
        card = house.gateway.memory.desk.alerts()[0].id
        async with being_written(house, "chen", anna.post(f"/api/alerts/{card}/claim")):
            doubt = Doubt("x", "two_places", house.now(), "read at the door and in the lounge at once")
            house.gateway._doubted(doubt, house.whose("chen"), house.now())
        assert house.gateway.memory.desk.get(card).by == "anna"
        assert (await types_of(house, "chen"))[-1] != "alert.claimed"


async def test_what_somebody_takes_on_while_their_shift_ends_is_not_left_with_them(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.hire("mei", roles=("manager",))
        await house.enrol("chen")
        anna, boss = await house.client("floor", "anna"), await house.client("manager", "mei")
        house.tap()
        card = house.gateway.memory.desk.alerts()[0].id
        async with being_written(house, "chen", anna.post(f"/api/alerts/{card}/claim")):
            ending = asyncio.ensure_future(boss.delete("/api/staff/anna/shift"))
            await asyncio.sleep(0.1)
        assert (await ending).is_success
        assert house.gateway.memory.desk.get(card).by is None
        await answered(boss.post("/api/staff/anna/shift", json={}))
        made = boss.post("/api/customers/chen/promises", json={"text": "a seat", "owner": "anna"})
        async with being_written(house, "chen", made):
            leaving = asyncio.ensure_future(boss.delete("/api/staff/anna"))
            await asyncio.sleep(0.1)
        assert (await leaving).is_success
        assert [o.owner for o in house.gateway.memory.dues.all("promise")] == ["mei"]


async def test_who_is_removed_while_signing_in_is_not_let_in(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        boss, browser = await house.client("manager"), await house.client()
        async with being_written(house, "anna", boss.delete("/api/staff/anna")):
            signing_in = asyncio.ensure_future(browser.post("/api/sign-in", json={"staff": "anna", "pin": PIN}))
            token = asyncio.ensure_future(boss.post("/api/tokens", json={"role": "floor", "staff": "anna"}))
            await asyncio.sleep(1.0)  # the PIN is being checked
        assert ((await signing_in).status_code, (await token).status_code) == (401, 422)


async def test_a_cookie_that_is_used_while_it_is_signed_out_is_no_good_after(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        browser = await house.signs_in("anna")
        cookie = {"Cookie": f"moments={browser.cookies['moments']}"}
        async with being_written(house, "anna", browser.post("/api/sign-out")):
            await browser.get("/api/session", headers=cookie)
        assert (await browser.get("/api/session", headers=cookie)).status_code == 401


async def test_who_ended_a_session_stands_in_the_journal(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.hire("mei", roles=("manager",))
        boss = await house.client("manager", "mei")
        await house.signs_in("anna")
        await answered(boss.put("/api/staff/anna", json={"name": "Anna", "roles": ["floor"], "pin": "1357"}))
        await answered((await house.signs_in("anna", "1357")).post("/api/sign-out"))
        await house.signs_in("anna", "1357")
        await answered(boss.delete("/api/staff/anna"))
        ended = [e for e in house.gateway.journal.since(0) or () if e.type == "session.ended"]
        assert [(e.data["because"], e.actor) for e in ended] == [
            ("new_pin", "mei"), ("signed_out", "anna"), ("removed", "mei"),
        ]  # fmt: skip


@pytest.mark.parametrize(("error", "status"), [(StoreFull(), 503), (DiskFull(), 507)])
async def test_a_disk_that_takes_nothing_is_said_and_the_house_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        browser, boss, nobody = await house.signs_in("anna"), await house.client("manager"), await house.client()
        code = await answered(boss.post("/api/tablets/codes", json={"name": "bar"}))

        async def refuses(change: object) -> None:
            raise error

        with monkeypatch.context() as full:
            full.setattr(house.gateway.store, "write", refuses)
            for client, method, path, body in (
                (nobody, "POST", "/api/sign-in", {"staff": "anna", "pin": PIN}),
                (browser, "POST", "/api/sign-out", None),
                (nobody, "POST", "/api/pair", {"code": code["code"]}),
                (boss, "POST", "/api/tokens", {"role": "floor", "staff": "anna"}),
                (boss, "DELETE", "/api/staff/anna", None),
            ):
                said = await client.request(method, path, json=body)
                assert said.status_code == status, f"{method} {path}"
            assert (await browser.get("/api/session")).is_success, "nothing was recorded, so nobody is signed out"
            house.ahead = 20 * 3600
            assert await house.running.sessions.end_expired() == []
            assert (await browser.get("/api/session")).status_code == 401
        await house.running.sessions.end_expired()
        assert house.running.sessions.of_staff("anna") == []
        assert (await nobody.get("/health")).is_success
        house.ahead = 0
        assert (await nobody.post("/api/pair", json={"code": code["code"]})).status_code == 201
