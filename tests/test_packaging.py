"""What is declared is what is used, the locks name no host, and the wheel works on a machine without Node."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import gateway

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OURS = {"gateway", "reader_drivers", "staff_console", "tests", "benchmarks"}
LOCKS = ["run", "dev", "build", "mutants", "audit"]

# Needed, and yet no file of ours imports them.
UNSEEN = {
    "tzdata": "zoneinfo reads it where the system has no time zones",
}
PARTS = {"pydantic-core": "pydantic"}  # one project, told apart by the installer only
PLUGINS = {"mypy", "pytest-asyncio", "pytest-cov", "pytest-timeout", "pytest-xdist", "ruff"}  # run, not imported


def requirements(rows: list[str]) -> dict[str, Requirement]:
    """The named packages."""
    return {canonicalize_name(r.name): r for r in map(Requirement, rows)}


RUN = requirements(PROJECT["project"]["dependencies"])
DEV = requirements(PROJECT["dependency-groups"]["dev"])
EXTRAS = requirements([row for rows in PROJECT["project"]["optional-dependencies"].values() for row in rows])


def locked(name: str) -> dict[str, str]:
    """The versions in a lock file."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return {canonicalize_name(n): v for n, v in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)}


def imported(*folders: str) -> set[str]:
    """The distributions that files in these folders import."""
    homes = metadata.packages_distributions()
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py") if "node_modules" not in file.parts]
    assert files, folders
    names = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    foreign = names - OURS - set(sys.stdlib_module_names)
    missing = {name for name in foreign if name not in homes}
    assert not missing, f"not installed: {missing}"
    found = {canonicalize_name(homes[name][0]) for name in foreign}
    return {PARTS.get(name, name) for name in found}


def test_every_import_is_declared_and_every_declaration_imported() -> None:
    assert imported("gateway", "reader_drivers") - set(EXTRAS) == set(RUN) - set(UNSEEN)
    assert set(UNSEEN) <= set(RUN)


def test_what_tests_and_benches_import_is_declared() -> None:
    used = imported("tests") | (imported("benchmarks") if list((ROOT / "benchmarks").glob("*.py")) else set())
    assert used - set(RUN) <= set(DEV)
    assert set(DEV) - used - set(EXTRAS) <= PLUGINS


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_versions_and_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    assert not re.search(r"^(-i|--\w*index|--find-links|--trusted)", text, re.MULTILINE)
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) >= 8
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_locks_hold_what_is_declared() -> None:
    mutants = requirements(PROJECT["dependency-groups"]["mutants"])
    for lock, declared in (("run", RUN), ("dev", RUN | DEV), ("mutants", mutants)):
        versions = locked(lock)
        for name, requirement in declared.items():
            assert name in versions, f"{name} is not in requirements/{lock}.txt: make lock"
            assert requirement.specifier.contains(versions[name]), name
    run, dev, *others = (locked(name) for name in LOCKS)
    assert {name for name in run if dev[name] != run[name]} == set(), "tests run with what is shipped"
    for other in others:  # they share one environment
        assert {name for name in other if dev.get(name, other[name]) != other[name]} == set()


def test_the_consoles_lock_names_no_registry() -> None:
    text = (ROOT / "staff_console" / "package-lock.json").read_text()
    assert len(json.loads(text)["packages"]) > 20
    assert '"resolved"' not in text
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "staff_console" / ".npmrc").read_text()


# --- the wheel ----------------------------------------------------------------------------------------------------


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; fails with what it complained of."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP_", "COV"))}
    done = subprocess.run(
        command, cwd=cwd, env=env | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, made beside it, with a stand-in where the console has not been built."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    left_out = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "build", "tests", "benchmarks")
    shutil.copytree(ROOT, tree, ignore=left_out)
    shutil.copy(ROOT / ".gitignore", tree)
    dist = tree / "staff_console" / "dist"
    (dist / "assets").mkdir(parents=True, exist_ok=True)
    (dist / "index.html").touch()
    (dist / "assets" / "made-by-the-test.js").touch()
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, tree, cwd=folder)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_the_console_the_samples_and_the_units_and_no_sources_of_the_console(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"staff_console/dist/index.html", "staff_console/dist/assets/made-by-the-test.js"} <= names
    for ours, packed in (("config", "gateway/data/config"), ("systemd", "gateway/data/systemd")):
        files = {f"{packed}/{file.relative_to(ROOT / ours)}" for file in (ROOT / ours).rglob("*") if file.is_file()}
        assert len(files) >= 4
        assert files <= names
    assert {"gateway/py.typed", "reader_drivers/py.typed", "gateway/cli.py"} <= names
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("gateway/data/requirements.txt") == (ROOT / "requirements" / "run.txt").read_bytes()
        (bill,) = [name for name in names if name.endswith("dist-info/sboms/moments.cdx.json")]
        assert json.loads(archive.read(bill))["metadata"]["component"]["version"] == gateway.__version__
    console = {name for name in names if name.startswith("staff_console/") and "/dist/" not in name}
    assert {Path(name).suffix for name in console} == {".py"}
    others = {name.partition("/")[0] for name in names} - {"gateway", "reader_drivers", "staff_console"}
    assert {name.partition(".")[2].rpartition(".")[2] for name in others} == {"dist-info"}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; what it depends on comes from ours, so that no network is needed."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(home, symlinks=True)
    site = Path(
        run(home / "bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip()
    )
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin/python"), "install", "--quiet", "--no-deps"]
    run(*pip, "--no-index", "--ignore-installed", str(wheel), cwd=home)
    return home / "bin"


def test_the_wheel_works_where_there_is_no_checkout(installed: Path, tmp_path: Path) -> None:
    assert gateway.__version__ in run(installed / "moments", "--version", cwd=tmp_path)
    assert "demo" in run(installed / "python", "-m", "gateway", "--help", cwd=tmp_path)
    seen = run(
        installed / "python",
        "-c",
        "import gateway, staff_console; from gateway import resources\n"
        "print(gateway.__file__)\n"
        "print((staff_console.DIST / 'index.html').is_file())\n"
        "print((resources.systemd_folder() / 'moments.service').is_file())\n",
        cwd=tmp_path,
    ).splitlines()
    assert seen[0].startswith(str(installed.parent))
    assert seen[1:] == ["True", "True"]


def test_the_demo_runs_from_the_wheel_without_node(installed: Path, tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [installed / "moments", "demo", "--port", "0", "--quiet-venue"],
        cwd=tmp_path,
        env={"PATH": "/nowhere", "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with demo:
        try:
            assert demo.stdout
            said = next(line for line in demo.stdout if "http://" in line)
            address = re.search(r"http://[\d.]+:\d+", said)
            assert address
            with urllib.request.urlopen(address[0] + "/", timeout=40) as page:
                assert page.status == 200
            with urllib.request.urlopen(address[0] + "/api/sign-in", timeout=40) as answer:
                assert json.load(answer)["venue"]["id"] == "cloudrest"
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=40)
    assert demo.returncode == 0


def test_one_version() -> None:
    assert PROJECT["project"]["version"] == gateway.__version__


# --- what `make` sees to ------------------------------------------------------------------------------------------


class Machine:
    """A machine on which some programs are missing, and whose apt-get writes down what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder, folder / "bin"
        self.bin.mkdir()
        self.asked = folder / "asked"
        for name in ("bash", "grep", "env"):
            found = shutil.which(name)
            assert found
            (self.bin / name).symlink_to(found)
        self.program("id", "echo $FAKE_UID")
        self.program("apt-get", f'echo "$*" >> {self.asked}; exit ${{APT_ENDS:-0}}')

    def program(self, name: str, text: str) -> None:
        """Puts a program on the machine."""
        (self.bin / name).write_text(f"#!/bin/bash\n{text}\n")
        (self.bin / name).chmod(0o755)

    def see_to(self, *names: str, uid: int = 0, apt_ends: int = 0) -> tuple[int, str, list[str]]:
        """Exit code, what was said, and each call of apt-get."""
        self.asked.unlink(missing_ok=True)
        env = {"PATH": str(self.bin), "PY": "false", "FAKE_UID": str(uid), "APT_ENDS": str(apt_ends)}
        done = subprocess.run(
            ["/bin/bash", ROOT / ".ci" / "debian-packages", *names],
            env=env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr, self.asked.read_text().splitlines() if self.asked.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_what_is_there_is_left_alone(machine: Machine) -> None:
    machine.program("chromium", "")
    machine.program("fc-list", "for i in {1..20000}; do echo wqy-microhei; done")
    assert machine.see_to("chromium", "fonts", uid=1000) == (0, "", [])


def test_root_installs_all_that_is_missing_with_one_update(machine: Machine) -> None:
    code, _, asked = machine.see_to("venv", "chromium", "--optional", "fonts")
    assert code == 0
    assert [line.split()[-1] for line in asked] == ["update", "fontconfig"]
    assert asked[1].endswith("python3-venv chromium fonts-wqy-microhei fontconfig")


def test_others_are_told_what_to_install(machine: Machine) -> None:
    code, said, asked = machine.see_to("venv", "chromium", uid=1000)
    assert (code, asked) == (1, [])
    assert "sudo apt-get install python3-venv chromium" in said


def test_what_is_optional_stops_nobody(machine: Machine) -> None:
    code, said, asked = machine.see_to("--optional", "chromium", uid=1000)
    assert (code, asked) == (0, [])
    assert "Going on without: chromium" in said


def test_without_a_network_the_package_is_named(machine: Machine) -> None:
    code, said, asked = machine.see_to("chromium", apt_ends=100)
    assert code == 1
    assert len(asked) == 2
    assert "is there a network?" in said
    assert "sudo apt-get install chromium" in said
    assert machine.see_to("--optional", "chromium", apt_ends=100)[0] == 0


@pytest.mark.parametrize(("uid", "calls"), [(0, 2), (1000, 1)])
def test_promtool_is_asked_for_once_and_nobody_waits_for_it_again(machine: Machine, uid: int, calls: int) -> None:
    for name in ("mkdir", "mktemp", "rm", "touch"):
        found = shutil.which(name)
        assert found
        (machine.bin / name).symlink_to(found)
    code, said, asked = machine.see_to("--optional", "promtool", uid=uid, apt_ends=100)
    assert code == 0
    assert "going on without it" in said
    assert len(asked) == calls
    assert machine.see_to("--optional", "promtool", uid=uid) == (0, "", [])
