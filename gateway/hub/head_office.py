"""What head office sees and does: venues, people over all of them, duplicates, leavers, erasures, who is expected.

Each look at a customer is an event of the hub itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.events import times
from gateway.events.event import HOUSE
from gateway.hub import leaving, names, people, receipts
from gateway.hub.database import Tx, first
from gateway.hub.deciding import merged_with
from gateway.hub.expecting import Expected
from gateway.hub.own_keys import OwnKeys
from gateway.hub.own_rows import Own, OwnRows
from gateway.hub.people import Person
from gateway.hub.problems import HubProblem
from gateway.hub.store import HubStore
from gateway.hub.wire import Unfit, said_epoch, text
from gateway.settings.hub import HubConfig

HEARD_MS = 25_000
"""A box that was heard within so long counts as connected."""
MOST_PEOPLE = 5_000
"""Customers among whom duplicates and a leaver's are looked for in one answer."""
MOST_EXPECTED = 2_000
DAY_MS = 86_400_000
COLUMNS = ("customer", "venue", "place", "from", "until", "note")


class HeadOffice:
    """Answers for head office, from one store."""

    def __init__(self, store: HubStore, keys: OwnKeys, config: HubConfig) -> None:
        self._store = store
        self._keys = keys
        self._config = config

    # --- venues and boxes ---------------------------------------------------------------------------------------------

    async def venues(self, now_ms: int) -> list[dict[str, Any]]:
        """Every venue with a box that counts: whether it is connected, how far behind, and what IT is told of it."""

        async def query(tx: Tx) -> tuple[list[tuple[Any, ...]], dict[str, dict[str, str]]]:
            return await tx.all("SELECT origin, epoch, heard_at FROM cursors ORDER BY heard_at"), await names.every(tx)

        epochs: dict[str, list[tuple[Any, ...]]] = {}
        cursors, called = await self._store.read(query)
        for row in cursors:
            epochs.setdefault(row[0], []).append(row)
        stands = await self._store.members.stands()
        found: dict[str, dict[str, Any]] = {}
        for box in await self._store.members.boxes():
            if box.revoked is not None or box.role != "venue":
                continue
            of = epochs.get(box.venue, [])
            newest = found.get(box.venue)
            if newest is not None and newest["heard_at"] and box.heard <= times.seconds(newest["heard_at"]) * 1000:  # type: ignore[operator]
                continue
            found[box.venue] = {
                "venue": box.venue,
                "name": called.get(box.venue),
                "brand": box.brand,
                "connected": box.heard > now_ms - HEARD_MS,
                "behind": box.behind,
                "heard_at": _iso(box.heard or None),
                "build": box.build,
                "epoch": said_epoch(of[-1][1]) if of else None,
                "forks": max(0, len(of) - 1),
                "skew_s": box.skew_ms / 1000,
                "told": stands.get(box.venue, []),
            }
        return [found[venue] for venue in sorted(found)]

    async def boxes(self) -> list[dict[str, Any]]:
        """Every box there ever was."""
        return [
            {"box": box.id, "venue": box.venue, "role": box.role, "brand": box.brand, "build": box.build,
             "joined": _iso(box.joined), "heard_at": _iso(box.heard or None), "revoked": _iso(box.revoked)}
            for box in await self._store.members.boxes()
        ]  # fmt: skip

    # --- people -------------------------------------------------------------------------------------------------------

    async def people(self, search: str, after: str, by: str, now_ms: int) -> dict[str, Any]:
        """A page of the people whom the house may know, and the id to go on from; that it was looked at is written."""
        found, more = await self._page(after)
        shown = [people.shown(each, self._config.hub.id) for each in found if people.matches(each, search)]

        async def does(tx: Tx, own: OwnRows) -> None:
            await own.write([Own("customers.searched", self._config.hub.id, {"shown": len(shown), "by": by})])

        await self._store.write(does, by, now_ms)
        return {"people": shown, "after": more}

    async def look(self, customer: str, by: str, now_ms: int) -> dict[str, Any]:
        """All of one person, and an event that says who looked; raises HubProblem where the house may not know them."""
        found = await self._person(customer)

        async def does(tx: Tx, own: OwnRows) -> None:
            await own.write([Own("customer.viewed", found.id, {"customer": found.id, "by": by}, found.id)])

        await self._store.write(does, by, now_ms)
        return people.whole(found, self._config.hub.id)

    async def duplicates(self, by: str, now_ms: int) -> list[dict[str, Any]]:
        """Pairs that may be one person, and why; both are looked at."""
        pairs = people.alike(await self._everybody())
        seen = {each.id for one, other, _ in pairs for each in (one, other)}

        async def does(tx: Tx, own: OwnRows) -> None:
            await own.write([Own("customer.viewed", id_, {"customer": id_, "by": by}, id_) for id_ in sorted(seen)])

        if seen:
            await self._store.write(does, by, now_ms)
        hub = self._config.hub.id
        return [
            {"kept": people.shown(one, hub), "other": people.shown(other, hub), "because": why}
            for one, other, why in pairs
        ]

    async def merge(self, kept: str, other: str, by: str, now_ms: int) -> dict[str, Any]:
        """Two records are one person from now on; raises HubProblem where they are already, or are not known."""
        one, two = await self._person(kept), await self._person(other)
        if one.id == two.id:
            raise HubProblem("already")
        merge = times.new_id(now_ms / 1000)

        async def does(tx: Tx, own: OwnRows) -> None:
            data = {"customer": one.id, "merge": merge, "other": two.id, "visit": None}
            await own.write([Own("customer.merged", one.id, data, one.id)])

        await self._store.write(does, by, now_ms)
        return {"merge": merge, "kept": one.id, "other": two.id}

    async def unmerge(self, merge: str, by: str, now_ms: int) -> None:
        """They are two people after all; raises HubProblem where there is no such merge."""

        async def does(tx: Tx, own: OwnRows) -> None:
            row = await first(tx, "SELECT kept, other FROM merges WHERE id = ? AND undone = 0", merge)
            if row is None:
                raise HubProblem("unknown", what="merge")
            data = {"customer": row[0], "merge": merge, "other": row[1]}
            await own.write([Own("customer.unmerged", row[0], data, row[0])])

        await self._store.write(does, by, now_ms)

    async def _person(self, customer: str) -> Person:
        async def query(tx: Tx) -> Person | None:
            return await people.person(tx, self._keys, customer)

        found = await self._store.read(query)
        if found is None:
            raise HubProblem("unknown", what="customer")
        return found

    async def _page(self, after: str) -> tuple[list[Person], str]:
        async def query(tx: Tx) -> tuple[list[Person], str]:
            return await people.page(tx, self._keys, after)

        return await self._store.read(query)

    async def _everybody(self) -> list[Person]:
        every, after = await self._page("")
        while after and len(every) < MOST_PEOPLE:
            more, after = await self._page(after)
            every += more
        if after:
            raise HubProblem("many", most=MOST_PEOPLE)
        return every

    # --- erasures and leavers -----------------------------------------------------------------------------------------

    async def erase(self, customer: str, by: str, now_ms: int) -> dict[str, Any]:
        """Erases a person everywhere, all their records, also one whom the hub holds dark; the receipt of this one."""

        async def does(tx: Tx, own: OwnRows) -> str:
            venue = customer.rpartition("@")[2]
            if "@" not in customer or await first(tx, "SELECT 1 FROM boxes WHERE venue = ?", venue) is None:
                raise HubProblem("unknown", what="customer")
            every = [customer, *sorted(await merged_with(tx, customer) - {customer})]
            news = [Own("customer.erased", each, {"customer": each, "by": by}, HOUSE) for each in every]
            return (await own.write(news)).ids[0]

        return await self.receipt(await self._store.write(does, by, now_ms))

    async def erasures(self) -> list[dict[str, Any]]:
        """The newest erasures, and at how many places each is not done yet."""

        async def query(tx: Tx) -> list[tuple[Any, ...]]:
            sql = """
            SELECT e.id, e.customer, e.at, e.by_whom, (SELECT count(*) FROM receipts r WHERE r.erasure = e.id
            AND r.done_at IS NULL AND r.kind IN ('venue', 'partner')) FROM erasures e ORDER BY e.at DESC LIMIT 500
            """
            return await tx.all(sql)

        return [
            {"erasure": id_, "customer": customer, "at": _iso(at), "by": by, "waiting": waiting}
            for id_, customer, at, by, waiting in await self._store.read(query)
        ]

    async def receipt(self, erasure: str) -> dict[str, Any]:
        """One receipt, signed; raises HubProblem where there is none."""
        facts = await self._store.receipt(erasure)
        if facts is None:
            raise HubProblem("unknown", what="erasure")
        return receipts.signed(facts, self._config.retention.backup_days, self._keys)

    async def leave(
        self, staff: str, default: str, by_venue: Mapping[str, str], note: str, by: str, now_ms: int, *, preview: bool
    ) -> dict[str, Any]:
        """Somebody leaves, and what was theirs goes to others, in one transaction; ``preview`` changes nothing."""
        to = leaving.Hand(default, by_venue)
        if staff in (default, *by_venue.values()):
            raise Unfit("hand_to: expected somebody else than who leaves")
        handed = leaving.held_by(staff, await self._everybody(), to)

        async def does(tx: Tx, own: OwnRows) -> None:
            await own.write(leaving.rows(staff, handed, to, note))

        if not preview:
            await self._store.write(does, by, now_ms)
        return {"staff": staff, "preview": preview, "handed": handed}

    # --- expected -----------------------------------------------------------------------------------------------------

    async def expected(self, venue: str, begins: str | None, ends: str | None, now_ms: int) -> list[dict[str, Any]]:
        """Who is expected within a time, by default from now for two days."""
        start = _ms(begins, "from") if begins else now_ms
        end = _ms(ends, "until") if ends else start + 2 * DAY_MS
        rows = await self._store.expected(venue, start, end)

        async def query(tx: Tx) -> dict[str, dict[str, Any]]:
            found: dict[str, dict[str, Any]] = {}
            for _, customer, _, _, _, _ in rows:
                for row in await people.told_of(tx, self._keys, customer):
                    if row.type == "expected.recorded":
                        found[row.id] = dict(row.data)
            return found

        said = await self._store.read(query)
        return [
            {"id": id_, "customer": customer, "venue": at, "from": _iso(from_), "until": _iso(until),
             "place": said.get(event, {}).get("place"), "note": said.get(event, {}).get("note")}
            for id_, customer, at, from_, until, event in rows
        ]  # fmt: skip

    async def expect(self, rows: Sequence[Mapping[str, Any]], by: str, now_ms: int) -> list[dict[str, Any]]:
        """Announces customers, all or none; raises Unfit or HubProblem for the first that cannot be."""
        if len(rows) > MOST_EXPECTED:
            raise Unfit(f"expected at most {MOST_EXPECTED:,} rows")
        found = [_expected(row, now_ms) for row in rows]
        await self._store.expect(found, by, now_ms)
        return [{"id": each.id, "customer": each.customer, "venue": each.venue} for each in found]

    @staticmethod
    def csv(said: str) -> list[Mapping[str, Any]]:
        """The rows of a file with the columns of ``COLUMNS``; raises Unfit for others."""
        read = csv.DictReader(io.StringIO(said.removeprefix("\ufeff")))
        if set(read.fieldnames or ()) - set(COLUMNS) or not {"customer", "venue", "from"} <= set(read.fieldnames or ()):
            raise Unfit(f"the file's first line: expected {','.join(COLUMNS)}")
        return [{key: value or None for key, value in row.items() if key} for row in read]


def _expected(row: Mapping[str, Any], now_ms: int) -> Expected:
    begins = _ms(row.get("from"), "from")
    ends = _ms(row["until"], "until") if row.get("until") else begins + DAY_MS
    if ends <= begins:
        raise Unfit("until: expected a time after from")
    place = text(row["place"], "place", 64) if row.get("place") else None
    note = text(row["note"], "note", 500) if row.get("note") else None
    customer, venue = text(row.get("customer"), "customer"), text(row.get("venue"), "venue", 64)
    return Expected(times.new_id(now_ms / 1000), customer, venue, begins, ends, place, note)


def _ms(value: object, what: str) -> int:
    try:
        found = times.seconds(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise Unfit(f"{what}: expected a time like 2026-11-22T10:00:00Z")
    return int(found * 1000)


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else times.iso(at_ms / 1000)
