"""The club at a hub, over HTTP: who keeps the books, who sees which numbers, and what a partner's box may ask."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.club.given import PROGRAMMES, TEXT
from tests.hub.postgres import Cluster
from tests.hub.program import Program, health
from tests.hub.stranger import Box
from tests.hub.test_office import Officer

BRANDS = "".join(f'[[brands]]\nid = "{brand}"\n' for brand in ("norden", "lakeside", "maison"))
T = "/club/transfers"


@pytest.fixture(params=["sqlite", "postgres"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    """A hub with a club."""
    url = "sqlite"
    if request.param == "postgres":
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.database()
    program = Program(tmp_path, url, brands=BRANDS)
    (tmp_path / "club.toml").write_text(PROGRAMMES + TEXT)
    program.start()
    yield program
    program.stop()


class Till:
    """A venue's gateway that passes on what its till asks."""

    def __init__(self, program: Program, venue: str, brand: str) -> None:
        self.box = Box(program.url, venue)
        self.box.join(program.invite(venue, "--brand", brand))
        self.box.sign_in()
        self.url = program.url

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and body."""
        headers = {"authorization": f"Bearer {self.box.token}", "content-type": "application/json"}
        raw = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api{path}", raw, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)


def code(said: tuple[int, Any]) -> tuple[int, str]:
    """Status and name of a refusal."""
    return said[0], said[1]["type"].rpartition(":")[2]


def earn(id_: str, partner: str, cents: int = 100_000, **more: Any) -> dict[str, Any]:
    """A request."""
    return {"id": id_, "kind": "earn", "member": "m", "partner": partner, "amount_cents": cents, **more}


def test_each_sees_and_books_what_is_theirs(hub: Program, tmp_path: Path) -> None:
    till, other = Till(hub, "lake-lobby", "lakeside"), Till(hub, "north-store", "norden")
    keeper = Officer(hub, "kim", "club").sign_in()
    pin = hub.command("office", "add", "lee", "--role", "partner", "--partner", "lakeside").out.strip()
    lee = Officer.__new__(Officer)
    lee.pin, lee.name, lee.port, lee.cookie = pin, "lee", hub.port, ""
    lee.sign_in()

    assert till.ask("POST", T, earn("a", "lakeside"))[0] == 201
    assert till.ask("POST", T, earn("a", "lakeside"))[1]["replayed"] is True
    assert code(till.ask("POST", T, earn("b", "norden"))) == (403, "not-yours")
    assert other.ask("POST", T, earn("b", "norden"))[0] == 201
    burn = {"id": "c", "kind": "burn", "member": "m", "partner": "lakeside", "points": 150, "sale_cents": 90_000}
    assert till.ask("POST", T, burn)[1]["value_cents"] == 150
    assert code(other.ask("POST", T, {"id": "d", "kind": "refund", "of": "c"})) == (404, "no-such-transfer")
    assert code(other.ask("GET", f"{T}/c")) == (404, "no-such-transfer")
    assert till.ask("GET", f"{T}/c")[1]["answer"]["points"] == -150
    assert till.ask("GET", "/club/members/m")[1]["points"] == 50
    for path in ("/club/members/m/lots", "/club/statements", "/club/liability", "/club/blocks", "/club/watch"):
        assert code(till.ask("GET", path)) == (403, "role"), path
    for kind in ("block", "cost", "pay", "write_off", "merge"):
        asked = {"id": "x", "kind": kind, "partner": "lakeside"}
        assert code(till.ask("POST", T, {"transfers": [earn("y", "lakeside"), asked]})) == (403, "role")
    assert till.ask("POST", T, {"id": "w", "kind": "withdraw", "partner": "lakeside", "of": "never"})[0] == 201

    block = {"id": "e", "kind": "block", "partner": "maison", "points": 1_000}
    assert keeper.ask("POST", T, block)[0] == 201
    statement = keeper.good("POST", "/club/statements", {"id": "s"})
    assert sum(each["net_cents"] for each in statement["partners"].values()) == -keeper_fund(statement)
    assert keeper.good("GET", "/club/statements")[0]["id"] == "s"
    assert keeper.good("GET", "/club/members/m/lots")["lots"][0]["issuer"] == "lakeside"
    assert keeper.good("GET", "/club/standing")["club"] == "riverside"
    assert keeper.good("GET", "/club/blocks")[0]["left"] == 1_000

    assert list(lee.good("GET", "/club/statements/s")["partners"]) == ["lakeside"]
    assert list(lee.good("GET", "/club/statements/s?partner=norden")["partners"]) == ["lakeside"]
    assert list(lee.good("GET", "/club/liability")["partners"]) == ["lakeside"]
    assert lee.good("GET", "/club/blocks") == []
    assert code(lee.ask("GET", "/club/members/m")) == (403, "role"), "never who spent"
    assert code(lee.ask("GET", f"{T}/c")) == code(lee.ask("GET", "/club/watch")) == (403, "role")
    assert keeper.good("GET", "/club/watch") == []
    assert code(lee.ask("POST", T, earn("z", "lakeside"))) == (403, "role")
    assert code(lee.ask("GET", "/customers")) == (403, "role")
    assert code(Officer(hub, "it", "it").sign_in().ask("GET", "/club/liability")) == (403, "role")
    assert Officer(hub, "nobody", "it").ask("GET", "/club/liability")[0] == 401
    assert "wrong" in health(hub.url)["club"]


def keeper_fund(statement: Any) -> int:
    """What all partners together pay into the fund, in whole cents."""
    lines = [line for part in statement["partners"].values() for line in part["lines"]]
    return -int(sum(line["net_cents"] for line in lines if line["with"] == "fund"))


def test_a_hub_does_not_start_on_rules_that_were_edited_or_guards_that_are_gone(tmp_path: Path) -> None:
    program = Program(tmp_path, brands=BRANDS)
    (tmp_path / "club.toml").write_text(PROGRAMMES + TEXT)
    program.start()
    keeper = Officer(program, "kim", "club").sign_in()
    assert keeper.ask("POST", T, earn("a", "norden"))[0] == 201
    assert program.stop() == [0]
    (tmp_path / "club.toml").write_text((PROGRAMMES + TEXT).replace("per_cents = 1000", "per_cents = 900", 1))
    with pytest.raises(RuntimeError, match="does not start"):
        program.start()
    program.processes.clear()
    (tmp_path / "club.toml").unlink()
    program.start()
    assert "club" not in health(program.url), "no club configured: nothing of it"
    program.stop()


def test_books_come_back_with_a_copy_and_move_to_a_server(tmp_path: Path, cluster: Cluster) -> None:
    program = Program(tmp_path / "hub", brands=BRANDS)
    (tmp_path / "hub" / "club.toml").write_text(PROGRAMMES + TEXT)
    program.start()
    keeper = Officer(program, "kim", "club").sign_in()
    keeper.good("POST", T, earn("a", "norden"))
    before = keeper.good("GET", f"{T}/a")
    assert program.command("backup", str(tmp_path / "copies")).code == 0
    program.stop()
    program.data.rename(tmp_path / "lost")
    assert program.command("restore", str(tmp_path / "copies")).code == 0
    url = cluster.database()
    moved = program.command("move", "--to", url)
    assert (moved.code, "1 transfers of the club's books moved" in moved.out) == (0, True), moved
    program.config.write_text(program.config.read_text().replace('url = "sqlite"', f'url = "{url}"'))
    program.start()
    keeper = Officer(program, "kim", "club").sign_in()
    assert keeper.good("GET", f"{T}/a") == before
    assert keeper.good("GET", "/club/members/m")["points"] == 100
    program.stop()
