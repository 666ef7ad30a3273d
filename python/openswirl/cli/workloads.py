"""What ``prove`` and ``compare`` can prove: the built-in circuits and cases in folders."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import click

import openswirl
from openswirl.cli.options import parse_params
from openswirl.errors import InputError
from openswirl.keys import ProvingKey
from openswirl.params import SystemParams
from openswirl.trace import Trace

#: The default parameters give at most this many stacked columns.
DEFAULT_STACKED_WIDTH = 64


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
    raise InputError(f"a trace of {rows} rows and {columns} columns is too large for app:24; give --params")


def load_workload(
    name: str, params_text: str | None, log_perms: int, log_rows: int, seed: int, device: str
) -> Workload:
    """A built-in circuit, or the case in a folder.

    Raises:
        click.UsageError: neither, or parameters for a case.
    """
    if name == "keccakf":
        return _keccakf(params_text, log_perms, seed, device)
    if name == "fibonacci":
        return _fibonacci(params_text, log_rows, device)
    if not Path(name).is_dir():
        raise click.UsageError(f"{name!r} is neither keccakf nor fibonacci nor a folder with a case")
    if params_text is not None:
        raise click.UsageError("--params: a case has its own parameters")
    case = openswirl.cases.load(name, device)
    return Workload(case.name, case.pk, case.traces, case.proof_bytes)


def _keccakf(params_text: str | None, log_perms: int, seed: int, device: str) -> Workload:
    import numpy as np

    from openswirl.airs import KeccakF

    permutations = 1 << log_perms
    states = np.random.default_rng(seed).integers(0, 2**64, size=(permutations, 25), dtype=np.uint64)
    started = time.perf_counter()
    trace = KeccakF.generate_trace(states)
    generated = time.perf_counter()
    params = parse_params(params_text) if params_text else default_params(*trace.shape)
    pk = openswirl.keygen(params, [KeccakF()], device=device)
    seconds = {"trace": generated - started, "keygen": time.perf_counter() - generated}
    return Workload(f"keccakf, {permutations} permutations", pk, {0: Trace(trace)}, seconds=seconds)


def _fibonacci(params_text: str | None, log_rows: int, device: str) -> Workload:
    from openswirl.airs import Fibonacci

    started = time.perf_counter()
    trace, public_values = Fibonacci.generate_trace(0, 1, 1 << log_rows)
    generated = time.perf_counter()
    params = parse_params(params_text) if params_text else default_params(*trace.shape)
    pk = openswirl.keygen(params, [Fibonacci()], device=device)
    seconds = {"trace": generated - started, "keygen": time.perf_counter() - generated}
    traces = {0: Trace(trace, public_values=public_values)}
    return Workload(f"fibonacci, {1 << log_rows} rows", pk, traces, seconds=seconds)
