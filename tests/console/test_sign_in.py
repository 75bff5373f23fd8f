"""Signing in on a tablet: few tries, a cookie that a page cannot read, and an end to every session."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from gateway import pins
from gateway.console.secrets import door_of, new_token
from gateway.events.event import News
from gateway.events.times import iso, new_id
from tests.console.served import PIN, Served, config, served
from tests.program import moments
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")


def cookie_of(browser: object) -> dict[str, str]:
    """The session as a header for the live socket."""
    (value,) = [f"{c.name}={c.value}" for c in browser.cookies.jar]  # type: ignore[attr-defined]
    return {"Cookie": value}


async def test_names_to_pick_from_and_nothing_more_are_shown_before_sign_in(house: Served) -> None:
    shown = (await (await house.client()).get("/api/sign-in")).json()
    assert set(shown) == {"venue", "staff", "demo", "paired", "bound", "keyless", "passkeys"}
    assert set(shown["venue"]) == {"id", "name", "kind"}
    assert {frozenset(s) for s in shown["staff"]} == {frozenset({"id", "name"})}
    assert not shown["demo"]


async def test_the_right_pin_opens_a_session_that_a_page_cannot_read(house: Served) -> None:
    browser = await house.client()
    answer = await browser.post("/api/sign-in", json={"staff": "anna", "pin": PIN})
    assert answer.status_code == 200
    assert (answer.json()["staff"], answer.json()["role"], answer.json()["on_shift"]) == ("anna", "floor", True)
    flags = {part.strip().partition("=")[0].lower() for part in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite", "max-age", "path"} <= flags
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert PIN not in answer.text
    known = (await browser.get("/api/session")).json()
    assert {**known, "keep": None} == {**answer.json(), "keep": None}
    second = await browser.post("/api/sign-in", json={"staff": "anna", "pin": PIN})
    assert second.headers["set-cookie"].split(";")[0] != answer.headers["set-cookie"].split(";")[0]


async def test_a_cookie_that_somebody_planted_is_no_session_once_another_signs_in_with_it(house: Served) -> None:
    thief = await house.client()
    await answered(thief.post("/api/sign-in", json={"staff": "ben", "pin": PIN}))
    for planted in (f"moments={new_token()}", cookie_of(thief)["Cookie"]):
        answer = await (await house.client(Cookie=planted)).post("/api/sign-in", json={"staff": "anna", "pin": PIN})
        assert answer.json()["staff"] == "anna"
        assert planted not in answer.headers["set-cookie"]
        seen = await (await house.client(Cookie=planted)).get("/api/session")
        assert seen.status_code == 401 or seen.json()["staff"] == "ben", "what he planted is what it was"


async def test_behind_tls_the_cookie_travels_over_tls_only(tmp_path: Path) -> None:
    settings = config(console={"listen": "127.0.0.1:0", "behind_proxy": True})
    async with served(tmp_path, settings) as house:
        await house.hire("anna")
        browser = await house.client()
        answer = await browser.post("/api/sign-in", json={"staff": "anna", "pin": PIN})
        assert answer.headers["set-cookie"].startswith("__Host-moments=")
        assert "; Secure" in answer.headers["set-cookie"]


async def test_wrong_pins_make_one_person_wait_and_nobody_else(house: Served) -> None:
    thief = await house.client()
    first = await thief.post("/api/sign-in", json={"staff": "ben", "pin": "0000"})
    assert (first.status_code, first.headers["content-type"]) == (401, "application/problem+json")
    guesses = await asyncio.gather(
        *(thief.post("/api/sign-in", json={"staff": "ben", "pin": f"{n:04}"}) for n in range(40))
    )
    assert [g.status_code for g in guesses].count(429) >= 38  # one second has passed at most a few times
    refused = next(g for g in guesses if g.status_code == 429)
    assert int(refused.headers["retry-after"]) == refused.json()["retry_after_s"] >= 1
    right = await thief.post("/api/sign-in", json={"staff": "ben", "pin": PIN})
    assert right.status_code == 429
    await house.signs_in("anna")
    nobody = await thief.post("/api/sign-in", json={"staff": "nobody", "pin": PIN})
    assert (nobody.status_code, nobody.json()["detail"]) == (401, first.json()["detail"])


async def test_who_guesses_at_a_colleagues_pin_waits_and_the_colleague_does_not(house: Served) -> None:
    hers = await house.signs_in("anna")
    thief = await house.client_at("127.0.0.66")
    tried = [
        (await thief.post("/api/sign-in", json={"staff": "anna", "pin": f"9{n:03}"})).status_code for n in range(7)
    ]
    assert tried[0] == 401
    assert set(tried[1:]) == {429}
    assert (await thief.post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 429
    assert (await hers.post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 200
    assert (await (await house.client()).post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 200


async def test_behind_a_proxy_too_only_who_guesses_waits(tmp_path: Path) -> None:
    settings = config(console={"listen": "127.0.0.1:0", "behind_proxy": True})
    async with served(tmp_path, settings) as house:
        await house.hire("anna")
        thief = await house.client(**{"X-Forwarded-For": "10.0.0.66"})
        tried = [await thief.post("/api/sign-in", json={"staff": "anna", "pin": f"9{n:03}"}) for n in range(4)]
        assert tried[-1].status_code == 429
        hers = await house.client(**{"X-Forwarded-For": "10.0.0.7"})
        assert (await hers.post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 200


async def test_a_browser_that_knows_somebody_is_not_held_back_by_its_neighbours_at_one_address(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        hers, thief = await house.signs_in("anna"), await house.client()
        for n in range(3):
            await thief.post("/api/sign-in", json={"staff": "anna", "pin": f"9{n:03}"})
        assert (await thief.post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 429
        house.ahead += 24 * 3600  # the session is over, and the cookie still says whose tablet it was
        assert (await hers.get("/api/session")).status_code == 401
        assert (await hers.post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 200


@pytest.mark.parametrize(
    "pin",
    ["0000", "1234", "4321", "0123", "7890", "9876", "1212", "123123", "111111", "1122", "2580", "123456", "654321"],
)
async def test_what_everybody_tries_first_is_no_pin(house: Served, pin: str) -> None:
    folder = house.gateway.store.folder
    boss = await house.client("manager")
    refused = await boss.put("/api/staff/anna", json={"name": "Anna", "roles": ["floor"], "pin": pin})
    assert (refused.status_code, "pin" in refused.json()["detail"]) == (422, True)
    typed = await moments(
        "staff", "add", "anna", "--role", "floor", "--pin-file", "-", "--data", folder, stdin=pin.encode()
    )
    assert (typed.code, "is guessed at once" in typed.err) == (2, True)


async def test_a_thousand_guesses_in_ten_minutes_are_a_dozen_tries() -> None:
    tries, tried = pins.Tries(), 0
    for tenths in range(6000):
        try:
            tries.may_try("anna", tenths / 10)
        except pins.TooSoon:
            continue
        tries.wrong("anna", tenths / 10)
        tried += 1
    assert 2 <= tried <= 12
    tries.may_try("ben", 600.0)
    tries.right("anna")
    tries.may_try("anna", 600.0)


async def test_a_session_ends_when_it_is_idle_too_long_and_in_any_case_after_a_day_s_work(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        idle, busy = await house.signs_in("anna"), await house.signs_in("anna")
        for _ in range(3):
            house.ahead += 10 * 60
            assert (await busy.get("/api/session")).status_code == 200
        over = await idle.get("/api/session")
        assert (over.status_code, over.json().get("locked")) == (401, None), "over, and not merely covered"
        async with house.tablet(cookie_of(busy)) as tablet:
            house.ahead += 60 * 60  # an open socket is no use of it: the PIN is asked again
            locked = await busy.get("/api/session")
            assert (locked.status_code, locked.json()["locked"]) == (401, True)
            assert (await busy.post("/api/unlock", json={"pin": PIN})).status_code == 200
            assert (await busy.get("/api/session")).status_code == 200
            house.ahead += 12 * 3600
            assert await tablet.closed() == 4401
        assert (await busy.get("/api/session")).status_code == 401


async def test_a_tablet_that_is_lost_gives_its_customer_to_somebody_else_and_keeps_the_promises(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna", "ben")
        await house.enrol("chen", associate="anna")
        annas = await house.signs_in("anna")
        bens = {"Authorization": f"Bearer {await house.token('floor', 'ben')}"}
        async with house.tablet(bens) as other:
            async with house.tablet(cookie_of(annas)):
                house.tap()
                alert = (await other.expect("alert.opened", customer="chen"))["data"]
                await answered(annas.post(f"/api/alerts/{alert['alert']}/claim", json={}))
                made = await answered(annas.post("/api/customers/chen/promises", json={"text": "a seat"}))
            await other.expect("staff.connected", id="anna", connected=False)
            house.ahead += 14 * 60  # asleep in a pocket, with its customer
            await other.tick()
            assert not other.seen("alert.released")
            house.ahead += 2 * 60
            released = (await other.expect("alert.released", alert=alert["alert"]))["data"]
            assert (released["to"], released["handed_by"], released["handed_because"]) == (
                ["ben"], "anna", "tablet_lost",
            )  # fmt: skip
            me = await answered((await house.client("floor", "anna")).get("/api/session"))
            assert me["on_shift"]  # she may come back with her PIN
            assert not other.seen("promise.handed_over", id=made["id"])


async def test_signing_out_closes_the_socket_and_the_cookie_is_worth_nothing(house: Served) -> None:
    browser, other = await house.signs_in("anna"), await house.signs_in("anna")
    stolen = cookie_of(browser)
    async with house.tablet(stolen) as tablet, house.tablet(cookie_of(other)) as stays:
        answer = await browser.post("/api/sign-out", json={})
        assert answer.status_code == 204
        assert await tablet.closed() == 4401
        await stays.tick()
        assert stays.close_code is None
    with pytest.raises(InvalidStatus):
        await house.tablet(stolen).__aenter__()
    assert (await (await house.client(**stolen)).get("/api/session")).status_code == 401


async def test_a_new_pin_ends_every_session_even_one_from_before_a_restart(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        old = cookie_of(await house.signs_in("anna"))
        used = cookie_of(await house.signs_in("anna"))
    async with served(tmp_path) as house:
        assert (await (await house.client(**used)).get("/api/session")).status_code == 200  # a restart signs nobody out
        boss = await house.client("manager")
        async with house.tablet(used) as tablet:
            facts = {"name": "Anna", "roles": ["floor"], "pin": "1357"}
            await answered(boss.put("/api/staff/anna", json=facts))
            assert await tablet.closed() == 4401
        for cookie in (old, used):
            assert (await (await house.client(**cookie)).get("/api/session")).status_code == 401
        await house.signs_in("anna", "1357")


async def test_who_has_left_the_house_is_shut_out_at_once(house: Served) -> None:
    await house.hire("cora")
    browser, program = await house.signs_in("cora"), await house.client("floor", "cora")
    boss = await house.client("manager")
    async with house.tablet(cookie_of(browser)) as tablet:
        assert (await boss.delete("/api/staff/cora")).status_code == 204
        assert await tablet.closed() == 4401
    assert (await browser.get("/api/session")).status_code == 401
    assert (await program.get("/api/session")).status_code == 401
    assert "pin" not in (await boss.get("/api/staff/anna")).text


async def test_a_new_pin_from_the_command_line_signs_out_at_once(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        lost = await house.signs_in("anna")
        async with house.tablet(cookie_of(lost)) as tablet:
            done = await moments(
                "staff", "add", "anna", "--role", "floor", "--pin-file", "-", "--data", tmp_path, stdin=b"8642"
            )
            assert done.code == 0, done
            assert await tablet.closed() == 4401
        assert (await lost.get("/api/session")).status_code == 401
        await house.signs_in("anna", "8642")


async def test_who_gets_another_role_is_sent_what_that_role_may_see_and_no_more(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen")
        boss, annas = await house.client("manager"), await house.signs_in("anna")
        async with house.tablet(cookie_of(annas)) as tablet:
            await answered(boss.put("/api/staff/anna", json={"name": "Anna", "roles": ["it"]}))
            assert await tablet.closed() == 4401  # signed out: whatever was there before may see what it may no more
        assert (await annas.get("/api/session")).status_code == 401
        async with house.tablet(cookie_of(await house.signs_in("anna"))) as tablet:
            house.tap()
            await tablet.tick()
            assert not [e for e in tablet.events if e["subject"] == "chen"]
            await answered(boss.put("/api/staff/anna", json={"name": "Anna B", "roles": ["it"]}))
            assert (await tablet.expect("staff.changed", id="anna"))["data"]["name"] == "Anna B"
            assert tablet.close_code is None


async def test_a_token_is_nobody_s_once_its_end_has_come(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        token = new_token()
        made = {
            "token": (id_ := new_id()), "hash": door_of(token), "role": "integration", "staff": None,
            "scopes": ["read:presence"], "until": iso(house.now() + 60.0),
        }  # fmt: skip
        await house.gateway.record([News("token.made", id_, made)], "tests")
        program = await house.client(Authorization=f"Bearer {token}")
        assert (await program.get("/api/present")).status_code == 200
        house.ahead += 120.0
        assert (await program.get("/api/present")).status_code == 401


async def test_a_token_that_is_revoked_from_the_command_line_is_nobody_s_at_once_and_its_socket_ends(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        anna = await house.client("floor", "anna")
        async with house.tablet({"Authorization": f"Bearer {await house.token('floor', 'anna')}"}) as tablet:
            listed = (await moments("token", "list", "--data", tmp_path)).out.splitlines()
            token = next(line.split()[0] for line in listed if " anna " in line)
            ended = await moments("token", "revoke", token, "--data", tmp_path)
            assert ended.code == 0, ended
            assert await tablet.closed() == 4401
        assert (await anna.get("/api/session")).status_code == 401
        assert (await (await house.client("manager")).get("/api/session")).status_code == 200
