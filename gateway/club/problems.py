"""What the club refuses, by name: a status, and words in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

URN = "urn:moments:problem:"


@dataclass(slots=True, frozen=True)
class Kind:
    """One kind of refusal; the words take what a refusal says more by name."""

    status: int
    zh: str
    en: str


KINDS: dict[str, Kind] = {
    "insufficient-points": Kind(
        409, "积分不足:可用 {available} 分。", "There are not enough points: {available:,} are open."
    ),
    "id-taken": Kind(409, "这个编号已用于另一笔交易。", "This id is another transfer's."),
    "sale-taken": Kind(409, "这笔销售已经累积过积分。", "This sale has earned already."),
    "exceeds-sale": Kind(
        409, "超过还能冲回的数额。", "That is more than is left to be refunded."
    ),
    "exceeds-reservation": Kind(409, "超过预留:{reserved} 分。", "That is more than is reserved: {reserved:,} points."),
    "reservation-expired": Kind(409, "预留已过期。", "The reservation has expired."),
    "already-resolved": Kind(409, "已经处理过。", "That was resolved already."),
    "withdrawn": Kind(409, "这个编号已被收回。", "This id was withdrawn."),
    "block-empty": Kind(
        409, "预付额不足:还差 {missing} 分。", "The prepaid blocks are empty: {missing:,} points short."
    ),
    "exceeds-owed": Kind(409, "超过欠分:{owed} 分。", "That is more than is owed: {owed:,} points."),
    "points-not-allowed": Kind(
        422, "至少 {min_points} 分,并且是 {step} 的倍数。", "At least {min_points:,} points, in steps of {step:,}."
    ),
    "share-exceeded": Kind(
        422, "这笔账单最多可用 {most_points} 分。", "At most {most_points:,} points may be spent on this bill."
    ),
    "amount-not-positive": Kind(422, "数额必须大于零。", "The amount has to be above zero."),
    "no-such-rule": Kind(422, "没有适用的规则。", "There is no rule for this."),
    "not-whole-cents": Kind(422, "金额不是整分。", "That comes to no whole cents."),
    "not-a-burn-partner": Kind(403, "在这里不能使用积分。", "Points cannot be spent with this partner."),
    "nothing-sold-here": Kind(403, "这里不销售任何东西。", "Nothing is sold here."),
    "confirm-first": Kind(
        403, "需要客人本人确认:贴一下自己的标签,或在自己的页面上确认。",
        "This needs the customer's own word: their tag tapped, or their page.",
    ),
    "no-such-transfer": Kind(404, "没有这笔交易。", "There is no such transfer."),
    "no-such-reservation": Kind(404, "没有这笔预留。", "There is no such reservation."),
    "no-such-statement": Kind(404, "没有这张结算单。", "There is no such statement."),
    "no-such-code": Kind(
        404, "没有这个付款码,或已过期:请客人在自己的页面上再取一个。",
        "There is no such code, or its minute is over: the guest's own page shows another.",
    ),
    "message": Kind(400, "无法理解:{why}。", "That cannot be understood: {why}."),
    "role": Kind(403, "没有权限:{why}。", "That is not allowed: {why}."),
    "unguarded": Kind(503, "账本未受保护:{why}。", "The books are unguarded: {why}."),
}  # fmt: skip


class Refused(Exception):
    """A refusal; ``members`` are what it says beside its words, such as ``available``."""

    def __init__(self, code: str, **members: Any) -> None:
        self.code = code
        self.kind = KINDS[code]
        self.members = members
        super().__init__(self.kind.en.format(**members))

    def body(self) -> dict[str, Any]:
        """Problem details as RFC 9457 has them."""
        return {
            "type": f"{URN}{self.code}",
            "title": HTTPStatus(self.kind.status).phrase,
            "status": self.kind.status,
            "detail": str(self),
            "words": {"zh-CN": self.kind.zh.format(**self.members), "en": str(self)},
            **self.members,
        }
