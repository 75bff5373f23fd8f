"""The notice of a breach, drafted from the journal (GDPR Art. 33(3); PIPL Art. 57): what, whom, how many, what next.

Figures carry the numbers of their events. What the journal cannot know stands in brackets, for a person to fill in. The
paper names nobody: who is concerned is a list of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.events.event import Event
from gateway.events.times import iso
from gateway.privacy.evidence import Evidence
from gateway.privacy.paper import Paper
from gateway.privacy.processing import processing
from gateway.privacy.wording import Both

NOTICE_HOURS = 72
HOUR = 3600.0
MOST_NUMBERS = 12  # events named behind a figure; how many there are is the figure

# What may have to do with it: the types of its events, and what they are called.
TRACES: tuple[tuple[str, tuple[str, ...], Both], ...] = (
    ("looks", ("customer.viewed", "customers.listed"), Both("打开客户资料", "sheets of customers opened")),
    ("searches", ("customers.searched",), Both("搜索", "searches that showed people")),
    ("exports", ("customers.exported", "person.exported"), Both("导出", "exports")),
    ("passed on", ("person.passed_on", "person.passing_on"),
     Both("发送给程序或合作方", "sent to programs and partners")),
    ("tokens", ("token.made", "token.revoked"), Both("程序令牌的签发与撤销", "tokens made and ended")),
    ("wrong PINs", ("sign_in.refused",), Both("错误的 PIN", "wrong PINs")),
    ("sign-ins", ("session.began",), Both("登录", "sign-ins")),
    ("tablets", ("tablet.paired", "tablet.revoked"), Both("平板配对与撤销", "tablets paired and let go")),
    ("limits", ("limit.reached",), Both("触发的限制", "limits that were reached")),
    ("two people", ("glass.opened", "access.overridden"), Both("紧急与越区查看", "looks beyond a zone, and by two")),
    ("copies", ("records.backed_up", "epoch.began"), Both("备份与恢复", "backups and restores")),
    ("damage", ("records.damaged",), Both("损坏的记录", "damaged records")),
)  # fmt: skip


@dataclass(slots=True)
class Draft:
    """A notice, and whom it concerns."""

    paper: Paper
    people: list[str] = field(default_factory=list)


def draft(of: Evidence, tablet: str | None = None) -> Draft:
    """The notice for what happened within the span of ``of``; ``tablet`` is one that was lost."""
    events = list(of.all_events())
    people = concerned(events, tablet)
    lost = [each for each in events if each.type == "tablet.revoked" and each.data.get("lost")]
    for each in lost if tablet is None else ():
        people |= concerned(events, each.data["tablet"])
    paper = Paper(Both("个人信息安全事件通知（草稿）", "Notice of a personal data breach (draft)"))
    _head(paper, of, tablet, lost)
    _what(paper, of, events, tablet)
    _whom(paper, of, events, people, tablet)
    _consequences(paper)
    _measures(paper, events)
    return Draft(paper, sorted(people))


def concerned(events: Iterable[Event], tablet: str | None) -> set[str]:
    """The customers who were looked at, listed, exported or sent on; of a lost tablet: those whom it may have held."""
    found: set[str] = set()
    signed_in: set[str] = set()
    here: set[str] = set()
    for event in events:
        if tablet is None:
            found |= _shown(event)
            continue
        if event.type == "visit.arrived":
            here.add(event.subject)
        elif event.type == "visit.departed" and not signed_in:
            here.discard(event.subject)
        elif event.type == "session.began" and event.data.get("tablet") == tablet:
            signed_in.add(event.data["staff"])
        if signed_in:
            found |= here
        if event.actor in signed_in:
            found |= _shown(event)
    return found


def _shown(event: Event) -> set[str]:
    if event.type in ("customer.viewed", "person.exported", "person.passed_on"):
        return {event.subject}
    if event.type == "customers.searched":
        return set(event.data.get("found", ()))
    return set()


def _head(paper: Paper, of: Evidence, tablet: str | None, lost: Sequence[Event]) -> None:
    about = processing(of.config)
    name, address, contact = about.controller
    blank = Both("［请填写］", "[to be filled in]")
    paper.table(
        [Both("项目", "What"), Both("内容", "")],
        [
            [Both("处理者", "Controller"), Both(f"{name}，{address}", f"{name}, {address}") if name else blank],
            [Both("联系人", "Contact"), Both(contact, contact) if contact else blank],
            [Both("门店", "Venue"), Both(f"{about.name.zh}（{about.venue}）", f"{about.name.en} ({about.venue})")],
            [Both("时段", "From, until"), Both(*[f"{iso(of.since)} – {iso(of.until)}"] * 2)],
            [
                Both("最迟通知时间（知悉后 72 小时）", "To be sent by (72 hours after it was known)"),
                Both(*[f"{iso(of.now + NOTICE_HOURS * HOUR)}"] * 2),
            ],
            *([[Both("遗失的平板", "Tablet that was lost"), Both(tablet, tablet)]] if tablet else []),
            *([Both("报失的平板", "Tablet reported lost"), _lost(of, each)] for each in lost),
        ],
    )


def _lost(of: Evidence, reported: Event) -> Both:
    """Which tablet, since when it is known to be lost, and whether it has wiped itself since."""
    id_, name = reported.data["tablet"], reported.data["name"]
    at = of.reader.conn.execute("SELECT wiped_at FROM tablets WHERE id = ?", (id_,)).fetchone()
    wiped = iso(at[0]) if at and at[0] is not None else None
    return Both(
        f"{name}（{id_}），{iso(reported.time)} 报失，" + (f"{wiped} 已自行清空" if wiped else "此后未再连接"),
        f"{name} ({id_}), reported {iso(reported.time)}, " + (f"wiped itself {wiped}" if wiped else "not heard since"),
    )


def _what(paper: Paper, of: Evidence, events: Sequence[Event], tablet: str | None) -> None:
    paper.heading(Both("一、事件性质", "1. What happened"))
    paper.say(Both("［经过、原因：请填写］", "[How it came about, and why: to be filled in]"))
    rows = []
    for _, types, words in TRACES:
        found = [each for each in events if each.type in types]
        if found:
            rows.append([words, Both(*[str(len(found))] * 2), Both(*[_numbers(found)] * 2)])
    paper.table([Both("日志中的", "In the journal"), Both("次数", "Times"), Both("事件编号", "Events")], rows)
    if not rows:
        paper.say(Both("该时段日志中没有相关事件。", "The journal has nothing of the kind in that time."))


def _whom(paper: Paper, of: Evidence, events: Sequence[Event], people: set[str], tablet: str | None) -> None:
    paper.heading(Both("二、涉及的人与记录", "2. People and records"))
    kinds = Counter(event.type.partition(".")[0] for event in events if event.subject in people)
    paper.say(
        Both(
            f"约 {len(people)} 位客户；日志中与其有关的记录 {sum(kinds.values())} 条。"
            + ("按平板最多可能持有者计算。" if tablet else "按被查看、搜索、导出或发送者计算。")
            + "［日志之外的副本：请填写］",
            f"About {len(people)} customers, {sum(kinds.values())} records of theirs in the journal, counted as "
            + (
                "those whom the tablet may have held at most. "
                if tablet
                else "those looked at, found, exported or sent. "
            )
            + "[Copies beyond the journal: to be filled in]",
        )
    )
    paper.table(
        [Both("类别", "Kind"), Both("条数", "Records")],
        [[Both(kind, kind), Both(*[str(count)] * 2)] for kind, count in sorted(kinds.items())],
    )


def _consequences(paper: Paper) -> None:
    paper.heading(Both("三、可能的后果", "3. Likely consequences"))
    paper.items(
        [
            Both("他人可能得知某人到访过本店、其称呼与偏好，其中可能有健康信息。",
                 "Others may learn that somebody was here, how they are addressed, what they like, their health."),
            Both("静态数据以每位客户的密钥加密；没有密钥的副本不可读。",
                 "At rest everything is sealed with a key per customer; a copy without the keys cannot be read."),
            Both("［具体后果：请填写］", "[In this case: to be filled in]"),
        ]
    )  # fmt: skip


def _measures(paper: Paper, events: Sequence[Event]) -> None:
    paper.heading(Both("四、已采取与拟采取的措施", "4. Measures taken and proposed"))
    ended = [each for each in events if each.type in ("session.ended", "token.revoked", "tablet.revoked")]
    words = Both(
        f"已结束的登录、令牌与平板：{len(ended)}（{_numbers(ended)}）",
        f"Sign-ins, tokens and tablets that were ended: {len(ended)} ({_numbers(ended)})",
    )
    blank = Both("［其他措施，通知本人的方式与日期］", "[Other measures; how and when the people themselves are told]")
    paper.items([words, blank] if ended else [blank])


def _numbers(events: Sequence[Event]) -> str:
    shown = ", ".join(str(each.sequence) for each in events[:MOST_NUMBERS])
    return f"{shown} …" if len(events) > MOST_NUMBERS else shown or "–"
