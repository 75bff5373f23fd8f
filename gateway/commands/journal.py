"""``moments journal verify`` and ``rebuild``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.commands.receipt import trusted
from gateway.consent.canonical import NotCanonical, parse
from gateway.events.times import now
from gateway.records import chain_export
from gateway.records import rebuild as rebuilding
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.store import Store, reading
from gateway.records.verify import verify as walk

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, rebuilding.Incomplete, OSError)
HEAD = re.compile(r"[0-9a-f]{64}")
MISSING = "that head is not in the chain: events after it were cut off, or it is older than the retention"


def verify(data: Path, head: str | None, chain: Path | None = None, trust: Path | None = None) -> None:
    """Says whether the chain holds and its head; ends with 1 where it is broken or does not hold ``head``.

    With ``chain`` it is that of a file, which needs no data folder; with ``trust`` the head is one that a house of a
    trusted operator signed.
    """
    known = _known(head, trust)
    if chain is not None:
        _check(chain, known)
        return
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            found = walk(reader, known)
    except (Damaged, NewerSchema, WrongMasterKey, OSError) as error:
        fail(str(error))
    if found.wrong is not None:
        fail(found.wrong)
    if not found.ok:
        fail(f"broken at event {found.broken_at}: what stands there or before was changed or cut out")
    where = f"event {found.sequence}, position {found.position} of epoch {found.epoch}"
    click.echo(f"{found.events} events hold, up to {where}; head {found.head}")
    if head is not None and found.known_at is None:
        fail(MISSING)
    if head is not None:
        click.echo(f"that head is event {found.known_at}")


def _known(head: str | None, trust: Path | None) -> str:
    """The hash (hex) of the head that is asked for; empty where none is."""
    if head is None:
        return ""
    if HEAD.fullmatch(head.strip().lower()):
        if trust is not None:
            fail("--trust: a head from the log is signed by nobody; expected a file of moments journal head", 2)
        return head.strip().lower()
    path = Path(head)
    if not path.is_file():
        fail("--head: expected 64 hex digits, as the log has them (journal: event 42, head …), or a file", 2)
    try:
        said = parse(path.read_bytes())
        hash_ = str(said["core"]["hash"])
    except (NotCanonical, OSError, KeyError, TypeError) as error:
        fail(f"{path}: this is no head: {error}")
    if trust is not None and (wrong := chain_export.signed(said, trusted(trust))):
        fail(f"{path}: {wrong}")
    click.echo(f"{path}: signed by a house of that operator" if trust else f"{path}: who signed it was not looked at")
    return hash_


def _check(path: Path, known: str) -> None:
    try:
        with path.open(encoding="utf-8") as file:
            found = chain_export.check(file, known)
    except (chain_export.NoChain, OSError, UnicodeDecodeError) as error:
        fail(f"{path}: {error}")
    click.echo(f"{found.rows} events hold, up to position {found.position} of epoch {found.epoch}; head {found.hash}")
    if known and found.head_at is None:
        fail(MISSING)
    if found.head_at is not None:
        click.echo(f"that head is position {found.head_at[1]} of epoch {found.head_at[0]}")


def head(data: Path, out: Path | None) -> None:
    """Writes a signed head of now, beside a gateway that runs too."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            said = chain_export.head(reader, now())
    except LookupError as error:
        fail(f"{error}: it is made when the gateway starts")
    except REFUSED as error:
        fail(str(error))
    _write([json.dumps(said, indent=1)], out)


def export(data: Path, out: Path | None) -> None:
    """Writes the chain as it stands at this moment, beside a gateway that runs too."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            reader.conn.execute("BEGIN")
            _write(chain_export.lines(reader), out)
    except REFUSED as error:
        fail(str(error))


def _write(lines: Iterable[str], out: Path | None) -> None:
    if out is None:
        for line in lines:
            click.echo(line)
        return
    with out.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def rebuild(data: Path, *, check: bool) -> None:
    """Makes the tables anew from the journal; with ``check`` says where those there differ, and ends with 1 then."""
    try:
        if check:
            _compare(data)
        else:
            _replace(data)
    except REFUSED as error:
        fail(str(error))


def _compare(data: Path) -> None:
    with closing(reading(data)) as reader, closing(reader.keyring):
        found = rebuilding.check(reader, data)
    for one in found.differences:
        click.echo(f"{one.table} {one.id}: {one.what}")
    over = f"{found.events} events over a snapshot of {found.rows} rows"
    if found.differences:
        fail(f"{len(found.differences)} rows are not what the journal says: {over}")
    click.echo(f"the tables are what the journal says: {over}")


def _replace(data: Path) -> None:
    if not data.exists():
        raise FileNotFoundError(f"{data}: there is no such folder")
    with closing(Store.open(data, source="")) as store:
        rows, events = rebuilding.replace(store)
    click.echo(f"{data}: the tables were made anew, from {events} events over a snapshot of {rows} rows")
