"""What happens on a customer's own page, and what leaves the house about one person."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.data import Data, Hex, Time


class PageLinked(Data):
    """The customer's page has a new link from now on, and the one before opens nothing; ``link`` is its keyed hash."""

    customer: str
    link: Hex
    because: Literal["staff", "receipt"]


class PageClosed(Data):
    """No link opens the customer's page any more, until there is a new one."""

    customer: str


class DigitsChosen(Data):
    """Six digits open the whole of the customer's page from now on; ``digits`` is their argon2id hash."""

    customer: str
    digits: str


class DigitsRefused(Data):
    """Wrong digits were tried on the customer's page; ``tries`` is how often in a row."""

    customer: str
    tries: int


class PageOpened(Data):
    """The customer opened the whole of their page with their digits."""

    customer: str


class Listed(Data):
    """A screen showed somebody a list with these customers on it; ``where`` is what it was a list of."""

    listed: list[str]
    where: Literal["present"]


class PassedOn(Data):
    """Another program has, and has acknowledged, what an event says of this customer.

    ``type`` and ``sequence`` are those of the event, ``about`` the fact that it told of, ``members`` what was sent.
    """

    customer: str
    recipient: str
    kind: Literal["webhook", "program", "partner"]
    type: str
    about: str | None
    members: list[str]
    sequence: int


class PassingOn(Data):
    """Something is on its way to a partner, which may have it from now on: it is told here before it is sent.

    ``about`` are the facts that it did not have before, ``ended`` those that it had and is to let go of, ``data`` the
    kinds of data that are sent, ``members`` what each fact says. ``stop``: the partner is told that nothing of this
    customer is shared any more, and nothing else. ``state`` is the digest of all that the partner has by it.
    """

    customer: str
    recipient: str
    about: list[str]
    ended: list[str]
    data: list[str]
    members: list[str]
    stop: bool
    state: Hex


class PartnerAnswered(Data):
    """A partner has acknowledged what was on its way; ``has`` are the facts of this customer that it has by then.

    ``by`` is who of the staff had that from it in another way, None: its webhook has answered.
    """

    customer: str
    recipient: str
    has: list[str]
    stop: bool
    by: str | None
    state: Hex


class PersonExported(Data):
    """Everything about one customer left in a file; ``document`` is its SHA-256."""

    customer: str
    by: Literal["customer", "staff"]
    reason: str | None
    document: str


class PersonImported(Data):
    """Everything about one customer came in a file of another house of this brand.

    ``rows`` are those of our tables, ``kept`` what has no row here and leaves again as it came, ``document`` the
    file's SHA-256, ``left_out`` how many consents no receipt bears out.
    """

    customer: str
    house: str
    exported_at: Time
    reason: str | None
    document: str
    rows: dict[str, list[dict[str, Any]]]
    kept: dict[str, Any]
    left_out: int
