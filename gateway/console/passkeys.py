"""Passkeys beside PINs: added by whoever is signed in and gives the PIN again, used to sign in and behind the cover."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request, Response

from gateway.console import own_pin, sign_in
from gateway.console import passkey_ceremonies as ceremonies
from gateway.console.act import Act, House, respond
from gateway.console.bodies_passkeys import NewPasskey, PasskeySignIn, PinAgain, ShownPasskey
from gateway.console.guesses import Guesses
from gateway.console.passkey_ceremonies import WORDS, Challenges, NotShown, Place, Purpose
from gateway.console.problems import Problem, documented
from gateway.console.roles import Principal
from gateway.console.routes import Routes
from gateway.console.security import Who, our_own_page, right
from gateway.console.sessions import Sessions, wiped_problem
from gateway.console.staff import StaffPath, may_grant
from gateway.core.action import Action
from gateway.core.actions import passkeys as actions
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.records import passkeys
from gateway.records.passkeys import Passkey

log = logging.getLogger(__name__)
router = Routes(prefix="/api", tags=["sign-in"])
NOT_KNOWN = "this passkey is not known here"
_ONE_AT_A_TIME = asyncio.Semaphore(1)  # the first reads the library, for half a second: no queue may take both cores
T = TypeVar("T")


# --- one's own -------------------------------------------------------------------------------------------------------


@router.get("/session/passkeys", response_model="answers_passkeys.OwnPasskeys", dependencies=[right("signed-in")])
async def own(request: Request, house: House, who: Who) -> Response:
    """My passkeys, and why none can be added at the address of this console, where none can."""
    place = _place(request)
    mine = passkeys.of_staff(house.store.reader, who.staff) if who.staff and who.by_cookie else []
    found = [actions.shape(each, place.host) for each in mine]
    secure = request.app.state.sessions.secure
    return respond({"hindrance": ceremonies.hindrance(place, secure=secure), "passkeys": found})


@router.post(
    "/session/passkeys/challenge",
    response_model="answers_passkeys.CeremonyOptions",
    responses=documented(401, 409, 429),
    dependencies=[right("signed-in")],
)
async def ask_to_add(body: PinAgain, request: Request, house: House, who: Who) -> Response:
    """What the browser has an authenticator make, for whoever gives their PIN once more."""
    staff, place = _person(who), _usable(request)
    await own_pin.again(request, house, who, body.pin)
    challenge = _challenges(request).new("add", who.door)
    handle = house.store.keyring.fingerprint(f"passkey\0{staff}")  # authenticators keep it: it says nothing of anybody
    known = passkeys.of_staff(house.store.reader, staff)
    text = await _off_loop(
        lambda: ceremonies.to_add(
            place, challenge, house.config.venue.name.by_language()["en"], (handle, who.name), known
        )
    )
    return respond({"options": text})


@router.post(
    "/session/passkeys",
    status_code=201,
    response_model="answers_passkeys.OwnPasskey",
    responses=documented(401, 409, 503, 507),
    dependencies=[right("signed-in")],
)
async def add(body: NewPasskey, request: Request, house: House, who: Who) -> Response:
    """A passkey that was made for the challenge is mine from now on; 401 where it proves nothing."""
    staff, place = _person(who), _usable(request)
    response = {"clientDataJSON": body.client_data, "attestationObject": body.attestation}
    try:
        challenge = await _answered(request, body.client_data, "add", who.door)
        made = await _off_loop(lambda: ceremonies.made(place, challenge, body.id, response))
    except NotShown as why:
        log.info("a new passkey of %s was refused: %s", staff, why)
        raise Problem(401, "this passkey could not be added: it was not made here, just now") from None
    new = (made.credential, made.public_key, made.count)
    action = await house.act(lambda: actions.add(house, staff, body.name, place.host, new), who.id)
    return respond(action.answer, action.status)


@router.delete(
    "/session/passkeys/{passkey}", status_code=204, responses=documented(404), dependencies=[right("signed-in")]
)
async def remove(passkey: str, house: House, who: Who, act: Act) -> Response:
    """It opens nothing any more."""
    if who.staff is None or not who.by_cookie:
        raise Problem(404, actions.UNKNOWN)  # a program has none
    staff = who.staff
    return await act(lambda actor, now: actions.remove(house, staff, passkey))


# --- of others -------------------------------------------------------------------------------------------------------


@router.get("/passkeys", response_model="answers_passkeys.PasskeyCounts", dependencies=[right("reset")])
async def counts(house: House) -> Response:
    """How many passkeys each person has who has some."""
    found = passkeys.counts(house.store.reader)
    return respond({"staff": [{"staff": staff, "count": count} for staff, count in found.items()]})


@router.delete("/staff/{staff}/passkeys", status_code=204, responses=documented(404), dependencies=[right("reset")])
async def take(staff: StaffPath, house: House, who: Who, act: Act) -> Response:
    """Somebody lost what their passkeys are on: none of them opens anything any more."""
    may_grant(who, house, staff, ())
    return await act(lambda actor, now: actions.take_all(house, staff))


# --- signing in ------------------------------------------------------------------------------------------------------


@router.post(
    "/sign-in/passkey/challenge",
    response_model="answers_passkeys.CeremonyOptions",
    responses=documented(401, 403, 409, 429),
)
async def ask_to_sign_in(request: Request) -> Response:
    """What the browser has an authenticator sign, whoever's it is; no login."""
    our_own_page(request)
    sessions: Sessions = request.app.state.sessions
    place = _usable(request)
    if sessions.let_go(request) is not None:
        raise wiped_problem()
    if sessions.paired_only and sessions.tablet(request) is None:
        raise Problem(403, "this tablet is not paired")
    challenge = _challenges(request).new("sign_in", sessions.source(request))
    return respond({"options": await _off_loop(lambda: ceremonies.to_show(place, challenge))})


@router.post(
    "/sign-in/passkey", response_model="answers_sign_in.SignedIn", responses=documented(401, 403, 409, 429, 503, 507)
)
async def begin(body: PasskeySignIn, request: Request, house: House) -> Response:
    """Starts a session of whoever's passkey has signed the challenge, bound to this device as with a PIN. No login."""
    our_own_page(request)
    sessions: Sessions = request.app.state.sessions
    tablet = await sign_in.admitted(request, body.key)
    source = sessions.source(request)
    passkey, count, wrong = await _shown(request, house, body, body.staff, "sign_in", source)
    sign_in.note_odd(house, passkey.staff, source, tablet.id if tablet else None, wrong)
    return await sign_in.begin(
        request, house, passkey.staff, tablet, body.key, lambda: [actions.used(house, passkey, count)]
    )


@router.post(
    "/unlock/passkey/challenge", response_model="answers_passkeys.CeremonyOptions", responses=documented(401, 403, 409)
)
async def ask_to_unlock(request: Request, house: House) -> Response:
    """What the browser has an authenticator of whose session this is sign, behind the cover."""
    who, place = await _behind_cover(request), _usable(request)
    challenge = _challenges(request).new("unlock", who.door)
    known = [each for each in passkeys.of_staff(house.store.reader, who.id) if each.host == place.host]
    if not known:
        raise Problem(409, "you have no passkey for this console: give the PIN")
    return respond({"options": await _off_loop(lambda: ceremonies.to_show(place, challenge, known))})


@router.post(
    "/unlock/passkey", response_model="answers_sign_in.SignedIn", responses=documented(401, 403, 409, 429, 503, 507)
)
async def unlock(body: ShownPasskey, request: Request, house: House) -> Response:
    """Goes on behind the cover with a passkey of whose session it is."""
    who = await _behind_cover(request)
    passkey, count, _ = await _shown(request, house, body, who.id, "unlock", who.door)
    await house.act(lambda: Action(None, news=[actions.used(house, passkey, count)]), who.id)
    house.note(request.app.state.sessions.unlock(who.door))
    return respond(sign_in.signed_in(request, house, who))


async def _behind_cover(request: Request) -> Principal:
    our_own_page(request)
    who: Principal | None = await request.app.state.sessions.asks(request, behind_cover=True)
    if who is None or who.staff is None or not who.by_cookie:
        raise Problem(401, "sign in, or send a bearer token")
    return who


async def _shown(
    request: Request, house: Gateway, body: ShownPasskey, staff: str | None, purpose: Purpose, asked_by: str
) -> tuple[Passkey, int, int]:
    """The passkey that has signed, of ``staff`` where that is said; its count, and how many wrong tries came before.

    Raises Problem(401) for any other, whatever is wrong with it, and Problem(429) while whoever tries must wait.
    """
    place = _usable(request)
    guesses: Guesses = request.app.state.guesses
    source = request.app.state.sessions.source(request)
    passkey = passkeys.find(house.store.reader, ceremonies.bytes_of(body.id))
    whose = passkey.staff if passkey else sign_in.STRANGERS
    guesses.begin(source, whose)
    response = {
        "clientDataJSON": body.client_data,
        "authenticatorData": body.authenticator_data,
        "signature": body.signature,
    }
    try:
        challenge = await _answered(request, body.client_data, purpose, asked_by)
        if passkey is None or (staff is not None and staff != passkey.staff):
            raise NotShown("it is not known, or somebody else's")
        known = passkey
        count = await _off_loop(lambda: ceremonies.shown(place, challenge, known, body.id, response))
    except NotShown as why:
        guesses.wrong(source, whose)
        tablet = request.app.state.sessions.tablet(request)
        tried = {"staff": whose or None, "tablet": tablet.id if tablet else None}
        house.note([News("sign_in.refused", whose or house.config.venue.id, tried)])
        log.info("a passkey was refused: %s", why)
        raise Problem(401, NOT_KNOWN) from None
    wrong = guesses.before(source, whose)
    guesses.right(source, whose)
    return known, count, wrong


# --- what they share -------------------------------------------------------------------------------------------------


async def _answered(request: Request, client_data: str, purpose: Purpose, asked_by: str) -> bytes:
    """The challenge that an answer is to, which is used up by it; raises NotShown."""
    challenge = await _off_loop(lambda: ceremonies.challenge_in(client_data))
    _challenges(request).take(challenge, purpose, asked_by)
    return challenge


def _usable(request: Request) -> Place:
    """Where the page stands; raises Problem(409) where passkeys cannot be used, with why."""
    place = _place(request)
    why = ceremonies.hindrance(place, secure=request.app.state.sessions.secure)
    if why is not None:
        raise Problem(409, WORDS[why])
    return place


def _place(request: Request) -> Place:
    return ceremonies.place_of(request, secure=request.app.state.sessions.secure)


def _challenges(request: Request) -> Challenges:
    challenges: Challenges = request.app.state.passkeys
    return challenges


def _person(who: Principal) -> str:
    if who.staff is None or not who.by_cookie:
        raise Problem(403, "a passkey is of a person who is signed in")
    return who.staff


async def _off_loop(work: Callable[[], T]) -> T:
    async with _ONE_AT_A_TIME:
        return await asyncio.to_thread(work)
