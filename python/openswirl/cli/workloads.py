"""What ``prove`` and ``compare`` can prove: the built-in circuits and cases in folders."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import click

import openswirl
from openswirl.cli.options import parse_params, refuse_idle_options
from openswirl.errors import InputError
from openswirl.keys import ProvingKey
from openswirl.params import SystemParams
from openswirl.trace import Trace
from openswirl.wording import counted

#: The default parameters give at most this many stacked columns.
DEFAULT_STACKED_WIDTH = 64
_CASE = "CASE_DIR"
#: The options that not every workload takes.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "keccakf": ("log_perms", "seed", "params_text"),
    "fibonacci": ("log_rows", "params_text"),
    _CASE: (),
}


@dataclass
class Workload:
    """Keys and traces of one proof.

    Attributes:
        name: for people.
        pk: the proving key.
        traces: {AIR id: Trace}.
        expected: the proof that a case comes with, or None.
        seconds: what preparing took, by step.
    """

    name: str
    pk: ProvingKey
    traces: dict[int, Trace]
    expected: bytes | None = None
    seconds: dict[str, float] = field(default_factory=dict)


def default_params(rows: int, columns: int) -> SystemParams:
    """The smallest ``app`` parameters in which one trace stacks to at most 64 columns.

    Raises:
        InputError: even app:24 is too small.
    """
    for log_height in range(11, 25):
        per_column = (1 << log_height) // max(rows, 1 << 4)
        if per_column and -(-columns // per_column) <= DEFAULT_STACKED_WIDTH:
            return SystemParams.app(log_height)
    raise InputError(
        f"a trace of {counted(rows, 'row')} and {counted(columns, 'column')} is too large for the default parameters, "
        f"at most app:24 with {DEFAULT_STACKED_WIDTH} stacked columns; use fewer rows or give --params"
    )


def fitting_params(params: SystemParams | None, rows: int, columns: int) -> SystemParams:
    """These parameters, or the default ones, if traces of one height with so many columns together fit them.

    Asked before a trace is generated, which takes far more memory than the question.

    Raises:
        InputError: they do not fit.
    """
    if params is None:
        return default_params(rows, columns)
    tallest = 1 << params.log_stacked_height
    if rows > tallest:
        raise InputError(
            f"a trace of {counted(rows, 'row')} is taller than the stacked height {tallest} of the parameters; "
            "use fewer rows or a taller --params"
        )
    stacked = -(-columns // (tallest // max(rows, 1 << params.l_skip)))
    if stacked > params.w_stack:
        raise InputError(
            f"a trace of {counted(rows, 'row')} and {counted(columns, 'column')} fills {stacked} stacked columns, "
            f"the limit of the parameters is {params.w_stack}; use fewer rows or a taller --params"
        )
    return params


def check_workload(context: click.Context, name: str) -> None:
    """Asked before :func:`load_workload`, and before any work.

    Raises:
        click.UsageError: neither a built-in circuit nor a folder, or an option that would have no effect on it.
    """
    if name in _OPTIONS and name != _CASE:
        refuse_idle_options(context, _OPTIONS, name)
    elif Path(name).is_dir():
        refuse_idle_options(context, _OPTIONS, _CASE, ": a case has its own key and traces")
    else:
        raise click.UsageError(f"{name!r} is neither keccakf nor fibonacci nor a folder with a case")


def load_workload(
    name: str, params_text: str | None, log_perms: int, log_rows: int, seed: int, device: str
) -> Workload:
    """A built-in circuit, or the case in a folder."""
    if name == "keccakf":
        return _keccakf(params_text, log_perms, seed, device)
    if name == "fibonacci":
        return _fibonacci(params_text, log_rows, device)
    case = openswirl.cases.load(name, device)
    return Workload(case.name, case.pk, case.traces, case.proof_bytes)


def _params(text: str | None, rows: int, columns: int) -> SystemParams:
    return fitting_params(None if text is None else parse_params(text), rows, columns)


def _keccakf(params_text: str | None, log_perms: int, seed: int, device: str) -> Workload:
    import numpy as np

    from openswirl.airs import KeccakF

    permutations = 1 << log_perms
    params = _params(params_text, *KeccakF.trace_shape(permutations))
    states = np.random.default_rng(seed).integers(0, 2**64, size=(permutations, 25), dtype=np.uint64)
    started = time.perf_counter()
    trace = KeccakF.generate_trace(states)
    generated = time.perf_counter()
    pk = openswirl.keygen(params, [KeccakF()], device=device)
    seconds = {"trace": generated - started, "keygen": time.perf_counter() - generated}
    return Workload(
        f"keccakf, {counted(permutations, 'permutation')}", pk, {0: Trace(trace)}, seconds=seconds
    )


def _fibonacci(params_text: str | None, log_rows: int, device: str) -> Workload:
    from openswirl.airs import Fibonacci

    rows = 1 << log_rows
    params = _params(params_text, rows, Fibonacci.width)
    started = time.perf_counter()
    trace, public_values = Fibonacci.generate_trace(0, 1, rows)
    generated = time.perf_counter()
    pk = openswirl.keygen(params, [Fibonacci()], device=device)
    seconds = {"trace": generated - started, "keygen": time.perf_counter() - generated}
    traces = {0: Trace(trace, public_values=public_values)}
    return Workload(f"fibonacci, {counted(rows, 'row')}", pk, traces, seconds=seconds)
