"""What the gateway answers of receipts, and of the keys that sign them."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from gateway.events.data import Time
from gateway.events.sent import Sent


class ChangedMember(Sent):
    """A member of a receipt that is not what was signed, and why that is known."""

    member: str
    why: str


class Core(Sent):
    """What a receipt's signature stands for: each purpose that was given with its last day, and which were not."""

    v: int
    id: str
    at: str
    kid: str
    sub: str
    brand: str
    given: dict[str, str | None]
    refused: list[str]
    ended: list[str]
    notice: str | None
    whole: str


class Verified(Sent):
    """Whether a receipt is whole; ``operator`` is what people compare with the sign, ``core`` what was signed."""

    state: Literal["good", "unknown", "changed"]
    changed: list[ChangedMember]
    operator: str | None
    core: Core | None
    whole: bool


class Head(Sent):
    """Where the journal of a venue stood."""

    venue: str
    epoch: int
    position: int


class StolenKey(Sent):
    """Since when a key is in other hands: receipts of it count below this head alone."""

    at: str
    head: Head


class Certificate(Sent):
    """A public key, for what, from which day until which, and the id of the key that says so."""

    model_config = ConfigDict(populate_by_name=True)

    kid: str
    key: str
    use: Literal["receipts", "operator"]
    venue: str | None = None
    begins: str = Field(alias="from")
    until: str | None
    by: str


class Certified(Sent):
    """A certificate and its signature."""

    cert: Certificate
    signature: str


class CertifiedKey(Certified):
    """A house's key, as it is exported."""

    stolen: StolenKey | None


class OperatorKey(Sent):
    """An operator's public key, as it stands on the sign, and the certificate of it by the one before."""

    model_config = ConfigDict(populate_by_name=True)

    kid: str
    key: str
    sign: str
    begins: str = Field(alias="from")
    until: str | None
    stolen: StolenKey | None
    crossed: Certified | None


class PublicKeys(Sent):
    """Public keys, as ``moments keys export`` writes them and ``moments receipt verify --trust`` takes them."""

    format: Literal["moments-keys-1"]
    operators: list[OperatorKey]
    keys: list[CertifiedKey]


class KeyKind(Sent):
    """One kind of key: when it was last made anew, in how many days of that it is due, and whether that is over."""

    what: str
    rotated_at: Time | None
    due_days: int
    overdue: bool
    under_way: bool


class Rotated(Sent):
    """What was made anew, the operator's key as it stands on the sign now, and what nobody can be told again.

    ``told`` are the new passwords of the broker's users, or the fingerprints of the certificate authority.
    """

    what: str
    sign: str | None
    told: dict[str, str]
