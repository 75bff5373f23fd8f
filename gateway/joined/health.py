"""How it stands with the hub, for monitors and for IT."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from gateway.events.times import DAY, iso, seconds
from gateway.joined.standing import Standing
from gateway.operations.collector import Answering

UNHEARD_S = 600.0
"""A venue needs no hub: a link that is lost for less is nobody's business."""


class LinkHealth(Answering):
    """Looks at the link when asked; ``now`` in seconds since 1970 UTC, ``last``: the number of our newest row."""

    def __init__(self, standing: Standing, since: float, last: Callable[[], int]) -> None:
        self._standing = standing
        self._since = since
        self._last = last

    def report(self, now: float) -> dict[str, Any]:
        """What ``/health`` says of it."""
        standing = self._standing
        return {
            "joined": standing.joined,
            "connected": standing.connected,
            "by": standing.by,
            "behind": self._behind(),
            "heard_at": None if standing.heard_at is None else iso(standing.heard_at),
            "fault": standing.fault,
            "told": self._told(now),
        }

    def _behind(self) -> int | None:
        """Rows that the hub has not, of those that are there now: they grow while there is no link, too."""
        sent = self._standing.sent
        return None if sent is None else max(0, self._last() - sent)

    def _told(self, now: float) -> list[dict[str, Any]]:
        """What IT is told; of a fork for a day, since the box has mended that by itself."""
        return [
            {"code": code, "words": each["words"], "since": each["since"]}
            for code, each in sorted(self._standing.told.items())
            if code != "fork" or now - (seconds(each["since"]) or now) < DAY
        ]

    def why(self, now: float) -> list[str]:
        """What somebody has to see to, in sentences."""
        standing = self._standing
        found = [str(each["words"].get("en", each["code"])) for each in self._told(now)]
        silent = now - (standing.heard_at or self._since)
        fault = standing.fault
        if standing.joined and not standing.connected and fault and fault not in found:
            if "certificate" in fault:
                found.append(fault)
            elif silent > UNHEARD_S:
                since = "" if standing.heard_at is None else f" since {iso(standing.heard_at)}"
                found.append(f"not heard from the hub{since}: {fault}")
        return [each for each in found if each]

    def collect(self) -> Iterable[Metric]:
        """The numbers of now."""
        standing = self._standing
        yield GaugeMetricFamily("moments_hub_link_up", "1 while the hub is connected", float(standing.connected))
        behind = GaugeMetricFamily("moments_hub_link_behind_rows", "Rows that the hub has not")
        if (rows := self._behind()) is not None:
            behind.add_metric([], rows)
        yield behind
        yield CounterMetricFamily("moments_hub_link_rows", "Rows that the hub took since the start", standing.rows)
        yield CounterMetricFamily("moments_hub_link_items", "Items of feeds since the start", standing.items)
        yield CounterMetricFamily("moments_hub_link_tries", "Conversations begun since the start", standing.tries)
        yield GaugeMetricFamily("moments_hub_link_clock_skew_seconds", "By how much the hub says we are ahead",
                                standing.skew_s)  # fmt: skip
