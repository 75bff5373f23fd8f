"""IBM's Telco churn, where it is at hand: MOMENTS_TELCO names the file, which no package carries."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gateway.insight.models.tables import read
from tests.program import run

FILE = os.environ.get("MOMENTS_TELCO")


@pytest.mark.skipif(FILE is None, reason="MOMENTS_TELCO names no file with IBM's Telco churn data")
def test_telco() -> None:
    file = Path(FILE or "")
    table = read(file)
    assert len(table.rows) == 7043
    assert table.column("Churn").count("Yes") == 1869
    assert table.numbers("tenure").sum() == 227_990
    assert table.numbers("MonthlyCharges").sum() == pytest.approx(456_116.60)
    ended = run(
        "insight", "logistic", file, "--id", "customerID", "--target", "Churn=Yes", "--folds", "10", "--salt", "telco-1"
    )
    assert ended.code == 0, ended
    said = json.loads(ended.out)
    assert said["columns"] == 31
    assert said["auc"]["value"] == pytest.approx(0.8498, abs=0.003)
    assert (said["auc"]["low"], said["auc"]["high"]) == pytest.approx((0.840, 0.860), abs=0.003)
    assert (said["brier"], said["accuracy"], said["calibration"]) == pytest.approx((0.1331, 0.807, 0.0055), abs=0.003)
    assert said["lift"] == pytest.approx(2.89, abs=0.05)
