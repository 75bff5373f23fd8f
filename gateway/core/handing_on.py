"""The end of a shift: what somebody promised, or was making good, is somebody else's from then on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace

from gateway.core import shapes
from gateway.core.action import Action, News
from gateway.core.state import Memory
from gateway.records import promises, staff
from gateway.records.store import Change
from gateway.service.owed import Owed


def ending(memory: Memory, staff_id: str, hand_to: str | None, now: float) -> Action:
    """The action by which a shift ends and what is owed goes to whoever keeps it from now on.

    The answer holds what was ``handed`` on, and what is ``kept`` because nobody works who could take it.
    """
    handed = handed_on(memory, staff_id, hand_to, now)
    moved = {owed.id for owed in handed}
    kept = [owed for owed in memory.ledger.owned_by(staff_id) if owed.id not in moved]
    gone = {**shapes.staff(staff_id, memory.floor, now), "on_shift": False, "shift_until": None}
    return Action(
        {"handed": [shapes.owed(owed) for owed in handed], "kept": [shapes.owed(owed) for owed in kept]},
        200 if handed or kept else 204,
        news=[News("staff.changed", staff_id, gone), *news_of(handed)],
        changes=[lambda tx: staff.end_shift(tx, staff_id), *map(owed_row, handed)],
        after=[lambda: memory.floor.end_shift(staff_id), lambda: memory.ledger.restore(handed)],
    )


def handed_on(memory: Memory, staff_id: str, hand_to: str | None, now: float) -> list[Owed]:
    """What this person owes, as whoever keeps it from now on owes it; nothing changes yet.

    To ``hand_to``, else to somebody on shift: a promise to the customer's deputy or associate, then to a manager; a
    complaint to a manager, who may mend, then to the deputy. Where nobody works it stays theirs.
    """
    return [
        replace(owed, owner=heir, handed_from=staff_id, handed_because="shift_ended")
        for owed in memory.ledger.owned_by(staff_id)
        if (heir := hand_to or _heir(memory, owed, now)) is not None and heir != staff_id
    ]


def news_of(handed: Iterable[Owed]) -> list[News]:
    """What everybody is told of it."""
    return [News(f"{owed.kind}.handed_over", owed.customer, shapes.owed(owed)) for owed in handed]


def owed_row(owed: Owed) -> Change[object]:
    """The change to the table of promises and complaints; its facts are taken now."""
    row, changed_at = asdict(owed), owed.closed_at or owed.at
    return lambda tx: promises.save(tx, row, at=changed_at)


def _heir(memory: Memory, owed: Owed, now: float) -> str | None:
    customer, floor = memory.person(owed.customer), memory.floor
    managers = sorted(floor.on_shift_with("manager", now), key=lambda m: not floor.connected(m))
    own = [customer.deputy, customer.associate] if customer else []
    heirs = [*own, *managers] if owed.kind == "promise" else [*managers, *own[:1]]
    return next((s for s in heirs if s and s != owed.owner and floor.on_shift(s, now)), None)
