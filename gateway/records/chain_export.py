"""The chain without anything that is in it, and a signed head: what somebody else checks by public rules, elsewhere.

A file of the chain has one JSON line for where it begins and one for each row: numbers and digests, which say nothing
of anybody. ``check`` needs neither a data folder nor a key: the rules are those of chain.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from gateway.consent.signatures import signed_by
from gateway.consent.trust import Trust, certifies
from gateway.events.times import iso
from gateway.records import chain, journal_rows, receipt_keys
from gateway.records.compact import compact
from gateway.records.connection import SealedDatabase

CHAIN, HEAD = "moments-chain-1", "moments-head-1"
LONGEST = 1_000  # characters of a line


class NoChain(ValueError):
    """This is no file of a chain, or no head; the text says where it is wrong."""


class Checked(NamedTuple):
    """How many rows hold, the last of them, and at which row of that epoch the head is: None where it is not there."""

    rows: int
    epoch: int
    position: int
    hash: str
    head_at: tuple[int, int] | None


def head(reader: SealedDatabase, at: float) -> dict[str, Any]:
    """Where the journal stands, signed by the house's key; raises LookupError where there is none yet."""
    last, signer = journal_rows.last(reader), receipt_keys.signer(reader.keyring)
    venue = journal_rows.newest_epoch(reader)[1]
    core = {
        "v": 1, "venue": venue, "epoch": last.epoch, "position": last.position, "hash": last.hash.hex(),
        "at": f"{iso(at)[:19]}Z", "kid": signer.kid,
    }  # fmt: skip
    return {"format": HEAD, "core": core, "signature": signer.sign(HEAD, core), "keys": signer.keys}


def signed(said: dict[str, Any], trust: Trust) -> str | None:
    """What is wrong with who signed a head, in words; None where a house of a trusted operator did."""
    try:
        core, house = said["core"], next(each for each in said["keys"] if each.get("cert", {}).get("use") == "receipts")
        cert = house["cert"]
        crossed = [each for each in said["keys"] if each.get("cert", {}).get("use") == "operator"]
        operator = trust.operator(cert["by"], crossed)
        if operator is None:
            return "the operator is not among the keys that are trusted"
        if not certifies(operator.key, house) or cert["kid"] != core["kid"]:
            return "the house's key was not certified by that operator"
        if not signed_by(cert["key"], HEAD, core, said["signature"]):
            return "the house's key did not sign this head"
        if not cert["from"] <= core["at"][:10] <= cert["until"] or core["kid"] in trust.stolen:
            return "the house's key was not good on that day"
    except (KeyError, TypeError, StopIteration, AttributeError):
        return "this is no head that a house has signed"
    return None


def lines(reader: SealedDatabase) -> Iterator[str]:
    """The chain as lines of JSON: from where it was cut, or its beginning, to its newest row."""
    anchor = reader.conn.execute("SELECT number, epoch, position, hash FROM journal_anchor").fetchone()
    number, epoch, position, hash_ = anchor or (0, 0, 0, chain.NOTHING)
    yield compact({"format": CHAIN, "epoch": epoch, "position": position, "hash": hash_.hex()})
    sql = "SELECT epoch, position, head, sealed FROM journal WHERE number > ? ORDER BY number"
    for epoch, position, text, sealed in reader.conn.execute(sql, (number,)):
        row = {"e": epoch, "p": position, "h": chain.head_digest(text).hex(), "b": chain.body_digest(sealed).hex()}
        yield compact(row if position > 1 else {**row, "origin": chain.read_head(text).origin})


def check(said: Iterable[str], head: str | None = None) -> Checked:
    """Walks a chain by its digests alone; looks for the ``head`` (hex) on the way. Raises NoChain where it breaks."""
    rows = (_line(line, number) for number, line in enumerate(said, 1))
    first = next(rows, {})
    if first.get("format") != CHAIN:
        raise NoChain(f"line 1: expected the format {CHAIN}")
    count, found = 0, None
    try:
        epoch, position, before = int(first["epoch"]), int(first["position"]), bytes.fromhex(first["hash"])
        for row in rows:
            count += 1
            if (row["e"], row["p"]) == (epoch, position + 1):
                start = before
            elif row["p"] == 1 and row["e"] > epoch:
                start = chain.beginning(row["origin"], row["e"], before)
            else:
                raise NoChain(f"line {count + 1}: a row was cut out or put in before it")
            epoch, position = row["e"], row["p"]
            before = chain.link(start, position, bytes.fromhex(row["h"]), bytes.fromhex(row["b"]))
            if before.hex() == head:
                found = epoch, position
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, NoChain):
            raise
        raise NoChain(f"line {count + 1}: this is no row of a chain") from error
    return Checked(count, epoch, position, before.hex(), found)


def _line(line: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line) if len(line) <= LONGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NoChain(f"line {number}: this is no row of a chain")
    return found
