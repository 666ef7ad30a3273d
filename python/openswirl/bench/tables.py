"""Benchmark figures as tables of text, the same for a terminal, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openswirl.bench.comparing import Comparison, Row, quotient, residuals
from openswirl.bench.document import ROOT, BenchmarkFile
from openswirl.bench.gates import Outcome
from openswirl.bench.summary import Summary

#: How many spans the list of residuals shows.
MOST_RESIDUALS = 10
UNKNOWN = "-"
#: Seconds below which :func:`milliseconds` shows nothing but zeros.
_LEAST_SHOWN = 5e-8


@dataclass(frozen=True)
class Table:
    """Rows of text.

    Attributes:
        title: what it shows.
        columns: headings.
        rows: one text per column.
        right: columns that are numbers.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    right: tuple[int, ...]


def milliseconds(seconds: float | None, sign: str = "") -> str:
    """About three significant digits, more before the point; the unit is in the heading."""
    if seconds is None:
        return UNKNOWN
    value = seconds * 1e3
    size = abs(value)
    digits = (
        0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.1 or size == 0 else 4
    )
    return f"{value:{sign},.{digits}f}"


def spread(summary: Summary) -> str:
    """From the least to the most."""
    if summary.min_s is None or summary.max_s is None:
        return UNKNOWN
    return f"{milliseconds(summary.min_s)}..{milliseconds(summary.max_s)}"


def percent(part: float | None, sign: str = "") -> str:
    """With two digits after the point."""
    return UNKNOWN if part is None else f"{100 * part:{sign}.2f}"


def times(factor: float | None) -> str:
    """A ratio."""
    if factor is None:
        return UNKNOWN
    return f"{factor:,.0f}x" if factor >= 100 else f"{factor:.2f}x"


def over_floor(seconds: float, floor_s: float | None) -> str:
    """How many times the floor it takes; unknown where the floor is too small for its column."""
    if floor_s is None or floor_s < _LEAST_SHOWN:
        return UNKNOWN
    return times(quotient(seconds, floor_s))


def large(number: float) -> str:
    """A rate with three digits and its prefix."""
    for size, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {prefix}"
    return f"{number:.3g} "


def indented(paths: Sequence[str]) -> Callable[[str], str]:
    """Names a path by its last part, indented below its ancestors; a path without its parent keeps its whole name."""
    known = set(paths)

    def name(path: str) -> str:
        parent, _, last = path.rpartition("/")
        if not parent:
            return last
        depth = path.count("/")
        return "  " * depth + last if parent in known else "  " * (depth > 0) + path.removeprefix(f"{ROOT}/")

    return name


def span_table(content: BenchmarkFile) -> Table:
    """Every span of one file with its spread, share and floor."""
    name = indented(list(content.spans))
    whole = content.spans[ROOT].seconds if ROOT in content.spans else 0.0
    rows = []
    for path, figures in content.spans.items():
        summary = figures.summary or Summary(figures.seconds)
        inside = path == ROOT or path.startswith(f"{ROOT}/")
        rows.append(
            (
                name(path),
                f"x{figures.count}" if figures.count > 1 else "",
                milliseconds(summary.median_s),
                milliseconds(summary.p95_s),
                spread(summary),
                f"{100 * figures.seconds / whole:.1f}" if whole and inside else UNKNOWN,
                milliseconds(figures.floor_s),
                over_floor(figures.seconds, figures.floor_s),
            )
        )
    columns = ("span", "", "median ms", "p95", "min..max", "share %", "floor ms", "ratio")
    return Table("", columns, rows, right=(1, 2, 3, 4, 5, 6, 7))


def comparison_table(comparison: Comparison) -> Table:
    """Every span of two files."""
    name = indented([row.path for row in comparison.rows])
    rows = [(name(row.path), *_compared(row)) for row in comparison.rows]
    if comparison.without_grinding is not None:
        rows.append(("without grinding", *_compared(comparison.without_grinding)))
    columns = ("span", "before ms", "after ms", "delta ms", "delta %", "speed-up", "", "floor ms", "ratio")
    return Table("Spans", columns, rows, right=(1, 2, 3, 4, 5, 7, 8))


def _compared(row: Row) -> tuple[str, ...]:
    floor = None if row.after is None else row.after.floor_s
    return (
        milliseconds(None if row.before is None else row.before.seconds),
        milliseconds(None if row.after is None else row.after.seconds),
        milliseconds(row.delta_s, "+"),
        percent(row.delta, "+"),
        times(row.speedup),
        row.change,
        milliseconds(floor),
        UNKNOWN if row.after is None else over_floor(row.after.seconds, floor),
    )


def headline_table(comparison: Comparison) -> Table:
    """The headline of both files with its spread."""
    rows = []
    for label, content in (("before", comparison.before), ("after", comparison.after)):
        if content.headline is None:
            continue
        figures = content.spans[content.headline]
        summary = figures.summary or Summary(figures.seconds)
        rows.append(
            (
                label,
                content.headline.rpartition("/")[2],
                milliseconds(summary.median_s),
                milliseconds(summary.p95_s),
                spread(summary),
                UNKNOWN if content.run_count is None else str(content.run_count),
                milliseconds(figures.floor_s),
            )
        )
    columns = ("", "headline", "median ms", "p95", "min..max", "runs", "floor ms")
    return Table("Headline", columns, rows, right=(2, 3, 4, 5, 6))


def residual_table(content: BenchmarkFile) -> Table:
    """The spans furthest from their floor, most first."""
    ranked = residuals(content)[:MOST_RESIDUALS]
    rows = [
        (
            str(rank),
            residual.path.removeprefix(f"{ROOT}/"),
            milliseconds(residual.seconds),
            milliseconds(residual.floor_s),
            milliseconds(residual.distance_s),
            over_floor(residual.seconds, residual.floor_s),
        )
        for rank, residual in enumerate(ranked, 1)
    ]
    columns = ("", "span", "own ms", "floor ms", "above floor ms", "ratio")
    return Table(
        "Furthest from the floor, each span without what is inside it", columns, rows, right=(0, 2, 3, 4, 5)
    )


def gate_table(outcomes: Sequence[Outcome]) -> Table:
    """Every gate, met or by how much it is missed."""
    rows = [
        (
            outcome.gate,
            outcome.verdict,
            milliseconds(outcome.value_s),
            milliseconds(outcome.limit_s),
            "" if outcome.met is not False else f"gap {milliseconds(outcome.gap_s)} ms",
        )
        for outcome in outcomes
    ]
    return Table("Gates", ("gate", "", "value ms", "limit ms", ""), rows, right=(2, 3))


def file_table(comparison: Comparison) -> Table:
    """What the two files are, and where they are unlike."""
    before, after = comparison.before, comparison.after
    rows = [
        ("kind", before.kind, after.kind),
        ("prover", before.prover, after.prover),
        ("device", before.device or UNKNOWN, after.device or UNKNOWN),
        ("commit", before.commit or UNKNOWN, after.commit or UNKNOWN),
        ("date", before.date or UNKNOWN, after.date or UNKNOWN),
    ]
    shown = {row[0] for row in rows}
    for name, (old, new) in comparison.unlike.items():
        if name not in shown:
            rows.append((name, _value(old), _value(new)))
    return Table("", ("", "before", "after"), rows, right=())


def _value(value: object) -> str:
    return UNKNOWN if value is None else str(value)
