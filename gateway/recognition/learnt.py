"""What a venue has taught: its rooms by what all readers hear there, and how often it was right.

Nothing in it is personal: mean levels, counts. It goes along with the venue's settings, and back in.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from math import inf
from typing import Any

from gateway.recognition.belief import level_of
from gateway.recognition.door_line import DoorLine
from gateway.recognition.evidence import PHONES, Antennas, Credential
from gateway.recognition.fingerprints import SPOTS, Antenna, Fingerprints, Print, Spot
from gateway.recognition.identifiers import SCHEMES
from gateway.recognition.labels import WEIGHT, Label
from gateway.recognition.plan import Plan
from gateway.recognition.proven import RADIO, Proven
from gateway.recognition.track import Track

FLOOR_DBM = {True: -100.0, False: -80.0}  # of beacons, of tags: what is not heard is below what receivers can hear
HEARD_S = 6.0  # lately, or within four gaps: else an antenna does not hear a thing
HEARD_GAPS = 4.0
FRESH_S = 20.0  # a thing not heard for longer tells nothing of where its owner is now
CHANGED_DB = 8.0  # in the mean of the latest labels: a reader was replaced, turned, or has moved
CHANGED_LABELS = 10
ANEW_LABELS = 100  # and what the reader hears has been learnt anew
WALKED = 0.3  # probability of walking of somebody who has come from another room perhaps
COUNTED = 1000.0  # words of staff: what it is worth is told of so many, and older ones count less and less
KEPT_COUNT = 0.995  # of old counts of a kind of thing at each new label
UNTAUGHT = 0.95  # nothing is said more surely in a venue that nobody has taught
PRIOR_LABELS = 20.0
MOST_SURE = 0.99
HONEST = 0.6  # of the weight of evidence, of moves: told at 90 % they were right in 65 to 84 % of unseen houses
PHONE_WEIGHT = 4.0  # a phone is in its owner's hand where a coat, a bag and keys are not
OWN_LABEL = 5.0  # a label of this very thing counts as so many of things like it
LEAST_WORTH = 0.3
WORTH_POWER = 3.0  # right in half of the labels is an eighth of the weight
PRIOR_APPROACHES = 5.0  # of each kind, before anybody was counted: every second comes in
KNOWN_RHYTHM = 5.0  # labels after which a kind of thing is known to speak so often
MOST_RHYTHM = 50.0  # labels after which new ones replace old ones
INTRODUCED_GAPS = 4  # words that a new thing has to say to weigh against that
PASSED_WRITTEN = 50  # so many who passed by are worth being written down, or a busy street fills the disk
MOST_LEVELS = 500  # of a spot: antennas of a venue
LEAST_LEADS = 5  # steps of an approach in which somebody was heard at a door
LIGHTEST = 0.01  # spot: weights are divided by
LEAST_TOLD = 5.0  # labels of a pair of zones before anything is said of them


class BadLearnt(ValueError):
    """The document cannot be taken in; the text says what was wrong, where, and what was expected."""


class Learnt:
    """Changes by labels alone; see ``document`` for what is kept over a restart."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.rooms = {beacon: Fingerprints(len(plan.zones), floor) for beacon, floor in FLOOR_DBM.items()}
        self.proven = Proven()
        self.door = DoorLine()
        self.rhythm: dict[str, list[float]] = {}
        """Per scheme: seconds between two words of such a thing, and of how many labels that is the mean."""
        self.approaches = [0.0, 0.0]
        """Of those heard at the door: who came in, and who did not."""
        self.things: dict[str, list[float]] = {}
        """Per scheme of identifiers: labels in which such a thing said where its owner was, and all labels."""
        self.said: dict[tuple[str, str], float] = {}
        """How often a zone was said (first) of somebody who was in another or the same (second)."""
        self.changed: dict[str, float] = {}
        """Readers that hear otherwise than they did, and by how many dB; their rooms are being learnt anew."""
        self._anew: dict[str, int] = {}
        self._residuals: dict[tuple[bool, Antenna], tuple[float, int]] = {}
        self._passed = 0
        self.version = 0
        """Moves with what is worth writing down."""

    def learn(self, label: Label, said: str | None, track: Track, antennas: Antennas, lost: Container[str]) -> bool:
        """Takes in a label, when ``said`` was the zone on the tablets; False where nothing could be learnt from it.

        What was heard a quarter minute ago of who walks may be of the room before.
        """
        if label.zone not in self._plan.zones:
            return False
        lately = label.source == "walk_test" or track.walking > WALKED
        fresh = (c for c in track.credentials.values() if label.at - c.at < FRESH_S)
        prints = [(c, print_of(c, antennas, lost, label.at, lately=lately)) for c in fresh]
        heard = [(c, levels) for c, levels in prints if max(levels.values(), default=-inf) > FLOOR_DBM[c.beacon]]
        if not heard:  # nothing, or only taps: of what no reader of a room hears, no room is learnt
            return False
        zone = self._plan.zones.index(label.zone)
        self._count(label, said)
        on_owner = _on_their_owner([credential for credential, _ in heard], zone)
        for credential, levels in heard:
            if credential.beacon and label.source != "not_found" and credential.leads >= LEAST_LEADS:
                self.door.learn(credential.lead, inside=True)
            rooms = self.rooms[credential.beacon]
            if label.source == "not_found":
                rooms.unlearn(zone, levels)
                continue
            self._count_thing(credential, zone)
            self._count_rhythm(credential)
            if credential not in on_owner:
                continue
            if rooms and credential.alone:
                both, alone = rooms.nats(levels, credential.alone), credential.alone
                self.proven.count(credential.beacon, zone, both, alone, max(1.0, WEIGHT[label.source]))
            self._watch(credential.beacon, rooms.residuals(zone, levels))
            rooms.learn(zone, levels, WEIGHT[label.source])
        self._settle()
        self.version += 1
        return True

    def surely(self, zone: str) -> float:
        """The most that may be said of somebody in this zone: as often as it was right there, once that was counted."""
        total = sum(n for (said, _), n in self.said.items() if said == zone)
        right = self.said.get((zone, zone), 0.0)
        share = (right + UNTAUGHT * PRIOR_LABELS) / (total + PRIOR_LABELS)
        return min(MOST_SURE, share)

    def honest(self, zone: str, probability: float) -> float:
        """What is said of a zone that was thought so probable: fading at one spot is less independent than it looks."""
        odds = (probability / (1.0 - probability)) ** HONEST if probability < 1.0 else float("inf")
        return min(self.surely(zone), odds / (1.0 + odds) if odds < float("inf") else 1.0)

    def weight(self, credential: Credential) -> float:
        """What a thing's word is worth beside that of another thing of the same owner."""
        usual = PHONE_WEIGHT if credential.scheme in PHONES else 1.0
        right, labels = self.things.get(credential.scheme, [0.0, 0.0])
        if not labels and not credential.labels:
            return usual
        share = (right + credential.right * OWN_LABEL + 2.0) / (labels + credential.labels * OWN_LABEL + 2.0)
        return float(usual * max(LEAST_WORTH, share) ** WORTH_POWER)

    def introduce(self, credential: Credential) -> None:
        """A thing that is heard for the first time is taken to speak as often as its kind does."""
        gap, labels = self.rhythm.get(credential.scheme, (0.0, 0.0))
        if labels >= KNOWN_RHYTHM:
            credential.gap, credential.gaps = gap, INTRODUCED_GAPS

    def _count_rhythm(self, credential: Credential) -> None:
        if credential.gaps > INTRODUCED_GAPS:
            rhythm = self.rhythm.setdefault(credential.scheme, [credential.gap, 0.0])
            rhythm[1] = min(MOST_RHYTHM, rhythm[1] + 1.0)
            rhythm[0] += (credential.gap - rhythm[0]) / rhythm[1]

    def _count_thing(self, credential: Credential, zone: int) -> None:
        """Another label of which this thing, by itself, had an opinion."""
        if not credential.nats:
            return
        right = max(range(len(credential.nats)), key=credential.nats.__getitem__) == zone
        credential.labels += 1
        credential.right += right
        counts = self.things.setdefault(credential.scheme, [0.0, 0.0])
        counts[:] = [counts[0] * KEPT_COUNT + right, counts[1] * KEPT_COUNT + 1.0]

    def came_in(self, credentials: Iterable[Credential], *, again: bool = False) -> None:
        """They have arrived: what is heard of them from now on is heard of somebody inside.

        ``again``: they have been, and leave; what was heard of them so far is no approach that came to nothing.
        """
        approached = False
        for credential in credentials:
            approached |= credential.leads > 0
            credential.leads = 0
        self._count_approach(approached and not again, came_in=True)

    def come_in(self) -> float:
        """The share of those heard at the door who come in; a hint about who mostly pass by would be none."""
        came, passed = self.approaches
        return (came + PRIOR_APPROACHES) / (came + passed + 2.0 * PRIOR_APPROACHES)

    def _count_approach(self, approached: bool, *, came_in: bool) -> None:
        if approached:
            self.approaches = [n * KEPT_COUNT for n in self.approaches]
            self.approaches[0 if came_in else 1] += 1.0

    def never_came_in(self, credentials: Iterable[Credential]) -> None:
        """They were heard at the door, and are not any more: they teach the street, once."""
        approached = False
        for credential in credentials:
            approached |= credential.leads > 0
            if credential.beacon and credential.leads >= LEAST_LEADS:
                self.door.learn(credential.lead, inside=False)
                self._passed += 1
                self.version += self._passed % PASSED_WRITTEN == 0
            credential.leads = 0
        self._count_approach(approached, came_in=False)

    def _count(self, label: Label, said: str | None) -> None:
        if said is None or label.source in ("walk_test", "tap"):  # of who taps, the tap itself has said where
            return
        kept = min(1.0, COUNTED / (1.0 + sum(self.said.values())))
        for pair in self.said:
            self.said[pair] *= kept
        truly = "" if label.source == "not_found" else label.zone
        self.said[said, truly] = self.said.get((said, truly), 0.0) + 1.0

    def _watch(self, beacon: bool, residuals: Mapping[Antenna, float]) -> None:
        """An antenna that keeps differing from what was learnt hears otherwise now: it is told, and learnt anew."""
        for antenna, residual in residuals.items():
            mean, count = self._residuals.get((beacon, antenna), (0.0, 0))
            count = min(CHANGED_LABELS, count + 1)
            mean += (residual - mean) / count
            self._residuals[beacon, antenna] = (mean, count)
            if count == CHANGED_LABELS and abs(mean) >= CHANGED_DB:
                self.rooms[beacon].forget(antenna)
                self._residuals.pop((beacon, antenna))
                self.changed[antenna[0]] = round(mean, 1)
                self._anew[antenna[0]] = 0

    def _settle(self) -> None:
        """What a reader hears has been learnt anew after so many labels: nothing is to be told of it any more."""
        for reader in list(self.changed):
            self._anew[reader] = self._anew.get(reader, 0) + 1
            if self._anew[reader] > ANEW_LABELS:
                del self.changed[reader], self._anew[reader]

    # --- what it is worth ---------------------------------------------------------------------------------------

    def worth(self) -> dict[str, Any]:
        """Per zone ``labels`` and ``right`` (%), pairs that are taken for each other, and readers that have changed."""
        zones = {}
        for zone in self._plan.zones:
            total = sum(n for (said, _), n in self.said.items() if said == zone)
            right = self.said.get((zone, zone), 0.0)
            spots = sum(len(rooms.spots[self._plan.zones.index(zone)]) for rooms in self.rooms.values())
            zones[zone] = {
                "labels": round(total),
                "right": round(100.0 * right / total, 1) if total >= LEAST_TOLD else None,
                "spots": spots,
            }
        return {"zones": zones, "pairs": self._pairs(), "changed": dict(self.changed)}

    def _pairs(self) -> list[dict[str, Any]]:
        """Zones that are taken for each other, the worst first: how often they are told apart (%)."""
        pairs = []
        for n, one in enumerate(self._plan.zones):
            for other in self._plan.zones[n + 1 :]:
                wrong = self.said.get((one, other), 0.0) + self.said.get((other, one), 0.0)
                total = wrong + self.said.get((one, one), 0.0) + self.said.get((other, other), 0.0)
                if wrong >= 1.0 and total >= LEAST_TOLD:
                    apart = round(100.0 * (1.0 - wrong / total), 1)
                    pairs.append({"zones": [one, other], "apart": apart, "labels": round(total)})
        return sorted(pairs, key=lambda pair: float(pair["apart"]))

    # --- kept over restarts -------------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """All of it as JSON, by the names of zones and readers."""
        return {
            "version": 1,
            "rooms": {
                RADIO[beacon]: {
                    zone: [_spot_document(spot) for spot in spots]
                    for zone, spots in zip(self._plan.zones, rooms.spots, strict=True)
                    if spots
                }
                for beacon, rooms in self.rooms.items()
            },
            "proven": self.proven.document(),
            "door": self.door.document(),
            "rhythm": {scheme: [round(n, 2) for n in both] for scheme, both in self.rhythm.items()},
            "approaches": [round(n, 2) for n in self.approaches],
            "things": {scheme: [round(n, 2) for n in counts] for scheme, counts in self.things.items()},
            "said": [[said, truly, round(n, 2)] for (said, truly), n in sorted(self.said.items())],
            "changed": self.changed,
        }

    def take_back(self, document: Mapping[str, Any]) -> None:
        """What ``document`` gave, here or in another copy of this venue; raises BadLearnt, and then nothing changes.

        Zones and readers that the venue no longer has are left out.
        """
        fresh = Learnt(self._plan)
        try:
            if document["version"] != 1:
                raise BadLearnt(f"version {document['version']!r}: expected 1")
            for beacon, name in RADIO.items():
                for zone, spots in document["rooms"].get(name, {}).items():
                    if len(spots) > SPOTS:
                        raise BadLearnt(f"rooms.{name}.{zone}: {len(spots)} spots: expected {SPOTS} at most")
                    if zone in self._plan.zones:
                        kept = [_spot(spot, self._plan, f"rooms.{name}.{zone}") for spot in spots]
                        fresh.rooms[beacon].spots[self._plan.zones.index(zone)] = [s for s in kept if s.levels]
            for scheme, both in dict(document.get("rhythm", {})).items():
                gap, labels = (_number(n, f"rhythm.{scheme}", 0.0, 1e6) for n in both)
                if scheme not in SCHEMES:
                    raise BadLearnt(f"rhythm.{scheme}: expected a kind of identifier")
                fresh.rhythm[scheme] = [gap, labels]
            came, passed = (_number(n, "approaches", 0.0, 1e6) for n in document.get("approaches", (0.0, 0.0)))
            fresh.approaches = [came, passed]
            for scheme, counts in dict(document.get("things", {})).items():
                right, labels = (_number(n, f"things.{scheme}", 0.0, 1e6) for n in counts)
                if scheme not in SCHEMES or right > labels:
                    raise BadLearnt(f"things.{scheme}: expected a kind of identifier, right in no more than all labels")
                fresh.things[scheme] = [right, labels]
            fresh.door = DoorLine.of(document["door"])
            fresh.proven = Proven.of(document.get("proven", {}))
            for said, truly, n in document.get("said", ()):
                if said in self._plan.zones and truly in ("", *self._plan.zones):
                    fresh.said[said, truly] = _number(n, "said", 0.0, 1e6)
            fresh.changed = {
                str(r): _number(db, "changed", -100.0, 100.0)
                for r, db in dict(document.get("changed", {})).items()
                if r in self._plan.readers
            }
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as wrong:
            if isinstance(wrong, BadLearnt):
                raise
            raise BadLearnt(f"not a document of what a venue has learnt: {wrong}") from None
        for rooms in fresh.rooms.values():
            rooms.weigh_trust()
        self.rooms, self.door, self.things, self.proven = fresh.rooms, fresh.door, fresh.things, fresh.proven
        self.approaches, self.rhythm = fresh.approaches, fresh.rhythm
        self.said, self.changed = fresh.said, fresh.changed
        self._residuals.clear()
        self._anew.clear()
        self.version += 1


def _on_their_owner(things: Sequence[Credential], zone: int) -> Sequence[Credential]:
    """Those that teach what their owner's zone sounds like: where one says so by itself, not those that say otherwise.

    A coat hung up next door would teach that its own room is the owner's.
    """
    agree = [thing for thing in things if thing.nats and thing.nats.index(max(thing.nats)) == zone]
    return agree or things


def print_of(
    credential: Credential, antennas: Antennas, lost: Container[str], at: float, walking: float = 0.0,
    *, lately: bool = False,
) -> Print:  # fmt: skip
    """What every antenna that could hear this thing hears of it, dBm: on the average of the last quarter minute.

    Of a walker, where the levels are heading now; with ``lately``, on the average of the last seconds.
    """
    floor = FLOOR_DBM[credential.beacon]
    levels: dict[Antenna, float] = {
        antenna: floor for antenna in antennas.hearing(credential.beacon) if antenna[0] not in lost
    }
    breadth = antennas.breadth(credential.beacon)
    oldest = at - max(HEARD_S, HEARD_GAPS * credential.gap)
    for antenna, signal in credential.signals.items():
        if antenna in levels and signal.updated_at > oldest:
            levels[antenna] = max(
                floor, signal.stride + signal.lost_db if lately else level_of(signal, walking, at, breadth)
            )
    return levels


def _spot_document(spot: Spot) -> dict[str, Any]:
    levels = [[reader, antenna, round(level, 1)] for (reader, antenna), level in spot.levels.items()]
    return {"weight": round(spot.weight, 2), "levels": levels}


def _spot(document: Mapping[str, Any], plan: Plan, where: str) -> Spot:
    levels: dict[Antenna, float] = {}
    if len(document["levels"]) > MOST_LEVELS:
        raise BadLearnt(f"{where}: {len(document['levels'])} levels: expected at most {MOST_LEVELS}")
    for reader, antenna, level in document["levels"]:
        if not isinstance(reader, str) or not isinstance(antenna, int | str | None):
            raise BadLearnt(f"{where}: {reader!r}, {antenna!r}: expected a reader's id, and an antenna or null")
        if reader in plan.readers:
            levels[reader, antenna] = _number(level, f"{where}.{reader}", -150.0, 50.0)
    return Spot(levels, _number(document["weight"], f"{where}.weight", LIGHTEST, 1e6))


def _number(value: object, where: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadLearnt(f"{where}: {value!r}: expected a number from {least:g} to {most:g}")
    return float(value)
