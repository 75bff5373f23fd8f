"""How events of customers' own pages, and of people who came in a file, change the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.events.event import Data, Event
from gateway.records import consents, pages, person_rows
from gateway.records.writer import Tx


def bring(tx: Tx, event: Event, data: Data) -> None:
    """Somebody came in a file: its rows are ours from now on, and what has no row here is kept as it came."""
    person_rows.put(tx, data["rows"])
    consents.settle(tx, [row["id"] for row in data["rows"].get("customers", ())])
    customer, kept = data["customer"], data["kept"]
    of_there = {"journal": kept.get("journal", [])}
    for kind, part in (("journal", of_there), ("proof", {name: kept[name] for name in kept.keys() - of_there.keys()})):
        id_ = f"{event.id}/{kind}"  # each is let go in its own time
        sealed = tx.keyring.seal(customer, part, place=f"brought/{id_}")
        sql = "INSERT OR IGNORE INTO brought (id, customer, kind, at, sealed) VALUES (?, ?, ?, ?, ?)"
        tx.db.conn.execute(sql, (id_, customer, kind, event.time, sealed))


APPLIED: Mapping[str, Callable[[Tx, Event, Data], object]] = {
    "page.linked": pages.link,
    "page.closed": pages.close,
    "page.digits_chosen": pages.choose,
    "page.digits_refused": pages.refuse,
    "page.opened": pages.opened,
    "person.imported": bring,
}
