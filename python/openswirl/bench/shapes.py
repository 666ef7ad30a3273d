"""What can be measured: four shapes, each a key and one trace per seed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import openswirl
from openswirl.air import Air
from openswirl.bench.document import ROOT
from openswirl.errors import InputError
from openswirl.keys import ProvingKey
from openswirl.params import SystemParams
from openswirl.trace import Trace

Traces = dict[int, Trace]

#: The first seed: that of the reference's benchmarks (protocol part 09, 5.1).
FIRST_SEED = 42
_MODULUS = 2013265921


@dataclass(frozen=True)
class Shape:
    """A workload.

    Attributes:
        name: for people.
        arguments: what determines it, ``shape`` first; goes into the file's parameters.
        options: the same as command-line words.
        headline: path of the span that stands for it.
        pk: its key.
        traces: from a seed to the traces; equal seeds give equal traces.
        log_heights: log2 of the rows of every AIR's trace in AIR id order, None for an absent one.
        fixed: whether there is one input only.
        expected: bytes that the proof must have, or None.
    """

    name: str
    arguments: Mapping[str, Any]
    options: tuple[str, ...]
    headline: str
    pk: ProvingKey
    traces: Callable[[int], Traces]
    log_heights: tuple[int | None, ...]
    fixed: bool = False
    expected: bytes | None = None

    @property
    def params(self) -> str | dict[str, Any]:
        """The preset, or all parameters where there is none."""
        return self.pk.params.preset_name() or self.pk.params.to_dict()


def keccakf(log_perms: int, params: SystemParams, device: str = "auto") -> Shape:
    """2^log_perms Keccak-f[1600] permutations; at seed 42 the reference's inputs."""
    from openswirl.airs import KeccakF
    from openswirl.airs.keccak import benchmark_states

    permutations = 1 << log_perms

    def traces(seed: int) -> Traces:
        return {0: KeccakF.trace(benchmark_states(permutations, seed))}

    return Shape(
        name=f"keccakf, {permutations} permutation{'s' if log_perms else ''}",
        arguments={"shape": "keccakf", "log_perms": log_perms},
        options=("keccakf", "--log-perms", str(log_perms)),
        headline=ROOT,
        pk=openswirl.keygen(params, [KeccakF()], device=device),
        traces=traces,
        log_heights=(KeccakF.trace_shape(permutations)[0].bit_length() - 1,),
    )


def logup(params: SystemParams | None = None, device: str = "auto") -> Shape:
    """A sender and a receiver on one bus, 4 and 8 rows: hardly any work, so what remains is overhead.

    At seed 42 the fixture of the test vectors; other seeds shift the messages.
    """
    from openswirl.airs import fixtures

    fixture = fixtures.interactions11()

    def traces(seed: int) -> Traces:
        return {air_id: _shifted(trace, seed - FIRST_SEED) for air_id, trace in fixture.traces.items()}

    return Shape(
        name="two AIRs with interactions",
        arguments={"shape": "logup"},
        options=("logup",),
        headline=f"{ROOT}/prover.rap_constraints",
        pk=openswirl.keygen(params or SystemParams.test_small(), list(fixture.airs), device=device),
        traces=traces,
        log_heights=_log_heights(len(fixture.airs), fixture.traces),
    )


def _shifted(trace: Trace, amount: int) -> Trace:
    """The same counts, with messages that are `amount` larger: what balanced still does."""
    cells = trace.common.astype(np.uint64)
    cells[:, 1:] = (cells[:, 1:] + amount % _MODULUS) % _MODULUS
    return Trace(cells.astype(np.uint32))


def uniform(
    airs: int,
    cols: int,
    log_rows: int,
    constraints_per_col: float,
    interactions_per_col: float,
    params: SystemParams,
    device: str = "auto",
) -> Shape:
    """Equal AIRs of boolean columns and cancelling interactions (protocol part 09, 5.2).

    At seed 42 zero, as the reference's; other seeds give random bits.
    """
    from openswirl.airs import Uniform

    air = Uniform(cols, constraints_per_col, interactions_per_col)
    circuits: list[Air] = [air] * airs

    def traces(seed: int) -> Traces:
        if seed == FIRST_SEED:
            return dict.fromkeys(range(airs), air.trace(1 << log_rows))
        random = np.random.default_rng(seed)
        bits = random.integers(0, 2, size=(1 << log_rows, cols), dtype=np.uint32)
        return dict.fromkeys(range(airs), Trace(bits))

    arguments = {
        "airs": airs,
        "cols": cols,
        "log_rows": log_rows,
        "constraints_per_col": constraints_per_col,
        "interactions_per_col": interactions_per_col,
    }
    words = [
        word for name, value in arguments.items() for word in (f"--{name.replace('_', '-')}", str(value))
    ]
    return Shape(
        name=f"uniform, {airs} AIR{'' if airs == 1 else 's'} of {cols} columns and 2^{log_rows} rows",
        arguments={"shape": "uniform", **arguments},
        options=("uniform", *words),
        headline=ROOT,
        pk=openswirl.keygen(params, circuits, device=device),
        traces=traces,
        log_heights=(log_rows,) * airs,
    )


def case(folder: str | os.PathLike[str], device: str = "auto") -> Shape:
    """A folder in the format of the test vectors; its proof, if it has one, must come out with equal bytes."""
    loaded = openswirl.cases.load(folder, device)
    # A folder such as . says its name only once it is resolved.
    name = os.path.basename(os.path.realpath(folder))
    return Shape(
        name=f"case {name}",
        arguments={"shape": "case", "case": name},
        options=("case", os.fspath(folder)),
        headline=ROOT,
        pk=loaded.pk,
        traces=lambda seed: loaded.traces,
        log_heights=_log_heights(len(loaded.pk.vk.airs), loaded.traces),
        fixed=True,
        expected=loaded.proof_bytes,
    )


def _log_heights(airs: int, traces: Mapping[int, Trace]) -> tuple[int | None, ...]:
    return tuple(
        len(traces[air_id].common).bit_length() - 1 if air_id in traces else None for air_id in range(airs)
    )


def check_seeds(shape: Shape, trace_seeds: int) -> None:
    """Refuses more inputs than there are.

    Raises:
        InputError: several seeds of a case.
    """
    if shape.fixed and trace_seeds > 1:
        raise InputError("a case has one trace; use --trace-seeds 1")
