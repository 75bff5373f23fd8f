"""Who may import whom, and how long a file may get: the rules of the house, held by reading the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("reader_drivers", "gateway")

WEB = {"fastapi", "starlette", "uvicorn", "websockets", "httpx2"}
SQL = {"sqlite3", "pysqlite3", "sqlite_utils", "gateway.records"}
LOOPS = {"asyncio", "threading", "concurrent"}
CLOCKS = {"time", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today"}

# A part of the house, and what it never imports. A row holds for everything below the folder, or for the one file.
NEVER = {
    "reader_drivers": {"gateway", "staff_console"} | WEB | SQL,
    "gateway/recognition": {"gateway.console", "gateway.service", "gateway.operations"} | LOOPS | WEB | SQL,
    "gateway/service": {"gateway.console", "gateway.operations"} | LOOPS | WEB | SQL,
    "gateway/records": {"gateway.console", "gateway.service", "gateway.operations"} | WEB,
    "gateway/console": {"serial", "paho", "pysqlite3", "sqlite3", "reader_drivers.rfid", "reader_drivers.phone"}
    | {"reader_drivers.serial_link", "reader_drivers.mqtt_link", "reader_drivers.simulated"},
    "gateway/operations": {"gateway.service"} | SQL - {"gateway.records"},
    "gateway/settings/venue.py": {"gateway.records", "gateway.service", "gateway.console"} | WEB,
}  # fmt: skip
TIMELESS = ("gateway/recognition", "gateway/service")


def modules(part: str) -> list[Path]:
    """The Python files of one part of the house, or the one file."""
    place = ROOT / part
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


def imports(file: Path) -> Iterator[str]:
    """The full name of everything a file imports, wherever in it, without what only type checkers read."""
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports hide who imports whom"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def uses(file: Path) -> Iterator[str]:
    """The dotted names a file calls, as far as its own imports tell: ``time.time``, ``datetime.datetime.now``."""
    tree = ast.parse(file.read_text("utf-8"))
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)):
            first, dot, rest = ast.unparse(node).partition(".")
            yield known.get(first, first) + dot + rest


def breaks(name: str, forbidden: set[str]) -> bool:
    """Whether a name is one of the forbidden, or lies within one."""
    return any(name == each or name.startswith(each + ".") for each in forbidden)


@pytest.mark.parametrize("part", NEVER)
def test_no_part_imports_what_it_must_not_know(part: str) -> None:
    files = modules(part)
    assert files, f"{part} is gone: this rule guards nothing"
    assert [name for file in files for name in imports(file)], f"{part} imports nothing at all: not read as Python?"
    broken = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in files
        for name in imports(file)
        if breaks(name, NEVER[part])
    }  # fmt: skip
    assert broken == set()


@pytest.mark.parametrize("part", TIMELESS)
def test_time_comes_with_the_fact(part: str) -> None:
    files = modules(part)
    assert len(files) >= 3
    broken = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in files
        for name in [*imports(file), *uses(file)]
        if breaks(name, CLOCKS)
    }  # fmt: skip
    assert broken == set()


def test_only_the_runtime_imports_every_part() -> None:
    parts = ("recognition", "service", "records", "console", "operations")
    met = {
        str(file.relative_to(ROOT)): sum(
            any(breaks(name, {f"gateway.{part}"}) for name in imports(file)) for part in parts
        )
        for file in modules("gateway")
    }
    assert max(met.values()) >= 3, "somewhere the parts meet"
    assert {file for file, count in met.items() if count == len(parts)} <= {"gateway/runtime.py"}


def test_files_and_functions_stay_short() -> None:
    files = [file for package in PACKAGES for file in modules(package)]
    assert len(files) >= 30
    long_files = {str(f.relative_to(ROOT)): n for f in files if (n := len(f.read_text("utf-8").splitlines())) > 400}
    functions = [
        (file, node)
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert len(functions) >= 100
    long_functions = {
        f"{file.relative_to(ROOT)}: {node.name}": length
        for file, node in functions
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > 50
    }
    assert (long_files, long_functions) == ({}, {})


def test_public_things_say_their_contract() -> None:
    silent = set()
    seen = 0
    for file in (file for package in PACKAGES for file in modules(package)):
        tree = ast.parse(file.read_text("utf-8"))
        named = [
            n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and not n.name.startswith("_")
        ]  # fmt: skip
        seen += len(named)
        silent |= {f"{file.relative_to(ROOT)}: {n.name}" for n in named if not ast.get_docstring(n)}
    assert seen >= 100
    assert silent == set()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import asyncio", "asyncio"),
        ("def f():\n    from fastapi.routing import APIRouter", "fastapi.routing.APIRouter"),
        ("from gateway import records", "gateway.records"),
        ("import sqlite_utils.db as x", "sqlite_utils.db"),
    ],
)
def test_the_rule_sees_every_way_to_import(tmp_path: Path, source: str, name: str) -> None:
    file = tmp_path / "file.py"
    file.write_text(source)
    assert list(imports(file)) == [name]
    assert breaks(name, NEVER["gateway/recognition"])


@pytest.mark.parametrize(
    "source",
    [
        "import time\nnow = time.monotonic()",
        "from time import time\nnow = time()",
        "from datetime import UTC, datetime as d\nnow = d.now(UTC)",
        "import datetime\nnow = datetime.datetime.now()",
    ],
)
def test_the_rule_sees_every_clock(tmp_path: Path, source: str) -> None:
    file = tmp_path / "file.py"
    file.write_text(source)
    assert any(breaks(name, CLOCKS) for name in [*imports(file), *uses(file)])
