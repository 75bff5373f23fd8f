"""``hub.toml`` as typed settings: which house the hub is for, where it listens, what it keeps and for how long."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gateway.settings.mistakes import BadConfig, in_words
from gateway.settings.premises import Name, Tls
from gateway.settings.tables import Span, Table
from gateway.settings.toml_file import read

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SQLITE = "sqlite"
_LISTEN = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:]+")
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
_Count = Annotated[int, Field(gt=0, le=1_000_000)]
_Lax = Field(strict=False)  # TOML knows arrays only


class House(Table):
    """The hub and its house."""

    id: _Id = Field(description="letters, digits and '-'")
    name: Name = Field(description='{ zh-CN = "…", en = "…" }')
    listen: str = Field(default="127.0.0.1:8443", description="address:port")
    tls: Tls | None = Field(default=None, description='{ cert = "…", key = "…" }')
    behind_proxy: bool = Field(default=False, description="true where a proxy in front of the hub speaks TLS")
    hosts: Annotated[tuple[str, ...], _Lax] = Field(default=(), description="host names in the hub's address")
    lease_days: _Count = Field(default=30, description="days that a venue shows lent customers without hearing from us")
    tail_days: _Count = Field(default=60, description="days that feeds are kept; who was away longer takes a snapshot")
    clock_ahead_s: Span = Field(default=300, description="seconds that a venue's clock may be ahead before IT is told")
    handshakes_per_s: _Count = Field(default=50, description="sign-ins a second that one process lets in")
    backlog_writers: _Count = Field(default=2, description="backlogs that one process stores at once")
    customer_ids: Literal["venue"] = Field(default="venue", description="'venue': each venue's ids are its own")

    @field_validator("listen")
    @classmethod
    def _address(cls, listen: str) -> str:
        match = _LISTEN.fullmatch(listen)
        if match is None or int(match["port"]) > 65535:
            raise PydanticCustomError("listen", "expected an address and a port from 0 to 65535, like '127.0.0.1:8443'")
        return listen

    @field_validator("hosts")
    @classmethod
    def _names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise PydanticCustomError("host", "expected host names alone, like 'hub.example.com'")
        return tuple(host.lower() for host in hosts)

    @model_validator(mode="after")
    def _no_plain_network(self) -> Self:
        if self.host not in LOOPBACK and self.tls is None and not self.behind_proxy:
            words = "this would be open to the network without TLS; expected tls, or behind_proxy = true"
            raise PydanticCustomError("table", "{words}", {"words": words})
        return self

    @property
    def host(self) -> str:
        """The address to bind, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to bind; 0 takes a free one."""
        return int(self.listen.rpartition(":")[2])


class StoreSettings(Table):
    """Where the hub keeps what it takes."""

    url: str = Field(default=SQLITE, description="'sqlite', or postgresql://user@host/database")
    pool: _Count = Field(default=8, description="connections of one process to PostgreSQL")
    timeout_s: Span = Field(default=10, description="seconds that the store may take for one transaction")

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        if url == SQLITE:
            return url
        expected = "expected 'sqlite' or 'postgresql://user@host/database'"
        try:
            parts = urlsplit(url)
            has_password = parts.password is not None
        except ValueError as error:
            raise PydanticCustomError("store_url", expected) from error
        if has_password:
            raise PydanticCustomError(
                "secret",
                "holds a password, and secrets are never in this file: expected it in MOMENTS_HUB_STORE_PASSWORD "
                "or in the credential file 'hub-store-password'",
            )
        if parts.scheme != "postgresql" or not parts.path.strip("/"):
            raise PydanticCustomError("store_url", expected)
        return url

    @property
    def embedded(self) -> bool:
        """Whether it is the SQLite file in the data folder."""
        return self.url == SQLITE


class Brand(Table):
    """One of the names under which the house is known."""

    id: _Id = Field(description="letters, digits and '-'")
    name: Name | None = Field(default=None, description='{ zh-CN = "…", en = "…" }')


class KeySettings(Table):
    """How often wraps are sealed anew."""

    rewrap_hours: Span = Field(default=24, description="hours until what was erased is dark in the server's copies too")


class Retention(Table):
    """How long rows are kept, and what receipts say of how long copies live."""

    journal_days: _Count = Field(default=400, description="days until a row goes that nobody needs any more")
    backup_days: _Count = Field(default=35, description="days that your own copies of the server live")


class HubConfig(Table):
    """The whole file."""

    hub: House = Field(description="a table [hub] with id and name")
    store: StoreSettings = Field(default=StoreSettings(), description="where it keeps what it takes")
    brands: Annotated[tuple[Brand, ...], _Lax] = Field(default=(), description="tables [[brands]] with id and name")
    keys: KeySettings = Field(default=KeySettings(), description="how often wraps are sealed anew")
    retention: Retention = Field(default=Retention(), description="how long what is kept")

    @model_validator(mode="after")
    def _once(self) -> Self:
        if self.retention.journal_days <= self.hub.tail_days:
            words = "retention.journal_days: expected more than hub.tail_days: feeds tell of rows that are still there"
            raise PydanticCustomError("table", "{words}", {"words": words})
        ids = [brand.id for brand in self.brands]
        for each in ids:
            if ids.count(each) > 1:
                words = f"the brand {each!r} stands twice; expected an id of its own for each"
                raise PydanticCustomError("table", "{words}", {"words": words})
        return self


def load(path: Path) -> HubConfig:
    """The settings in a file; raises BadConfig, which names every mistake."""
    return parse(read(path), path)


def parse(data: dict[str, Any], path: Path = Path("hub.toml")) -> HubConfig:
    """The settings in what a TOML file holds; the files of ``tls`` start at the folder of ``path``."""
    try:
        config = HubConfig.model_validate(data)
    except ValidationError as error:
        raise BadConfig(path, in_words(error, HubConfig, data)) from None
    tls = config.hub.tls
    if tls is None:
        return config
    beside = path.parent.absolute()
    found = Tls(cert=str(beside / tls.cert), key=str(beside / tls.key))
    missing = [each for each in (found.cert, found.key) if not Path(each).is_file()]
    if missing:
        raise BadConfig(path, [f"hub.tls: {each}: no such file; expected a PEM file" for each in missing])
    return config.model_copy(update={"hub": config.hub.model_copy(update={"tls": found})})
