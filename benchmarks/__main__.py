"""``python -m benchmarks [--quick] [names…]``."""

from __future__ import annotations

import argparse
import time
from importlib import import_module
from pathlib import Path

from benchmarks.scale import SCALES

# Imported when asked for: every process that a bench starts imports this file too.
BENCHES = {
    "latency": "benchmarks.latency",
    "tablets": "benchmarks.tablets",
    "fan-out": "benchmarks.fan_out",
    "throughput": "benchmarks.throughput",
    "facts": "benchmarks.facts",
    "frames": "benchmarks.frames",
    "babble": "benchmarks.babble",
    "messages": "benchmarks.messages",
    "start": "benchmarks.start",
    "memory": "benchmarks.memory",
    "writes": "benchmarks.writes",
    "imports": "benchmarks.imports",
    "rebuild": "benchmarks.rebuild",
    "week": "benchmarks.week",
    "full-house": "benchmarks.full_house",
    "first-page": "benchmarks.first_page",
    "paint": "benchmarks.paint",
    "hub": "benchmarks.hub",
    "club": "benchmarks.club",
    "insight": "benchmarks.insight",
}


def main() -> None:
    """Runs the benches that are named, all of them where none is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures speed and prints tables.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHES)}; all of them if left out")
    parser.add_argument("--quick", action="store_const", dest="scale", const="quick", help="one run, no million")
    parser.add_argument("--tiny", action="store_const", dest="scale", const="tiny", help="only whether it still runs")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="profile of the gateway's loop, for pstats")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHES):
        parser.error(f"no bench is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    print(import_module("benchmarks.report").machine(), flush=True)
    for name, module in BENCHES.items():
        if name in asked.names or not asked.names:
            began = time.monotonic()
            for table in import_module(module).bench(SCALES[asked.scale or "full"], asked.profile):
                print(table, flush=True)
            print(f"# {name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
