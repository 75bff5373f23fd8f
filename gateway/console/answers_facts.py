"""What is known of a customer as it is answered, and the catalogue of what can be said."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.events.sent import Localised, Person, Preference, Sent


class PreferenceKept(Preference):
    """A fact as it was kept; ``recoded``: with another polarity than it was sent with, since its words read so."""

    recoded: bool = False


class Doubt(Person):
    """A fact of an older program in doubt: recorded as a like, and its words read as ``preference`` says."""

    preference: Preference


class CatalogueValue(Sent):
    """One thing that can be said: ``about`` is the thing, ``contains`` what is in it, of one ``slot`` one holds.

    ``offer``: may be suggested; ``need``: shown before likes; ``wish``: the wish that goes with it; ``sensitive``:
    health; ``hidden``: no chip is shown for it.
    """

    code: str
    category: str
    polarity: Literal["do", "avoid", "allergy"]
    about: str
    labels: Localised
    aliases: Annotated[list[str], Field(default_factory=list)]
    contains: Annotated[list[str], Field(default_factory=list)]
    slot: str | None = None
    offer: bool = False
    need: bool = False
    sensitive: bool = False
    hidden: bool = False
    wish: str | None = None


class CataloguePage(Sent):
    """The values that facts may have, in the order of the screen; ``within`` has the family of a thing.

    ``version`` counts the changes of this venue.
    """

    version: int
    languages: list[str]
    categories: list[str]
    within: dict[str, str]
    values: list[CatalogueValue]
