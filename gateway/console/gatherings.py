"""Gatherings: planned, opened with a list by rule, answered, attended, and reckoned."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response

from gateway.console.act import Act, House, respond, told
from gateway.console.bodies_gatherings import Accepting, GatheringChange, Naming, NewGathering, Reckoned
from gateway.console.problems import documented
from gateway.console.roles import Principal
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.table_files import as_csv
from gateway.console.zones import eyes_of
from gateway.core import gatherings as kept_in
from gateway.core import icalendar
from gateway.core.actions import gatherings as actions
from gateway.core.gateway import Gateway
from gateway.core.gathering_shapes import drawn_shape, gathering_shape, invitation_shape
from gateway.core.gatherings import Kept
from gateway.core.shapes import Shape
from gateway.events.times import seconds
from gateway.records import gatherings as written

router = Routes(prefix="/api", tags=["gatherings"])
STANDS = documented(404, 409)
InvitationPath = Annotated[str, Path(max_length=64)]
GatheringPath = Annotated[str, Path(max_length=64)]
Form = Annotated[Literal["json", "csv"], Query(alias="format")]
CALL_LIST = ("customer", "name", "address_as", "language", "associate", "standing", "companions", "reasons")
CALLED = frozenset({"sent", "accepted", "waiting"})
"""Standings of whom it is of use to ring up."""
ICS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/calendar": {}}}, **documented(404)}
OLD = 40  # of those that are over, the newest


@router.get(
    "/gatherings",
    response_model="list[answers_gatherings.Gathering]",
    responses=documented(404),
    dependencies=[right("service")],
)
async def every(house: House, who: Who) -> Response:
    """Gatherings of this house, the latest first; who does not lead sees those whose invitations are out."""
    actions.on(house)
    willing, now = kept_in.agreed(house), house.memory.now()
    found = [each for each in written.every(house.store.reader) if who.lead or each["state"] != "draft"]
    ahead = [each for each in found if each["state"] not in written.DONE]
    past = [each for each in found if each["state"] in written.DONE][:OLD]
    return respond([gathering_shape(house, kept_in.kept_of(house, each, willing), now) for each in [*ahead, *past]])


@router.post(
    "/gatherings",
    status_code=201,
    response_model="answers_gatherings.Gathering",
    responses=STANDS,
    dependencies=[right("lead")],
)
async def plan(body: NewGathering, house: House, act: Act) -> Response:
    """A gathering is planned; nobody is invited before it is opened."""
    said = {**body.model_dump(exclude={"id"}), "title": body.title.both()}
    for rule in said["lists"]:
        rule["category"] = rule["category"].strip().casefold() if rule["by"] == "interest" else rule["category"]
    return await act(lambda actor, now: actions.plan(house, said, body.id, actor, now))


@router.get("/gatherings/{gathering}.ics", response_class=Response, responses=ICS, dependencies=[right("service")])
async def calendar(gathering: GatheringPath, house: House, who: Who) -> Response:
    """The gathering as iCalendar: title, place and time alone."""
    return Response(ics(house, kept_in.read(house, gathering).facts), media_type=icalendar.MEDIA_TYPE)


def ics(house: Gateway, facts: Shape) -> str:
    """A gathering as iCalendar."""
    names = house.config.venue.name.by_language()
    title = " · ".join(dict.fromkeys(facts["title"].values()))
    begins, ends, at = (seconds(facts[name]) or 0.0 for name in ("begins", "ends", "at"))
    place = " · ".join(dict.fromkeys(names.values()))
    cancelled = facts["state"] == "cancelled"
    return icalendar.event(
        f"{facts['id']}@{house.config.venue.id}", title, place, begins, ends, at, cancelled=cancelled
    )


@router.get(
    "/gatherings/{gathering}",
    response_model="answers_gatherings.Gathering",
    responses=documented(404),
    dependencies=[right("service")],
)
async def one(gathering: GatheringPath, house: House) -> Response:
    """A gathering as it stands."""
    return respond(gathering_shape(house, kept_in.read(house, gathering), house.memory.now()))


@router.patch(
    "/gatherings/{gathering}",
    response_model="answers_gatherings.Gathering",
    responses=STANDS,
    dependencies=[right("lead")],
)
async def change(gathering: GatheringPath, body: GatheringChange, house: House, act: Act) -> Response:
    """What is planned is otherwise; once invitations are out, only hosts and the budget."""
    said = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    if body.title is not None:
        said["title"] = body.title.both()
    return await act(lambda actor, now: actions.change(house, gathering, said, actor, now))


@router.post(
    "/gatherings/{gathering}/open",
    response_model="answers_gatherings.Gathering",
    responses=STANDS,
    dependencies=[right("lead")],
)
async def open_(gathering: GatheringPath, house: House, act: Act) -> Response:
    """The list is drawn and invitations are out: whoever looks after a guest says so to them."""
    return await act(lambda actor, now: actions.open_(house, gathering, actor, now))


@router.post(
    "/gatherings/{gathering}/close",
    response_model="answers_gatherings.Gathering",
    responses=STANDS,
    dependencies=[right("lead")],
)
async def close(gathering: GatheringPath, house: House, act: Act) -> Response:
    """Answers end and seats are final."""
    return await act(lambda actor, now: actions.close(house, gathering, actor, now))


@router.post(
    "/gatherings/{gathering}/cancel",
    response_model="answers_gatherings.Gathering",
    responses=STANDS,
    dependencies=[right("lead")],
)
async def cancel(gathering: GatheringPath, house: House, act: Act) -> Response:
    """It does not take place."""
    return await act(lambda actor, now: actions.cancel(house, gathering, actor, now))


@router.post(
    "/gatherings/{gathering}/reckon",
    response_model="answers_gatherings.Gathering",
    responses=STANDS,
    dependencies=[right("lead")],
)
async def reckon(gathering: GatheringPath, body: Reckoned, house: House, act: Act) -> Response:
    """It is over: what it cost is divided among who was there, and what was promised there is owed."""
    said = body.model_dump()
    return await act(lambda actor, now: actions.reckon(house, gathering, said, actor, now))


# --- who is invited --------------------------------------------------------------------------------------------------


@router.get(
    "/gatherings/{gathering}/list",
    response_model="answers_gatherings.Drawn",
    responses=documented(404),
    dependencies=[right("lead")],
)
async def chosen(gathering: GatheringPath, house: House, who: Who) -> Response:
    """Whom the rules would choose now, and why; looking sends nothing."""
    kept = kept_in.read(house, gathering)
    shape = drawn_shape(house, actions.drawn(house, kept, house.memory.now()))
    house.looks.shown([*shape["chosen"], *shape["others"], *shape["for_owners"]], who.id, program=who.program)
    return respond(shape)


@router.get(
    "/gatherings/{gathering}/invitations",
    response_model="list[answers_gatherings.Invitation]",
    responses={200: {"content": {"text/csv": {}}}, **documented(404)},
    dependencies=[right("service")],
)
async def invitations(gathering: GatheringPath, house: House, who: Who, as_: Form = "json") -> Response:
    """Who is invited: a list for hosts and for who leads; anybody else sees the guests whom they may see anyway.

    As ``csv`` it is a call list, for the house's own mail or for whoever rings up.
    """
    kept = kept_in.read(house, gathering)
    line, seen = kept.evening.line(), _may_see(house, who, kept)
    rows = [invitation_shape(house, kept, person, line) for person in seen]
    house.looks.shown(rows, who.id, program=who.program)
    if as_ == "csv":
        return Response(_call_list(rows), media_type="text/csv; charset=utf-8")
    return respond(told(who, sorted(rows, key=_in_turn)))


def _may_see(house: Gateway, who: Principal, kept: Kept) -> list[str]:
    eyes, all_of_it = eyes_of(who), who.lead or who.staff in kept.facts["hosts"]
    out = [person for person, each in kept.invitations.items() if who.lead or each["standing"] != "listed"]
    return [person for person in out if all_of_it or house.sight.opens(eyes, person)]


def _in_turn(row: Shape) -> tuple[bool, int, str]:
    """Who must be minded first, then who waits in their order, then by name."""
    return not row["care"], row["place_in_line"] or 0, row["name"] or ""


def _call_list(rows: list[Shape]) -> bytes:
    called = [{**row, "reasons": "; ".join(row["reasons"])} for row in rows if row["standing"] in CALLED]
    return as_csv(CALL_LIST, called)


@router.post(
    "/gatherings/{gathering}/invitations",
    status_code=201,
    response_model="answers_gatherings.Invitation",
    responses=STANDS,
    dependencies=[right("serve")],
)
async def name(gathering: GatheringPath, body: Naming, house: House, act: Act) -> Response:
    """Somebody who knows a guest wants them there, and says why."""
    return await act(lambda actor, now: actions.name(house, gathering, body.customer, body.reason, actor, now))


@router.post(
    "/invitations/{invitation}/accept",
    response_model="answers_gatherings.Invitation",
    responses=STANDS,
    dependencies=[right("serve")],
)
async def accept(invitation: InvitationPath, house: House, act: Act, body: Accepting | None = None) -> Response:
    """The guest comes, with so many; where there are no seats they wait."""
    count = body.companions if body is not None else 0
    return await act(lambda actor, now: actions.accept(house, invitation, count, actor, now))


@router.post(
    "/invitations/{invitation}/decline",
    response_model="answers_gatherings.Invitation",
    responses=STANDS,
    dependencies=[right("serve")],
)
async def decline(invitation: InvitationPath, house: House, act: Act) -> Response:
    """The guest does not come, or not after all."""
    return await act(lambda actor, now: actions.decline(house, invitation, actor, now))


@router.post(
    "/invitations/{invitation}/here",
    response_model="answers_gatherings.Invitation",
    responses=STANDS,
    dependencies=[right("serve")],
)
async def here(invitation: InvitationPath, house: House, act: Act) -> Response:
    """A host says that the guest was there."""
    return await act(lambda actor, now: actions.here(house, invitation, actor, now))
