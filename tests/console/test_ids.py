"""An id that a client chooses takes nothing from anybody: the same again is the first answer, anything else is 409."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.events.times import new_id
from tests.console.served import FOB, Served, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio

OTHER_FOB = "em:0700C4B9EE"
PREFERENCE = {"category": "drink", "value": "tea"}


async def two_guests(house: Served) -> dict[str, str]:
    """Two customers who are here, with their visits, and two who serve."""
    await house.hire("anna", "ben")
    await house.enrol("chen")
    await house.enrol("lin", OTHER_FOB)
    house.tap(FOB)
    house.tap(OTHER_FOB)
    return {house.gateway.names.outside(here.customer): here.visit for here in house.gateway.memory.presence.here()}


@pytest.mark.parametrize(
    ("what", "body", "others"),
    [
        ("preferences", PREFERENCE, [{"value": "rum"}, {"polarity": "avoid"}, {"basis": "observed"}]),
        ("promises", {"text": "a seat"}, [{"text": "a bed"}, {"owner": "ben"}, {"due": "2099-01-01T00:00:00Z"}]),
        (
            "complaints",
            {"text": "cold soup", "recovery_cost": {"amount": 5}},
            [{"text": "hot soup"}, {"owner": "ben"}, {"recovery_cost": {"amount": 6}}],
        ),
    ],
)
async def test_the_same_again_is_the_first_answer_and_anything_else_is_shown_what_is_there(
    tmp_path: Path, what: str, body: dict[str, Any], others: list[dict[str, Any]]
) -> None:
    async with served(tmp_path) as house:
        await two_guests(house)
        anna, ben = await house.client("floor", "anna"), await house.client("floor", "ben")
        said, at = {"id": new_id(), **body}, f"/api/customers/chen/{what}"
        first = await anna.post(at, json=said)
        told = house.gateway.journal.sequence
        again = await anna.post(at, json=said)
        assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
        refused = [await anna.post(at, json={**said, **other}) for other in others]
        refused += [await ben.post(at, json=said), await anna.post(f"/api/customers/lin/{what}", json=said)]
        assert [(r.status_code, r.json()["existing"]) for r in refused] == [(409, first.json())] * len(refused)
        assert house.gateway.journal.sequence == told


async def test_what_was_handed_on_and_closed_is_still_known_as_it_was_made(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await two_guests(house)
        anna = await house.client("floor", "anna")
        said, at = {"id": new_id(), "text": "cold soup"}, "/api/customers/chen/complaints"
        await answered(anna.post(at, json=said))
        await answered(anna.post(f"{at}/{said['id']}/hand-over", json={"to": "ben"}))
        await answered(anna.post(f"{at}/{said['id']}/close", json={"recovery_cost": {"amount": 5}}))
        again = await answered(anna.post(at, json=said))
        assert (again["state"], again["owner"]) == ("closed", "ben")
        for other in ({"owner": "ben"}, {"recovery_cost": {"amount": 5}}):
            assert (await anna.post(at, json={**said, **other})).status_code == 409, other


@pytest.mark.parametrize("what", ["preferences", "promises", "complaints", "asks"])
async def test_of_many_who_choose_one_id_at_once_one_has_it(tmp_path: Path, what: str) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "preferences": PREFERENCE, "promises": {"text": "a seat"}, "complaints": {"text": "soup"},
        "asks": {"question": "tea"},
    }  # fmt: skip
    async with served(tmp_path) as house:
        visits = await two_guests(house)
        said = {"id": new_id(), **bodies[what]}
        at = [
            f"/api/visits/{visit}/asks" if what == "asks" else f"/api/customers/{c}/{what}"
            for c, visit in visits.items()
        ]
        clients = [await house.client("floor", who) for who in ("anna", "ben")]
        got = await asyncio.gather(*(client.post(path, json=said) for client in clients for path in at))
        assert sorted(r.status_code for r in got) == [201, 409, 409, 409]
        made = next(r.json() for r in got if r.status_code == 201)
        for refused in (r.json() for r in got if r.status_code == 409):
            assert refused.get("existing", refused.get("ask")) == made


async def test_a_question_sent_again_after_the_visit_is_the_first_answer(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        visits = await two_guests(house)
        anna, boss = await house.client("floor", "anna"), await house.client("manager")
        said = {"id": new_id(), "question": "lunch"}
        first = await answered(anna.post(f"/api/visits/{visits['chen']}/asks", json=said))
        await answered(boss.delete("/api/customers/chen/consents/recognise_tag"))
        again = await anna.post(f"/api/visits/{visits['chen']}/asks", json=said)
        assert (again.status_code, again.json()) == (201, first)
        for client, visit, question in ((boss, "chen", "lunch"), (anna, "chen", "dinner"), (anna, "lin", "lunch")):
            other = await client.post(f"/api/visits/{visits[visit]}/asks", json={**said, "question": question})
            assert (other.status_code, other.json()["ask"]) == (409, first)
