"""Partners: each is sent what customers agreed to, told of every end of it, and asked until it has answered.

What is due is worked out from the records as its turn comes, so nothing personal waits here: where somebody stops while
a partner is away, it is the stop that it gets. Stops and erasures come first, and are tried for ever.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import inf
from typing import Any

from gateway.core import sharing
from gateway.core.gateway import Gateway
from gateway.core.sharing import Due
from gateway.events.event import GATEWAY, Event, News
from gateway.events.times import new_id
from gateway.operations import webhooks
from gateway.operations.webhooks import GONE, LONGEST_WAIT, OURS_TO_MEND, Answer, Sender
from gateway.records import erasure_receipts, sharings
from gateway.records.erasure_receipts import PARTNER, Erasure
from gateway.records.errors import DiskFull, Erased, StoreFull
from gateway.settings.outward import webhook_secret
from gateway.settings.venue import Webhook

log = logging.getLogger(__name__)

AT_ONCE = 50  # customers that are looked at before others have their turn
REFUSED_WAIT, LONGEST_REFUSED = 60.0, 3600.0  # seconds between tries of a body that the partner finds wrong
CONCERNS = ("preference.", "consent.", "customer.")
"""The first words of what may change what a partner is to know."""
OF_EVERYBODY = frozenset({"notice.published", "catalogue.changed"})

Missed = Callable[[int], list[Event] | None]


def partners_of(house: Gateway, missed: Missed, sequence: int) -> list[PartnerHook]:
    """The webhooks of partners; ``sequence`` is the number of the newest event."""
    hooks = (each for each in house.config.webhooks if each.partner is not None)
    return [PartnerHook(house, each, webhook_secret(each) or "", missed, sequence) for each in hooks]


class PartnerHook:
    """One partner's webhook; ``sequence`` is the number of the newest event when it began."""

    def __init__(self, house: Gateway, config: Webhook, secret: str, missed: Missed, sequence: int) -> None:
        self.config = config
        self.fault: str | None = None
        """Why the partner is lost, for a person; None while all is well."""
        self.ended = False
        """Whether it answered that it is gone: then it is told of stops and erasures alone."""
        self._house = house
        self._partner = config.partner or ""
        self._brand = sharing.brand_of(house, self._partner)
        self._sender = Sender(config.url, secret)
        self._missed = missed
        self._seen = sequence
        self._source = house.store.source
        self._dirty: dict[str, None] = {}
        self._due: dict[str, Due] = {}
        self._erasures: list[Erasure] = []
        self._until: dict[str, float] = {}
        self._written: dict[str, tuple[str, str]] = {}  # by customer the state that is on its way, and its body's id
        self._refused: dict[str, tuple[int, float]] = {}  # by customer or receipt: how often, and not before
        self._wait = webhooks.FIRST_WAIT
        self._resume_at = -inf
        self._threads = ThreadPoolExecutor(1, thread_name_prefix=f"webhook {config.name}")

    def waiting(self, newest: int) -> int:
        """How many customers it is to be told of, and erasures that it has not answered."""
        return len(self._due) + len(self._erasures)

    def at_once(self) -> None:
        """What is due is tried now, and not when the wait between two tries is over."""
        self._wait, self._resume_at = webhooks.FIRST_WAIT, -inf
        self._refused.clear()

    async def run(self, newest: Callable[[], int]) -> None:
        """Tells the partner until cancelled; ``newest`` is the number of the newest event."""
        self._everybody()
        try:
            while True:
                self._look(newest())
                with suppress(DiskFull, StoreFull):  # nothing leaves that is not written down before
                    await self._find()
                    while await self._tell():
                        self._look(newest())
                        await self._find()
                await asyncio.sleep(webhooks.LOOK_EVERY)
        finally:
            self._sender.abort()
            self._threads.submit(self._sender.close)
            self._threads.shutdown(wait=False)

    # --- what is due -----------------------------------------------------------------------------------------------

    def _everybody(self) -> None:
        reader = self._house.store.reader
        known = [each.customer for each in sharings.of_partner(reader, self._partner)]
        self._dirty |= dict.fromkeys([*known, *sharings.asked(reader, self._partner)])
        self._erasures = erasure_receipts.waiting_for(reader, self._partner)

    def _look(self, newest: int) -> None:
        """Whom something has changed for since the last look."""
        now = self._house.memory.certain()
        for customer in [each for each, until in self._until.items() if until <= now]:
            del self._until[customer]
            self._dirty[customer] = None
        if newest == self._seen:
            return
        events = self._missed(self._seen)
        self._seen = newest
        if events is None or any(each.type in OF_EVERYBODY for each in events):
            self._everybody()
            return
        for event in events:
            if event.type in ("customer.erased", "erasure.answered"):
                self._erasures = erasure_receipts.waiting_for(self._house.store.reader, self._partner)
            if event.type.startswith(CONCERNS) or event.type == "person.imported":
                others = event.data.get("other"), event.data.get("customer")
                named = [event.subject, *(each for each in others if isinstance(each, str))]
                self._dirty |= dict.fromkeys(one for each in named for one in (each, *self._family(each)))

    def _family(self, customer: str) -> Iterable[str]:
        return self._house.memory.family.all_of(customer)

    async def _find(self) -> None:
        """Works out what is due of everybody for whom something has changed; the partner may have it from then on."""
        for number, customer in enumerate(list(self._dirty)):
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
            await self._work_out(customer)
            self._dirty.pop(customer, None)

    async def _work_out(self, customer: str) -> Due | None:
        found = sharing.due(self._house, self._partner, self._brand, customer)
        now = sharing.share(self._house.memory, self._partner, self._brand, customer)
        if now is not None and now.until != inf:
            self._until[customer] = now.until
        before = self._due.pop(customer, None)
        if found is None:
            self._written.pop(customer, None)
            self._refused.pop(customer, None)
            return None
        self._due[customer] = found
        if before is None or before.state != found.state:
            self._refused.pop(customer, None)
        if found.known:  # else it is written down as it leaves: until then the partner has nothing
            await self._write_down(found)
        return found

    async def _write_down(self, found: Due) -> bool:
        """Records that this is on its way, once; False where the customer was erased meanwhile."""
        if self._written.get(found.customer, ("", ""))[0] == found.state:
            return True
        try:
            await self._house.record([sharing.leaving(found, self._partner)], GATEWAY)
        except Erased:
            self._due.pop(found.customer, None)
            return False
        self._written[found.customer] = (found.state, new_id(self._house.memory.now()))
        return True

    # --- what is told ----------------------------------------------------------------------------------------------

    async def _tell(self) -> bool:
        """Tries what comes first; whether something was taken, so that the next has its turn at once."""
        steady = self._house.memory.steady()
        if not self._due and not self._erasures:
            self.fault = None  # what it had not answered was answered in another way
        if steady < self._resume_at:
            return False
        for erasure in self._erasures:
            if self._refused.get(erasure.id, (0, -inf))[1] <= steady:
                return await self._tell_erasure(erasure)
        order = {sharings.STOP: 0, sharings.CORRECTION: 1, sharings.NEWS: 2}
        for found in sorted(self._due.values(), key=lambda each: order[each.kind]):
            if self._refused.get(found.customer, (0, -inf))[1] > steady or (self.ended and found.kind == sharings.NEWS):
                continue
            return await self._tell_sharing(found.customer)
        return False

    async def _tell_sharing(self, customer: str) -> bool:
        found = await self._work_out(customer)
        if found is None or not await self._write_down(found):
            return True
        # Writing has let others act: what leaves is what may leave now.
        again = sharing.due(self._house, self._partner, self._brand, customer)
        if again is None or again.state != found.state:
            self._dirty[customer] = None
            return True
        identity = self._written[customer][1]
        answer = await self._post(
            sharing.body(found, identity=identity, source=self._source, now=self._house.memory.now())
        )
        if answer.fault is not None:
            return self._failed(customer, answer)
        self._back(customer)
        self._due.pop(customer, None)
        self._written.pop(customer, None)
        self._dirty[customer] = None  # who changed their mind meanwhile is looked at anew
        with suppress(Erased):
            await self._house.record(sharing.acknowledged(self._house, found, self._partner), GATEWAY)
        return True

    async def _tell_erasure(self, erasure: Erasure) -> bool:
        now = self._house.memory.now()
        body = sharing.erasure_body(erasure.whose, erasure.id, source=self._source, now=now)
        answer = await self._post(body)
        place = next(each for each in erasure.places if (each.kind, each.place) == (PARTNER, self._partner))
        news = []
        if answer.status and place.told_at is None:
            news.append(self._answered(erasure, done=False))
        if answer.fault is None:
            news.append(self._answered(erasure, done=True))
        if news:
            await self._house.record(news, GATEWAY)
            self._erasures = erasure_receipts.waiting_for(self._house.store.reader, self._partner)
        if answer.fault is not None:
            return self._failed(erasure.id, answer)
        self._back(erasure.id)
        return True

    def _answered(self, erasure: Erasure, *, done: bool) -> News:
        data = {"erasure": erasure.id, "kind": PARTNER, "place": self._partner, "done": done, "by": None}
        return News("erasure.answered", erasure.id, data)

    async def _post(self, body: dict[str, Any]) -> Answer:
        loop, now = asyncio.get_running_loop(), self._house.memory.now()
        posting = loop.run_in_executor(self._threads, self._sender.post, body, now)
        done, _ = await asyncio.wait([posting], timeout=webhooks.PATIENCE)
        if done:
            return posting.result()
        self._sender.abort()
        await asyncio.wait([posting])
        return Answer(0, f"no answer within {webhooks.PATIENCE:g} s")

    def _failed(self, about: str, answer: Answer) -> bool:
        """Whether the next has its turn at once: a body that is refused holds up itself alone."""
        if self.fault is None:
            log.warning("webhook %s: partner lost (%s)", self.config.name, answer.fault)
        self.fault = answer.fault
        steady = self._house.memory.steady()
        self.ended = self.ended or answer.status == GONE
        if 400 <= answer.status < 500 and answer.status not in OURS_TO_MEND:
            times = self._refused.get(about, (0, 0.0))[0] + 1
            wait = min(REFUSED_WAIT * 2 ** min(times - 1, 10), LONGEST_REFUSED)
            self._refused[about] = (times, steady + wait)
            return True
        self._resume_at = steady + max(answer.wait or 0.0, self._wait * random.uniform(1.0, 1.3))
        self._wait = min(2 * self._wait, LONGEST_WAIT)
        return False

    def _back(self, about: str) -> None:
        self._wait, self._resume_at, self.ended = webhooks.FIRST_WAIT, -inf, False
        owed = {*self._due, *(each.id for each in self._erasures)} - {about}
        self._refused = {name: tries for name, tries in self._refused.items() if name in owed}
        if self.fault is not None and not self._refused:
            self.fault = None
            log.info("webhook %s: partner back", self.config.name)
