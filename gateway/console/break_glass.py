"""Break-glass: asked by one, confirmed by another with their PIN on another tablet, for half an hour, for reading."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fastapi import Request, Response

from gateway import pins
from gateway.console.act import House, respond
from gateway.console.bodies_security import AskGlass, ConfirmGlass
from gateway.console.guesses import Guesses
from gateway.console.problems import Problem, documented
from gateway.console.roles import Principal
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.sessions import Sessions
from gateway.console.sign_in import pin_hash_of
from gateway.core import forgetting
from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.glass import Opening, Scope
from gateway.core.shapes import Shape
from gateway.events.event import News
from gateway.events.times import iso
from gateway.records import customers, journal_search
from gateway.service.alert import Refused

router = Routes(prefix="/api/break-glass", tags=["security"])
GONE = documented(404, 503, 507)
OF_VISITS = ("visit.arrived", "visit.moved", "visit.departed")
LONGEST_LIST = 1_000
QUARANTINE = "quarantine"
OF_THE_HOUSE = frozenset({"export", QUARANTINE})


@router.get("", response_model="list[answers_security.Opening]", dependencies=[right("glass")])
async def every(house: House, who: Who) -> Response:
    """What waits to be confirmed, and what is open: for managers and named officers all, for others their own."""
    mine = house.glass.all() if _confirms(house, who) else [o for o in house.glass.all() if o.a == who.staff]
    return respond([shape(house, each, who) for each in mine])


@router.post(
    "", status_code=201, response_model="answers_security.Opening", responses=GONE, dependencies=[right("glass")]
)
async def ask(body: AskGlass, request: Request, house: House, who: Who) -> Response:
    """Asks for what nobody may look at alone; another manager or named officer confirms it within five minutes."""
    staff = _person(who)
    scope = _scope(house, body)
    device = _device(request, who)
    opening = await _told(house, who, lambda: house.glass.ask(staff, device, body.reason, scope), "glass.asked")
    return respond(shape(house, opening, who), 201)


@router.post(
    "/{glass}/confirm",
    response_model="answers_security.Opening",
    responses=documented(401, 404, 409, 429, 503, 507),
    dependencies=[right("glass")],
)
async def confirm(glass: str, body: ConfirmGlass, request: Request, house: House, who: Who) -> Response:
    """Opens it, with the PIN of whoever confirms: not who asked, and not on the same tablet."""
    staff = _person(who)
    if not _confirms(house, who):
        raise Problem(403, "another manager or a named officer confirms this")
    sessions: Sessions = request.app.state.sessions
    guesses: Guesses = request.app.state.guesses
    device = _device(request, who)
    _refusing(lambda: house.glass.waiting(glass, staff, device))
    source = sessions.source(request)
    guesses.begin(source, staff)
    if not await pins.matches(pin_hash_of(house, staff), body.pin, house.store.keyring.secrets):
        guesses.wrong(source, staff)
        tried = {"staff": staff, "tablet": sessions.tablet_of(who.door)}
        house.note([News("sign_in.refused", staff, tried)])
        raise Problem(401, "wrong PIN")
    guesses.right(source, staff)
    opening = await _told(house, who, lambda: house.glass.confirm(glass, staff, device), "glass.opened")
    if opening.scope.kind == QUARANTINE and house.memory.quarantined is not None:
        await forgetting.lift(house, "signed", [opening.a, staff], opening.reason)
        house.glass.close(glass)
        house.note([ended(opening, "closed")])
    return respond(shape(house, opening, who))


@router.delete("/{glass}", status_code=204, responses=GONE, dependencies=[right("glass")])
async def close(glass: str, house: House, who: Who) -> Response:
    """Ends it before its time: who asked, and whoever may confirm."""
    found = house.glass.get(glass)
    if found is None or (found.a != who.staff and not _confirms(house, who)):
        raise Problem(404, "nothing is open here")
    house.glass.close(glass)
    await house.act(lambda: Action(None, 204, news=[ended(found, "closed")]), who.id)
    return respond(None, 204)


@router.get(
    "/{glass}/zone",
    response_model="list[answers_security.ZoneStay]",
    responses=documented(404),
    dependencies=[right("glass")],
)
async def zone(glass: str, house: House, who: Who) -> Response:
    """Who came to a zone and left it, in the time that was opened, oldest first; each is a look at them."""
    found = house.glass.get(glass)
    if found is None or found.b is None or found.a != who.staff or found.scope.kind != "zone":
        raise Problem(404, "no zone is open for you here")
    rows = _stays(house, found.scope)
    for customer in dict.fromkeys(row["customer"] for row in rows):
        house.looks.at(customer, who.id, "break_glass")
    return respond(rows)


def _stays(house: Gateway, scope: Scope) -> list[Shape]:
    events = journal_search.between(house.store.reader, OF_VISITS, scope.begins, scope.ends, LONGEST_LIST)
    return [
        {
            **{key: house.views.named(e.data["customer"])[key] for key in ("customer", "name", "address_as")},
            "type": e.type,
            "at": iso(e.time),
            "visit": e.data["visit"],
        }
        for e in events
        if e.data and e.data.get("zone") == scope.about
    ]


def _scope(house: Gateway, body: AskGlass) -> Scope:
    """What is asked for, where there is such a thing; raises Problem(422)."""
    if house.memory.quarantined is not None and body.kind in ("customer", "zone", "export"):
        raise Problem(422, "kind: the house is in quarantine and knows nobody; two may end that")
    if body.kind == "customer":
        return Scope("customer", _named(house, body.about))
    if body.kind == "zone":
        if body.about not in {z.id for z in house.config.zones}:
            raise Problem(422, f"about: there is no zone {body.about!r}")
        if body.begins is None or body.ends is None or body.begins >= body.ends:
            raise Problem(422, "from, until: expected a time and a later one")
        return Scope("zone", body.about, body.begins, body.ends)
    if body.kind in OF_THE_HOUSE:
        if body.kind == QUARANTINE and house.memory.quarantined is None:
            raise Problem(422, "kind: the house is not in quarantine")
        return Scope(body.kind, house.config.venue.id)
    member = house.memory.floor.member(body.about)
    if member is None or "manager" not in member.roles:
        raise Problem(422, "about: expected the id of a manager who is locked out")
    return Scope("manager", body.about)


def _named(house: Gateway, about: str) -> str:
    """The customer of this id, alias or name, whatever they wish; raises Problem(422) where there is not one alone."""
    customer = house.memory.family.root(house.names.ours(about))
    if house.memory.meet(customer) is not None:
        return customer
    wanted = " ".join(about.split()).casefold()
    found = {
        house.memory.family.root(each.id)
        for each in customers.customers(house.store.reader)
        if wanted in {" ".join(name.split()).casefold() for name in (each.name, each.address_as or "")}
    }
    if len(found) > 1:
        raise Problem(422, f"about: {len(found)} customers have this name; expected the whole name, or the id")
    if not found:
        raise Problem(422, "about: there is no customer with this name or id")
    return found.pop()


def _person(who: Principal) -> str:
    if who.staff is None or not who.by_cookie:
        raise Problem(403, "this takes people who are signed in on a tablet")
    return who.staff


def _confirms(house: Gateway, who: Principal) -> bool:
    officers: Collection[str] = house.config.break_glass.officers
    return who.lead or (who.staff is not None and who.staff in officers)


def _device(request: Request, who: Principal) -> str:
    """Which tablet this is: the paired one on which they signed in, else the address that it comes from.

    What the request itself says of its tablet is a cookie, which whoever holds the tablet may take out.
    """
    sessions: Sessions = request.app.state.sessions
    tablet = sessions.tablet_of(who.door)
    return f"tablet {tablet}" if tablet else f"address {request.client.host if request.client else ''}"


async def _told(house: Gateway, who: Principal, make: Callable[[], Opening], type_: str) -> Opening:
    """What was asked for or opened, once it is written down."""
    done: list[Opening] = []

    def decide() -> Action:
        done[:] = [make()]
        opening = done[0]
        data = {
            "glass": opening.id, "a": opening.a, "b": opening.b, "reason": opening.reason, "kind": opening.scope.kind,
            "about": opening.scope.about, "until": iso(house.memory.clock.shown(opening.until)),
        }  # fmt: skip
        return Action(None, news=[News(type_, opening.id, data)])

    try:
        await house.act(decide, who.id)
    except Refused as refused:
        raise Problem(refused.status, refused.reason) from None
    except Exception:
        for opening in done:
            house.glass.close(opening.id)  # what is not written down is not open
        raise
    return done[0]


def _refusing(check: Callable[[], object]) -> None:
    try:
        check()
    except Refused as refused:
        raise Problem(refused.status, refused.reason) from None


def ended(opening: Opening, because: str) -> News:
    """What is told when something that waited or was open is over."""
    return News("glass.ended", opening.id, {"glass": opening.id, "opened": opening.b is not None, "because": because})


def shape(house: Gateway, opening: Opening, who: Principal) -> Shape:
    """An opening as it is shown: whose name it is about to whoever confirms it, and to who asked once it is open."""
    floor = house.memory.floor
    shown = opening.scope.kind == "customer" and (opening.b is not None or opening.a != who.staff)
    person = house.memory.meet(opening.scope.about) if shown else None
    return {
        "id": opening.id,
        "kind": opening.scope.kind,
        "about": opening.scope.about,
        "about_name": (person.address_as or person.name) if person is not None else None,
        "reason": opening.reason,
        "a": opening.a,
        "a_name": floor.name_of(opening.a),
        "b": opening.b,
        "b_name": floor.name_of(opening.b),
        "state": "waiting" if opening.b is None else "open",
        "until": iso(house.memory.clock.shown(opening.until)),
    }
