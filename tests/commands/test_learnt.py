"""``moments learnt`` and ``walk-test --teach``: what the venue has learnt, beside a gateway and without one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.program import REPOSITORY, command_line, moments
from tests.story.settings import Place, venue_toml
from tests.story.venue import Venue

EPC = "30751FEB705C5904E3D50D70"
ROOMS: dict[str, Any] = {
    "version": 1,
    "rooms": {
        "beacons": {},
        "tags": {"bar": [{"weight": 3.0, "levels": [["bar", None, -60.0], ["lounge", None, -66.0]]}]},
    },
    "proven": {"beacons": [0.0, 0.0, 0.0], "tags": [2.0, 0.5, 12.0]},
    "door": {"inside": [0.0, 0.0, 16.0], "outside": [0.0, 0.0, 16.0]},
    "rhythm": {"epc": [0.4, 12.0]},
    "approaches": [0.0, 0.0],
    "things": {},
    "said": [["bar", "bar", 3.0]],
    "changed": {},
}


def places() -> list[Place]:
    return [Place(zone, "m100", "zone", zone, link=f"/nowhere/{zone}") for zone in ("bar", "lounge")]


async def test_a_walk_is_taught_from_the_keyboard(tmp_path: Path) -> None:
    async with Venue(tmp_path, places()) as venue:
        words = ("walk-test", "--config", venue.config, "--data", venue.data, "--tag", f"epc:{EPC}", "--teach")
        walking = await asyncio.create_subprocess_exec(
            *command_line(*words, "--seconds", "40"), cwd=REPOSITORY,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert walking.stdin
        assert walking.stdout

        async def says(typed: bytes, beginning: str) -> None:
            assert walking.stdin
            assert walking.stdout
            walking.stdin.write(typed)
            while not (line := (await asyncio.wait_for(walking.stdout.readline(), 20)).decode()).startswith(beginning):
                assert line, f"ended without {beginning}"

        venue.m100["bar"].present(EPC, -45)
        venue.m100["lounge"].present(EPC, -62)
        await says(b"", "pass  bar")
        await says(b"cellar\nbar", "zone: there is no zone 'cellar'")
        await says(b"\n", "learnt  bar: 1")
        venue.m100["bar"].present(EPC, -64)
        venue.m100["lounge"].present(EPC, -44)
        await asyncio.sleep(3)
        walking.stdin.write(b"lounge\n")
        out, _ = await asyncio.wait_for(walking.communicate(), 20)
        assert b"learnt  lounge: 1" in out
        assert walking.returncode == 0, out.decode()
        exported = await moments("learnt", "export", "--data", venue.data)
        tags = json.loads(exported.out)["rooms"]["tags"]
        heard = {zone: {reader: level for reader, _, level in spots[0]["levels"]} for zone, spots in tags.items()}
        assert heard["bar"]["bar"] > heard["bar"]["lounge"] + 10
        assert heard["lounge"]["lounge"] > heard["lounge"]["bar"] + 10
        shown = await moments("learnt", "show", "--data", venue.data)
        assert "bar: taught, and nobody greeted there yet" in shown.out
        assert "entrance: nothing learnt yet" in shown.out
    alone = await moments(*words)
    assert (alone.code, "the gateway is who learns" in alone.err) == (2, True), alone


async def test_it_is_taken_along_and_brought_in_where_no_gateway_runs(tmp_path: Path) -> None:
    config, data, file = tmp_path / "venue.toml", tmp_path / "data", tmp_path / "rooms.json"
    config.write_text(venue_toml(places()), "utf-8")
    words: tuple[str | Path, ...] = ("learnt", "import", "--config", config, "--data", data, file)
    file.write_text(json.dumps({**ROOMS, "version": 2}))
    wrong = await moments(*words)
    assert (wrong.code, wrong.err) == (2, f"{file}: version 2: expected 1\n")
    assert (await moments("learnt", "export", "--data", data)).code == 1, "nothing was learnt, and no records are there"
    file.write_text(json.dumps(ROOMS))
    taken = await moments(*words)
    assert (taken.code, taken.out) == (0, "1 zone, known by 3 words of staff\n"), taken
    exported = await moments("learnt", "export", "--data", data)
    assert json.loads(exported.out) == ROOMS, exported
    assert (await moments("journal", "rebuild", "--check", "--data", data)).code == 0
    shown = await moments("learnt", "show", "--data", data)
    assert (shown.code, "no gateway runs" in shown.err) == (1, True)
