"""What is wrong with a ``venue.toml``, in words: the key, its value, what was expected, the nearest right name."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from reader_drivers import DRIVERS

Loc = tuple[int | str, ...]

_LOOKS_SECRET = re.compile(r"pass|secret|token|pin\b|psk|api_?key|irk|credential", re.IGNORECASE)
# pydantic's own sentences, where ours about the key itself ("letters, digits and '-'") says less.
_SENTENCE = {
    "bool_type", "dict_type", "finite_number", "float_type", "greater_than", "greater_than_equal", "int_from_float",
    "int_parsing", "int_type", "less_than", "less_than_equal", "string_too_long", "string_too_short", "string_type",
}  # fmt: skip


class BadConfig(Exception):
    """The configuration cannot be used; the text has one line per mistake: file, key, value and what was expected."""

    def __init__(self, file: Path | str, mistakes: Iterable[str]) -> None:
        self.file = str(file)
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{self.file}: {mistake}" for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: where, with what value, and the sentence about it."""

    path: str
    value: object
    words: str

    def __str__(self) -> str:
        return f"{self.path}{_shown(self.path, self.value)}: {self.words}"


NO_VALUE = object()
"""The value of a Mistake that shows none."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The right name most like a wrong one; None where nothing is like it."""
    lower = {right.lower(): right for right in names}
    found = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6 if len(name) > 3 else 0.5)
    return lower[found[0]] if found else None


def unknown_name(name: str, names: Iterable[str], expected: str) -> PydanticCustomError:
    """A validator's answer to a name that does not exist."""
    return PydanticCustomError("unknown_name", "{words}", {"words": not_one_of(name, names, expected)})


def not_one_of(name: str, names: Iterable[str], expected: str) -> str:
    """What was expected where a name does not exist, with the right name most like it."""
    right = nearest(name, names)
    return f"expected {expected}" + (f"; did you mean '{right}'?" if right else "")


def in_words(error: ValidationError, model: type[BaseModel], data: Mapping[str, Any]) -> list[str]:
    """Every mistake pydantic found in ``data``, each as one sentence."""
    details = error.errors(include_url=False)
    misspelt = {(each["loc"][:-1], _nearest_key(model, each["loc"], data)) for each in details if _is_extra(each)}
    return [
        str(_mistake(each, model, data))
        for each in details
        # The misspelt key is the news; that the right one is missing follows from it.
        if not (each["type"] == "missing" and (each["loc"][:-1], each["loc"][-1]) in misspelt)
    ]


# --- one sentence -------------------------------------------------------------------------------------------------


def _mistake(details: ErrorDetails, model: type[BaseModel], data: Mapping[str, Any]) -> Mistake:
    loc = details["loc"]
    path = _path(loc, data)
    if _is_extra(details):
        keys = _keys(_table_at(model, loc[:-1], data))
        right = _nearest_key(model, loc, data)
        hint = f"did you mean '{right}'?" if right else "expected one of " + ", ".join(keys)
        # Of a whole table in the wrong place the name is enough.
        value = NO_VALUE if isinstance(details["input"], (dict, list)) else details["input"]
        return Mistake(path, value, f"unknown key; {hint}")
    if details["type"] == "missing":
        if isinstance(loc[-1], int):
            return Mistake(_path(loc[:-1], data), details["input"], f"expected {_about(model, loc[:-1], data)}")
        return Mistake(path, NO_VALUE, f"missing; expected {_about(model, loc, data)}")
    if details["type"] == "secret":
        return Mistake(path, NO_VALUE, details["msg"])
    return Mistake(path, NO_VALUE if details["type"] == "table" else details["input"], _expected(details, model, data))


def _expected(details: ErrorDetails, model: type[BaseModel], data: Mapping[str, Any]) -> str:
    kind, message = details["type"], details["msg"]
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", details["ctx"]["expected"])
        return not_one_of(str(details["input"]), options, "one of " + ", ".join(options))
    about = _about(model, details["loc"], data)
    if about and kind not in _SENTENCE and kind.endswith(("_type", "_mismatch", "_short", "_long")):
        return f"expected {about}"
    if kind == "int_parsing_size":
        return "expected a whole number"
    message = re.sub(r"^Value error, ", "", message)
    message = re.sub(r"^(Input|String|Value|List|Tuple) should (be|have) ", r"expected ", message)
    return re.sub(r", unable to parse.*", "", message).replace("a valid integer", "a whole number")


def _shown(path: str, value: object) -> str:
    if value is NO_VALUE or _LOOKS_SECRET.search(path.rpartition(".")[2]):
        return ""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return ""  # longer than anybody reads
    if isinstance(value, dict) and len(text) > 80:
        return ""
    return f" = {text if len(text) <= 80 else text[:79] + '…'}"


def _path(loc: Loc, data: Any) -> str:
    path = ""
    for part in loc:
        if part == "[key]":
            continue
        if isinstance(part, int):
            data = data[part] if isinstance(data, list) and part < len(data) else None
            name = data.get("id", data.get("name")) if isinstance(data, dict) else None
            path += f"[{name if isinstance(name, str) and name else part + 1}]"
        else:
            data = data.get(part) if isinstance(data, dict) else None
            shown = part if len(part) <= 60 else f"{part[:59]}…"
            path += f".{shown}" if path else shown
    return path


# --- what the models know -----------------------------------------------------------------------------------------


def _is_extra(details: ErrorDetails) -> bool:
    return details["type"] == "extra_forbidden"


def _nearest_key(model: type[BaseModel], loc: Loc, data: Mapping[str, Any]) -> str | None:
    return nearest(str(loc[-1]), _keys(_table_at(model, loc[:-1], data)))


def _keys(table: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in table.model_fields.items()] if table else []


def _about(model: type[BaseModel], loc: Loc, data: Mapping[str, Any]) -> str:
    names = [part for part in loc if part != "[key]"]
    while names and isinstance(names[-1], int):
        names.pop()
    table = _table_at(model, tuple(names[:-1]), data) if names else None
    if table is None:
        return ""
    for name, field in table.model_fields.items():
        if names[-1] in (name, field.alias):
            return field.description or "a value"
    return ""


def _table_at(model: type[BaseModel], loc: Loc, data: Any) -> type[BaseModel] | None:
    table: type[BaseModel] | None = model
    for part in loc:
        above, data = data, _below(data, part)
        if isinstance(part, int):
            continue
        field = next((f for n, f in table.model_fields.items() if part in (n, f.alias)), None) if table else None
        table = _model_in(field.annotation) if field else None
        if part == "settings" and isinstance(above, dict) and above.get("driver") in DRIVERS:
            table = DRIVERS[above["driver"]].settings
    return table


def _below(data: Any, part: int | str) -> Any:
    if isinstance(part, int):
        return data[part] if isinstance(data, list) and part < len(data) else None
    return data.get(part) if isinstance(data, dict) else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
