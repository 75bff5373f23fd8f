"""What a customer's own page says of other houses: who may know them there, and who has looked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.hub.scopes import LOOKS
from gateway.privacy.check import Finding
from gateway.privacy.checks import CHECKS
from gateway.privacy.evidence import Evidence
from gateway.records import chain
from gateway.records.store import reading
from tests.console.served import FOB, Served
from tests.console.test_own_page import DIGITS, phone
from tests.hub.program import Program, hub
from tests.joined.houses import house_of, sent, share, stop, until
from tests.story.venue import answered

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A hub that serves."""
    with hub(tmp_path_factory.mktemp("hub")) as program:
        yield program


def looks_of_others(house: Served) -> list[str]:
    """The types of looks that came to this house from elsewhere."""
    heads = house.gateway.store.reader.conn.execute("SELECT head FROM lent_rows").fetchall()
    return [type_ for (text,) in heads if (type_ := chain.read_head(text).type) in LOOKS]


async def test_who_looked_in_another_house_and_that_it_may_know_them_stands_on_their_own_page(
    program: Program, tmp_path: Path
) -> None:
    async with (
        house_of(program, tmp_path / "a", "flagship") as home,
        house_of(program, tmp_path / "b", "pudong") as away,
    ):
        for house in (home, away):
            await house.hire("mei", roles=("manager",))
        await home.enrol("chen", FOB)
        mine = await phone(home, "chen", digits=DIGITS)
        assert (await answered(mine.get("/api/me/record")))["lending"] is None
        await share(home, "chen")
        await answered((await home.client("manager", "mei")).get("/api/customers/chen"))
        lent = f"{home.whose('chen')}@flagship"
        await until(lambda: away.gateway.customer(lent), "they are lent")
        await answered((await away.client("manager", "mei")).get(f"/api/customers/{lent}"))
        await sent(away)

        async def looked() -> dict[str, Any] | None:
            found: dict[str, Any] = await answered(mine.get("/api/me/record"))
            home.ahead += 10  # a link is asked twenty times a minute
            return found if any(each["house"] == "pudong" for each in found["looks"]) else None

        record = await until(looked, "the look is at home")
        look, own = (next(each for each in record["looks"] if each["house"] == at) for at in ("pudong", home_of(home)))
        assert (look["by"], look["what"]) == ("mei", "list")
        assert own["by"] == home.gateway.memory.floor.name_of("mei"), "a colleague of that name is somebody else"
        assert record["lending"]["state"] == "known"
        (house,) = record["lending"]["houses"]
        assert (house["house"], house["rows"] >= 1) == ("pudong", True)
        assert looks_of_others(away) == [], "who looks at home is nobody else's business"
        for house, words in ((home, "1 are open to the hub"), (away, "1 are lent here by other houses (flagship)")):
            found = state_of_27(house)
            assert (found.state, words in found.words.en) == ("pass", True), found
        await stop(home, "chen")
        await sent(home)

        async def over() -> bool:
            home.ahead += 10
            return bool((await answered(mine.get("/api/me/record")))["lending"]["state"] == "over")

        await until(over, "the hub has the stop")


def state_of_27(house: Served) -> Finding:
    """What the report on privacy says of the hub."""
    store, now = house.gateway.store, house.now()
    with closing(reading(store.folder)) as reader, closing(reader.keyring):
        (check,) = [each for each in CHECKS if each.number == 27]
        return check.look(Evidence(house.gateway.config, store.folder, reader, 0.0, now + 1, now))


def home_of(house: Served) -> str:
    """What the house is called."""
    return house.gateway.config.venue.id
