"""``moments consent`` and ``moments notice``, through the gateway that runs: a stop is everywhere at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

import click

from gateway.commands.ending import fail
from gateway.operations.control import GatewayRefused, NotRunning, ask

MOST = 200_000  # letters in a file of a text: more is another file


def listed(customer: str, data: Path, *, every: bool) -> None:
    """Prints a line for each act: when, what, to which purpose, until when, how and before whom."""
    rows = _ask(data, "GET", f"{_of(customer)}/consents" + ("?all=1" if every else ""))
    for row in rows:
        about = "/".join(filter(None, (row["purpose"], row["partner"], row["brand"])))
        until = f"until {row['last_day']}" if row["last_day"] else ""
        notice = "/".join(map(str, (row["notice"]["id"], row["notice"]["version"]))) if row["notice"] else ""
        who = f"before {row['witness']}" if row["witness"] else ""
        renew = "to be asked again" if row["renew"] and row["state"] == "alive" else ""
        parts = (row["granted_at"], row["state"], about, until, row["method"], notice, who, renew, row["id"])
        click.echo("  ".join(filter(None, parts)))
    if not rows:
        click.echo("nothing" if every else "nothing is alive; --all shows what was said before", err=True)


def give(
    customer: str, purpose: str, data: Path, about: Mapping[str, str | None], *, notice: str | None, shown: str | None,
    lifts: Sequence[str],
) -> None:  # fmt: skip
    """Records a consent that was signed on paper; with a notice it says which text was read before."""
    body: dict[str, Any] = {"purpose": purpose, "method": "paper"}
    body |= {name: value for name, value in about.items() if value is not None}
    if notice is not None:
        id_, _, rest = notice.partition("/")
        version, _, language = rest.partition("/")
        if not version.isdigit() or not language or shown is None:
            fail("--notice: expected ID/VERSION/LANGUAGE, and with it --shown", 2)
        body["notice"] = {"id": id_, "version": int(version), "language": language, "shown_at": shown}
        body["lifts"] = list(lifts)
    elif lifts:
        fail("--lifts: goes with --notice; without it every stop that is known is named", 2)
    made = _ask(data, "POST", f"{_of(customer)}/consents", body)
    click.echo(f"{made['purpose']} until {made['last_day']}: {made['id']}")
    if made["receipt"]:
        click.echo(f"receipt {made['receipt']}")


def stop(customer: str, purpose: str, data: Path, about: Mapping[str, str | None]) -> None:
    """Ends what was agreed to; also where nothing was alive it is written down."""
    query = urlencode({name: value for name, value in about.items() if value is not None})
    _ask(data, "DELETE", f"{_of(customer)}/consents/{quote(purpose, safe='')}" + (f"?{query}" if query else ""))
    click.echo(f"{purpose} has ended")


def printed(customer: str, data: Path, language: str, paper: str) -> None:
    """Writes the newest receipt as HTML."""
    receipts = _ask(data, "GET", f"{_of(customer)}/receipts")
    if not receipts:
        fail("this customer has no receipt")
    newest = max(receipts, key=lambda row: str(row["at"]))
    page = _ask(data, "POST", f"/api/receipts/{newest['id']}/print", {"language": language, "paper": paper})
    click.echo(page["html"], nl=False)


def notices(data: Path, *, every: bool) -> None:
    """Prints the texts' versions, with the hash of each language."""
    for row in _ask(data, "GET", "/api/notices" + ("?all=1" if every else "")):
        since = row["published_at"] or "comes with the product"
        material = "  material" if row["material"] else ""
        click.echo(f"{row['id']}/{row['version']}  {', '.join(row['purposes'])}  {since}{material}")
        for language, hash_ in row["hashes"].items():
            click.echo(f"    {language}  {hash_}")


def publish(
    id_: str, texts: Sequence[str], purposes: Sequence[str], version: int | None, data: Path, *, material: bool
) -> None:
    """Publishes a version of a notice from files."""
    found = {}
    for each in texts:
        language, _, name = each.partition("=")
        try:
            found[language] = Path(name).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            fail(f"--text {each}: {error}", 2)
        if not found[language] or len(found[language]) > MOST:
            fail(f"--text {each}: expected a text that can be read in one go", 2)
    body = {"id": id_, "texts": found, "material": material}
    body |= {"purposes": list(purposes)} if purposes else {}
    body |= {"version": version} if version is not None else {}
    made = _ask(data, "POST", "/api/notices", body)
    click.echo(f"{made['id']}/{made['version']} for {', '.join(made['purposes'])}")


def _of(customer: str) -> str:
    return f"/api/customers/{quote(customer, safe='')}"


def _ask(data: Path, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    try:
        return ask(data, method, path, body)
    except NotRunning as error:
        _refused(f"{error}: what is agreed to or ended is told to everybody by a gateway that runs")
    except GatewayRefused as refused:
        stops = refused.problem.get("stops") or ()
        for each in stops:
            click.echo(f"stop {each['id']}: {each['act']} at {each['at']}", err=True)
        _refused(str(refused))


def _refused(words: str) -> NoReturn:
    fail(words)
