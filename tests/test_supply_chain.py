"""What we ship is pinned, its licences are allowed, and a bill of materials says all of it."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parent.parent
LICENCES = tomllib.loads((ROOT / "requirements" / "licences.toml").read_text("utf-8"))
CLASSIFIERS = {
    "Apache Software License": {"Apache-2.0"},
    "BSD License": {"BSD-2-Clause", "BSD-3-Clause"},
    "ISC License (ISCL)": {"ISC"},
    "MIT License": {"MIT"},
    "Mozilla Public License 2.0 (MPL 2.0)": {"MPL-2.0"},
    "Public Domain": {"Unlicense"},
    "Python Software Foundation License": {"PSF-2.0"},
}


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """The bill of materials of this checkout."""
    made: dict[str, Any] = runpy.run_path(str(ROOT / "requirements" / "sbom.py"))["document"](ROOT)
    return made


def locked(*names: str) -> dict[str, str]:
    """Name and version of each package in these locks."""
    text = "".join((ROOT / "requirements" / f"{name}.txt").read_text("utf-8") for name in names)
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))


def allowed(expression: str, among: set[str]) -> bool:
    """Whether one may do with it what one of these allows: all of an AND, one of an OR."""
    bare = expression.strip().removeprefix("(").removesuffix(")")
    return any(all(part.strip() in among for part in each.split(" AND ")) for each in bare.split(" OR "))


def test_what_ships_is_under_a_permissive_licence_and_what_builds_it_under_a_weak_copyleft_at_most() -> None:
    runs = set(LICENCES["allowed"]["runs"])
    tools = runs | set(LICENCES["allowed"]["tools"])
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    optional = {re.split(r"[^\w.-]", each)[0] for rows in extras.values() for each in rows}
    assert set(locked("run")) == set(LICENCES["runs"]), "a new package needs its licence in requirements/licences.toml"
    assert set(locked("build", "dev")) - set(LICENCES["runs"]) == set(LICENCES["tools"])
    assert not {name: each for name, each in LICENCES["runs"].items() if not allowed(each, runs)}
    assert not {name: each for name, each in LICENCES["tools"].items() if not allowed(each, tools)}
    for name in optional & set(LICENCES["tools"]):
        assert allowed(LICENCES["tools"][name], runs), name


def test_the_licences_written_down_are_those_the_packages_name_themselves() -> None:
    told = 0
    for name, licence in (LICENCES["runs"] | LICENCES["tools"]).items():
        try:
            facts = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # for another system than this one
        if "License-Expression" in facts:
            assert licence == facts["License-Expression"], name
            told += 1
            continue
        classes = [each.rpartition(" :: ")[2] for each in facts.get_all("Classifier") or [] if each.startswith("Lic")]
        for each in (each for each in classes if each in CLASSIFIERS):
            assert licence in CLASSIFIERS[each], name
            told += 1
    assert told >= 60


def test_the_console_is_made_of_what_may_be_given_away() -> None:
    runs, tools = set(LICENCES["allowed"]["runs"]), set(LICENCES["allowed"]["tools"])
    packages = json.loads((ROOT / "staff_console" / "package-lock.json").read_text("utf-8"))["packages"]
    known = {path.rpartition("node_modules/")[2]: facts["license"] for path, facts in packages.items() if path}
    shipped = LICENCES["console"]["shipped"]
    assert not {name for name in shipped if not allowed(known[name], runs)}
    assert not {name: each for name, each in known.items() if not allowed(each, runs | tools)}
    named = set(tomllib.loads((ROOT / "requirements" / "licences.toml").read_text())["console"]["shipped"])
    declared = set(json.loads((ROOT / "staff_console" / "package.json").read_text())["dependencies"])
    assert declared <= named


def test_the_bill_of_materials_is_cyclonedx_and_names_every_locked_package_with_its_licence(
    bill: dict[str, Any],
) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None
    parts = {each["purl"]: each for each in bill["components"]}
    assert len(parts) == len(bill["components"])
    for name, version in locked("run").items():
        assert parts[f"pkg:pypi/{name}@{version}"]["scope"] == "required"
        assert parts[f"pkg:pypi/{name}@{version}"]["properties"], "with the hashes of its files"
    packages = json.loads((ROOT / "staff_console" / "package-lock.json").read_text("utf-8"))["packages"]
    npm = [each for purl, each in parts.items() if purl.startswith("pkg:npm/")]
    assert len(npm) == len(
        {(path.rpartition("node_modules/")[2], f["version"]) for path, f in packages.items() if path}
    )
    assert {each["name"] for each in npm if each["scope"] == "required"} == set(LICENCES["console"]["shipped"])
    assert all(each["licenses"] for each in parts.values())
    assert "://" not in json.dumps([{**each, "licenses": None} for each in parts.values()])


def test_the_bill_is_the_same_for_the_same_locks(bill: dict[str, Any]) -> None:
    again = runpy.run_path(str(ROOT / "requirements" / "sbom.py"))["document"](ROOT)
    assert json.dumps(again) == json.dumps(bill)


def test_a_package_nobody_has_looked_up_stops_the_build(tmp_path: Path) -> None:
    for part in ("requirements", "staff_console/package-lock.json", "pyproject.toml"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    with (tmp_path / "requirements" / "run.txt").open("a") as lock:
        lock.write("leftpad==1.0.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(KeyError, match="leftpad"):
        runpy.run_path(str(tmp_path / "requirements" / "sbom.py"))["document"](tmp_path)


@pytest.mark.parametrize(
    ("pip_says", "npm_says", "code", "words"),
    [
        ("No known vulnerabilities found", "found 0 vulnerabilities", 0, "no known faults"),
        ("Found 2 known vulnerabilities in 1 package", "found 0 vulnerabilities", 1, "there are known faults"),
        ("No known vulnerabilities found", "3 high severity vulnerabilities", 1, "there are known faults"),
        ("No known vulnerabilities found; starlette could not be audited", "found 0 vulnerabilities", 3, "run.txt"),
        ("Connection refused", "found 0 vulnerabilities", 3, "is not known"),
        ("No known vulnerabilities found", "npm error audit endpoint returned an error", 3, "package-lock.json"),
    ],
)
def test_an_audit_says_what_it_found_and_that_it_could_not_ask(
    tmp_path: Path, pip_says: str, npm_says: str, code: int, words: str
) -> None:
    for name, said in (("python", pip_says), ("npm", npm_says)):
        good = said.startswith(("No known", "found 0"))
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{said}'\nexit {0 if good else 1}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        [ROOT / ".ci" / "audit"], env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHON": str(tmp_path / "python")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, words in done.stdout + done.stderr) == (code, True), done


def test_pip_refuses_what_is_not_what_was_locked(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    (tmp_path / "moments_fake-1.0-py3-none-any.whl").write_bytes(b"not what was locked")
    lock.write_text("moments-fake==1.0 --hash=sha256:" + "0" * 64 + "\n")
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--require-hashes", "--no-index"]
    done = subprocess.run(
        [*pip, "--find-links", str(tmp_path), "-r", str(lock)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
