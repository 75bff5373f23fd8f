"""Start, supervision, stop: the only file that imports everything."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from gateway.console import noticed
from gateway.console.app import build_id, create_app
from gateway.console.live import Live
from gateway.console.servers import Doors, doors_of
from gateway.console.sessions import Sessions
from gateway.core import rotating
from gateway.core.gateway import Gateway
from gateway.core.state import plan_of
from gateway.core.withheld import withheld
from gateway.events import venue_time
from gateway.events.catalogue import Audience
from gateway.events.event import News
from gateway.operations import home_assistant, notify
from gateway.operations.broker import BrokerFailed, BrokerMissing, EmbeddedBroker
from gateway.operations.broker_beat import BrokerBeat
from gateway.operations.copies import Copies
from gateway.operations.drivers import make_driver
from gateway.operations.erasing import Erasing, once_known
from gateway.operations.gate import Gate
from gateway.operations.health import Health
from gateway.operations.house_broker import follow_users, house_broker, keep_running
from gateway.operations.keeper import Keeper
from gateway.operations.looking_over import LookingOver
from gateway.operations.losses import Losses
from gateway.operations.overruns import Overruns
from gateway.operations.partners import PartnerHook, partners_of
from gateway.operations.presented import Presented, presented_of
from gateway.operations.reached import address_of, url_of
from gateway.operations.toolbox import Toolbox
from gateway.operations.vitals import Vitals
from gateway.operations.web import Server, gate_of, listen
from gateway.operations.webhooks import Hook
from gateway.records import intents, numbers, stand_in
from gateway.records import mend as mending
from gateway.records.customers import owner_of
from gateway.records.journal import Journal, head, last_time_of, newest_time
from gateway.records.mend import Mended
from gateway.records.stand_in import StandIn
from gateway.records.store import Store
from gateway.rhythm import Rhythm
from gateway.settings.outward import webhook_secret
from gateway.settings.venue import ReaderConfig, VenueConfig, mqtt_password, trust_of
from reader_drivers.driver import Driver
from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.private_address import Resolver
from staff_console import DIST

log = logging.getLogger("moments")

HANGS_UP = "SIGHUP: certificates and passwords are taken up as they change; venue.toml needs a restart"


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
    looking: LookingOver
    doors: Doors
    copies: Copies


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
        self._presented: Presented | None = None
        self._resolver: Resolver | None = None
        self._losses: Losses | None = None
        self._beat: BrokerBeat | None = None
        self._overruns = Overruns()
        self._stand_in: StandIn | None = None
        self._anew = False

    async def run(self, then: Callable[[Running], Awaitable[None]] | None = None) -> bool:
        """Serves until SIGTERM, SIGINT or ``stop``; ``then`` runs beside it once all doors are open.

        Answers whether it is to be started anew: a disk that took nothing takes records again. Raises what the store
        raises on opening, CannotListen, and whatever was a fault of ours.
        """
        self._heed_signals(asyncio.get_running_loop())
        async with AsyncExitStack() as stack:
            bound = stack.enter_context(listen(self.config.console))
            store = await asyncio.to_thread(self._opened, stack)
            venue_time.use(self.config.venue.timezone, self.folder)
            gateway, live = self._remembering(store, stack)
            self._presented = await asyncio.to_thread(presented_of, self.config, self.folder)
            await self._start_broker(stack)
            keepers = [self._keeper(r, gateway) for r in self.config.readers]
            gateway.views.readers = lambda: [k.shape() for k in keepers]
            tools = self._tools(keepers, gateway, store)
            hooks = self._hooks(gateway, live)
            looking, vitals = self._looking(gateway, store), self._vitals(store, live)
            health = self._health(keepers, store, live, gateway, hooks, looking, vitals, copies := Copies(gateway))
            stack.enter_context(health.answering())
            sessions = Sessions(self.config, gateway.memory, store, gateway.act)
            live.tablet_of = sessions.tablet_of
            app = create_app(
                self.config, gateway, live, sessions, tools, health.report, DIST,
                demo=self._demo, overruns=self._overruns,
            )  # fmt: skip
            stack.callback(noticed.into(gateway.note, self.config.venue.id, self._overruns, sessions.programs))
            app.state.address = address_of(self.config.console, bound)
            app.state.gate = gate = gate_of(self.config.console, self._overruns)
            doors = self._doors(app, gate, bound, stack)
            url = url_of(self.config.console, bound)
            running = Running(
                gateway, live, url, keepers, self._embedded, self.stop, sessions, gate, looking, doors, copies
            )
            gc.collect()
            gc.freeze()  # what is alive now stays: the collector need not walk it at every arrival
            await self._serve(running, Rhythm(gateway, live, sessions, keepers, tools, vitals), hooks, app, then)
        log.info("stopped")
        return self._anew

    async def _serve(
        self, running: Running, rhythm: Rhythm, hooks: list[Hook | PartnerHook], app: FastAPI,
        then: Callable[[Running], Awaitable[None]] | None,
    ) -> None:  # fmt: skip
        gateway, live, keepers, doors = running.gateway, running.live, running.keepers, running.doors
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(k.keep(), name=f"reader {k.config.id}") for k in keepers]
            tasks.append(group.create_task(rhythm.pulse(), name="pulse"))
            tasks.append(group.create_task(rhythm.sign_out(), name="sessions"))
            tasks.append(group.create_task(rhythm.tidy(app.state.letting_go), name="tidy"))
            others = [*self._watch_doors(), *self._tell_others(gateway, keepers, live, hooks, running.url)]
            others += [running.looking.run(), running.copies.run(), app.state.rotating.run(), self._come_back()]
            tasks += [group.create_task(each) for each in others]
            if then is not None:
                tasks.append(group.create_task(_then(then, running), name="then"))
            serving = [group.create_task(s.serve(sockets=[at]), name="web") for s, at in doors.servers.items()]
            group.create_task(self._until_stopped(list(doors.servers), live, tasks, serving), name="stop")
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
            self._anew = True
            self.stop()

    def _doors(self, app: FastAPI, gate: Gate, bound: socket.socket, stack: AsyncExitStack) -> Doors:
        console, shown = self.config.console, self._presented
        return doors_of(console, self.folder, app, gate, bound, shown, self._overruns, stack)

    def _remembering(self, store: Store, stack: AsyncExitStack) -> tuple[Gateway, Live]:
        """The gateway with all it remembers, and the live socket that goes on where its journal ends."""
        journal = Journal(store, origin=self.config.venue.id, notes=intents.place())
        live = Live(store.source, build=build_id(DIST))
        live.sequence = journal.sequence
        gateway = self._woken(store, journal, live)
        if mending.is_due(store) and mending.mend(store, gateway.memory.now()).mended:
            gateway = self._woken(store, journal, live)  # once more, with what can be read again
        rotating.begin(gateway)
        store.at_close(lambda tx: numbers.doubt(gateway.memory.clock.behind)(tx))
        self._resolver = Resolver(lambda: gateway.memory.people.irks())
        gateway.memory.as_heard = self._resolver.as_heard
        stack.callback(gateway.keep_learnt)
        stack.push_async_callback(gateway.settle)
        return gateway, live

    def _woken(self, store: Store, journal: Journal, live: Live) -> Gateway:
        """A gateway whose memory is what the tables say."""
        gateway = Gateway(self.config, plan_of(self.config), store, journal, live.publish)
        live.quiet, live.older = gateway.views.quiet, gateway.telling.since
        live.sent, live.resumed = gateway.renderer.sent, gateway.renderer.resumed
        live.now, live.shown = gateway.memory.now, gateway.shown.on
        live.outward = gateway.names.outward
        live.passed_on = partial(gateway.received.event, "program")
        gateway.wake(newest_time(store.reader), numbers.in_doubt(store.reader))
        return gateway

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

    @staticmethod
    def _tools(keepers: list[Keeper], gateway: Gateway, store: Store) -> Toolbox:
        memory = gateway.memory
        return Toolbox(
            keepers,
            gateway.see,
            lambda identifier: owner_of(store.reader, identifier) is not None,
            memory.presence,
            memory.clock.shown,
        )

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

    def _hooks(self, gateway: Gateway, live: Live) -> list[Hook | PartnerHook]:
        def missed(audience: Audience, since: int) -> list[dict[str, Any]] | None:
            events = live.missed(since)
            return None if events is None else [live.envelope(event, audience) for event in events]

        hooks = [
            Hook(
                each, webhook_secret(each) or "", self.folder,
                partial(missed, "service" if each.personal else "program"), live.sequence, now=gateway.memory.now,
                tell=lambda name: gateway.note([News("webhook.ended", name, {"webhook": name})]),
                delivered=partial(gateway.received.event, "webhook", each.name),
                outward=gateway.names.told,
                withheld=lambda event: withheld(gateway.store.reader, event, gateway.memory.now()),
            )
            for each in self.config.webhooks
            if each.partner is None
        ]  # fmt: skip
        return [*hooks, *partners_of(gateway, live.missed, live.sequence)]

    def _tell_others(
        self, gateway: Gateway, keepers: list[Keeper], live: Live, hooks: list[Hook | PartnerHook], url: str
    ) -> list[Coroutine[Any, Any, None]]:
        """Who is told beside tablets, each as a task to be."""
        tell: list[Callable[[], Coroutine[Any, Any, None]]] = [partial(h.run, lambda: live.sequence) for h in hooks]
        if self.config.home_assistant is not None and self._broker is not None:
            facts = partial(home_assistant.facts_of, gateway.memory, keepers)
            tell.append(home_assistant.Teller(self.config, self._broker, facts, url, self.folder).run)
        shut = lambda: gateway.memory.quarantined is not None  # noqa: E731 - asked again and again
        return [
            *(once_known(shut, each) for each in tell),
            Erasing(gateway, [h for h in hooks if isinstance(h, Hook)], live.painted_by).run(),
        ]

    def _vitals(self, store: Store, live: Live) -> Vitals:
        beat = self._beat
        silent = beat.silent if beat is not None else lambda: None
        return Vitals(store, unsent=lambda: live.unsent_s, silent=silent)

    def _health(
        self,
        keepers: list[Keeper],
        store: Store,
        live: Live,
        gateway: Gateway,
        hooks: list[Hook | PartnerHook],
        looking: LookingOver,
        vitals: Vitals,
        copies: Copies,
    ) -> Health:
        return Health(
            keepers,
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
            vitals=vitals,
            moves=lambda: gateway.memory.clock.moves,
            copies=copies,
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


async def _then(then: Callable[[Running], Awaitable[None]], running: Running) -> None:
    await then(running)
