"""A box that somebody wrote from the page alone joins, sends its rows and reads its feeds, over real sockets."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.certificates import Authority
from tests.hub.postgres import Cluster
from tests.hub.program import Program, health, hub
from tests.hub.stranger import Box, Journal, Link, Refused, post
from tests.ports import free_port
from tests.program import run


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A hub that serves, over either store; each test has venues of its own."""
    url = "sqlite" if request.param == "sqlite" else request.getfixturevalue("cluster").database()
    with hub(tmp_path_factory.mktemp("hub"), url) as program:
        yield program


def box(program: Program, name: str, *, url: str | None = None) -> Box:
    """A box of a new venue, joined and signed in."""
    found = Box(url or program.url, f"{name}-{secrets.token_hex(3)}")
    found.join(program.invite(found.venue)).sign_in()
    return found


async def greeted(of: Box, journal: Journal, **more: Any) -> Link:
    """A link that has been welcomed, and has read what waited for it."""
    link = await of.link()
    await link.greet(journal, **more)
    await link.settle()
    return link


def chen(journal: Journal) -> Journal:
    """Somebody who agreed to be known in the house."""
    journal.enrol("chen")
    journal.share("chen")
    journal.prefers("chen", "still water")
    return journal


async def test_what_one_venue_learns_is_known_in_the_next_and_a_stop_is_everywhere(served: Program) -> None:
    flagship, lounge = box(served, "flagship"), box(served, "lounge")
    journal, other = chen(Journal(flagship.venue)), Journal(lounge.venue)
    customer = f"chen@{flagship.venue}"
    async with await greeted(flagship, journal) as ours, await greeted(lounge, other) as theirs:
        assert "welcome" in {message["type"] for message in ours.seen}
        await ours.send(flagship.keys_of(journal, "chen"))
        ack = await ours.upload(journal)
        assert (ack["position"], ack["hash"], ack["stored"]) == (3, journal.hash.hex(), 3)
        await theirs.settle()
        assert theirs.says(customer) == ["still water"]
        assert ours.known == {}

        journal.prefers("chen", "a seat by the window")
        await ours.upload(journal, after=3)
        while len(theirs.says(customer)) < 2:
            await theirs.next()

        journal.stop("chen")
        await ours.upload(journal, after=4)
        while customer not in theirs.ended:
            await theirs.next()
        assert theirs.ended[customer] == "recall"
        await theirs.send({"type": "applied", "feed": "urgent", "number": theirs.cursors["urgent"]["number"]})


async def test_an_erasure_comes_with_a_receipt_that_names_every_place(served: Program) -> None:
    flagship, lounge = box(served, "flagship"), box(served, "lounge")
    journal, customer = chen(Journal(flagship.venue)), f"chen@{flagship.venue}"
    async with await greeted(flagship, journal) as ours, await greeted(lounge, Journal(lounge.venue)) as theirs:
        await ours.send(flagship.keys_of(journal, "chen"))
        await ours.upload(journal)
        while not theirs.says(customer):
            await theirs.next()
        erasure = journal.erase("chen")
        await ours.upload(journal, after=3)
        while theirs.ended.get(customer) != "erase":
            await theirs.next()
        assert (await places(served, erasure))[lounge.venue]["done_at"] is None
        await theirs.send({"type": "applied", "feed": "urgent", "number": theirs.cursors["urgent"]["number"]})
        await theirs.settle()
        told = await places(served, erasure)
        assert told[lounge.venue]["done_at"]
        assert told[flagship.venue]["done_at"]
        assert told["hub"]["done_at"]


async def places(program: Program, erasure: str) -> dict[str, Any]:
    done = await asyncio.to_thread(program.command, "receipt", erasure)
    assert done.code == 0, done
    return {each["place"]: each for each in json.loads(done.out)["places"]}


async def test_who_comes_back_goes_on_from_its_numbers_and_a_new_box_takes_a_snapshot(served: Program) -> None:
    flagship, lounge = box(served, "flagship"), box(served, "lounge")
    journal, other = chen(Journal(flagship.venue)), Journal(lounge.venue)
    customer = f"chen@{flagship.venue}"
    async with await greeted(flagship, journal) as ours:
        await ours.send(flagship.keys_of(journal, "chen"))
        await ours.upload(journal)
        async with await greeted(lounge, other) as theirs:
            assert {message["type"] for message in theirs.seen} >= {"snapshot", "keys"}
            assert theirs.says(customer) == ["still water"]
            cursors = theirs.cursors
            assert set(cursors) == {"urgent", "house", "brand/aurelia"}
        journal.prefers("chen", "tea")
        await ours.upload(journal, after=3)
        async with await lounge.link() as theirs:
            theirs.cursors = dict(cursors)
            await theirs.greet(other, cursors)
            await theirs.settle()
            assert {m["type"] for m in theirs.seen} <= {"welcome", "news", "tick"}
            assert theirs.says(customer) == ["tea"]
        async with await lounge.link() as theirs:
            await theirs.greet(other, {**cursors, "brand/aurelia": {"number": 1, "hash": "00" * 32}})
            await theirs.settle()
            assert theirs.says(customer) == ["still water", "tea"]


async def test_a_row_that_is_not_its_hash_stores_nothing_and_is_told(served: Program) -> None:
    flagship = box(served, "flagship")
    journal = chen(Journal(flagship.venue))
    async with await greeted(flagship, journal) as link:
        batch = journal.batch(0)
        batch["rows"] = [batch["rows"][0], {**batch["rows"][1], "sealed": batch["rows"][2]["sealed"]}, batch["rows"][2]]
        await link.send(batch)
        problem = await link.until("problem")
        assert problem["problem"]["type"] == "urn:moments:problem:chain"
        assert (problem["status"], problem["position"]) == (422, 2)
        assert await link.closed() == 4400
    async with await flagship.link() as link:
        welcome = await link.greet(journal)
        assert welcome["have"] is None
        told = await link.until("told")
        assert (told["code"], bool(told["over"])) == ("chain", True)
        assert "its hash is not its content's" in told["words"]["en"]
        assert (await link.upload(journal))["stored"] == 3


async def test_a_box_that_was_put_back_is_a_fork_and_begins_a_new_epoch(served: Program) -> None:
    flagship = box(served, "flagship")
    journal, copy = chen(Journal(flagship.venue)), Journal(flagship.venue)
    copy.rows, copy.dark = journal.rows[:2], journal.dark[:2]
    copy.prefers("chen", "another life")
    async with await greeted(flagship, journal) as link:
        await link.upload(journal)
    async with await flagship.link() as link:
        await link.send(flagship.hello(copy))
        problem = await link.until("problem")
        assert problem["problem"]["type"] == "urn:moments:problem:fork"
        assert problem["problem"]["have"] == {"epoch": 1, "position": 3, "hash": journal.hash.hex()}
        assert await link.closed() == 4400
    after = Journal(flagship.venue, 2, parent=copy.hash)
    after.enrol("li")
    async with await flagship.link() as link:
        assert (await link.greet(after))["have"] is None
        assert (await link.upload(after))["stored"] == 1
        assert "fork" in {message.get("code") for message in link.seen}


async def test_a_box_that_lost_rows_asks_for_its_own(served: Program) -> None:
    flagship = box(served, "flagship")
    journal = chen(Journal(flagship.venue))
    async with await greeted(flagship, journal) as link:
        await link.upload(journal)
    lost = Journal(flagship.venue)
    lost.rows = journal.rows[:1]
    async with await flagship.link() as link:
        assert (await link.greet(lost))["have"]["position"] == 3
        await link.send({"type": "want", "rows": {"epoch": 1, "after": 1}})
        back = await link.until("events")
        assert back["rows"] == journal.rows[1:]
        assert (back["before"], back["backlog"]) == (journal.hash_at(1).hex(), 0)


async def test_rows_with_a_hole_are_sent_again_from_there(served: Program) -> None:
    flagship = box(served, "flagship")
    journal = chen(Journal(flagship.venue))
    async with await greeted(flagship, journal) as link:
        await link.send(journal.batch(1))
        problem = await link.until("problem")
        assert problem["code"] == "hole"
        assert problem["have"]["position"] == 0


async def test_a_clock_a_year_ahead_is_told_and_its_rows_are_taken(served: Program) -> None:
    flagship = box(served, "flagship")
    journal = Journal(flagship.venue)
    journal.ahead_s = 365 * 86_400
    chen(journal)
    async with await flagship.link() as link:
        welcome = await link.greet(journal, clock=time.time() + journal.ahead_s)
        assert welcome["skew_s"] > 31_000_000
        told = await link.until("told")
        assert told["code"] == "clock-ahead"
        assert told["over"] is None
        assert set(told["words"]) == {"zh-CN", "en"}
        ack = await link.upload(journal)
        assert ack["stored"] == 3
        assert len(ack["effective"]) == 3
        assert int(ack["effective"][0][1], 16) >> 16 < (time.time() + 301) * 1000
    async with await flagship.link() as link:
        await link.greet(journal)
        told = await link.until("told")
        assert told["code"] == "clock-ahead"
        assert told["over"]


async def test_rows_from_ahead_of_a_clock_that_seems_right_are_told_too(served: Program) -> None:
    flagship = box(served, "flagship")
    journal = chen(Journal(flagship.venue))
    async with await greeted(flagship, journal) as link:
        await link.upload(journal)
        journal.ahead_s = 86_400
        journal.prefers("chen", "tea")
        assert (await link.upload(journal, after=3))["stored"] == 1
        assert (await link.until("told"))["over"] is None
        journal.ahead_s = 0
        journal.prefers("chen", "coffee")
        await link.upload(journal, after=4)
        assert (await link.until("told"))["over"]


async def test_an_invitation_that_is_not_good_says_why(served: Program) -> None:
    stranger = Box(served.url, f"lounge-{secrets.token_hex(3)}")
    code = served.invite(stranger.venue)
    forged = {**stranger.joining(code), "proof": "00" * 32}
    with pytest.raises(Refused) as refused:
        post(f"{served.url}/hub/v1/join", forged)
    assert (refused.value.status, refused.value.code) == (403, "invitation")
    assert "not proved" in refused.value.body["detail"]
    stranger.join(code)
    with pytest.raises(Refused, match="used already"):
        Box(served.url, stranger.venue).join(code)
    with pytest.raises(Refused, match="none of this hub"):
        post(f"{served.url}/hub/v1/join", {**stranger.joining(code), "invitation": "00" * 8})


async def test_five_wrong_invitations_a_minute_are_enough(tmp_path: Path) -> None:
    with hub(tmp_path) as program:
        stranger = Box(program.url, "lounge")
        wrong = {**stranger.joining(program.invite("lounge")), "invitation": "00" * 8}
        for _ in range(5):
            with pytest.raises(Refused, match="none of this hub"):
                post(f"{program.url}/hub/v1/join", wrong)
        with pytest.raises(Refused, match="five times within a minute"):
            stranger.join(program.invite("lounge"))


async def test_of_two_boxes_with_one_key_the_first_stays(served: Program) -> None:
    first = box(served, "flagship")
    journal = chen(Journal(first.venue))
    async with await greeted(first, journal) as link:
        clone = Box(served.url, first.venue)
        clone.sign, clone.open, clone.box, clone.hub = first.sign, first.open, first.box, first.hub
        with pytest.raises(Refused) as refused:
            clone.sign_in()
        assert (refused.value.status, refused.value.code) == (409, "box-twice")
        assert (await link.upload(journal))["stored"] == 3
    await asyncio.sleep(0.3)
    clone.sign_in()


async def test_a_revoked_box_is_cut_off_at_once_and_stays_out(served: Program) -> None:
    flagship = box(served, "flagship")
    async with await greeted(flagship, Journal(flagship.venue)) as link:
        assert (await asyncio.to_thread(served.command, "revoke", flagship.box)).code == 0
        assert await link.closed() == 4401
        assert link.seen[-1]["problem"]["type"] == "urn:moments:problem:box-revoked"
    with pytest.raises(Refused) as refused:
        flagship.sign_in()
    assert (refused.value.status, refused.value.code) == (403, "box-revoked")
    with pytest.raises(InvalidStatus) as turned_away:
        await flagship.link()
    assert turned_away.value.response.status_code == 401


async def test_where_sockets_are_cut_the_same_goes_by_exchanges(served: Program) -> None:
    flagship, lounge = box(served, "flagship"), box(served, "lounge")
    journal, other = chen(Journal(flagship.venue)), Journal(lounge.venue)
    answers = await asyncio.to_thread(flagship.exchange, [flagship.hello(journal), flagship.keys_of(journal, "chen")])
    assert answers[0]["type"] == "welcome"
    assert {message["type"] for message in answers[1:]} <= {"snapshot", "keys"}
    (ack,) = [m for m in await asyncio.to_thread(flagship.exchange, [journal.batch(0)]) if m["type"] == "ack"]
    assert ack["stored"] == 3
    reader = Link(lounge, None)  # type: ignore[arg-type]
    for message in await asyncio.to_thread(lounge.exchange, [lounge.hello(other)]):
        reader._fold(message)
    assert reader.says(f"chen@{flagship.venue}") == ["still water"]
    await asyncio.to_thread(lounge.exchange, [])
    waiting = asyncio.create_task(asyncio.to_thread(lounge.exchange, [], 25))
    await asyncio.sleep(0.5)
    journal.prefers("chen", "tea")
    await asyncio.to_thread(flagship.exchange, [journal.batch(3)])
    async with asyncio.timeout(40):
        for message in await waiting:
            reader._fold(message)
    assert reader.says(f"chen@{flagship.venue}") == ["still water", "tea"]
    problems = await asyncio.to_thread(flagship.exchange, [journal.batch(9_999 % 4), {"type": "events"}])
    assert problems[-1]["problem"]["type"] == "urn:moments:problem:message"
    again = await asyncio.to_thread(flagship.exchange, [journal.batch(0)])
    assert "hello" in again[-1]["detail"], "after a problem a talk begins anew"


async def test_names_are_in_no_file_of_a_hub_that_may_not_open_them(tmp_path: Path) -> None:
    with hub(tmp_path) as program:
        flagship = box(program, "flagship")
        journal = Journal(flagship.venue)
        for number in range(50):
            journal.write("customer.enrolled", f"planted-{number}", {"name": f"Planted Name {number}"}, dark=True)
        async with await greeted(flagship, journal) as link:
            assert (await link.upload(journal))["stored"] == 50
        assert program.stop() == [0]
        for file in tmp_path.rglob("*"):
            assert not file.is_file() or b"lanted" not in file.read_bytes(), file


async def test_what_is_unknown_is_ignored_or_passed_on_untouched(served: Program) -> None:
    flagship, lounge = box(served, "flagship"), box(served, "lounge")
    journal = chen(Journal(flagship.venue))
    journal.write("hat.lost", "chen", {"hat": "grey", "of": [1, None]})
    async with await greeted(flagship, journal, hats=7) as ours, await greeted(lounge, Journal(lounge.venue)) as theirs:
        await ours.send({"type": "weather", "of": "tomorrow"}, flagship.keys_of(journal, "chen"))
        await ours.upload(journal)
        while f"chen@{flagship.venue}" not in theirs.known:
            await theirs.next()
        rows = theirs.known[f"chen@{flagship.venue}"]
        assert rows == journal.rows
        assert lounge.read(f"chen@{flagship.venue}", rows[-1]) == {"hat": "grey", "of": [1, None]}


@pytest.mark.parametrize(
    ("message", "code", "close"),
    [
        ({"type": "events"}, "message", 4400),
        ({"type": "hello", "speaks": [1]}, "not-yours", 4400),
        ("text", "message", 4400),
        ([], "message", 4400),
        (None, "message", 4400),
    ],
)
async def test_what_cannot_be_understood_is_said(served: Program, message: object, code: str, close: int) -> None:
    flagship = box(served, "flagship")
    async with await flagship.link() as link:
        await link.socket.send("{" if message is None else json.dumps(message))
        assert (await link.until("problem"))["code"] == code
        assert await link.closed() == close


async def test_versions_feeds_and_rows_that_are_not_theirs_are_refused(served: Program) -> None:
    flagship = box(served, "flagship")
    journal = Journal(flagship.venue)
    for hello, code, close in (
        (flagship.hello(journal, speaks=[2]), "too-old", 4426),
        (flagship.hello(journal, {"brand/other": {"number": 1, "hash": "00" * 32}}), "not-yours", 4400),
        (flagship.hello(journal, venue="another"), "not-yours", 4400),
    ):
        async with await flagship.link() as link:
            await link.send(hello)
            assert (await link.until("problem"))["code"] == code
            assert await link.closed() == close
    foreign = Journal("somebody-elses")
    foreign.enrol("chen")
    async with await greeted(flagship, journal) as link:
        await link.send({**foreign.batch(0), "epoch": 1})
        assert (await link.until("problem"))["code"] == "not-yours"


async def test_without_a_session_no_door_opens(served: Program) -> None:
    nobody = Box(served.url, "nobody")
    nobody.box, nobody.hub, nobody.token = "no-such-box", "maison", "no-such-token"
    assert post(f"{served.url}/hub/v1/challenge", {"box": "no-such-box"})["expires_in"] == 60
    for attempt in (nobody.sign_in, lambda: nobody.exchange([])):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.status == 401
    with pytest.raises(InvalidStatus) as turned_away:
        await nobody.link()
    assert turned_away.value.response.status_code == 401
    for body in ("[", "7", "null", '{"box": 5}', "[" * 100_000):
        request = urllib.request.Request(f"{served.url}/hub/v1/challenge", body.encode())
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(request, timeout=40)
        assert answer.value.code == 400
        assert json.load(answer.value)["type"] == "urn:moments:problem:message"


async def test_health_and_metrics_say_how_it_does(served: Program) -> None:
    flagship = box(served, "flagship")
    journal = chen(Journal(flagship.venue))
    async with await greeted(flagship, journal) as link:
        await link.upload(journal)
        found = health(served.url)
        assert (found["status"], found["store"]) == ("ok", "ok")
        assert found["venues"]["connected"] >= 1
    with urllib.request.urlopen(f"{served.url}/metrics", timeout=40) as answer:
        text = answer.read().decode()
    assert 'moments_hub_events_total{kind="live"}' in text
    assert "chen" not in text


async def test_over_tls_it_shows_the_certificate_of_its_settings(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    paper = authority.vouch("hub")
    tls = f'tls = {{ cert = "{paper.cert}", key = "{paper.key}" }}\nhosts = ["hub.example.com"]'
    with hub(tmp_path, more=tls, ca=authority.file) as program:
        assert (await asyncio.to_thread(health, program.url, authority.file))["status"] == "ok"
        request = urllib.request.Request(f"{program.url}/hub/v1/health", headers={"Host": "elsewhere.example.com"})
        trust = ssl.create_default_context(cafile=str(authority.file))
        with pytest.raises(urllib.error.HTTPError) as refused:
            await asyncio.to_thread(urllib.request.urlopen, request, timeout=40, context=trust)
        assert refused.value.code == 400


# --- several processes, and their end ---------------------------------------------------------------------------------


async def test_several_processes_over_one_store_are_one_hub(tmp_path: Path, cluster: Cluster) -> None:
    with hub(tmp_path, cluster.database()) as program:
        second = program.start(free_port())
        flagship = box(program, "flagship")
        lounge = box(program, "lounge", url=second)
        journal, other = chen(Journal(flagship.venue)), Journal(lounge.venue)
        customer = f"chen@{flagship.venue}"
        async with await greeted(flagship, journal) as ours, await greeted(lounge, other) as theirs:
            await ours.send(flagship.keys_of(journal, "chen"))
            await ours.upload(journal)
            while not theirs.says(customer):
                await theirs.next()
        answers = await asyncio.to_thread(lounge.exchange, [lounge.hello(other)])
        assert answers[0]["type"] == "welcome"
        journal.prefers("chen", "tea")
        await asyncio.to_thread(flagship.exchange, [flagship.hello(journal), journal.batch(3)], 0, second)
        found = await asyncio.to_thread(lounge.exchange, [], 10, program.url)
        assert found, "the other process goes on where the first one was"
        assert found[-1]["items"][-1]["row"] == journal.rows[-1]
        async with asyncio.timeout(40):
            while health(second)["feeds"] != health(program.url)["feeds"]:
                await asyncio.sleep(0.1)
        assert await asyncio.to_thread(program.stop) == [0, 0]


async def test_a_hub_that_is_killed_has_all_that_it_acknowledged(tmp_path: Path) -> None:
    with hub(tmp_path) as program:
        flagship = box(program, "flagship")
        journal = Journal(flagship.venue)
        for number in range(400):
            journal.prefers("chen", str(number))
        acknowledged = 0
        for _ in range(3):
            async with await greeted(flagship, journal) as link:
                acknowledged = (await link.upload(journal, acknowledged, acknowledged + 100))["position"]
                await link.send(journal.batch(acknowledged, acknowledged + 100))
                program.stop(signal.SIGKILL)
            program.start()
            async with await flagship.link() as link:
                have = (await link.greet(journal))["have"]
                assert have["position"] in (acknowledged, acknowledged + 100)
                assert have["hash"] == journal.hash_at(have["position"]).hex()
                acknowledged = have["position"]
        async with await greeted(flagship, journal) as link:
            assert (await link.upload(journal, acknowledged))["hash"] == journal.hash.hex()


async def test_two_processes_over_one_file_are_refused_in_words(tmp_path: Path) -> None:
    with hub(tmp_path) as program:
        done = run("hub", "--config", program.config, "--data", program.data, "--listen", f"127.0.0.1:{free_port()}")
        assert done.code == 1
        assert "several processes need PostgreSQL" in done.err
