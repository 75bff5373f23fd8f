"""Turns: while an act about somebody is being written, other acts about them wait, and nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection


class Turns:
    """The subjects (customers, staff, what else events are about) of which something is being written just now."""

    def __init__(self) -> None:
        self._taken: dict[str, asyncio.Future[None]] = {}
        self._after: dict[str, list[Callable[[], None]]] = {}

    def taken(self, subject: str) -> bool:
        """Whether something about this subject is being written."""
        return subject in self._taken

    def holding(self, subjects: Collection[str]) -> asyncio.Future[None] | None:
        """What must be done before somebody may act on all of these; None where they are free."""
        return next((self._taken[subject] for subject in subjects if subject in self._taken), None)

    def take(self, subjects: Collection[str]) -> Callable[[], None]:
        """Takes the turn of these; the answer gives it back."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._taken.update(dict.fromkeys(subjects, done))

        def give_back() -> None:
            for subject in subjects:
                del self._taken[subject]
            done.set_result(None)
            for subject in subjects:
                for call in self._after.pop(subject, ()):
                    call()

        return give_back

    def after(self, subject: str, call: Callable[[], None]) -> None:
        """Has ``call`` made once the turn of this subject is over, in the order in which it was asked for."""
        self._after.setdefault(subject, []).append(call)
