"""Tablets from a shell: listed, and let go when nobody knows where one is."""

from __future__ import annotations

from pathlib import Path

import httpx2

from gateway.console.tablet import LET_GO
from gateway.records import journal_rows
from tests.console.served import PIN, Served, config, served
from tests.program import Ended, moments
from tests.story.venue import answered

SPAN = ("--from", "2020-01-01", "--until", "2099-01-01")
VENUE = '[venue]\nid = "house"\nname = {zh-CN = "馆", en = "House"}\n'


async def said(folder: Path, *words: str) -> Ended:
    return await moments(*words, "--data", folder)


async def paired(house: Served, name: str) -> httpx2.AsyncClient:
    """A tablet on which Lina is signed in."""
    code = await answered((await house.client("manager")).post("/api/tablets/codes", json={"name": name}))
    tablet = await house.client()
    await answered(tablet.post("/api/pair", json={"code": code["code"]}))
    await answered(tablet.post("/api/sign-in", json={"staff": "lina", "pin": PIN}))
    return tablet


async def test_a_lost_tablet_is_let_go_by_its_name_wiped_when_it_is_heard_and_named_in_the_notice(
    tmp_path: Path,
) -> None:
    folder, venue = tmp_path / "data", tmp_path / "venue.toml"
    venue.write_text(VENUE)
    async with served(folder, config()) as house:
        await house.hire("lina")
        bar, lounge = await paired(house, "bar"), await paired(house, "lounge")
        await house.enrol("anna")
        house.tap()
        await house.gateway.settle()
        await answered(bar.get("/api/customers/anna"))
        assert (await said(folder, "tablet", "list")).out.count(" paired ") == 2
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in bar.cookies.items())}
        async with house.tablet(cookie) as screen:
            gone = await said(folder, "tablet", "lost", "bar")
            assert (gone.code, "wipes itself when it is heard" in gone.out) == (0, True), gone
            assert await screen.closed() == LET_GO
        refused = await bar.get("/api/present")
        assert (refused.status_code, refused.json()["wipe"]) == (401, True)
        assert (await lounge.get("/api/present")).status_code == 200
        assert "not heard since" in (await said(folder, "tablet", "list")).out
        (event,) = journal_rows.select(house.gateway.store.reader, "WHERE type = 'tablet.revoked'")
        assert (event.data["name"], event.data["lost"], event.actor) == ("bar", True, "command-line")
        notice = ("privacy", "breach", "--config", str(venue), *SPAN)
        draft = await said(folder, *notice)
        assert f"bar ({event.subject}), reported" in draft.out
        assert "not heard since" in draft.out
        assert "About 1 customers" in draft.out
        assert (await bar.post("/api/wiped")).status_code == 204
        assert " wiped " in (await said(folder, "tablet", "list")).out
        assert "wiped itself" in (await said(folder, *notice)).out
        again = await said(folder, "tablet", "lost", "bar")
        assert (again.code, "let go already" in again.err) == (1, True), again


async def test_a_name_that_several_have_or_nobody_has_lets_none_go(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with served(folder, config()) as house:
        await house.hire("lina")
        one, other = await paired(house, "bar"), await paired(house, "bar")
        several = await said(folder, "tablet", "lost", "bar")
        assert (several.code, "say which by its id" in several.err) == (2, True), several
        nobody = await said(folder, "tablet", "lost", "bra")
        assert (nobody.code, "no tablet is called 'bra'" in nobody.err) == (1, True), nobody
        assert [(await each.get("/api/present")).status_code for each in (one, other)] == [200, 200]


async def test_without_a_gateway_it_is_written_down_and_holds_from_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with served(folder, config()) as house:
        await house.hire("lina")
        bar = await paired(house, "bar")
        cookies = dict(bar.cookies)
    assert (await said(folder, "tablet", "lost", "bar")).code == 0
    async with served(folder, config()) as house:
        back = await house.client()
        back.cookies.update(cookies)
        refused = await back.get("/api/present")
        assert (refused.status_code, refused.json()["wipe"]) == (401, True)
