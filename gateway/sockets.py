"""Addresses that are bound before anything else, and room for those who come: for a gateway and a hub alike."""

from __future__ import annotations

import resource
import socket
from contextlib import suppress


class CannotListen(Exception):
    """The address cannot be had; the text says why."""


def bound(host: str, port: int, words: str, *, waiting: int = 512) -> socket.socket:
    """A socket that listens, with so many ``waiting`` to be let in; ``words`` name the setting. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is said; without it every answer to a write waits 40 ms.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise CannotListen(f"{words} cannot be had ({(error.strerror or str(error)).lower()})") from None
    found.listen(waiting)
    found.setblocking(False)
    return found


def more_files(wanted: int) -> None:
    """Lets this process hold so many files and connections at once, as far as the system allows; never fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    least = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < least:
        with suppress(OSError, ValueError):  # a service may be forbidden to ask
            resource.setrlimit(resource.RLIMIT_NOFILE, (least, hard))
