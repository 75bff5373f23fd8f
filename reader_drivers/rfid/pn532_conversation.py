"""What to say to a PN532 and when: wake it, set it up, poll it, notice that it is gone."""

from __future__ import annotations

from typing import ClassVar

from reader_drivers.rfid.conversation import Command, Conversation, Reply

# Replies are told by their code, which is the command's and 1; below 0 are frames that carry none.
FIRMWARE, SAM, CONFIGURED, POLL = 0x03, 0x15, 0x33, 0x4B
ACK, NACK, ERROR = -1, -2, -3

WAKE = bytes.fromhex("55550000000000000000000000000000")  # it sleeps: this many bits until it listens
ABORT = bytes.fromhex("0000FF00FF00")  # an ACK from the host ends what the chip is at
NO_SAM = bytes((0x14, 0x01))  # no security module
ASK_FIRMWARE = bytes((0x02,))
# Retries of ATR, PSL and passive activation: three tries, or a poll of an empty field would never be answered.
FINITE = bytes((0x32, 0x05, 0x00, 0x01, 0x02))
FIELD_OFF = bytes((0x32, 0x01, 0x00))
TWO_TARGETS_A = bytes((0x4A, 0x02, 0x00))  # 106 kbit/s, type A
MISUNDERSTOOD = "it does not understand the command"
CHIPS = {0x32: "PN532", 0x33: "PN533"}


def frame(data: bytes) -> bytes:
    """A command frame; ``data`` is the command's code and what goes with it."""
    body = b"\xd4" + data
    return b"\0\0\xff" + bytes((len(body), -len(body) & 0xFF)) + body + bytes((-sum(body) & 0xFF, 0))


class Pn532Conversation(Conversation):
    """Wakes the chip, asks what it is, lets it give up on an empty field, and polls it."""

    kind: ClassVar[str] = "a PN532 in HSU mode"
    closing: bytes = ABORT + frame(FIELD_OFF)
    closed_by: int | None = CONFIGURED

    def __init__(self, reader: str, now: float, poll_s: float) -> None:
        self._poll_s = poll_s
        self._poll_at = now
        opening = [
            Command(WAKE + frame(NO_SAM), SAM, "wake", required=True),
            Command(frame(ASK_FIRMWARE), FIRMWARE, "tell its firmware"),
            Command(frame(FINITE), CONFIGURED, "give up on an empty field"),
        ]
        super().__init__(reader, opening, now)

    def _answers(self, command: Command, reply: Reply) -> bool:
        return reply.command in (command.answer, ERROR)

    def _refusal(self, reply: Reply) -> str | None:
        is_error = reply.command == ERROR
        return MISUNDERSTOOD if is_error and self._queue[0].answer != POLL else None

    def _learn(self, reply: Reply, now: float) -> None:
        if reply.command in (POLL, ERROR):
            self._poll_at = now + self._poll_s
            self.quiet = MISUNDERSTOOD if reply.command == ERROR else None
        elif reply.command == FIRMWARE and len(reply.data) >= 3:
            chip, version, revision = reply.data[:3]
            self.firmware = f"{CHIPS.get(chip, f'chip {chip:02X}')}, firmware {version}.{revision}"

    def _upcoming(self, now: float) -> list[Command]:
        if now < self._poll_at:
            return []
        return [Command(frame(TWO_TARGETS_A), POLL, "poll", required=True, tries=2, within=1.0)]

    def _upcoming_at(self) -> float:
        return self._poll_at
