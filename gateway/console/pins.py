"""PINs: hashed with argon2id, and none that everybody tries first."""

from __future__ import annotations

import asyncio
import secrets
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.console.tries import TooSoon, Tries

__all__ = ["TooSoon", "Tries", "hash_now", "hash_pin", "matches", "random_pin", "weak"]

# OWASP's second recommended set: 19 MiB, two passes; 70 ms on two cores, where the library's default takes 340 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_ONE_AT_A_TIME = asyncio.Semaphore(1)  # a queue of guesses must not take both cores

COLUMNS = frozenset({"2580", "0852", "1470", "0741", "3690", "0963", "147258", "147258369", "159357", "1590", "3570"})


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


def weak(pin: str) -> str | None:
    """Why a PIN is none, though it has digits enough: what everybody tries first; None for a good one."""
    digits = [int(digit) for digit in pin]
    steps = {(after - before) % 10 for before, after in pairwise(digits)}
    if len(set(digits)) < 3:
        return "a PIN of one or two digits is guessed at once: take more different ones"
    if steps in ({1}, {9}):
        return "a PIN that counts up or down is guessed at once: take another"
    if any(len(pin) % part == 0 and pin == pin[:part] * (len(pin) // part) for part in range(1, len(pin) // 2 + 1)):
        return "a PIN that repeats itself is guessed at once: take another"
    if pin in COLUMNS:
        return "a PIN that is a line on the keypad is guessed at once: take another"
    return None


def random_pin(digits: int) -> str:
    """A PIN that nobody guesses at once."""
    while weak(pin := f"{secrets.randbelow(10**digits):0{digits}d}"):
        pass
    return pin
