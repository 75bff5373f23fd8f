"""The papers of a house follow its settings: whatever is added or taken away is missed, or seen, on each of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.privacy import papers
from gateway.privacy.processing import processing
from gateway.settings.venue import parse

NAME = {"zh-CN": "外滩会", "en": "Bund House"}


def settings(**tables: Any) -> dict[str, Any]:
    """A house with a door for tags and a lounge for phones."""
    venue: dict[str, Any] = {
        "venue": {"id": "bund", "name": NAME},
        "zones": [{"id": "door", "name": NAME}, {"id": "lounge", "name": NAME}],
        "mqtt": {"url": "embedded"},
        "readers": [
            {"id": "gate", "driver": "m100", "link": "/nowhere", "role": "inner", "zone": "door"},
            {"id": "ears", "driver": "espresense", "link": "espresense", "role": "zone", "rooms": {"a": "lounge"}},
        ],
        "privacy": {
            "controller": {"name": "外滩会所有限公司", "address": "上海市中山东一路", "contact": "privacy@example.com"},
            "jurisdictions": ["CN", "EU"],
        },
    }
    return {**venue, **tables}


PARTNER = {"id": "spa", "name": {"en": "Bund Spa"}, "country": "CN", "data": ["preferences.food"]}
CHANGES: dict[str, dict[str, Any]] = {
    "[reader:back]": {
        "readers": [{"id": "back", "driver": "em4100", "link": "/nowhere/2", "role": "tap", "zone": "door"}]
    },
    "[zone:terrace]": {"zones": [*settings()["zones"], {"id": "terrace", "name": NAME}]},
    "[partner:spa]": {"partners": [PARTNER]},
    "[hub:aurelia]": {"hub": {"url": "https://hub.example.com", "brand": "aurelia"}},
    "[purpose:club_points]": {
        "privacy": {**settings()["privacy"], "purposes": [{"id": "club_points", "labels": {"en": "Points"}}]}
    },
    "[kept:visits=30]": {"retention": {"visits_days": 30}},
}


@pytest.mark.parametrize("kind", ["dpia", "register"])
@pytest.mark.parametrize("mark", CHANGES)
def test_what_the_settings_gain_is_missed_on_the_paper_of_before(kind: str, mark: str, tmp_path: Path) -> None:
    filed = tmp_path / "filed.html"
    filed.write_text(papers.made(kind, parse(settings()), "").html(), encoding="utf-8")
    assert papers.missing(filed, kind, parse(settings())) == []
    if kind == "dpia" and mark.startswith("[kept"):
        return  # how long what is kept stands in the record of processing
    changed = parse(settings(**CHANGES[mark]))
    assert mark in papers.missing(filed, kind, changed)
    filed.write_text(papers.made(kind, changed, "").html(), encoding="utf-8")
    assert papers.missing(filed, kind, changed) == []


def test_the_sign_says_what_is_heard_here_and_nothing_else() -> None:
    both = papers.made("sign", parse(settings()), "RQuM-TeAR-9GeJ")
    assert "手机" in both.text("zh-CN")
    assert "RQuM-TeAR-9GeJ" in both.text("en")
    assert "privacy@example.com" in both.text("en")
    tags_alone = papers.made("sign", parse(settings(readers=settings()["readers"][:1])), "")
    heard = tags_alone.text("en").partition("What is heard here")[2].partition("##")[0]
    assert "tags" in heard
    assert "hone" not in heard
    assert tags_alone.code != both.code


def test_a_paper_loads_nothing_and_is_in_both_languages() -> None:
    about = parse(settings(partners=[PARTNER]))
    for kind in papers.PAPERS:
        page = papers.made(kind, about, "").html()
        assert not re.search(r"(?:src|href)=|url\(|@import", page), kind
        zh, en = page.partition('<section lang="en">')[::2]
        assert re.search(r"[\u4e00-\u9fff]", zh)
        english = re.sub(r"外滩会所有限公司|上海市中山东一路", "", en)
        assert not re.search(r"[\u4e00-\u9fff]", english), f"{kind}: Chinese in the English half"


def test_every_driver_is_said_to_hear_something() -> None:
    about = processing(parse(settings()))
    assert {each.id: each.hears for each in about.readers} == {"gate": ("tags",), "ears": ("phones",)}


def privacy(*words: str | Path) -> Result:
    """``moments privacy``, in this process: it imports much, and is asked six things."""
    return CliRunner().invoke(main, ["privacy", *map(str, words)])


def test_the_command_prints_files_and_compares(tmp_path: Path) -> None:
    config, sign = tmp_path / "venue.toml", tmp_path / "sign.html"
    config.write_text('[venue]\nid = "bund"\nname = { en = "Bund House" }\n', encoding="utf-8")
    where = ("--config", config, "--data", tmp_path / "none")
    made = privacy("sign", *where, "--out", sign)
    assert made.exit_code == 0, made.output
    code = made.stderr.strip().rpartition(" ")[2]
    assert code in sign.read_text("utf-8")
    assert privacy("sign", *where, "--check", sign).exit_code == 0
    assert privacy("sign", *where, "--check", code.lower()).exit_code == 0
    config.write_text('[venue]\nid = "bund"\nname = { en = "Bund Spa" }\n', encoding="utf-8")
    for old in (sign, code):
        ended = privacy("sign", *where, "--check", old)
        assert ended.exit_code == 1, ended.output
        assert "today's settings" in ended.stderr
    ended = privacy("sign", *where, "--file")
    assert ended.exit_code == 1
    assert "there is no such folder" in ended.stderr
