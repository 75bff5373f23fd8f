"""``python -m benchmarks [--quick] [names…]``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import first_page, latency, memory, throughput, writes
from benchmarks.report import Table, machine
from benchmarks.scale import SCALES, Scale

BENCHES: dict[str, Callable[[Scale, Path | None], list[Table]]] = {
    "latency": latency.bench,
    "throughput": throughput.bench,
    "memory": memory.bench,
    "writes": writes.bench,
    "first-page": first_page.bench,
}


def main() -> None:
    """Runs the benches that are named, all of them where none is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures speed and prints tables.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHES)}; all of them if left out")
    parser.add_argument("--quick", action="store_const", dest="scale", const="quick", help="one run, no million")
    parser.add_argument("--tiny", action="store_const", dest="scale", const="tiny", help="only whether it still runs")
    parser.add_argument(
        "--profile", type=Path, metavar="FILE", help="where the gateway's loop spends its time, for pstats"
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHES):
        parser.error(f"no bench is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    print(machine(), flush=True)
    for name, bench in BENCHES.items():
        if name in asked.names or not asked.names:
            began = time.monotonic()
            for table in bench(SCALES[asked.scale or "full"], asked.profile):
                print(table, flush=True)
            print(f"# {name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
