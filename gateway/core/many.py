"""A house with more customers than are read at a start: who somebody is is asked of the records at first sight.

A stranger's identifier is not among the keyed hashes of those on record, and ends there. Any other is looked up in the
records, its customer is admitted as they agree, and from then on stands in memory as everybody does in a small house.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import closing

from gateway.recognition.roster import IRK
from gateway.records import customers
from gateway.records.consents import Cut
from gateway.records.customers import Credential
from gateway.records.keyed_hashes import KeyedHashes
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Store
from reader_drivers.phone.packed_keys import PackedKeys

log = logging.getLogger(__name__)

AT_START = 100_000  # tags and phones that are read at a start: a second, 30 MB
PACE = 64  # phones, then others have their turn: half a millisecond
REST = 0.001  # seconds
AGAIN_AFTER = 60.0  # seconds until phones are read again where that failed
MEANWHILE = 500  # customers who may change while phones are read; of more they are read anew
LOST = 20  # times as dear is one of whom something is gone from the records
AT_ONCE = 20  # persons of several records who are looked at between two addresses


class Many:
    """What is known of everybody: whether an identifier is on record, and the keys of phones once they are asked for.

    ``certain`` tells the time by which something may run out, in seconds since 1970 UTC.
    """

    def __init__(self, store: Store, certain: Callable[[], float], cut: Cut) -> None:
        self._store = store
        self._hashes = KeyedHashes(store.reader)
        self._failing = False
        self.phones = Phones(store, certain, cut)

    def owner(self, identifier: str) -> str | None:
        """The customer to whom this belongs, whatever they agree to; None for a stranger's."""
        if not self._hashes.holds(identifier):
            return None
        try:
            found = customers.owner_of(self._store.reader, identifier)
        except sqlite3.DatabaseError as error:  # a page of the disk must not be the end of a reader
            if not self._failing:
                log.error("somebody could not be looked up: %s", error)
            self._failing = True
            return None
        self._failing = False
        return found

    def carries(self, credential: Credential, *, recognised: bool) -> None:
        """This is on record, and recognised or not."""
        self._hashes.add(credential.identifier)
        self.phones.put(credential, recognised=recognised)


class Phones:
    """The keys of all phones that are recognised, read apart from the loop once an address asks for them.

    They only say whom an address may belong to: whether that phone is recognised is asked as of any other identifier.
    """

    def __init__(self, store: Store, certain: Callable[[], float], cut: Cut) -> None:
        self._store = store
        self._certain = certain
        self._cut = cut
        self._keys: PackedKeys | None = None
        self._read: PackedKeys | None = None  # whole, and not yet taken in
        self._reading = False
        self._not_before = float("-inf")
        self._meanwhile: dict[str, bool] = {}  # who changed while they are read, and whether something was lost
        self._several: list[str] = []  # persons of whom there are several records, who are looked at one by one
        self.apart: Callable[[Callable[[], None]], object] = _in_a_thread

    def anew(self) -> None:
        """All are read again when the next address asks: what was agreed is otherwise."""
        self._keys = None
        if self._reading:
            self._meanwhile[""] = True

    def asked(self, admit: Callable[[str], None], several: Callable[[], list[str]]) -> PackedKeys | None:
        """The keys; None while they are read.

        ``admit`` brings in line what is known of a customer, ``several`` are those of whom there are several records.
        """
        if self._read is not None:
            self._take_in(self._read, admit, several)
        if self._keys is None and not self._reading and self._certain() >= self._not_before:
            self._reading = True
            self.apart(self._read_all)
        for customer in self._several[-AT_ONCE:]:
            admit(customer)
        del self._several[-AT_ONCE:]
        return self._keys

    def _take_in(self, keys: PackedKeys, admit: Callable[[str], None], several: Callable[[], list[str]]) -> None:
        self._read, self._reading = None, False
        changed, self._meanwhile = self._meanwhile, {}
        if "" in changed or len(changed) + LOST * sum(changed.values()) > MEANWHILE:
            return
        self._keys, self._several = keys, several()
        for customer, lost in changed.items():
            if lost:
                keys.discard_of(customer)
            admit(customer)

    def put(self, credential: Credential, *, recognised: bool) -> None:
        """This is recognised from now on, or is not."""
        if not credential.identifier.startswith(IRK):
            return
        if self._keys is None:
            self._touch(credential.customer, lost=False)
        elif recognised:
            self._keys.add(_key(credential.identifier), credential.customer)
        else:
            self._keys.discard(_key(credential.identifier))

    def lost(self, customer: str) -> None:
        """Something of a customer's is no longer on record."""
        if self._keys is None:
            self._touch(customer, lost=True)
        else:
            self._keys.discard_of(customer)

    def _touch(self, customer: str, *, lost: bool) -> None:
        if self._reading and len(self._meanwhile) <= MEANWHILE:
            self._meanwhile[customer] = lost or self._meanwhile.get(customer, False)

    def _read_all(self) -> None:
        found = PackedKeys()
        try:
            with closing(self._store.open_reader()) as reader:
                rows = customers.phones(reader, self._certain(), self._cut)
                for number, (identifier, customer) in enumerate(rows):
                    found.add(_key(identifier), customer)
                    if number % PACE == PACE - 1:
                        time.sleep(REST)
        except sqlite3.Error as error:
            log.error("phones are not known under their private addresses for now: %s", error)
            self._not_before, self._reading = self._certain() + AGAIN_AFTER, False
            return
        self._read = found


def _key(identifier: str) -> bytes:
    return bytes.fromhex(identifier[len(IRK) :])


def _in_a_thread(work: Callable[[], None]) -> None:
    asyncio.get_running_loop().run_in_executor(None, work)
