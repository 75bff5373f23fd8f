"""``moments insight fold``: a house in one file, folded by the plain rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gateway.commands.ending import fail
from gateway.insight import rendered
from gateway.insight.folding import Fold
from gateway.insight.reading import BadWorld
from gateway.insight.world_file import WhatIf, parse


def run(file: Path) -> None:
    """Prints one JSON object; ends with 2 where the file is no world."""
    try:
        asked = parse(file.read_bytes())
    except BadWorld as bad:
        fail("\n".join(f"{file}: {mistake}" for mistake in str(bad).splitlines()), 2)
    except OSError as error:
        fail(f"{file}: {error.strerror}", 2)
    for words in asked.odd:
        click.echo(f"{file}: {words}", err=True)
    house = Fold(asked.world, asked.begins)
    found = rendered.rendered(house.folded())
    found["what_if"] = {name: answered(house, each) for name, each in asked.what_if.items()}
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


def answered(house: Fold, asked: WhatIf) -> Mapping[str, Any]:
    """What would be: of ``skip`` how sticky each would be, of the others before and after."""
    if asked.kind == "skip":
        return rendered.stickiness(house.skipped(asked.ids))
    after = house.if_they_met(asked.ids) if asked.kind == "gathering" else house.without(asked.ids[0])
    return rendered.before_after(house.stickiness(), after)
