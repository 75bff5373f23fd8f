"""Has somebody left? Silence that is long for what they carry, or an exit read that nothing contradicts."""

from __future__ import annotations

from gateway.recognition.evidence import OUTSIDE, Credential, Link
from gateway.recognition.person import Person
from gateway.recognition.plan import Plan
from gateway.recognition.settings import PresenceSettings

MISSED_READS = 12.0  # so many expected reads in a row are not missed by chance
TAIL = 1.6  # the longest silence of a credential so far is beaten by this factor once in a hundred hours
UNKNOWN_TAIL_S = 28.0  # longest silence to expect of a credential of which nothing is known
PASSING_S = 20.0  # heard by a portal for less than this: walked through, and nothing inside can hear
CLEAR_EXIT_DB = 4.0  # above faint: one such read is the person and not a reflection from inside
EXIT_READS = 3  # faint ones count too when there are so many
STAYED_S = 2.5  # heard inside within this time, as loud as before: did not leave
FALLING_S = 3.0  # fainter and fainter inside for so long: did
FALLING_DB = 3.0  # 3 s levels of somebody who walks out fall by more than this, of somebody who stays by hardly one


def patience(person: Person, plan: Plan, settings: PresenceSettings) -> float:
    """Seconds of silence that mean this person has left; of several credentials the most talkative decides."""
    waits = [_wait(c) for c in person.credentials.values() if not c.told]
    told = any(link.told and link.at > link.left_at for link in person.links())
    if told and (not waits or only_passed(person, plan)):
        return settings.told_s
    if only_passed(person, plan):
        return settings.linger_s
    wait = min(waits, default=TAIL * UNKNOWN_TAIL_S)
    if person.inside < 0.0:  # last heard outside
        wait *= 0.5
    return min(settings.cap_s, max(settings.floor_s, wait))


def speaks_for(person: Person, credential: Credential, at: float, settings: PresenceSettings) -> bool:
    """Something else that this person carries has been heard at ``at``, or not long enough ago to be missed."""
    if any(link.told and link.at > link.left_at for link in credential.links.values()):
        return True
    others = [c for c in person.credentials.values() if c is not credential]
    return any(at - c.at < min(settings.cap_s, max(settings.floor_s, _wait(c))) for c in others)


def _wait(credential: Credential) -> float:
    return max(MISSED_READS * credential.gap, TAIL * credential.longest)


def only_passed(person: Person, plan: Plan) -> bool:
    """Nothing inside has heard this person since arriving: only a portal or a tap, and only in passing."""
    if person.restored and plan.hears_inside:
        return False
    for link in person.links():
        if link.at < person.arrived_at or link.role in ("outer", "exit", "tap"):
            continue
        if link.role == "zone" or link.at - link.first_at > PASSING_S:
            return False
    return True


def exit_read(person: Person) -> Link | None:
    """The link of an exit read that this step has brought and that is more than a reflection from inside."""
    for credential in person.credentials.values():
        for link in credential.links.values():
            if link.role != "exit" or link.at < max(person.seen_at - 1.0, person.arrived_at):
                continue
            if link.count >= EXIT_READS or link.now >= credential.faint + CLEAR_EXIT_DB:
                return link
    return None


def left_by_exit(person: Person, at: float, settings: PresenceSettings) -> bool | None:
    """Has an exit read become a departure by ``at``? False if they stayed after all, None while it is open."""
    waited = at - person.exit_at
    if waited < settings.exit_s:
        return None
    inside = [link for link in person.links() if link.state != OUTSIDE and link.at > max(person.exit_at, at - STAYED_S)]
    if not inside:
        return True
    if any(link.stride >= link.dwell - FALLING_DB for link in inside):
        return False
    return True if waited >= settings.exit_s + FALLING_S else None
