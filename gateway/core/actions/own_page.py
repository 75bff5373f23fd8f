"""A customer's own page: what opens it, and what the customer does there."""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

from gateway.core.action import Action, Actor
from gateway.core.actions import consents, customers, preferences
from gateway.core.actions.customers import known, ours
from gateway.core.gateway import Gateway
from gateway.core.shapes import iso_or_none
from gateway.events.event import CUSTOMER, News
from gateway.records import pages
from gateway.records import preferences as stored
from gateway.records.pages import MOST_TRIES, Page
from gateway.records.preferences import Preference
from gateway.service.alert import Refused

SECRET_BYTES = 16  # 128 bits
DIGITS = 6
THEMSELVES = Actor(CUSTOMER)
METHOD = "own_page"
MENDED = ("name", "address_as", "language", "birthday")  # of their person, what a customer puts right themselves


class NewLink(NamedTuple):
    """The secret behind the ``#`` of a new link, which is written down nowhere, and the event that makes it good."""

    secret: str
    news: News


def new_link(house: Gateway, customer: str, because: str) -> NewLink:
    """A new link to the customer's page; once ``news`` is recorded it opens the page, and the one before does not.

    ``because`` is ``staff`` or ``receipt``. Raises Refused(404).
    """
    customer = ours(house, customer).id
    secret = secrets.token_urlsafe(SECRET_BYTES)
    hashed = pages.hash_of(house.store.keyring, secret).hex()
    return NewLink(secret, News("page.linked", customer, {"customer": customer, "link": hashed, "because": because}))


def address(house: Gateway, console: str) -> str:
    """Where customers' own pages are: at their own origin where the settings name one, else at the ``console``'s."""
    return f"{house.config.privacy.page or console}/me"


def link(house: Gateway, customer: str, console: str) -> Action:
    """A new link, made by staff; the answer holds it once and it can be read nowhere again."""
    made = new_link(house, customer, "staff")
    found = pages.of(house.store.reader, made.news.subject)
    answer = {
        "customer": made.news.subject,
        "link": f"{address(house, console)}#{made.secret}",
        "digits": state_of_digits(found),
    }
    return Action(answer, 201, news=[made.news])


def close(house: Gateway, customer: str) -> Action:
    """No link opens the page any more; none did: nothing changes."""
    customer = known(house, customer).id
    found = pages.of(house.store.reader, customer)
    if found is None or found.linked_at is None:
        return Action(None, 204)
    return Action(None, 204, news=[News("page.closed", customer, {"customer": customer})])


def choose(house: Gateway, customer: str, hashed: str) -> Action:
    """The customer chose six digits, of which only the hash is known; wrong ones before are forgiven."""
    customer = known(house, customer).id
    return Action(None, 204, news=[News("page.digits_chosen", customer, {"customer": customer, "digits": hashed})])


def refused(house: Gateway, page: Page) -> Action:
    """Digits are tried, and count as wrong, also over a restart; the answer is how many tries are left.

    None where there was none left: then they are not even looked at.
    """
    before = (pages.of(house.store.reader, page.customer) or page).tries
    if before >= MOST_TRIES:
        return Action(None)
    tries = before + 1
    news = News("page.digits_refused", page.customer, {"customer": page.customer, "tries": tries})
    return Action(MOST_TRIES - tries, news=[news])


def opened(page: Page) -> Action:
    """The right digits."""
    return Action(None, news=[News("page.opened", page.customer, {"customer": page.customer})])


def state_of_digits(page: Page | None) -> str:
    """``none``: none were chosen; ``locked``: too many were wrong; else ``chosen``."""
    if page is None or page.digits is None:
        return "none"
    return "locked" if page.locked else "chosen"


# --- what the customer does ------------------------------------------------------------------------------------------


def stop(house: Gateway, customer: str, purpose: str | None, partner: str, brand: str, now: float) -> Action:
    """The customer no longer agrees to this, with this partner (or brand) or with any, or to anything at all; at once.

    What nobody agreed to any more is stopped already.
    """
    customer = known(house, customer).id
    alive = house.memory.people.agreed(customer, house.memory.clock.certain(now))
    about = sorted(
        {
            one.purpose
            for one in alive
            if purpose in (None, one.purpose)
            and partner in ("", one.partner)
            and (not brand or one.brand in ("", brand))
        }
    )
    act = {"partner": partner, "brand": brand, "act": "withdrawn", "method": METHOD}
    told = [{"purpose": each, **act} for each in about]
    return Action(None, 204, news=consents.acts(house, customer, told, THEMSELVES, now)[0] if told else [])


def wish(house: Gateway, customer: str, wishes: list[str], now: float) -> Action:
    """How the customer wants to be treated from now on; nobody but they themselves take back what they ended."""
    return customers.wish(house, customer, wishes, now, keeper=True)


def correct(house: Gateway, customer: str, fact: str, told: dict[str, Any], now: float) -> Action:
    """A fact is put right: one ``stated`` by the customer names it; without a value it is taken back.

    Raises Refused: 404 where there is no such fact, 403 where new ones may not be kept.
    """
    customer = known(house, customer).id
    wrong = preferences.of(house, customer, fact)
    said = {"id": told["id"], "at": None, "basis": "stated"}
    if told["value"] is None:  # and what it had put right does not come back
        nothing = {"category": "other", "value": "", "scope": "standing", "retracts": _put_right(house, wrong)}
        gone = {**said, **nothing, "reason": "customer_asked"}
        return preferences.record(house, customer, gone, THEMSELVES, now, asked=True)
    right = {
        **said, "category": wrong.category, "polarity": told["polarity"] or wrong.polarity, "value": told["value"],
        "code": None, "lang": told["language"], "scope": "standing", "corrects": [fact], "reason": "mistaken",
    }  # fmt: skip
    return preferences.record(house, customer, right, THEMSELVES, now, asked=True)


def _put_right(house: Gateway, fact: Preference) -> list[str]:
    """The fact, and all that it put right, and what those had."""
    found = {fact.id: fact}
    waiting = [*fact.corrects]
    while waiting:
        before = stored.get(house.store.reader, waiting.pop())
        if before is not None and before.id not in found:
            found[before.id] = before
            waiting += before.corrects
    return list(found)


def mend(house: Gateway, customer: str, facts: dict[str, Any], now: float) -> Action:
    """What is known of the customer's person is put right; ``facts`` are some of ``MENDED``."""
    before = known(house, customer)
    whole = {key: facts[key] or "" for key in facts if key != "birthday"}
    if "birthday" in facts:
        whole["birthday"] = facts["birthday"]
    if not whole.get("name", before.name):
        raise Refused(422, "name: expected something that can be seen")
    changed = {key: value for key, value in whole.items() if value != getattr(before, key)}
    if not changed:
        return Action(None, 204)
    was = {key: getattr(before, key) for key in changed}
    data = {"customer": before.id, "changed": changed, "was": was, "source": CUSTOMER}
    return Action(None, 204, news=[News("customer.changed", before.id, data)])


def in_force(page: Page) -> dict[str, Any]:
    """What staff see of a customer's page: since when a link opens it, and whether digits were chosen."""
    return {"linked_at": iso_or_none(page.linked_at), "digits": state_of_digits(page)}
