"""Rounds: begun, ended, what is ordered for seats whose guest nobody knows, and what the galley has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.core.action import Action, Actor
from gateway.core.actions.asks import became
from gateway.core.actions.orders import left_out
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.core.table import changed, guests
from gateway.events import folds
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.records import rounds as written
from gateway.service.alert import Refused
from gateway.service.asks import Ask, same
from gateway.service.menus import Item
from gateway.service.rounds import Plate, Round, plate_of, round_from, rows_at_first


def start(
    house: Gateway, question: str, zones: Sequence[str], menu: str | None, id_: str | None, at: float | None,
    actor: Actor, now: float,
) -> Action:  # fmt: skip
    """A round begins: every place of its zones has a row, empty ones too, and then who has no place.

    The same once more, by its id, is that round. What was asked and answered already counts.
    """
    known = [zone.id for zone in house.config.zones]
    for zone in zones:
        if zone not in known:
            raise Refused(422, f"there is no zone {zone!r}")
    if menu is not None and house.memory.menus.find(menu) is None:
        raise Refused(422, "there is no such menu")
    zones = list(dict.fromkeys(zones)) or known
    there = written.get(house.store.reader, id_) if id_ is not None else None
    if there is not None:
        if (there["question"], there["zones"], there["menu"], there["by"]) != (question, zones, menu, actor.id):
            raise Refused(409, "this id is another round's")
        return Action(get(house, there["id"]), 201)
    if any(
        same(each.question) == same(question) and set(each.zones) & set(zones) for each in house.memory.rounds.all()
    ):
        raise Refused(409, "there is a round with this question already")
    places = [each.place for each in house.memory.seating.in_zones(zones)]
    begun = Round(id_ or new_id(now), question, tuple(zones), menu, actor.id, min(at or now, now), ())
    begun.rows = rows_at_first(places, ())
    begun.rows = rows_at_first(places, guests(house.memory, begun))
    data = {
        "id": begun.id, "question": question, "zones": zones, "menu": menu, "by": actor.id, "at": iso(begun.started_at),
        "rows": [row.data() for row in begun.rows],
    }  # fmt: skip
    earlier = _answered_before(house, begun)
    for ask in earlier:
        begun.plates[ask.id] = plate_of(ask, 1, now)
    news = [News("round.started", begun.id, data), *(became(ask, ask) for ask in earlier)]
    return Action(house.views.dining.round(begun), 201, news=news)


def _answered_before(house: Gateway, begun: Round) -> list[Ask]:
    """What guests in the round were asked already and have answered: it counts in this round."""
    visits = [row.visit for row in begun.rows if row.visit is not None]
    stand = (house.memory.asks.standing(visit, begun.question) for visit in visits)
    return [replace(ask, round=begun.id) for ask in stand if ask is not None and ask.state != "open"]


def get(house: Gateway, id_: str) -> Shape:
    """A round as it stands, or as it ended; raises Refused(404)."""
    found = house.memory.rounds.find(id_)
    return house.views.dining.round(found if found is not None else _past(house, id_))


def _past(house: Gateway, id_: str) -> Round:
    document = written.get(house.store.reader, id_)
    if document is None:
        raise Refused(404, "there is no such round")
    found = round_from(document)
    for ask, sequence, received in written.orders(house.store.reader, id_):
        found.plates[ask["id"]] = plate_of(Ask.from_data(ask), sequence, received)
    return found


def end(house: Gateway, id_: str, at: float | None, actor: Actor, now: float) -> Action:
    """A round is over; ending it once more is the same end."""
    found = house.memory.rounds.find(id_)
    if found is None:
        return Action(house.views.dining.round(_past(house, id_)))
    ended = replace(found, ended_at=min(at or now, now), plates=dict(found.plates))
    data = {"id": id_, "by": actor.id, "at": iso(ended.ended_at or now)}
    return Action(house.views.dining.round(ended), news=[News("round.ended", id_, data)])


def order(house: Gateway, id_: str, place: str, said: dict[str, Any], actor: Actor, now: float) -> Action:
    """An order for a place whose guest nobody knows; another takes its place until it is served.

    Raises Refused(409) with who sits there where the guest is known: then it is asked in their visit.
    """
    round_ = house.memory.rounds.get(id_)
    row = round_.row_at(place)
    seat = house.memory.seating.at(place)
    if seat is not None:
        raise Refused(409, f"the guest at {place} is known: ask in their visit", sitting=seat)
    item = _item(house, round_, said["item"], said["answer"], said["without"])
    before = next((p for p in round_.plates.values() if p.visit is None and p.place == place), None)
    if said["id"] is not None and said["id"] in round_.plates:
        there = round_.plates[said["id"]]
        if (there.place, there.item) != (place, item.id if item is not None else None):
            raise Refused(409, "this id is another order's")
        return Action(house.views.dining.round(round_), 201)
    if before is not None and before.served:
        raise Refused(409, f"{place} was served already")
    data = {
        "id": before.id if before is not None else said["id"] or new_id(now), "place": row.place,
        "item": item.id if item is not None else None, "labels": dict(item.labels) if item is not None else None,
        "answer": said["answer"] or (item.labels["en"] if item is not None else ""), "without": list(said["without"]),
        "note": said["note"], "by": actor.id, "at": iso(min(said["at"] or now, now)), "served_by": None,
        "served_at": None, "cancelled": False, "flagged": [], "seen_by": None, "seen_at": None,
    }  # fmt: skip
    had, has = (before.item if before is not None else None), data["item"]
    takes, gives_back = (None, None) if had == has else (has, had)
    news = changed(round_, "order", now, by=actor.id, order=data, takes=takes, gives_back=gives_back)
    return _changed(house, round_, news, 201)


def serve(
    house: Gateway, id_: str, place: str, served: bool, cancelled: bool, at: float | None, actor: Actor, now: float
) -> Action:  # fmt: skip
    """A place has what was ordered there, or after all has not, or does not want it any more."""
    round_ = house.memory.rounds.get(id_)
    plate = _plate(round_, place)
    data = house.memory.rounds.seat_order(id_, plate.id)
    if cancelled:
        news = changed(
            round_, "order", now, by=actor.id, order={**data, "cancelled": True}, gives_back=plate.item
        )  # fmt: skip
        return _changed(house, round_, news)
    if plate.served == served:
        return Action(house.views.dining.round(round_))
    when = {"served_by": actor.id, "served_at": iso(min(at or now, now))} if served else {}
    data |= {"served_by": None, "served_at": None, **when}
    return _changed(house, round_, changed(round_, "served", now, by=actor.id, order=data))


def saw_flag(house: Gateway, id_: str, place: str, at: float | None, actor: Actor, now: float) -> Action:
    """The galley has seen what became known against the order of a place."""
    round_ = house.memory.rounds.get(id_)
    plate = _plate(round_, place)
    if not plate.wants_tap:
        return Action(house.views.dining.round(round_))
    data = house.memory.rounds.seat_order(id_, plate.id)
    data |= {"seen_by": actor.id, "seen_at": iso(min(at or now, now))}
    return _changed(house, round_, changed(round_, "flagged", now, by=actor.id, order=data))


def acknowledge(house: Gateway, id_: str, sequence: int, actor: Actor, now: float) -> Action:
    """The galley has seen the counts as of the event ``sequence``: what they hold is taken."""
    round_ = house.memory.rounds.get(id_)
    sequence = min(sequence, round_.sequence)  # nobody has seen what is to come
    if sequence <= round_.seen:
        return Action(house.views.dining.round(round_))
    return _changed(house, round_, changed(round_, "acknowledged", now, by=actor.id, acknowledged=sequence))


def _plate(round_: Round, place: str) -> Plate:
    """What was ordered for a place whose guest nobody knew; raises Refused(404)."""
    found = next((p for p in round_.plates.values() if p.visit is None and p.place == place), None)
    if found is None:
        raise Refused(404, "nothing was ordered for this place")
    return found


def _item(
    house: Gateway, round_: Round, item: str | None, answer: str | None, without: Sequence[str]
) -> Item | None:  # fmt: skip
    menu = house.memory.menus.find(round_.menu)
    if item is None:
        found = menu.named(answer or "") if menu is not None else None
    elif menu is None:
        raise Refused(422, "this round has no menu")
    else:
        found = menu.item(item)
    if found is None:
        return None
    left_out(found, without)
    return found


def _changed(house: Gateway, round_: Round, news: News, status: int = 200) -> Action:
    """The round as the event leaves it, with the event."""
    document = house.memory.rounds.document(round_.id)
    after = round_from(folds.round_after(document, news.type, news.data, round_.sequence + 1, house.memory.now()))
    after.plates |= {id_: plate for id_, plate in round_.plates.items() if plate.visit is not None}
    return Action(house.views.dining.round(after), status, news=[news])
