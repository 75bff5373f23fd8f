"""What staff record: preferences acknowledged a second over HTTP, beside a bare loop of commits on the same disk."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from benchmarks.customers import customer, fill
from benchmarks.report import Table, median, quantile, spread
from benchmarks.scale import Scale
from benchmarks.served import Failed, Served, apart, folder, tokens, venue
from gateway.records.sqlite_file import sqlite3
from tests.ports import free_port

CUSTOMERS = 500
WRITERS = (1, 20)
ROW = 400  # bytes: what one preference, its event in the journal and its idempotency key come to, roughly


@dataclass(slots=True)
class Run:
    """One run of some writers."""

    acknowledged: float
    """A second."""
    waits: list[float]
    commits: float
    """Acknowledged writes for each commit."""


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """One writer, then twenty, a bare loop before each; again and again."""
    staff = tokens()
    with folder() as place:
        port = free_port()
        (place / "venue.toml").write_text(venue(port), "utf-8")
        apart(fill, place / "data", CUSTOMERS, staff)
        runs: dict[int, list[tuple[float, Run]]] = {count: [] for count in WRITERS}
        with Served(place / "venue.toml", place / "data", port, profile) as gateway:
            asyncio.run(_write(gateway, list(staff.values()), 4, 0.3))  # so that nobody pays for what happens once
            for run in range(scale.runs):
                for count in WRITERS:
                    bare = _commits(place / f"bare-{run}-{count}.db", scale.write_s / 2)
                    ours = asyncio.run(_write(gateway, list(staff.values()), count, scale.write_s))
                    runs[count].append((bare, ours))
    return [_table(scale, runs)]


def _commits(path: Path, seconds: float) -> float:
    """Inserts a second, each committed alone with synchronous=FULL, by a program that does nothing else."""
    connection = sqlite3.connect(str(path), isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE facts (id INTEGER PRIMARY KEY, body BLOB)")
        count, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            connection.execute("INSERT INTO facts (body) VALUES (?)", (bytes(ROW),))
            count += 1
        return count / took
    finally:
        connection.close()


async def _write(gateway: Served, secrets: list[str], writers: int, seconds: float) -> Run:
    commits = gateway.metrics()["moments_commits_total"]
    end = time.perf_counter() + seconds
    began = time.perf_counter()
    each = await asyncio.gather(*(_writer(gateway.port, secrets[n % len(secrets)], n, end) for n in range(writers)))
    took = time.perf_counter() - began
    waits = [wait for waits in each for wait in waits]
    commits = gateway.metrics()["moments_commits_total"] - commits
    return Run(len(waits) / took, waits, len(waits) / max(commits, 1))


async def _writer(port: int, secret: str, number: int, end: float) -> list[float]:
    """Records one preference after the other on one connection until ``end``; how long each took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits: list[float] = []
    try:
        while (began := time.perf_counter()) < end:
            about = customer((number * 31 + len(waits)) % CUSTOMERS)
            writer.write(_request(port, secret, about))
            await _acknowledged(reader)
            waits.append(time.perf_counter() - began)
    finally:
        writer.close()
        await writer.wait_closed()
    return waits


def _request(port: int, secret: str, about: str) -> bytes:
    body = json.dumps({"category": "drink", "value": "Water, still, no ice", "polarity": "do", "basis": "stated"})
    return (
        f"POST /api/customers/{about}/preferences HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {secret}\r\nIdempotency-Key: {uuid4()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def _acknowledged(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    body = await reader.readexactly(int(length.partition(b":")[2]))
    if b" 201 " not in head.partition(b"\r\n")[0]:
        raise Failed(f"a preference was not recorded: {head[:100]!r} {body[:300]!r}")


def _table(scale: Scale, runs: dict[int, list[tuple[float, Run]]]) -> Table:
    table = Table(
        "Writes: preferences acknowledged over HTTP, beside bare commits on the same disk in the same run",
        ("writers", "acknowledged/s", "bare commits/s", "ratio", "p50 ms", "p99 ms", "writes a commit"),
    )
    for count, pairs in runs.items():
        waits = [wait for _, run in pairs for wait in run.waits]
        table.rows.append(
            (
                f"{count}",
                spread([run.acknowledged for _, run in pairs], "{:,.0f}"),
                spread([bare for bare, _ in pairs], "{:,.0f}"),
                spread([run.acknowledged / bare for bare, run in pairs]),
                f"{quantile(waits, 0.5) * 1000:.1f}",
                f"{quantile(waits, 0.99) * 1000:.1f}",
                f"{median([run.commits for _, run in pairs]):.1f}",
            )
        )
    table.notes += [
        f"{scale.runs} runs, bare and writers in turn, {scale.write_s:g} s of writers each; median (least-greatest)",
        f"each write with its own Idempotency-Key; bare: one insert of {ROW} bytes a commit, WAL, synchronous=FULL",
    ]
    return table
