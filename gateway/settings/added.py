"""A reader put into a ``venue.toml`` that somebody wrote: its comments, order and spelling stay."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import tomlkit

from gateway.settings import toml_file, venue
from gateway.settings.mistakes import BadConfig


def with_reader(path: Path, reader: Mapping[str, Any]) -> str:
    """The text of a file with one more reader, checked as the gateway checks it; raises BadConfig."""
    toml_file.read(path)
    document = tomlkit.parse(path.read_text("utf-8-sig"))
    readers = document.get("readers")
    if readers is None:
        readers = tomlkit.aot()
        document.append("readers", readers)
    row = tomlkit.table()
    for key, value in reader.items():
        row.add(key, _inline(value) if isinstance(value, Mapping) else value)
    if not hasattr(readers, "insert") or any(not isinstance(each, dict) for each in readers):
        raise BadConfig(path, ["readers: expected tables [[readers]]"])
    readers.append(row)
    venue.parse(document.unwrap(), path)
    return tomlkit.dumps(document)


def difference(path: Path, text: str) -> str:
    """What would be another in the file, as lines."""
    before = path.read_text("utf-8").splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, text.splitlines(keepends=True), str(path), str(path)))


def beside(path: Path, text: str, mode: int) -> Path:
    """A file with this text in the folder of ``path``, whole and on the disk, to be put in its place."""
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    return Path(file.name)


def write(path: Path, text: str) -> None:
    """The whole text in place of the old one, with its mode, or the old one as it was."""
    beside(path, text, path.stat().st_mode & 0o777).replace(path)


def _inline(value: Mapping[str, Any]) -> Any:
    table = tomlkit.inline_table()
    table.update(value)
    return table
