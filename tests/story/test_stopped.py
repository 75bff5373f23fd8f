"""The process is stopped for a while (SIGSTOP, a machine that sleeps): nothing is lost and nobody leaves by it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from tests.story.desk import arrives
from tests.story.settings import COUNTER
from tests.story.venue import Venue, answered, guest


async def test_who_taps_while_the_process_is_stopped_is_told_of_after(tmp_path: Path) -> None:
    here, comes = guest("Here", associate="anna"), guest("Coming", associate="anna")
    async with Venue(tmp_path, [COUNTER]) as venue:
        await venue.staff("anna")
        await venue.enrol(here, comes)
        client = await venue.client("anna")
        async with await venue.tablet("anna") as anna:
            alert = await arrives(venue, here, anna)
            process = venue.processes()[0]
            os.kill(process, signal.SIGSTOP)
            try:
                claiming = asyncio.create_task(client.post(f"/api/alerts/{alert['alert']}/claim"))
                venue.em4100["counter"].hold(comes.em)
                await asyncio.sleep(2.0)
                assert not claiming.done()
            finally:
                os.kill(process, signal.SIGCONT)
            assert (await answered(claiming))["by"] == "anna"
            await anna.expect("visit.arrived", customer=comes.id)
            venue.em4100["counter"].release()
            assert not anna.seen("visit.departed")
            assert anna.close_code is None
        assert set(await venue.present()) == {here.id, comes.id}
