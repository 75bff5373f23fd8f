"""The papers of a house: made of today's settings, filed in the journal, and held against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.events.event import Event
from gateway.privacy.dpia import assessment
from gateway.privacy.paper import Paper
from gateway.privacy.processing import Processing, processing
from gateway.privacy.register import register
from gateway.privacy.sign import door_sign
from gateway.settings.venue import VenueConfig

if TYPE_CHECKING:
    from gateway.privacy.evidence import Evidence

PAPERS: Mapping[str, Callable[[Processing, str], Paper]] = {
    "sign": door_sign,
    "dpia": lambda about, _: assessment(about),
    "register": lambda about, _: register(about),
}
"""How each is made, of what the settings say and of the operator's public key in groups of four."""


def made(kind: str, config: VenueConfig, key: str) -> Paper:
    """The paper of this kind as today's settings make it."""
    return PAPERS[kind](processing(config), key)


def filed(of: Evidence, kind: str) -> Event | None:
    """The newest paper of this kind that somebody filed; None where there is none."""
    return next((each for each in reversed(list(of.events("privacy.filed"))) if each.data["paper"] == kind), None)


def missing(paper: Path, kind: str, config: VenueConfig) -> list[str]:
    """What a paper in a file does not name and must, by marks: readers, purposes, recipients, zones, periods.

    How long what is kept is for the record of processing alone.
    """
    text = paper.read_text("utf-8")
    marks = processing(config).marks()
    return [mark for mark in marks if mark not in text and (kind == "register" or not mark.startswith("[kept:"))]
