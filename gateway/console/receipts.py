"""Receipts: what customers took away; checked, shown and printed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Path, Query, Response
from fastapi.responses import HTMLResponse

from gateway.consent import paper, receipt_page
from gateway.consent.receipt_words import language_of
from gateway.consent.trust import read as trusted
from gateway.consent.verify import NoReceipt, read, verify
from gateway.console.act import Act, House, respond
from gateway.console.bodies import CustomerId
from gateway.console.bodies_receipts import Print, ToVerify
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core import receipting
from gateway.core.actions import customers as actions
from gateway.events import venue_time
from gateway.events.times import iso
from gateway.records import receipt_keys, receipts

if TYPE_CHECKING:
    from segno import QRCode

router = Routes(prefix="/api", tags=["receipts"])
UNKNOWN = documented(404)
CONSOLE = "../../"  # its files, as an answer of /api/receipts finds them
PICTURES: dict[int | str, dict[str, Any]] = {
    **UNKNOWN,
    200: {"content": {"text/html": {"schema": {"type": "string"}}, "image/svg+xml": {"schema": {"type": "string"}}}},
}


async def _kept(customer: Annotated[CustomerId, Path()], house: House) -> str:
    """Who a customer is by now."""
    return house.memory.family.root(customer)


CustomerPath = Annotated[str, Depends(_kept)]


@router.get("/receipts/keys", response_model="answers_receipts.PublicKeys")
async def keys(house: House) -> Response:
    """The public keys by which receipts of this house are checked. No login: they stand on the door sign."""
    return respond(receipt_keys.exported(house.store.keyring))


@router.post(
    "/receipts/verify",
    response_model="answers_receipts.Verified",
    responses=documented(),
    dependencies=[right("signed-in")],
)
async def check(body: ToVerify, house: House) -> Response:
    """Whether a receipt is whole and signed by a key of this operator; needs no record of it."""
    try:
        receipt = read(body.text)
    except NoReceipt as error:
        raise Problem(422, str(error)) from None
    found = verify(receipt, trusted(receipt_keys.exported(house.store.keyring)))
    return respond(
        {
            "state": found.state,
            "changed": [{"member": member, "why": why} for member, why in found.changed],
            "operator": found.operator,
            "core": found.core,
            "whole": found.whole,
        }
    )


@router.get(
    "/receipts/{receipt}", response_model="answers_receipt.Receipt", responses=PICTURES, dependencies=[right("agreed")]
)
async def show(
    receipt: str, house: House, who: Who,
    as_: Annotated[Literal["json", "html", "qr"], Query(alias="as")] = "json",
    language: Literal["zh-CN", "en"] | None = None,
    paper: Literal["a4", "80mm"] = "a4",
) -> Response:  # fmt: skip
    """A receipt as it was signed, as a page to print, or the picture of the code that proves it from paper alone."""
    found = _receipt(house, who, receipt)
    if as_ == "json":
        return respond(found)
    if as_ == "qr":
        return Response(_proof_code(found), media_type="image/svg+xml")
    return HTMLResponse(_page(house, found, Print(language=language, paper=paper), tools=True))


@router.post(
    "/receipts/{receipt}/print",
    response_model="answers_receipt.PrintedReceipt",
    responses=UNKNOWN,
    dependencies=[right("agreed")],
)
async def printed(receipt: str, body: Print, house: House, who: Who) -> Response:
    """The page to print with the code of the customer's own page on it, whose link stands in no address."""
    return respond({"html": _page(house, _receipt(house, who, receipt), body)})


@router.get(
    "/customers/{customer}/receipts", response_model="list[answers_receipt.HandedReceipt]", responses=UNKNOWN,
    dependencies=[right("agreed")],
)  # fmt: skip
async def of_customer(customer: CustomerPath, house: House, who: Who) -> Response:
    """Which receipts a customer was given, the newest first."""
    found = actions.known(house, customer)
    house.looks.at(found.id, who.id, "program" if who.program else "list")
    return respond([{"id": each.id, "at": iso(each.at)} for each in receipts.handed(house.store.reader, found.id)])


@router.post(
    "/customers/{customer}/receipts", status_code=201, response_model="answers_receipt.HandedReceipt",
    responses=UNKNOWN, dependencies=[right("withdraw")],
)  # fmt: skip
async def make(customer: CustomerPath, house: House, act: Act) -> Response:
    """A receipt of today, of everything that the customer agreed to, refused and ended."""
    return await act(lambda actor, now: receipting.asked_for(actions.known(house, customer).id, now))


def _receipt(house: House, who: Who, receipt: str) -> dict[str, Any]:
    """The receipt; that somebody looked is written down."""
    found = receipts.get(house.store.reader, receipt)
    customer = receipts.whose(house.store.reader, receipt)
    if found is None or customer is None:
        raise Problem(404, "there is no such receipt")
    house.looks.at(house.memory.family.root(customer), who.id, "program" if who.program else "list")
    return found


def _page(house: House, found: dict[str, Any], how: Print, *, tools: bool = False) -> str:
    language = how.language or language_of(found["language"])
    asked = house.memory.consenting.purposes.values()
    return receipt_page.page(
        found,
        language,
        paper=how.paper,
        zone=venue_time.zone(),
        proof=_code(paper.to_text(found["proof"])).svg_data_uri(border=4),
        link=_code(how.link).svg_data_uri(border=4) if how.link else None,
        root=CONSOLE,
        labels={each.id: each.labels[language] for each in asked if language in each.labels},
        tools=tools,
    )


def _proof_code(found: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    _code(paper.to_text(found["proof"])).save(out, kind="svg", border=4, omitsize=True)
    return out.getvalue()


def _code(text: str) -> QRCode:
    import segno  # only where a picture is made

    return segno.make(text, error="m", micro=False)
