"""A house that cannot know whom it has forgotten: nobody is recognised, no sheet opens and nothing is sent.

``quarantine.json`` in the data folder says since when, why, and what would end it: a list of erasures that is fresh, or
two people who sign that nobody was erased.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gateway.events.times import iso, now, seconds
from gateway.records.erasure_list import FRESH, QUARANTINE_FILE, Listed, hash_of
from gateway.records.sqlite_file import private_file, sync_folder

IN_WORDS: Mapping[str, str] = {
    "none": "there is no list of erasures",
    "stale": "the newest list of erasures is more than two days old",
    "older_than_copy": "the newest list of erasures is older than the copy",
    "behind_receipt": "a receipt of an erasure names a line that no list within reach has",
    "cut": "the list of erasures is shorter than it was when the copy was made",
}


class Needs(NamedTuple):
    """What a list of erasures must say: a line younger than ``newest`` (seconds since 1970 UTC), ``length`` lines, and
    the lines with these hashes."""

    newest: float
    length: int
    entries: tuple[str, ...]


class Quarantined(Exception):
    """The house is in quarantine, and this would show or send what it may not."""


def reason(folder: Path) -> dict[str, Any] | None:
    """Why a data folder is in quarantine: ``since``, ``because``, ``needs`` (the time a list must be younger than).

    None where it is not. A file that cannot be read is a quarantine all the same.
    """
    path = folder / QUARANTINE_FILE
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
        if isinstance(found, dict) and found.get("because") in IN_WORDS and seconds(found["needs"]) is not None:
            return found
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return {"since": iso(path.stat().st_mtime), "because": "none", "copy": "", "needs": iso(path.stat().st_mtime)}


def begin(folder: Path, because: str, copy: str, needs: Needs) -> None:
    """Puts a folder into quarantine, until a list comes that says what is needed."""
    path = folder / QUARANTINE_FILE
    private_file(path)
    facts: dict[str, Any] = {"since": iso(now()), "because": because, "copy": copy}
    facts |= {"needs": iso(needs.newest), "length": needs.length, "entries": list(needs.entries)}
    path.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    sync_folder(folder)


def lacks(found: Mapping[str, Any], listed: Listed, at: float) -> str | None:
    """What this list does not say yet that would end the quarantine; ``at`` is now. None where it is enough."""
    hashes = {hash_of(line) for line in listed.lines}
    needs = seconds(found["needs"]) or 0.0
    if not listed.lines:
        return "none"
    if not set(found.get("entries", ())) <= hashes:
        return "behind_receipt"
    if len(listed.lines) < int(found.get("length", 0)):
        return "cut"
    return None if listed.newest >= max(needs, at - FRESH) else "stale"


def end(folder: Path) -> None:
    """Lets the house open its records again; returns when the disk knows."""
    (folder / QUARANTINE_FILE).unlink(missing_ok=True)
    sync_folder(folder)


def refuse(folder: Path) -> None:
    """Raises Quarantined, in words, where the folder is in quarantine."""
    if (found := reason(folder)) is not None:
        raise Quarantined(in_words(found))


def in_words(found: Mapping[str, Any]) -> str:
    """One sentence for a person, and what ends it."""
    return (
        f"in quarantine since {found['since']}: {IN_WORDS[found['because']]}, so nobody can know whom the house has"
        " forgotten. Nobody is recognised, no sheet opens and nothing is sent, until a fresh list comes"
        " (moments erasures merge FILE) or two managers sign that nobody was erased (moments erasures sign)"
    )
