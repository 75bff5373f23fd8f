"""``moments privacy``: the papers of a house, the forty checks, and the draft of a notice."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click

from gateway.commands.alone import REFUSED, opened
from gateway.commands.ending import fail, settings
from gateway.commands.private import private_copy
from gateway.events import venue_time
from gateway.events.event import News
from gateway.events.times import iso, now
from gateway.operations.control import NotRunning, ask
from gateway.privacy import breach as breaches
from gateway.privacy import papers
from gateway.privacy.checks import CHECKS
from gateway.privacy.evidence import Evidence, operator_key, span
from gateway.privacy.paper import Paper
from gateway.privacy.report import look
from gateway.privacy.wording import LANGUAGES, Language
from gateway.records.store import reading
from gateway.settings.venue import VenueConfig

T = TypeVar("T")


def paper(kind: str, config: Path, data: Path, out: Path | None, check: str | None, *, filing: bool) -> None:
    """Prints a paper of today's settings, or holds one against them; ends with 1 where they differ."""
    venue = settings(config)
    made = papers.made(kind, venue, _key(data))
    if check is not None:
        _compare(kind, venue, made, check)
        return
    if filing and not data.exists():
        fail(f"{data}: there is no such folder, so nobody could look up what was filed")
    _write(made, out)
    if filing:
        _file(data, venue, kind, made.code)
        click.echo(f"filed as {made.code}", err=True)


def _key(data: Path) -> str:
    """The operator's public key in groups of four; empty where the house has none yet."""
    if not data.exists():
        return ""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            return operator_key(reader)
    except REFUSED as error:
        fail(str(error))


def _compare(kind: str, venue: VenueConfig, made: Paper, check: str) -> None:
    """``check`` is a code, as it stands at the foot of a paper, or a file."""
    file = Path(check)
    if not file.exists():
        if check.strip().upper() != made.code:
            fail(f"{check} is not what today's settings make: {made.code}")
        click.echo(f"{made.code}: as today's settings make it")
        return
    missing = papers.missing(file, kind, venue) if kind != "sign" else []
    for mark in missing:
        click.echo(f"{file}: {mark} is missing", err=True)
    if missing:
        fail(f"{file} is not of today's settings: {len(missing)} things are missing")
    if kind == "sign" and made.code not in file.read_text("utf-8"):
        fail(f"{file} is not what today's settings make: {made.code}")
    click.echo(f"{file}: as today's settings want it")


def _write(made: Paper, out: Path | None) -> None:
    if out is None:
        click.echo("\n".join(made.text(language) for language in LANGUAGES), nl=False)
        return
    try:
        out.write_text(made.html(), encoding="utf-8")
    except OSError as error:
        fail(f"{out}: {error.strerror}")
    click.echo(f"{out}: {made.code}", err=True)


def _file(data: Path, venue: VenueConfig, what: str, code: str) -> None:
    try:
        try:
            ask(data, "POST", "/api/privacy/papers", {"paper": what, "code": code})
        except NotRunning:
            with opened(data, venue.venue.id) as alone:
                alone.record([News("privacy.filed", what, {"paper": what, "code": code})])
    except REFUSED as error:
        fail(str(error))


def report(
    config: Path,
    data: Path,
    only: Sequence[int],
    form: str,
    since: str | None,
    until: str | None,
    out: Path | None,
    language: Language,
) -> None:
    """Makes the checks; ends with 1 where one failed."""
    found = _look(config, data, since, until, lambda of: look(CHECKS, of, only))
    texts: dict[str, Callable[[], str]] = {
        "text": lambda: found.text(language),
        "html": found.html,
        "json": lambda: json.dumps(found.data(), ensure_ascii=False, indent=1) + "\n",
    }
    if out is None:
        click.echo(texts[form](), nl=False)
    else:
        with private_copy(out) as file:
            file.write(texts[form]())
    if found.failed:
        numbers = ", ".join(str(line.check.number) for line in found.failed)
        fail(f"{len(found.failed)} of {len(found.lines)} checks failed: {numbers}")


def breach(
    config: Path, data: Path, since: str, until: str, lost: str | None, out: Path | None, people: Path | None,
    *, drill: bool,
) -> None:  # fmt: skip
    """Drafts the notice of what happened between two times; whom it concerns is written apart."""
    tablet = lost.removeprefix("tablet:") if lost else None
    found = _look(config, data, since, until, lambda of: breaches.draft(of, tablet))
    _write(found.paper, out)
    if people is not None:
        with private_copy(people) as file:
            file.write("".join(f"{customer}\n" for customer in found.people))
        click.echo(f"{people}: {len(found.people)} customers", err=True)
    if drill:
        _file(data, settings(config), "breach", found.paper.code)


def _look(config: Path, data: Path, since: str | None, until: str | None, do: Callable[[Evidence], T]) -> T:
    venue = settings(config)
    venue_time.use(venue.venue.timezone)
    zone, at = ZoneInfo(venue.venue.timezone), now()
    begin, end = span(at, _time("--from", since, zone), _time("--until", until, zone))
    if begin >= end:
        fail(f"--from {iso(begin)} is not before --until {iso(end)}", 2)
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            return do(Evidence(venue, data, reader, begin, end, at))
    except KeyError as unknown:
        fail(str(unknown.args[0]), 2)
    except REFUSED as error:
        fail(str(error))


def _time(option: str, text: str | None, zone: ZoneInfo) -> float | None:
    """Seconds since 1970 UTC of a day or a time, of the venue's calendar where it names no zone."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option}: {text!r}: expected a day or a time, like 2026-11-28 or 2026-11-28T18:30", 2)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()
