"""What every store of the hub does, whichever database is below it; a fixture ``store`` says which."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from gateway.hub import signing_in
from gateway.hub.bundles import DataKey
from gateway.hub.feeds import URGENT
from gateway.hub.members import Box
from gateway.hub.problems import HubProblem
from gateway.hub.store import HubStore
from gateway.hub.taking import From, Taken
from gateway.hub.wire import Message, octets
from gateway.joined.darkness import dark
from tests.hub.stranger import Journal

NOW = 1_796_000_000_000
DAY = 86_400_000
BRAND = "brand/aurelia"


async def joined(store: HubStore, venue: str, brand: str = "aurelia", now: int = NOW) -> Box:
    """A box of a venue that is of the house."""
    from gateway.hub import invitations

    secret = await store.members.invite(venue, "venue", brand, now)
    sign, open_ = venue.encode().ljust(32, b"s"), venue.encode().ljust(32, b"o")
    proof = invitations.proof(secret, venue, "venue", sign, open_)
    id_ = invitations.id_of(secret)
    box = await store.members.join(id_, proof, venue, "venue", "a box", sign, open_, now)
    await store.welcome(venue, brand, now)
    return box


async def take(
    store: HubStore, journal: Journal, after: int = 0, upto: int | None = None, *, before: bytes | None = None,
    now: int = NOW, rows: list[Message] | None = None,
) -> Taken:  # fmt: skip
    """Sends what a journal holds behind ``after``."""
    sender = From(
        f"box-{journal.origin}", journal.origin, journal.epoch, journal.parent if any(journal.parent) else None
    )
    wires = journal.dark[after:upto] if rows is None else rows
    return await store.take(sender, after, journal.hash_at(after) if before is None else before, wires, now)


async def keys(store: HubStore, journal: Journal, *customers: str, now: int = NOW) -> None:
    """Gives the hub the keys of customers."""
    await store.wraps.put_keys(journal.origin, [DataKey(each, *journal.key(each)) for each in customers], now)


async def tail(store: HubStore, venue: str, feed: str = BRAND, after: int = 0) -> list[Message]:
    """The items of a feed for a venue, read to its end."""
    items: list[Message] = []
    head = (await store.heads()).get(feed)
    while head is not None and after < head.number:
        for said in await store.tail(feed, venue, after):
            items += said.items
            after = said.number
    return items


def what(items: list[Message]) -> list[tuple[str, str]]:
    return [(item["kind"], item["customer"]) for item in items]


def types(rows: list[Message]) -> list[str]:
    return [json.loads(row["head"])[5] for row in rows]


async def lent(store: HubStore, *, expires: str | None = None) -> Journal:
    """A customer of the flagship whom the lounge may know, with a preference."""
    await joined(store, "flagship")
    await joined(store, "lounge")
    journal = Journal("flagship")
    await keys(store, journal, "chen")
    journal.enrol("chen")
    journal.prefers("chen", "still water")
    journal.share("chen", expires=expires)
    await take(store, journal)
    return journal


class StoreContract:
    """The cases; a subclass has a fixture ``store``."""

    # --- rows ---------------------------------------------------------------------------------------------------------

    async def test_rows_are_stored_once_however_often_they_come(self, store: HubStore) -> None:
        journal = Journal("flagship")
        for number in range(5):
            journal.enrol(f"c-{number}")
        taken = await take(store, journal, upto=3)
        assert (taken.position, taken.hash, taken.stored, taken.known) == (3, journal.hash_at(3), 3, 0)
        again = await take(store, journal, upto=3)
        assert (again.position, again.stored, again.known) == (3, 0, 3)
        rest = await take(store, journal, after=1)
        assert (rest.position, rest.stored, rest.known) == (5, 2, 2)
        found, more = await store.own_rows("flagship", 1, 0, 500)
        assert [row.wire() for row in found] == journal.rows
        assert more == 0

    async def test_a_row_that_is_not_its_hash_stores_nothing_of_its_batch(self, store: HubStore) -> None:
        journal = Journal("flagship")
        for number in range(4):
            journal.enrol(f"c-{number}")
        wires = [dict(row) for row in journal.rows]
        raw = bytearray(base64.b64decode(wires[2]["sealed"]))
        raw[-1] ^= 1
        wires[2]["sealed"] = base64.b64encode(bytes(raw)).decode()
        with pytest.raises(HubProblem) as refused:
            await take(store, journal, rows=wires)
        assert (refused.value.code, refused.value.members["position"]) == ("chain", 3)
        assert await store.have("flagship", 1) is None
        assert (await take(store, journal)).stored == 4

    async def test_a_hole_says_from_where_to_send_again(self, store: HubStore) -> None:
        journal = Journal("flagship")
        for number in range(4):
            journal.enrol(f"c-{number}")
        await take(store, journal, upto=1)
        with pytest.raises(HubProblem) as refused:
            await take(store, journal, after=2)
        assert refused.value.code == "hole"
        assert refused.value.members["have"] == {"epoch": 1, "position": 1, "hash": journal.hash_at(1).hex()}

    async def test_another_history_is_a_fork_and_both_are_kept(self, store: HubStore) -> None:
        journal, copy = Journal("flagship"), Journal("flagship")
        journal.enrol("c-1")
        copy.rows, copy.dark = list(journal.rows), list(journal.dark)
        journal.enrol("c-2")
        journal.enrol("c-3")
        copy.enrol("c-4")
        copy.enrol("c-5")
        copy.enrol("c-6")
        await take(store, journal)
        for after in (0, 1, 2, 3):
            with pytest.raises(HubProblem) as refused:
                await take(store, copy, after=after)
            assert refused.value.code == "fork"
            assert refused.value.members["have"]["position"] == 3
        after_it = Journal("flagship", 2, parent=copy.hash)
        after_it.enrol("c-7")
        assert (await take(store, after_it)).stored == 1
        assert (await store.have("flagship", 1), await store.have("flagship", 2)) == (
            (3, journal.hash), (1, after_it.hash),
        )  # fmt: skip

    async def test_an_epoch_that_begins_otherwise_than_it_says_is_refused(self, store: HubStore) -> None:
        journal = Journal("flagship")
        journal.enrol("c-1")
        with pytest.raises(HubProblem) as refused:
            await store.take(From("box", "flagship", 1, b"p" * 32), 0, journal.beginning, journal.rows, NOW)
        assert refused.value.code == "chain"

    async def test_a_clock_a_year_ahead_is_taken_as_five_minutes_and_no_row_is_refused(self, store: HubStore) -> None:
        journal = Journal("flagship")
        journal.ahead_s = 365 * 86_400
        journal.enrol("c-1")
        journal.enrol("c-2")
        import time

        now = int(time.time() * 1000)
        taken = await take(store, journal, now=now)
        assert taken.stored == 2
        assert taken.effective == [(1, now + 300_000 << 16), (2, now + 300_000 << 16)]

    async def test_many_writers_at_once_leave_no_hole_in_a_feed(self, store: HubStore) -> None:
        venues = [f"venue-{number}" for number in range(6)]
        for venue in (*venues, "lounge"):
            await joined(store, venue)
        journals = [Journal(venue) for venue in venues]

        async def write(journal: Journal) -> None:
            await keys(store, journal, "chen")
            journal.enrol("chen")
            journal.share("chen")
            for number in range(10):
                journal.prefers("chen", f"water {number}")
            for after in range(0, journal.position, 3):
                await take(store, journal, after=after, upto=after + 3)

        seen: list[Message] = []
        writing = asyncio.gather(*map(write, journals))
        at = 0
        while not writing.done() or at < (await store.heads())[BRAND].number:
            for said in await store.tail(BRAND, "lounge", at):
                assert said.after == at
                seen += said.items
                at = said.number
            await asyncio.sleep(0)
        await writing
        told = {(row["position"], item["origin"]) for item in seen for row in item.get("rows", [item.get("row")])}
        assert told == {(position, venue) for venue in venues for position in range(1, 13)}

    # --- who is told --------------------------------------------------------------------------------------------------

    async def test_who_agreed_is_lent_whole_and_what_comes_after_is_told(self, store: HubStore) -> None:
        journal = await lent(store)
        items = await tail(store, "lounge")
        assert what(items) == [("lend", "chen@flagship")]
        assert types(items[0]["rows"]) == ["customer.enrolled", "preference.recorded", "consent.granted"]
        journal.prefers("chen", "window seat")
        journal.write("visit.arrived", "chen", {})
        await take(store, journal, after=3)
        number = items[0]["number"]
        later = await tail(store, "lounge", after=number)
        assert what(later) == [("event", "chen@flagship")]
        assert later[0]["row"] == journal.rows[3]
        assert await tail(store, "flagship") == []

    async def test_without_consent_nothing_is_told_to_anybody(self, store: HubStore) -> None:
        await joined(store, "flagship")
        await joined(store, "lounge")
        journal = Journal("flagship")
        await keys(store, journal, "chen")
        journal.enrol("chen")
        journal.prefers("chen", "still water")
        await take(store, journal)
        assert await tail(store, "lounge") == []
        assert await store.snapshot(BRAND, "lounge") == ([], [], "")

    async def test_another_brand_is_told_nothing(self, store: HubStore) -> None:
        await joined(store, "cabin", "borealis")
        await lent(store)
        assert await tail(store, "cabin") == []
        assert await tail(store, "cabin", "brand/borealis") == []

    async def test_a_stop_recalls_and_the_hub_destroys_what_it_had(self, store: HubStore) -> None:
        journal = await lent(store)
        journal.stop("chen")
        await take(store, journal, after=3)
        assert what(await tail(store, "lounge", URGENT)) == [("recall", "chen@flagship")]
        assert await tail(store, "lounge") == []
        assert await store.wraps.keys_for(["chen@flagship"]) == []
        found, _ = await store.own_rows("flagship", 1, 0, 500)
        assert [row.text for row in found] == ["", "", "", ""]
        assert found[-1].hash == journal.hash

    async def test_a_stop_that_the_hub_cannot_read_is_one(self, store: HubStore) -> None:
        journal = await lent(store)
        del journal.keys["chen"]
        journal.stop("chen")
        await take(store, journal, after=3)
        assert what(await tail(store, "lounge", URGENT)) == [("recall", "chen@flagship")]

    async def test_a_stop_for_one_brand_recalls_from_that_brand_alone(self, store: HubStore) -> None:
        await joined(store, "cabin", "borealis")
        journal = await lent(store)
        journal.brand = "borealis"
        journal.enrol("chen")
        journal.prefers("chen", "window seat")
        await take(store, journal, after=3)
        journal.prefers("chen", "a blanket")
        await take(store, journal, after=5)
        assert {kind for kind, _ in what(await tail(store, "cabin", "brand/borealis"))} == {"lend", "event"}
        journal.write("consent.revoked", "chen", {"purpose": "share_houses", "brand": "borealis"})
        journal.write("consent.granted", "chen", {"purpose": "share_houses", "brand": "aurelia"})
        await take(store, journal, after=6)
        assert what(await tail(store, "cabin", URGENT)) == [("recall", "chen@flagship")]
        assert await tail(store, "cabin", "brand/borealis") == []
        assert await store.snapshot("brand/borealis", "cabin") == ([], [], "")

    async def test_a_stop_out_of_turn_counts_at_once_and_once(self, store: HubStore) -> None:
        journal = await lent(store)
        for number in range(4):
            journal.prefers("chen", f"backlog {number}")
        journal.stop("chen")
        sender = From("box-flagship", "flagship", 1)
        await store.ahead(sender, [journal.rows[-1]], NOW)
        await store.ahead(sender, [journal.rows[-1]], NOW)
        assert what(await tail(store, "lounge", URGENT)) == [("recall", "chen@flagship")]
        await take(store, journal, after=3)
        assert what(await tail(store, "lounge", URGENT)) == [("recall", "chen@flagship")]
        assert (await store.have("flagship", 1)) == (8, journal.hash)

    async def test_only_what_ends_at_once_goes_ahead(self, store: HubStore) -> None:
        journal = await lent(store)
        journal.prefers("chen", "something else")
        with pytest.raises(HubProblem) as refused:
            await store.ahead(From("box-flagship", "flagship", 1), [journal.rows[-1]], NOW)
        assert refused.value.code == "not-yours"

    async def test_a_grant_that_does_not_know_of_the_stop_lends_nothing(self, store: HubStore) -> None:
        journal = await lent(store)
        journal.share("chen")
        journal.stop("chen")
        await take(store, journal, after=3)
        await keys(store, journal, "chen")
        journal.share("chen")
        await take(store, journal, after=5)
        sender = From("box-flagship", "flagship", 1)
        await store.reveal(sender, journal.rows, NOW)
        assert await tail(store, "lounge") == []
        assert await store.snapshot(BRAND, "lounge") == ([], [], "")

    async def test_who_agrees_again_is_lent_again_after_a_reveal(self, store: HubStore) -> None:
        journal = await lent(store)
        stop = journal.stop("chen")
        await take(store, journal, after=3)
        before = (await store.heads())[BRAND].number
        journal.share("chen", lifts=[stop])
        await keys(store, journal, "chen")
        await take(store, journal, after=4)
        await store.reveal(From("box-flagship", "flagship", 1), journal.rows[:4], NOW)
        items = await tail(store, "lounge", after=before)
        assert {kind for kind, _ in what(items)} == {"lend"}
        assert len(items[-1]["rows"]) == 5

    async def test_what_was_blanked_is_kept_dark_for_its_own_venue_and_may_be_opened_again(
        self, store: HubStore
    ) -> None:
        journal = await lent(store)
        stop = journal.stop("chen")
        sender = From("box-flagship", "flagship", 1)
        hidden = [
            dark(bytes(32), row["position"], row["head"], octets(row["sealed"], "sealed"), bytes.fromhex(row["hash"]))
            for row in journal.rows
        ]
        await store.conceal(sender, hidden[:1], NOW)
        assert len((await store.snapshot(BRAND, "lounge"))[0]) == 1, "what is open stays so"
        await take(store, journal, after=3)
        forged = [{**hidden[1], "hash": hidden[0]["hash"]}]
        for wires in (forged, journal.rows[:1], [{**hidden[0], "position": 9}]):
            with pytest.raises(HubProblem) as refused:
                await store.conceal(sender, wires, NOW)
            assert refused.value.code == "chain"
        await store.conceal(sender, hidden, NOW)
        rows, _ = await store.own_rows("flagship", 1, 0, 100)
        assert [row.wire() for row in rows] == hidden
        journal.share("chen", lifts=[stop])
        await keys(store, journal, "chen")
        await take(store, journal, after=4)
        await store.reveal(sender, journal.rows[:4], NOW)
        rows, _ = await store.own_rows("flagship", 1, 0, 100)
        assert [row.wire() for row in rows] == journal.rows

    async def test_dark_rows_widen_by_keys_and_reveal(self, store: HubStore) -> None:
        await joined(store, "flagship")
        await joined(store, "lounge")
        journal = Journal("flagship")
        journal.enrol("chen", dark=True)
        journal.prefers("chen", "still water", dark=True)
        journal.share("chen", dark=True)
        await take(store, journal)
        assert await tail(store, "lounge") == []
        sender = From("box-flagship", "flagship", 1)
        forged = [{**journal.rows[0], "sealed": journal.rows[1]["sealed"]}]
        with pytest.raises(HubProblem) as refused:
            await store.reveal(sender, forged, NOW)
        assert refused.value.code == "chain"
        await keys(store, journal, "chen")
        await store.reveal(sender, journal.rows, NOW)
        assert [len(item["rows"]) for item in await tail(store, "lounge")] == [3]

    async def test_keys_that_come_after_the_rows_lend_too(self, store: HubStore) -> None:
        await joined(store, "flagship")
        await joined(store, "lounge")
        journal = Journal("flagship")
        journal.enrol("chen")
        journal.share("chen")
        await take(store, journal)
        assert await tail(store, "lounge") == []
        await keys(store, journal, "chen")
        assert what(await tail(store, "lounge")) == [("lend", "chen@flagship")]

    async def test_a_consent_that_ends_by_its_date_is_recalled(self, store: HubStore) -> None:
        await lent(store, expires="2026-12-10T00:00:00Z")
        end = 1_796_860_800_000
        assert await store.pulse(end - 1) == 0
        assert await tail(store, "lounge", URGENT) == []
        assert await store.pulse(end) == 1
        assert what(await tail(store, "lounge", URGENT)) == [("recall", "chen@flagship")]
        assert await store.pulse(end) == 0

    async def test_a_venue_that_joins_later_is_lent_whom_the_brand_knows(self, store: HubStore) -> None:
        await lent(store)
        await joined(store, "spa")
        items, customers, after = await store.snapshot(BRAND, "spa")
        assert (what(items), customers, after) == ([("lend", "chen@flagship")], ["chen@flagship"], "")

    async def test_what_a_borrower_records_reaches_home(self, store: HubStore) -> None:
        journal = await lent(store)
        lounge = Journal("lounge")
        lounge.keys["chen@flagship"] = journal.key("chen")
        lounge.prefers("chen@flagship", "window seat")
        await take(store, lounge)
        assert await tail(store, "lounge", after=1) == []
        items, _, _ = await store.snapshot(BRAND, "lounge")
        assert len(items[0]["rows"]) == 3

    async def test_a_customer_who_was_never_lent_is_not_this_venues(self, store: HubStore) -> None:
        await lent(store)
        await joined(store, "cabin", "borealis")
        cabin = Journal("cabin")
        cabin.erase("chen@flagship")
        with pytest.raises(HubProblem) as refused:
            await take(store, cabin)
        assert refused.value.code == "not-yours"
        with pytest.raises(HubProblem) as refused:
            await keys(store, cabin, "chen@flagship")
        assert refused.value.code == "not-yours"

    async def test_two_records_of_one_person_are_known_where_both_may(self, store: HubStore) -> None:
        journal = await lent(store)
        journal.enrol("also-chen")
        journal.write("customer.merged", "chen", {"merge": "m1", "other": "also-chen"})
        await keys(store, journal, "also-chen")
        await take(store, journal, after=3)
        assert what(await tail(store, "lounge", URGENT)) == [("recall", "chen@flagship")]

    async def test_a_merge_that_is_undone_lends_as_before(self, store: HubStore) -> None:
        journal = await lent(store)
        journal.write("customer.merged", "chen", {"merge": "m1", "other": "also-chen"})
        journal.write("customer.unmerged", "chen", {"merge": "m1", "other": "also-chen"})
        await take(store, journal, after=3)
        assert await tail(store, "lounge", URGENT) == []
        assert await tail(store, "lounge") != []

    # --- erasure ------------------------------------------------------------------------------------------------------

    async def test_an_erasure_is_everywhere_and_says_where_it_was_done(self, store: HubStore) -> None:
        journal = await lent(store)
        erasure = journal.erase("chen")
        await take(store, journal, after=3, now=NOW + 5)
        (item,) = await tail(store, "lounge", URGENT)
        assert (item["kind"], item["customer"]) == ("erase", "chen@flagship")
        assert await tail(store, "lounge") == []
        assert await store.wraps.keys_for(["chen@flagship"]) == []
        facts = await store.receipt(erasure)
        assert facts is not None
        done = {place: done_at for place, _, done_at, _ in facts["places"]}
        assert done == {"flagship": NOW + 5, "lounge": None, "hub": NOW + 5, "backup": None}
        await store.applied("box-lounge", "lounge", URGENT, item["number"], NOW + 9)
        facts = await store.receipt("chen@flagship")
        assert facts is not None
        assert {place: done_at for place, _, done_at, _ in facts["places"]}["lounge"] == NOW + 9

    async def test_what_comes_later_of_who_was_erased_is_kept_as_digests(self, store: HubStore) -> None:
        journal = await lent(store)
        journal.erase("chen")
        await take(store, journal, after=3)
        lounge = Journal("lounge")
        lounge.keys["chen@flagship"] = journal.key("chen")
        lounge.prefers("chen@flagship", "window seat")
        assert (await take(store, lounge)).stored == 1
        (row,), _ = await store.own_rows("lounge", 1, 0, 500)
        assert (row.text, row.sealed, row.hash) == ("", b"", lounge.hash)
        await keys(store, journal, "chen")
        assert await store.wraps.keys_for(["chen@flagship"]) == []

    async def test_an_erasure_out_of_turn_outruns_the_backlog(self, store: HubStore) -> None:
        journal = await lent(store)
        for number in range(3):
            journal.prefers("chen", f"backlog {number}")
        erasure = journal.erase("chen")
        await store.ahead(From("box-flagship", "flagship", 1), [journal.rows[-1]], NOW)
        assert what(await tail(store, "lounge", URGENT)) == [("erase", "chen@flagship")]
        await take(store, journal, after=3)
        assert what(await tail(store, "lounge", URGENT)) == [("erase", "chen@flagship")]
        found, _ = await store.own_rows("flagship", 1, 0, 500)
        assert [bool(row.text) for row in found] == [False] * 6 + [True]
        assert await store.receipt(erasure) is not None

    async def test_the_same_id_again_is_a_new_person(self, store: HubStore) -> None:
        journal = await lent(store)
        journal.erase("chen")
        journal.enrol("chen")
        journal.prefers("chen", "tea")
        await take(store, journal, after=3)
        found, _ = await store.own_rows("flagship", 1, 0, 500)
        assert [bool(row.text) for row in found] == [False, False, False, True, True, True]
        await keys(store, journal, "chen")
        journal.share("chen")
        await take(store, journal, after=6)
        told = {tuple(types(item["rows"])) for item in await tail(store, "lounge")}
        assert told == {("customer.enrolled", "preference.recorded", "consent.granted")}

    async def test_keys_are_sealed_anew_or_need_not_be(self, store: HubStore) -> None:
        journal = await lent(store)
        journal.enrol("li")
        await keys(store, journal, "li")
        journal.erase("chen")
        await take(store, journal, after=3)
        if not await store.is_rewrap_due():
            with pytest.raises(PermissionError, match="dark at once"):
                await store.wraps.rewrap(NOW)
            return
        assert await store.wraps.rewrap(NOW + 7) == 1
        assert [each.key for each in await store.wraps.keys_for(["li@flagship"])] == [journal.key("li")[1]]
        facts = await store.receipt("chen@flagship")
        assert facts is not None
        assert facts["dark_at"] == NOW + 7
        assert not await store.is_rewrap_due()

    # --- feeds --------------------------------------------------------------------------------------------------------

    async def test_a_feed_knows_its_own_numbers_and_no_others(self, store: HubStore) -> None:
        await lent(store)
        head = (await store.heads())[BRAND]
        assert await store.is_ours(BRAND, head.number, head.hash)
        assert await store.is_ours(BRAND, 0, bytes(32))
        assert not await store.is_ours(BRAND, head.number, bytes(32))
        assert not await store.is_ours(BRAND, head.number + 1, head.hash)

    async def test_who_was_away_longer_than_feeds_are_kept_takes_a_snapshot(self, store: HubStore) -> None:
        journal = await lent(store)
        first = (await store.heads())[BRAND]
        journal.prefers("chen", "window seat")
        await take(store, journal, after=3, now=NOW + 61 * DAY)
        assert await store.prune(NOW + DAY) == 1
        assert await store.is_ours(BRAND, first.number, first.hash)
        assert not await store.is_ours(BRAND, 0, bytes(32))
        journal.prefers("chen", "aisle seat")
        await take(store, journal, after=4, now=NOW + 62 * DAY)
        assert await store.prune(NOW + 62 * DAY) == 1
        assert not await store.is_ours(BRAND, first.number, first.hash)
        items, _, _ = await store.snapshot(BRAND, "lounge")
        assert len(items[0]["rows"]) == 5

    async def test_more_than_one_message_holds_comes_in_parts(self, store: HubStore) -> None:
        await joined(store, "flagship")
        await joined(store, "lounge")
        journal = Journal("flagship")
        await keys(store, journal, "chen")
        journal.enrol("chen")
        journal.share("chen")
        for number in range(14):
            journal.prefers("chen", f"{number} " + "x" * 100_000)
        await take(store, journal)
        parts = await store.tail(BRAND, "lounge", 0)
        assert len(parts) > 2
        assert max(len(json.dumps(part.items)) for part in parts) < 1 << 20
        assert [part.number for part in parts[:-1]] == [0] * (len(parts) - 1)
        assert parts[-1].number == 1
        rows = [row for part in parts for item in part.items for row in item["rows"]]
        assert rows == journal.rows

    # --- members ------------------------------------------------------------------------------------------------------

    async def test_an_invitation_lets_one_box_in_and_says_why_not(self, store: HubStore) -> None:
        from gateway.hub import invitations

        members = store.members
        secret = await members.invite("flagship", "venue", "aurelia", NOW)
        id_, sign, open_ = invitations.id_of(secret), b"s" * 32, b"o" * 32
        right = invitations.proof(secret, "flagship", "venue", sign, open_)

        async def refused(**other: Any) -> str:
            said = {"invitation": id_, "proof": right, "venue": "flagship", "role": "venue", "name": "", "sign": sign,
                    "open_": open_, "now_ms": NOW, **other}  # fmt: skip
            with pytest.raises(HubProblem) as problem:
                await members.join(**said)
            assert problem.value.code == "invitation"
            return str(problem.value)

        assert "none of this hub" in await refused(invitation="0" * 16)
        assert "not proved" in await refused(proof=bytes(32))
        assert "not proved" in await refused(venue="lounge")
        assert "15 minutes" in await refused(now_ms=NOW + 900_000)
        box = await members.join(id_, right, "flagship", "venue", "", sign, open_, NOW)
        assert (box.venue, box.brand) == ("flagship", "aurelia")
        assert await members.join(id_, right, "flagship", "venue", "", sign, open_, NOW) == box
        assert "used already" in await refused(sign=b"t" * 32)

    async def test_the_first_of_two_with_one_key_stays(self, store: HubStore) -> None:
        box = await joined(store, "flagship")
        first = await store.members.begin(box, "boot-1", "", NOW)
        with pytest.raises(HubProblem) as refused:
            await store.members.begin(box, "boot-2", "", NOW + 9_000)
        assert refused.value.code == "box-twice"
        assert (await store.members.session(first, NOW + 9_000)).box.id == box.id
        second = await store.members.begin(box, "boot-2", "", NOW + 10_001)
        with pytest.raises(HubProblem) as refused:
            await store.members.heard(await store.members.session(first, NOW + 10_002), NOW + 10_002)
        assert refused.value.code == "box-twice"
        await store.members.gone(await store.members.session(second, NOW + 10_003))
        assert await store.members.begin(box, "boot-3", "", NOW + 10_004)

    async def test_a_link_that_ended_while_all_were_said_to_be_heard_keeps_nobody_out(self, store: HubStore) -> None:
        box = await joined(store, "flagship")
        first = await store.members.session(await store.members.begin(box, "boot-1", "", NOW), NOW)
        await store.members.all_heard([(first.hash, box.id)], NOW + 9_000)
        with pytest.raises(HubProblem):
            await store.members.begin(box, "boot-2", "", NOW + 12_000)
        await store.members.gone(first)
        await store.members.all_heard([(first.hash, box.id)], NOW + 13_000)
        assert await store.members.begin(box, "boot-2", "", NOW + 13_001)

    async def test_a_revoked_box_is_out_and_a_token_ends(self, store: HubStore) -> None:
        box = await joined(store, "flagship")
        token = await store.members.begin(box, "boot", "", NOW)
        with pytest.raises(HubProblem) as refused:
            await store.members.session(token, NOW + signing_in.SESSION_S * 1000)
        assert refused.value.code == "session"
        assert await store.members.revoke(box.id, NOW)
        assert not await store.members.revoke(box.id, NOW)
        assert await store.members.revoked() == {box.id}
        for code, attempt in (("session", store.members.session(token, NOW)),
                              ("box-revoked", store.members.begin(box, "boot", "", NOW))):  # fmt: skip
            with pytest.raises(HubProblem) as refused:
                await attempt
            assert refused.value.code == code

    async def test_what_it_is_told_has_a_beginning_and_an_end(self, store: HubStore) -> None:
        told = store.members.told
        assert await told("flagship", "fork", {"en": "!"}, NOW, over=True) is None
        assert await told("flagship", "fork", {"en": "!"}, NOW, over=False) == (NOW, {"en": "!"})
        assert await told("flagship", "fork", {"en": "!"}, NOW + 5, over=False) is None
        assert await store.members.stands() == {"flagship": ["fork"]}
        assert await told("flagship", "fork", {}, NOW + 9, over=True) == (NOW, {"en": "!"})
        assert await store.members.stands() == {}
