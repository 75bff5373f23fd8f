"""Is all well? What monitors ask, and what Prometheus counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from gateway.operations.keeper import Keeper
from gateway.records.store import Store


class Health(Collector):
    """Looks at the parts when asked; keeps nothing."""

    def __init__(
        self,
        keepers: Sequence[Keeper],
        store: Store,
        *,
        broker: Callable[[], str | None],
        sequence: Callable[[], int],
        tablets: Callable[[], int],
        present: Callable[[], int],
    ) -> None:
        self._keepers = keepers
        self._store = store
        self._broker = broker
        self._sequence = sequence
        self._tablets = tablets
        self._present = present

    def report(self) -> dict[str, Any]:
        """What ``/health`` answers."""
        readers = {k.config.id: k.state for k in self._keepers}
        broker = self._broker()
        store = self._store.health
        writing = bool(store["alive"]) and not store["disk_full"]
        well = writing and broker in (None, "up") and all(state == "up" for state in readers.values())
        return {
            "status": "ok" if well else "degraded",
            "readers": readers,
            "broker": broker,
            "journal": {"sequence": self._sequence(), "writing": writing},
        }

    def register(self) -> None:
        """Answers Prometheus from now on."""
        REGISTRY.register(self)

    def unregister(self) -> None:
        """No longer."""
        REGISTRY.unregister(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: the readers are looked at when asked."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The numbers of now."""
        up = GaugeMetricFamily("moments_reader_up", "1 where a reader hears", labels=["reader"])
        sightings = CounterMetricFamily("moments_sightings", "Reads since the link was opened", labels=["reader"])
        rejected = CounterMetricFamily("moments_rejected_frames", "Frames with a bad check", labels=["reader"])
        for k in self._keepers:
            up.add_metric([k.config.id], k.state == "up")
            sightings.add_metric([k.config.id], k.status.sightings)
            rejected.add_metric([k.config.id], sum(k.status.rejected.values()))
        store = self._store.health
        yield from (up, sightings, rejected)
        yield GaugeMetricFamily("moments_tablets", "Live sockets", self._tablets())
        yield GaugeMetricFamily("moments_present", "Customers who are here", self._present())
        yield GaugeMetricFamily("moments_writer_queue", "Changes that wait to be written", _number(store["queue"]))
        yield CounterMetricFamily("moments_commits", "Transactions committed", _number(store["commits"]))
        yield CounterMetricFamily("moments_changes_dropped", "Changes that found no room", _number(store["dropped"]))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
