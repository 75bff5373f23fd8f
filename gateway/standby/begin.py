"""Whether this box stands by, and what there is to do then; what that needs is imported where it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.standby.names import FILE

if TYPE_CHECKING:
    from gateway.settings.venue import VenueConfig


def stands_by(folder: Path) -> bool:
    """Whether another box of this venue is the first. Raises Damaged."""
    if not (folder / FILE).exists():
        return False
    from gateway.standby import papers

    paper = papers.read(folder)
    return paper is not None and paper.role == "standby"


async def stand_by(config: VenueConfig, folder: Path) -> bool:
    """Follows the first box until it is ended (False) or took over (True). Raises what the store raises."""
    from gateway.standby import papers
    from gateway.standby.serving import Serving

    paper = papers.read(folder)
    return paper is not None and await Serving(config, folder).run(paper)


async def moved(config: VenueConfig, folder: Path, _: object) -> None:
    """Once the doors are open of a box that took over: the tablets' address moves here."""
    from gateway.standby.taking_over import run_program

    await run_program(config.standby.on_promote, folder)
