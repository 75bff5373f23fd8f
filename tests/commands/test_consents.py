"""``moments consent`` and ``moments notice``: paper that was signed, a stop, a receipt to print, and the texts."""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.events.times import iso
from tests.console.served import FOB, Served, config, served
from tests.program import Ended, moments, run
from tests.story.venue import answered

NAME = {"zh-CN": "水疗", "en": "Spa"}
SPA = {"id": "spa-bund", "name": NAME, "country": "CN", "data": ["preferences.food"]}
TEA = {"id": "tea", "name": NAME, "country": "CN", "data": ["preferences.drink"]}


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    """A house that knows Chen, who was never asked."""
    privacy = {"controller": {"name": "Bund House", "address": "1 Bund", "contact": "privacy@example.com"}}
    async with served(tmp_path / "data", config(privacy=privacy, partners=[SPA, TEA])) as house:
        boss = await house.client("manager")
        await answered(boss.put("/api/customers/chen", json={"name": "Chen Yulan", "language": "zh-CN"}))
        await house.hire("lina")
        yield house


async def said(house: Served, *words: str | Path) -> Ended:
    return await moments(*words, "--data", house.gateway.store.folder)


def read(house: Served, notice: str = "keep_preferences") -> list[str]:
    """The options that say which text was read, and when."""
    return ["--notice", f"{notice}/1/zh-CN", "--shown", iso(house.now() - 60), "--witness", "lina"]


async def listed(house: Served, *words: str) -> list[str]:
    """The lines of ``consent list``, which nothing else was said beside."""
    ended = await said(house, "consent", "list", "chen", *words)
    assert ended.code == 0, ended
    return ended.out.splitlines()


async def test_paper_is_recorded_with_who_text_and_document_and_makes_a_receipt(house: Served) -> None:
    ended = await said(house, "consent", "list", "chen")
    assert (ended.code, ended.out) == (0, "")
    assert "nothing is alive" in ended.err
    given = await said(
        house, "consent", "give", "chen", "keep_preferences", "--document", "folder 7, sheet 12", *read(house)
    )
    assert given.code == 0, given
    [first, receipt] = given.out.splitlines()
    assert first.startswith("keep_preferences until ")
    [line] = await listed(house)
    assert all(word in line for word in ("alive", "keep_preferences", "paper", "before lina", "keep_preferences/1"))
    boss = await house.client("manager")
    [act] = await answered(boss.get("/api/customers/chen/consents"))
    assert (act["document"], act["method"]) == ("folder 7, sheet 12", "paper")
    assert receipt == f"receipt {act['receipt']}"
    assert first.endswith(act["id"])


async def test_a_last_day_is_the_papers_and_never_beyond_what_the_purpose_allows(house: Served) -> None:
    day = (datetime.now(UTC).date() + timedelta(days=40)).isoformat()
    ended = await said(house, "consent", "give", "chen", "keep_preferences", "--until", day, *read(house))
    assert f"keep_preferences until {day}" in ended.out, ended
    assert f"until {day}" in (await listed(house))[0]
    ended = await said(house, "consent", "give", "chen", "insight", "--until", "2190-01-01", *read(house, "insight"))
    assert "2190" not in ended.out, ended
    assert ended.code == 0


async def test_a_stop_ends_it_at_once_and_paper_that_did_not_know_of_it_ends_nothing(house: Served) -> None:
    assert (await said(house, "consent", "give", "chen", "keep_preferences", *read(house))).code == 0
    ended = await said(house, "consent", "stop", "chen", "keep_preferences")
    assert (ended.code, ended.out) == (0, "keep_preferences has ended\n")
    assert await listed(house) == []
    states = [line.split()[1] for line in await listed(house, "--all")]
    assert states == ["stopped", "withdrawn"], states
    again = await said(house, "consent", "give", "chen", "keep_preferences", *read(house))
    assert again.code == 1
    assert "did not know of it" in again.err
    [stop] = [line.split()[1].rstrip(":") for line in again.err.splitlines() if line.startswith("stop ")]
    lifted = await said(house, "consent", "give", "chen", "keep_preferences", *read(house), "--lifts", stop)
    assert lifted.code == 0, lifted
    assert len(await listed(house)) == 1


async def test_one_partner_is_given_and_stopped_apart(house: Served) -> None:
    for partner in ("spa-bund", "tea"):
        ended = await said(
            house, "consent", "give", "chen", "share_partners", "--partner", partner, *read(house, "share_partners")
        )
        assert ended.code == 0, ended
    assert (await said(house, "consent", "stop", "chen", "share_partners", "--partner", "tea")).code == 0
    [line] = await listed(house)
    assert "share_partners/spa-bund" in line
    assert (await said(house, "consent", "stop", "chen", "share_partners")).code == 0
    assert await listed(house) == []


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["give", "chen", "keep_preferences", "--notice", "keep_preferences"], 2, "expected ID/VERSION/LANGUAGE"),
        (["give", "chen", "keep_preferences", "--notice", "keep_preferences/1/en"], 2, "--shown"),
        (["give", "chen", "yoga", "--notice", "yoga/1/en", "--shown", "2026-01-01T10:00:00"], 1, "yoga"),
        (
            ["give", "nobody", "insight", "--notice", "insight/1/en", "--shown", "2026-01-01T10:00:00"],
            1,
            "no such customer",
        ),
        (["stop", "chen", "yoga"], 1, "there is no purpose 'yoga'"),
        (["list", "nobody"], 1, "no such customer"),
        (["print", "chen"], 1, "has no receipt"),
        (["give", "chen", "keep_preferences", "--lifts", "x"], 2, "--notice"),
    ],
)
async def test_a_mistake_is_said_in_words_and_changes_nothing(
    house: Served, words: list[str], code: int, why: str
) -> None:
    ended = await said(house, "consent", *words)
    assert (ended.code, why in ended.err, "Traceback" in ended.err) == (code, True, False), ended
    assert await listed(house, "--all") == []


async def test_a_receipt_is_printed_in_the_language_and_on_the_paper_that_is_asked_for(house: Served) -> None:
    await said(house, "consent", "give", "chen", "keep_preferences", *read(house))
    english = await said(house, "consent", "print", "chen")
    chinese = await said(house, "consent", "print", "chen", "--language", "zh-CN", "--paper", "80mm")
    assert (english.code, chinese.code) == (0, 0)
    assert english.out.startswith("<!doctype html>")
    assert "Remember what I like and must avoid" in english.out
    assert "记住我的喜好和禁忌" in chinese.out
    assert ('class="a4"' in english.out, 'class="mm80"' in chinese.out) == (True, True)
    assert "Chen Yulan" not in english.out + chinese.out


async def test_texts_are_listed_and_published_from_files_and_never_edited(house: Served, tmp_path: Path) -> None:
    [line] = [
        each for each in (await said(house, "notice", "list")).out.splitlines() if each.startswith("keep_preferences/")
    ]
    assert "comes with the product" in line
    chinese, english = tmp_path / "zh.txt", tmp_path / "en.txt"
    chinese.write_text("我们记住您的喜好。\n", "utf-8")
    english.write_text("We keep what you like.\n", "utf-8")
    texts = ["--text", f"zh-CN={chinese}", "--text", f"en={english}"]
    published = await said(house, "notice", "add", "keep_preferences", *texts, "--material")
    assert published.out.startswith("keep_preferences/2 for keep_preferences"), published
    shown = (await said(house, "notice", "list")).out
    assert "material" in next(line for line in shown.splitlines() if line.startswith("keep_preferences/2"))
    assert "keep_preferences/1" in (await said(house, "notice", "list", "--all")).out
    english.write_text("We keep everything.\n", "utf-8")
    other = await said(house, "notice", "add", "keep_preferences", "--version", "2", "--text", f"en={english}")
    assert other.code == 1, other
    lost = await said(house, "notice", "add", "keep_preferences", "--text", f"en={tmp_path / 'none.txt'}")
    assert (lost.code, "none.txt" in lost.err) == (2, True)


def test_without_a_gateway_it_says_why_and_what_is_needed(tmp_path: Path) -> None:
    ended = run("consent", "stop", "chen", "keep_preferences", "--data", tmp_path)
    assert ended.code == 1
    assert "a gateway that runs" in ended.err


# --- what a file says ------------------------------------------------------------------------------------------------

CSV = "customer,name,address_as,language,tier,associate,deputy,identifiers,consents\n"
ANNA = f"anna,Anna Berg,Ms Berg,en,,,,{FOB},recognise_tag;keep_preferences\n"
BEN = "ben,Ben Weiss,,,,,,,\n"


async def receipts(house: Served, customer: str) -> list[dict[str, Any]]:
    """Every receipt that a customer has, whole, the newest on top."""
    boss = await house.client("manager")
    every = await answered(boss.get(f"/api/customers/{customer}/receipts"))
    return [await answered(boss.get(f"/api/receipts/{each['id']}")) for each in every]


async def test_what_a_file_agrees_to_makes_one_receipt_and_the_same_file_again_none(
    house: Served, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CSV + ANNA + BEN, "utf-8")
    ended = await said(house, "customers", "import", file)
    assert ended.code == 0, ended
    [receipt] = await receipts(house, "anna")
    assert {row["purpose"]: row["state"] for row in receipt["processing"]} == {
        "recognise_tag": "dpv:ConsentGiven", "keep_preferences": "dpv:ConsentGiven",
    }  # fmt: skip
    events = receipt["events"]
    assert {(each["method"], each["entity_id"]) for each in events} == {("imported", "import")}
    assert all(each["document"].startswith("sha256:") for each in events)
    assert (receipt["privacy_notice"], receipt["parties"][0]["party_name"]) == (None, "Bund House")
    boss = await house.client("manager")
    assert {row["receipt"] for row in await answered(boss.get("/api/customers/anna/consents"))} == {
        receipt["receipt_id"]
    }
    assert await receipts(house, "ben") == []
    assert (await said(house, "customers", "import", file)).code == 0
    assert len(await receipts(house, "anna")) == 1
    printed = await said(house, "consent", "print", "anna")
    assert (printed.code, "Remember what I like and must avoid" in printed.out) == (0, True)


async def test_many_rows_at_once_have_receipts_of_their_own(house: Served, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    rows = [f"c-{n},Name {n},,,,,,,keep_preferences\n" for n in range(200)]
    file.write_text(CSV + "".join(rows), "utf-8")
    assert (await said(house, "customers", "import", file)).code == 0
    for number in (0, 79, 80, 199):
        assert [each["pii_principal_id"] for each in await receipts(house, f"c-{number}")] == [
            house.whose(f"c-{number}")
        ]


def test_a_file_that_is_read_while_nobody_serves_names_who_answers_as_the_settings_do(tmp_path: Path) -> None:
    settings, file, data = tmp_path / "venue.toml", tmp_path / "customers.csv", tmp_path / "data"
    file.write_text(CSV + ANNA, "utf-8")
    settings.write_text(
        '[venue]\nid = "house"\nname = { en = "House" }\n'
        '[privacy]\ncontroller = { name = "Bund House", address = "1 Bund", contact = "privacy@example.com" }\n',
        "utf-8",
    )
    ended = run("customers", "import", file, "--config", settings, "--data", data)
    assert ended.code == 0, ended
    written = tmp_path / "anna.zip"
    ended = run("customers", "export-person", "anna", "--out", written, "--reason", "she asked for it at the desk",
                "--config", settings, "--data", data)  # fmt: skip
    assert ended.code == 0, ended
    with zipfile.ZipFile(written) as person:
        names = [name for name in person.namelist() if name.startswith("receipts/") and name.endswith(".json")]
        kept = [json.loads(person.read(name)) for name in names]
    assert [each["parties"][0]["party_name"] for each in kept] == ["Bund House"]
