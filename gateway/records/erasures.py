"""Keys that are destroyed for good, written down first: a crash in between is made good at the next start."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.records.writer import Tx


def destroy(tx: Tx, holder: str, at: float, keys: Iterable[str]) -> None:
    """Destroys the keys with these ids (hex) of ``holder`` once the change is committed."""
    key_ids = [bytes.fromhex(key) for key in keys]
    for key_id in key_ids:
        if tx.db.conn.execute("SELECT 1 FROM erasures WHERE key_id = ?", (key_id,)).fetchone() is None:
            tx.db.conn.execute("INSERT INTO erasures (key_id, customer, at) VALUES (?, ?, ?)", (key_id, holder, at))
    tx.keyring.retire(key_ids)
