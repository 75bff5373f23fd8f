"""Curves as a picture, without a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import isfinite
from pathlib import Path

WIDTH, HEIGHT, MARGIN = 460, 320, 56


@dataclass(slots=True)
class Curve:
    """Points with labels: what is tried along the curve, and what the two axes mean."""

    title: str
    x: str
    y: str
    points: list[tuple[float, float, str]] = field(default_factory=list)


def draw(path: Path, curves: Sequence[Curve]) -> None:
    """Writes an SVG with one panel per curve."""
    panels = [_panel(curve, n * WIDTH) for n, curve in enumerate(curves)]
    size = f'width="{WIDTH * len(curves)}" height="{HEIGHT}"'
    style = "text{font:12px sans-serif;fill:#333}.t{font-weight:bold}line{stroke:#999}"
    text = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{style}</style>'
    path.write_text(f'{text}<rect width="100%" height="100%" fill="#fff"/>{"".join(panels)}</svg>\n', encoding="utf-8")


def _panel(curve: Curve, left: int) -> str:
    points = [p for p in curve.points if isfinite(p[0]) and isfinite(p[1])]
    right = max((p[0] for p in points), default=1.0) or 1.0
    top = max((p[1] for p in points), default=1.0) or 1.0
    wide, high = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    placed = [(left + MARGIN + x / right * wide, HEIGHT - MARGIN - y / top * high, label) for x, y, label in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in placed)
    floor, side = HEIGHT - MARGIN, left + MARGIN
    return "".join(
        [
            f'<text class="t" x="{side}" y="24">{escape(curve.title)}</text>',
            f'<line x1="{side}" y1="{floor}" x2="{side + wide}" y2="{floor}"/>',
            f'<line x1="{side}" y1="{floor}" x2="{side}" y2="{MARGIN}"/>',
            f'<text x="{side}" y="{HEIGHT - 12}">{escape(curve.x)}, 0 to {right:.2g}</text>',
            f'<text x="{side}" y="{MARGIN - 10}">{escape(curve.y)}, 0 to {top:.2g}</text>',
            f'<polyline points="{line}" fill="none" stroke="#8a6d3b" stroke-width="2"/>',
            *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#8a6d3b"/>' for x, y, _ in placed),
            *(f'<text x="{x + 5:.1f}" y="{y - 5:.1f}">{escape(label)}</text>' for x, y, label in placed),
        ]
    )
