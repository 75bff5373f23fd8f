"""The power goes at any moment: what was acknowledged is there, once, and the chain holds.

A program that records runs once on a disk that keeps a log; then the power goes, in thought, after this step or that,
and of what was not synced any sectors are there and any are not.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.records import customers
from gateway.records.journal import Journal
from gateway.records.store import Store
from tests.faulty_disk import Cuts, FaultyDisk, Step, steps

SOURCE = "/venues/test"
CUTS = int(os.environ.get("MOMENTS_CUTS", "20"))
REPOSITORY = Path(__file__).parents[2]

RECORDS = """
import os, sys
from functools import partial
from pathlib import Path
from gateway.events.event import News
from gateway.records.journal import Journal
from gateway.records.store import Store

place = Path(sys.argv[1])
said = os.open(place / "acknowledged", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
facts = dict.fromkeys(("address_as", "language", "tier"), "") | dict.fromkeys(("associate", "deputy", "birthday"))
facts |= {"wishes": [], "meets": [], "source": "staff"}
number = 0
for life in range(4):
    store = Store.open(place / "data", source="/venues/test")
    journal = Journal(store, origin="test")
    for _ in range(30):
        number += 1
        data = {**facts, "customer": f"c{number}", "name": f"name {number}" * (1 + number % 40)}
        event = journal.event(News("customer.enrolled", f"c{number}", data), "lina", float(number))
        store.call(partial(journal.record, events=[event]))
        os.write(said, f"{number} {event.sequence}\\n".encode())
    store.close()
"""


@pytest.mark.slow
def test_after_a_cut_all_that_was_acknowledged_is_there_once_and_the_chain_holds(tmp_path: Path) -> None:
    place = tmp_path.resolve() / "place"
    place.mkdir()
    disk = FaultyDisk(place, tmp_path)
    done = subprocess.run(
        [*disk.words(logged=True), sys.executable, "-c", RECORDS, str(place)],
        capture_output=True, text=True, cwd=REPOSITORY, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    did = steps(disk.log)
    assert sum(step.op == "S" for step in did) > 120, "every record is synced"
    luck = random.Random(os.environ.get("MOMENTS_SEED", "1"))
    first = next(n for n, step in enumerate(did) if step.path.endswith("acknowledged") and step.op == "W")
    moments = sorted(luck.sample(range(first, len(did)), CUTS))
    cuts, said = Cuts(), b""
    for number, step in enumerate(did):
        cuts.do(step)
        said += step.data if _acknowledges(step) else b""
        if number in moments:
            left = tmp_path / f"cut-{number}"
            cuts.leaves(place / "data", left, luck)
            holds(left, said.decode())


def _acknowledges(step: Step) -> bool:
    return step.op == "W" and step.path.endswith("acknowledged")


def holds(folder: Path, said: str) -> None:
    """The records that a cut has left hold all that was acknowledged until then."""
    acknowledged = dict(line.split() for line in said.splitlines())
    assert acknowledged
    store = Store.open(folder, source=SOURCE)
    try:
        journal = Journal(store, origin="test")
        verdict = journal.verify()
        assert verdict.ok, verdict
        assert journal.sequence >= max(map(int, acknowledged.values()))
        there = {customer.id: customer for customer in customers.customers(store.reader)}
        for number, sequence in acknowledged.items():
            assert there[f"c{number}"].name == f"name {number}" * (1 + int(number) % 40)
            assert [event.sequence for event in journal.of_customer(f"c{number}")] == [int(sequence)]
        assert len(there) - len(acknowledged) in (0, 1), "at most what was being written"
    finally:
        store.close()
