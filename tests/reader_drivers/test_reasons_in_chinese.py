"""Whatever a reader is said to be lost or quiet for, the console says in Chinese too: its table has every reason."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader_drivers import legibility, link_faults
from reader_drivers.rfid import (
    conversation,
    llrp,
    llrp_conversation,
    llrp_wire,
    m100_conversation,
    pn532_conversation,
    thingmagic_conversation,
    uhf_prime_conversation,
    uhfreader18_conversation,
)
from tests.program import REPOSITORY

TABLE: dict[str, str] = json.loads((REPOSITORY / "staff_console/src/lib/reasons.json").read_text("utf-8"))
SOURCES = [
    *(file for file in (REPOSITORY / "reader_drivers").rglob("*.py") if "simulated" not in file.name),
    REPOSITORY / "gateway/operations/broker.py",
    REPOSITORY / "gateway/operations/drivers.py",
    REPOSITORY / "gateway/operations/keeper.py",
]
RAISED = {"ReaderLost", "BrokerFailed", "BrokerMissing"}
SAID = {"quiet", "_radio", "_inventory", "_connection"}  # where drivers keep why they are deaf
TELLING = {"quiet", "in_words", "fault", "_why_refused"}
KINDS = (
    conversation.Conversation,
    m100_conversation.M100Conversation,
    pn532_conversation.Pn532Conversation,
    thingmagic_conversation.ThingmagicConversation,
    uhf_prime_conversation.UhfPrimeConversation,
    uhfreader18_conversation.Uhfreader18Conversation,
)
OF_TABLES = [
    *(words.format(link="10.0.0.7:5084") for words in link_faults.WORDS.values()),
    *llrp_conversation.REFUSED.values(),
    *(words for code, words in llrp_wire.STATUSES.items() if code),
    *thingmagic_conversation.STATUSES.values(),
    *uhf_prime_conversation.STATUSES.values(),
    *uhfreader18_conversation.FAULTS.values(),
    *uhfreader18_conversation.REFUSALS.values(),
    *(each.kind for each in KINDS),
    *(f"{legibility.GARBLED} {each.advice}".rstrip() for each in KINDS),
    pn532_conversation.MISUNDERSTOOD,
    llrp.NO_LLRP.format(what=" (HTTP)", port=5084),
    llrp.NO_LLRP.format(what="", port=5085),
]


def pattern(template: str) -> re.Pattern[str]:
    return re.compile(
        "".join(".+?" if i % 2 else re.escape(part) for i, part in enumerate(re.split(r"\{(\w+)\}", template)))
    )


PATTERNS = [pattern(template) for template in TABLE]


def texts(node: ast.expr | None) -> Iterator[str]:
    """The texts that an expression may be, an ``x1`` for each hole in them."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else "x1" for each in values)
        case ast.BoolOp(values=values):
            for each in values:
                yield from texts(each)
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts(body)
            yield from texts(orelse)


def reasons() -> Iterator[tuple[str, str]]:
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[what, *_]) if name in RAISED:
                    found = [what]
                case ast.Assign(targets=[ast.Attribute(attr=name)], value=value) if name in SAID:
                    found = [value]
                case ast.FunctionDef(name=name) if name in TELLING:
                    returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
                    appended = [
                        each.args[0]
                        for each in ast.walk(node)
                        if isinstance(each, ast.Call)
                        and isinstance(each.func, ast.Attribute)
                        and each.func.attr == "append"
                    ]
                    found = [*returned, *appended]
                case _:
                    continue
            yield from ((file.name, text) for each in found for text in texts(each) if text)


REASONS = sorted(set(reasons()))


def test_the_drivers_tell_many_reasons() -> None:
    assert len(REASONS) > 40


@pytest.mark.parametrize(("file", "reason"), REASONS)
def test_every_reason_is_in_the_table(file: str, reason: str) -> None:
    assert any(each.fullmatch(reason) for each in PATTERNS), f"{file}: {reason}"


@pytest.mark.parametrize("reason", sorted(set(OF_TABLES)))
def test_so_is_what_drivers_look_up(reason: str) -> None:
    assert any(each.fullmatch(reason) for each in PATTERNS)


def test_no_template_is_so_loose_that_it_takes_any_sentence() -> None:
    for template in TABLE:
        own = re.sub(r"\{\w+\}", "", template)
        assert len(re.sub(r"\W", "", own)) >= 4, template


def test_the_file_is_where_the_console_reads_it() -> None:
    assert 'from "./reasons.json"' in Path(REPOSITORY / "staff_console/src/lib/told.ts").read_text("utf-8")
