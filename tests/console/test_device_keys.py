"""A tablet signs what it asks with a key that cannot leave it: its cookie alone is worth nothing elsewhere."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

from gateway.console.proofs import LASTS, Proofs, Unproven, key_of
from tests.console.devices import Device
from tests.console.served import PIN, Served, config, served
from tests.console.test_pairing import by_pin, cookies, device_of, paired
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHUT = {"paired_tablets": True}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shut(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A house as it is set up: people sign in on paired tablets, and each tablet has a key."""
    async with served(tmp_path_factory.mktemp("shut"), config(console=SHUT)) as house:
        await house.hire("anna", "ben")
        await house.hire("tom", roles=("it",))
        await house.enrol("chen")
        yield house


async def signed_in(house: Served, name: str) -> httpx2.AsyncClient:
    """A paired tablet on which Anna has signed in."""
    tablet = await paired(house, name)
    await answered(tablet.post("/api/sign-in", json=by_pin(tablet)))
    return tablet


async def health(house: Served) -> str:
    return str((await (await house.client()).get("/health")).json()["why"])


async def test_a_stolen_cookie_opens_nothing_elsewhere_and_the_manager_hears_of_it(shut: Served) -> None:
    tablet = await signed_in(shut, "bar")
    assert (await tablet.get("/api/customers?q=chen")).status_code == 200
    stolen = cookies(tablet)
    for thief in (await shut.client(**stolen), await shut.on(Device())):
        thief.headers.update(stolen)
        for method, path in (("GET", "/api/session"), ("GET", "/api/present"), ("GET", "/api/customers/chen")):
            refused = await thief.request(method, path)
            assert refused.status_code == 401, (method, path)
            assert "Chen" not in refused.text
        assert (await thief.post("/api/sign-out")).status_code == 401
        assert (await thief.post("/api/unlock", json={"pin": PIN})).status_code == 401
        with pytest.raises(InvalidStatus) as shut_out:
            await shut.tablet(stolen).__aenter__()
        assert shut_out.value.response.status_code == 401
    with pytest.raises(InvalidStatus):
        await shut.tablet(stolen, device=Device()).__aenter__()
    assert "without the key of the tablet" in await health(shut)
    assert (await tablet.get("/api/session")).status_code == 200, "and the tablet goes on"


async def test_what_was_signed_once_is_refused_the_second_time(shut: Served) -> None:
    tablet = await signed_in(shut, "lounge 1")
    device, plain = device_of(tablet), await shut.client(**cookies(tablet))
    await tablet.get("/api/session")
    heard = dict(device.sent[-1].headers)
    assert (await plain.get("/api/session", headers={"Moments-Proof": heard["moments-proof"]})).status_code == 401
    address = device.live()
    async with shut.tablet(cookies(tablet), device=device):
        pass
    plain.headers["Moments-Proof"] = device.proof("GET", "/api/present")
    assert (await plain.get("/api/session")).status_code == 401, "signed for another path"
    plain.headers["Moments-Proof"] = device.proof("POST", "/api/session")
    assert (await plain.get("/api/session")).status_code == 401, "signed for another method"
    plain.headers["Moments-Proof"] = device.proof("POST", "/api/places/imports", b"{}")
    changed = await plain.post("/api/sign-out", content=b'{"a": 1}', headers={"Content-Type": "application/json"})
    assert changed.status_code == 401, "signed over another body"
    assert address.startswith("proof=1.")


async def test_a_proof_of_the_live_socket_opens_it_once(shut: Served) -> None:
    tablet = await signed_in(shut, "lounge 2")
    device = device_of(tablet)
    once = device.proof("GET", "/live")
    device.proof = lambda *_: once  # type: ignore[method-assign]
    async with shut.tablet(cookies(tablet), device=device) as socket:
        assert socket.hello["type"] == "hello"
        with pytest.raises(InvalidStatus):
            await shut.tablet(cookies(tablet), device=device).__aenter__()


async def test_a_gateway_that_starts_again_costs_one_more_request_and_lets_no_old_proof_in(tmp_path: Path) -> None:
    settings = config(console=SHUT)
    async with served(tmp_path, settings) as house:
        await house.hire("anna")
        await house.hire("tom", roles=("it",))
        tablet = await signed_in(house, "bar")
        device, kept = device_of(tablet), cookies(tablet)
        unused = device.proof("GET", "/api/session")
    async with served(tmp_path, settings) as house:
        plain = await house.client(**kept)
        old = await plain.get("/api/session", headers={"Moments-Proof": unused})
        assert (old.status_code, old.json()["prove"]) == (401, True)
        back = await house.client(**kept)
        back.auth = device
        before = len(device.sent)
        assert (await back.get("/api/session")).json()["staff"] == "anna"
        assert len(device.sent) - before == 2
        assert "without the key" not in await health(house), "an honest tablet alarms nobody"


async def test_the_clock_of_a_device_is_never_asked() -> None:
    at = 1000.0
    device, proofs = Device(), Proofs(lambda: at)
    key = key_of(device.key)
    assert key is not None
    device.challenge = proofs.challenge()
    first, second = (device.proof("GET", "/live") for _ in range(2))
    proofs.check(first, key, "GET", "/live", b"")
    at += LASTS + 1
    assert proofs.challenge() != device.challenge
    proofs.check(second, key, "GET", "/live", b"")  # the one before is good too
    with pytest.raises(Unproven, match="used before"):
        proofs.check(first, key, "GET", "/live", b"")
    at += LASTS + 1
    with pytest.raises(Unproven) as over:
        proofs.check(device.proof("GET", "/live"), key, "GET", "/live", b"")
    assert over.value.stale


async def test_a_proof_costs_less_than_a_millisecond() -> None:
    device, proofs = Device(), Proofs(time.monotonic)
    key = key_of(device.key)
    assert key is not None
    device.challenge = proofs.challenge()
    made = [device.proof("GET", "/api/session") for _ in range(50)]
    begun = time.thread_time()
    for proof in made:
        proofs.check(proof, key, "GET", "/api/session", b"")
    assert (time.thread_time() - begun) / len(made) < 0.001


async def test_an_old_tablet_is_bound_at_its_next_sign_in_and_a_copy_of_it_is_refused_in_words(tmp_path: Path) -> None:
    open_doors = config(console={"paired_tablets": True, "keyless_tablets": True})
    async with served(tmp_path, open_doors) as house:
        await house.hire("anna")
        await house.hire("tom", roles=("it",))
        it = await house.client("it", "tom")
        code = (await answered(it.post("/api/tablets/codes", json={"name": "old"})))["code"]
        old = await house.client()
        await answered(old.post("/api/pair", json={"code": code}))
        await answered(old.post("/api/sign-in", json={"staff": "anna", "pin": PIN}))
        kept = cookies(old)
    async with served(tmp_path, config(console=SHUT)) as house:
        it = await house.client("it", "tom")
        first, copy, bare = await house.on(Device()), await house.on(Device()), await house.client(**kept)
        for browser in (first, copy):
            browser.headers.update(kept)
        refused = await bare.get("/api/session")
        assert (refused.status_code, "over TLS" in refused.json()["detail"]) == (401, True)
        assert (await bare.post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 403
        (row,) = (await answered(it.get("/api/tablets")))["paired"]
        assert not row["bound"]
        assert not (await first.get("/api/sign-in")).json()["bound"]
        await answered(first.post("/api/sign-in", json=by_pin(first)))
        (row,) = (await answered(it.get("/api/tablets")))["paired"]
        assert row["bound"]
        second = await copy.post("/api/sign-in", json=by_pin(copy))
        assert (second.status_code, "another device is this tablet" in second.json()["detail"]) == (403, True)
        assert "without the key of the tablet" in await health(house)


async def test_without_a_key_no_tablet_is_paired_and_the_code_stays_good(shut: Served) -> None:
    it = await shut.client("it", "tom")
    code = (await answered(it.post("/api/tablets/codes", json={"name": "insecure"})))["code"]
    bare = await shut.client()
    refused = await bare.post("/api/pair", json={"code": code})
    assert (refused.status_code, "keeps no key" in refused.json()["detail"]) == (403, True)
    garbled = await bare.post("/api/pair", json={"code": code, "key": "AAAA"})
    assert garbled.status_code == 422
    device = Device()
    claims = await bare.post("/api/pair", json={"code": code, "key": device.key})
    assert claims.status_code == 401, "who shows a key must hold it"
    bare.auth = device
    assert (await bare.post("/api/pair", json={"code": code, "key": device.key})).status_code == 201


async def test_programs_and_their_tokens_sign_nothing(shut: Served) -> None:
    program = await shut.client("integration")
    assert (await program.get("/api/present")).status_code == 200
    async with shut.tablet({"Authorization": f"Bearer {await shut.token('integration')}"}) as socket:
        await socket.tick()


async def test_behind_the_cover_a_screen_is_told_that_somebody_waits_and_not_who(tmp_path: Path) -> None:
    async with served(tmp_path, config(console=SHUT)) as house:
        await house.hire("anna")
        await house.hire("tom", roles=("it",))
        await house.enrol("chen", associate="anna")
        tablet = await signed_in(house, "bar")
        device, kept = device_of(tablet), cookies(tablet)
        async with house.tablet(kept, device=device) as socket:
            house.ahead += 16 * 60  # nobody touches it
            await socket._until(lambda: bool(socket.covers), 10)
            house.tap()
            await socket._until(lambda: any(each["rings"] for each in socket.covers), 10)
            assert socket.covers[-1]["waiting"] == ["bar"]
            assert "chen" not in str(socket.events).lower()
            assert (await tablet.get("/api/session")).json()["locked"]
        async with house.tablet(kept, device=device) as again:  # a new socket is as covered as the old one
            assert again.hello["type"] == "covered"
            assert "chen" not in str(again.hello).lower()
            assert (await tablet.post("/api/unlock", json={"pin": PIN})).status_code == 200
        async with house.tablet(kept, device=device) as seen:
            assert [a["customer"] for a in seen.state["alerts"]] == ["chen"]
            house.ahead += 16 * 60
            await seen._until(lambda: bool(seen.covers), 10)
            assert (await tablet.post("/api/unlock", json={"pin": "9999"})).status_code == 401
            assert (await tablet.get("/api/session")).status_code == 401
    async with served(tmp_path, config(console=SHUT)) as house:  # nor does a new start open it
        back = await house.client(**kept)
        back.auth = device
        assert (await back.get("/api/session")).status_code == 401


async def test_who_reads_on_the_screen_uses_it_and_what_the_page_asks_by_itself_does_not(shut: Served) -> None:
    tablet = await signed_in(shut, "lounge 3")
    ahead = shut.ahead
    try:
        async with shut.tablet(cookies(tablet), device=device_of(tablet)) as socket:
            shut.ahead += 10 * 60
            assert socket._socket is not None
            await socket._socket.send('{"type": "touched", "ago": 30}')
            await socket.tick()
            shut.ahead += 10 * 60
            assert (await tablet.get("/api/session", headers={"Moments-Idle": "630"})).status_code == 200
            shut.ahead += 5 * 60
            assert (await tablet.get("/api/session", headers={"Moments-Idle": "930"})).status_code == 401
    finally:
        shut.ahead = ahead


async def test_a_tablet_that_was_let_go_is_told_to_wipe_at_its_next_sign_of_life_and_says_when_it_has(
    shut: Served,
) -> None:
    it = await shut.client("it", "tom")
    tablet = await signed_in(shut, "lost")
    row = next(t for t in (await answered(it.get("/api/tablets")))["paired"] if t["name"] == "lost")
    assert (await it.delete(f"/api/tablets/{row['id']}")).status_code == 204
    for method, path in (("GET", "/api/sign-in"), ("GET", "/api/session"), ("GET", "/api/present")):
        told = await tablet.request(method, path)
        assert (told.status_code, told.json()["wipe"], told.headers["moments-wipe"]) == (401, True, "1"), path
        assert told.headers["clear-site-data"] == '"cache", "storage"'
    gone = next(t for t in (await answered(it.get("/api/tablets")))["gone"] if t["name"] == "lost")
    assert gone["wiped_at"] is None
    done = await tablet.post("/api/wiped")
    assert (done.status_code, '"cookies"' in done.headers["clear-site-data"]) == (204, True)
    gone = next(t for t in (await answered(it.get("/api/tablets")))["gone"] if t["name"] == "lost")
    assert gone["wiped_at"] is not None
    assert not (await tablet.get("/api/sign-in")).json()["paired"], "it is any device now"
    assert (await (await shut.client()).post("/api/wiped")).status_code == 401


async def test_what_a_tablet_keeps_opens_with_the_gateway_s_share_which_is_its_own_and_that_person_s(
    shut: Served,
) -> None:
    one, other = await signed_in(shut, "share 1"), await signed_in(shut, "share 2")
    keep = (await one.get("/api/session")).json()["keep"]
    again = (await one.get("/api/session")).json()["keep"]
    assert {**keep, "now": ""} == {**again, "now": ""}
    assert keep["share"] != (await other.get("/api/session")).json()["keep"]["share"]
    await answered(one.post("/api/sign-in", json=by_pin(one, "ben")))
    assert (await one.get("/api/session")).json()["keep"]["share"] != keep["share"]
    program = await shut.client("floor", "anna")
    assert (await program.get("/api/session")).json()["keep"] is None
