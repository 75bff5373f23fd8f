"""The one thread that writes: a bounded queue of changes, committed in groups."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.records.connection import SealedDatabase
from gateway.records.errors import Damaged, DiskFull, StoreFull, by_name
from gateway.records.head_keeper import HeadKeeper
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import sqlite3

log = logging.getLogger(__name__)

T = TypeVar("T")

QUEUE = 10_000  # changes that may wait; at 20 writes a second nobody ever sees it
GROUP = 500  # changes in one commit at most: the disk syncs once for all of them


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
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs changes in the order they come; each stands or falls alone, and is acknowledged after the commit.

    A change may run twice (when the group it was in failed), so it changes nothing but the database.
    """

    def __init__(self, db: SealedDatabase) -> None:
        self._db = db
        self._keyring = db.keyring
        self._head = HeadKeeper(db)
        self._queue: queue.Queue[_Job | None] = queue.Queue(QUEUE)
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._closing = False
        self.commits = 0
        self.changes = 0
        self.failures = 0
        self.last_commit_s = 0.0
        self.disk_full = False
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many changes wait."""
        return self._queue.qsize()

    def submit(self, change: Change[T]) -> Future[T]:
        """Queues ``change``; its future ends after the commit. Raises StoreFull when too many wait."""
        if self._closing:
            raise RuntimeError("the store is closed")
        job = _Job(change, Future())
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
                job = self._queue.get(timeout=self._head.wait)
            except queue.Empty:
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
            if jobs:
                self._write(jobs)
        _after(self._head.keep)

    def _write(self, jobs: list[_Job]) -> None:
        started = time.perf_counter()
        try:
            done = self._attempt(jobs)
        except Exception as error:
            if len(jobs) > 1:  # whichever it was that failed the commit must not take the others with it
                for job in jobs:
                    self._write([job])
                return
            self._refuse(jobs[0], by_name(error))
            return
        self.last_commit_s = time.perf_counter() - started
        self.disk_full = False
        self.commits += 1
        for call in done:
            _after(call)
        _after(self._keyring.settle)
        _after(self._head.committed)
        for job in jobs:
            self._answer(job)

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
        if isinstance(error, DiskFull):
            if not self.disk_full:
                log.error("the disk takes no more: nothing new is recorded until there is room")
            self.disk_full = True
        job.outcome.set_exception(error)


def _after(call: Callable[[], None]) -> None:
    """What follows a commit cannot undo it: a failure is told, and made good at the next start."""
    try:
        call()
    except (sqlite3.Error, OSError) as error:
        log.error("after a commit: %s", type(error).__name__)
