"""Builds the staff console into the wheel, so that no Node is needed to install it, and says what it is made of."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"  # npm does not look into the system's store by itself


class ConsoleBuildHook(BuildHookInterface):
    """Runs the console's own build when a wheel is made and ``staff_console/dist`` is missing."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        self._say_what_it_is_made_of(build_data)
        if os.environ.get("SKIP_CONSOLE"):
            return
        web = Path(self.root, "staff_console")
        if (web / "dist" / "index.html").exists():
            return
        npm = shutil.which("npm") or sys.exit("npm (Node 20 or newer) is needed to build the console into the wheel")
        env = dict(os.environ)
        if Path(CERTIFICATES).exists():
            env.setdefault("NODE_EXTRA_CA_CERTS", CERTIFICATES)
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=web, env=env, check=True)
        subprocess.run([npm, "run", "build"], cwd=web, env=env, check=True)

    def _say_what_it_is_made_of(self, build_data: dict[str, Any]) -> None:
        """Puts the bill of materials where installers look for it: ``sboms`` beside the wheel's metadata (PEP 770)."""
        bill = Path(self.root, "build", "moments.cdx.json")
        runpy.run_path(str(Path(self.root, "requirements", "sbom.py")))["write"](bill, Path(self.root))
        build_data["sbom_files"].append(str(bill.relative_to(self.root)))
