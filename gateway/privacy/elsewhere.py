"""Checks of what other rooms would do: copies, the hub, insight; and those that a person walks."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gateway.consent import ledger
from gateway.core import persons
from gateway.insight.facts import INSIGHT
from gateway.privacy.check import MOST_IDS, Check, Finding, failed, not_here, passed, unproven
from gateway.privacy.evidence import Evidence
from gateway.privacy.wording import Both
from gateway.records import agreeing, consents, erasure_list, insight_file, person_rows
from gateway.records.errors import Damaged
from gateway.records.fold import HOUSES

HUBS_OWN = frozenset({"hub.db", "hub-keys.db", "hub.lock"})
"""Files of a hub: what a venue that joined one has is ``hub-box.json``."""
TRIED = 20  # customers whose file is tried, the newest

TAPS: Mapping[str, tuple[int, int]] = {"touch": (4, 2), "keyboard": (6, 2)}
"""How many taps, or presses of a key, it takes on the console of this version to agree to one purpose, beside the
signature, and to stop it.

The tests count them in a browser, and go red where a console takes another number.
"""


def _walked(_: Evidence) -> Finding:
    longer = [how for how, (agree, stop) in TAPS.items() if stop > agree]
    if longer:
        return failed("停止比同意多点", f"stopping takes more than agreeing, by {' and by '.join(longer)}")
    (touch, stop), (keys, stop_by_keys) = TAPS["touch"], TAPS["keyboard"]
    return passed(
        f"本版本的控制台在浏览器中计数：触摸 {touch} 次加签名为同意、{stop} 次停止，"
        f"键盘 {keys} 次同意、{stop_by_keys} 次停止；个人页面停止为一次加一次确认",
        f"counted in a browser on the console of this version: by touch {touch} and a signature to agree, "
        f"{stop} to stop, by keyboard {keys} and {stop_by_keys}; "
        "on the customer's own page a stop is one tap and one confirmation",
    )


def _copies(of: Evidence) -> Finding:
    gone = {
        bytes.fromhex(key) for (keys,) in of.rows("SELECT keys FROM erasure_receipts") for key in json.loads(keys)
    } | {bytes(row[0]) for row in of.rows("SELECT key_id FROM erasures")}
    try:
        listed = erasure_list.read(of.folder / erasure_list.ERASURES_FILE, of.reader.keyring.hand)
    except Damaged as damaged:
        return failed("删除清单已损坏", f"the list of erasures is damaged: {damaged}")
    if missing := gone - listed.keys:
        return failed(
            f"{len(missing)} 个已销毁的密钥不在删除清单中：恢复会带回已删除者",
            f"{len(missing)} destroyed keys are not on the list of erasures: a restore would bring somebody back",
            sorted(key.hex() for key in missing)[:MOST_IDS],
        )
    made = list(of.events("records.backed_up"))
    if not made:
        return unproven("尚无备份", "no copy was made yet")
    return passed(
        f"{len(made)} 份备份，均经试恢复；{len(gone)} 个已销毁的密钥均在签名的清单中，恢复前先被销毁",
        f"{len(made)} copies, each brought back for a trial; all {len(gone)} destroyed keys are on the signed list, "
        "which goes first",
        (each.id for each in made[-MOST_IDS:]),
    )


def _every_table(of: Evidence) -> Finding:
    there = {row[0] for row in of.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    shown = set(person_rows.tables(of.reader))
    lacking = sorted(there - shown - person_rows.NOT_OURS.keys())
    if lacking:
        return failed("未在个人页面显示的表：" + "、".join(lacking), "tables that no page shows: " + ", ".join(lacking))
    return passed(
        f"与个人有关的 {len(shown)} 张表都在其页面与导出中，其余 {len(there) - len(shown)} 张不含个人信息",
        f"the {len(shown)} tables that tell of a person are on their page and in their export; the others tell of none",
    )


def _exports(of: Evidence) -> Finding:
    newest = "SELECT id FROM customers WHERE id NOT LIKE '%@%' ORDER BY changed_at DESC LIMIT ?"
    tried = [row[0] for row in of.rows(newest, TRIED)]
    if not tried:
        return unproven("尚无客户可导出", "there is no customer yet who could be exported")
    lost = {customer: said for customer in tried if (said := persons.lost_on_the_way(of.reader, customer))}
    if lost:
        tables = sorted({each for said in lost.values() for each in said})
        return failed(
            f"{len(lost)} 位客户的文件导入空房屋后不同：{'、'.join(tables)}",
            f"of {len(lost)} customers the file is another once it was in an empty house: {', '.join(tables)}",
            [*lost][:MOST_IDS],
        )
    handed = of.number("SELECT count(*) FROM journal WHERE type = 'person.exported'")
    return passed(
        f"最近的 {len(tried)} 位客户：导出、读回、放入空表、再导出，均相同；已有 {handed:.0f} 次导出",
        f"the newest {len(tried)} customers: written as a file, read, put into empty tables and taken out again, "
        f"each the same; {handed:.0f} files were handed out",
        tried,
    )


def _hub(of: Evidence) -> Finding:
    found = sorted(path.name for path in of.files() if path.name in HUBS_OWN)
    if found:
        return failed(
            f"本店文件夹中有枢纽的文件：{'、'.join(found)}",
            f"files of a hub lie in the venue's folder: {', '.join(found)}",
        )
    there = "SELECT customer FROM hub_shared WHERE open = 1 AND customer IN (SELECT id FROM customers)"
    known = [row[0] for row in of.rows(there)]
    lent = of.rows("SELECT customer, venue, shown FROM lent ORDER BY venue")
    if of.config.hub is None and not known and not lent:
        return not_here("[hub]")
    never = [customer for customer in known if not _entries(of, customer)]
    unlawful = [customer for customer, _, shown in lent if shown and not _agrees(of, customer)]
    if never or unlawful:
        return failed(
            f"{len(never)} 位从未同意者曾向枢纽打开，{len(unlawful)} 位外店客户在此可见而无有效同意",
            f"{len(never)} who never agreed to it were opened to the hub, "
            f"{len(unlawful)} of other houses are shown here without a live consent",
            [*never, *unlawful][:MOST_IDS],
        )
    waiting = [customer for customer in known if not _agrees(of, customer)]
    houses = ", ".join(dict.fromkeys(venue for _, venue, _ in lent)) or "–"
    return passed(
        f"向枢纽打开的 {len(known)} 位均同意过 share_houses，其中 {len(waiting)} 位的停止尚待枢纽答复；"
        f"其他门店（{houses}）出借到本店 {len(lent)} 位，均有有效同意",
        f"{len(known)} are open to the hub, each of whom agreed to share_houses; of {len(waiting)} it has not yet "
        f"answered the stop; {len(lent)} are lent here by other houses ({houses}), each with a live consent",
        waiting[:MOST_IDS],
    )


def _entries(of: Evidence, customer: str) -> list[ledger.Entry]:
    """What somebody said, by any of their records, to being known in other houses, where they ever agreed."""
    records = persons.records_of(of.reader, customer)
    entries = [each for record in records for each in consents.entries_of(of.reader, record, HOUSES)]
    return entries if any(each.gives for each in entries) else []


def _agrees(of: Evidence, customer: str) -> bool:
    return bool(ledger.alive(_entries(of, customer), HOUSES, of.now))


def _insight(of: Evidence) -> Finding:
    tables = sorted(row[0] for row in of.rows("SELECT name FROM sqlite_master WHERE type = 'table'") if _scores(row[0]))
    if tables:
        return failed(f"存在评分表：{'、'.join(tables)}", f"there are tables of scores: {', '.join(tables)}")
    if not (of.folder / insight_file.FILE).exists():
        return not_here("insight")
    try:
        found = insight_file.customers(of.folder)
    except insight_file.FAULTS as error:
        return unproven(
            "分析结果文件无法读取", f"the file of what insight found cannot be read ({type(error).__name__})"
        )
    agreed = agreeing.agreeing(of.reader, INSIGHT, of.now)
    if others := sorted(found - agreed):
        return failed(
            f"{len(others)} 位没有同意分析的客人仍在分析结果中",
            f"{len(others)} who do not agree to insight are in what it found",
            others[:MOST_IDS],
        )
    return passed(
        f"分析结果中的 {len(found)} 位客人都已同意；没有价格、等候、排队或权限读取它",
        f"all {len(found)} in what insight found agree to it; no price, wait, queue or right reads it",
    )


def _scores(name: str) -> bool:
    return any(word in name.lower() for word in ("score", "insight", "model", "churn"))


def _itself(_: Evidence) -> Finding:
    """Never asked by itself: the report holds its other lines against it."""
    return failed("没有报告", "there is no report")


ELSEWHERE = (
    Check(
        8, Both("撤回不比同意多点", "Withdrawing takes no more taps than agreeing"),
        Both("浏览器测试以触摸与键盘计数", "counted in a browser, by touch and by keyboard"), _walked,
    ),
    Check(
        14, Both("个人页面：每个字段、接收方、查看", "The own page: every field, recipient and look"),
        Both("数据库的表 = 页面与导出的表", "tables of the database, against those of page and export"), _every_table,
    ),
    Check(
        15, Both("导出可无损导入", "An export that imports without loss"),
        Both("导出 → 空房屋 → 再导出，相同", "export, empty house, export again: the same"), _exports,
        "moments customers import-person --check",
    ),
    Check(
        18, Both("恢复的备份不显示已删除者", "A copy that is brought back shows nothing of the erased"),
        Both("每份备份经试恢复", "each copy is brought back for a trial"), _copies, "moments restore --dry-run",
    ),
    Check(
        19, Both("反对分析：无评分，服务不变", "Objecting to insight: no score, the same service"),
        Both("没有同意就没有评分", "no score without consent"), _insight,
    ),
    Check(
        27, Both("枢纽只能打开共享的内容", "A hub opens only what is shared"),
        Both("向枢纽打开者与同意逐一核对", "who was opened to the hub, against what they agreed to"), _hub,
    ),
    Check(
        40, Both("本报告", "This report"), Both("四十行，各有缘由", "forty lines, each with evidence or a reason"),
        _itself,
    ),
)  # fmt: skip
