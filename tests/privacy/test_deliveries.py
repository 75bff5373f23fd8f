"""What left for partners, held against what was agreed: on a day that was played, and where something is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.core import sharing
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.operations import partners, webhooks
from tests.console.served import Served, served
from tests.console.test_partners import ANNA, SECRET, agrees, begins, records, settings, settled, stops
from tests.operations.receiver import Receiver
from tests.privacy.test_report import TOML, checked
from tests.reader_drivers.readers import until

pytestmark = pytest.mark.timeout(180)  # each report is a process of its own

PARTNERS = """
[[partners]]
id = "spa"
name = { zh-CN = "水疗", en = "Bund Spa" }
country = "CN"
data = ["preferences.food", "preferences.drink"]
[[webhooks]]
name = "spa"
url = "http://127.0.0.1:9/"
partner = "spa"
"""


@pytest.fixture
def spa(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_SPA", SECRET)
    monkeypatch.setattr(webhooks, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(webhooks, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(partners, "LONGEST_WAIT", 0.1)
    with Receiver(SECRET.encode()) as receiver:
        yield receiver


@pytest.fixture
async def house(tmp_path: Path, spa: Receiver) -> AsyncIterator[Served]:
    (tmp_path / "venue.toml").write_text(TOML + PARTNERS, encoding="utf-8")
    async with served(tmp_path / "data", settings(spa)) as there:
        yield there


async def played(house: Served, spa: Receiver) -> str:
    """Somebody agrees, a fact is put right, and they stop; the id of the fact that was wrong."""
    await begins(house)
    wrong = await records(house, ANNA, "food", "Dumplings")
    await agrees(house, ANNA)
    await until(lambda: spa.events)
    await settled(house)
    await records(house, ANNA, "food", "Noodles", corrects=[wrong])
    await until(lambda: len(spa.events) == 2)
    await settled(house)
    return wrong


async def leaves(house: Served, **other: Any) -> str:
    """A body is written down as leaving for the spa; the id of its event."""
    anna = house.whose(ANNA)
    data = {
        "customer": anna, "recipient": "spa", "about": [], "ended": [], "data": ["preferences.food"],
        "members": list(sharing.MEMBERS), "stop": False, "state": "ab" * 32, **other,
    }  # fmt: skip
    await house.gateway.record([News("person.passing_on", anna, data, "spa")], "gateway")
    await house.gateway.settle()
    every = house.gateway.journal.of_customer(anna, 50, type="person.passing_on")
    return next(str(event.id) for event in every if event.data == data)


async def state(house: Served, number: int) -> tuple[str, str, list[str]]:
    row = (await checked(house, "--only", str(number)))[number]
    return row["state"], row["words"]["en"], list(row["evidence"])


async def test_what_was_played_passes_by_the_bodies_that_left(house: Served, spa: Receiver) -> None:
    assert (await state(house, 28))[0] == "unproven"
    await played(house, spa)
    for number, said in ((13, "each of 2 bodies"), (16, "each of 1 corrections"), (28, "each of 2 bodies")):
        found, words, _ = await state(house, number)
        assert (found, said in words) == ("pass", True), (number, words)
    await stops(house, ANNA)
    await until(lambda: len(spa.events) == 3)
    await settled(house)
    assert (await state(house, 13))[0] == "pass", "what left before the stop was agreed to then"


async def test_a_body_that_nobody_agreed_to_fails_by_number(house: Served, spa: Receiver) -> None:
    await played(house, spa)
    beyond = await leaves(house, data=["preferences.food", "preferences.seat"])
    found, _, evidence = await state(house, 13)
    assert (found, evidence) == ("fail", [beyond])


async def test_a_body_after_the_stop_fails(house: Served, spa: Receiver) -> None:
    await played(house, spa)
    await stops(house, ANNA)
    await until(lambda: len(spa.events) == 3)
    late = await leaves(house)
    found, _, evidence = await state(house, 13)
    assert (found, evidence) == ("fail", [late])


@pytest.mark.parametrize("fault", ["name", "health", "kind"])
async def test_a_body_with_what_does_not_belong_in_it_fails(house: Served, spa: Receiver, fault: str) -> None:
    await played(house, spa)
    if fault == "name":
        planted = await leaves(house, members=[*sharing.MEMBERS, "name"])
    else:
        more = {"polarity": "allergy"} if fault == "health" else {}
        about = await records(house, ANNA, "food" if fault == "health" else "gift", "Prawns", **more)
        planted = await leaves(house, about=[about])
    found, _, evidence = await state(house, 28)
    assert (found, evidence) == ("fail", [planted])


async def test_a_correction_that_the_partner_has_not_answered_fails_and_says_since_when(
    house: Served, spa: Receiver
) -> None:
    await played(house, spa)
    spa.answer = lambda _: 503
    anna = house.whose(ANNA)
    (wrong,) = [each["id"] for each in spa.events[-1]["data"]["facts"] if each["value"] == "Noodles"]
    await records(house, ANNA, "food", "Rice", corrects=[wrong], id=new_id(house.now()))
    await until(lambda: len(spa.tries) > 2)
    found, words, evidence = await state(house, 16)
    (event,) = house.gateway.journal.of_customer(anna, 1, type="preference.recorded")
    assert (found, evidence) == ("fail", [event.id])
    assert f"spa ({iso(event.time)[:10]})" in words
