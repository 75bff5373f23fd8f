"""``moments customers import``: on an empty folder, again, and through a gateway that has tablets to answer."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.customers import phone, tag
from benchmarks.report import Table, quantile, spread
from benchmarks.scale import Scale
from benchmarks.served import ROOT, Failed, Served, answer_of, folder, venue
from gateway.records.exchange import COLUMNS
from gateway.records.sqlite_file import connect_to_write
from tests.ports import free_port

PURPOSES = "recognise_tag@2099-12-31;recognise_phone"
AT_ONCE = 2_000  # customers in one transaction of the bare program, as ours has it alone
LOOK_EVERY = 0.02  # seconds
KINDS = ("an empty folder", "the same again", "through a gateway")


@dataclass(slots=True)
class Runs:
    """What one kind of import took, run by run, in seconds; ``looks`` how long /health took meanwhile."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """A bare program, an empty folder, the same file again, and a gateway; again and again."""
    runs = {kind: Runs() for kind in KINDS}
    with folder() as place:
        file = place / "customers.csv"
        write(file, scale.imported)
        for number in range(scale.runs):
            data = place / f"data-{number}"
            bare = answer_of(_bare, file, place / f"bare-{number}.db")
            alone, again = _import(file, data), _import(file, data)
            through, looks = _through_gateway(file, place, number, profile)
            for kind, took in zip(KINDS, (alone, again, through), strict=True):
                runs[kind].ours.append(took)
                runs[kind].bare.append(bare)
            runs[KINDS[2]].looks += looks
    return [_table(scale, runs)]


def write(file: Path, count: int) -> None:
    """A file of so many customers, each with a tag, a phone and two consents."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for n in range(count):
            carried = f"epc:{tag(n)};{phone(n)}"
            rows.writerow([f"c-{n:07d}", f"王建国 {n}", "王总", "zh-CN", "gold", "", "", carried, PURPOSES])


def _import(file: Path, data: Path) -> float:
    """Seconds that the command takes, from exec to its end."""
    command = [sys.executable, "-m", "gateway", "customers", "import", str(file), "--data", str(data)]
    began = time.perf_counter()
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if ended.returncode:
        raise Failed(f"the import failed: {ended.stderr.decode()[-1000:]}")
    return time.perf_counter() - began


def _through_gateway(file: Path, place: Path, number: int, profile: Path | None) -> tuple[float, list[float]]:
    """The same with a gateway in between, and how long each look at /health took meanwhile."""
    port, config, data = free_port(), place / "venue.toml", place / f"served-{number}"
    config.write_text(venue(port), "utf-8")
    looks: list[float] = []
    over = threading.Event()

    def look(gateway: Served) -> None:
        while not over.wait(LOOK_EVERY):
            began = time.perf_counter()
            gateway.health()
            looks.append(time.perf_counter() - began)

    with Served(config, data, port, profile) as gateway:
        looking = threading.Thread(target=look, args=(gateway,))
        looking.start()
        try:
            return _import(file, data), looks
        finally:
            over.set()
            looking.join()


def _bare(file: Path, database: Path) -> float:
    """Seconds for the least that must be done: each fact sealed, put into a table and into a chain of hashes."""
    began = time.perf_counter()
    connection, key, before = connect_to_write(database), AESGCM(os.urandom(32)), bytes(32)
    connection.execute("CREATE TABLE facts (id TEXT PRIMARY KEY, sealed BLOB NOT NULL)")
    connection.execute("CREATE TABLE chain (position INTEGER PRIMARY KEY, sealed BLOB NOT NULL, hash BLOB NOT NULL)")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        while some := list(islice(rows, AT_ONCE)):
            connection.execute("BEGIN")
            for row in some:
                for number, fact in enumerate([row[:7], *row[7].split(";"), *row[8].split(";")]):
                    nonce = os.urandom(12)
                    sealed = nonce + key.encrypt(nonce, json.dumps(fact, ensure_ascii=False).encode(), None)
                    before = sha256(before + sealed).digest()
                    connection.execute("INSERT INTO facts VALUES (?, ?)", (f"{row[0]}/{number}", sealed))
                    connection.execute("INSERT INTO chain (sealed, hash) VALUES (?, ?)", (sealed, before))
            connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - began


def _table(scale: Scale, runs: dict[str, Runs]) -> Table:
    table = Table(
        f"Imports of {scale.imported:,} customers with two tags or phones and two consents each",
        ("import into", "s", "customers/s", "bare s", "ratio", "/health meanwhile p50 / p99 / max ms"),
    )
    for kind, each in runs.items():
        looks = [f"{quantile(each.looks, q) * 1000:.0f}" for q in (0.5, 0.99, 1.0)] if each.looks else []
        table.rows.append(
            (
                kind,
                spread(each.ours),
                f"{scale.imported / min(each.ours):,.0f}",
                spread(each.bare),
                spread([ours / bare for ours, bare in zip(each.ours, each.bare, strict=True)]),
                " / ".join(looks),
            )
        )
    table.notes += [
        f"{scale.runs} runs, in turn; the command as a process, its start included; median (least-greatest)",
        "bare: csv.reader, and each of five facts sealed, hashed and inserted twice; 2,000 customers a commit, FULL",
    ]
    return table
