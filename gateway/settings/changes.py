"""What a person changes in a ``venue.toml`` row by row: what nobody touched stays as it was written, with its comments.

Each change can be taken back by itself, also after others, as long as nobody has changed the same lines since.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, takewhile
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array

from gateway.settings import toml_file, venue
from gateway.settings.mistakes import BadConfig
from gateway.settings.sections import Section, sections
from gateway.settings.venue import VenueConfig

ROWS: Mapping[str, str | None] = {
    "zones": "id", "readers": "id", "webhooks": "name", "partners": "id", "moments": None, "places": None,
    "access": None,
}  # fmt: skip
"""The tables with rows, and the key by which a row is known; None: by its number, from 0."""
LIVE = frozenset(
    {
        "zones", "readers", "places", "moments", "alerts", "presence", "retention", "access", "break_glass", "programs",
        "insight", "backup",
    }
)  # fmt: skip
"""The tables that a gateway takes up while it runs."""
CONTEXT = 2  # lines around what is another


class NotThere(Exception):
    """What is to be changed or taken back is not there as it was; the text says what."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row or a table is to be ``value`` (None: gone); ``at``: a row's id or number, None: a new one, or the table."""

    table: str
    at: str | int | None
    value: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that are others, with those around them: from line ``at`` on, counted from 0 in the newer text."""

    at: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def checked(text: str, path: Path) -> VenueConfig:
    """The settings of a text that is to be in ``path``; raises BadConfig."""
    return venue.of_text(text, path)


def changed(text: str, changes: Iterable[Change], path: Path) -> str:
    """The text with these changes, not checked; raises NotThere, and BadConfig where the text is no TOML."""
    for each in changes:
        toml_file.values(text, path)
        try:
            text = _with(text, each)
        except TOMLKitError as error:
            raise BadConfig(path, [f"not TOML: {error}"]) from None
    return text


def waits(before: VenueConfig, after: VenueConfig) -> list[str]:
    """The tables that are others and are taken up at the next start alone."""
    names = (name for name in VenueConfig.model_fields if name not in LIVE)
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def tables(before: VenueConfig, after: VenueConfig) -> list[str]:
    """The tables that are others."""
    return [name for name in VenueConfig.model_fields if getattr(before, name) != getattr(after, name)]


# --- what is another ----------------------------------------------------------------------------------------------


def hunks(before: str, after: str) -> list[Hunk]:
    """What is another in the second text."""
    old, new = before.splitlines(), after.splitlines()
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT)
    spans = ((group[0][1], group[-1][2], group[0][3], group[-1][4]) for group in groups)
    return [Hunk(first, tuple(old[i:j]), tuple(new[first:last])) for i, j, first, last in spans]


def undone(text: str, made: Sequence[Hunk]) -> str:
    """The text without these; raises NotThere where somebody has changed the same lines since."""
    lines = text.splitlines()
    for hunk in reversed(made):
        first, last, at = _place_of(lines, hunk)
        size = len(hunk.after) - first - last
        lines[at : at + size] = hunk.before[first : len(hunk.before) - last]
    return "\n".join(lines) + ("\n" if text.endswith("\n") or not text else "")


def difference(made: Iterable[Hunk]) -> str:
    """The same as lines that begin with ' ', '-' or '+'."""
    found = [_lines_of(hunk) for hunk in made]
    return "\n".join("\n".join(each) for each in found)


def _lines_of(hunk: Hunk) -> list[str]:
    shown = [f"@ {hunk.at + 1}"]
    matcher = difflib.SequenceMatcher(None, hunk.before, hunk.after, autojunk=False)
    for kind, i, j, first, last in matcher.get_opcodes():
        if kind == "equal":
            shown += [f" {line}" for line in hunk.before[i:j]]
            continue
        shown += [f"-{line}" for line in hunk.before[i:j]] + [f"+{line}" for line in hunk.after[first:last]]
    return shown


def _place_of(lines: Sequence[str], hunk: Hunk) -> tuple[int, int, int]:
    """How many lines around it to leave out at its ends, and where the rest stands; raises NotThere."""
    above, below = _alike(hunk.before, hunk.after), _alike(hunk.before[::-1], hunk.after[::-1])
    cuts = sorted(product(range(above + 1), range(below + 1)), key=sum)
    for first, last in cuts:
        wanted = list(hunk.after[first : len(hunk.after) - last])
        if not wanted:
            continue
        size, at = len(wanted), hunk.at + first
        if not first and not last and list(lines[at : at + size]) == wanted:
            return first, last, at
        places = [at for at in range(len(lines) - size + 1) if list(lines[at : at + size]) == wanted]
        if len(places) == 1:
            return first, last, places[0]
    raise NotThere("the same lines have been changed since")


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the beginning are the same, of those around a change."""
    same = takewhile(lambda both: both[0] == both[1], zip(one, other, strict=False))
    return min(CONTEXT, sum(1 for _ in same))


# --- one change ---------------------------------------------------------------------------------------------------


def _with(text: str, change: Change) -> str:
    if change.table not in VenueConfig.model_fields:
        raise NotThere(f"there is no table {change.table!r}")
    lines = text.splitlines(keepends=True)
    found = sections(lines, change.table)
    if not found and change.table in tomlkit.parse(text):
        return _within(text, change)  # written as one line, or below the top of the file
    if change.table in ROWS and change.at is None:
        return _added(lines, found, change)
    if change.table not in ROWS and not found:
        if change.value is None:
            raise NotThere(f"there is no table {change.table!r}")
        return _appended(lines, len(lines), _written(change.table, change.value or {}, many=False))
    return _changed(lines, found[_row(lines, found, change)], change)


def _row(lines: Sequence[str], found: Sequence[Section], change: Change) -> int:
    """Which of these sections a change is about."""
    if change.table not in ROWS:
        return 0
    values = [tomlkit.parse("".join(lines[each.head : each.end])).unwrap()[change.table][0] for each in found]
    return _number(values, change)


def _number(values: Sequence[Mapping[str, Any]], change: Change) -> int:
    key = ROWS[change.table]
    for number, each in enumerate(values):
        if change.at == (number if key is None else each.get(key)):
            return number
    raise NotThere(f"there is no {change.table}[{change.at}]")


def _changed(lines: list[str], section: Section, change: Change) -> str:
    if change.value is None:
        end = section.end
        kept = lines[: section.start]
        while kept and not kept[-1].strip() and end < len(lines) and not lines[end].strip():
            end += 1
        return "".join(kept + lines[end:])
    document = tomlkit.parse("".join(lines[section.head : section.end]))
    there = document[change.table]
    _merge(there[0] if change.table in ROWS else there, change.value)
    return "".join([*lines[: section.head], tomlkit.dumps(document), *lines[section.end :]])


def _added(lines: list[str], found: Sequence[Section], change: Change) -> str:
    if change.value is None:
        raise NotThere("nothing is to be added, and nothing to go")
    return _appended(lines, found[-1].end if found else len(lines), _written(change.table, change.value, many=True))


def _appended(lines: list[str], at: int, new: str) -> str:
    before, after = "".join(lines[:at]).rstrip("\n"), "".join(lines[at:]).lstrip("\n")
    return (f"{before}\n\n" if before else "") + new.rstrip("\n") + "\n" + (f"\n{after}" if after else "")


def _written(table: str, value: Mapping[str, Any], *, many: bool) -> str:
    document, row = tomlkit.document(), tomlkit.table()
    _merge(row, value)
    if many:
        rows = tomlkit.aot()
        rows.append(row)
        document.append(table, rows)
    else:
        document.append(table, row)
    return tomlkit.dumps(document)


def _within(text: str, change: Change) -> str:
    """A table that is written in some other way: tomlkit's own hand."""
    document = tomlkit.parse(text)
    there: Any = document[change.table]
    if change.table not in ROWS:
        if change.value is None:
            document.remove(change.table)
        else:
            _merge(there, change.value)
    elif not isinstance(there, AoT | Array):
        raise NotThere(f"{change.table}: expected tables [[{change.table}]]")
    elif change.at is None:
        there.append(_inline(change.value or {}))
    else:
        number = _number(document.unwrap()[change.table], change)
        if change.value is None:
            del there[number]
        else:
            _merge(there[number], change.value)
    return tomlkit.dumps(document)


def _merge(table: Any, value: Mapping[str, Any]) -> None:
    """A table has these values and no other; what is the same already stays as it was written."""
    wanted = {key: each for key, each in value.items() if each is not None}
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, each in wanted.items():
        there = table.get(key)
        if isinstance(each, Mapping) and isinstance(there, dict):
            _merge(there, each)
        elif there is None:
            table.add(key, _item(each))
        elif (there.unwrap() if hasattr(there, "unwrap") else there) != each:
            table[key] = _item(each)


def _item(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _inline(value)
    if isinstance(value, list | tuple):
        return tomlkit.item([_item(each) for each in value])
    return value


def _inline(value: Mapping[str, Any]) -> Any:
    table = tomlkit.inline_table()
    table.update({key: _item(each) for key, each in value.items() if each is not None})
    return table
