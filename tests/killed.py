"""``moments`` that is killed in the middle: ``killed before|after MODULE:FUNCTION …``, as if the power had gone."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

when, place = sys.argv.pop(1), sys.argv.pop(1)
module, _, name = place.partition(":")
owner: Any = importlib.import_module(module)
*inside, name = name.split(".")
for each in inside:
    owner = getattr(owner, each)
whole = getattr(owner, name)


def killed(*arguments: Any, **named: Any) -> Any:
    """The function, and the end of this process before or after it."""
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = whole(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
    return answer


setattr(owner, name, killed)

from gateway.cli import main  # noqa: E402 - after it may be killed

main()
