"""``venue.toml`` and the secrets beside it, as typed settings; a mistake is answered in words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from gateway.settings.access import Access, BreakGlass, Programs
from gateway.settings.club_here import ClubHere
from gateway.settings.insight import Insight
from gateway.settings.joining import Joined
from gateway.settings.keeping import Backup
from gateway.settings.mistakes import NO_VALUE, BadConfig, Mistake, in_words, not_one_of
from gateway.settings.outward import SHORTEST_SECRET, HomeAssistant, Webhook, webhook_secret
from gateway.settings.places import PlaceOf, Places
from gateway.settings.places import mistakes as place_mistakes
from gateway.settings.premises import Console, Kind, Mqtt, Name, ReaderConfig, Role, Tls, Venue, Zone
from gateway.settings.privacy import SENDABLE, Controller, OwnPurpose, Partner, Privacy
from gateway.settings.private_keys import closed
from gateway.settings.standing_by import StandingBy
from gateway.settings.tables import Alerts, MomentRule, PresenceRules, Retention, Table
from gateway.settings.toml_file import text_of, values
from reader_drivers.mqtt_wire import Trust

__all__ = [
    "Access",
    "Alerts",
    "BadConfig",
    "BreakGlass",
    "ClubHere",
    "Console",
    "Controller",
    "HomeAssistant",
    "Insight",
    "Kind",
    "MomentRule",
    "Mqtt",
    "Name",
    "OwnPurpose",
    "Partner",
    "PlaceOf",
    "Places",
    "PresenceRules",
    "Privacy",
    "Programs",
    "ReaderConfig",
    "Retention",
    "Role",
    "Tls",
    "Venue",
    "VenueConfig",
    "Webhook",
    "Zone",
    "load",
    "mqtt_password",
    "parse",
]

_Lax = Field(strict=False)  # TOML knows arrays only, so these places take them for tuples


class VenueConfig(Table):
    """Everything ``venue.toml`` says, checked."""

    venue: Venue = Field(description="a table [venue] with id and name")
    console: Console = Field(default=Console(), description="a table [console]")
    mqtt: Mqtt | None = Field(default=None, description="a table [mqtt] with url")
    zones: Annotated[tuple[Zone, ...], _Lax] = Field(default=(), description="tables [[zones]]")
    readers: Annotated[tuple[ReaderConfig, ...], _Lax] = Field(default=(), description="tables [[readers]]")
    places: Annotated[tuple[Places, ...], _Lax] = Field(default=(), description="tables [[places]]")
    alerts: Alerts = Field(default=Alerts(), description="a table [alerts]")
    moments: Annotated[tuple[MomentRule, ...], _Lax] = Field(default=(), description="tables [[moments]]")
    presence: PresenceRules = Field(default=PresenceRules(), description="a table [presence]")
    retention: Retention = Field(default=Retention(), description="a table [retention]")
    partners: Annotated[tuple[Partner, ...], _Lax] = Field(default=(), description="tables [[partners]]")
    access: Annotated[tuple[Access, ...], _Lax] = Field(default=(), description="tables [[access]]")
    break_glass: BreakGlass = Field(default=BreakGlass(), description="a table [break_glass]")
    programs: Programs = Field(default=Programs(), description="a table [programs]")
    home_assistant: HomeAssistant | None = Field(default=None, description="a table [home_assistant]")
    webhooks: Annotated[tuple[Webhook, ...], _Lax] = Field(default=(), description="tables [[webhooks]]")
    backup: Backup = Field(default=Backup(), description="a table [backup]")
    privacy: Privacy = Field(default=Privacy(), description="a table [privacy]")
    insight: Insight = Field(default=Insight(), description="a table [insight]")
    club: ClubHere = Field(default=ClubHere(), description="a table [club]")
    hub: Joined | None = Field(default=None, description="a table [hub] with url and brand")
    standby: StandingBy = Field(default=StandingBy(), description="a table [standby]")

    @property
    def fixed_tags(self) -> frozenset[str]:
        """The tags that are fixed at doors, and are nobody's."""
        return frozenset(each.canary for each in self.readers if each.canary is not None)

    def seats(self) -> tuple[PlaceOf, ...]:
        """Every place of the venue, in its order."""
        return tuple(place for table in self.places for place in table.all())


def load(path: Path) -> VenueConfig:
    """The settings in a file; raises BadConfig, which names every mistake. A key that all may read is closed."""
    return of_text(text_of(path), path)


def of_text(text: str, path: Path) -> VenueConfig:
    """The settings that ``path`` would hold with this text; raises BadConfig."""
    config = parse(values(text, path), path)
    if mistakes := [str(each) for each in closed(_secrets(config))]:
        raise BadConfig(path, mistakes)
    return config


def parse(data: dict[str, Any], path: Path = Path("venue.toml")) -> VenueConfig:
    """The settings in what a TOML file holds; relative paths in it start at the folder of ``path``."""
    try:
        config = VenueConfig.model_validate(data)
    except ValidationError as error:
        raise BadConfig(path, in_words(error, VenueConfig, data)) from None
    if config.console.tls:
        tls = _found(config.console.tls, path.parent)
        config = config.model_copy(update={"console": config.console.model_copy(update={"tls": tls})})
    acme = config.console.acme
    if acme is not None and acme.ca is not None:
        found = acme.model_copy(update={"ca": _secret_file(acme.ca, path.parent)})
        config = config.model_copy(update={"console": config.console.model_copy(update={"acme": found})})
    if config.mqtt and (config.mqtt.ca or config.mqtt.tls):
        ca = _secret_file(config.mqtt.ca, path.parent) if config.mqtt.ca else None
        ours = _found(config.mqtt.tls, path.parent) if config.mqtt.tls else None
        config = config.model_copy(update={"mqtt": config.mqtt.model_copy(update={"ca": ca, "tls": ours})})
    if config.hub is not None and config.hub.ca is not None:
        trusted = config.hub.model_copy(update={"ca": _secret_file(config.hub.ca, path.parent)})
        config = config.model_copy(update={"hub": trusted})
    if mistakes := _cross_check(config):
        raise BadConfig(path, mistakes)
    return config


def _secrets(config: VenueConfig) -> dict[str, str | None]:
    """The files named in the settings that hold a secret, by key."""
    keys = {"console.tls.key": config.console.tls, "mqtt.tls.key": config.mqtt.tls if config.mqtt else None}
    found = {key: tls.key if tls else None for key, tls in keys.items()}
    for reader in config.readers:
        found[f"readers[{reader.id}].settings.key_file"] = getattr(reader.settings, "key_file", None)
    return found


def mqtt_password() -> str | None:
    """The broker's password, from MOMENTS_MQTT_PASSWORD or the credential ``mqtt-password``; None if neither is set."""
    if password := os.environ.get("MOMENTS_MQTT_PASSWORD"):
        return password
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(folder, "mqtt-password") if folder else None
    if file is None or not file.exists():
        return None
    try:
        return file.read_text("utf-8").rstrip("\r\n") or None
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(file, ["the MQTT password cannot be read; expected a file of one line of text"]) from error


def trust_of(mqtt: Mqtt | None) -> Trust:
    """How the broker and we know each other over TLS."""
    if mqtt is None:
        return Trust()
    return Trust(mqtt.ca, *((mqtt.tls.cert, mqtt.tls.key) if mqtt.tls else ()))


def _found(tls: Tls, folder: Path) -> Tls:
    return Tls(**{key: _secret_file(name, folder) for key, name in tls.model_dump().items()})


def _secret_file(name: str, folder: Path) -> str:
    """A file among systemd's credentials where there is one of that name, else beside the configuration."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and Path(credentials, name).is_file():
        return str(Path(credentials, name))
    return str(folder.absolute() / name)


# --- between keys -------------------------------------------------------------------------------------------------


def _cross_check(config: VenueConfig) -> list[str]:
    """What is wrong between keys that are good each for itself, each as one sentence."""
    found = [
        *_twice("zones", [zone.id for zone in config.zones]),
        *_twice("readers", [reader.id for reader in config.readers]),
        *_same_link(config.readers),
        *_same_address(config),
        *_tls_files(config),
        *_outward(config),
        *_twice("partners", [partner.id for partner in config.partners]),
        *_twice("privacy.purposes", [purpose.id for purpose in config.privacy.purposes]),
    ]
    for each in (one for one in config.zones if one.brand not in (None, *config.privacy.brands)):
        words = not_one_of(each.brand or "", config.privacy.brands, "one of privacy.brands")
        found.append(Mistake(f"zones[{each.id}].brand", each.brand, words))
    zones = [zone.id for zone in config.zones]
    found += place_mistakes(config.places, zones)
    for reader in config.readers:
        found += _placed(reader, zones)
        if reader.over == "mqtt" and config.mqtt is None:
            words = "hears through an MQTT broker: expected a table [mqtt] with url"
            found.append(Mistake(f"readers[{reader.id}].driver", reader.driver, words))
    for number, rule in enumerate(config.moments):
        for zone in rule.zones:
            if zone not in zones:
                found.append(Mistake(f"moments[{number}].zones", zone, not_one_of(zone, zones, "the id of a zone")))
    return [str(mistake) for mistake in found]


def _twice(table: str, ids: Sequence[str], key: str = "id") -> Iterator[Mistake]:
    for name in dict.fromkeys(name for name in ids if ids.count(name) > 1):
        places = " and ".join(str(n) for n, other in enumerate(ids, start=1) if other == name)
        words = f"used twice, in [[{table}]] {places}; expected {'an' if key == 'id' else 'a'} {key} of its own"
        yield Mistake(f"{table}[{name}].{key}", name, words)


def _same_link(readers: Iterable[ReaderConfig]) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for reader in readers:
        if reader.over == "mqtt":
            continue
        other = first.setdefault(reader.link, reader.id)
        if other != reader.id:
            words = f"is the link of reader '{other}' already; expected a link of its own"
            yield Mistake(f"readers[{reader.id}].link", reader.link, words)


def _same_address(config: VenueConfig) -> Iterator[Mistake]:
    broker = config.mqtt.address if config.mqtt else None
    if broker and config.console.port == broker[1] and config.console.host == broker[0]:
        words = "is the broker's address in mqtt.url too; expected another port"
        yield Mistake("console.listen", config.console.listen, words)


def _tls_files(config: VenueConfig) -> Iterator[Mistake]:
    mqtt = config.mqtt
    files = {"mqtt.ca": mqtt.ca} if mqtt and mqtt.ca else {}
    if config.console.acme is not None and config.console.acme.ca is not None:
        files["console.acme.ca"] = config.console.acme.ca
    if config.hub is not None and config.hub.ca is not None:
        files["hub.ca"] = config.hub.ca
    for place, tls in (("console.tls", config.console.tls), ("mqtt.tls", mqtt.tls if mqtt else None)):
        files |= {f"{place}.{key}": file for key, file in tls.model_dump().items()} if tls else {}
    for key, file in files.items():
        if not Path(file).is_file():
            yield Mistake(key, file, "no such file; expected a PEM file")
        elif not os.access(file, os.R_OK):
            yield Mistake(key, file, "cannot be read by this user; expected a PEM file")


def _outward(config: VenueConfig) -> Iterator[Mistake]:
    if config.home_assistant is not None and config.mqtt is None:
        yield Mistake("home_assistant", NO_VALUE, "is told through an MQTT broker: expected a table [mqtt] with url")
    yield from _twice("webhooks", [hook.name for hook in config.webhooks], key="name")
    yield from _to_partners(config)
    for hook in config.webhooks:
        secret = webhook_secret(hook)
        if secret is None or len(secret) < SHORTEST_SECRET:
            has = "has no secret to sign with" if secret is None else f"has a secret of {len(secret)} characters"
            words = (
                f"{has}; expected {SHORTEST_SECRET} or more in {hook.environment} or the credential {hook.credential!r}"
            )
            yield Mistake(f"webhooks[{hook.name}]", NO_VALUE, words)


def _to_partners(config: VenueConfig) -> Iterator[Mistake]:
    partners = {partner.id: partner for partner in config.partners}
    named: dict[str, str] = {}
    for hook in (each for each in config.webhooks if each.partner is not None):
        path, id_ = f"webhooks[{hook.name}]", hook.partner or ""
        if id_ not in partners:
            yield Mistake(f"{path}.partner", id_, not_one_of(id_, list(partners), "the id of one of [[partners]]"))
            continue
        if id_ in named:
            words = f"has the webhook '{named[id_]}' already; expected one webhook for each partner"
            yield Mistake(f"{path}.partner", id_, words)
        named.setdefault(id_, hook.name)
        if hook.brand is not None and hook.brand not in config.privacy.brands:
            brands = list(config.privacy.brands)
            yield Mistake(f"{path}.brand", hook.brand, not_one_of(hook.brand, brands, "one of privacy.brands"))
        for kind in partners[id_].data:
            if kind not in SENDABLE:
                words = "cannot be sent by a webhook; " + not_one_of(kind, SENDABLE, "one of " + ", ".join(SENDABLE))
                yield Mistake(f"partners[{id_}].data", kind, words)


def _placed(reader: ReaderConfig, zones: Sequence[str]) -> Iterator[Mistake]:
    path = f"readers[{reader.id}]"
    places = {key: value for key in ("zone", "antennas", "rooms") if (value := getattr(reader, key)) is not None}
    roles = {"contact": ("inner", "exit"), "motion": ("zone",)}.get(reader.senses or "")
    if roles and reader.role not in roles:
        words = f"a {reader.senses} reads no tags; expected {' or '.join(roles)}"
        yield Mistake(f"{path}.role", reader.role, words)
    if len(places) != 1:
        has = "none of them" if not places else " and ".join(places)
        yield Mistake(path, NO_VALUE, f"has {has}; expected exactly one of zone, antennas, rooms")
    if "rooms" in places and reader.over != "mqtt":
        words = f"driver '{reader.driver}' knows no rooms; expected zone or antennas"
        yield Mistake(f"{path}.rooms", reader.rooms, words)
    for key, value in places.items():
        if isinstance(value, dict) and not value:
            yield Mistake(f"{path}.{key}", value, "is empty; expected at least one zone")
        for part, zone in value.items() if isinstance(value, dict) else [(None, value)]:
            if zone not in zones:
                expected = "the id of a zone: " + ", ".join(zones) if zones else "a zone defined under [[zones]]"
                where = f"{path}.{key}" if part is None else f"{path}.{key}.{part}"
                yield Mistake(where, zone, "no such zone; " + not_one_of(zone, zones, expected))
