"""A device with a key of its own, which signs what it asks as the console does."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Generator
from urllib.parse import unquote

import httpx2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.console.proofs import signed


def text_of(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Device(httpx2.Auth):
    """Signs each request with a key that nobody else has, and once more where the gateway gives a new challenge."""

    requires_request_body = True
    requires_response_body = True

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.challenge = secrets.token_urlsafe(16)
        self.sent: list[httpx2.Request] = []

    @property
    def key(self) -> str:
        """Its public half, as a page sends it."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return text_of(point)

    def proof(self, method: str, target: str, body: bytes = b"", nonce: str | None = None) -> str:
        """The proof of one request."""
        nonce = nonce or secrets.token_urlsafe(16)
        whole = self._key.sign(signed(self.challenge, nonce, method, target, body), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(whole)
        return f"1.{self.challenge}.{nonce}.{text_of(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Signs, sends, and answers a new challenge once."""
        for _ in range(2):
            path, _, query = request.url.raw_path.decode().partition("?")
            target = unquote(path) + (f"?{query}" if query else "")
            request.headers["Moments-Proof"] = self.proof(request.method, target, request.content)
            self.sent.append(request)
            answer = yield request
            self.challenge = answer.headers.get("moments-challenge", self.challenge)
            if answer.status_code != 401 or b'"prove":true' not in answer.content.replace(b" ", b""):
                return

    def live(self, since: int | None = None) -> str:
        """The query of a live socket's address, with its proof."""
        query = "" if since is None else f"since={since}"
        target = "/live" + (f"?{query}" if query else "")
        return "&".join(part for part in (query, f"proof={self.proof('GET', target)}") if part)
