"""``moments journal verify``: whether anybody changed or cut what happened."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.records.connection import sqlite3
from gateway.records.store import RECORDS_FILE
from tests.program import moments
from tests.story.settings import COUNTER
from tests.story.venue import Venue, answered


async def test_a_cut_tail_shows_against_the_head_in_the_log(tmp_path: Path) -> None:
    async with Venue(tmp_path, [COUNTER]) as venue:
        boss = await venue.client("manager")
        for n in range(5):
            await answered(boss.put(f"/api/customers/c{n}", json={"name": "Somebody"}))
        beside = await moments("journal", "verify", "--data", venue.data)
        assert beside.code == 0, beside
        first = re.search(r"journal: event \d+, head ([0-9a-f]{64})", venue.log)
        assert first, "the log keeps a head"
        await venue.stop()
        whole = await moments("journal", "verify", "--data", venue.data)
        said = re.fullmatch(r"(\d+) events hold, up to event \d+; head ([0-9a-f]{64})\n", whole.out)
        assert said, whole
        assert (await moments("journal", "verify", "--data", venue.data, "--head", said[2])).code == 0
        database = venue.data / RECORDS_FILE
        with sqlite3.connect(database) as records:
            records.execute("DELETE FROM journal WHERE position = (SELECT max(position) FROM journal)")
        cut = await moments("journal", "verify", "--data", venue.data)
        assert cut.code == 0, "a cut tail alone does not show"
        cut = await moments("journal", "verify", "--data", venue.data, "--head", said[2])
        assert cut.code == 1
        assert "that head is not in the chain" in cut.err
        with sqlite3.connect(database) as records:
            records.execute("UPDATE journal SET actor = 'nobody' WHERE position = 2")
        changed = await moments("journal", "verify", "--data", venue.data)
        assert (changed.code, "broken at event" in changed.err) == (1, True)
        wrong = await moments("journal", "verify", "--data", venue.data, "--head", "abc")
        assert (wrong.code, "64 hex digits" in wrong.err) == (2, True)
        await venue.start()
