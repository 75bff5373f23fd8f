"""Whatever the document allows to be asked, by whoever asks: no fault of ours, and no answer that it does not name.

Schemathesis makes the requests, good ones and bad ones, the same for the same seed. REQUESTS=50 asks more of each door.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.core.control import SkipTest
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from tests.console.served import served
from tests.shapes import answer_mistakes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings(
        "ignore::hypothesis.errors.HypothesisDeprecationWarning"
    ),  # the gateway beside it is random
]

EACH = int(os.environ.get("REQUESTS", "1"))  # requests of each kind to each door, as each who asks
ASKING = (None, "floor", "manager", "it", "integration")
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
WAITS = {"/api/readers/{reader}/raw"}  # it listens for seconds, as it is asked to
THERE = {
    "customer": "chen", "staff": "anna", "reader": "counter", "zone": "bar", "menu": "lunch", "place": "T1/1",
    "purpose": "recognise_tag",
}  # fmt: skip


schemathesis.serializer.alias("application/zip", "application/octet-stream")


def operations(document: dict[str, Any], mode: GenerationMode) -> Iterator[Any]:
    """The doors of the document, with what is asked of each."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.generation.update(modes=[mode])
    for found in schema.get_all_operations():
        if isinstance(found, Ok) and found.ok().path not in WAITS:
            yield found.ok()


def asked(case: Case[Any], url: str, headers: dict[str, str], chance: random.Random) -> list[str]:
    """Sends one request, now and then about what is there; what is wrong with the answer."""
    for name in case.path_parameters or {}:
        if name in THERE and chance.random() < 0.5:
            case.path_parameters[name] = THERE[name]
    wanted = case.as_transport_kwargs(base_url=url)
    wanted["headers"] = {
        **{k: v for k, v in (wanted.get("headers") or {}).items() if k.lower() != "authorization"},
        **headers,
    }
    try:
        answer = requests.request(**wanted, timeout=40, allow_redirects=False)
    except (requests.exceptions.InvalidHeader, UnicodeError, requests.exceptions.InvalidURL):
        return []  # no client can send it
    kind = answer.headers.get("content-type", "").partition(";")[0]
    path = answer.request.path_url.partition("?")[0]
    told = answer_mistakes(case.method, path, answer.status_code, kind, answer.content)
    if answer.status_code >= 500:
        told.append("a fault of ours")
    where = f"{case.method} {answer.request.path_url[:200]} {str(answer.request.body)[:300]} → {answer.status_code}"
    return [f"{where}: {each}: {answer.text[:300]}" for each in told]


def everything(document: dict[str, Any], url: str, headers: dict[str, str], mode: GenerationMode) -> list[str]:
    """What is wrong with the answers to all doors."""
    wrong: list[str] = []
    chance = random.Random(13)
    for operation in operations(document, mode):

        @seed(13)
        @settings(
            max_examples=EACH,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case: Case[Any]) -> None:
            wrong.extend(asked(case, url, headers, chance))

        try:
            ask()
        except (SkipTest, Unsatisfiable):
            continue  # nothing of this kind can be asked there
    return wrong


@pytest.mark.parametrize("role", ASKING)
async def test_no_request_is_a_fault_of_ours_and_every_answer_is_documented(tmp_path: Path, role: str | None) -> None:
    async with served(tmp_path, lawful=False) as house:
        await house.hire("anna", "ben")
        await house.enrol("chen")
        house.tap()
        headers = {"Authorization": f"Bearer {await house.token(role)}"} if role else {}
        document = (await (await house.client()).get("/openapi.json")).json()
        wrong = []
        for mode in MODES if role == "manager" or EACH > 1 else MODES[:1]:
            wrong += await asyncio.to_thread(everything, document, house.url, headers, mode)
        assert (await (await house.client()).get("/health")).status_code == 200
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(sorted(set(wrong))[:20])
