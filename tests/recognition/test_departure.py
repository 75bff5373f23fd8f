"""When is somebody gone? How long silence has to be, and what a read at the way out means."""

from __future__ import annotations

import pytest

from gateway.recognition import departure
from gateway.recognition.evidence import OUTSIDE, Antennas, Credential, Signal
from gateway.recognition.plan import Plan, ReaderPlace, Role
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.track import NEVER, Track
from tests.recognition.venue import PHONE, PLAN, TAG, Venue, every

SETTINGS = PresenceSettings()
NOW = 1_000.0
PORTAL = Plan(zones=("entrance",), readers={"door": ReaderPlace("inner", "entrance")})


def person(*things: Credential, inside: float = 5.0, arrived_at: float = 0.0) -> Track:
    track = Track("c1", [1.0, 0.0, 0.0], inside=inside, arrived_at=arrived_at, present=True, state=1)
    track.seen_at = max((s.at for each in things for s in each.signals.values()), default=NEVER)
    track.credentials = {each.identifier: each for each in things}
    return track


def thing(identifier: str, *heard: Signal, gap: float = 1.0, longest: float = 10.0) -> Credential:
    credential = Credential(identifier)
    credential.gap, credential.longest = gap, longest
    credential.signals = {(each.reader, None): each for each in heard}
    credential.at = max((each.at for each in heard), default=NEVER)
    return credential


def heard(role: Role, at: float, level: float = -55.0, first_at: float | None = None, count: int = 10) -> Signal:
    signal = Signal(role, None, role, OUTSIDE if role in ("outer", "exit") else 1)
    signal.at, signal.first_at, signal.count = at, at - 5.0 if first_at is None else first_at, count
    signal.now = signal.stride = signal.dwell = level
    return signal


def patience(track: Track, plan: Plan = PLAN) -> float:
    return departure.patience(track, plan, Antennas(plan), SETTINGS)


# --- silence ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "longest", "wait"),
    [
        (3.0, 10.0, 36.0),  # twelve reads that were expected
        (1.0, 50.0, 80.0),  # or longer than it has ever been silent
        (0.1, 1.0, 20.0),  # never less,
        (20.0, 90.0, 120.0),  # and never more
    ],
)
def test_silence_is_long_by_the_credentials_own_measure(gap: float, longest: float, wait: float) -> None:
    assert patience(person(thing(PHONE, heard("zone", NOW), gap=gap, longest=longest))) == pytest.approx(wait)


def test_of_two_things_the_one_that_speaks_more_often_decides() -> None:
    keys, phone = thing(TAG, heard("zone", NOW), gap=9.0), thing(PHONE, heard("zone", NOW), gap=3.0)
    assert patience(person(keys, phone)) == pytest.approx(36.0)


def test_who_was_last_heard_outside_is_waited_for_half_as_long() -> None:
    phone = thing(PHONE, heard("zone", NOW), gap=5.0)
    assert patience(person(phone, inside=0.0)) == pytest.approx(60.0)
    assert patience(person(phone, inside=-0.1)) == pytest.approx(30.0)


def test_of_whom_nothing_is_known_as_after_a_restart_the_longest_usual_silence_is_waited_for() -> None:
    track = person()
    track.restored = True
    assert patience(track) == pytest.approx(1.6 * 28.0)


def test_a_tap_or_the_street_alone_is_no_staying() -> None:
    for role in ("outer", "exit", "tap"):
        assert departure.only_passed(person(thing(PHONE, heard(role, NOW, first_at=NOW - 60.0))), PORTAL), role
    in_a_room = thing(TAG, heard("zone", NOW))
    assert not departure.only_passed(person(in_a_room), PLAN)
    assert departure.only_passed(person(in_a_room, arrived_at=NOW + 1.0), PLAN), "that was another visit"


def test_a_phone_that_a_portal_hears_for_longer_than_it_takes_to_pass_stays() -> None:
    passing = thing(PHONE, heard("inner", NOW, first_at=NOW - 20.0))
    staying = thing(PHONE, heard("inner", NOW, first_at=NOW - 20.1))
    keys = thing(TAG, heard("inner", NOW, first_at=NOW - 60.0))  # a tag answers a portal again and again
    assert departure.only_passed(person(passing), PORTAL)
    assert not departure.only_passed(person(staying), PORTAL)
    assert departure.only_passed(person(keys), PORTAL)
    assert patience(person(passing), PORTAL) == SETTINGS.linger_s


def hears_tags(*roles: Role) -> Antennas:
    antennas = Antennas(PLAN)
    for role in roles:
        antennas.learn(heard(role, NOW), beacon=False)
    return antennas


def test_only_a_tag_alone_that_a_room_read_last_may_lie_badly_where_the_door_would_have_read_it() -> None:
    keys, phone = thing(TAG, heard("zone", NOW)), thing(PHONE, heard("zone", NOW))
    antennas = hears_tags("inner", "zone")
    assert departure.may_hide(person(keys), antennas, "zone")
    assert not departure.may_hide(person(keys), antennas, "inner")
    assert not departure.may_hide(person(keys), hears_tags("zone"), "zone"), "the door reads no tags"
    assert not departure.may_hide(person(keys, phone), antennas, "zone"), "a phone speaks anyhow"
    assert not departure.may_hide(person(keys, inside=0.5), antennas, "zone"), "not so sure that they are inside"
    assert not departure.may_hide(person(thing(TAG, heard("outer", NOW))), antennas, "zone"), "nothing inside read it"


# --- the way out ------------------------------------------------------------------------------------------------------


def gone_out(*signals: Signal, exit_at: float = NOW) -> Track:
    track = person(thing(TAG, heard("exit", NOW), *signals), arrived_at=NOW - 600.0)
    track.exit_at = exit_at
    return track


def test_a_read_at_the_way_out_is_a_departure_once_it_has_stood() -> None:
    assert not departure.left_by_exit(gone_out(), NOW + 4.9, SETTINGS)
    assert departure.left_by_exit(gone_out(), NOW + 5.0, SETTINGS)


def test_who_is_heard_inside_as_loud_as_before_has_stayed() -> None:
    track = gone_out(heard("zone", NOW + 4.0))
    assert not departure.left_by_exit(track, NOW + 5.0, SETTINGS)
    assert track.exit_at == NEVER, "and the read at the way out is forgotten"


def test_who_gets_fainter_inside_is_given_three_seconds_more() -> None:
    fading = heard("zone", NOW + 7.9)
    fading.stride = fading.dwell - 6.0
    assert not departure.left_by_exit(gone_out(fading), NOW + 7.9, SETTINGS)
    assert departure.left_by_exit(gone_out(fading), NOW + 8.0, SETTINGS)


def test_the_way_in_calls_a_departure_off_that_the_way_out_has_begun() -> None:
    track = gone_out(heard("inner", NOW + 2.1, first_at=NOW + 2.1), exit_at=NOW)
    track.seen_at = NOW + 10.0  # the read at the way out is long over
    departure.mind_exit(track)
    assert track.exit_at == NEVER
    track = gone_out(heard("inner", NOW + 2.0, first_at=NOW + 2.0), exit_at=NOW)
    track.seen_at = NOW + 10.0
    departure.mind_exit(track)
    assert track.exit_at == NOW, "both doors hear one step"


@pytest.mark.parametrize(
    ("level", "count", "counts"), [(-72.0, 3, True), (-72.0, 2, False), (-79.0, 10, False), (-50.0, 1, True)]
)
def test_a_faint_reflection_is_no_way_out(level: float, count: int, counts: bool) -> None:
    track = person(thing(TAG, heard("exit", NOW, level, count=count)), arrived_at=NOW - 600.0)
    assert (departure.exit_read(track) is not None) is counts


def test_a_read_at_the_way_out_counts_in_the_step_that_brought_it() -> None:
    for ago, counts in ((0.9, True), (1.5, False)):
        keys = thing(TAG, heard("exit", NOW - ago), heard("zone", NOW))
        assert (departure.exit_read(person(keys, arrived_at=NOW - 600.0)) is not None) is counts, ago


@pytest.mark.parametrize(
    ("inner_at", "inner_level", "exit_since", "leaves"),
    [
        (NOW - 10.0, -50.0, NOW - 5.0, True),  # the way in first, and then the way out
        (NOW - 2.0, -50.0, NOW - 5.0, False),  # both at once, and the way in reads them as well
        (NOW - 2.0, -60.0, NOW - 5.0, True),  # … or not as well
        (NOW - 4.0, -50.0, NOW - 5.0, True),  # … or no longer
        (NOW - 300.0, -60.0, NOW - 598.0, False),  # read by the way out since they came: it stands beside the way in
    ],
)
def test_a_way_out_beside_the_way_in_reads_who_comes_in_too(
    inner_at: float, inner_level: float, exit_since: float, leaves: bool
) -> None:
    keys = thing(TAG, heard("inner", inner_at, inner_level), heard("exit", NOW, first_at=exit_since))
    assert (departure.exit_read(person(keys, arrived_at=NOW - 600.0)) is not None) is leaves


def test_the_door_has_to_be_sure_for_a_while_that_somebody_went_out() -> None:
    track = person(thing(TAG, heard("outer", NOW)), inside=-5.0)
    assert [departure.walked_out(track, NOW + after, SETTINGS) for after in (0.0, 4.9, 5.0)] == [False, False, True]


def test_the_door_has_to_be_sure_for_longer_that_a_beacon_went_out_which_both_sides_hear() -> None:
    track = person(thing(PHONE, heard("outer", NOW)), inside=-5.0)
    assert [departure.walked_out(track, NOW + after, SETTINGS) for after in (0.0, 14.9, 15.0)] == [False, False, True]


def test_who_carries_a_tag_and_a_phone_is_out_as_soon_as_the_tag_is() -> None:
    track = person(thing(PHONE, heard("outer", NOW)), thing(TAG, heard("outer", NOW)), inside=-5.0)
    assert [departure.walked_out(track, NOW + after, SETTINGS) for after in (0.0, 4.9, 5.0)] == [False, False, True]


def test_only_what_the_street_has_just_heard_is_outside() -> None:
    street, door = heard("outer", NOW), heard("inner", NOW)
    assert departure.is_outside(person(thing(TAG, street), inside=-5.0), SETTINGS)
    assert not departure.is_outside(person(thing(TAG, street), inside=5.0), SETTINGS)
    assert not departure.is_outside(person(thing(TAG, door), inside=-5.0), SETTINGS)
    assert departure.is_outside(person(thing(PHONE, street), inside=-5.0), SETTINGS)
    before = person(thing(TAG, heard("outer", NOW - 10.1), door), inside=-5.0)
    assert not departure.is_outside(before, SETTINGS)


def test_who_walked_out_past_the_door_has_left_through_the_reader_that_read_them_in_the_street() -> None:
    venue = Venue()
    venue.reads("door", every(0.1, 100.0, 103.0), -50.0)
    venue.reads("street", every(0.1, 160.0, 166.5), -50.0)
    venue.until(175.0)
    (left,) = [moment for moment in venue.moments if moment.kind == "departed"]
    assert left.evidence == {"kind": "exit", "reader": "street"}


def test_the_reason_names_the_way_out() -> None:
    venue = Venue()
    venue.reads("lounge", every(0.5, 100.0, 130.0), -50.0)
    venue.reads("out", every(0.1, 135.0, 136.0), -50.0)
    venue.until(150.0)
    (left,) = [moment for moment in venue.moments if moment.kind == "departed"]
    assert left.evidence == {"kind": "exit", "reader": "out"}
