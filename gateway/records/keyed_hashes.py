"""Which tags and phones are on record: of each the first 64 bits of its keyed hash, sorted, eight bytes apiece.

What is not among them is a stranger's, and the disk is not asked. They are read from the index by which the records
find an identifier themselves: so there is no file that has to follow the records, and none that could be older than
they are. What is given out later stands beside; what is taken back stays among them, and the records know that it is
nobody's.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left

from gateway.records.connection import SealedDatabase

SHORT = 8  # bytes; of two million identifiers one stranger in nine million million shares them with one
AT_ONCE = 10_000  # rows in memory at a time, as the objects that they are at first


class KeyedHashes:
    """Those of one house; belongs to the thread of the reader, which stays open."""

    def __init__(self, reader: SealedDatabase) -> None:
        """Reads them all: a second for two million."""
        self._keyring = reader.keyring
        self._read = _read(reader)
        self._since: set[int] = set()

    def __len__(self) -> int:
        return len(self._read) + len(self._since)

    def holds(self, identifier: str) -> bool:
        """Whether this may be on record; False is for certain."""
        read = self._read
        for fingerprint in self._keyring.fingerprints(identifier):
            short = int.from_bytes(fingerprint[:SHORT])
            place = bisect_left(read, short)
            if (place < len(read) and read[place] == short) or short in self._since:
                return True
        return False

    def add(self, identifier: str) -> None:
        """This is on record from now on."""
        if not self.holds(identifier):
            self._since.add(int.from_bytes(self._keyring.fingerprint(identifier)[:SHORT]))


def _read(reader: SealedDatabase) -> array[int]:
    found = array("Q")
    rows = reader.conn.execute("SELECT substr(fingerprint, 1, ?) FROM credentials ORDER BY fingerprint", (SHORT,))
    while some := rows.fetchmany(AT_ONCE):
        found.frombytes(b"".join([short for (short,) in some]))
    if sys.byteorder == "little":
        found.byteswap()
    return found
