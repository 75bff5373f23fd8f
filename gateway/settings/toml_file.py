"""The text of a TOML file as values; what no value of ours can be is named by its key, before anything uses it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.settings.mistakes import NO_VALUE, BadConfig, Mistake

DEEP = "not TOML of ours: tables or brackets within each other, hundreds deep"
DEEPEST = 50
LARGEST = 2**63 - 1  # of a whole number, says TOML
_DIGITS = re.compile(r"[0-9][0-9_]{4000,}")  # Python reads none of 4,300
_TABLE = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]+")
_KEY = re.compile(r"[\s{,]*([^\s={},]+)\s*=\s*\[*[^=]*$")


def read(path: Path) -> dict[str, Any]:
    """What a TOML file holds; raises BadConfig, which names every mistake."""
    return values(text_of(path), path)


def text_of(path: Path) -> str:
    """The text of a file; raises BadConfig."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise BadConfig(path, [f"cannot be read: {(error.strerror or str(error)).lower()}"]) from error
    except UnicodeDecodeError as error:
        raise BadConfig(path, [f"expected UTF-8, found something else at byte {error.start}"]) from error


def values(text: str, path: Path) -> dict[str, Any]:
    """What the text of ``path`` holds; raises BadConfig, which names every mistake."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(path, [f"not TOML: {error}"]) from error
    except RecursionError:
        raise BadConfig(path, [DEEP]) from None
    except ValueError:
        raise BadConfig(path, [_too_long(text)]) from None
    try:
        mistakes = [str(each) for each in _too_large(data)]
    except RecursionError:  # dots in a key make no brackets, and tables all the same
        raise BadConfig(path, [DEEP]) from None
    if mistakes:
        raise BadConfig(path, mistakes)
    return data


def _too_long(text: str) -> str:
    """The key of a number of thousands of digits, as far as the text shows it."""
    table = ""
    for count, line in enumerate(text.splitlines(), 1):
        if found := _TABLE.fullmatch(line.partition("#")[0].rstrip()):
            table = f"{found[1]}."
        if digits := _DIGITS.search(line):
            key = _KEY.search(line[: digits.start()])
            where = f"{table}{key[1]}" if key else f"line {count}"
            return f"{where}: a number of {len(digits[0])} digits; expected at most {len(str(LARGEST))}"
    return "a number of thousands of digits"


def _too_large(value: object, path: str = "", depth: int = 0) -> Iterator[Mistake]:
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _too_large(below, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for number, below in enumerate(value, 1):
            name = below.get("id", below.get("name")) if isinstance(below, dict) else None
            where = f"{path}[{name if isinstance(name, str) and name else number}]"
            yield from _too_large(below, where, depth + 1)
    elif isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        yield Mistake(path, NO_VALUE, "the number is too large; expected a whole number of at most 19 digits")
