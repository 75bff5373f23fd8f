"""What happens to the papers of a house: they are filed, and the journal knows which."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Data

PaperKind = Literal["sign", "dpia", "register", "report", "breach"]


class PaperFiled(Data):
    """A paper was printed to hang or to file; ``code`` stands for all that it says."""

    paper: PaperKind
    code: str
