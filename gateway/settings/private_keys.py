"""Files that hold a secret, and that others on this machine may read: closed where they are ours, else refused."""

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
        if not mode & stat.S_IRWXO:
            continue  # a group may be meant: ssl-cert is one
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
