"""What an operator has to write out before a door stands open to all who share a network."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

CONSOLE = "anybody on this network can read names and PINs"
BROKER = "anybody on this network can read and forge what readers hear"
PLAIN_PORT = (
    "beyond this machine the broker speaks TLS, and port 1883 is where devices expect none; expected listen = "
    "'0.0.0.0:8883', and for devices that know no TLS listen_plain on a network of their own"
)


def asked(said: str | None, words: str, *, needed: bool) -> None:
    """Raises PydanticCustomError unless the door is shut, or whoever opens it has said so in these very words."""
    if said is None and not needed:
        return
    if said is None:
        told = "this would be open to the network without TLS; expected it to stay on this machine, or unencrypted = "
        raise PydanticCustomError("table", "{words}", {"words": f"{told}{words!r}"})
    if said != words:
        raise PydanticCustomError("table", "{words}", {"words": f"unencrypted: expected the words {words!r}"})
