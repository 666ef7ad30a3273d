"""``openswirl bench``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from openswirl.cli.options import (
    NumberRange,
    given_options,
    parse_params,
    refuse_idle_options,
    threads_option,
)
from openswirl.cli.output import print_json, print_table, printable, stderr_is_terminal
from openswirl.cli.targets import check_targets
from openswirl.devices import check_device_name
from openswirl.storage import write_atomically

if TYPE_CHECKING:
    from openswirl.bench.document import BenchmarkFile, Machine
    from openswirl.bench.running import Progress
    from openswirl.bench.shapes import Shape

_RUNNING = ("runs", "warmup", "trace_seeds")
_MODEL = ("model_name", "hash_rate")
_UNIFORM = ("airs", "cols", "log_rows", "constraints_per_col", "interactions_per_col")
#: The options that not every shape takes.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "keccakf": ("log_perms", "params_text", *_RUNNING, *_MODEL),
    "logup": ("params_text", *_RUNNING, *_MODEL),
    "uniform": (*_UNIFORM, "params_text", *_RUNNING, *_MODEL),
    "case": (*_RUNNING, *_MODEL),
    "machine": (),
}
#: Ceilings as they are printed: name, text, unit.
_CEILINGS = (
    ("multiplications", "multiplications", ""),
    ("butterflies", "butterflies", ""),
    ("additions", "additions", ""),
    ("multiply_accumulates", "multiply-accumulates, base products", ""),
    ("ext_multiplications", "extension multiplications", ""),
    ("permutations", "Poseidon2, many states", ""),
    ("permutation_s", "Poseidon2, one state after the other", "s"),
    ("copy_bytes", "copying, read and written", "B"),
    ("read_bytes", "reading", "B"),
    ("launch_s", "launch of a kernel", "s"),
    ("wait_s", "launch and wait", "s"),
)


@contextmanager
def progress_bar(wanted: bool) -> Iterator[Progress | None]:
    """A bar on standard error that moves between runs only: drawing must not take time from a run."""
    if not wanted or not stderr_is_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
        task = progress.add_task("starting", total=1.0)

        def update(step: str, fraction: float) -> None:
            progress.update(task, description=step, completed=fraction)
            progress.refresh()

        yield update


@click.command(
    "bench",
    epilog="The machine should do nothing else meanwhile. Times are of the span stark_prove_excluding_trace; "
    "verification, keys and traces are outside. docs/benchmarks/README.md describes the file.",
)
@click.option("--runs", type=click.IntRange(1, 10**6), default=5, show_default=True, help="Runs that count.")
@click.option(
    "--warmup", type=click.IntRange(0, 10**6), default=1, show_default=True, help="Runs before them."
)
@click.option("--device", default="auto", show_default=True, help="auto, NAME or NAME:INDEX.")
@threads_option
@click.option(
    "--trace-seeds",
    type=click.IntRange(1, 10**6),
    default=1,
    show_default=True,
    help="Inputs per run; a run's time is the mean over them. The witnesses of proof of work are one draw per input.",
)
@click.option(
    "--params",
    "params_text",
    help="A preset such as app:21; by default the smallest app that suits, or small.",
)
@click.option(
    "--json", "json_path", metavar="FILE", help="Write the benchmark file; - prints it in place of the table."
)
@click.option(
    "--log-perms",
    type=click.IntRange(0, 16),
    default=10,
    show_default=True,
    help="keccakf: log2 permutations.",
)
@click.option("--airs", type=click.IntRange(1, 2048), default=1, show_default=True, help="uniform: AIRs.")
@click.option(
    "--cols", type=click.IntRange(1, 65536), default=20, show_default=True, help="uniform: columns of each."
)
@click.option(
    "--log-rows",
    type=click.IntRange(0, 24),
    default=18,
    show_default=True,
    help="uniform: log2 rows of each.",
)
@click.option(
    "--constraints-per-col",
    type=NumberRange(0, 64),
    default=1.0,
    show_default=True,
    help="uniform: constraints per column.",
)
@click.option(
    "--interactions-per-col",
    type=NumberRange(0, 64),
    default=0.25,
    show_default=True,
    help="uniform: interactions per column.",
)
@click.option(
    "--model",
    "model_name",
    metavar="GPU",
    help="Predict instead of measuring: m2 max, m4 max, h200, or a file of bench machine --json. With --device null.",
)
@click.option(
    "--hash-rate",
    type=NumberRange(1, 1e6),
    help="--model: millions of permutations a second; by default what the GPU is taken to reach.",
)
@click.argument(
    "shape", metavar="SHAPE", type=click.Choice(["keccakf", "logup", "uniform", "case", "machine"])
)
@click.argument("folder", metavar="[DIR]", required=False)
@click.pass_context
def bench_command(
    context: click.Context,
    runs: int,
    warmup: int,
    device: str,
    threads: int | None,
    trace_seeds: int,
    params_text: str | None,
    json_path: str | None,
    log_perms: int,
    airs: int,
    cols: int,
    log_rows: int,
    constraints_per_col: float,
    interactions_per_col: float,
    model_name: str | None,
    hash_rate: float | None,
    shape: str,
    folder: str | None,
) -> None:
    """Measure proofs of SHAPE: median, p95 and spread of every span, beside the least its work can take here.

    \b
    SHAPE is
      keccakf   Keccak-f[1600] permutations, the headline benchmark
      logup     a sender and a receiver on one bus, tiny: what a proof costs without work;
                its headline is prover.rap_constraints
      uniform   equal AIRs of boolean columns with interactions
      case DIR  a folder in the format of the test vectors
      machine   no proof: what this machine can do at most, from which floors are computed
    """
    _check_options(context, shape, folder)
    check_device_name(device)
    _check_model(context, shape, device, model_name)
    if json_path != "-":
        check_targets({"--json": json_path})
    if shape == "machine":
        _bench_machine(device, threads, json_path)
        return
    from openswirl.bench import running, shapes
    from openswirl.bench.machine import Build
    from openswirl.cli.workloads import fitting_params

    if model_name is None:
        Build.of_core().require_fast()
    else:
        device = "auto"  # of the key
    plan = running.Plan(runs, warmup, trace_seeds, device, threads)
    params = None if params_text is None else parse_params(params_text)
    job: Shape
    if shape == "keccakf":
        from openswirl.airs import KeccakF

        job = shapes.keccakf(log_perms, fitting_params(params, *KeccakF.trace_shape(1 << log_perms)), device)
    elif shape == "logup":
        job = shapes.logup(params, device)
    elif shape == "uniform":
        job = shapes.uniform(
            airs,
            cols,
            log_rows,
            constraints_per_col,
            interactions_per_col,
            fitting_params(params, 1 << log_rows, airs * cols),
            device,
        )
    else:
        assert folder is not None
        job = shapes.case(folder, device)
    if model_name is not None:
        _model(job, model_name, hash_rate, threads, json_path)
        return
    with progress_bar(json_path != "-") as progress:
        content = running.measure(job, plan, progress)
    if json_path == "-":
        print_json(content.to_dict())
        return
    if json_path is not None:
        content.save(json_path)
    _print(content)


def _check_options(context: click.Context, shape: str, folder: str | None) -> None:
    """Refuses what would have no effect."""
    if (shape == "case") != (folder is not None):
        raise click.UsageError(
            "bench case takes a folder" if shape == "case" else f"bench {shape} takes no folder"
        )
    refuse_idle_options(context, _OPTIONS, shape)


def _check_model(context: click.Context, shape: str, device: str, model_name: str | None) -> None:
    """A model goes with the device null, and with no option of runs."""
    given = given_options(context)
    on_null = device.partition(":")[0] == "null"
    if model_name is None:
        if on_null and shape == "machine":
            raise click.UsageError("--device null executes nothing, so it has no limits to measure")
        if on_null:
            raise click.UsageError("--device null executes nothing; say with --model whose times to predict")
        if "hash_rate" in given:
            raise click.UsageError("--hash-rate means nothing without --model")
        return
    if not on_null and "device" in given:
        raise click.UsageError(f"--model predicts, so it takes --device null, not {device}")
    for name in _RUNNING:
        if name in given:
            raise click.UsageError(f"{given[name]} means nothing to --model, which runs nothing")


def _model(
    job: Shape, model_name: str, hash_rate: float | None, threads: int | None, json_path: str | None
) -> None:
    from openswirl.bench.gpus import find_gpu
    from openswirl.bench.modelling import model, to_file
    from openswirl.cli.modelling import print_model

    gpu = find_gpu(model_name)
    if hash_rate is not None:
        gpu = gpu.with_hash_rate(hash_rate * 1e6)
    modelled = model(job, gpu, threads)
    content = to_file(job, modelled, model_name)
    if json_path == "-":
        print_json(content.to_dict())
        return
    if json_path is not None:
        content.save(json_path)
    print_model(content, modelled)


def _print(content: BenchmarkFile) -> None:
    from openswirl.bench.document import ROOT, without_grinding
    from openswirl.bench.tables import large, milliseconds, span_table

    table = span_table(content)
    print_table(table.title, table.columns, table.rows, table.right)
    click.echo("")
    params = content.parameters["params"]
    preset = f"parameters {params}" if isinstance(params, str) else "small parameters"
    threads = content.parameters["threads"]
    seeds = content.parameters["trace_seeds"]
    per_run = f" of {seeds} inputs each" if seeds > 1 else ""
    click.echo(
        f"{printable(content.name, 80)}, {preset}; {content.run_count} runs{per_run}, {content.warmup} before"
    )
    click.echo(_where(content.machine, content.device or "", threads))
    less = without_grinding(content)
    assert less is not None
    floor = "" if less.floor_s is None else f", its floor {milliseconds(less.floor_s)} ms"
    whole = milliseconds(content.spans[ROOT].seconds)
    click.echo(f"proof {whole} ms, without grinding {milliseconds(less.seconds)} ms{floor}")
    if content.rates is not None:
        hashes, products = content.rates["hashes_per_s"], content.rates["multiplications_per_s"]
        click.echo(f"{large(hashes)}hashes/s, {large(products)}field multiplications/s")
    assert content.headline is not None
    headline = content.spans[content.headline]
    click.echo(f"headline {content.headline.rpartition('/')[2]}: {milliseconds(headline.seconds)} ms")
    for note in content.notes:
        click.echo(f"note: {note}")


def _bench_machine(device: str, threads: int | None, json_path: str | None) -> None:
    from openswirl.bench.ceilings import measure
    from openswirl.bench.machine import Build, describe_machine, resolve
    from openswirl.bench.tables import large

    build = Build.of_core()
    build.require_fast()
    ceilings = measure(resolve(device), threads).to_dict()
    machine = describe_machine(ceilings["device"])
    document = {
        "machine": vars(machine),
        "build_type": build.type,
        "commit": build.commit or None,
        **ceilings,
    }
    if json_path == "-":
        print_json(document)
        return
    if json_path is not None:
        data = (json.dumps(document, indent=1) + "\n").encode()
        write_atomically(json_path, data)
    rows = []
    for name, text, unit in _CEILINGS:
        value = ceilings[name]
        if value is not None:
            rows.append((text, f"{value * 1e6:,.2f} us" if unit == "s" else f"{large(value)}{unit}/s"))
    print_table("", ("", ""), rows, right=(1,))
    click.echo("")
    click.echo(_where(machine, ceilings["device"], ceilings["threads"]))


def _where(machine: Machine, device: str, threads: int) -> str:
    plural = "" if threads == 1 else "s"
    hardware = f"{machine.gpu or machine.cpu}, {machine.cores} cores, {machine.isa}, {machine.os}"
    return printable(f"device {device}, {threads} thread{plural}; {hardware}")
