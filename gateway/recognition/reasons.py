"""Why we think so: in parts for the console's own language, and as one line that a waiter understands."""

from __future__ import annotations

from collections.abc import Callable

from gateway.recognition.evidence import OUTSIDE, Signal
from gateway.recognition.moments import Evidence
from gateway.recognition.plan import Plan
from gateway.recognition.track import Track


def sentence(evidence: Evidence) -> str:
    """One line for a person, from the parts of the evidence."""
    return _SENTENCES[str(evidence["kind"])](evidence)


def why_here(person: Track, state: int) -> Evidence:
    """The reads that speak for being in this zone; for ``OUTSIDE`` (a hint) the most telling reads of all."""
    signals = person.recent_signals()
    best = max(
        (signal for signal in signals if state in (OUTSIDE, signal.state)) if _any_in(signals, state) else signals,
        key=lambda signal: (signal.now, signal.count),
    )
    evidence: Evidence = {
        "kind": "reads",
        "reader": best.reader,
        "reads": best.count,
        "seconds": round(best.at - best.first_at, 1),
    }
    rival = max(
        (signal for signal in signals if signal.state != best.state), key=lambda signal: signal.now, default=None
    )
    if rival is not None and best.now - rival.now >= 1.0:
        evidence["db"] = round(best.now - rival.now)
        evidence["over"] = rival.reader
    return evidence


def why_moved(person: Track, state: int, at: float, plan: Plan) -> Evidence:
    """What says that somebody has gone from the zone last reported to this one."""
    signals = person.recent_signals()
    here = max((signal for signal in signals if signal.state == state), key=lambda signal: signal.now)
    there = max(
        (signal for signal in signals if signal.state == person.state), key=lambda signal: signal.now, default=None
    )
    evidence: Evidence = {
        "kind": "moved",
        "reader": here.reader,
        "from": plan.zones[person.state - 1],
        "reads": here.count,
        "seconds": round(min(at - here.first_at, at - person.since), 1),
    }
    if there is not None and here.now - there.now >= 1.0:
        evidence["db"] = round(here.now - there.now)
    return evidence


def why_tapped(signal: Signal) -> Evidence:
    """A tap is reason enough, and so is the phone's own word."""
    return {"kind": "told" if signal.self_reported else "tap", "reader": signal.reader}


def _any_in(signals: list[Signal], state: int) -> bool:
    return state == OUTSIDE or any(signal.state == state for signal in signals)


def _reads(e: Evidence) -> str:
    n = int(e["reads"])
    text = f"{n} read{'' if n == 1 else 's'} at {e['reader']}"
    if n > 1:
        text += f" in {e['seconds']:.1f} s"
    if "db" in e:
        text += f", {e['db']:.0f} dB above {e['over']}"
    if "away" in e:
        text += f", back after {_span(float(e['away']))}"
    if "missed" in e:
        text += f", believed gone for {_span(float(e['missed']))}"
    return text


def _moved(e: Evidence) -> str:
    louder = f", {e['db']:.0f} dB louder than in {e['from']}" if "db" in e else f", less and less in {e['from']}"
    return f"heard at {e['reader']}{louder}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90.0 else f"{seconds / 60.0:.0f} min"


def _silence(e: Evidence) -> str:
    text = f"not heard for {_span(float(e['seconds']))}"
    return text + f", last at {e['reader']}" if "reader" in e else text


_SENTENCES: dict[str, Callable[[Evidence], str]] = {
    "reads": _reads,
    "moved": _moved,
    "tap": lambda e: f"tapped at {e['reader']}",
    "told": lambda e: f"their phone says so, by {e['reader']}",
    "seen": lambda e: "seen there by staff",
    "silence": _silence,
    "exit": lambda e: f"read at {e['reader']} on the way out",
    "left": lambda e: f"their phone says that it has left, by {e['reader']}",
    "restored": lambda e: "was here before the restart",
    "ended": lambda e: str(e["why"]),
}
