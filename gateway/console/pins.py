"""PINs: hashed with argon2id, and few tries."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second recommended set: 19 MiB, two passes; 70 ms on two cores, where the library's default takes 340 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_ONE_AT_A_TIME = asyncio.Semaphore(1)  # a queue of guesses must not take both cores

FIRST_WAIT = 1.0
LONGEST_WAIT = 300.0  # 1, 2, 4 … 300 s: ten tries in ten minutes
FORGIVEN_AFTER = 900.0


class TooSoon(Exception):
    """A wrong PIN was tried just before; ``wait`` is how many seconds to let pass."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"wait {wait:.0f} s")
        self.wait = wait


def hash_now(pin: str) -> str:
    """An argon2id hash of a PIN; takes 70 ms of this thread."""
    return _HASHER.hash(pin)


async def hash_pin(pin: str) -> str:
    """The same off the loop."""
    async with _ONE_AT_A_TIME:
        return await asyncio.to_thread(hash_now, pin)


async def matches(hashed: str | None, pin: str) -> bool:
    """Whether this is the PIN; takes as long for a person without one, so that time tells nothing."""
    async with _ONE_AT_A_TIME:
        return await asyncio.to_thread(_verify, hashed, pin)


_NOBODY = _HASHER.hash("nobody's")


def _verify(hashed: str | None, pin: str) -> bool:
    try:
        return _HASHER.verify(hashed or _NOBODY, pin) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


@dataclass(slots=True)
class _Wrong:
    count: int
    at: float


class Tries:
    """Counts wrong PINs per person: each doubles that person's wait, and nobody else's."""

    def __init__(self) -> None:
        self._wrong: dict[str, _Wrong] = {}

    def may_try(self, staff: str, now: float) -> None:
        """Raises TooSoon while this person must wait; ``now`` is monotonic, in seconds."""
        wrong = self._wrong.get(staff)
        if wrong is None:
            return
        if now - wrong.at > FORGIVEN_AFTER:
            del self._wrong[staff]
            return
        wait = wrong.at + min(FIRST_WAIT * 2 ** (wrong.count - 1), LONGEST_WAIT) - now
        if wait > 0:
            raise TooSoon(wait)

    def wrong(self, staff: str, now: float) -> None:
        """One more wrong PIN."""
        before = self._wrong.get(staff)
        self._wrong[staff] = _Wrong((before.count if before else 0) + 1, now)

    def right(self, staff: str) -> None:
        """The right PIN: all is forgiven."""
        self._wrong.pop(staff, None)
