"""Doors with contacts and zones with motion sensors: weak words beside those of the readers."""

from __future__ import annotations

from gateway.recognition.beside import Beside
from gateway.recognition.plan import Plan, ReaderPlace
from gateway.recognition.track import Track
from reader_drivers.sighting import Sensed
from tests.recognition.venue import PHONE, TAG, Venue, every

PLAN = Plan(
    zones=("entrance", "lounge", "bar"),
    readers={
        "street": ReaderPlace("outer"),
        "door": ReaderPlace("inner", "entrance"),
        "lounge": ReaderPlace("zone", "lounge"),
        "bar": ReaderPlace("zone", "bar"),
    },
    sensors={
        "contact": ReaderPlace("inner", "entrance"),
        "lounge-motion": ReaderPlace("zone", "lounge"),
        "bar-motion": ReaderPlace("zone", "bar"),
    },
)
DEAF = Plan(zones=PLAN.zones, readers={r: p for r, p in PLAN.readers.items() if r != "street"}, sensors=PLAN.sensors)
T0 = 1000.0


class House(Venue):
    """A venue whose door says when it is opened and shut."""

    def __init__(self, plan: Plan = PLAN) -> None:
        super().__init__(plan)
        self.until(T0 - 400.0)

    def contact(self, at: float, on: bool, reader: str = "contact") -> None:
        self.until(at)
        kind = "contact" if reader == "contact" else "motion"
        self.presence.beside.sensors.sense(Sensed(reader, None, "", None, None, at, None, kind, on))  # type: ignore[arg-type]

    def door(self, at: float) -> None:
        """Opened, and shut three seconds later."""
        self.contact(at, on=True)
        self.contact(at + 3.0, on=False)


def at_the_window(house: House) -> None:
    """Somebody leans at the window for half a minute, heard well inside, and by the street as well."""
    for at in every(0.5, T0, T0 + 30.0):
        house.read("street", at, -70.0, PHONE)
        house.read("door", at + 0.01, -63.0, PHONE)


def comes_in(house: House, start: float = T0) -> None:
    for n, at in enumerate(every(0.5, start, start + 12.0)):
        house.read("street", at, -58.0 - n, PHONE)
        house.read("door", at + 0.01, -78.0 + n, PHONE)
    house.reads("lounge", every(0.5, start + 12.0, start + 40.0), -58.0, PHONE)


def test_nobody_comes_in_by_a_door_that_did_not_open() -> None:
    without, within = House(), House()
    within.door(T0 - 300.0)
    at_the_window(without)
    at_the_window(within)
    assert "arrived" in without.said(), "the made radio must deceive, or the test says nothing"
    assert "arrived" not in within.said()


def test_who_comes_in_by_a_door_that_opens_is_told_as_soon_as_ever() -> None:
    plain, contact = House(), House()
    contact.door(T0 - 300.0)
    comes_in(plain)
    contact.contact(T0 + 4.0, on=True)
    comes_in(contact)
    assert contact.said("arrived") == ["arrived"]
    assert contact.told_at["arrived"] <= plain.told_at["arrived"]


def test_who_is_heard_deep_inside_is_believed_though_the_door_says_nothing() -> None:
    house = House()
    house.door(T0 - 300.0)
    comes_in(house)
    assert house.said("arrived") == ["arrived"], "by another door: a contact is evidence and no rule"


def test_a_contact_that_hangs_loose_is_believed_no_longer() -> None:
    house = House()
    house.door(T0 - 390.0)
    for n in range(2):
        comes_in(house, T0 + n * 2000.0)
    track = Track("c2", [1.0, 0.0, 0.0])
    house.presence.beside.of_doors(track, T0 + 2100.0)
    assert track.let_in == 0.0
    house.door(T0 + 2200.0)
    house.presence.beside.of_doors(track, T0 + 2400.0)
    assert track.let_in < 0.0


def test_a_contact_with_a_flat_battery_says_nothing() -> None:
    house = House()
    house.door(T0 - 300.0)
    for hours, against in ((0.5, True), (2.0, False), (30.0, False)):
        track = Track("c1", [1.0, 0.0, 0.0])
        house.presence.beside.of_doors(track, T0 + hours * 3600.0)
        assert (track.let_in < 0.0) is against, hours


def test_a_contact_that_reports_once_in_six_hours_is_given_its_own_time() -> None:
    beside = House().presence.beside
    for report in range(4):
        for on in (True, False) if report == 0 else (False,):
            beside.sensors.sense(Sensed("contact", None, "", None, None, T0 + report * 21_600.0, None, "contact", on))
    track = Track("c1", [1.0, 0.0, 0.0])
    beside.of_doors(track, T0 + 3 * 21_600.0 + 18_000.0)
    assert track.let_in < 0.0
    beside.of_doors(track, T0 + 3 * 21_600.0 + 40_000.0)
    assert track.let_in == 0.0


def test_a_door_that_stands_open_and_one_that_is_lost_say_nothing() -> None:
    house = House()
    house.door(T0 - 300.0)
    house.contact(T0 - 290.0, on=True)
    track = Track("c1", [1.0, 0.0, 0.0])
    house.presence.beside.of_doors(track, T0)
    assert track.let_in == track.kept_in == 0.0
    house.contact(T0, on=False)
    house.presence.reader_lost("contact", T0 + 1.0)
    house.presence.beside.of_doors(track, T0 + 200.0)
    assert track.let_in == track.kept_in == 0.0
    house.presence.reader_back("contact", T0 + 201.0)
    house.presence.beside.of_doors(track, T0 + 202.0)
    assert track.let_in < 0.0


def test_a_quiet_phone_behind_a_door_that_has_not_opened_is_still_here() -> None:
    plain, contact = House(DEAF), House(DEAF)
    contact.door(T0 - 300.0)
    for house in (plain, contact):
        house.reads("door", every(0.5, T0 - 200.0, T0 - 190.0), -55.0, PHONE)
        house.reads("lounge", every(0.5, T0 - 190.0, T0), -60.0, PHONE)
    contact.moments.clear()
    plain.until(T0 + 400.0)
    contact.until(T0 + 400.0)
    assert "departed" in plain.said(), "nobody listens in the street: silence is departure"
    assert "departed" not in contact.said()
    contact.door(T0 + 410.0)
    contact.until(T0 + 440.0)
    assert "departed" in contact.said(), "somebody has opened the door, and they were silent: they have left"


def test_who_is_read_at_the_way_out_and_then_opens_the_door_has_left() -> None:
    plan = Plan(
        zones=PLAN.zones,
        readers={"door": ReaderPlace("inner", "entrance"), "out": ReaderPlace("exit", "entrance")},
        sensors={"contact": ReaderPlace("exit", "entrance")},
    )
    stays, leaves = House(plan), House(plan)
    for house in (stays, leaves):
        house.door(T0 - 300.0)
        house.door(T0 - 200.0)
        house.reads("door", every(0.1, T0 - 198.0, T0 - 196.0), -55.0, TAG)
        house.reads("out", every(0.1, T0, T0 + 1.0), -55.0, TAG)
    leaves.door(T0 + 2.0)
    for house in (stays, leaves):
        house.until(T0 + 20.0)
    assert leaves.said("departed") == ["departed"]
    assert stays.said("departed") == [], "they stood by the door, which has not opened"


def test_motion_speaks_weakly_for_somebody_who_walks_and_for_nobody_who_sits() -> None:
    house = House()
    house.contact(T0, on=True, reader="bar-motion")
    track = Track("c1", [0.3, 0.4, 0.3])
    sensors = house.presence.beside.sensors
    track.walking = 1.0
    walks = sensors.weigh(track, [0.0, 0.0, 0.0], T0 + 2.0)
    track.walking = 0.0
    assert sensors.weigh(track, [0.0, 0.0, 0.0], T0 + 2.0) == [0.0, 0.0, 0.0]
    assert walks[:2] == [0.0, 0.0]
    assert 0.0 < walks[2] < 1.0
    track.walking = 1.0
    assert sensors.weigh(track, [0.0, 0.0, 0.0], T0 + 60.0) == [0.0, 0.0, 0.0]


def test_what_a_sensor_outside_the_plan_says_is_nobody_s() -> None:
    house = House()
    house.contact(T0, on=True, reader="unknown")
    track = Track("c1", [0.3, 0.4, 0.3])
    Beside(PLAN, {}).of_doors(track, T0)
    assert track.let_in == 0.0


TWO_DOORS = Plan(
    zones=("entrance", "yard", "lounge"),
    readers={
        "street": ReaderPlace("outer"),
        "door": ReaderPlace("inner", "entrance"),
        "gate": ReaderPlace("inner", "yard"),
        "lounge": ReaderPlace("zone", "lounge"),
    },
    sensors={"contact": ReaderPlace("inner", "entrance"), "gate-contact": ReaderPlace("inner", "yard")},
)


def heard_at(house: House, readers: dict[str, float], who: str, until: float = T0 + 4.0) -> Track:
    """Somebody whom these doors hear so loud (dBm), and what their contacts say of them."""
    for at in every(0.5, T0, until):
        for n, (reader, level) in enumerate(readers.items()):
            house.read(reader, at + 0.01 * n, level, PHONE, who)
    track = house.presence._tracks.by_customer[who]
    house.presence.beside.of_doors(track, until)
    return track


def says(house: House, sensor: str, at: float, on: bool) -> None:
    house.presence.beside.sensors.sense(Sensed(sensor, None, "", None, None, at, None, "contact", on))


def two_doors(*, gate_open: float | None = None) -> House:
    house = House(TWO_DOORS)
    for sensor in ("contact", "gate-contact"):
        says(house, sensor, T0 - 390.0, on=True)
        says(house, sensor, T0 - 385.0, on=False)
    if gate_open is not None:
        says(house, "gate-contact", gate_open, on=True)
    return house


def test_a_door_that_opens_for_others_says_nothing_of_who_stands_at_another() -> None:
    at_the_door = heard_at(two_doors(gate_open=T0 + 3.0), {"street": -60.0, "door": -70.0, "gate": -88.0}, "c1")
    at_the_gate = heard_at(two_doors(gate_open=T0 + 3.0), {"street": -60.0, "door": -88.0, "gate": -70.0}, "c1")
    assert at_the_door.let_in <= 0.0
    assert at_the_gate.let_in > 0.0


def test_who_comes_in_by_one_door_leaves_the_contact_of_the_other_in_good_repute() -> None:
    house = two_doors()
    for n in range(2):
        comes_in(house, T0 + n * 2000.0)  # by the door, and its contact says nothing
    contacts = house.presence.beside.sensors._contacts
    missed = {zone: [contact.missed for contact in named.values()] for zone, named in contacts.items()}
    assert missed == {"entrance": [2], "yard": [0]}


def test_nobody_knows_which_contact_hangs_loose_when_somebody_is_first_heard_in_a_room() -> None:
    house = two_doors()
    for n in range(3):
        house.reads("lounge", every(0.5, T0 + n * 100.0, T0 + n * 100.0 + 30.0), -55.0, PHONE, f"c{n}")
    assert house.said("arrived") == ["arrived"] * 3
    for sensor in ("contact", "gate-contact"):
        says(house, sensor, T0 + 900.0, on=False)
    assert house.presence.beside.sensors.coming_in(Track("c9", [1.0, 0.0, 0.0]), T0 + 1000.0, ()) < 0.0


def test_of_two_leaves_of_one_door_the_one_that_opened_was_theirs() -> None:
    plan = Plan(
        zones=PLAN.zones, readers=PLAN.readers, sensors={**PLAN.sensors, "leaf": ReaderPlace("inner", "entrance")}
    )
    house = House(plan)
    for sensor in ("contact", "leaf"):
        says(house, sensor, T0 - 390.0, on=True)
        says(house, sensor, T0 - 385.0, on=False)
    for n in range(2):
        says(house, "leaf", T0 + n * 2000.0 + 4.0, on=True)
        comes_in(house, T0 + n * 2000.0)
        says(house, "leaf", T0 + n * 2000.0 + 60.0, on=False)
    says(house, "contact", T0 + 2900.0, on=False)
    house.presence.beside.of_doors(track := Track("c2", [1.0, 0.0, 0.0]), T0 + 3000.0)
    assert track.let_in < 0.0, "the other leaf, which stays shut, is still believed"
