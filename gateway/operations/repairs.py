"""What is wrong with a house, on one list: what it costs, why, what to do, and the door that mends it where one may.

Most of it is known elsewhere and gathered here: the readers' own reasons and what Linux does to their ports, what
``/health`` says, what recognition noticed of antennas and phones. The rest is looked at when the list is asked for.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateway.core.gateway import Gateway
from gateway.events.times import DAY
from gateway.operations import kernel_clock, repair_certificates
from gateway.operations.helper import Helper
from gateway.operations.remedies import Remedy
from gateway.operations.repair_words import WORDS, of_sentence
from gateway.operations.toolbox import Toolbox
from gateway.records import alerts, tablets
from gateway.records.connection import SealedDatabase
from gateway.records.journal import last_time_of

UNSEEN = 7 * DAY  # from which a tablet that nobody uses is told of
MUTE_FOR = 7 * DAY  # how long ago a phone may have been found mute
COPIED_WITHIN = 2 * DAY
LOST_DB = 12.0  # from which an antenna is bad now, and not soon: a sixteenth of the power
ROOM = 1024 * 1024 * 1024  # bytes of free room under which the disk fills …
PART = 0.05  # … or less than so much of it
MB = 1024 * 1024
OF_PORTS = {"only_root", "forbidden", "modem_manager", "latency"}  # what the helper's udev rules end


@dataclass(frozen=True, slots=True)
class Mend:
    """The door that mends something: ``name`` is what its button says."""

    name: str
    path: str
    method: str = "POST"
    body: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing that is wrong: of a kind, about something; ``soon``: it is well until a day to come.

    ``why`` is what a reader says itself. ``open`` is the screen on which a person does what no program may.
    """

    kind: str
    about: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    why: str | None = None
    since: str | None = None
    steps: Sequence[Remedy] = ()
    mend: Mend | None = None
    open: str | None = None
    soon: bool = False

    def shape(self) -> dict[str, Any]:
        """As JSON, with the English words for programs."""
        title, costs = (words.format(**self.facts) for words in WORDS[self.kind])
        mend = self.mend
        return {
            "id": f"{self.kind}:{self.about}", "kind": self.kind, "about": self.about, "facts": self.facts,
            "title": title, "costs": costs, "why": self.why, "since": self.since, "soon": self.soon,
            "steps": [each.shape() for each in self.steps], "open": self.open,
            "mend": mend and {"name": mend.name, "method": mend.method, "path": mend.path, "body": mend.body},
        }  # fmt: skip


class Repairs:
    """Looks when it is asked; ``report`` is what ``/health`` answers, ``awake`` the tablets that are connected."""

    def __init__(
        self, house: Gateway, tools: Toolbox, report: Callable[[], dict[str, Any]], awake: Callable[[], set[str]],
        nothing_deleted: Callable[[], str | None], helper: Helper | None = None,
        synchronised: Callable[[], bool | None] = kernel_clock.synchronised,
    ) -> None:  # fmt: skip
        self._house = house
        self._tools = tools
        self._report = report
        self._awake = awake
        self._nothing_deleted = nothing_deleted
        self._synchronised = synchronised
        self.helper = helper or Helper()
        self._shown: dict[tuple[str, str], float] = {}

    async def look(self) -> list[dict[str, Any]]:
        """All that is wrong, as JSON, what is wrong now first."""
        readers = await self._tools.readers_with_advice(self._house.memory.steady())
        machine = await asyncio.to_thread(lambda: list(self._machine()))
        mute = await asyncio.to_thread(self._mute)
        found = [
            *self._readers(readers),
            *self._told(),
            *self._clock(),
            *machine,
            *self._tablets(),
            *self._phones(mute),
        ]
        return [each.shape() for each in sorted(found, key=lambda one: one.soon)]

    def new_to(self, who: str, customers: Iterable[str]) -> list[str]:
        """Whom this person has not been shown here for a day: a list that stays open shows them once."""
        now = self._house.memory.steady()
        self._shown = {key: at for key, at in self._shown.items() if now - at < DAY}
        new = [each for each in customers if (who, each) not in self._shown]
        self._shown |= {(who, each): now for each in new}
        return new

    # --- readers -----------------------------------------------------------------------------------------------------

    def _readers(self, readers: Iterable[dict[str, Any]]) -> Iterator[Repair]:
        changed, drifts = self._tools.changes()
        for reader in readers:
            advice = [Remedy(each["kind"], each["facts"]) for each in reader["advice"]]
            heard = [each for each in advice if each.kind in ("drifted", "learnt_anew")]
            yield from self._reader(reader, [each for each in advice if each not in heard])
            by = changed.get(reader["id"], drifts.get(reader["id"]))
            if by is not None and heard:
                facts = {"reader": reader["id"], "db": f"{abs(by):.0f}"}
                kind = "antenna_lost" if by < 0 else "antenna_other"
                yield Repair(kind, reader["id"], facts, steps=heard, open="readers/~walk", soon=not by <= -LOST_DB)

    def _reader(self, reader: dict[str, Any], advice: list[Remedy]) -> Iterator[Repair]:
        id_, state = reader["id"], reader["state"]
        helps = self._by_helper("ports") if OF_PORTS & {each.kind for each in advice} else None
        again = Mend("connect", f"/api/readers/{id_}/connect")
        if state == "up":
            if advice:
                yield Repair(
                    "reader_port", id_, {"reader": id_}, steps=self._with_helper(advice, OF_PORTS), mend=helps,
                    open=f"readers/{id_}", soon=True,
                )  # fmt: skip
            return
        blind = any(each.kind == "blind" for each in advice)
        kind = "reader_lost" if state == "lost" else "door_blind" if blind else "reader_quiet"
        yield Repair(
            kind, id_, {"reader": id_}, reader["reason"], reader["since"], self._with_helper(advice, OF_PORTS),
            helps or again, f"readers/{id_}",
        )  # fmt: skip

    def _by_helper(self, what: str) -> Mend | None:
        return Mend(f"helper_{what}", "/api/repairs/helper", body={"what": what}) if self.helper.installed else None

    def _with_helper(self, steps: list[Remedy], ends: Collection[str]) -> list[Remedy]:
        """The same, and that a button might do it where no helper is there yet."""
        could = not self.helper.installed and any(each.kind in ends for each in steps)
        return [*steps, Remedy("helper")] if could else steps

    # --- what health says --------------------------------------------------------------------------------------------

    def _told(self) -> Iterator[Repair]:
        report = self._report()
        late = [(sentence, False) for sentence in report["why"]] + [(sentence, True) for sentence in report["ahead"]]
        for sentence, soon in late:
            found = of_sentence(sentence)
            if found is None:
                continue
            kind, facts = found
            why = facts.pop("why", "") or None
            about = facts.get("folder") or facts.get("name") or (facts["what"] if kind in ("other", "limit") else "")
            mend = Mend("copy", "/api/copies", body={"to": facts["folder"]}) if kind == "copy_old" else None
            if kind == "webhook_waits":
                mend = Mend("send", f"/api/webhooks/{about}/send")
            steps = [Remedy(f"of_{kind}")] if f"of_{kind}" in STEPS else []
            yield Repair(kind, about, facts, why, steps=steps, mend=mend, open=SCREENS.get(kind), soon=soon)
        why = self._nothing_deleted()
        if why is not None and "ten minutes" not in why and not self._alone:  # that has a row of its own
            yield Repair("nothing_deleted", facts={"what": why}, open="setup/retention", soon=True)

    # --- the machine -------------------------------------------------------------------------------------------------

    @property
    def _alone(self) -> bool:
        """Whether nobody keeps this machine's clock."""
        return self._synchronised() is False

    def _clock(self) -> Iterator[Repair]:
        if self._alone:
            steps = self._with_helper([Remedy("ntp")], {"ntp"})
            yield Repair("clock_alone", steps=steps, mend=self._by_helper("clock"), soon=True)

    def _machine(self) -> Iterator[Repair]:
        """What takes a look at files; for a thread."""
        house, now = self._house, self._house.memory.now()
        yield from self._disk()
        with closing(house.store.open_reader()) as reader:
            newest, first = last_time_of(reader, "records.backed_up"), _first(reader)
        by_itself = house.config.backup.to and house.config.backup.every_hours  # health tells of those
        old = first is not None and now - first > COPIED_WITHIN
        if old and not by_itself and (newest is None or now - newest > COPIED_WITHIN):
            yield Repair("copy_none", steps=[Remedy("copies")], open="setup/keeping")
        for kind, facts, step in repair_certificates.found(house.config, house.store.folder, datetime.now(UTC)):
            yield Repair(kind, facts=facts, steps=[Remedy(*step)], soon=kind != "certificate_over")

    def _disk(self) -> Iterator[Repair]:
        folder = self._house.store.folder
        try:
            there = os.statvfs(folder)
        except OSError:
            return
        free, size = there.f_bavail * there.f_frsize, there.f_blocks * there.f_frsize
        if free < min(ROOM, PART * size):
            ours = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            facts = {"free": f"{free // MB}", "size": f"{size // MB}"}
            steps = [Remedy("make_room", {"folder": str(folder), "mb": f"{ours // MB}"})]
            yield Repair("disk_fills", facts=facts, steps=steps, soon=free > ROOM / 16)

    # --- tablets and phones ------------------------------------------------------------------------------------------

    def _tablets(self) -> Iterator[Repair]:
        now, awake = self._house.memory.now(), self._awake()
        for each in tablets.every(self._house.store.reader):
            if now - each.last_seen > UNSEEN and each.id not in awake:
                facts = {"name": each.name, "days": f"{(now - each.last_seen) // DAY:.0f}"}
                mend = Mend("let_go", f"/api/tablets/{each.id}", "DELETE")
                yield Repair(
                    "tablet_unseen", each.id, facts, steps=[Remedy("of_tablet")], mend=mend, open="setup/tablets",
                    soon=True,
                )  # fmt: skip

    def _mute(self) -> list[str]:
        """Whose phone was found mute lately; for a thread."""
        with closing(self._house.store.open_reader()) as reader:
            since = self._house.memory.now() - MUTE_FOR
            told = [*alerts.open_alerts(reader), *alerts.closed_since(reader, since)]
        return list(dict.fromkeys(each["customer"] for each in told if each["kind"] == "mute_phone"))

    def _phones(self, mute: Iterable[str]) -> Iterator[Repair]:
        """Those of them who still carry nothing else."""
        memory = self._house.memory
        for customer in mute:
            person = memory.meet(customer)
            things = {each.scheme for each in memory.people.carried(customer)}
            if person is not None and not things & {"epc", "tid", "em", "nfc"}:
                facts = {"customer": customer, "name": person.address_as or person.name}
                yield Repair(
                    "mute_phone", customer, facts, steps=[Remedy("of_mute_phone")], open="setup/enrol", soon=True
                )


def _first(reader: SealedDatabase) -> float | None:
    row = reader.conn.execute("SELECT min(time) FROM journal").fetchone()
    return float(row[0]) if row and row[0] is not None else None


STEPS = frozenset({"of_disk_refuses", "of_disk_slow", "of_records_damaged", "of_copy_old", "of_mqtt_lost",
                   "of_webhook_waits", "of_webhook_ended", "of_clock_jumped", "of_broker_down", "of_broker_silent",
                   "of_erasures_unkept", "of_tablet_owed", "of_limit", "of_programs_old"})  # fmt: skip
SCREENS = {"copy_old": "setup/keeping", "records_damaged": "setup/keeping", "programs_old": "setup/programs",
           "limit": "setup/security", "webhook_waits": "setup/hooks", "webhook_ended": "setup/hooks"}  # fmt: skip
