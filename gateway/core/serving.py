"""Who sits where, what there is, and what was ordered of it, in memory; changed by events alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.events.event import FORGOTTEN, Event
from gateway.events.times import seconds
from gateway.records import house_documents, rounds, seats
from gateway.records.connection import SealedDatabase
from gateway.service.asks import Ask
from gateway.service.menus import Menus
from gateway.service.rounds import Rounds
from gateway.service.seating import Place, Seat, Seating, place_from
from gateway.settings.venue import VenueConfig


class Serving:
    """Places, menus and rounds."""

    def __init__(self, config: VenueConfig) -> None:
        self.seating = Seating(Place(*each) for each in config.seats())
        self.menus = Menus()
        self.rounds = Rounds()

    def take_up(self, config: VenueConfig, reader: SealedDatabase) -> None:
        """The settings are these from now on; places that came in a file stand beside them as before."""
        self.seating.take_up(Place(*each) for each in config.seats())
        self.seating.lay_out(map(place_from, house_documents.get(reader, house_documents.PLACES) or []))

    def apply(self, event: Event) -> None:
        """Takes in what happened."""
        change = APPLIED.get(event.type)
        if change is not None:
            change(self, event)

    def restore(self, reader: SealedDatabase) -> None:
        """Takes all of it back from the tables."""
        self.seating.lay_out(map(place_from, house_documents.get(reader, house_documents.PLACES) or []))
        for sat in seats.of_open_visits(reader):
            self.seating.put(_seat(sat))
        for menu in rounds.menus(reader):
            self.menus.restore(menu, menu["sold"])
        for document in rounds.open_rounds(reader):
            self.rounds.put(document)
            for ask, sequence, received in rounds.orders(reader, document["id"]):
                self.rounds.ordered(Ask.from_data(ask), sequence, received)

    def resume(self, reader: SealedDatabase, visit: str) -> None:
        """A visit goes on after a while away: that the guest had a place in it is known."""
        sat = seats.get(reader, visit)
        if sat is not None and self.seating.of(visit) is None:
            self.seating.put(_seat(sat))

    # --- events ------------------------------------------------------------------------------------------------------

    def _taken(self, event: Event) -> None:
        self._seated(event, event.data["place"])

    def _freed(self, event: Event) -> None:
        self._seated(event, None)

    def _seated(self, event: Event, place: str | None) -> None:
        data = event.data
        at = seconds(data["at"]) or event.time
        self.seating.put(Seat(data["visit"], data["customer"], place, at, data["because"]))

    def _departed(self, event: Event) -> None:
        self.seating.left(event.data["visit"])

    def _places(self, event: Event) -> None:
        self.seating.lay_out(map(place_from, event.data["places"]))

    def _menu(self, event: Event) -> None:
        self.menus.put(event.data)

    def _round(self, event: Event) -> None:
        before = self.rounds.document(event.data["id"])
        if before is not None or event.type == "round.started":
            self.rounds.put(rounds.after(before, event))
        if event.type == "round.changed":
            self.menus.ordered(event.data)

    def _ask(self, event: Event) -> None:
        if "round" in event.data:  # else it is from before rounds
            self.rounds.ordered(Ask.from_data(event.data), event.sequence, event.time)
            self.menus.ordered(event.data)

    def _erased(self, event: Event) -> None:
        self.rounds.forget_customer(event.subject)

    def _clock_moved(self, event: Event) -> None:
        self.seating.shift_times(event.data["by_s"])
        self.rounds.shift_times(event.data["by_s"])


def _seat(sat: seats.Sat) -> Seat:
    return Seat(sat.visit, sat.customer, sat.place, sat.since, sat.because)


APPLIED: Mapping[str, Callable[[Serving, Event], None]] = {
    "visit.departed": Serving._departed,
    **dict.fromkeys(("ask.opened", "ask.answered", "ask.served", "order.flagged"), Serving._ask),
    "place.taken": Serving._taken,
    "place.freed": Serving._freed,
    "places.changed": Serving._places,
    "menu.changed": Serving._menu,
    **dict.fromkeys(("round.started", "round.changed", "round.ended"), Serving._round),
    **dict.fromkeys(FORGOTTEN, Serving._erased),
    "clock.moved": Serving._clock_moved,
}
