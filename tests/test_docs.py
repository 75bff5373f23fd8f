"""What the documents point at is there, and what is there is in the documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs" / "decisions"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_to_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_the_folders_that_pages_name_are_there() -> None:
    named = {
        folder
        for page in PAGES
        for folder in re.findall(r"`((?:gateway|tests|docs)/[\w/.]*)`", page.read_text("utf-8"))
    }
    assert len(named) >= 10
    assert {folder for folder in named if not (ROOT / folder).exists()} == set()


def test_every_room_is_in_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = {folder.name for folder in (ROOT / "gateway").iterdir() if (folder / "__init__.py").exists()}
    assert rooms >= {"core", "events", "records"}
    assert {room for room in rooms if f"| `{room}/`" not in page} == set()


def test_every_decision_is_listed_under_its_number_and_title_and_says_four_things() -> None:
    listed = re.findall(r"^\| \[(\d{4})\]\((.+?)\) \| (.+) \|$", (DECISIONS / "README.md").read_text("utf-8"), re.M)
    assert [name for _, name, _ in listed] == sorted(file.name for file in DECISIONS.glob("[0-9]*.md"))
    for number, name, title in listed:
        text = (DECISIONS / name).read_text("utf-8")
        assert text.startswith(f"# {number}. {title}\n"), name
        assert re.findall(r"^\*\*(.+?)\.\*\*", text, re.M) == [
            "Decided", "Why", "What else there was", "What it costs, and when to look again",
        ], name  # fmt: skip
