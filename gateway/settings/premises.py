"""The tables of ``venue.toml`` that say which venue this is, how it is reached, and which reader hears what where."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SerializeAsAny, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gateway.recognition.identifiers import BadIdentifier, parse
from gateway.settings import spelled_out
from gateway.settings.addresses import address
from gateway.settings.mistakes import unknown_name
from gateway.settings.tables import Span, Table, kept
from gateway.settings.time_zones import a_zone
from reader_drivers import DRIVERS
from reader_drivers.driver import Settings

Kind = Literal["store", "cabin", "lounge", "showroom", "centre", "club", "community"]
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
_Id = Annotated[str, Field(max_length=64, pattern=r"^\w[\w./-]*$"), kept]
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
        return a_zone(name)


class Tls(Table):
    """Where a certificate and its private key are: a path, or a name in ``$CREDENTIALS_DIRECTORY``."""

    cert: _Text = Field(description="the certificate with its chain, PEM")
    key: _Text = Field(description="its private key, PEM, without a passphrase")


class AcmeAuthority(Table):
    """An authority that gives certificates by ACME (RFC 8555), and looks by HTTP on port 80 of each name."""

    directory: _Text = Field(description="the https address of its directory")
    contact: _Text | None = Field(default=None, description="whom it may write to, like 'mailto:it@example.com'")
    ca: _Text | None = Field(default=None, description="who signed the authority's own certificate, a PEM file")

    @field_validator("directory")
    @classmethod
    def _over_tls(cls, directory: str) -> str:
        parts = urlsplit(directory)
        if parts.scheme != "https" or not parts.hostname:
            raise PydanticCustomError(
                "acme", "expected the address of a directory, like 'https://ca.example.com/acme/directory'"
            )
        return directory


class Console(Table):
    """Where tablets and programs reach the gateway, and how long a person stays signed in."""

    listen: str = Field(default="127.0.0.1:8080", description="address:port")
    tls: Tls | None = Field(default=None, description='{ cert = "…", key = "…" }')
    acme: AcmeAuthority | None = Field(default=None, description='{ directory = "https://…" }')
    behind_proxy: bool = Field(default=False, description="true where a proxy in front of the gateway speaks TLS")
    unencrypted: str | None = Field(default=None, description=f"the words {spelled_out.CONSOLE!r}")
    trust_page: str | None = Field(default=None, description="address:port without TLS, for a tablet's first visit")
    path: str = Field(default="", description="the path below which a proxy serves the console, like '/moments'")
    hosts: Annotated[tuple[str, ...], _Lax] = Field(default=(), description="host names in the console's address")
    paired_tablets: bool = Field(default=True, description="people sign in only on tablets that IT has paired")
    keyless_tablets: bool = Field(
        default=False, description="paired tablets too that keep no key of their own, as a page without TLS cannot"
    )
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

    @field_validator("trust_page")
    @classmethod
    def _trust_address(cls, listen: str | None) -> str | None:
        return cls._address(listen) if listen else listen

    @model_validator(mode="after")
    def _no_plain_network(self) -> Self:
        if self.acme is not None and (self.tls is not None or not self.hosts or not self.own_tls):
            words = (
                "acme is for host names that other machines reach; expected listen beyond this machine, hosts, no tls"
            )
            raise PydanticCustomError("table", words)
        spelled_out.asked(
            self.unencrypted, spelled_out.CONSOLE, needed=self.beyond and self.behind_proxy and not self.tls
        )
        return self

    @property
    def beyond(self) -> bool:
        """Whether it is reached from other machines."""
        return self.host not in _LOOPBACK

    @property
    def own_tls(self) -> bool:
        """Whether it shows a certificate of the venue's own authority: what others reach is never plain by default."""
        return self.beyond and self.tls is None and self.unencrypted is None

    @property
    def speaks_tls(self) -> bool:
        """Whether the gateway itself speaks TLS here."""
        return self.tls is not None or self.own_tls

    @property
    def secure(self) -> bool:
        """Whether tablets reach it by https, whoever speaks TLS."""
        return self.speaks_tls or self.behind_proxy

    @property
    def trust_listen(self) -> tuple[str, int] | None:
        """Where a tablet that does not trust us yet finds how to; None where there is no such place, or no need."""
        if not self.own_tls or self.trust_page == "":
            return None
        if self.trust_page is None and self.acme is not None:
            return self.host, 80
        if self.trust_page is None:
            return self.host, 0 if self.port == 0 else 8080 if self.port != 8080 else 8081
        host, _, port = self.trust_page.rpartition(":")
        return host.strip("[]"), int(port)

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
    listen: str | None = Field(default=None, description="embedded: where beacons reach it, like '0.0.0.0:8883'")
    listen_plain: str | None = Field(default=None, description="embedded: the same without TLS, like '10.0.9.1:1883'")
    unencrypted: str | None = Field(default=None, description=f"the words {spelled_out.BROKER!r}")
    ca: _Text | None = Field(default=None, description="mqtts: who signed the broker's certificate, a PEM file")
    tls: Tls | None = Field(default=None, description="mqtts: our certificate, where the broker asks for one")

    @field_validator("listen", "listen_plain")
    @classmethod
    def _address(cls, listen: str | None) -> str | None:
        match = _LISTEN.fullmatch(listen) if listen is not None else None
        if listen is not None and (match is None or not 0 < int(match["port"]) <= 65535):
            raise PydanticCustomError("listen", "expected an address and a port from 1 to 65535, like '0.0.0.0:8883'")
        return listen

    @model_validator(mode="after")
    def _one_broker(self) -> Self:
        if (self.listen is not None or self.listen_plain is not None) and not self.embedded:
            raise PydanticCustomError("table", "listen is for the embedded broker; expected url = 'embedded' with it")
        if (self.ca or self.tls) and not self.url.startswith("mqtts://"):
            raise PydanticCustomError(
                "table", "ca and tls are for a broker with TLS; expected url = 'mqtts://…' with them"
            )
        if self.beyond and self.bind[1] == _MQTT_PORTS["mqtt"]:
            raise PydanticCustomError("table", spelled_out.PLAIN_PORT)
        plain = self.bind_plain is not None and self.bind_plain[0] not in _LOOPBACK
        spelled_out.asked(self.unencrypted, spelled_out.BROKER, needed=plain)
        return self

    @property
    def bind(self) -> tuple[str, int | None]:
        """Where the embedded broker listens: the address, and the port, None where any will do."""
        if self.listen is None:
            return "127.0.0.1", None
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def bind_plain(self) -> tuple[str, int] | None:
        """Where it listens without TLS too; None where it does not."""
        if self.listen_plain is None:
            return None
        host, _, port = self.listen_plain.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def beyond(self) -> bool:
        """Whether other machines reach the embedded broker over TLS."""
        return self.embedded and self.bind[0] not in _LOOPBACK

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        if url == "embedded":
            return url
        expected = "expected 'embedded', 'mqtt://user@host:1883' or 'mqtts://user@host:8883'"
        parts = address(url, "mqtt_url", expected)
        if parts.password is not None:
            raise PydanticCustomError(
                "secret",
                "holds a password, and secrets are never in this file: expected it in MOMENTS_MQTT_PASSWORD "
                "or in the credential file 'mqtt-password'",
            )
        if parts.scheme not in _MQTT_PORTS or not parts.hostname or parts.port == 0:
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
    brand: _Id | None = Field(default=None, description="whose it is, of privacy.brands; none: the usual one's")


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
    canary: str | None = Field(default=None, description="a tag that is fixed there and nobody's, like 'epc:E280…'")

    @field_validator("canary")
    @classmethod
    def _identifier(cls, tag: str | None) -> str | None:
        if tag is None:
            return None
        try:
            return parse(tag)
        except BadIdentifier as bad:
            raise PydanticCustomError("canary", "{words}", {"words": f"expected a tag, scheme:value: {bad}"}) from None

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
