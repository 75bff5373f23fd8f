"""What one live socket shows of who is here: no more than whoever holds it may see, also as people move about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gateway.core.sight import Eyes, Sight
from gateway.events.catalogue import CATALOGUE
from gateway.events.event import FORGOTTEN, Event
from gateway.settings.access import What

Shape = dict[str, Any]
About = Callable[[str], Shape]
"""What a whole state says of one customer, here or not: the members of ``LISTS``, and ``preferences``."""

LISTS = ("present", "alerts", "asks", "promises", "complaints")
OWED = ("promises", "complaints")
SEEN: tuple[What, ...] = ("presence", "alerts", "customers")
BESIDES = ("preferences", "asks")
"""What an event brings along of a customer, beside cards and rounds."""
OF_EVENTS: Mapping[str, frozenset[What]] = {
    "visit": frozenset({"presence"}),
    "place": frozenset({"presence"}),
    "alert": frozenset({"alerts"}),
}
PAGE: frozenset[What] = frozenset({"presence", "customers"})
"""What has to be seen of a customer to be told of events whose first word this is, and of all others."""
FOR_ALL = frozenset(
    {"visit.hinted", "expected.changed"}
)  # a hint is one person's; who is expected is on everyone's list


class InView:
    """The visits that one tablet shows, by customer; asked for each event that may be sent to it."""

    def __init__(self, sight: Sight, eyes: Eyes, about: About, root: Callable[[str], str]) -> None:
        self._sight = sight
        self._eyes = eyes
        self._about = about
        self._root = root
        self._shown: dict[str, str] = {}
        self._seen: dict[str, frozenset[What]] = {}
        """What this tablet shows of each customer; who is not named, nothing but what its person is owed or said."""
        self._narrow = False

    @property
    def limited(self) -> bool:
        """Whether there is anybody whom this tablet may not show just now."""
        return self._sight.limited(self._eyes)

    @property
    def otherwise(self) -> bool:
        """Whether zones that change may change what it shows: it has not shown everybody, or may not any more."""
        return self._narrow or self.limited

    def state(self, state: Shape) -> Shape:
        """The whole state without whom this tablet may not show; what it shows begins with that."""
        self._shown, self._seen, self._narrow = {}, {}, self.limited
        if not self._narrow:
            return state
        present = [each for each in state["present"] if self._sees(each["customer"])]
        self._shown = {each["visit"]: each["customer"] for each in present}
        here = set(self._shown.values())
        named = {each["customer"] for name in ("present", "alerts", *OWED) for each in state[name]}
        for customer in named - {None}:
            self._look(customer)
        alerts = self._alerts(state["alerts"])
        for customer in here.union(each["customer"] for each in alerts if each["customer"]):
            self._saw(customer)
        return {
            **state,
            "present": present,
            "alerts": alerts,
            "asks": [each for each in state["asks"] if self._knows(each["customer"])],
            "preferences": {whose: facts for whose, facts in state["preferences"].items() if self._knows(whose)},
            "promises": [each for each in state["promises"] if self._owed(each)],
            "complaints": [each for each in state["complaints"] if self._owed(each)],
            "rounds": self._rounds(state["rounds"]),
        }

    def quiet(self, quiet: Mapping[str, str]) -> dict[str, str]:
        """Of those who have gone quiet the ones that this tablet shows."""
        return {visit: since for visit, since in quiet.items() if visit in self._shown}

    def event(self, event: Event, sent: Shape) -> tuple[Shape | None, Shape | None]:
        """What this tablet is told before an event, and of it: who comes into view or goes out; None for nothing."""
        if CATALOGUE[event.type].holder != "customer" or event.type in FOR_ALL:
            return self._of_house(event, sent)
        customer = self._root(event.subject)
        known = event.type == "visit.departed" and self._shown.pop(sent["visit"], None) is not None
        named = event.data.get("about", {}).get("with", ()) if event.type.startswith("alert.") else ()
        before = self._otherwise({customer, *map(self._root, named)}, event, sent)  # whom it names is seen with it
        told = known or self._tells(customer, event, sent)
        if told and event.type != "visit.departed":
            self._saw(customer)
        return before, self._listed(self._of_customer(customer, sent)) if told else None

    def _tells(self, customer: str, event: Event, sent: Shape) -> bool:
        """Whether an event is told as such."""
        seen = self._seen.get(customer, frozenset())
        if event.type == "visit.departed":
            return False
        needs = OF_EVENTS.get(event.type.partition(".")[0], PAGE)
        return needs <= seen or ("owner" in sent and self._owed(sent))

    def _otherwise(self, customers: Iterable[str], event: Event, sent: Shape) -> Shape | None:
        """All that is shown from now on of those who are seen otherwise than before, or in part; None of the others."""
        turned = [customer for customer in customers if self._look(customer)]
        gone = [visit for visit, whose in self._shown.items() if whose in turned and not self._sees(whose)]
        for visit in gone:
            del self._shown[visit]
        whole = self._whole(turned)
        lost = any(self._seen.get(customer) is None for customer in turned)
        arrives = event.type in ("visit.arrived", "visit.moved") and not sent.get("late")
        if arrives and "presence" in self._seen.get(self._root(event.subject), ()):
            self._shown[sent["visit"]] = self._root(event.subject)
        if arrives and event.type == "visit.arrived":
            whole = _besides(whole, sent)
        self._shown |= {each["visit"]: each["customer"] for each in whole["present"]}
        return {"gone": gone, "of": turned, **whole} if turned and (lost or gone or any(whole.values())) else None

    def _look(self, customer: str) -> bool:
        """Notes what of this customer is seen by now; whether that is otherwise than before, or not all of it."""
        before = self._seen.pop(customer, None)
        now = frozenset(what for what in SEEN if self._sees(customer, what))
        if "presence" not in now:  # nothing of a page is told live of who is not shown to be here
            now -= {"customers"}
        if now:
            self._seen[customer] = now
        return (before or frozenset()) != now or 0 < len(now) < len(SEEN)

    def _whole(self, customers: Iterable[str]) -> Shape:
        """What a whole state would say of these customers to this tablet."""
        lists: dict[str, list[Shape]] = {name: [] for name in LISTS}
        preferences: Shape = {}
        for customer in customers:
            about, here = self._about(customer), self._sees(customer)
            lists["alerts"] += self._alerts(about["alerts"])
            for name in OWED:
                lists[name] += [each for each in about[name] if self._owed(each)]
            if here:
                lists["present"] += about["present"]
            if self._knows(customer):
                lists["asks"] += about["asks"]
                preferences |= about["preferences"]
        return {**lists, "preferences": preferences}

    def _of_house(self, event: Event, sent: Shape) -> tuple[Shape | None, Shape | None]:
        before = None
        if event.type in FORGOTTEN:
            self._shown = {visit: whose for visit, whose in self._shown.items() if whose != event.subject}
            self._seen.pop(event.subject, None)
            before = self._otherwise(list(self._seen), event, sent)  # with their alerts others may go whom these named
        listed = self._listed(sent)
        empty = event.type.startswith("round.") and sent.get("rounds") and not listed["rounds"]
        return before, None if empty else listed

    def _listed(self, sent: Shape) -> Shape:
        """What an event brings along, without whom this tablet may not show."""
        if "alerts" in sent:
            sent = {**sent, "alerts": self._alerts(sent["alerts"])}
        if "rounds" in sent:
            sent = {**sent, "rounds": self._rounds(sent["rounds"])}
        return sent

    def _of_customer(self, customer: str, sent: Shape) -> Shape:
        """What is sent of a customer, without what is known of them where that is not for this tablet."""
        if self._knows(customer):
            return sent
        return {name: part for name, part in sent.items() if name not in BESIDES}

    def _knows(self, customer: str) -> bool:
        return all(self._sees(customer, what) for what in PAGE)

    def _sees(self, customer: str, what: What = "presence") -> bool:
        return self._sight.sees(self._eyes, customer, what)

    def _saw(self, customer: str) -> None:
        self._sight.saw(self._eyes, customer)

    def _alerts(self, alerts: list[Shape]) -> list[Shape]:
        return [each for each in alerts if each["customer"] is None or self._sees(each["customer"], "alerts")]

    def _rounds(self, rounds: list[Shape]) -> list[Shape]:
        return [each for each in rounds if self._sight.zones(self._eyes, each["zones"])]

    def _owed(self, owed: Shape) -> bool:
        return self._eyes.staff in (owed["owner"], owed["by"]) or self._sees(owed["customer"], "customers")


def _besides(whole: Shape, arrival: Shape) -> Shape:
    """What an arrival, and the alerts that follow, do not bring along: also of a visit that goes on what is owed."""
    alerts = [each for each in whole["alerts"] if each["visit"] != arrival["visit"] or "promise" in each["about"]]
    return {**whole, "present": [], "asks": [], "preferences": {}, "alerts": alerts}
