"""``moments walk-test``."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from gateway.commands.ending import fail, settings
from gateway.commands.record import listen_to_all
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.operations.walk_test import CHOOSE_FOR, WalkTest
from gateway.recognition.identifiers import BadIdentifier, parse
from gateway.settings.venue import VenueConfig

EVERY = 0.5  # seconds between looks
WALK = "/api/walk-test"
HERE = "/api/walk-test/here"
CONFLICT = 409


def run(config: Path, data: Path, tag: str | None, seconds: float, *, teach: bool = False) -> None:
    """Shows how far the walk is until all has passed, Ctrl-C, or some seconds; ends with 1 unless all passed.

    With ``teach`` it goes on until every zone was typed as well, each while one stands in it.
    """
    try:
        identifier = parse(tag) if tag is not None else None
    except BadIdentifier as bad:
        fail(f"--tag: {bad}", 2)
    if identifier is not None and identifier.startswith("irk:"):
        fail("--tag: the key of a phone is a secret, and no argument: leave --tag out and hold the phone closest", 2)
    try:
        _begin(data, identifier)
    except NotRunning as not_running:
        if teach:
            fail(f"{not_running}: the gateway is who learns", 2)
        if not config.exists():
            fail(f"{not_running}, and there is no {config}", 2)
        click.echo(f"{not_running}: opening the readers of {config}", err=True)
        found = _alone(settings(config), identifier, seconds)
    else:
        found = _with_gateway(data, identifier, seconds, teach=teach)
    _verdict(found)


def _begin(data: Path, identifier: str | None) -> None:
    """Begins a walk in place of one that is under way: whoever walked before has gone. Raises NotRunning."""
    try:
        ask(data, "POST", WALK, {"identifier": identifier})
    except GatewayRefused as refused:
        if refused.status != CONFLICT:
            fail(str(refused))
        ask(data, "DELETE", WALK)
        ask(data, "POST", WALK, {"identifier": identifier})


def _with_gateway(data: Path, identifier: str | None, seconds: float, *, teach: bool) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        walk: dict[str, Any] | None = ask(data, "GET", WALK)["walk"]
        if walk is None:
            raise GatewayRefused("the walk was ended by somebody else")
        return walk

    def stand(zone: str) -> str:
        try:
            walk = ask(data, "POST", HERE, {"zone": zone})
        except GatewayRefused as refused:
            return str(refused)
        return f"learnt  {zone}: {walk['taught'][zone]}"

    watch = Watch(look, seconds, stand if teach else None)
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(watch.until_passed(identifier))
    except (NotRunning, GatewayRefused) as error:
        fail(str(error))
    finally:
        with suppress(NotRunning, GatewayRefused):  # whatever happens here, the gateway lets go of the test tag
            ask(data, "DELETE", WALK)
    return watch.found


def _alone(venue: VenueConfig, identifier: str | None, seconds: float) -> dict[str, Any]:
    walk = WalkTest(venue.readers, identifier)
    watch = Watch(walk.look, seconds)

    async def listen() -> None:
        listening = asyncio.create_task(listen_to_all(venue, walk.hear, None))
        watching = asyncio.create_task(watch.until_passed(identifier))
        await asyncio.wait([listening, watching], return_when=asyncio.FIRST_COMPLETED)
        for task in (listening, watching):
            task.cancel()
        await asyncio.gather(listening, watching, return_exceptions=True)

    with suppress(KeyboardInterrupt):
        asyncio.run(listen())
    return watch.found


class Watch:
    """Looks at a walk and tells each place that has passed, a line each: it can be read from across the room."""

    def __init__(
        self, look: Callable[[], dict[str, Any]], seconds: float, stand: Callable[[str], str] | None = None
    ) -> None:
        self.found = look()
        self._look = look
        self._stand = stand
        self._begun = b""
        self._seconds = seconds
        self._said: set[tuple[object, ...]] = set()

    async def until_passed(self, identifier: str | None) -> None:
        """Returns when every place has passed, or the time is over."""
        if identifier is None:
            click.echo(f"hold the test tag to any reader for {CHOOSE_FOR:g} s", err=True)
        if self._stand is not None:
            zones = ", ".join(self.found["zones"])
            click.echo(f"in each zone, stand still for ten seconds, then type its name and Enter: {zones}", err=True)
            try:
                asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._typed, self._stand)
            except PermissionError:
                fail("--teach reads from a terminal or a pipe, not from a file", 2)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                while not self._over():
                    await asyncio.sleep(EVERY)
                    self.found = self._look()
                    _tell(self.found, self._said)

    def _over(self) -> bool:
        untaught = self.found["zones"].keys() - self.found["taught"].keys() if self._stand is not None else ()
        return bool(self.found["passed"]) and not untaught

    def _typed(self, stand: Callable[[str], str]) -> None:
        """Lines on standard input: the zone in which whoever walks stands now."""
        typed = os.read(sys.stdin.fileno(), 4096)  # not by readline, which would keep a second line to itself
        if not typed:  # its end
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        *lines, self._begun = (self._begun + typed).split(b"\n")
        for line in lines:
            if zone := line.decode("utf-8", "replace").strip():
                click.echo(stand(zone))


def _tell(found: dict[str, Any], said: set[tuple[object, ...]]) -> None:
    """What is new."""
    if found["tag"] is not None and ("tag",) not in said:
        said.add(("tag",))
        click.echo(f"the test tag is {found['tag']}: walk through every door and zone")
    for place in found["places"]:
        key = (place["reader"], place["antenna"])
        if place["verdict"] == "pass" and key not in said:
            said.add(key)
            click.echo(_line(place))


def _line(place: dict[str, Any]) -> str:
    antenna = f" antenna {place['antenna']}" if isinstance(place["antenna"], int) else ""
    room = f" {place['antenna']}" if isinstance(place["antenna"], str) else ""
    best = f", best {place['best_rssi']:.0f} dBm" if place["best_rssi"] is not None else ""
    words = {
        "pass": f"{place['reads']} reads{best}",
        "weak": f"only {place['reads']} of {place['needed']} reads{best}",
        "fail": "never heard",
    }[place["verdict"]]
    louder = f"; louder at that moment in {', '.join(place['louder'])}" if place["louder"] else ""
    return f"{place['verdict']}  {place['zone']}  {place['reader']}{antenna}{room} ({place['role']}): {words}{louder}"


def _verdict(found: dict[str, Any]) -> None:
    click.echo("")
    for place in found["places"]:
        click.echo(_line(place))
    for zone, verdict in found["zones"].items():
        click.echo(f"zone {zone}: {'pass' if verdict == 'pass' else 'fail'}")
    if found["tag"] is None:
        fail("no test tag was heard")
    if not found["passed"]:
        fail("not every door and zone heard the test tag")
    sys.exit(0)
