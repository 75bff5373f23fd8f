"""A venue joins the house: real gateways, a real hub, real sockets."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.joined import boxes
from gateway.records.seal import DESTROYED
from tests.console.served import FOB, PIN, config
from tests.console.served import served as plain
from tests.hub.program import Program, hub
from tests.hub.proxy import bad_line
from tests.joined.houses import house_of, link_of, same_rows, sent, share, stop, stranger, until
from tests.joined.passages import without_sockets
from tests.story.venue import answered

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A hub of the test's own: whom another test's venue still lends would hold the keychain given away."""
    with hub(tmp_path_factory.mktemp("hub")) as program:
        yield program


async def told(house: Any, code: str) -> dict[str, Any]:
    """What IT is told, once it is."""

    async def there() -> dict[str, Any] | None:
        return next((each for each in (await link_of(house))["told"] if each["code"] == code), None)

    found: dict[str, Any] = await until(there, code)
    return found


async def test_what_a_customer_agrees_to_is_known_in_the_house_and_what_they_stop_is_not(
    served: Program, tmp_path: Path
) -> None:
    async with house_of(served, tmp_path, "flagship") as house, stranger(served, "lounge") as (theirs, _, _b):
        await house.enrol("chen")
        await house.enrol("wei", "em:0700C4A91F")
        await sent(house)
        await theirs.settle()
        assert theirs.known == {}
        chen = f"{house.whose('chen')}@flagship"
        await share(house, "chen")
        while len(theirs.known.get(chen, [])) < 4:
            await theirs.next()
        assert set(theirs.known) == {chen}
        assert "Chen" not in json.dumps(theirs.seen)
        (enrolled,) = [row for row in theirs.known[chen] if json.loads(row["head"])[5] == "customer.enrolled"]
        assert theirs.box.read(chen, enrolled)["name"] == "Chen"
        await stop(house, "chen")
        while chen not in theirs.ended:
            await theirs.next()
        assert theirs.ended[chen] == "recall"
        await same_rows(served, house, "flagship")


async def test_an_erasure_asked_for_elsewhere_and_a_leaver_are_done_here(served: Program, tmp_path: Path) -> None:
    async with house_of(served, tmp_path, "erasing") as house, stranger(served, "asking") as (theirs, journal, _):
        await house.enrol("chen")
        await house.hire("mei", "noor")
        await share(house, "chen")
        inner = house.whose("chen")
        while f"{inner}@erasing" not in theirs.known:
            await theirs.next()
        (key,) = house.gateway.store.keyring.ids_of(inner)
        mei = await house.signs_in("mei")
        assert (await mei.get("/api/present")).status_code == 200
        asked = journal.write("customer.erased", f"{inner}@erasing", {"customer": inner}, holder="*house*")
        journal.write("staff.left", "mei", {"staff": "mei"}, holder="*house*")
        await theirs.upload(journal)

        async def gone() -> bool:
            return (await mei.get("/api/present")).status_code == 401

        await until(gone, "mei is signed out")
        boss = await house.client("manager")
        assert (await boss.get("/api/customers/chen")).status_code == 404
        kept = house.gateway.store.keyring.select("SELECT wrapped FROM keys WHERE key_id = ?", bytes.fromhex(key))
        assert kept == [(DESTROYED,)]
        (receipt,) = await answered(boss.get("/api/erasures"))
        assert receipt["by"] == "house"
        assert (await (await house.client()).post("/api/sign-in", json={"staff": "mei", "pin": PIN})).status_code == 401

        async def done() -> bool:
            printed = await asyncio.to_thread(served.command, "receipt", asked)
            places = {each["place"]: each["done_at"] for each in json.loads(printed.out)["places"]}
            return places["erasing"] is not None

        await until(done, "the hub knows")


async def test_over_a_bad_line_and_over_starts_each_row_comes_once(served: Program, tmp_path: Path) -> None:
    async with bad_line(served.port, 7) as line:
        async with house_of(served, tmp_path, "faraway", line.url) as house:
            await house.enrol("chen")
            await share(house, "chen")
            await asyncio.sleep(0.2)
        async with house_of(served, tmp_path, "faraway", line.url) as house:
            await house.hire("mei")
            await house.enrol("wei", "em:0700C4A91F")
            await same_rows(served, house, "faraway")
        assert line.cuts > 2


async def test_where_sockets_are_cut_on_the_way_messages_are_exchanged(served: Program, tmp_path: Path) -> None:
    async with without_sockets(served.port) as passage, house_of(served, tmp_path, "hotel", passage.url) as house:
        await house.enrol("chen")
        await share(house, "chen")
        found = await sent(house)
        assert found["by"] == "exchange"
        assert passage.refused >= 3
        async with stranger(served, "spa") as (theirs, _, _b):
            assert f"{house.whose('chen')}@hotel" in theirs.known
        await stop(house, "chen")
        await same_rows(served, house, "hotel")


async def test_a_data_folder_that_was_put_back_goes_on_in_another_epoch_and_it_is_told(
    served: Program, tmp_path: Path
) -> None:
    folder, copy = tmp_path / "data", tmp_path / "copy"
    async with house_of(served, folder, "twice") as house:
        await house.enrol("chen")
        await sent(house)
    shutil.copytree(folder, copy)
    async with house_of(served, folder, "twice") as house:
        await house.enrol("wei", "em:0700C4A91F")
        await sent(house)
    shutil.rmtree(folder)
    copy.rename(folder)
    async with house_of(served, folder, "twice") as house:
        assert "restored or copied" in (await told(house, "fork"))["words"]["en"]
        found = await sent(house)
        assert found["connected"]
        report = (await (await house.client()).get("/health")).json()
        assert (report["journal"]["epoch"], report["status"]) == (2, "degraded")
        await house.hire("mei")
        await sent(house)


async def test_a_revoked_box_stops_and_the_house_goes_on(served: Program, tmp_path: Path) -> None:
    async with house_of(served, tmp_path, "sold") as house:
        await sent(house)
        box = boxes.read(tmp_path)
        assert box is not None
        done = await asyncio.to_thread(served.command, "revoke", box.id)
        assert done.code == 0, done
        assert "no longer of this house" in (await told(house, "box-revoked"))["words"]["en"]
        tries = await _tries(house)
        await house.enrol("chen")
        await house.hire("mei")
        assert ((await link_of(house))["connected"], await _tries(house)) == (False, tries)


async def _tries(house: Any) -> float:
    text = (await (await house.client()).get("/metrics")).text
    return float(next(line for line in text.splitlines() if line.startswith("moments_hub_link_tries_total")).split()[1])


async def test_while_the_hub_is_away_the_house_goes_on_and_a_clock_a_year_ahead_is_told(tmp_path: Path) -> None:
    with hub(tmp_path / "hub") as program:
        async with house_of(program, tmp_path / "data", "alone") as house:
            await house.enrol("chen")
            await sent(house)
            await asyncio.to_thread(program.stop, signal.SIGKILL)

            async def lost() -> bool:
                found = await link_of(house)
                return not found["connected"] and bool(found["fault"])

            await until(lost, "the link is lost")
            await house.enrol("wei", "em:0700C4A91F")
            house.ahead = 365 * 86_400.0
            await asyncio.to_thread(program.start)
            assert "clock" in (await told(house, "clock-ahead"))["words"]["en"]
            await same_rows(program, house, "alone")
            house.ahead = 0.0


async def test_a_box_that_has_left_is_of_no_house_and_may_join_again(served: Program, tmp_path: Path) -> None:
    async with house_of(served, tmp_path, "fickle") as house:
        await sent(house)
        assert boxes.leave(tmp_path)

        async def left() -> bool:
            found = await link_of(house)
            return not found["joined"] and not found["connected"]

        await until(left, "it has left")
        feeds = house.gateway.store.reader.conn
        await until(lambda: feeds.execute("SELECT count(*) FROM hub_feeds").fetchone() == (0,), "it is forgotten")
        roster = house.gateway.memory.roster
        await until(lambda: roster.who(FOB, house.now()) is None, "nobody whom others lent is recognised")


async def test_a_house_whose_settings_name_no_hub_any_more_forgets_it(served: Program, tmp_path: Path) -> None:
    async with house_of(served, tmp_path, "sober") as house:
        await sent(house)
    async with plain(tmp_path, config(venue={"id": "sober", "name": {"en": "House"}})) as house:
        feeds = house.gateway.store.reader.conn
        await until(lambda: feeds.execute("SELECT count(*) FROM hub_feeds").fetchone() == (0,), "it is forgotten")
        assert (await (await house.client()).get("/health")).json()["hub"] is None
