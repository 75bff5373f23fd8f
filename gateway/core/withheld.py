"""What still waits to be told to a program when its customer stops: the stop is told, and nothing from before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.consent import ledger
from gateway.consent.purposes import RECOGNISE
from gateway.events.catalogue import CATALOGUE
from gateway.records import agreements, consents
from gateway.records.connection import SealedDatabase

TOLD = frozenset({"consent", "wish", "customer"})
"""The first words of what is told all the same: that somebody stopped, and that they are gone."""


def withheld(reader: SealedDatabase, event: Mapping[str, Any], now: float) -> bool:
    """Whether an event, as it would leave, is about a customer who has stopped what it rests on.

    What ended by the stop itself is told, so that who was told of a visit or a card knows that it is over.
    """
    first = str(event["type"]).partition(".")[0]
    if first in TOLD or CATALOGUE[event["type"]].holder != "customer":
        return False
    if "revoked" in (event["data"].get("because"), event["data"].get("outcome")):
        return False
    purposes = {"keep_preferences"} if first == "preference" else RECOGNISE
    if not agreements.ever_stopped(reader, event["subject"], purposes):
        return False
    entries = consents.entries_of(reader, event["subject"])
    return not any(ledger.alive(entries, purpose, now) for purpose in purposes)
