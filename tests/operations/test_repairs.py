"""What is wrong is a kind that both languages have words for; certificates by their days."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.operations import own_certificate, repair_certificates, repairs
from gateway.operations.helper import WHAT
from gateway.operations.overruns import WORDS as LIMITS
from gateway.operations.overruns import Overruns
from gateway.operations.own_certificate import OwnCertificate
from gateway.operations.remedies import WORDS as STEPS
from gateway.operations.repair_words import SENTENCES, WORDS, of_sentence
from tests.console.served import config

ENGLISH = Path(__file__).parents[2] / "staff_console" / "src" / "lib" / "i18n" / "en.json"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_the_console_says_every_kind_and_no_other() -> None:
    english = json.loads(ENGLISH.read_text("utf-8"))  # that Chinese has the same keys is a test of the console's own
    for number, family in enumerate(("repair_title", "repair_costs")):
        said = {key.partition(".")[2]: text for key, text in english.items() if key.startswith(f"{family}.")}
        assert said == {kind: words[number] for kind, words in WORDS.items()}


def test_the_console_has_a_word_for_every_button() -> None:
    english = json.loads(ENGLISH.read_text("utf-8"))
    buttons = {key.partition(".")[2] for key in english if key.startswith("repair_do.")}
    assert buttons == {"connect", "copy", "send", "let_go", *(f"helper_{what}" for what in WHAT)}


def test_what_is_said_of_a_kind_has_a_step_and_facts() -> None:
    assert set(STEPS) >= repairs.STEPS
    assert {kind for kind, _ in SENTENCES if kind} <= set(WORDS)
    for kind, words in SENTENCES:
        if kind:
            holes = {hole.partition("}")[0] for text in WORDS[kind] for hole in text.split("{")[1:]}
            assert holes <= set(words.groupindex), kind


@pytest.mark.parametrize(("sentence", "kind", "facts"), [
    ("door is lost", None, {}), ("the disk of the records has 12 MB left", None, {}),
    ("the MQTT broker is lost", "broker_down", {"state": "lost"}),
    ("the MQTT broker is connected and has said nothing for 31 s", "broker_silent", {"seconds": "31"}),
    ("nothing can be written down: the disk is full", "disk_refuses", {"fault": "the disk is full"}),
    ("nothing can be written down", "disk_refuses", {"fault": "the disk fails"}),
    ("nothing has been written down for 12 s: the disk does not answer", "disk_slow", {"seconds": "12"}),
    ("/mnt/stick: no good copy for 3 d 1 h (no such folder)", "copy_old",
     {"folder": "/mnt/stick", "age": "no good copy for 3 d 1 h", "why": "no such folder"}),
    ("/mnt/a (b): no good copy", "copy_old", {"folder": "/mnt/a (b)", "age": "no good copy", "why": ""}),
    ("webhook crm: connection refused; events wait: 12", "webhook_waits",
     {"name": "crm", "why": "connection refused", "count": "12"}),
    ("webhook crm: its receiver answered 410 Gone, so it is sent nothing more", "webhook_ended", {"name": "crm"}),
    ("the clock was set back by 3 h at noon; nothing is deleted or runs out by it until it has run on",
     "clock_jumped", {"what": "the clock was set back by 3 h at noon"}),
    ("2 damaged records are set aside (visits 2): restore a backup", "records_damaged",
     {"what": "2 damaged records are set aside (visits 2): restore a backup"}),
    ("something nobody has thought of", "other", {"what": "something nobody has thought of"}),
])  # fmt: skip
def test_what_health_says_is_a_kind_with_facts(sentence: str, kind: str | None, facts: dict[str, str]) -> None:
    assert of_sentence(sentence) == ((kind, facts) if kind else None)


def test_every_limit_is_a_kind() -> None:
    reached = Overruns()
    for kind in LIMITS:
        reached.note(kind, "10.0.0.7")
    assert {(of_sentence(sentence) or ("", {}))[0] for sentence in reached.why()} == {"limit"}


# --- certificates -----------------------------------------------------------------------------------------------------

TLS = {"listen": "0.0.0.0:8443", "hosts": ["house.example"]}


def kinds(folder: Path, at: datetime, **console: object) -> list[tuple[str, str]]:
    """What is wrong with this house's certificates then, with the step against it."""
    settings = config(console={**TLS, **console})
    return [(kind, step[0]) for kind, _, step in repair_certificates.found(settings, folder, at)]


def test_the_house_s_own_certificate_runs_out_and_its_authority_after_it(tmp_path: Path) -> None:
    OwnCertificate(tmp_path, config(console=TLS)).renew(NOW)
    assert kinds(tmp_path, NOW) == []
    settings = config(console=TLS)
    file = OwnCertificate(tmp_path, settings).file
    from gateway.operations.presented import last_day

    last = last_day(file)
    assert last is not None
    assert kinds(tmp_path, last - timedelta(days=3)) == [("certificate", "own_certificate")]
    assert kinds(tmp_path, last + timedelta(days=1)) == [("certificate_over", "own_certificate")]
    late = NOW + timedelta(days=3650) - own_certificate.ENDING + timedelta(days=20)
    assert ("authority", "rotate_ca") in kinds(tmp_path, late)
    assert kinds(tmp_path, NOW, hosts=["another.example"]) == [("authority", "rotate_ca")]


def test_a_certificate_that_somebody_gave_is_renewed_by_them(tmp_path: Path) -> None:
    OwnCertificate(tmp_path, config(console=TLS)).renew(NOW)
    given = tmp_path / "given.pem"
    given.write_bytes(OwnCertificate(tmp_path, config(console=TLS)).file.read_bytes())
    tls = {"cert": str(given), "key": str(given)}
    assert kinds(tmp_path, NOW, tls=tls) == []
    ((kind, step),) = kinds(tmp_path, NOW + timedelta(days=3650), tls=tls)
    assert (kind, step) == ("certificate_over", "given_certificate")


def test_a_house_without_tls_has_none(tmp_path: Path) -> None:
    assert list(repair_certificates.found(config(), tmp_path, NOW)) == []
