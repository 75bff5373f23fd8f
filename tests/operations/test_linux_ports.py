"""The traps that Linux sets for serial ports, on machines made of files, and on this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.operations.linux_ports import Linux
from gateway.operations.toolbox import advice

BY_ID = "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0"
BY_PATH = "/dev/serial/by-path/platform-usb-0:1.2:1.0-port0"


class Machine:
    """A machine made of files: devices are plain files, processes are folders."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.linux = Linux(root)
        for folder in ("dev", "proc", "sys/class/tty", "run/udev/data"):
            (root / folder).mkdir(parents=True)

    def adapter(self, name: str = "ttyUSB0", usb: str = "1a86:7523", *names: str, latency: int | None = None) -> str:
        (self.root / "dev" / name).touch()
        tty = self.root / f"sys/devices/usb1/{name}" / f"1-1:1.0/{name}"
        tty.mkdir(parents=True)
        vendor, product = usb.split(":")
        (tty.parents[1] / "idVendor").write_text(vendor + "\n")
        (tty.parents[1] / "idProduct").write_text(product + "\n")
        place = self.root / "sys/class/tty" / name
        place.mkdir()
        (place / "device").symlink_to(tty)
        (place / "dev").write_text("188:0\n")
        if latency is not None:
            (tty / "latency_timer").write_text(f"{latency}\n")
        for each in names:
            link = self.root / each.lstrip("/")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(Path("../..") / name)
        return f"/dev/{name}"

    def said(self, link: str) -> list[str]:
        return list(map(str, self.linux.advice(link)))

    def process(self, pid: int, name: str, holds: str | None = None) -> None:
        folder = self.root / "proc" / str(pid)
        (folder / "fd").mkdir(parents=True)
        (folder / "comm").write_text(name + "\n")
        if holds:
            (folder / "fd" / "3").symlink_to(holds)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_port_with_a_lasting_name_and_nobody_at_it_needs_no_advice(machine: Machine) -> None:
    machine.adapter("ttyUSB0", "1a86:7523", BY_ID)
    machine.process(77, "mosquitto", "/dev/null")
    assert machine.said(BY_ID) == []


@pytest.mark.parametrize("link", ["socket://10.0.0.7:4001", "rfc2217://x:1", "espresense", "10.0.0.7", "tcp://a:5084"])
def test_what_is_no_device_of_this_machine_needs_none_either(machine: Machine, link: str) -> None:
    machine.process(7, "ModemManager")
    assert machine.said(link) == []


def test_a_number_that_changes_is_answered_with_the_name_that_stays(machine: Machine) -> None:
    link = machine.adapter("ttyUSB0", "1a86:7523", BY_ID, BY_PATH)
    (said,) = machine.said(link)
    assert said == f'ttyUSB0 changes with the order of plugging in: write link = "{BY_ID}"'


def test_an_adapter_without_a_serial_number_is_named_by_its_socket_or_by_a_rule(machine: Machine) -> None:
    assert "99-moments-readers.rules tells how" in machine.said(machine.adapter("ttyACM0", "04d8:000a"))[0]
    assert BY_PATH in machine.said(machine.adapter("ttyUSB1", "1a86:7523", BY_PATH))[0]


def test_who_has_the_port_is_named(machine: Machine) -> None:
    machine.adapter("ttyUSB0", "1a86:7523", BY_ID)
    machine.process(4711, "minicom", "/dev/ttyUSB0")
    machine.process(4712, "bash", "/dev/pts/0")
    assert machine.said(BY_ID) == [
        "in use by process 4711 (minicom): a port has one user at a time; to end it: sudo kill 4711"
    ]


def test_a_gateway_that_runs_is_no_stranger_to_be_ended(machine: Machine) -> None:
    machine.adapter("ttyUSB0", "1a86:7523", BY_ID)
    machine.process(812, "moments", "/dev/ttyUSB0")
    (said,) = machine.said(BY_ID)
    assert "the gateway itself has it open" in said
    assert "kill" not in said


def test_modem_manager_is_told_unless_it_was_told_to_keep_off(machine: Machine) -> None:
    machine.adapter("ttyUSB0", "10c4:ea60", BY_ID)
    machine.process(9, "ModemManager")
    (said,) = machine.said(BY_ID)
    assert "ModemManager runs" in said
    assert "99-moments-readers.rules" in said
    (machine.root / "run/udev/data/c188:0").write_text("S:serial/by-id/x\nE:ID_MM_DEVICE_IGNORE=1\n")
    assert machine.said(BY_ID) == []


def test_brltty_is_told_for_the_adapters_that_it_takes(machine: Machine) -> None:
    machine.process(9, "brltty")
    machine.adapter("ttyUSB0", "1a86:7523", BY_ID)
    assert "brltty runs and may take this adapter (1a86:7523)" in machine.said(BY_ID)[0]
    other = "/dev/serial/by-id/usb-pico"
    machine.adapter("ttyACM0", "2e8a:000a", other)
    assert machine.said(other) == []


def test_brltty_is_told_where_a_port_vanished(machine: Machine) -> None:
    assert machine.said("/dev/ttyUSB0") == ["no serial adapter is plugged in"]
    machine.process(9, "brltty")
    said = machine.said("/dev/ttyUSB0")
    assert len(said) == 2
    assert "apt-get remove brltty" in said[1]


def test_a_port_that_is_not_there_is_answered_with_those_that_are(machine: Machine) -> None:
    machine.adapter("ttyUSB3", "1a86:7523", BY_ID, BY_PATH)
    machine.adapter("ttyACM0", "04d8:000a")
    (said,) = machine.said("/dev/moments/door")
    assert said == f"/dev/moments/door is not there; there is: {BY_ID}, /dev/ttyACM0"


def test_a_slow_chip_is_told_and_a_quick_one_not(machine: Machine) -> None:
    machine.adapter("ttyUSB0", "0403:6001", BY_ID, latency=16)
    (said,) = machine.said(BY_ID)
    assert "gathers bytes for 16 ms" in said
    (machine.linux.device(BY_ID) or Path()).exists()
    (machine.root / "sys/class/tty/ttyUSB0/device/latency_timer").write_text("1\n")
    assert machine.said(BY_ID) == []


def test_permission_is_judged_by_the_device(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.adapter("ttyUSB0", "1a86:7523", BY_ID)
    monkeypatch.setattr(os, "access", lambda path, mode: "ttyUSB0" not in str(path))
    (said,) = machine.said(BY_ID)
    group = "root" if os.stat(machine.root / "dev/ttyUSB0").st_gid == 0 else "adduser"  # noqa: PTH116 - as users see it
    assert group in said
    monkeypatch.setattr("grp.getgrgid", lambda _: type("G", (), {"gr_name": "dialout"}))
    (said,) = machine.said(BY_ID)
    assert said.endswith("dialout, then sign in again")


def test_a_link_that_leads_in_circles_leads_nowhere(machine: Machine) -> None:
    (machine.root / "dev/a").symlink_to("b")
    (machine.root / "dev/b").symlink_to("a")
    assert machine.linux.device("/dev/a") is None
    assert machine.said("/dev/a")


def test_on_this_machine_a_process_that_holds_a_terminal_is_found() -> None:
    parent, child = os.openpty()
    name = os.ttyname(child)
    script = f"import os, sys; os.open({name!r}, os.O_RDWR | os.O_NOCTTY); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"open\n"
        found = Linux().holders(Path(name))
        assert holder.pid in {each.pid for each in found}
        assert any(f"process {holder.pid} (" in said for said in map(str, Linux().advice(name)))
        assert any(each.kind == "held" for each in advice("serial", name, f"{name} is in use by another program"))
        assert not any(each.kind == "held" for each in advice("serial", name, None)), "the reader is well all the same"
    finally:
        holder.communicate(timeout=40)
        os.close(parent)
        os.close(child)
