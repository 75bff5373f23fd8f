"""``moments setup``, and what ``moments serve`` does on a machine that is no house yet."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import segno

from gateway.commands.ending import fail
from gateway.commands.founding import Founded, NotNew, found, place_of
from gateway.commands.recovery import REFUSED, given_in, sheet
from gateway.console.pairing import LASTS, link, new_code
from gateway.console.setup_form import Said
from gateway.console.setup_page import SetUp, setup_page
from gateway.operations import notify, own_addresses
from gateway.operations.bound import THIS_MACHINE, gate_of
from gateway.operations.overruns import Overruns
from gateway.operations.presented import Presented, presented_of
from gateway.operations.reached import found_at, in_url
from gateway.operations.web import make_page_server
from gateway.records import recovery
from gateway.records.new import is_new
from gateway.running import Running
from gateway.settings import answers
from gateway.settings.answers import Founding
from gateway.settings.mistakes import BadConfig
from gateway.settings.premises import Console
from gateway.settings.venue import VenueConfig
from gateway.sockets import CannotListen, bound

ON_THIS_MACHINE = "127.0.0.1:8080"
LOCALTIME = Path("/etc/localtime")
FOR_EVER = 3600.0  # seconds of a sleep that nobody waits for
FIRST_TABLET = {"zh-CN": "第一台平板", "en": "First tablet"}


def from_file(file: Path, config: Path, data: Path, pin: str | None, recovery_file: Path | None) -> None:
    """Makes a house of a file of answers, and prints once what is shown once."""
    try:
        founding = answers.from_file(file)
        passphrase = given_in(recovery_file) if recovery_file is not None else None
        made = found(founding, place_of(config, data), data, pin=pin, passphrase=passphrase)
    except BadConfig as bad:
        fail(str(bad), 2)
    except (NotNew, ValueError, *REFUSED) as error:
        fail(str(error))
    if made.words:
        click.echo(sheet(made.words, made.made))
    click.echo(f"House {made.house} · recovery key of {made.made.made}")
    click.echo(f"{made.config}: venue {founding.config.venue.id}")
    click.echo(f"{founding.manager.name} signs in as {made.manager} with PIN {made.pin}")
    click.echo("next: moments check tries the readers, moments serve opens the doors", err=True)


@dataclass(frozen=True, slots=True)
class Begun:
    """A house that a page has just made: its settings, and the code that pairs the browser that made it."""

    config: Path
    code: str
    tablet: str
    at: socket.socket | None
    """Where the page was, for a gateway that is to be there too: who comes before it serves waits."""

    async def pair(self, running: Running) -> None:
        """Lets that browser in as the first tablet, within ten minutes."""
        sessions, now = running.sessions, running.gateway.memory.steady()
        sessions.codes.give_back(self.code, self.tablet, "set-up", now + LASTS)


def on_page(config: Path, data: Path, listen: str | None = None) -> Begun | None:
    """Serves the set-up page until the house is made and its maker has written down what is shown once.

    ``listen`` beyond this machine speaks TLS by an authority that will be the house's own. None: it was stopped before.
    """
    try:
        console = Console(listen=listen or ON_THIS_MACHINE)
    except ValueError:
        fail(f"--listen {listen}: expected an address and a port, like {answers.NETWORK}", 2)
    return asyncio.run(_serve(_Page(place_of(config, data), data, console)))


def alone(config: Path, data: Path, listen: str | None) -> None:
    """``moments setup`` without a file: the page, and no gateway behind it."""
    if place_of(config, data).exists() or not is_new(data):
        fail(f"this venue is set up: {data} holds a house, or {place_of(config, data)} is there")
    if (begun := on_page(config, data, listen)) is not None:
        click.echo(f"{begun.config} is written: moments serve opens the doors")


class _Page:
    """One set-up by page."""

    def __init__(self, config: Path, data: Path, console: Console) -> None:
        self.config, self.data, self.console = config, data, console
        self.begun: Begun | None = None
        self.at: socket.socket | None = None
        names = ("localhost", *THIS_MACHINE, *own_addresses.names(), *own_addresses.addresses())
        hosts = frozenset({*names, console.host, *console.hosts})
        here, network = console.listen, answers.NETWORK
        if console.beyond:
            here, network = ON_THIS_MACHINE, console.listen
        refused = (NotNew, ValueError, *REFUSED)
        self.set_up = SetUp(self.found, self.tell, refused, hosts, here, network, zone=_zone())

    def presented(self) -> Presented | None:
        """The certificate that is shown, by an authority that the house keeps."""
        if not self.console.own_tls:
            return None
        venue = {"id": next(iter(own_addresses.names()), "house").partition(".")[0][:64], "name": {"en": "-"}}
        config = VenueConfig.model_validate({"venue": venue, "console": {"listen": self.console.listen}})
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return presented_of(config, self.data)

    def found(self, values: Mapping[str, Any], pin: str | None, host: str) -> Said:
        """Makes the house; in a thread."""
        founding = answers.from_values(values, self.config)
        made = found(founding, self.config, self.data, pin=pin)
        first, console = new_code(), founding.config.console
        tablet = FIRST_TABLET[founding.manager.language]
        stays = self.at.dup() if self.at is not None and console.listen == self.console.listen else None
        self.begun = Begun(made.config, first, tablet, stays)
        reached = in_url(host if console.beyond else console.host)
        scheme = "https" if console.speaks_tls else "http"
        trust = f"http://{reached}:{where[1]}/" if (where := console.trust_listen) is not None else None
        return _said(founding, made, link(f"{scheme}://{reached}:{console.port}", first), trust, self.console, console)

    def tell(self, shown: str) -> None:
        """Shows the code on the machine itself."""
        port = self.at.getsockname()[1] if self.at is not None else self.console.port
        scheme, host = "https" if self.console.own_tls else "http", in_url(found_at(self.console.host))
        url = f"{scheme}://{host}:{port}/"
        click.echo(f"\nThis machine is no house yet. Set it up at {url}\n在浏览器中打开 {url} 进行设置\n", err=True)
        click.echo(f"    code / 设置码   {shown}\n", err=True)
        if sys.stderr.isatty():
            segno.make(f"{url}?code={shown}", error="m").terminal(sys.stderr, compact=True)
        click.echo("A house that is brought back: moments restore. Without a browser: moments setup --from.", err=True)


def _said(founding: Founding, made: Founded, opens: str, trust: str | None, here: Console, there: Console) -> Said:
    automatic = not there.beyond or here.own_tls
    shown = recovery.picture_of(made.words)
    return Said(founding.manager.name, made.pin, made.words, shown, opens, trust, automatic)


async def _serve(page: _Page) -> Begun | None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    with ExitStack() as stack:
        try:
            at = stack.enter_context(bound(page.console.host, page.console.port, f"--listen {page.console.listen}"))
        except CannotListen as refused:
            fail(str(refused))
        page.at = at
        presented = await asyncio.to_thread(page.presented)
        server = make_page_server(setup_page(page.set_up), gate_of(page.console, Overruns()), presented)
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, stopped.set)
            stack.callback(loop.remove_signal_handler, sign)
        page.set_up.new_code()
        serving = asyncio.create_task(server.serve(sockets=[at]))
        notify.ready()
        await _first(serving, page.set_up.over.wait, stopped.wait, _alive)
        server.should_exit = True
        await serving
    return page.begun if page.set_up.over.is_set() else None


async def _first(serving: asyncio.Task[None], *waits: Callable[[], Awaitable[Any]]) -> None:
    """Returns when the first of these is over."""
    waiting = [asyncio.ensure_future(each()) for each in waits]
    await asyncio.wait([serving, *waiting], return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()


async def _alive() -> None:
    """Feeds systemd's watchdog, for ever."""
    every = notify.watchdog_interval()
    while True:
        await asyncio.sleep(every or FOR_EVER)
        notify.alive()


def _zone() -> str:
    """This machine's time zone, by name."""
    try:
        return str(LOCALTIME.readlink()).partition("zoneinfo/")[2] or "UTC"
    except OSError:
        return "UTC"
