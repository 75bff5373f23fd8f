"""Two houses of a hub, one of which is brought back from a copy: nobody comes back who stopped or was erased since.

Everything is real but the people: gateways, the hub, sockets, the copy. Whatever the hub was told since the copy was
made, the house that lost it is told again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx2
import pytest

from gateway.events.times import iso
from gateway.records import restoration
from tests.console.served import FOB, Served, served
from tests.hub.program import Program, hub
from tests.joined.houses import house_of, sent, until
from tests.joined.maison import maison, of
from tests.program import moments
from tests.records.recovering import with_recovery
from tests.story.venue import answered

STORIES = min(100, int(os.environ.get("MOMENTS_INTERLEAVINGS", "100")) // 8)
STEPS = 3  # before the copy, and between the copy and the disk that fails
SEED = 20_261_203
HOME, AWAY = "flagship", "pudong"
TAG, KEEP, HOUSES = "recognise_tag", "keep_preferences", "share_houses"

pytestmark = [pytest.mark.asyncio(loop_scope="function"), pytest.mark.timeout(240 + 10 * STORIES)]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A hub that serves."""
    with hub(tmp_path / "hub") as program:
        yield program


@dataclass
class Story:
    """One customer of the flagship, whom pudong may know: what was said, and where nothing may be any more."""

    number: int
    r: Random
    over: set[str] = field(default_factory=set)
    """Purposes that were stopped, and not agreed to since."""
    erased: bool = False
    id: str = ""
    told: list[str] = field(default_factory=list)

    @property
    def called(self) -> str:
        return f"guest-{self.number}"

    @property
    def fob(self) -> str:
        return f"em:{0x0700000000 + self.number:010X}"

    @property
    def lent(self) -> str:
        """As the other house calls them."""
        return f"{self.id}@{HOME}"

    def may_be_known(self, where: str) -> bool:
        """Whether they may be recognised there."""
        return not self.erased and TAG not in self.over and (where == HOME or HOUSES not in self.over)


class Both:
    """Two houses with their managers."""

    def __init__(self, houses: dict[str, Served], bosses: dict[str, httpx2.AsyncClient]) -> None:
        self.houses, self.bosses = houses, bosses

    async def settled(self) -> None:
        """Everybody has heard everything."""
        for house in (*self.houses.values(), *self.houses.values()):
            house.ahead += 1.0
            await house.gateway.settle()
            await sent(house)

    async def happens(self, story: Story) -> None:
        """One thing; what the hub is not told of, because nobody may know any more, does not happen here."""
        if story.erased or HOUSES in story.over:
            return
        act = story.r.choices(("stop", "stop away", "leave", "erase", "agree", "like"), (4, 4, 4, 2, 3, 3))[0]
        home, away = self.bosses[HOME], self.bosses[AWAY]
        page = f"/api/customers/{story.called}"
        if act == "stop":
            story.over.add(TAG)
            await home.delete(f"{page}/consents/{TAG}")
        elif act == "stop away":
            purpose = story.r.choice((TAG, KEEP))
            if (await away.delete(f"/api/customers/{story.lent}/consents/{purpose}")).status_code == 204:
                story.over.add(purpose)
        elif act == "leave":
            story.over.add(HOUSES)
            await home.delete(f"{page}/consents/{HOUSES}")
        elif act == "erase":
            story.erased = True
            assert (await home.delete(page)).status_code == 202
        elif act == "agree" and TAG in story.over:
            rows = await answered(home.get(f"{page}/purposes"))
            (lifts,) = [row["stops"] for row in rows if row["purpose"] == TAG]
            at = iso(self.houses[HOME].now() - 20)
            shown = {"id": TAG, "version": 1, "language": "en", "shown_at": at}
            body = {"purpose": TAG, "method": "on_glass", "act": "given", "notice": shown, "lifts": lifts}
            await answered(home.post(f"{page}/consents", json=body))
            story.over.discard(TAG)
        elif act == "like" and KEEP not in story.over:
            fact = {"category": "drink", "value": "Tea", "polarity": "do", "basis": "stated", "scope": "standing"}
            await away.post(f"/api/customers/{story.lent}/preferences", json=fact)
        story.told.append(act)

    def recognised(self, story: Story, where: str) -> bool:
        """Whether their fob says who they are, there."""
        house = self.houses[where]
        house.tap(story.fob)
        return house.gateway.memory.roster.who(story.fob, house.now()) is not None

    async def nobody(self, stories: Sequence[Story]) -> bool:
        """Whether nobody is known who may not be."""
        await self.settled()
        known = ((story, where) for story in stories for where in (HOME, AWAY) if self.recognised(story, where))
        return all(story.may_be_known(where) for story, where in known)


async def opened(stack: AsyncExitStack, program: Program, folder: Path) -> Both:
    """Both houses serve, and their managers are there."""
    houses = {name: await stack.enter_async_context(house_of(program, folder / name, name)) for name in (HOME, AWAY)}
    for house in houses.values():
        await house.hire("mei", roles=("manager",))
        house.two_open("erasure")
    return Both(houses, {name: await house.client("manager") for name, house in houses.items()})


@pytest.mark.parametrize("restored", [HOME, AWAY])
async def test_a_house_that_is_brought_back_brings_nobody_back_here_nor_there(
    program: Program, tmp_path: Path, restored: str
) -> None:
    folder, copies = tmp_path / "houses", tmp_path / "copies"
    stories = [Story(number, Random(SEED + number)) for number in range(1, STORIES + 1)]
    async with AsyncExitStack() as stack:
        both = await opened(stack, program, folder)
        with_recovery(folder / restored)
        for story in stories:
            await both.houses[HOME].enrol(story.called, story.fob)
            story.id = both.houses[HOME].whose(story.called)
            await answered(both.bosses[HOME].post(f"/api/customers/{story.called}/consents", json={"purpose": HOUSES}))
        await until(lambda: both.houses[AWAY].gateway.customer(stories[-1].lent), "they are lent")
        for when in range(2 * STEPS):
            if when == STEPS:
                copied = await moments("backup", copies, "--data", folder / restored)
                assert copied.code == 0, copied
                before = {story.number: (set(story.over), story.erased) for story in stories}
            for story in stories:
                await both.happens(story)
            await both.settled()
        await until(lambda: both.nobody(stories), "all is heard")
        since = [story for story in stories if before[story.number] != (story.over, story.erased)]
        assert len(since) > STORIES // 8, "stories in which nothing ends after the copy show nothing"
        ahead = max(house.ahead for house in both.houses.values())
    await asyncio.to_thread(restoration.restore, copies, folder / restored, force=True, keep_tokens=True)
    async with AsyncExitStack() as stack:
        both = await opened(stack, program, folder)
        for house in both.houses.values():
            house.ahead = ahead
        await both.settled()

        await until(lambda: both.nobody(stories), "nobody has come back")
        kept = [story for story in stories if story.may_be_known(HOME)]
        assert kept, "and it is not that nobody is known any more"
        assert all(both.recognised(story, HOME) for story in kept if before[story.number] == (set(), False))


async def test_a_copy_of_before_they_were_taken_back_erases_nobody_in_their_own_house(tmp_path: Path) -> None:
    folder, copies = tmp_path / "houses", tmp_path / "copies"
    async with maison(folder) as both:
        home = both.venues[HOME].house
        await home.enrol("chen", FOB)
        boss = await home.client("manager")
        await answered(boss.post("/api/customers/chen/consents", json={"purpose": HOUSES}))
        await both.carry()
        lent = f"{home.whose('chen')}@{HOME}"
        with_recovery(folder / AWAY)
        assert (await moments("backup", copies, "--data", folder / AWAY)).code == 0
        await boss.delete(f"/api/customers/chen/consents/{HOUSES}")
        await both.carry()
        assert both.venues[AWAY].house.gateway.customer(lent) is None
    await asyncio.to_thread(restoration.restore, copies, folder / AWAY, force=True)
    async with served(folder / AWAY, of(AWAY)) as back:
        said = back.gateway.store.reader.conn.execute("SELECT type FROM journal WHERE subject = ?", (lent,)).fetchall()
        assert ("customer.erased",) not in said, "which the hub would have their own house do, too"
        assert back.gateway.customer(lent) is None
        back.tap(FOB)
        assert back.gateway.memory.roster.who(FOB, back.now()) is None
