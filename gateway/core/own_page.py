"""What a customer sees on their own page: everything that is known of them, who looked, and who received it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gateway.consent.purposes import RECOGNISE
from gateway.consent.signatures import groups
from gateway.core import consent_shapes, shapes
from gateway.core.actions import own_page
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape, iso_or_none
from gateway.core.suggested import of
from gateway.core.suggestions import row
from gateway.events.event import CUSTOMER
from gateway.events.times import iso
from gateway.records import hub_cursors, lent, pages, person_journal, person_rows, receipt_keys, receipts
from gateway.records.customers import FOR_GOOD, Customer
from gateway.records.fold import HOUSES
from gateway.records.lines import lines as lines_of
from gateway.records.person_journal import LOOKS, Line
from gateway.service import card

AT = {"card.shown": "card", "access.overridden": "anyway", "person.exported": "file", "customers.exported": "all"}
"""What was looked at, where the event's type alone says so."""
STATES = {"alive": "given", "never_asked": "never", "refused": "refused", "expired": "expired"}
EXPLAINED = 50  # cards that are explained, the newest


def opening(house: Gateway, customer: Customer) -> Shape:
    """What the link alone shows: nothing that names anybody."""
    page = pages.of(house.store.reader, customer.id)
    return {
        "venue": house.config.venue.name.by_language(),
        "house": house.config.venue.id,
        "timezone": house.config.venue.timezone,
        "language": customer.language or None,
        "at": iso(house.memory.now()),
        "linked_at": iso_or_none(page.linked_at if page else None),
        "digits": own_page.state_of_digits(page),
        "controller": controller(house),
        "consents": consents(house, customer),
        "receipts": [{"id": each.id, "at": iso(each.at)} for each in handed(house, customer)],
        "operator": groups(key) if (key := receipt_keys.operator_key(house.store.keyring)) else None,
        "wishes": list(customer.wishes),
    }


def handed(house: Gateway, customer: Customer) -> list[receipts.Handed]:
    """The receipts that the customer was given, by all of their records, the newest first."""
    every = [
        each for one in house.memory.family.all_of(customer.id) for each in receipts.handed(house.store.reader, one)
    ]
    return sorted(every, key=lambda each: each.at, reverse=True)


def consents(house: Gateway, customer: Customer) -> list[Shape]:
    """What the customer agrees to, a row for each purpose and partner (and brand, where the house has several), also of
    those that they never agreed to."""
    unseen = FOR_GOOD in customer.wishes  # which is a stop of both ways to be recognised
    return [
        {
            "purpose": row["purpose"], "brand": brand or None,
            "partner": row["partner"], "partner_name": row["partner_name"],
            "labels": row["labels"], "data": row["data"], "since": row["since"],
            "state": "ended" if unseen and row["purpose"] in RECOGNISE and row["state"] == "alive"
            else STATES.get(row["state"], "ended"),
            "until": row["last_day"],
        }
        for brand in (house.config.privacy.brands if house.brands.several else ("",))
        for row in consent_shapes.purposes(house.memory, customer.id, house.memory.certain(), brand)
    ]  # fmt: skip


def controller(house: Gateway) -> Shape | None:
    """Who answers for the data, and how they are reached."""
    found = house.config.privacy.controller
    return None if found is None else {"name": found.name, "address": found.address, "contact": found.contact}


# --- with the digits -------------------------------------------------------------------------------------------------


class Stored(NamedTuple):
    """All that the disk holds of one person: the lines of the journal, and the rows of each table."""

    lines: list[Line]
    rows: dict[str, list[Shape]]


def stored(house: Gateway, records: Sequence[str]) -> Stored:
    """Reads the whole journal of one person and every row of theirs, so it belongs in a thread."""
    with closing(house.store.open_reader()) as reader:
        return Stored(person_journal.lines(reader, records), person_rows.rows(reader, records))


def whole(house: Gateway, customer: Customer, all_of_it: Stored) -> Shape:
    """What the digits show beside that."""
    lines, facts = all_of_it.lines, every_fact(house, customer)
    return {
        "person": {
            "id": customer.id, "name": customer.name, "address_as": customer.address_as or None,
            "language": customer.language or None, "tier": customer.tier or None, "birthday": customer.birthday,
            "associate": house.memory.floor.name_of(customer.associate),
            "deputy": house.memory.floor.name_of(customer.deputy), "meets": len(customer.meets),
        },
        "facts": [_fact(each) for each in facts if each["value"]],
        "carries": [{"scheme": c.scheme, "label": c.label} for c in house.memory.people.carried(customer.id)],
        "looks": [_look(house, line) for line in reversed(lines) if line["type"] in LOOKS],
        "received": person_journal.recipients(lines),
        "lending": lending(house, customer),
        "cards": explained(house, customer, lines),
        "suggestion": suggestion(house, customer),
        "suggested": suggested(house, customer),
        "corrections": corrections(facts, lines),
        "rows": all_of_it.rows,
    }  # fmt: skip


def every_fact(house: Gateway, customer: Customer) -> list[Shape]:
    """Every fact that is stored, also where nobody else is shown it any more."""
    known = house.memory.known.of(customer.id)
    return [shapes.preference(line, house.memory.floor) for line in lines_of(known.facts, known.merged, slips_too=True)]


def _fact(shown: Shape) -> Shape:
    names = ("id", "category", "value", "code", "polarity", "basis", "scope", "at", "state")
    by = None if shown["by"] == CUSTOMER else shown["by_name"]
    return {**{name: shown[name] for name in names}, "by": by, "told": shown["told"]}


def _look(house: Gateway, line: Line) -> Shape:
    """Who looked, when, at what and why."""
    data = line["data"]
    what = AT.get(line["type"]) or data.get("why") or data.get("where")
    return {
        "at": line["at"], "by": _named(house, line), "house": line["house"], "what": what, "reason": data.get("reason"),
    }  # fmt: skip


def _named(house: Gateway, line: Line) -> str | None:
    """Who acted, by name, or as another house calls them; None: the customer."""
    if line["by"] == CUSTOMER:
        return None
    here = line["house"] == house.config.venue.id
    return house.memory.floor.name_of(line["by"]) if here else str(line["by"])


def lending(house: Gateway, customer: Customer) -> Shape | None:
    """What other houses of the operator know, by way of its hub; None where they were told of nothing, ever."""
    records, reader = house.memory.family.all_of(customer.id), house.store.reader
    told, wrote = hub_cursors.told_of(reader, records), lent.writers(reader, records)
    if told is None and not wrote:
        return None
    agrees = any(row["purpose"] == HOUSES and row["state"] == "given" for row in consents(house, customer))
    hub = house.config.hub
    return {
        "state": "known" if told and agrees else "ending" if told else "over",
        "hub": urlsplit(hub.url).hostname if hub is not None else None,
        "houses": [{"house": each.house, "rows": each.rows, "last": iso(each.last)} for each in wrote],
    }  # fmt: skip


def corrections(facts: Sequence[Shape], lines: Sequence[Line]) -> list[Shape]:
    """What the customer put right, and of each recipient of what was wrong whether they have the right one by now.

    A partner that was told meanwhile that nothing is shared any more has let go of what was wrong with all else.
    """
    had, told, stopped = person_journal.passed_on(lines)
    values = {fact["id"]: fact["value"] for fact in facts}
    found = []
    for line in lines:
        data, at = line["data"], line["at"]
        if line["type"] != "preference.recorded" or line["by"] != CUSTOMER:
            continue
        wrong = [*data["corrects"], *data["retracts"]]
        before = {who: since for each in wrong for who, since in had.get(each, {}).items()}
        recipients = []
        for who, since in before.items():
            gone = next((stop for stop in stopped.get(who, []) if stop >= since), None)
            if gone is None or gone >= at:
                answered = told.get(data["id"], {}).get(who) or gone
                recipients.append({"kind": who[0], "recipient": who[1], "answered_at": answered})
        now = data["value"] or None
        was = [values[each] for each in wrong if each in values]
        found.append({"id": data["id"], "at": at, "was": was, "now": now, "recipients": recipients})
    return found


def explained(house: Gateway, customer: Customer, lines: Sequence[Line]) -> list[Shape]:
    """Each card that was shown about the customer: its kind, to whom it was given and what it rests on."""
    found: dict[str, Shape] = {}
    reads = {line["data"]["visit"]: line["data"] for line in lines if line["type"] == "visit.arrived"}
    for line in lines:
        data = line["data"]
        if line["type"] == "alert.opened" and data.get("stage") == "card":
            arrived: Mapping[str, Any] = reads.get(data["visit"], {})
            wanted = data["wanted"]
            found[data["alert"]] = {
                "at": line["at"], "kind": data["kind"], "zone": wanted["zone"] or None,
                "to": [house.memory.floor.name_of(each) for each in data["to"]],
                "evidence": arrived.get("evidence", {}).get("kind"),
            }  # fmt: skip
    return list(reversed(found.values()))[:EXPLAINED]


def suggestion(house: Gateway, customer: Customer) -> Shape | None:
    """What a card would suggest now, and the fact, promise, complaint or visit that it rests on."""
    memory = house.memory
    here = memory.presence.where(customer.id)
    made = card.suggest(
        offer=house.views.knowledge.on_card(customer.id, here.visit if here else "").offer,
        promises=memory.dues.of_customer(customer.id, "promise"),
        complaints=memory.dues.of_customer(customer.id, "complaint"),
        last_visit=_last(house, customer.id),
    )
    return {**made, "at": iso_or_none(made["at"])}


def suggested(house: Gateway, customer: Customer) -> list[Shape]:
    """What insight suggested about the customer, and why in their words; also after they have ended it."""
    names = ("on", "why", "held", "shown_at", "state")
    every = of(house.store.reader, house.memory.family.all_of(customer.id))
    rows = [row(house, each, lead=True) for each in reversed(every)]
    return [{name: each[name] for name in names} for each in rows]


def _last(house: Gateway, customer: str) -> float | None:
    return house.views.last_visit(customer)
