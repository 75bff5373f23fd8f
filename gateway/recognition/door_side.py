"""Inside or outside? Weight of evidence in nats, step by step, as a door needs it: slow to be sure, and sure then."""

from __future__ import annotations

from collections.abc import Container, Iterable
from math import exp, log

from gateway.recognition.door_line import DoorLine
from gateway.recognition.evidence import (
    FAINT_BEACON,
    NEW_APPROACH_S,
    OUTSIDE,
    Antennas,
    Credential,
    Signal,
    Street,
    faded,
)

STRANGE = -3.0  # nats: one in twenty of those heard at a door comes in
SETTLED = 3.0  # nats; those who have come in stay, as a rule
SUREST = 5.0  # nats; more would take too long to unlearn
FORGET_S = 30.0  # where somebody was half a minute ago says a third of what it did
LEAST = -3.5  # nats; of those surely in the street now, some come in the next second
NATS_PER_DB = 0.17  # per second, both sides heard: 10 dB louder inside convince in four seconds
NATS_PER_TAG_DB = 0.3  # … of tags, which the antennas of a door hear back to back: sides are 20 dB apart, not 10
FARTHEST_DB = 12.0  # beyond this it is the fading of one path
FARTHEST_TAG_DB = 30.0
NOT_READ_DBM = -78.0  # what a round that no tag answers is worth: hardly any read is fainter
LEAST_ROUNDS = 2.0  # a second, where nothing is read as often as that
LOOK_S = 0.8  # a lone read stands for as long: what was not heard around it was not there to be heard
INSIDE_ONLY = 3.0  # nats per second, heard well inside and not at all outside
OUTSIDE_ONLY = -2.0  # nats per second
CLEAR_DB = 8.0  # above faint is plain
CLEAREST = 1.75  # 14 dB above faint
PORTAL_DB = 7.0  # above faint: tags are heard so well in the street too by a portal that nobody outside contradicts, …
PORTAL_CLEAR_DB = 2.5  # … and so much more is plain
NEAR_DB = 18.0  # above faint is within a few metres; more is what speaks for "inside" while the street is deaf
DEAF_SHARE = 0.05  # of the evidence of hearing somebody fainter: half a minute of it says as much as a second did
STREAK = 7  # reads inside without one outside are plain, however faint
STREAK_STEP_S = 0.25
CROSSING_S = 8.0  # a walk through a door from being heard outside to being heard inside
TAG_MISSED_GAPS = 1.0  # after one expected step without a read an antenna begins to lose a tag, …
MISSED_PER_S = 3.0  # … and soon has: its reads of the last second count e³ times less for each second of silence
BEACON_GAP_S = 2.5  # not heard for longer on one side than this is not heard there: three transmissions
TAG_GAP_S = 0.6  # … four reads of a tag
LAST_WORD_S = 1.5  # silence after which the last reader to hear somebody has had the last word
LAST_WORD = 6.5  # nats, if that was inside and clear: who goes on in is heard there last
FORGOTTEN_S = 10.0
STRAY_SHARE = 0.1  # of the reads of somebody who stays on one side of a door are on the other, …
STRAY_READS = 5.0  # … where fewer reads than these tell otherwise
LAST_READ = 0.6  # of what a read at the end of a streak would say if fading did not join it to the one before
OF_THOSE_THERE = 0.95  # reads of somebody who has gone to one side that are read there
STAND_S = 1.0  # a belief follows what the levels on both sides say in about this time
STILL_TO_COME_IN = 1.0  # power of the probability of staying: who passes by is heard better inside for a while, too, …
STILL_TO_GO_OUT = 1.5  # … and who walks in is for a while not
LEAD_SHARE = 0.1  # of what a door learns is the latest step
LONGEST_STAND_S = 2.0  # of that a single step counts, however long before it nothing was heard
PASSED_FROM_S = 4.0  # who passes by a door or a window begins to be gone by then, …
PASSED_S = 10.0  # … and has gone by then:
WAITS_FROM_S = 45.0  # who has not been told by then more and more likely waits outside, …
WAITS_S = 120.0  # … and comes in, if at all, as any stranger does: by being heard inside plainly
STOOD_NATS = 4.0  # who is still heard came to come in, or waits, which is told by the levels
STAND_READS = 3.0  # so many transmissions are worth half of many: the first seconds may be one fade
ON_THE_WAY = 0.5  # of what speaks against "inside" for being heard at the door, of who walks: who comes in is, too
NEAR_DOOR_DBM = -80.0  # heard louder outside is at the door itself, where both sides hear alike
NEAR_DOOR_SHARE = 0.5  # of what is above that speaks against "inside"
ROOM_SHARE = 0.5  # of what the room hears better than the door
FLOOR_DBM = -95.0  # receivers hear hardly anything below: so loud is what was not heard
PLAIN_DB = 4.0  # above the floor a level tells something: what is hardly heard inside may be anywhere
EDGE_DBM = -82.0  # what is heard fainter is missed the more often the fainter it is: …
EDGE_DB = 6.0  # … from so much below, all that was missed …
MISSED_DBM = -99.0  # … is taken for as faint as this
STILL_SHARE = 0.2  # of the evidence counts while somebody stays in one spot: it is the same fading again


def probability(nats: float) -> float:
    """Of being inside."""
    return 1.0 / (1.0 + exp(-nats))


def moved(nats: float, evidence: float) -> float:
    """The weight of evidence after some more of it."""
    return max(LEAST, min(SUREST, nats + evidence))


def forgotten(nats: float, seconds: float, present: bool) -> float:
    """The weight of evidence that is left after ``seconds``: people walk on, and the same fading is heard again."""
    usual = SETTLED if present else STRANGE
    return usual + (nats - usual) * exp(-max(0.0, seconds) / FORGET_S)


def settled(
    nats: float, credential: Credential, antennas: Antennas, line: DoorLine, walking: float, at: float, present: bool
) -> float:
    """The weight of evidence after a step that heard a beacon, drawn towards what its mean levels say of its side.

    Steps of a walk are added up; somebody who stands at one spot is heard there again and again, and it is the mean
    of all reads that tells the side. So that mean is not added: the belief settles on what it says.
    """
    target = SETTLED if present else _of_who_has_stood(credential, at)
    target += standing(credential, antennas, line, at, present)
    stillness = (1.0 - walking) ** (STILL_TO_COME_IN if target > nats else STILL_TO_GO_OUT)
    stood = stillness * min(max(LONGEST_STAND_S, credential.gap), at - credential.weighed_at)
    credential.weighed_at = at
    return moved(target + (nats - target) * exp(-max(0.0, stood) / STAND_S), 0.0)


def _of_who_has_stood(credential: Credential, at: float) -> float:
    """Nats for "inside" before anything is compared: most who are heard pass by, and have passed after a while."""
    first = min(
        (signal.first_at for signal in credential.signals.values() if signal.at > at - NEW_APPROACH_S), default=at
    )
    stood = at - first
    if stood > WAITS_FROM_S:
        return STRANGE + STOOD_NATS * max(0.0, min(1.0, (WAITS_S - stood) / (WAITS_S - WAITS_FROM_S)))
    return STRANGE + STOOD_NATS * max(0.0, min(1.0, (stood - PASSED_FROM_S) / (PASSED_S - PASSED_FROM_S)))


def standing(credential: Credential, antennas: Antennas, line: DoorLine, at: float, present: bool) -> float:
    """Nats for "inside" from how loud the street, the door and the rooms hear a beacon on the average.

    ``credential.lead`` follows what was compared, dB, for the door to learn from.
    """
    outer = inner = room = FLOOR_DBM
    words = reads = 0
    signals = credential.signals.values()
    for signal in signals:
        if signal.role == "outer":
            level = faded(signal, signal.mean, at) + signal.lost_db
            if level > outer:
                outer = level
            if signal.count > words and not present:  # who is in may lie badly for the reader of the door
                words = signal.count
    for signal in signals:
        role = signal.role
        if role == "inner" or role == "zone":
            level = faded(signal, signal.mean, at) + signal.lost_db
            if signal.count < words:
                level = _with_what_was_missed(level, signal.count, words)
            if signal.count > reads:
                reads = signal.count
            if role == "inner":
                if level > inner:
                    inner = level
            elif level > room:
                room = level
    louder = max(0.0, room - inner) * _clear(room)
    lead = inner + louder - outer - _at_door(outer, inner, min(room, inner + louder), True in antennas.rooms)
    credential.leads += 1
    credential.lead += max(LEAD_SHARE, 1.0 / credential.leads) * (lead - credential.lead)
    nats = line.nats(lead)
    if nats > 0.0:
        nats *= reads / (reads + STAND_READS) * _plain(max(inner, room))
    return nats


def _with_what_was_missed(level: float, reads: int, words: int) -> float:
    """How loud (dBm) the inside hears a thing on the average, if it has heard ``reads`` of ``words`` at that level.

    At the edge of hearing a word is heard only if fading lifts it: down the street the inner reader hears one in
    three, and that one as loud as the outer reader hears all of them.
    """
    if reads >= words or not MISSED_DBM < level < EDGE_DBM:
        return level
    return level - min(1.0, (EDGE_DBM - level) / EDGE_DB) * (1.0 - reads / words) * (level - MISSED_DBM)


def _at_door(outer: float, inner: float, room: float, rooms: bool) -> float:
    """dB against "inside" for being heard at the door itself, and less by ``rooms``, where there are any."""
    near = NEAR_DOOR_SHARE * max(0.0, outer - NEAR_DOOR_DBM)
    return near + ROOM_SHARE * (inner - room) if rooms else near


def _clear(level: float) -> float:
    """From 0 to 1: how surely a beacon that a room hears so loud (dBm) is not across the street, behind a window."""
    return max(0.0, min(1.0, (level - FAINT_BEACON) / CLEAR_DB))


def _plain(level: float) -> float:
    """From 0 to 1: how much being heard so loud (dBm) tells; what is hardly heard may be anywhere."""
    return max(0.0, min(1.0, (level - FLOOR_DBM) / PLAIN_DB))


def weigh(credential: Credential, street: Street, rooms: bool, walking: float, at: float, seconds: float) -> float:
    """Nats for "inside" from ``seconds`` of hearing this credential; ``at`` is the end of the step."""
    inside: Signal | None = None
    outside: Signal | None = None
    beacon_memory = max(BEACON_GAP_S, 2.5 * credential.gap) if credential.beacon else 0.0
    for signal in credential.signals.values():
        if at - signal.at > (beacon_memory or max(TAG_GAP_S, 3.0 * signal.gap)):
            continue
        if signal.state != OUTSIDE:
            if inside is None or signal.now > inside.now:
                inside = signal
        elif signal.role == "outer" and (outside is None or signal.now > outside.now):
            outside = signal
    _count_streak(credential, inside, outside)
    if inside is None:
        return OUTSIDE_ONLY * seconds if outside is not None else 0.0
    if not credential.beacon and street is Street.WATCHED:
        return _weigh_tag(credential, walking, at, seconds)
    if outside is None:
        return INSIDE_ONLY * _clarity(inside, inside.now, credential, street) * seconds
    level = faded(inside, inside.now, at)
    difference = max(FLOOR_DBM, level) - max(FLOOR_DBM, faded(outside, outside.now, at))
    if credential.beacon:
        difference -= ON_THE_WAY * max(0.0, _at_door_now(credential, rooms, at))
    difference = max(-FARTHEST_DB, min(FARTHEST_DB, difference))
    if difference > 0.0:
        difference *= _clear(level) if credential.beacon and inside.role == "zone" else _plain(level)
    return NATS_PER_DB * (walking + STILL_SHARE * (1.0 - walking)) * difference * seconds


def _at_door_now(credential: Credential, rooms: bool, at: float) -> float:
    outer = inner = room = FLOOR_DBM
    for signal in credential.signals.values():
        role = signal.role
        if role == "zone" or role == "inner" or role == "outer":
            level = faded(signal, signal.stride, at)
            if role == "zone":
                if level > room:
                    room = level
            elif role == "inner":
                if level > inner:
                    inner = level
            elif level > outer:
                outer = level
    return _at_door(outer, inner, room, rooms)


def _weigh_tag(credential: Credential, walking: float, at: float, seconds: float) -> float:
    looked = max(seconds, min(LOOK_S, at - credential.weighed_at))
    credential.weighed_at = at
    moving = walking + STILL_SHARE * (1.0 - walking)
    return NATS_PER_TAG_DB * moving * _louder_inside(credential, at) * looked


def _louder_inside(credential: Credential, at: float) -> float:
    """By how many dB the inside hears a tag better than the outside, rounds that heard nothing counted as faint.

    A tag that lies badly is read now and then, when the fading lets it, and as loud as any: the level of the reads
    alone tells nothing of the rounds between them.
    """
    rounds = LEAST_ROUNDS
    for signal in credential.signals.values():
        rounds = max(rounds, _lately(signal, at))
    sides = [0.0, 0.0]
    for signal in credential.signals.values():
        if signal.urgent:
            continue
        inside = signal.state != OUTSIDE
        loud = (signal.now - NOT_READ_DBM) * _lately(signal, at) / rounds
        if loud > sides[inside]:
            sides[inside] = loud
    return max(-FARTHEST_TAG_DB, min(FARTHEST_TAG_DB, sides[True] - sides[False]))


def _lately(signal: Signal, at: float) -> float:
    """Reads of about the last second; of an antenna that misses what it used to read, soon none."""
    silence = at - signal.updated_at
    missed = silence - TAG_MISSED_GAPS * signal.gap
    return signal.recent * exp(-silence - (MISSED_PER_S * missed if missed > 0.0 else 0.0))


def _count_streak(credential: Credential, inside: Signal | None, outside: Signal | None) -> None:
    """Counts the reads of one side since the other last heard a credential: above nought inside, below it outside."""
    if outside is not None and (inside is None or outside.at >= inside.at):
        credential.streak = min(0, credential.streak) - outside.fresh
        credential.streak_dbm = float("-inf")
    elif inside is not None:
        if outside is not None and outside.at >= inside.first_at and outside.at > inside.at - STREAK_STEP_S:
            credential.streak = 0
        credential.streak = max(0, credential.streak) + inside.fresh
        credential.streak_dbm = max(credential.streak_dbm, inside.now)


def _clarity(signal: Signal, level: float, credential: Credential, street: Street) -> float:
    """How well being heard inside alone speaks for being inside, 1 being plain.

    A faint level (dBm) may have come through a wall or a window. Who is heard while the street is deaf may be in it,
    unless close to a reader inside.
    """
    above = level - credential.faint
    clear = min(CLEAREST, above / CLEAR_DB)
    if street is Street.UNWATCHED:
        if signal.role == "inner" and not credential.beacon:
            clear = min(CLEAREST, (above - PORTAL_DB) / PORTAL_CLEAR_DB)
        return max(-0.3, clear)
    if street is Street.DEAF:
        near = min(CLEAREST, (above - NEAR_DB) / CLEAR_DB)
        return max(near, DEAF_SHARE * max(0.0, clear))
    return max(0.0, clear)  # a reader behind a window hears the street, too, and for longer than the outer one


def going_out(credentials: Iterable[Credential]) -> bool:
    """Is one of these tags read by the street alone now? Its silence may have something to say soon."""
    return any(credential.streak < 0 and not credential.beacon for credential in credentials)


def last_word(credentials: Iterable[Credential], antennas: Antennas, lost: Container[str], now: float) -> float:
    """Nats for "inside" once credentials have fallen silent, readers ``lost``: the most telling last word of them."""
    words = [_last_word(credential, antennas.street(credential.beacon, lost), now) for credential in credentials]
    return max(words, key=abs, default=0.0)


def _last_word(credential: Credential, street: Street, now: float) -> float:
    """Who heard it last, and how clearly?"""
    heard = [
        signal for signal in credential.signals.values() if signal.role != "exit"
    ]  # a way out tells nothing of a way in
    last = max(heard, key=lambda signal: signal.at, default=None)
    if last is None or not LAST_WORD_S <= now - last.at < FORGOTTEN_S:
        return 0.0
    if street is Street.WATCHED and not credential.beacon:
        nats = _last_reads(credential, last.at - NEW_APPROACH_S)
        if last.role != "zone":
            return nats
        return max(nats, LAST_WORD * min(1.0, (last.now - credential.faint) / CLEAR_DB))  # rooms read who is in them
    if last.state == OUTSIDE or (credential.beacon and last.role != "inner"):
        return 0.0  # a room hears beacons from afar, and of one that is in it more than one transmission
    outer_at = max(
        (signal.at for signal in credential.signals.values() if signal.role == "outer"), default=float("-inf")
    )
    if credential.beacon and outer_at > last.at - 2.0 * BEACON_GAP_S:
        return 0.0  # both sides hear each transmission of a beacon, and which is later by a millisecond is chance
    if street is not Street.DEAF and outer_at > last.at - CROSSING_S:
        plain = _plain(max(last.now, credential.streak_dbm)) if credential.beacon else 1.0
        return LAST_WORD * plain * min(1.0, max(0, credential.streak) / STREAK)  # a few reads inside may be chance
    level = max(last.now, credential.streak_dbm)
    return LAST_WORD * min(1.0, max(0.0, _clarity(last, level, credential, street)))


def _last_reads(credential: Credential, since: float) -> float:
    """Nats of a tag's last reads, all on one side: by how much likelier are so many of somebody who is there?

    Who stays on one side is read on the other in passing too; how often, the reads before tell.
    """
    outside = inside = 0
    for signal in credential.heard_since(since):
        if signal.role == "outer":
            outside += signal.count
        elif signal.state != OUTSIDE:
            inside += signal.count
    last = abs(credential.streak)
    before = max(0, (inside if credential.streak > 0 else outside) - last)
    share = (before + STRAY_SHARE * STRAY_READS) / (inside + outside - last + STRAY_READS)
    nats = min(LAST_WORD, LAST_READ * last * max(0.0, log(OF_THOSE_THERE / share)))
    return nats if credential.streak > 0 else -nats
