"""Why we think so, in words a waiter understands, and the same in parts for the console's own language."""

from __future__ import annotations

from collections.abc import Callable

from gateway.recognition.moments import Evidence


def sentence(evidence: Evidence) -> str:
    """One line for a person, from the parts of the evidence."""
    return _SENTENCES[str(evidence["kind"])](evidence)


def _reads(e: Evidence) -> str:
    n = int(e["reads"])
    text = f"{n} read{'' if n == 1 else 's'} at {e['reader']}"
    if n > 1:
        text += f" in {e['seconds']:.1f} s"
    if "db" in e:
        text += f", {e['db']:.0f} dB above {e['over']}"
    if "from" in e:
        text += f", back {e['away']:.0f} s after leaving"
    return text


def _moved(e: Evidence) -> str:
    text = f"louder at {e['reader']} than in {e['from']}"
    if "db" in e:
        text += f" by {e['db']:.0f} dB"
    return text + f" for {e['seconds']:.1f} s"


_SENTENCES: dict[str, Callable[[Evidence], str]] = {
    "reads": _reads,
    "moved": _moved,
    "tap": lambda e: f"tapped at {e['reader']}",
    "beacon": lambda e: f"phone heard at {e['reader']}",
    "silence": lambda e: f"not heard for {e['seconds']:.0f} s",
    "exit": lambda e: f"read at {e['reader']} on the way out",
    "restored": lambda e: "was here before the restart",
    "ended": lambda e: str(e["why"]),
}
