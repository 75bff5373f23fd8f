"""A venue teaches itself: what staff do with cards says where guests are, and the next is told in the right room."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.commands.alone import opened
from gateway.core import restoring
from gateway.core.state import Memory, plan_of
from gateway.events.event import News
from gateway.records.errors import DiskFull
from tests.console.listening import ROOMS, Listening, listening
from tests.console.served import config
from tests.program import moments
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Listening]:
    async with listening(tmp_path_factory.mktemp("venue")) as venue:
        yield venue


async def is_here(venue: Listening, room: str) -> tuple[dict[str, Any], str]:
    """A guest stays in this room; their card, and what they carry."""
    customer, tag = await venue.comes()
    venue.stays(tag, room)
    return await venue.card(customer), tag


def learnt(venue: Listening) -> Any:
    """All that was learnt, as it is now."""
    return json.loads(json.dumps(venue.presence.learnt.document()))


# --- the whole way ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_after_twenty_greetings_a_room_the_next_is_told_in_the_right_one_also_after_a_restart_and_elsewhere(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path / "first", seed=3) as venue:
        assert await venue.right(3) < 0.8, "the loudest reader lies: else this test shows nothing"
        await venue.teaches(20)
        assert await venue.right(6) >= 0.95
        it = await venue.house.client("it")
        worth = await answered(it.get("/api/learnt"))
        assert sum(zone["labels"] for zone in worth["zones"]) == 60
        assert all(zone["right"] > 90 for zone in worth["zones"])
        document = await answered(it.get("/api/learnt/document"))
        said = json.dumps(document)
        assert not any(word in said for word in ("guest-", "epc:", "3034F10A", "anna", "Guest"))
        ahead = venue.house.ahead
        file, data = tmp_path / "rooms.json", venue.house.gateway.store.folder
        exported = await moments("learnt", "export", "--data", data, "--out", file)
        assert exported.code == 0, exported
        shown = await moments("learnt", "show", "--data", data)
        assert re.search(r"^terrace: \d+ % right in \d+ greetings$", shown.out, re.MULTILINE), shown
    async with listening(tmp_path / "first", seed=4, ahead=ahead) as venue:
        assert await venue.right(4) >= 0.9, "what was learnt is kept over a restart"
    async with listening(tmp_path / "another", seed=5) as venue:
        taken = await moments("learnt", "import", file, "--data", venue.house.gateway.store.folder)
        assert (taken.code, taken.out) == (0, "3 zones, known by 60 words of staff\n"), taken
        assert await venue.right(4) >= 0.9, "what was learnt goes along with the settings"


@pytest.mark.slow
async def test_one_label_in_ten_may_be_wrong(tmp_path: Path) -> None:
    async with listening(tmp_path, seed=11) as venue:
        await venue.teaches(20, wrong=0.1)
        assert await venue.right(6) >= 0.9


@pytest.mark.slow
async def test_a_reader_that_was_replaced_is_told_and_its_rooms_are_learnt_anew(tmp_path: Path) -> None:
    async with listening(tmp_path, seed=21) as venue:
        await venue.teaches(14)
        it = await venue.house.client("it")
        assert (await answered(it.get("/api/learnt")))["readers"] == []
        await venue.teaches(12, louder={"lounge": -16.0})
        changed = (await answered(it.get("/api/learnt")))["readers"]
        assert [(row["reader"], row["anew"]) for row in changed] == [("lounge", True)]
        assert -20 < changed[0]["db"] <= -8
        advice = {row["id"]: [each["kind"] for each in row["advice"]] for row in await answered(it.get("/api/readers"))}
        assert "learnt_anew" in advice["lounge"]
        assert "learnt_anew" not in advice["bar"]
        told = await moments("readers", "--data", venue.house.gateway.store.folder)
        assert "lounge: it hears -" in told.out, told
        assert "learnt anew" in told.out


# --- one act ----------------------------------------------------------------------------------------------------------


async def test_a_guest_is_seen_elsewhere_and_every_tablet_says_so_and_goes_on_saying_so(venue: Listening) -> None:
    card, tag = await is_here(venue, "bar")
    assert card["zone"] == "lounge", "the loudest reader lies"
    anna, before = await venue.staff(), venue.presence.learnt.version
    page, headers = f"/api/alerts/{card['alert']}", {"Authorization": f"Bearer {await venue.house.token('manager')}"}
    async with venue.house.tablet(headers) as mei:
        said = await answered(anna.post(f"{page}/seen", json={"zone": "bar"}))
        assert (said["zone"], said["card"]["zone"]) == ("bar", "bar")
        assert said["card"]["evidence"] == {"kind": "seen", "by": "anna", "from": "lounge"}
        moved = (await mei.expect("visit.moved", customer=card["customer"]))["data"]
        assert (moved["zone"], moved["evidence"]["by"], moved["reason"]) == ("bar", "anna", "seen there by staff")
    assert venue.presence.learnt.version == before + 1
    assert await answered(anna.post(f"{page}/seen", json={"zone": "bar"})), "said twice is said once"
    assert venue.presence.learnt.version == before + 1
    venue.stays(tag, "bar", 60.0)
    again = await answered(anna.get(page))
    assert (again["zone"], again["card"]["zone"]) == ("bar", "bar"), "readers that say otherwise do not take it back"
    venue.stays(tag, "terrace", 40.0, louder={"terrace": 8.0})
    venue.house.ahead += 300.0
    venue.stays(tag, "terrace", 20.0)
    assert (await answered(anna.get(page)))["zone"] == "terrace", "and who goes on is not held for ever"
    await answered(anna.post(f"{page}/close", json={"outcome": "greeted"}))
    await venue.goes()


async def test_a_greeting_in_a_zone_that_staff_have_said_teaches_nothing_more(venue: Listening) -> None:
    card, _ = await is_here(venue, "bar")
    anna, page = await venue.staff(), f"/api/alerts/{card['alert']}"
    elsewhere = next(room for room in ROOMS if room != card["zone"])
    await answered(anna.post(f"{page}/seen", json={"zone": elsewhere}))
    before = learnt(venue)
    await answered(anna.post(f"{page}/close", json={"outcome": "greeted"}))
    assert learnt(venue) == before
    await venue.goes()


async def test_a_card_is_closed_with_where_the_guest_really_was(venue: Listening) -> None:
    anna = await venue.staff()
    for outcome, closed_in in (("greeted", "terrace"), ("not_found", "lounge")):
        card, _ = await is_here(venue, "lounge")
        assert card["zone"] == "lounge"
        before = dict(venue.presence.learnt.said)
        body = {"outcome": outcome, "zone": "terrace"}
        closed = await answered(anna.post(f"/api/alerts/{card['alert']}/close", json=body))
        assert (closed["state"], closed["outcome"], closed["zone"]) == ("closed", outcome, closed_in)
        here = next(h for h in await answered(anna.get("/api/present")) if h["customer"] == card["customer"])
        assert here["zone"] == "terrace"
        after = venue.presence.learnt.said
        assert after["lounge", "terrace"] == before.get(("lounge", "terrace"), 0.0) + 1.0
        assert sum(after.values()) == sum(before.values()) + 1.0, "one act is one label"
        await venue.goes()


async def test_not_found_says_that_nobody_was_there(venue: Listening) -> None:
    card, _ = await is_here(venue, "lounge")
    before = dict(venue.presence.learnt.said)
    anna = await venue.staff()
    for _ in range(2):  # and closing twice says it once
        await answered(anna.post(f"/api/alerts/{card['alert']}/close", json={"outcome": "not_found"}))
    after = venue.presence.learnt.said
    assert after[card["zone"], ""] == before.get((card["zone"], ""), 0.0) + 1.0
    assert sum(after.values()) == sum(before.values()) + 1.0
    await venue.goes()


async def test_declined_and_what_is_closed_when_nobody_is_there_teach_nothing(venue: Listening) -> None:
    card, _ = await is_here(venue, "lounge")
    before, anna = learnt(venue), await venue.staff()
    await answered(anna.post(f"/api/alerts/{card['alert']}/close", json={"outcome": "declined"}))
    await venue.goes()
    gone = await anna.post(f"/api/alerts/{card['alert']}/seen", json={"zone": "bar"})
    assert gone.status_code == 409
    assert learnt(venue) == before


async def test_what_is_refused_or_not_written_down_teaches_nothing(
    venue: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    await venue.house.hire("ben")
    card, _ = await is_here(venue, "lounge")
    anna, ben = await venue.staff(), await venue.house.client("floor", "ben")
    it = await venue.house.client("it")
    page, before, version = f"/api/alerts/{card['alert']}", learnt(venue), venue.presence.learnt.version
    await answered(anna.post(f"{page}/claim"))
    assert (await ben.post(f"{page}/close", json={"outcome": "greeted"})).status_code == 409
    assert (await it.post(f"{page}/seen", json={"zone": "bar"})).status_code == 403
    nowhere = await anna.post(f"{page}/seen", json={"zone": "cellar"})
    assert (nowhere.status_code, nowhere.json()["detail"]) == (
        422, "zone: there is no zone 'cellar': bar, lounge, terrace",
    )  # fmt: skip
    assert (await anna.post(f"{page}/close", json={"outcome": "greeted", "zone": "cellar"})).status_code == 422

    async def full(_: object) -> None:
        raise DiskFull

    with monkeypatch.context() as patched:
        patched.setattr(venue.house.gateway.store, "write", full)
        assert (await anna.post(f"{page}/seen", json={"zone": "bar"})).status_code == 507
        assert (await anna.post(f"{page}/close", json={"outcome": "greeted"})).status_code == 507
    assert (learnt(venue), venue.presence.learnt.version) == (before, version)
    assert (await answered(anna.get(page)))["zone"] == "lounge"
    await answered(ben.post(f"{page}/seen", json={"zone": "terrace"}))  # whoever sees them may say so
    assert venue.presence.learnt.version == version + 1
    await answered(anna.post(f"{page}/close", json={"outcome": "greeted"}))
    await venue.goes()


async def test_what_is_read_back_from_the_records_teaches_nothing(venue: Listening) -> None:
    card, _ = await is_here(venue, "lounge")
    await answered((await venue.staff()).post(f"/api/alerts/{card['alert']}/close", json={"outcome": "greeted"}))
    gateway = venue.house.gateway
    await gateway.settle()
    gateway.keep_learnt()
    await gateway.store.write(lambda tx: None)
    kept, journal = learnt(venue), gateway.journal.sequence
    for _ in range(2):
        again = Memory(gateway.config, plan_of(gateway.config), gateway.store)
        restoring.restore(again, gateway.store.reader, venue.house.now())
        assert again.presence.learnt.document() == venue.presence.learnt.document()
    gateway.keep_learnt()
    assert (learnt(venue), gateway.journal.sequence) == (kept, journal), "what has not changed is not written again"
    await venue.goes()


async def test_a_tap_at_a_counter_says_where_the_phone_in_the_pocket_is(tmp_path: Path) -> None:
    name = {"zh-CN": "馆", "en": "House"}
    readers = [
        {"id": "till", "driver": "em4100", "link": "/nowhere/till", "role": "tap", "zone": "bar"},
        *({"id": r, "driver": "m100", "link": f"/nowhere/{r}", "role": "zone", "zone": r} for r in ROOMS),
    ]
    settings = config(zones=[{"id": room, "name": name} for room in ROOMS], readers=readers)
    async with listening(tmp_path, settings=settings) as venue:
        customer, tag = await venue.comes()
        boss = await venue.house.client("manager")
        fob = {"identifier": "em:0700C4A91E"}
        await answered(boss.post(f"/api/customers/{customer}/credentials", json=fob))
        venue.stays(tag, "bar")
        assert learnt(venue)["rooms"]["tags"] == {}
        venue.taps("till", fob["identifier"])
        rooms = learnt(venue)["rooms"]["tags"]
        assert list(rooms) == ["bar"]
        assert {reader for reader, _, _ in rooms["bar"][0]["levels"]} == set(ROOMS)
        assert learnt(venue)["said"] == [], "where somebody tapped, the tap itself has said"
        await venue.goes()
        other, _ = await venue.comes()
        await answered(boss.post(f"/api/customers/{other}/credentials", json={"identifier": "em:0700C4A91F"}))
        before = learnt(venue)
        venue.taps("till", "em:0700C4A91F")
        assert learnt(venue) == before, "of somebody whom no other reader hears, no room is learnt"


# --- documents --------------------------------------------------------------------------------------------------------


GOOD: dict[str, Any] = {
    "version": 1,
    "rooms": {"tags": {"bar": [{"weight": 3.0, "levels": [["bar", None, -60.0], ["lounge", None, -66.0]]}]}},
    "door": {"inside": [0, 0, 16], "outside": [0, 0, 16]},
    "said": [["bar", "bar", 3]],
    "changed": {},
}
SPOT = GOOD["rooms"]["tags"]["bar"][0]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "version"),
    ({**GOOD, "version": 7}, "version 7: expected 1"),
    ({**GOOD, "rooms": []}, "not a document of what a venue has learnt"),
    ({**GOOD, "rooms": {"tags": {"bar": [{**SPOT, "weight": 0}]}}}, "rooms.tags.bar.weight: 0: expected a number"),
    ({**GOOD, "rooms": {"tags": {"bar": [SPOT] * 99}}}, "rooms.tags.bar: 99 spots: expected 12 at most"),
    ({**GOOD, "rooms": {"tags": {"bar": [{**SPOT, "levels": [["bar", None, "loud"]]}]}}}, "'loud': expected a number"),
    ({**GOOD, "rooms": {"tags": {"cellar": [SPOT]}}}, "none of its zones and readers is of this venue"),
    ({**GOOD, "said": [["bar", "bar", -1]]}, "said: -1: expected a number"),
]


async def test_a_wrong_document_is_refused_in_words_and_changes_nothing(tmp_path: Path) -> None:
    async with listening(tmp_path / "data") as venue:
        it, data = await venue.house.client("it"), venue.house.gateway.store.folder
        assert await answered(it.put("/api/learnt/document", json=GOOD)) == learnt(venue)
        before = learnt(venue)
        assert [row["labels"] for row in (await answered(it.get("/api/learnt")))["zones"]] == [3, 0, 0]
        for document, why in WRONG:
            refused = await it.put("/api/learnt/document", json=document)
            assert refused.status_code == 422, document
            assert why in refused.json()["detail"]
        file = tmp_path / "rooms.json"
        for text, why in [(json.dumps(WRONG[1][0]), "version 7"), ("{", "not JSON"), ("[]", "expected an object")]:
            file.write_text(text)
            ended = await moments("learnt", "import", file, "--data", data)
            assert ended.code == 2, ended
            assert why in ended.err
        assert learnt(venue) == before
        floor = await venue.house.client("floor")
        assert (await floor.get("/api/learnt")).status_code == 403
        assert (await floor.put("/api/learnt/document", json=GOOD)).status_code == 403


async def test_a_damaged_document_is_told_and_learnt_anew_and_nothing_else_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(tmp_path) as venue:
        customer, _ = await venue.comes()
        it = await venue.house.client("it")
        await answered(it.put("/api/learnt/document", json=GOOD))
    damaged = {"rooms": {"version": 1, "rooms": {"tags": {"bar": [{"weight": "heavy"}]}}}, "because": "kept"}
    with opened(tmp_path, "house") as alone:
        alone.record([News("rooms.learnt", "house", damaged)])
    with caplog.at_level(logging.WARNING):
        async with listening(tmp_path) as venue:
            assert "what was learnt of the rooms cannot be read, and is learnt anew: " in caplog.text
            assert not any(learnt(venue)["rooms"].values())
            boss = await venue.house.client("manager")
            assert (await answered(boss.get(f"/api/customers/{customer}")))["name"] == customer.capitalize()
            await venue.greets("terrace")
            assert list(learnt(venue)["rooms"]["tags"]) == ["terrace"]


# --- a walk -----------------------------------------------------------------------------------------------------------


async def test_a_walk_teaches_the_rooms_where_who_walks_says_they_are(tmp_path: Path) -> None:
    async with listening(tmp_path, seed=31) as venue:
        it, tag = await venue.house.client("it"), "epc:30751FEB705C5904E3D50D70"
        assert (await it.post("/api/walk-test/here", json={"zone": "bar"})).status_code == 404
        begun = await it.post("/api/walk-test", json={"identifier": tag})
        assert begun.json()["taught"] == {}
        unheard = await it.post("/api/walk-test/here", json={"zone": "bar"})
        assert (unheard.status_code, unheard.json()["detail"]) == (
            409, "no reader of a zone has heard the test tag lately: nothing was learnt",
        )  # fmt: skip
        assert (await it.post("/api/walk-test/here", json={"zone": "cellar"})).status_code == 422
        for round_ in range(4):
            for room in ROOMS:
                venue.stays(tag, room, 12.0)
                walk = await answered(it.post("/api/walk-test/here", json={"zone": room}))
                assert walk["taught"][room] == round_ + 1
        assert venue.presence.here() == [], "nobody arrives by a test tag"
        kept = await answered(it.delete("/api/walk-test"))
        assert "taught" not in kept
        assert tag[4:] not in json.dumps(learnt(venue))
        worth = await answered(it.get("/api/learnt"))
        assert all(zone["spots"] and not zone["labels"] for zone in worth["zones"])
        assert await venue.right(4) >= 0.9, "newcomers are told right who nobody was ever greeted before"
