"""What lies between a thing and a reader: walls, borders of rooms, ceilings; each takes from the level."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from gateway.recognition.simulator.venue import Room, Scenario

MARGIN = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the venue: metres over its ground plan, ``floor`` (a fraction on the stairs), metres above it."""

    x: float
    y: float
    floor: float
    z: float


def attenuation(venue: Scenario, a: Point, b: Point) -> float:
    """dB that is lost on the straight way between two points: every wall, border and ceiling that it crosses."""
    low, high = sorted((a.floor, b.floor))
    total = venue.slab_db * sum(low < ceiling <= high for ceiling in range(int(low) - 1, int(high) + 2))
    for floor, start, end in _storeys(venue, a, b):
        total += _through_walls(venue, a, b, floor, start, end)
        if venue.border_db:
            total += _through_borders(venue, a, b, floor, start, end)
    if venue.wall_db and venue.room_at(a.x, a.y, a.floor) != venue.room_at(b.x, b.y, b.floor):
        total += venue.wall_db
    return total


def _storeys(venue: Scenario, a: Point, b: Point) -> list[tuple[int, float, float]]:
    """Each floor that the way passes through, and from which to which part of it."""
    low, high = (point.floor * venue.storey_m + min(point.z, 0.999 * venue.storey_m) for point in (a, b))
    first, last = (int(height // venue.storey_m) for height in (low, high))
    if first == last:
        return [(first, 0.0, 1.0)]
    parts = []
    for floor in range(min(first, last), max(first, last) + 1):
        ends = sorted((storey * venue.storey_m - low) / (high - low) for storey in (floor, floor + 1))
        parts.append((floor, max(0.0, ends[0]), min(1.0, ends[1])))
    return parts


def _through_walls(venue: Scenario, a: Point, b: Point, floor: int, start: float, end: float) -> float:
    total = 0.0
    dx, dy = b.x - a.x, b.y - a.y
    for wall in venue.walls:
        if wall.floor != floor:
            continue
        wx, wy = wall.x2 - wall.x1, wall.y2 - wall.y1
        cross = dx * wy - dy * wx
        if abs(cross) < MARGIN:
            continue  # along the wall
        part = ((wall.x1 - a.x) * wy - (wall.y1 - a.y) * wx) / cross
        along = ((wall.x1 - a.x) * dy - (wall.y1 - a.y) * dx) / cross
        if start < part < end and 0.0 <= along <= 1.0:
            total += _opened(venue, wall.db, a.x + part * dx, a.y + part * dy, floor)
    return total


def _through_borders(venue: Scenario, a: Point, b: Point, floor: int, start: float, end: float) -> float:
    """A border between two rooms is one wall, and so is the border between a room and the street."""
    rooms = [room for room in venue.rooms if room.floor == floor]
    parts = sorted({start, end, *(part for room in rooms for part in _edges(room, a, b) if start < part < end)})
    middles = [(one + two) / 2.0 for one, two in pairwise(parts)]
    places = [venue.room_at(a.x + m * (b.x - a.x), a.y + m * (b.y - a.y), floor) for m in middles]
    return sum(
        _opened(venue, venue.border_db, a.x + part * (b.x - a.x), a.y + part * (b.y - a.y), floor)
        for part, before, after in zip(parts[1:], places, places[1:], strict=False)
        if before != after
    )


def _edges(room: Room, a: Point, b: Point) -> list[float]:
    """The parts of the way at which it meets the lines of a room's four sides."""
    found = []
    for here, there, sides in ((a.x, b.x, (room.x1, room.x2)), (a.y, b.y, (room.y1, room.y2))):
        if abs(there - here) > MARGIN:
            found += [(side - here) / (there - here) for side in sides]
    return found


def _opened(venue: Scenario, db: float, x: float, y: float, floor: int) -> float:
    """What a wall takes at this point of it: its own, or less where there is a doorway or a window."""
    for opening in venue.openings:
        if opening.floor == floor and hypot(x - opening.x, y - opening.y) <= opening.width / 2.0:
            return min(db, opening.db)
    return db
