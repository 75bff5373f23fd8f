"""The sign for the door: who recognises guests here, what is heard, what is not kept, and how to ask or stop."""

from __future__ import annotations

from gateway.privacy.paper import Paper
from gateway.privacy.processing import Heard, Processing
from gateway.privacy.wording import Both, joined

HEARD: dict[Heard, Both] = {
    "tags": Both("钥匙扣标签", "keychain tags"),
    "phones": Both("手机蓝牙信号", "phones by Bluetooth"),
    "sensors": Both("门磁与人体感应（不识别任何人）", "door contacts and motion (which identify nobody)"),
}
TITLE = Both("我们只识别已同意的宾客", "We recognise guests who have agreed to it")
STRANGERS = Both(
    "如果您没有登记，您的标签或手机不会被识别，也不会留下任何记录。",
    "If you have not enrolled, your tag or phone is not recognised, and nothing of it is kept.",
)
ASK = Both(
    "想了解我们知道什么、更正或停止？请告诉任何一位员工，立即生效；或使用凭据上的个人页面。",
    "To see what we know, to correct it or to stop, tell any member of staff: it takes effect at once. "
    "Or use the page on your receipt.",
)


def door_sign(about: Processing, key: str = "") -> Paper:
    """The sign of this venue; ``key`` is the operator's public key in groups of four, empty where there is none yet."""
    paper = Paper(TITLE, large=True)
    who = " · ".join(part for part in about.controller if part) or about.name.zh
    who_en = " · ".join(part for part in about.controller if part) or about.name.en
    paper.say(Both(f"{about.name.zh}。负责人：{who}", f"{about.name.en}. Responsible: {who_en}"))
    paper.heading(Both("这里会感应", "What is heard here"))
    heard = joined([HEARD[each] for each in about.heard()], last=True)
    nothing = Both("目前没有任何读写器。", "No reader is in use at present.")
    paper.say(Both(f"{heard.zh}。", f"{heard.en[:1].upper()}{heard.en[1:]}.") if about.heard() else nothing)
    paper.heading(Both("没有登记的人", "Who has not enrolled"))
    paper.say(STRANGERS)
    paper.heading(Both("您的权利", "Your choice"))
    paper.say(ASK)
    if key:
        paper.heading(Both("核对凭据", "To check a receipt"))
        paper.say(Both(f"我们的公钥：{key}", f"Our public key: {key}"))
    return paper
