"""How the address of another program is read from a setting."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from pydantic_core import PydanticCustomError


def address(url: str, kind: str, expected: str) -> SplitResult:
    """The parts of a URL whose port can be one; raises PydanticCustomError of this kind with what was expected."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise PydanticCustomError(kind, expected) from error
    return parts
