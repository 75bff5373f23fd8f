"""Whoever asks why a card came is told all of it, from the first read to the paint."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.story.desk import arrives
from tests.story.settings import COUNTER
from tests.story.venue import Venue, answered, guest


async def test_the_story_of_an_alert_is_told_from_the_first_read_to_the_paint(tmp_path: Path) -> None:
    chen = guest("Chen Yulan", associate="ben")
    async with Venue(tmp_path, [COUNTER]) as venue:
        await venue.staff("anna", "ben")
        await venue.enrol(chen)
        client = await venue.client("anna")
        async with await venue.tablet("anna") as anna:
            alert = await arrives(venue, chen, anna)
            await anna.send(json.dumps({"type": "painted", "sequence": anna.sequence, "ms": 12}))
            await venue.eventually(venue.health, lambda h: h["journal"]["sequence"] > anna.sequence)
            await answered(client.post(f"/api/alerts/{alert['alert']}/claim"))
            await answered(client.post(f"/api/alerts/{alert['alert']}/close", json={"outcome": "greeted"}))
        await venue.stop()  # what was told is on the disk
        told = await venue.moments("explain", alert["alert"])
        assert told.code == 0, told
        steps = [
            rf"^alert {alert['alert']} \(\w+\) of customer c-\w{{12}}; trace {alert['visit']}$",
            r"\+0\.000 s  the first read of this visit$",
            r"arrived in \S+: .+; \d+% sure \[kind tap",
            r"card opened \(event \d+\)$",
            r"to anna by the rule 'first'$",
            r"not to ben: has no live tablet$",
            r"painted on the tablet of anna, 12 ms after it came there$",
            r"card claimed by anna",
            r"card closed by anna: greeted",
        ]
        at = -1
        for step in steps:
            found = re.compile(step, re.MULTILINE).search(told.out, at + 1)
            assert found is not None, f"{step}\n{told.out}"
            at = found.start()
        assert "Chen" not in told.out
        unknown = await venue.moments("explain", "no-such-alert")
        assert (unknown.code, "there is no alert no-such-alert" in unknown.err) == (1, True)
        await venue.start()
