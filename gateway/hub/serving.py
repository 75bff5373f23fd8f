"""How a hub is started and stopped: its store, its doors, and what it looks at by itself."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn

from gateway import __version__
from gateway.club import keeping
from gateway.club.ledger import Ledger, RulesChanged
from gateway.hub.club_roll import roll_of
from gateway.hub.database import Database, StoreLost, Unsafe
from gateway.hub.doors import LARGEST, make_app
from gateway.hub.house import House
from gateway.hub.own_keys import OwnKeys
from gateway.hub.postgres import PostgresDatabase
from gateway.hub.sqlite import FILE, SqliteDatabase
from gateway.hub.store import HubStore, OtherMachine
from gateway.records.errors import DataFolderInUse
from gateway.settings.club import ClubConfig
from gateway.settings.hub import HubConfig
from gateway.sockets import CannotListen, bound, more_files

log = logging.getLogger(__name__)

MOVED = "hub.db.moved"  # the name of a file that was moved into PostgreSQL
LOCK_FILE = "hub.lock"
FILES = 16_384  # open at once: the links of one process, its store, and what comes and goes
STOP_WITHIN = 3  # seconds for requests under way
PING_EVERY, PONG_WITHIN = 10.0, 15.0  # seconds: after 25 of silence a link is lost


class CannotServe(Exception):
    """The hub does not start; the text says why."""


class _Server(uvicorn.Server):
    """A uvicorn that leaves signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


async def open_database(config: HubConfig, data: Path) -> Database:
    """The database that the settings name; raises CannotServe."""
    if config.store.embedded:
        if (data / MOVED).exists() and not (data / FILE).exists():
            words = (
                f"this hub was moved to PostgreSQL, and the settings say SQLite: expected [store] url ({data / MOVED})"
            )
            raise CannotServe(words)
        return SqliteDatabase(data)
    try:
        return await PostgresDatabase.open(
            config.store.url, pool=config.store.pool, timeout_s=config.store.timeout_s
        )  # fmt: skip
    except ModuleNotFoundError:
        raise CannotServe("PostgreSQL needs the extra: pip install 'moments[postgres]'") from None
    except (StoreLost, Unsafe) as error:
        raise CannotServe(str(error)) from error


@contextlib.asynccontextmanager
async def opened(config: HubConfig, data: Path) -> AsyncIterator[tuple[HubStore, OwnKeys]]:
    """The store and the hub's own keys; raises CannotServe."""
    keys = OwnKeys(data)
    try:
        database = await open_database(config, data)
        try:
            yield await HubStore.open(database, keys, config.hub.id), keys
        except OtherMachine as other:
            raise CannotServe(str(other)) from other
        finally:
            await database.close()
    finally:
        keys.close()


@contextlib.contextmanager
def alone(config: HubConfig, data: Path) -> Iterator[None]:
    """Holds the data folder where its store is for one process; raises DataFolderInUse."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(data / LOCK_FILE, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        if config.store.embedded:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                words = f"{data}: another hub serves it; several processes need PostgreSQL ([store] url)"
                raise DataFolderInUse(words) from None
        yield
    finally:
        os.close(lock)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, and files enough for a thousand venues and more; raises CannotServe."""
    more_files(FILES)
    try:
        return bound(host, port, f"[hub] listen: {host}:{port}", waiting=1024)
    except CannotListen as refused:
        raise CannotServe(str(refused)) from None


def _server(house: House, config: HubConfig) -> _Server:
    tls = config.hub.tls
    return _Server(
        uvicorn.Config(
            make_app(house), log_config=None, access_log=False, lifespan="off", server_header=False, http="h11",
            ws="websockets-sansio", ws_max_size=LARGEST, ws_ping_interval=PING_EVERY, ws_ping_timeout=PONG_WITHIN,
            ws_per_message_deflate=False, timeout_graceful_shutdown=STOP_WITHIN, timeout_keep_alive=75,
            proxy_headers=config.hub.behind_proxy,
            ssl_certfile=tls.cert if tls else None, ssl_keyfile=tls.key if tls else None,
        )
    )  # fmt: skip


@contextlib.asynccontextmanager
async def books(config: HubConfig, club: ClubConfig | None, data: Path) -> AsyncIterator[Ledger | None]:
    """The books of the club, where there is one; raises CannotServe."""
    if club is None:
        yield None
        return
    try:
        async with keeping.opened(club, config.store, data) as ledger:
            if missing := await ledger.database.unguarded():
                raise CannotServe(f"the club's books are unguarded: the store lacks {', '.join(missing)}")
            yield ledger
    except (StoreLost, Unsafe, RulesChanged) as refused:
        raise CannotServe(str(refused)) from refused


async def serve(config: HubConfig, data: Path, club: ClubConfig | None = None) -> None:
    """Serves until SIGTERM or SIGINT; raises CannotServe, or DataFolderInUse."""
    with alone(config, data):
        async with opened(config, data) as (store, keys), books(config, club, data) as ledger:
            roll = None if ledger is None else await roll_of(ledger, store, keys)
            store.wraps.also = None if roll is None else roll.reseal
            house = House(config, store, keys, __version__, ledger, roll)
            at = listen(config.hub.host, config.hub.port)
            server = _server(house, config)
            loop = asyncio.get_running_loop()
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(each, lambda: setattr(server, "should_exit", True))
            host, port = at.getsockname()[:2]
            scheme = "https" if config.hub.tls else "http"
            log.info("hub: %s serves on %s://%s:%d", config.hub.id, scheme, f"[{host}]" if ":" in host else host, port)
            looking = asyncio.create_task(house.run())
            looking.add_done_callback(lambda _: setattr(server, "should_exit", True))
            try:
                await server.serve([at])
            finally:
                fault = looking.exception() if looking.done() and not looking.cancelled() else None
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)
            if fault is not None:
                raise fault
