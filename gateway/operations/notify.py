"""What systemd is told: ready, alive, stopping (sd_notify(3)); silent where nothing listens."""

from __future__ import annotations

import os
import socket


def ready() -> None:
    """Tells systemd that the gateway serves."""
    notify("READY=1")


def stopping() -> None:
    """Tells systemd that the gateway is on its way out."""
    notify("STOPPING=1")


def alive() -> None:
    """Feeds the watchdog; to be called only when what must work was seen to work."""
    notify("WATCHDOG=1")


def watchdog_interval() -> float | None:
    """Seconds between two calls of ``alive``, half of what systemd allows; None where it does not watch us."""
    try:
        allowed = int(os.environ.get("WATCHDOG_USEC", ""))
        watched = int(os.environ.get("WATCHDOG_PID", os.getpid()))
    except ValueError:
        return None
    return allowed / 2e6 if allowed > 0 and watched == os.getpid() else None


def notify(state: str) -> bool:
    """Sends one state; whether it was delivered to a manager."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
        try:
            manager.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
        except OSError:
            return False
    return True
