"""What the venue has learnt of its rooms, as HTTP answers with it; levels in dBm, shares in per cent."""

from __future__ import annotations

from gateway.events.sent import Sent


class ZoneLearnt(Sent):
    """How often staff who went to a zone found its customer there; ``right`` is null while too few have said."""

    zone: str
    labels: int
    right: float | None
    spots: int


class PairLearnt(Sent):
    """Two zones that are taken for each other, how often they are told apart, and whether to move a reader for it."""

    zones: list[str]
    apart: float
    labels: int
    move: bool


class ReaderLearnt(Sent):
    """A reader that hears otherwise than it did, by so many dB; ``anew``: what it hears is being learnt anew."""

    reader: str
    db: float
    anew: bool


class Worth(Sent):
    """What was learnt is worth so much; the pairs that are told apart least come first."""

    zones: list[ZoneLearnt]
    pairs: list[PairLearnt]
    readers: list[ReaderLearnt]


class Spot(Sent):
    """Where people stand in a zone: what each antenna (reader, antenna or room, level) hears there."""

    weight: float
    levels: list[tuple[str, int | str | None, float]]


class LearntRooms(Sent):
    """All that was learnt, to be kept with the venue's settings; nothing in it is about a person.

    ``things`` is how often each kind of thing was right, of how many times; ``door`` how much better the inside hears
    people on each side of a door: how many, mean (dB) and variance; ``rhythm`` how many seconds apart each kind of
    thing speaks, and of how many labels that is known; ``proven`` of each radio how many labels only what was learnt
    knew, how many only loudness, and how many there were; ``approaches`` how many who were heard at the door came in,
    and how many did not.
    """

    version: int
    rooms: dict[str, dict[str, list[Spot]]]
    proven: dict[str, tuple[float, float, float]]
    door: dict[str, tuple[float, float, float]]
    rhythm: dict[str, tuple[float, float]]
    approaches: tuple[float, float]
    things: dict[str, tuple[float, float]]
    said: list[tuple[str, str, float]]
    changed: dict[str, float]
