"""What there is behind the doors of one house."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.core.gateway import Gateway
from gateway.core.outlet import Outlet
from gateway.core.shapes import Shape
from gateway.operations.copies import Copies
from gateway.operations.live_settings import LiveSettings
from gateway.operations.overruns import Overruns
from gateway.operations.partners import PartnerHook
from gateway.operations.toolbox import Toolbox
from gateway.operations.webhooks import Hook
from gateway.settings.venue import VenueConfig


@dataclass(slots=True)
class House:
    """Whole, before anybody can come in; ``report`` is what ``/health`` answers."""

    config: VenueConfig
    folder: Path
    gateway: Gateway
    outlet: Outlet
    tools: Toolbox
    settings: LiveSettings
    report: Callable[[], Shape]
    overruns: Overruns
    demo: bool
    copies: Copies
    hooks: Sequence[Hook | PartnerHook]
