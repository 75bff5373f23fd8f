"""What a tablet reads before it paints: the app's first files, as they go over a venue's Wi-Fi."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from staff_console import DIST

MOST = 130_000  # bytes, gzipped: a second on a bad cell
SHOWN_LATER = ("Service", "Floor", "Today", "Readers", "Setup", "Settings", "Shift")

pytestmark = pytest.mark.skipif(not (DIST / "index.html").exists(), reason="the console is not built")


def linked(page: str, kind: str) -> list[str]:
    """The files of one kind that a page names."""
    return re.findall(rf'(?:src|href)="\./(assets/[^"]+\.{kind})"', page)


def first(scripts: list[str]) -> set[Path]:
    """These scripts and all that they import before they run."""
    known: set[Path] = set()
    waiting = [DIST / name for name in scripts]
    while waiting:
        script = waiting.pop()
        if script in known:
            continue
        known.add(script)
        text = script.read_text("utf-8")
        waiting += [script.parent / name for name in re.findall(r'(?:from|import)\s*"\./([^"]+\.js)"', text)]
    return known


def gzipped(file: Path) -> int:
    """How many bytes of it go over the air."""
    return file.with_name(f"{file.name}.gz").stat().st_size


def test_the_first_paint_is_small_and_holds_no_screen_of_it_or_of_a_manager() -> None:
    page = (DIST / "index.html").read_text("utf-8")
    scripts = first(linked(page, "js"))
    names = {file.name.split("-")[0] for file in scripts}
    assert names.isdisjoint(SHOWN_LATER), names
    languages = [*DIST.glob("assets/zh-CN-*.js"), *DIST.glob("assets/en-*.js")]
    assert len(languages) == 2
    styles = [DIST / name for name in linked(page, "css")]
    total = sum(map(gzipped, [*scripts, *styles])) + max(map(gzipped, languages)) + len(page)
    assert total <= MOST, f"{total} bytes"


def test_each_screen_that_is_read_when_opened_is_kept_for_a_day_without_a_network() -> None:
    worker = (DIST / "sw.js").read_text("utf-8")
    for screen in (*SHOWN_LATER, "later-zh-CN", "later-en"):
        files = [*DIST.glob(f"assets/{screen}-*.js")]
        assert files, screen
        assert all(f'"assets/{file.name}"' in worker for file in files)
