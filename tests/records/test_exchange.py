"""Customers as CSV: every bad row is named, no good one is lost, and what goes out comes back the same."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.console import bodies_people
from gateway.events.event import News
from gateway.records import aliases, cells, customers, doubtful, exchange
from gateway.records.consents import PURPOSES, consents_of
from gateway.records.doubtful import Doubts
from gateway.records.exchange import Problem
from gateway.records.import_plan import Imported, plan
from gateway.records.journal import Journal
from gateway.records.sheets import Unreadable
from gateway.records.store import Store
from reader_drivers.texts import one_line
from tests.records import happening as h
from tests.records.happening import record

HEADER = "customer,name,address_as,language,tier,associate,deputy,identifiers,consents"
TAG, PHONE = "epc:3034257BF7194E4000001A85", "irk:e0e1e2e3e4e5e6e7e8e9eaebecedeeef"
NINETY_DAYS = (
    91 * 86_400.0
)  # 1970-04-01T24:00Z: the end of the last day of what is imported in the first minutes of 1970


def read(content: str | bytes) -> tuple[list[exchange.Row], list[Problem]]:
    return exchange.read_csv(content.encode() if isinstance(content, str) else content)


def happened(store: Store, *news: News, at: float = 1.0) -> None:
    """Records what happened at some time."""
    record(store, Journal(store, origin="test", at=0.0), *news, at=at)


def whose(store: Store, named: str) -> str:
    """The id of ours of who is named so."""
    return aliases.ours(store.reader, named)


def load(store: Store, rows: list[exchange.Row], at: float = 100.0) -> Imported:
    """Imports the rows."""
    news, done = plan(store.reader, rows, at, Doubts(), document="sha256:00")
    happened(store, *news, at=at)
    return done


def exported(store: Store) -> str:
    out = io.StringIO(newline="")
    exchange.export(store.reader, out)
    return out.getvalue()


def test_a_row_is_a_customer_with_credentials_and_consents(store: Store) -> None:
    rows, problems = read(
        f"{HEADER}\nwang,王建国,王总,zh-CN,black,lina,anna,"
        f"{TAG.lower()}; {PHONE} ,recognise_tag@2027-12-31;recognise_phone\n",
    )
    assert problems == []
    done = load(store, rows)
    assert done == Imported(customers=1, new=1, credentials=2, consents=2, doubts=done.doubts)
    assert customers.get_customer(store.reader, whose(store, "wang")) == customers.Customer(
        whose(store, "wang"), "王建国", "王总", "zh-CN", "black", "lina", "anna", [], 100.0, alias="wang"
    )
    assert [one.identifier for one in customers.credentials_of(store.reader, whose(store, "wang"))] == [TAG, PHONE]
    consents = {one.purpose: (one.expires, one.method) for one in consents_of(store.reader, whose(store, "wang"))}
    assert consents == dict.fromkeys(("recognise_tag", "recognise_phone"), (NINETY_DAYS, "imported"))


def test_a_tag_may_bring_its_chip_s_number_and_one_that_is_there_keeps_its_label(store: Store) -> None:
    rows, problems = read(f"{HEADER}\nwang,Wang,,,,,,{TAG},\n")
    assert (problems, load(store, rows).credentials) == ([], 1)
    (tag,) = customers.credentials_of(store.reader, whose(store, "wang"))
    happened(store, h.given(whose(store, "wang"), TAG, tag.id, "key ring"))
    rows, problems = read(f"{HEADER}\nwang,Wang,,,,,,{TAG}@e280 1160 2000 1234;{PHONE},\n")
    assert (problems, load(store, rows).credentials) == ([], 1)
    (tag, phone) = customers.credentials_of(store.reader, whose(store, "wang"))
    assert (tag.identifier, tag.label, tag.tid, phone.tid) == (TAG, "key ring", "E280116020001234", None)
    assert f"{TAG}@E280116020001234;{PHONE}" in exported(store)
    _, problems = read(f"{HEADER}\nwang,Wang,,,,,,{TAG}@E2801,\n")
    assert problems[0].reason.startswith("identifiers: number 1: tid: 5 hex digits")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("c-1,,,,,,,,", "name: missing"),
        (",Anna,,,,,,,", "customer: '' is no id"),
        ("a b,Anna,,,,,,,", "customer: 'a b' is no id"),
        ("good,Anna,,,,,,,", "customer: 'good' stands in line 2 already"),
        ("c-1,Anna,,english please,,,,,", "language: 'english please' is no language"),
        ("c-1,Anna,,,,,,ecp:3034,", "identifiers: number 1: unknown scheme 'ecp'; did you mean epc?"),
        ("c-1,Anna,,,,,,em:0700ABCDEF;epc:303,", "identifiers: number 2: epc: 3 hex digits; expected whole words"),
        ("c-1,Anna,,,,,,3034,", "identifiers: number 1: no scheme"),
        (f"c-1,Anna,,,,,,{TAG},", "identifiers: number 1 stands in line 2 already"),
        ("c-1,Anna,,,,,,,recognize_tag", "consents: unknown purpose 'recognize_tag'; expected one of recognise_tag"),
        ("c-1,Anna,,,,,,,recognise_tag@31.12.2027", "consents: recognise_tag: '31.12.2027' is no date"),
        ("c-1,Anna,,,,,,,recognise_tag@2027-02-30", "consents: recognise_tag: '2027-02-30' is no date"),
        ("c-1,Anna,,,,,,,recognise_tag@", "consents: recognise_tag: '' is no date"),
        ("c-1,Anna,,,,,,,recognise_tag;recognise_tag@2027-12-31", "consents: recognise_tag stands there twice"),
        ("c-1,Anna,,,,,", "7 cells; expected 9"),
        ("c-1,Anna,,,,,,,,x", "10 cells; expected 9, and nothing in columns without a name"),
        ("c-1,An\ufffdna,,,,,,,", "name: holds U+FFFD: the text was damaged"),
        ("c-1,An\x92na,,,,,,,", "name: holds U+0092: the text was damaged"),
        ("c-1,\u200b\u202a,,,,,,,", "name: missing"),
        (f"c-1,{'x' * 201},,,,,,,", "name: 201 characters; expected at most 200"),
        (f"c-1,Anna,,,{'x' * 65},,,,", "tier: 65 characters; expected at most 64"),
        ("8.61379E+17,Anna,,,,,,,", "customer: '8.61379E+17' is a number that a spreadsheet has shortened"),
        ('"8,61379E+17",Anna,,,,,,,', "customer: '8,61379E+17' is a number that a spreadsheet has shortened"),
        ("2-Jan,Anna,,,,,,,", "customer: '2-Jan' is a date that a spreadsheet has made"),
        ("Mar-01,Anna,,,,,,,", "customer: 'Mar-01' is a date that a spreadsheet has made"),
        ("1月2日,Anna,,,,,,,", "customer: '1月2日' is a date that a spreadsheet has made"),
        ("03.Mär,Anna,,,,,,,", "customer: '03.Mär' is a date that a spreadsheet has made"),
        ("1/2/2026,Anna,,,,,,,", "customer: '1/2/2026' is a date that a spreadsheet has made"),
        ("#N/A,Anna,,,,,,,", "customer: '#N/A' is a spreadsheet's error"),
        ("########,Anna,,,,,,,", "customer: '########' is a spreadsheet's error"),
        ("c-1,Anna,,,,Lina Berg,,,", "associate: 'Lina Berg' is no id"),
        ("c-1,Anna,,,,,,em:9.351929E+09,", "identifiers: number 1 is a number that a spreadsheet has shortened"),
        (
            "c-1,Anna,,,,,,,recognise_tag@9999-12-31",
            "recognise_tag: '9999-12-31' is no date that holds: too far",
        ),
        (
            "c-1,Anna,,,,,,,recognise_tag@0001-01-01",
            "recognise_tag: '0001-01-01' is no date that holds: too far",
        ),
        (f"c-1,Anna,,,,,,,recognise_tag@{'9' * 1000}", "is no date that holds: expected a date like"),
        ("c-1,Anna,,,,,,,recognise_tag@9999-12-31T23:59:59-23:59", "is no date that holds: too far off"),
        ('c-1,"Anna"x,,,,,,,', "not CSV"),
    ],
)
def test_a_bad_row_is_named_by_line_and_reason_and_costs_no_other(row: str, reason: str) -> None:
    rows, problems = read(f"{HEADER}\ngood,Good,,,,,,{TAG},\n{row}\nlast,Last,,,,,,,\n")
    assert [one.customer for one in rows] == ["good", "last"]
    assert [problem.line for problem in problems] == [3]
    assert reason in problems[0].reason


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    rows, problems = read(f"{HEADER}\nc 1,,,?,,,,x;em:1,nothing@x\n")
    assert rows == []
    assert len(problems) == 6
    assert {problem.line for problem in problems} == {2}


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    rows, problems = read(f'{HEADER}\r\n\r\na,"Anna\r\nMaria",,,,,,,\r\nb,,,,,,,,\r\n')
    assert [(row.line, row.name) for row in rows] == [(3, "Anna Maria")]
    assert [(problem.line, problem.reason) for problem in problems] == [(5, "name: missing")]


def test_what_was_written_so_that_a_spreadsheet_takes_it_for_text_is_that_text() -> None:
    rows, problems = read(f'{HEADER}\n"=""0086""","=""Anna""",,,,,,,\n="0087",Ben,,,,,,,\n')
    assert problems == []
    assert [(row.customer, row.name) for row in rows] == [("0086", "Anna"), ("0087", "Ben")]


def test_what_a_bad_row_held_is_free_for_the_next() -> None:
    rows, problems = read(f"{HEADER}\na,,,,,,,{TAG},\na,Anna,,,,,,{TAG},\n")
    assert [row.line for row in rows] == [3]
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("customer,name", "missing 'address_as', 'language'"),
        (HEADER + ",phone", "unknown 'phone'"),
        (HEADER + ",name", "twice 'name'"),
        (HEADER.replace(",", " "), "missing 'customer'"),
    ],
)
def test_wrong_columns_are_named_and_nothing_is_read(header: str, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(f"{header}\nc-1,Anna\n")
    assert refused.value.line == 1
    assert reason in refused.value.reason
    assert HEADER in refused.value.reason


def test_what_spreadsheets_do_to_a_file_does_not_matter() -> None:
    columns = ["Name", " customer", *HEADER.split(",")[2:]]
    content = f"{','.join(columns)}\r\nAnna,c-1,,,,,,,\r\n,,,,,,,,\r\n"
    rows, problems = read(b"\xef\xbb\xbf" + content.encode())
    assert problems == []
    assert [(row.customer, row.name) for row in rows] == [("c-1", "Anna")]


@pytest.mark.parametrize("content", ["", "\ufeff", "\n\n", ",,\n"])
def test_an_empty_file_is_a_problem(content: str) -> None:
    with pytest.raises(Unreadable, match=f"line 1: the file is empty; expected the columns {HEADER}"):
        read(content)


# --- into records that are there -------------------------------------------------------------------------------------


def test_importing_twice_changes_nothing(store: Store) -> None:
    rows, _ = read(f"{HEADER}\na,Anna,,,,,,{TAG},recognise_tag@2027-12-31\n")
    load(store, rows)
    before = exported(store)
    assert load(store, rows, at=200.0) == Imported(customers=1)
    assert exported(store) == before


def test_what_a_form_has_goes_out_and_comes_back(store: Store) -> None:
    happened(
        store,
        h.enrolled("a", name="王建国", birthday="02-29", wishes=["no_photographs", "introductions"], meets=["b", "c"]),
        h.enrolled("b", name="عبد الرحمن", meets=["a"]),
    )
    out = exported(store)
    assert out.splitlines()[0].endswith(",consents,birthday,wishes,meets")
    rows, problems = read(out)
    assert problems == []
    assert [row.more for row in rows] == [
        {"birthday": "02-29", "wishes": ["no_photographs", "introductions"], "meets": ["b", "c"]},
        {"birthday": None, "wishes": [], "meets": ["a"]},
    ]


def test_a_file_adds_wishes_and_takes_none_back_and_what_it_leaves_out_stays(store: Store) -> None:
    happened(store, h.enrolled("a", name="x", wishes=["do_not_disturb"], birthday="04-30", meets=["b"]))
    load(store, read(f"{HEADER},wishes\na,x,,,,,,,,no photographs\n")[0])
    customer = customers.get_customer(store.reader, whose(store, "a"))
    assert customer is not None
    assert (customer.wishes, customer.birthday, customer.meets) == (
        ["do_not_disturb", "no_photographs"],
        "04-30",
        ["b"],
    )
    load(store, read(f"{HEADER},birthday,meets\na,x,,,,,,,,1990-02-28,\n")[0], at=200.0)
    customer = customers.get_customer(store.reader, whose(store, "a"))
    assert customer is not None
    assert (customer.wishes, customer.birthday, customer.meets) == (["do_not_disturb", "no_photographs"], "02-28", [])


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("birthday", "30.4.", "is no birthday"), ("birthday", "02-30", "is no birthday"),
        ("birthday", "30-Apr", "is a date that a spreadsheet"), ("wishes", "red carpet", "unknown wish"),
        ("meets", "a b;c", "is no id"),
    ],
)  # fmt: skip
def test_a_cell_of_an_optional_column_that_says_nothing_is_named(column: str, cell: str, reason: str) -> None:
    rows, [problem] = read(f"{HEADER},{column}\na,x,,,,,,,,{cell}\n")
    assert rows == []
    assert reason in problem.reason
    assert column in problem.reason


def test_the_wishes_of_every_door_are_the_same() -> None:
    literal = get_args(get_args(bodies_people.Wish)[0])
    assert set(literal) == set(customers.WISHES)


def test_wishes_are_not_lost_by_an_import(store: Store) -> None:
    happened(store, h.enrolled("a", name="x", wishes=["do_not_disturb"]))
    rows, _ = read(f"{HEADER}\na,Anna,,,,,,,\n")
    load(store, rows)
    customer = customers.get_customer(store.reader, whose(store, "a"))
    assert customer is not None
    assert (customer.name, customer.wishes) == ("Anna", ["do_not_disturb"])


def test_a_file_neither_takes_a_tag_from_somebody_nor_gives_back_a_consent(store: Store) -> None:
    rows, _ = read(f"{HEADER}\na,Anna,,,,,,{TAG},recognise_tag\n")
    load(store, rows)
    happened(store, h.revoked(whose(store, "a")), at=150.0)
    again, _ = read(f"{HEADER}\nb,Ben,,,,,,{TAG};{PHONE},\na,Anna,,,,,,,recognise_tag;keep_preferences\n")
    done = load(store, again, at=200.0)
    assert done.problems == [
        Problem(2, "identifiers: number 1 belongs to customer 'a'"),
        Problem(3, "consents: recognise_tag was taken back by the customer; a file does not give it again"),
    ]
    assert (done.customers, done.credentials, done.consents) == (2, 1, 1)
    assert list(customers.enrolled(store.reader, 300.0)) == []


# --- out and in again ------------------------------------------------------------------------------------------------


AFTER_A_SIGN = ["a;'=1", "b;' \"=1", "c；'+1", "d|'@x", "e;''-1"]


def test_a_spreadsheet_finds_no_formula_in_an_export(store: Store) -> None:
    names = [
        "=1+1",
        "+49",
        "-",
        "@x",
        "＝SUM(A1)",
        "'=1",
        "''x",
        "O'Neil",
        "'t Hooft",
        "a;=1",
        'b; "=1',
        "c；+1",
        "d|@x",
        "e;'-1",
    ]
    for number, name in enumerate(names):
        happened(store, h.enrolled(f"c-{number}", name=name))
    cells = [row[1] for row in csv.reader(io.StringIO(exported(store)))][1:]
    assert cells == ["'=1+1", "'+49", "'-", "'@x", "'＝SUM(A1)", "''=1", "''x", "O'Neil", "'t Hooft", *AFTER_A_SIGN]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd"), max_size=12).map(one_line)
PEOPLE = st.fixed_dictionaries(
    {
        "name": TEXT.filter(bool)
        | st.sampled_from(["=1", "'=1", "''+", "'", '"a"', "a,b", "李;娜", "a;=1", "a;'=1", 'b|"+']),
        "address_as": TEXT,
        "tier": TEXT,
        "language": st.sampled_from(["", "en", "zh-CN", "zh-Hant-TW"]),
        "associate": st.none() | st.sampled_from(["anna", "x.y-z"]),
        "deputy": st.none() | st.just("ben"),
    }
)
IDENTIFIERS = st.lists(st.integers(0, 2**40 - 1).map("em:{:010X}".format), max_size=3, unique=True)
CONSENTS = st.dictionaries(
    st.sampled_from(PURPOSES),
    st.none() | st.integers(1, 80_000).map(lambda day: day * 86_400.0) | st.integers(1, 2**32).map(float),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(PEOPLE, IDENTIFIERS, CONSENTS), max_size=5))
def test_what_is_exported_can_be_imported_elsewhere_and_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[dict[str, str], list[str], dict[str, float | None]]]
) -> None:
    place = tmp_path_factory.mktemp("round")
    here, there = (Store.open(place / name, source="/v") for name in ("here", "there"))
    try:
        taken: set[str] = set()
        for number, (facts, identifiers, consents) in enumerate(people):
            id_, free = f"c-{number}", [identifier for identifier in identifiers if identifier not in taken]
            taken |= set(free)
            tags = [h.given(id_, identifier, f"tag-{identifier}") for identifier in free]
            said = [h.granted(id_, purpose, expires=expires) for purpose, expires in consents.items()]
            happened(here, h.enrolled(id_, **facts), *tags, *said)
        rows, problems = read(exported(here))
        assert problems == []
        assert load(there, rows).problems == []
        assert without_consents(exported(there)) == without_consents(exported(here))
        for customer in customers.customers(here.reader):
            signed = {one.purpose: one.until for one in consents_of(here.reader, customer.id)}
            named = whose(there, customer.id)
            kept = {one.purpose: one.until for one in consents_of(there.reader, named)}
            assert kept == {purpose: min(until, NINETY_DAYS) for purpose, until in signed.items()}
        for first, second in zip(customers.customers(here.reader), customers.customers(there.reader), strict=True):
            assert second.alias == first.outside
            assert replace(second, id=first.id, changed_at=first.changed_at, alias=first.alias) == first
        roster = [{row[0] for row in customers.enrolled(each.reader, 200.0)} for each in (here, there)]
        assert roster[0] == roster[1]
        assert list(customers.enrolled(there.reader, NINETY_DAYS)) == []
    finally:
        here.close()
        there.close()


def without_consents(text: str) -> list[list[str]]:
    """The rows of a file, what was agreed to left out."""
    return [[*cells[:8], *cells[9:]] for cells in csv.reader(io.StringIO(text.removeprefix(exchange.MARK)))]


def test_a_file_that_is_read_every_night_gives_no_consent_longer_than_90_days(store: Store) -> None:
    rows, _ = read(f"{HEADER}\na,Anna,,,,,,{TAG},recognise_tag\n")
    day = 86_400.0
    for night in range(0, 89, 11):
        done = load(store, rows, at=100.0 + night * day)
        assert (done.consents, done.problems) == (int(night == 0), [])
    assert [one.until for one in consents_of(store.reader, whose(store, "a"))] == [NINETY_DAYS]
    done = load(store, rows, at=NINETY_DAYS + 1)
    assert done.consents == 0
    assert "has run out: it is to be asked for" in done.problems[0].reason
    assert list(customers.enrolled(store.reader, NINETY_DAYS + 2)) == []


def test_a_file_that_says_an_earlier_day_ends_what_came_from_one_before(store: Store) -> None:
    load(store, read(f"{HEADER}\na,Anna,,,,,,{TAG},recognise_tag\n")[0])
    load(store, read(f"{HEADER}\na,Anna,,,,,,{TAG},recognise_tag@1970-02-01\n")[0], at=200.0)
    assert [one.until for one in consents_of(store.reader, whose(store, "a"), 300.0)] == [32 * 86_400.0]
    load(store, read(f"{HEADER}\na,Anna,,,,,,{TAG},recognise_tag@1970-03-01\n")[0], at=300.0)
    assert [one.until for one in consents_of(store.reader, whose(store, "a"), 400.0)] == [32 * 86_400.0]


def test_a_file_that_brings_the_wish_not_to_be_recognised_stops(store: Store) -> None:
    load(store, read(f"{HEADER}\na,Anna,,,,,,{TAG},recognise_tag;keep_preferences\n")[0])
    load(store, read(f"{HEADER},wishes\na,Anna,,,,,,{TAG},,do_not_recognise\n")[0], at=200.0)
    assert [one.purpose for one in consents_of(store.reader, whose(store, "a"))] == ["keep_preferences"]


@given(st.text())
@settings(max_examples=300)
def test_every_cell_comes_back_as_it_was(text: str) -> None:
    assert cells.from_cell(cells.as_cell(text.strip())) == text.strip()


@given(
    st.binary(max_size=400)
    | st.lists(st.text(max_size=20)).map(
        lambda cells: (HEADER + "\n" + ",".join(cells)).encode("utf-8", "surrogatepass")
    )
)
def test_no_file_however_broken_raises(content: bytes) -> None:
    try:
        rows, problems = exchange.read_csv(content)
    except Unreadable:
        return
    assert all(row.name for row in rows)
    assert all(problem.reason for problem in problems)


def test_the_sample_customers_are_good() -> None:
    sample = Path(__file__).parents[2] / "config" / "customers.demo.csv"
    rows, problems = exchange.read_csv(sample.read_bytes())
    assert rows
    assert problems == []


@pytest.mark.parametrize(
    ("tag", "wrong"), [("", False), ("en", False), ("zh-CN", False), ("yue", False), ("jp", True), ("xx-YY", True)]
)
def test_a_language_that_nobody_speaks_is_questioned(tag: str, wrong: bool) -> None:
    assert (doubtful.language(tag) is not None) == wrong


def test_a_tier_is_questioned_where_the_venue_s_are_known() -> None:
    assert doubtful.tier("glod", ["Gold", "silver"]) == "tier: 'glod' is none of Gold, silver: it comes after them all"
    assert {doubtful.tier("gold", ["Gold"]), doubtful.tier("", ["Gold"]), doubtful.tier("glod", [])} == {None}
