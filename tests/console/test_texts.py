"""One rule for what people write, whichever door it comes by: what is kept, what is found, and what comes back."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.records import exchange
from gateway.records.doubtful import Doubts
from gateway.records.import_plan import plan
from gateway.records.journal import Journal
from gateway.records.store import Store
from tests.console.served import Served, config, served
from tests.program import moments
from tests.records.happening import record
from tests.story.venue import answered

TEXTS = [
    ("Jose\u0301", "José"),
    ("  Anna \u3000", "Anna"),
    ("王\u3000丽", "王 丽"),
    ("Chen\u200b Wei", "Chen Wei"),
    ("\u202aMr Chen\u202c", "Mr Chen"),
    ("\ufeffWang", "Wang"),
    ("Anna\r\nMaria", "Anna Maria"),
    ("O\u00a0Brien", "O Brien"),
    ("a\x07b\x1b[31m", "ab[31m"),
    ("محمد\u200f", "محمد"),
    ("김\u3164민수", "김민수"),
    ("葛\U000e0100城", "葛\U000e0100城"),
]
NOTHING = ["", " ", "\u3000", "\u200b", "\u200e\u202e\u2066", "\x01\x07", "\u3164\u115f", "\u0301", "\ufe0f", "\u2800"]
DAMAGED = ["Jos\ufffd", "O\x92Brien", "\ufffe"]


@pytest.mark.asyncio(loop_scope="module")
class TestDoors:
    """What is kept of a text at every door that takes one."""

    @pytest.mark.parametrize(("written", "kept"), TEXTS)
    async def test_what_nobody_sees_is_not_kept(self, house: Served, written: str, kept: str) -> None:
        boss = await house.client("manager", "mei")
        facts = {"name": written, "address_as": written, "tier": written}
        made = await answered(boss.put("/api/customers/texts", json=facts))
        assert (made["name"], made["address_as"], made["tier"]) == (kept, kept, kept)
        hired = await answered(boss.put("/api/staff/texts", json={"name": written, "roles": ["floor"]}))
        assert hired["name"] == kept
        await house.agrees("texts")
        fact = {"category": "other", "value": written}
        assert (await answered(boss.post("/api/customers/texts/preferences", json=fact)))["value"] == kept
        owed = await answered(boss.post("/api/customers/texts/promises", json={"text": f"{written}\n\n\n\n{written}"}))
        of_lines = "Anna\nMaria" if "\n" in written else kept
        assert owed["text"] == f"{of_lines}\n\n{of_lines}"
        rows, problems = exchange.read_csv(
            (",".join(exchange.COLUMNS) + f'\nc1,"{written}","{written}",,"{written}",,,,\n').encode()
        )
        assert problems == []
        assert (rows[0].name, rows[0].address_as, rows[0].tier) == (kept, kept, kept)

    @pytest.mark.parametrize("written", [*NOTHING, *DAMAGED])
    async def test_a_name_of_which_nothing_can_be_seen_or_that_was_damaged_is_refused(
        self, house: Served, written: str
    ) -> None:
        boss = await house.client("manager", "mei")
        for path in ("/api/customers/nobody", "/api/staff/nobody"):
            answer = await boss.put(
                path, json={"name": written, "roles": ["floor"]} if "staff" in path else {"name": written}
            )
            assert answer.status_code == 422, path
            assert answer.json()["detail"].startswith("body/name: ")
        rows, problems = exchange.read_csv((",".join(exchange.COLUMNS) + f'\nc1,"{written}",,,,,,,\n').encode())
        assert rows == []
        assert problems[0].reason.startswith("name: ")

    async def test_an_id_is_one_however_it_is_written(self, house: Served) -> None:
        boss = await house.client("manager", "mei")
        await answered(boss.put("/api/customers/Jose\u0301", json={"name": "x"}))
        assert (await answered(boss.get("/api/customers/José")))["id"] == "José"

    @pytest.mark.parametrize("id_", ["8.61379E+17", "2-Jan", "1月2日", "Mar-01"])
    async def test_an_id_that_a_spreadsheet_made_is_refused_as_that(self, house: Served, id_: str) -> None:
        answer = await (await house.client("manager", "mei")).put(f"/api/customers/{id_}", json={"name": "x"})
        assert answer.status_code == 422
        assert "a spreadsheet has" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("name", "typed"),
        [
            ("José Núñez", ["Jose Nunez", "jose", "NÚÑEZ", "Jose\u0301", "josé nunez"]),
            ("Seán O’Brien", ["O'Brien", "o’brien", "OBrien", "O Brien", "Sean OBrien", "ʻo`brien"]),
            ("Anna-Lena Berg", ["anna lena", "Anna-Lena", "annalena", "anna\u2010lena", "lena berg", "AnnaLena B"]),
            ("Straße Müller", ["Strasse Muller", "straße müller", "STRASSE MÜLLER", "strasse"]),
            ("王　丽", ["王丽", "王 丽", "王\u3000丽", "丽"]),
            ("欧阳娜娜", ["欧阳 娜娜", "娜娜"]),
            ("Łukasz Żółć", ["Lukasz Zolc"]),
            ("Søren Ærø", ["soren aero"]),
            ("Ｗａｎｇ", ["wang"]),
            ("ﬁona", ["fiona"]),
            ("D'Angelo‑Smith", ["dangelo smith", "d’angelo-smith"]),
        ],
    )
    async def test_who_is_sought_on_a_keyboard_is_found(self, house: Served, name: str, typed: list[str]) -> None:
        boss = await house.client("manager", "mei")
        await answered(boss.put("/api/customers/sought", json={"name": name}))
        for q in typed:
            found = await answered(boss.get("/api/customers", params={"q": q}))
            assert "sought" in [each["id"] for each in found], q

    async def test_a_search_finds_no_word_across_others(self, house: Served) -> None:
        boss = await house.client("manager", "mei")
        await answered(boss.put("/api/customers/sought", json={"name": "Anna Berg"}))
        for q in ("aber", "naberg", "'-'", "bergsought"):
            found = await answered(boss.get("/api/customers", params={"q": q}))
            assert "sought" not in [each["id"] for each in found], q


# --- out and in again ------------------------------------------------------------------------------------------------

MARKS = st.sampled_from("\n\r\t '=+-@,;\"\u200b\u3000\u0301")
ODD = st.characters(min_codepoint=0x80, max_codepoint=0x3000) | st.characters() | MARKS
SOME = ["á", "毛", "'=1", "=1", "''+", '"', "a,b", "李；娜", "#REF!", "x" * 200]
WRITTEN = st.text(ODD, max_size=12) | st.sampled_from(SOME)
LANGUAGES = st.sampled_from(["en", "zh_CN", "english", ""]) | WRITTEN
CODES = st.integers(0, 2**40 - 1).map("em:{:010X}".format) | WRITTEN.map("alias:{}".format)
IDS = st.text(st.characters(categories=["L", "Nd"]) | st.sampled_from("._~@:+-"), min_size=1, max_size=8)
JSON = {"Content-Type": "application/json"}
ZONES = st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
DAYS = st.dates(date(1969, 12, 1), date(2200, 1, 31)) | st.sampled_from([date(2199, 12, 31), date(9999, 12, 31)])
TIMES = st.builds(datetime.combine, DAYS, st.times())
WHEN = DAYS.map(str) | TIMES.map(lambda at: f"{at.isoformat()}Z") | TIMES.map(datetime.isoformat)
PURPOSES = st.sampled_from(["recognise_tag", "recognise_phone", "keep_preferences", "share_partners"])
SAID: dict[str, st.SearchStrategy[Any]] = {
    "facts": st.fixed_dictionaries(
        {"name": WRITTEN},
        optional={
            "address_as": WRITTEN, "tier": WRITTEN, "language": LANGUAGES, "associate": IDS,
            "deputy": IDS | st.none(), "birthday": st.just("02-29"),
        },
    ),
    "again": st.fixed_dictionaries({"name": WRITTEN}) | st.none(),
    "credentials": st.lists(CODES, max_size=3),
    "consents": st.lists(st.tuples(PURPOSES, WHEN | st.none()), max_size=3),
}  # fmt: skip


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(zone=ZONES, people=st.lists(st.tuples(IDS, st.fixed_dictionaries(SAID)), min_size=1, max_size=15))
def test_what_the_api_takes_comes_back_by_a_file(
    tmp_path_factory: pytest.TempPathFactory, zone: str, people: list[tuple[str, dict[str, Any]]]
) -> None:
    place = tmp_path_factory.mktemp("back")
    asyncio.run(_enrol(place / "here", zone, people))
    at = time.time()
    longest = datetime.fromtimestamp(at, ZoneInfo(zone)).date() + timedelta(days=90)  # nobody knows which text was read
    here = Store.open(place / "here", source="/v")
    there = Store.open(place / "there", source="/v")
    with closing(here), closing(there):
        first = io.StringIO(newline="")
        exchange.export(here.reader, first)
        rows, problems = exchange.read_csv(first.getvalue().encode())
        assert problems == []
        news, done = plan(there.reader, rows, at, Doubts(), document="sha256:00")
        assert done.problems == []
        record(there, Journal(there, origin="test", at=0.0), *news, at=at)
        second = io.StringIO(newline="")
        exchange.export(there.reader, second)
    assert _rows(second) == _rows(first, longest)


CONSENTS = exchange.COLUMNS.index("consents")


def _rows(file: io.StringIO, longest: date = date.max) -> list[list[str]]:
    """The rows of a customer file, in which no consent lasts longer than that day."""
    rows = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    for row in rows[1:]:
        ends = (each.partition("@") for each in row[CONSENTS].split(";") if each)
        row[CONSENTS] = ";".join(f"{purpose}@{min(until[:10], longest.isoformat())}" for purpose, _, until in ends)
    return rows


async def _enrol(folder: Path, zone: str, people: list[tuple[str, dict[str, Any]]]) -> None:
    venue = {"id": "house", "name": {"zh-CN": "馆", "en": "House"}, "timezone": zone}
    async with served(folder, config(venue=venue)) as house:
        boss = await house.client("manager")
        for id_, said in people:
            path = "/api/customers/" + id_.replace("#", "%23").replace("?", "%3F")
            asked = [("PUT", path, said["facts"]), ("PUT", path, said["again"])]
            asked += [("POST", f"{path}/credentials", {"identifier": each}) for each in said["credentials"]]
            asked += [
                ("POST", f"{path}/consents", {"purpose": purpose, "expires": until})
                for purpose, until in said["consents"]
            ]
            for method, where, body in asked:
                if body is not None:
                    sent = json.dumps(body)  # in ASCII: half a character is sent as somebody's own program might
                    answer = await boss.request(method, where, content=sent, headers=JSON)
                    assert answer.status_code < 500, (method, where, body, answer.text)


@pytest.mark.asyncio(loop_scope="function")
async def test_a_put_of_a_name_alone_leaves_a_file_that_can_be_had(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with served(data) as house:
        boss = await house.client("manager")
        full = {"name": "Wang Li", "address_as": "Ms Wang", "language": "zh-CN", "tier": "gold", "associate": "lina"}
        for each in ("c1", "c2", "c3"):
            await answered(boss.put(f"/api/customers/{each}", json=full))
        await answered(boss.put("/api/customers/c2", json={"name": "Only"}))
        house.two_open()
        out = await moments("customers", "export", "--data", data)
    assert out.code == 0, out
    assert [line.partition(",")[0] for line in out.out.splitlines()] == ["customer", "c1", "c2", "c3"]
    assert "c2,Only,,,,,,," in out.out


# --- files, through a gateway that runs ------------------------------------------------------------------------------

TITLES = ",".join(exchange.COLUMNS)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("partial", ["true", "false"])
async def test_a_file_in_another_encoding_is_refused_whole_over_http(house: Served, partial: str) -> None:
    boss = await house.local()
    raw = f"{TITLES}\ngood,Anna,,,,,,,\nbad,王丽,,,,,,,\n".encode("gbk")
    answer = await boss.post(f"/api/imports?partial={partial}", content=raw, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 422
    assert "line 3: not UTF-8; it looks like GBK" in answer.json()["detail"]
    assert (await boss.get("/api/customers/good")).status_code == 404


@pytest.mark.asyncio(loop_scope="module")
async def test_a_dry_run_beside_a_running_gateway_records_nothing(house: Served, tmp_path: Path) -> None:
    data, file = house.gateway.store.folder, tmp_path / "people.csv"
    file.write_text(f"{TITLES}\ntried,王丽,,,,,,epc:E28011606000020A1B2C3D09,recognise_tag\n", "utf-16")
    before = house.gateway.journal.sequence
    told = await moments("customers", "import", file, "--data", data, "--dry-run")
    assert told.code == 0, told
    assert "line 2: tried: new, 王丽; tag or phone: epc; consent: recognise_tag" in told.out
    assert house.gateway.journal.sequence == before
    assert house.gateway.customer(house.whose("tried")) is None
    assert (await moments("customers", "import", file, "--data", data)).code == 0
    known = house.gateway.customer(house.whose("tried"))
    assert known is not None
    assert known.name == "王丽"
    file.write_bytes(f"{TITLES}\nother,王丽,,,,,,,\n".encode("gbk"))
    refused = await moments("customers", "import", file, "--data", data, "--partial")
    assert refused.code == 1
    assert refused.err.startswith(f"{file}, line 2: not UTF-8; it looks like GBK")
    assert "nothing was imported" in refused.err
