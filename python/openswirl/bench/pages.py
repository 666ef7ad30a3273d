"""A comparison as Markdown and as one self-contained HTML file with a picture."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from openswirl.bench.chart import stage_chart
from openswirl.bench.comparing import FEWEST_RUNS, Comparison
from openswirl.bench.document import BenchmarkFile
from openswirl.bench.gates import Outcome
from openswirl.bench.tables import (
    Table,
    comparison_table,
    file_table,
    gate_table,
    headline_table,
    residual_table,
)

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #59636e; --line: #d1d9e0; --paper: #fff;
  --before: #9aa7b4; --after: #2f6fdb; --floor: #1a7f37; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9198a1; --line: #3d444d; --paper: #0d1117;
  --before: #6e7a86; --after: #5b9bff; --floor: #3fb950; --bad: #ff7b72; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: pre; }
th { color: var(--dim); font-weight: 600; } .right { text-align: right; }
.missed { color: var(--bad); font-weight: 600; }
svg text { fill: currentColor; font: 12px system-ui, sans-serif; }
.before { fill: var(--before); } .after { fill: var(--after); } .floor { stroke: var(--floor); stroke-width: 3; }
"""


def report_tables(comparison: Comparison, outcomes: Sequence[Outcome]) -> list[Table]:
    """The tables of a report in order; empty ones are left out."""
    tables = [
        file_table(comparison),
        headline_table(comparison),
        gate_table(outcomes),
        comparison_table(comparison),
        residual_table(comparison.after),
    ]
    return [table for table in tables if table.rows]


def report_title(comparison: Comparison) -> str:
    """What is compared: one workload, or both by name."""
    before, after = comparison.before, comparison.after
    if comparison.other_work or before.name != after.name:
        unlike = ", other work" if comparison.other_work else ""
        return f"{before.name}, {_side(before)}, and {after.name}, {_side(after)}{unlike}"
    return f"{after.name}: {_side(before)} and {_side(after)}"


def _side(content: BenchmarkFile) -> str:
    where = content.machine.gpu or content.machine.cpu or "an unknown machine"
    return f"{content.prover} on {where}"


def remarks(comparison: Comparison) -> list[str]:
    """Where the figures come from and what to bear in mind, for both files."""
    lines = []
    if comparison.other_work:
        lines.append(
            "The files measure other work: a difference says nothing about the provers or machines alone."
        )
    elif comparison.caveat:
        lines.append(
            f"A file has fewer than {FEWEST_RUNS} runs: too few to tell a change from chance; measure with --runs 5."
        )
    for label, content in (("Before", comparison.before), ("After", comparison.after)):
        texts = [text for text in (content.source, *content.notes) if text]
        if texts:
            lines.append(f"{label}: {' '.join(texts)}")
    return lines


#: Backslashes for what marks text up, entities for tags and addresses.
_MARKDOWN = str.maketrans(
    {letter: f"\\{letter}" for letter in "\\|`*[]!~#"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
)


def to_markdown(comparison: Comparison, outcomes: Sequence[Outcome]) -> str:
    """The report as GitHub's Markdown."""
    parts = [f"# {_cell(report_title(comparison))}"]
    for table in report_tables(comparison, outcomes):
        if table.title:
            parts.append(f"## {table.title}")
        parts.append(_markdown_table(table))
    if comparison.same:
        parts.append("No difference.")
    parts += map(_cell, remarks(comparison))
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    rules = ("---:" if index in table.right else "---" for index in range(len(table.columns)))
    lines = [table.columns, tuple(rules)]
    lines += [tuple(map(_cell, row)) for row in table.rows]
    # Indentation would be lost.
    lines = [(line[0].replace("  ", "&emsp;"), *line[1:]) for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """Text that may come from a file, without effect on the Markdown around it."""
    text = " ".join(text.split()) if "\n" in text or "\r" in text else text
    # What becomes a link by itself.
    return text.translate(_MARKDOWN).replace("://", "&#58;//").replace("www.", "www&#46;")


def to_html(comparison: Comparison, outcomes: Sequence[Outcome]) -> str:
    """The report as one HTML file that loads nothing."""
    title = escape(report_title(comparison))
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>",
    ]
    if comparison.same:
        parts.append("<p>No difference.</p>")
    for table in report_tables(comparison, outcomes):
        if table.title == "Spans":
            parts.append(f'<h2>Stages</h2><div class="scroll">{stage_chart(comparison)}</div>')
        if table.title:
            parts.append(f"<h2>{escape(table.title)}</h2>")
        parts.append(_html_table(table))
    parts += [f"<p>{escape(line)}</p>" for line in remarks(comparison)]
    return "\n".join([*parts, "</body></html>", ""])


def _html_table(table: Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        shown = []
        for index, cell in enumerate(cells):
            classes = ["right"] if index in table.right else []
            if cell == "slower" or cell.startswith("NOT MET"):
                classes.append("missed")
            attribute = f' class="{" ".join(classes)}"' if classes else ""
            shown.append(f"<{tag}{attribute}>{escape(cell)}</{tag}>")
        return f"<tr>{''.join(shown)}</tr>"

    body = "".join(row(cells, "td") for cells in table.rows)
    head = row(table.columns, "th")
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'
