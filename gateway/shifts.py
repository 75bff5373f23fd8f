"""The end of a shift: what somebody promised is somebody else's to keep."""

from __future__ import annotations

from dataclasses import asdict, replace

from gateway import shapes
from gateway.deed import Deed, News
from gateway.memory import Memory
from gateway.records import promises, staff
from gateway.records.store import Change
from gateway.service.owed import Owed


def ending(memory: Memory, staff_id: str, hand_to: str | None, now: float) -> Deed:
    """The deed by which a shift ends and its open promises go to whoever keeps them from now on.

    To ``hand_to``, else to the customer's deputy or associate on shift, else to a manager on shift; where nobody works
    they stay whose they are.
    """
    handed = [
        replace(owed, owner=heir, handed_from=staff_id)
        for owed in memory.ledger.owned_by(staff_id, "promise")
        if (heir := hand_to or _heir(memory, owed, now)) is not None and heir != staff_id
    ]
    gone = {**shapes.staff(staff_id, memory.floor, now), "on_shift": False, "shift_until": None}
    news = [News("promise.handed_over", owed.customer, shapes.owed(owed)) for owed in handed]
    return Deed(
        {"handed": [shapes.owed(owed) for owed in handed]},
        200 if handed else 204,
        news=[News("staff.changed", staff_id, gone), *news],
        changes=[lambda tx: staff.end_shift(tx, staff_id), *(owed_row(owed) for owed in handed)],
        after=[lambda: memory.floor.end_shift(staff_id), lambda: memory.ledger.restore(handed)],
    )


def owed_row(owed: Owed) -> Change[object]:
    """The change to the table of promises and complaints; its facts are taken now."""
    row, changed_at = asdict(owed), owed.closed_at or owed.at
    return lambda tx: promises.save(tx, row, at=changed_at)


def _heir(memory: Memory, owed: Owed, now: float) -> str | None:
    customer = memory.person(owed.customer)
    own = [customer.deputy, customer.associate] if customer else []
    heirs = [*own, *memory.floor.on_shift_with("manager", now)]
    return next((s for s in heirs if s and s != owed.owner and memory.floor.on_shift(s, now)), None)
