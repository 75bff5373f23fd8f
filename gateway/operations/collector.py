"""What Prometheus asks for numbers that are looked at when it asks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client.core import Metric
from prometheus_client.registry import REGISTRY, Collector


class Answering(Collector):
    """A collector that answers while it is entered, and says nothing in advance."""

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answers Prometheus meanwhile."""
        REGISTRY.register(self)
        try:
            yield
        finally:
            REGISTRY.unregister(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: what there is, is looked at when asked."""
        return []

    @abstractmethod
    def collect(self) -> Iterable[Metric]:
        """The numbers of now."""
