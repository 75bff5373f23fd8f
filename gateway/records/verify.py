"""Whether anybody changed or cut what happened: a walk along the chain, and the head that is kept beside the keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gateway.events import hlc
from gateway.events.times import born
from gateway.records import bodies, chain
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Damaged
from gateway.records.journal_rows import COLUMNS, Link, Row

HEAD_IS_GONE = "no head of the journal is kept beside the keys: it was taken away"
ROWS_ARE_GONE = "events after event {sequence} were cut off: the head that is kept beside the keys is further on"
EMPTIED = "the journal was emptied: the head that is kept beside the keys is at position {position} of epoch {epoch}"
ANOTHER = "the chain is not the one whose head is kept beside the keys"


@dataclass(slots=True, frozen=True)
class Verdict:
    """Whether the chain holds, the events walked, the first broken sequence, and what else is wrong, in words.

    ``sequence``, ``epoch`` and ``position`` are the newest event's; ``known_at`` is the sequence of the head that was
    asked for, None where it is not there.
    """

    ok: bool
    events: int
    broken_at: int | None
    head: str
    sequence: int = 0
    known_at: int | None = None
    epoch: int = 0
    position: int = 0
    wrong: str | None = None


class _Broken(Exception):
    """The chain does not hold at this sequence."""


def verify(reader: SealedDatabase, known: str = "", *, kept: bool = True) -> Verdict:
    """Walks the chain of ``reader`` from where it was cut to its head; looks for the head ``known`` (hex) on the way.

    ``kept``: the head beside the keys must be there too; of a copy it may be further on.
    """
    try:
        standing = reader.keyring.kept_head() if kept else None  # before the rows: they only go on from there
    except Damaged as error:
        return Verdict(False, 0, None, "", wrong=str(error))
    with _at_one_moment(reader):
        walk = _Walk(reader, known, standing)
        verdict = walk.verdict()
    wrong = walk.missing(standing) if kept and verdict.ok else None
    return verdict if wrong is None else _failed(verdict, wrong)


def _failed(verdict: Verdict, wrong: str) -> Verdict:
    v = verdict
    return Verdict(False, v.events, None, v.head, v.sequence, v.known_at, v.epoch, v.position, wrong)


@contextmanager
def _at_one_moment(reader: SealedDatabase) -> Iterator[None]:
    reader.conn.execute("BEGIN")
    try:
        yield
    finally:
        reader.conn.execute("COMMIT")


class _Walk:
    """One walk along the chain."""

    def __init__(self, reader: SealedDatabase, known: str, standing: tuple[int, int, bytes] | None) -> None:
        self._reader = reader
        self._known = known
        self._standing = standing
        self._last = Link(0, 0, 0, chain.NOTHING)
        self._cut = self._last
        self._met: bytes | None = None
        self._count, self._sequence = 0, 0
        self._known_at: int | None = None
        self._bare: dict[str, int] | None = None

    def verdict(self) -> Verdict:
        """What the walk finds."""
        broken_at = None
        try:
            self._start()
            for row in self._reader.conn.execute(f"SELECT {COLUMNS} FROM journal ORDER BY number"):  # noqa: S608
                self._step(row)
        except _Broken as broken:
            broken_at = int(broken.args[0])
        last = self._last
        return Verdict(
            broken_at is None,
            self._count,
            broken_at,
            last.hash.hex(),
            self._sequence,
            self._known_at,
            last.epoch,
            last.position,
        )

    def missing(self, standing: tuple[int, int, bytes] | None) -> str | None:
        """What is missing, by the head that is kept beside the keys."""
        last = self._last
        if standing is None:
            return None if last.number == 0 else HEAD_IS_GONE
        epoch, position, hash_ = standing
        if last.number == 0:
            return EMPTIED.format(epoch=epoch, position=position)
        if (epoch, position) > (last.epoch, last.position):
            return ROWS_ARE_GONE.format(sequence=self._sequence)
        before_the_cut = (epoch, position) < (self._cut.epoch, self._cut.position)
        return None if before_the_cut or self._met == hash_ else ANOTHER

    def _start(self) -> None:
        sql = "SELECT number, epoch, position, hash, sequence, proof FROM journal_anchor"
        anchor = self._reader.conn.execute(sql).fetchone()
        if anchor is None:
            return
        self._sequence = anchor[4]
        if not self._reader.keyring.proves(anchor[5], _cut_at(Link(*anchor[:4]), anchor[4])):
            raise _Broken(self._sequence)
        self._cut = Link(*anchor[:4])
        self._be_at(self._cut, anchor[4])

    def _bare_until(self, type_: str) -> int:
        """The row up to which we let bodies of this type go; raises _Broken where somebody else says so."""
        if self._bare is None:
            self._bare = {}
            rows = self._reader.conn.execute("SELECT kind, number, sequence, proof FROM journal_let_go")
            for kind, number, sequence, proof in rows:
                if not self._reader.keyring.proves(proof, bodies.proof_text(kind, bodies.Mark(number, sequence))):
                    raise _Broken(self._sequence)
                self._bare[kind] = number
        of_presence = self._bare.get("presence", 0) if type_ in bodies.PRESENCE else 0
        return max(of_presence, self._bare.get("journal", 0))

    def _be_at(self, link: Link, sequence: int) -> None:
        self._last, self._sequence = link, sequence
        if link.hash.hex() == self._known:
            self._known_at = sequence
        if self._standing is not None and (link.epoch, link.position) == self._standing[:2]:
            self._met = link.hash

    def _step(self, row: Row) -> None:
        number, epoch, position, sequence = row[:4]
        last = self._last
        goes_on = (epoch, position) == (last.epoch, last.position + 1)
        begins = position == 1 and epoch > last.epoch
        if number != last.number + 1 or not (goes_on or begins):
            raise _Broken(sequence)
        head = _head_of(self._reader, row)
        before = last.hash if goes_on else chain.beginning(head.origin, epoch, last.hash)
        linked = chain.link(before, position, chain.head_digest(row[11]), chain.body_digest(row[12]))
        if linked != row[13] or (chain.is_let_go(row[12]) and number > self._bare_until(row[5])):
            raise _Broken(sequence)
        self._count += 1
        self._be_at(Link(number, epoch, position, linked), sequence)


def _head_of(reader: SealedDatabase, row: Row) -> chain.Head:
    """What the head of a row says; raises _Broken where another column says otherwise."""
    _, epoch, position, sequence, id_, type_, subject, holder, at, stamp, actor, text = row[:12]
    try:
        head = chain.read_head(text)
        beside: tuple[Any, ...] = (epoch, position, id_, type_, subject, holder, stamp, actor)
        inside = (head.epoch, head.position, head.id, head.type, head.subject, head.holder, hlc.parse(head.hlc))
        if beside != (*inside, head.actor) or born(id_) != at or not reader.keyring.salted(id_, sequence, head.salt):
            raise _Broken(sequence)
    except (ValueError, TypeError):
        raise _Broken(sequence) from None
    return head


def anchor_proof(reader: SealedDatabase, cut: Link, sequence: int) -> bytes:
    """What proves that the chain was cut there by us."""
    return reader.keyring.prove(_cut_at(cut, sequence))


def _cut_at(cut: Link, sequence: int) -> bytes:
    return b"anchor %d %d %d %d " % (cut.number, cut.epoch, cut.position, sequence) + cut.hash
