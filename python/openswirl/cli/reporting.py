"""``openswirl report``."""

from __future__ import annotations

import os

import click

from openswirl.cli.options import json_option
from openswirl.cli.output import print_json, print_table, printable
from openswirl.cli.targets import check_targets
from openswirl.storage import write_atomically


@click.command("report")
@json_option
@click.option(
    "--gate",
    "gates",
    multiple=True,
    metavar="GATE",
    help="What AFTER must show; may be given again. SPAN<=1180ms: its median. SPAN<=0.5x: its median against BEFORE. "
    "SPAN:improved: faster beyond the spread of the runs. SPAN:not-slower: not slower beyond it.",
)
@click.option("--markdown", type=click.Path(dir_okay=False), help="Write the report as Markdown.")
@click.option(
    "--html", type=click.Path(dir_okay=False), help="Write the report as one HTML file with a picture."
)
@click.option(
    "--cross-machine",
    is_flag=True,
    help="Compare files of unlike machines, parameters or kinds all the same.",
)
@click.argument("before", type=click.Path(exists=True, dir_okay=False))
@click.argument("after", type=click.Path(exists=True, dir_okay=False))
def report_command(
    as_json: bool,
    gates: tuple[str, ...],
    markdown: str | None,
    html: str | None,
    cross_machine: bool,
    before: str,
    after: str,
) -> int:
    """Compare the benchmark files BEFORE and AFTER, span by span. Exit code 1 if a gate is not met.

    SPAN is a path of the span tree, its end (rs_code_matrix, whir/merkle_tree), headline or without_grinding.
    A difference is beyond the spread if each median lies beyond all runs of the other file. Without a gate, two
    measurements that belong together must pass headline:not-slower. With fewer than four runs a side, improved and
    not-slower stay open, which is no failure.
    """
    from openswirl.bench import pages
    from openswirl.bench.comparing import compare, residuals
    from openswirl.bench.document import BenchmarkFile
    from openswirl.bench.gates import Gate, default_gates

    check_targets({"--markdown": markdown, "--html": html})
    _check_inputs({"--markdown": markdown, "--html": html}, before, after)
    wanted = [Gate.parse(text) for text in gates]
    comparison = compare(BenchmarkFile.load(before), BenchmarkFile.load(after), cross_machine=cross_machine)
    outcomes = [gate.judge(comparison) for gate in wanted or default_gates(comparison)]
    passed = all(outcome.met is not False for outcome in outcomes)
    if markdown is not None:
        write_atomically(markdown, pages.to_markdown(comparison, outcomes).encode())
    if html is not None:
        write_atomically(html, pages.to_html(comparison, outcomes).encode())
    if as_json:
        headline = comparison.headline
        without = comparison.without_grinding
        print_json(
            {
                "passed": passed,
                "undecided": any(outcome.met is None for outcome in outcomes),
                "same": comparison.same,
                "caveat": comparison.caveat,
                "unlike": {name: list(pair) for name, pair in comparison.unlike.items()},
                "headline": None if headline is None else headline.to_dict(),
                "without_grinding": None if without is None else without.to_dict(),
                "spans": [row.to_dict() for row in comparison.rows],
                "residuals": [residual.to_dict() for residual in residuals(comparison.after)],
                "gates": [outcome.to_dict() for outcome in outcomes],
            }
        )
        return 0 if passed else 1
    click.echo(printable(pages.report_title(comparison), 200))
    for table in pages.report_tables(comparison, outcomes):
        click.echo("")
        rows = [tuple(map(printable, row)) for row in table.rows]
        print_table(table.title, table.columns, rows, table.right)
    click.echo("")
    if comparison.same:
        click.echo("no difference")
    for line in pages.remarks(comparison):
        click.echo(printable(line))
    return 0 if passed else 1


def _check_inputs(targets: dict[str, str | None], *inputs: str) -> None:
    """Refuses to replace what is compared."""
    read = {os.path.realpath(path) for path in inputs}
    for option, path in targets.items():
        if path is not None and os.path.realpath(path) in read:
            raise click.UsageError(f"{option} {path!r}: is one of the files to compare")
