"""The demo's guests have a year behind them: Insight has something to say the moment the house opens."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from contextlib import closing
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from gateway.commands.demo_insight import fill_insight
from gateway.commands.demo_records import fill
from gateway.commands.insight_check import check
from gateway.commands.insight_export import explain, export
from gateway.commands.insight_run import compute
from gateway.events import venue_time
from gateway.events.times import new_id
from gateway.records import insight_file
from gateway.records.insight_file import Run
from gateway.records.store import reading
from gateway.resources import config_folder
from gateway.settings.venue import parse

PIN = "246813"


def filled(folder: Path, *, guests: bool = True) -> Any:
    """The demo's house as it opens."""
    config = parse(tomllib.loads((config_folder() / "demo.toml").read_text("utf-8")), config_folder() / "demo.toml")
    venue_time.use(config.venue.timezone)
    fill(folder, config, lambda: PIN, guests=guests)
    fill_insight(folder, config)
    return config


def test_a_run_has_worth_risk_ties_spend_and_voices_to_show(tmp_path: Path) -> None:
    config = filled(tmp_path)
    found = compute(tmp_path, config, None, None, new_id(1.0))
    assert len(found.customers) == 7, "one guest was never asked, and is nobody's row"
    nets = [row["net"] for row in found.customers.values()]
    assert sum(net < 0 for net in nets) == 1
    assert {row["risk"]["band"] for row in found.customers.values()} >= {"in time", "long silent"}
    assert sum(len(row["bonds"]) for row in found.customers.values()) == 1
    assert found.house["spend"]["no_reason"]["entries"] == 2
    assert found.house["spend"]["budgets"][0]["left"] is not None
    assert sum(each["answers"] for each in found.house["voices"]["satisfaction"]) == 6
    assert any(row["worth"]["seed"] for row in found.customers.values())
    again = filled(tmp_path)
    assert compute(tmp_path, again, None, None, new_id(2.0)).digest == found.digest, "a second start adds nothing"


def test_a_report_is_a_file_and_a_person_is_told_in_words(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    config = filled(tmp_path)
    compute(tmp_path, config, None, None, new_id(1.0))
    place = config_folder() / "demo.toml"
    export("worth", "json", tmp_path, place)
    rows = json.loads(capsysbinary.readouterr().out)
    assert rows[0]["customer"] == "wang-jianguo"
    assert len(rows) == 7
    export("spend", "csv", tmp_path, place)
    assert b"champagne on arrival" in capsysbinary.readouterr().out
    explain("zhao-minghui", tmp_path, place)
    said = capsysbinary.readouterr().out.decode()
    assert "discount 900: no reason" in said
    assert "since" in said
    with pytest.raises(SystemExit):
        explain("james-whitfield", tmp_path, place)
    never_asked = capsysbinary.readouterr().err
    with pytest.raises(SystemExit):
        explain("nobody", tmp_path, place)
    assert capsysbinary.readouterr().err == never_asked


def test_a_house_without_guests_gets_none(tmp_path: Path) -> None:
    config = filled(tmp_path, guests=False)
    assert compute(tmp_path, config, None, None, new_id(1.0)).customers == {}


def altered(folder: Path, change: Callable[[Run], None]) -> None:
    """The last run as if it had been kept otherwise."""
    run = insight_file.runs(folder)[-1][0]
    with closing(reading(folder)) as reader, closing(reader.keyring):
        found = insight_file.read(folder, reader.keyring, run)
        assert found is not None
        change(found)
        insight_file.write(folder, reader.keyring, found, lambda: found.customers)


def test_what_was_kept_is_held_against_its_entries_and_the_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = filled(tmp_path)
    place = config_folder() / "demo.toml"
    with pytest.raises(SystemExit):
        check(tmp_path, place)
    assert "nothing was worked out yet" in capsys.readouterr().err
    compute(tmp_path, config, None, None, new_id(1.0))
    check(tmp_path, place)
    assert capsys.readouterr().out.endswith("every part adds up to its entries, and the records give the same again\n")

    def wrong(run: Run) -> None:
        first, second, *_ = sorted(run.customers)
        run.customers[first]["net"] += 100
        run.customers[second]["days"] = run.customers[second]["days"][1:]
        min(run.costs, key=itemgetter(0))[2]["minor"] += 1

    altered(tmp_path, wrong)
    with pytest.raises(SystemExit):
        check(tmp_path, place)
    said = capsys.readouterr().err
    found = compute(tmp_path, config, None, None, new_id(2.0))
    first, second, *_ = sorted(found.customers)
    right = found.customers[first]["net"]
    assert f"{first}: net is {right + 100}, and its entries make {right}\n" in said
    assert f"{first}: net\n" in said
    assert f"{second}: days\n" in said
    entry, _, cost = min(found.costs, key=itemgetter(0))
    minor = cost["minor"]
    assert f"cost {entry}: {minor + 1} was kept, and the entry says {minor}\n" in said
    assert said.endswith("4 places differ\n")
