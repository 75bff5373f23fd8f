"""What a venue has taught."""
from __future__ import annotations
from gateway.recognition.evidence import Antennas, Credential, faded, OUTSIDE
from gateway.recognition.fingerprints import Fingerprints
from gateway.recognition.plan import Plan

FLOOR_DBM = {True: -100.0, False: -80.0}
SHARE = 0.5
UNKNOWN_NATS = 1.0


class Learnt:
    def __init__(self, plan: Plan) -> None:
        self.rooms = {b: Fingerprints(len(plan.zones), FLOOR_DBM[b]) for b in (True, False)}
        self.any = {True: False, False: False}

    def label(self, zone: int, credential: Credential, at: float, weight: float = 1.0) -> None:
        levels = print_of(credential, at)
        if levels:
            self.rooms[credential.beacon].learn(zone, levels, weight)
            self.any[credential.beacon] = True

    def nats(self, credential: Credential, base: list[float], at: float) -> list[float]:
        known = self.rooms[credential.beacon]
        said = known.scores(print_of(credential, at))
        taught = [z for z, n in enumerate(said) if n > float("-inf")]
        best = max(taught, key=lambda z: said[z] + SHARE * base[z])
        top = said[best] + SHARE * base[best]
        return [said[z] + SHARE * base[z] if said[z] > float("-inf") else top - UNKNOWN_NATS + base[z] - base[best] for z in range(len(base))]


def print_of(credential: Credential, at: float) -> dict[tuple[str, int | str | None], float]:
    return {key: faded(s, s.dwell, at) for key, s in credential.signals.items() if s.role != "tap" and at - s.updated_at < max(6.0, 4 * credential.gap)}
