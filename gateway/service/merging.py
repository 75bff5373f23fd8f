"""What becomes of cards when two customers turn out to be one: nobody is greeted twice, and nobody is dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from gateway.service.alert import Alert, AlertNews, Outcome

AS_IT_WAS = {"open": "alert.opened", "claimed": "alert.claimed", "closed": "alert.closed"}


def over(alerts: Iterable[Alert], now: float, outcome: Outcome = "merged") -> list[AlertNews]:
    """These cards end: their customer is somebody else now, or what they were about is settled."""
    return [AlertNews("alert.closed", _closed(each, outcome, now)) for each in alerts if each.state != "closed"]


def taken_over(theirs: Alert | None, ours: Alert | None, now: float) -> list[AlertNews]:
    """Both are here: who has, or has greeted, the other has them as one, where nobody has the one who is kept."""
    if theirs is None or ours is None or ours.state != "open" or ours.stage == "hint" or theirs.by is None:
        return []
    if theirs.state == "claimed":
        claimed = ours.copy()
        claimed.state, claimed.by, claimed.claimed_at, claimed.accept_by = "claimed", theirs.by, now, None
        return [AlertNews("alert.claimed", claimed, theirs.by)]
    if theirs.outcome == "greeted":
        met = _closed(ours, "greeted", now)
        met.by = theirs.by
        return [AlertNews("alert.closed", met, theirs.by)]
    return []


def carried_on(
    theirs: Alert | None, customer: str, visit: str, new_id: Callable[[], str], now: float
) -> list[AlertNews]:
    """The other alone is here: their card goes on as that of the one who is kept, in ``visit``, as it was."""
    if theirs is None or theirs.stage == "hint":
        return []
    ours = replace(theirs.copy(), id=new_id(), customer=customer, visit=visit)
    return [AlertNews(AS_IT_WAS[ours.state], ours, ours.by or "gateway")]


def _closed(alert: Alert, outcome: Outcome, now: float) -> Alert:
    ended = alert.copy()
    ended.state, ended.outcome, ended.closed_at, ended.accept_by = "closed", outcome, now, None
    return ended
