"""What many customers cost: memory, the time until the gateway answers, and each read."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks import lookup
from benchmarks.report import Table, median, spread
from benchmarks.scale import Scale
from benchmarks.served import Served, answer_of, folder, prepare

OFTEN_UP_TO = 100_000  # customers; with more there is one start and no look-ups: making them takes a minute and more

FIRST_LOOKS = 2_000


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """Starts the gateway on ever larger data folders, and looks customers up in each."""
    starts = Table(
        "Memory and start, each customer with 2 credentials and 3 consents",
        ("customers", "first /health s", "RSS MiB", "more KiB each", "stop s", "data MiB", "made in s"),
    )
    looks, firsts = lookup.table(), lookup.firsts()
    least: tuple[int, float] | None = None
    for count in scale.customers:
        with folder() as place:
            began = time.monotonic()
            config, data, port = prepare(place, count)
            made = time.monotonic() - began
            size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) / 2**20
            runs = [_start(config, data, port, profile) for _ in range(scale.runs if count <= OFTEN_UP_TO else 1)]
            memory = median([run[1] for run in runs])
            least = least or (count, memory)
            each = (memory - least[1]) / (count - least[0]) * 1024 if count > least[0] else 0.0
            starts.rows.append(
                (
                    f"{count:,}",
                    spread([run[0] for run in runs]),
                    f"{memory:.0f}",
                    f"{each:.2f}" if each else "",
                    f"{median([run[2] for run in runs]):.2f}",
                    f"{size:.0f}",
                    f"{made:.0f}",
                )
            )
            firsts.rows.append(lookup.first_row(count, answer_of(lookup.first, data, count, FIRST_LOOKS)))
            if count <= OFTEN_UP_TO:
                looks.rows += lookup.rows(
                    count, answer_of(lookup.measure, data, count, scale.looks, max(scale.runs, 2))
                )
    starts.notes.append("from exec to the first answer, no reader and no broker; median (least-greatest)")
    starts.notes.append(f"{scale.runs} starts up to {OFTEN_UP_TO:,} customers, one beyond; memory 1 s after the start")
    return [starts, firsts, looks]


def _start(config: Path, data: Path, port: int, profile: Path | None) -> tuple[float, float, float]:
    """Seconds to the first answer, MiB a second later, seconds to stop."""
    with Served(config, data, port, profile) as gateway:
        time.sleep(1.0)
        started, memory = gateway.started_in, gateway.memory()
        began = time.perf_counter()
        gateway.stop()
        return started, memory, time.perf_counter() - began
