"""``openswirl compare``: two devices in lockstep."""

from __future__ import annotations

import click

import openswirl
from openswirl.cli.options import json_option, threads_option
from openswirl.cli.output import print_json, printable
from openswirl.cli.workloads import check_workload, load_workload
from openswirl.devices import check_device_name


@click.command("compare")
@json_option
@click.option("--devices", "devices", default="reference,cpu", show_default=True, help="Two devices, A,B.")
@threads_option
@click.option("--params", "params_text", help="Parameters of keccakf or fibonacci, such as app:17.")
@click.option(
    "--log-perms",
    type=click.IntRange(0, 16),
    default=0,
    show_default=True,
    help="keccakf: log2 permutations.",
)
@click.option(
    "--log-rows", type=click.IntRange(0, 24), default=6, show_default=True, help="fibonacci: log2 rows."
)
@click.argument("workload", metavar="keccakf|fibonacci|CASE_DIR")
@click.pass_context
def compare_command(
    context: click.Context,
    as_json: bool,
    devices: str,
    threads: int | None,
    params_text: str | None,
    log_perms: int,
    log_rows: int,
    workload: str,
) -> int:
    """Prove a workload on two devices side by side and compare every message. Exit code 1 if they differ."""
    check_workload(context, workload)
    if devices.count(",") != 1:
        raise click.UsageError("--devices takes two devices, as in reference,cpu")
    first, second = map(check_device_name, devices.split(","))
    job = load_workload(workload, params_text, log_perms, log_rows, 0, first)
    prover = openswirl.Prover(job.pk, f"lockstep:{first},{second}", threads=threads)
    difference = None
    matches_case = None
    message = ""
    try:
        proof = prover.prove(job.traces)
        if job.expected is not None:
            matches_case = proof.to_bytes() == job.expected
    except openswirl.DeviceError as error:
        difference = prover.difference
        if difference is None:
            raise
        message = str(error)
    equal = difference is None and matches_case is not False
    if as_json:
        print_json(
            {
                "workload": job.name,
                "devices": [first, second],
                "equal": difference is None,
                "equals_case": matches_case,
                "difference": difference,
            }
        )
    elif difference is not None:
        click.echo(f"different: {printable(message)}")
    else:
        click.echo(f"{first} and {second} send equal messages on {printable(job.name, 80)}")
        if matches_case is not None:
            click.echo(
                "the proof equals the case's"
                if matches_case
                else "the proof differs from the case's proof.bin"
            )
    return 0 if equal else 1
