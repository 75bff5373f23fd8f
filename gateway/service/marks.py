"""What is said of a card and gives it to nobody else: that it was of use, that its customer has been met."""

from __future__ import annotations

from gateway.service.alert import Alert, AlertNews, Refused


def rate(alert: Alert, staff: str, *, useful: bool) -> list[AlertNews]:
    """Whether the card was of use, in one tap; the last word holds."""
    if alert.rated == useful:
        return []
    marked = alert.copy()
    marked.rated = useful
    return [AlertNews("alert.rated", marked, staff)]


def meet(
    alert: Alert, staff: str, holder: str | None, now: float, at: float | None = None, *, met: bool, lead: bool
) -> list[AlertNews]:
    """Who has the customer is with them, at ``now``; said twice it is the first time, and ``met`` false takes it back.

    ``at`` is when, of a tablet that was out of reach: never after now, never before the claim, and also of a card that
    was closed only after it. Raises Refused(409) where somebody else, called ``holder``, has the customer, unless
    ``lead``, and where nobody has.
    """
    if not (alert.state == "claimed" or (met and at is not None and _held(alert, at))):
        why = f"this alert is closed: {alert.outcome}" if alert.state == "closed" else "nobody has claimed this alert"
        raise Refused(409, why, alert=alert)
    if alert.by != staff and not lead:
        raise Refused(409, f"{holder} has this customer", alert=alert)
    if (alert.met_at is not None) == met:
        return []
    marked = alert.copy()
    when = now if at is None else max(min(at, now), alert.claimed_at or alert.opened_at)
    marked.met_at = when if met else None
    return [AlertNews("alert.met", marked, staff)]


def _held(alert: Alert, at: float) -> bool:
    """Whether somebody had the customer ``at`` that time, in a card that is closed now and says nothing against it."""
    met_nobody = alert.outcome in ("not_found", "wrong_person")
    return alert.claimed_at is not None and not met_nobody and alert.claimed_at <= at <= (alert.closed_at or at)
