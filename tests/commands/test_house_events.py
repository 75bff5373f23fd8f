"""``moments staff`` and ``moments token``: each leaves the event that says what it did, and never a secret."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from pathlib import Path

from gateway.events.times import DAY, seconds
from gateway.pins import matches
from tests.commands.folder import told
from tests.program import kept_in, run


def test_who_is_hired_is_told_whole_and_the_pin_as_a_hash(tmp_path: Path) -> None:
    add = ("staff", "add", "anna", "--name", "安娜", "--role", "floor", "--role", "crew", "--zone", "bar")
    made = run(*add, "--language", "en", "--pin-file", "-", "--data", tmp_path, stdin=b"482913\n")
    assert (made.code, made.out) == (0, "安娜: PIN 482913\n")
    assert run(*add, "--pin-file", kept_in(tmp_path / "pin", "904417"), "--data", tmp_path).code == 0
    first, second = told(tmp_path)
    facts = {key: first.data[key] for key in ("staff", "name", "roles", "zones", "languages")}
    assert facts == {"staff": "anna", "name": "安娜", "roles": ["floor", "crew"], "zones": ["bar"], "languages": ["en"]}
    assert (first.type, first.subject, first.actor) == ("staff.changed", "anna", "command-line")
    assert [(e.data["hired"], e.data["new_pin"]) for e in (first, second)] == [(True, True), (False, True)]
    assert asyncio.run(matches(first.data["pin_hash"], "482913"))
    assert asyncio.run(matches(second.data["pin_hash"], "904417"))
    bad = run("staff", "add", "an na", "--role", "floor", "--data", tmp_path)
    assert (bad.code, "ID: expected" in bad.err) == (2, True)


def test_a_token_is_told_as_a_hash_when_it_is_made_and_when_it_ends(tmp_path: Path) -> None:
    secret = run("token", "--role", "integration", "--data", tmp_path).out.strip()
    id_ = run("token", "list", "--data", tmp_path).out.split()[0]
    assert run("token", "revoke", id_, "--data", tmp_path).code == 0
    made, revoked = told(tmp_path)
    until = made.data["until"]
    hashed = sha256(secret.encode()).hexdigest()
    assert (made.type, made.data) == (
        "token.made",
        {
            "token": id_,
            "hash": hashed,
            "role": "integration",
            "staff": None,
            "name": "",
            "scopes": None,
            "until": until,
        },
    )
    assert abs((seconds(until) or 0) - made.time - 365 * DAY) < 5
    assert (revoked.type, revoked.data) == ("token.revoked", {"token": id_, "because": "ended"})
    assert secret not in json.dumps([made.data, revoked.data])
