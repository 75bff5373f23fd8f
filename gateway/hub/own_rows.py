"""What the hub itself writes down: rows of its own chain, whose origin it is and whose epoch is its life.

What tells of a customer is sealed with their data key, and goes dark with them; what tells of the house and of staff
with a key of the house, which every box is sent beside it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.events import hlc, times
from gateway.events.event import HOUSE
from gateway.hub import bundles
from gateway.hub.bundles import DataKey
from gateway.hub.database import Tx
from gateway.hub.deciding import Deciding
from gateway.hub.own_keys import OwnKeys
from gateway.hub.problems import HubProblem
from gateway.hub.rows import Row
from gateway.hub.taking import HUB, From, Taken, Taking
from gateway.hub.wraps import generation_of
from gateway.records import chain


class Own(NamedTuple):
    """One event of the hub; ``holder`` is whose key seals it: a customer, or the house."""

    type: str
    subject: str
    data: Mapping[str, Any]
    holder: str = HOUSE
    id: str = ""


class Written(NamedTuple):
    """The ids of what was written, where the newest stands, and what became of it."""

    ids: list[str]
    rows: list[Row]
    taken: Taken


class OwnRows:
    """Writes within one transaction, as ``actor``."""

    def __init__(self, tx: Tx, keys: OwnKeys, hub: str, life: str, actor: str, now_ms: int) -> None:
        self._tx = tx
        self._keys = keys
        self._hub = hub
        self._life = life
        self._actor = actor
        self._now = now_ms

    async def write(self, news: Sequence[Own]) -> Written:
        """Writes events behind the last of the hub's, and does what follows from them as from anybody's rows.

        Raises HubProblem ``not-yours`` where the hub holds no key of a customer.
        """
        taking = Taking(self._tx, self._keys, From(HUB, self._hub, self._life), self._now)
        position, hash_, last = await taking.cursor()
        before, rows, stamp = hash_, [], last
        for number, each in enumerate(news, position + 1):
            stamp = max(stamp + 1, self._now << hlc.COUNTER_BITS)
            row = self._row(each, number, stamp, before, await self._key_of(each.holder))
            rows.append(row)
            before = row.hash
        taken = await taking.take(position, hash_, rows)
        return Written([row.head.id for row in rows if row.head is not None], rows, taken)

    def _row(self, own: Own, position: int, stamp: int, before: bytes, key: DataKey) -> Row:
        head = chain.Head(
            os.urandom(16).hex(), self._hub, self._life, position,  # type: ignore[arg-type]
            own.id or times.new_id(self._now / 1000), own.type, own.subject, own.holder, hlc.text(stamp), "",
            self._actor,
        )  # fmt: skip
        text = chain.head_text(head)
        digest = chain.head_digest(text)
        nonce = os.urandom(12)
        body = json.dumps(dict(own.data), ensure_ascii=False, separators=(",", ":")).encode()
        sealed = b"\x02" + key.key_id + nonce + AESGCM(key.key).encrypt(nonce, body, digest)
        digest_of_body = chain.body_digest(sealed)
        hash_ = chain.link(before, position, digest, digest_of_body)
        return Row(position, hash_, digest, digest_of_body, text, sealed, head=head)

    async def _key_of(self, holder: str) -> DataKey:
        held = await Deciding(self._tx, self._keys, self._now).data_keys(holder)
        if held:
            return held[min(held)]
        if holder != HOUSE:
            raise HubProblem("not-yours", why=f"the hub may not open what tells of {holder!r}")
        fresh = DataKey(HOUSE, os.urandom(bundles.KEY_ID), os.urandom(bundles.KEY))
        generation = await generation_of(self._tx)
        sql = "INSERT INTO wraps VALUES (?, ?, ?, ?, ?)"
        await self._tx.run(sql, HOUSE, fresh.key_id, self._hub, self._keys.wrap(fresh, generation), generation)
        return fresh
