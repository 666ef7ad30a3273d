"""``openswirl prove``."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

import openswirl
from openswirl.cli.options import json_option, threads_option, timeout_option
from openswirl.cli.output import mebibytes, print_json, print_spans, printable, stderr_is_terminal
from openswirl.cli.targets import check_targets
from openswirl.cli.workloads import Workload, check_workload, load_workload
from openswirl.devices import check_device_name
from openswirl.proof import Proof
from openswirl.prover import ProgressCallback
from openswirl.storage import write_atomically


@contextmanager
def progress_bar(wanted: bool) -> Iterator[ProgressCallback | None]:
    """A progress callback that draws a bar on standard error; None if it is no terminal."""
    if not wanted or not stderr_is_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=1.0)

        def update(stage: str, round: int, fraction: float) -> None:
            progress.update(task, description=f"{stage} {round}" if round else stage, completed=fraction)

        yield update


@click.command("prove")
@json_option
@click.option(
    "--log-perms",
    type=click.IntRange(0, 16),
    default=10,
    show_default=True,
    help="keccakf: log2 permutations.",
)
@click.option(
    "--log-rows", type=click.IntRange(0, 24), default=10, show_default=True, help="fibonacci: log2 rows."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="keccakf: of the random inputs."
)
@click.option(
    "--params", "params_text", help="A preset such as app:21; by default the smallest app that suits."
)
@click.option("--device", default="auto", show_default=True, help="auto, NAME or NAME:INDEX.")
@threads_option
@timeout_option
@click.option(
    "--memory-limit", type=click.IntRange(min=1), help="Bytes that the proof may hold on the device."
)
@click.option(
    "--verify-after/--no-verify-after", default=True, show_default=True, help="Verify inside the prover too."
)
@click.option("--out", type=click.Path(dir_okay=False), help="Write the proof.")
@click.option("--vk-out", type=click.Path(dir_okay=False), help="Write the verifying key.")
@click.option("--profile", type=click.Path(dir_okay=False), help="Write the spans for Perfetto or Chrome.")
@click.argument("workload", metavar="keccakf|fibonacci|CASE_DIR")
@click.pass_context
def prove_command(
    context: click.Context,
    as_json: bool,
    log_perms: int,
    log_rows: int,
    seed: int,
    params_text: str | None,
    device: str,
    threads: int | None,
    timeout: float | None,
    memory_limit: int | None,
    verify_after: bool,
    out: str | None,
    vk_out: str | None,
    profile: str | None,
    workload: str,
) -> int:
    """Prove a built-in circuit or the case in a folder, verify the bytes, and show where the time went.

    A case that comes with a proof must be proved with equal bytes: exit code 1 if they differ.
    """
    check_workload(context, workload)
    check_targets({"--out": out, "--vk-out": vk_out, "--profile": profile})
    check_device_name(device)
    job = load_workload(workload, params_text, log_perms, log_rows, seed, device)
    with progress_bar(not as_json) as progress:
        proof = openswirl.prove(
            job.pk,
            job.traces,
            device,
            threads=threads,
            timeout=timeout,
            progress=progress,
            memory_limit=memory_limit,
            verify_after=verify_after,
        )
    assert proof.report is not None
    data = proof.to_bytes()
    started = time.perf_counter()
    openswirl.verify(job.pk.vk, Proof.from_bytes(data))
    job.seconds |= {"prove": proof.report.duration, "verify": time.perf_counter() - started}
    if out:
        write_atomically(out, data)
    if vk_out:
        job.pk.vk.save(vk_out)
    if profile:
        proof.report.save_chrome_trace(profile)
    differs = job.expected is not None and job.expected != data
    if as_json:
        _print_json(job, proof, data)
    else:
        _print_text(job, proof, data)
    return 1 if differs else 0


def _print_json(job: Workload, proof: Proof, data: bytes) -> None:
    assert proof.report is not None
    print_json(
        {
            "workload": job.name,
            "params": job.pk.params.to_dict(),
            "preset": job.pk.params.preset_name(),
            "heights": list(proof.heights),
            "proof_bytes": len(data),
            "proof_sha256": hashlib.sha256(data).hexdigest(),
            "verified": True,
            "equals_case": None if job.expected is None else job.expected == data,
            "seconds": job.seconds,
            "report": proof.report.to_dict(),
        }
    )


def _print_text(job: Workload, proof: Proof, data: bytes) -> None:
    report = proof.report
    assert report is not None
    print_spans(report.spans)
    click.echo("")
    click.echo(f"{printable(job.name, 80)}, parameters {job.pk.params.preset_name() or 'of the key'}")
    plural = "" if report.threads == 1 else "s"
    click.echo(
        f"device {report.device}, {report.threads} thread{plural}, peak memory {mebibytes(report.peak_memory)}"
    )
    click.echo(", ".join(f"{step} {seconds:.3f} s" for step, seconds in job.seconds.items()))
    click.echo(f"proof of {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()[:16]}..., verified")
    if job.expected is not None:
        click.echo(
            "the proof equals the case's"
            if job.expected == data
            else "the proof DIFFERS from the case's proof.bin"
        )
