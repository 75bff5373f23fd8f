"""The rows of a real gateway's journal are rows as the hub takes them: the same heads, hashes, keys and consents."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.hub.bundles import DataKey
from gateway.hub.feeds import URGENT
from gateway.hub.own_keys import OwnKeys
from gateway.hub.sqlite import SqliteDatabase
from gateway.hub.store import HubStore
from gateway.hub.taking import From
from gateway.records import chain
from gateway.records.journal import Journal
from gateway.records.store import Store
from tests.hub.contract import BRAND, NOW, joined, tail, types, what
from tests.records import happening as h
from tests.records.happening import record


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[HubStore]:
    """A hub with two venues of one brand."""
    own = OwnKeys(tmp_path / "hub")
    found = await HubStore.open(SqliteDatabase(tmp_path / "hub"), own, "maison")
    await joined(found, "flagship")
    await joined(found, "lounge")
    yield found
    await found.close()
    own.close()


class Venue:
    """A gateway's data folder, and what of it goes to the hub."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder, source="/venues/flagship")
        self.journal = Journal(self.store, origin="flagship", brand="aurelia", at=0.0)

    def rows(self, after: int = 0) -> list[dict[str, Any]]:
        sql = "SELECT position, head, sealed, hash FROM journal WHERE position > ? ORDER BY number"
        return [
            {"position": position, "head": head, "sealed": base64.b64encode(sealed).decode(), "hash": hash_.hex()}
            for position, head, sealed, hash_ in self.store.reader.conn.execute(sql, (after,))
        ]

    def keys(self, holder: str) -> list[DataKey]:
        keyring = self.store.keyring
        found = keyring.select("SELECT key_id, wrapped FROM keys WHERE holder = ?", holder)
        return [DataKey(holder, id_, keyring.wrapping.unwrap(wrapped, id_ + holder.encode())) for id_, wrapped in found]


async def test_a_real_venue_is_taken_lent_recalled_and_erased(hub: HubStore, tmp_path: Path) -> None:
    venue = Venue(tmp_path / "venue")
    grant = h.granted("c-1", "share_houses", at=2.0)
    record(venue.store, venue.journal, h.enrolled("c-1"), h.granted("c-1", "recognise_tag"), h.viewed("c-1"), grant)
    record(venue.store, venue.journal, h.enrolled("c-2"))
    sender, rows = From("box", "flagship", 1), venue.rows()
    await hub.wraps.put_keys("flagship", venue.keys("c-1"), NOW)
    taken = await hub.take(sender, 0, chain.beginning("flagship", 1), rows, NOW)
    assert (taken.position, taken.hash.hex(), taken.stored) == (len(rows), rows[-1]["hash"], len(rows))
    (lend,) = await tail(hub, "lounge")
    assert (lend["customer"], lend["origin"], lend["epoch"]) == ("c-1@flagship", "flagship", 1)
    assert types(lend["rows"]) == ["customer.enrolled", "consent.granted", "consent.granted"]

    record(venue.store, venue.journal, h.revoked("c-1", "share_houses", at=3.0))
    await hub.take(sender, taken.position, taken.hash, venue.rows(taken.position), NOW)
    assert what(await tail(hub, "lounge", URGENT)) == [("recall", "c-1@flagship")]
    assert await tail(hub, "lounge", BRAND) == []

    position, hash_ = await hub.have("flagship", 1) or (0, b"")
    record(venue.store, venue.journal, h.erased("c-1"))
    await hub.take(sender, position, hash_, venue.rows(position), NOW)
    assert what(await tail(hub, "lounge", URGENT))[-1] == ("erase", "c-1@flagship")
    venue.store.close()
