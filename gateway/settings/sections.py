"""Where in the text of a TOML file a table stands, with the comments above it, so that the rest stays as it is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Section:
    """Lines ``start`` to ``end`` of a file: a table with the comments right above it, and what is below it in name."""

    start: int
    head: int
    end: int


def sections(lines: list[str], table: str) -> list[Section]:
    """Every ``[table]`` or ``[[table]]`` of the text, in its order; none where it is written within another line."""
    heads = [(number, head) for number, line in enumerate(lines) if (head := _header(lines, number, line))]
    found: list[Section] = []
    for at, (number, (_, name)) in enumerate(heads):
        if name != table:
            continue
        after = next((n for n, (_, other) in heads[at + 1 :] if not other.startswith(f"{table}.")), len(lines))
        end = _above(lines, after) if after < len(lines) else after
        found.append(Section(_above(lines, number), number, end))
    return found


def _header(lines: list[str], number: int, line: str) -> tuple[str, str] | None:
    """The brackets and the name where this line begins a table; None also of one inside a text or an array."""
    match = _HEADER.fullmatch(line.rstrip("\r\n"))
    if match is None:
        return None
    try:
        tomllib.loads("".join(lines[:number]))
    except tomllib.TOMLDecodeError:
        return None  # what is above is not at an end yet
    name = ".".join(part.strip().strip("\"'") for part in match[2].split("."))
    return match[1], name


def _above(lines: list[str], number: int) -> int:
    """The first of the comments that stand right above this line."""
    while number > 0 and lines[number - 1].lstrip().startswith("#"):
        number -= 1
    return number
