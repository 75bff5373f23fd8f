"""What a screen is sent that is covered until its person gives the PIN again."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.sent import Sent


class Covered(Sent):
    """In place of all others for a screen that nobody has touched for too long, until its person gives the PIN.

    ``waiting``: the zones in which somebody waits for them; ``rings``: somebody has just come to.
    """

    type: Literal["covered"]
    time: Time
    waiting: list[str]
    rings: bool
