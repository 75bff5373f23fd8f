"""What Linux does to serial ports behind a venue's back, and what to type against it.

Looks at ``/dev``, ``/sys``, ``/proc`` and ``/run/udev`` and changes nothing; another ``root`` is for tests.
"""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.operations.remedies import RULES, Remedy

OURSELVES = "moments"  # as /proc names a gateway that runs
SLOW_LATENCY = 1  # ms; more delays a touch that should feel immediate
TAKEN_BY_BRLTTY = {"1a86:7523", "10c4:ea60", "0403:6001", "0403:6010"}  # CH340, CP210x, FTDI: as of Debian's rules
NAMED_ANEW = ("ttyUSB", "ttyACM")  # numbered in the order of plugging in
PERMANENT = ("dev/serial/by-id", "dev/serial/by-path")  # the first tells adapters apart, the second sockets


@dataclass(slots=True, frozen=True)
class Holder:
    """A process that has a port open."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"process {self.pid} ({self.name})"


@dataclass(slots=True, frozen=True)
class Linux:
    """One machine, by its file systems."""

    root: Path = Path("/")

    def advice(self, link: str) -> list[Remedy]:
        """What stands, or may stand, between a reader on this ``link`` and us, each with what to do about it.

        Empty where the link is no device of this machine, or all is well.
        """
        if "://" in link or not link.startswith("/"):
            return []
        device = self.device(link)
        if device is None:
            return list(self._why_missing(link))
        return [
            *self._held(device),
            *self._forbidden(device),
            *self._probed(device),
            *self._delayed(device),
            *self._named_anew(link, device),
        ]

    def device(self, link: str) -> Path | None:
        """The device that a link leads to, below ``root``; None where there is none."""
        path = self._place(link)
        for _ in range(8):
            if not path.is_symlink():
                return path if path.exists() else None
            target = path.readlink()
            path = self._place(str(target)) if target.is_absolute() else Path(os.path.normpath(path.parent / target))
        return None

    def ports(self) -> list[str]:
        """The serial adapters there are, each by its most lasting name."""
        found: dict[Path, str] = {}
        for folder in PERMANENT:
            for name in sorted(self._list(folder)):
                device = self.device(f"/{folder}/{name}")
                if device is not None:
                    found.setdefault(device, f"/{folder}/{name}")
        for name in sorted(self._list("dev")):
            if name.startswith(NAMED_ANEW):
                found.setdefault(self._place(f"/dev/{name}"), f"/dev/{name}")
        return list(found.values())

    def holders(self, device: Path) -> list[Holder]:
        """Who has this device open, as far as we may see; not ourselves."""
        found = []
        for pid in self._pids():
            with suppress(OSError):
                for fd in (self.root / "proc" / str(pid) / "fd").iterdir():
                    if self._place(str(fd.readlink())) == device:
                        found.append(Holder(pid, self._name(pid)))
                        break
        return found

    # --- one trap each ------------------------------------------------------------------------------------------------

    def _why_missing(self, link: str) -> Iterator[Remedy]:
        there = self.ports()
        yield Remedy("missing", {"link": link, "ports": ", ".join(there)}) if there else Remedy("none_plugged")
        if not there and self._runs("brltty"):
            yield Remedy("brltty_took")

    def _held(self, device: Path) -> Iterator[Remedy]:
        holders = self.holders(device)
        if any(each.name == OURSELVES for each in holders):
            yield Remedy("held_by_gateway")
        elif holders:
            names, pids = " and ".join(map(str, holders)), " ".join(str(each.pid) for each in holders)
            yield Remedy("held", {"holders": names, "pids": pids})

    def _forbidden(self, device: Path) -> Iterator[Remedy]:
        if os.access(device, os.R_OK | os.W_OK):
            return
        user = pwd.getpwuid(os.geteuid()).pw_name
        try:
            group = grp.getgrgid(device.stat().st_gid).gr_name
        except (KeyError, OSError):
            group = "dialout"
        if group == "root":
            yield Remedy("only_root", {"rules": RULES})
        else:
            yield Remedy("forbidden", {"user": user, "group": group})

    def _probed(self, device: Path) -> Iterator[Remedy]:
        if self._runs("ModemManager") and "ID_MM_DEVICE_IGNORE=1" not in self._udev(device):
            yield Remedy("modem_manager", {"rules": RULES})
        usb = self._usb(device)
        if self._runs("brltty") and usb in TAKEN_BY_BRLTTY:
            yield Remedy("brltty", {"usb": usb})

    def _delayed(self, device: Path) -> Iterator[Remedy]:
        timer = self._read(f"sys/class/tty/{device.name}/device/latency_timer")
        if timer.isdecimal() and int(timer) > SLOW_LATENCY:
            yield Remedy("latency", {"ms": timer, "rules": RULES})

    def _named_anew(self, link: str, device: Path) -> Iterator[Remedy]:
        name = Path(link).name
        if not name.startswith(NAMED_ANEW):
            return
        lasting = next((each for each in self.ports() if self.device(each) == device and each != link), None)
        if lasting is not None:
            yield Remedy("renamed", {"name": name, "lasting": lasting})
        else:
            yield Remedy("unnamed", {"name": name, "rules": RULES})

    # --- what the machine says ----------------------------------------------------------------------------------------

    def _place(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _list(self, folder: str) -> list[str]:
        try:
            return [each.name for each in (self.root / folder).iterdir()]
        except OSError:
            return []

    def _read(self, path: str) -> str:
        try:
            return (self.root / path).read_text("utf-8", "replace").strip()
        except OSError:
            return ""

    def _pids(self) -> Iterator[int]:
        yield from (pid for name in self._list("proc") if name.isdecimal() and (pid := int(name)) != os.getpid())

    def _name(self, pid: int) -> str:
        return self._read(f"proc/{pid}/comm") or "?"

    def _runs(self, program: str) -> bool:
        return any(self._name(pid) == program for pid in self._pids())

    def _udev(self, device: Path) -> str:
        """What udev has noted about a device."""
        number = self._read(f"sys/class/tty/{device.name}/dev")
        return self._read(f"run/udev/data/c{number}") if number else ""

    def _usb(self, device: Path) -> str:
        """Vendor and product of the USB adapter behind a device, ``1a86:7523``; empty where there is none."""
        place = self.root / "sys/class/tty" / device.name / "device"
        with suppress(OSError):
            for folder in list(place.resolve(strict=True).parents)[:4]:
                if (folder / "idVendor").exists():
                    return ":".join((folder / each).read_text().strip() for each in ("idVendor", "idProduct"))
        return ""
