"""The files an operator installs: units, the admin command, the broker's template, udev rules."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.cli import serve
from gateway.cli_hub import CONFIG, DATA
from gateway.hub.own_keys import GENERATION, SIGNING
from gateway.hub.postgres import CREDENTIAL
from gateway.hub.serving import FILES
from gateway.operations.helper import UNIT, WHAT, Helper, NoHelper
from gateway.resources import config_folder, systemd_folder
from gateway.settings.insight import Insight
from tests.ports import free_port

SYSTEMD = systemd_folder()
UNITS = sorted(file.name for file in SYSTEMD.iterdir() if file.suffix in (".service", ".timer", ".path"))
HELPER = "moments-repair.service"
SERVICES = [name for name in UNITS if name.endswith(".service")]
OF_A_VENUE = [name for name in SERVICES if name not in ("moments-hub.service", HELPER)]
MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")


def settings(unit: str) -> dict[str, list[str]]:
    """What a unit sets, by ``Section.Key``, in order."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in (SYSTEMD / unit).read_text().splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line and not line.startswith("#"):
            key, is_setting, value = line.partition("=")
            assert is_setting, f"{unit}: {line!r} is no setting"
            found.setdefault(f"{section}.{key}", []).append(value)
    return found


def test_there_are_a_gateway_its_backup_its_insight_a_hub_and_a_helper() -> None:
    assert [
        *("moments-backup.service", "moments-backup.timer", "moments-hub.service"),
        *("moments-insight.service", "moments-insight.timer", "moments-repair.path", HELPER, "moments.service"),
    ] == UNITS


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_knows_every_setting(unit: str, tmp_path: Path) -> None:
    program = tmp_path / "moments"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in UNITS:
        (tmp_path / name).write_text((SYSTEMD / name).read_text().replace("/opt/moments/bin/moments", str(program)))
        made = tmp_path / name
        made.write_text(made.read_text().replace("/usr/local/sbin/moments-repair", str(program)))
    said = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit)], capture_output=True, text=True, timeout=30, check=False
    )
    # Complaints about units of this very machine are not about ours.
    assert [line for line in said.stderr.splitlines() if "moments" in line] == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_shut_in(unit: str) -> None:
    threshold = 25 if unit == HELPER else 15  # it is root, who writes udev rules
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={threshold}", str(SYSTEMD / unit)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert said.returncode == 0, said.stdout.splitlines()[-1]


def test_the_gateway_is_watched_started_again_and_not_when_its_file_is_wrong() -> None:
    unit = settings("moments.service")
    assert unit["Service.Type"] == ["notify"]
    assert int(unit["Service.WatchdogSec"][0]) <= 30
    assert unit["Service.Restart"] == ["always"]
    assert unit["Service.RestartSec"] == ["2"]
    assert unit["Service.RestartPreventExitStatus"] == ["2"]
    assert unit["Unit.StartLimitIntervalSec"] == ["0"]


@pytest.mark.parametrize("unit", OF_A_VENUE)
def test_each_service_is_the_same_user_with_the_same_key(unit: str) -> None:
    found = settings(unit)
    assert found["Service.User"] == ["moments"]
    assert found["Service.DynamicUser"] == ["yes"]
    assert "moments" in found["Service.StateDirectory"][0].split()
    assert found["Service.LoadCredentialEncrypted"] == ["master-key:/etc/moments/master-key.cred"]
    admin = (SYSTEMD / "moments-admin").read_text()
    for key in ("User", "DynamicUser", "LoadCredentialEncrypted"):
        assert f"-p {key}={found[f'Service.{key}'][0]}" in admin


def test_a_hub_is_a_user_of_its_own_and_started_again_but_for_a_wrong_file() -> None:
    unit = settings("moments-hub.service")
    assert unit["Service.User"] == ["moments-hub"]
    assert unit["Service.StateDirectory"] == ["moments-hub"]
    assert unit["Service.RestartPreventExitStatus"] == ["2"]
    assert f"--config {CONFIG} --data %S/moments-hub" in unit["Service.ExecStart"][0]
    assert str(DATA) == "/var/lib/moments-hub"
    assert int(unit["Service.LimitNOFILE"][0]) >= FILES
    guide = (SYSTEMD / "README.md").read_text()
    for credential in (SIGNING, GENERATION, CREDENTIAL):
        assert credential in guide


def test_the_gateway_may_write_to_every_folder_of_copies_that_the_example_names() -> None:
    """An erasure reaches into the copies: a folder that its unit shuts to it would stay as it was for ever."""
    example = (config_folder() / "venue.example.toml").read_text()
    [named] = re.findall(r"^# to = \[(.*?)\]", example, re.MULTILINE)
    folders = re.findall(r'"(.*?)"', named)
    for unit in OF_A_VENUE:
        found = settings(unit)
        own = {f"/var/lib/{name}" for line in found["Service.StateDirectory"] for name in line.split()}
        assert set(folders) <= own, unit
        assert "${STATE_DIRECTORY}" not in found["Service.ExecStart"][0], "that is a list where there are several"
    backup = settings("moments-backup.service")["Service.ExecStart"][0].split()
    assert backup[2].replace("%S", "/var/lib") in folders


def test_the_night_s_run_reads_the_gateway_s_folder_at_the_hour_of_the_settings() -> None:
    assert settings("moments-insight.timer")["Timer.OnCalendar"] == [f"*-*-* {Insight().at}"]
    run = settings("moments-insight.service")
    assert run["Service.ExecStart"][0].split()[1:3] == ["insight", "run"]
    assert run["Service.Nice"] == ["10"]


def test_the_timer_starts_the_backup() -> None:
    assert settings("moments-backup.timer")["Timer.OnCalendar"] == ["hourly"]
    assert "moments-backup.service" in UNITS


def test_admin_runs_a_command_as_the_service_does(tmp_path: Path) -> None:
    for name, text in {"systemd-run": 'printf "%s\\n" "$@"', "id": "echo ${FAKE_UID}"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)

    def run(uid: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SYSTEMD / "moments-admin", "customers", "import", "a file.csv"],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "FAKE_UID": str(uid)},
            capture_output=True,
            text=True,
            check=False,
        )

    as_root = run(0)
    assert as_root.returncode == 0
    assert as_root.stdout.splitlines()[-4:] == ["/opt/moments/bin/moments", "customers", "import", "a file.csv"]
    assert run(1000).returncode == 1
    assert "sudo" in run(1000).stderr


# --- the helper that root may install -----------------------------------------------------------------------------


class Machine:
    """A machine below a folder, whose programs note how they were called."""

    def __init__(self, folder: Path) -> None:
        self.root, self.said = folder / "root", folder / "said"
        self.programs = folder / "programs"
        packed = self.root / "opt/moments/lib/python3.11/site-packages/gateway/data/config"
        for each in (self.programs, packed, self.asked.parent, self.rules.parent):
            each.mkdir(parents=True)
        (packed / self.rules.name).write_text((config_folder() / self.rules.name).read_text())
        for name in ("udevadm", "systemctl", "timedatectl", "usermod"):
            self.program(name, "")

    @property
    def asked(self) -> Path:
        """Where the gateway asks."""
        return self.root / "run/private/moments/repair"

    @property
    def rules(self) -> Path:
        """Where udev looks."""
        return self.root / "etc/udev/rules.d/99-moments-readers.rules"

    def program(self, name: str, does: str) -> None:
        """What a program of this machine does, beside noting it."""
        (self.programs / name).write_text(f'#!/bin/sh\nprintf "%s\\n" "{name} $*" >>{self.said}\n{does}\n')
        (self.programs / name).chmod(0o755)

    def ask(self, what: str) -> dict[str, Any]:
        """What became of what the gateway asked for."""
        self.asked.write_text(what)
        subprocess.run(
            [SYSTEMD / "moments-repair"], env={"PATH": f"{self.programs}:/usr/bin:/bin", "ROOT": str(self.root)},
            capture_output=True, check=False, timeout=40,
        )  # fmt: skip
        assert not self.asked.exists(), "it would be done again and again"
        did: dict[str, Any] = json.loads((self.root / "run/moments-repair/done").read_text())
        return did

    @property
    def calls(self) -> list[str]:
        """How its programs were called."""
        return self.said.read_text().splitlines() if self.said.exists() else []


def test_the_helper_puts_the_rules_in_place_and_leaves_those_of_the_operator(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.ask("ports")["done"] is True
    assert 'GROUP="dialout"' in machine.rules.read_text()
    assert "udevadm control --reload" in machine.calls
    assert "systemctl try-restart ModemManager.service" in machine.calls
    assert not [call for call in machine.calls if call.startswith("usermod")], "a dynamic user is in the group already"
    machine.rules.write_text("# ours\n")
    assert machine.ask("ports")["done"] is True
    assert machine.rules.read_text() == "# ours\n"
    machine.program("systemctl", 'case "$*" in *DynamicUser*) echo no ;; *User*) echo gate ;; esac')
    machine.ask("ports")
    assert "usermod -aG dialout gate" in machine.calls


def test_the_helper_says_what_failed_and_does_nothing_that_it_does_not_know(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.program("timedatectl", 'echo "Failed to set ntp: \\"NTP\\" not supported" >&2; exit 1')
    did = machine.ask("clock")
    assert (did["what"], did["done"], "not supported" in did["said"]) == ("clock", False, True)
    before = machine.calls
    for strange in ("usermod", "ports;reboot", "$(reboot)", "", "../../etc/shadow"):
        assert machine.ask(strange)["done"] is False
    assert machine.calls == before


def test_the_gateway_and_its_helper_mean_the_same_files(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    helper = Helper(machine.root, machine.asked.parent)
    with pytest.raises(NoHelper, match="not installed"):
        helper.ask("clock")
    unit = machine.root / UNIT
    unit.parent.mkdir(parents=True)
    unit.touch()
    helper.ask("clock")
    assert helper.look() == {"installed": True, "asked": True, "last": None}
    assert machine.ask(machine.asked.read_text())["what"] == "clock"
    assert helper.look()["last"] == {"what": "clock", "done": True, "said": ""}
    assert settings("moments-repair.path")["Path.PathExists"] == ["/run/private/moments/repair"]
    words = re.findall(r"^  ([a-z |]+)\) said", (SYSTEMD / "moments-repair").read_text(), re.MULTILINE)
    assert [each.split(" | ") for each in words] == [sorted(WHAT, reverse=True)]


def test_commands_without_a_folder_mean_the_services_own() -> None:
    unit = settings("moments.service")["Service.ExecStart"][0]
    defaults = {str(option.default) for option in serve.params if option.name in ("config", "data")}
    assert defaults == {"/etc/moments/venue.toml", "/var/lib/moments"}
    assert "--config /etc/moments/venue.toml --data %S/moments" in unit


def test_the_guide_names_only_files_that_exist() -> None:
    guide = (SYSTEMD / "README.md").read_text()
    named = set(re.findall(r"(?<![\w/])((?:config|systemd)/[\w.*-]+)", guide))
    assert len(named) >= 5
    for name in named:
        folder = config_folder() if name.startswith("config/") else SYSTEMD
        assert list(folder.glob(name.partition("/")[2])), name
    for unit in UNITS:
        assert unit.removesuffix(".service").removesuffix(".timer").removesuffix(".path") in guide


# --- the broker's template ----------------------------------------------------------------------------------------


def certificate(folder: Path) -> None:
    """A CA that is its own broker, for one test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
    start = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    (folder / "broker.pem").write_bytes(pem)
    (folder / "broker.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def answers(port: int) -> bool:
    """Whether somebody comes to listen on a port soon."""
    end = time.monotonic() + 40
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False


@pytest.mark.skipif(not MOSQUITTO, reason="mosquitto is not installed")
def test_mosquitto_takes_the_template_beside_debians_own_file_and_lets_no_stranger_in(tmp_path: Path) -> None:
    plain, tls = free_port(), free_port()
    certificate(tmp_path)
    template = (config_folder() / "mosquitto.conf").read_text()
    (tmp_path / "moments.acl").write_text(
        "".join(found[1] + "\n" for found in re.finditer(r"^#   ((?:user|topic) .*)$", template, re.MULTILINE))
    )
    for name in ("ca.pem", "broker.pem", "broker.key"):
        template = template.replace(f"/etc/mosquitto/certs/{name}", str(tmp_path / name))
    template = template.replace("/etc/mosquitto/moments", str(tmp_path / "moments"))
    template = template.replace("listener 1883 ", f"listener {plain} ").replace("listener 8883", f"listener {tls}")
    assert str(plain) in template
    assert str(tls) in template
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "moments.conf").write_text(template)
    (tmp_path / "moments.passwords").touch()
    (tmp_path / "debian.conf").write_text(
        f"persistence true\npersistence_location {tmp_path}/\nlog_dest stderr\n"
        f"{'user root' if os.geteuid() == 0 else ''}\ninclude_dir {tmp_path}/conf.d\n"
    )
    with subprocess.Popen([str(MOSQUITTO), "-c", str(tmp_path / "debian.conf")], stderr=subprocess.PIPE) as broker:
        try:
            assert answers(plain), broker.stderr.read() if broker.stderr and broker.poll() is not None else "silent"
            assert answers(tls)
            with socket.create_connection(("127.0.0.1", plain), timeout=40) as stranger:
                stranger.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x0a\x00\x01a")
                not_authorised = b"\x20\x02\x00\x05"
                assert stranger.recv(4) == not_authorised
        finally:
            broker.terminate()
            broker.wait(10)
        assert list(tmp_path.glob("mosquitto.db*")) == [], "what devices say of strangers stays on no disk"
        assert broker.stderr
        errors = [line for line in broker.stderr.read().splitlines() if b"Error" in line]
        ours = b"unexpected eof while reading"  # we have looked at the port with TLS and spoken none, above
        assert [line for line in errors if ours not in line] == []


def test_udev_rules_give_ports_to_dialout_and_take_them_from_modem_manager() -> None:
    lines = (config_folder() / "99-moments-readers.rules").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    ports = [rule for rule in rules if 'SUBSYSTEM=="tty"' in rule]
    assert len(ports) >= 5
    for rule in rules:
        assert re.fullmatch(r'(\w+(\{\w+\})?(==|=|\+=)"[^"]*"(, )?)+', rule), rule
    for rule in ports:
        assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in rule
        assert 'GROUP="dialout"' in rule
