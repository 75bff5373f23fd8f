"""iCalendar (RFC 5545): one event with its title and place, and nothing else of anybody."""

from __future__ import annotations

from datetime import UTC, datetime

MEDIA_TYPE = "text/calendar; charset=utf-8"
LONGEST = 75  # bytes of a line


def event(uid: str, title: str, place: str, begins: float, ends: float, made: float, *, cancelled: bool = False) -> str:
    """A calendar of one event; times in seconds since 1970 UTC."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Moments//Gatherings//EN", "METHOD:PUBLISH", "BEGIN:VEVENT",
        f"UID:{uid}", f"DTSTAMP:{_time(made)}", f"DTSTART:{_time(begins)}", f"DTEND:{_time(ends)}",
        f"SUMMARY:{_text(title)}", f"LOCATION:{_text(place)}",
        *(["STATUS:CANCELLED"] if cancelled else []), "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(said: str) -> str:
    for sign in ("\\", ";", ","):
        said = said.replace(sign, f"\\{sign}")
    return said.replace("\r\n", "\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> str:
    """A line in pieces of at most 75 bytes, none of which ends within a letter."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        more = letter.encode()
        if len(piece) + len(more) > (LONGEST if not pieces else LONGEST - 1):
            pieces.append(piece)
            piece = b""
        piece += more
    return "\r\n ".join(each.decode() for each in [*pieces, piece])
