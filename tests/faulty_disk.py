"""A disk that does what a test says, and what is left of its files where the power goes: faulty_disk.c, in use."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from struct import Struct
from tempfile import mkdtemp

import pytest

HEAD = Struct("<cIQI")
SECTOR = 512  # bytes: what a disk writes whole or not at all


@cache
def _library() -> Path | None:
    """The shim, made once by the C compiler; None where there is none."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    made = Path(mkdtemp(prefix="moments-faulty-disk-")) / "faulty_disk.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", made, source, "-ldl", "-lpthread"], check=True)
    return made


class FaultyDisk:
    """The disk under one folder, for programs that begin with ``words``; skips the test where there is no compiler."""

    def __init__(self, folder: Path, place: Path) -> None:
        library = _library()
        if library is None:
            pytest.skip("a C compiler makes the disk that fails (Debian's package gcc)")
        self.folder = folder.resolve()
        self.log = place / "disk.log"
        self._says = place / "disk.says"
        self.does("ok")
        self._env = {"LD_PRELOAD": library, "FAULTY_FOLDER": self.folder, "FAULTY_SAYS": self._says}

    def words(self, *, logged: bool = False) -> list[str]:
        """What a command line begins with so that its program has this disk."""
        env = {**self._env, "FAULTY_LOG": self.log} if logged else self._env
        return ["env", *(f"{name}={value}" for name, value in env.items())]

    def does(self, what: str) -> None:
        """From now on: ``ok``, ``slow MS``, ``hang``, ``sync-fails`` or ``write-fails``."""
        fresh = self._says.with_suffix(".new")
        fresh.write_text(what)
        fresh.replace(self._says)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """The same for a while."""
        self.does(what)
        try:
            yield
        finally:
            self.does("ok")


@dataclass(slots=True)
class _File:
    """What the disk has of one file for certain, and what it may have of it in any part."""

    sure: bytearray = field(default_factory=bytearray)
    flying: list[tuple[int, bytes | None]] = field(default_factory=list)  # where and what; None: cut off there

    def settle(self) -> None:
        for at, data in self.flying:
            _put(self.sure, at, data)
        self.flying.clear()

    def left(self, luck: random.Random) -> bytes:
        """After a cut: of what was not synced any part may be there, in sectors."""
        there = bytearray(self.sure)
        for at, data in self.flying:
            if data is None:
                if luck.random() < 0.5:
                    _put(there, at, None)
                continue
            for begin in range(0, len(data), SECTOR):
                if luck.random() < 0.5:
                    _put(there, at + begin, data[begin : begin + SECTOR])
        return bytes(there)


def _put(into: bytearray, at: int, data: bytes | None) -> None:
    if data is None:
        if at < len(into):
            del into[at:]
        else:
            into.extend(bytes(at - len(into)))
        return
    if len(into) < at:
        into.extend(bytes(at - len(into)))
    into[at : at + len(data)] = data


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a program did to its disk."""

    op: str
    path: str
    at: int
    data: bytes


def steps(log: Path) -> list[Step]:
    """All that a program did, in order."""
    raw, at, found = log.read_bytes(), 0, []
    while at + HEAD.size <= len(raw):
        op, name, offset, length = HEAD.unpack_from(raw, at)
        begin = at + HEAD.size
        path, data = raw[begin : begin + name], raw[begin + name : begin + name + length]
        found.append(Step(op.decode(), path.decode(), offset, data))
        at = begin + name + length
    return found


class Cuts:
    """A program's disk step by step; at any step the power may go."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}

    def do(self, step: Step) -> None:
        """The program goes one step on. Names are there at once: only what files hold may be lost."""
        if step.op == "U":
            self._files.pop(step.path, None)
        elif step.op == "R":
            self._files[step.data.decode()] = self._files.pop(step.path)
        elif step.op == "S":
            if step.path in self._files:  # else it is a folder, and names are there at once
                self._files[step.path].settle()
        else:
            file = self._files.setdefault(step.path, _File())
            if step.op == "T":
                file.flying.append((step.at, None))
            elif step.op == "W":
                file.flying.append((step.at, step.data))

    def leaves(self, folder: Path, to: Path, luck: random.Random) -> None:
        """Writes what the disk has of ``folder`` after a cut now into a new one."""
        for path, file in self._files.items():
            if path.endswith("-shm") or not Path(path).is_relative_to(folder):  # the first is memory
                continue
            there = to / Path(path).relative_to(folder)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(file.left(luck))
