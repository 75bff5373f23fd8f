"""The assessment of what recognising people may do to them (GDPR Art. 35(7); PIPL Art. 55 and 56).

What can be said from the settings is said; what a person has to judge stands in brackets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gateway.privacy.paper import Paper
from gateway.privacy.processing import Processing
from gateway.privacy.register import (
    PURPOSE_HEAD,
    READER_HEAD,
    RECIPIENT_HEAD,
    purpose_row,
    reader_rows,
    recipient_row,
)
from gateway.privacy.wording import Both

TITLE = Both("个人信息保护影响评估", "Data protection impact assessment")


class Risk(NamedTuple):
    """What may go wrong for somebody, when it can at all, what stands against it, and which checks prove that."""

    what: Both
    against: Both
    checks: tuple[int, ...]
    when: Callable[[Processing], bool] = lambda _: True


RISKS: tuple[Risk, ...] = (
    Risk(
        Both("路人或未登记者被识别、被跟踪", "A passer-by or somebody not enrolled is recognised or followed"),
        Both(
            "名册只含有效同意者；陌生人的标识从不落盘",
            "The roster holds live consents alone; strangers never reach a disk",
        ),
        (21, 26),
    ),
    Risk(
        Both("手机在其主人不知情时被认出", "A phone is known without its owner's knowledge"),
        Both(
            "签字之后才保存手机标识；门口有告示；随时停止",
            "Its identifier is kept after a signature only; a sign; stop at any time",
        ),
        (1, 2, 4, 9),
        lambda about: "phones" in about.heard(),
    ),
    Risk(
        Both("行踪被长期保留", "Where somebody went is kept for long"),
        Both(
            "区域间行踪早于到访记录删除，每日有带日期的报告",
            "Zone by zone it is kept for less long than visits, by dated reports",
        ),
        (23, 35, 36),
    ),
    Risk(
        Both("健康信息（过敏等）被不当知悉", "Health data such as allergies reach whom they should not"),
        Both(
            "单独同意；不发给程序；按角色与区域限制", "Consent of its own; never to programs; limited by role and zone"
        ),
        (24, 25, 28),
    ),
    Risk(
        Both("撤回之后仍被识别或提及", "Somebody is recognised or mentioned after they stopped it"),
        Both(
            "停止在两秒内处处生效，并胜过任何更晚的离线修改",
            "A stop is everywhere in two seconds, and outranks later offline edits",
        ),
        (8, 9, 10, 11),
    ),
    Risk(
        Both("删除之后由备份带回", "Somebody erased comes back from a backup"),
        Both(
            "密钥销毁；删除清单比备份长寿，每次恢复都要查",
            "Keys are destroyed; the list of erasures outlives copies and is asked",
        ),
        (17, 18),
    ),
    Risk(
        Both("平板、数据盘或备份失窃", "A tablet, a disk or a backup is stolen"),
        Both(
            "设备密钥、遮盖与远程清除；静态加密；主密钥不在备份中",
            "Device keys, cover, wiping; sealed at rest; no master key in copies",
        ),
        (22, 30, 31, 34),
    ),
    Risk(
        Both("员工出于好奇查看", "Staff look out of curiosity"),
        Both(
            "查看均有记录，客户可见；越权需理由与两人",
            "Each look is recorded and shown to the customer; two people to break glass",
        ),
        (14, 24, 32, 33),
    ),
    Risk(
        Both("因评分而受到区别对待", "Somebody is treated worse because of a score"),
        Both(
            "评分不进入价格、排队或准入；可反对而服务不变",
            "No score reaches price, queue or access; objecting changes nothing else",
        ),
        (19, 20, 29),
    ),
    Risk(
        Both("合作方得到超出同意的信息", "A partner is given more than was agreed"),
        Both("按合作方与类别逐一同意，逐次核对", "Consent for each partner and category, checked at each delivery"),
        (13, 28),
        lambda about: any(each.kind == "partner" for each in about.recipients),
    ),
    Risk(
        Both("其他门店在同意之外或停止之后仍认得宾客", "Another house knows a guest who did not agree, or has stopped"),
        Both(
            "只出借同意者；停止先于一切送达，密钥随之销毁；久无音讯即不再认得；在外的查看记入本人页面",
            "Only who agreed is lent; stops go first, and keys are destroyed; unheard, nobody is known; "
            "looks elsewhere stand on the guest's own page",
        ),
        (10, 14, 27),
        lambda about: any(each.kind == "hub" for each in about.recipients),
    ),
    Risk(
        Both("其他程序收到姓名", "Another program is sent names"),
        Both(
            "仅在设置写明时发送，签名并只走 TLS；停止时替换待发内容",
            "Only where the settings say so, signed, over TLS; a stop replaces what waits",
        ),
        (16, 28),
        lambda about: any(each.kind == "webhook" and each.personal for each in about.recipients),
    ),
    Risk(
        Both("儿童未经监护人同意被登记", "A child is enrolled without a guardian"),
        Both("未满年龄须监护人签字；不保存出生日期", "Below the age a guardian signs; no date of birth is kept"),
        (12,),
    ),
)


def assessment(about: Processing) -> Paper:
    """The assessment of this venue, with every reader, purpose, recipient and zone that its settings name."""
    paper = Paper(TITLE)
    paper.heading(Both("一、处理活动", "1. The processing"))
    paper.say(
        Both(
            f"{about.name.zh}识别已同意的宾客：感应其标签或手机，在一秒内提示应当接待的员工。除下列接收方外，数据不离开门店。",
            f"{about.name.en} recognises guests who agreed to it: it hears their tag or phone, and tells within "
            "a second the member of staff who should greet them. Nothing leaves the venue but to the recipients below.",
        )
    )
    paper.table(READER_HEAD, reader_rows(about))
    paper.table(PURPOSE_HEAD, [purpose_row(each) for each in about.purposes])
    paper.table(RECIPIENT_HEAD, [recipient_row(each) for each in about.recipients])
    paper.heading(Both("二、必要性与相称性", "2. Necessity and proportion"))
    paper.items(
        [
            Both("每个目的单独询问；拒绝其一不影响其他，也不影响价格、排队或准入。",
                 "Each purpose is asked for by itself; refusing one takes away nothing else."),
            Both(f"未满 {about.guardian_under} 岁须监护人同意。",
                 f"Below {about.guardian_under} years a guardian agrees."),
            Both("［为何不用更轻的手段：请填写］", "[Why nothing lighter would do: to be filled in]"),
        ]
    )  # fmt: skip
    paper.heading(Both("三、风险与措施", "3. Risks and measures"))
    paper.table(
        [Both("风险", "Risk"), Both("措施", "Measures"), Both("证据", "Proof"), Both("剩余风险", "What remains")],
        [
            [
                risk.what,
                risk.against,
                Both("核查 " + "、".join(map(str, risk.checks)), "checks " + ", ".join(map(str, risk.checks))),
                Both("［低 / 中 / 高，及理由］", "[low / medium / high, and why]"),
            ]
            for risk in RISKS
            if risk.when(about)
        ],
    )
    paper.heading(Both("四、意见与决定", "4. Advice and decision"))
    paper.items(
        [
            Both("［个人信息保护负责人的意见，日期］", "[The data protection officer's advice, date]"),
            Both("［决定，签字，下次复核日期］", "[Decision, signature, date of the next review]"),
        ]
    )
    return paper
