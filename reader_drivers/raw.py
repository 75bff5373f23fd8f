"""Who looks at what a reader sends before anyone decodes it; nobody, mostly."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

Tap = Callable[[str, bytes], None]
"""Hears where it came from (a topic, or ``in`` and ``out`` of a line) and the bytes; on the loop, and quick."""

TAP: ContextVar[Tap | None] = ContextVar("tap", default=None)
"""Links that are opened while it is set tell it everything; whoever keeps a reader sets it in the reader's own task."""
