"""What is shown to an ACME authority that comes and looks, while it looks."""

from __future__ import annotations

import threading

LONGEST_TOKEN = 200


class ShownTokens:
    """Texts by token; written by one thread and read by another."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._lock = threading.Lock()

    def show(self, token: str, text: str | None) -> None:
        """From now on this text under this token; None: no longer."""
        with self._lock:
            self._shown.pop(token, None)
            if text is not None and len(token) <= LONGEST_TOKEN:
                self._shown[token] = text

    def under(self, token: str) -> str | None:
        """The text under this token; None where there is none."""
        with self._lock:
            return self._shown.get(token)
