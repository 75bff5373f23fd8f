"""How a second box joins the first: by an invitation, as a venue joins a hub."""

from __future__ import annotations

import os
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.events.times import now
from gateway.hub import invitations
from gateway.hub.wire import Unfit, b64, octets, table, text
from gateway.joined.boxes import Keys
from gateway.joined.calling import Unreached, post
from gateway.records.followed import Copied
from gateway.records.seal import KEYS_FILE
from gateway.records.store import RECORDS_FILE
from gateway.standby.asking import believing
from gateway.standby.papers import Other, Paper

ROLE = "standby"


class AnotherBox(Exception):
    """What answered is not the box that made the invitation."""


async def join(url: str, typed: str, venue: str) -> Paper:
    """Joins by an invitation as it was typed; raises ValueError for what is none, AnotherBox, Answered, Unreached."""
    url = url.rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.username:
        raise ValueError(f"{url}: expected https://host:port of the first box")
    secret, fingerprint = invitations.read_code(typed)
    keys = Keys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    sign, open_ = keys.public
    body = {
        "invitation": invitations.id_of(secret), "venue": venue, "role": ROLE, "name": os.uname().nodename[:200],
        "keys": {"sign": b64(sign), "open": b64(open_)},
        "proof": invitations.proof(secret, venue, ROLE, sign, open_).hex(),
    }  # fmt: skip
    answer = await post(f"{url}/hub/v1/join", body, context=believing(url), now=now())
    try:
        theirs = table(answer.get("keys"), "keys")
        their_sign, their_open = octets(theirs.get("sign"), "sign", 32), octets(theirs.get("open"), "open", 32)
        box, other = text(answer.get("box"), "box"), text(answer.get("life"), "life")
    except Unfit as unfit:
        raise Unreached(f"what answers there is no box of a venue: {unfit}") from None
    if sha256(their_sign).hexdigest()[:8] != fingerprint:
        raise AnotherBox("what answers there is another box than the one that made this invitation")
    return Paper("standby", box, venue, keys, other=Other(other, url, their_sign, their_open))


def whole(folder: Path) -> bool:
    """Whether a folder that follows has something whole to take over with; nothing runs there."""
    if not all((folder / name).exists() for name in (RECORDS_FILE, KEYS_FILE)):
        return False
    with closing(Copied(folder)) as copied:
        return copied.standing()[2]
