"""An authenticator in software: it makes passkeys and signs with them as a phone does, and as a thief's would."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.console.devices import text_of

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One passkey, of whom it was made for; it counts how often it has signed."""

    def __init__(self, origin: str, host: str = "localhost") -> None:
        self.origin = origin
        self.host = host
        self.id = secrets.token_bytes(20)
        self.count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    def makes(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED) -> dict[str, str]:
        """The answer to what a console asks to be made."""
        public = self._key.public_key().public_numbers()
        point = {-2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, **point})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        data = self._data(flags | ATTESTED) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return {"id": text_of(self.id), "client_data": text_of(client), "attestation": text_of(made)}

    def shows(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED) -> dict[str, str]:
        """The answer to what a console asks to be signed."""
        self.count += 1
        data, client = self._data(flags), self._client("webauthn.get", options["challenge"])
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {"client_data": client, "authenticator_data": data, "signature": signature}
        return {"id": text_of(self.id)} | {name: text_of(raw) for name, raw in said.items()}

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()
