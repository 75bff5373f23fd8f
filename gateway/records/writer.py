"""The one thread that writes: a bounded queue of changes, committed in groups."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from prometheus_client import Histogram

from gateway.records.connection import SealedDatabase
from gateway.records.errors import FULL, HELD, Damaged, DiskFull, StoreFull, by_name
from gateway.records.head_keeper import HeadKeeper
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import sqlite3

log = logging.getLogger(__name__)

COMMITS = Histogram(
    "moments_commit_seconds",
    "From the begin of a transaction until the disk has it",
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)

T = TypeVar("T")

QUEUE = 10_000  # changes that may wait; at 20 writes a second nobody ever sees it
GROUP = 500  # changes in one commit at most: the disk syncs once for all of them
KEPT = 20_000  # changes that are kept while the disk takes nothing, some 60 MB
AGAIN = 1.0  # seconds until what is kept is tried again


@dataclass(slots=True)
class Tx:
    """What a change has in its hands: the writing connection, inside a transaction, and the keyring.

    ``after_commit`` is called in the writer thread once the change is on the disk, and not at all if it fails.
    """

    db: SealedDatabase
    keyring: Keyring
    after_commit: list[Callable[[], None]] = field(default_factory=list)


Change = Callable[[Tx], T]


@dataclass(slots=True)
class _Job:
    change: Change[Any]
    outcome: Future[Any]
    kept: bool
    at: float = field(default_factory=time.monotonic)
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs changes in the order they come; each stands or falls alone, and is acknowledged after the commit.

    A change may run twice (when the group it was in failed), so it changes nothing but the database. One that is
    ``kept`` is tried again until the disk takes it, and whatever comes after it waits, or is refused, meanwhile.
    """

    def __init__(self, db: SealedDatabase) -> None:
        self._db = db
        self._keyring = db.keyring
        self._head = HeadKeeper(db)
        self._queue: queue.Queue[_Job | None] = queue.Queue(QUEUE)
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._closing = False
        self._kept: deque[_Job] = deque()
        self._working: list[_Job] = []
        self._began: float | None = None
        self.moved: list[Callable[[], None]] = []
        """Called in the writer's thread after each commit."""
        self.commits = 0
        self.changes = 0
        self.failures = 0
        self.dropped = 0
        self.last_commit_s = 0.0
        self.disk_fault: str | None = None
        """What the disk does that takes nothing: it "is full", "is read-only" or "fails"."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many changes wait."""
        return self._queue.qsize() + len(self._kept)

    @property
    def kept(self) -> int:
        """How many changes of them the disk did not take."""
        return len(self._kept)

    @property
    def stuck_s(self) -> float:
        """For how many seconds the disk has owed an answer to what is being written; 0 while nothing is."""
        began = self._began
        return time.monotonic() - began if began is not None else 0.0

    @property
    def oldest_s(self) -> float:
        """How many seconds ago the oldest change that is not written was asked for; 0 where all are."""
        waiting = [job.at for jobs in (self._kept, self._working) for job in list(jobs)[:1]]
        return time.monotonic() - min(waiting) if waiting else 0.0

    def submit(self, change: Change[T], *, kept: bool = False) -> Future[T]:
        """Queues ``change``; its future ends after the commit. Raises StoreFull when too many wait."""
        if self._closing:
            raise RuntimeError("the store is closed")
        job = _Job(change, Future(), kept)
        job.outcome.set_running_or_notify_cancel()  # a caller who goes away does not undo what was numbered
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            raise StoreFull(f"{QUEUE} changes wait to be written") from None
        return job.outcome

    def close(self) -> None:
        """Writes what waits and ends the thread."""
        self._closing = True
        self._queue.put(None)
        self._thread.join()

    # --- in the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        going = True
        while going:
            jobs: list[_Job] = []
            try:
                job = self._queue.get(timeout=AGAIN if self._kept else self._head.wait)
            except queue.Empty:
                self._write([])
                _after(self._head.keep)
                continue
            while job is not None:
                jobs.append(job)
                if len(jobs) == GROUP:
                    break
                try:
                    job = self._queue.get_nowait()
                except queue.Empty:
                    break
            else:
                going = False
            self._write(jobs)
        _after(self._head.keep)
        if self._kept:
            log.error("the disk %s: %d changes could not be written", self.disk_fault, len(self._kept))

    def _write(self, jobs: list[_Job]) -> None:
        """Writes what was kept and then these; keeps or refuses what the disk does not take."""
        many = 1  # the first alone: on a disk that still takes nothing each try costs one change
        while self._kept:
            left = self._try([self._kept.popleft() for _ in range(min(many, len(self._kept)))])
            if left:
                self._kept.extendleft(reversed(left))
                self._keep(self._put_off(jobs, self._fault()))
                return
            many = GROUP
        self._keep(self._try(jobs))

    def _try(self, jobs: list[_Job]) -> list[_Job]:
        """Writes these; answers those that are to be kept, since the disk takes nothing."""
        if not jobs:
            return []
        self._working, self._began, started = jobs, time.monotonic(), time.perf_counter()
        try:
            done = self._attempt(jobs)
        except Exception as error:
            named = by_name(error)
            if len(jobs) == 1 or (isinstance(named, DiskFull) and named.why == HELD):
                return self._put_off(jobs, named)
            left: list[_Job] = []  # whichever it was that failed the commit must not take the others with it
            for job in jobs:
                left += self._put_off([job], self._fault()) if left else self._try([job])
            return left
        finally:
            self._working, self._began = [], None
        self._committed(jobs, done, time.perf_counter() - started)
        return []

    def _committed(self, jobs: list[_Job], done: list[Callable[[], None]], took: float) -> None:
        self.last_commit_s = took
        COMMITS.observe(took)
        if self.disk_fault is not None:
            log.warning("the disk takes records again")
        self.disk_fault = None
        self.commits += 1
        for call in done:
            _after(call)
        _after(self._keyring.settle)
        _after(self._head.committed)
        for each in self.moved:
            _after(each)
        for job in jobs:
            self._answer(job)

    def _put_off(self, jobs: list[_Job], error: BaseException) -> list[_Job]:
        """Refuses these, but for those that are to be kept where nothing but the disk is in their way."""
        if isinstance(error, DiskFull):
            if self.disk_fault != error.why:
                log.error("the disk %s: nothing new is recorded until it takes something again", error.why)
            self.disk_fault = error.why
        kept = [job for job in jobs if job.kept] if isinstance(error, DiskFull) else []
        for job in jobs:
            if job not in kept:
                self._refuse(job, error)
        return kept

    def _keep(self, jobs: list[_Job]) -> None:
        for job in jobs:
            if len(self._kept) >= KEPT:
                self.dropped += 1
                self._refuse(job, StoreFull(f"{KEPT} changes wait for the disk"))
            else:
                self._kept.append(job)

    def _fault(self) -> DiskFull:
        return DiskFull("", self.disk_fault or FULL)

    def _attempt(self, jobs: list[_Job]) -> list[Callable[[], None]]:
        """One transaction with a savepoint for each change; what is to be done after the commit."""
        connection, mark = self._db.conn, self._keyring.mark()
        done: list[Callable[[], None]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                done += self._change(job)
            self._keyring.commit()
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._keyring.undo(mark)
            raise
        return done

    def _change(self, job: _Job) -> list[Callable[[], None]]:
        connection, mark = self._db.conn, self._keyring.mark()
        tx = Tx(self._db, self._keyring)
        connection.execute("SAVEPOINT change")
        try:
            job.result, job.error = job.change(tx), None
        except Exception as error:
            named = by_name(error)
            if isinstance(named, DiskFull | Damaged) or not connection.in_transaction:
                raise  # SQLite may have rolled everything back already
            connection.execute("ROLLBACK TO change")
            self._keyring.undo(mark)
            job.result, job.error, tx.after_commit = None, named, []
        if not connection.in_transaction:
            raise RuntimeError("a change ended the transaction it was given")
        connection.execute("RELEASE change")
        return tx.after_commit

    def _answer(self, job: _Job) -> None:
        if job.error is not None:
            self._refuse(job, job.error)
            return
        self.changes += 1
        job.outcome.set_result(job.result)

    def _refuse(self, job: _Job, error: BaseException) -> None:
        self.failures += 1
        job.outcome.set_exception(error)


def _after(call: Callable[[], None]) -> None:
    """What follows a commit cannot undo it: a failure is told, and made good at the next start."""
    try:
        call()
    except (sqlite3.Error, OSError) as error:
        log.error("after a commit: %s", type(error).__name__)
