"""How a box joins a hub, and signs in to it."""

from __future__ import annotations

import base64
import hashlib
import ssl

from gateway.hub import invitations
from gateway.hub.wire import Unfit, b64, octets, table, text
from gateway.joined.boxes import Box, Keys
from gateway.joined.calling import Unreached, post

_SESSION = b"moments session v1"
ROLE = "venue"


class AnotherHub(Exception):
    """What answered is not the hub that made the invitation."""


async def join(
    url: str, typed: str, venue: str, name: str, keys: Keys, *, context: ssl.SSLContext | None, now: float
) -> Box:  # fmt: skip
    """Joins by an invitation as it was typed; raises ValueError for what is none, AnotherHub, Answered, Unreached."""
    secret, fingerprint = invitations.read_code(typed)
    sign, open_ = keys.public
    answer = await post(
        f"{url}/hub/v1/join",
        {
            "invitation": invitations.id_of(secret), "venue": venue, "role": ROLE, "name": name,
            "keys": {"sign": b64(sign), "open": b64(open_)},
            "proof": invitations.proof(secret, venue, ROLE, sign, open_).hex(),
        },
        context=context, now=now,
    )  # fmt: skip
    try:
        theirs = table(answer.get("keys"), "keys")
        hub_sign, hub_open = octets(theirs.get("sign"), "sign", 32), octets(theirs.get("open"), "open", 32)
        box, hub = text(answer.get("box"), "box"), text(answer.get("hub"), "hub")
    except Unfit as unfit:
        raise Unreached(f"what answers there is no hub: {unfit}") from None
    if hashlib.sha256(hub_sign).hexdigest()[:8] != fingerprint:
        raise AnotherHub("what answers there is another hub than the one that made this invitation")
    return Box(box, venue, hub, url, hub_sign, hub_open, keys)


async def sign_in(
    url: str, box: Box, boot: str, build: str, *, context: ssl.SSLContext | None, now: float
) -> str:  # fmt: skip
    """A token, good for an hour; raises Answered, Unreached."""
    challenge = await post(f"{url}/hub/v1/challenge", {"box": box.id}, context=context, now=now)
    try:
        nonce = octets(challenge.get("nonce"), "nonce")
    except Unfit as unfit:
        raise Unreached(f"what answers there is no hub: {unfit}") from None
    said = b"\x00".join((_SESSION, box.hub.encode(), box.id.encode(), nonce, boot.encode()))
    signature = base64.b64encode(box.keys.sign.sign(said)).decode()
    body = {"box": box.id, "nonce": b64(nonce), "boot": boot, "build": build, "signature": signature}
    answer = await post(f"{url}/hub/v1/session", body, context=context, now=now)
    return str(answer.get("token", ""))
