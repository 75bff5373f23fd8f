"""The tables of ``venue.toml`` that say which venue this is, how it is reached, and which reader hears what where."""

from __future__ import annotations

import re
import zoneinfo
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SerializeAsAny, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gateway.settings.mistakes import unknown_name
from gateway.settings.tables import Span, Table, kept
from gateway.settings.time_zones import no_zone
from reader_drivers import DRIVERS
from reader_drivers.driver import Settings

Kind = Literal["store", "cabin", "lounge", "showroom", "centre", "club"]
Role = Literal["outer", "inner", "exit", "zone", "tap"]

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_LISTEN = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+", re.ASCII)
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:]+")
_MQTT_PORTS = {"mqtt": 1883, "mqtts": 8883}

# TOML knows arrays and text keys only, so these two places take them for tuples and numbers.
_Lax = Field(strict=False)
_Text = Annotated[str, Field(min_length=1, max_length=200)]
_Seen = Annotated[str, Field(min_length=1, max_length=200), kept]
_Id = Annotated[str, Field(pattern=r"^\w[\w./-]{0,63}$"), kept]
_Zone = Annotated[str, kept]
_Antenna = Annotated[int, Field(ge=0, le=65_535), _Lax]


class Name(Table):
    """A name in the languages of the console; where one is missing the other is shown."""

    zh_cn: _Seen | None = Field(default=None, alias="zh-CN", description="the Chinese name")
    en: _Seen | None = Field(default=None, description="the English name")

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if self.zh_cn is None and self.en is None:
            raise PydanticCustomError("table", 'expected a name: { zh-CN = "…", en = "…" }, or one of the two')
        return self

    def by_language(self) -> dict[str, str]:
        """The names by language tag: ``{"zh-CN": …, "en": …}``."""
        return {"zh-CN": self.zh_cn or self.en or "", "en": self.en or self.zh_cn or ""}


class Venue(Table):
    """Which venue this is."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")] = Field(description="letters, digits and '-'")
    name: Name = Field(description='{ zh-CN = "…", en = "…" }')
    kind: Kind = Field(default="store", description="what sort of venue it is")
    timezone: str = Field(default="UTC", description="a name like Asia/Shanghai")

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise PydanticCustomError("unknown_name", "{words}", {"words": no_zone(name)}) from error
        return name


class Tls(Table):
    """Where a certificate and its private key are: a path, or a name in ``$CREDENTIALS_DIRECTORY``."""

    cert: _Text = Field(description="the certificate with its chain, PEM")
    key: _Text = Field(description="its private key, PEM, without a passphrase")


class Console(Table):
    """Where tablets and programs reach the gateway, and how long a person stays signed in."""

    listen: str = Field(default="127.0.0.1:8080", description="address:port")
    tls: Tls | None = Field(default=None, description='{ cert = "…", key = "…" }')
    behind_proxy: bool = Field(default=False, description="true where a proxy in front of the gateway speaks TLS")
    path: str = Field(default="", description="the path below which a proxy serves the console, like '/moments'")
    hosts: Annotated[tuple[str, ...], _Lax] = Field(default=(), description="host names in the console's address")
    paired_tablets: bool = Field(default=False, description="people sign in only on tablets that IT has paired")
    session_idle_minutes: Span = Field(default=15, description="minutes unused until the PIN is asked again")
    session_hours: Span = Field(default=12, description="hours until the PIN is asked again in any case")

    @field_validator("listen")
    @classmethod
    def _address(cls, listen: str) -> str:
        match = _LISTEN.fullmatch(listen)
        if match is None or int(match["port"]) > 65535:
            raise PydanticCustomError("listen", "expected an address and a port from 0 to 65535, like '127.0.0.1:8080'")
        return listen

    @field_validator("path")
    @classmethod
    def _below(cls, path: str) -> str:
        bare = path.rstrip("/")
        if len(bare) > 200 or (bare and not _PATH.fullmatch(bare)):
            raise PydanticCustomError("path", "expected a path alone, like '/moments'")
        return bare

    @field_validator("hosts")
    @classmethod
    def _names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _HOST_NAME.fullmatch(host):
                raise PydanticCustomError("host", "expected host names alone, like 'moments.example.com'")
        return tuple(host.lower() for host in hosts)

    @model_validator(mode="after")
    def _no_plain_network(self) -> Self:
        if self.host not in _LOOPBACK and self.tls is None and not self.behind_proxy:
            raise PydanticCustomError(
                "table",
                "listen reaches beyond this machine without TLS; expected tls = { cert, key }, "
                "or behind_proxy = true where a proxy in front speaks it",
            )
        return self

    @property
    def host(self) -> str:
        """The address to bind, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to bind; 0 takes a free one."""
        return int(self.listen.rpartition(":")[2])

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Every host name under which a browser may open the console, lower case, without port."""
        return frozenset({*_LOOPBACK, self.host.lower(), *self.hosts})


class Mqtt(Table):
    """The broker of the MQTT readers."""

    url: str = Field(description="'embedded', mqtt://user@host:1883 or mqtts://user@host:8883")
    listen: str | None = Field(default=None, description="embedded: where beacons reach it, like '0.0.0.0:1883'")
    ca: _Text | None = Field(default=None, description="mqtts: who signed the broker's certificate, a PEM file")
    tls: Tls | None = Field(default=None, description="mqtts: our certificate, where the broker asks for one")

    @field_validator("listen")
    @classmethod
    def _address(cls, listen: str | None) -> str | None:
        match = _LISTEN.fullmatch(listen) if listen is not None else None
        if listen is not None and (match is None or not 0 < int(match["port"]) <= 65535):
            raise PydanticCustomError("listen", "expected an address and a port from 1 to 65535, like '0.0.0.0:1883'")
        return listen

    @model_validator(mode="after")
    def _one_broker(self) -> Self:
        if self.listen is not None and not self.embedded:
            raise PydanticCustomError("table", "listen is for the embedded broker; expected url = 'embedded' with it")
        if (self.ca or self.tls) and not self.url.startswith("mqtts://"):
            raise PydanticCustomError(
                "table", "ca and tls are for a broker with TLS; expected url = 'mqtts://…' with them"
            )
        return self

    @property
    def bind(self) -> tuple[str, int | None]:
        """Where the embedded broker listens: the address, and the port, None where any will do."""
        if self.listen is None:
            return "127.0.0.1", None
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        if url == "embedded":
            return url
        expected = "expected 'embedded', 'mqtt://user@host:1883' or 'mqtts://user@host:8883'"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise PydanticCustomError("mqtt_url", expected) from error
        if parts.password is not None:
            raise PydanticCustomError(
                "secret",
                "holds a password, and secrets are never in this file: expected it in MOMENTS_MQTT_PASSWORD "
                "or in the credential file 'mqtt-password'",
            )
        if parts.scheme not in _MQTT_PORTS or not parts.hostname or port == 0:
            raise PydanticCustomError("mqtt_url", expected)
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise PydanticCustomError("mqtt_url", expected + ", with nothing behind it")
        return url

    @property
    def embedded(self) -> bool:
        """True where the gateway starts the broker itself."""
        return self.url == "embedded"

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port of the broker; None where it is embedded."""
        if self.embedded:
            return None
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or _MQTT_PORTS[parts.scheme]


class Zone(Table):
    """A named part of the venue."""

    id: _Id = Field(description="letters, digits, '-', '_'")
    name: Name = Field(description='{ zh-CN = "…", en = "…" }')
    floor: int | None = Field(default=None, ge=-99, le=999, description="the floor it is on")
    stairs: bool = Field(default=False, description="a way between floors: stairs, or a lift")


class ReaderConfig(Table):
    """One reader: its driver, its link, and what its evidence means where."""

    id: _Id = Field(description="letters, digits, '-', '_'")
    driver: str = Field(description="the name of a driver")
    link: _Text = Field(description="a serial port or URL, or a topic prefix")
    role: Role = Field(description="what its evidence means")
    zone: _Zone | None = Field(default=None, description="the id of a zone")
    antennas: dict[_Antenna, _Zone] | None = Field(default=None, description='{ 1 = "zone", 2 = "zone" }')
    rooms: dict[_Zone, _Zone] | None = Field(default=None, description='{ room = "zone" }')
    settings: SerializeAsAny[Settings] = Field(
        default=Settings(), validate_default=True, description="what else its driver takes"
    )

    @field_validator("driver")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in DRIVERS:
            raise unknown_name(name, DRIVERS, "a driver: " + ", ".join(sorted(DRIVERS)))
        return name

    @field_validator("settings", mode="plain")
    @classmethod
    def _of_driver(cls, value: Any, info: ValidationInfo) -> Settings:
        driver = DRIVERS.get(info.data.get("driver", ""))
        if driver is None:
            return Settings()
        if type(value) is Settings:
            value = {}
        return driver.settings.model_validate(value)

    @property
    def over(self) -> Literal["serial", "mqtt", "tcp"]:
        """What sort of link this reader is reached by."""
        return DRIVERS[self.driver].over

    @property
    def senses(self) -> Literal["motion", "contact"] | None:
        """What it senses where it reads no tags."""
        return getattr(self.settings, "kind", None)

    @property
    def places(self) -> dict[int | str, str]:
        """The zones of its antennas or rooms; empty where the whole reader is in one zone."""
        return {place: zone for table in (self.antennas, self.rooms) for place, zone in (table or {}).items()}

    @property
    def zones(self) -> tuple[str, ...]:
        """Every zone this reader covers, each once, in the order of the file."""
        return tuple(dict.fromkeys([self.zone] if self.zone is not None else self.places.values()))

    def zone_of(self, antenna: int | str | None) -> str | None:
        """The zone of one antenna or room; None where the file does not place it."""
        return self.zone if self.zone is not None or antenna is None else self.places.get(antenna)
