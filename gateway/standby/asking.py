"""A question to the other box of this venue."""

from __future__ import annotations

import ssl

from gateway.events.times import now
from gateway.hub.wire import Message
from gateway.joined.calling import post
from gateway.standby import letters
from gateway.standby.papers import Other, Paper


async def ask(paper: Paper, other: Other, message: Message, within: float) -> Message:
    """What the other box answers; raises Answered, Unreached or Unfit."""
    body = letters.asked(paper.id, message, paper.keys)
    found = await post(f"{other.url}/hub/v1/exchange", body, context=believing(other.url), now=now(), within=within)
    return letters.answer(found, body, paper.keys, other.sign)


def believing(url: str) -> ssl.SSLContext | None:
    """TLS of whoever answers: who that is, what they say proves by itself (letters.py)."""
    if not url.startswith("https:"):
        return None
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
