"""What a customer takes away after each act: signed, true of its day, printed without a name, checked without us."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.consent.paper import to_text
from gateway.consent.receipt_words import CHINESE, ENGLISH, WORDS
from gateway.core.rotating import Rotating
from gateway.events.times import iso
from gateway.operations.doors_rotation import DoorsRotation
from gateway.records import rebuild
from tests.console.served import FOB, Served, config, served
from tests.story.venue import answered


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> Any:
    async with served(tmp_path) as house:
        yield house


async def newest(house: Served, customer: str) -> dict[str, Any]:
    """The last receipt that a customer was given."""
    boss = await house.client("manager")
    every = await answered(boss.get(f"/api/customers/{customer}/receipts"))
    found: dict[str, Any] = await answered(boss.get(f"/api/receipts/{every[0]['id']}"))
    return found


async def checked(house: Served, receipt: dict[str, Any], folder: Path) -> Result:
    """What somebody outside says of it, who has the operator's keys and nothing else."""
    stranger = await house.client()
    keys, file = folder / "keys.json", folder / "receipt.json"
    keys.write_text(json.dumps(await answered(stranger.get("/api/receipts/keys"))))
    file.write_text(json.dumps(receipt, ensure_ascii=False), "utf-8")
    return CliRunner().invoke(main, ["receipt", "verify", str(file), "--trust", str(keys)])


def states(receipt: dict[str, Any]) -> dict[str, str]:
    """How the customer stands to each purpose."""
    return {row["purpose"]: row["state"].removeprefix("dpv:Consent") for row in receipt["processing"]}


async def test_each_act_makes_a_receipt_of_everything_and_the_older_ones_stay_true(
    house: Served, tmp_path: Path
) -> None:
    await house.enrol("chen", FOB, name="陈玉兰", language="zh-CN")
    both = await newest(house, "chen")
    assert states(both) == {"recognise_tag": "Given", "keep_preferences": "Given"}
    assert (await checked(house, both, tmp_path)).exit_code == 0
    boss = await house.client("manager")
    await answered(boss.delete("/api/customers/chen/consents/keep_preferences"))
    after = await newest(house, "chen")
    assert states(after) == {"recognise_tag": "Given", "keep_preferences": "Withdrawn"}
    for receipt in (both, after):
        told = await checked(house, receipt, tmp_path)
        assert told.exit_code == 0, told.output
    assert len(await answered(boss.get("/api/customers/chen/receipts"))) == 3
    assert after["processing"] != both["processing"]
    assert (after["proof"]["core"]["given"], after["proof"]["core"]["ended"]) == (
        {"recognise_tag": ninety_days(house)}, ["keep_preferences"],
    )  # fmt: skip


def ninety_days(house: Served) -> str:
    """The last day of a consent of which nobody said until when, nor which text was read."""
    return (datetime.fromtimestamp(house.now(), UTC).date() + timedelta(days=90)).isoformat()


async def test_it_names_nobody_and_says_where_the_journal_stood(house: Served, tmp_path: Path) -> None:
    await house.enrol("chen", FOB, name="陈玉兰", address_as="陈女士")
    receipt = await newest(house, "chen")
    assert "陈" not in json.dumps(receipt, ensure_ascii=False)
    assert FOB not in json.dumps(receipt)
    lines = await answered((await house.client("floor")).get("/api/customers/chen/journal"))
    told = [line["data"] for line in lines if line["type"] == "receipt.made"]
    assert told[0] == {"customer": "chen", "receipt": receipt["receipt_id"]}, "what it says is read where it is shown"
    place = receipt["ledger"]
    verified = CliRunner().invoke(
        main, ["journal", "verify", "--data", str(house.gateway.store.folder), "--head", place["hash"][7:]]
    )
    assert verified.exit_code == 0, verified.output
    assert (place["venue"], place["epoch"]) == ("house", 1)


async def test_a_last_day_is_that_of_the_venue_and_it_runs_out_by_itself(house: Served, tmp_path: Path) -> None:
    boss = await house.client("manager")
    await answered(boss.put("/api/customers/chen", json={"name": "Chen"}))
    day = (datetime.fromtimestamp(house.now(), UTC).date() + timedelta(days=80)).isoformat()
    until = {"purpose": "keep_preferences", "expires": day, "document": "scan-7", "method": "paper"}
    await answered(boss.post("/api/customers/chen/consents", json=until))
    receipt = await newest(house, "chen")
    (row,), (event,) = receipt["processing"], receipt["events"]
    assert row["last_day"] == day
    assert (event["document"], event["method"], event["validity_duration"]) == (
        "scan-7",
        "paper",
        f"{day}T24:00 UTC",
    )
    house.ahead = 10 * 365 * 86_400
    await answered(boss.post("/api/customers/chen/receipts"))
    later = await newest(house, "chen")
    assert states(later) == {"keep_preferences": "Expired"}
    assert later["processing"][0]["last_day"] is None


async def test_the_wish_not_to_be_recognised_makes_one_too(house: Served, tmp_path: Path) -> None:
    await house.enrol("chen")
    boss = await house.client("manager")
    before = len(await answered(boss.get("/api/customers/chen/receipts")))
    await answered(boss.post("/api/customers/chen/wishes", json={"wishes": ["do_not_disturb"]}))
    assert len(await answered(boss.get("/api/customers/chen/receipts"))) == before
    await answered(boss.post("/api/customers/chen/wishes", json={"wishes": ["do_not_recognise"]}))
    receipt = await newest(house, "chen")
    assert states(receipt)["recognise_tag"] == "Withdrawn"


@pytest.mark.parametrize(("language", "words"), list(WORDS.items()))
@pytest.mark.parametrize("paper", ["a4", "80mm"])
async def test_printed_it_holds_no_name_and_both_codes(
    house: Served, tmp_path: Path, language: str, words: dict[str, str], paper: str
) -> None:
    await house.enrol("chen", FOB, name="陈玉兰 <b>")
    receipt, floor = await newest(house, "chen"), await house.client("floor")
    link = "https://me.example.com/me#c2VjcmV0LW9mLXRoZS1wYWdl"
    how = {"language": language, "paper": paper, "link": link}
    page = (await answered(floor.post(f"/api/receipts/{receipt['receipt_id']}/print", json=how)))["html"]
    assert "陈玉兰" not in page
    assert link not in page, "it stands in the picture alone"
    for word in ("title", "recognise_tag", "given", "until", "page", "proof", "any member of staff"):
        assert words[word] in page
    pictures = [unquote(each) for each in re.findall(r'src="data:image/svg\+xml[^,]*,([^"]+)"', page)]
    assert len(pictures) == 2
    assert page.count("../../receipt.css") == 1, "beside the console, since no page of ours has a style of its own"
    assert f'<button type="button" id="print">{words["print"]}</button>' in page
    assert "as=html" not in page, "a link that is followed proves no key of a tablet"
    without = (await floor.get(f"/api/receipts/{receipt['receipt_id']}?as=html&language={language}")).text
    assert words["page_says"] not in without
    assert f'<button type="button" id="print">{words["print"]}</button>' in without
    assert f"{receipt['receipt_id']}?as=html&amp;language={language}&amp;paper=80mm" in without


async def test_the_code_on_paper_proves_what_was_agreed(house: Served, tmp_path: Path) -> None:
    await house.enrol("chen")
    receipt, floor = await newest(house, "chen"), await house.client("floor")
    picture = await floor.get(f"/api/receipts/{receipt['receipt_id']}?as=qr")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert b"<svg" in picture.content
    said = await answered(floor.post("/api/receipts/verify", json={"text": to_text(receipt["proof"])}))
    assert (said["state"], said["whole"], said["core"]["given"]) == (
        "good", False, dict.fromkeys(("recognise_tag", "keep_preferences"), ninety_days(house)),
    )  # fmt: skip
    receipt["processing"][0]["last_day"] = "2099-01-01"
    forged = await answered(floor.post("/api/receipts/verify", json={"text": json.dumps(receipt)}))
    assert forged["state"] == "changed"
    assert "processing" in forged["changed"][0]["member"]
    assert (await floor.post("/api/receipts/verify", json={"text": "{}"})).status_code == 422


async def test_a_rotation_leaves_older_receipts_good_and_a_stolen_keys_newer_ones_not(
    house: Served, tmp_path: Path
) -> None:
    await house.enrol("chen")
    old, local = await newest(house, "chen"), await house.local()
    await answered(local.post("/api/keys/rotate", json={"what": "receipts", "stolen_at": house.now() + 60}))
    rotated = await answered(local.post("/api/keys/rotate", json={"what": "operator"}))
    boss = await house.client("manager")
    await answered(boss.post("/api/customers/chen/receipts"))
    new = await newest(house, "chen")
    assert new["proof"]["core"]["kid"] != old["proof"]["core"]["kid"]
    for receipt in (old, new):
        told = await checked(house, receipt, tmp_path)
        assert told.exit_code == 0, told.output
    assert rotated["sign"] in told.output
    kinds = {row["what"]: row for row in await answered(boss.get("/api/keys"))}
    assert kinds["operator"]["rotated_at"] is not None
    assert not kinds["master"]["overdue"]
    house.ahead = 500 * 86_400
    kinds = {row["what"]: row for row in await answered(boss.get("/api/keys"))}
    assert kinds["master"]["overdue"]


async def test_a_key_that_ends_soon_is_replaced_by_itself(house: Served, tmp_path: Path) -> None:
    await house.enrol("chen")
    before = (await newest(house, "chen"))["proof"]["core"]["kid"]
    rotating = Rotating(house.gateway, DoorsRotation(lambda: house.gateway.config))
    await rotating.keep_signing()
    house.ahead = 720 * 86_400
    await rotating.keep_signing()
    boss = await house.client("manager")
    await answered(boss.post("/api/customers/chen/receipts"))
    after = await newest(house, "chen")
    assert after["proof"]["core"]["kid"] != before
    told = await checked(house, after, tmp_path)
    assert told.exit_code == 0, told.output


async def test_an_erased_customers_receipts_are_gone_and_the_journal_makes_the_others_again(
    house: Served, tmp_path: Path
) -> None:
    for customer, tag in (("chen", FOB), ("wang", "em:0700C4A92F")):
        await house.enrol(customer, tag)
    gone, boss = await newest(house, "chen"), await house.client("manager")
    await answered(boss.delete("/api/customers/chen"))
    assert (await boss.get(f"/api/receipts/{gone['receipt_id']}")).status_code == 404
    assert (await checked(house, gone, tmp_path)).exit_code == 0, "who has it has the proof still"
    await house.gateway.settle()
    await house.gateway.store.write(lambda tx: None)
    reader = house.gateway.store.open_reader()
    assert rebuild.check(reader, house.gateway.store.folder).differences == []
    rows = reader.conn.execute("SELECT sealed FROM receipts").fetchall()
    assert rows
    assert not any(b"recognise_tag" in row[0] for row in rows)
    reader.close()


def test_both_languages_say_the_same() -> None:
    assert CHINESE.keys() == ENGLISH.keys()
    for key, words in ENGLISH.items():
        assert re.findall(r"{(\w+)", words) == re.findall(r"{(\w+)", CHINESE[key]), key


HOUSE = {
    "privacy": {
        "controller": {"name": "外滩会所 · Bund House", "address": "中山东一路", "contact": "privacy@example.com"},
        "brands": ["maison-a"],
        "jurisdictions": ["CN", "EU"],
    },
    "partners": [
        {
            "id": "spa-bund",
            "name": {"zh-CN": "外滩水疗", "en": "Bund Spa"},
            "country": "CN",
            "data": ["preferences.food"],
        }
    ],
}


async def test_a_whole_flow_is_one_receipt_with_the_partner_that_was_refused(tmp_path: Path) -> None:
    async with served(tmp_path / "house", config(**HOUSE)) as house:
        boss = await house.client("manager")
        texts = {one["purposes"][0]: one for one in await answered(boss.get("/api/notices")) if one["purposes"]}

        def yes(purpose: str, **more: Any) -> dict[str, Any]:
            text = texts[purpose]
            read = {"id": text["id"], "version": text["version"], "language": "zh-CN"}
            notice = {**read, "shown_at": iso(house.now() - 30)}
            return {"purpose": purpose, "method": "signed_on_glass", "notice": notice, "act": "given", **more}

        no = {"purpose": "share_partners", "partner": "spa-bund", "act": "refused", "method": "on_glass"}
        said = [yes("recognise_tag"), yes("keep_preferences"), no]
        flow = {
            "customer": {"address_as": "陈女士", "language": "zh-CN"}, "of_age": True, "consents": said,
            "credentials": [{"identifier": FOB}], "signature": {"content": "iVBORw0KGgo="},
        }  # fmt: skip
        answer = await answered(boss.post("/api/customers/chen/enrolments", json=flow))
        receipt = await answered(boss.get(f"/api/receipts/{answer['receipt']}"))
        told = await checked(house, receipt, tmp_path)
        assert told.exit_code == 0, told.output
        core = receipt["proof"]["core"]
        assert core["brand"] == "maison-a"
        assert (sorted(core["given"]), core["refused"], core["ended"]) == (
            ["keep_preferences", "recognise_tag"], ["share_partners:spa-bund"], [],
        )  # fmt: skip
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in core["given"].values())
        assert core["notice"] in {f"{each}/1/zh-CN" for each in ("recognise_tag", "keep_preferences")}
        assert [party["party_id"] for party in receipt["parties"]] == ["operator", "spa-bund"]
        assert receipt["parties"][0]["party_contact"] == "privacy@example.com"
        assert (receipt["jurisdiction"], receipt["authority_party"]) == (["CN", "EU"], ["网信办"])
        entries = {one["id"]: one for one in await answered(boss.get("/api/customers/chen/consents?all=1"))}
        heard = {event["event_id"]: event["purposes"] for event in receipt["events"]}
        assert heard.keys() == entries.keys(), "each act is there by the id of its entry"
        assert sorted(heard.values()) == [["keep_preferences"], ["recognise_tag"], ["share_partners:spa-bund"]]
        assert "陈女士" not in json.dumps(receipt, ensure_ascii=False)
        page = (await boss.get(f"/api/receipts/{answer['receipt']}?as=html")).text
        assert "告知合作方：外滩水疗 · Bund Spa" in page
        assert "网信办" in page
        refused = await answered(boss.get("/api/customers/chen/consents?all=1"))
        lifts = [one["id"] for one in refused if one["purpose"] == "share_partners"]
        shared = yes("share_partners", partner="spa-bund", data=["preferences.food"], lifts=lifts)
        await answered(boss.post("/api/customers/chen/consents", json={**shared, "signature": flow["signature"]}))
        after = await newest(house, "chen")
        assert "share_partners:spa-bund" in after["proof"]["core"]["given"]
        assert after["processing"][2]["data"] == ["preferences.food"]
        await answered(boss.delete("/api/customers/chen/consents/share_partners"))
        over = await newest(house, "chen")
        assert over["proof"]["core"]["ended"] == ["share_partners:spa-bund"], "a stop of all partners is of each"
        assert (await checked(house, over, tmp_path)).exit_code == 0
