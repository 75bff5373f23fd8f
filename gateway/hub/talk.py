"""What the hub says to a box: messages and time come in, messages go out; the doors only carry them.

Nothing here knows a socket or a clock. What it asks of the store it waits for, so that one message is done with before
the next is heard.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.events import hlc, times
from gateway.hub import bundles, expecting, feeds, giving_back, lending
from gateway.hub.members import Box, Told
from gateway.hub.own_keys import OwnKeys
from gateway.hub.problems import HubProblem
from gateway.hub.rows import MOST as MOST_ROWS
from gateway.hub.store import Have, HubStore
from gateway.hub.taking import From
from gateway.hub.wire import (
    LARGEST,
    Epoch,
    Message,
    Unfit,
    digest,
    epoch,
    number,
    octets,
    parent_of,
    rows,
    skew_of,
    table,
    text,
)

SPEAKS = 1
TICK_S = 10
SILENCE_S = 25
CREDIT = 2
"""Batches that a venue may have on their way."""
BACKLOG = 1_000
"""Rows behind which what a venue sends is a backlog."""
_TOLD = ("fork", "chain")
_OVER = (*_TOLD, "box-twice")
"""What is over once a box is greeted."""

AHEAD = {
    "zh-CN": "这台主机的时钟快了 {s} 秒;它的记录照常保存,按枢纽的时间排序。",
    "en": "This box's clock is {s} s ahead; its rows are kept, in the order of the hub's time.",
}


@dataclass(slots=True, frozen=True)
class Terms:
    """What the hub says of itself in every welcome."""

    hub: str
    version: str
    lease_days: int
    clock_ahead_s: float
    spread_s: Callable[[], int] = lambda: 1


@dataclass(slots=True)
class _Snapshot:
    """A snapshot under way: the number it is of, how many parts went, and the last customer in them."""

    number: int
    hash: bytes
    part: int = 0
    after: str = ""


@dataclass(slots=True)
class HubTalk:
    """One conversation with one box; between two exchanges ``memory`` says where it stands, and ``recall`` goes on."""

    store: HubStore
    keys: OwnKeys
    terms: Terms
    box: Box
    greeted: bool = False
    skew_s: float = 0.0
    ahead: bool = False
    behind: int = 0
    epoch: Epoch = 0
    parent: bytes | None = None
    sent: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)  # before the last hello: what was on its way comes after
    snapshots: dict[str, _Snapshot] = field(default_factory=dict)

    # --- what it is told ----------------------------------------------------------------------------------------------

    async def hear(self, message: object, now_ms: int) -> list[Message]:
        """The answers to one message; raises HubProblem, after which the box has to begin anew."""
        try:
            said = table(message, "a message")
            kind = said.get("type")
            if kind == "hello":
                return await self._hello(said, now_ms)
            if not self.greeted:
                raise Unfit("the first message is expected to be a hello")
            answer = self._handlers.get(str(kind))
            return [] if answer is None else await answer(said, now_ms)
        except Unfit as unfit:
            raise HubProblem("message", why=str(unfit)) from None
        except HubProblem as problem:
            if problem.code in _TOLD:
                await self.store.members.told(self.box.venue, problem.code, problem.words, now_ms, over=False)
            raise

    @property
    def _handlers(self) -> Mapping[str, Callable[[Mapping[str, Any], int], Awaitable[list[Message]]]]:
        return {
            "events": self._events,
            "ahead": self._apart,
            "reveal": self._apart,
            "conceal": self._apart,
            "keys": self._keys,
            "escrow": self._escrow,
            "applied": self._applied,
            "want": self._want,
        }

    async def _hello(self, said: Mapping[str, Any], now_ms: int) -> list[Message]:
        if said.get("venue") != self.box.venue or said.get("box") != self.box.id:
            raise HubProblem("not-yours", why="the session is that of another box")
        speaks = said.get("speaks")
        if not isinstance(speaks, list) or SPEAKS not in speaks:
            raise HubProblem("too-old")
        self.epoch = epoch(said.get("epoch"))
        self.parent = parent_of(said.get("parent"))
        have = await self.store.have(self.box.venue, self.epoch)
        if have is not None:
            await self._same_history(have, number(said.get("position"), "position"), said.get("hash"))
        anew = await self.store.welcome(self.box.venue, self.box.brand, now_ms, expecting.wish_of(said))
        self.told = {feed: max(self.sent.get(feed, 0), self.told.get(feed, 0)) for feed in self.feeds}
        await self._cursors(said)
        for feed in self.feeds if anew else ():
            if feed.startswith(feeds.BRAND):
                self.sent.pop(feed, None)
                await self._begin_snapshot(feed)
        self.greeted = True
        self.skew_s = skew = skew_of(said.get("clock"), now_ms)
        position = number(said.get("position"), "position")
        await self._note_behind(max(0, position - (0 if have is None else have.position)), now_ms)
        heads = await self.store.heads()
        welcome: Message = {
            "type": "welcome",
            "hub": self.terms.hub,
            "life": self.store.life,
            "version": self.terms.version,
            "speaks": SPEAKS,
            "clock": times.iso(now_ms / 1000),
            "skew_s": skew,
            "have": None if have is None else self._have(have.position, have.hash),
            "feeds": {
                feed: {"number": heads[feed].number, "hash": heads[feed].hash.hex()} for feed in self.feeds
            },
            "spread_s": self.terms.spread_s(),
            "tick_s": TICK_S,
            "lease_days": self.terms.lease_days,
            "credit": CREDIT,
        }  # fmt: skip
        return [welcome, *await self._tell(skew, now_ms)]

    async def _same_history(self, have: Have, position: int, hash_: object) -> None:
        """Raises HubProblem ``fork`` where the hub holds another history at a position that both have."""
        ours = have.hash
        if position != have.position:
            found = await self.store.hash_at(self.box.venue, self.epoch, position) if position < have.position else None
            if found is None:
                return
            ours = found
        if position and ours != digest(hash_, "hash"):
            raise HubProblem("fork", position=position, have=self._have(have.position, have.hash))

    async def _cursors(self, said: Mapping[str, Any]) -> None:
        """From where each feed goes on: a snapshot where the venue's number is none of ours, or too far back."""
        given = table(said.get("cursors") or {}, "cursors")
        for feed in given:
            if feed not in self.feeds:
                raise HubProblem("not-yours", why=f"the feed {feed!r}")
        self.sent, self.snapshots = {}, {}
        same = said.get("life") == self.store.life
        for feed in self.feeds:
            known = given.get(feed)
            if same and known:
                one = table(known, feed)
                at = number(one.get("number"), "number")
                if await self.store.is_ours(feed, at, digest(one.get("hash"), "hash")):
                    self.sent[feed] = at
                    continue
            await self._begin_snapshot(feed)

    async def _begin_snapshot(self, feed: str) -> None:
        head = (await self.store.heads()).get(feed, feeds.BEGINNING)
        self.snapshots[feed] = _Snapshot(head.number, head.hash)

    @property
    def feeds(self) -> list[str]:
        """The feeds of this box's venue, in the order in which they are said."""
        brand = [f"{feeds.BRAND}{self.box.brand}"] if self.box.brand else []
        return [feeds.URGENT, feeds.HOUSE, *brand]

    async def _tell(self, skew: float, now_ms: int) -> list[Message]:
        """What IT sees of this box: what is so now, and what is over."""
        found = await self._tell_clock(skew, now_ms, again=True)
        for code in _OVER:  # the histories agree, and nobody else has its key: whatever it was is mended
            told = await self.store.members.told(self.box.venue, code, {}, now_ms, over=True)
            if told is not None:
                found.append(_told(code, told, over=now_ms))
        return found

    async def _tell_clock(self, ahead_s: float, now_ms: int, *, again: bool = False) -> list[Message]:
        """That the box's clock is ahead, or no longer; once, or ``again`` what it is told at each welcome."""
        ahead = ahead_s > self.terms.clock_ahead_s
        words = {language: each.format(s=f"{ahead_s:,.0f}") for language, each in AHEAD.items()}
        told = await self.store.members.told(self.box.venue, "clock-ahead", words, now_ms, over=not ahead)
        self.ahead = ahead
        if told is None and not (ahead and again):
            return []
        return [_told("clock-ahead", told or Told(now_ms, words), over=None if ahead else now_ms)]

    async def _note_behind(self, behind: int, now_ms: int) -> None:
        self.behind = behind
        await self.store.members.noted(self.box.id, round(self.skew_s * 1000), behind, now_ms)

    async def _events(self, said: Mapping[str, Any], now_ms: int) -> list[Message]:
        sender = self._from(said)
        after, before = number(said.get("after"), "after"), digest(said.get("before"), "before")
        taken = await self.store.take(sender, after, before, rows(said.get("rows"), "rows", MOST_ROWS), now_ms)
        ahead_s = taken.ahead_ms / 1000
        behind = said.get("backlog")
        if isinstance(behind, int) and 0 <= behind < LARGEST and (not behind) != (not self.behind):
            await self._note_behind(behind, now_ms)
        told = []
        if self.ahead != (ahead_s > self.terms.clock_ahead_s) and self.skew_s <= self.terms.clock_ahead_s:
            told = await self._tell_clock(ahead_s, now_ms)
        return [
            {
                "type": "ack",
                **self._have(taken.position, taken.hash, sender.epoch),
                "stored": taken.stored,
                "known": taken.known,
                "effective": [[position, hlc.text(stamp)] for position, stamp in taken.effective],
                "credit": CREDIT,
            },
            *told,
        ]

    async def _apart(self, said: Mapping[str, Any], now_ms: int) -> list[Message]:
        take = {"ahead": self.store.ahead, "reveal": self.store.reveal, "conceal": self.store.conceal}[said["type"]]
        await take(self._from(said), rows(said.get("rows"), "rows", MOST_ROWS), now_ms)
        return []

    async def _keys(self, said: Mapping[str, Any], now_ms: int) -> list[Message]:
        keys = bundles.open_(dict(said), self.box.id, self.terms.hub, self.keys.opening)
        await self.store.wraps.put_keys(self.box.venue, keys, now_ms)
        return []

    async def _escrow(self, said: Mapping[str, Any], now_ms: int) -> list[Message]:
        keys = []
        for each in rows(said.get("keys"), "keys", bundles.MOST):
            one = table(each, "a key")
            wrapped = octets(one["wrapped"], "wrapped") if one.get("wrapped") else b""
            if len(wrapped) > 1024:
                raise Unfit("wrapped: expected at most 1,024 bytes")
            keys.append((octets(one.get("key_id"), "key_id", bundles.KEY_ID), wrapped))
        await self.store.wraps.put_escrow(self.box.venue, keys)
        return []

    async def _applied(self, said: Mapping[str, Any], now_ms: int) -> list[Message]:
        feed, at = self._feed(said.get("feed")), number(said.get("number"), "number")
        if at > (told := max(self.sent.get(feed, 0), self.told.get(feed, 0))):
            raise Unfit(f"applied: expected at most {told}, which is as far as the hub has told")
        await self.store.applied(self.box.id, self.box.venue, feed, at, now_ms)
        return []

    async def _want(self, said: Mapping[str, Any], now_ms: int) -> list[Message]:
        if "snapshot" in said:
            feed = self._feed(said["snapshot"])
            self.sent.pop(feed, None)
            await self._begin_snapshot(feed)
            return []
        wanted = table(said.get("rows"), "rows")
        of, after = epoch(wanted.get("epoch")), number(wanted.get("after"), "after")
        venue = self.box.venue
        events = await giving_back.rows(self.store, venue, of, after)
        if said.get("keys") is not True:
            return [events]
        return [
            *await self._bundles(await giving_back.known(self.store, venue)),
            *await giving_back.escrow(self.store, venue, bundles.MOST),
            {"type": "stopped", "customers": await giving_back.stopped(self.store, venue)},
            events,
        ]

    def _from(self, said: Mapping[str, Any]) -> From:
        of = epoch(said.get("epoch"))
        return From(self.box.id, self.box.venue, of, self.parent if of == self.epoch else None)

    def _feed(self, value: object) -> str:
        feed = text(value, "feed")
        if feed not in self.feeds:
            raise HubProblem("not-yours", why=f"the feed {feed!r}")
        return feed

    def _have(self, position: int, hash_: bytes, of: Epoch | None = None) -> Message:
        return {"epoch": self.epoch if of is None else of, "position": position, "hash": hash_.hex()}

    # --- what it says by itself ---------------------------------------------------------------------------------------

    async def news(self, heads: Mapping[str, int]) -> list[Message]:
        """The next of what the feeds have to say, urgent first; nothing where the box has heard all of it."""
        if not self.greeted:
            return []
        for feed in self.feeds:
            if feed in self.snapshots:
                return await self._next_part(feed)
            if heads.get(feed, 0) > self.sent.get(feed, 0):
                return await self._next_news(feed)
        return []

    async def _next_news(self, feed: str) -> list[Message]:
        messages: list[Message] = []
        for said in await self.store.tail(feed, self.box.venue, self.sent[feed]):
            messages += await self._bundles(said.customers)
            messages.append(
                {"type": "news", "feed": feed, "life": self.store.life, "after": said.after, "number": said.number,
                 "hash": said.hash.hex(), "items": said.items}
            )  # fmt: skip
            self.sent[feed] = max(self.sent[feed], said.number)
        return messages

    async def _next_part(self, feed: str) -> list[Message]:
        under_way = self.snapshots[feed]
        items, customers, after = await self.store.snapshot(feed, self.box.venue, under_way.after)
        messages = await self._bundles(customers)
        chunks = lending.chunks(items)
        for count, chunk in enumerate(chunks, 1):
            under_way.part += 1
            last = not after and count == len(chunks)
            messages.append(
                {"type": "snapshot", "feed": feed, "life": self.store.life, "number": under_way.number,
                 "hash": under_way.hash.hex(), "part": under_way.part, "last": last, "items": chunk}
            )  # fmt: skip
        under_way.after = after
        if not after:
            self.sent[feed] = under_way.number
            del self.snapshots[feed]
        return messages

    async def _bundles(self, customers: Sequence[str]) -> list[Message]:
        """The keys of these customers, sealed for this box alone."""
        keys = await self.store.wraps.keys_for(customers) if customers else []
        return [
            bundles.seal(keys[at : at + bundles.MOST], self.terms.hub, self.box.id, self.box.open_key)
            for at in range(0, len(keys), bundles.MOST)
        ]

    def tick(self, heads: Mapping[str, int], now_ms: int) -> Message:
        """What is said every ten seconds."""
        numbers = {feed: heads.get(feed, 0) for feed in self.feeds}
        return {"type": "tick", "clock": times.iso(now_ms / 1000), "numbers": numbers}

    # --- between two exchanges ----------------------------------------------------------------------------------------

    def memory(self) -> dict[str, Any]:
        """Where the talk stands, as JSON: another process may go on from it."""
        if not self.greeted:
            return {}
        under_way = {
            feed: [each.number, each.hash.hex(), each.part, each.after] for feed, each in self.snapshots.items()
        }
        parent = None if self.parent is None else self.parent.hex()
        clock = [self.skew_s, self.ahead]
        at = {"epoch": self.epoch, "parent": parent, "sent": self.sent, "told": self.told}
        return {**at, "snapshots": under_way, "clock": clock}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Goes on from what ``memory`` said."""
        if not memory:
            return
        self.greeted, self.epoch, self.sent = True, memory["epoch"], dict(memory["sent"])
        self.told, (self.skew_s, self.ahead) = dict(memory.get("told", {})), memory["clock"]
        self.parent = None if memory["parent"] is None else bytes.fromhex(memory["parent"])
        for feed, (at, hash_, part, after) in memory["snapshots"].items():
            self.snapshots[feed] = _Snapshot(at, bytes.fromhex(hash_), part, after)


def _told(code: str, told: Told, *, over: int | None) -> Message:
    return {
        "type": "told",
        "code": code,
        "words": told.words,
        "since": times.iso(told.since / 1000),
        "over": None if over is None else times.iso(over / 1000),
    }
