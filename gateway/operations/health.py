"""Is all well? What monitors ask, and what Prometheus counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from gateway.operations.collector import Answering
from gateway.operations.copies import Copies
from gateway.operations.keeper import Keeper
from gateway.operations.losses import Losses
from gateway.operations.overruns import Overruns
from gateway.operations.partners import PartnerHook
from gateway.operations.vitals import Vitals
from gateway.operations.webhooks import Hook
from gateway.records.journal import Head
from gateway.records.store import Store


class Health(Answering):
    """Looks at the parts when asked; keeps nothing."""

    def __init__(
        self,
        keepers: Sequence[Keeper],
        store: Store,
        *,
        broker: Callable[[], str | None],
        sequence: Callable[[], int],
        head: Callable[[], Head],
        tablets: Callable[[], int],
        present: Callable[[], int],
        losses: Losses | None = None,
        hooks: Sequence[Hook | PartnerHook] = (),
        clock: Callable[[], str | None] = lambda: None,
        overruns: Overruns | None = None,
        damaged: Callable[[], list[str]] = list,
        vitals: Vitals | None = None,
        moves: Callable[[], int] = lambda: 0,
        copied_s: Callable[[], float | None] = lambda: None,
        copies: Copies | None = None,
        others: Sequence[Callable[[], list[str]]] = (),
        ahead: Sequence[Callable[[], list[str]]] = (),
        hub: Callable[[], dict[str, Any] | None] = lambda: None,
        second: Callable[[], dict[str, Any] | None] = lambda: None,
    ) -> None:
        """``others`` say what else somebody has to see to, for a person; ``ahead`` what is well until a day to come."""
        self._also = others
        self._hub = hub
        self._second = second
        self._ahead = ahead
        self._copied_s = copied_s
        self._copies = copies
        self._vitals = vitals
        self._moves = moves
        self._damaged = damaged
        self._overruns = overruns
        self._clock = clock
        self._keepers = keepers
        self._store = store
        self._broker = broker
        self._sequence = sequence
        self._head = head
        self._tablets = tablets
        self._present = present
        self._losses = losses
        self._hooks = hooks

    def report(self) -> dict[str, Any]:
        """What ``/health`` answers."""
        readers = {k.config.id: k.state for k in self._keepers}
        broker = self._broker()
        store = self._store.health
        writing = bool(store["alive"]) and not store["disk_fault"]
        why = [f"{reader} is {state}" for reader, state in readers.items() if state != "up"]
        why += [f"the MQTT broker is {broker}"] if broker not in (None, "up") else []
        disk = f": the disk {store['disk_fault']}" if store["disk_fault"] else ""
        why += [] if writing else [f"nothing can be written down{disk}"]
        why += self._vitals.why() if self._vitals else []
        why += self._copies.why() if self._copies else []
        clock = self._clock()
        why += [clock] if clock else []
        why += self._overruns.why() if self._overruns else []
        why += self._damaged()
        lost = self._losses.why() if self._losses else None
        why += [lost] if lost else []
        waiting = {hook: hook.waiting(self._sequence()) for hook in self._hooks}
        why += [f"webhook {h.config.name}: {h.fault}; events wait: {n}" for h, n in waiting.items() if h.fault]
        ended = [hook.config.name for hook in self._hooks if hook.ended]
        why += [f"webhook {name}: its receiver answered 410 Gone, so it is sent nothing more" for name in ended]
        why += [sentence for other in self._also for sentence in other()]
        head = self._head()
        return {
            "status": "degraded" if why else "ok",
            "why": why,
            "ahead": [sentence for other in self._ahead for sentence in other()],
            "readers": readers,
            "broker": broker,
            "journal": {
                "sequence": self._sequence(),
                "writing": writing,
                "epoch": head.epoch,
                "position": head.position,
                "head": head.hash,
            },
            "copies": self._copies.newest() if self._copies else {},
            "hub": self._hub(),
            "standby": self._second(),
            "webhooks": {h.config.name: "ended" if h.ended else "lost" if h.fault else "up" for h in self._hooks},
        }

    def collect(self) -> Iterable[Metric]:
        """The numbers of now."""
        up = GaugeMetricFamily("moments_reader_up", "1 where a reader hears", labels=["reader"])
        sightings = CounterMetricFamily("moments_sightings", "Reads since the start", labels=["reader"])
        rejected = CounterMetricFamily("moments_rejected_frames", "Frames with a bad check", labels=["reader"])
        for k in self._keepers:
            up.add_metric([k.config.id], k.state == "up")
            sightings.add_metric([k.config.id], k.sightings)
            rejected.add_metric([k.config.id], sum(k.rejected.values()))
        store = self._store.health
        yield from (up, sightings, rejected)
        yield GaugeMetricFamily("moments_tablets", "Live sockets", self._tablets())
        yield GaugeMetricFamily("moments_present", "Customers who are here", self._present())
        yield GaugeMetricFamily("moments_writer_queue", "Changes that wait to be written", _number(store["queue"]))
        yield CounterMetricFamily("moments_commits", "Transactions committed", _number(store["commits"]))
        yield from self._others()
        yield from self._of_life(store)
        yield CounterMetricFamily("moments_changes_dropped", "Changes that found no room", _number(store["dropped"]))

    def _others(self) -> Iterable[Metric]:
        """What was lost on the way in, and what waits on the way out."""
        lost = CounterMetricFamily("moments_mqtt_lost", "MQTT messages that no reader heard", labels=["reason"])
        for reason, count in (self._losses.counts if self._losses else {}).items():
            lost.add_metric([reason.partition(":")[0]], count)
        if self._losses:
            yield GaugeMetricFamily(
                "moments_mqtt_unread_bytes", "Bytes from the broker not read yet", self._losses.unread
            )
        up = GaugeMetricFamily("moments_webhook_up", "1 where the last event was taken", labels=["webhook"])
        waiting = GaugeMetricFamily("moments_webhook_waiting", "Events that are not sent yet", labels=["webhook"])
        for hook in self._hooks:
            up.add_metric([hook.config.name], hook.fault is None and not hook.ended)
            waiting.add_metric([hook.config.name], hook.waiting(self._sequence()))
        yield from (lost, up, waiting)

    def _of_life(self, store: dict[str, object]) -> Iterable[Metric]:
        """Whether what must work does: the disk, the loop, the sockets, the clock, the watchdog."""
        gauge = GaugeMetricFamily
        yield gauge(
            "moments_disk_takes_records", "1 unless the disk is full, read-only or fails", not store["disk_fault"]
        )
        yield gauge("moments_changes_kept", "Changes that wait until the disk takes them", _number(store["kept"]))
        yield CounterMetricFamily("moments_clock_jumps", "How often the wall clock was set", self._moves())
        copied, age = gauge("moments_backup_age_seconds", "Since the newest good copy of the records"), self._copied_s()
        if age is not None:
            copied.add_metric([], age)
        yield copied
        if (vitals := self._vitals) is None:
            return
        yield gauge("moments_writer_oldest_seconds", "Age of the oldest change that is not written", vitals.oldest_s)
        yield gauge("moments_commit_stuck_seconds", "How long the disk has owed an answer", vitals.stuck_s)
        yield gauge("moments_loop_lag_seconds", "By how much the loop came round late at worst", vitals.lag_s)
        yield gauge("moments_tablet_unsent_seconds", "How long a tablet has been owed a frame", vitals.unsent_s)
        if vitals.free is not None:
            yield gauge("moments_disk_free_bytes", "Room on the disk of the records", vitals.free)
        if vitals.watchdog_age_s is not None:
            yield gauge("moments_watchdog_age_seconds", "Since the watchdog was fed", vitals.watchdog_age_s)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
