"""The log: one line an event, whoever's words are in it."""

from __future__ import annotations

import logging

import pytest

from gateway.commands.console_log import set_up_logging


def test_no_line_of_the_log_is_written_by_somebody_else(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        set_up_logging("text", verbose=False)
        nasty = "x\n12:00:00 ERROR   moments: the house is open\r\n\x1b[2J\x1b]0;owned\x07\u2028\u202e\x85"
        logging.getLogger("gateway.console.passkeys").warning("a passkey was refused: %s", nasty)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.rstrip("\n").isprintable()
    assert "\\n12:00:00 ERROR" in said
