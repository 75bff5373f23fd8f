"""Files that hold a secret and that others may read: what all may read is closed where it is ours, else refused."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.settings.mistakes import Mistake

log = logging.getLogger(__name__)


def closed(files: Mapping[str, str | None]) -> Iterator[Mistake]:
    """Takes from everybody but their owner what they may do with these files, by key; a Mistake where we may not."""
    for key, file in files.items():
        if file is None or not Path(file).is_file():
            continue
        mode = stat.S_IMODE(Path(file).stat().st_mode)
        if _given_by_systemd(file):
            continue  # readable by this service alone; what looks like its group's right is the mask of its own
        if not mode & stat.S_IRWXO:
            if mode & stat.S_IRWXG:  # a group may be meant, so we take nothing from it, and do not use the file either
                words = (
                    f"its group may read it (mode {mode:04o}); type: sudo chmod 0600 {file}, or hand it to the service"
                )
                yield Mistake(key, file, f"{words} with LoadCredential=")
            continue
        try:
            if Path(file).stat().st_uid != os.geteuid():
                raise PermissionError
            Path(file).chmod(mode & stat.S_IRWXU)
        except OSError:
            words = f"everybody on this machine may read it (mode {mode:04o}); type: sudo chmod 0600 {file}"
            yield Mistake(key, file, words)
        else:
            log.warning(
                "%s: everybody on this machine could read %s (mode %04o); it is its owner's alone now (mode %04o)."
                " Who could read it before has it still: where that matters, ask for a new one",
                key, file, mode, mode & stat.S_IRWXU,
            )  # fmt: skip


def _given_by_systemd(file: str) -> bool:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and Path(file).absolute().is_relative_to(Path(str(folder)))
