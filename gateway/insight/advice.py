"""What a suggestion says: to whoever stands before the guest, to a manager, and to the customer whom it is about.

A card says only what helps the guest: no amount, rank, band, figure or name from a tie, and not that chance or a note
chose them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages of the console."""

    zh_cn: str
    en: str


CARD = {
    "wake": Words("很久没来了：可从记下的喜好聊起", "Not here for long: begin with what they like"),
    "own_associate": Words("由其专属同事来迎接最好", "Best welcomed by their own associate"),
    "seed": Words("请为其多留一点时间", "Take a little more time for them"),
    "thin_file": Words("我们对其喜好所知不多：可以问一句", "We know little of what they like: ask one question"),
    "knowledge": Words("曾问过相关内容：可邀其参加讲座", "They asked about it: an invitation to learn more suits"),
}
"""On a card, by act; what is owed stands there by itself, and a tie is nobody's to see but the manager's."""
LISTED = {
    "complaint": Words("先处理未结的投诉", "Settle the open complaint first"),
    "promise": Words("兑现到期的承诺", "Keep the promise that is due"),
    "wake": Words("写信或致电，从记下的喜好说起", "Write or call, and begin with what they like"),
    "own_associate": Words("请其专属同事联系", "Have their own associate get in touch"),
    "seed": Words("种子客户，已久未有人照应：做一件小事", "A seed nobody has looked after for long: do one thing"),
    "tie_gone_quiet": Words(
        "与其相识的人已无音讯：问问是否愿意一聚", "Somebody they know went quiet: ask both to meet"
    ),
    "thin_file": Words("所知太少：下次来时问一个喜好", "Too little is known: ask for one preference next time"),
    "knowledge": Words("邀其参加讲座", "Invite them to learn more"),
}
"""On a manager's list, by act."""
_ASKED = {
    "complaint": Words("因此请{who}先处理您的投诉。", "So {who} was asked to settle your complaint first."),
    "promise": Words("因此请{who}兑现对您的承诺。", "So {who} was asked to keep what you were promised."),
    "wake": Words("因此请{who}问候您，从您喜欢的说起。",
                  "So {who} was asked to write to you, beginning with what you like."),
    "own_associate": Words("因此请{who}联系您。", "So {who} was asked to get in touch with you."),
    "seed": Words("一位同事认为您日后会更常来，因此请{who}多照应您。",
                  "One of us thinks that you will come more often, so {who} was asked to take time for you."),
    "tie_gone_quiet": Words("因此请{who}问您是否愿意参加聚会。",
                            "So {who} was asked whether you would like to come to a gathering."),
    "thin_file": Words("我们对您的喜好所知不多，因此请{who}问您一句。",
                       "We know little of what you like, so {who} was asked to ask you."),
    "knowledge": Words("因此请{who}邀您参加讲座。", "So {who} was asked to invite you to learn more."),
}  # fmt: skip
_HELD = Words(
    "对照组：抽签决定不提示，您的服务一切照旧。",
    "Chance decided that nobody is told, to see whether such hints help; nothing changes for you.",
)
_DECIDED = Words(
    "是否去做由人决定；您可随时停止，其他一切照旧。",
    "A person decides whether to do it; you can end this at any time, and nothing else changes.",
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def listed(act: str, *, held: bool) -> Words:
    """What a manager reads; of what chance held out only that it did: whoever knew the act might do it."""
    return Words("对照组：未提示", "held out: not suggested") if held else LISTED[act]


def to_the_customer(act: str, *, held: bool, who: Words, usual: int | None, last: date | None) -> Words:
    """Why it was suggested, in the customer's words: how often they come, when last, who was asked, and who decides."""
    parts = [_rhythm(usual, last)]
    if held:
        parts.append(_HELD)
    else:
        asked = _ASKED[act]
        parts.append(Words(asked.zh_cn.format(who=who.zh_cn), asked.en.format(who=who.en)))
    parts.append(_DECIDED)
    kept = [each for each in parts if each is not None]
    return Words("".join(each.zh_cn for each in kept), " ".join(each.en for each in kept))


def _rhythm(usual: int | None, last: date | None) -> Words | None:
    if last is None:
        return None
    day = f"{last.day} {_MONTHS[last.month - 1]} {last.year}"
    tag = f"{last.year}年{last.month}月{last.day}日"
    if usual is None:
        return Words(f"您最近一次到访是{tag}。", f"You were last here on {day}.")
    every = "every day" if usual == 1 else f"every {usual} days"
    return Words(
        f"您平时约 {usual} 天来一次，最近一次是{tag}。", f"You usually come {every} and were last here on {day}."
    )
