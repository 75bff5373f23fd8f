"""Checks of what customers were asked and said: each act of the ledger, as the journal has it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from math import inf

from gateway.consent import ledger
from gateway.consent.days import WITHOUT_NOTICE
from gateway.consent.ledger import GIVING, Entry
from gateway.consent.notices import Shelf
from gateway.events.event import Event
from gateway.events.times import DAY, seconds
from gateway.privacy.check import MOST_IDS, Check, Finding, failed, not_here, passed, unproven
from gateway.privacy.deliveries import without_word
from gateway.privacy.evidence import Evidence
from gateway.privacy.wording import Both
from gateway.records import consents

ACTS = ("consent.asked", "consent.granted", "consent.refused", "consent.revoked")
NOT_OF_CHILDREN = ("introductions", "insight", "share_partners")
SHUFFLES = 3  # orders in which a ledger is put together anew
NOTHING_YET = Finding("unproven", Both("尚无任何同意记录", "nobody was asked yet"))


def _acts(of: Evidence, *types: str) -> list[Event]:
    """Acts that can still be read, of before acts were told apart left out: they were brought over as they were."""
    return [each for each in of.events(*(types or ACTS)) if each.data.get("act")]


def _notice_first(of: Evidence) -> Finding:
    given = _acts(of, "consent.granted")
    if not given:
        return NOTHING_YET
    shelf = of.shelf
    wrong = [each.id for each in given if not _was_shown(each, shelf)]
    if wrong:
        return failed(
            f"{len(wrong)} 份同意没有事先出示的告知文本", f"{len(wrong)} consents have no notice that was shown before",
            wrong[:MOST_IDS],
        )  # fmt: skip
    bare = sum(not each.data.get("notice") for each in given)
    return passed(
        f"{len(given) - bare} 份同意之前都出示了告知文本，版本与散列相符；{bare} 份没有文本，最多有效 90 天",
        f"{len(given) - bare} consents had their notice before, in a version whose hash is right; "
        f"{bare} have none, and count for 90 days at most",
        (each.id for each in given[-MOST_IDS:]),
    )


def _was_shown(act: Event, shelf: Shelf) -> bool:
    """Whether the text was shown before; what a program or a file says without one counts for 90 days at most."""
    notice = act.data.get("notice")
    at = seconds(act.data["at"]) or 0.0
    if not notice:
        return (seconds(act.data.get("expires")) or inf) <= at + (WITHOUT_NOTICE + 1) * DAY
    published = shelf.get(notice["id"], notice["version"])
    return (
        (seconds(notice["shown_at"]) or inf) <= at
        and published is not None
        and notice["language"] in published.texts
        and published.hash(notice["language"]) == notice["hash"]
    )


def _one_tap_each(of: Evidence) -> Finding:
    acts = _acts(of)
    if not acts:
        return NOTHING_YET
    shared = [id_ for id_, times in Counter(each.data["id"] for each in acts).items() if times > 1]
    bundled = [
        each.id
        for each in acts
        if each.type in ("consent.granted", "consent.asked")
        and each.data["purpose"] in of.purposes
        and of.purposes[each.data["purpose"]].partner != bool(each.data["partner"])
    ]
    if shared or bundled:
        return failed(
            "有同意不是逐项作出", "some acts are not of one purpose and partner each", [*shared, *bundled][:MOST_IDS]
        )
    return passed(
        f"{len(acts)} 次表态各针对一个目的、一个合作方", f"each of {len(acts)} acts is of one purpose and one partner"
    )


def _refusals(of: Evidence) -> Finding:
    refused = _acts(of, "consent.refused")
    if not refused:
        return unproven("尚无人拒绝", "nobody has refused anything yet")
    missing = [each.id for each in refused if not of.rows("SELECT 1 FROM consents WHERE id = ?", each.data["id"])]
    if missing:
        return failed(
            f"{len(missing)} 次拒绝不在账本中", f"{len(missing)} refusals are not in the ledger", missing[:MOST_IDS]
        )
    return passed(
        f"{len(refused)} 次拒绝均已记录", f"{len(refused)} refusals stand in the ledger, as consents do",
        (each.id for each in refused[-MOST_IDS:]),
    )  # fmt: skip


def _stop_wins(of: Evidence) -> Finding:
    customers = [row[0] for row in of.rows("SELECT DISTINCT customer FROM consents")]
    if not customers:
        return NOTHING_YET
    chance = random.Random(len(customers))
    wrong: list[str] = []
    for customer in customers:
        entries = consents.entries_of(of.reader, customer)
        stands = {
            row[0]: row[1:]
            for row in of.rows("SELECT id, stopped_at, until FROM consents WHERE customer = ?", customer)
        }
        for _ in range(SHUFFLES):
            shuffled = [*entries, *chance.sample(entries, len(entries) // 2)]
            chance.shuffle(shuffled)
            for id_, found in ledger.standing(shuffled).items():
                if stands[id_] != (found.stopped_at, None if found.until == inf else found.until):
                    wrong.append(id_)
        wrong += _unnamed(entries, stands)
    if wrong:
        return failed(
            f"账本重新计算后有 {len(set(wrong))} 处不同",
            f"the ledger, put together anew, differs in {len(set(wrong))} places",
            sorted(set(wrong))[:MOST_IDS],
        )  # fmt: skip
    return passed(
        f"{len(customers)} 位客户的账本以任意顺序重算，结果相同；停止胜过一切未提及它的同意",
        f"the ledgers of {len(customers)} customers, put together in any order, say the same: "
        "a stop outranks what did not name it",
    )


def _unnamed(entries: Iterable[Entry], stands: dict[str, tuple[float | None, float | None]]) -> list[str]:
    """Consents that count although a stop covers them that they do not name."""
    acts = list(entries)
    return [
        one.id
        for one in acts
        if one.act in GIVING
        and stands[one.id][0] is None
        and any(stop.stops and stop.id not in one.lifts and ledger.covers(stop, one) for stop in acts)
    ]


def _none_past_its_day(of: Evidence) -> Finding:
    given = of.rows("SELECT id, customer, purpose, until FROM consents WHERE act IN ('given', 'renewed')")
    if not given:
        return NOTHING_YET
    over = [row for row in given if row[3] is not None and row[3] <= of.now]
    wrong = [
        id_
        for id_, customer, purpose, _ in over
        if any(
            one.id == id_ for one in ledger.alive(consents.entries_of(of.reader, customer, purpose), purpose, of.now)
        )
    ]
    endless = [each.id for each in _acts(of, "consent.granted") if each.data.get("last_day") is None]
    if wrong or endless:
        return failed(
            "有同意过期仍有效或没有期限", "a consent lives past its day, or has none", [*wrong, *endless][:MOST_IDS]
        )
    return passed(
        f"{len(given)} 份同意中 {len(over)} 份已过期，均不再有效",
        f"{len(over)} of {len(given)} consents are over, and none of those counts",
    )


def _children(of: Evidence) -> Finding:
    acts = [each for each in _acts(of, "consent.granted") if each.data.get("guardian") or each.data["by"] == "guardian"]
    wrong = [
        each.id
        for each in acts
        if not each.data.get("guardian")
        or each.data["purpose"] in NOT_OF_CHILDREN
        or (each.data.get("last_day") or "9999")[:7] >= each.data["guardian"]["comes_of_age"]
    ]
    if wrong:
        return failed(
            "儿童的同意缺少监护人或超出成年",
            "a child's consent lacks a guardian, or outlasts childhood",
            wrong[:MOST_IDS],
        )
    if not acts:
        return unproven("没有登记过儿童", "no child was enrolled")
    return passed(
        f"{len(acts)} 份由监护人作出，成年当月之前终止",
        f"{len(acts)} acts are a guardian's, and end before the month of coming of age",
    )


def _new_partner(of: Evidence) -> Finding:
    if not of.config.partners:
        return not_here("[[partners]]")
    allowed = {partner.id: set(partner.data) for partner in of.config.partners}
    given = [each for each in _acts(of, "consent.granted") if each.data["partner"]]
    beyond = [each.id for each in given if not set(each.data["data"]) <= allowed.get(each.data["partner"], set())]
    live = {
        row[0]
        for row in of.rows(
            "SELECT id FROM consents WHERE partner <> '' AND stopped_at IS NULL AND act IN ('given', 'renewed')"
            " AND (until IS NULL OR until > ?)", of.now,
        )
    }  # fmt: skip
    if wrong := [id_ for id_ in beyond if id_ in live]:
        return failed(
            "有仍有效的同意包含设置中已没有的合作方或类别",
            "live consents name a partner or data that the settings do not",
            wrong[:MOST_IDS],
        )  # fmt: skip
    unasked, sent = without_word(of)
    if unasked:
        return failed(
            f"{len(unasked)} 次发送未经同意", f"{len(unasked)} bodies were sent of what nobody had agreed to",
            unasked[:MOST_IDS],
        )  # fmt: skip
    return passed(
        f"{len(given)} 份给合作方的同意各自列明合作方与类别；{sent} 次发送均在其内",
        f"{len(given)} consents for partners name each partner and category, and each of {sent} bodies is within them",
    )


ASKED = (
    Check(
        1, Both("每个目的之前出示其版本的告知", "The notice was shown, in its version, before each purpose"),
        Both("每份同意的 shown_at 早于 at，散列存在", "each consent's shown_at is before its at, and the hash exists"),
        _notice_first,
    ),
    Check(
        2, Both("每个目的与合作方分别点选", "A tap for each purpose and partner"),
        Both("没有两项来自同一次表态", "no two acts are one, and none bundles"), _one_tap_each,
    ),
    Check(
        3, Both("拒绝也被记录", "A refusal is recorded"), Both("拒绝数与账本相符", "refusals against the ledger"),
        _refusals, "moments consent list",
    ),
    Check(
        10, Both("停止胜过更晚的与离线的修改", "A stop outranks later and offline edits"),
        Both("账本以不同顺序重算", "the ledger is put together anew, in other orders"), _stop_wins,
    ),
    Check(
        11, Both("到期于门店当日 24:00，无需任务", "Expiry at 24:00 of the venue, without a job"),
        Both("没有任何同意在其最后一日之后仍有效", "none counts past its last day"), _none_past_its_day,
    ),
    Check(
        12, Both("未成年人须监护人", "A child only with a guardian"),
        Both("每份儿童同意都有监护人，成年即止", "each child's act has one, and ends with childhood"), _children,
    ),
    Check(
        13, Both("新合作方、新数据须重新询问", "A new partner or new data is asked anew"),
        Both("已发送 ⊆ 当时的同意 ⊆ 设置", "what was sent ⊆ what was agreed then ⊆ the settings"),
        _new_partner,
    ),
)  # fmt: skip
