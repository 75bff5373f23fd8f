"""Passkeys beside PINs: who may add one, what opens a session and what never does, and what they leave behind."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gateway.console.passkey_ceremonies import LASTS, OF_ONE, Challenges, NotShown
from tests.console.authenticator import PRESENT, Authenticator
from tests.console.devices import Device
from tests.console.served import PIN, Served, config, served
from tests.console.test_pairing import cookies, paired
from tests.console.test_sign_in import cookie_of
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("passkeys")) as made:
        await made.hire("anna", "ben", "carl", "dora")
        await made.hire("tom", roles=("it",))
        yield made


def named(house: Served) -> dict[str, str]:
    """The header by which a browser says that it opened the console by a name."""
    return {"Host": f"localhost:{house.url.rpartition(':')[2]}"}


def authenticator(house: Served, **more: Any) -> Authenticator:
    return Authenticator(f"http://{named(house)['Host']}", **more)


_elsewhere = count(1)


async def browser(house: Served, address: int | None = None) -> httpx2.AsyncClient:
    """One on a device of its own, so that none waits for what was wrong on another."""
    return await house.client_at(f"127.0.{address or next(_elsewhere)}.1", **named(house))


async def signed_in(house: Served, staff: str) -> httpx2.AsyncClient:
    """A browser at the console's name in which this person has signed in with their PIN."""
    there = await browser(house)
    await answered(there.post("/api/sign-in", json={"staff": staff, "pin": PIN}))
    return there


async def has(house: Served, staff: str, key: Authenticator | None = None) -> Authenticator:
    """A passkey that this person has added."""
    there, key = await signed_in(house, staff), key or authenticator(house)
    asked = await answered(there.post("/api/session/passkeys/challenge", json={"pin": PIN}))
    await answered(
        there.post("/api/session/passkeys", json={"name": "phone", **key.makes(json.loads(asked["options"]))})
    )
    return key


async def challenge(there: httpx2.AsyncClient, path: str = "sign-in") -> dict[str, Any]:
    asked: dict[str, Any] = json.loads((await answered(there.post(f"/api/{path}/passkey/challenge")))["options"])
    return asked


async def to_add(there: httpx2.AsyncClient) -> dict[str, Any]:
    """What a browser is to have made."""
    asked = await answered(there.post("/api/session/passkeys/challenge", json={"pin": PIN}))
    return dict(json.loads(asked["options"]))


async def shows(there: httpx2.AsyncClient, made: Authenticator, path: str = "sign-in", **more: Any) -> httpx2.Response:
    """What a browser is answered that shows this passkey, to a challenge of its own."""
    return await there.post(f"/api/{path}/passkey", json={**made.shows(await challenge(there, path)), **more})


async def test_it_is_added_with_the_pin_signs_in_is_listed_and_opens_nothing_once_removed(house: Served) -> None:
    key = await has(house, "anna")
    there = await browser(house)
    assert (await answered(there.get("/api/sign-in")))["passkeys"] is True
    began = await shows(there, key)
    assert (began.status_code, began.json()["staff"]) == (200, "anna")
    assert began.json()["keep"]["share"], "what the tablet keeps opens too"
    assert (await there.get("/api/session")).json()["staff"] == "anna"
    listed = await answered(there.get("/api/session/passkeys"))
    (one,) = listed["passkeys"]
    assert (listed["hindrance"], one["name"], one["here"], one["used_at"] is not None) == (None, "phone", True, True)
    assert (await (await signed_in(house, "ben")).delete(f"/api/session/passkeys/{one['id']}")).status_code == 404
    assert (await there.delete(f"/api/session/passkeys/{one['id']}")).status_code == 204
    refused = await shows(await browser(house), key)
    assert (refused.status_code, refused.json()["detail"]) == (401, "this passkey is not known here")
    assert (await answered(there.get("/api/session/passkeys")))["passkeys"] == []


async def test_what_was_shown_once_is_refused_the_second_time(house: Served) -> None:
    key, there = await has(house, "anna"), await browser(house, 201)
    asked = await challenge(there)
    said = key.shows(asked)
    assert (await there.post("/api/sign-in/passkey", json=said)).status_code == 200
    assert (await (await browser(house, 201)).post("/api/sign-in/passkey", json=said)).status_code == 401
    key, there = await has(house, "ben"), await browser(house, 202)
    asked = await challenge(there)
    assert (await there.post("/api/sign-in/passkey", json=key.shows(asked))).status_code == 200
    anew = await (await browser(house, 202)).post("/api/sign-in/passkey", json=key.shows(asked))
    assert anew.status_code == 401, "a challenge is answered once, also by who may"


@pytest.mark.parametrize("twist", ["origin", "host", "unverified", "counter", "another key", "made for signing up"])
async def test_an_answer_that_is_nearly_right_is_wrong(house: Served, twist: str) -> None:
    key = await has(house, "carl")
    there = await browser(house)
    asked, flags = await challenge(there), PRESENT | 4
    if twist == "origin":
        key.origin = "http://localhost.evil.example"
    elif twist == "host":
        key.host = "evil.example"
    elif twist == "unverified":
        flags = PRESENT
    elif twist == "counter":
        assert (await shows(await browser(house), key)).status_code == 200
        key.count -= 1  # as a copy of it would say
    elif twist == "another key":
        other = authenticator(house)
        other.id, key = key.id, other
    else:
        first = await signed_in(house, "carl")
        asked = await to_add(first)
    answer = await there.post("/api/sign-in/passkey", json=key.shows(asked, flags=flags))
    assert answer.status_code == 401, answer.text
    assert there.cookies.get("moments") is None
    await signed_in(house, "carl")  # who has waited their turn: a right PIN forgives


async def test_somebody_elses_opens_neither_a_picked_name_nor_a_covered_screen(house: Served) -> None:
    key = await has(house, "ben")
    assert (await shows(await browser(house), key, staff="anna")).status_code == 401
    assert (await shows(await browser(house), key, staff="ben")).status_code == 200


async def test_a_passkey_opens_the_cover_of_its_owner_alone(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna", "ben")
        annas, bens = await has(house, "anna"), await has(house, "ben")
        there = await signed_in(house, "anna")
        async with house.tablet(cookie_of(there)):
            steady = house.gateway.memory.steady
            house.gateway.memory.steady = lambda: steady() + 3600  # type: ignore[method-assign]
            assert (await there.get("/api/session")).json()["locked"] is True
            assert (await shows(there, bens, "unlock")).status_code == 401
            opened = await shows(there, annas, "unlock")
            assert (opened.status_code, opened.json()["staff"]) == (200, "anna")
            assert (await there.get("/api/session")).status_code == 200
            house.gateway.memory.steady = steady  # type: ignore[method-assign]


async def test_a_session_that_begins_with_one_is_bound_to_its_tablet(tmp_path: Path) -> None:
    async with served(tmp_path, config(console={"paired_tablets": True})) as house:
        await house.hire("anna")
        await house.hire("tom", roles=("it",))
        stranger = await browser(house)
        assert (await stranger.post("/api/sign-in/passkey/challenge")).status_code == 403
        tablet = await paired(house, "bar")
        tablet.headers.update(named(house))
        device = tablet.auth
        assert isinstance(device, Device)
        await answered(tablet.post("/api/sign-in", json={"staff": "anna", "pin": PIN, "key": device.key}))
        key = authenticator(house)
        asked = await answered(tablet.post("/api/session/passkeys/challenge", json={"pin": PIN}))
        await answered(
            tablet.post("/api/session/passkeys", json={"name": "bar", **key.makes(json.loads(asked["options"]))})
        )
        await tablet.post("/api/sign-out")
        assert (await shows(tablet, key)).status_code == 403, "this tablet has a key, and must show it"
        assert (await shows(tablet, key, key=Device().key)).status_code == 401
        assert (await shows(tablet, key, key=device.key)).status_code == 200
        thief = await house.client(**named(house), **cookies(tablet))
        assert (await thief.get("/api/session")).status_code == 401


async def test_a_new_one_needs_the_pin_a_person_and_a_verified_owner(house: Served) -> None:
    there, key = await signed_in(house, "dora"), authenticator(house)
    program = await house.client("floor", "dora", **named(house))
    assert (await program.post("/api/session/passkeys/challenge", json={"pin": PIN})).status_code == 403
    asked = await to_add(there)
    unverified = {"name": "phone", **key.makes(asked, flags=PRESENT)}
    assert (await there.post("/api/session/passkeys", json=unverified)).status_code == 401
    late = {"name": "phone", **key.makes(asked)}
    assert (await there.post("/api/session/passkeys", json=late)).status_code == 401, "its challenge is used up"
    assert (await answered(there.get("/api/session/passkeys")))["passkeys"] == []
    toms = await signed_in(house, "tom")
    assert (await toms.post("/api/session/passkeys/challenge", json={"pin": "9999"})).status_code == 401


async def test_one_that_is_somebodys_already_is_nobody_elses(house: Served) -> None:
    key, there = await has(house, "ben"), await signed_in(house, "dora")
    asked = await to_add(there)
    taken = await there.post("/api/session/passkeys", json={"name": "mine", **key.makes(asked)})
    assert taken.status_code == 409
    assert (await shows(await browser(house), key)).json()["staff"] == "ben"


async def test_it_sees_how_many_there_are_takes_them_and_they_go_with_their_owner(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna", "ben")
        annas, bens = await has(house, "anna"), await has(house, "ben")
        it, boss = await house.client("it"), await house.client("manager")
        assert await answered(it.get("/api/passkeys")) == {
            "staff": [{"staff": "anna", "count": 1}, {"staff": "ben", "count": 1}]
        }
        assert (await it.delete("/api/staff/anna/passkeys")).status_code == 204
        assert (await it.delete("/api/staff/nobody/passkeys")).status_code == 404
        assert (await boss.delete("/api/staff/ben")).status_code == 204
        assert await answered(it.get("/api/passkeys")) == {"staff": []}
        for key in (annas, bens):
            assert (await shows(await browser(house), key)).status_code == 401
        told = [e["type"] for e in await answered(boss.get("/api/security"))]
        assert {"passkey.added", "passkey.removed"} <= set(told), "managers see that there is another way in"
    async with served(tmp_path, ahead=60) as house:
        assert await answered((await house.client("it")).get("/api/passkeys")) == {"staff": []}


@pytest.mark.parametrize("how", ["by its owner", "with a code", "by a manager"])
async def test_a_new_pin_takes_the_passkeys_that_were_added_with_the_one_before(tmp_path: Path, how: str) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna", "ben")
        thief, bens = await has(house, "anna"), await has(house, "ben")  # somebody saw Anna's PIN
        boss = await house.client("manager")
        if how == "by its owner":
            anna = await signed_in(house, "anna")
            await answered(anna.post("/api/session/pin", json={"pin": PIN, "new_pin": "734019"}))
        elif how == "with a code":
            code = (await answered(boss.post("/api/staff/anna/pin-code")))["code"]
            fresh = await browser(house)
            await answered(fresh.post("/api/sign-in", json={"staff": "anna", "pin": code, "new_pin": "734019"}))
        else:
            facts = {"name": "Anna", "roles": ["floor"], "pin": "734019"}
            await answered(boss.put("/api/staff/anna", json=facts))
        assert (await shows(await browser(house), thief)).status_code == 401
        assert (await shows(await browser(house), bens)).status_code == 200
        gone = [e for e in house.gateway.journal.since(0, 10_000) or [] if e.type == "passkey.removed"]
        assert [(e.subject, e.data["because"]) for e in gone] == [("anna", "new_pin")]


async def test_where_there_can_be_none_it_is_said_why_and_pins_go_on(
    house: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await has(house, "anna")
    at_address = await house.signs_in("anna")
    assert (await answered(at_address.get("/api/session/passkeys")))["hindrance"] == "address"
    assert (await answered(at_address.get("/api/sign-in")))["passkeys"] is False
    refused = await at_address.post("/api/session/passkeys/challenge", json={"pin": PIN})
    assert (refused.status_code, "by its name" in refused.json()["detail"]) == (409, True)
    monkeypatch.setitem(sys.modules, "webauthn", None)
    there = await signed_in(house, "anna")
    assert (await answered(there.get("/api/sign-in")))["passkeys"] is False
    for path, body in (("sign-in/passkey/challenge", None), ("session/passkeys/challenge", {"pin": PIN})):
        missing = await there.post(f"/api/{path}", json=body)
        assert (missing.status_code, "moments[passkey]" in missing.json()["detail"]) == (409, True)


async def test_without_tls_only_this_machine_has_them(tmp_path: Path) -> None:
    async with served(tmp_path, config(console={"hosts": ["moments.example.com"]})) as house:
        plain = await house.client(Host="moments.example.com")
        refused = await plain.post("/api/sign-in/passkey/challenge")
        assert (refused.status_code, "TLS" in refused.json()["detail"]) == (409, True)


async def test_a_challenge_is_soon_over_and_for_whoever_asked_and_few_wait_at_once() -> None:
    now = 0.0
    challenges = Challenges(lambda: now)
    for purpose, by in (("unlock", "a"), ("sign_in", "b")):
        made = challenges.new("sign_in", "a")
        with pytest.raises(NotShown):
            challenges.take(made, purpose, by)  # type: ignore[arg-type]
    made = challenges.new("sign_in", "a")
    now = LASTS
    with pytest.raises(NotShown):
        challenges.take(made, "sign_in", "a")
    first = challenges.new("sign_in", "a")
    others = [challenges.new("sign_in", "a") for _ in range(OF_ONE)]
    with pytest.raises(NotShown):
        challenges.take(first, "sign_in", "a")
    challenges.take(others[-1], "sign_in", "a")


@pytest.mark.parametrize("said", ["AA", "e30", "bm90IEpTT04", "W10", "A" * 4999])
async def test_whatever_a_stranger_says_is_a_refusal(house: Served, said: str) -> None:
    there = await browser(house)
    body = {"id": "AAAA", "client_data": said, "authenticator_data": said, "signature": said}
    assert (await there.post("/api/sign-in/passkey", json=body)).status_code in (401, 429)
