"""Whether somebody has a PIN at all is not told by how long it takes to refuse one."""

from __future__ import annotations

from argon2 import extract_parameters

from gateway import pins


def test_a_refusal_is_as_much_work_where_nobody_has_a_pin() -> None:
    assert extract_parameters(pins._NOBODY) == extract_parameters(pins.hash_now("4711"))


async def test_nobody_is_let_in_by_what_stands_for_nobody() -> None:
    assert not await pins.matches(None, "nobody's")
    assert await pins.matches(pins.hash_now("nobody's"), "nobody's")
