"""What to do about each reason that a reader gives, in the words of both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.operations.remedies import KINDS, WORDS, host_of, of_hearing, of_reason
from gateway.operations.toolbox import advice
from reader_drivers import link_faults
from reader_drivers.legibility import GARBLED
from reader_drivers.rfid import llrp, llrp_conversation, thingmagic_conversation

ENGLISH = Path(__file__).parents[2] / "staff_console" / "src" / "lib" / "i18n" / "en.json"


@pytest.mark.parametrize(("over", "link", "reason", "kind"), [
    ("serial", "/dev/a", GARBLED, "baud"),
    ("serial", "/dev/a", "/dev/a was unplugged", "unplugged"),
    ("serial", "/dev/a", "the reader does not answer: is it on, is it an M100, is its baud rate right?", "silent"),
    ("serial", "/dev/a", "the reader stopped answering", "silent"),
    ("serial", "socket://10.0.0.7:4001", "connection refused by socket://10.0.0.7:4001", "refused"),
    ("serial", "socket://10.0.0.7:4001", "socket://10.0.0.7:4001 does not answer", "unreachable"),
    ("tcp", "10.0.0.7", "10.0.0.7 does not answer", "unreachable"),
    ("tcp", "10.0.0.7", "no way to 10.0.0.7", "unreachable"),
    ("tcp", "gate", "no such host: gate", "unreachable"),
    ("tcp", "10.0.0.7", llrp.NO_LLRP.format(what=" (HTTP)", port=5084), "not_llrp"),
    ("tcp", "10.0.0.7", "nothing from the reader for 15 s, not even a keep-alive", "silent"),
    ("mqtt", "espresense", "connection refused by mqtt://127.0.0.1:1883", "broker_down"),
    ("mqtt", "espresense", "mosquitto is missing: sudo apt-get install mosquitto", "mosquitto"),
    ("mqtt", "espresense", "no node has spoken yet", "no_message"),
    ("mqtt", "espresense", "foyer is offline", "room"),
    ("mqtt", "espresense", "nothing from foyer for 90 s", "room"),
    ("serial", "/dev/a", thingmagic_conversation.FAULTS[0x0405], "region"),
    ("serial", "/dev/a", thingmagic_conversation.FAULTS[0x0503], "antenna"),
    *(("tcp", "10.0.0.7", words, "other_client") for words in llrp_conversation.REFUSED.values()),
])  # fmt: skip
def test_a_reason_comes_to_something_to_do(over: str, link: str, reason: str, kind: str) -> None:
    (remedy,) = of_reason(over, link, reason)
    assert remedy.kind == kind
    assert "{" not in str(remedy)


def test_every_word_of_the_operating_system_is_answered_or_says_it_itself() -> None:
    itself = {
        "no such device",
        "permission denied",
        "is in use",
        "is a folder",
        "is not a serial",
        "no device",
        "too many",
    }
    for words in link_faults.WORDS.values():
        reason = words.format(link="10.0.0.7:4001")
        assert of_reason("tcp", "10.0.0.7:4001", reason) or any(each in reason for each in itself), reason


def test_a_port_that_another_program_has_open_is_no_reader_with_another_client() -> None:
    assert of_reason("serial", "/dev/a", "/dev/a is in use by another program") == []


def test_a_reader_that_is_well_needs_nothing_done() -> None:
    assert advice("tcp", "10.0.0.7", None) == []


def test_what_linux_says_of_a_port_is_enough(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    assert [each.kind for each in advice("serial", gone, f"no such device: {gone}")][:1] in (
        ["missing"],
        ["none_plugged"],
    )
    assert not {"unplugged", "silent"} & {each.kind for each in advice("serial", gone, f"{gone} was unplugged")}


@pytest.mark.parametrize(("link", "host"), [
    ("socket://10.0.0.7:4001", "10.0.0.7"), ("10.0.0.7", "10.0.0.7"), ("gate.local:5084", "gate.local"),
    ("rfc2217://[fe80::1]:4001", "fe80::1"), ("mqtts://user@host:8883/x", "host"),
])  # fmt: skip
def test_the_host_to_ping_is_found(link: str, host: str) -> None:
    assert host_of(link) == host


@pytest.mark.parametrize(("changed", "drift", "said"), [
    (None, None, []), (-11.6, None, ["it hears -12 dB against what it did"]),
    (None, 7.2, ["it hears +7 dB against what it used to"]), (9.0, -8.0, ["it hears +9 dB against what it did"]),
])  # fmt: skip
def test_a_reader_that_hears_otherwise_is_looked_at(
    changed: float | None, drift: float | None, said: list[str]
) -> None:
    assert [str(each).partition(":")[0] for each in of_hearing(changed, drift)] == said


def test_the_console_says_every_remedy_and_no_other() -> None:
    english = json.loads(ENGLISH.read_text("utf-8"))  # that Chinese has the same keys is a test of the console's own
    said = {key.removeprefix("remedy."): text for key, text in english.items() if key.startswith("remedy.")}
    assert said == WORDS


def test_every_kind_has_words() -> None:
    assert {kind for kind, _ in KINDS} <= set(WORDS)
