"""A ``venue.toml`` is changed row by row, and whatever nobody touched stays as somebody wrote it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings import changes
from gateway.settings.changes import Change, NotThere
from gateway.settings.mistakes import BadConfig

FILE = Path("venue.toml")
DOOR = {"id": "door", "driver": "em4100", "link": "/dev/moments/door", "role": "inner", "zone": "hall"}
VENUE = '''# The house on the quay
[venue]
id = "quay"   # never again another
name = { en = "Quay" }

[[zones]]
id = "hall"
name = { en = "Hall", zh-CN = """
[[readers]]"""}

# the front door
[[readers]]   # since May
id = "door"
driver = "em4100"
link = "/dev/moments/door"
role = "inner"
zone = "hall"

# the back door
[[readers]]
id = "back"
driver = "m100"   # a spare one
link = "/dev/moments/back"
role = "inner"
zone = "hall"
[readers.settings]
# loud enough
power_dbm = 20.0

# They asked for it
[alerts]
hint = false  # in May
'''


def after(*made: Change, text: str = VENUE) -> str:
    """The text with these changes."""
    return changes.changed(text, made, FILE)


def test_a_new_row_stands_behind_the_others_of_its_table() -> None:
    text = after(Change("readers", None, {**DOOR, "id": "side", "link": "/dev/x", "settings": {"baud": 9600}}))
    assert [each["id"] for each in tomllib.loads(text)["readers"]] == ["door", "back", "side"]
    assert text.index("side") < text.index("# They asked for it\n[alerts]")
    assert all(line in text for line in VENUE.splitlines())


def test_one_value_is_another_and_its_line_alone() -> None:
    text = after(Change("readers", "back", {**DOOR, "id": "back", "driver": "m100", "link": "/dev/moments/back",
                                            "role": "exit", "settings": {"power_dbm": 20}}))  # fmt: skip
    assert changes.difference(changes.hunks(VENUE, text)).split("\n")[1:] == [
        ' driver = "m100"   # a spare one', ' link = "/dev/moments/back"', '-role = "inner"', '+role = "exit"',
        ' zone = "hall"', " [readers.settings]",
    ]  # fmt: skip


def test_a_row_goes_with_the_comment_above_it_and_no_other() -> None:
    text = after(Change("readers", "door", None))
    assert "the front door" not in text
    assert '# the back door\n[[readers]]\nid = "back"' in text
    assert text.startswith(VENUE[: VENUE.index("# the front door")].rstrip("\n"))


def test_a_table_is_made_changed_and_taken_out() -> None:
    text = after(Change("presence", None, {"linger_s": 60}), Change("alerts", None, {"hint": True, "tiers": ["a"]}))
    assert tomllib.loads(text)["presence"] == {"linger_s": 60}
    assert "hint = true  # in May" in text
    assert "[alerts]" not in after(Change("alerts", None, None), text=text)


def test_rows_without_a_name_go_by_their_number() -> None:
    text = after(*(Change("moments", None, {"kind": kind}) for kind in ("moved", "waiting", "met")))
    text = after(Change("moments", 1, {"kind": "waiting", "after_minutes": 5}), Change("moments", 0, None), text=text)
    assert tomllib.loads(text)["moments"] == [{"kind": "waiting", "after_minutes": 5}, {"kind": "met"}]


def test_tables_that_are_written_in_one_line_are_changed_too() -> None:
    text = 'zones = [{ id = "hall", name = { en = "Hall" } }]\nalerts = { hint = false }\n'
    text = after(Change("zones", None, {"id": "bar", "name": {"en": "Bar"}}), text=text)
    text = after(Change("zones", "hall", None), Change("alerts", None, {"hint": True}), text=text)
    assert tomllib.loads(text) == {"zones": [{"id": "bar", "name": {"en": "Bar"}}], "alerts": {"hint": True}}


@pytest.mark.parametrize(
    "change",
    [
        Change("readers", "nobody", None), Change("moments", 0, None), Change("nothing", None, {}),
        Change("presence", None, None), Change("readers", None, None),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named(change: Change) -> None:
    with pytest.raises(NotThere):
        after(change)


def test_what_is_wrong_is_named_as_in_the_file() -> None:
    text = after(Change("readers", "door", {**DOOR, "zone": "moon"}))
    with pytest.raises(BadConfig, match=r"readers\[door\].zone = \"moon\": no such zone"):
        changes.checked(text, FILE)


def test_a_change_is_taken_back_also_after_another() -> None:
    first = after(Change("readers", "door", None))
    others = (Change("alerts", None, {"hint": True}), Change("zones", None, {"id": "x", "name": {"en": "X"}}))
    back = changes.undone(after(*others, text=first), changes.hunks(VENUE, first))
    assert tomllib.loads(back) == tomllib.loads(after(*others))
    assert '# the front door\n[[readers]]   # since May\nid = "door"' in back
    with pytest.raises(NotThere, match="changed since"):
        changes.undone(after(Change("alerts", None, None)), changes.hunks(VENUE, after(others[0])))


ZONES = st.lists(st.sampled_from(["hall", "bar", "salon", "pool"]), max_size=6)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["door", "back", "c", "d"]), st.sampled_from([1, 2, 3]))))
def test_whatever_is_added_and_taken_the_file_says_it_and_the_way_back_is_exact(steps: list[Any]) -> None:
    text, there = VENUE, {"door": {**DOOR}, "back": {**DOOR, "id": "back"}}
    made = []
    for adds, name, power in steps:
        value = {**DOOR, "id": name, "link": f"/dev/{power}", "settings": {"power_dbm": power}} if adds else None
        if value is None and name not in there:
            continue
        before = text
        text = after(Change("readers", name if name in there else None, value), text=text)
        made.append((before, changes.hunks(before, text)))
        if value is None:
            del there[name]
        else:
            there[name] = value
        found = tomllib.loads(text)
        assert [each["id"] for each in found.get("readers", [])] == list(there)
        assert "# They asked for it\n[alerts]\nhint = false  # in May" in text
        assert 'id = "quay"   # never again another' in text
    for before, lines in reversed(made):
        text = changes.undone(text, lines)
        assert text == before
