"""Who may see whom: by role and by the zones that somebody works in, and what was asked for in spite of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gateway.core.state import Memory
from gateway.service.owed import Kind
from gateway.settings.access import ROLES_WITH_ZONES, WHATS, Access, Reach, What

KNOWN_FOR = 12 * 3600.0  # seconds: a shift
MOST_KNOWN = 20_000
ANYWAY_FOR = 900.0  # seconds: long enough to serve somebody, too short to be forgotten about
LIMITING: tuple[What, ...] = ("presence", "alerts", "customers")
KINDS: tuple[Kind, ...] = ("promise", "complaint")
WIDEST: tuple[Reach, ...] = ("all", "own", "none")

# What a well-run venue expects, where it says nothing: those on the floor see who is where they work.
_ON_THE_FLOOR: Mapping[What, Reach] = {
    "presence": "own", "alerts": "own", "customers": "own", "absent": "all", "search": "all",
}  # fmt: skip
USUAL: Mapping[str, Mapping[What, Reach]] = {
    "floor": _ON_THE_FLOOR,
    "crew": _ON_THE_FLOOR,
    "manager": dict.fromkeys(WHATS, "all"),
}


@dataclass(slots=True, frozen=True)
class Eyes:
    """Who looks: their id where they are a person, and their roles."""

    staff: str | None
    roles: tuple[str, ...]


class Sight:
    """Reads memory; keeps in mind who was shown somebody anyway, until the gateway starts anew."""

    def __init__(self, rules: Iterable[Access], memory: Memory) -> None:
        self._memory = memory
        self.opened: Callable[[str, str], bool] = lambda _staff, _customer: False
        """Whether two people opened a customer for this person."""
        self._widest: dict[tuple[tuple[str, ...], What], Reach] = {}
        self.take_up(rules)
        self._anyway: dict[tuple[str, str], float] = {}
        self._known: dict[tuple[str, str], float] = {}

    def take_up(self, rules: Iterable[Access]) -> None:
        """The rules are these from now on."""
        self._reach = {role: dict(its) for role, its in USUAL.items()}
        for rule in rules:
            for what in rule.what:
                self._reach[rule.role][what] = rule.zones
        self._widest.clear()

    def reach(self, eyes: Eyes, what: What) -> Reach:
        """How far they see: the farthest of their roles. One that works in no zone sees what its rights let it."""
        widest = self._widest.get((eyes.roles, what)) or self._widest_of(eyes.roles, what)
        return "all" if widest == "own" and not self._zones(eyes) else widest

    def limited(self, eyes: Eyes) -> bool:
        """Whether there is somebody in the house whom they may not see."""
        return any(self.reach(eyes, what) != "all" for what in LIMITING)

    def zone(self, eyes: Eyes, zone: str | None, what: What = "presence") -> bool:
        """Whether they see what is in this zone; what is in none is where they are, too."""
        reach = self.reach(eyes, what)
        return reach == "all" or (reach == "own" and (not zone or zone in self._zones(eyes)))

    def zones(self, eyes: Eyes, zones: Iterable[str]) -> bool:
        """Whether they see one of these zones; what names none is everywhere."""
        named = list(zones)
        return not named or any(self.zone(eyes, zone) for zone in named)

    def sees(self, eyes: Eyes, customer: str, what: What = "presence") -> bool:
        """Whether they see this customer: here in their zones, looked after by them, theirs, or shown anyway."""
        if self.reach(eyes, what) == "all":
            return True
        if eyes.staff is not None and (self._shown(eyes.staff, customer) or self._theirs(eyes.staff, customer)):
            return True
        here = self._memory.presence.where(customer)
        return here is not None and self.zone(eyes, here.zone, what)

    def opens(self, eyes: Eyes, customer: str) -> bool:
        """Whether they may open this customer's page: like ``sees`` where they are here, by another rule where not."""
        if self._memory.presence.where(customer) is not None:
            return self.sees(eyes, customer, "customers")
        return self.reach(eyes, "absent") == "all" or self.sees(eyes, customer, "absent")

    def saw(self, eyes: Eyes, customer: str) -> None:
        """A tablet showed them this customer: what they did meanwhile may come late, from an outbox."""
        if eyes.staff is None:
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[eyes.staff, customer] = self._memory.steady()

    def writes(self, eyes: Eyes, customer: str) -> bool:
        """Whether they may do something for this customer: whom they see, and whom they saw in the last hours."""
        if self.opens(eyes, customer):
            return True
        at = self._known.get((eyes.staff or "", customer), float("-inf"))
        return self._memory.steady() - at < KNOWN_FOR

    def anyway(self, staff: str, customer: str) -> float:
        """This person sees this customer from now on; answers until when, in steady seconds."""
        until = self._memory.steady() + ANYWAY_FOR
        self._anyway[staff, customer] = until
        return until

    def over(self) -> set[str]:
        """Those of whom something that they were shown anyway is over now; each is named once."""
        now = self._memory.steady()
        gone = [key for key, until in self._anyway.items() if until <= now]
        for key in gone:
            del self._anyway[key]
        return {staff for staff, _ in gone}

    def _widest_of(self, roles: tuple[str, ...], what: What) -> Reach:
        found = {self._reach[role][what] for role in roles if role in ROLES_WITH_ZONES}
        widest: Reach = next((reach for reach in WIDEST if reach in found), "all")
        self._widest[roles, what] = widest  # asked for each tablet and each event; there are few sets of roles
        return widest

    def _zones(self, eyes: Eyes) -> frozenset[str]:
        return self._memory.floor.zones_of(eyes.staff) if eyes.staff is not None else frozenset()

    def _shown(self, staff: str, customer: str) -> bool:
        anyway = self._anyway.get((staff, customer), float("-inf")) > self._memory.steady()
        return anyway or self.opened(staff, customer)

    def _theirs(self, staff: str, customer: str) -> bool:
        """Their own guest; one whom they owe something, look after, or whose card rings with them."""
        person = self._memory.person(customer)
        if person is not None and staff in (person.associate, person.deputy):
            return True
        if any(staff == owed.owner for kind in KINDS for owed in self._memory.dues.of_customer(customer, kind)):
            return True
        desk, here = self._memory.desk, self._memory.presence.where(customer)
        if any(staff in alert.to or staff == alert.by for alert in desk.naming(customer)):
            return True
        return here is not None and desk.attends(here.visit) == staff
