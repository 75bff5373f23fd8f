"""What proves who somebody is, and its name where the secret itself must not stand."""

from __future__ import annotations

import secrets
from hashlib import sha256


def new_token() -> str:
    """A bearer token or a cookie: 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def door_of(secret: str) -> str:
    """The SHA-256 of a secret in hex."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
