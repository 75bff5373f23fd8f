"""What a file of customers leaves behind: for every customer, credential and consent the event that says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.events.event import Event
from gateway.records.aliases import OURS
from tests.commands.folder import of, told
from tests.program import run

HEADER = "customer,name,address_as,language,tier,associate,deputy,identifiers,consents"
CHEN = "chen,陈玉兰,陈女士,zh-CN,black,lina,marie,epc:303407F1A40C0E4000002711@E280116020001234;em:0700C4A91E,recognise_tag@2099-12-31"  # noqa: E501
WANG = "wang,Wang,,en,,,,,recognise_tag;keep_preferences"
BAD = "hale,Hale,,en,gold,,,epc:XYZ,recognise_tag"


def write(folder: Path, *rows: str) -> Path:
    """A CSV file of these rows."""
    file = folder / "people.csv"
    file.write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    return file


def document(file: Path) -> str:
    return f"sha256:{sha256(file.read_bytes()).hexdigest()}"


def on(event: Event) -> date:
    """The day of a venue that keeps UTC."""
    return datetime.fromtimestamp(event.time, UTC).date()


def facts(events: list[Event], type_: str) -> list[dict[str, Any]]:
    return [event.data for event in of(events, type_)]


def test_an_import_is_told_whole(tmp_path: Path) -> None:
    file, data = write(tmp_path, CHEN, WANG), tmp_path / "data"
    assert run("customers", "import", file, "--data", data).code == 0
    events = told(data)
    assert {event.actor for event in events} == {"command-line"}
    chen, wang = (event.subject for event in of(events, "customer.enrolled"))
    assert all(OURS.fullmatch(each) for each in (chen, wang))
    unsaid: dict[str, Any] = {"wishes": [], "birthday": None, "meets": [], "source": "import"}
    assert facts(events, "customer.enrolled") == [
        {"customer": chen, "alias": "chen", "name": "陈玉兰", "address_as": "陈女士", "language": "zh-CN",
         "tier": "black", "associate": "lina", "deputy": "marie", **unsaid},
        {"customer": wang, "alias": "wang", "name": "Wang", "address_as": "", "language": "en", "tier": "",
         "associate": None, "deputy": None, **unsaid},
    ]  # fmt: skip
    tags = facts(events, "credential.given")
    assert [(t["customer"], t["scheme"], t["identifier"], t["label"], t["tid"]) for t in tags] == [
        (chen, "epc", "epc:303407F1A40C0E4000002711", "", "E280116020001234"),
        (chen, "em", "em:0700C4A91E", "", None),
    ]
    assert len({tag["credential"] for tag in tags}) == 2
    consents = of(events, "consent.granted")
    assert [(each.data["customer"], each.data["purpose"]) for each in consents] == [
        (chen, "recognise_tag"), (wang, "recognise_tag"), (wang, "keep_preferences"),
    ]  # fmt: skip
    last_day = on(consents[0]) + timedelta(days=90)  # nobody knows which text was read: also where the file says later
    agreed: dict[str, Any] = {
        "act": "given", "by": "import", "method": "imported", "document": document(file), "notice": None,
        "text_version": None, "witness": None, "guardian": None, "signature": None, "receipt": None,
        "brand": "", "partner": None, "data": [], "lifts": [],
        "last_day": last_day.isoformat(), "expires": f"{last_day + timedelta(days=1)}T00:00:00.000Z",
    }  # fmt: skip
    assert [{**each.data, **agreed} for each in consents] == [each.data for each in consents]
    named = {"id", "customer", "purpose", "at", *agreed}
    assert all(set(each.data) == named for each in consents)
    assert len({each.data["id"] for each in consents}) == 3
    assert events[-1].type == "customers.imported"
    brought = {"customers": 2, "credentials": 2, "consents": 3, "problems": 0, "document": document(file)}
    assert events[-1].data == brought
    assert [e.subject for e in events[:-1]] == [e.data["customer"] for e in events[:-1]]


def test_the_same_file_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    file, data = write(tmp_path, CHEN, WANG), tmp_path / "data"
    first = run("customers", "import", file, "--data", data)
    assert (first.code, "nothing changed" in first.err) == (0, False)
    before = run("customers", "export", "--data", data).out
    count = len(told(data))
    again = run("customers", "import", file, "--data", data)
    assert again.out.strip() == "2 customers, 0 new credentials, 0 new consents"
    assert "all of it was known already: nothing changed" in again.err
    news = told(data)[count:]
    assert [event.type for event in news] == ["customers.imported"]
    assert (news[0].data["customers"], news[0].data["credentials"], news[0].data["consents"]) == (0, 0, 0)
    assert run("customers", "export", "--data", data).out == before


def test_what_a_later_file_changes_is_told_with_what_was_there(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("customers", "import", write(tmp_path, CHEN, WANG), "--data", data).code == 0
    count = len(told(data))
    sooner = on(told(data)[-1]) + timedelta(days=30)
    later = CHEN.replace("陈女士", "陈总").replace(",lina,", ",,").replace("2099-12-31", sooner.isoformat())
    done = run("customers", "import", write(tmp_path, later, WANG), "--data", data)
    assert done.out.strip() == "2 customers, 0 new credentials, 1 new consents"
    longer = of(told(data)[:count], "consent.granted")[0]
    changed, over, consent, _ = told(data)[count:]
    assert (changed.type, changed.data) == (
        "customer.changed",
        {
            "customer": of(told(data), "customer.enrolled")[0].subject,
            "changed": {"address_as": "陈总", "associate": None},
            "was": {"address_as": "陈女士", "associate": "lina"},
            "source": "import",
        },
    )
    assert (over.type, over.data["act"], over.data["ends"]) == ("consent.revoked", "ended", [longer.data["id"]])
    assert (consent.type, consent.data["last_day"]) == ("consent.granted", sooner.isoformat())
    assert consent.data["lifts"] == [over.data["id"]]
    assert "陈总" in run("customers", "export", "--data", data).out


def test_a_file_with_a_mistake_leaves_no_event_unless_partial_is_meant(tmp_path: Path) -> None:
    file, data = write(tmp_path, CHEN, BAD), tmp_path / "data"
    assert run("customers", "import", file, "--data", data).code == 1
    assert not data.exists()
    assert run("customers", "import", file, "--data", data, "--partial").code == 0
    events = told(data)
    (chen,) = {event.subject for event in events[:-1]}
    assert of(events, "customer.enrolled")[0].data["alias"] == "chen"
    assert OURS.fullmatch(chen)
    assert (events[-1].data["customers"], events[-1].data["problems"]) == (1, 1)


def test_what_leaves_and_what_is_copied_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("customers", "import", write(tmp_path, CHEN, WANG), "--data", data).code == 0
    assert run("customers", "export", "--data", data, "--out", tmp_path / "out.csv").code == 0
    assert run("recovery", "new", "--data", data).code == 0
    assert run("backup", tmp_path / "copies", "--data", data).code == 0
    exported, copied = told(data)[-2:]
    assert (exported.type, exported.data) == ("customers.exported", {"customers": 2})
    (copy,) = (tmp_path / "copies").glob("moments-*.db")
    assert (copied.type, copied.data["name"]) == ("records.backed_up", copy.name)
    assert copied.data["position"] == exported.position
    assert len(copied.data["head"]) == 64
