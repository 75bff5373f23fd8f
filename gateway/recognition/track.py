"""What is kept in memory about one recognised customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.recognition import belief, door_side, motion
from gateway.recognition.evidence import NEW_APPROACH_S, Credential, Signal
from gateway.recognition.moments import Evidence, Here
from gateway.recognition.settings import PresenceSettings

NEVER = float("-inf")
TOLD_S = 300.0  # what staff have seen holds for so long against readers that say otherwise, unless …
TOLD_WALKING = 0.5  # … the customer walks on with this probability
TOLD_STILL = 0.1


@dataclass(slots=True)
class Track:
    """One customer: their credentials, what we believe of them, and what was last said.

    ``inside`` is in nats, ``zones`` and ``walking`` are probabilities, times are seconds since 1970 UTC.
    """

    customer: str
    zones: list[float]
    inside: float = field(default_factory=lambda: door_side.STRANGE)
    walking: float = field(default_factory=lambda: motion.NEWCOMER)
    credentials: dict[str, Credential] = field(default_factory=dict)
    present: bool = False
    restored: bool = False
    state: int = 0  # index of the zone last reported, from 1; 0 while away
    visit: str = ""
    since: float = NEVER  # in this zone
    arrived_at: float = NEVER
    confidence: float = 0.0
    reason: str = ""
    evidence: Evidence = field(default_factory=dict)
    seen_at: float = NEVER  # last read that was decided upon
    heard_at: float = NEVER  # last read
    silent_from: float = NEVER  # silence counts from here: the last read, a restart, or a reader that came back
    decided_at: float = NEVER
    sure_at: float = NEVER  # inside beyond doubt since, while the zone is still open
    due: float = NEVER  # no decision before this, nor …
    overdue: float = NEVER  # … before this on only a few reads
    wake: float = NEVER  # nothing can happen by silence before this
    pending: int = 0  # reads that no decision has used
    last_word: bool = False  # of this approach has been had
    hinted_at: float = NEVER
    exit_at: float = NEVER  # an exit read that has not become a departure yet
    exit_reader: str = ""
    left_by_exit_at: float = NEVER
    outside_at: float = NEVER  # heard outside by the door, and surely, since
    told_at: float = NEVER  # seen by staff in the zone last reported
    on_stairs_at: float = NEVER  # likely on a way between floors
    floor: int | None = None  # as far as is known, …
    floor_s: float = 0.0  # … heard there for so many s
    climbed_s: float = 0.0  # s walked since they were surely on their floor
    let_in: float = 0.0  # nats for having come in, and …
    kept_in: float = 0.0  # … for having stayed in, by what else than readers tells of doors
    left_unseen_at: float = NEVER  # said then to have left, because a tag was silent for long: no door saw them go

    def signals(self) -> Iterator[Signal]:
        """Every signal of every credential."""
        for credential in self.credentials.values():
            yield from credential.signals.values()

    def recent_signals(self) -> list[Signal]:
        """The signals that belong to the present approach."""
        return [signal for signal in self.signals() if signal.at >= self.seen_at - NEW_APPROACH_S]

    def heard_in(self, state: int) -> bool:
        """Some antenna of this zone has heard them lately: fading elsewhere alone takes nobody to where none did."""
        return any(signal.state == state for signal in self.recent_signals())

    def readers(self) -> set[str]:
        """The readers that hear this customer, or did when last heard."""
        return {signal.reader for signal in self.recent_signals()}

    def here(self, zone: str, *, quiet: bool) -> Here:
        """Where they are, for who asks; ``zone`` is the one last reported."""
        return Here(
            self.customer,
            self.visit,
            zone,
            self.since,
            round(self.confidence, 3),
            self.reason,
            self.evidence,
            max(self.seen_at, self.heard_at),
            quiet,
        )

    def restore(
        self, visit: str, state: int, since: float, seen_at: float, now: float, settings: PresenceSettings
    ) -> None:
        """Was here before a restart; silence counts from ``now``."""
        self.present = self.restored = True
        self.visit, self.state = visit, state
        self.since = self.arrived_at = since
        self.seen_at = seen_at
        self.silent_from = self.decided_at = now
        self.certain_of(state)
        self.evidence = {"kind": "restored"}
        self.confidence = settings.arrive_at
        self.wake = now + settings.floor_s

    def placed(self, state: int, at: float, evidence: Evidence, reason: str) -> None:
        """Staff have seen them in this zone."""
        self.certain_of(state)
        self.walking = min(self.walking, TOLD_STILL)  # they stood there; walking on from now counts
        self.state, self.since, self.told_at = state, at, at
        self.silent_from = max(self.silent_from, at)
        self.exit_at = NEVER
        self.confidence, self.evidence, self.reason = 1.0, evidence, reason

    def stays_as_told(self, at: float) -> bool:
        """Staff have seen them where they are a while ago, and they have not walked on since."""
        if self.walking >= TOLD_WALKING:
            self.told_at = NEVER
        return at - self.told_at < TOLD_S

    def certain_of(self, state: int) -> None:
        """A tap, a restart, or staff who see them: no doubt where."""
        self.told_at = NEVER
        self.inside, self.let_in = door_side.SUREST, 0.0
        self.zones = belief.surely(len(self.zones), state - 1)

    def begin_again(self) -> None:
        """Away, and nothing is believed any more."""
        self.present = self.restored = False
        self.state = 0
        self.visit = ""
        self.exit_at = self.sure_at = self.outside_at = self.on_stairs_at = self.told_at = NEVER
        self.floor, self.floor_s, self.climbed_s = None, 0.0, 0.0
        self.let_in = self.kept_in = 0.0
        self.wake = float("inf")
        self.inside = door_side.STRANGE
        self.walking = motion.NEWCOMER
        self.zones = belief.unknown(len(self.zones))
