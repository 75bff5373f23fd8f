"""A box from its carton: answers, a reader that is found and asked, and a live read, with no file opened by anybody."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from benchmarks import carton
from gateway.operations import finding
from gateway.operations.live_settings import is_ours


async def test_a_box_comes_from_its_carton_to_a_live_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "LISTENS", 0.3)  # a simulated module is quicker than a hand with a fob
    steps = [step for step, _ in await carton.unpack(tmp_path)]
    assert steps == [
        "the house is made", "the gateway serves", "the reader is found", "its first read", "a node's first read",
    ]  # fmt: skip
    text = (tmp_path / "venue.toml").read_text("utf-8")
    assert is_ours(tmp_path / "data", text)
    assert [reader["id"] for reader in tomllib.loads(text)["readers"]] == ["door", "phones"]
