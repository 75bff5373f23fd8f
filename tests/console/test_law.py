"""The law of tablets, scene by scene: who took every event holds what a fresh snapshot says."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.event import GATEWAY, News
from gateway.events.times import iso, new_id
from gateway.recognition.moments import Moment
from reader_drivers import Sighting
from reader_drivers.simulated import SimulatedEm4100
from tests.console import round_scenes as s
from tests.console.day import Day, hold, morning, night, venue
from tests.console.monday import every_number_is_its_list
from tests.console.served import served

pytestmark = [pytest.mark.asyncio(loop_scope="function"), pytest.mark.timeout(300)]

TAG, CHIP, COPY = "epc:3034F10A5C0E400000000042", "E280116060000204A1B2C3D4", "E280116060000204FFFFFFFF"
ANOTHER_DAY = {"customer.merged", "customer.unmerged"}
"""After these every tablet is told the whole state, and so is who was away."""
NOT_TODAY = ANOTHER_DAY | {
    "expected.missed",
    "walk.ended", "tablet.revoked", "reader.quiet", "limit.reached", "webhook.ended", "records.damaged",
    "quarantine.ended", "token.limited", "lent.changed", "lent.ended",
    "suggestion.done", "suggestion.dismissed",
}  # fmt: skip
"""What no screen keeps, shows as it shows a lost reader, or no house has without a hub (``tests/joined``)."""


# --- the scenes ------------------------------------------------------------------------------------------------------


async def they_come(day: Day) -> None:
    await day.does("mei", "POST", "customers/hale/preferences", category="drink", value="Longjing")
    await day.does("mei", "POST", "customers/hale/preferences", category="food", value="peanuts", polarity="allergy")
    await day.reads("counter", "chen", "hale")
    await day.later(2)


async def somebody_is_at_the_door(day: Day) -> None:
    now = day.house.now()
    for customer in ("sato", "okafor"):
        hint = Moment(
            "hinted", day.house.whose(customer), new_id(now), None, now, now, 0.6, "heard outside", {"kind": "reads"}
        )
        day.house.gateway.moment(hint, now)


async def hints_are_over(day: Day) -> None:
    await day.later(130)


async def they_are_looked_after(day: Day) -> None:
    await day.does("anna", "POST", f"alerts/{day.alert('chen')}/claim")
    await day.does("ben", "POST", f"visits/{day.visit('chen')}/companions", count=2)
    await day.does("anna", "POST", f"alerts/{day.alert('chen')}/close", outcome="greeted", note="by the window")


async def one_is_handed_over(day: Day) -> None:
    alert = day.alert("hale")
    await day.does("anna", "POST", f"alerts/{alert}/claim")
    await day.does("anna", "POST", f"alerts/{alert}/release")
    await day.later(1)
    await day.does("ben", "POST", f"alerts/{alert}/claim")
    await day.does("ben", "POST", f"alerts/{alert}/hand-over", to="anna")


async def one_is_seen_elsewhere(day: Day) -> None:
    await day.does("ben", "POST", f"alerts/{day.alert('hale')}/seen", zone="lounge")
    await day.does("anna", "POST", f"alerts/{day.alert('hale')}/seen", zone="bar")


async def and_not_taken(day: Day) -> None:
    await day.later(50)


async def they_are_asked(day: Day) -> None:
    asked = await day.does("anna", "POST", f"visits/{day.visit('hale')}/asks", question="lunch")
    await day.does("ben", "POST", f"asks/{asked['id']}/answer", answer="fish")
    await day.does("ben", "POST", f"asks/{asked['id']}/served")
    await day.does("ben", "POST", f"visits/{day.visit('chen')}/asks", question="seat")


async def much_is_promised(day: Day) -> None:
    soon = iso(day.house.now() + 300)
    scarf = await day.does("anna", "POST", "customers/hale/promises", text="the scarf", owner="anna", due=soon)
    await day.does("anna", "POST", f"customers/hale/promises/{scarf['id']}/hand-over", to="ben")
    kept = await day.does("anna", "POST", "customers/hale/promises", text="a call")
    await day.does("anna", "POST", f"customers/hale/promises/{kept['id']}/close")
    cold = await day.does("ben", "POST", "customers/chen/complaints", text="cold tea", recovery_cost={"amount": 5})
    await day.does("mei", "POST", f"customers/chen/complaints/{cold['id']}/hand-over", to="mei")
    await day.does("mei", "POST", "customers/sato/promises", text="a taxi", due=soon)
    await day.later(2)


async def and_much_is_learnt(day: Day) -> None:
    tea = await day.does("anna", "POST", "customers/hale/preferences", category="drink", value="Oolong")
    await day.does("anna", "POST", "customers/hale/preferences", category="drink", value="Assam", corrects=tea["id"])
    await day.does("ben", "POST", "customers/hale/preferences", category="seat", value="quiet", scope="one_off")
    await day.does("ben", "POST", f"customers/hale/preferences/{tea['id']}/served")
    await day.does("ben", "POST", "customers/okafor/preferences", category="drink", value="water", polarity="avoid")


async def the_catalogue_grows(day: Day) -> None:
    labels = {"zh-CN": "本店茶", "en": "House tea"}
    await day.does("mei", "PUT", "catalogue/values/drink.house_tea", labels=labels, offer=True)
    await day.does("anna", "POST", "customers/hale/preferences", category="drink", value="house tea")
    await day.does("mei", "DELETE", "catalogue/values/drink.house_tea")


async def they_wish(day: Day) -> None:
    await day.does("anna", "POST", "customers/hale/wishes", wishes=["no_name"])
    await day.does("anna", "POST", "customers/chen/wishes", wishes=["do_not_disturb"])


async def and_change_their_minds(day: Day) -> None:
    await day.does("anna", "POST", "customers/hale/wishes", wishes=[])
    facts = {"name": "Hale-Smith", "address_as": "Dr Hale", "tier": "gold", "associate": "ben"}
    await day.does("mei", "PUT", "customers/hale", **facts, birthday="02-29")
    await day.does("mei", "PUT", "customers/chen", name="Chen Wei", wishes=["anonymous"])


async def friends_meet(day: Day) -> None:
    await day.does("mei", "PUT", "customers/sato", name="Sato", meets=["okafor"])
    await day.does("mei", "PUT", "customers/okafor", name="Okafor", meets=["sato"])
    await day.reads("counter", "sato")
    await day.later(1)
    await day.reads("sofa", "okafor")
    await day.later(1)


async def one_is_promised_something(day: Day) -> None:
    await day.does("anna", "POST", "customers/okafor/promises", text="a table outside")


async def and_given_it(day: Day) -> None:
    [promise] = (await day.does("mei", "GET", "customers/okafor"))["promises"]
    await day.does("anna", "POST", f"customers/okafor/promises/{promise['id']}/close")


async def a_friend_wants_no_name(day: Day) -> None:
    await day.does("anna", "POST", "customers/okafor/wishes", wishes=["no_name"])


async def they_move_about(day: Day) -> None:
    await day.later(30)
    await day.reads("sofa", "hale", "sato")
    await day.later(30)
    await day.reads("counter", "hale")
    await day.later(1)


async def they_wait(day: Day) -> None:
    await day.later(320)


async def consent_ends(day: Day) -> None:
    await day.does("mei", "POST", "customers/hale/consents", purpose="keep_preferences", method="paper")
    await day.does("mei", "DELETE", "customers/hale/consents/keep_preferences")


async def they_are_asked_what_they_agree_to(day: Day) -> None:
    for act in ("asked", "refused"):
        await day.does("mei", "POST", "customers/hale/consents", purpose="recognise_phone", act=act, method="spoken")
    texts = {"zh-CN": "您的手机来到时我们认得出。", "en": "We know your phone when it comes."}
    await day.does("mei", "POST", "notices", id="recognise_phone", texts=texts)


async def and_begins_again(day: Day) -> None:
    await day.does("mei", "POST", "customers/hale/consents", purpose="keep_preferences", method="paper")


async def a_tag_may_be_a_copy(day: Day) -> None:
    await day.does("mei", "POST", "customers/hale/credentials", identifier=TAG, tid=CHIP, label="keys")
    for chip in (CHIP, COPY, COPY, COPY):
        await day.later(1)
        day.house.gateway.see(Sighting("counter", None, TAG, -50, None, day.house.now(), tid=chip))
    assert day.house.whose("hale") in day.house.gateway.memory.doubts


async def and_was_mended(day: Day) -> None:
    await day.does("mei", "POST", "customers/hale/credentials", identifier=TAG, tid=COPY, label="keys")
    assert day.house.whose("hale") not in day.house.gateway.memory.doubts


async def and_given_back(day: Day) -> None:
    held = await day.does("mei", "GET", "customers/hale")
    keys = next(each for each in held["credentials"] if each["label"] == "keys")
    await day.does("mei", "DELETE", f"customers/hale/credentials/{keys['id']}")


async def people_work(day: Day) -> None:
    facts = {"roles": ["floor"], "languages": ["en", "zh-CN"]}
    await day.does("mei", "PUT", "staff/cleo", name="Cleo", **facts)
    await day.does("mei", "POST", "staff/cleo/shift", zones=["lounge"], until=iso(day.house.now() + 20))
    await day.does("mei", "PUT", "staff/anna", name="Anna Maria", roles=["floor"], zones=["bar"])
    await day.later(25)
    await day.does("mei", "PUT", "staff/cleo", name="Cleopatra", **facts)


async def shifts_end(day: Day) -> None:
    await day.does("mei", "DELETE", "staff/ben/shift", hand_to="anna")
    await day.does("anna", "DELETE", "staff/anna/shift")
    await day.does("mei", "POST", "staff/anna/shift", zones=["bar", "lounge"])


async def one_leaves_the_house(day: Day) -> None:
    fact = await day.does("mei", "POST", "staff/cleo/shift")
    assert fact["on_shift"]
    await day.does("mei", "DELETE", "staff/cleo")


async def they_leave(day: Day) -> None:
    await day.does("anna", "POST", f"visits/{day.visit('hale')}/review", satisfaction=4, about="person")
    await day.reads("way-out", "hale", "sato")
    await day.later(200)
    assert day.house.gateway.memory.presence.where(day.house.whose("hale")) is None


async def and_come_back(day: Day) -> None:
    await day.reads("counter", "hale")
    await day.later(2)


async def an_alert_waits(day: Day) -> None:
    await day.reads("counter", "li")
    await day.later(130)


async def a_card_is_rated(day: Day) -> None:
    alert = day.alert("li")
    await day.does("mei", "POST", f"alerts/{alert}/claim")
    await day.does("mei", "POST", f"alerts/{alert}/rate", useful=True)
    await day.does("mei", "POST", f"alerts/{alert}/close", outcome="not_found")
    await day.does("mei", "POST", f"alerts/{alert}/rate", useful=False)


async def one_is_met(day: Day) -> None:
    await day.reads("counter", "sato")
    await day.later(2)
    alert = day.alert("sato")
    await day.does("anna", "POST", f"alerts/{alert}/claim")
    for met in (True, False, True):
        await day.does("anna", "POST", f"alerts/{alert}/met", met=met)


async def it_was_somebody_else(day: Day) -> None:
    wrong = {"outcome": "wrong_person", "note": "a boy of twelve"}
    await day.does("anna", "POST", f"alerts/{day.alert('sato')}/close", **wrong)
    await day.later(200)
    await day.reads("counter", "sato")
    await day.later(2)
    [said] = await day.does("it", "GET", "mistakes")
    await day.does("it", "POST", f"mistakes/{said['id']}/settle", because="it_was_them")


async def two_are_one(day: Day) -> None:
    await day.does("anna", "POST", "customers/sato/promises", text="a taxi")
    nuts = {"category": "food", "value": "walnuts", "polarity": "allergy"}
    await day.does("anna", "POST", "customers/sato/preferences", **nuts)
    await day.does("anna", "POST", f"visits/{day.visit('sato')}/asks", question="lunch")
    await day.does("mei", "POST", "customers/hale/merge", other="sato")


async def and_are_spoken_of_as_one(day: Day) -> None:
    page = await day.does("mei", "GET", "customers/sato")
    assert page["id"] == "hale"
    await day.does("anna", "POST", f"customers/sato/promises/{page['promises'][0]['id']}/close")
    await day.does("anna", "POST", f"customers/sato/preferences/{page['preferences'][0]['id']}/served")
    await day.does("anna", "POST", "customers/sato/wishes", wishes=["no_name"])
    await day.does("mei", "POST", "customers/sato/consents", purpose="keep_preferences", method="paper")
    await day.does("mei", "DELETE", "customers/hale/consents/keep_preferences")
    await day.reads("sofa", "sato")
    await day.later(2)


async def and_two_again(day: Day) -> None:
    [part] = (await day.does("mei", "GET", "customers/hale/record"))["parts"]
    await day.does("mei", "POST", "customers/hale/unmerge", merge=part["merge"])
    await day.reads("counter", "sato")
    await day.later(2)


async def another_alone_goes_on(day: Day) -> None:
    await day.does("anna", "POST", f"alerts/{day.alert('sato')}/claim")
    await day.does("mei", "POST", "customers/okafor/merge", other="sato")
    await day.later(2)
    await day.does("mei", "DELETE", "customers/sato")


async def one_is_forgotten(day: Day) -> None:
    await day.does("mei", "DELETE", "customers/okafor")
    await day.does("mei", "DELETE", "customers/li/consents/recognise_tag")


async def somebody_is_new(day: Day) -> None:
    await day.does("mei", "PUT", "customers/rossi", name="Rossi", associate="anna")
    complaint = await day.does("anna", "POST", "customers/rossi/complaints", text="no table")
    cost = {"amount": 80, "currency": "CNY"}
    await day.does("mei", "POST", f"customers/rossi/complaints/{complaint['id']}/close", recovery_cost=cost)


async def readers_come_and_go(day: Day) -> None:
    it = day.tablets["it"]
    async with SimulatedEm4100(day.folder / "counter"):
        await it.expect("reader.back", reader="counter")
    await it.expect("reader.lost", reader="counter", state="lost")


async def the_house_is_drawn(day: Day) -> None:
    room = {"zone": "bar", "x": 0, "y": 0, "w": 6, "h": 4}
    await day.does("mei", "PUT", "plan", width=12, height=8, zones=[room], readers=[{"reader": "sofa", "x": 1, "y": 2}])
    gateway = day.house.gateway
    gateway.note([News("tablet.paired", "house", {"tablet": "t", "name": "bar", "hash": "00", "paired_by": "mei"})])


SCENES = (
    somebody_is_at_the_door, hints_are_over, they_come, one_is_handed_over, and_not_taken, one_is_seen_elsewhere,
    they_are_looked_after,
    they_are_asked, s.places_are_told, s.guests_are_expected, s.they_sit, s.a_round_begins, s.much_is_ordered,
    s.the_galley_looks, s.something_is_learnt_late, s.they_are_served, much_is_promised, and_much_is_learnt,
    the_catalogue_grows, they_wish, and_change_their_minds,
    friends_meet,
    one_is_promised_something, and_given_it, a_friend_wants_no_name, they_move_about, they_wait, consent_ends,
    they_are_asked_what_they_agree_to, and_begins_again, a_tag_may_be_a_copy, and_was_mended, and_given_back,
    people_work, shifts_end,
    one_leaves_the_house, they_leave, and_come_back, an_alert_waits, a_card_is_rated, one_is_met,
    it_was_somebody_else, one_is_forgotten,
    somebody_is_new, s.the_round_is_over, readers_come_and_go, the_house_is_drawn,
)  # fmt: skip


async def test_who_took_every_event_holds_what_a_fresh_snapshot_says(tmp_path: Path) -> None:
    async with served(tmp_path / "data", venue(tmp_path)) as house, AsyncExitStack() as stack:
        day = await morning(house, tmp_path, stack)
        for scene in SCENES:
            await scene(day)
            await day.check(scene.__name__.replace("_", " "))
        await night(day, stack)
        week = await every_number_is_its_list(house)
        assert week["orders"]["despite"] == 1
    came = {event["type"] for tablet in day.tablets.values() for event in tablet.events}
    assert {type_ for type_, row in CATALOGUE.items() if row.to} - came <= NOT_TODAY, "the day has a scene for it"


async def test_the_law_holds_where_two_are_one_and_two_again(tmp_path: Path) -> None:
    async with served(tmp_path / "data", venue(tmp_path)) as house, AsyncExitStack() as stack:
        day = await morning(house, tmp_path, stack)
        await they_come(day)
        await day.reads("counter", "sato")
        await day.later(2)
        for scene in (two_are_one, and_are_spoken_of_as_one, and_two_again, another_alone_goes_on):
            await scene(day)
            await day.check(scene.__name__.replace("_", " "))
        await hold(day.written(), day.folder)
    came = {event["type"] for tablet in day.tablets.values() for event in tablet.events}
    assert came >= ANOTHER_DAY


async def test_a_visit_that_goes_on_is_told_with_what_is_known(tmp_path: Path) -> None:
    async with served(tmp_path / "data", venue(tmp_path)) as house, AsyncExitStack() as stack:
        day = await morning(house, tmp_path, stack)
        await they_come(day)
        gateway, arrived = house.gateway, await day.tablets["anna"].expect("visit.arrived", customer="hale")
        await gateway.store.write(lambda tx: None)  # what recognition brought is told before it is written
        hale = house.whose("hale")
        facts = next(e.data for e in gateway.journal.of_customer(hale) if e.type == "visit.arrived")
        for resumed in (True, False):
            went_on = gateway.journal.event(News("visit.moved", hale, {**facts, "resumed": resumed}), GATEWAY, 0.0)
            sent = gateway.names.told(gateway.renderer.sent(went_on))
            assert [sent.get(name) for name in ("preferences", "asks")] == (
                [arrived["data"]["preferences"], []] if resumed else [None, None]
            )
