"""Insight beside the gateway: runs as processes of their own, what the last one found, and who is in it no more."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from gateway.core import suggested, suggestions
from gateway.core.gateway import Gateway
from gateway.core.insight_book import Book
from gateway.core.insight_world import rules_of
from gateway.events.event import GATEWAY
from gateway.events.times import new_id
from gateway.insight.facts import INSIGHT, INTRODUCTIONS
from gateway.records import agreeing, insight_file
from gateway.records.errors import Conflict, Erased
from gateway.records.insight_file import Run

log = logging.getLogger(__name__)

SOON = 0.25  # seconds after a commit: several stops are let go of together
TRIED_AGAIN = 1.0  # seconds
AGAIN = 60.0  # seconds: consents run out by themselves
AT_ONCE = 100  # customers whose suggestions are drawn in one transaction
KEPT = 2  # runs that stay opened
WORDS = 300  # characters of what a run that failed said


class UnderWay(Exception):
    """A run is under way."""


class NoRunYet(Exception):
    """There was no run yet."""


class UnknownRun(Exception):
    """There is no such run."""


@dataclass(slots=True)
class State:
    """How far a run is."""

    state: str = "running"
    phase: str = "starting"
    share: float = 0.0
    words: str | None = None


@dataclass(slots=True)
class _Kept:
    runs: dict[str, Run] = field(default_factory=dict)
    book: Book | None = None
    of: tuple[str, frozenset[str], frozenset[str]] | None = None


def _wake(loop: asyncio.AbstractEventLoop, moved: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(moved.set)


class Insights:
    """Starts runs, opens what they found for those who agree now, and takes out who has ended that."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.states: dict[str, State] = {}
        self._running: asyncio.Task[None] | None = None
        self._kept = _Kept()
        self._drawing = asyncio.Lock()

    @property
    def _folder(self) -> Path:
        return self._gateway.store.folder

    # --- runs

    def start(self, on: str | None, begins: str | None) -> str:
        """A run of this day begins; raises UnderWay."""
        if self._running is not None and not self._running.done():
            raise UnderWay
        run = new_id(self._gateway.memory.now())
        self.states[run] = State()
        self._running = asyncio.create_task(self._run(run, on, begins))
        return run

    def state(self, run: str) -> State:
        """How far a run is; raises UnknownRun."""
        if run in self.states:
            return self.states[run]
        if run in {name for name, _ in insight_file.runs(self._folder)}:
            return State("done", "done", 1.0)
        raise UnknownRun

    async def _run(self, run: str, on: str | None, begins: str | None) -> None:
        state = self.states[run]
        days = [*(("--on", on) if on else ()), *(("--from", begins) if begins else ())]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "insight", "run", "--beside", "--run", run, *days,
            "--data", str(self._folder),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            state.words = await self._follow(process, state)
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.kill()
            raise
        if process.returncode == 0:
            await self.draw()
        state.state = "done" if process.returncode == 0 else "failed"
        if process.returncode != 0:
            log.error("insight: run %s failed", run)

    # --- suggestions

    async def draw(self) -> None:
        """What the last run suggests is drawn, in parts: between two, doors and tablets have their turn."""
        async with self._drawing:
            with suppress(NoRunYet, UnknownRun):
                book = await self.book()
                await asyncio.to_thread(lambda: (book.last_cost, book.quiet_tie("", ())))
                everybody = list(book.rows)
                for start in range(0, len(everybody), AT_ONCE):
                    await self._draw_some(book, everybody[start : start + AT_ONCE])

    async def _draw_some(self, book: Book, customers: list[str]) -> None:
        house = self._gateway
        try:
            news = suggestions.drawn(
                house, book, [each for each in customers if house.customer(each)], house.memory.now()
            )
            if news:
                await house.record(news, GATEWAY)
        except (Conflict, Erased) as error:  # somebody left meanwhile: the next run draws what is left
            log.warning("insight: some suggestions are drawn by the next run (%s)", type(error).__name__)
        await asyncio.sleep(0)

    async def _close(self, gone: Collection[str]) -> None:
        """What is open about whoever has ended ``insight`` is closed."""
        house, now = self._gateway, self._gateway.memory.now()
        records = [record for each in gone for record in house.memory.family.all_of(each)]
        there = suggested.of(house.store.reader, records) if records else []
        news = [suggestions.close(each, suggestions.ENDED, now) for each in there if each.state == "open"]
        if news:
            with suppress(Conflict, Erased):
                await house.record(news, GATEWAY)

    async def _follow(self, process: asyncio.subprocess.Process, state: State) -> str | None:
        """Reads how far it is until it ends; what it said where it failed."""
        config = self._gateway.config
        tables = {
            name: getattr(config, name).model_dump(mode="json", by_alias=True)
            for name in ("venue", "privacy", "insight")
        }
        settings, progress, failing = process.stdin, process.stdout, process.stderr
        if settings is None or progress is None or failing is None:
            raise RuntimeError("a run has no pipes")
        settings.write(json.dumps(tables).encode())
        settings.close()
        said = asyncio.create_task(failing.read())
        async for line in progress:
            with suppress(ValueError, KeyError):
                told = json.loads(line)
                state.phase, state.share = str(told["phase"]), float(told["share"])
        words = (await said).decode("utf-8", "replace").strip()
        await process.wait()
        return words[-WORDS:] if process.returncode else None

    # --- what they found

    async def book(self, run: str | None = None) -> Book:
        """What a run found, by default the last one, of those who agree now; raises NoRunYet and UnknownRun."""
        try:
            return await asyncio.to_thread(self._book, run)
        except insight_file.FAULTS as error:  # whoever deletes it has the next run make it again
            log.warning("insight: what was found cannot be read (%s)", type(error).__name__)
            raise NoRunYet from None

    def _book(self, run: str | None) -> Book:
        known = [name for name, _ in insight_file.runs(self._folder)]
        if not run and not known:
            raise NoRunYet
        wanted = run or known[-1]
        if wanted not in known:
            raise UnknownRun
        with closing(self._gateway.store.open_reader()) as reader:
            now, cut = self._gateway.memory.now(), self._gateway.memory.consenting.cut
            who = tuple(frozenset(agreeing.agreeing(reader, purpose, now, cut)) for purpose in (INSIGHT, INTRODUCTIONS))
            if (found := self._kept.runs.get(wanted)) is None:
                found = insight_file.read(self._folder, reader.keyring, wanted)
        if found is None:
            raise UnknownRun
        of = (wanted, who[0], who[1])
        if self._kept.of == of and self._kept.book is not None:
            return self._kept.book
        runs = {**self._kept.runs, wanted: found}
        self._kept.runs = dict(list(runs.items())[-KEPT:])
        self._kept.book = Book(found, who[0], who[1], rules_of(self._gateway.config.insight))
        self._kept.of = of
        return self._kept.book

    # --- who is in it no more

    async def keep(self) -> None:
        """Lets go of the rows of whoever ends ``insight``, soon after that is written; for as long as we run."""
        loop, moved = asyncio.get_running_loop(), asyncio.Event()
        seen: tuple[int, ...] | None = None
        self._gateway.store.moved.append(partial(_wake, loop, moved))
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    await moved.wait()
                await asyncio.sleep(SOON)
            timely = moved.is_set()
            moved.clear()
            try:
                seen, gone = await asyncio.to_thread(self._let_go, seen if timely else None)
                await self._close(gone)
            except insight_file.FAULTS as error:
                seen = None
                log.warning("insight: who has ended it is taken out at the next try (%s)", type(error).__name__)
                moved.set()
                await asyncio.sleep(TRIED_AGAIN)

    def _let_go(self, seen: tuple[int, ...] | None) -> tuple[tuple[int, ...], set[str]]:
        """Takes out who agrees no more, unless nothing was said since ``seen``; what is so now, and whom."""
        with closing(self._gateway.store.open_reader()) as reader:
            tables = ("consents", "merges", "merges WHERE undone_at IS NULL", "customers")
            counts = [reader.conn.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in tables]  # noqa: S608
            runs = len(insight_file.runs(self._folder))
            there = (*counts, runs)
            if there == seen or not runs:
                return there, set()
            agreed = agreeing.agreeing(reader, INSIGHT, self._gateway.memory.now(), self._gateway.memory.consenting.cut)
            gone = insight_file.customers(self._folder) - agreed
            if gone:
                insight_file.forget(self._folder, reader.keyring, gone)
                self._kept.runs = {}
        return there, gone
