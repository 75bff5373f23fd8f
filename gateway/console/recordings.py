"""What the readers hear, written into a file; and copies of the records: what this machine's own commands do."""

from __future__ import annotations

from pathlib import Path

from fastapi import Request, Response

from gateway.console.act import House, respond
from gateway.console.bodies import CopyMade, NewRecording
from gateway.console.problems import Problem, documented
from gateway.console.readers import Tools
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core import forgetting
from gateway.events.event import News
from gateway.operations.recorder import Recorder

router = Routes(prefix="/api", tags=["operations"])


@router.post(
    "/recordings",
    status_code=201,
    response_model="answers.Recording",
    responses=documented(409),
    dependencies=[right("own")],
)
async def begin(body: NewRecording, request: Request, house: House, tools: Tools) -> Response:
    """Writes what the readers hear from now on into a new file of this machine; 409 during another recording."""
    if request.app.state.recorder is not None:
        raise Problem(409, "a recording is under way already")
    try:
        recorder = Recorder(Path(body.out), house.config)
    except OSError as error:
        raise Problem(422, f"the gateway cannot write {body.out}: {error.strerror or error}") from None
    request.app.state.recorder = recorder
    tools.listeners.lend(recorder.hear)
    return respond({"out": body.out}, 201)


@router.delete("/recordings", response_model="answers.Recorded", responses=documented(404), dependencies=[right("own")])
async def end(request: Request, tools: Tools) -> Response:
    """Ends the recording; answers how many reads it holds."""
    recorder: Recorder | None = request.app.state.recorder
    if recorder is None:
        raise Problem(404, "nothing is being recorded")
    request.app.state.recorder = None
    tools.listeners.take_back(recorder.hear)
    recorder.close()
    return respond({"reads": recorder.reads})


@router.post("/backups", status_code=204, responses=documented(503, 507), dependencies=[right("own")])
async def copied(body: CopyMade, house: House, who: Who) -> Response:
    """Says that a copy of the records was made and checked."""
    answered = forgetting.copied(house, body.to, body.erasures)
    await house.record([News("records.backed_up", body.name, body.model_dump()), *answered], who.id)
    return respond(None, 204)
