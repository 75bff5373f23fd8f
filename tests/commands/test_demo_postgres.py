"""The demo's own PostgreSQL: it is found, made once, and ends with the demo; what is missing is said."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.commands import demo_postgres
from gateway.hub.postgres import PostgresDatabase
from tests.program import moments


def test_the_newest_server_is_taken_and_none_that_is_too_old(tmp_path: Path) -> None:
    assert demo_postgres.programs(tmp_path / "nothing") is None
    for version in ("9", "14", "common"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    assert demo_postgres.programs(tmp_path) is None
    for version in ("15", "100"):
        (tmp_path / version / "bin").mkdir(parents=True)
    (tmp_path / "15" / "bin" / "initdb").touch()  # of 100 there is a client alone
    assert demo_postgres.programs(tmp_path) == tmp_path / "15" / "bin"


async def test_a_hub_is_said_to_be_needed() -> None:
    ended = await moments("demo", "--postgres")
    assert ended.code == 2
    assert "--venues" in ended.err


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(demo_postgres, "programs", lambda: None)
    with pytest.raises(SystemExit) as ended:
        demo_postgres.ready()
    assert ended.value.code == 2
    assert "PostgreSQL 15" in capsys.readouterr().err


@pytest.mark.skipif(demo_postgres.programs() is None, reason="PostgreSQL 15 or newer is not installed")
async def test_it_runs_while_the_demo_does_and_keeps_what_it_has(tmp_path: Path) -> None:
    folder = tmp_path / "demo" / "hub" / "postgres"
    for each in tmp_path.parents:
        if each.name.startswith(("pytest-", "popen-")):
            each.chmod(0o711)  # another user may pass through
    tmp_path.chmod(0o711)
    for round_ in range(2):
        async with AsyncExitStack() as stack:
            url = await demo_postgres.database(folder, stack)
            database = await PostgresDatabase.open(url, timeout_s=20)

            async def change(tx: object, round_: int = round_) -> object:
                await tx.run("CREATE TABLE IF NOT EXISTS kept (n BIGINT)")  # type: ignore[attr-defined]
                await tx.run("INSERT INTO kept (n) VALUES (?)", round_)  # type: ignore[attr-defined]
                return await tx.all("SELECT n FROM kept ORDER BY n")  # type: ignore[attr-defined]

            found = await database.transact(change)
            await database.close()
        assert found == [(n,) for n in range(round_ + 1)]
    sockets = Path(url.rpartition("=")[2])
    assert not sockets.exists()
