"""Whose an address is: what limits are counted by."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

OWN_64 = 64  # bits: a device picks the rest of an IPv6 address itself, as often as it likes


def network_of(host: str | None) -> str:
    """The address, of IPv6 the network of its house; empty where there is none, as on a local socket."""
    if not host:
        return ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(address) if address.is_loopback else str(ip_network((int(address), OWN_64), strict=False))
    return str(address)
