"""What staff record of a visit, and what is read back from it: the day in numbers, the words, the plan, the tablets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.events.times import iso
from tests.console.served import Served, config, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOURS = 3600.0
NAME = {"zh-CN": "馆", "en": "House"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("records")) as house:
        await house.hire("anna", "ben")
        await house.hire("mei", roles=("manager",))
        yield house


async def bearer(house: Served, staff: str) -> dict[str, str]:
    """A tablet's header."""
    return {"Authorization": f"Bearer {await house.token('floor', staff)}"}


async def test_a_visit_is_reviewed_in_one_tap_also_when_it_is_over(house: Served) -> None:
    await house.enrol("chen")
    anna = await house.client("floor", "anna")
    async with house.tablet(await bearer(house, "ben")) as bens:
        house.tap()
        visit = (await bens.expect("visit.arrived", customer="chen"))["data"]["visit"]
        review = f"/api/visits/{visit}/review"
        said = {"satisfaction": 5, "about": "person", "outcome": "bought the lamp", "note": "asks for Anna"}
        answer = await anna.post(review, json=said)
        assert (answer.status_code, answer.json()["by_name"]) == (201, "Anna")
        heard = (await bens.expect("visit.reviewed", customer="chen"))["data"]
        assert {k: heard[k] for k in said} == said
        for wrong in ({"satisfaction": 0}, {"satisfaction": 6}, {"satisfaction": 3, "about": "gossip"}, {}):
            assert (await anna.post(review, json=wrong)).status_code == 422
        house.ahead += 16 * 3_600
        house.gateway.pulse(house.now())
        await bens.expect("visit.departed", customer="chen")
        assert (await anna.post(review, json={"satisfaction": 2})).status_code == 201
        assert (await anna.post("/api/visits/none/review", json={"satisfaction": 2})).status_code == 404
        assert (await anna.post(f"/api/visits/{visit}/companions", json={"count": 1})).status_code == 404
        assert (await anna.post("/api/visits/none/companions", json={"count": 1})).status_code == 404


async def test_a_preference_that_was_served_is_told_to_all(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    for name in ("wang", "liu"):
        await answered(boss.put(f"/api/customers/{name}", json={"name": name}))
    await house.agrees("wang")
    fact = await answered(anna.post("/api/customers/wang/preferences", json={"category": "drink", "value": "tea"}))
    async with house.tablet(await bearer(house, "ben")) as bens:
        await answered(anna.post(f"/api/customers/wang/preferences/{fact['id']}/served", json={}))
        served_ = (await bens.expect("preference.served", customer="wang"))["data"]
        assert (served_["id"], served_["value"], served_["served_by"]) == (fact["id"], "tea", "anna")
    for path in (f"/api/customers/liu/preferences/{fact['id']}/served", "/api/customers/wang/preferences/none/served"):
        assert (await anna.post(path, json={})).status_code == 404


async def test_what_may_hurt_is_accepted_and_carries_no_warning(house: Served) -> None:
    """The warning is the tablet's, before anything is sent; the gateway keeps what a person decided to keep."""
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    await answered(boss.put("/api/customers/zhou", json={"name": "Zhou"}))
    await house.agrees("zhou")
    plain = {"category": "other", "value": "likes the window"}
    known = set(await answered(anna.post("/api/customers/zhou/preferences", json=plain)))
    for value in ("has diabetes", "去教堂", "votes for the other side", "they say she divorced"):
        answer = await anna.post("/api/customers/zhou/preferences", json={**plain, "value": value})
        assert (answer.status_code, set(answer.json())) == (201, known)


async def test_an_allergy_is_one_in_both_languages(house: Served) -> None:
    boss, anna, ben = [await house.client(*who) for who in (("manager",), ("floor", "anna"), ("floor", "ben"))]
    await answered(boss.put("/api/customers/qian", json={"name": "Qian"}))
    await house.agrees("qian")
    path = "/api/customers/qian/preferences"
    allergy = {"category": "allergy", "polarity": "allergy"}
    for client, value in ((anna, "Peanut allergy"), (ben, "花生"), (ben, "那种蓝色的酱")):
        await answered(client.post(path, json={**allergy, "value": value}))
    kept = await answered(anna.get(path))
    assert [(p["code"], p["value"], p["by"]) for p in kept] == [
        (None, "那种蓝色的酱", "ben"), ("allergy.peanuts", "花生", "ben"),
    ]  # fmt: skip


async def test_what_is_owed_by_nobody_who_works_here_is_refused(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    await answered(boss.put("/api/customers/qin", json={"name": "Qin"}))
    for kind in ("promises", "complaints"):
        path = f"/api/customers/qin/{kind}"
        refused = await anna.post(path, json={"text": "a seat", "owner": "gone-since-may"})
        assert (refused.status_code, "gone-since-may" in refused.json()["detail"]) == (422, True)
        assert (await answered(anna.post(path, json={"text": "a seat"})))["owner"] == "anna"


async def test_the_plan_is_kept_over_a_restart_and_only_of_this_venue(tmp_path: Path) -> None:
    plan = {
        "width": 20.0, "height": 12.5, "zones": [{"zone": "bar", "x": 0.0, "y": 0.0, "w": 8.0, "h": 12.5}],
        "readers": [{"reader": "counter", "x": 3.0, "y": 2.0}],
    }  # fmt: skip
    async with served(tmp_path) as house:
        await house.hire("anna")
        boss, anna = await house.client("manager"), await house.client("floor", "anna")
        assert await answered(anna.get("/api/plan")) is None
        assert (await anna.put("/api/plan", json=plan)).status_code == 403
        async with house.tablet(await bearer(house, "anna")) as tablet:
            assert tablet.state["plan"] is None
            await answered(boss.put("/api/plan", json=plan))
            assert (await tablet.expect("plan.changed"))["data"] == plan
        wrong: list[dict[str, Any]] = [
            {"zones": [{**plan["zones"][0], "zone": "moon"}]},  # type: ignore[index]
            {"zones": [{**plan["zones"][0], "x": 15.0}]},  # type: ignore[index]
            {"readers": [{"reader": "none", "x": 1.0, "y": 1.0}]},
            {"readers": [{"reader": "counter", "x": 21.0, "y": 1.0}]},
            {"width": 0},
            {"width": -3},
        ]
        for part in wrong:
            assert (await boss.put("/api/plan", json={**plan, **part})).status_code == 422, part
    async with served(tmp_path) as house:
        async with house.tablet(await bearer(house, "anna")) as tablet:
            assert tablet.state["plan"] == plan
        assert await answered((await house.client("it")).get("/api/plan")) == plan


async def test_the_words_of_the_venue_are_the_ones_it_uses_and_nobody_s_own(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    for name in ("a", "b", "c"):
        await answered(boss.put(f"/api/customers/{name}", json={"name": name}))
    await house.agrees("a", "b", "c")
    said = [("a", "food", "Dumplings"), ("b", "food", "dumplings"), ("c", "food", "dumplings"), ("a", "food", "Pho"),
            ("a", "food", "拌面"), ("b", "food", "拌面"), ("c", "food", "拌面")]  # fmt: skip
    said += [(c, category, "window shut") for c in "abc" for category in ("other", "name", "gift", "conversation")]
    said += [(c, "food", words) for c in "abc" for words in ("Noodles", "x" * 60, "as Anna makes it")]
    for customer, category, value in said:
        path = f"/api/customers/{customer}/preferences"
        await answered(anna.post(path, json={"category": category, "value": value}))
    for polarity, value in (("avoid", "ice"), ("allergy", "walnuts")):
        fact = {"category": "food", "value": value, "polarity": polarity}
        await answered(anna.post("/api/customers/a/preferences", json=fact))
    values = (await answered(anna.get("/api/vocabulary")))["values"]
    assert values == {
        "food": [
            {"value": "拌面", "lang": "zh-CN", "polarity": "do"},
            {"value": "dumplings", "lang": "en", "polarity": "do"},
        ]
    }
    await answered(boss.delete("/api/customers/a"))
    assert (await answered(anna.get("/api/vocabulary")))["values"] == {}  # goes with who was erased


async def test_a_day_in_numbers_is_what_the_day_was(tmp_path: Path) -> None:
    noon = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) + timedelta(days=2)  # 11:00 in Shanghai
    settings = config(
        venue={"id": "house", "name": NAME, "timezone": "Asia/Shanghai"},
        moments=[{"kind": "waiting", "off": True}],
    )
    async with served(tmp_path, settings) as house:
        house.ahead = noon.timestamp() - house.now()
        await house.hire("anna", "ben")
        await house.hire("mei", roles=("manager",))
        clients = {name: await house.client("floor", name) for name in ("anna", "ben")}
        async with house.tablet(await bearer(house, "anna")) as annas, house.tablet(await bearer(house, "ben")):
            # customer, who claims, after how many seconds
            day = [("a", "anna", 4.0), ("b", "anna", 10.0), ("c", "ben", 40.0), ("d", None, 0.0)]
            for n, (customer, by, seconds) in enumerate(day):
                fob = f"em:0700C4B0{n:02X}"
                await house.enrol(customer, fob)
                house.tap(fob)
                alert = (await annas.expect("alert.opened", customer=customer))["data"]
                house.ahead += seconds
                if by is None:
                    await answered(clients["anna"].delete(f"/api/customers/{customer}/consents/recognise_tag"))
                    continue
                await answered(clients[by].post(f"/api/alerts/{alert['alert']}/claim", json={}))
                for useful in (False, customer != "c"):  # the last tap counts
                    await answered(clients[by].post(f"/api/alerts/{alert['alert']}/rate", json={"useful": useful}))
                await answered(clients[by].post(f"/api/alerts/{alert['alert']}/close", json={"outcome": "greeted"}))
                house.ahead += 30  # far enough from the next to be no party
            rated = await annas.expect("alert.rated", customer="c")
            assert rated["data"]["rated"] is False
            visit = annas.seen("visit.arrived", customer="a")[0]["data"]["visit"]
            for again in (False, True):
                body = {"question": "lunch", "again": again}
                await answered(clients["ben"].post(f"/api/visits/{visit}/asks", json=body))
            await answered(clients["ben"].post(f"/api/visits/{visit}/review", json={"satisfaction": 2}))
            await answered(
                clients["ben"].post(f"/api/visits/{visit}/review", json={"satisfaction": 4, "about": "place"})
            )
            fact = await answered(
                clients["ben"].post("/api/customers/a/preferences", json={"category": "drink", "value": "tea"})
            )
            await answered(clients["ben"].post(f"/api/customers/a/preferences/{fact['id']}/served", json={}))
            for text, due, kept in (("kept", HOURS, True), ("late", -HOURS, True), ("open", 48 * HOURS, False)):
                body = {"text": text, "due": iso(house.now() + due)}
                made = await answered(clients["ben"].post("/api/customers/a/promises", json=body))
                if kept:
                    await answered(clients["ben"].post(f"/api/customers/a/promises/{made['id']}/close", json={}))
            complaint = await answered(clients["ben"].post("/api/customers/b/complaints", json={"text": "cold"}))
            cost = {"recovery_cost": {"amount": 88, "currency": "CNY"}}
            await answered(clients["ben"].post(f"/api/customers/b/complaints/{complaint['id']}/close", json=cost))
            await answered(clients["ben"].post("/api/customers/b/complaints", json={"text": "colder"}))
        boss = await house.client("manager")
        today = await answered(boss.get("/api/today"))
        assert today["date"] == f"{noon:%Y-%m-%d}"
        greeted = today["greeted"]
        assert (greeted["count"], round(greeted["p50_s"]), round(greeted["p90_s"])) == (3, 10, 40)
        counts = {row["upto_s"]: row["count"] for row in greeted["histogram"]}
        assert (counts[5], counts[15], counts[60], sum(counts.values())) == (1, 1, 1, 3)
        assert (today["claimed"], today["missed"]) == (3, 0)  # who took consent back was not missed
        assert [(r["zone"], r["arrivals"], r["claimed"]) for r in today["by_zone"]] == [("bar", 4, 3)]
        assert [(r["hour"], r["arrivals"]) for r in today["by_hour"]] == [(11, 4)]
        assert [(r["name"], r["claimed"]) for r in today["by_staff"]] == [("Anna", 2), ("Ben", 1)]
        assert today["promises"] == {"due": 2, "kept": 1, "late": 1, "open": 1}
        assert today["complaints"] == {
            "opened": 2, "closed": 1, "open": 1, "recovery_cost": [{"currency": "CNY", "amount": 88}]
        }  # fmt: skip
        assert today["rated"] == {"useful": 2, "not_useful": 1}
        assert today["preferences"] == {"recorded": 1, "acted_on": 1}
        assert today["asked_again"] == 1
        assert today["satisfaction"] == {"count": 1, "mean": 4.0, "about": {"product": 0, "person": 0, "place": 1}}
        before = await answered(boss.get(f"/api/today?date={noon - timedelta(days=1):%Y-%m-%d}"))
        assert (before["greeted"]["count"], before["greeted"]["p50_s"], before["by_zone"]) == (0, None, [])
        assert (before["promises"]["open"], before["complaints"]["open"]) == (0, 0)
        assert (await boss.get("/api/today?date=yesterday")).status_code == 422
        assert (await clients["anna"].get("/api/today")).status_code == 403


async def test_a_person_s_shift_is_theirs_to_see(house: Served) -> None:
    anna = await house.client("floor", "anna")
    until = iso(house.now() + 4 * HOURS)
    shift = await answered(anna.post("/api/staff/anna/shift", json={"zones": ["bar"], "until": until}))
    assert (shift["zones"], shift["shift_until"]) == (["bar"], until)
    me = await answered(anna.get("/api/session"))
    assert me["shift"] == {"zones": ["bar"], "until": until}
    async with house.tablet(await bearer(house, "ben")) as bens:
        row = next(s for s in bens.state["staff"] if s["id"] == "anna")
        assert (row["zones"], row["roles"], row["shift_until"]) == (["bar"], ["floor"], until)
        assert (await anna.request("DELETE", "/api/staff/anna/shift", json={"hand_to": "nobody"})).status_code == 422
        await answered(anna.delete("/api/staff/anna/shift"))
        gone = (await bens.expect("shift.ended", id="anna"))["data"]
        assert (gone["on_shift"], gone["shift_until"]) == (False, None)
    assert (await answered(anna.get("/api/session")))["shift"] is None
