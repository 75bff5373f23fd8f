"""The record of processing activities of a venue (GDPR Art. 30; PIPL Art. 55 and 56): what, why, for whom, how long."""

from __future__ import annotations

from gateway.privacy.paper import Paper
from gateway.privacy.processing import Processing, Purpose, Recipient, mark_of
from gateway.privacy.sign import HEARD
from gateway.privacy.wording import Both, joined

TITLE = Both("个人信息处理活动记录", "Record of processing activities")
CATEGORIES: tuple[tuple[str, Both], ...] = (
    ("identity", Both("姓名、称呼、语言、等级、生日", "name, form of address, language, tier, birthday")),
    (
        "identifiers",
        Both("钥匙扣标签与手机的标识（以密钥散列保存）", "identifiers of tags and phones, kept as keyed hashes"),
    ),
    ("presence", Both("到访、所在区域、停留时间", "visits, zone, how long")),
    ("preferences", Both("偏好与忌避，包括过敏等健康信息", "what to do and avoid, with health data such as allergies")),
    ("service", Both("询问、承诺、投诉、接待记录", "asks, promises, complaints, who greeted them")),
    ("proof", Both("同意与拒绝、凭据、谁查看过", "consent and refusal, receipts, who looked")),
    ("staff", Both("员工姓名、角色、班次、PIN 的散列", "staff: name, roles, shifts, a hash of the PIN")),
)
MEASURES: tuple[Both, ...] = (
    Both(
        "每位客户一把密钥加密（AES-256-GCM），删除即销毁密钥",
        "Sealed with a key per customer (AES-256-GCM); erasing destroys it",
    ),
    Both("标识只以密钥散列保存，陌生人的标识从不保存", "Identifiers only as keyed hashes; a stranger's never"),
    Both("只增日志，逐条相连，任何更改都会被发现", "An append-only journal, each event chained to the one before"),
    Both("角色与区域限制查看范围，查看均有记录", "Roles and zones limit what is seen; each look is recorded"),
    Both("平板与程序之间使用 TLS；备份不含主密钥", "TLS to tablets and programs; no master key in a backup"),
)


def register(about: Processing) -> Paper:
    """The record of this venue, with every reader, purpose, recipient and period that its settings name."""
    paper = Paper(TITLE)
    name, address, contact = about.controller
    missing = Both("［请填写］", "[to be filled in]")
    where = Both("、".join(about.jurisdictions), ", ".join(about.jurisdictions))
    paper.heading(Both("处理者", "Controller"))
    paper.table(
        [Both("项目", "What"), Both("内容", "Who")],
        [
            [Both("名称", "Name"), Both(name, name) if name else missing],
            [Both("地址", "Address"), Both(address, address) if address else missing],
            [Both("联系方式", "Contact"), Both(contact, contact) if contact else missing],
            [Both("门店", "Venue"), Both(f"{about.name.zh}（{about.venue}）", f"{about.name.en} ({about.venue})")],
            [Both("适用法域", "Jurisdictions"), where if about.jurisdictions else missing],
        ],
    )
    paper.heading(Both("目的", "Purposes"))
    paper.table(PURPOSE_HEAD, [purpose_row(each) for each in about.purposes])
    paper.heading(Both("个人信息类别", "Categories of data"))
    paper.items([Both(f"{words.zh} [data:{id_}]", f"{words.en} [data:{id_}]") for id_, words in CATEGORIES])
    paper.heading(Both("来源：读写器", "Sources: readers"))
    paper.table(READER_HEAD, reader_rows(about))
    paper.heading(Both("接收方", "Recipients"))
    paper.table(RECIPIENT_HEAD, [recipient_row(each) for each in about.recipients])
    if not about.recipients:
        paper.say(Both("无：数据不离开门店。", "None: nothing leaves the venue."))
    paper.heading(Both("保存期限", "How long it is kept"))
    paper.table(
        [Both("类别", "Class"), Both("天数", "Days"), Both("之后", "Then")],
        [
            [
                Both(f"{each.name.zh} {mark_of(each)}", f"{each.name.en} {mark_of(each)}"),
                Both("–", "–") if each.days is None else Both(f"{each.days:g}", f"{each.days:g}"),
                each.then,
            ]
            for each in about.periods
        ],
    )
    paper.heading(Both("安全措施", "Security measures"))
    paper.items(MEASURES)
    return paper


PURPOSE_HEAD = [Both("目的", "Purpose"), Both("依据", "Rests on"), Both("最长", "At most")]
CONSENT = Both(
    "单独同意（PIPL 13、29；GDPR 6(1)(a)、9(2)(a)）", "consent of its own (GDPR 6(1)(a), 9(2)(a); PIPL 13, 29)"
)
READER_HEAD = [Both("读写器", "Reader"), Both("感应", "Hears"), Both("区域", "Zones"), Both("作用", "Role")]
ROLES = {
    "outer": Both("门外", "outside it"), "inner": Both("门内", "inside it"), "exit": Both("出口", "way out"),
    "zone": Both("所在区域", "who is in a zone"), "tap": Both("轻触", "held to it"),
}  # fmt: skip
"""What the evidence of a reader means."""
RECIPIENT_HEAD = [Both("接收方", "Recipient"), Both("位置", "Where"), Both("内容", "What")]


def purpose_row(purpose: Purpose) -> list[Both]:
    """One purpose as a row: what it is, what it rests on, how long a consent lasts at most."""
    name = Both(f"{purpose.name.zh} [purpose:{purpose.id}]", f"{purpose.name.en} [purpose:{purpose.id}]")
    return [name, CONSENT, Both(f"{purpose.months} 个月", f"{purpose.months} months")]


def reader_rows(about: Processing) -> list[list[Both]]:
    """Every reader as a row: what it hears, in which zones, what its evidence means."""
    zones = {id_: Both(f"{name.zh} [zone:{id_}]", f"{name.en} [zone:{id_}]") for id_, name in about.zones}
    placed = {zone for reader in about.readers for zone in reader.zones}
    rows = [
        [
            Both(f"{each.driver} [reader:{each.id}]", f"{each.driver} [reader:{each.id}]"),
            joined([HEARD[one] for one in each.hears]),
            joined([zones[zone] for zone in each.zones if zone in zones]),
            ROLES[each.role],
        ]
        for each in about.readers
    ]
    without = [zones[id_] for id_ in zones if id_ not in placed]
    none = Both("无读写器", "no reader")
    return [*rows, *([[none, Both("–", "–"), joined(without), Both("–", "–")]] if without else [])]


def recipient_row(recipient: Recipient) -> list[Both]:
    """Who is told, where they are, and whether names are among it."""
    mark = f"[{recipient.kind}:{recipient.id}]"
    named = (
        Both("含姓名与已知信息", "with names and what is known") if recipient.personal else Both("不含姓名", "no names")
    )
    what = ", ".join(recipient.what)
    return [
        Both(f"{recipient.name.zh} {mark}", f"{recipient.name.en} {mark}"),
        Both(recipient.where or "–", recipient.where or "–"),
        Both(f"{named.zh}：{what}" if what else named.zh, f"{named.en}: {what}" if what else named.en),
    ]
