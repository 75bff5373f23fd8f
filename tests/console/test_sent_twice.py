"""An outbox may be sent twice: the same key and body are one act, with the first answer, whatever was written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from gateway.core.evenings import due
from gateway.events.event import GATEWAY
from gateway.events.times import DAY, iso
from gateway.records import journal_rows
from tests.console.served import Served, config, served
from tests.console.test_rights import MAY, routes
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

CAKE = {"zh-CN": "蛋糕", "en": "Cake"}
NO = {"purpose": "share_partners", "act": "refused", "method": "spoken"}
TEA = {
    "kind": "tasting", "title": {"en": "Tea"}, "from": "{soon}", "until": "{later}", "seats": 2, "hosts": ["ben"],
}  # fmt: skip
# What is written in a visit, in an order in which each can be; {…} are ids that answers before it gave.
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/introductions", {"one": "chen", "other": "sato", "why": "sailing"}),
    ("POST", "/api/introductions/{introduction}/answers", {"customer": "chen", "answer": "later"}),
    ("DELETE", "/api/customers/{customer}/introductions/{introduction}", {}),
    ("POST", "/api/customers/{customer}/preferences", {"category": "drink", "value": "tea"}),
    ("POST", "/api/customers/{customer}/preferences/{preference}/served", {}),
    ("POST", "/api/customers/{customer}/preferences/{preference}/retract", {"reason": "mistaken"}),
    ("PUT", "/api/catalogue/values/{code}", {"labels": {"zh-CN": "本店茶", "en": "House tea"}}),
    ("DELETE", "/api/catalogue/values/{code}", {}),
    ("POST", "/api/customers/{customer}/wishes", {"wishes": []}),
    ("POST", "/api/customers/{customer}/receipts", {}),
    ("POST", "/api/customers/{customer}/promises", {"text": "a seat"}),
    ("POST", "/api/customers/{customer}/promises/{promise_id}/hand-over", {"to": "ben"}),
    ("POST", "/api/customers/{customer}/promises/{promise_id}/close", {}),
    ("POST", "/api/customers/{customer}/complaints", {"text": "cold soup"}),
    ("POST", "/api/customers/{customer}/complaints/{complaint_id}/hand-over", {"to": "ben"}),
    ("POST", "/api/customers/{customer}/complaints/{complaint_id}/close", {}),
    ("POST", "/api/entries", {"side": "cost", "customer": "chen", "on": "2026-07-31", "amount": 90}),
    ("POST", "/api/entries/{entry}/result", {"result": "worked"}),
    ("POST", "/api/entries/{entry}/reverse", {"reason": "another guest"}),
    ("PUT", "/api/budgets/{budget}", {"amount": 900, "begins": "2026-03-01", "ends": "2026-06-01"}),
    ("POST", "/api/customers/{customer}/tier", {"tier": "gold", "reason": "comes every week"}),
    ("POST", "/api/customers/{customer}/potential", {"reason": "opens a second house"}),
    ("POST", "/api/customers/{customer}/standing", {"sector": "tea", "relation": "partner"}),
    ("POST", "/api/customers/{customer}/lost", {"cause": "moved"}),
    (
        "POST",
        "/api/customers/{customer}/satisfaction",
        {"layer": "social", "object": "person", "expected": 3, "perceived": 5},
    ),
    ("PUT", "/api/customers/{customer}/measures", {"measures": ["greeted by name"]}),
    ("POST", "/api/customers/{customer}/measures/evidence", {"measure": "greeted by name", "met": True}),
    ("POST", "/api/visits/{visit}/asks", {"question": "lunch"}),
    ("POST", "/api/asks/{ask_id}/answer", {"answer": "fish"}),
    ("POST", "/api/customers/{customer}/preferences", {"category": "allergy", "value": "Fish"}),
    ("POST", "/api/asks/{ask_id}/flag/seen", {}),
    ("POST", "/api/asks/{ask_id}/served", {}),
    ("POST", "/api/visits/{visit}/place", {"place": "1A"}),
    ("PUT", "/api/menus/{menu}", {"question": "tea", "items": [{"id": "cake", "labels": CAKE, "stock": 3}]}),
    ("POST", "/api/menus/{menu}/items/{item}/stock", {"stock": 2}),
    ("POST", "/api/rounds", {"question": "tea", "zones": ["bar"], "menu": "tea"}),
    ("POST", "/api/rounds/{round_id}/places/{place}/order", {"item": "cake"}),
    ("POST", "/api/rounds/{round_id}/places/{place}/flag/seen", {}),
    ("POST", "/api/rounds/{round_id}/counts/acknowledge", {"sequence": 10**6}),
    ("POST", "/api/rounds/{round_id}/places/{place}/served", {}),
    ("POST", "/api/rounds/{round_id}/end", {}),
    ("DELETE", "/api/menus/{menu}", {}),
    ("POST", "/api/visits/{visit}/companions", {"count": 2}),
    ("POST", "/api/visits/{visit}/review", {"satisfaction": 5}),
    ("POST", "/api/alerts/{alert}/claim", {}),
    ("POST", "/api/alerts/{alert}/release", {}),
    ("POST", "/api/alerts/{alert}/claim", {}),
    ("POST", "/api/alerts/{alert}/hand-over", {"to": "ben"}),
    ("POST", "/api/alerts/{alert}/claim", {}),
    ("POST", "/api/alerts/{alert}/seen", {"zone": "lounge"}),
    ("POST", "/api/alerts/{alert}/rate", {"useful": True}),
    ("POST", "/api/alerts/{alert}/met", {}),
    ("POST", "/api/alerts/{alert}/close", {"outcome": "greeted"}),
    ("POST", "/api/staff/{staff}/shift", {"zones": ["bar"]}),
    ("DELETE", "/api/staff/{staff}/shift", {}),
    ("PUT", "/api/expected", {"expected": [{"customer": "chen"}]}),
    ("POST", "/api/expected", {"customer": "hale"}),
    ("PUT", "/api/expected/{expected_id}", {"customer": "hale", "place": "1C"}),
    ("DELETE", "/api/expected/{expected_id}", {}),
    ("POST", "/api/customers/{customer}/merge", {"other": "hale"}),
    ("POST", "/api/customers/{customer}/unmerge", {"merge": "{merge}"}),
    ("POST", "/api/customers/{customer}/told-apart", {"other": "sato"}),
    ("PUT", "/api/plan", {"width": 9.0, "height": 9.0}),
    ("PUT", "/api/learnt/document", {"version": 1, "rooms": {}, "door": {"inside": [0, 0, 9], "outside": [0, 0, 9]}}),
    ("PUT", "/api/customers/{customer}", {"name": "Chen", "tier": "gold"}),
    ("POST", "/api/customers/{customer}/credentials", {"identifier": "em:0700C4B9EE"}),
    ("DELETE", "/api/customers/{customer}/credentials/{credential}", {}),
    ("POST", "/api/customers/{customer}/consents", {"purpose": "keep_preferences"}),
    ("DELETE", "/api/customers/{customer}/consents/{purpose}", {}),
    ("POST", "/api/customers/{customer}/enrolments", {"of_age": True, "consents": [NO]}),
    ("PUT", "/api/customers/{customer}/page-digits", {"digits": "580274"}),
    ("DELETE", "/api/customers/{customer}/page-link", {}),
    ("POST", "/api/customers/{customer}/show-anyway", {"reason": "their coat was left at the bar"}),
    ("POST", "/api/notices", {"id": "keep_preferences", "texts": {"zh-CN": "我们记下您的喜好。", "en": "We note it."}}),
    ("POST", "/api/privacy/papers", {"paper": "sign", "code": "abcd1234"}),
    ("PUT", "/api/staff/{staff}", {"name": "Anna", "roles": ["floor"]}),
    ("PUT", "/api/customers/{customer}/memberships/{brand}", {"proof": "invoice", "seen_by": "ben"}),
    ("DELETE", "/api/customers/{customer}/memberships/{brand}", {}),
    ("POST", "/api/customers/{customer}/consents", {"purpose": "invitations"}),
    ("POST", "/api/gatherings", {**TEA}),
    ("POST", "/api/gatherings/{gathering}/cancel", {}),
    ("POST", "/api/gatherings", {**TEA}),
    ("PATCH", "/api/gatherings/{gathering}", {"seats": 3}),
    ("POST", "/api/gatherings/{gathering}/open", {}),
    ("POST", "/api/gatherings/{gathering}/invitations", {"customer": "chen", "reason": "likes tea"}),
    ("POST", "/api/invitations/{invitation}/decline", {}),
    ("POST", "/api/invitations/{invitation}/accept", {"companions": 1}),
    ("POST", "/api/gatherings/{gathering}/close", {}),
    ("DELETE", "/api/tablets/{tablet}", {}),
    ("DELETE", "/api/staff/{staff}/passkeys", {}),
    ("DELETE", "/api/staff/{staff}", {}),
    ("POST", "/api/invitations/{invitation}/here", {}),
    ("POST", "/api/gatherings/{gathering}/reckon", {"cost": 12.5}),
    ("DELETE", "/api/customers/{customer}", {}),
]
LATER = ("/here", "/reckon")
"""What is done once a gathering has begun, or is over."""
NAMES = {"preferences": "preference", "promises": "promise_id", "complaints": "complaint_id", "asks": "ask_id",
         "credentials": "credential", "rounds": "round_id", "expected": "expected_id", "merge": "merge",
         "entries": "entry", "gatherings": "gathering", "invitations": "invitation",
         "introductions": "introduction"}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(
        tmp_path_factory.mktemp("twice"), config(club={"gatherings": True, "introductions": True})
    ) as house:
        await house.hire("anna", "ben")
        yield house


async def written_by_people(house: Served, since: int) -> list[str]:
    """What was written after this number, but for what the house does by itself as time goes by: it escalates, say."""
    await house.gateway.settle()
    rows = journal_rows.select(house.gateway.store.reader, "WHERE sequence > ?", since)
    return [event.type for event in rows if event.actor != GATEWAY]


async def test_every_write_sent_twice_is_one_with_the_first_answer(house: Served) -> None:
    for number, customer in enumerate(("chen", "hale", "sato")):
        await house.enrol(customer, f"em:0700C4A91{number}")
    boss = await house.client("manager")
    sails = {"category": "leisure", "value": "sailing", "polarity": "do", "basis": "stated", "scope": "standing"}
    for customer in ("chen", "sato"):
        await answered(boss.post(f"/api/customers/{customer}/consents", json={"purpose": "introductions"}))
        await answered(boss.post(f"/api/customers/{customer}/preferences", json=sails))
    await answered(boss.post("/api/customers/chen/page-link"))  # which a write below closes
    # What one is shown is a person's, and papers are of the house's own machine.
    others = {"show-anyway": await house.client("floor", "ben"), "papers": await house.local()}
    ben = {"Authorization": f"Bearer {await house.token('floor', 'ben')}"}
    ids = {"customer": "chen", "staff": "anna", "purpose": "keep_preferences", "code": "drink.house_tea"}
    ids |= {"brand": "norden", "soon": iso(house.now() + DAY), "later": iso(house.now() + DAY + 3600)}
    ids |= {"menu": "tea", "item": "cake", "place": "2C", "budget": "spring"}
    code = await answered(boss.post("/api/tablets/codes", json={"name": "bar"}))
    ids["tablet"] = (await answered((await house.client()).post("/api/pair", json={"code": code["code"]})))["id"]
    async with house.tablet(ben) as tablet:
        house.tap("em:0700C4A910")
        opened = (await tablet.expect("alert.opened"))["data"]
        ids |= {"alert": opened["alert"], "visit": opened["visit"]}
        for number, (method, path, body) in enumerate(WRITES):
            if path.endswith(LATER):
                house.ahead += DAY
                await house.gateway.act(lambda: due(house.gateway, ids["gathering"], house.now()), "gateway")
                house.gateway.pulse(house.now())  # what else a day brings is written before
                await house.gateway.settle()
            at, key = path.format(**ids), {"Idempotency-Key": f"write-{number}"}
            body = {name: value.format(**ids) if isinstance(value, str) else value for name, value in body.items()}
            door = others.get(path.rpartition("/")[2], boss)
            first = await door.request(method, at, json=body, headers=key)
            assert first.is_success, f"{method} {path}: {first.text}"
            told = house.gateway.journal.sequence
            again = await door.request(method, at, json=body, headers=key)
            assert (again.status_code, again.text) == (first.status_code, first.text), f"{method} {path}"
            assert await written_by_people(house, told) == [], f"{method} {path} happened twice"
            other = await door.request(method, at, json={**body, "at": 1}, headers=key)
            assert other.status_code == 422, f"{method} {path}: another body under the same key"
            if (name := NAMES.get(path.rpartition("/")[2])) and first.status_code == 201:
                ids[name] = first.json().get("id") or first.json()[name]
        heard = [e["sequence"] for e in tablet.events if e["type"] != "hello"]  # which a merge tells anew
        assert heard == sorted(set(heard))


async def test_the_table_has_every_write() -> None:
    written = {(method, path) for method, path, _ in WRITES}
    found, _ = routes()
    # Signing out is an act of a session; what IT does with readers and codes leaves no record that could be doubled. A
    # token's secret is answered once, as are a reader's password and a PIN or its code; a file that is brought twice
    # changes nothing; copies, exports and prints are told of. What two people open lies in memory, and ends by itself;
    # a manager who allows twice what may be deleted, vouches twice for a clock, or says twice what a partner answered,
    # has said the same; a run of insight is made anew of the same
    # records, and what it suggested is over once. What is booked at the club's hub has its id
    # for a key; settings are in a file of their own, and a change sent twice is among their tests.
    writes = {(m, p) for m, p in found if m != "GET" and p.startswith("/api/") and (m, p) in MAY}
    assert written <= writes
    # Nothing is in doubt but what an older program recorded.
    writes = {(m, p) for m, p in writes if not p.endswith(("/settle", "/imports", "/import", "/pin-code"))}
    writes -= {("POST", "/api/customers/{customer}/page-link")}  # a secret that is answered once
    assert {p.split("/")[2] for _, p in writes - written} <= {
        "sign-out", "enrolment", "walk-test", "tablets", "tokens", "imports", "exports", "recordings", "backups",
        "keys", "receipts", "break-glass", "erasures", "readers", "session", "retention",
        "partners", "club", "insight", "suggestions", "settings", "ties",
        "repairs", "copies", "webhooks",
    }  # fmt: skip


async def test_no_body_takes_a_key_that_nobody_asked_for(house: Served) -> None:
    """Every body is a closed table: what is not in it is refused, in routes of today and of tomorrow."""
    schema = await answered((await house.client()).get("/openapi.json"))
    bodies = schema["components"]["schemas"]
    open_ = set()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            for one in [content, *content.get("anyOf", ())]:
                name = one.get("$ref", "").rpartition("/")[2]
                if name and bodies[name].get("additionalProperties") is not False:
                    open_.add(f"{method} {path}: {name}")
    assert open_ == set()
    assert len([b for b in bodies.values() if b.get("additionalProperties") is False]) >= 15
