"""Who became reachable after their turn: a card that rings with others goes on to them, for as long as it is open."""

from __future__ import annotations

from collections.abc import Callable

from gateway.service.alert import Alert
from gateway.service.floor import Floor
from gateway.service.routing import Hands, How


def late_comers(
    alert: Alert, floor: Floor, hands: Hands, steps: int, now: float, *,
    managers: Callable[[], list[str]], best: Callable[[], list[str]],
) -> tuple[list[str], How] | None:  # fmt: skip
    """With whom the card rings from now on, and by which rule; None where nobody missed their turn.

    ``steps`` is how often a card moves on until it is the managers'; ``best`` is who is free and was not asked.
    """
    if alert.level >= steps and hands.managers and hands.managers.isdisjoint(alert.asked):
        return managers(), "managers"
    if not alert.level or not hands.free or alert.wanted.manager:
        return None
    own = [staff for staff in alert.wanted.own if staff not in alert.asked and floor.answers(staff, now)]
    missed = len(alert.asked) <= alert.level and hands.managers.isdisjoint(alert.asked)
    to = best() if own or missed else []
    if to and to[0] in own:
        return [*(staff for staff in alert.to if floor.answers(staff, now)), *to], "again"
    return (to, "again") if to and missed else None
