"""PINs: hashed with argon2id, and none that everybody tries first."""

from __future__ import annotations

import asyncio
import hmac
from itertools import pairwise
from secrets import randbelow

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.records.house_secrets import PINS, HouseSecrets
from gateway.tries import TooSoon, Tries

__all__ = ["TooSoon", "Tries", "hash_now", "hash_pin", "matches", "outdated", "random_pin", "weak"]

# OWASP's second recommended set: 19 MiB, two passes; 70 ms on two cores, where the library's default takes 340 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_ONE_AT_A_TIME = asyncio.Semaphore(1)  # a queue of guesses must not take both cores

COLUMNS = frozenset({"2580", "0852", "1470", "0741", "3690", "0963", "147258", "147258369", "159357", "1590", "3570"})


def hash_now(pin: str, secrets: HouseSecrets | None = None) -> str:
    """An argon2id hash of a PIN; takes 70 ms of this thread.

    Where the house has a pepper it is hashed with the newest, which the text then names: ``2$argon2id$…``.
    """
    generation = -1 if secrets is None else secrets.newest(PINS)
    if secrets is None or generation < 0:
        return _HASHER.hash(pin)
    return f"{generation}{_HASHER.hash(_peppered(pin, secrets, generation) or pin)}"


async def hash_pin(pin: str, secrets: HouseSecrets | None = None) -> str:
    """The same off the loop."""
    async with _ONE_AT_A_TIME:
        return await asyncio.to_thread(hash_now, pin, secrets)


async def matches(hashed: str | None, pin: str, secrets: HouseSecrets | None = None) -> bool:
    """Whether this is the PIN; takes as long for a person without one, so that time tells nothing."""
    async with _ONE_AT_A_TIME:
        return await asyncio.to_thread(_verify, hashed, pin, secrets)


def outdated(hashed: str, secrets: HouseSecrets) -> bool:
    """Whether a hash was made without the newest pepper: it is made anew when the PIN is typed next."""
    return _parts(hashed)[0] < secrets.newest(PINS)


# Of as much work as a person's hash, so that time tells nothing; made anew where that work changes.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$+pj8vyYB9CpZTxTPLZLNZw$Ay3NCHkp5OUs9qBMZxSRNS1+ZCUCjdiZ4WEic5Nt0Lc"


def _verify(hashed: str | None, pin: str, secrets: HouseSecrets | None) -> bool:
    generation, text = _parts(hashed or _NOBODY)
    typed = pin if generation < 0 else _peppered(pin, secrets, generation)
    try:
        return _HASHER.verify(text, typed or "") and hashed is not None and typed is not None
    except (VerificationError, InvalidHashError):
        return False


def _parts(hashed: str) -> tuple[int, str]:
    """The pepper's generation, minus one for none, and the hash."""
    generation, mark, text = hashed.partition("$")
    return (int(generation) if generation.isascii() and generation.isdigit() else -1), mark + text


def _peppered(pin: str, secrets: HouseSecrets | None, generation: int) -> str | None:
    pepper = None if secrets is None else secrets.of(PINS, generation)
    return None if pepper is None else hmac.digest(pepper, pin.encode(), "sha256").hex()


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
    while weak(pin := f"{randbelow(10**digits):0{digits}d}"):
        pass
    return pin
