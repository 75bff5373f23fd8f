"""Resolvable private addresses: a phone that gave us its IRK is known under every address it takes.

Source: Bluetooth Core Specification, volume 3 part H, 2.2.2 and volume 6 part B, 1.3.2. An address is ``prand``,
24 bits of which the top two are 01, and ``hash`` = the last 24 bits of AES-128(IRK, 0…0 ‖ prand). Phones take a new
one some every 15 minutes. A hash of 24 bits fits by chance: 5,000 IRKs and 20,000 strangers' addresses a day make six
false matches, so one address alone proves nobody; a second, different one of the same IRK does.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from reader_drivers.phone.packed_keys import KEY, PackedKeys

CACHED = 50_000  # addresses: a large crowd's for an hour
KEPT = 1200.0  # seconds that an answer holds: longer than an address does
PROOF = 86_400.0  # seconds within which a second address confirms the first: a day's false matches stay alone
PROOFS = 4  # addresses remembered of one IRK
LOOK_EVERY = 2.0  # seconds between looks at who is enrolled: a revoked phone is unknown as soon
SLICE = 1500  # checks in one go: 0.3 ms with few keys, 2 ms with 10,000, which no processor's cache holds
CHECKS = 75_000.0  # a second, for strangers' addresses: at 0.2 to 1.4 µs each a tenth of one core at the most
BURST = 50_000.0  # that may have been saved up: five addresses among 10,000 keys
WAITING = 2000  # addresses that are not looked at to the end; the oldest are dropped, and heard again if they stay
REGULARS = 256  # keys tried first: who was recognised lately takes a new address every 15 minutes
COMPARED = 500_000  # checks for keys that are new, against addresses nobody owned: one call a key, 0.1 µs each
READY = 100_000  # encryptors that are kept, some 70 MB; with more keys most checks make their own
MAKING = 10  # checks that one costs which makes its own

IRKs = Mapping[bytes, object] | Iterable[bytes] | PackedKeys


class _Answer(NamedTuple):
    irk: bytes | None
    until: float


class Resolver:
    """Who an address belongs to, among the phones enrolled now; for all drivers of one event loop.

    ``irks`` gives the enrolled keys, 16 bytes each with the most significant first, or a mapping that has them as keys;
    it is asked every two seconds while addresses come. Of very many keys it gives ``PackedKeys``, which say themselves
    what has changed.
    """

    def __init__(self, irks: Callable[[], IRKs]) -> None:
        self._irks = irks
        self._looked_at = float("-inf")
        self._enrolled: set[bytes] = set()
        self._keys: list[bytes] | PackedKeys = []
        self._encryptors: dict[bytes, CipherContext] = {}
        self._regulars: OrderedDict[bytes, None] = OrderedDict()
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._waiting: OrderedDict[str, int] = OrderedDict()  # and how many keys each has been tried with
        self._begun = ""
        self._proofs: dict[bytes, OrderedDict[str, float]] = {}
        self._budget = BURST
        self._spent_at = float("-inf")

    def resolve(self, address: str, now: float) -> str | None:
        """``irk:…`` of a phone that was heard under this address and another one, else None.

        ``address`` is twelve hex digits in lower case, ``now`` seconds. None also while its owner is being looked for:
        among many keys that takes several calls, so that no call holds everything else up.
        """
        self._look(now)
        answer = self._answers.get(address)
        if answer is None or answer.until <= now:
            self._waiting.setdefault(address, 0)
            self._waiting.move_to_end(address)
            if len(self._waiting) > WAITING:
                self._waiting.popitem(last=False)
            self._work(now)
            answer = self._answers.get(address)
            if answer is None or answer.until <= now:
                return None
        self._answers.move_to_end(address)
        return f"irk:{answer.irk.hex()}" if answer.irk and self._proven(answer.irk, address, now) else None

    def as_heard(self, identifier: str) -> str:
        """``irk:…`` with its bytes in the order that resolves an address heard lately; any other, and else, as it is.

        Some programs show the least significant byte first.
        """
        scheme, _, digits = identifier.partition(":")
        if scheme != "irk" or not self._answers:
            return identifier
        irk = bytes.fromhex(digits)
        return f"irk:{irk[::-1].hex()}" if not self._owned(irk) and self._owned(irk[::-1]) else identifier

    def _work(self, now: float) -> None:
        """Tries keys on the addresses that wait for one slice of the budget: on the one begun, then on the newest."""
        if now > self._spent_at:
            self._budget = min(BURST, self._budget + (now - self._spent_at) * CHECKS)
            self._spent_at = now
        # To make an encryptor costs some ten times what it takes to use it.
        each = MAKING if len(self._keys) > READY else 1
        ready = len(self._encryptors) == len(self._keys)
        checks = min(SLICE if ready else SLICE // 10, int(self._budget) // each)
        while checks > 0 and self._waiting:
            address = self._begun if self._begun in self._waiting else next(reversed(self._waiting))
            tried = self._waiting[address]
            bits = bytes.fromhex(address)
            keys = self._some(tried, checks)
            owner = self._owner(bits, self._regulars) if not tried else None
            owner = owner or self._owner(bits, keys)
            spent = len(keys) + (len(self._regulars) if not tried else 0)
            checks -= max(1, spent)
            self._budget -= max(1, spent) * each
            if owner is None and tried + len(keys) < len(self._keys):
                self._waiting[address], self._begun = tried + len(keys), address
                return
            del self._waiting[address]
            self._answer(address, owner, now + KEPT)

    def _some(self, start: int, count: int) -> list[bytes]:
        keys = self._keys
        return keys.some(start, count) if isinstance(keys, PackedKeys) else keys[start : start + count]

    def _answer(self, address: str, owner: bytes | None, until: float) -> None:
        self._answers[address] = _Answer(owner, until)
        self._answers.move_to_end(address)
        if len(self._answers) > CACHED:
            self._answers.popitem(last=False)
        if owner is not None:
            self._regulars[owner] = None
            self._regulars.move_to_end(owner)
            if len(self._regulars) > REGULARS:
                self._regulars.popitem(last=False)

    def _owner(self, address: bytes, keys: Iterable[bytes]) -> bytes | None:
        block, wanted = bytes(13) + address[:3], address[3:]
        for irk in keys:
            encryptor = self._encryptors.get(irk)
            if encryptor is None:
                encryptor = _encryptor(irk)
                if len(self._encryptors) < READY:  # for good
                    self._encryptors[irk] = encryptor
            if encryptor.update(block)[13:] == wanted:
                return irk
        return None

    def _owned(self, irk: bytes) -> list[str]:
        """The addresses of nobody known that belong to this key after all."""
        strange = [address for address, answer in self._answers.items() if answer.irk is None]
        told = _encryptor(irk).update(b"".join(bytes(13) + bytes.fromhex(each[:6]) for each in strange))
        return [each for place, each in enumerate(strange) if told[16 * place + 13 : 16 * place + 16].hex() == each[6:]]

    def _proven(self, irk: bytes, address: str, now: float) -> bool:
        heard = self._proofs.setdefault(irk, OrderedDict())
        heard[address] = now
        heard.move_to_end(address)
        while len(heard) > PROOFS or now - next(iter(heard.values())) > PROOF:
            heard.popitem(last=False)
        return len(heard) > 1

    def _look(self, now: float) -> None:
        if now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        irks = self._irks()
        if isinstance(irks, PackedKeys):
            self._follow(irks)
            return
        enrolled = {irk for irk in irks if len(irk) == KEY}
        if enrolled == self._enrolled:
            return
        fresh, gone = enrolled - self._enrolled, self._enrolled - enrolled
        self._enrolled, self._keys = enrolled, sorted(enrolled)
        self._changed(fresh, gone)

    def _follow(self, keys: PackedKeys) -> None:
        """Takes in what became of many keys; others than before may be anybody's."""
        if self._keys is not keys:
            self._enrolled, self._keys = set(), keys
            keys.settle()
            self._waiting = OrderedDict.fromkeys(self._waiting, 0)
            self._encryptors, self._regulars, self._proofs, self._answers = {}, OrderedDict(), {}, OrderedDict()
            return
        fresh, gone = keys.changes()
        if fresh or gone:
            self._changed(fresh, gone)

    def _changed(self, fresh: set[bytes], gone: set[bytes]) -> None:
        self._waiting = OrderedDict.fromkeys(self._waiting, 0)
        for irk in gone:
            self._encryptors.pop(irk, None)
            self._regulars.pop(irk, None)
            self._proofs.pop(irk, None)
        for address in [at for at, answer in self._answers.items() if answer.irk in gone]:
            del self._answers[address]
        self._compare(fresh)

    def _compare(self, fresh: set[bytes]) -> None:
        """Addresses of nobody may be those of a key that is new."""
        if not self._answers:
            return
        if len(fresh) * len(self._answers) > COMPARED:
            self._answers = OrderedDict((at, answer) for at, answer in self._answers.items() if answer.irk)
            return
        for irk in fresh:
            for address in self._owned(irk):
                self._answer(address, irk, self._answers[address].until)


def _encryptor(irk: bytes) -> CipherContext:
    return Cipher(AES(irk), ECB()).encryptor()  # noqa: S305 - one block, as the specification says
