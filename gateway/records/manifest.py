"""What a copy is: its files and their hashes, what it counts, and the signature of the house that made it.

Whoever may write to a backup and cannot sign for the house can put no token, no member of staff and no consent into it
that a restore would take. A manifest of before the house could sign has a proof of its master key instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.events.times import iso, now
from gateway.records import outside
from gateway.records.errors import Damaged
from gateway.records.signing import Hand
from gateway.records.sqlite_file import connect_to_read

MADE = b"moments manifest "
SIGNED = "manifest"
ENDINGS = {"manifest": ".json", "authority": ".sealed"}
STAMP = "%Y%m%dT%H%M%S.%fZ"

# What gives somebody a right, or takes one: a row that does not follow from the journal is taken from no copy.
AUTHORITY = frozenset(
    {
        "staff", "shifts", "tokens", "sessions", "tablets", "passkeys",
        "credentials", "consents", "unrecognised", "mistakes",
    }
)  # fmt: skip


def beside(copy: Path, what: str) -> Path:
    """What belongs to a copy: its ``anchor``, its ``keys``, its ``authority`` or its ``manifest``."""
    name = copy.name.replace("moments", what, 1)
    return copy.with_name(name.removesuffix(".db") + ENDINGS.get(what, ".db"))


def text_of(
    copy: Path,
    wrong: str | None,
    hand: Hand,
    listed: int = 0,
    line: str | None = None,
    *,
    demo: bool = False,
    zone: str | None = None,
) -> str:
    """The manifest of a copy: what is ``wrong`` with its journal; how long the list of erasures is, and its last line.

    ``demo`` says that its people are invented, ``zone`` whose days its last days are. Its keys are left out: they
    darken.
    """
    facts = {"made": iso(now()), "files": _hashes(copy), "wrong": wrong, "erasures": listed, **_counted(copy)}
    facts |= {"line": line, "demo": demo, "timezone": zone}
    return json.dumps({**facts, "house": hand.public.hex(), "sig": hand.sign(SIGNED, facts)}, indent=1) + "\n"


def made_at(copy: Path) -> float:
    """When a copy was made, in seconds since 1970 UTC, by its name; long ago where that says nothing."""
    try:
        return datetime.strptime(copy.stem.partition("-")[2], STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def wrong_with(copy: Path) -> str | None:
    """What is wrong with the journal of a copy as its manifest says; None where it holds, or there is no manifest."""
    path = beside(copy, "manifest")
    wrong: str | None = _read(path)["wrong"] if path.exists() else None
    return wrong


def listed_by(copy: Path) -> int:
    """How long the list of erasures was when the copy was made; 0 where its manifest does not say."""
    path = beside(copy, "manifest")
    found = _read(path).get("erasures", 0) if path.exists() else 0
    return found if isinstance(found, int) else 0


def is_demo(copy: Path) -> bool | None:
    """Whether the people in a copy are invented; None where its manifest does not say."""
    path = beside(copy, "manifest")
    found = _read(path).get("demo") if path.exists() else None
    return found if isinstance(found, bool) else None


def zone_of(copy: Path) -> str | None:
    """The name of the time zone of the venue that made a copy; None where its manifest does not say."""
    path = beside(copy, "manifest")
    found = _read(path).get("timezone") if path.exists() else None
    return found if isinstance(found, str) else None


def complete_until(copies: Iterable[Path], hand: Hand, lines: Collection[str]) -> float:
    """Until when a list of erasures is complete as manifests of this house say, in seconds since 1970 UTC.

    ``lines`` are the hashes of its lines: whoever made a copy has signed which was the last of them at that time.
    """
    until = float("-inf")
    for copy in copies:
        with suppress(Damaged, OSError):
            facts = _read(beside(copy, "manifest"))
            signature, _, _ = facts.pop("sig", None), facts.pop("proof", None), facts.pop("house", None)
            if facts.get("line") in lines and hand.signed(SIGNED, facts, signature):
                until = max(until, made_at(copy))
    return until


def check(copy: Path, hand: Hand) -> None:
    """Raises Damaged where the copy is not what this house made, as its manifest proves."""
    path = beside(copy, "manifest")
    facts = _read(path)
    signature, proof, _ = facts.pop("sig", None), facts.pop("proof", None), facts.pop("house", None)
    good = hand.signed(SIGNED, facts, signature) if signature is not None else hand.proves(MADE, facts, proof)
    if not good:
        raise Damaged(f"{path.name} was not made by this house, or somebody changed it")
    there = _hashes(copy)
    for name, made in facts["files"].items():
        if there.get(name) != made:
            raise Damaged(f"{name} was {'changed' if name in there else 'taken away'} after the copy was made")


def _read(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(outside.text_in(path))
        if facts.keys() >= {"made", "files", "wrong"} and isinstance(facts["files"], dict):
            return dict(facts)
    except (ValueError, AttributeError, RecursionError):
        pass
    raise Damaged(f"{path.name} is no manifest of a copy")


def _counted(copy: Path) -> dict[str, Any]:
    """Rows of what gives a right, and where the journal ends: what a person may compare with what they know."""
    with closing(connect_to_read(copy)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - ours
            for table in sorted((AUTHORITY | {"customers"}) & tables)
        }
        sql = "SELECT epoch, position, hash FROM journal ORDER BY number DESC LIMIT 1"
        row = connection.execute(sql).fetchone() if "journal" in tables else None
    head = {"epoch": row[0], "position": row[1], "hash": row[2].hex()} if row else None
    return {"counts": counts, "head": head}


def _hashes(copy: Path) -> dict[str, str]:
    return {path.name: _sha256(path) for path in _files(copy)}


def _files(copy: Path) -> Iterable[Path]:
    return [path for path in (copy, beside(copy, "anchor"), beside(copy, "authority")) if path.exists()]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
