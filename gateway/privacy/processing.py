"""What a venue does with whose data, as its settings say it: readers, purposes, partners, recipients, periods.

The door sign, the assessment and the record of processing are made of this and of nothing else, so that each of them
changes with the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from gateway.core.consenting import Consenting
from gateway.privacy.wording import Both
from gateway.settings.venue import ReaderConfig, VenueConfig
from reader_drivers import DRIVERS

Heard = Literal["tags", "phones", "sensors"]
ANY = frozenset({"json"})
"""Drivers that may be told of anything: a tag as well as a phone."""


@dataclass(slots=True, frozen=True)
class Reader:
    """One reader: what it hears, where, and what its evidence means."""

    id: str
    driver: str
    role: str
    zones: tuple[str, ...]
    hears: tuple[Heard, ...]


@dataclass(slots=True, frozen=True)
class Purpose:
    """What customers may agree to, and how long that lasts at most, in months."""

    id: str
    name: Both
    months: int
    to_partner: bool


@dataclass(slots=True, frozen=True)
class Recipient:
    """Who is told beside the staff of the venue; ``personal`` says whether with names and what is known."""

    id: str
    kind: Literal["webhook", "home_assistant", "partner", "broker", "hub"]
    name: Both
    where: str
    personal: bool
    what: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Period:
    """How long a class of records is kept, in days (None: as long as what it belongs to), and what happens then."""

    id: str
    name: Both
    days: float | None
    then: Both


@dataclass(slots=True, frozen=True)
class Processing:
    """Everything that the papers of a venue tell."""

    venue: str
    name: Both
    kind: str
    controller: tuple[str, str, str]
    jurisdictions: tuple[str, ...]
    guardian_under: int
    zones: tuple[tuple[str, Both], ...]
    readers: tuple[Reader, ...]
    purposes: tuple[Purpose, ...]
    recipients: tuple[Recipient, ...]
    periods: tuple[Period, ...]

    def heard(self) -> tuple[Heard, ...]:
        """What is heard in this venue, in the order in which a sign says it."""
        found = {each for reader in self.readers for each in reader.hears}
        return tuple(each for each in ("tags", "phones", "sensors") if each in found)

    def marks(self) -> Iterator[str]:
        """What a paper about this venue must name, as it stands in brackets: ``[reader:door]``."""
        yield from (f"[zone:{zone}]" for zone, _ in self.zones)
        yield from (f"[reader:{each.id}]" for each in self.readers)
        yield from (f"[purpose:{each.id}]" for each in self.purposes)
        yield from (f"[{each.kind}:{each.id}]" for each in self.recipients)
        yield from (f"[kept:{each.id}={_days(each.days)}]" for each in self.periods)


def mark_of(period: Period) -> str:
    """The mark of a class of records, with its period in it: a paper of another period is another paper."""
    return f"[kept:{period.id}={_days(period.days)}]"


def _days(days: float | None) -> str:
    return "-" if days is None else f"{days:g}"


def processing(config: VenueConfig) -> Processing:
    """What these settings say."""
    controller = config.privacy.controller
    return Processing(
        venue=config.venue.id,
        name=Both(**_both(config.venue.name.by_language())),
        kind=config.venue.kind,
        controller=(controller.name, controller.address, controller.contact) if controller else ("", "", ""),
        jurisdictions=tuple(config.privacy.jurisdictions),
        guardian_under=config.privacy.guardian_under,
        zones=tuple((zone.id, Both(**_both(zone.name.by_language()))) for zone in config.zones),
        readers=tuple(_reader(each) for each in config.readers),
        purposes=tuple(
            Purpose(each.id, Both(**_both(dict(each.labels))), each.months, each.partner)
            for each in Consenting(config).purposes.values()
        ),
        recipients=tuple(_recipients(config)),
        periods=_periods(config),
    )


def _reader(reader: ReaderConfig) -> Reader:
    return Reader(reader.id, reader.driver, reader.role, reader.zones, hears(reader))


def hears(reader: ReaderConfig) -> tuple[Heard, ...]:
    """What a reader can hear: by where its driver stands, and by its settings."""
    if reader.senses:
        return ("sensors",)
    if reader.driver in ANY:
        return "tags", "phones"
    return ("phones",) if ".phone." in DRIVERS[reader.driver].__module__ else ("tags",)


def _recipients(config: VenueConfig) -> Iterator[Recipient]:
    for hook in (each for each in config.webhooks if each.partner is None):
        name = Both(hook.name, hook.name)
        yield Recipient(hook.name, "webhook", name, urlsplit(hook.url).hostname or "", hook.personal, hook.events)
    if config.home_assistant is not None:
        yield Recipient("home_assistant", "home_assistant", Both("Home Assistant", "Home Assistant"), "", False, ())
    if config.mqtt is not None and not config.mqtt.embedded:
        host, port = config.mqtt.address or ("", 0)
        yield Recipient("mqtt", "broker", Both("MQTT 代理", "MQTT broker"), f"{host}:{port}", False, ())
    if config.hub is not None:
        name = Both("运营方的枢纽，及其同品牌的其他门店", "the operator's hub, and its other houses of the brand")
        yield Recipient(config.hub.brand, "hub", name, urlsplit(config.hub.url).hostname or "", True, ("share_houses",))
    for partner in config.partners:
        names = Both(**_both(partner.name.by_language()))
        yield Recipient(partner.id, "partner", names, partner.country, True, tuple(partner.data))


def _periods(config: VenueConfig) -> tuple[Period, ...]:
    """How long what is kept; ``[retention]`` and ``[privacy]`` say what is not as usual."""
    days = config.retention
    deleted = Both("删除", "deleted")
    return (
        Period("strangers", Both("陌生人的标识", "strangers' identifiers"), 0, Both("从不保存", "never kept")),
        Period("presence", Both("区域间行踪", "presence from zone to zone"), days.presence_days,
               Both("到访保留起止时间与区域数", "from, until and the number of zones stay with the visit")),
        Period("visits", Both("到访、提醒、询问、已结束的承诺与偏好", "visits, cards, asks, what is closed or ended"),
               days.visits_days, deleted),
        Period("journal", Both("含姓名的日志", "the journal with names"), days.journal_days,
               Both("内容删除，仅留摘要", "what it says is deleted, a digest of it stays")),
        Period("skeleton", Both("日志骨架（类型、时间）", "its skeleton: types and times"), days.skeleton_days,
               Both("在签名的锚点处截断", "cut at an anchor that the house signs")),
        Period("proof", Both("同意的证明", "proof of consent"), days.proof_days, deleted),
        Period("sessions", Both("登录", "sign-ins"), days.sessions_days, deleted),
        Period("answers", Both("写入的首次应答", "first answers to writes"), days.answers_days, deleted),
        Period("without_consent", Both("没有任何有效同意的客户", "a customer without any live consent"),
               days.without_consent_days,
               Both("提前一周列给经理，随后删除", "listed for managers a week before, then erased")),
        Period("customers", Both("客户资料", "what is known of a customer"), None,
               Both("撤回或要求时删除，密钥随之销毁", "erased when it is asked for, with its keys")),
    )  # fmt: skip


def _both(names: dict[str, str]) -> dict[str, str]:
    return {"zh": names.get("zh-CN", ""), "en": names.get("en", "")}
