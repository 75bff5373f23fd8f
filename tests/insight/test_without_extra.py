"""No gateway holds numpy, and whoever has not installed it has the plain rules and is told how."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.insight.worlds import WORKED, folded, worked
from tests.program import REPOSITORY

EVERYTHING = """
import importlib, pathlib, sys
for file in sorted(pathlib.Path("gateway").rglob("*.py")):
    name = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    if not name.startswith("gateway.insight.models") and not name.endswith("__main__"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            assert "webauthn" in str(error) or "asyncpg" in str(error) or "nacl" in str(error), (name, error)
gateway = [each for each in sys.modules if each.startswith("gateway.")]
print(len(gateway), "numpy" in sys.modules, "scipy" in sys.modules)
"""
ABSENT = "import sys; sys.modules['numpy'] = sys.modules['scipy'] = None; from gateway.cli import main; main()"


def python(source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-c", source, *arguments]
    return subprocess.run(line, cwd=REPOSITORY, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.slow
def test_no_part_of_a_gateway_imports_numpy() -> None:
    done = python(EVERYTHING)
    assert done.returncode == 0, done.stderr
    modules, *needing = done.stdout.split()
    assert int(modules) > 300
    assert needing == ["False", "False"]


def test_the_plain_rules_stand_without_it() -> None:
    done = python(ABSENT, "insight", "fold", str(WORKED))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == folded(worked())


@pytest.mark.parametrize("command", [("fit", "mbg"), ("logistic", "--id", "a", "--target", "b=c")])
def test_the_models_say_how_to_install_it(command: tuple[str, ...]) -> None:
    done = python(ABSENT, "insight", *command, str(WORKED))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "this needs numpy and scipy: pip install 'moments[insight]'\n"
