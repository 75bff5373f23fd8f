"""A folder becomes a house: keys, the recovery key, the first manager, and last of all its ``venue.toml``.

What was interrupted before that file stood may be begun again; nothing that a house has kept is ever taken for new.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from gateway.commands.alone import opened
from gateway.commands.recovery import hand_of
from gateway.commands.staff import PIN_DIGITS, hire
from gateway.operations.live_settings import mark
from gateway.pins import random_pin
from gateway.records import recovery, signing
from gateway.records.new import BEGUN, is_new
from gateway.records.recovery import Recovery
from gateway.records.sqlite_file import private_file, private_folder, sync_folder
from gateway.settings import added
from gateway.settings.answers import Founding
from gateway.settings.locations import in_data


class NotNew(Exception):
    """There is a house already; the text says where."""


@dataclass(frozen=True, slots=True)
class Founded:
    """What is said once: the PIN, and the words that open copies (none where a passphrase was given)."""

    config: Path
    manager: str
    pin: str
    words: list[str]
    made: Recovery
    house: str


def place_of(config: Path, data: Path) -> Path:
    """Where the settings are to be written: ``config``, or beside the records where its folder is not ours to write."""
    folder = config.parent
    return config if folder.is_dir() and os.access(folder, os.W_OK) else in_data(data)


def found(
    founding: Founding, config: Path, data: Path, *, pin: str | None = None, passphrase: str | None = None
) -> Founded:
    """Makes the house and says what is said once; raises NotNew, ValueError for a short passphrase, and as the store.

    ``config`` is where ``place_of`` puts it.
    """
    if config.exists():
        raise NotNew(f"{config} is there: this venue is set up")
    if not is_new(data):
        raise NotNew(f"{data} holds a house already: bring its {config.name} back, or take another folder")
    if passphrase is not None and len(passphrase.strip()) < recovery.SHORTEST:
        raise ValueError(f"a passphrase has {recovery.SHORTEST} characters or more")
    private_folder(data)
    private_file(data / BEGUN)
    sync_folder(data)
    chosen = pin or random_pin(PIN_DIGITS)
    boss = founding.manager
    facts = {"name": boss.name, "roles": ["manager", "it"], "zones": [], "languages": [boss.language]}
    with opened(data, founding.config.venue.id) as alone:
        hire(alone, founding.manager_id, facts, chosen)
    hand = hand_of(data)
    made, secret = recovery.make(data, hand, passphrase=passphrase)
    _write(config, founding.text)
    mark(data, founding.text)
    (data / BEGUN).unlink(missing_ok=True)
    words = recovery.in_words(secret) if passphrase is None else []
    return Founded(config, founding.manager_id, chosen, words, made, signing.mark(made.house))


def _write(path: Path, text: str) -> None:
    """The whole file or none, readable by all, and never over another one."""
    made = added.beside(path, text, 0o644)
    try:
        path.hardlink_to(made)
    except FileExistsError:
        raise NotNew(f"{path} is there: this venue is set up") from None
    finally:
        made.unlink()
    sync_folder(path.parent)
