"""What is imported and when: a command that says how it is called imports next to nothing, a start what readers need.

Imports are most of a start and most of what an idle gateway holds. What a house does not have is not imported for it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WEB = {"fastapi", "starlette", "uvicorn", "websockets", "h11"}
ONE_KIND_OF_READER = {
    "reader_drivers.rfid.m100", "reader_drivers.rfid.llrp", "reader_drivers.phone.espresense",
    "reader_drivers.json_messages",
}  # fmt: skip

EVENTS = {
    f"gateway.events.{kind}" for kind in ("alerts", "consents", "customers", "house", "pages", "rounds", "visits")
}


def imported(by: str) -> set[str]:
    """The modules that a new process has after these statements, and the packages they are of."""
    asks = f"{by}\nimport sys\nprint(*sys.modules, sep='\\n')"
    ended = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(ended.stdout.split())


@pytest.mark.parametrize(
    ("by", "needs", "none_of"),
    [
        ("import gateway.cli", {"click"}, {"pydantic", "asyncio", "cryptography", "reader_drivers"} | WEB),
        (
            "import gateway.commands.token",
            {"click", "gateway.records.store"},
            {"gateway.core", "gateway.settings.venue"} | WEB,
        ),
        ("import gateway.commands.serve", {"asyncio", "gateway.runtime"}, WEB | ONE_KIND_OF_READER | EVENTS),
        ("import gateway.front", {"fastapi"}, ONE_KIND_OF_READER),
    ],
)
def test_only_what_is_needed_is_imported(by: str, needs: set[str], none_of: set[str]) -> None:
    there = imported(by)
    assert needs <= there
    assert there & none_of == set()


def test_answers_are_imported_when_the_document_is_asked() -> None:
    """A door names what it answers as text: ``response_model="list[answers.Found]"``, of ``console/routes.py``."""
    there = imported("import gateway.front")
    assert "gateway.console.customers" in there
    assert {each for each in there if each.startswith(("gateway.console.answers", "gateway.events.sent"))} == set()
    whole = imported("from gateway.console.app import doors\ndoors().openapi()")
    assert {"gateway.console.answers", "gateway.console.answers_today", "gateway.events.sent_live"} <= whole


def test_no_pattern_counts_letters_of_all_scripts() -> None:
    """One such as ``\\w{0,63}`` takes megabytes where it stands: how long a text may be is said beside it."""
    counted = re.compile(r"\\[wWdDsS][^\]]*\](\{|\?\{)|\\[wWdDsS]\{")
    asked = set(re.findall(r'r"(\^[^"\n]+\$)"', _sources()))
    assert len(asked) > 30
    assert [pattern for pattern in asked if counted.search(pattern)] == []


def _sources() -> str:
    return "\n".join(file.read_text("utf-8") for file in sorted((ROOT / "gateway").rglob("*.py")))


def test_the_driver_of_a_reader_is_imported_when_it_is_asked_for() -> None:
    there = imported("from reader_drivers import DRIVERS\nassert DRIVERS['llrp'].over == 'tcp'")
    assert there & ONE_KIND_OF_READER == {"reader_drivers.rfid.llrp"}
