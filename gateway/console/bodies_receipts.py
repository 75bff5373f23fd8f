"""What the gateway is told of receipts and of keys."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.consent.verify import LARGEST
from gateway.console.bodies import Body, CustomerId


class ToVerify(Body):
    """The text of a receipt's file, or of its QR code on paper."""

    text: Annotated[str, Field(min_length=1, max_length=LARGEST)]


class Print(Body):
    """How a receipt is printed; ``link`` is that of the customer's own page, which no log holds."""

    language: Literal["zh-CN", "en"] | None = None
    paper: Literal["a4", "80mm"] = "a4"
    link: Annotated[str, Field(max_length=500, pattern=r"^https?://[!-~]+$")] | None = None


class Rotation(Body):
    """Which keys are made anew; ``stolen_at`` says since when the old ones are in other hands."""

    what: Literal["master", "customer", "receipts", "operator", "chain", "pins", "broker", "ca"]
    customer: CustomerId | None = None
    stolen_at: Annotated[float, Field(ge=0)] | None = None
