"""``moments insight run``: a process of its own, which reads the records and writes ``insight.db`` alone."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from gateway.commands.alone import REFUSED, known, opened
from gateway.commands.ending import fail, settings
from gateway.commands.insight_absent import ABSENT
from gateway.core import insight_voices
from gateway.core.consenting import Consenting
from gateway.core.insight_rows import Foretell, nobody, run_of
from gateway.core.insight_voices import Heard
from gateway.core.insight_world import world_of
from gateway.events import venue_time
from gateway.events.event import HOUSE, News
from gateway.events.times import new_id, now
from gateway.insight.facts import INSIGHT, World
from gateway.insight.folding import Fold
from gateway.insight.ledger import last_year
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records import agreeing, insight_file, journal_rows
from gateway.records.connection import SealedDatabase
from gateway.records.insight_file import Run
from gateway.records.store import reading
from gateway.settings.venue import VenueConfig

LOCK = "insight.lock"
NICE = 10
UNDER_WAY = "another run is under way"


def run(
    data: Path, config: Path, on: str | None, begins: str | None, run_id: str | None, *, beside: bool = False
) -> None:
    """Works out everything as of a day, by default today, and keeps it; ends with 1 in words.

    ``beside``: a gateway has started it, gives its settings as JSON on stdin, and reads how far it is.
    """
    known(data)
    with suppress(OSError):
        os.nice(NICE)
    ours = VenueConfig.model_validate_json(sys.stdin.read()) if beside else settings(config)
    venue_time.use_that_of(data, config)
    try:
        with _alone(data):
            found = compute(data, ours, _day(on), _day(begins), run_id or new_id(now()), progress=beside)
    except FileNotFoundError as missing:
        fail(str(missing))
    except (GatewayRefused, *REFUSED) as error:
        fail(str(error))
    click.echo(f"run {found.run}: {len(found.customers)} customers on {found.on}, digest {found.digest[:16]}", err=True)


def compute(
    data: Path, ours: VenueConfig, on: date | None, begins: date | None, run_id: str, *, progress: bool = False
) -> Run:
    """One run: read, folded, kept and told of."""
    at = now()
    with closing(reading(data)) as reader, closing(reader.keyring):
        _say(progress, "reading", 0.0)
        consenting = Consenting(ours)
        facts = facts_before(reader, ours, consenting, on, at, begins)
        _say(progress, "folding", 0.4)
        found = found_of(facts, begins, run_id, at)
        _say(progress, "writing", 0.8)
        digest = insight_file.write(
            data, reader.keyring, found, lambda: agreeing.agreeing(reader, INSIGHT, now(), consenting.cut)
        )
    _tell(data, ours, found, digest)
    _say(progress, "done", 1.0)
    return found


def found_of(facts: tuple[World, int, Heard], begins: date | None, run_id: str, at: float) -> Run:
    """What a run finds in these facts."""
    world, position, heard = facts
    found = run_of(world, begins, run_id, at, position, models(), partial(insight_voices.told, heard))
    for each, days in heard.cold.items():  # the house's own figures name nobody
        if each in found.customers:
            found.customers[each]["cold"] = sorted(day.isoformat() for day in days)
    return found


def models() -> Foretell:
    """What foretells where ``moments[insight]`` is installed; nobody without it."""
    try:
        from gateway.insight.models.foretelling import foretold
    except ImportError:
        return nobody
    return foretold


def backtest(data: Path, config: Path, on: str | None) -> None:
    """Prints how plain rules and models would have done on this house's own past; ends with 1 without the models."""
    known(data)
    foretell = models()
    if foretell is nobody:
        fail(ABSENT)
    ours = settings(config)
    venue_time.use_that_of(data, config)
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            world, _, _ = facts_before(reader, ours, Consenting(ours), _day(on), now())
    except (FileNotFoundError, *REFUSED) as error:
        fail(str(error))
    told = foretell(world, Fold(world).folded())
    click.echo(json.dumps(told.house() if told is not None else None, indent=2))


def facts_before(
    reader: SealedDatabase, ours: VenueConfig, consenting: Consenting, on: date | None, at: float,
    begins: date | None = None,
) -> tuple[World, int, Heard]:  # fmt: skip
    """The facts before the day ``on``, by default today, as they were at one moment; how far the journal was, and what
    was heard since ``begins``."""
    day = on or datetime.fromtimestamp(at, venue_time.zone()).date()
    reader.conn.execute("BEGIN")
    consenting.read(reader)
    position = journal_rows.last(reader).position
    world = world_of(reader, ours.insight, day, at, consenting.cut)
    part_of, agreed = agreeing.persons(reader), agreeing.agreeing(reader, INSIGHT, at, consenting.cut)
    whose: Callable[[str], str] = lambda record: part_of.get(record, record)  # noqa: E731
    heard = insight_voices.heard(reader, ours.venue.id, agreed, whose, begins or last_year(day), day)
    reader.conn.execute("COMMIT")
    return world, position, heard


def _tell(data: Path, ours: VenueConfig, found: Run, digest: str) -> None:
    """The journal has it that a run was made, by which parameters, and of what digest."""
    told: dict[str, Any] = {
        "run": found.run, "on": found.on, "begins": found.begins, "ends": found.ends, "position": found.position,
        "digest": digest, "customers": len(found.customers), "parameters": ours.insight.model_dump(mode="json"),
    }  # fmt: skip
    try:
        ask(data, "POST", "/api/insight/computed", told)
    except NotRunning:
        with opened(data, ours.venue.id) as alone:
            alone.record([News("insight.computed", HOUSE, told)])


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fail(f"{text}: expected a day like 2026-12-01", 2)


def _say(progress: bool, phase: str, share: float) -> None:
    if progress:
        sys.stdout.write(json.dumps({"phase": phase, "share": share}) + "\n")
        sys.stdout.flush()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One run at a time in one folder."""
    handle = os.open(data / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fail(UNDER_WAY)
        yield
    finally:
        os.close(handle)
