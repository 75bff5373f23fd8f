"""What happened, as events hold it: made of what recognition and the desk answer."""

from __future__ import annotations

from typing import Any

from gateway.events.event import News
from gateway.events.times import iso
from gateway.recognition.moments import Moment
from gateway.service.desk import AlertNews
from gateway.service.stays import Stay


def presence(m: Moment) -> dict[str, Any]:
    """Where somebody is, since when, how sure and why."""
    return {
        "visit": m.visit,
        "customer": m.customer,
        "zone": m.zone,
        "at": iso(m.at),
        "since": iso(m.since),
        "confidence": round(m.confidence, 3),
        "reason": m.reason,
        "evidence": m.evidence,
        "late": m.late,
    }


def visit(m: Moment, stay: Stay | None, because: str | None = None) -> dict[str, Any]:
    """A change of presence; ``stay`` where a visit begins or goes on, ``because`` why it ended where nobody left."""
    data = presence(m)
    if m.kind == "departed":
        return {**data, "because": because}
    data |= {"party": stay.party if stay else None, "companions": stay.companions if stay else 0}
    return data if m.kind == "arrived" else {**data, "resumed": m.resumed}


def alert(n: AlertNews) -> News:
    """An alert as it is from now on, with why it went to whom where it went to somebody."""
    data = n.alert.data()
    if n.type in ROUTED:
        data["routing"] = n.routing.data() if n.routing is not None else None
    return News(n.type, n.alert.customer, data, n.actor if n.actor != "gateway" else None)


ROUTED = frozenset({"alert.opened", "alert.escalated", "alert.released", "alert.handed_over", "alert.waited"})
