"""What other venues lend, and take back."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Data, Hex
from gateway.events.erasing import ErasureBegun

Because = Literal["recalled", "erased", "unnamed", "unheard", "left"]
"""Why somebody is lent no more: the lender took them back, or erased them; a snapshot named them no more; the hub was
not heard of for too long; this venue has left the house."""


class LentChanged(Data):
    """Of somebody who is here another venue says something new; ``venue`` lends them, None: they are ours."""

    customer: str
    venue: str | None


class LentEnded(Data):
    """Somebody is lent no more: all that is known of them here is destroyed, with the ``keys`` that were lent.

    ``erasure`` is the receipt of this place, where they were erased.
    """

    customer: str
    venue: str
    because: Because
    keys: list[Hex]
    erasure: ErasureBegun | None
