"""Files of places, of who is expected, and of menus: with a gateway that runs, and without one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records import aliases, expected, house_documents, rounds, service_files
from gateway.records.sheets import Unreadable
from gateway.records.store import reading
from tests.program import run

VENUE = """
[venue]
id = "cabin"
name = { en = "Cabin" }
timezone = "Asia/Shanghai"

[[zones]]
id = "front"
name = { en = "Front" }

[[places]]
zone = "front"
rows = "1-2"
letters = "AC"
"""
PEOPLE = "customer,name,address_as,language,tier,associate,deputy,identifiers,consents\nchen,Chen,,,,,,,recognise_tag\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "venue.toml").write_text(VENUE, "utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    assert run("customers", "import", tmp_path / "people.csv", "--data", tmp_path / "data").code == 0
    return tmp_path


def bring(folder: Path, what: str, text: str, *more: str) -> tuple[int, str, str]:
    file = folder / f"{what}.csv"
    file.write_text(text, "utf-8")
    done = run(what, "import", file, "--config", folder / "venue.toml", "--data", folder / "data", *more)
    return done.code, done.out, done.err


def test_places_come_beside_those_of_the_settings_and_a_bad_row_is_named(folder: Path) -> None:
    text = "place,zone,kind,seats\nT1,front,table,2\n1A,front,seat,\nT2,back,table,\nT3,front,sofa,\nB,front,room,\n"
    code, _, err = bring(folder, "places", text)
    assert code == 1
    for line in (
        "line 3: place: 1A is there already, in the settings",
        "line 4: zone: there is no zone 'back'; expected one of front",
        "line 5: kind: 'sofa'; expected one of seat, chair, table, room",
        "--partial imports the good rows",
    ):
        assert line in err
    code, out, err = bring(folder, "places", text, "--partial")
    assert (code, "2 rows, 3 of them new or changed" in out, "3 mistakes" in err) == (0, True, True)
    with closing(reading(folder / "data")) as reader, closing(reader.keyring):
        kept = house_documents.get(reader, house_documents.PLACES)
    assert [(each["place"], each["kind"], each["group"]) for each in kept] == [
        ("T1/1", "table", "T1"), ("T1/2", "table", "T1"), ("B", "room", None),
    ]  # fmt: skip
    assert "0 of them new" in bring(folder, "places", text, "--partial")[1]
    with closing(reading(folder / "data")) as reader, closing(reader.keyring):
        sql = "SELECT count(*) FROM journal WHERE type = 'places.changed'"
        assert reader.conn.execute(sql).fetchone() == (1,)


def test_who_is_expected_comes_from_a_file_and_twice_is_once(folder: Path) -> None:
    text = (
        "customer,place,from,until,note\n"
        "chen,1A,2026-11-30T09:00:00Z,2026-11-30T11:00:00Z,请备披肩\n"
        "nobody,1A,,,\nchen,9Z,,,\nchen,1C,tomorrow,,\n"
    )
    code, _, err = bring(folder, "expected", text)
    assert code == 1
    for line in (
        "line 3: customer: there is no customer 'nobody'",
        "line 4: place: there is no place '9Z'",
        "line 5: from",
    ):
        assert line in err
    for _ in range(2):
        assert bring(folder, "expected", text, "--partial")[0] == 0
    with closing(reading(folder / "data")) as reader, closing(reader.keyring):
        ((_, customer, begins, ends, place, note),) = expected.all_of(reader)
        named = aliases.of(reader, customer)
    assert (named, ends - begins, place, note) == ("chen", 7_200.0, "1A", "请备披肩")


def test_a_menu_says_what_is_declared_what_is_not_and_that_there_is_none(folder: Path) -> None:
    text = (
        "menu,item,zh-CN,en,allergens,may_contain,ingredients,stock\n"
        "lunch-0503,kungpao,宫保鸡丁,Kung Pao,peanuts soy,sesame,chilli;spring_onion,12\n"
        "lunch-0503,rice,米饭,,-,,,\nlunch-0503,soup,,Soup,,,,\n"
        "lunch-0503,cake,,Cake,peanut,,,\nlunch-0503,rice,,Rice,,,,\n"
    )
    code, _, err = bring(folder, "menu", text)
    assert code == 1
    assert "line 5: allergens: nobody knows 'peanut'; did you mean 'peanuts'?" in err
    assert "line 6: item: rice is there already, in line 3" in err
    assert bring(folder, "menu", text, "--partial")[0] == 0
    with closing(reading(folder / "data")) as reader, closing(reader.keyring):
        (menu,) = rounds.menus(reader)
    assert (menu["menu"], menu["question"]) == ("lunch-0503", "lunch")
    assert [(i["id"], i["allergens"], i["may_contain"], i["stock"]) for i in menu["items"]] == [
        ("kungpao", ["peanuts", "soy"], ["sesame"], 12), ("rice", [], [], None), ("soup", None, [], None),
    ]  # fmt: skip
    assert menu["items"][1]["labels"] == {"zh-CN": "米饭", "en": "米饭"}


def test_a_file_that_is_no_such_file_is_refused_whole(folder: Path) -> None:
    for text, why in (
        ("a,b\n1,2\n", "missing menu, item"),
        ("", "the file is empty"),
        ("menu,item,price\n", "unknown price"),
    ):
        code, _, err = bring(folder, "menu", text, "--partial")
        assert code == 1
        assert why in err


cells = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.lists(cells, min_size=8, max_size=8), max_size=6))
def test_no_row_of_whatever_text_is_an_error_of_ours(rows: list[list[str]]) -> None:
    quoted = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    raw = (",".join(service_files.MENU) + "\n" + quoted).encode()
    try:
        done = service_files.menus(raw, lambda _: None)
    except Unreadable:
        return
    for _, (menu, item) in done.rows:
        assert menu
        assert item["labels"]["en"]
