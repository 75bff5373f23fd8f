"""A box of a venue as somebody writes it who has read the hub's page and nothing else: nothing is imported of ours."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import secrets
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

Message = dict[str, Any]

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PATIENCE = 40.0  # seconds; the machine may be busy


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


class Refused(Exception):
    """An answer that is a problem."""

    def __init__(self, status: int, body: Message) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.code = str(body.get("type", "")).rpartition(":")[2]


def post(url: str, body: object, token: str | None = None) -> Message:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: Message = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise Refused(error.code, json.load(error)) from None


class Journal:
    """One epoch of one venue: rows, hashed each to the one before."""

    def __init__(self, origin: str, epoch: int | str = 1, parent: bytes = bytes(32), brand: str = "aurelia") -> None:
        self.origin = origin
        self.epoch = epoch
        self.brand = brand
        self.parent = parent
        self.beginning = sha(b"\x03", origin.encode(), b"\x00", str(epoch).encode(), b"\x00", parent)
        self.rows: list[Message] = []
        self.dark: list[Message] = []
        self.keys: dict[str, tuple[bytes, bytes]] = {}
        self.backup = secrets.token_bytes(32)
        self.counter = 0
        self.ahead_s = 0.0

    @property
    def position(self) -> int:
        return len(self.rows)

    @property
    def hash(self) -> bytes:
        return self.hash_at(self.position)

    def hash_at(self, position: int) -> bytes:
        return bytes.fromhex(self.rows[position - 1]["hash"]) if position else self.beginning

    def key(self, holder: str) -> tuple[bytes, bytes]:
        return self.keys.setdefault(holder, (secrets.token_bytes(8), secrets.token_bytes(32)))

    def hlc(self) -> str:
        self.counter += 1
        return f"{int((time.time() + self.ahead_s) * 1000) << 16 | self.counter & 0xFFFF:016x}"

    def write(
        self, type_: str, subject: str, data: Message, *, holder: str | None = None, id_: str | None = None,
        dark: bool = False,
    ) -> str:  # fmt: skip
        """Appends an event; its id. ``dark``: the hub may keep it and not open it."""
        id_, holder = id_ or str(uuid.uuid4()), holder or subject
        position, before = self.position + 1, self.hash
        head = json.dumps(
            [secrets.token_hex(16), self.origin, self.epoch, position, id_, type_, subject, holder, self.hlc(),
             self.brand, "lina"],
            ensure_ascii=False, separators=(",", ":"),
        )  # fmt: skip
        head_digest = sha(b"\x01", head.encode())
        key_id, key = self.key(holder)
        nonce = secrets.token_bytes(12)
        body = AESGCM(key).encrypt(nonce, json.dumps(data).encode(), head_digest)
        sealed = b"\x02" + key_id + nonce + body
        body_digest = sha(b"\x02", sealed)
        hash_ = sha(b"\x00", before, position.to_bytes(8, "big"), head_digest, body_digest).hex()
        opened = {"position": position, "head": head, "sealed": b64(sealed), "hash": hash_}
        inner = json.dumps(opened).encode()
        padded = inner + bytes(-len(inner) % 256)
        cover = secrets.token_bytes(12)
        hidden = {
            "position": position, "dark": b64(cover + AESGCM(self.backup).encrypt(cover, padded, None)),
            "head_digest": head_digest.hex(), "body_digest": body_digest.hex(), "hash": hash_,
        }  # fmt: skip
        self.rows.append(opened)
        self.dark.append(hidden if dark else opened)
        return id_

    def batch(self, after: int, upto: int | None = None, backlog: int = 0) -> Message:
        rows = self.dark[after:upto][:500]
        return {"type": "events", "epoch": self.epoch, "after": after, "before": self.hash_at(after).hex(),
                "rows": rows, "backlog": backlog}  # fmt: skip

    # --- a customer's story ----------------------------------------------------------------------------------------

    def enrol(self, customer: str, *, dark: bool = False) -> None:
        self.write("customer.enrolled", customer, {"customer": customer, "name": f"Name of {customer}"}, dark=dark)

    def share(
        self, customer: str, lifts: list[str] | None = None, expires: str | None = None, *, dark: bool = False
    ) -> str:
        data = {"customer": customer, "purpose": "share_houses", "lifts": lifts or [], "expires": expires}
        return self.write("consent.granted", customer, data, dark=dark)

    def stop(self, customer: str) -> str:
        return self.write("consent.revoked", customer, {"customer": customer, "purpose": "share_houses"})

    def prefers(self, customer: str, value: str, *, dark: bool = False) -> str:
        data = {"customer": customer, "category": "drink", "value": value, "polarity": "do"}
        return self.write("preference.recorded", customer, data, dark=dark)

    def erase(self, customer: str) -> str:
        return self.write("customer.erased", customer, {"customer": customer}, holder="*house*")


class Box:
    """One machine of a venue: its key pairs, and what it was given."""

    def __init__(self, url: str, venue: str) -> None:
        self.url = url
        self.venue = venue
        self.sign = Ed25519PrivateKey.generate()
        self.open = X25519PrivateKey.generate()
        self.box = self.hub = self.token = self.life = ""
        self.hub_open = b""
        self.boot = secrets.token_hex(8)
        self.given: dict[tuple[str, bytes], bytes] = {}
        """Data keys that the hub sent: customer and key id."""

    def joining(self, code: str, role: str = "venue") -> Message:
        bare = code.strip().replace("-", "")
        secret = base64.b32decode(bare[:16])
        sign, open_ = self.sign.public_key().public_bytes_raw(), self.open.public_key().public_bytes_raw()
        said = b"\x00".join([b"moments join v1", self.venue.encode(), role.encode(), sign + open_])
        return {
            "invitation": sha(secret)[:8].hex(), "venue": self.venue, "role": role, "name": "the box at the door",
            "keys": {"sign": b64(sign), "open": b64(open_)}, "proof": hmac.digest(secret, said, "sha256").hex(),
        }  # fmt: skip

    def join(self, code: str) -> Self:
        answer = post(f"{self.url}/hub/v1/join", self.joining(code))
        sign = base64.b64decode(answer["keys"]["sign"])
        assert hashlib.sha256(sign).hexdigest()[:8] == code.strip().replace("-", "")[16:].lower(), "another hub"
        self.box, self.hub, self.life = answer["box"], answer["hub"], answer["life"]
        self.hub_open = base64.b64decode(answer["keys"]["open"])
        return self

    def sign_in(self, url: str | None = None) -> str:
        url = url or self.url
        nonce = post(f"{url}/hub/v1/challenge", {"box": self.box})["nonce"]
        said = b"\x00".join(
            [b"moments session v1", self.hub.encode(), self.box.encode(), base64.b64decode(nonce), self.boot.encode()]
        )
        body = {"box": self.box, "nonce": nonce, "boot": self.boot, "build": "stranger 1",
                "signature": b64(self.sign.sign(said))}  # fmt: skip
        self.token = post(f"{url}/hub/v1/session", body)["token"]
        return self.token

    def hello(self, journal: Journal, cursors: Message | None = None, **more: Any) -> Message:
        hello = {
            "type": "hello", "venue": self.venue, "box": self.box, "boot": self.boot, "role": "venue",
            "build": "stranger 1", "speaks": [1], "catalogue": 1, "clock": datetime.now(UTC).isoformat(),
            "epoch": journal.epoch, "position": journal.position, "hash": journal.hash.hex(),
            "parent": journal.parent.hex() if any(journal.parent) else None, "life": self.life,
            "cursors": cursors or {},
        }  # fmt: skip
        return {**hello, **more}

    def bundle(self, keys: list[tuple[str, bytes, bytes]]) -> Message:
        """``(customer, key id, key)`` sealed for the hub."""
        fresh = secrets.token_bytes(32)
        ids = sha(*(key_id for _, key_id, _ in keys))
        info = b"\x00".join([b"moments keys v1", self.box.encode(), self.hub.encode(), ids])
        sealed = SUITE.encrypt(fresh, X25519PublicKey.from_public_bytes(self.hub_open), info)
        each = []
        for customer, key_id, key in keys:
            nonce = os.urandom(12)
            inner = AESGCM(fresh).encrypt(nonce, key, customer.encode() + b"\x00" + key_id)
            each.append({"customer": customer, "key_id": b64(key_id), "sealed": b64(nonce + inner)})
        return {"type": "keys", "bundle": b64(sealed), "keys": each}

    def keys_of(self, journal: Journal, *customers: str) -> Message:
        return self.bundle([(each, *journal.key(each)) for each in customers])

    def take_keys(self, message: Message) -> None:
        each = [(one["customer"], base64.b64decode(one["key_id"]), base64.b64decode(one["sealed"]))
                for one in message["keys"]]  # fmt: skip
        ids = sha(*(key_id for _, key_id, _ in each))
        info = b"\x00".join([b"moments keys v1", self.hub.encode(), self.box.encode(), ids])
        fresh = SUITE.decrypt(base64.b64decode(message["bundle"]), self.open, info)
        for customer, key_id, sealed in each:
            bound = customer.encode() + b"\x00" + key_id
            self.given[customer, key_id] = AESGCM(fresh).decrypt(sealed[:12], sealed[12:], bound)

    def read(self, customer: str, row: Message) -> Message:
        """What a row says, with the keys that the hub gave."""
        sealed = base64.b64decode(row["sealed"])
        key = self.given[customer, sealed[1:9]]
        found: Message = json.loads(AESGCM(key).decrypt(sealed[9:21], sealed[21:], sha(b"\x01", row["head"].encode())))
        return found

    async def link(self, url: str | None = None) -> Link:
        address = (url or self.url).replace("http", "ws", 1) + "/hub/v1/link"
        headers = {"Authorization": f"Bearer {self.token}"}
        socket = await connect(
            address, subprotocols=[Subprotocol("moments.hub.1")], additional_headers=headers, max_size=1 << 20,
            compression=None, proxy=None,
        )  # fmt: skip
        return Link(self, socket)

    def exchange(self, messages: list[Message], wait: int = 0, url: str | None = None) -> list[Message]:
        answer = post(f"{url or self.url}/hub/v1/exchange?wait={wait}", {"messages": messages}, self.token)
        found: list[Message] = answer["messages"]
        return found


class Link:
    """A WebSocket to the hub, and what came on it; what the feeds said is folded as it comes."""

    def __init__(self, box: Box, socket: ClientConnection) -> None:
        self.box = box
        self.socket = socket
        self.seen: list[Message] = []
        self.cursors: dict[str, Message] = {}
        self.known: dict[str, list[Message]] = {}
        """Of each customer known by the hub's word the rows that came."""
        self.ended: dict[str, str] = {}
        """Whom the hub took back, and how."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def send(self, *messages: Message) -> None:
        for message in messages:
            await self.socket.send(json.dumps(message))

    async def next(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            message: Message = json.loads(await self.socket.recv())
        self.seen.append(message)
        self._fold(message)
        return message

    async def until(self, kind: str) -> Message:
        """The next message of this kind; others on the way are folded."""
        while True:
            message = await self.next()
            if message["type"] == "problem" and kind != "problem":
                raise Refused(message["status"], message["problem"])
            if message["type"] == kind:
                return message

    async def settle(self, seconds: float = 0.8) -> None:
        """Reads until nothing has come for a while."""
        while True:
            try:
                async with asyncio.timeout(seconds):
                    message = json.loads(await self.socket.recv())
            except TimeoutError:
                return
            self.seen.append(message)
            self._fold(message)

    async def closed(self) -> int:
        """The code with which the hub closes."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    self.seen.append(json.loads(await self.socket.recv()))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 0

    async def greet(self, journal: Journal, cursors: Message | None = None, **more: Any) -> Message:
        await self.send(self.box.hello(journal, cursors, **more))
        return await self.until("welcome")

    async def upload(self, journal: Journal, after: int = 0, upto: int | None = None) -> Message:
        """Sends all rows behind ``after`` in their batches; the last ack."""
        ack: Message = {}
        end = journal.position if upto is None else upto
        while after < end:
            batch = journal.batch(after, min(end, after + 500), end - after)
            await self.send(batch)
            ack = await self.until("ack")
            after += len(batch["rows"])
        return ack

    def _fold(self, message: Message) -> None:
        if message["type"] == "keys":
            self.box.take_keys(message)
        if message["type"] not in ("news", "snapshot"):
            return
        feed = message["feed"]
        if message["type"] == "news":
            assert message["after"] == self.cursors[feed]["number"], "a hole in the feed"
        elif message["part"] == 1 and feed.startswith("brand/"):
            self.known.clear()
        for item in message["items"]:
            customer = item["customer"]
            if item["kind"] == "lend":
                rows = self.known.setdefault(customer, [])
                rows += [row for row in item["rows"] if row not in rows]
                self.ended.pop(customer, None)
            elif item["kind"] == "event":
                if item["row"] not in self.known.setdefault(customer, []):
                    self.known[customer].append(item["row"])
            elif item["kind"] in ("recall", "erase"):
                self.known.pop(customer, None)
                self.ended[customer] = item["kind"]
        if message["type"] == "news" or message["last"]:
            self.cursors[feed] = {"number": message["number"], "hash": message["hash"]}

    def says(self, customer: str) -> list[str]:
        """The values of all preferences that this box can read of a customer, oldest first."""
        found = []
        for row in self.known.get(customer, []):
            if json.loads(row["head"])[5] == "preference.recorded":
                found.append(self.box.read(customer, row)["value"])
        return found


__all__ = ["Box", "InvalidStatus", "Journal", "Link", "Refused", "b64", "post", "sha"]
