"""Recognition is as good as the last full run said: a few simulated visits a case, against its intervals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(300)
def test_no_number_has_left_its_interval() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.accuracy", "--short"],
        cwd=ROOT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "entry to arrival" in done.stdout
