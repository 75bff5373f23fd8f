"""Checks of what left the house for others: to whom, of which kinds, by whose word, and what put it right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from gateway.consent import ledger
from gateway.core import sharing
from gateway.core.persons import records_of
from gateway.events.catalogue import sensitive
from gateway.events.event import Event
from gateway.events.times import iso, seconds
from gateway.privacy.check import MOST_IDS, Finding, failed, not_here, passed, unproven
from gateway.privacy.evidence import Evidence
from gateway.records import consents, journal_rows, person_journal, preferences

ACTS = ("consent.granted", "consent.refused", "consent.revoked")


def sent(of: Evidence) -> list[Event]:
    """What left for a partner within the span, as it was written down before it left; that of the erased is dark."""
    return [each for each in of.events("person.passing_on") if each.data]


def without_word(of: Evidence) -> tuple[list[str], int]:
    """Ids of what was sent of a kind that its customer had not agreed to with this partner then; and how many were."""
    every = [each for each in sent(of) if not each.data["stop"]]
    return [each.id for each in every if not set(each.data["data"]) <= _agreed_then(of, each)], len(every)


def _agreed_then(of: Evidence, delivery: Event) -> set[str]:
    """The kinds of data that the customer agreed to with this partner, by what the house knew when this left."""
    partner, found = delivery.data["recipient"], set[str]()
    records = records_of(of.reader, delivery.subject)
    after = {act for record in records for act in _later_acts(of, record, delivery.sequence)}
    acts = [one for record in records for one in consents.ledger_of(of.reader, record) if one.id not in after]
    known = [one.entry for one in acts if one.granted_at <= delivery.time]
    alive = {one.id for one in ledger.alive(known, sharing.PURPOSE, delivery.time, partner=partner)}
    for one in acts:
        if one.id in alive:
            found |= set(one.data)
    return found


def _later_acts(of: Evidence, record: str, sequence: int) -> Iterator[str]:
    marks = ", ".join("?" * len(ACTS))
    where = f"WHERE subject = ? AND type IN ({marks}) AND sequence > ? ORDER BY number"
    for event in journal_rows.select(of.reader, where, record, *ACTS, sequence):
        if event.data and event.data.get("id"):
            yield event.data["id"]


def partner_bodies(of: Evidence) -> Finding:
    """Check 28: the bodies of partners by their schema, and each fact in them by what it is."""
    personal = [hook.name for hook in of.config.webhooks if hook.personal]
    if not of.config.partners and not personal:
        return not_here("[[partners]], [[webhooks]] personal = true")
    every = sent(of)
    wrong = [each.id for each in every if not _by_schema(of, each)]
    if wrong:
        return failed(
            f"{len(wrong)} 次发送超出约定的内容", f"{len(wrong)} bodies hold more than was agreed", wrong[:MOST_IDS]
        )
    if every:
        return passed(
            f"{len(every)} 次发送均只含约定类别的偏好，不含姓名与健康信息",
            f"each of {len(every)} bodies holds facts of the agreed kinds alone: no name, nothing of health",
            (each.id for each in every[-MOST_IDS:]),
        )
    if not of.config.partners:
        return passed(
            "没有合作方；含姓名的 webhook 属于本公司：" + "、".join(personal),
            "there is no partner; webhooks with names are the house's own: " + ", ".join(personal),
        )
    return unproven("没有向合作方发送过任何内容", "nothing was sent to a partner")


def _by_schema(of: Evidence, delivery: Event) -> bool:
    data = delivery.data
    if not set(data["members"]) <= set(sharing.MEMBERS) or (data["stop"] and (data["about"] or data["data"])):
        return False
    facts = [fact for id_ in data["about"] if (fact := preferences.get(of.reader, id_)) is not None]
    return all(
        sharing.FACTS + fact.category in data["data"]
        and fact.scope == "standing"
        and not sensitive({"category": fact.category, "polarity": fact.polarity})
        for fact in facts
    )


def corrections(of: Evidence) -> Finding:
    """Check 16: of each fact that was put right, everybody who may have the old one."""
    if not of.config.webhooks and not of.config.partners:
        return not_here("[[webhooks]], [[partners]]")
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in of.events("person.passing_on", "person.passed_on", "preference.recorded"):
        if event.data:
            line = {"id": event.id, "type": event.type, "at": iso(event.time), "data": event.data}
            lines[event.subject].append(line)
    concerned, waiting = 0, list[tuple[str, str, str]]()
    for mine in lines.values():
        for id_, who, since in _owed(mine):
            concerned += 1
            if since is not None:
                waiting.append((id_, who, since))
    if not concerned:
        return unproven("尚无更正涉及已发送的内容", "no correction was about anything that was sent")
    if waiting:
        who = ", ".join(sorted({f"{name} ({of.day(seconds(since) or 0.0)})" for _, name, since in waiting}))
        return failed(
            f"{len(waiting)} 处更正尚未被接收方确认：{who}",
            f"{len(waiting)} corrections are not acknowledged yet, by whom and since when: {who}",
            [id_ for id_, _, _ in waiting][:MOST_IDS],
        )
    return passed(f"{concerned} 处更正均已送达", f"each of {concerned} corrections reached who had the old value")


def _owed(mine: list[dict[str, Any]]) -> Iterator[tuple[str, str, str | None]]:
    """Each correction and each who may have what it put right, and since when they have not acknowledged it."""
    had, told, stopped = person_journal.passed_on(mine)
    for line in mine:
        data = line["data"]
        if line["type"] != "preference.recorded":
            continue
        wrong = {*data.get("corrects", ()), *data.get("retracts", ())}
        for who, since in {who: at for each in wrong for who, at in had.get(each, {}).items()}.items():
            gone = any(stop >= since for stop in stopped.get(who, ()))
            done = gone or who in told.get(data["id"], {})
            yield line["id"], who[1], None if done else line["at"]
