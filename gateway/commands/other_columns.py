"""``--map``: another program's export made a customer file of ours, by what a TOML file says of its columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from gateway.records.column_maps import BadMap, ColumnMap
from gateway.records.exchange import COLUMNS, LIST_ENDS, Problem
from gateway.records.sheets import Unreadable, lines_of, text_of
from reader_drivers.texts import folded

Said = Literal["customer", "name", "address_as", "language", "tier", "associate", "deputy"]
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class Agreed(BaseModel):
    """Which cells mean that a customer agreed, and where the last day of that stands."""

    model_config = ConfigDict(extra="forbid", strict=True)

    column: _Name
    yes: list[str] = Field(min_length=1)
    until: _Name | None = None


class Map(ColumnMap):
    """Which column of another program's export holds what; every other column is left alone."""

    columns: dict[Said, _Name | list[_Name]]
    identifiers: dict[_Name, str] = Field(default_factory=dict)
    consents: dict[Literal["recognise_tag", "recognise_phone", "keep_preferences", "share_partners"], Agreed] = Field(
        default_factory=dict
    )
    values: dict[Said, dict[str, str]] = Field(default_factory=dict)
    always: dict[Said, str] = Field(default_factory=dict)

    @property
    def named(self) -> list[str]:
        """Every column of the other program that this map names."""
        told = [name for each in self.columns.values() for name in ([each] if isinstance(each, str) else each)]
        agreed = [name for each in self.consents.values() for name in (each.column, each.until) if name]
        return list(dict.fromkeys([*told, *self.identifiers, *agreed]))


@dataclass(slots=True)
class Translated:
    """A customer file of ours, from which line of the other each of its lines is, and what could not be read."""

    raw: bytes
    lines: list[int]
    problems: list[Problem] = field(default_factory=list)


def read_map(path: Path) -> Map:
    """The map in a TOML file; raises BadMap."""
    found = Map.of_file(path)
    if not {"customer", "name"} <= {*found.columns, *found.always}:
        raise BadMap(f"{path}: columns: expected at least customer and name")
    return found


def translated(raw: bytes, wanted: Map) -> Translated:
    """The same customers in our columns; raises Unreadable for a file that is refused whole."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    header: dict[str, int] | None = None
    done = Translated(b"", [0, 1])
    for line, cells in lines_of(text_of(raw, wanted.encoding), wanted.named):
        if isinstance(cells, str):
            done.problems.append(Problem(line, cells))
        elif not any(cell.strip() for cell in cells):
            continue
        elif header is None:
            header = _header(line, cells, wanted)
            done.lines[1] = line
        elif len(cells) <= max(header.values()):
            done.problems.append(
                Problem(line, f"{len(cells)} cells; the column titles have {max(header.values()) + 1}")
            )
        else:
            try:
                writer.writerow(_ours({name: cells[place] for name, place in header.items()}, wanted))
                done.lines.append(line)
            except ValueError as wrong:
                done.problems.append(Problem(line, str(wrong)))
    if header is None:
        raise Unreadable(1, "the file is empty")
    done.raw = out.getvalue().encode()
    return done


def _header(line: int, cells: list[str], wanted: Map) -> dict[str, int]:
    """Where each column that the map names stands."""
    there = [folded(cell) for cell in cells]
    missing = [name for name in wanted.named if folded(name) not in there]
    if missing:
        names = ", ".join(repr(name) for name in missing)
        has = ", ".join(repr(cell.strip()) for cell in cells if cell.strip())
        raise Unreadable(line, f"there is no column {names}; the first line has {has}")
    return {name: there.index(folded(name)) for name in wanted.named}


def _ours(row: Mapping[str, str], wanted: Map) -> list[str]:
    facts = [
        _told(row, wanted.columns.get(part), wanted.values.get(part, {})) or wanted.always.get(part, "")
        for part in get_args(Said)
    ]
    identifiers = [
        f"{scheme}:{code.strip()}" if scheme else code.strip()
        for column, scheme in wanted.identifiers.items()
        for code in LIST_ENDS.split(row[column])
        if code.strip()
    ]
    consents = [_agreed(purpose, agreed, row, wanted.dates) for purpose, agreed in wanted.consents.items()]
    return [*facts, ";".join(identifiers), ";".join(filter(None, consents))]


def _told(row: Mapping[str, str], columns: str | list[str] | None, values: Mapping[str, str]) -> str:
    names: Iterable[str] = [columns] if isinstance(columns, str) else columns or []
    text = " ".join(filter(None, (" ".join(row[name].split()) for name in names)))
    return {folded(key): meant for key, meant in values.items()}.get(folded(text), text)


def _agreed(purpose: str, agreed: Agreed, row: Mapping[str, str], dates: str) -> str:
    if folded(row[agreed.column]) not in map(folded, agreed.yes):
        return ""
    until = row[agreed.until].strip() if agreed.until else ""
    if not until:
        return purpose
    try:
        return f"{purpose}@{datetime.strptime(until, dates).replace(tzinfo=UTC).date().isoformat()}"
    except ValueError:
        raise ValueError(f"consents: {agreed.until}: {until[:40]!r} is no date such as {dates}") from None
