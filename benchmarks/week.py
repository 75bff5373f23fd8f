"""A manager's week in numbers, beside a program that only opens the same rows; and what the loop feels."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks.report import Table, spread
from benchmarks.scale import Scale
from benchmarks.served import answer_of, folder
from gateway.core.periods import Period
from gateway.core.reports import Reports, Wanted
from gateway.core.state import Memory, plan_of
from gateway.events.event import News
from gateway.events.times import DAY
from gateway.records import day, journal_rows
from gateway.records.journal import Journal
from gateway.records.store import Store
from gateway.service import today
from tests.console.served import config
from tests.records import happening as h

MONDAY = 1_700_438_400.0  # in UTC
AT_ONCE = 500  # events in one transaction, while the journal is written
OF_EACH = 10  # visits of each customer
NAP_S = 0.002
NOTHING_S = 3.0  # how long the loop naps while nothing is read


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """The same week opened, told in numbers and listed; again and again."""
    cards = max(5, scale.imported // 10)
    with folder() as place:
        events = answer_of(write, place / "data", cards)
        took = [answer_of(measure, place / "data") for _ in range(scale.runs)]
    rows: list[Sequence[str]] = []
    for n, name in enumerate(("rows opened", "the numbers", "a list, its first 200", "a day's numbers", "nothing")):
        times, ratios = [each[n][0] * 1000 for each in took], [each[n][0] / each[0][0] for each in took]
        naps = [each[n][1] * 1000 for each in took]
        rows.append((name, spread(times, "{:.0f}"), spread(ratios), spread(naps, "{:.0f}")))
    note = f"{cards:,} cards, {events:,} events; in a thread, beside naps of {NAP_S * 1000:.0f} ms on the loop"
    return [Table("Week", ("", "ms", "to opening", "longest nap, ms"), rows, [note])]


def week(cards: int) -> Iterator[tuple[float, News]]:
    """What so many cards of one week bring: each is shown, claimed, met and closed."""
    apart = 7 * DAY / cards
    for number in range(cards):
        customer, visit, alert = f"c-{number // OF_EACH}", f"v-{number}", f"a-{number}"
        card = {"customer": customer, "alert": alert, "visit": visit}
        at = MONDAY + number * apart
        if number % OF_EACH == 0:
            yield at, h.enrolled(customer)
        yield at, h.arrived(customer, visit, at=at)
        yield at, h.alert_news("alert.opened", **card)
        shown = {"alert": alert, "visit": visit, "staff": "lina", "ms": 80.0}
        yield at + 0.2, News("card.shown", customer, shown, "lina")
        yield at + 5 + number % 40, h.alert_news("alert.claimed", **card, state="claimed")
        yield at + 9 + number % 40, h.alert_news("alert.met", **card, state="claimed")
        yield at + 300, h.alert_news("alert.closed", **card, state="closed")


def write(data: Path, cards: int) -> int:
    """A journal of so many cards; how many events it has."""
    with closing(Store.open(data, source="/venues/bench")) as store:
        journal, events = Journal(store, origin="bench"), []
        for at, news in week(cards):
            events.append(journal.event(News(news.type, news.subject, news.data, news.actor, at=at), "lina", at))
            if len(events) >= AT_ONCE:
                store.call(partial(journal.record, events=events))
                events = []
        store.call(partial(journal.record, events=events))
        return int(store.reader.conn.execute("SELECT count(*) FROM journal").fetchone()[0])


def measure(data: Path) -> list[tuple[float, float]]:
    """Seconds for each, and the longest that a nap on the loop took meanwhile."""
    with closing(Store.open(data, source="/venues/bench")) as store:
        settings = config()
        memory = Memory(settings, plan_of(settings), store)
        reports = Reports(settings, memory, store)
        days = reports.period("week", None)
        whole = Period(days.first, days.last, MONDAY, MONDAY + 7 * DAY)
        one = Period(days.first, days.last, MONDAY, MONDAY + DAY)
        works: list[Callable[[], Awaitable[object]]] = [
            lambda: asyncio.to_thread(_open, store),
            lambda: reports.numbers(whole),
            lambda: reports.listed(whole, "arrivals", Wanted(), 0, 200),
            lambda: reports.numbers(one),
            lambda: asyncio.sleep(NOTHING_S),
        ]
        gc.collect()
        gc.freeze()  # as the gateway does at its start
        return [asyncio.run(_felt(work)) for work in works]


def _open(store: Store) -> None:
    with closing(store.open_reader()) as reader:
        marks = ",".join("?" * len(today.TYPES))
        sql = f"SELECT holder, head, sealed FROM journal WHERE type IN ({marks}) AND time >= ? AND time < ?"
        for holder, head, sealed in reader.conn.execute(sql, (*today.TYPES, MONDAY, MONDAY + 7 * DAY)):
            journal_rows.open_data(reader, holder, head, sealed)
        assert next(day.events(reader, today.TYPES, MONDAY, MONDAY + DAY)) is not None


async def _felt(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    working = asyncio.ensure_future(work())
    began = before = time.perf_counter()
    longest = 0.0
    while not working.done():
        await asyncio.sleep(NAP_S)
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    await working
    return time.perf_counter() - began, longest
