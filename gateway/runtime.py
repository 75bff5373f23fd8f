"""Start, supervision, stop: the only file that imports everything."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gateway.console.app import build_id, create_app
from gateway.console.live import TICK_EVERY, Live
from gateway.console.sessions import Sessions
from gateway.core.gateway import Gateway
from gateway.core.state import plan_of
from gateway.events import venue_time
from gateway.events.catalogue import Audience
from gateway.events.event import News
from gateway.operations import home_assistant, notify
from gateway.operations.broker import BrokerFailed, BrokerMissing, EmbeddedBroker
from gateway.operations.control import local_socket
from gateway.operations.drivers import make_driver
from gateway.operations.gate import Gate
from gateway.operations.health import Health
from gateway.operations.keeper import Keeper
from gateway.operations.losses import Losses
from gateway.operations.overruns import Overruns
from gateway.operations.toolbox import Toolbox
from gateway.operations.web import THIS_MACHINE, Server, gate_of, listen, make_local_server, make_server
from gateway.operations.webhooks import Hook
from gateway.records import numbers
from gateway.records.customers import owner_of
from gateway.records.journal import Journal, head, newest_time
from gateway.records.retention import Retention, due
from gateway.records.store import Store
from gateway.settings.outward import webhook_secret
from gateway.settings.venue import ReaderConfig, VenueConfig, mqtt_password, trust_of
from reader_drivers.driver import Driver
from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.private_address import Resolver
from staff_console import DIST

log = logging.getLogger("moments")

PULSE_EVERY = 0.25  # seconds; a departure or an escalation is told this much late at the most
TIDY_EVERY = 600.0
HEAD_EVERY = 86400.0  # seconds; the log, kept elsewhere, then knows of every tail that is cut off
BROKER_AGAIN = 5.0  # seconds until an embedded broker that died is started again


@dataclass(slots=True)
class Running:
    """A gateway that runs: what the demo and the tests hold on to."""

    gateway: Gateway
    live: Live
    url: str
    keepers: list[Keeper]
    embedded: EmbeddedBroker | None
    stop: Callable[[], None]
    sessions: Sessions
    gate: Gate


class Runtime:
    """One gateway from start to stop."""

    def __init__(self, config: VenueConfig, folder: Path, *, demo: bool = False) -> None:
        self.config = config
        self.folder = folder
        self._demo = demo
        self._stopping = asyncio.Event()
        self._broker: Broker | None = None
        self._embedded: EmbeddedBroker | None = None
        self._broker_missing: str | None = None
        self._resolver: Resolver | None = None
        self._losses: Losses | None = None
        self._overruns = Overruns()

    async def run(self, then: Callable[[Running], Awaitable[None]] | None = None) -> None:
        """Serves until SIGTERM, SIGINT or ``stop``; ``then`` runs beside it once all doors are open.

        Raises what the store raises on opening, CannotListen, and whatever was a fault of ours.
        """
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self.stop)
        async with AsyncExitStack() as stack:
            bound = stack.enter_context(listen(self.config.console))
            store = await asyncio.to_thread(Store.open, self.folder, source=f"/venues/{self.config.venue.id}")
            stack.callback(store.close)
            venue_time.use(self.config.venue.timezone, self.folder)
            gateway, live = self._remembering(store, stack)
            await self._start_broker(stack)
            keepers = [self._keeper(r, gateway) for r in self.config.readers]
            gateway.views.readers = lambda: [k.shape() for k in keepers]
            tools = self._tools(keepers, gateway, store)
            hooks = self._hooks(gateway, live)
            health = self._health(keepers, store, live, gateway, hooks)
            health.register()
            stack.callback(health.unregister)
            sessions = Sessions(self.config, gateway.memory, store, gateway.act)
            app = create_app(
                self.config, gateway, live, sessions, tools, health.report, DIST,
                demo=self._demo, overruns=self._overruns,
            )  # fmt: skip
            self._overruns.tell = partial(self._overrun, gateway)
            app.state.address = self._address(bound)
            app.state.gate = gate = gate_of(self.config.console, self._overruns)
            servers = {make_server(app, self.config.console, gate): bound}
            servers[make_local_server(app)] = stack.enter_context(local_socket(self.folder))
            url = self._url(bound)
            running = Running(gateway, live, url, keepers, self._embedded, self.stop, sessions, gate)
            gc.collect()
            gc.freeze()  # what is alive now stays: the collector need not walk it at every arrival
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(k.keep(), name=f"reader {k.config.id}") for k in keepers]
                tasks.append(group.create_task(self._pulse(gateway, keepers, live, tools), name="pulse"))
                tasks.append(group.create_task(self._sign_out(gateway, live, sessions), name="sessions"))
                tasks.append(group.create_task(self._tidy(gateway), name="tidy"))
                others = [*self._watch_brokers(), *self._tell_others(gateway, keepers, live, hooks, url)]
                tasks += [group.create_task(each) for each in others]
                if then is not None:
                    tasks.append(group.create_task(_then(then, running), name="then"))
                serving = [group.create_task(s.serve(sockets=[at]), name="web") for s, at in servers.items()]
                group.create_task(self._until_stopped(list(servers), live, tasks, serving), name="stop")
                log.info("%s: %s", self.config.venue.id, url)
                notify.ready()
        log.info("stopped")

    def _overrun(self, gateway: Gateway, kind: str, who: str, count: int) -> None:
        gateway.note([News("limit.reached", self.config.venue.id, {"kind": kind, "who": who, "count": count})])

    def _remembering(self, store: Store, stack: AsyncExitStack) -> tuple[Gateway, Live]:
        """The gateway with all it remembers, and the live socket that goes on where its journal ends."""
        newest, in_doubt = newest_time(store.reader), numbers.in_doubt(store.reader)
        journal = Journal(store, origin=self.config.venue.id)
        live = Live(store.source, build=build_id(DIST))
        live.sequence = journal.sequence
        live.older = journal.since
        gateway = Gateway(self.config, plan_of(self.config), store, journal, live.publish)
        live.quiet = gateway.views.quiet
        live.sent, live.resumed = gateway.renderer.sent, gateway.renderer.resumed
        live.now = gateway.memory.now
        gateway.wake(newest, in_doubt)
        store.at_close(lambda tx: numbers.doubt(gateway.memory.clock.behind)(tx))
        self._resolver = Resolver(lambda: gateway.memory.roster.irks)
        gateway.memory.as_heard = self._resolver.as_heard
        stack.callback(gateway.keep_learnt)
        stack.push_async_callback(gateway.settle)
        return gateway, live

    def _address(self, bound: socket.socket) -> str:
        """Where tablets reach the console: its first host name where the settings have one."""
        console = self.config.console
        if not console.hosts:
            return self._url(bound) + console.path
        scheme = "https" if console.tls or console.behind_proxy else "http"
        return f"{scheme}://{console.hosts[0]}{'' if console.behind_proxy else f':{console.port}'}{console.path}"

    def _url(self, bound: socket.socket) -> str:
        host, port = bound.getsockname()[:2]
        scheme = "https" if self.config.console.tls else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    def stop(self) -> None:
        """Asks for the end."""
        self._stopping.set()

    async def _until_stopped(
        self, servers: list[Server], live: Live, tasks: list[asyncio.Task[Any]], serving: list[asyncio.Task[None]]
    ) -> None:
        waiting = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([waiting, *serving], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        notify.stopping()
        live.close()  # tablets first: they come back on their own
        for task in tasks:
            task.cancel()
        for server in servers:
            server.should_exit = True

    # --- broker ------------------------------------------------------------------------------------------------

    async def _start_broker(self, stack: AsyncExitStack) -> None:
        if not any(r.over == "mqtt" for r in self.config.readers) and self.config.mqtt is None:
            return
        mqtt = self.config.mqtt
        if mqtt is None or mqtt.embedded:
            host, port = mqtt.bind if mqtt else ("127.0.0.1", None)
            self._embedded = EmbeddedBroker(
                self.folder / "broker",
                _topics(self.config),
                host=host,
                port=port,
                durable=not self._demo,
                published=home_assistant.published_topics(self.config),
                subscribed=home_assistant.subscribed_topics(self.config),
                gate=Gate(self._overruns, trusts=THIS_MACHINE, full="broker", silent="broker"),
            )
            try:
                await stack.enter_async_context(self._embedded)
            except (BrokerMissing, BrokerFailed) as error:
                log.error("the MQTT readers stay silent: %s", error)
                self._embedded, self._broker_missing = None, str(error)
                return
            log.info("the embedded MQTT broker listens on %s:%d", self._embedded.host, self._embedded.port)
            url, username, password = self._embedded.inner_url, self._embedded.username, self._embedded.password
        else:
            url, username, password = mqtt.url, "", mqtt_password() or ""
        will = home_assistant.will(self.config)
        trust = trust_of(mqtt)
        self._broker = Broker(url, username=username or None, password=password or None, trust=trust, will=will)
        stack.push_async_callback(self._broker.close)
        # Another's broker may count what others lost, and need not let us ask.
        self._losses = Losses(self._broker, time.monotonic, ask=self._embedded is not None)

    def _watch_brokers(self) -> Iterator[Coroutine[Any, Any, None]]:
        if self._embedded is not None:
            yield self._watch_broker(self._embedded)
        if self._losses is not None:
            yield self._losses.follow()

    async def _watch_broker(self, embedded: EmbeddedBroker) -> None:
        while True:
            log.error("the embedded broker ended: %s", await embedded.died())
            await asyncio.sleep(BROKER_AGAIN)
            try:
                await embedded.start()
            except BrokerFailed as error:
                log.error("the embedded broker does not start: %s", error)

    def _broker_state(self) -> str | None:
        if self._broker_missing is not None:
            return "missing"
        return self._broker.state if self._broker is not None else None

    # --- readers -----------------------------------------------------------------------------------------------

    @staticmethod
    def _tools(keepers: list[Keeper], gateway: Gateway, store: Store) -> Toolbox:
        memory = gateway.memory
        return Toolbox(keepers, gateway.see, partial(_owned, store), memory.presence, memory.clock.shown)

    def _keeper(self, reader: ReaderConfig, gateway: Gateway) -> Keeper:
        def tell(keeper: Keeper, type_: str) -> None:
            now = gateway.memory.now()
            if type_ in ("reader.lost", "reader.quiet"):  # either way nobody left because it is silent
                gateway.memory.presence.reader_lost(reader.id, now)
            elif type_ == "reader.back":
                gateway.memory.presence.reader_back(reader.id, now)
            gateway.note([News(type_, reader.id, {"reader": reader.id, **keeper.shape()})])

        memory = gateway.memory
        return Keeper(reader, lambda: self._driver(reader), gateway.see, tell, memory.steady, memory.clock.shown)

    def _driver(self, reader: ReaderConfig) -> Driver:
        return make_driver(reader, self._broker, self._broker_missing, resolver=self._resolver)

    # --- others --------------------------------------------------------------------------------------------------

    def _hooks(self, gateway: Gateway, live: Live) -> list[Hook]:
        def missed(audience: Audience, since: int) -> list[dict[str, Any]] | None:
            events = live.missed(since)
            return None if events is None else [live.envelope(event, audience) for event in events]

        return [
            Hook(
                each, webhook_secret(each) or "", self.folder,
                partial(missed, "service" if each.personal else "program"), live.sequence, now=gateway.memory.now,
                tell=lambda name: gateway.note([News("webhook.ended", name, {"webhook": name})]),
            )
            for each in self.config.webhooks
        ]  # fmt: skip

    def _tell_others(
        self, gateway: Gateway, keepers: list[Keeper], live: Live, hooks: list[Hook], url: str
    ) -> list[Coroutine[Any, Any, None]]:
        """Who is told beside tablets, each as a task to be."""
        memory = gateway.memory

        def facts() -> home_assistant.Facts:
            here = home_assistant.counted(each.zone for each in memory.presence.here())
            return home_assistant.Facts(here, len(memory.desk.alerts()), [k.shape() for k in keepers])

        others = [hook.run(lambda: live.sequence) for hook in hooks]
        if self.config.home_assistant is not None and self._broker is not None:
            others.append(home_assistant.Teller(self.config, self._broker, facts, url, self.folder).run())
        return others

    def _health(self, keepers: list[Keeper], store: Store, live: Live, gateway: Gateway, hooks: list[Hook]) -> Health:
        return Health(
            keepers,
            store,
            broker=self._broker_state,
            sequence=lambda: gateway.journal.sequence,
            head=lambda: head(store.reader),
            tablets=lambda: len(live),
            present=lambda: len(gateway.memory.presence.here()),
            losses=self._losses,
            hooks=hooks,
            clock=gateway.memory.clock.why,
            overruns=self._overruns,
        )

    # --- time --------------------------------------------------------------------------------------------------

    async def _pulse(self, gateway: Gateway, keepers: list[Keeper], live: Live, tools: Toolbox) -> None:
        """What time brings; feeds the watchdog, since this runs only while the loop turns and the writer answers."""
        loop = asyncio.get_running_loop()
        feed = notify.watchdog_interval()
        next_tick = next_feed = 0.0
        while True:
            gateway.look_at_clock()
            now, steady = gateway.memory.now(), gateway.memory.steady()
            gateway.pulse(now)
            for keeper in keepers:
                keeper.pulse(steady)
            tools.pulse(steady)
            if loop.time() >= next_tick:
                live.tick(now)
                next_tick = loop.time() + TICK_EVERY
            if feed is not None and loop.time() >= next_feed and gateway.store.health["alive"]:
                notify.alive()
                next_feed = loop.time() + feed
            await asyncio.sleep(PULSE_EVERY)

    async def _sign_out(self, gateway: Gateway, live: Live, sessions: Sessions) -> None:
        """Ends the sessions that have run out; beside the pulse, which waits for no disk."""
        while True:
            for door, staff in await sessions.end_expired():
                live.drop(door)
                if not sessions.of_staff(staff) and not gateway.memory.floor.connected(staff):
                    gateway.tablet_lost(staff)
            await asyncio.sleep(TICK_EVERY)

    async def _tidy(self, gateway: Gateway) -> None:
        """Lets go of what need not be kept any longer, by a clock that can be trusted alone."""
        keep = Retention(visits=self.config.retention.visits_days)
        logged_at = float("-inf")
        while True:
            now, steady, clock = gateway.memory.now(), gateway.memory.steady(), gateway.memory.clock
            over = await asyncio.to_thread(_over, gateway.store, now, keep) if clock.trusted else None
            if over is not None and clock.trusted:
                gateway.note([News("retention.applied", self.config.venue.id, over)])
            gateway.store.post(numbers.doubt(clock.behind))
            gateway.keep_learnt()
            if steady - logged_at >= HEAD_EVERY:
                logged_at = steady
                at = head(gateway.store.reader)
                log.info("journal: event %d, head %s", at.sequence, at.hash)
            await asyncio.sleep(TIDY_EVERY)


def _over(store: Store, now: float, keep: Retention) -> dict[str, Any] | None:
    """What is over for long enough, as much as one run takes; None: nothing is. Looks with a reader of its own."""
    with closing(store.open_reader()) as reader:
        return due(reader, now, keep)


def _owned(store: Store, identifier: str) -> bool:
    return owner_of(store.reader, identifier) is not None


def _topics(config: VenueConfig) -> list[str]:
    """What the embedded broker lets readers write: each MQTT reader's own topics."""
    return sorted({f"{r.link.rstrip('/#')}/#" for r in config.readers if r.over == "mqtt"})


async def _then(then: Callable[[Running], Awaitable[None]], running: Running) -> None:
    await then(running)
