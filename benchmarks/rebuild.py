"""``moments journal rebuild --check`` and ``verify``, beside a program that only opens what is sealed in the rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks.report import Table, spread
from benchmarks.scale import Scale
from benchmarks.served import answer_of, folder
from gateway.events.event import News
from gateway.records import journal_rows, rebuild, verify
from gateway.records.journal import Journal
from gateway.records.store import Store, reading
from tests.records import happening as h

AT_ONCE = 500  # events in one transaction, while the journal is written
OF_EACH = 40  # visits of each customer


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """The same journal walked, opened and made into tables; again and again."""
    opened: list[float] = []
    made: list[float] = []
    walked: list[float] = []
    with folder() as place:
        events = answer_of(write, place / "data", scale.imported)
        for _ in range(scale.runs):
            for rates, measure in ((opened, _open), (made, _make), (walked, _walk)):
                rates.append(events / answer_of(measure, place / "data"))
    return [_table(events, opened, made, walked)]


def day(visits: int) -> Iterator[tuple[float, list[News]]]:
    """What so many visits bring, whole: each is found, looked after, learnt from, and ends."""
    for number in range(visits):
        customer, visit, alert = f"c-{number // OF_EACH}", f"v-{number}", f"a-{number}"
        at = 1_700_000_000.0 + 60.0 * number
        if number % OF_EACH == 0:
            tag = h.given(customer, f"epc:{number:024X}", f"k-{number}")
            yield at, [h.enrolled(customer), tag, h.granted(customer)]
        yield at, [h.arrived(customer, visit, at=at)]
        yield at, [h.alert_news("alert.opened", customer, alert=alert, visit=visit), h.viewed(customer)]
        yield at + 5, [h.alert_news("alert.claimed", customer, alert=alert, visit=visit, state="claimed")]
        yield at + 10, [h.moved(customer, visit, "bar", at + 10)]
        yield at + 20, [h.preferred(customer, f"f-{number}", at=at + 20), h.viewed(customer)]
        yield at + 30, [h.alert_news("alert.closed", customer, alert=alert, visit=visit, state="closed")]
        yield at + 40, [h.departed(customer, visit, at + 40)]


def write(data: Path, count: int) -> int:
    """A journal of about so many events; how many it has."""
    with closing(Store.open(data, source="/venues/bench")) as store:
        journal, events = Journal(store, origin="bench"), []
        for at, news in day(max(1, count // 9)):
            events += [journal.event(each, "lina", at) for each in news]
            if len(events) >= AT_ONCE:
                store.call(partial(journal.record, events=events))
                events = []
        store.call(partial(journal.record, events=events))
        return int(store.reader.conn.execute("SELECT count(*) FROM journal").fetchone()[0])


def _open(data: Path) -> float:
    """Seconds for opening what is sealed in each row, and nothing else."""
    with closing(reading(data)) as reader, closing(reader.keyring):
        began = time.perf_counter()
        for holder, head, sealed in reader.conn.execute("SELECT holder, head, sealed FROM journal ORDER BY number"):
            journal_rows.open_data(reader, holder, head, sealed)
        return time.perf_counter() - began


def _make(data: Path) -> float:
    with closing(reading(data)) as reader, closing(reader.keyring):
        began = time.perf_counter()
        found = rebuild.check(reader, data)
        took = time.perf_counter() - began
        assert not found.differences
        return took


def _walk(data: Path) -> float:
    with closing(reading(data)) as reader, closing(reader.keyring):
        began = time.perf_counter()
        assert verify.verify(reader).ok
        return time.perf_counter() - began


def _table(events: int, opened: list[float], made: list[float], walked: list[float]) -> Table:
    table = Table(f"Rebuild: a journal of {events:,} events", ["program", "events/s", "opened only, events/s", "ratio"])
    for name, rates in (("rebuild --check", made), ("verify", walked)):
        ratios = [ours / bare for ours, bare in zip(rates, opened, strict=True)]
        table.rows.append([name, spread(rates, "{:,.0f}"), spread(opened, "{:,.0f}"), spread(ratios)])
    table.notes.append("opened only: each row is read, decrypted and parsed, and nothing is done with it")
    table.notes.append("rebuild --check makes every table anew in memory and compares it with the one on the disk")
    return table
