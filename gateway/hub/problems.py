"""What a hub refuses, by name: a status, how the link is closed after it, and words in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

URN = "urn:moments:problem:"
MEDIA_TYPE = "application/problem+json"
OURS, SIGN_IN, TWICE, TOO_OLD, LATER = 4400, 4401, 4409, 4426, 4503


@dataclass(slots=True, frozen=True)
class Kind:
    """One kind of refusal; the words take what a refusal says more by name."""

    status: int
    close: int
    zh: str
    en: str


KINDS: dict[str, Kind] = {
    "fork": Kind(
        409, OURS, "这台主机是恢复或复制出来的:在第 {position} 位,枢纽存有另一段历史。",
        "This box was restored or copied: at position {position:,} the hub holds another history.",
    ),
    "hole": Kind(
        409, OURS, "缺少第 {position} 位之后的记录:请从那里再发。",
        "Rows are missing after position {position:,}: send again from there.",
    ),
    "chain": Kind(
        422, OURS, "第 {position} 位:{why};这一批都没有保存。",
        "Position {position:,}: {why}; nothing of its batch is stored.",
    ),
    "box-twice": Kind(
        409, TWICE, "另一个程序正用这台主机的密钥连接;先来的继续。",
        "Another process with this box's key is connected; the first stays.",
    ),
    "box-revoked": Kind(403, SIGN_IN, "这台主机不再属于本集团。", "This box is no longer of this house."),
    "invitation": Kind(403, OURS, "邀请码{why_zh}。", "The invitation {why}."),
    "superseded": Kind(
        409, OURS, "本店的另一台主机已经接管:请跟随它。", "Another box here was promoted: follow it."
    ),
    "too-old": Kind(
        426, TOO_OLD, "没有共同的版本;本店照常工作,积压的记录等待。",
        "There is no version that both speak; the venue goes on alone and its backlog waits.",
    ),
    "not-yours": Kind(403, OURS, "不属于本店:{why}。", "That is not this venue's: {why}."),
    "busy": Kind(503, LATER, "枢纽正忙:请稍后再来。", "The hub is busy: come back a little later."),
    "store": Kind(
        503, LATER, "枢纽的数据库没有应答:没有保存任何内容。", "The hub's store does not answer: nothing was recorded."
    ),
    "session": Kind(401, SIGN_IN, "登录已失效:请重新登录。", "There is no session, or it has ended: sign in again."),
    "pin": Kind(401, OURS, "PIN 不正确。", "wrong PIN"),
    "wait": Kind(429, OURS, "请等 {retry_after_s} 秒再试。", "Wait {retry_after_s} s before another try."),
    "role": Kind(403, OURS, "需要权限:{role}。", "This needs {role}."),
    "unknown": Kind(404, OURS, "没有这一项({what})。", "There is no such {what}, or the house may not know it."),
    "already": Kind(409, OURS, "这两份记录已经是同一个人。", "These two are one person already."),
    "many": Kind(
        409, OURS, "超过 {most} 位客人:请在门店处理。", "There are more than {most:,} customers: do it in the venues."
    ),
    "message": Kind(400, OURS, "无法理解:{why}。", "That cannot be understood: {why}."),
}  # fmt: skip
"""From ``session`` on they are named by no table of the protocol: who is not signed in, and head office's own."""


class HubProblem(Exception):
    """A refusal; ``members`` are what it says beside its words, such as ``have`` or ``position``."""

    def __init__(self, code: str, **members: Any) -> None:
        self.code = code
        self.kind = KINDS[code]
        self.members = members
        super().__init__(self.kind.en.format(**members))

    @property
    def words(self) -> dict[str, str]:
        """What it says, by language tag."""
        return {"zh-CN": self.kind.zh.format(**self.members), "en": str(self)}

    def body(self) -> dict[str, Any]:
        """Problem details as RFC 9457 has them."""
        said = {key: value for key, value in self.members.items() if key != "why_zh"}
        return {
            "type": f"{URN}{self.code}",
            "title": HTTPStatus(self.kind.status).phrase,
            "status": self.kind.status,
            "detail": str(self),
            "words": self.words,
            **said,
        }

    def message(self) -> dict[str, Any]:
        """The same as a message of the link: the details whole, and its members beside them."""
        body = self.body()
        return {**body, "type": "problem", "code": self.code, "problem": body}
