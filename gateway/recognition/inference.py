"""One step of thought about one customer: reads since the last become belief in inside, walking and zones."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.recognition import belief, door_side, motion
from gateway.recognition.beside import Beside
from gateway.recognition.drift import CALM
from gateway.recognition.evidence import Antennas, Credential, Street, absorb
from gateway.recognition.learnt import Learnt, print_of
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.track import Track

STREAM_GAPS = 3.0  # reads no more gaps apart speak for the time between them, one after a silence for itself
LONGEST_STEP_S = 2.0  # of time that one step settles, however long before it nothing was heard
TAUGHT_S = 1.0  # prints are compared so often while somebody stays, …
TAUGHT_WALKING_S = 0.5  # … and so often while they walk: the means they are made of hardly change in less
MOST_NATS = -8.0  # that one thing says against a zone
SPEAKS_S = 10.0  # what a thing said of the zones counts beside the others for so long, …
SPEAKS_GAPS = 4.0  # … or for so many gaps


def think(
    track: Track,
    at: float,
    antennas: Antennas,
    learnt: Learnt,
    beside: Beside,
    lost: Mapping[str, float],
    settings: PresenceSettings,
) -> None:
    """Moves what we believe of this customer by the reads since the last step; ``lost`` readers are dead."""
    speaking = [credential for credential in track.credentials.values() if absorb(credential)]
    since = at - track.decided_at
    seconds = _evidence_time(since, speaking, settings)
    walking = track.walking = motion.moved(track.walking, speaking, at, seconds)
    track.inside = door_side.forgotten(track.inside, since, track.present)
    for credential in speaking:
        street = antennas.street(credential.beacon, lost)
        track.inside = door_side.moved(
            track.inside, door_side.weigh(credential, street, True in antennas.rooms, walking, at, seconds)
        )
        if credential.beacon and street is Street.WATCHED:
            track.inside = door_side.settled(
                track.inside, credential, antennas, learnt.door, walking, at, track.present
            )
        credential.nats = _zone_nats(credential, antennas, learnt, lost, walking, at)
    if speaking:
        step = min(LONGEST_STEP_S, max(0.0, since))
        nats = beside.of_zones(track, _together(track, learnt, at), antennas, at, step)
        track.zones = belief.settled(track.zones, nats, walking, step)
    beside.of_doors(track, at)
    track.pending = 0
    track.last_word = False
    track.seen_at = track.silent_from = track.decided_at = at
    calm = track.present and walking < CALM
    track.due = at + (settings.calm_step_s if calm else settings.step_s)
    track.overdue = at + (settings.sparse_step_s if calm else settings.step_s)


def _zone_nats(
    credential: Credential, antennas: Antennas, learnt: Learnt, lost: Mapping[str, float], walking: float, at: float
) -> list[float]:
    """What is heard of one thing says this of the zones, up to a constant."""
    rooms = learnt.rooms[credential.beacon]
    if at - credential.taught_at < (TAUGHT_WALKING_S if walking > CALM else TAUGHT_S):
        return credential.taught
    gain = belief.nats_per_db(walking) * antennas.breadth(credential.beacon)
    default = [gain * score for score in belief.zone_scores(credential, antennas, walking, at)]
    credential.alone = default
    if not rooms or not learnt.proven.holds(credential.beacon):
        return default
    credential.taught = rooms.nats(print_of(credential, antennas, lost, at, walking), default)
    credential.taught_at = at
    return credential.taught


def _together(track: Track, learnt: Learnt, at: float) -> list[float]:
    """What a customer's things say together: the mean, each weighing what it has been worth.

    Things that one person carries fade and are shaded alike, so that two say hardly more than one. Where they part,
    one of them is no longer on its owner: a coat was hung up next door, keys lie on the table. Who that moves is not
    moved by one thing alone, unless it is known to be the better witness.
    """
    total = 0.0
    sums = [0.0] * len(track.zones)
    for credential in track.credentials.values():
        if not credential.nats or at - credential.at > max(SPEAKS_S, SPEAKS_GAPS * credential.gap):
            continue
        weight = learnt.weight(credential)
        total += weight
        top = max(credential.nats)
        for zone, nats in enumerate(credential.nats):
            sums[zone] += weight * max(MOST_NATS, nats - top)
    kept = track.state - 1
    return [s / total + (belief.KEPT_NATS if zone == kept else 0.0) for zone, s in enumerate(sums)]


def _evidence_time(since: float, speaking: list[Credential], settings: PresenceSettings) -> float:
    """Seconds of hearing that the reads of a step stand for, ``since`` seconds after the one before."""
    if since > STREAM_GAPS * min((c.gap for c in speaking), default=1.0):
        return settings.step_s
    return min(settings.calm_step_s, max(settings.step_s, since))
