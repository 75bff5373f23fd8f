"""Who is of the house: boxes, the invitations that let them in, and the sessions in which they speak."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from gateway.events import times
from gateway.hub import invitations, signing_in
from gateway.hub.database import Database, Tx, first
from gateway.hub.invitations import Invitation
from gateway.hub.problems import HubProblem


class Box(NamedTuple):
    """One machine with a key pair of its own."""

    id: str
    venue: str
    role: str
    name: str
    brand: str
    sign: bytes
    open_key: bytes
    joined: int
    revoked: int | None
    heard: int
    build: str
    skew_ms: int
    behind: int


class Signed(NamedTuple):
    """A session: the box, which start of it, and what a talk remembers between two exchanges."""

    hash: bytes
    box: Box
    boot: str
    until: int
    talk: dict[str, Any]


class Told(NamedTuple):
    """What IT sees: since when (ms since 1970 UTC), and in which words by language tag."""

    since: int
    words: dict[str, str]


_BOX = "id, venue, role, name, brand, sign, open_key, joined, revoked, heard, build, skew_ms, behind"


class Members:
    """Boxes, invitations and sessions in one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- joining ------------------------------------------------------------------------------------------------------

    async def invite(self, venue: str, role: str, brand: str, now_ms: int) -> bytes:
        """The secret of a new invitation, good once within fifteen minutes."""
        secret = invitations.new_secret()

        async def change(tx: Tx) -> None:
            await tx.run("UPDATE invitations SET secret = ? WHERE until < ?", b"", now_ms)
            sql = "INSERT INTO invitations VALUES (?, ?, ?, ?, ?, ?, NULL)"
            until = now_ms + invitations.VALID_MS
            await tx.run(sql, invitations.id_of(secret), secret, venue, role, brand, until)

        await self._database.transact(change)
        return secret

    async def join(
        self, invitation: str, proof: bytes, venue: str, role: str, name: str, sign: bytes, open_: bytes, now_ms: int
    ) -> Box:
        """A new box, of a good invitation; raises HubProblem ``invitation``, which says what is wrong with it.

        The same box that asks again, because it did not hear the answer, is told the same.
        """

        async def change(tx: Tx) -> Box:
            sql = "SELECT id, secret, venue, role, brand, until, used FROM invitations WHERE id = ?"
            row = await first(tx, sql, invitation)
            found = None if row is None else Invitation(*row)
            state = invitations.state(found, now_ms)
            if state == "used" and (known := await self._again(tx, venue, sign, open_)) is not None:
                return known
            if found is None or state != "good":
                raise _refused(state)
            if not invitations.proves(found, proof, venue, role, sign, open_):
                raise _refused("forged")
            await tx.run("UPDATE invitations SET used = ?, secret = ? WHERE id = ?", now_ms, b"", invitation)
            box = Box(
                times.new_id(now_ms / 1000), venue, role, name, found.brand, sign, open_, now_ms, None, 0, "", 0, 0
            )
            marks = ", ".join("?" * len(box))
            await tx.run(f"INSERT INTO boxes ({_BOX}) VALUES ({marks})", *box)  # noqa: S608 - names of ours
            return box

        return await self._database.transact(change)

    @staticmethod
    async def _again(tx: Tx, venue: str, sign: bytes, open_: bytes) -> Box | None:
        for row in await tx.all(f"SELECT {_BOX} FROM boxes WHERE venue = ? AND revoked IS NULL", venue):  # noqa: S608
            box = Box(*row)
            if hmac.compare_digest(box.sign, sign) and hmac.compare_digest(box.open_key, open_):
                return box
        return None

    # --- sessions -----------------------------------------------------------------------------------------------------

    async def box(self, id_: str) -> Box | None:
        """A box by its id."""

        async def query(tx: Tx) -> Box | None:
            row = await first(tx, f"SELECT {_BOX} FROM boxes WHERE id = ?", id_)  # noqa: S608 - names of ours
            return None if row is None else Box(*row)

        return await self._database.read(query)

    async def begin(self, box: Box, boot: str, build: str, now_ms: int) -> str:
        """The token of a new session; raises HubProblem ``box-twice`` or ``box-revoked``."""
        token = signing_in.new_token()

        async def change(tx: Tx) -> None:
            row = await first(tx, "UPDATE boxes SET build = ? WHERE id = ? RETURNING revoked", build, box.id)
            if row is None or row[0] is not None:
                raise HubProblem("box-revoked")
            await self._only_one(tx, box.id, boot, now_ms)
            await tx.run("DELETE FROM sessions WHERE until < ?", now_ms)
            until = now_ms + signing_in.SESSION_S * 1000
            sql = "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, '{}')"
            await tx.run(sql, signing_in.kept(token), box.id, boot, until, now_ms)

        await self._database.transact(change)
        return token

    @staticmethod
    async def _only_one(tx: Tx, box: str, boot: str, now_ms: int) -> None:
        sql = "SELECT 1 FROM sessions WHERE box = ? AND boot <> ? AND heard > ?"
        if await first(tx, sql, box, boot, now_ms - signing_in.TWICE_WITHIN_MS):
            raise HubProblem("box-twice")

    async def session(self, token: str, now_ms: int) -> Signed:
        """Who holds a token; raises HubProblem ``session`` or ``box-revoked``."""
        hash_ = signing_in.kept(token)

        async def query(tx: Tx) -> Signed:
            row = await first(tx, "SELECT box, boot, until, talk FROM sessions WHERE hash = ?", hash_)
            if row is None or now_ms >= row[2]:
                raise HubProblem("session")
            box = Box(*(await tx.all(f"SELECT {_BOX} FROM boxes WHERE id = ?", row[0]))[0])  # noqa: S608
            if box.revoked is not None:
                raise HubProblem("box-revoked")
            return Signed(hash_, box, row[1], row[2], json.loads(row[3]))

        return await self._database.read(query)

    async def heard(self, signed: Signed, now_ms: int, talk: dict[str, Any] | None = None) -> None:
        """The box of this session was heard; raises HubProblem ``box-twice`` where another of its starts was."""

        async def change(tx: Tx) -> None:
            await self._only_one(tx, signed.box.id, signed.boot, now_ms)
            await tx.run("UPDATE sessions SET heard = ? WHERE hash = ?", now_ms, signed.hash)
            await tx.run("UPDATE boxes SET heard = ? WHERE id = ?", now_ms, signed.box.id)
            if talk is not None:
                await tx.run("UPDATE sessions SET talk = ? WHERE hash = ?", json.dumps(talk), signed.hash)

        await self._database.transact(change)

    async def all_heard(self, sessions: Sequence[tuple[bytes, str]], now_ms: int) -> None:
        """The links of these sessions ``(hash, box)`` are open: what is said of one, for all of a process at once.

        One that ended while this was on its way stays ended: another start of its box need not wait.
        """

        async def change(tx: Tx) -> None:
            sql = "UPDATE sessions SET heard = ? WHERE hash = ? AND heard > 0"
            await tx.many(sql, [(now_ms, hash_) for hash_, _ in sessions])
            await tx.many("UPDATE boxes SET heard = ? WHERE id = ?", sorted((now_ms, box) for _, box in sessions))

        await self._database.transact(change)

    async def noted(self, box: str, skew_ms: int, behind: int, now_ms: int) -> None:
        """What a box said of itself: by how much its clock is ahead, and how many rows it has still to send."""

        async def change(tx: Tx) -> None:
            sql = "UPDATE boxes SET skew_ms = ?, behind = ?, heard = ? WHERE id = ?"
            await tx.run(sql, skew_ms, behind, now_ms, box)

        await self._database.transact(change)

    async def gone(self, signed: Signed) -> None:
        """The link of this session ended: another start of the box need not wait."""

        async def change(tx: Tx) -> None:
            await tx.run("UPDATE sessions SET heard = 0 WHERE hash = ?", signed.hash)

        await self._database.transact(change)

    # --- what IT sees -------------------------------------------------------------------------------------------------

    async def boxes(self) -> list[Box]:
        """Every box there ever was, oldest first."""

        async def query(tx: Tx) -> list[Box]:
            return [Box(*row) for row in await tx.all(f"SELECT {_BOX} FROM boxes ORDER BY joined, id")]  # noqa: S608

        return await self._database.read(query)

    async def revoke(self, id_: str, now_ms: int) -> bool:
        """Ends a box: it is cut off within two seconds, and its rows stay; False where there is none."""

        async def change(tx: Tx) -> bool:
            sql = "UPDATE boxes SET revoked = ? WHERE id = ? AND revoked IS NULL"
            found = await tx.run(sql, now_ms, id_)
            await tx.run("DELETE FROM sessions WHERE box = ?", id_)
            return found == 1

        return await self._database.transact(change)

    async def revoked(self) -> set[str]:
        """The boxes that are no longer of this house."""

        async def query(tx: Tx) -> set[str]:
            return {id_ for (id_,) in await tx.all("SELECT id FROM boxes WHERE revoked IS NOT NULL")}

        return await self._database.read(query)

    async def told(self, venue: str, code: str, words: dict[str, str], now_ms: int, *, over: bool) -> Told | None:
        """Notes that something is so at a venue, or is over; None where nothing changed."""

        async def change(tx: Tx) -> Told | None:
            row = await first(tx, "SELECT since, over, words FROM told WHERE venue = ? AND code = ?", venue, code)
            stands = row is not None and row[1] is None
            if over != stands:
                return None
            if over and row is not None:
                await tx.run("UPDATE told SET over = ? WHERE venue = ? AND code = ?", now_ms, venue, code)
                return Told(row[0], json.loads(row[2]))
            sql = """
            INSERT INTO told VALUES (?, ?, ?, ?, NULL)
            ON CONFLICT (venue, code) DO UPDATE SET words = excluded.words, since = excluded.since, over = NULL
            """
            await tx.run(sql, venue, code, json.dumps(words), now_ms)
            return Told(now_ms, words)

        return await self._database.transact(change)

    async def stands(self) -> dict[str, list[str]]:
        """What is so and not over, by venue."""

        async def query(tx: Tx) -> dict[str, list[str]]:
            found: dict[str, list[str]] = {}
            for venue, code in await tx.all("SELECT venue, code FROM told WHERE over IS NULL ORDER BY venue, code"):
                found.setdefault(venue, []).append(code)
            return found

        return await self._database.read(query)


def _refused(state: str) -> HubProblem:
    en, zh = invitations.WHY[state]
    return HubProblem("invitation", why=en, why_zh=zh)
