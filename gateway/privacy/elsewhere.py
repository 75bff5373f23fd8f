"""Checks of what other rooms would do: copies, the hub, insight; and those that a person walks."""

from __future__ import annotations

import json

from gateway.privacy.check import MOST_IDS, Check, Finding, failed, not_here, passed, unproven
from gateway.privacy.evidence import Evidence
from gateway.privacy.wording import Both
from gateway.records import erasure_list, person_rows
from gateway.records.errors import Damaged


def _walked(_: Evidence) -> Finding:
    return unproven(
        "日志不记录点按次数；发布前的浏览器测试以触摸与键盘逐次计点",
        "a journal counts no taps; those of agreeing and stopping are counted in a browser before each release",
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
    handed = of.number("SELECT count(*) FROM journal WHERE type = 'person.exported'")
    return unproven(
        f"{handed:.0f} 次导出；对文件运行 moments customers import-person --check",
        f"{handed:.0f} exports; a file itself shows it: moments customers import-person --check",
    )


def _hub(of: Evidence) -> Finding:
    found = sorted(path.name for path in of.files() if path.name.startswith("hub"))
    if found:
        return failed(
            f"本店文件夹中有枢纽的文件：{'、'.join(found)}",
            f"files of a hub lie in the venue's folder: {', '.join(found)}",
        )
    return not_here("[hub]")


def _insight(of: Evidence) -> Finding:
    tables = sorted(row[0] for row in of.rows("SELECT name FROM sqlite_master WHERE type = 'table'") if _scores(row[0]))
    if tables:
        return failed(f"存在评分表：{'、'.join(tables)}", f"there are tables of scores: {', '.join(tables)}")
    return not_here("insight")


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
        Both("以枢纽的密钥打开转储", "a dump, opened with the hub's keys"), _hub,
    ),
    Check(
        40, Both("本报告", "This report"), Both("四十行，各有缘由", "forty lines, each with evidence or a reason"),
        _itself,
    ),
)  # fmt: skip
