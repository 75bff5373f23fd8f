"""Maps from another program's columns to ours, as TOML files say them."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class BadMap(Exception):
    """The file given as a map is none; the text names every mistake."""


class ColumnMap(BaseModel):
    """What every map may say: the encoding of the other file, and how it writes days (signs of strftime)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    encoding: str | None = None
    dates: str = "%Y-%m-%d"

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """The map in a TOML file; raises BadMap."""
        try:
            found = cls.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
            datetime(2027, 12, 31, tzinfo=UTC).strftime(found.dates)
            b" ".decode(found.encoding or "utf-8")
        except OSError as error:
            raise BadMap(f"{path}: cannot be read: {error.strerror or error}") from None
        except ValidationError as error:
            words = [f"{'.'.join(map(str, e['loc']))}: {e['msg'][:1].lower()}{e['msg'][1:]}" for e in error.errors()]
            raise BadMap("\n".join(f"{path}: {each}" for each in words)) from None
        except (ValueError, RecursionError, LookupError) as error:
            raise BadMap(f"{path}: not TOML of a map: {error}") from None
        return found
