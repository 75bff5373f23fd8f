"""What a tablet downloads before it shows anything."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from benchmarks.report import Table
from benchmarks.scale import Scale
from staff_console import DIST

_LINKED = re.compile(r"""(?:src|href)=["']/?([^"':]+)["']""")


def bench(_scale: Scale, _profile: Path | None = None) -> list[Table]:
    """Counts the bytes of the built console as they are and gzipped."""
    table = Table("First page of the console, bytes", ("part", "files", "as built", "gzip"))
    page = DIST / "index.html"
    if not page.exists():
        table.notes.append("the console is not built: make install")
        return [table]
    linked = [DIST / name for name in _LINKED.findall(page.read_text("utf-8"))]
    first = [page, *(file for file in linked if file.is_file())]
    code = [file for file in first if file.suffix in {".html", ".js", ".css"}]
    everything = [file for file in DIST.rglob("*") if file.is_file() and file.suffix != ".gz"]
    for part, files in (
        ("page, script and style", code),
        ("all that the page names", first),
        ("the whole bundle", everything),
    ):
        raw = [file.read_bytes() for file in files]
        small = sum(len(gzip.compress(each, 6)) for each in raw)
        table.rows.append((part, f"{len(files)}", f"{sum(map(len, raw)):,}", f"{small:,}"))
    table.notes.append("from staff_console/dist; each file gzipped by itself, level 6")
    return [table]
