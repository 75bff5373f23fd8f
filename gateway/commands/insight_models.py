"""``moments insight fit`` and ``logistic``: the models alone, on a file; they need ``moments[insight]``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.ending import fail
from gateway.commands.insight_absent import ABSENT
from gateway.insight.chance import fold_of

if TYPE_CHECKING:
    from gateway.insight.models.tables import Table


def fit(model: str, file: Path) -> None:
    """Prints the parameters; ends with 2 where the file is not of the model, with 1 where nothing can be fitted."""
    try:
        from gateway.insight.models import buying, paying
        from gateway.insight.models.fitting import NotFitted
    except ImportError:
        fail(ABSENT)
    table = _read(file, ("x", "z") if model == "gg" else ("x", "tx", "T"))
    found: buying.Buying | paying.Paying
    try:
        if model == "gg":
            found = paying.fit(table["x"], table["z"])
            said = {name: getattr(found, name) for name in ("p", "q", "gamma", "log_likelihood", "customers", "mean")}
        else:
            of = [line for line, (t, age) in enumerate(zip(table["tx"], table["T"], strict=True), 2) if t > age]
            if of:
                fail(f"{file}: line {of[0]}: tx is above T; expected the last visit before the end", 2)
            found = buying.fit("mbg" if model == "mbg" else "bg", table["x"], table["tx"], table["T"])
            said = {name: getattr(found, name) for name in ("r", "alpha", "a", "b", "log_likelihood", "customers")}
    except ValueError as error:
        fail(f"{file}: {error}", 2)
    except NotFitted as error:
        fail(f"{file}: {error}")
    click.echo(json.dumps({"model": model} | said))


def logistic(file: Path, id_: str, target: str, folds: int, salt: str) -> None:
    """Prints how well a logistic foretells folds that it was not trained on; ends with 2 where the file is not fit."""
    try:
        import numpy as np

        from gateway.insight.models import judging, logistic
        from gateway.insight.models.tables import BadTable, columns
    except ImportError:
        fail(ABSENT)
    name, equals, value = target.partition("=")
    if not equals:
        fail(f"--target {target}: expected a column and its value: Churn=Yes", 2)
    table = _table(file)
    try:
        ids = table.column(id_)
        outcome = np.array([text == value for text in table.column(name)], np.float64)
        seen = columns(table, {id_, name})
    except BadTable as error:
        fail(f"{file}: {error}", 2)
    came = int(outcome.sum())
    if not 0 < came < len(outcome):
        fail(f"{file}: {name} is {value!r} in {came} of {len(outcome)} rows; expected some of either kind", 2)
    where = np.array([fold_of(salt, each, folds) for each in ids])
    chance = np.zeros(len(ids))
    for fold in range(folds):
        held = where == fold
        if held.any():
            chance[held] = logistic.fit(seen.values[~held], outcome[~held]).chance(seen.values[held])
    for words in _odd(seen.left_out, seen.blanks):
        click.echo(f"{file}: {words}", err=True)
    of = judging.judged(chance, outcome)
    click.echo(
        json.dumps(
            {
                "rows": of.cases,
                "came": of.came,
                "columns": len(seen.names),
                "folds": folds,
                "auc": {"value": of.auc.value, "low": of.auc.low, "high": of.auc.high},
                "brier": of.brier,
                "accuracy": of.accuracy,
                "calibration": of.calibration,
                "lift": of.lift,
            }
        )
    )


def _odd(left_out: Any, blanks: Any) -> list[str]:
    """What was done to the columns, in words."""
    return [f"{name} is left out: {why}" for name, why in left_out.items()] + [
        f"{name}: {number} blanks are taken for 0" for name, number in blanks.items()
    ]


def _table(file: Path) -> Table:
    from gateway.insight.models.tables import BadTable, read

    try:
        return read(file)
    except BadTable as error:
        fail(f"{file}: {error}", 2)


def _read(file: Path, names: tuple[str, ...]) -> dict[str, Any]:
    from gateway.insight.models.tables import BadTable

    table = _table(file)
    try:
        return {name: table.numbers(name) for name in names}
    except BadTable as error:
        fail(f"{file}: {error}", 2)
