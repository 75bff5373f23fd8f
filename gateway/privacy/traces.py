"""Checks of what lies in a folder: what must be in no file, no row and nobody else's record."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from gateway.consent import ledger
from gateway.events.catalogue import CATALOGUE
from gateway.events.event import Event
from gateway.privacy.check import MOST_IDS, Check, Finding, failed, passed, unproven
from gateway.privacy.deliveries import partner_bodies
from gateway.privacy.evidence import Evidence
from gateway.privacy.wording import Both
from gateway.records import consents, customers

NAMES = 50  # of customers that are looked for in every file
SHORTEST = 5  # bytes of a name: a shorter one stands in any gigabyte of noise
IN_CLEAR = re.compile(
    rb"\b(?:epc:[0-9A-F]{16,}|tid:[0-9A-F]{16,}|em:[0-9A-F]{10}|nfc:[0-9A-F]{8,20}|ibeacon:[0-9a-f]{8}-[0-9a-f-]{27}"
    rb"|eddystone:[0-9a-f]{20}|irk:[0-9a-f]{32}|ble:[0-9a-f]{12})\b"
)
"""An identifier as the house writes it; in a data folder it stands nowhere but sealed or as a keyed hash."""
ADDRESS = re.compile(rb"\b[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}\b")
"""A radio address as a phone sends it, in the files of a broker."""
PAIRS = frozenset({"customer.merged", "customer.unmerged", "customer.told_apart", "customer.mistaken"})
"""Events that say of two records that they are one person, or not: no tie between two people."""


def searched(files: Iterable[Path], wanted: Iterable[bytes]) -> Iterator[tuple[Path, bytes]]:
    """Which of these bytes stand in which file; each pair once."""
    needles = list(wanted)
    for path in files:
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                continue
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                yield from ((path, needle) for needle in needles if content.find(needle) >= 0)


def matched(files: Iterable[Path], pattern: re.Pattern[bytes]) -> Iterator[Path]:
    """The files in which such a thing stands."""
    for path in files:
        if path.stat().st_size == 0:
            continue
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if pattern.search(content):
                yield path


def _strangers(of: Evidence) -> Finding:
    files = list(of.files())
    found = {path.name for path in matched(files, IN_CLEAR)}
    found |= {path.name for path in matched((path for path in files if "broker" in path.parts), ADDRESS)}
    if found:
        names = ", ".join(sorted(found))
        return failed(f"下列文件中有明文标识：{names}", f"identifiers stand in clear in {names}")
    return passed(
        f"{len(files)} 个文件中没有任何明文标识",
        f"no identifier stands in clear in any of {len(files)} files",
    )


def _names(of: Evidence) -> Finding:
    names = [each.name for each in islice(customers.customers(of.reader), NAMES) if len(each.name.encode()) >= SHORTEST]
    if not names:
        return unproven("还没有客户", "there are no customers yet")
    wanted = [name.encode(coding) for name in names for coding in ("utf-8", "utf-16-le")]
    found = {path.name for path, _ in searched(of.files(), wanted)}
    if found:
        return failed(
            f"姓名以明文出现在：{'、'.join(sorted(found))}", f"names stand in clear in {', '.join(sorted(found))}"
        )
    return passed(
        f"在数据文件夹的所有文件中查找了 {len(names)} 个姓名，均未出现",
        f"{len(names)} names were looked for in every file of the data folder: in none",
    )


def _together(of: Evidence) -> Finding:
    known = {row[0] for row in of.rows("SELECT id FROM customers")}
    found: list[str] = []
    seen = 0
    for event in of.all_events():
        row = CATALOGUE.get(event.type)
        if row is None or row.holder != "customer" or event.type in PAIRS:
            continue
        seen += 1
        if (others := _people(event, known)) and not _agreed(of, {event.subject, *others}):
            found.append(event.id)
    if found:
        return failed(
            f"{len(found)} 个事件把一位客户与另一位客户联系在一起，而双方并未都同意",
            f"{len(found)} events tie a customer to another of whom not both agreed",
            found[:MOST_IDS],
        )
    return passed(
        f"{seen} 个事件中没有任何一个在未经双方同意时提到另一位客户",
        f"none of {seen} events of customers names another without both having agreed",
    )


def _people(event: Event, known: set[str]) -> set[str]:
    """The other customers that an event of a customer names anywhere in its data."""
    return {each for each in _texts(event.data) if each in known and each != event.subject}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _agreed(of: Evidence, people: set[str]) -> bool:
    return all(
        ledger.alive(consents.entries_of(of.reader, each, "introductions"), "introductions", of.now) for each in people
    )


def _words_of_others(of: Evidence) -> Finding:
    names = {each.id: each.name for each in customers.customers(of.reader) if _can_be_meant(each.name)}
    hits = [
        event.id
        for event in of.events("preference.recorded", "ask.answered", "promise.made", "complaint.opened")
        for text in [" ".join(_texts({key: event.data.get(key) for key in ("value", "answer", "text", "note")}))]
        if any(name in text for id_, name in names.items() if id_ != event.subject)
    ]
    if hits:
        return failed(
            f"{len(hits)} 处记录提到另一位客户的姓名，请逐条核对",
            f"{len(hits)} records name another customer: look at each",
            hits[:MOST_IDS],
        )
    return passed(
        f"没有任何自由文本提到其他客户（共 {len(names)} 个姓名）",
        f"no free text names another customer ({len(names)} names)",
    )


def _can_be_meant(name: str) -> bool:
    """Whether a name is long enough that its letters in a sentence mean somebody."""
    return len(name) >= 4 or (len(name) >= 2 and all("\u4e00" <= sign <= "\u9fff" for sign in name))


def _no_score(of: Evidence) -> Finding:
    banned = re.compile(r"score|rank|churn|propensity|lifetime_value", re.IGNORECASE)
    found = sorted(
        f"{kind}.{member}"
        for kind, row in CATALOGUE.items()
        for member in row.data.__annotations__
        if banned.search(member)
    )
    if found:
        return failed("事件中出现评分：" + "、".join(found), "a score stands in events: " + ", ".join(found))
    return passed(
        f"{len(CATALOGUE)} 种事件中没有评分；价格、排队、准入的规则不读取任何评分",
        f"no score in any of {len(CATALOGUE)} kinds of event, so none can reach a price, a queue or access",
    )


TRACES = (
    Check(
        21, Both("陌生人不留痕迹", "A stranger leaves no trace"),
        Both("在数据文件夹与代理文件中查找明文标识", "identifiers in clear, in every file"),
        _strangers,
    ),
    Check(
        22, Both("姓名不以明文出现", "No name stands in clear"),
        Both("查找 50 个姓名", "50 names are looked for in every file"), _names,
    ),
    Check(
        25, Both("自由文本不泄露姓名", "Free text leaks no name"),
        Both("所有文本对照所有姓名", "all texts against all names; hits are listed for a hand"), _words_of_others,
    ),
    Check(
        26, Both("未经双方同意不记录同行", "Nobody is tied to another without both agreeing"),
        Both("逐个事件查找其他客户", "every event of a customer is searched for another one"), _together,
    ),
    Check(
        28, Both("合作方只得到约定内容", "A partner sees what was agreed"),
        Both("按类别核对已发送内容", "what was sent, against partner and category"), partner_bodies,
    ),
    Check(
        29, Both("评分不影响价格、排队、准入", "A score reaches no price, queue or access"),
        Both("所有事件的结构", "the members of every kind of event"), _no_score,
    ),
)  # fmt: skip
