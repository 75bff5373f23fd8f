"""Start, supervision, stop: the only file that imports everything."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.core import rotating
from gateway.core.gateway import Gateway
from gateway.core.outlet import Outlet
from gateway.core.state import plan_of
from gateway.core.withheld import withheld
from gateway.equipped import Equipped
from gateway.events import catalogue, venue_time
from gateway.events.catalogue import Audience
from gateway.events.event import News
from gateway.house import House
from gateway.joined.begin import Hub, hub_of
from gateway.operations import at_rest, home_assistant, notify
from gateway.operations.bound import listen, listen_for_trust
from gateway.operations.broker import BrokerFailed, BrokerMissing, EmbeddedBroker
from gateway.operations.broker_beat import BrokerBeat
from gateway.operations.copies import Copies
from gateway.operations.drivers import make_driver
from gateway.operations.erasing import Erasing, once_known
from gateway.operations.health import Health
from gateway.operations.house_broker import admit, follow_users, house_broker, keep_running
from gateway.operations.live_settings import LiveSettings
from gateway.operations.looking_over import LookingOver
from gateway.operations.losses import Losses
from gateway.operations.overruns import Overruns
from gateway.operations.partners import PartnerHook, partners_of
from gateway.operations.presented import Presented, presented_of
from gateway.operations.vitals import Vitals
from gateway.operations.webhooks import Hook
from gateway.records import in_memory, numbers, stand_in
from gateway.records import mend as mending
from gateway.records.journal import Journal, head, last_time_of, newest_time
from gateway.records.mend import Mended
from gateway.records.stand_in import StandIn
from gateway.records.store import Store
from gateway.rhythm import Rhythm, as_itself
from gateway.settings.outward import webhook_secret
from gateway.settings.venue import ReaderConfig, VenueConfig, mqtt_password, trust_of
from gateway.standby.second import Second
from reader_drivers.driver import Driver
from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.private_address import Resolver

if TYPE_CHECKING:  # half of a start, and no read waits for it
    from gateway.console.live import Live
    from gateway.front import Front
    from gateway.operations.web import Server
    from gateway.running import Running

log = logging.getLogger("moments")

HANGS_UP = "SIGHUP: certificates and passwords are taken up as they change; venue.toml needs a restart"


class Runtime:
    """One gateway from start to stop; ``at`` is the console's socket where it is bound already.

    ``file`` is where its settings are, None where they are in none that could be changed.
    """

    def __init__(self, config: VenueConfig, folder: Path, *, demo: bool = False, file: Path | None = None) -> None:
        self.config = config
        self.file = file
        self._teller: home_assistant.Teller | None = None
        self.at: socket.socket | None = None
        self.folder = folder
        self._demo = demo
        self._stopping = asyncio.Event()
        self._broker: Broker | None = None
        self._embedded: EmbeddedBroker | None = None
        self._broker_missing: str | None = None
        self._presented: Presented | None = None
        self._resolver: Resolver | None = None
        self._losses: Losses | None = None
        self._beat: BrokerBeat | None = None
        self._overruns = Overruns()
        self._others: list[Callable[[], list[str]]] = []
        self._ahead: list[Callable[[], list[str]]] = []
        self._stand_in: StandIn | None = None
        self._anew = False
        self._hub = Hub()

    async def run(self, then: Callable[[Running], Awaitable[None]] | None = None) -> bool:
        """Serves until SIGTERM, SIGINT or ``stop``; ``then`` runs beside it once all doors are open.

        Answers whether it is to be started anew: a disk takes records again, or the second box took over.
        Raises what the store raises on opening, CannotListen, and whatever was a fault of ours.
        """
        self._heed_signals(asyncio.get_running_loop())
        async with AsyncExitStack() as stack:
            bound = stack.enter_context(self.at or listen(self.config.console))
            trust = listen_for_trust(self.config.console)
            if trust is not None:
                stack.enter_context(trust)
            store = await asyncio.to_thread(self._opened, stack)
            venue_time.use(self.config.venue.timezone, self.folder)
            gateway, outlet = self._remembering(store, stack)
            rhythm = Rhythm(gateway, equipped := Equipped(gateway, self._driver), self._vitals(store))
            with as_itself():
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(rhythm.pulse(), name="pulse")]
                    tasks += equipped.keep(group)
                    coming = group.create_task(asyncio.to_thread(_front, store.source), name="front")
                    await self._start_broker(stack)
                    tasks += equipped.keep(group, over_mqtt=True)
                    tasks += [group.create_task(each) for each in self._watch_doors()]
                    front = await coming
                    running = self._open(front, gateway, outlet, rhythm, (bound, trust), stack)
                    await self._serve(group, tasks, running, then)
        log.info("stopped")
        return self._anew

    def _open(
        self, front: Front, gateway: Gateway, outlet: Outlet, rhythm: Rhythm,
        bound: tuple[socket.socket, socket.socket | None], stack: AsyncExitStack,
    ) -> Running:  # fmt: skip
        """The doors, and what is served behind them."""
        from gateway.running import Running

        store, live = gateway.store, front.live
        hooks = self._hooks(gateway, live, outlet.sequence)
        looking, copies = self._looking(gateway, store), Copies(gateway)
        self._hub = hub_of(self.config.hub, self.folder, gateway, stack)
        self._second = Second(self.folder, gateway, self.come_back)
        self._others += [self._hub.why, self._second.why]
        health = self._health(rhythm, live, gateway, hooks, looking, copies)
        stack.enter_context(health.answering())
        settings = LiveSettings(gateway, self.file, rhythm.equipped.equipment, self._follow)
        stack.callback(settings.close)
        stack.callback(rhythm.tools.findings.close)
        house = House(
            self.config, self.folder, gateway, outlet, rhythm.tools, settings, health.report, self._overruns,
            self._demo, copies, hooks,
        )  # fmt: skip
        opened = front.open(house, *bound, self._presented, stack)
        self._second.open(opened.app, bound[0].getsockname()[1])
        self._ahead.append(opened.sessions.programs.why)
        rhythm.doors, rhythm.vitals.unsent = opened.hours.pulse, lambda: live.unsent_s
        at_rest.settle(store.reader)
        equipment = rhythm.equipped.equipment
        return Running(gateway, opened, equipment, rhythm.keepers, self._embedded, self.stop, looking, copies, hooks)

    async def _serve(
        self, group: asyncio.TaskGroup, tasks: list[asyncio.Task[Any]], running: Running,
        then: Callable[[Running], Awaitable[None]] | None,
    ) -> None:  # fmt: skip
        doors = running.doors
        others = [*running.front.keeping(), *self._tell_others(running)]
        others += [running.looking.run(), running.copies.run(), self._come_back(), *self._hub.keeping()]
        others += self._second.keeping()
        tasks += [group.create_task(each) for each in others]
        if then is not None:
            tasks.append(group.create_task(_then(then, running), name="then"))
        serving = [group.create_task(s.serve(sockets=[at]), name="web") for s, at in doors.servers.items()]
        group.create_task(self._until_stopped(list(doors.servers), running, tasks, serving), name="stop")
        log.info("%s: %s", self.config.venue.id, running.url)
        notify.ready()

    def _heed_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self.stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: log.info("%s", HANGS_UP))

    def _opened(self, stack: AsyncExitStack) -> Store:
        store, self._stand_in = stand_in.opened(self.folder, f"/venues/{self.config.venue.id}")
        if self._stand_in is not None:
            stack.callback(self._stand_in.close)
            self.folder = self._stand_in.folder
        stack.callback(store.close)
        return store

    async def _come_back(self) -> None:
        if self._stand_in is not None:
            await self._stand_in.room()
            self.come_back()

    def _remembering(self, store: Store, stack: AsyncExitStack) -> tuple[Gateway, Outlet]:
        """The gateway with all it remembers, and where its events leave: they go on where its journal ends."""
        brand = self.config.hub.brand if self.config.hub else ""
        journal = Journal(store, origin=self.config.venue.id, brand=brand, notes=in_memory.place())
        outlet = Outlet(journal.sequence)
        gateway = self._woken(store, journal, outlet)
        if mending.is_due(store) and mending.mend(store, gateway.memory.now()).mended:
            gateway = self._woken(store, journal, outlet)  # once more, with what can be read again
        rotating.begin(gateway)
        store.at_close(lambda tx: numbers.doubt(gateway.memory.clock.behind)(tx))
        self._resolver = Resolver(lambda: gateway.memory.people.irks())
        gateway.memory.as_heard = self._resolver.as_heard
        stack.callback(gateway.keep_learnt)
        stack.push_async_callback(gateway.finish)
        return gateway, outlet

    def _woken(self, store: Store, journal: Journal, outlet: Outlet) -> Gateway:
        """A gateway whose memory is what the tables say."""
        gateway = Gateway(self.config, plan_of(self.config), store, journal, outlet.publish)
        gateway.wake(newest_time(store.reader), numbers.in_doubt(store.reader))
        return gateway

    def come_back(self) -> None:
        """Asks for the end, and to be started anew: as the folder says then."""
        self._anew = True
        self.stop()

    def stop(self) -> None:
        """Asks for the end."""
        self._stopping.set()

    async def _until_stopped(
        self, servers: list[Server], running: Running, tasks: list[asyncio.Task[Any]], serving: list[asyncio.Task[None]]
    ) -> None:
        waiting = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([waiting, *serving], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        notify.stopping()
        running.live.close()  # tablets first: they come back on their own
        for task in [*tasks, *running.equipment.tasks()]:
            task.cancel()
        for server in servers:
            server.should_exit = True

    # --- broker ------------------------------------------------------------------------------------------------

    async def _start_broker(self, stack: AsyncExitStack) -> None:
        self._presented = await asyncio.to_thread(presented_of, self.config, self.folder)
        if not any(r.over == "mqtt" for r in self.config.readers) and self.config.mqtt is None:
            return
        mqtt = self.config.mqtt
        if mqtt is None or mqtt.embedded:
            self._embedded = house_broker(self.config, self.folder, self._overruns, self._presented)
            stack.push_async_callback(self._embedded.stop)
            try:
                await self._embedded.start()
                log.info("the embedded MQTT broker listens on %s:%d", self._embedded.host, self._embedded.port)
            except BrokerMissing as error:
                log.error("the MQTT readers stay silent: %s", error)
                self._embedded, self._broker_missing = None, str(error)
                return
            except BrokerFailed as error:
                log.error("the MQTT readers stay silent until the embedded broker starts: %s", error)
            url, username, password = self._embedded.inner_url, self._embedded.username, self._embedded.password
        else:
            url, username, password = mqtt.url, "", mqtt_password() or ""
        will = home_assistant.will(self.config)
        trust = trust_of(mqtt)
        self._broker = Broker(url, username=username or None, password=password or None, trust=trust, will=will)
        stack.push_async_callback(self._broker.close)
        # Another's broker may count what others lost, and need not let us ask.
        self._losses = Losses(self._broker, time.monotonic, ask=self._embedded is not None)
        self._beat = BrokerBeat(self._broker) if self._embedded is not None else None

    def _watch_doors(self) -> Iterator[Coroutine[Any, Any, None]]:
        if self._presented is not None:
            yield self._presented.keep()
        if self._embedded is not None and self._broker is not None:
            yield keep_running(self._embedded, self._broker)
            yield follow_users(self._embedded, self.folder)
        if self._losses is not None:
            yield self._losses.follow()
        if self._beat is not None:
            yield self._beat.follow()

    def _broker_state(self) -> str | None:
        if self._broker_missing is not None:
            return "missing"
        return self._broker.state if self._broker is not None else None

    # --- readers -----------------------------------------------------------------------------------------------

    def _driver(self, reader: ReaderConfig) -> Driver:
        return make_driver(reader, self._broker, self._broker_missing, resolver=self._resolver)

    # --- others --------------------------------------------------------------------------------------------------

    def _hooks(self, gateway: Gateway, live: Live, newest: int) -> list[Hook | PartnerHook]:
        def missed(audience: Audience, since: int) -> list[dict[str, Any]] | None:
            events = live.missed(since)
            return None if events is None else [live.envelope(event, audience) for event in events]

        hooks = [
            Hook(
                each, webhook_secret(each) or "", self.folder,
                partial(missed, "service" if each.personal else "program"), newest, now=gateway.memory.now,
                tell=lambda name: gateway.note([News("webhook.ended", name, {"webhook": name})]),
                delivered=partial(gateway.received.event, "webhook", each.name),
                outward=gateway.names.told,
                withheld=lambda event: withheld(gateway.store.reader, event, gateway.memory.now()),
            )
            for each in self.config.webhooks
            if each.partner is None
        ]  # fmt: skip
        return [*hooks, *partners_of(gateway, live.missed, newest)]

    def _tell_others(self, running: Running) -> list[Coroutine[Any, Any, None]]:
        """Who is told beside tablets, each as a task to be."""
        gateway, live, hooks = running.gateway, running.live, running.hooks
        tell: list[Callable[[], Coroutine[Any, Any, None]]] = [partial(h.run, lambda: live.sequence) for h in hooks]
        if self.config.home_assistant is not None and self._broker is not None:
            facts = partial(home_assistant.facts_of, gateway.memory, running.keepers)
            self._teller = home_assistant.Teller(self.config, self._broker, facts, running.url, self.folder)
            tell.append(self._teller.run)
        shut = lambda: gateway.memory.quarantined is not None  # noqa: E731 - asked again and again
        erasing = Erasing(gateway, [h for h in hooks if isinstance(h, Hook)], live.painted_by)
        self._others.append(erasing.why)
        return [*(once_known(shut, each) for each in tell), erasing.run()]

    async def _follow(self, config: VenueConfig) -> None:
        """The settings are these from now on: who is told of readers and zones, and lets them in, goes by them."""
        if self._teller is not None:
            self._teller.take_up(config)
        if self._embedded is not None:
            await asyncio.to_thread(admit, self._embedded, config)

    def _vitals(self, store: Store) -> Vitals:
        return Vitals(store, silent=lambda: self._beat.silent() if self._beat is not None else None)

    def _health(
        self, rhythm: Rhythm, live: Live, gateway: Gateway, hooks: list[Hook | PartnerHook], looking: LookingOver,
        copies: Copies,
    ) -> Health:  # fmt: skip
        store = gateway.store
        return Health(
            rhythm.keepers,
            store,
            broker=self._broker_state,
            sequence=lambda: live.sequence,
            head=lambda: head(store.reader),
            tablets=lambda: len(live),
            present=lambda: len(gateway.memory.presence.here()),
            losses=self._losses,
            hooks=hooks,
            clock=gateway.memory.clock.why,
            overruns=self._overruns,
            damaged=looking.why,
            vitals=rhythm.vitals,
            moves=lambda: gateway.memory.clock.moves,
            copies=copies,
            others=self._others,
            ahead=self._ahead,
            hub=self._hub.report,
            second=self._second.report,
            copied_s=lambda: _age(last_time_of(store.reader, "records.backed_up"), gateway.memory.now()),
        )

    def _looking(self, gateway: Gateway, store: Store) -> LookingOver:
        def tell(outcome: Mended) -> None:
            for one in outcome.mended:
                gateway.memory.read_again(one.holder)
            facts = {"mended": len(outcome.mended), "aside": mending.counted(outcome.left)}
            gateway.note([News("records.damaged", self.config.venue.id, facts)])

        return LookingOver(store, gateway.memory.now, tell)


def _age(then: float | None, now: float) -> float | None:
    return None if then is None else max(0.0, now - then)


def _front(source: str) -> Front:
    """In a thread, while readers are heard: the console is most of what a start takes."""
    from gateway.front import Front

    catalogue.load()
    return Front(source)


async def _then(then: Callable[[Running], Awaitable[None]], running: Running) -> None:
    await then(running)
