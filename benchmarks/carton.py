"""From the carton to a live read, by what is on the screen alone: ``python -m benchmarks.carton`` tells each step.

A file of answers makes the house, a module on a pseudo-terminal is found and asked, its change is taken up while the
gateway runs, and a tag is held to it; then a node of the embedded broker is put in and hears a phone. What a person
reads and taps is not in it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from gateway.commands.founding import found
from gateway.operations.control import SOCKET_FILE
from gateway.running import Running
from gateway.runtime import Runtime
from gateway.settings import answers
from gateway.settings.venue import load
from reader_drivers.simulated import SimulatedEspresense, SimulatedM100

ANSWERS = """[venue]
name = { zh-CN = "海港", en = "Harbour House" }
kind = "lounge"

[console]
listen = "127.0.0.1:0"

[mqtt]
url = "embedded"

[manager]
name = "Mei Lin"
"""
TAG = "30751FEB705C5904E3D50D70"
WITHIN = 60.0  # seconds for one step
STEP = 0.02

Steps = list[tuple[str, float]]


async def unpack(folder: Path) -> Steps:
    """Seconds since the start at the end of each step; raises TimeoutError where one does not come to its end."""
    began = time.perf_counter()
    steps: Steps = []

    def over(step: str) -> None:
        steps.append((step, time.perf_counter() - began))

    file = folder / "answers.toml"
    file.write_text(ANSWERS, "utf-8")
    config, data = folder / "venue.toml", folder / "data"
    await asyncio.to_thread(lambda: found(answers.from_file(file), config, data))
    over("the house is made")
    async with SimulatedM100(folder / "port") as module, _serving(config, data) as (running, it):
        over("the gateway serves")
        await _find(running, it, [str(module.link)])
        over("the reader is found")
        reader = {"id": "door", "driver": "m100", "link": str(module.link), "role": "inner", "zone": "entrance"}
        await _put_in(it, reader)
        module.present(TAG, -48)
        await _until(lambda: _sightings(running, "door") > 0)
        over("its first read")
        await _until(lambda: running.embedded is not None and running.embedded.pid is not None)
        rooms = {"id": "phones", "driver": "espresense", "link": "espresense", "role": "zone", "rooms": {"bar": "bar"}}
        await _put_in(it, rooms)
        broker = running.embedded
        if broker is None:
            raise RuntimeError("the embedded broker is not there")
        url, (user, password) = f"mqtt://{broker.found_at}:{broker.port}", broker.reader_credentials
        async with SimulatedEspresense(url, ["bar"], username=user, password=password) as nodes:
            nodes.place("iBeacon:2f234454-cf6d-4a0f-adf2-f4911ba9ffa6-1-2", "bar", 1.0)
            await _until(lambda: _sightings(running, "phones") > 0)
            over("a node's first read")
    return steps


def _sightings(running: Running, reader: str) -> int:
    keeper = running.equipment.keeper(reader)
    return keeper.sightings if keeper is not None else 0


async def _find(running: Running, it: httpx2.AsyncClient, ports: Sequence[str]) -> None:
    tools: Any = running.front.app.state.tools
    tools.findings._ports = lambda: list(ports)
    await _said(it.post("/api/readers/found", json={"asks": True}))
    async with asyncio.timeout(WITHIN):
        while not (await _said(it.get("/api/readers/found")))["found"]:  # noqa: ASYNC110 - a deadline is around it
            await asyncio.sleep(STEP)


async def _put_in(it: httpx2.AsyncClient, reader: dict[str, Any]) -> None:
    await _said(it.post("/api/settings/changes", json={"changes": [{"table": "readers", "value": reader}]}))


async def _said(asked: Any) -> Any:
    answer = await asked
    if not answer.is_success:
        raise RuntimeError(answer.text)
    return answer.json()


async def _until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not there():  # noqa: ASYNC110 - a deadline is around it
            await asyncio.sleep(STEP)


@asynccontextmanager
async def _serving(config: Path, data: Path) -> AsyncIterator[tuple[Running, httpx2.AsyncClient]]:
    """The gateway of these settings, and who asks it on the data folder's own socket."""
    runtime = Runtime(load(config), data, file=config)
    up: asyncio.Future[Running] = asyncio.get_running_loop().create_future()

    async def then(running: Running) -> None:
        up.set_result(running)

    life = asyncio.create_task(runtime.run(then))
    both: list[asyncio.Future[Any]] = [life, up]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    if life.done():
        await life
    door = httpx2.AsyncHTTPTransport(uds=str(data / SOCKET_FILE))
    try:
        async with httpx2.AsyncClient(base_url="http://localhost", transport=door, trust_env=False, timeout=30) as it:
            yield await up, it
    finally:
        runtime.stop()
        await life


def main() -> None:
    """Unpacks once and tells."""
    with TemporaryDirectory(prefix="moments-carton-") as folder:
        for step, seconds in asyncio.run(unpack(Path(folder))):
            print(f"{seconds:7.2f} s  {step}")


if __name__ == "__main__":
    main()
