"""The gateway stops, is killed, comes back, is copied: who was here is here, and nothing that was promised is lost."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from gateway.records import aliases, exchange, preferences
from gateway.records.sqlite_file import connect_to_write
from gateway.records.store import RECORDS_FILE, reading
from gateway.records.verify import verify
from tests.program import kept_in, moments
from tests.story.settings import COUNTER
from tests.story.tablet import Tablet
from tests.story.venue import Guest, Venue, answered, guest


def chain_holds(data: Path) -> int:
    """How many events the journal of a data folder holds, each chained to the one before."""
    reader = reading(data)
    try:
        verdict = verify(reader)
        assert verdict.ok, verdict
        return verdict.events
    finally:
        reader.close()
        reader.keyring.close()


async def greet(venue: Venue, who: Guest, tablet: Tablet) -> dict[str, Any]:
    """Anna claims this customer's card and closes it."""
    anna = await venue.client("anna")
    alert = (await tablet.expect("alert.opened", customer=who.id))["data"]
    await answered(anna.post(f"/api/alerts/{alert['alert']}/claim"))
    return dict(await answered(anna.post(f"/api/alerts/{alert['alert']}/close", json={"outcome": "greeted"})))


def everybody(folder: Path) -> str:
    """All customers of a folder, as a file has them."""
    out = StringIO()
    with closing(reading(folder)) as reader, closing(reader.keyring):
        assert exchange.export(reader, out)
    return out.getvalue()


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_after_a_restart_who_was_here_is_here_and_nobody_is_greeted_twice(tmp_path: Path, how: str) -> None:
    greeted, waiting = guest("Greeted Guest", associate="anna"), guest("Waiting Guest", associate="anna")
    async with Venue(tmp_path, [COUNTER]) as venue:
        await venue.staff("anna")
        await venue.enrol(greeted, waiting)
        client = await venue.client("anna")
        async with await venue.tablet("anna") as anna:
            visit = (await venue.taps(greeted, anna))["visit"]
            await greet(venue, greeted, anna)
            await answered(client.post(f"/api/visits/{visit}/asks", json={"question": "lunch"}))
            await venue.taps(waiting, anna)
            alert = (await anna.expect("alert.opened", customer=waiting.id))["data"]
            await answered(client.post(f"/api/alerts/{alert['alert']}/claim"))
            had = anna.sequence
            if how == "stopped":
                await venue.stop()
                assert await anna.closed() == 1012
            else:
                venue.kill()
        assert "stopped" in venue.log or how == "killed"
        chain_holds(venue.data)
        await venue.start()
        assert {c: p["visit"] for c, p in (await venue.present()).items()} == {
            greeted.id: visit,
            waiting.id: alert["visit"],
        }
        async with await venue.tablet("anna", since=had) as anna:
            assert anna.hello["state"] is None  # the number it had was on the disk
            client = await venue.client("anna")
            (open_,) = await answered(client.get("/api/alerts"))
            assert (open_["alert"], open_["state"], open_["by"]) == (alert["alert"], "claimed", "anna")
            assert (await client.post(f"/api/visits/{visit}/asks", json={"question": "lunch"})).status_code == 409
            for who in (greeted, waiting):
                venue.em4100["counter"].hold(who.em)
                await venue.hears("counter")
            assert not anna.seen("visit.arrived")
            assert not anna.seen("alert.opened")


class Outboxes:
    """Tablets whose owners record facts; each fact is sent with its key until it is acknowledged."""

    def __init__(self, venue: Venue, customer: str, token: str, values: list[str]) -> None:
        self.venue = venue
        self.customer = customer
        self.values = values
        self.acknowledged: set[str] = set()
        self._login = {"Authorization": f"Bearer {token}"}

    async def send(self, tablets: int) -> None:
        """Returns when all is acknowledged."""
        await asyncio.gather(*(self._send(self.values[i::tablets]) for i in range(tablets)))

    async def _send(self, values: list[str]) -> None:
        async with httpx2.AsyncClient(headers=self._login, trust_env=False, timeout=30) as tablet:
            for value in values:
                body = {"id": str(uuid4()), "category": "other", "value": value}
                key = {"Idempotency-Key": str(uuid4())}
                while value not in self.acknowledged:
                    try:
                        answer = await tablet.post(
                            f"{self.venue.url}/api/customers/{self.customer}/preferences", json=body, headers=key
                        )
                    except httpx2.TransportError:
                        await asyncio.sleep(0.05)
                        continue
                    assert answer.status_code == 201, answer.text
                    assert answer.json()["id"] == body["id"]
                    self.acknowledged.add(value)


@contextmanager
def a_disk_that_takes_nothing(data: Path) -> Iterator[None]:
    """Whoever writes to the records has to wait, for seconds, as on a disk that is busy."""
    blocker = connect_to_write(data / RECORDS_FILE)
    try:
        blocker.execute("BEGIN IMMEDIATE")
        yield
    finally:
        blocker.close()


async def test_killed_while_many_write_nothing_acknowledged_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    async with Venue(tmp_path) as venue:
        await venue.staff("anna")
        chen = guest("Chen Yulan")
        await venue.enrol(chen, consents=["keep_preferences"])
        values = [f"fact {number}" for number in range(160)]
        outboxes = Outboxes(venue, chen.id, await venue.token("anna"), values)

        async def kill_now_and_then() -> None:
            for enough in (30, 90):
                while len(outboxes.acknowledged) < enough:
                    await asyncio.sleep(0.005)
                with a_disk_that_takes_nothing(venue.data):
                    await asyncio.sleep(0.3)  # a careless gateway would go on saying yes
                    venue.kill()
                survived = {p.value for p in await asyncio.to_thread(facts_on_disk, venue.data, chen.id)}
                assert outboxes.acknowledged <= survived
                await venue.start()

        await asyncio.gather(kill_now_and_then(), outboxes.send(tablets=12))
        client = await venue.client("anna")
        kept = [p["value"] for p in await answered(client.get(f"/api/customers/{chen.id}/preferences"))]
        assert sorted(kept) == sorted(values)
        journal = await answered(client.get(f"/api/customers/{chen.id}/journal"))
        told = [e["data"]["value"] for e in journal if e["type"] == "preference.recorded"]
        assert sorted(told) == sorted(values)
        await venue.stop()
        chain_holds(venue.data)


def facts_on_disk(data: Path, customer: str) -> list[Any]:
    """The preferences that a data folder without a gateway holds."""
    reader = reading(data)
    try:
        return preferences.facts_of(reader, aliases.ours(reader, customer))
    finally:
        reader.close()
        reader.keyring.close()


async def test_a_backup_of_the_living_comes_to_life_elsewhere(tmp_path: Path) -> None:
    async with Venue(tmp_path / "here", [COUNTER]) as venue:
        await venue.staff("anna")
        chen, gone = guest("Chen Yulan", associate="anna"), guest("Erased Guest")
        await venue.enrol(chen, gone, consents=["recognise_tag", "keep_preferences"])
        await venue.knows(chen, "anna", "allergy", "food", "peanuts")
        sheet = tmp_path / "sheet"
        sheet.write_text("acorn-umbrella-violet-harbour\n")
        passphrase = ("recovery", "new", "--passphrase", "--recovery-file", sheet)
        assert (await venue.moments(*passphrase)).code == 0
        made = await venue.moments("backup", tmp_path / "copies")
        assert made.code == 0, made
        await answered((await venue.client("manager")).delete(f"/api/customers/{gone.id}"))
        older = Path(made.out.strip())
        again, alone, refused = await asyncio.gather(
            venue.moments("backup", tmp_path / "copies"),
            venue.moments("customers", "export"),
            venue.moments("restore", older),
        )
        assert (again.code, alone.code, refused.code) == (0, 1, 1), (again, alone, refused)
        assert "takes two people" in alone.err
        export = everybody(venue.data)
        assert refused.err.strip()
    elsewhere = tmp_path / "elsewhere" / "data"
    brought = await moments("restore", older, "--data", elsewhere)
    assert (brought.code, "asked for on a terminal" in brought.err) == (1, True), brought
    brought = await moments("restore", older, "--data", elsewhere, "--recovery-file", sheet)
    assert brought.code == 0, brought
    assert everybody(elsewhere) == export
    async with Venue(elsewhere.parent, [COUNTER]) as other:
        anna = await other.client("anna")
        (fact,) = await answered(anna.get(f"/api/customers/{chen.id}/preferences"))
        assert (fact["value"], fact["by_name"]) == ("peanuts", "Anna")
        assert (await anna.get(f"/api/customers/{gone.id}")).status_code == 404
        async with await other.tablet("anna") as annas:
            await other.taps(chen, annas)
            opened = await annas.expect("alert.opened", customer=chen.id)
            assert [p["value"] for p in opened["data"]["card"]["avoid"]] == ["peanuts"]


async def test_who_is_added_while_the_gateway_serves_can_sign_in_at_once(tmp_path: Path) -> None:
    async with Venue(tmp_path) as venue:
        made = await venue.moments("staff", "add", "anna", "--role", "floor", "--pin-file", kept_in(tmp_path, "482913"))
        assert made.code == 0, made
        async with httpx2.AsyncClient(base_url=venue.url, trust_env=False, timeout=30) as tablet:
            answer = await tablet.post("/api/sign-in", json={"staff": "anna", "pin": "482913"})
        assert answer.status_code == 200, answer.text


async def test_a_hang_up_is_not_the_end(tmp_path: Path) -> None:
    async with Venue(tmp_path) as venue:
        os.kill(venue.processes()[0], signal.SIGHUP)
        await venue.eventually(venue.health, lambda _: "SIGHUP: certificates and passwords" in venue.log)
        assert venue.running
