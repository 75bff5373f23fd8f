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
