"""The door of customers' own pages: a link's secret in a header, six digits beside it, and few tries at either.

A secret that is wrong, was replaced or is of somebody who was erased gets one and the same answer: each is looked for
by its keyed hash, and none is found.
"""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from gateway.addresses import network_of
from gateway.console.act import House
from gateway.console.problems import Problem
from gateway.console.secrets import door_of
from gateway.core.actions import own_page
from gateway.core.gateway import Gateway
from gateway.events.event import CUSTOMER
from gateway.pins import matches
from gateway.records import pages
from gateway.records.pages import Page

LINK_HEADER = "moments-page"
KEY_HEADER = "moments-page-key"
LONGEST = 64  # characters of either
MINUTE = 60.0
REQUESTS = 20  # a minute, of one link, and wrong ones of one address
WRONG_IN_ALL = 600  # wrong ones a minute, of everybody: 128 bits are not guessed, and the gateway has other work
REMEMBERED = 10_000  # links and addresses
OPEN_FOR = 600.0  # seconds unused until the digits are asked for again
MOST_OPEN = 1_000
NOT_FOUND = "this link opens nothing: it was replaced by a newer one, or is not whole; ask any member of staff"


class Counter:
    """So many a minute of each; ``now`` is steady time, in seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: dict[str, deque[float]] = {}

    def wait(self, who: str, now: float) -> float:
        """How many seconds this one must wait; 0 for none."""
        seen = self._lately(who, now)
        return max(seen[0] + MINUTE - now, 1.0) if len(seen) >= self._most else 0.0

    def count(self, who: str, now: float) -> None:
        """One more."""
        seen = self._lately(who, now)
        self._seen.pop(who, None)
        self._seen[who] = seen
        seen.append(now)
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]

    def _lately(self, who: str, now: float) -> deque[float]:
        seen = self._seen.get(who) or deque()
        while seen and now - seen[0] >= MINUTE:
            seen.popleft()
        return seen


@dataclass(slots=True)
class _Open:
    customer: str
    linked_at: float | None
    used: float


class PageDoors:
    """Who knocks, and whose page was opened with its digits; in memory alone, so that a restart asks again."""

    def __init__(self) -> None:
        self._links = Counter(REQUESTS)
        self._addresses = Counter(REQUESTS)
        self._all = Counter(WRONG_IN_ALL)
        self._open: dict[str, _Open] = {}

    def page(self, house: Gateway, request: Request) -> Page:
        """The page that the request's link opens; raises Problem: 404 for any other, 429 after too many."""
        now, address = house.memory.steady(), network_of(request.client.host if request.client else None)
        self._may(self._addresses.wait(address, now) or self._all.wait("", now))
        secret = request.headers.get(LINK_HEADER, "")
        door = door_of(secret)
        self._may(self._links.wait(door, now))
        whole = 0 < len(secret) <= LONGEST and secret.isascii()
        found = pages.find(house.store.reader, secret if whole else "")
        if found is None or house.customer(found.customer) is None:
            self._addresses.count(address, now)
            self._all.count("", now)
            raise Problem(404, NOT_FOUND)
        self._links.count(door, now)
        return found

    @staticmethod
    def _may(wait: float) -> None:
        if wait:
            seconds = max(1, round(wait + 0.5))
            words = f"too many requests; wait {seconds} s"
            raise Problem(429, words, headers={"Retry-After": str(seconds)}, retry_after_s=seconds)

    async def open(self, house: Gateway, page: Page, digits: str) -> str:
        """The key that opens the whole page from now on; raises Problem: 403 for wrong digits, with how many are left.

        A try counts before it is looked at, so that many at once are no more than one after the other.
        """
        state = own_page.state_of_digits(page)
        if state != "chosen":
            await matches(None, digits)
            raise Problem(403, "the digits open nothing: have others chosen in the house", left=0, digits=state)
        left: int | None = (await house.act(lambda: own_page.refused(house, page), CUSTOMER)).answer
        if not await matches(page.digits if left is not None else None, digits):
            raise Problem(403, "these are not the digits", left=left or 0, digits="chosen" if left else "locked")
        await house.act(lambda: own_page.opened(page), CUSTOMER)
        now, key = house.memory.steady(), secrets.token_urlsafe(own_page.SECRET_BYTES)
        self._open = {door: each for door, each in self._open.items() if now - each.used < OPEN_FOR}
        while len(self._open) >= MOST_OPEN:
            del self._open[min(self._open, key=lambda door: self._open[door].used)]
        self._open[door_of(key)] = _Open(page.customer, page.linked_at, now)
        return key

    def opened(self, house: Gateway, page: Page, request: Request) -> Page:
        """The same page, where its digits were given lately; raises Problem(403) otherwise."""
        key, now = request.headers.get(KEY_HEADER, ""), house.memory.steady()
        found = self._open.get(door_of(key)) if 0 < len(key) <= LONGEST else None
        good = found is not None and (found.customer, found.linked_at) == (page.customer, page.linked_at)
        if found is None or not good or now - found.used >= OPEN_FOR:
            raise Problem(403, "the six digits are asked for", digits=own_page.state_of_digits(page))
        found.used = now
        return page


def doors_of(request: Request) -> PageDoors:
    """The doors of this application."""
    doors: PageDoors = request.app.state.page_doors
    return doors


async def linked(request: Request, house: House) -> Page:
    """The route dependency of what a link alone opens."""
    return doors_of(request).page(house, request)


async def unlocked(request: Request, house: House, page: Annotated[Page, Depends(linked)]) -> Page:
    """The route dependency of what the digits open."""
    return doors_of(request).opened(house, page, request)


Linked = Annotated[Page, Depends(linked)]
Unlocked = Annotated[Page, Depends(unlocked)]
