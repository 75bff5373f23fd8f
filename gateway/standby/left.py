"""Rows that a box wrote before it knew that the other one took over: they are sent there, and count there.

They are of an epoch that goes on no more, so they stand beside the journal, as rows that come back from a hub do.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from gateway.core.gateway import Gateway
from gateway.hub import rows
from gateway.hub.problems import HubProblem
from gateway.hub.wire import Message, Unfit, b64, digest, number, octets
from gateway.hub.wire import rows as array
from gateway.joined import coming_back
from gateway.joined.acts import Acts
from gateway.joined.intake import Effects
from gateway.joined.lent import LentCustomers
from gateway.records import chain, journal_rows
from gateway.records.seal import DESTROYED
from gateway.records.store import RECORDS_FILE, reading
from gateway.records.writer import Tx
from gateway.standby.papers import Paper

Ask = Callable[[Message], Awaitable[Message]]

PIECE = 8_000  # characters of one part: what a door takes of whom it does not know has 16 kB
MOST = 100_000  # rows and keys of one message


async def bring(folder: Path, paper: Paper, ask: Ask) -> None:
    """Sends what was written here behind where the other box went on from."""
    if paper.beyond is None or not (folder / RECORDS_FILE).exists():
        return
    whole = json.dumps(_written(folder, *paper.beyond), separators=(",", ":"))
    pieces = [whole[at : at + PIECE] for at in range(0, len(whole), PIECE)]
    for at, piece in enumerate(pieces, 1):
        await ask({"type": "left", "part": at, "of": len(pieces), "content": piece})


def _written(folder: Path, epoch: int, position: int) -> Message:
    with closing(reading(folder)) as reader, closing(reader.keyring):
        sql = "SELECT hash FROM journal WHERE epoch = ? AND position = ?"
        before = reader.conn.execute(sql, (epoch, position)).fetchone()
        sql = (
            "SELECT position, head, sealed, hash, holder, subject FROM journal WHERE epoch = ? AND position > ?"
            " ORDER BY position"
        )
        found = reader.conn.execute(sql, (epoch, position)).fetchall() if before is not None else []
        keys = reader.keyring.select("SELECT key_id, holder, wrapped FROM keys WHERE wrapped <> ?", DESTROYED)
        holders = {holder for _, _, _, _, holder, subject in found if holder == subject}
        return {
            "epoch": epoch, "after": position, "before": (before[0] if before else chain.NOTHING).hex(),
            "rows": [
                {"position": each[0], "head": each[1], "sealed": b64(each[2]), "hash": each[3].hex()} for each in found
            ],
            "keys": [{"key_id": b64(each[0]), "wrapped": b64(each[2])} for each in keys if each[1] in holders],
        }  # fmt: skip


async def take(house: Gateway, said: Message) -> None:
    """Keeps what the other box wrote: what customers said counts here too, and who was erased there is erased."""
    venue, epoch, after = house.config.venue.id, number(said.get("epoch"), "epoch"), number(said.get("after"), "after")
    try:
        found = rows.batch(
            venue, epoch, after, digest(said.get("before"), "before"), array(said.get("rows"), "rows", MOST)
        )
    except HubProblem as problem:
        raise Unfit(f"rows of the other box: {problem}") from None
    keys = array(said.get("keys"), "keys", MOST)
    escrow = {octets(each["key_id"], "key_id", 8): octets(each["wrapped"], "wrapped", 60) for each in keys}
    erased = [head.subject for row in found if (head := row.head) is not None and head.type == rows.ERASED]
    brand, at = house.config.hub.brand if house.config.hub else "", house.memory.now()

    def change(tx: Tx) -> Effects:
        kept = coming_back.keep(tx, venue, found, {}, escrow) - set(erased)
        return coming_back.apply(tx, kept, at, brand)

    effects = await house.store.write(change)
    intake: Any = LentCustomers(house, brand)
    intake.after(effects)
    acts = Acts(house, intake)
    for customer in (each for each in erased if "@" not in each):
        await acts.erase(customer)


def stands(folder: Path) -> tuple[int, int]:
    """Epoch and position of the newest row here."""
    with closing(reading(folder)) as reader, closing(reader.keyring):
        last = journal_rows.last(reader)
        return last.epoch, last.position
