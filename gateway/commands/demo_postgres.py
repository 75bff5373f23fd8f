"""A PostgreSQL of the demo's own: a cluster in its folder, on a Unix socket, which ends with the demo."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from gateway.commands.ending import fail

OLDEST = 15
DEBIANS = Path("/usr/lib/postgresql")
STARTS_WITHIN = 90.0  # seconds
NOT_HERE = f"--postgres needs PostgreSQL {OLDEST} or newer on this machine (Debian: apt-get install postgresql)"
NO_DRIVER = "--postgres needs the driver: pip install 'moments[postgres]'"


def programs(debians: Path = DEBIANS) -> Path | None:
    """Where the server's programs are, the newest of them; None where there are none of ``OLDEST``."""
    versions = [
        (int(each.name), each / "bin")
        for each in (debians.iterdir() if debians.is_dir() else ())
        if each.name.isdigit() and (each / "bin" / "initdb").exists()
    ]
    version, found = max(versions, default=(0, None))
    return found if version >= OLDEST else None


def ready() -> None:
    """Ends with words where the demo could not begin."""
    if programs() is None:
        fail(NOT_HERE, 2)
    if find_spec("asyncpg") is None:
        fail(NO_DRIVER, 2)


@dataclass(slots=True, frozen=True)
class _Server:
    """As whom it runs, and where: the server refuses to run as root, and a socket's path is short."""

    programs: Path
    data: Path
    sockets: Path
    user: dict[str, Any]

    async def run(self, program: str, *words: str) -> None:
        """One of its programs; ends with words where it fails."""
        made = await asyncio.create_subprocess_exec(
            self.programs / program, *words, cwd="/", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            **self.user,
        )  # fmt: skip
        said, _ = await made.communicate()
        if made.returncode != 0:
            fail(f"{program}: {said.decode(errors='replace').strip()[-400:]}")

    async def answers(self) -> bool:
        """Whether it takes connections."""
        made = await asyncio.create_subprocess_exec(
            self.programs / "pg_isready", "-q", "-U", "moments", "-h", self.sockets
        )
        return await made.wait() == 0


async def database(folder: Path, stack: AsyncExitStack) -> str:
    """The address of the demo's database in a cluster that runs until ``stack`` ends; made where there is none yet."""
    found = programs()
    if found is None:
        fail(NOT_HERE, 2)
    account = _account()
    user: dict[str, Any] = (
        {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    )
    sockets = Path(mkdtemp(prefix="moments-pg-"))
    stack.callback(shutil.rmtree, sockets, ignore_errors=True)
    server = _Server(found, folder / "cluster", sockets, user)
    fresh = _made_ready(server, account)
    if fresh:
        words = ("-D", str(server.data), "-U", "moments", "-A", "trust", "-E", "UTF8", "--locale=C")
        await server.run("initdb", *words)
    process = await asyncio.create_subprocess_exec(
        found / "postgres", "-D", server.data, "-k", sockets, "-c", "listen_addresses=", "-c", "shared_buffers=32MB",
        cwd="/", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, **user,
    )  # fmt: skip
    stack.push_async_callback(_ends, process)
    try:
        async with asyncio.timeout(STARTS_WITHIN):
            while not await server.answers():  # noqa: ASYNC110 - it tells nobody when it is ready
                await asyncio.sleep(0.1)
    except TimeoutError:
        fail("PostgreSQL does not start here")
    if fresh:
        await server.run("createdb", "-h", str(sockets), "-U", "moments", "hub")
    return f"postgresql://moments@/hub?host={sockets}"


async def _ends(process: asyncio.subprocess.Process) -> None:
    """Without waiting for its clients; what is written is on the disk."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    await process.wait()


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as where we are root; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name: each for each in pwd.getpwall()}
    found = known.get("postgres") or known.get("nobody")
    if found is None:
        fail("PostgreSQL does not run as root, and there is nobody else on this machine: run the demo as another user")
    return found


def _made_ready(server: _Server, account: pwd.struct_passwd | None) -> bool:
    """Makes the folders of the server and its user's own; whether there is no cluster yet."""
    folder = server.data.parent
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    server.data.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        for each in (server.data, server.sockets):
            os.chown(each, account.pw_uid, account.pw_gid)
        _lets_through(folder)
    return not (server.data / "PG_VERSION").exists()


def _lets_through(folder: Path) -> None:
    """Another user may pass through the demo's own folders, and read nothing there."""
    for each in (folder, folder.parent, folder.parent.parent):  # …/DEMO/hub/postgres
        if each.stat().st_uid == os.geteuid():
            each.chmod(each.stat().st_mode | 0o011)
