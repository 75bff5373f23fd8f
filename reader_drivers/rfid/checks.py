"""The 16-bit checks of UHF readers, each by ``binascii``'s table in C: 1 µs a frame where a loop takes 40.

And what a strength must be to be believed.
"""

from __future__ import annotations

from binascii import crc_hqx

WEAKEST, STRONGEST = -127, 20  # dBm; -128 is what a byte says that was never filled in

_REFLECTED = bytes(int(f"{each:08b}"[::-1], 2) for each in range(256))


def crc_chafon(data: bytes) -> int:
    """CRC-16/MCRF4XX: polynomial 8408 reflected, from FFFF; ``123456789`` gives 6F91."""
    crc = crc_hqx(data.translate(_REFLECTED), 0xFFFF)
    return _REFLECTED[crc >> 8] | _REFLECTED[crc & 0xFF] << 8


def crc_thingmagic(data: bytes) -> int:
    """ThingMagic's CRC of at least 2 bytes: bits enter at the low end, none follow; ``123456789`` gives A69D."""
    # A register that takes 16 bits less at the end is the usual CRC of all but the last two bytes, and those two.
    return crc_hqx(data[:-2], 0x1D0F) ^ (data[-2] << 8 | data[-1])


def crc_gen2(data: bytes) -> int:
    """CRC-16/GENIBUS over PC and EPC, as a Gen2 tag sends it; ``123456789`` gives D64E."""
    return crc_hqx(data, 0xFFFF) ^ 0xFFFF


def in_dbm(told: float) -> float | None:
    """A strength that a reader told, in dBm; None for 0, which is none, and for what no receiver hears."""
    return float(told) if told and WEAKEST <= told <= STRONGEST else None
