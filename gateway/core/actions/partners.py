"""What a person had from a partner in another way than by its webhook: that it has let go of something."""

from __future__ import annotations

from gateway.core import sharing
from gateway.core.action import Action, Actor
from gateway.core.gateway import Gateway
from gateway.core.sharing import Due
from gateway.events.event import News
from gateway.records import erasure_receipts, sharings
from gateway.records.erasure_receipts import PARTNER
from gateway.service.alert import Refused


def erased(house: Gateway, partner: str, receipt: str, actor: Actor) -> Action:
    """The partner has let go of who was erased; what has answered already stays as it is. Raises Refused(404)."""
    found = erasure_receipts.get(house.store.reader, receipt)
    place = (
        next((each for each in found.places if (each.kind, each.place) == (PARTNER, partner)), None) if found else None
    )
    if place is None:
        raise Refused(404, "there is no such receipt, or this partner is not on it")
    if place.done_at is not None:
        return Action(None, 204)
    data = {"erasure": receipt, "kind": PARTNER, "place": partner, "done": True, "by": actor.id}
    return Action(None, 204, news=[News("erasure.answered", receipt, data)])


def stopped(house: Gateway, partner: str, customer: str, actor: Actor) -> Action:
    """The partner has let go of all that it had of a customer, with whom nothing is shared any more.

    Raises Refused: 404 where it never had anything of them, 409 where something is still shared.
    """
    records, reader = house.memory.family.all_of(customer), house.store.reader
    by_people = not any(hook.partner == partner for hook in house.config.webhooks)
    agreed = sharings.agreed(reader, partner) if by_people else {}
    rows = {each: sharings.get(reader, partner, each) for each in records}
    rows = {each: row for each, row in rows.items() if row is not None or each in agreed}
    if not rows:
        raise Refused(404, "nothing of this customer was ever sent to this partner")
    if sharing.shared(house, partner, records[0]):
        raise Refused(409, "the customer still agrees that something is shared with this partner")
    news = []
    for each, row in rows.items():
        is_open = row is not None and row.stopped_at is None
        if is_open or (each in agreed and sharing.unanswered(row, agreed[each][0])):
            gone = Due(each, None, (), (), row.has if row else (), sharing.digest(None), known=True)
            news += sharing.acknowledged(house, gone, partner, by=actor.id)
    return Action(None, 204, news=news)
