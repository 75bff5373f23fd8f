"""A second box becomes the first: a new epoch on the newest row that it has, and what follows for the other box."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import replace
from pathlib import Path

from gateway.events.times import iso, now
from gateway.hub.wire import Unfit
from gateway.joined.calling import Answered, Unreached
from gateway.records import followed, numbers
from gateway.records.journal import Journal
from gateway.records.store import Store
from gateway.settings.venue import VenueConfig
from gateway.standby import left, papers
from gateway.standby.asking import ask
from gateway.standby.papers import Paper

log = logging.getLogger(__name__)

PROGRAM_S = 5.0  # that on_promote may take
TELL_EVERY = 2.0  # seconds between two tries to tell the other box
TELL_WITHIN = 5.0


def take_over(config: VenueConfig, folder: Path, paper: Paper) -> Paper:
    """Makes this the first box; as often as it is interrupted. The folder's lock is not held.

    Raises what the store raises on opening.
    """
    store = Store.open(folder, source=f"/venues/{config.venue.id}")
    try:
        epoch, position = left.stands(folder)
        store.call(followed.forget)
        store.call(numbers.skip)
        store.call(store.anchor.mend)
        brand = config.hub.brand if config.hub else ""
        journal = Journal(store, origin=config.venue.id, brand=brand)
        journal.begin_epoch(config.venue.id, "promoted", {}, now())
    finally:
        store.close()
    changed = paper.but(role="first", term=paper.term + 1, taking_over=False, at=iso(now()), beyond=(epoch, position))
    log.warning("this box is the first of its venue now, in term %d", changed.term)
    return papers.keep(folder, changed)


async def run_program(program: str, folder: Path) -> None:
    """Runs what moves the tablets' address, and writes down how it ended."""
    if not program:
        return
    try:
        made = await asyncio.create_subprocess_exec(program, stdin=asyncio.subprocess.DEVNULL, env=_environment())
    except OSError as error:
        ended = f"{program} cannot be run: {(error.strerror or type(error).__name__).lower()}"
    else:
        try:
            async with asyncio.timeout(PROGRAM_S):
                code = await made.wait()
            ended = papers.WELL if code == 0 else f"{program} ended with {code}"
        except TimeoutError:
            made.kill()
            await made.wait()
            ended = f"{program} did not end within {PROGRAM_S:g} s"
    log.log(logging.INFO if ended == papers.WELL else logging.ERROR, "on_promote: %s", ended)
    paper = papers.read(folder)
    if paper is not None:
        papers.keep(folder, paper.but(ended=ended))


def _environment() -> dict[str, str]:
    """What a program of the house's owner needs; none of our secrets."""
    kept = ("PATH", "LANG", "TZ", "HOME")
    return {name: value for name in kept if (value := os.environ.get(name))}


async def tell(folder: Path, scheme: str, port: int, url: str) -> None:
    """Tells the box that was the first that it is so no more, once it is back; ends when it knows."""
    while True:
        paper = papers.read(folder)
        if paper is None or not paper.at or paper.other is None or not paper.other.url or paper.role != "first":
            return
        said = {
            "type": "superseded", "term": paper.term, "scheme": scheme, "port": port, "url": url,
            "beyond": list(paper.beyond) if paper.beyond else None,
        }  # fmt: skip
        try:
            if (await ask(paper, paper.other, said, TELL_WITHIN)).get("followed"):
                log.warning("the other box knows that this one took over, and follows it")
                papers.keep(folder, paper.but(other=replace(paper.other, url="")))
                return
        except (Unreached, Answered, Unfit):
            pass
        await asyncio.sleep(TELL_EVERY)
