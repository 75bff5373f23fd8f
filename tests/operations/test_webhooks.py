"""Webhooks: what another program is sent, signed, in order and each once where all goes well, and again where not."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.console.live import Live
from gateway.events.event import Event
from gateway.operations import webhooks
from gateway.operations.webhooks import Cursor, Hook, check, key, signed
from gateway.settings.venue import Webhook
from tests.operations.receiver import Receiver
from tests.operations.venue import VenueWith
from tests.ports import free_port
from tests.reader_drivers.readers import until
from tests.story.settings import COUNTER
from tests.story.venue import guest

SECRET = "a secret that is long enough"


class Line:
    """The venue's events: what the live socket would give to who comes back."""

    def __init__(self, first: int = 0) -> None:
        self.events: list[dict[str, Any]] = []
        self.sequence = first
        self.oldest = first

    def happen(self, what: str = "visit.arrived", /, **data: Any) -> int:
        self.sequence += 1
        self.events.append({
            "specversion": "1.0", "id": f"id-{self.sequence}", "source": "/venues/test", "type": what,
            "subject": "guest-1", "time": "2026-11-22T10:00:00.000Z", "sequence": self.sequence, "data": data,
        })  # fmt: skip
        return self.sequence

    def missed(self, since: int) -> list[dict[str, Any]] | None:
        if since > self.sequence or since < self.oldest:
            return None
        return [each for each in self.events if each["sequence"] > since]


@asynccontextmanager
async def hook(
    url: str, folder: Path, line: Line, *, tell: Callable[[str], None] = lambda _: None, **more: Any
) -> AsyncIterator[Hook]:
    config = Webhook.model_validate({"name": "crm", "url": url, **more})
    one = Hook(config, SECRET, folder, line.missed, line.sequence, now=time.time, tell=tell)
    task = asyncio.create_task(one.run(lambda: line.sequence))
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (fault := task.exception()):
            raise fault


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("LOOK_EVERY", 0.01), ("FIRST_WAIT", 0.02), ("LONGEST_WAIT", 0.1)):
        monkeypatch.setattr(webhooks, name, seconds)


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_an_event_is_signed_as_the_standard_says() -> None:
    # The sample of the Standard Webhooks specification.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    headers = signed(key(secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert key("whsec_not base64!") == b"whsec_not base64!"
    assert key(base64.b64encode(b"x").decode()) == base64.b64encode(b"x")


async def test_events_that_were_asked_for_come_in_order_over_one_connection(tmp_path: Path) -> None:
    line = Line(first=40)
    line.happen("visit.arrived", visit="v")  # before the hook was: history
    with Receiver(SECRET.encode()) as receiver:
        async with hook(receiver.url, tmp_path, line, events=["visit.*", "alert.opened"]):
            wanted = []
            for n in range(30):
                wanted.append(line.happen("visit.moved", zone=f"z{n}"))
                line.happen("alert.closed")
                line.happen("customer.viewed")
            wanted.append(line.happen("alert.opened"))
            await until(lambda: len(receiver.events) == 31)
        assert receiver.sequences() == wanted
        assert len(receiver.connections) == 1
        assert receiver.events[3]["data"] == {"zone": "z3"}


def test_names_and_cards_stay_here_unless_they_are_asked_for() -> None:
    personal = {
        "name": "Anna", "address_as": "Frau A", "card": {"name": "Anna"}, "note": "shy", "about": {"text": "x"},
        "value": "nuts", "text": "will call", "question": "lunch?", "answer": "yes", "wishes": [], "tier": "gold",
        "language": "de", "by_name": "Li", "evidence": {"x": 1},
    }  # fmt: skip
    facts = {"visit": "v-1", "zone": "bar", "alert": "a-1", "kind": "arrival", "to": ["li"]}
    live = Live("/venues/house", build="1")
    event = Event("id-1", "alert.opened", "chen", "chen", 0.0, {**personal, **facts}, "gateway", 7)
    impersonal, whole = live.envelope(event, "program"), live.envelope(event, "service")
    assert (impersonal["data"], impersonal["subject"], impersonal["sequence"]) == (facts, "chen", 7)
    assert whole["data"] == {**personal, **facts}
    looked = Event("id-2", "customer.viewed", "chen", "chen", 0.0, {"customer": "chen", "why": "card"}, "li", 8)
    assert "data" not in live.envelope(looked, "service")


async def test_who_looked_at_whom_is_for_the_journal_alone(tmp_path: Path) -> None:
    line = Line()
    with Receiver(SECRET.encode()) as receiver:
        async with hook(receiver.url, tmp_path, line, events=["*"], personal=True):
            del line.events[line.happen("customer.viewed") - 1]["data"]  # what this receiver may not see has none
            line.happen("customer.changed")
            await until(lambda: receiver.events)
    assert [each["type"] for each in receiver.tries] == ["customer.changed"]


async def test_a_program_with_the_right_to_names_gets_them(tmp_path: Path) -> None:
    line = Line()
    with Receiver(SECRET.encode()) as receiver:
        async with hook(receiver.url, tmp_path, line, personal=True):
            line.happen(name="安娜", visit="v")
            await until(lambda: receiver.events)
    assert receiver.events[0]["data"] == {"name": "安娜", "visit": "v"}


# --- when it does not go well -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 503, 429, 404, 401, 302])
async def test_what_fails_is_tried_again_and_nothing_overtakes_it(
    tmp_path: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line()
    with Receiver(SECRET.encode()) as receiver:
        fails = iter([status] * 4)
        receiver.answer = lambda _: (next(fails, 204), {"Location": "http://127.0.0.1:1/"})
        async with hook(receiver.url, tmp_path, line) as one:
            wanted = [line.happen() for _ in range(3)]
            await until(lambda: len(receiver.events) == 3)
            await until(lambda: one.fault is None)
    assert [each["sequence"] for each in receiver.tries] == [wanted[0]] * 5 + wanted[1:]
    lost = [each for each in caplog.messages if "lost" in each]
    assert len(lost) == 1
    assert str(status) in lost[0]
    assert line.events[0]["id"] not in caplog.text


async def test_an_event_that_the_receiver_finds_wrong_does_not_block_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line()
    with Receiver(SECRET.encode()) as receiver:
        receiver.answer = lambda event: 422 if event["data"].get("zone") == "bad" else 200
        async with hook(receiver.url, tmp_path, line):
            line.happen(zone="good"), line.happen(zone="bad"), line.happen(zone="fine")
            await until(lambda: len(receiver.events) == 2)
    assert [each["data"]["zone"] for each in receiver.events] == ["good", "fine"]
    assert [each["data"]["zone"] for each in receiver.tries].count("bad") == webhooks.REFUSALS
    assert "event 2 is refused and passed over" in caplog.text


async def test_a_receiver_may_ask_for_a_pause(tmp_path: Path) -> None:
    line = Line()
    with Receiver(SECRET.encode()) as receiver:
        answers = iter([(503, {"Retry-After": "1"})])
        receiver.answer = lambda _: next(answers, 200)
        async with hook(receiver.url, tmp_path, line):
            started = time.monotonic()
            line.happen()
            await until(lambda: receiver.events)
        assert time.monotonic() - started >= 1


@pytest.mark.parametrize("asked", ["0", "00", "-1", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "0.001"])
async def test_who_asks_for_no_pause_at_all_gets_the_usual_growing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr(webhooks, "FIRST_WAIT", 0.1)
    monkeypatch.setattr(webhooks, "LONGEST_WAIT", 60.0)
    line = Line()
    with Receiver(SECRET.encode()) as receiver:
        receiver.answer = lambda _: (503, {"Retry-After": asked})
        async with hook(receiver.url, tmp_path, line):
            line.happen()
            await until(lambda: receiver.tries)
            await asyncio.sleep(1.5)  # 0.1, 0.2, 0.4, 0.8
    assert 3 <= len(receiver.tries) <= 5


def test_a_day_and_time_is_as_long_as_it_is_away() -> None:
    assert webhooks._asked("Fri, 27 Nov 2026 10:01:00 GMT", 1_795_773_630.0) == 30.0
    assert webhooks._asked("Fri, 27 Nov 2099 10:01:00 GMT", 1_795_773_630.0) == webhooks.LONGEST_ASKED


async def test_a_receiver_that_is_gone_for_good_is_sent_nothing_more_and_somebody_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line, told = Line(), list[str]()
    with Receiver(SECRET.encode()) as receiver:
        receiver.answer = lambda _: 410
        async with hook(receiver.url, tmp_path, line, tell=told.append) as one:
            line.happen()
            await until(lambda: one.ended)
            for _ in range(3):
                line.happen()
            await asyncio.sleep(0.2)
            assert one.waiting(line.sequence) == 0
        async with hook(receiver.url, tmp_path, line, tell=told.append) as one:
            line.happen()
            await asyncio.sleep(0.2)
            assert one.ended
        assert len(receiver.tries) == 1
        assert told == ["crm"]
        assert sum("410" in each for each in caplog.messages) == 1
        receiver.answer = lambda _: 200
        async with hook(receiver.url + "&new=1", tmp_path, line):
            wanted = line.happen()
            await until(lambda: receiver.sequences() == [wanted])


async def test_a_receiver_that_is_not_there_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    line, port = Line(), free_port()
    async with hook(f"http://127.0.0.1:{port}/hook", tmp_path, line) as one:
        wanted = [line.happen() for _ in range(5)]
        await until(lambda: one.fault)
        assert one.fault == "connection refused"
        with Receiver(SECRET.encode(), port) as receiver:
            await until(lambda: len(receiver.events) == 5)
            assert receiver.sequences() == wanted
            await until(lambda: one.fault is None)
    assert [each for each in caplog.messages if "lost" in each] == ["webhook crm: lost (connection refused)"]


async def test_a_receiver_that_never_ends_its_answer_holds_neither_the_loop_nor_the_hook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "PATIENCE", 0.3)
    trickling = []

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        trickling.append(await reader.readuntil(b"\r\n\r\n"))
        try:
            while True:
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.02)
        except OSError:
            writer.close()

    line = Line()
    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    longest = 0.0
    async with server:
        async with hook(f"http://127.0.0.1:{port}/", tmp_path, line) as one:
            line.happen()
            while len(trickling) < 3:
                before = time.monotonic()
                await asyncio.sleep(0.01)
                longest = max(longest, time.monotonic() - before)
            assert one.fault == "no answer within 0.3 s"
        await asyncio.sleep(0.2)  # the trickle notices that nobody drinks
    assert longest < 0.25


async def test_what_speaks_no_http_is_called_so(tmp_path: Path) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x00\x01\x02 what?\r\n\r\n")
        writer.close()

    line = Line()
    server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
    async with server, hook(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", tmp_path, line) as one:
        line.happen()
        await until(lambda: one.fault)
    assert (one.fault or "").startswith("no HTTP: ")


# --- across restarts --------------------------------------------------------------------------------------------------


async def test_after_a_restart_it_goes_on_where_it_was(tmp_path: Path) -> None:
    line = Line()
    with Receiver(SECRET.encode()) as receiver:
        async with hook(receiver.url, tmp_path, line):
            line.happen()
            await until(lambda: place(tmp_path) == 1)
        missed = [line.happen() for _ in range(4)]
        async with hook(receiver.url, tmp_path, line):
            await until(lambda: place(tmp_path) == 5)
        assert receiver.sequences() == [1, *missed]
    assert json.loads((tmp_path / "webhooks/crm.json").read_text()) == {"done": 5}, "a number, and nothing of anybody"


def place(folder: Path) -> int | None:
    """How far the hook is, as its file says."""
    return Cursor(folder, "crm").read()


async def test_what_was_not_wanted_moves_it_on_too(tmp_path: Path) -> None:
    line = Line()
    async with hook("http://127.0.0.1:9/", tmp_path, line):
        for _ in range(3):
            line.happen("reader.lost")
        await until(lambda: place(tmp_path) == 3)


@pytest.mark.parametrize("kept", [10, 900, "nonsense", None, True])
async def test_where_its_place_is_not_known_it_goes_on_from_now_and_says_so(
    tmp_path: Path, kept: Any, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "webhooks").mkdir()
    (tmp_path / "webhooks/crm.json").write_text(json.dumps({"done": kept}))
    line = Line(first=500)
    with Receiver(SECRET.encode()) as receiver:
        async with hook(receiver.url, tmp_path, line):
            if isinstance(kept, int) and not isinstance(kept, bool):
                await until(lambda: f"events after number {kept} are gone" in caplog.text)
            line.happen()
            await until(lambda: receiver.events)
    assert receiver.sequences() == [501]


async def test_who_was_erased_while_a_receiver_was_away_is_not_told_of(tmp_path: Path) -> None:
    line, port = Line(), free_port()
    async with hook(f"http://127.0.0.1:{port}/hook", tmp_path, line, personal=True) as one:
        line.happen(name="Anna", visit="v")
        await until(lambda: one.fault)
        line.events[0] = {**line.events[0], "data": {"visit": "v"}}
        with Receiver(SECRET.encode(), port) as receiver:
            await until(lambda: receiver.events)
    assert receiver.events[0]["data"] == {"visit": "v"}


def test_check_says_whether_somebody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert check(f"http://127.0.0.1:{server.getsockname()[1]}/x") is None
    assert check(f"http://127.0.0.1:{free_port()}/x") == "connection refused"


# --- from a venue -----------------------------------------------------------------------------------------------------


async def test_a_venue_tells_of_an_arrival_and_what_was_missed_follows_after_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", SECRET)
    anna, ben = guest("Anna Karenina"), guest("Ben")
    port = free_port()
    table = f'[[webhooks]]\nname = "crm"\nurl = "http://127.0.0.1:{port}/hook"\nevents = ["visit.*"]\n'
    async with VenueWith(table, tmp_path, [COUNTER]) as venue:
        await venue.staff("li", zones=["bar"])
        await venue.enrol(anna, ben)
        with Receiver(SECRET.encode(), port) as receiver:
            async with await venue.tablet("li") as tablet:
                await venue.taps(anna, tablet)
            await until(lambda: _arrivals(receiver) == [anna.id])
            assert "Karenina" not in json.dumps(receiver.tries)
            assert {each["source"] for each in receiver.events} == {"/venues/story"}
            assert {each["type"].partition(".")[0] for each in receiver.tries} == {"visit"}
            health = await venue.health()
            assert (health["status"], health["webhooks"], health["why"]) == ("ok", {"crm": "up"}, [])
        async with await venue.tablet("li") as tablet:
            await venue.taps(ben, tablet)
        health = await venue.eventually(venue.health, lambda health: health["status"] == "degraded")
        assert health["webhooks"] == {"crm": "lost"}
        assert re.fullmatch(r"webhook crm: connection refused; events wait: \d+", health["why"][0])
        metrics = (await (await venue.client("manager")).get("/metrics")).text
        assert 'moments_webhook_up{webhook="crm"} 0.0' in metrics
        assert re.search(r'moments_webhook_waiting\{webhook="crm"\} [1-9]', metrics)
        await asyncio.sleep(0.5)  # until it is on the disk
        venue.kill()
        with Receiver(SECRET.encode(), port) as receiver:
            await venue.start()
            await until(lambda: ben.id in _arrivals(receiver), within=20)
            assert anna.id not in _arrivals(receiver)
            await venue.eventually(venue.health, lambda health: health["status"] == "ok")


def _arrivals(receiver: Receiver) -> list[str]:
    return [each["subject"] for each in receiver.events if each["type"] == "visit.arrived"]


async def test_a_secret_that_is_missing_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOMENTS_WEBHOOK_SECRET_CRM", raising=False)
    table = '[[webhooks]]\nname = "crm"\nurl = "https://crm.example.com/"\n'
    venue = VenueWith(table, tmp_path, [])
    with pytest.raises(AssertionError, match="MOMENTS_WEBHOOK_SECRET_CRM or the credential 'webhook-crm'"):
        await venue.__aenter__()


# --- by hand ----------------------------------------------------------------------------------------------------------


async def test_what_waits_is_tried_at_once_when_somebody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_WAIT", "LONGEST_WAIT"):
        monkeypatch.setattr(webhooks, name, 500.0)
    line = Line()
    with Receiver(SECRET.encode()) as receiver:
        receiver.answer = lambda _: 503
        async with hook(receiver.url, tmp_path, line) as crm:
            line.happen()
            await until(lambda: crm.fault is not None)
            receiver.answer = lambda _: 204
            await asyncio.sleep(0)
            crm.at_once()
            await until(lambda: receiver.sequences() == [1])


async def test_the_last_events_are_sent_once_more_and_what_waits_is_not_forgotten(tmp_path: Path) -> None:
    line = Line(first=10)
    with Receiver(SECRET.encode()) as receiver:
        async with hook(receiver.url, tmp_path, line) as crm:
            for _ in range(5):
                line.happen()
            await until(lambda: crm.done == 15)
            assert crm.replay(3, line.sequence) == 12
            await until(lambda: len(receiver.tries) == 8)
            line.happen()
            await until(lambda: crm.done == 16)
            receiver.answer = lambda _: 503
            line.happen()
            await until(lambda: crm.fault is not None)
            assert crm.replay(0, line.sequence) == 16, "what it has not taken is not passed over"
            line.oldest = 14  # what was before is not known any more
            assert crm.replay(1000, line.sequence) in (14, 15)
        assert [each["sequence"] for each in receiver.tries][:9] == [11, 12, 13, 14, 15, 13, 14, 15, 16]
