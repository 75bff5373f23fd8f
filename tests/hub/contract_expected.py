"""Who is expected where, who is lent because of it, and what the hub itself writes: with every store."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.hub.expecting import HOUR_MS, Expected, Wish
from gateway.hub.problems import HubProblem
from gateway.hub.store import HubStore
from tests.hub.contract import NOW, joined, keys, lent, tail, take, types, what
from tests.hub.stranger import Journal

DINNER = NOW + 30 * HOUR_MS
TABLE = Expected("e-1", "chen@flagship", "terrace", DINNER, DINNER + 2 * HOUR_MS, "table 4", "birthday")


async def terrace(store: HubStore, scope: str = "expected") -> Journal:
    """Chen of the flagship is of brand aurelia; the terrace is of another, and wants whom it expects."""
    journal = await lent(store)
    await joined(store, "terrace", brand="borealis")
    await store.welcome("terrace", "borealis", NOW, Wish(scope))
    return journal


async def told(store: HubStore, venue: str, brand: str = "brand/borealis") -> list[tuple[str, str]]:
    return what(await tail(store, venue, brand)) + what(await tail(store, venue, "urgent"))


class ExpectedContract:
    """The cases; a subclass has a fixture ``store``."""

    async def test_who_is_expected_is_lent_around_that_time_and_to_that_venue_alone(self, store: HubStore) -> None:
        await terrace(store)
        await store.expect([TABLE], "lina", NOW)
        await store.pulse(DINNER - 25 * HOUR_MS)
        assert await told(store, "terrace") == []
        await store.pulse(DINNER - 23 * HOUR_MS)
        assert await told(store, "terrace") == [("lend", "chen@flagship")]
        [item] = await tail(store, "terrace", "brand/borealis")
        told_of = {"customer.enrolled", "preference.recorded", "consent.granted", "expected.recorded"}
        assert set(types(item["rows"])) == told_of
        await store.pulse(DINNER + 25 * HOUR_MS)
        assert await told(store, "terrace") == [("lend", "chen@flagship")]
        await store.pulse(DINNER + 27 * HOUR_MS)
        assert ("recall", "chen@flagship") in await told(store, "terrace")
        assert ("recall", "chen@flagship") not in await told(store, "lounge", "brand/aurelia")

    async def test_a_stop_that_was_said_in_another_venue_reaches_their_own_and_holds_until_a_grant_names_it(
        self, store: HubStore
    ) -> None:
        flagship = await lent(store)
        lounge = Journal("lounge")
        lounge.keys["chen@flagship"] = flagship.key("chen")
        stop = lounge.stop("chen@flagship")
        await take(store, lounge)
        for items in (await tail(store, "flagship"), (await store.snapshot("brand/aurelia", "flagship"))[0]):
            rows = [item["row"] for item in items if item["kind"] == "event" and item.get("row")]
            assert types(rows) == ["consent.revoked"]
        assert ("recall", "chen@flagship") in what(await tail(store, "lounge", "urgent"))
        before = len(flagship.rows)
        flagship.share("chen")  # by a screen that does not know of it
        await keys(store, flagship, "chen")
        await take(store, flagship, before)
        assert what(await tail(store, "lounge")) == []
        before = len(flagship.rows)
        flagship.share("chen", lifts=[stop])
        await take(store, flagship, before)
        assert ("lend", "chen@flagship") in what(await tail(store, "lounge"))

    async def test_what_is_written_meanwhile_reaches_who_expects_them(self, store: HubStore) -> None:
        journal = await terrace(store)
        await store.expect([TABLE], "lina", NOW)
        await store.pulse(DINNER)
        journal.prefers("chen", "window seat")
        await take(store, journal, after=3)
        assert await told(store, "terrace") == [("lend", "chen@flagship"), ("event", "chen@flagship")]

    async def test_the_announcement_is_told_to_the_venue_that_may_know_and_to_no_other(self, store: HubStore) -> None:
        await terrace(store)
        await store.expect([TABLE._replace(venue="lounge")], "lina", NOW)
        assert what(await tail(store, "lounge", "house")) == [("event", "chen@flagship")]
        assert await tail(store, "terrace", "house") == []
        assert await tail(store, "flagship", "house") == []
        items, _, _ = await store.snapshot("brand/aurelia", "lounge")
        assert "expected.recorded" in types(items[0]["rows"])
        await joined(store, "bar")
        items, _, _ = await store.snapshot("brand/aurelia", "bar")
        assert "expected.recorded" not in types(items[0]["rows"])

    async def test_at_home_too_they_are_announced(self, store: HubStore) -> None:
        await terrace(store)
        await store.expect([TABLE._replace(venue="flagship")], "lina", NOW)
        assert what(await tail(store, "flagship", "house")) == [("event", "chen@flagship")]

    async def test_cancelled_is_over_and_nobody_is_lent(self, store: HubStore) -> None:
        await terrace(store)
        await store.expect([TABLE], "lina", NOW)
        await store.pulse(DINNER)
        assert await store.cancel_expected("e-1", "lina", NOW)
        assert not await store.cancel_expected("e-1", "lina", NOW)
        await store.pulse(DINNER)
        assert ("recall", "chen@flagship") in await told(store, "terrace")
        assert await store.expected("", NOW, DINNER + HOUR_MS) == []

    async def test_a_stop_ends_what_an_expectation_lent(self, store: HubStore) -> None:
        journal = await terrace(store)
        await store.expect([TABLE], "lina", NOW)
        await store.pulse(DINNER)
        journal.stop("chen")
        await take(store, journal, after=3)
        assert ("recall", "chen@flagship") in await told(store, "terrace")
        await store.pulse(DINNER)
        snapshot: list[Any] = (await store.snapshot("brand/borealis", "terrace"))[0]
        assert snapshot == []

    async def test_who_is_not_known_to_the_house_is_expected_nowhere_and_none_of_the_list_is(
        self, store: HubStore
    ) -> None:
        await terrace(store)
        for wrong in (TABLE._replace(id="e-2", customer="wu@flagship"), TABLE._replace(id="e-2", venue="nowhere")):
            with pytest.raises(HubProblem) as refused:
                await store.expect([TABLE, wrong], "lina", NOW)
            assert refused.value.code == "not-yours"
        assert await store.expected("", NOW, DINNER + HOUR_MS) == []

    async def test_a_venue_that_wants_only_whom_it_expects_is_not_lent_its_brand(self, store: HubStore) -> None:
        journal = await lent(store)
        assert await store.welcome("lounge", "aurelia", NOW, Wish("expected"))
        assert (await store.snapshot("brand/aurelia", "lounge"))[0] == []
        await keys(store, journal, "wu")
        journal.enrol("wu")
        journal.share("wu")
        await take(store, journal, after=3)
        assert (await store.snapshot("brand/aurelia", "lounge"))[0] == []
        assert not await store.welcome("lounge", "aurelia", NOW, Wish("expected"))
        assert await store.welcome("lounge", "aurelia", NOW, Wish("both"))
        assert len((await store.snapshot("brand/aurelia", "lounge"))[0]) == 2

    async def test_the_hubs_own_rows_are_a_chain_like_everybodys(self, store: HubStore) -> None:
        await terrace(store)
        await store.expect([TABLE], "lina", NOW)
        await store.expect([TABLE._replace(id="e-2")], "lina", NOW)
        have = await store.have("maison", store.life)
        assert have is not None
        found, _ = await store.own_rows("maison", store.life, 0, 500)
        before = await store.hash_before("maison", store.life, 0)
        from gateway.hub import rows

        assert before is not None
        again = rows.batch("maison", store.life, 0, before, [row.wire() for row in found])
        assert (len(again), again[-1].hash) == (2, have.hash)

    async def test_what_another_wrote_of_a_customer_reaches_their_own_venue(self, store: HubStore) -> None:
        await lent(store)
        other = Journal("lounge")
        other.keys["chen@flagship"] = other.key("chen@flagship")
        other.write("preference.recorded", "chen@flagship", {"value": "by the lounge"})
        await take(store, other)
        assert what(await tail(store, "flagship")) == [("event", "chen@flagship")]
