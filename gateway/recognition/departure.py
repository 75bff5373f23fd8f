"""Has somebody left? Silence that is long for what they carry, or an exit read that nothing contradicts."""

from __future__ import annotations

from gateway.recognition import door_side
from gateway.recognition.evidence import NEW_APPROACH_S, OUTSIDE, Antennas, Credential, Signal, faded
from gateway.recognition.moments import Evidence
from gateway.recognition.plan import Plan, Role
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.track import NEVER, Track

TAGS = False  # among what the antennas of a venue are known to hear; True would be beacons
MISSED_READS = 12.0  # so many expected reads in a row are not missed by chance
TAIL = 1.6  # the longest silence of a credential so far is beaten by this factor once in a hundred hours
UNKNOWN_TAIL_S = 28.0  # longest silence to expect of a credential of which nothing is known
PASSING_S = 20.0  # heard by a portal for less than this: walked through, and nothing inside can hear
CLEAR_EXIT_DB = 4.0  # above faint: one such read is the person and not a reflection from inside
EXIT_READS = 3  # fainter ones count too when there are so many, …
FAINTEST_EXIT_DB = -3.0  # … but not those from anywhere in the room
STRAY_NATS = 1.0  # one read through the wall of somebody who sits inside leaves more certainty than this, two do not
BESIDE_S = 3.0  # both ways read the same walk within this time
SEATED = 0.05  # probability of walking of somebody whose tag is read well where they are: it does not lie badly there
STAYED_S = 2.5  # heard inside within this time, as loud as before: did not leave
BEACON_OUT_S = 15.0  # both sides of a door hear a beacon: who went out stays out for longer than fading lasts
BEACON_OUT_GAPS = 8.0  # … and for more than a few transmissions
DEEP_DB = 0.0  # louder inside than in the street: who leaves is heard in the street last, and better
FALLING_S = 3.0  # fainter and fainter inside for so long: did
FALLING_DB = 3.0  # 3 s levels of somebody who walks out fall by more than this, of somebody who stays by hardly one


def patience(track: Track, plan: Plan, antennas: Antennas, settings: PresenceSettings) -> float:
    """Seconds of silence that mean this person has left; of several credentials the most talkative decides."""
    waits = [_wait(c) for c in track.credentials.values() if not c.self_reported]
    says_so = any(signal.self_reported and signal.at > signal.left_at for signal in track.signals())
    passed = only_passed(track, plan)
    if says_so and (not waits or passed):
        return settings.self_reported_s
    if is_outside(track, settings):
        return _out_after(track, settings)
    if passed:
        return settings.hold_s if may_hide(track, antennas, "inner") and TAGS in antennas.rooms else settings.linger_s
    if may_hide(track, antennas, "zone") and (track.walking >= SEATED or _has_hidden(track)):
        return settings.hold_s
    if is_quiet(track, antennas):
        return max(settings.hold_s, TAIL * max(c.longest for c in track.credentials.values()))
    wait = min(waits, default=TAIL * UNKNOWN_TAIL_S)
    if track.inside < 0.0:  # last heard outside
        wait *= 0.5
    came_back_after = max((c.came_back_after for c in track.credentials.values()), default=0.0)
    return max(_bounded(wait, settings), min(settings.hold_s, TAIL * came_back_after))


def has_gone_quiet(track: Track, now: float, plan: Plan, settings: PresenceSettings) -> bool:
    """Nothing of theirs has been heard for longer than is usual, where it would be: they are probably still here.

    A tap, a portal and a phone that says once that it is here are silent from then on as a rule.
    """
    if only_passed(track, plan) or any(signal.self_reported for signal in track.signals()):
        return False
    return now - max(track.heard_at, track.silent_from) > usual_silence(track, settings)


def usual_silence(track: Track, settings: PresenceSettings) -> float:
    """Seconds of silence that are usual of somebody who is still here."""
    return _bounded(min((_wait(c) for c in track.credentials.values()), default=TAIL * UNKNOWN_TAIL_S), settings)


def learn_silence(track: Track, silence: float) -> None:
    """They were believed gone for so long, by silence alone, and no door saw them go or come: give them that time."""
    if track.left_by_exit_at > NEVER and track.left_by_exit_at >= track.arrived_at - silence - NEW_APPROACH_S:
        return
    for credential in track.credentials.values():
        if credential.beacon and _deep_inside(credential):
            credential.came_back_after = max(credential.came_back_after, silence)


def speaks_for(track: Track, credential: Credential, at: float, settings: PresenceSettings) -> bool:
    """Something else that this person carries has been heard at ``at``, or not long enough ago to be missed."""
    if any(signal.self_reported and signal.at > signal.left_at for signal in credential.signals.values()):
        return True
    others = [c for c in track.credentials.values() if c is not credential]
    return any(at - c.at < _bounded(_wait(c), settings) for c in others)


def _wait(credential: Credential) -> float:
    return max(MISSED_READS * credential.gap, TAIL * credential.longest)


def _bounded(wait: float, settings: PresenceSettings) -> float:
    return min(settings.cap_s, max(settings.floor_s, wait))


def is_outside(track: Track, settings: PresenceSettings) -> bool:
    """A door has just heard something of theirs outside, and is as sure of it as it must be of who comes in."""
    stayed = door_side.probability(track.inside + track.kept_in)
    return stayed <= 1.0 - settings.arrive_at and _last_outside(track) is not None


def _last_outside(track: Track) -> tuple[Credential, Signal] | None:
    """What an outer reader heard of them in this approach; a tag before a beacon, which both sides of a door hear."""
    heard = [
        (credential, signal)
        for credential in track.credentials.values()
        for signal in credential.signals.values()
        if signal.role == "outer" and signal.at >= track.seen_at - NEW_APPROACH_S
    ]
    return min(heard, key=lambda found: found[0].beacon, default=None)


def _out_after(track: Track, settings: PresenceSettings) -> float:
    """Seconds that somebody who is outside stays so before they have left."""
    found = _last_outside(track)
    if found is None or not found[0].beacon:
        return settings.exit_s
    return max(BEACON_OUT_S, BEACON_OUT_GAPS * found[0].gap)


def walked_out(track: Track, at: float, settings: PresenceSettings) -> bool:
    """Have the readers of the door been sure for a while that this person, whom they still hear, has gone out?"""
    if not is_outside(track, settings):
        track.outside_at = NEVER
    elif track.outside_at == NEVER:
        track.outside_at = at
    return track.outside_at > NEVER and at - track.outside_at >= _out_after(track, settings)


def why_out(track: Track) -> Evidence:
    """The reader of the street that read them last."""
    found = _last_outside(track)
    return {"kind": "exit", "reader": found[1].reader if found is not None else ""}


def mind_exit(track: Track) -> None:
    """An exit read that is more than a reflection starts a departure; the way in calls it off."""
    found = exit_read(track)
    if found is not None and track.exit_at == NEVER:
        track.exit_at = found.at
        track.exit_reader = found.reader
    elif any(signal.role == "inner" and signal.at > track.exit_at + 2.0 for signal in track.signals()):
        track.exit_at = NEVER


def may_hide(track: Track, antennas: Antennas, role: Role) -> bool:
    """Only tags, last read where one does not leave, in a venue that reads tags at the door: lying badly, not gone.

    A tag answers only while it lies well, and does not until its owner sits down or gets up; a beacon speaks anyhow.
    """
    if TAGS not in antennas.doors or track.inside < STRAY_NATS:
        return False
    if any(credential.beacon and credential.at >= track.arrived_at for credential in track.credentials.values()):
        return False
    last = max(
        (signal for signal in track.signals() if signal.role != "outer"), key=lambda signal: signal.at, default=None
    )
    return last is not None and last.role == role


def is_quiet(track: Track, antennas: Antennas) -> bool:
    """Beacons that were last heard deep inside a venue whose street is listened to: gone quiet, and not gone.

    Phones sleep, and keychains lie under coats. Who leaves is heard by the door and in the street on the way.
    """
    if track.inside < STRAY_NATS or not antennas.beacons[OUTSIDE]:
        return False
    last = max(track.credentials.values(), key=lambda credential: credential.at, default=None)
    return last is not None and last.beacon and not last.self_reported and _deep_inside(last)


def _deep_inside(credential: Credential) -> bool:
    """Heard better inside than in the street when last heard."""
    inside = outside = float("-inf")
    for signal in credential.signals.values():
        level = faded(signal, signal.mean, credential.at)
        if signal.role == "outer":
            outside = max(outside, level)
        elif signal.state != OUTSIDE and signal.at >= credential.at - NEW_APPROACH_S:
            inside = max(inside, level)
    return inside - outside >= DEEP_DB


def never_left(track: Track) -> bool:
    """Read inside again after a departure that nobody saw, and by no door since: a tag lay badly for very long."""
    if track.left_unseen_at == NEVER:
        return False
    return not any(signal.at > track.left_unseen_at and signal.role != "zone" for signal in track.signals())


def learn_hiding(track: Track) -> None:
    """This person's tags are of those that lie badly: they are given more time from now on."""
    for credential in track.credentials.values():
        credential.has_hidden = not credential.beacon


def _has_hidden(track: Track) -> bool:
    return any(credential.has_hidden for credential in track.credentials.values())


def only_passed(track: Track, plan: Plan) -> bool:
    """Nothing inside has heard this person since arriving: only a portal or a tap, and only in passing."""
    if track.restored and plan.hears_inside:
        return False
    for credential in track.credentials.values():
        for signal in credential.signals.values():
            if signal.at < track.arrived_at or signal.role in ("outer", "exit", "tap"):
                continue
            if signal.role == "zone" or (credential.beacon and signal.at - signal.first_at > PASSING_S):
                return False
    return True


def exit_read(track: Track) -> Signal | None:
    """The signal of an exit read that this step has brought and that is more than a reflection from inside."""
    for credential in track.credentials.values():
        for signal in credential.signals.values():
            if signal.role != "exit" or signal.at < max(track.seen_at - 1.0, track.arrived_at):
                continue
            if signal.now < credential.faint + (FAINTEST_EXIT_DB if signal.count >= EXIT_READS else CLEAR_EXIT_DB):
                continue
            if not _is_coming_in(credential, signal, track.arrived_at):
                return signal
    return None


def _is_coming_in(credential: Credential, exit_: Signal, arrived_at: float) -> bool:
    return any(_coming_in(inner, exit_, arrived_at) for inner in credential.signals.values())


def _goes_out(credential: Credential, track: Track) -> bool:
    """The way out that read this thing is still not one that stands beside the way in."""
    ways_out = [
        signal for signal in credential.signals.values() if signal.role == "exit" and signal.at >= track.exit_at
    ]
    return any(not _is_coming_in(credential, signal, track.arrived_at) for signal in ways_out)


def _coming_in(inner: Signal, exit_: Signal, arrived_at: float) -> bool:
    """A way out that stands beside the way in reads who comes in, too: about when they arrive, or not as well.

    The way in reads them then still, or again, after the way out has begun to: who goes out is read there last.
    """
    if inner.role != "inner" or inner.at < exit_.first_at:
        return False
    return exit_.first_at < arrived_at + BESIDE_S or (inner.at > exit_.at - BESIDE_S and inner.now >= exit_.now)


def left_by_exit(track: Track, at: float, settings: PresenceSettings) -> bool:
    """Has an exit read become a departure by ``at``? One after which they stayed after all is forgotten."""
    waited = at - track.exit_at
    if track.exit_at == NEVER or waited < settings.exit_s:
        return False
    if not any(_goes_out(credential, track) for credential in track.credentials.values()):
        track.exit_at = NEVER
        return False
    inside = [
        signal
        for signal in track.signals()
        if signal.state != OUTSIDE and signal.at > max(track.exit_at, at - STAYED_S)
    ]
    if any(signal.stride >= signal.dwell - FALLING_DB for signal in inside):
        track.exit_at = NEVER
        return False
    return not inside or waited >= settings.exit_s + FALLING_S
