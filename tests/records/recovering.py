"""A house with a recovery key, as set-up makes one, and somebody who has its sheet."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from gateway.records import recovery
from gateway.records.recovery import Recovery
from gateway.records.seal import Keyring

SHEETS: dict[bytes, bytes] = {}
"""Every sheet that was printed in these tests: public half to private half."""


def with_recovery(folder: Path) -> bytes:
    """Makes the recovery key of a folder that was opened before; answers its private half."""
    with closing(Keyring(folder, read_only=True)) as keyring:
        made, secret = recovery.make(folder, keyring.hand)
    SHEETS[made.public] = secret
    return secret


def on_the_sheet(of: Recovery) -> bytes:
    """Answers whoever asks for a recovery key with what stands on its sheet."""
    return of.secret(" ".join(recovery.in_words(SHEETS[of.public])))
