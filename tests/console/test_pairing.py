"""Tablets are paired once with a one-time code; on others nobody signs in; one that is let go is signed out at once."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from gateway.console.pairing import LASTS, Codes
from tests.console.devices import Device
from tests.console.served import PIN, Served, config, served
from tests.program import moments
from tests.reader_drivers.readers import until
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 40.0  # seconds; a busy machine, and far from the minutes a session may idle
CONSOLE = {"listen": "127.0.0.1:0", "paired_tablets": True}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shut(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A house whose people sign in on paired tablets alone."""
    async with served(tmp_path_factory.mktemp("shut"), config(console=CONSOLE)) as house:
        await house.hire("anna")
        await house.hire("tom", roles=("it",))
        yield house


async def a_code(house: Served, name: str = "bar 1") -> dict[str, str]:
    made: dict[str, str] = await answered(
        (await house.client("it", "tom")).post("/api/tablets/codes", json={"name": name})
    )
    return made


async def paired(house: Served, name: str) -> httpx2.AsyncClient:
    """A browser that is a paired tablet."""
    device = Device()
    browser = await house.on(device)
    answer = await browser.post("/api/pair", json={"code": (await a_code(house, name))["code"], "key": device.key})
    assert (answer.status_code, answer.json()["name"]) == (201, name)
    return browser


def device_of(browser: httpx2.AsyncClient) -> Device:
    assert isinstance(browser.auth, Device)
    return browser.auth


def by_pin(browser: httpx2.AsyncClient, staff: str = "anna") -> dict[str, str]:
    """What a tablet sends to sign somebody in."""
    return {"staff": staff, "pin": PIN, "key": device_of(browser).key}


def cookies(browser: httpx2.AsyncClient) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{c.name}={c.value}" for c in browser.cookies.jar)}


async def test_a_device_that_is_not_paired_sees_no_names_and_signs_nobody_in(shut: Served) -> None:
    stranger = await shut.client()
    offer = (await stranger.get("/api/sign-in")).json()
    assert (offer["paired"], offer["staff"]) == (False, [])
    refused = await stranger.post("/api/sign-in", json={"staff": "anna", "pin": PIN})
    assert (refused.status_code, refused.headers.get("set-cookie")) == (403, None)
    keyed = await shut.on(Device())
    refused = await keyed.post("/api/sign-in", json=by_pin(keyed))
    assert (refused.status_code, refused.headers.get("set-cookie")) == (403, None)
    assert refused.json()["detail"] == "this tablet is not paired", "also with a key, and whatever the PIN"


async def test_a_code_pairs_one_tablet_which_stays_paired_when_people_sign_out(shut: Served) -> None:
    code = await a_code(shut)
    assert code["link"] == f"{shut.url}/#/pair/{code['code']}"
    assert code["picture"].startswith("data:image/svg+xml")
    device = Device()
    tablet = await shut.on(device)
    typed = code["code"].lower()[:5] + " " + code["code"][5:]
    answer = await tablet.post("/api/pair", json={"code": typed, "key": device.key})
    assert answer.status_code == 201
    flags = answer.headers["set-cookie"].lower()
    assert all(each in flags for each in ("httponly", "samesite=strict", "moments-tablet="))
    again = await (await shut.on(device)).post("/api/pair", json={"code": code["code"], "key": device.key})
    assert again.status_code == 401, "a code is good for one"
    assert [s["id"] for s in (await tablet.get("/api/sign-in")).json()["staff"]] == ["anna", "tom"]
    for _ in range(2):
        await answered(tablet.post("/api/sign-in", json=by_pin(tablet)))
        assert (await tablet.post("/api/sign-out")).status_code == 204
    assert (await tablet.get("/api/session")).status_code == 401


async def test_a_tablet_that_is_let_go_is_signed_out_and_its_socket_closed_within_a_second(shut: Served) -> None:
    it = await shut.client("it", "tom")
    tablet = await paired(shut, "lounge")
    await answered(tablet.post("/api/sign-in", json=by_pin(tablet)))
    async with shut.tablet(cookies(tablet), device=device_of(tablet)) as socket:
        seen = await answered(it.get("/api/tablets"))
        row = next(each for each in seen["paired"] if each["name"] == "lounge")
        assert [each["staff"] for each in seen["live"] if each["tablet"] == row["id"]] == ["anna"]
        assert row["paired_by"] == "Tom"
        begun = time.monotonic()
        assert (await it.delete(f"/api/tablets/{row['id']}")).status_code == 204
        await until(lambda: socket.close_code is not None)
        assert time.monotonic() - begun < PATIENCE, "at once, not with the next tick or the end of the session"
    assert (await tablet.get("/api/session")).status_code == 401
    assert socket.close_code == 4410, "which says why"
    assert (await tablet.post("/api/sign-in", json=by_pin(tablet))).status_code == 401
    assert "lounge" not in str((await answered(it.get("/api/tablets")))["paired"])
    assert (await it.delete(f"/api/tablets/{row['id']}")).status_code == 404


async def test_codes_grow_old_and_whoever_guesses_waits_while_the_code_stays_good(tmp_path: Path) -> None:
    codes = Codes()
    old, until = codes.new("bar", "tom", 1000.0)
    assert until == 1000.0 + LASTS
    assert codes.take(old, until) is None
    good, _ = codes.new("bar", "tom", 1000.0)
    for _ in range(100):
        assert codes.take("AAAAAAAAAA", 1001.0) is None
    assert codes.take(good, 1001.0) == ("bar", "tom", until)
    async with served(tmp_path, config(console=CONSOLE)) as house:
        await house.hire("tom", roles=("it",))
        made = (await a_code(house))["code"]
        thief = await house.client_at("127.0.0.66")
        thief.auth = device = Device()

        async def guess(code: str) -> int:
            return (await thief.post("/api/pair", json={"code": code, "key": device.key})).status_code

        assert [await guess(f"AAAAAAAAA{n}") for n in range(2, 9)] == [401] * 5 + [429] * 2
        assert await guess(made) == 429
        told = (await (await house.client()).get("/health")).json()["why"]
        assert any("pairing" in why for why in told)
        tablet = await house.on(device)
        assert (await tablet.post("/api/pair", json={"code": made, "key": device.key})).status_code == 201


async def test_a_page_of_another_site_pairs_nothing(shut: Served) -> None:
    foreign = await (await shut.client()).post(
        "/api/pair", json={"code": "x"}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403


async def test_the_first_is_paired_from_the_command_line_and_stays_paired_after_a_restart(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    alone = await moments("tablet", "pair", "bar", "--data", data)
    assert (alone.code, "no gateway runs" in alone.err) == (1, True)
    async with served(data, config(console=CONSOLE)) as house:
        await house.hire("anna")
        ended = await moments("tablet", "pair", "bar", "--data", data)
        assert ended.code == 0, ended
        code = re.fullmatch(rf"{re.escape(house.url)}/#/pair/(\w+)\n", ended.out)
        assert code, ended
        device = Device()
        tablet = await house.on(device)
        assert (await tablet.post("/api/pair", json={"code": code[1], "key": device.key})).status_code == 201
        await answered(tablet.post("/api/sign-in", json=by_pin(tablet)))
        kept = cookies(tablet)
    async with served(data, config(console=CONSOLE)) as house:
        back = await house.client(**kept)
        back.auth = device
        assert (await back.get("/api/session")).json()["staff"] == "anna"
    async with served(data, config(console=CONSOLE)) as house:  # nobody has used the session since this start
        back, it = await house.client(**kept), await house.client("it")
        back.auth = device
        (row,) = (await answered(it.get("/api/tablets")))["paired"]
        await it.delete(f"/api/tablets/{row['id']}")
        assert (await back.get("/api/session")).status_code == 401


async def test_whoever_was_signed_in_before_it_was_asked_for_is_signed_out(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        kept = cookies(await house.signs_in("anna"))
    async with served(tmp_path, config(console=CONSOLE)) as house:
        assert (await (await house.client(**kept)).get("/api/session")).status_code == 401


async def test_where_nobody_asked_for_it_any_device_may(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        offer = (await (await house.client()).get("/api/sign-in")).json()
        assert (offer["paired"], len(offer["staff"])) == (True, 1)
