"""The club's commands, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.records.sqlite_file import connect_to_write
from tests.club.given import PROGRAMMES, TEXT

HUB = '[hub]\nid = "riverside-hub"\nname = { en = "Riverside" }\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub's settings with the club's beside them."""
    (tmp_path / "hub.toml").write_text(HUB)
    (tmp_path / "club.toml").write_text(PROGRAMMES + TEXT)
    return tmp_path


def run(folder: Path, *words: str, data: bool = True) -> Result:
    """What a command says."""
    more = ["--data", str(folder / "data")] if data else []
    return CliRunner().invoke(main, ["club", *words, "--config", str(folder / "hub.toml"), *more])


def played(folder: Path, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    """What a replay answers."""
    file = folder / "asked.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    found = run(folder, "replay", str(file), data=False)
    assert found.exit_code == 0, found.output
    return [json.loads(line) for line in found.output.splitlines()]


def test_a_file_is_replayed_by_the_clock_of_its_lines(folder: Path) -> None:
    path = "/api/club/transfers"
    earn = {"id": "e", "kind": "earn", "member": "m", "partner": "norden", "amount_cents": 128_999}
    burn = {"id": "b", "kind": "burn", "member": "m", "partner": "lakeside", "points": 100, "sale_cents": 5_000}
    found = played(
        folder,
        {"now": "2026-03-03T10:00:00+08:00", "method": "POST", "path": path, "body": earn},
        {"now": "2026-03-03T10:00:00+08:00", "method": "POST", "path": path, "body": earn},
        {"now": "2026-03-08T10:00:00+08:00", "method": "POST", "path": path, "body": burn},
        {"now": "2026-03-08T10:00:00+08:00", "method": "POST", "path": path, "body": {**burn, "id": "c"}},
        {"now": "2026-03-31T23:00:00+08:00", "method": "POST", "path": "/api/club/statements", "body": {"id": "s"}},
        {"now": "2026-04-01T00:00:00+08:00", "method": "GET", "path": "/api/club/statements/s?partner=norden"},
        {"now": "2028-04-01T00:00:00+08:00", "method": "GET", "path": "/api/club/members/m"},
        {"now": "2028-04-01T00:00:00+08:00", "method": "GET", "path": "/api/club/nothing"},
    )
    assert [each["status"] for each in found] == [201, 200, 201, 409, 201, 200, 200, 404]
    assert found[1]["body"]["replayed"] is True
    assert found[2]["body"]["value_cents"] == 100
    assert found[3]["body"]["type"] == "urn:moments:problem:insufficient-points"
    assert found[3]["body"]["available"] == 28
    assert list(found[5]["body"]["partners"]) == ["norden"]
    assert found[5]["body"]["partners"]["norden"]["net_cents"] == -100
    assert found[6]["body"]["points"] == 0


def test_places_stand_before_a_command_or_behind_it(folder: Path) -> None:
    file = folder / "asked.jsonl"
    file.write_text('{"now": "2026-03-03", "method": "GET", "path": "/api/club/members/m"}')
    alone = folder / "elsewhere"
    alone.mkdir()
    (alone / "club.toml").write_text(PROGRAMMES + TEXT)
    words = ["club", "--config", str(alone / "club.toml"), "replay", str(file)]
    found = CliRunner().invoke(main, words)
    assert (found.exit_code, '"points": 0' in found.output) == (0, True), found.output
    assert run(folder, "replay", str(file)).output == found.output


def test_a_line_that_is_none_is_named(folder: Path) -> None:
    file = folder / "asked.jsonl"
    file.write_text('{"method": "GET"}\n')
    found = run(folder, "replay", str(file), data=False)
    assert (found.exit_code, "line 1" in found.output) == (2, True)


def test_books_are_checked_and_verified(folder: Path) -> None:
    found = run(folder, "check")
    assert (found.exit_code, "3 partners, the books are guarded" in found.output) == (0, True)
    found = run(folder, "verify")
    assert (found.exit_code, found.output) == (0, "verified, position 0\n")
    raw = connect_to_write(folder / "data" / "club.db")
    raw.execute("INSERT INTO accounts VALUES ('lot:x', 'pt', 'credit', 0)")
    raw.execute("UPDATE accounts SET balance = 5 WHERE id = 'lot:x'")
    raw.execute("DROP TRIGGER lots_stay")
    raw.execute("CREATE TRIGGER lots_stay BEFORE UPDATE ON lots BEGIN SELECT 1; END")
    raw.close()
    found = run(folder, "verify")
    assert (found.exit_code, "the balance of lot:x" in found.output) == (1, True)
    found = run(folder, "check")
    assert (found.exit_code, "unguarded" in found.output) == (1, True)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('partner = "lakeside", kind = "burn"', 'partner = "lakesode", kind = "burn"', "did you mean 'lakeside'?"),
        ("per_cents = 1000,", "per_cents = 0,", "per_cents"),
        (
            'kind = "burn", value_mc = 1000',
            'kind = "burn", points = 1, per_cents = 10',
            "points, per_cents: a row of kind",
        ),
        ('from = "2026-01-01"', 'from = "1st of May"', "expected a day like '2026-01-01'"),
        ('billing = "prepaid"', 'billing = "postpaid"', "when_empty and alert_below are of billing = 'prepaid' alone"),
        ('id = "maison"', 'id = "norden"', "the partner 'norden' stands twice"),
        ("pay_mc = 950", "pays_mc = 950", "did you mean 'pay_mc'?"),
        ('id = "maison"', 'id = "fund"', "account of the club's own"),
    ],
)
def test_mistakes_in_the_settings_are_named(folder: Path, before: str, after: str, words: str) -> None:
    text = (PROGRAMMES + TEXT).replace(before, after, 1)
    assert text != PROGRAMMES + TEXT
    (folder / "club.toml").write_text(text)
    found = run(folder, "check")
    assert (found.exit_code, words in found.output) == (2, True), found.output


def test_the_example_is_good() -> None:
    from gateway.settings.club import load

    assert load(Path(__file__).parents[2] / "config" / "club.example.toml").club.id == "riverside"
