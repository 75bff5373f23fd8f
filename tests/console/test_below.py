"""A proxy that serves us below a path of its host, whether it takes the path off or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.console.served import PIN, Served, config, served
from tests.story.tablet import Tablet
from tests.story.venue import answered

BELOW = "/venue-7/moments"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    console = {"listen": "127.0.0.1:0", "path": f"{BELOW}/", "hosts": ["vip.example.com"], "paired_tablets": False}
    async with served(tmp_path, config(console=console)) as house:
        await house.hire("anna")
        yield house


@pytest.mark.parametrize("path", [BELOW, ""], ids=["as it was asked for", "taken off by the proxy"])
async def test_everything_is_there_below_the_path(house: Served, path: str) -> None:
    browser = await house.client()
    page = await browser.get(f"{path}/")
    assert page.status_code in (200, 503)  # 503: the console is not built
    assert "content-security-policy" in page.headers
    signed = await answered(browser.post(f"{path}/api/sign-in", json={"staff": "anna", "pin": PIN}))
    assert signed["staff"] == "anna"
    session = await browser.get(f"{path}/api/session")
    assert (session.status_code, session.headers["cache-control"]) == (200, "no-store")
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    async with Tablet(f"{house.url}{path}/live", cookie, name="the tablet") as tablet:
        assert tablet.state["me"]["staff"] == "anna"


async def test_the_path_alone_leads_to_its_slash_and_others_lead_nowhere(house: Served) -> None:
    browser = await house.client()
    answer = await browser.get(f"{BELOW}?x=1")
    assert (answer.status_code, answer.headers["location"]) == (308, f"{BELOW}/?x=1")
    for path in (
        f"{BELOW}x/api/sign-in",
        f"/x{BELOW}/api/sign-in",
        f"{BELOW}{BELOW}/api/sign-in",
        "/moments/api/sign-in",
    ):
        assert (await browser.get(path)).status_code == 404, path


async def test_a_tablet_is_paired_below_the_path(house: Served) -> None:
    manager = await house.client("manager")
    ours = {"Origin": house.url}
    code = await answered(manager.post("/api/tablets/codes", json={"name": "bar"}, headers=ours))
    assert code["link"].startswith(f"{house.url}{BELOW}/#/pair/")
    told = await answered((await house.local()).post("/api/tablets/codes", json={"name": "bar"}))
    assert told["link"].partition("/#/")[0].endswith(BELOW)


@pytest.mark.parametrize(
    ("said", "below"), [("/moments", "/moments"), ("/a/b/", "/a/b"), ("//evil", ""), ("moments", ""), ("/x y", "")]
)
async def test_a_proxy_may_say_the_path_itself(tmp_path: Path, said: str, below: str) -> None:
    console = {"listen": "127.0.0.1:0", "behind_proxy": True}
    async with served(tmp_path, config(console=console)) as house:
        headers = {"Origin": house.url, "X-Forwarded-Prefix": said}
        manager = await house.client("manager")
        code = await answered(manager.post("/api/tablets/codes", json={"name": "bar"}, headers=headers))
        assert code["link"].startswith(f"{house.url}{below}/#/pair/")
