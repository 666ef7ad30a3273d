"""The picture of a comparison: a bar per stage before and after, with its floor, as inline SVG."""

from __future__ import annotations

from html import escape

from openswirl.bench.comparing import Comparison, Row
from openswirl.bench.document import SpanFigures
from openswirl.bench.tables import indented, milliseconds

_LABELS = 290
_BARS = 560
_FIGURES = 90
_BAR = 11
_ROW = 2 * _BAR + 12
_TOP = 26


def stage_chart(comparison: Comparison) -> str:
    """An ``svg`` element; its classes are styled by the page."""
    rows = comparison.rows
    sides = [figures for row in rows for figures in (row.before, row.after) if figures]
    # A floor may lie beyond every bar, and has to stay in the picture.
    longest = max(max(figures.seconds, figures.floor_s or 0.0) for figures in sides) or 1.0
    name = indented([row.path for row in rows])
    height = _TOP + _ROW * len(rows)
    width = _LABELS + _BARS + _FIGURES
    parts = [
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        "<title>Median time of every span before and after, with the floor after</title>",
        _legend(),
    ]
    for index, row in enumerate(rows):
        parts += _stage(row, name(row.path), _TOP + index * _ROW, longest)
    return "".join([*parts, "</svg>"])


def _legend() -> str:
    swatches = []
    for index, kind in enumerate(("before", "after")):
        x = _LABELS + 90 * index
        swatches.append(f'<rect class="{kind}" x="{x}" y="4" width="12" height="12"/>')
        swatches.append(f'<text x="{x + 18}" y="14">{kind}</text>')
    x = _LABELS + 180
    swatches.append(
        f'<line class="floor" x1="{x}" y1="4" x2="{x}" y2="16"/><text x="{x + 8}" y="14">floor</text>'
    )
    return "".join(swatches)


def _stage(row: Row, label: str, y: int, longest: float) -> list[str]:
    # Spaces at the start of a text are dropped, so that indentation is a shift.
    text = label.lstrip(" ")
    x = 6 * (len(label) - len(text))
    parts = [f'<text x="{x}" y="{y + 16}"><title>{escape(row.path)}</title>{escape(_short(text, x))}</text>']
    sides: tuple[tuple[str, SpanFigures | None], ...] = (("before", row.before), ("after", row.after))
    for index, (kind, figures) in enumerate(sides):
        if figures is None:
            continue
        top = y + 2 + index * (_BAR + 1)
        length = figures.seconds / longest * _BARS
        parts.append(
            f'<rect class="{kind}" x="{_LABELS}" y="{top}" width="{length:.2f}" height="{_BAR}"/>'
            f'<text x="{_LABELS + length + 6:.2f}" y="{top + 10}">{milliseconds(figures.seconds)} ms</text>'
        )
        if figures.floor_s is not None:
            floor = _LABELS + figures.floor_s / longest * _BARS
            parts.append(
                f'<line class="floor" x1="{floor:.2f}" y1="{top - 1}" x2="{floor:.2f}" y2="{top + _BAR + 1}"/>'
            )
    return parts


def _short(text: str, x: int) -> str:
    """As much of the end of a name as there is room for."""
    most = (_LABELS - x) // 7
    return text if len(text) <= most else f"…{text[1 - most :]}"
