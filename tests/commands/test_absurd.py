"""What no command can mean: bombs, brackets and numbers without end are refused in words, and never a traceback."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.program import Ended, run

HEAD = b'{"recording": "x", "zones": ["bar"], "readers": {"r": "bar"}}\n'
READ = b'{"t": 1.0, "reader": "r", "id": "a"}\n'


def in_words(done: Ended, code: int, *words: str) -> None:
    """How the command ended, and that it said why."""
    assert done.code == code, done
    assert "Traceback" not in done.err
    assert len(done.err) < 2_000
    assert all(each in done.err for each in words), done


@pytest.mark.parametrize("command", ["replay", "score"])
@pytest.mark.parametrize("filling", [b"\n", b" ", b"x", READ], ids=["line ends", "blanks", "one line", "the same read"])
def test_a_recording_that_is_a_bomb_is_refused(tmp_path: Path, command: str, filling: bytes) -> None:
    file, chunk = tmp_path / "bomb.jsonl.gz", filling * (1_000_000 // len(filling))
    with gzip.open(file, "wb", compresslevel=9) as out:
        out.write(HEAD)
        for _ in range(20):
            out.write(chunk)
    in_words(run(command, file), 1, "bomb.jsonl.gz, line ")


def test_a_recording_of_brackets_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "deep.jsonl"
    for line in (b"[" * 100_000, b'{"t": 1' + b"0" * 10_000 + b"}"):
        file.write_bytes(HEAD + line)
        in_words(run("replay", file), 1, "deep.jsonl, line 2")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("[" * 20_000, "nested too deeply"),
        ('{"baud":' * 5_000, "nested too deeply"),
        ('{"baud": 1' + "0" * 10_000 + "}", "a number too large"),
        ('{"baud": NaN}', "NaN"),
        ('{"baud": 1}', "--settings: baud: "),
        ('{"speed": 1}', "--settings: speed: "),
        ("[]", "not an object"),
    ],
)
def test_settings_that_are_none_are_refused(settings: str, words: str) -> None:
    in_words(run("decode", "--driver", "m100", "--settings", settings), 2, "--settings: ", words)


@pytest.mark.parametrize(
    ("command", "seconds"),
    [("check", "1e999"), ("check", "nan"), ("walk-test", "-1"), ("record", "9" * 5_000), ("record", "1e300")],
)
def test_a_time_that_nobody_waits_is_refused(tmp_path: Path, command: str, seconds: str) -> None:
    out: list[str | Path] = ["--out", tmp_path / "x.jsonl"] if command == "record" else []
    done = run(command, "--config", tmp_path / "venue.toml", *out, "--seconds", seconds)
    in_words(done, 2, "--seconds") if len(seconds) < 100 else in_words(Ended(done.code, done.out, done.err[:100]), 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = [" + "[" * 20_000, "hundreds deep"),
        ("wall_db = 1" + "0" * 5_000, "wall_db"),
        ("wall_db = 1e300", "wall_db"),
    ],
)
def test_a_scenario_that_is_none_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "scenario.toml"
    rest = '[[rooms]]\nid="a"\nbox=[0,0,1,1]\n[[readers]]\nid="r"\nat=[0,0,0]\n[[people]]\n[[people.path]]\nto=[0,0]\n'
    file.write_text(f"{text}\n{rest}")
    in_words(run("simulate", file, "--out", tmp_path / "x.jsonl"), 2, words)


@pytest.mark.parametrize("name", ["\u200b", "\u3000", "Jos\ufffd", "x" * 201])
def test_a_name_that_no_door_takes_is_refused_at_the_prompt(tmp_path: Path, name: str) -> None:
    done = run("staff", "add", "anna", "--role", "floor", "--name", name, "--data", tmp_path / "data")
    in_words(done, 2, "--name: ")
    assert not (tmp_path / "data").exists()
    in_words(run("tablet", "pair", name, "--data", tmp_path / "data"), 2, "NAME: ")


def test_a_name_is_kept_as_at_any_door(tmp_path: Path) -> None:
    name = " Jose\u0301\u200b "
    done = run("staff", "add", "jose\u0301", "--role", "floor", "--name", name, "--data", tmp_path / "data")
    assert done.code == 0, done
    assert done.out.startswith("José: PIN ")
