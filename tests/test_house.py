"""Who may import whom, and how long a file may get: the rules of the house, held by reading the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("reader_drivers", "gateway")

WEB = {"fastapi", "starlette", "uvicorn", "websockets", "httpx2"}
SQL = {"sqlite3", "pysqlite3", "sqlite_utils", "gateway.records"}
LOOPS = {"asyncio", "threading", "concurrent"}
CLOCKS = {"time", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today"}

ON_TOP = {f"gateway.{name}" for name in ("equipped", "front", "house", "rhythm", "running", "runtime")}
"""What puts the rooms together."""

ROOMS = {
    f"gateway.{room}"
    for room in (
        "club",
        "commands",
        "consent",
        "console",
        "core",
        "events",
        "hub",
        "insight",
        "joined",
        "operations",
        "privacy",
        "recognition",
        "records",
        "service",
        "settings",
        "standby",
    )
} | ON_TOP  # fmt: skip

HUB_ALONE = {
    f"gateway.hub.{file.stem}"
    for file in (ROOT / "gateway/hub").glob("*.py")
    if file.stem not in {"__init__", "bundles", "invitations", "problems", "rows", "scopes", "wire"}
}
"""What of the hub no gateway imports: its store, its doors, and whatever needs a database of it."""

CLUB_BOOKS = {
    f"gateway.club.{file.stem}"
    for file in (ROOT / "gateway/club").glob("*.py")
    if file.stem not in {"__init__", "gatherings", "introductions", "membership"}
}
"""What of the club a venue never holds: its books. The rules of gatherings and introductions are a venue's too."""

# A part of the house, and what it never imports. A row holds for everything below the folder, or for the one file.
NEVER = {
    "reader_drivers": {"gateway", "staff_console"} | WEB | SQL,
    "gateway/events": ROOMS - {"gateway.events"} | {"reader_drivers"} | LOOPS | WEB | SQL,
    "gateway/recognition": ROOMS - {"gateway.recognition"} | LOOPS | WEB | SQL,
    "gateway/consent": ROOMS - {"gateway.consent", "gateway.events"} | {"reader_drivers"} | LOOPS | WEB | SQL,
    "gateway/insight": ROOMS - {"gateway.insight"} | {"reader_drivers"} | LOOPS | WEB | SQL,
    "gateway/service": ROOMS - {"gateway.service", "gateway.recognition", "gateway.events", "gateway.consent"}
    | LOOPS | WEB | SQL,
    "gateway/records": ROOMS - {"gateway.records", "gateway.recognition", "gateway.events", "gateway.consent"} | WEB,
    "gateway/privacy": {f"gateway.{room}" for room in ("console", "operations", "service", "commands", "hub", "joined")}
    | {"gateway.club"} | ON_TOP | LOOPS | WEB | SQL - {"gateway.records"},
    "gateway/core": {"gateway.console", "gateway.operations", "gateway.privacy", "gateway.commands", "gateway.hub"}
    | CLUB_BOOKS
    | {"gateway.joined", "gateway.standby"}
    | ON_TOP
    | WEB | SQL - {"gateway.records"},
    "gateway/settings": ROOMS - {"gateway.settings", "gateway.recognition"} | LOOPS | WEB | SQL,
    "gateway/console": {"serial", "paho", "reader_drivers.rfid", "reader_drivers.phone", "gateway.commands"}
    | CLUB_BOOKS
    | {"gateway.hub", "gateway.joined", "gateway.standby"}
    | {"reader_drivers.serial_link", "reader_drivers.mqtt_link", "reader_drivers.simulated"}
    | ON_TOP
    | SQL - {"gateway.records"},
    "gateway/club": ROOMS - {"gateway.club", "gateway.hub", "gateway.records", "gateway.events", "gateway.consent"}
    - {"gateway.settings"} | {"reader_drivers"} | WEB | SQL - {"gateway.records"},
    "gateway/hub": ROOMS - {"gateway.hub", "gateway.records", "gateway.events", "gateway.consent", "gateway.settings"}
    - {"gateway.club"} | {"reader_drivers", "fastapi"} | SQL - {"gateway.records"},
    "gateway/joined": {f"gateway.{room}" for room in ("console", "privacy", "commands", "standby")} | HUB_ALONE
    | {"asyncpg", "gateway.club"} | ON_TOP | {"fastapi", "starlette", "uvicorn"} | SQL - {"gateway.records"},
    "gateway/standby": {f"gateway.{room}" for room in ("console", "privacy", "commands", "insight")} | HUB_ALONE
    | {"asyncpg", "gateway.club"} | ON_TOP | SQL - {"gateway.records"},
    "gateway/operations": {"gateway.service", "gateway.console", "gateway.commands", "gateway.hub", "gateway.joined"}
    | {"gateway.club", "gateway.standby"}
    | ON_TOP
    | SQL - {"gateway.records"},
}  # fmt: skip
TIMELESS = ("gateway/consent", "gateway/insight", "gateway/recognition", "gateway/service")


def modules(part: str) -> list[Path]:
    """The Python files of one part of the house, or the one file."""
    place = ROOT / part
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


@cache
def parsed(file: Path) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse(file.read_text("utf-8"))


@cache
def imports(file: Path) -> list[str]:
    """The full name of everything a file imports, wherever in it: in a function, or for type checkers only."""
    names: list[str] = []
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports hide who imports whom"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def who_imports_whom(root: Path, packages: Iterable[str]) -> dict[str, set[str]]:
    """Each module of these packages, and those of their modules that it imports."""
    files = {
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file
        for package in packages
        for file in sorted((root / package).rglob("*.py"))
    }
    # ``from package import name`` imports the module of that name where there is one, else the package itself.
    asked = {name: {(each, each.rpartition(".")[0]) for each in imports(file)} for name, file in files.items()}
    return {
        name: {whole if whole in files else package for whole, package in pairs if whole in files or package in files}
        for name, pairs in asked.items()
    }


def circle(graph: dict[str, set[str]]) -> str:
    """One circle of imports, in words; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        first, *others = reversed(found.args[1])
        return f"{first} imports " + ", which imports ".join(others)
    return ""


def uses(file: Path) -> Iterator[str]:
    """The dotted names a file calls, as far as its own imports tell: ``time.time``, ``datetime.datetime.now``."""
    tree = parsed(file)
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


def test_no_gateway_needs_what_the_models_need() -> None:
    models = "gateway/insight/models"
    needing = {
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in modules(package)
        if any(breaks(name, {"numpy", "scipy"}) for name in imports(file))
    }
    assert len(needing) >= 5
    assert {file for file in needing if not file.startswith(models)} <= {"gateway/commands/insight_models.py"}
    asking = {
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in modules(package)
        if any(breaks(name, {"gateway.insight.models"}) for name in imports(file))
    }
    assert {file for file in asking if not file.startswith((models, "gateway/commands/"))} == set()


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


def test_no_wait_loses_a_cancellation() -> None:
    """``asyncio.wait_for`` of Python 3.11 loses one that comes with what it waits for: ``asyncio.timeout`` does not."""
    files = [file for part in PACKAGES for file in modules(part)]
    assert [str(file.relative_to(ROOT)) for file in files if "asyncio.wait_for" in uses(file)] == []


def test_only_the_runtime_imports_every_part() -> None:
    parts = {"core", "records", "console", "operations"}
    met = {
        str(file.relative_to(ROOT)): {
            part
            for part in parts - {file.parent.name}
            if any(breaks(name, {f"gateway.{part}"}) for name in imports(file))
        }
        for file in modules("gateway")
    }
    assert {file for file, others in met.items() if others == parts} == {"gateway/runtime.py"}


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = who_imports_whom(ROOT, PACKAGES)
    assert len(graph) >= 200
    assert sum(map(len, graph.values())) >= 500, "who imports whom is not seen"
    assert circle(graph) == ""


def test_files_and_functions_stay_short() -> None:
    files = [file for package in PACKAGES for file in modules(package)]
    assert len(files) >= 30
    long_files = {str(f.relative_to(ROOT)): n for f in files if (n := len(f.read_text("utf-8").splitlines())) > 400}
    functions = [
        (file, node)
        for file in files
        for node in ast.walk(parsed(file))
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
        tree = parsed(file)
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
    assert imports(file) == [name]
    assert breaks(name, NEVER["gateway/recognition"])


@pytest.mark.parametrize(
    "back",
    [
        "from house import porch",
        "import house.porch",
        "from house.porch import door",
        "def f():\n    from house.porch import door",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.porch import door",
    ],
)
def test_the_rule_sees_a_circle_however_it_is_imported(tmp_path: Path, back: str) -> None:
    for street, source in {"straight": "import json", "round": back}.items():
        house = tmp_path / street / "house"
        house.mkdir(parents=True)
        files = {"__init__": "", "porch": "from house import hall", "hall": "import house.room", "room": source}
        for name, text in files.items():
            (house / f"{name}.py").write_text(text)
    assert circle(who_imports_whom(tmp_path / "straight", ["house"])) == ""
    words = circle(who_imports_whom(tmp_path / "round", ["house"]))
    assert words.count("which imports") == 2
    assert "house.porch imports house.hall" in words or "house.porch, which imports house.hall" in words


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
