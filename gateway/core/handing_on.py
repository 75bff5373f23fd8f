"""The end of a shift: what somebody promised, was making good or had in hand is somebody else's from then on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from gateway.core import facts, shapes
from gateway.core.action import Action
from gateway.core.moment_rules import MomentRules
from gateway.core.state import Memory
from gateway.events.event import News
from gateway.service.alert import Alert, AlertNews
from gateway.service.floor import Floor
from gateway.service.owed import Owed
from gateway.service.routing import Wanted

Why = Literal["ended", "ran_out", "signed_out"]


def ending(memory: Memory, rules: MomentRules, staff_id: str, hand_to: str | None, now: float, because: Why) -> Action:
    """The action that ends a shift and gives what is owed to its new owners.

    The answer holds what was ``handed`` on, and what is ``kept`` because nobody works who could take it.
    """
    handed = handed_on(memory, staff_id, hand_to, now)
    moved = {owed.id for owed in handed}
    kept = [owed for owed in memory.dues.owned_by(staff_id) if owed.id not in moved]
    left = memory.floor.copy()
    left.end_shift(staff_id)
    data = {"staff": staff_id, "because": because, "handed": sorted(moved), "kept": sorted(o.id for o in kept)}
    return Action(
        {"handed": [_shown(memory, owed) for owed in handed], "kept": [_shown(memory, owed) for owed in kept]},
        200 if handed or kept else 204,
        news=[
            News("shift.ended", staff_id, data),
            *news_of(handed),
            *map(facts.alert, let_go(memory, rules, staff_id, hand_to, now, left, handed)),
        ],
    )


def _shown(memory: Memory, owed: Owed) -> shapes.Shape:
    return shapes.owed(owed, *memory.people.borrowed.recorded(owed.customer, owed.id))


def tablet_lost(memory: Memory, staff_id: str, now: float) -> Action:
    """The action that gives others the customers of somebody whose tablet is gone."""
    gone = memory.desk.gone(staff_id, "tablet_lost", now)
    return Action(None, news=[facts.alert(n) for n in gone], rests_on=frozenset({staff_id}))


def let_go(
    memory: Memory, rules: MomentRules, staff_id: str, hand_to: str | None, now: float, floor: Floor,
    handed: Collection[Owed],
) -> list[AlertNews]:  # fmt: skip
    """Gives this person's customers to others; ``floor`` is who is left, ``handed`` what others owe from now on."""
    dues = memory.dues.with_(*handed)

    def wanted(alert: Alert) -> Wanted:
        customer = memory.person(alert.customer)
        reconsidered = customer is not None and alert.kind == "arrival"
        return rules.wanted(customer, alert.zone, now, dues=dues) if customer and reconsidered else alert.wanted

    here = [each.visit for each in memory.presence.here()]
    return memory.desk.gone(staff_id, "shift_ended", now, hand_to, here=here, floor=floor, wanted=wanted)


def handed_on(memory: Memory, staff_id: str, hand_to: str | None, now: float) -> list[Owed]:
    """What this person owes, with its new owner; nothing changes yet.

    To ``hand_to``, else to somebody on shift: a promise to the customer's deputy or associate, then to a manager; a
    complaint to a manager, who may mend, then to the deputy. Where nobody works it stays theirs.
    """
    return [
        replace(owed, owner=heir, handed_from=staff_id, handed_because="shift_ended")
        for owed in memory.dues.owned_by(staff_id)
        if (heir := hand_to or _heir(memory, owed, now)) is not None and heir != staff_id
    ]


def news_of(handed: Collection[Owed]) -> list[News]:
    """The events that say who owns it now."""
    return [News(f"{owed.kind}.handed_over", owed.customer, owed.data()) for owed in handed]


def _heir(memory: Memory, owed: Owed, now: float) -> str | None:
    customer, floor = memory.person(owed.customer), memory.floor
    managers = sorted(floor.on_shift_with("manager", now), key=lambda m: not floor.connected(m))
    own = [customer.deputy, customer.associate] if customer else []
    heirs = [*own, *managers] if owed.kind == "promise" else [*managers, *own[:1]]
    return next((s for s in heirs if s and s != owed.owner and floor.on_shift(s, now)), None)
