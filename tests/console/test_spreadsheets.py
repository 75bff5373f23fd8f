"""Files for spreadsheets, wherever they are made: no cell of one is run."""

from __future__ import annotations

import csv
import io
import re

from gateway.club import settle
from gateway.console import table_files

FORMULAS = ["=1+1", "-A1", "\x01=1+1", "tea;=1+1", "@SUM(A1)", "＝1+1", ' "=1+1']


def test_no_table_has_a_cell_that_a_spreadsheet_runs_nor_by_the_name_of_a_column_or_a_booking() -> None:
    table = table_files.as_csv(FORMULAS, [dict.fromkeys(FORMULAS, each) for each in FORMULAS]).decode()
    late = [{"kind": "earn", "day": "2026-11-30", "partner": "-spa", "id": each} for each in FORMULAS]
    part = {**dict.fromkeys(settle.POINT_LINES, 0), "lines": [], "net_cents": -5, "carried_mc": 0}
    owed = settle.as_csv({"statement": "-A1", "through": 9, "partners": {"=1+1": part}, "late": late})
    for text in (table.removeprefix("\ufeff"), owed):
        found = [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell != "-5"]
        assert len(found) > 40
        run = [cell for cell in found if re.search(r"(\A|;)[\s\x00-\x1f\"]*[=+@＝-]", cell)]
        assert run == []
