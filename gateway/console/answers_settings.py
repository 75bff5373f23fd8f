"""What the gateway answers about its settings."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.data import Time
from gateway.events.sent import Sent


class Difference(Sent):
    """What would be another: which tables, which of them wait for the next start, and the lines of the file."""

    tables: list[str]
    waits: list[str]
    difference: str


class MadeDifference(Difference):
    """The same once it is so."""

    change: str


class SettingsMade(Sent):
    """A change of before: who made it and why, and whether one tap takes it back."""

    change: str
    at: Time
    by: str
    by_name: str | None
    because: Literal["screen", "command", "by_hand", "undone", "reader_lost"]
    undoes: str | None
    tables: list[str]
    difference: str
    undone: bool
    may_undo: bool


class DriverSetting(Sent):
    """What a driver takes, in its own words; ``other``: more than one value, which a file says better."""

    name: str
    kind: Literal["yes", "number", "whole", "choice", "text", "other"]
    options: list[str | int | float]
    default: bool | int | float | str | None
    about: str


class DriverKind(Sent):
    """A driver: what its readers are reached over, and what else it takes."""

    name: str
    over: Literal["serial", "mqtt", "tcp"]
    settings: list[DriverSetting]


class Settings(Sent):
    """``venue.toml``: what it says, whose it is, and what became of it.

    ``by_hand``: somebody wrote it, and it is changed with leave alone. ``edited``: it is another than the gateway goes
    by. ``live`` are the tables that are taken up at once; ``waits`` those that wait for the next start.
    """

    file: str
    version: str
    by_hand: bool
    edited: bool
    writable: bool
    settings: dict[str, Any]
    live: list[str]
    waits: list[str]
    changes: list[SettingsMade]
    drivers: list[DriverKind]


class FoundReader(Sent):
    """Something that speaks as readers of this driver do, with what its settings have to say beside its defaults.

    ``replaces`` are readers of the settings of the same kind that are lost: it may take the place of one.
    """

    link: str
    driver: str
    words: str
    settings: dict[str, bool | int | float | str]
    replaces: list[str]


class LeftAlone(Sent):
    """A port on which nothing of ours was found, or that was not touched, and why."""

    link: str
    reason: str


class FoundReaders(Sent):
    """The latest look; ``ports_left`` are those that it has not come to yet, ``asks``: silent ones were asked."""

    looking: bool
    asks: bool
    ports_left: int
    found: list[FoundReader]
    left_alone: list[LeftAlone]
