"""Under which names and addresses this machine is reached."""

from __future__ import annotations

import fcntl
import re
import socket
import struct
from array import array
from ipaddress import IPv6Address, ip_address
from pathlib import Path

SIOCGIFCONF = 0x8912
ROOM = 128 * 40  # bytes: so many interfaces
ENTRY = 40 if struct.calcsize("P") == 8 else 32  # bytes of each; 16 of them its name, the address 4 behind that
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII)


def addresses() -> list[str]:
    """The addresses of this machine's interfaces, IPv4 first; also where the kernel may be asked little."""
    return list(dict.fromkeys([*_ipv4(), *_ipv6()]))


def names() -> list[str]:
    """The machine's own name, as others on the network may know it."""
    own = socket.gethostname().lower()
    if not _NAME.fullmatch(own) or own == "localhost":
        return []
    return [own, f"{own.partition('.')[0]}.local"]


def _ipv4() -> list[str]:
    buffer = array("B", bytes(ROOM))
    where, _ = buffer.buffer_info()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            filled = fcntl.ioctl(asking.fileno(), SIOCGIFCONF, struct.pack("iP", ROOM, where))
        except OSError:
            return []
    length, _ = struct.unpack("iP", filled)
    return [socket.inet_ntoa(bytes(buffer[at + 20 : at + 24])) for at in range(0, length, ENTRY)]


def _ipv6() -> list[str]:
    """Those that are good everywhere; one that is good on its own link needs a scope, which no certificate has."""
    try:
        rows = Path("/proc/self/net/if_inet6").read_text().split("\n")
    except OSError:
        return []
    found = [ip_address(bytes.fromhex(row.split()[0])) for row in rows if row]
    return [str(each) for each in found if isinstance(each, IPv6Address) and not each.is_link_local]
