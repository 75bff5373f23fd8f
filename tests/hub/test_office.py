"""Head office at the hub, over HTTP: who may do what, and what the venues hear of it."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.hub.office import IDLE_MS, LONGEST_MS
from gateway.hub.own_keys import OwnKeys
from gateway.hub.problems import HubProblem
from gateway.hub.sqlite import SqliteDatabase
from gateway.hub.store import HubStore
from tests.hub.contract import NOW
from tests.hub.postgres import Cluster
from tests.hub.program import Program, hub
from tests.hub.stranger import Box, Journal, Message


class Officer:
    """A browser of head office."""

    def __init__(self, program: Program, name: str = "lina", *roles: str) -> None:
        words = [word for role in roles for word in ("--role", role)]
        self.pin = program.command("office", "add", name, *words).out.strip()
        self.name, self.port, self.cookie = name, program.port, ""

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        raw = body if isinstance(body, str) else None if body is None else json.dumps(body)
        sent = {"content-type": "application/json", "cookie": self.cookie, **headers}
        connection.request(method, f"/api{path}", raw and raw.encode(), sent)
        answer = connection.getresponse()
        said = answer.read()
        if found := answer.getheader("set-cookie"):
            self.cookie = found.partition(";")[0]
            assert "HttpOnly" in found
            assert "SameSite=strict" in found
        connection.close()
        return answer.status, json.loads(said) if said else None

    def joins(self, said: object, address: str) -> Any:
        """What the hub says to a box that comes from this address, by a proxy."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"content-type": "application/json", "x-forwarded-for": address}
        connection.request("POST", "/hub/v1/join", json.dumps(said).encode(), sent)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def good(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        status, said = self.ask(method, path, body, **headers)
        assert status in (200, 201, 204), said
        return said

    def sign_in(self) -> Officer:
        self.good("POST", "/sign-in", {"staff": self.name, "pin": self.pin})
        return self


class House:
    """A hub with two venues; Chen of the flagship is known to the house, and somebody of the lounge is alike."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.flagship, self.lounge = (Box(program.url, venue) for venue in ("flagship", "lounge"))
        self.journals = {"flagship": Journal("flagship"), "lounge": Journal("lounge")}
        for box in (self.flagship, self.lounge):
            box.join(program.invite(box.venue))
            box.sign_in()
        self._write(self.journals["flagship"], "chen", associate="old")
        self._write(self.journals["lounge"], "chen2", associate="nobody")
        for box in (self.flagship, self.lounge):
            self.send(box)

    @staticmethod
    def _write(journal: Journal, customer: str, associate: str) -> None:
        data = {"customer": customer, "name": "Chen Wei", "birthday": "1980-02-03", "associate": associate}
        journal.write("customer.enrolled", customer, data)
        fact: Message = {"customer": customer, "visit": None, "category": "drink", "code": None, "value": "still water",
                "lang": "en", "polarity": "do", "basis": "stated", "scope": "standing", "by": "lina",
                "at": "2026-11-28T10:40:00.000Z", "corrects": [], "retracts": [], "replaces": []}  # fmt: skip
        journal.write("preference.recorded", customer, fact)
        owed = {"id": f"p-{customer}", "kind": "promise", "owner": associate, "text": "call", "state": "open"}
        journal.write("promise.made", customer, owed)
        journal.share(customer)

    def send(self, box: Box) -> list[Message]:
        """Sends all that a venue wrote, with its keys; what the hub answers."""
        journal = self.journals[box.venue]
        keys = box.bundle(
            [(f"{each}@{box.venue}", *journal.key(each)) for each in ("chen", "chen2") if each in journal.keys]
        )
        return box.exchange([box.hello(journal), keys, journal.batch(0)])

    def hears(self, box: Box, until: Callable[[Message], bool] | None = None) -> list[Message]:
        """All items that a venue is told from the beginning, at least ``until`` one has come; keys are taken in."""
        found: list[Message] = []
        feeds = {"urgent", "house", "brand/aurelia"}
        beginning = {feed: {"number": 0, "hash": "00" * 32} for feed in feeds}
        messages = box.exchange([box.hello(self.journals[box.venue], beginning)])
        while messages:
            for message in messages:
                if message["type"] == "keys":
                    box.take_keys(message)
                found += message.get("items", [])
            waits = until is not None and not any(map(until, found))
            messages = box.exchange([], wait=25 if waits else 0)
        return found


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with _house(request, tmp_path) as found:
        yield found


@contextmanager
def _house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = "sqlite"
    if request.param == "postgres":
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.database()
    with hub(tmp_path, url) as program:
        yield House(program)


def head(row: Message) -> list[Any]:
    found: list[Any] = json.loads(row["head"])
    return found


def tells(type_: str) -> Callable[[Message], bool]:
    """Whether an item brings a row of this type."""
    return lambda item: any(head(row)[5] == type_ for row in (item.get("rows") or [item.get("row")]) if row)


def test_signing_in_takes_the_pin_and_each_role_its_own_doors(tmp_path: Path) -> None:
    with hub(tmp_path) as program:
        lina, tom = Officer(program, "lina", "office"), Officer(program, "tom", "it")
        assert lina.ask("GET", "/venues")[0] == 401
        status, said = lina.ask("POST", "/sign-in", {"staff": "lina", "pin": "00000000"})
        assert (status, said["detail"]) == (401, "wrong PIN")
        status, said = lina.ask("POST", "/sign-in", {"staff": "lina", "pin": lina.pin})
        assert (status, said["retry_after_s"] >= 1) == (429, True)
        tom_address = {"staff": "tom", "pin": tom.pin}
        assert tom.ask("POST", "/sign-in", tom_address)[0] == 429, "the address waits too"
        lina.pin = program.command("office", "add", "lina", "--role", "office").out.strip()
        assert program.command("office", "list").out.splitlines() == ["lina\toffice", "tom\tit"]


async def test_a_session_of_head_office_ends_idle_in_any_case_after_a_day_s_work_and_with_a_new_pin(
    tmp_path: Path,
) -> None:
    own = OwnKeys(tmp_path)
    store = await HubStore.open(SqliteDatabase(tmp_path), own, "maison")
    office, here = store.office, "192.0.2.1"

    async def over(secret: str, at: int) -> bool:
        with suppress(HubProblem):
            return (await office.who(secret, at)).id != "lina"
        return True

    pin = await office.add("lina", frozenset({"office"}), NOW)
    _, busy = await office.begin("lina", pin, here, 0.0, NOW)
    _, idle = await office.begin("lina", pin, here, 0.0, NOW)
    for at in range(NOW, NOW + LONGEST_MS, IDLE_MS - 60_000):
        assert not await over(busy, at)
    assert await over(busy, NOW + LONGEST_MS)
    assert await over(idle, NOW + IDLE_MS)
    _, mine = await office.begin("lina", pin, here, 0.0, NOW)
    pin = await office.add("lina", frozenset({"office"}), NOW)
    assert await over(mine, NOW)
    with pytest.raises(HubProblem, match="wrong PIN"):
        await office.begin("lina", "00000000", here, 100.0, NOW)
    tom = await office.add("tom", frozenset({"it"}), NOW)
    with pytest.raises(HubProblem) as waits:
        await office.begin("lina", pin, "198.51.100.7", 100.5, NOW)  # from elsewhere, and right: the account waits
    assert waits.value.code == "wait"
    assert (await office.begin("tom", tom, "198.51.100.7", 100.5, NOW))[0].id == "tom"
    await store.close()
    own.close()


def test_an_ipv6_network_is_one_address_however_many_its_devices_pick(tmp_path: Path) -> None:
    with hub(tmp_path, more="behind_proxy = true") as program:
        lina = Officer(program, "lina", "office")
        secure = {"x-forwarded-proto": "https"}
        guess = {"staff": "nobody", "pin": "00000000"}
        assert lina.ask("POST", "/sign-in", guess, **secure, **{"x-forwarded-for": "2001:db8:1:2::a"})[0] == 401
        mine = {"staff": "lina", "pin": lina.pin}
        beside = {**secure, "x-forwarded-for": "2001:db8:1:2:ffff::b"}
        assert lina.ask("POST", "/sign-in", mine, **beside)[0] == 429, "its network waits"
        assert lina.ask("POST", "/sign-in", mine, **secure, **{"x-forwarded-for": "2001:db8:1:3::a"})[0] == 200

        said = {**Box(program.url, "terrace").joining(program.invite("terrace")), "invitation": "00" * 8}
        whys = [
            lina.joins(said, f"2001:db8:1:{net}::{each}")["why"] for net, each in [*((4, n) for n in range(6)), (5, 1)]
        ]
        often = ["five times" in why for why in whys]
        assert often == [False] * 5 + [True, False]

        with ThreadPoolExecutor(16) as at_once:
            answers = [at_once.submit(lina.joins, said, "2001:db8:1:6::1") for _ in range(16)]
        tried = ["five times" not in each.result()["why"] for each in answers]
        assert tried.count(True) == 5, "sent at once they are no more"


def test_a_session_ends_with_the_account_and_another_sites_page_is_refused(tmp_path: Path) -> None:
    with hub(tmp_path) as program:
        lina, tom = Officer(program, "lina", "office").sign_in(), Officer(program, "tom", "it").sign_in()
        assert lina.good("GET", "/me")["role"] == "hub"
        assert lina.ask("GET", "/boxes")[0] == 403
        assert tom.ask("GET", "/customers")[0] == 403
        code = tom.good("POST", "/invitations", {"venue": "terrace"})["code"]
        box = Box(program.url, "terrace").join(code)
        assert [each["box"] for each in tom.good("GET", "/boxes")] == [box.box]
        for foreign in (
            {"origin": "https://evil.example"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
        ):
            assert tom.ask("POST", f"/boxes/{box.box}/revoke", {}, **foreign)[0] == 403
        assert tom.good("GET", "/boxes")[0]["revoked"] is None
        tom.good("POST", f"/boxes/{box.box}/revoke", {})
        assert tom.good("GET", "/boxes")[0]["revoked"] is not None
        tom.good("POST", "/sign-out")
        assert tom.ask("GET", "/boxes")[0] == 401
        assert program.command("office", "remove", "lina").code == 0
        assert lina.ask("GET", "/me")[0] == 401


def test_venues_have_the_shape_of_the_page(house: House) -> None:
    lina = Officer(house.program).sign_in()
    found = lina.good("GET", "/venues")
    assert [each["venue"] for each in found] == ["flagship", "lounge"]
    members = {"venue", "name", "brand", "connected", "behind", "heard_at", "build", "epoch", "forks", "skew_s", "told"}
    assert set(found[0]) == members
    assert (found[0]["connected"], found[0]["build"], found[0]["epoch"]) == (True, "stranger 1", 1)
    assert (found[0]["forks"], found[0]["behind"]) == (0, 0)


def test_people_are_one_list_over_all_venues_and_each_look_is_written_down(house: House) -> None:
    lina = Officer(house.program).sign_in()
    people = lina.good("GET", "/customers")["people"]
    assert [(each["customer"], each["name"]) for each in people] == [
        ("chen2@lounge", "Chen Wei"), ("chen@flagship", "Chen Wei")
    ]  # fmt: skip
    assert lina.good("GET", "/customers?search=nobody")["people"] == []
    found = lina.good("GET", "/customers/chen@flagship")
    assert [each["value"] for each in found["facts"]] == ["still water"]
    again = lina.good("GET", "/customers/chen@flagship")
    assert again["journal"][0] == {
        "at": again["journal"][0]["at"], "type": "customer.viewed", "venue": "maison", "by": "lina"
    }  # fmt: skip
    assert lina.ask("GET", "/customers/wu@flagship")[0] == 404


def test_two_records_that_look_alike_are_merged_and_taken_apart_again(house: House) -> None:
    lina = Officer(house.program).sign_in()
    [pair] = lina.good("GET", "/duplicates")
    assert (pair["kept"]["customer"], pair["other"]["customer"]) == ("chen2@lounge", "chen@flagship")
    assert pair["because"] == "name and birthday"
    made = lina.good("POST", "/merges", {"kept": "chen2@lounge", "other": "chen@flagship"})
    [person] = lina.good("GET", "/customers")["people"]
    assert (person["customer"], person["also"], person["venues"]) == (
        "chen2@lounge", ["chen@flagship"], ["flagship", "lounge"]
    )  # fmt: skip
    assert lina.ask("POST", "/merges", {"kept": "chen2@lounge", "other": "chen@flagship"})[0] == 409
    assert lina.good("GET", "/duplicates") == []
    for box in (house.flagship, house.lounge):
        assert any(map(tells("customer.merged"), house.hears(box, tells("customer.merged"))))
    lina.good("DELETE", f"/merges/{made['merge']}")
    assert len(lina.good("GET", "/customers")["people"]) == 2
    assert lina.ask("DELETE", f"/merges/{made['merge']}")[0] == 404


def test_who_leaves_hands_over_everything_in_one_act_and_the_preview_does_nothing(house: House) -> None:
    lina = Officer(house.program).sign_in()
    hand = {"hand_to": {"default": "mei", "by_venue": {"lounge": "tom"}}, "note": "to Paris"}
    seen = lina.good("POST", "/staff/old/leave?preview=1", hand)
    expected = [("chen@flagship", "associate", "mei"), ("chen@flagship", "promise", "mei")]
    assert [(each["customer"], each["what"], each["to"]) for each in seen["handed"]] == expected
    assert [each for each in house.hears(house.lounge) if each["kind"] == "leaver"] == []
    assert lina.good("POST", "/staff/old/leave", hand)["handed"] == seen["handed"]
    for box in (house.flagship, house.lounge):
        [left] = [each for each in house.hears(box, lambda each: each["kind"] == "leaver") if each["kind"] == "leaver"]
        assert box.read("*house*", left["row"]) == {"staff": "old", **hand}
    found = lina.good("GET", "/customers/chen@flagship")
    assert (found["associate"], found["owed"][0]["owner"]) == ("mei", "mei")
    handed = tells("customer.handed_over")
    assert len([each for each in house.hears(house.flagship, handed) if handed(each)]) == 2
    assert lina.ask("POST", "/staff/old/leave", {"hand_to": {"default": "old"}})[0] == 400


def test_an_erasure_asked_here_goes_everywhere_and_its_receipt_is_signed(house: House) -> None:
    lina = Officer(house.program).sign_in()
    receipt = lina.good("POST", "/customers/chen@flagship/erase")
    assert lina.good("GET", f"/erasures/{receipt['erasure']}")["customer"] == "chen@flagship"
    kinds = {each["place"]: (each["kind"], each["done_at"] is not None) for each in receipt["places"]}
    assert kinds["hub"] == ("hub", True)
    assert (kinds["flagship"], kinds["lounge"]) == (("venue", False), ("venue", False))
    facts = {key: value for key, value in receipt.items() if key not in ("signed_by", "signature")}
    said = (
        b"moments hub receipt v1\x00"
        + json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    )
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(receipt["signed_by"]))
    key.verify(base64.b64decode(receipt["signature"]), said)
    for box in (house.flagship, house.lounge):
        erased = house.hears(box, lambda each: each["kind"] == "erase")
        assert ("erase", "chen@flagship") in [(each["kind"], each["customer"]) for each in erased]
    assert lina.ask("GET", "/customers/chen@flagship")[0] == 404
    assert lina.good("POST", "/customers/dark@flagship/erase")["customer"] == "dark@flagship"
    assert lina.ask("POST", "/customers/chen@nowhere/erase")[0] == 404
    assert [each["customer"] for each in lina.good("GET", "/erasures")] == ["dark@flagship", "chen@flagship"]


def test_who_is_expected_is_announced_by_hand_and_by_a_file(house: House) -> None:
    lina = Officer(house.program).sign_in()
    at = datetime.now(UTC) + timedelta(hours=3)
    row = {"customer": "chen@flagship", "venue": "lounge", "place": "table 4", "from": at.isoformat()}
    [made] = lina.good("POST", "/expected", row)
    [found] = lina.good("GET", "/expected?venue=lounge")
    assert (found["id"], found["customer"], found["place"]) == (made["id"], "chen@flagship", "table 4")
    assert lina.good("GET", "/expected?venue=flagship") == []

    def announced(each: Message) -> bool:
        return each["kind"] == "event" and tells("expected.recorded")(each)

    [item] = filter(announced, house.hears(house.lounge, announced))
    assert house.lounge.read("chen@flagship", item["row"])["place"] == "table 4"
    file = f"customer,venue,from,until,note\nchen@flagship,flagship,{at.isoformat()},,birthday\n"
    assert len(lina.good("POST", "/expected", file, **{"content-type": "text/csv"})) == 1
    bad = f"{file}wu@flagship,flagship,{at.isoformat()},,\n"
    assert lina.ask("POST", "/expected", bad, **{"content-type": "text/csv"})[0] == 403
    assert lina.ask("POST", "/expected", "a,b\n1,2\n", **{"content-type": "text/csv"})[0] == 400
    assert len(lina.good("GET", "/expected")) == 2
    lina.good("DELETE", f"/expected/{made['id']}")
    assert lina.ask("DELETE", f"/expected/{made['id']}")[0] == 404
    assert len(lina.good("GET", "/expected")) == 1
