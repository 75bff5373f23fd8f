"""Curves as a picture, without a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import isfinite, log10
from pathlib import Path

WIDTH, HEIGHT, MARGIN, ROW = 520, 400, 56, 15
OURS = "#a5261b"
OTHERS = ("#7a8b99", "#b08d57", "#5b7f66", "#8a6fa8", "#4f7cac", "#9a9a5a", "#aaaaaa", "#777777", "#444444")


@dataclass(slots=True)
class Series:
    """One line: its points (x, y, label)."""

    name: str
    points: list[tuple[float, float, str]] = field(default_factory=list)


@dataclass(slots=True)
class Panel:
    """Curves on the same axes, ours first; ``goal`` is the corner in which both goals are met."""

    title: str
    x: str
    y: str
    series: list[Series] = field(default_factory=list)
    goal: tuple[float, float] | None = None
    log: bool = False
    up: bool = False
    """More is better on the y axis, and ``goal`` is its least."""


def draw(path: Path, panels: Sequence[Panel]) -> None:
    """Writes an SVG with the panels side by side."""
    drawn = [_panel(panel, n * WIDTH) for n, panel in enumerate(panels)]
    tall = HEIGHT + ROW * max((len(panel.series) for panel in panels), default=0)
    size = f'width="{WIDTH * len(panels)}" height="{tall}"'
    style = "text{font:11px sans-serif;fill:#333}.t{font-weight:bold;font-size:13px}line{stroke:#999}"
    text = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{style}</style>'
    path.write_text(f'{text}<rect width="100%" height="100%" fill="#fff"/>{"".join(drawn)}</svg>\n', encoding="utf-8")


class _Axes:
    """Where a point of a panel is in the picture."""

    def __init__(self, panel: Panel, left: int) -> None:
        points = [p for s in panel.series for p in s.points if isfinite(p[0]) and isfinite(p[1])]
        self._log = panel.log
        self._left = left + MARGIN
        self.right = max((p[0] for p in points), default=1.0) or 1.0
        self.top = max((p[1] for p in points), default=1.0) or 1.0

    def x(self, value: float) -> float:
        part = log10(1.0 + 10.0 * value) / log10(1.0 + 10.0 * self.right) if self._log else value / self.right
        return self._left + min(1.0, part) * (WIDTH - 2 * MARGIN)

    def y(self, value: float) -> float:
        return HEIGHT - MARGIN - min(1.0, value / self.top) * (HEIGHT - 2 * MARGIN)


def _panel(panel: Panel, left: int) -> str:
    axes = _Axes(panel, left)
    floor, side, end = HEIGHT - MARGIN, left + MARGIN, left + WIDTH - MARGIN
    drawn = [
        f'<text class="t" x="{side}" y="22">{escape(panel.title)}</text>',
        *_goal(panel, axes, side),
        f'<line x1="{side}" y1="{floor}" x2="{end}" y2="{floor}"/>',
        f'<line x1="{side}" y1="{floor}" x2="{side}" y2="{MARGIN}"/>',
        f'<text x="{side}" y="{HEIGHT - 18}">{escape(panel.x)}</text>',
        f'<text x="{side}" y="{MARGIN - 14}">{escape(panel.y)}</text>',
    ]
    for x in _ticks(axes.right, panel.log):
        drawn.append(f'<text x="{axes.x(x) - 4:.1f}" y="{floor + 14}">{x:g}</text>')
    for y in _ticks(axes.top, log=False)[1:]:
        drawn.append(f'<text x="{side - 28}" y="{axes.y(y) + 4:.1f}">{y:g}</text>')
    for n, series in enumerate(panel.series):
        colour = OURS if n == 0 else OTHERS[(n - 1) % len(OTHERS)]
        drawn += _line(series, axes, colour, 3 if n == 0 else 1.5)
        at = HEIGHT + ROW * n
        drawn.append(f'<rect x="{side}" y="{at - 9}" width="10" height="10" fill="{colour}"/>')
        drawn.append(f'<text x="{side + 16}" y="{at}">{escape(series.name)}</text>')
    return "".join(drawn)


def _goal(panel: Panel, axes: _Axes, side: int) -> list[str]:
    if panel.goal is None:
        return []
    x, y = axes.x(panel.goal[0]), axes.y(panel.goal[1])
    top, bottom = (MARGIN, y) if panel.up else (y, HEIGHT - MARGIN)
    place = f'x="{side}" y="{top:.1f}" width="{x - side:.1f}" height="{bottom - top:.1f}"'
    return [f'<rect {place} fill="#e4efe4"/>']


def _line(series: Series, axes: _Axes, colour: str, width: float) -> list[str]:
    placed = [(axes.x(x), axes.y(y), label) for x, y, label in series.points if isfinite(x) and isfinite(y)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in placed)
    return [
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{width + 1:g}" fill="{colour}"/>' for x, y, _ in placed),
        *(f'<text x="{x + 5:.1f}" y="{y - 5:.1f}" fill="{colour}">{escape(label)}</text>' for x, y, label in placed),
    ]


def _ticks(most: float, log: bool) -> list[float]:
    if log:
        return [0.0, *(tick for tick in (0.5, 5.0, 10.0, 100.0, 1000.0, 10_000.0) if tick <= most)]
    step = next(s * 10.0**e for e in range(-3, 6) for s in (1.0, 2.0, 5.0) if s * 10.0**e * 6.0 >= most)
    return [step * n for n in range(int(most / step) + 1)]
