"""Who is let in as a second box, and what a stranger gets."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.hub import invitations
from gateway.joined.calling import Answered
from gateway.standby import asking, joining, papers
from gateway.standby.papers import Other
from tests.console.served import config, served
from tests.joined.houses import until
from tests.standby.boxes import invited, joined, standby
from tests.story.venue import answered


async def test_a_venue_with_one_box_has_no_door_for_another(tmp_path: Path) -> None:
    async with served(tmp_path / "a") as first:
        client = await first.client()
        for door in ("join", "exchange"):
            assert (await client.post(f"/hub/v1/{door}", json={})).status_code == 404
        assert (await answered(client.get("/health")))["standby"] is None


async def test_an_invitation_is_good_once_for_fifteen_minutes_and_for_this_box(tmp_path: Path) -> None:
    async with served(tmp_path / "a") as first:
        folder = first.gateway.store.folder
        code = invited(folder)
        with pytest.raises(Answered, match="not proved"):
            await joining.join(first.url, code, "elsewhere")
        with pytest.raises(joining.AnotherBox):
            await joining.join(first.url, code[:-4] + ("0000" if code[-4:] != "0000" else "1111"), "house")
        with pytest.raises(Answered, match="used already"):
            await joining.join(first.url, code, "house")  # whoever that was: it has the invitation
        paper = papers.read(folder)
        assert paper is not None
        secret = invitations.new_secret()
        papers.keep(folder, paper.but(invitation=papers.Invitation(secret, int(time.time() * 1000) - 1)))
        with pytest.raises(Answered, match="older than 15 minutes"):
            await joining.join(first.url, invitations.code(secret, paper.keys.public[0]), "house")


async def test_only_the_second_box_is_answered_and_only_it_can_read_the_answer(tmp_path: Path) -> None:
    async with served(tmp_path / "a") as first:
        mine = await joined(first, tmp_path / "b")
        theirs = await joined(first, tmp_path / "c")  # a newer second box takes the place of the one before
        assert mine.other is not None
        assert theirs.other is not None
        with pytest.raises(Answered, match="no longer of this house"):
            await asking.ask(mine, mine.other, {"type": "copy"}, 10)
        forged = mine.but(id=theirs.id)
        with pytest.raises(Answered, match="sign in again"):
            await asking.ask(forged, mine.other, {"type": "copy"}, 10)
        for name in ("../a/keys.db", "/etc/passwd", "standby.json", "lock", "told", "following/keys.db"):
            with pytest.raises(Answered, match="expected one of the files"):
                await asking.ask(theirs, theirs.other, {"type": "part", "name": name, "offset": 0}, 10)
        said = await asking.ask(theirs, theirs.other, {"type": "copy"}, 10)
        assert "master.key" in said["files"]
        other = Other(theirs.other.id, theirs.other.url, mine.keys.public[0], theirs.other.open)
        with pytest.raises(ValueError, match="not signed by the other box"):
            await asking.ask(theirs, other, {"type": "copy"}, 10)


async def test_nobody_else_makes_the_first_box_stop(tmp_path: Path) -> None:
    async with served(tmp_path / "a") as first:
        mine = await joined(first, tmp_path / "b")
        assert mine.other is not None
        said = await asking.ask(mine, mine.other, {"type": "superseded", "term": 1, "port": 1}, 10)
        assert said["followed"] is False
        stranger = await joined(first, tmp_path / "c")
        assert stranger.id != mine.id
        with pytest.raises(Answered):
            await asking.ask(mine, mine.other, {"type": "superseded", "term": 9, "port": 1}, 10)
        paper = papers.read(first.gateway.store.folder)
        assert paper is not None
        assert paper.role == "first"


async def test_other_files_come_along_and_go_along(tmp_path: Path) -> None:
    settings = config()
    async with served(tmp_path / "a", settings) as first:
        (tmp_path / "a" / "webhooks").mkdir(exist_ok=True)
        (tmp_path / "a" / "webhooks" / "till.json").write_text('{"sent": 4}')
        await joined(first, tmp_path / "b")
        async with standby(tmp_path / "b", settings) as second:
            await second.caught_up(first)
            there = tmp_path / "b" / "webhooks" / "till.json"
            assert there.read_text() == '{"sent": 4}'
            assert there.stat().st_mode & 0o077 == 0
            paper = papers.read(tmp_path / "b")
            assert paper is not None
            assert paper.role == "standby"
            (tmp_path / "a" / "webhooks" / "till.json").unlink()
            await until(lambda: not there.exists(), "what is gone there is gone here")
