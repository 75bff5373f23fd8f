"""Connections to other machines: a name that leads back into this one is refused before a word is said.

A name is looked up once, and the address that was looked at is the one that is called: whoever answers for the name
cannot say another in between. Who means this machine writes its address, or ``localhost``.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

SAID = frozenset({"localhost", "localhost."})
_SIXTY_FOUR, _COMPATIBLE = IPv6Network("64:ff9b::/96"), IPv6Network("::/96")


class Inside(OSError):
    """A name leads where none of ours may lead: why, for a person."""

    def __init__(self, words: str) -> None:
        super().__init__(errno.EACCES, words)


def is_address(host: str) -> bool:
    """Whether this is an address, or this machine by its usual name; and no name that somebody else answers for."""
    if host.lower() in SAID:
        return True
    with suppress(ValueError):
        ip_address(host.partition("%")[0])
        return True
    return False


def refusal(host: str, address: str) -> str | None:
    """Why ``host`` may not lead to this address, for a person; None where it may."""
    said = is_address(host)
    for each in _as_meant(ip_address(address.partition("%")[0])):
        if each.is_link_local or each.is_multicast or each.is_unspecified:
            return f"it leads to {address}, which is no address of a receiver"
        if each.is_loopback and not said:
            return f"its name leads back to this machine ({address}); write 127.0.0.1 where that is meant"
    return None


def _as_meant(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address, and that of IPv4 which is written within one of IPv6."""
    yield address
    if isinstance(address, IPv6Address):
        found = address.ipv4_mapped or address.sixtofour
        if found is None and (address in _SIXTY_FOUR or address in _COMPATIBLE):
            found = IPv4Address(int(address) & 0xFFFF_FFFF)
        if found is not None and int(address) > 1:
            yield found


def connect(
    to: tuple[str, int], timeout: float | None = None, source_address: tuple[str, int] | None = None
) -> socket.socket:
    """A connection to a host and port, as ``socket.create_connection`` makes it; raises OSError, and Inside."""
    host, port = to
    fault: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        if why := refusal(host, str(address[0])):
            raise Inside(why)
        line = socket.socket(family, kind, protocol)
        try:
            line.settimeout(timeout)
            if source_address:
                line.bind(source_address)
            line.connect(address)
        except OSError as error:
            line.close()
            fault = error
            continue
        return line
    raise fault or OSError(errno.EHOSTUNREACH, "no address was found")


class Plain(http.client.HTTPConnection):
    """HTTP to another machine."""

    def __init__(self, host: str, port: int | None = None, *, timeout: float | None = None) -> None:
        super().__init__(host, port, timeout=timeout)
        self._create_connection = connect


class Secure(http.client.HTTPSConnection):
    """HTTPS to another machine."""

    def __init__(
        self, host: str, port: int | None = None, *, context: ssl.SSLContext, timeout: float | None = None
    ) -> None:
        super().__init__(host, port, context=context, timeout=timeout)
        self._create_connection = connect
