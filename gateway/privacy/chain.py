"""Checks of the house itself: its chain, its clock, its lives, what it lets go, and the papers that it filed."""

from __future__ import annotations

from gateway.events.times import DAY
from gateway.privacy.check import MOST_IDS, Check, Finding, failed, passed, unproven
from gateway.privacy.evidence import Evidence
from gateway.privacy.papers import filed, made
from gateway.privacy.wording import Both
from gateway.records.verify import verify

JUMP_S = 300.0  # a clock that was set by more is vouched for by nobody
REPORT_DAYS = 2  # a report a day, and a day for a house that was closed
STEADY_S = 600.0  # after which it is again


def _paper(kind: str, of: Evidence) -> Finding:
    paper, last = made(kind, of.config, of.operator_key), filed(of, kind)
    if last is None:
        return unproven(
            "尚未存档：moments privacy " + kind + " --file", f"none was filed: moments privacy {kind} --file"
        )
    if last.data["code"] != paper.code:
        return failed(
            f"已存档的是 {last.data['code']}，按今天的设置应为 {paper.code}",
            f"filed is {last.data['code']}; made of today's settings it is {paper.code}",
            [last.id],
        )
    return passed(
        f"存档于 {of.day(last.time)}，与今天的设置一致",
        f"filed on {of.day(last.time)}, as today's settings make it",
        [last.id],
    )


def _chain(of: Evidence) -> Finding:
    verdict = verify(of.reader)
    if not verdict.ok or verdict.wrong:
        words = verdict.wrong or f"broken at event {verdict.broken_at}"
        return failed(f"日志断裂：{words}", words)
    return passed(
        f"{verdict.events} 个事件相连无缺，头部 {verdict.head[:16]}…",
        f"{verdict.events} events hold, head {verdict.head[:16]}…; anybody may walk them",
        [verdict.head],
    )


def _let_go_daily(of: Evidence) -> Finding:
    runs = [each for each in of.events("retention.applied") if each.data.get("clock")]
    if not runs:
        return unproven(
            "还没有清理报告：时钟无人担保，或运行不足十分钟",
            "there is no report yet: nobody vouches for the clock, or the house has not run for ten minutes",
        )
    if waiting := [each for each in runs[-1].data["kinds"] if each["asks"]]:
        names = ", ".join(f"{each['kind']} {each['candidates'] - each['deleted']}" for each in waiting)
        return failed(
            f"超过一日限量，等待经理确认：{names}",
            f"more is over than a day takes, and waits for a manager: {names} (moments retention confirm)",
            [runs[-1].id],
        )
    if of.until >= of.now and of.now - runs[-1].time > REPORT_DAYS * DAY:
        return failed(
            f"最近一份报告来自 {of.day(runs[-1].time)}", f"the last report is of {of.day(runs[-1].time)}", [runs[-1].id]
        )
    return passed(
        f"{len(runs)} 份带日期的清理报告，最近一份 {of.day(runs[-1].time)}",
        f"{len(runs)} dated reports of what was let go, the last of {of.day(runs[-1].time)}",
        (each.id for each in runs[-MOST_IDS:]),
    )


def _clock_deletes_nothing(of: Evidence) -> Finding:
    moves = [each for each in of.events("clock.moved") if abs(each.data.get("by_s", 0.0)) > JUMP_S]
    unsure = [run.id for run in of.events("retention.applied") if run.data.get("kinds") and not run.data["vouched_by"]]
    wrong = unsure + [
        run.id
        for move in moves
        for run in of.events("retention.applied")
        if move.sequence < run.sequence and 0.0 <= run.time - move.time < STEADY_S and any(run.data["gone"].values())
    ]
    if wrong:
        return failed("时钟跳变之后仍有清理", "something was let go right after a clock was set", wrong[:MOST_IDS])
    if not moves:
        return passed("时钟从未跳变", "no clock was set by more than five minutes")
    return passed(
        f"时钟跳变 {len(moves)} 次，其后均未清理",
        f"the clock was set {len(moves)} times, and nothing was let go after it",
        (each.id for each in moves[-MOST_IDS:]),
    )  # fmt: skip


def _lives(of: Evidence) -> Finding:
    began = [each for each in of.events("epoch.began") if each.data.get("because") == "restored"]
    if not began:
        return unproven("从未恢复过备份", "no copy was ever brought back")
    last = began[-1]
    kept = of.rows("SELECT 1 FROM sessions WHERE created_at < ? AND ended_at IS NULL", last.time)
    if kept:
        return failed(
            f"{len(kept)} 个恢复之前的登录仍有效", f"{len(kept)} sign-ins of before the restore still count", [last.id]
        )
    return passed(
        f"每次恢复都开始新的纪元（{len(began)} 次），此前的登录已结束",
        f"each of {len(began)} restores began an epoch, and ended what was signed in",
        (each.id for each in began[-MOST_IDS:]),
    )


def _demo(of: Evidence) -> Finding:
    brought = [each for each in of.events("customers.imported") if each.data.get("source") == "demo"]
    if of.is_demo:
        return passed("这是演示数据，文件夹已标明", "these are the demo's invented people, and the folder says so")
    if brought:
        return failed(
            "演示数据混入了真实数据",
            "the demo's people stand among real ones",
            [each.id for each in brought][:MOST_IDS],
        )
    return passed("没有演示数据", "none of the demo's people is here")


def _breach_drill(of: Evidence) -> Finding:
    drills = [each for each in of.events("privacy.filed") if each.data["paper"] == "breach"]
    if not drills:
        return unproven("尚无演练：moments privacy breach --drill", "no drill yet: moments privacy breach --drill")
    last = drills[-1]
    if of.now - last.time > 100 * DAY:
        return failed(f"上次演练 {of.day(last.time)}", f"the last drill was on {of.day(last.time)}", [last.id])
    return passed(f"上次演练 {of.day(last.time)}", f"last drilled on {of.day(last.time)}", [last.id])


CHAIN = (
    *(
        Check(number, title, how, lambda of, kind=kind: _paper(kind, of), f"moments privacy {kind} --check")  # type: ignore[misc]
        for number, kind, title, how in (
            (4, "sign", Both("门口告示使用门店的每种语言", "The door sign, in every language of the house"),
             Both("按今天的设置生成，与悬挂的代码一致", "as today's settings make it, and as it hangs")),
            (5, "dpia", Both("影响评估跟随设置", "The assessment follows the settings"),
             Both("每个读写器、目的、合作方都在其中", "each reader, purpose and partner is in it")),
            (6, "register", Both("处理活动记录", "The record of processing"),
             Both("每个类别、接收方、期限都在其中", "each class, recipient and period is in it")),
        )
    ),
    Check(30, Both("他人可核对的日志链", "The chain, checked by somebody else"),
          Both("沿公开规则逐条核对", "walked by public rules"), _chain, "moments journal verify --head"),
    Check(34, Both("72 小时报告可立即起草", "The 72 hour report drafts itself"),
          Both("每季度演练", "drilled each quarter"), _breach_drill, "moments privacy breach --drill"),
    Check(35, Both("按带日期的报告清理", "What is over is let go, by dated reports"),
          Both("每日一份报告", "a report a day"), _let_go_daily),
    Check(36, Both("时钟错误不删除任何东西", "A wrong clock deletes nothing"),
          Both("时钟跳变后十分钟内没有清理", "nothing is let go within ten minutes of a jump"), _clock_deletes_nothing),
    Check(37, Both("恢复或克隆的主机不能冒充原机", "A restored box cannot write as the first"),
          Both("新纪元，此前的登录结束", "a new epoch; what was signed in before has ended"), _lives),
    Check(38, Both("演示数据从不混入", "Demo data never mixes with real"),
          Both("文件夹与事件中的标记", "a mark in the folder and in events"), _demo),
)  # fmt: skip
