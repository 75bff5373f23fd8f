"""Checks of what people may and staff may not: receipts, stops, looks, erasures, keys, and what two open together."""

from __future__ import annotations

from gateway.consent.verify import verify as verify_receipt
from gateway.core.glass import OPEN_FOR
from gateway.events.event import Event
from gateway.events.times import DAY
from gateway.privacy.check import MOST_IDS, Check, Finding, failed, passed, unproven
from gateway.privacy.deliveries import corrections
from gateway.privacy.evidence import Evidence
from gateway.privacy.wording import LANGUAGES, Both
from gateway.records import bodies, receipts

BASES = frozenset({"stated", "observed", "inferred"})
STOPPED_WITHIN_S = 2.0
GLASS_TIDIED_S = 86_400.0  # a house that was switched off says the end when it is back
ZONES_DAYS = 14  # that it is known where in the house somebody was
ROTATED_WITHIN_DAYS = {"master": 400, "receipts": 400}
"""Keys that are made anew by then; of others nobody says when."""


def _receipts(of: Evidence) -> Finding:
    wrong: list[str] = []
    seen = 0
    for (id_,) in of.rows("SELECT id FROM receipts WHERE at >= ? AND at < ? ORDER BY at", of.since, of.until):
        receipt = receipts.get(of.reader, id_)
        if receipt is None:
            continue
        seen += 1
        if verify_receipt(receipt).state == "changed":
            wrong.append(id_)
    if wrong:
        return failed(f"{len(wrong)} 份凭据验证不通过", f"{len(wrong)} receipts do not verify", wrong[:MOST_IDS])
    if not seen:
        return unproven("尚未发出凭据", "no receipt was made yet")
    return passed(f"{seen} 份凭据均可离线验证", f"each of {seen} receipts verifies, with nothing but itself")


def _stops_in_time(of: Evidence) -> Finding:
    stops = [each for each in of.events("consent.revoked", "consent.refused") if each.data.get("act")]
    if not stops:
        return unproven("尚无人停止", "nobody has stopped anything yet")
    worst, late = 0.0, []
    for stop in stops:
        after = of.of_customer(stop.subject, "visit.departed", "alert.closed")
        ends = [each.time - stop.time for each in after if each.sequence > stop.sequence and _of_a_stop(each)]
        worst = max([worst, *ends])
        if ends and max(ends) > STOPPED_WITHIN_S:
            late.append(stop.id)
    if late:
        return failed(
            f"{len(late)} 次停止超过两秒，最长 {worst:.2f} 秒",
            f"{len(late)} stops took more than two seconds, {worst:.2f} s at worst",
            late[:MOST_IDS],
        )
    return passed(
        f"{len(stops)} 次停止，最慢 {worst:.2f} 秒后在场与提醒均已结束",
        f"{len(stops)} stops; presence and cards had ended after {worst:.2f} s at the latest",
        (each.id for each in stops[-MOST_IDS:]),
    )


def _of_a_stop(event: Event) -> bool:
    return "revoked" in (event.data.get("because"), event.data.get("outcome"))


def _looks(of: Evidence) -> Finding:
    viewed = list(of.events("customer.viewed"))
    searched = list(of.events("customers.searched", "customers.listed"))
    handed = list(of.events("customers.exported", "person.exported"))
    without = [each.id for each in viewed if not each.data.get("why")]
    if without:
        return failed(f"{len(without)} 次查看没有缘由", f"{len(without)} looks have no why", without[:MOST_IDS])
    if not viewed and not searched:
        return unproven("尚无人查看过客户", "nobody has looked at a customer yet")
    return passed(
        f"日志中有 {len(viewed)} 次查看、{len(searched)} 次列表与搜索、{len(handed)} 次导出，各有何人与缘由",
        f"the journal has {len(viewed)} looks, {len(searched)} lists, {len(handed)} exports, each with who and why",
    )


def _erasures(of: Evidence) -> Finding:
    begun = of.rows("SELECT id, at FROM erasure_receipts ORDER BY at")
    erased = list(of.events("customer.erased"))
    if not erased and not begun:
        return unproven("尚无删除", "nobody was erased yet")
    silent = of.rows(
        "SELECT DISTINCT erasure FROM erasure_places WHERE done_at IS NULL AND told_at IS NULL AND heard_at IS NULL"
    )
    if silent:
        ids = [row[0] for row in silent]
        return failed(
            "有地点既未完成也未记录最后联系时间", "a place has neither answered nor a time it was heard", ids[:MOST_IDS]
        )
    open_ = {row[0] for row in of.rows("SELECT DISTINCT erasure FROM erasure_places WHERE done_at IS NULL")}
    return passed(
        f"{len(begun)} 份删除凭据，{len(open_)} 份仍等待某些地点答复",
        f"{len(begun)} receipts of erasures; {len(open_)} still wait for a place, and say since when it was not heard",
        (row[0] for row in begun[-MOST_IDS:]),
    )


def _zones(of: Evidence) -> Finding:
    shown = list(of.events("access.overridden"))
    bare = [each.id for each in shown if not each.data.get("reason")]
    if bare:
        return failed(f"{len(bare)} 次越区查看没有理由", f"{len(bare)} overrides have no reason", bare[:MOST_IDS])
    return passed(
        f"{len(of.config.zones)} 个区域的规则生效；{len(shown)} 次越区查看均有理由",
        f"the rows for {len(of.config.zones)} zones hold; {len(shown)} looked beyond theirs, each with a reason",
        (each.id for each in shown[-MOST_IDS:]),
    )


def _two_people(of: Evidence) -> Finding:
    opened = list(of.events("glass.opened"))
    if not opened:
        return unproven("从未紧急开启", "the glass was never broken")
    wrong = [
        each.id for each in opened if not each.data.get("reason") or each.data.get("b") in (None, each.data.get("a"))
    ]
    if wrong:
        return failed("紧急开启缺少第二人或理由", "an opening lacks a second person or a reason", wrong[:MOST_IDS])
    ended = {each.data["glass"]: each.time for each in of.events("glass.ended") if each.data.get("opened")}
    long = [each.id for each in opened if ended.get(each.data["glass"], of.now) - each.time > OPEN_FOR + GLASS_TIDIED_S]
    if long and of.until >= of.now:
        return failed("紧急开启没有在半小时内结束", "an opening did not end within half an hour", long[:MOST_IDS])
    return passed(
        f"{len(opened)} 次开启，均由两人与理由", f"each of {len(opened)} openings has two people and a reason"
    )


def _keys(of: Evidence) -> Finding:
    made = of.number("SELECT min(time) FROM journal")
    last: dict[str, float] = {}
    for event in of.events("keys.rotated"):
        last[event.data["what"]] = event.time
    due = [what for what, days in ROTATED_WITHIN_DAYS.items() if of.now - last.get(what, made) > days * DAY]
    if due:
        return failed(f"到期未轮换：{'、'.join(due)}", f"due, and not made anew: {', '.join(due)}")
    if not last:
        return unproven("房屋尚新，无需轮换", "no key is old enough yet to have been made anew")
    said = ", ".join(f"{what} {of.day(at)}" for what, at in sorted(last.items()))
    return passed(f"最近轮换：{said}", f"last made anew: {said}")


def _presence(of: Evidence) -> Finding:
    days = of.config.retention.presence_days
    known = bodies.since(of.reader, "presence")
    visit = of.number("SELECT min(opened_at) FROM visits")
    if known is None:
        return unproven("没有区域间行踪", "nobody was seen from zone to zone yet")
    said = f"最早的区域间行踪来自 {of.day(known)}", f"the oldest move from zone to zone is of {of.day(known)}"
    if of.now - known > (ZONES_DAYS + 2) * DAY:
        why = (
            (f"；presence_days = {days}", f": presence_days is {days}")
            if days > ZONES_DAYS
            else ("；见第 35 项", ": the runs of retention do not reach it, see check 35")
        )
        return failed(f"{said[0]}，超过 {ZONES_DAYS} 天{why[0]}", f"{said[1]}, beyond {ZONES_DAYS} days{why[1]}")
    oldest = of.day(visit or known)
    return passed(f"{said[0]}，最早的到访来自 {oldest}", f"{said[1]}, the oldest visit of {oldest}")


def _texts(of: Evidence) -> Finding:
    lacking = [
        notice.key for notice in of.shelf.newest() if any(not notice.texts.get(language) for language in LANGUAGES)
    ]
    if lacking:
        return failed(
            "缺少一种语言的告知：" + "、".join(lacking), "notices without one of the languages: " + ", ".join(lacking)
        )
    return passed("所有告知文本均有中英文", "every notice has its text in both languages")


def _suggestions(of: Evidence) -> Finding:
    bare: list[str] = []
    seen = 0
    for event in of.events("preference.recorded"):
        if not event.data:
            continue
        seen += 1
        if not (event.data.get("value") or event.data.get("retracts")) or event.data.get("basis") not in BASES:
            bare.append(event.id)
    owed = [each for each in of.events("promise.made", "complaint.opened") if each.data]
    bare += [each.id for each in owed if not each.data.get("text") or not each.data.get("by")]
    if bare:
        return failed(
            f"{len(bare)} 条建议的依据没有来源", f"{len(bare)} facts that are suggested by have no words or basis",
            bare[:MOST_IDS],
        )  # fmt: skip
    if not seen and not owed:
        return unproven("尚无可据以建议的事实", "there is no fact yet that anything could be suggested by")
    return passed(
        f"{seen} 条事实与 {len(owed)} 项承诺或投诉各有来源；卡片与客户页面据此给出缘由",
        f"each of {seen} facts and {len(owed)} promises and complaints has its source, by which card and page say why",
    )


RIGHTS = (
    Check(
        7, Both("凭据可离线验证", "Receipts verify offline, years later"),
        Both("逐份验证", "each is verified"), _receipts, "moments receipt verify",
    ),
    Check(
        9, Both("在场时停止，两秒内处处安静", "Stopped while in the room: silent in two seconds everywhere"),
        Both("停止之后的事件，取最慢", "what ended after each stop, the slowest"), _stops_in_time,
    ),
    Check(
        16, Both("更正送达接收方", "A correction reaches who was told"),
        Both("旧值的每个接收方", "each recipient of an old value"), corrections,
    ),
    Check(
        17, Both("删除凭据逐地点", "An erasure has a receipt for each place"),
        Both("每个地点已完成或自何时失联", "each place is done, or not heard since"),
        _erasures, "moments erasures list",
    ),
    Check(
        20, Both("为何向我建议", "Why was I suggested this"),
        Both("每条建议有规则与事实", "each has its rule and facts"), _suggestions,
    ),
    Check(
        23, Both("行踪短于到访", "Presence from zone to zone is kept for less long than visits"),
        Both("最早一条不超过十四天", "the oldest is not beyond fourteen days"), _presence,
    ),
    Check(
        24, Both("员工只见其区域与班次", "Staff see their zone and shift"),
        Both("越区须有理由", "who looks beyond it has a reason"), _zones,
    ),
    Check(
        31, Both("不停机轮换密钥", "Keys are made anew without stopping"),
        Both("每种在期限内", "each within its time"), _keys, "moments keys list",
    ),
    Check(
        32, Both("每次查看都在日志中", "Every look is in the journal"),
        Both("查看、搜索、导出各有何人何故", "looks, searches and exports, with who and why"), _looks,
    ),
    Check(
        33, Both("紧急开启须两人", "To break the glass takes two"),
        Both("B ≠ A，有理由", "B is not A, and there is a reason"), _two_people,
    ),
    Check(
        39, Both("所有文本中英文", "All texts in zh-CN and en"),
        Both("告知文本两种语言", "notices in both languages"), _texts,
    ),
)  # fmt: skip
