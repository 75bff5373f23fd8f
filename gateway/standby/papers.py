"""Who this box is to the other one of its venue: the first, or its standby; a file of its owner's alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from gateway.hub.wire import b64, octets, table, text
from gateway.joined.boxes import Keys, keys_of
from gateway.operations.private_file import private_file
from gateway.records.errors import Damaged
from gateway.records.sqlite_file import sync_folder
from gateway.standby.names import FILE

WELL = "ended with 0"
"""How a program of ``on_promote`` ends that did what it should."""
Role = Literal["first", "standby"]


@dataclass(slots=True, frozen=True)
class Other:
    """The other box: its name, where it answers ("" where that is not known), and the public keys we know it by."""

    id: str
    url: str
    sign: bytes
    open: bytes


@dataclass(slots=True, frozen=True)
class Invitation:
    """What a second box is let in by, once; ``until`` in milliseconds since 1970 UTC."""

    secret: bytes
    until: int
    used: bool = False


@dataclass(slots=True, frozen=True)
class Paper:
    """What this box knows of itself. ``term`` counts how often a box of this venue took over."""

    role: Role
    id: str
    venue: str
    keys: Keys
    term: int = 1
    other: Other | None = None
    invitation: Invitation | None = None
    taking_over: bool = False
    """It was asked to take over, and has not done so yet."""
    at: str = ""
    """When it took over last, in ISO 8601; empty where it never did."""
    ended: str = ""
    """How the program of ``on_promote`` ended, in words; empty where there is none."""
    beyond: tuple[int, int] | None = None
    """Where the other box went on from: epoch and position. What was written here behind it is sent there first."""

    def but(self, **changes: Any) -> Paper:
        """The same with these changes."""
        return replace(self, **changes)


def read(folder: Path) -> Paper | None:
    """Who this box is; None where there is no other. Raises Damaged."""
    path = folder / FILE
    try:
        facts = table(json.loads(path.read_text("utf-8")), "the file")
        other, invitation, beyond = facts.get("other"), facts.get("invitation"), facts.get("beyond")
        role = facts.get("role")
        if role not in ("first", "standby"):
            raise ValueError("role: expected first or standby")
        return Paper(
            role, text(facts.get("id"), "id"), text(facts.get("venue"), "venue"),
            keys_of(*(octets(table(facts.get("keys"), "keys").get(name), name, 32) for name in ("sign", "open"))),
            int(facts["term"]),
            None if other is None else Other(
                text(other["id"], "id"), str(other["url"]), octets(other["sign"], "sign", 32),
                octets(other["open"], "open", 32),
            ),
            None if invitation is None else Invitation(
                octets(invitation["secret"], "secret"), int(invitation["until"]), bool(invitation["used"])
            ),
            bool(facts.get("taking_over")), str(facts.get("at", "")), str(facts.get("ended", "")),
            None if beyond is None else (int(beyond[0]), int(beyond[1])),
        )  # fmt: skip
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{path}: {error}; move it away, and follow anew (moments follow)") from None


def keep(folder: Path, paper: Paper) -> Paper:
    """Writes down who this box is; returns it once the disk has it."""
    other, invitation, keys = paper.other, paper.invitation, paper.keys
    facts = {
        "role": paper.role, "id": paper.id, "venue": paper.venue, "term": paper.term,
        "keys": {"sign": b64(keys.sign.private_bytes_raw()), "open": b64(keys.open.private_bytes_raw())},
        "other": None if other is None else {
            "id": other.id, "url": other.url, "sign": b64(other.sign), "open": b64(other.open),
        },
        "invitation": None if invitation is None else {
            "secret": b64(invitation.secret), "until": invitation.until, "used": invitation.used,
        },
        "taking_over": paper.taking_over, "at": paper.at, "ended": paper.ended,
        "beyond": None if paper.beyond is None else list(paper.beyond),
    }  # fmt: skip
    private_file(folder / FILE, (json.dumps(facts, indent=1) + "\n").encode())
    sync_folder(folder)
    return paper
