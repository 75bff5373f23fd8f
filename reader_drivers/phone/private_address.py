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

KEY = 16  # bytes of an IRK, the most significant first
CACHED = 50_000  # addresses: a large crowd's for an hour
KEPT = 1200.0  # seconds that an answer holds: longer than an address does
PROOF = 86_400.0  # seconds within which a second address confirms the first: a day's false matches stay alone
PROOFS = 4  # addresses remembered of one IRK
LOOK_EVERY = 2.0  # seconds between looks at who is enrolled: a revoked phone is unknown as soon
CHECKS = 250_000.0  # a second, for strangers' addresses: some 5 % of one core at 0.2 µs each
BURST = 50_000.0  # at once: 10 ms

IRKs = Mapping[bytes, object] | Iterable[bytes]


class _Answer(NamedTuple):
    irk: bytes | None
    until: float


class Resolver:
    """Who an address belongs to, among the phones enrolled now; for all drivers of one event loop.

    ``irks`` gives the enrolled keys, 16 bytes each with the most significant first, or a mapping that has them as keys;
    it is asked every two seconds while addresses come.
    """

    def __init__(self, irks: Callable[[], IRKs]) -> None:
        self._irks = irks
        self._looked_at = float("-inf")
        self._encryptors: dict[bytes, CipherContext] = {}
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._proofs: dict[bytes, OrderedDict[str, float]] = {}
        self._budget = BURST
        self._spent_at = float("-inf")

    def resolve(self, address: str, now: float) -> str | None:
        """``irk:…`` of a phone that was heard under this address and another one, else None.

        ``address`` is twelve hex digits in lower case, ``now`` seconds. None also while so many new addresses come that
        looking for their owners would hold everything else up; the address is looked at when it is heard again.
        """
        self._look(now)
        answer = self._answers.get(address)
        if answer is None or answer.until <= now:
            if not self._encryptors or not self._may_spend(now):
                return None
            answer = _Answer(self._owner(bytes.fromhex(address)), now + KEPT)
            self._answers[address] = answer
            if len(self._answers) > CACHED:
                self._answers.popitem(last=False)
        self._answers.move_to_end(address)
        return f"irk:{answer.irk.hex()}" if answer.irk and self._proven(answer.irk, address, now) else None

    def _owner(self, address: bytes) -> bytes | None:
        block, wanted = bytes(13) + address[:3], address[3:]
        for irk, encryptor in self._encryptors.items():
            if encryptor.update(block)[13:] == wanted:
                return irk
        return None

    def _proven(self, irk: bytes, address: str, now: float) -> bool:
        heard = self._proofs.setdefault(irk, OrderedDict())
        heard[address] = now
        heard.move_to_end(address)
        while len(heard) > PROOFS or now - next(iter(heard.values())) > PROOF:
            heard.popitem(last=False)
        return len(heard) > 1

    def _may_spend(self, now: float) -> bool:
        if now > self._spent_at:
            self._budget = min(BURST, self._budget + (now - self._spent_at) * CHECKS)
            self._spent_at = now
        if self._budget <= 0:
            return False
        self._budget -= len(self._encryptors)  # below nothing once: a roster larger than a burst is searched too
        return True

    def _look(self, now: float) -> None:
        if now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        enrolled = {irk for irk in self._irks() if len(irk) == KEY}
        if enrolled == self._encryptors.keys():
            return
        known = self._encryptors.keys()
        if enrolled - known:
            answers = [(at, answer) for at, answer in self._answers.items() if answer.irk in enrolled]
        else:
            answers = [(at, answer) for at, answer in self._answers.items() if answer.irk in enrolled or not answer.irk]
        self._answers = OrderedDict(answers)
        self._proofs = {irk: heard for irk, heard in self._proofs.items() if irk in enrolled}
        # One encryptor an IRK, for good: to make one costs thirteen times what it takes to use it.
        self._encryptors = {irk: self._encryptors.get(irk) or _encryptor(irk) for irk in sorted(enrolled)}


def _encryptor(irk: bytes) -> CipherContext:
    return Cipher(AES(irk), ECB()).encryptor()  # noqa: S305 - one block, as the specification says
