"""Numbers that no venue means, and files that others may read: told by the key, before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.settings.venue import BadConfig, load
from tests.certificates import Authority
from tests.program import run
from tests.settings.test_venue import VENUE

HUGE = [
    "1" + "0" * 30,
    "9" * 5_000,
    "0x" + "f" * 5_000,
    "-" + "9" * 25,
    "9223372036854775807",
    "1e300",
    "1_000" + "_000" * 2_000,
]
KEYS = [
    ("console", "session_idle_minutes"), ("console", "session_hours"), ("alerts", "hand_over_s"),
    ("alerts", "per_customer_minutes"), ("alerts", "per_person_per_hour"), ("presence", "reentry_minutes"),
    ("presence", "linger_s"), ("retention", "visits_days"),
]  # fmt: skip


def written(table: str, key: str, value: str) -> str:
    """The good file with one more key."""
    line = f"{key} = {value}\n"
    if f"[{table}]\n" in VENUE:
        return VENUE.replace(f"[{table}]\n", f"[{table}]\n{line}")
    return f"{VENUE}\n[{table}]\n{line}"


@pytest.mark.parametrize("value", HUGE)
@pytest.mark.parametrize(("table", "key"), KEYS)
def test_a_huge_number_is_told_with_its_key(tmp_path: Path, table: str, key: str, value: str) -> None:
    file = tmp_path / "venue.toml"
    file.write_text(written(table, key, value))
    with pytest.raises(BadConfig) as bad:
        load(file)
    assert all(f"{table}.{key}" in each for each in bad.value.mistakes)
    assert len(str(bad.value)) < 400


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("escalate_after_s = [8, 15]", "escalate_after_s = [8, 1{}]", "alerts.escalate_after_s"),
        ("antennas = { 1 =", "antennas = {{ 1{} =", "readers[door].antennas"),
        ('role = "inner"\n', 'role = "inner"\nsettings = {{ power_dbm = 1{} }}\n', "power_dbm"),
        ('id = "counter"', "id = 1{}", "id"),
        ('kind = "store"', 'kind = "store"\nfloor = 1{}', "venue.floor"),
        ("[alerts]", '[[moments]]\nkind = "waiting"\nafter_minutes = 1{}\n[alerts]', "after_minutes"),
        ("[alerts]", '[[moments]]\nkind = "birthday"\ndays = 1{}\n[alerts]', "days"),
    ],
)
@pytest.mark.parametrize("digits", [30, 5_000])
def test_wherever_it_stands(tmp_path: Path, old: str, new: str, key: str, digits: int) -> None:
    file = tmp_path / "venue.toml"
    file.write_text(VENUE.replace(old, new.format("0" * digits)))
    with pytest.raises(BadConfig) as bad:
        load(file)
    assert key in str(bad.value)
    assert len(str(bad.value)) < 1_500


def test_serving_with_one_ends_with_2_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "venue.toml"
    for value in (HUGE[0], HUGE[1]):
        file.write_text(written("retention", "visits_days", value))
        done = run("serve", "--config", file, "--data", tmp_path / "data")
        assert (done.code, "retention.visits_days" in done.err, "Traceback" in done.err) == (2, True, False), done
    assert not (tmp_path / "data").exists()


def test_a_file_of_brackets_is_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "venue.toml"
    for deep in ("x = " + "[" * 20_000, "x = " + "{a=" * 20_000, "[" + "a." * 20_000 + "a]"):
        file.write_text(f"{VENUE}\n{deep}")
        with pytest.raises(BadConfig):
            load(file)


# --- keys that others may read ---------------------------------------------------------------------------------------


def secured(folder: Path, **console: Any) -> Path:
    """A venue with a certificate of its own; its file."""
    paper = Authority(folder).vouch("gateway")
    file = folder / "venue.toml"
    tls = f'tls = {{ cert = "{paper.cert.name}", key = "{paper.key.name}" }}\n'
    file.write_text(VENUE.replace("[console]\n", f"[console]\n{tls}"))
    return file


MODES = [(0o644, 0o600), (0o666, 0o600), (0o604, 0o600), (0o600, 0o600), (0o400, 0o400)]


@pytest.mark.parametrize(("mode", "after"), MODES)
def test_a_key_that_everybody_may_read_is_closed_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, after: int
) -> None:
    file, key = secured(tmp_path), tmp_path / "gateway.key"
    key.chmod(mode)
    load(file)
    assert key.stat().st_mode & 0o777 == after
    said = [each.getMessage() for each in caplog.records]
    assert bool(said) == (mode != after)
    for each in said:
        assert "console.tls.key: everybody on this machine could read" in each
        assert f"mode {mode:04o}" in each
        assert str(key) in each


@pytest.mark.parametrize("mode", [0o640, 0o660, 0o440])
def test_a_key_that_a_group_may_read_is_refused_unless_systemd_gives_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    file, key = secured(tmp_path), tmp_path / "gateway.key"
    key.chmod(mode)
    with pytest.raises(BadConfig) as bad:
        load(file)
    assert 'console.tls.key = "' in str(bad.value)
    assert f"its group may read it (mode {mode:04o})" in str(bad.value)  # a long path is shown by its beginning
    assert f"sudo chmod 0600 {key}" in str(bad.value)
    assert key.stat().st_mode & 0o777 == mode, "a group may be meant: it is not ours to take"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    load(file)


def test_a_key_of_somebody_else_that_everybody_may_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, key = secured(tmp_path), tmp_path / "gateway.key"
    key.chmod(0o644)
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    with pytest.raises(BadConfig) as bad:
        load(file)
    assert "console.tls.key" in str(bad.value)
    assert f"sudo chmod 0600 {key}" in str(bad.value)


def test_phones_keys_that_everybody_may_read_are_closed_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = tmp_path / "keys"
    keys.write_text("anna/phone secret\n")
    keys.chmod(0o644)
    phones = 'driver = "espresense"\nlink = "espresense"\nrole = "zone"\nrooms = { foyer = "entrance" }\n'
    tracked = 'driver = "owntracks"\nlink = "owntracks"\nrole = "zone"\nzone = "entrance"\n'
    tracked += f'settings = {{ key_file = "{keys}" }}\n'
    (tmp_path / "venue.toml").write_text(VENUE.replace(phones, tracked))
    load(tmp_path / "venue.toml")
    assert keys.stat().st_mode & 0o777 == 0o600
    assert "readers[phones].settings.key_file" in caplog.text
