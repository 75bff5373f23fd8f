"""Everything about one person: out of one data folder, into another, and out again the same."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.consent.trust import Trust
from gateway.core import persons
from gateway.events.event import News
from gateway.events.times import new_id
from gateway.records import consents, person_file, person_rows, rebuild, receipt_keys
from gateway.records.journal import Journal
from gateway.records.person_file import NoPerson, PersonFile
from gateway.records.person_rows import HERE_ALONE, NOT_OURS, OTHERS
from gateway.records.store import Store
from gateway.service.alert import Refused
from tests.program import run
from tests.records import happening as h

WHO, GUEST = "c-k3v9t2mq7xw4", "chen-yulan"  # by our id, and as another program calls them
REASON = ("--reason", "she moves to Pudong")


class House:
    """A data folder that this test holds."""

    def __init__(self, folder: Path, venue: str) -> None:
        self.store = Store.open(folder, source=f"/venues/{venue}")
        self.journal = Journal(self.store, origin=venue)
        self.journal.checked = True

    def happens(self, *news: Any, at: float | None = None) -> None:
        h.record(self.store, self.journal, *news, at=at)

    def file(self, customer: str = WHO) -> bytes:
        """The person as they leave."""
        with closing(self.store.open_reader()) as reader:
            tables = {table: person_rows.columns(reader, table) for table in person_rows.tables(reader)}
            records = persons.records_of(reader, customer)
            house = {"id": self.journal.origin}
            return person_file.written(person_file.gathered(reader, records, "", house, 1.7e9), tables)

    def takes(self, raw: bytes, keys: object = None) -> persons.Brought:
        """The person as they come; ``keys``: whose receipts count."""
        with closing(self.store.open_reader()) as reader:
            known = persons.trusting(self.store.keyring, keys)
            found = persons.plan(reader, person_file.read(raw), "sha256:00", "", known, None)
        self.happens(found.news)
        return found


def contents(raw: bytes) -> dict[str, Any]:
    """What a file says, without when and where it was written."""
    with zipfile.ZipFile(BytesIO(raw)) as there:
        parts: dict[str, Any] = {name: there.read(name) for name in there.namelist()}
    person = json.loads(parts.pop("person.json"))
    return {**parts, "person": {k: v for k, v in person.items() if k not in ("exported_at", "house")}}


def test_out_of_one_house_into_another_and_out_again_by_the_command_line(tmp_path: Path) -> None:
    one, two = tmp_path / "bund", tmp_path / "pudong"
    people = tmp_path / "people.csv"
    people.write_text(
        "customer,name,address_as,language,tier,associate,deputy,identifiers,consents\n"
        f"{GUEST},陈玉兰,陈女士,zh-CN,black,,,epc:303407F1A40C0E4000002711;em:0700C4A91E,\n"
    )
    assert run("customers", "import", people, "--data", one).code == 0
    first, again = tmp_path / "first.zip", tmp_path / "again.zip"
    done = run("customers", "export-person", GUEST, "--data", one, "--out", first, *REASON)
    assert done.code == 0, done
    assert first.stat().st_mode & 0o077 == 0
    tried = run("customers", "import-person", first, "--data", two, "--check", *REASON)
    assert (tried.code, tried.out.splitlines()[-1]) == (
        0, "that is what an import would bring; nothing was recorded",
    ), tried  # fmt: skip
    assert run("customers", "import-person", first, "--data", two, *REASON).code == 0
    assert run("customers", "export-person", GUEST, "--data", two, "--out", again, *REASON).code == 0
    assert contents(first.read_bytes()) == contents(again.read_bytes())


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
facts = st.lists(
    st.tuples(
        words,
        st.sampled_from(["do", "avoid", "allergy"]),
        st.sampled_from(["stated", "observed", "inferred"]),
        st.booleans(),
    ),
    max_size=4,
)
person = st.fixed_dictionaries({
    "name": words, "tier": words, "birthday": st.sampled_from([None, "02-29", "12-01"]),
    "alias": st.sampled_from([None, GUEST]),
    "wishes": st.lists(st.sampled_from(["no_name", "do_not_recognise", "do_not_disturb"]), unique=True),
})  # fmt: skip


def live(house: House, who: dict[str, Any], known: Any, visits: int, *, two: bool, fobs: int) -> None:
    """A life in one house."""
    house.happens(h.enrolled(WHO, **who), h.enrolled("c-other", name="Somebody Else"))
    for number in range(fobs):
        house.happens(h.given(WHO, f"em:{number:010X}", f"k-{number}", "fob"))
    for number in range(visits):
        at = 1_700_000_100.0 + number * 1000
        visit = f"v-{number}"
        house.happens(h.arrived(WHO, visit, at=at), h.alert_news("alert.opened", WHO, alert=f"a-{number}", visit=visit))
        house.happens(h.ask_news("ask.opened", WHO, f"q-{number}", visit=visit))
        house.happens(h.departed(WHO, visit, at=at + 60))
        house.happens(h.alert_news("alert.closed", WHO, alert=f"a-{number}", visit=visit, state="closed"))
        house.happens(h.owed_news("promise.made", WHO, f"p-{number}", text="a window table"))
    before: list[str] = []
    for value, polarity, basis, corrects in known:
        id_ = new_id(1_700_000_000.0)
        more = {"polarity": polarity, "basis": basis, "corrects": before[-1:] if corrects else []}
        house.happens(h.preferred(WHO, id_, value, at=1_700_000_000.0, **more))
        before.append(id_)
    if two:
        house.happens(h.enrolled("c-second", name="Also them"), h.merged(WHO, "c-second", "m-1"))
        house.happens(h.given("c-second", "em:00000000FF", "k-second", "the old one"))
    house.happens(h.viewed(WHO), h.searched([WHO, "c-other"]), h.told_apart(WHO, "c-other"))
    house.happens(h.page_linked(WHO, "ab" * 32), h.revoked(WHO, "share_partners"))


@settings(max_examples=10, deadline=None)
@given(person, facts, st.integers(0, 2), st.booleans(), st.integers(0, 2))
def test_whoever_it_is_they_come_out_as_they_went_in(
    who: dict[str, Any], known: Any, visits: int, two: bool, fobs: int
) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        here, there = House(Path(one), "bund"), House(Path(other), "pudong")
        try:
            live(here, who, known, visits, two=two, fobs=fobs)
            first = here.file()
            there.takes(first)
            assert contents(first) == contents(there.file())
            with closing(there.store.open_reader()) as reader:
                assert rebuild.check(reader, there.store.folder).differences == []
        finally:
            here.store.close()
            there.store.close()


@pytest.fixture
def house(tmp_path: Path) -> Any:
    made = House(tmp_path / "house", "bund")
    live(made, {"name": "Anna Wei"}, [("tea", "do", "stated", False)], 1, two=False, fobs=1)
    yield made
    made.store.close()


def test_nothing_of_anybody_else_leaves_with_them(house: House) -> None:
    text = b"".join(part if isinstance(part, bytes) else b"" for part in contents(house.file()).values())
    whole = text.decode() + json.dumps(contents(house.file())["person"])
    assert "c-other" not in whole
    assert "Somebody Else" not in whole
    assert "ab" * 32 not in whole, "what opens the page"


def test_every_column_of_every_table_is_in_the_file_or_said_to_be_left_out(house: House) -> None:
    with closing(house.store.open_reader()) as reader:
        every = {row[0] for row in reader.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        taken = set(person_rows.tables(reader))
        assert every == taken | {table for table in NOT_OURS if table in every}
        assert not taken & set(NOT_OURS)
        named = {t for t in every if {"customer", "holder"} & set(person_rows.columns(reader, t))}
        assert named <= taken | set(NOT_OURS), "a table that names a customer is shown, or it is said why not"
        assert set(OTHERS) <= taken
        schema = json.loads(contents(house.file())["schema.json"])
        for table in taken - {"consents", "signatures"}:
            shown = schema["properties"]["rows"]["properties"][table]["items"]["properties"]
            columns = {"data" if name == "sealed" else name for name in person_rows.columns(reader, table)}
            assert set(shown) == columns - person_rows.HIDDEN.get(table, frozenset()), table


TYPES: dict[str, Any] = {
    "string": str, "integer": int, "object": dict, "array": list, "null": type(None),
}  # fmt: skip


def breaks(schema: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    """Where a value is not what a schema says, as far as ours use the language."""
    if "oneOf" in schema:
        if not any(not list(breaks(each, value, at)) for each in schema["oneOf"]):
            yield at
        return
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and not isinstance(value, tuple(TYPES[kind] for kind in kinds)):
        yield f"{at}: {value!r} is no {kinds}"
        return
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{at}: {value!r}"
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}/{name} is missing"
    for name, each in value.items() if isinstance(value, dict) else ():
        if name in schema.get("properties", {}):
            yield from breaks(schema["properties"][name], each, f"{at}/{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{at}/{name} is one too many"
    for number, each in enumerate(value) if isinstance(value, list) and "items" in schema else ():
        yield from breaks(schema["items"], each, f"{at}/{number}")


def test_the_file_is_what_its_own_schema_says(house: House) -> None:
    with zipfile.ZipFile(BytesIO(house.file())) as there:
        schema = json.loads(there.read("schema.json"))
        assert list(breaks(schema, json.loads(there.read("person.json")), "")) == []
        assert list(breaks(schema["$defs"]["recipients"], json.loads(there.read("recipients.json")), "")) == []
        for name, kind in (("ledger.jsonl", "ledger line"), ("journal.jsonl", "journal line")):
            for line in there.read(name).splitlines():
                assert list(breaks(schema["$defs"][kind], json.loads(line), name)) == []


def test_a_stop_comes_along_and_a_consent_without_a_receipt_does_not_count(house: House, tmp_path: Path) -> None:
    house.happens(h.granted(WHO, "recognise_tag"))
    there = House(tmp_path / "there", "pudong")
    try:
        found = there.takes(house.file())
        assert (found.consents, found.left_out) == (0, ["recognise_tag"])
        assert consents.consents_of(there.store.reader, WHO) == []
        assert consents.revocations_of(there.store.reader, WHO, "share_partners")
        assert contents(there.file()) == contents(house.file()), "what does not count comes out again all the same"
    finally:
        there.store.close()


def test_a_consent_counts_where_its_receipt_verifies_and_no_other(house: House, tmp_path: Path) -> None:
    house.happens(h.granted(WHO, "keep_preferences"))
    receipt = {"customer": WHO, "receipt": "R-0199A1C2-7F3A", "document": {}}
    house.happens(News("receipt.made", WHO, receipt))
    house.happens(h.granted(WHO, "recognise_phone"))  # of which there is no receipt
    keys, raw = receipt_keys.exported(house.store.keyring), house.file()
    there, elsewhere = House(tmp_path / "there", "pudong"), House(tmp_path / "elsewhere", "hongqiao")
    try:
        found = there.takes(raw, keys)
        assert (found.consents, found.left_out) == (1, ["recognise_phone"])
        assert [c.purpose for c in consents.consents_of(there.store.reader, WHO)] == ["keep_preferences"]
        assert contents(there.file()) == contents(raw)
        forged = changed(raw, "receipts/R-0199A1C2-7F3A.json", lambda text: text.replace(WHO.encode(), b"c-somebody"))
        assert elsewhere.takes(forged, keys).consents == 0
    finally:
        there.store.close()
        elsewhere.store.close()


def changed(raw: bytes, name: str, change: Any) -> bytes:
    """The file with one part otherwise."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(raw)) as there, zipfile.ZipFile(out, "w") as made:
        for each in there.namelist():
            made.writestr(each, change(there.read(each)) if each == name else there.read(each))
        if name not in there.namelist():
            made.writestr(name, change(b""))
    return out.getvalue()


def in_person(change: Any) -> Any:
    def made(raw: bytes) -> bytes:
        said = json.loads(raw)
        change(said)
        return json.dumps(said).encode()

    return made


def no_format(said: Any) -> None:
    said["format"] = "moments-person-9"


def another(said: Any) -> None:
    said["rows"]["preferences"][0]["customer"] = "c-other"


def staff(said: Any) -> None:
    said["rows"]["staff"] = [{"id": "eve"}]


def number_for_name(said: Any) -> None:
    said["rows"]["customers"][0]["data"]["name"] = 7


def no_polarity(said: Any) -> None:
    said["rows"]["preferences"][0]["data"]["polarity"] = "adore"


def no_column(said: Any) -> None:
    said["rows"]["visits"][0]["zone"] = "x"


def a_consent(said: Any) -> None:
    said["rows"]["consents"] = [{"id": "x", "customer": WHO, "purpose": "recognise_tag"}]


def hanging(said: Any) -> None:
    said["rows"]["visit_facts"][0]["visit"] = "v-none"


HOSTILE = (no_format, another, staff, number_for_name, no_polarity, no_column, a_consent, hanging)


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_a_file_that_is_not_in_order_is_refused_in_words(house: House, tmp_path: Path, change: Any) -> None:
    there = House(tmp_path / "there", "pudong")
    try:
        with pytest.raises(NoPerson) as refused:
            there.takes(changed(house.file(), "person.json", in_person(change)))
        assert str(refused.value)
        assert there.store.reader.conn.execute("SELECT count(*) FROM customers").fetchone()[0] == 0
    finally:
        there.store.close()


@given(st.binary(max_size=400))
def test_whatever_bytes_they_are_they_are_refused_in_words(raw: bytes) -> None:
    with pytest.raises(NoPerson):
        person_file.read(raw)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(st.none() | st.booleans() | st.integers() | words, lambda x: st.lists(x) | st.dictionaries(words, x))
)
def test_whatever_json_it_is_it_is_refused_in_words(said: Any) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in ("person.json", "ledger.jsonl", "journal.jsonl", "recipients.json"):
            made.writestr(name, json.dumps(said))
    with pytest.raises(NoPerson):
        person_file.read(out.getvalue())


def test_a_bomb_a_path_and_a_part_that_is_there_twice_are_refused(house: House) -> None:
    def bomb() -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("person.json", b"0" * (person_file.BIGGEST + 1))
        return out.getvalue()

    for raw, why in (
        (bomb(), "person.json has more than 16 MB"),
        (changed(house.file(), "receipts/../../evil", lambda _: b"x"), "is no part of such a file"),
        (changed(house.file(), "notes.txt", lambda _: b"x"), "is no part of such a file"),
    ):
        with pytest.raises(NoPerson, match=why):
            person_file.read(raw)


def test_nobody_comes_back_who_was_erased_and_nobody_takes_anothers_place(house: House) -> None:
    raw = house.file()
    with pytest.raises(Refused, match="is known here already"):
        house.takes(raw)
    house.happens(h.erased(WHO))
    with pytest.raises(Refused, match="was erased here"):
        house.takes(raw)


def test_another_brands_person_is_not_this_ones(house: House) -> None:
    file: PersonFile = person_file.read(house.file())
    with closing(house.store.open_reader()) as reader, pytest.raises(Refused, match="brand"):
        persons.plan(reader, file, "sha256:00", "another", Trust(), None)
    assert set(HERE_ALONE).isdisjoint(file.rows)
