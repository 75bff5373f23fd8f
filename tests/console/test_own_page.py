"""A customer's own page, as a browser of theirs asks for it: link, digits, stop, wishes, what is known, who looked."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.console import page_doors
from gateway.console.page_doors import KEY_HEADER, LINK_HEADER
from gateway.pins import matches
from gateway.records import person_rows
from tests.console.served import Served, config, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

DIGITS = "718204"
TAGS = iter(range(0x0700000001, 0x0700FFFFFF))


async def link_of(house: Served, customer: str) -> str:
    """The secret of a new link to the customer's page."""
    boss = await house.client("manager")
    made = await answered(boss.post(f"/api/customers/{customer}/page-link"))
    assert made["link"].startswith(f"{house.url}/me#")
    assert made["picture"].startswith("data:image/svg+xml")
    return str(made["link"].partition("#")[2])


async def phone(house: Served, customer: str, *, digits: str | None = None) -> httpx2.AsyncClient:
    """The customer's phone with their page open; with ``digits`` all of it."""
    mine = await house.client(**{LINK_HEADER: await link_of(house, customer)})
    if digits is not None:
        boss = await house.client("manager")
        await answered(boss.put(f"/api/customers/{customer}/page-digits", json={"digits": digits}))
        opened = await answered(mine.post("/api/me/unlock", json={"digits": digits}))
        mine.headers[KEY_HEADER] = opened["key"]
    return mine


async def enrolled(house: Served, customer: str, **facts: Any) -> str:
    """Somebody new with a fob of their own, which is given."""
    fob = f"em:{next(TAGS):010X}"
    await house.enrol(customer, fob, **facts)
    return fob


async def test_a_link_shows_what_was_agreed_to_and_no_name(house: Served) -> None:
    await enrolled(house, "c-first", name="Margaret Hale", language="zh-CN")
    mine = await phone(house, "c-first")
    page = await answered(mine.get("/api/me"))
    assert {row["purpose"]: row["state"] for row in page["consents"]} == {
        "recognise_tag": "given", "recognise_phone": "never", "keep_preferences": "given",
        "share_houses": "never", "introductions": "never", "insight": "never",
    }  # fmt: skip
    assert page["language"] == "zh-CN"
    assert page["digits"] == "none"
    assert "Hale" not in str(page)
    assert (await mine.get("/api/me/record")).status_code == 403


async def test_the_newest_link_alone_opens_and_every_other_secret_looks_the_same(house: Served) -> None:
    await enrolled(house, "c-link")
    old = await phone(house, "c-link")
    new = await phone(house, "c-link")
    assert {len(each.headers[LINK_HEADER]) for each in (old, new)} == {22}, "128 bits"
    gone = await old.get("/api/me")
    assert (await new.get("/api/me")).status_code == 200
    for secret in ("A" * 22, "", "x", "A" * 65):
        stranger = await house.client(**{LINK_HEADER: secret})
        wrong = await stranger.get("/api/me")
        assert (wrong.status_code, wrong.json()) == (gone.status_code, gone.json())
        assert wrong.headers.keys() == gone.headers.keys()
    boss = await house.client("manager")
    await answered(boss.delete("/api/customers/c-link/page-link"))
    assert (await new.get("/api/me")).json() == gone.json()


async def test_a_link_is_said_once_and_no_key_of_the_write_brings_it_back(house: Served) -> None:
    await enrolled(house, "c-once")
    boss, key = await house.client("manager"), {"Idempotency-Key": "a link for c-once"}
    kept = "SELECT count(*) FROM idempotency"
    before = house.gateway.store.reader.conn.execute(kept).fetchone()
    links = [(await answered(boss.post("/api/customers/c-once/page-link", headers=key)))["link"] for _ in range(2)]
    assert links[0] != links[1]
    assert house.gateway.store.reader.conn.execute(kept).fetchone() == before, "the answer is kept, with the secret"
    first, second = [await house.client(**{LINK_HEADER: each.partition("#")[2]}) for each in links]
    assert [(await each.get("/api/me")).status_code for each in (first, second)] == [404, 200]


async def test_who_was_erased_has_a_link_like_any_wrong_one(house: Served) -> None:
    await enrolled(house, "c-erased")
    mine = await phone(house, "c-erased")
    boss = await house.client("manager")
    await answered(boss.delete("/api/customers/c-erased"))
    assert (await mine.get("/api/me")).status_code == 404


async def test_one_tap_stops_one_purpose_or_everything_and_says_by_whom(house: Served) -> None:
    fob = await enrolled(house, "c-stop")
    house.tap(fob)
    boss = await house.client("manager")
    assert "c-stop" in {p["customer"] for p in await answered(boss.get("/api/present"))}
    mine = await phone(house, "c-stop")
    page = await answered(mine.post("/api/me/stop", json={"purpose": "recognise_tag"}))
    assert {row["purpose"]: row["state"] for row in page["consents"]}["recognise_tag"] == "ended"
    assert {row["purpose"]: row["state"] for row in page["consents"]}["keep_preferences"] == "given"
    assert "c-stop" not in {p["customer"] for p in await answered(boss.get("/api/present"))}
    assert house.gateway.memory.roster.who(fob, house.now()) is None
    for _ in range(2):  # once more changes nothing
        page = await answered(mine.post("/api/me/stop", json={}))
        assert "given" not in {row["state"] for row in page["consents"]}
    said = await answered(boss.get("/api/customers/c-stop/journal"))
    stops = [e for e in said if e["type"] == "consent.revoked"]
    assert {(e["actor"], e["data"]["method"]) for e in stops} == {("customer", "own_page")}
    assert sorted(e["data"]["purpose"] for e in stops) == ["keep_preferences", "recognise_tag"]


async def test_wishes_are_theirs_to_take_back_too(house: Served) -> None:
    await enrolled(house, "c-wish")
    mine = await phone(house, "c-wish")
    page = await answered(mine.post("/api/me/wishes", json={"wishes": ["do_not_recognise", "no_name"]}))
    assert page["wishes"] == ["do_not_recognise", "no_name"]
    page = await answered(mine.post("/api/me/wishes", json={"wishes": []}))
    assert page["wishes"] == []


async def test_five_wrong_digits_and_then_only_in_the_house(house: Served) -> None:
    await enrolled(house, "c-digits")
    boss = await house.client("manager")
    mine = await phone(house, "c-digits")
    assert (await mine.post("/api/me/unlock", json={"digits": DIGITS})).json()["digits"] == "none"
    assert (await boss.put("/api/customers/c-digits/page-digits", json={"digits": "123456"})).status_code == 422
    await answered(boss.put("/api/customers/c-digits/page-digits", json={"digits": DIGITS}))
    for left in (4, 3, 2, 1, 0):
        refused = await mine.post("/api/me/unlock", json={"digits": "000001"})
        assert (refused.status_code, refused.json()["left"]) == (403, left)
    refused = await mine.post("/api/me/unlock", json={"digits": DIGITS})
    assert (refused.status_code, refused.json()["digits"]) == (403, "locked")
    assert (await answered(mine.get("/api/me")))["digits"] == "locked"
    await answered(boss.put("/api/customers/c-digits/page-digits", json={"digits": DIGITS}))
    assert (await mine.post("/api/me/unlock", json={"digits": DIGITS})).status_code == 200


async def test_many_tries_at_once_are_no_more_than_five(house: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    async def matching(hashed: str | None, digits: str) -> bool:
        looked_at.extend([digits] if hashed is not None else [])
        return await matches(hashed, digits)

    monkeypatch.setattr(page_doors, "matches", matching)
    await enrolled(house, "c-burst")
    boss = await house.client("manager")
    await answered(boss.put("/api/customers/c-burst/page-digits", json={"digits": DIGITS}))
    mine = await phone(house, "c-burst")
    wrong = [mine.post("/api/me/unlock", json={"digits": f"00000{n}"}) for n in range(8)]
    tried = await asyncio.gather(*wrong)
    assert sorted(each.json()["left"] for each in tried) == [0, 0, 0, 0, 1, 2, 3, 4]
    assert len(looked_at) == 5
    refused = await mine.post("/api/me/unlock", json={"digits": DIGITS})
    assert refused.json()["digits"] == "locked"


async def test_the_key_of_one_page_opens_no_other_and_ends_unused(house: Served) -> None:
    await enrolled(house, "c-key")
    await enrolled(house, "c-other")
    mine = await phone(house, "c-key", digits=DIGITS)
    other = await phone(house, "c-other", digits="937162")
    assert (await mine.get("/api/me/record")).status_code == 200
    mine.headers[KEY_HEADER], kept = other.headers[KEY_HEADER], mine.headers[KEY_HEADER]
    assert (await mine.get("/api/me/record")).status_code == 403
    mine.headers[KEY_HEADER] = kept
    assert (await mine.get("/api/me/record")).status_code == 200
    newer = await phone(house, "c-key")
    newer.headers[KEY_HEADER] = kept
    assert (await newer.get("/api/me/record")).status_code == 403, "nor does it go with a newer link"
    opened = await newer.post("/api/me/unlock", json={"digits": DIGITS})
    newer.headers[KEY_HEADER], mine = opened.json()["key"], newer
    assert (await mine.get("/api/me/record")).status_code == 200
    house.ahead += 601
    assert (await mine.get("/api/me/record")).status_code == 403


async def test_twenty_requests_a_minute_of_one_link_and_wrong_ones_of_one_address(house: Served) -> None:
    await enrolled(house, "c-often")
    house.ahead += 61
    mine, other = await phone(house, "c-often"), await house.client(**{LINK_HEADER: "B" * 22})
    assert [(await mine.get("/api/me")).status_code for _ in range(21)] == [200] * 20 + [429]
    fresh = await phone(house, "c-often")
    assert [(await other.get("/api/me")).status_code for _ in range(21)] == [404] * 20 + [429]
    assert (await fresh.get("/api/me")).status_code == 429  # who guesses is told nothing more, right or wrong
    house.ahead += 61
    assert (await fresh.get("/api/me")).status_code == 200


async def test_wrong_ones_of_many_addresses_are_no_more_than_so_many_of_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_doors, "WRONG_IN_ALL", 8)
    async with served(tmp_path) as house:
        guessers = [await house.client_at(f"127.0.0.{n}", **{LINK_HEADER: "B" * 22}) for n in (41, 42, 43)]
        tried = [(await each.get("/api/me")).status_code for each in guessers for _ in range(4)]
        assert tried == [404] * 8 + [429] * 4
        house.ahead += 61
        assert (await guessers[2].get("/api/me")).status_code == 404


async def test_what_is_known_who_said_so_and_who_looked(house: Served) -> None:
    await enrolled(house, "c-known", name="Na Wei")
    lina = await house.signs_in("anna")
    fact = {"category": "drink", "value": "Green tea", "polarity": "do", "basis": "observed", "scope": "standing"}
    await answered(lina.post("/api/customers/c-known/preferences", json=fact))
    await answered(lina.get("/api/customers/c-known", params={"why": "card"}))
    await answered(lina.get("/api/customers", params={"q": "Na Wei"}))
    mine = await phone(house, "c-known", digits=DIGITS)
    record = await answered(mine.get("/api/me/record"))
    assert record["person"]["name"] == "Na Wei"
    assert [(f["value"], f["basis"], f["by"]) for f in record["facts"]] == [("Green tea", "observed", "Anna")]
    assert {(look["by"], look["what"]) for look in record["looks"]} >= {("Anna", "card"), ("Anna", "search")}
    assert record["suggestion"]["fact"] == record["facts"][0]["id"]


async def test_a_correction_is_stated_by_the_customer_and_ends_what_was_wrong(house: Served) -> None:
    await enrolled(house, "c-right")
    lina = await house.signs_in("anna")
    fact = {"category": "drink", "value": "Coffee", "polarity": "do", "basis": "stated", "scope": "standing"}
    told = await answered(lina.post("/api/customers/c-right/preferences", json=fact))
    mine = await phone(house, "c-right", digits=DIGITS)
    record = await answered(mine.post("/api/me/corrections", json={"fact": told["id"], "value": "Jasmine tea"}))
    by_value = {f["value"]: f for f in record["facts"]}
    assert by_value["Coffee"]["state"] == "corrected"
    assert (by_value["Jasmine tea"]["by"], by_value["Jasmine tea"]["basis"]) == (None, "stated")
    assert [(c["was"], c["now"]) for c in record["corrections"]] == [(["Coffee"], "Jasmine tea")]
    seen = await answered(lina.get("/api/customers/c-right/preferences"))
    assert [(f["value"], f["by"]) for f in seen] == [("Jasmine tea", "customer")]
    record = await answered(mine.post("/api/me/corrections", json={"fact": by_value["Jasmine tea"]["id"]}))
    assert await answered(lina.get("/api/customers/c-right/preferences")) == []
    record = await answered(mine.post("/api/me/person", json={"address_as": "Ms Wu", "birthday": None}))
    assert record["person"]["address_as"] == "Ms Wu"


async def test_delete_me_leaves_nothing(house: Served) -> None:
    await enrolled(house, "c-gone", name="Somebody Quite Unique")
    mine = await phone(house, "c-gone", digits=DIGITS)
    receipt = (await answered(mine.post("/api/me/erase")))["erasure"]
    assert (await mine.get("/api/me")).status_code == 404
    boss = await house.client("manager")
    assert await answered(boss.get("/api/customers", params={"q": "Quite Unique"})) == []
    assert receipt in [each["erasure"] for each in await answered(boss.get("/api/erasures"))]


async def test_the_secret_is_written_nowhere(house: Served, caplog: pytest.LogCaptureFixture) -> None:
    await enrolled(house, "c-secret")
    with caplog.at_level(0):
        mine = await phone(house, "c-secret", digits="402918")
        secret, key = mine.headers[LINK_HEADER], mine.headers[KEY_HEADER]
        shown = [await mine.get("/api/me"), await mine.get("/api/me/record")]
    await house.gateway.settle()
    for each in (secret, key, "402918"):
        assert each not in caplog.text
        assert all(each not in answer.text and each not in str(answer.headers) for answer in shown)
        for file in house.gateway.store.folder.rglob("*"):
            if file.is_file():
                assert each.encode() not in file.read_bytes(), file
    text = (await (await house.client()).get("/metrics")).text
    assert secret not in text


async def test_at_an_origin_of_its_own_there_is_the_page_and_nothing_else(tmp_path: Path) -> None:
    async with served(tmp_path, config(privacy={"page": "https://me.example.com"})) as house:
        await house.enrol("c-origin")
        boss = await house.client("manager")
        made = await answered(boss.post("/api/customers/c-origin/page-link"))
        address, _, secret = made["link"].partition("#")
        assert address == "https://me.example.com/me"
        mine = await house.client(**{LINK_HEADER: secret, "Host": "me.example.com"})
        assert (await mine.get("/api/me")).status_code == 200
        assert (await mine.get("/me")).status_code in (200, 503)
        for path in ("/api/customers", "/health", "/openapi.json", "/assets/x.js", "/index.html", "/api/sign-in"):
            assert (await mine.get(path)).status_code == 400, path
        assert (await mine.get("/")).headers["location"] == "/me"
        beside = await house.client(**{LINK_HEADER: secret})
        assert (await beside.get("/api/me")).status_code == 400
        assert (await beside.get("/me")).headers["location"] == "https://me.example.com/me"
        assert (await beside.get("/health")).status_code == 200


async def test_all_that_is_stored_of_somebody_is_on_their_page(house: Served) -> None:
    fob = await enrolled(house, "c-whole", name="Na Wei")
    house.tap(fob)
    anna = await house.signs_in("anna")
    here = next(p for p in await answered(anna.get("/api/present")) if p["customer"] == "c-whole")
    fact = {"category": "drink", "value": "Tea", "polarity": "do", "basis": "stated", "scope": "standing"}
    await answered(anna.post("/api/customers/c-whole/preferences", json=fact))
    await answered(anna.post(f"/api/visits/{here['visit']}/asks", json={"question": "lunch"}))
    await answered(anna.post("/api/customers/c-whole/promises", json={"text": "a window table"}))
    await answered(anna.post(f"/api/visits/{here['visit']}/place", json={"place": "1A"}))
    mine = await phone(house, "c-whole", digits=DIGITS)
    shown = (await answered(mine.get("/api/me/record")))["rows"]
    await house.gateway.settle()
    await house.gateway.store.write(lambda tx: None)
    db = house.gateway.store.reader
    every = [row[0] for row in db.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in every:
        columns = person_rows.columns(db, table)
        if "customer" in columns and table not in person_rows.NOT_OURS:
            sql = f"SELECT count(*) FROM {table} WHERE customer = ?"
            count = db.conn.execute(sql, (house.whose("c-whole"),)).fetchone()[0]
            assert len(shown.get(table, [])) == count, table
    assert {"customers", "credentials", "preferences", "visits", "asks", "promises", "seats", "pages"} <= shown.keys()


async def test_the_page_has_a_policy_of_its_own_and_no_session(house: Served) -> None:
    browser = await house.client()
    answer = await browser.get("/me")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; ")
    assert "frame-ancestors 'none'; base-uri 'none'; form-action 'none'" in policy
    assert "ws:" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    assert re.search(r"default-src 'self'", (await browser.get("/")).headers["content-security-policy"])
    signed_in = await house.signs_in("anna")
    assert (await signed_in.get("/api/me")).status_code == 404
