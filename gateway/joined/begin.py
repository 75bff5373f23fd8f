"""Whether this house has a hub: the link to it, or none; what a link needs is imported where there is one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.core.gateway import Gateway
from gateway.records import hub_cursors
from gateway.settings.joining import Joined as Settings


@dataclass(slots=True)
class Hub:
    """What the runtime holds on to: what keeps the link, what ``/health`` says of it, what somebody has to see to."""

    keeping: Callable[[], list[Coroutine[Any, Any, None]]] = list
    report: Callable[[], dict[str, Any] | None] = lambda: None
    why: Callable[[], list[str]] = list


async def _forget(house: Gateway) -> None:
    """The settings name no hub any more: what was noted of one, and whom it lent, is forgotten."""
    if hub_cursors.state(house.store.reader):
        from gateway.joined.link_of import left

        await left(house)


def hub_of(settings: Settings | None, folder: Path, house: Gateway, stack: AsyncExitStack) -> Hub:
    """The link by these settings, not begun; Prometheus is answered until ``stack`` ends."""
    if settings is None:
        return Hub(lambda: [_forget(house)])
    from gateway.joined.link_of import Link

    link = stack.enter_context(Link.of(settings, folder, house).answering())
    return Hub(lambda: [link.run()], link.report, link.why)
