"""What a venue says to its hub: messages and time come in, messages go out; a link or an exchange only carries them.

Nothing here knows a socket, a thread or a clock. What it asks of the venue's records it waits for, so that one message
is done with before the next is heard.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from gateway.events import times
from gateway.hub import bundles
from gateway.hub.rows import MOST
from gateway.hub.wire import LARGEST, Message, Unfit, digest, number, octets, table
from gateway.hub.wire import rows as array
from gateway.joined.asked import Ended, Heard, Records
from gateway.joined.boxes import Box
from gateway.joined.calling import problem_of
from gateway.joined.items import items_of
from gateway.joined.outgoing import Batch, Marks
from gateway.joined.standing import Standing
from gateway.records.hub_cursors import Cursor, Life

SPEAKS = 1
SILENCE_S = 25.0
HELD_S = 10.0
"""So long lent customers wait for an answer of the hub."""
LONGEST_LEASE = 3_660  # days
LIVE_S = 0.05
"""Between two batches of what is new, unless one is full."""
URGENT = "urgent"
BACKLOG = 1_000


class VenueTalk:
    """One conversation with the hub, from hello to its end; the next is begun by another."""

    def __init__(
        self, box: Box, records: Records, standing: Standing, *, boot: str, build: str, catalogue: int = 1,
        of_venue: Message | None = None,
    ) -> None:  # fmt: skip
        """``of_venue``: what the hello says besides, of how the venue is called and whom it wants to be lent."""
        self._box = box
        self._records = records
        self.standing = standing
        self._boot = boot
        self._build = build
        self._catalogue = catalogue
        self._of_venue = of_venue or {}
        self._life = Life(0, "", 1, 0, b"", 0)
        self._newest = True
        self._cursors: dict[str, Cursor] = {}
        self._hub_life = ""
        self.lease_days: float | None = None
        self._welcomed = False
        self._keys: dict[tuple[str, bytes], bytes] = {}
        self._back_keys: dict[tuple[str, bytes], bytes] = {}
        self._escrow: dict[bytes, bytes] = {}
        self._asked_back: int | None = None
        self._flying: deque[Batch] = deque()
        self._position, self._hash = 0, b""
        self._credit = 1
        self._ahead_to = 0
        self._urgent_to: int | None = None
        self._sent_at = float("-inf")
        self._more = True
        self.heard_at: float | None = None
        """When something was heard last, by the steady clock that comes with each message."""
        self.spread_s: float = 1.0

    # --- what it says by itself ---------------------------------------------------------------------------------------

    async def begin(self, now: float) -> list[Message]:
        """The first message of all; ``now`` in seconds since 1970 UTC."""
        known, self._cursors = await self._cursors_of()
        lives = await self._records.lives()
        self._life = await self._due(lives)
        self._newest = self._life is lives[-1]
        self._welcomed, self._flying, self._keys = False, deque(), {}
        life = self._life
        hash_ = await self._records.hash_at(life, life.last) or b""
        return [
            {
                "type": "hello", "venue": self._box.venue, "box": self._box.id, "boot": self._boot, "role": "venue",
                "build": self._build, "speaks": [SPEAKS], "catalogue": self._catalogue, "clock": times.iso(now),
                "epoch": life.epoch, "position": life.last, "hash": hash_.hex(),
                "parent": life.parent.hex() if any(life.parent) else None, "life": known,
                "cursors": {
                    feed: {"number": each.number, "hash": each.hash.hex()} for feed, each in self._cursors.items()
                },
                **self._of_venue,
            }
        ]  # fmt: skip

    async def _cursors_of(self) -> tuple[str, dict[str, Cursor]]:
        self._hub_life, cursors = await self._records.cursors()
        return self._hub_life, dict(cursors)

    async def _due(self, lives: Sequence[Life]) -> Life:
        """The oldest epoch of which the hub has not all; the newest where it has."""
        for life in lives[:-1]:
            if not (await self._records.held(life.epoch))[1]:
                return life
        return lives[-1]

    async def look(self, steady: float, now: float) -> list[Message]:
        """What is new, where the hub has room for it; ``steady``: a clock that only grows."""
        if not self._welcomed:
            return []
        found: list[Message] = []
        while len(self._flying) < self._credit and (self._more or steady - self._sent_at >= LIVE_S):
            life = await self._current()
            if self._newest and life.last - self._sent > MOST and life.last > self._ahead_to:
                found += await self._records.ahead(life, max(self._ahead_to, self._sent))
                self._ahead_to = life.last
            batch = await self._records.batch(life, self._sent, self._sent_hash)
            self._sent_at = steady
            self._more = batch is not None and (bool(batch.told_of) or batch.more or life.last > batch.marks.position)
            if batch is None:
                if not self._flying and not self._newest:
                    return [*found, *await self._next_epoch(now)]
                break
            self._flying.append(batch)
            found += batch.messages
        return found

    async def _current(self) -> Life:
        """The epoch that is sent, as far as it goes now; another has begun where a newer one is there."""
        lives = await self._records.lives()
        for life in lives:
            if life.epoch == self._life.epoch:
                self._life, self._newest = life, life is lives[-1]
        return self._life

    async def _next_epoch(self, now: float) -> list[Message]:
        await self._records.acked(Marks(self._life.epoch, self._position, self._hash), done=True)
        return await self.begin(now)

    @property
    def _sent(self) -> int:
        return self._flying[-1].marks.position if self._flying else self._position

    @property
    def _sent_hash(self) -> bytes:
        return self._flying[-1].marks.hash if self._flying else self._hash

    @property
    def is_behind(self) -> bool:
        """Whether more waits than one batch holds."""
        return self._more and self._life.last - self._sent > MOST

    def quiet(self, steady: float) -> bool:
        """Whether the hub has been silent for so long that the link counts as lost."""
        return self.heard_at is not None and steady - self.heard_at > SILENCE_S

    @property
    def urgent_read(self) -> bool:
        """Whether all that is urgent was read since the hub greeted."""
        return self._urgent_to is not None and self._cursors.get(URGENT, Cursor(-1, b"")).number >= self._urgent_to

    # --- what it is told ----------------------------------------------------------------------------------------------

    async def hear(self, message: object, steady: float, now: float) -> list[Message]:
        """The answers to one message; raises Ended."""
        self.heard_at = steady
        self.standing.heard_at = now
        try:
            said = table(message, "a message")
            answer = self._handlers.get(str(said.get("type")))
            return [] if answer is None else await answer(said, now)
        except Unfit as unfit:
            words = {"en": f"The hub said what cannot be understood: {unfit}", "zh-CN": f"无法理解枢纽的消息:{unfit}"}
            raise Ended("message", words, 60.0, None) from None

    @property
    def _handlers(self) -> Mapping[str, Callable[[Mapping[str, Any], float], Awaitable[list[Message]]]]:
        return {
            "welcome": self._welcome,
            "ack": self._ack,
            "keys": self._take_keys,
            "news": self._news,
            "snapshot": self._snapshot,
            "told": self._told,
            "events": self._back,
            "escrow": self._take_escrow,
            "stopped": self._stopped,
            "problem": self._problem,
        }

    async def _welcome(self, said: Mapping[str, Any], now: float) -> list[Message]:
        life = str(said.get("life"))
        if life != self._hub_life:
            await self._records.begin_life(self._box.hub, life)
            self._hub_life, self._cursors = life, {}
        spread, skew = said.get("spread_s"), said.get("skew_s")
        self.spread_s = float(spread) if isinstance(spread, int | float) else 1.0
        self.standing.skew_s = float(skew) if isinstance(skew, int | float) else 0.0
        self.lease_days = _days(said.get("lease_days"))
        urgent = table(table(said.get("feeds") or {}, "feeds").get(URGENT) or {}, URGENT)
        self._urgent_to = number(urgent.get("number", 0), "number")
        if again := await self._agrees(said.get("have"), now):
            return again
        self._credit = min(8, max(1, number(said.get("credit", 1), "credit")))
        self._welcomed, self._more, self._ahead_to = True, True, self._position
        self.standing.sent = self._life.base + self._position
        self.standing.connected, self.standing.fault = True, None
        for code in OVER_WITH_A_WELCOME:
            self.standing.told.pop(code, None)
        return await self._lost(first=True)

    async def _agrees(self, have: object, now: float) -> list[Message]:
        """Goes on from what the hub has of our epoch; begins another where that is more than we have, or other rows."""
        life = self._life
        if have is None:
            position, hash_ = 0, await self._records.hash_at(life, 0)
        else:
            held = table(have, "have")
            position, hash_ = number(held.get("position"), "position"), digest(held.get("hash"), "hash")
        ours = await self._records.hash_at(life, position) if position <= life.last else None
        if ours is not None and ours == hash_ and position >= life.first - 1:
            self._position, self._hash = position, ours
            return []
        if position > life.last or not self._newest:
            await self._records.ask_back(life)
        if not self._newest:
            await self._records.pass_over(life)
        elif position < life.first - 1:
            await self._records.begin_epoch("joined")
            await self._records.pass_over(life)
        else:
            await self._fork(position, now)
        return await self.begin(now)

    async def _fork(self, position: int, now: float) -> None:
        """Another epoch begins; of this one nothing more is sent, and IT is told."""
        words = {
            "zh-CN": f"这台主机是恢复或复制出来的:在第 {position} 位,枢纽存有另一段历史。已开始新的纪元。",
            "en": f"This box was restored or copied: at position {position:,} the hub holds another history."
            " A new epoch was begun.",
        }
        self.standing.epochs += 1
        self.standing.told["fork"] = {"words": words, "since": times.iso(now), "over": None}
        await self._records.begin_epoch("forked")
        await self._records.pass_over(self._life)

    async def _ack(self, said: Mapping[str, Any], _: float) -> list[Message]:
        position, hash_ = number(said.get("position"), "position"), digest(said.get("hash"), "hash")
        if not self._flying:
            return []
        batch = self._flying.popleft()
        if (position, hash_) != (batch.marks.position, batch.marks.hash) and position <= batch.marks.position:
            raise Unfit("ack: it is of no batch of ours")
        self._position, self._hash = batch.marks.position, batch.marks.hash
        self.standing.rows += batch.rows
        self.standing.batches += 1
        self.standing.sent = self._life.base + self._position
        await self._records.acked(batch.marks, done=False)
        return []

    async def _take_keys(self, said: Mapping[str, Any], _: float) -> list[Message]:
        box = self._box
        for each in bundles.open_(dict(said), box.hub, box.id, box.keys.open):
            self._keys[each.customer, each.key_id] = each.key
        return []

    # --- what comes back ----------------------------------------------------------------------------------------------

    async def _lost(self, *, first: bool = False) -> list[Message]:
        """Asks for rows of our own that this box has lost; for what opens them with the first of them."""
        lost = await self._records.lost()
        self._asked_back = None if lost is None else lost[0]
        if lost is None:
            self._escrow, self._back_keys = {}, {}
            return []
        return [{"type": "want", "rows": {"epoch": lost[0], "after": lost[1]}, **({"keys": True} if first else {})}]

    async def _take_escrow(self, said: Mapping[str, Any], _: float) -> list[Message]:
        for each in array(said.get("keys"), "keys", bundles.MOST):
            one = table(each, "a key")
            self._escrow[octets(one.get("key_id"), "key_id")] = octets(one.get("wrapped"), "wrapped")
        return []

    async def _stopped(self, said: Mapping[str, Any], _: float) -> list[Message]:
        if self._asked_back is not None:
            customers = [str(each) for each in array(said.get("customers"), "customers", LARGEST)]
            await self._records.stopped(self._asked_back, customers)
        return []

    async def _back(self, said: Mapping[str, Any], _: float) -> list[Message]:
        if said.get("epoch") != self._asked_back:
            return []
        self._back_keys |= self._keys
        self._keys = {}
        await self._records.take_back(dict(said), self._back_keys, self._escrow)
        return await self._lost()

    async def _news(self, said: Mapping[str, Any], _: float) -> list[Message]:
        if not self._welcomed:
            return []  # it was on its way when we greeted once more, and is said again
        feed = str(said.get("feed"))
        at = self._cursors.get(feed)
        if at is None or number(said.get("after"), "after") > at.number:
            self._cursors.pop(feed, None)
            return [{"type": "want", "snapshot": feed}]
        upto = number(said.get("number"), "number")
        if upto < at.number:
            return []
        items = [one for one in items_of(said.get("items")) if one.number > at.number]
        return await self._take(Heard(feed, upto, digest(said.get("hash"), "hash"), items, self._keys))

    async def _snapshot(self, said: Mapping[str, Any], _: float) -> list[Message]:
        if not self._welcomed:
            return []
        last = said.get("last") is True
        heard = Heard(
            str(said.get("feed")), number(said.get("number"), "number"), digest(said.get("hash"), "hash"),
            items_of(said.get("items")), self._keys, number(said.get("part"), "part", 1), last,
        )  # fmt: skip
        return await self._take(heard)

    async def _take(self, heard: Heard) -> list[Message]:
        await self._records.take(heard)
        self._keys = {}
        self.standing.items += len(heard.items)
        if not heard.last:
            return []
        self._cursors[heard.feed] = Cursor(heard.number, heard.hash)
        return [{"type": "applied", "feed": heard.feed, "number": heard.number}]

    async def _told(self, said: Mapping[str, Any], _: float) -> list[Message]:
        code = str(said.get("code"))[:64]
        if code == "fork" and code in self.standing.told:
            return []  # what we did about it is told here longer
        if said.get("over") is not None:
            self.standing.told.pop(code, None)
        else:
            words = {str(key): str(each)[:500] for key, each in table(said.get("words") or {}, "words").items()}
            self.standing.told[code] = {"words": words, "since": str(said.get("since")), "over": None}
        return []

    async def _problem(self, said: Mapping[str, Any], now: float) -> list[Message]:
        raise await self.refused(said, now)

    async def refused(self, body: Mapping[str, Any], now: float) -> Ended:
        """What follows from a refusal of the hub, said on the link or as an answer."""
        code = str(body.get("code") or str(body.get("type", "")).rpartition(":")[2])
        said = body.get("words")
        words = dict(said) if isinstance(said, Mapping) else {"en": str(body.get("detail") or code)}
        after, spread = problem_of(dict(body))
        if spread is not None:
            self.spread_s = spread
        if code == "fork":
            await self._records.ask_back(self._life)
            if self._newest:
                position = body.get("position")
                await self._fork(position if isinstance(position, int) else 0, now)
            else:
                await self._records.pass_over(self._life)
            return Ended(code, words, 0.0, None)
        if code == "hole" and self._asked_back is not None:
            have = body.get("have")
            position = have.get("position") if isinstance(have, Mapping) else None
            await self._records.pass_back(self._asked_back, position if isinstance(position, int) else None)
        if code in TOLD_HERE:
            self.standing.told[code] = {"words": words, "since": times.iso(now), "over": None}
        return Ended(code, words, RETRY.get(code, after), spread)


RETRY: Mapping[str, float | None] = {
    "box-revoked": None, "superseded": None, "too-old": 3600.0, "box-twice": 10.0, "chain": 300.0, "not-yours": 300.0,
    "message": 300.0, "session": 0.0, "hole": 0.0,
}  # fmt: skip
"""After how many seconds another try is made; None: only a person can help."""
TOLD_HERE = frozenset({"chain", "box-twice", "box-revoked", "superseded", "too-old", "not-yours"})
OVER_WITH_A_WELCOME = ("box-twice", "too-old")
"""Over once the hub greets, without a word of it."""


def _days(said: object) -> float | None:
    """How long what is lent lasts unheard, in days; None where the hub says nothing that can be."""
    counts = isinstance(said, int | float) and not isinstance(said, bool) and 0 < said <= LONGEST_LEASE
    return float(said) if counts else None  # type: ignore[arg-type]
