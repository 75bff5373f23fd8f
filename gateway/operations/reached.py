"""Under which addresses this house is reached."""

from __future__ import annotations

import socket

from gateway.operations import own_addresses
from gateway.settings.venue import Console

ALL_IPV4, ALL_IPV6 = "0.0.0.0", "::"  # noqa: S104 - recognised, not bound to


def url_of(console: Console, bound: socket.socket) -> str:
    """Where this machine reaches the console."""
    host, port = bound.getsockname()[:2]
    return f"{'https' if console.speaks_tls else 'http'}://{in_url(host)}:{port}"


def address_of(console: Console, bound: socket.socket) -> str:
    """Where tablets reach the console: its first host name where the settings have one."""
    if not console.hosts:
        host, port = bound.getsockname()[:2]
        return f"{'https' if console.speaks_tls else 'http'}://{in_url(found_at(host))}:{port}{console.path}"
    scheme = "https" if console.secure else "http"
    return f"{scheme}://{in_url(console.hosts[0])}{'' if console.behind_proxy else f':{console.port}'}{console.path}"


def found_at(host: str) -> str:
    """Where others find who listens there: of who listens everywhere, the first address that is not ours alone."""
    if host not in (ALL_IPV4, ALL_IPV6):
        return host
    others = (each for each in own_addresses.addresses() if each != "::1" and not each.startswith("127."))
    return next(others, "127.0.0.1")


def in_url(host: str) -> str:
    """A host as a URL has it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
