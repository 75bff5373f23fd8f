"""The tables of ``venue.toml`` for who else is told: Home Assistant over MQTT, other programs by webhooks."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gateway.settings.addresses import address
from gateway.settings.tables import Table

SHORTEST_SECRET = 24  # characters; the standard asks for 24 to 64 bytes
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

FAMILIES = (
    "visit", "alert", "preference", "ask", "promise", "complaint", "consent", "customer", "wish", "reader", "staff",
    "plan",
)  # fmt: skip
"""What events are about: the part of their type before the dot."""

_EVENTS = re.compile(rf"\*|({'|'.join(FAMILIES)})\.(\*|[a-z_]+)", re.ASCII)
_PREFIX = re.compile(r"[\w-]+(/[\w-]+)*", re.ASCII)
_Lax = Field(strict=False)  # TOML knows arrays only, so this place takes them for tuples


class HomeAssistant(Table):
    """Counts, readers and alerts for Home Assistant, through the broker of ``[mqtt]``; never a name."""

    discovery_prefix: str = Field(
        default="homeassistant", description="the topic prefix that Home Assistant listens to"
    )

    @field_validator("discovery_prefix")
    @classmethod
    def _a_topic(cls, prefix: str) -> str:
        if not _PREFIX.fullmatch(prefix):
            raise PydanticCustomError("prefix", "expected levels of letters, digits, '-', '_', like 'homeassistant'")
        return prefix


class Webhook(Table):
    """One program that is told of events by HTTP, signed, in order; or one partner, of what customers agreed to."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")] = Field(
        description="lower-case letters, digits and '-'"
    )
    url: str = Field(description="https://host/path")
    events: Annotated[tuple[str, ...], _Lax] = Field(
        default=("visit.*",), min_length=1, description="kinds of event, like 'visit.*'"
    )
    personal: bool = Field(default=False, description="true sends names, cards and what is known of customers too")
    partner: str | None = Field(
        default=None, description="the id of a partner: it is sent what customers agreed to, and nothing else"
    )
    brand: str | None = Field(
        default=None, description="of a partner: the brand whose consents count; none: the usual one"
    )

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        expected = "expected https://host/path, or http:// within the house"
        parts = address(url, "webhook_url", expected)
        if parts.username is not None or parts.password is not None:
            raise PydanticCustomError(
                "secret", "holds a user name, and secrets are never in this file: expected the signature to do"
            )
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment or not url.isascii():
            raise PydanticCustomError("webhook_url", expected)
        return url

    @field_validator("events")
    @classmethod
    def _kinds(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if not _EVENTS.fullmatch(pattern):
                raise PydanticCustomError(
                    "events", f"expected kinds of event like 'visit.*' or 'alert.opened', of {', '.join(FAMILIES)}"
                )
        return patterns

    @model_validator(mode="after")
    def _for_a_partner(self) -> Self:
        if self.partner is None:
            if self.brand is not None:
                raise PydanticCustomError("table", "brand is for the webhook of a partner; expected partner beside it")
            return self
        if said := sorted({"events", "personal"} & self.model_fields_set):
            raise PydanticCustomError(
                "table", f"a partner is sent what customers agreed to and nothing else; expected no {said[0]} here"
            )
        if urlsplit(self.url).scheme == "http" and urlsplit(self.url).hostname not in LOOPBACK:
            raise PydanticCustomError("table", "a partner over http:// is told of people in clear; expected https://")
        return self

    @model_validator(mode="after")
    def _no_names_in_clear(self) -> Self:
        if self.personal and urlsplit(self.url).scheme == "http" and urlsplit(self.url).hostname not in LOOPBACK:
            raise PydanticCustomError("table", "personal = true over http:// sends names in clear; expected https://")
        return self

    def wants(self, kind: str) -> bool:
        """Whether events of this kind are for it."""
        return any(fnmatchcase(kind, pattern) for pattern in self.events)

    @property
    def environment(self) -> str:
        """The environment variable that may hold its secret."""
        return f"MOMENTS_WEBHOOK_SECRET_{self.name.upper().replace('-', '_')}"

    @property
    def credential(self) -> str:
        """The systemd credential that may hold its secret."""
        return f"webhook-{self.name}"


def webhook_secret(hook: Webhook) -> str | None:
    """The secret that signs for this webhook, from its environment variable or credential; None if neither is set."""
    if secret := os.environ.get(hook.environment):
        return secret
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    try:
        return Path(folder, hook.credential).read_text("utf-8").strip() or None if folder else None
    except (OSError, UnicodeDecodeError):
        return None
