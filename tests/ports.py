"""Ports for programs that are told theirs before they start."""

from __future__ import annotations

import secrets
import socket

FIRST, LAST = 10_240, 32_767  # below those that the system gives to who connects, which would take one meanwhile


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port of an address of this machine that nobody has, and that nobody is given before it is used."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
        return port
