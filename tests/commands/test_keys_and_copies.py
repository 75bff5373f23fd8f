"""The master key is exchanged between two copies: both come back on an empty box, with the recovery sheet."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from gateway.commands.alone import opened
from gateway.events.event import News
from gateway.events.times import now
from gateway.records import customers, receipt_keys, restoration, rotation
from gateway.records.backup import backup
from gateway.records.store import reading
from tests.commands.test_keys import enrolled
from tests.records.recovering import on_the_sheet, with_recovery


def rotate(data: Path, what: str) -> None:
    """Makes these keys anew in a folder that no gateway holds."""
    with opened(data) as alone:
        rotation.rotate(alone.store, what, lambda news: alone.record([news]), at=now())


@pytest.mark.parametrize("which", [0, 1])
def test_a_copy_of_before_and_one_of_after_both_come_back(tmp_path: Path, which: int) -> None:
    data, to, box = tmp_path / "data", tmp_path / "to", tmp_path / "box"
    with opened(data, "flagship") as alone:
        alone.record([news for number in range(5) for news in enrolled(number)])
        rotation.make_signing_keys(alone.store, "flagship", now())
    with_recovery(data)
    copies = [backup(data, to).path]
    for what in ("master", "chain", "operator"):
        rotate(data, what)
    with opened(data) as alone:
        alone.record([News("customer.erased", "c-4", {"customer": "c-4", "keys": []})])
    time.sleep(1.1)  # a copy's name has its second
    copies.append(backup(data, to).path)
    brought = restoration.restore(copies[which], box, ask=on_the_sheet)
    assert brought.wrong is None
    with closing(reading(box)) as reader, closing(reader.keyring):
        found = customers.get_customer(reader, "c-1")
        assert found is not None
        assert found.name == "Guest 1"
        assert customers.owner_of(reader, "em:0000000001") == "c-1"
        assert customers.get_customer(reader, "c-4") is None, "erased since, by a key of before or of after"
        assert receipt_keys.signer(reader.keyring).private
