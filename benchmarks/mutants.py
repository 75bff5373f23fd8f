"""How many deliberate mistakes the tests notice, file by file: ``python -m benchmarks.mutants [FILE…]``.

mutmut makes the mistakes and runs the tests that reach them; what it mutates and by which tests stands in
pyproject.toml. A mistake counts as noticed when a test fails or does not end. The others are listed by
``mutmut results``, and ``mutmut show NAME`` prints one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.report import Table

ROOT = Path(__file__).parents[1]

# How the tests of one mistake ended, by mutmut's exit code.
NOTICED = {1, 3, 24, -24, 36, 152, 255}  # a test failed, pytest did, or they did not end in time
NO_TEST = {5, 33}
UNTRIED = {None, 2, 34}


def files() -> list[str]:
    """The files that are mutated, of those in pyproject.toml."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    return [file for file in settings["only_mutate"] if (ROOT / file).exists()]


def ends(file: str) -> Counter[int | None]:
    """The mistakes made in a file, by how their tests ended."""
    made = json.loads((ROOT / "mutants" / f"{file}.meta").read_text("utf-8"))["exit_code_by_key"]
    return Counter(made.values())


def table(asked: Iterable[str]) -> Table:
    """What was noticed in each of these files."""
    found = Table("Mistakes made on purpose", ("file", "tried", "noticed", "missed", "no test", "score"))
    for file in asked:
        by_end = ends(file)
        tried, noticed, no_test = (
            sum(count for code, count in by_end.items() if is_it(code))
            for is_it in (lambda c: c not in UNTRIED, NOTICED.__contains__, NO_TEST.__contains__)
        )
        score = f"{noticed / tried:.0%}" if tried else ""
        found.rows.append((file, str(tried), str(noticed), str(tried - noticed - no_test), str(no_test), score))
    return found


def main() -> None:
    """Runs mutmut over the files that are named, all of them where none is, and prints the score of each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description="Do the tests notice mistakes?")
    parser.add_argument("files", nargs="*", metavar="FILE", help=f"of {', '.join(files())}; all of them if left out")
    parser.add_argument("--workers", type=int, default=2, help="mistakes tried at the same time")
    asked = parser.parse_args()
    if unknown := set(asked.files) - set(files()):
        parser.error(f"not among the files in pyproject.toml: {', '.join(sorted(unknown))}")
    chosen = asked.files or files()
    names = [file.removesuffix(".py").replace("/", ".") + ".*" for file in chosen]
    run = [sys.executable, "-m", "mutmut", "run", *names, "--max-children", str(asked.workers)]
    if subprocess.run(run, cwd=ROOT).returncode != 0:
        sys.exit("mutmut could not run (above: why)")
    print(table(chosen))


if __name__ == "__main__":
    main()
