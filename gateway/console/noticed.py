"""What the doors notice goes into the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.console.programs import Programs
from gateway.events.event import News
from gateway.operations.overruns import Overruns

Note = Callable[[Sequence[News]], None]


def into(note: Note, venue: str, overruns: Overruns, programs: Programs) -> Callable[[], None]:
    """From now on limits that are reached are written down; what is answered writes down the rest, at the end."""

    def reached(kind: str, who: str, count: int) -> None:
        note([News("limit.reached", venue, {"kind": kind, "who": who, "count": count})])

    overruns.tell = reached
    return lambda: note(programs.news())
