"""Logs: stderr, one line an event, as text or as JSON for machines."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

from gateway.events.times import iso

QUIET = ("uvicorn", "websockets", "asyncio", "paho")


UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
"""What would begin another line, or have a terminal do something: others' words stand in what is logged."""


def one_line(text: str) -> str:
    """``text`` with what nobody can see written out, as ``\\n``."""
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _in_json(text: str) -> str:
    """The same of JSON, where what is written out is read as what it was."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class _Plain(logging.Formatter):
    """One line an event, and below it, indented, where a fault of ours happened: its words may be somebody else's."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging calls it so
        return "\n".join(f"  {one_line(line)}" for line in super().formatException(ei).split("\n"))

    def format(self, record: logging.LogRecord) -> str:
        shown = logging.makeLogRecord(record.__dict__)
        shown.msg, shown.args, shown.exc_text = one_line(record.getMessage()), (), None
        return super().format(shown)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _in_json(json.dumps(line, ensure_ascii=False))


def set_up_logging(log_format: str, *, verbose: bool) -> None:
    """One handler on stderr; other people's libraries speak from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    plain = _Plain("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(_Json() if log_format == "json" else plain)
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True)
    # uvicorn calls a refused live socket a fault of ours; it was answered with 401 or 403.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing handshake" not in record.getMessage()
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
