"""What ``openswirl bench --model`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from openswirl.cli.output import print_table

if TYPE_CHECKING:
    from openswirl.bench.document import BenchmarkFile
    from openswirl.bench.modelling import Modelled

#: Kernels that are listed.
_MOST_KERNELS = 12


def print_model(content: BenchmarkFile, modelled: Modelled) -> None:
    """Spans, kernels, what is furthest from its floor, and the whole proof at every rate of permutations."""
    from openswirl.bench.tables import indented, milliseconds, over_floor, residual_table

    prediction = modelled.prediction
    name = indented(list(prediction.spans))
    rows = []
    for path, span in prediction.spans.items():
        whole, floor = prediction.seconds(path), prediction.floor(path)
        rows.append(
            (
                name(path),
                milliseconds(whole),
                milliseconds(span.device_s),
                milliseconds(span.wait_s),
                milliseconds(span.transcript_s + span.host_s),
                str(span.dispatches),
                str(span.waits),
                f"{span.bytes / 1e6:,.0f}",
                milliseconds(floor),
                over_floor(whole, floor),
            )
        )
    columns = (
        "span",
        "predicted ms",
        "own: device ms",
        "waiting ms",
        "host ms",
        "dispatches",
        "waits",
        "MB",
        "floor ms",
        "ratio",
    )
    print_table("", columns, rows, right=tuple(range(1, len(columns))))
    click.echo("")
    listed = []
    for kernel, uses in list(prediction.kernels().items())[:_MOST_KERNELS]:
        slowest = max(uses, key=lambda use: use.seconds)
        listed.append(
            (
                kernel,
                str(len(uses)),
                milliseconds(sum(use.seconds for use in uses)),
                slowest.bound,
                f"{sum(use.command.bytes for use in uses) / 1e6:,.0f}",
            )
        )
    print_table("Commands", ("", "", "ms", "bound by", "MB"), listed, right=(1, 2, 4))
    click.echo("")
    table = residual_table(content)
    print_table(table.title, table.columns, table.rows, table.right)
    click.echo("")
    total = prediction.plan.device_work(below=next(iter(prediction.spans)))
    click.echo(
        f"{content.name}: {sum(span.dispatches for span in prediction.spans.values())} dispatches, "
        f"{total['waits']} waits, {total['bytes_touched'] / 1e6:,.0f} MB moved, "
        f"{prediction.plan.peak_memory / 2**20:,.0f} MiB of memory"
    )
    click.echo(f"model of {prediction.gpu.name}: {prediction.gpu.description}")
    for label, seconds in modelled.by_hash_rate.items():
        rate = prediction.gpu.hash_rates[label] / 1e6
        click.echo(f"at {rate:,.0f} M permutations/s ({label}): {milliseconds(seconds)} ms")
    for note in content.notes:
        if note.startswith("a permutation"):
            click.echo(note)
