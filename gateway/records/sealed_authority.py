"""The key of the house's certificate authority in a copy, sealed with the master key, and so by the recovery key.

A house that is brought back on another machine is the one that its tablets trust.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from gateway.records import outside
from gateway.records.errors import Altered, Damaged
from gateway.records.manifest import beside
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import private_file
from gateway.records.swap import AUTHORITY, TLS

BOUND = b"the authority of this house"


def seal(data_folder: Path, copy: Path) -> None:
    """Puts the authority's key beside a copy, sealed; nothing where the house has no authority of its own."""
    source = data_folder / TLS / AUTHORITY
    if not source.exists():
        return
    with closing(Keyring(data_folder, read_only=True)) as keyring:
        outside.replace(beside(copy, "authority"), keyring.wrapping.wrap(source.read_bytes(), BOUND))


def stage(staged: Path, copy: Path, data_folder: Path) -> None:
    """Stages the authority of a copy for a folder that has none; raises Damaged for one that was changed."""
    sealed = beside(copy, "authority")
    if not sealed.exists() or (data_folder / TLS / AUTHORITY).exists():
        return
    with closing(Keyring(staged, read_only=True)) as keyring:
        try:
            key = keyring.wrapping.unwrap(sealed.read_bytes(), BOUND)
        except Altered as error:
            raise Damaged(f"{sealed.name} does not open with the master key of this copy, or was changed") from error
    private_file(staged / AUTHORITY)
    (staged / AUTHORITY).write_bytes(key)
