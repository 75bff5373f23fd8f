"""What the product is made of: a CycloneDX document from the lock files, the same for the same locks.

python requirements/sbom.py OUT.cdx.json
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parent.parent
LICENCES = "requirements/licences.toml"
_ENTRY = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def document(root: Path = ROOT) -> dict[str, Any]:
    """The CycloneDX 1.6 document of this checkout; raises KeyError for a package whose licence nobody has looked up."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    components = [*python_components(root), *npm_components(root)]
    version = project["version"]
    itself = {
        "type": "application",
        "bom-ref": f"pkg:pypi/moments@{version}",
        "name": project["name"],
        "version": version,
        "description": project["description"],
        "licenses": [{"license": {"id": project["license"]}}],
        "purl": f"pkg:pypi/moments@{version}",
    }
    content = json.dumps([itself, components], sort_keys=True)
    shipped = sorted(each["bom-ref"] for each in components if each["scope"] == "required")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {"component": itself, "lifecycles": [{"phase": "build"}]},
        "components": components,
        "dependencies": [{"ref": itself["bom-ref"], "dependsOn": shipped}],
    }


def python_components(root: Path) -> list[dict[str, Any]]:
    """What the gateway runs on."""
    licences = tomllib.loads((root / LICENCES).read_text("utf-8"))["runs"]
    text = (root / "requirements" / "run.txt").read_text("utf-8")
    found = []
    for entry in re.split(r"\n(?=\S)", text.strip()):
        name, version = _ENTRY.findall(entry)[0]
        purl = f"pkg:pypi/{name}@{quote(version)}"
        files = [{"name": "moments:file:sha256", "value": each} for each in _HASH.findall(entry)]
        found.append(_component(name, version, purl, licences[name], "required") | {"properties": files})
    return found


def npm_components(root: Path) -> list[dict[str, Any]]:
    """What the console is made of (required) and made with (excluded: none of it is in the wheel)."""
    packages = json.loads((root / "staff_console" / "package-lock.json").read_text("utf-8"))["packages"]
    shipped = set(tomllib.loads((root / LICENCES).read_text("utf-8"))["console"]["shipped"])
    found: dict[str, dict[str, Any]] = {}
    for path, facts in packages.items():
        if not path:
            continue
        name, version = path.rpartition("node_modules/")[2], facts["version"]
        purl = f"pkg:npm/{quote(name, safe='/')}@{quote(version)}"
        made = _component(name, version, purl, facts["license"], "required" if name in shipped else "excluded")
        algorithm, _, digest = facts["integrity"].partition("-")
        if algorithm != "sha512":
            raise ValueError(f"{name}: its hash in package-lock.json is {algorithm}, and not sha512")
        found[purl] = made | {"hashes": [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}]}
    return list(found.values())


def _component(name: str, version: str, purl: str, licence: str, scope: str) -> dict[str, Any]:
    one = re.fullmatch(r"[\w.+-]+", licence)
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "scope": scope,
        "licenses": [{"license": {"id": licence}} if one else {"expression": licence}],
        "purl": purl,
    }


def write(out: Path, root: Path = ROOT) -> None:
    """Writes the document."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document(root), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
