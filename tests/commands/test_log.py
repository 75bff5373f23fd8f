"""The log: one line an event, whoever's words are in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.commands.console_log import set_up_logging

NASTY = "x\n12:00:00 ERROR   moments: the house is open\r\n\x1b[2J\x1b]0;owned\x07\u2028\u202e\x85\x9b2J"
LOG = logging.getLogger("gateway.console.passkeys")


@contextmanager
def logging_as(log_format: str) -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        set_up_logging(log_format, verbose=False)
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_no_line_of_the_log_is_written_by_somebody_else(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_as("text"):
        LOG.warning("a passkey was refused: %s", NASTY)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.rstrip("\n").isprintable()
    assert "\\n12:00:00 ERROR" in said


def test_nor_by_the_words_of_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_as("text"):
        try:
            raise ValueError(NASTY)
        except ValueError:
            LOG.exception("a fault of ours")
    first, *below = capsys.readouterr().err.rstrip("\n").split("\n")
    assert first.endswith("a fault of ours")
    assert all(line.startswith("  ") and line.isprintable() for line in below), below
    assert any("the house is open" in line for line in below)


def test_a_log_for_machines_is_one_line_and_reads_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_as("json"):
        LOG.warning("a passkey was refused: %s", NASTY)
    said = capsys.readouterr().err
    assert said.rstrip("\n").isprintable()
    assert json.loads(said)["message"].endswith(NASTY)
