"""What is answered at set-up: a ``venue.toml`` with a table ``[manager]``, and what may be left out put in.

Comments, order and spelling of a file stay as they were written. Tables that nobody wrote are those that are usual in a
venue of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tomlkit
from pydantic import Field, ValidationError
from tomlkit import TOMLDocument
from tomlkit.items import AoT

from gateway.settings import toml_file, venue
from gateway.settings.mistakes import BadConfig, in_words
from gateway.settings.tables import Table, kept
from gateway.settings.venue import VenueConfig

FIRST_LINE = "Written at set-up; config/venue.example.toml shows every key."
NETWORK = "0.0.0.0:8443"
"""Where tablets of the network reach a console, over TLS by the house's own authority."""
ZONES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "store": (("entrance", "入口", "Entrance"), ("counter", "柜台", "Counter"), ("salon", "贵宾室", "Salon")),
    "cabin": (("forward", "前舱", "Forward cabin"), ("aft", "后舱", "Aft cabin"), ("galley", "厨房", "Galley")),
    "lounge": (("entrance", "入口", "Entrance"), ("bar", "吧台", "Bar"), ("quiet", "静区", "Quiet room")),
    "showroom": (("entrance", "入口", "Entrance"), ("floor", "展厅", "Showroom"), ("talk", "洽谈区", "Meeting area")),
    "centre": (
        ("entrance", "入口", "Entrance"),
        ("desk", "接待台", "Service desk"),
        ("wait", "等候区", "Waiting area"),
    ),
    "club": (("entrance", "入口", "Entrance"), ("bar", "吧台", "Bar"), ("salon", "沙龙", "Salon")),
    "community": (
        ("entrance", "入口", "Entrance"),
        ("hall", "体验厅", "Hall"),
        ("salon", "沙龙", "Salon"),
    ),
}
"""The zones that a venue of each kind begins with: id, and the name in Chinese and English."""


class Manager(Table):
    """The first manager, who lets all others in."""

    name: Annotated[str, Field(min_length=1, max_length=200), kept] = Field(description="as colleagues see it")
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")] | None = Field(
        default=None, description="what they sign in as: small letters, digits, '-' and '_'"
    )
    language: Literal["zh-CN", "en"] = Field(default="en", description="'zh-CN' or 'en'")


class _Asked(Table):
    manager: Manager = Field(description="a table [manager] with name")


@dataclass(frozen=True, slots=True)
class Founding:
    """A house to be: its settings, the text of its ``venue.toml``, and who is let in first."""

    config: VenueConfig
    text: str
    manager: Manager
    manager_id: str


def from_file(path: Path) -> Founding:
    """What a file of answers says; raises BadConfig, which names every mistake."""
    toml_file.read(path)  # in our words
    return founding(tomlkit.parse(path.read_text("utf-8-sig")), path)


def from_values(values: Mapping[str, Any], path: Path) -> Founding:
    """The same of what a page was answered; ``path`` is where the settings will be."""
    document = tomlkit.document()
    document.add(tomlkit.comment(FIRST_LINE))
    document.add(tomlkit.nl())
    for key, value in values.items():
        document.add(key, tomlkit.item(value))
    return founding(document, path)


def founding(document: TOMLDocument, path: Path) -> Founding:
    """The house that a document of answers asks for; raises BadConfig."""
    asked = {"manager": document.pop("manager", {})}
    mistakes: list[str] = []
    try:
        manager = _Asked.model_validate(tomlkit.item(asked).unwrap()).manager
    except ValidationError as error:
        mistakes += in_words(error, _Asked, asked)
    _complete(document)
    try:
        config = venue.parse(document.unwrap(), path)
    except BadConfig as bad:
        mistakes += bad.mistakes
    if mistakes:
        raise BadConfig(path, mistakes)
    text = tomlkit.dumps(document).lstrip("\n")
    return Founding(config, text, manager, manager.id or _word(manager.name, 32) or "manager")


def _complete(document: TOMLDocument) -> None:
    """Puts in what follows from the rest."""
    table = document.get("venue")
    if not isinstance(table, dict):
        return
    kind = table.get("kind", "store")
    if "id" not in table:
        name = table.get("name")
        english = name.get("en") if isinstance(name, dict) else None
        found = _word(english, 64) if isinstance(english, str) else ""
        table.add("id", found or str(kind))  # type: ignore[attr-defined]  # tomlkit's own table
    if "zones" not in document and kind in ZONES:
        zones: AoT = tomlkit.aot()
        for id_, chinese, english in ZONES[kind]:
            one = tomlkit.table()
            one.add("id", id_)
            name = tomlkit.inline_table()
            name.update({"zh-CN": chinese, "en": english})
            one.add("name", name)
            zones.append(one)
        document.add("zones", zones)


def _word(text: str, longest: int) -> str:
    """A text as an id, of small letters, digits and '-'; empty where nothing of it can be one."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest].strip("-")
