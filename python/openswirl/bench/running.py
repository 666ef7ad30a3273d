"""Measuring a shape: warm-up, runs, medians, and the floor of every span from the ceilings of the same run."""

from __future__ import annotations

import datetime
import hashlib
import shlex
import statistics
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import openswirl
from openswirl.arguments import as_integer
from openswirl.bench.document import GRIND, ROOT, VERIFY, BenchmarkFile, Run, SpanFigures
from openswirl.bench.floors import Floors
from openswirl.bench.machine import Build, describe_machine
from openswirl.bench.shapes import FIRST_SEED, Shape, check_seeds
from openswirl.bench.summary import Summary
from openswirl.errors import InputError, InternalError, SecurityWarning
from openswirl.proof import Proof
from openswirl.prover import Prover

#: Called between runs with what comes next and the fraction that is done.
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Plan:
    """How to measure.

    Attributes:
        runs: how many runs count, at least 1.
        warmup: how many come before them.
        trace_seeds: inputs per run; a run's time is the mean over them.
        device: as everywhere.
        threads: worker threads; all cores by default.
    """

    runs: int = 5
    warmup: int = 1
    trace_seeds: int = 1
    device: str = "auto"
    threads: int | None = None

    def __post_init__(self) -> None:
        as_integer(self.runs, "runs", 1, 10**6)
        as_integer(self.warmup, "warmup", 0, 10**6)
        as_integer(self.trace_seeds, "trace_seeds", 1, 10**6)


class Rival(Protocol):
    """Another prover that takes turns with openswirl, so that both see the same machine."""

    def prove(self, number: int, seed: int) -> None:
        """Proves the traces of a seed in round ``number``, warm-up rounds counted."""

    def permutations(self) -> float:
        """Poseidon2 permutations a second on the same threads."""


def measure(
    shape: Shape, plan: Plan, progress: Progress | None = None, rival: Rival | None = None
) -> BenchmarkFile:
    """Proves a shape again and again.

    The machine should do nothing else meanwhile. Every proof is verified, on one thread, and has the bytes of the first
    one with its seed; nothing is drawn or reported while a proof is made.

    With a rival, the two take turns on every input, in alternating order, and the floors are those of the faster
    hashing of the two: slow kernels must not raise their own floor.

    Raises:
        InputError: a debug or sanitizer build, more seeds than the shape has inputs, or a case whose proof differs.
        DeviceError, OutOfMemory: the device cannot prove it.
        InternalError: a proof that differs from the one before.
    """
    build = Build.of_core()
    build.require_fast()
    check_seeds(shape, plan.trace_seeds)
    report = progress or (lambda step, fraction: None)
    with warnings.catch_warnings():
        # How many bits a proof is worth is no matter here.
        warnings.simplefilter("ignore", SecurityWarning)
        report("loading the key", 0.0)
        prover = Prover(shape.pk, plan.device, threads=plan.threads)
        runner = _Runner(shape, prover, plan, report, rival)
        runner.measure()
    report("ceilings", 1.0)
    floors = Floors.of(
        shape.pk.vk,
        runner.proof.log_heights,
        prover.device,
        runner.threads,
        0.0 if rival is None else rival.permutations(),
    )
    spans = span_figures(runner.runs, runner.counts, plan.trace_seeds, floors.seconds)
    return BenchmarkFile(
        kind="measured",
        name=shape.name,
        prover=f"openswirl {openswirl.__version__}",
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=build.commit or None,
        build_type=build.type,
        device=prover.device,
        command=_command(shape, plan, prover.device, runner.threads),
        machine=describe_machine(prover.device),
        parameters={
            **shape.arguments,
            "params": shape.params,
            "threads": runner.threads,
            "trace_seeds": plan.trace_seeds,
        },
        run_count=plan.runs,
        warmup=plan.warmup,
        headline=shape.headline,
        spans=spans,
        notes=(*([floors.note] if floors.note else []), runner.memory_note()),
        totals=grinding_totals(runner.runs, plan.trace_seeds),
        rates=floors.rates(spans[ROOT].seconds),
        ceilings=None if floors.ceilings is None else floors.ceilings.to_dict(),
        runs=tuple(runner.runs),
    )


class _Runner:
    """Makes the proofs of one measurement."""

    def __init__(
        self, shape: Shape, prover: Prover, plan: Plan, report: Progress, rival: Rival | None
    ) -> None:
        self._shape, self._prover, self._plan, self._report, self._rival = shape, prover, plan, report, rival
        self._seeds = range(FIRST_SEED, FIRST_SEED + plan.trace_seeds)
        self._digests: dict[int, str] = {}
        self.runs: list[Run] = []
        self.counts: dict[str, int] = {}
        self.threads = 0
        self.peak_memory = 0
        self.proof: Proof

    def measure(self) -> None:
        rounds = self._plan.warmup + self._plan.runs
        traces = {}
        for seed in self._seeds:
            self._report("traces", 0.0)
            traces[seed] = self._shape.traces(seed)
        for number in range(rounds):
            measured = number >= self._plan.warmup
            what = f"run {number - self._plan.warmup + 1}" if measured else f"warm-up {number + 1}"
            for index, seed in enumerate(self._seeds):
                self._report(what, (number + index / len(self._seeds)) / rounds)
                rival_first = (number + index) % 2 == 1
                if self._rival is not None and rival_first:
                    self._rival.prove(number, seed)
                # Verified apart, outside its time.
                proof = self._prover.prove(traces[seed], verify_after=False)
                verify_s = self._check(proof, seed)
                if measured:
                    self._take(proof, seed, verify_s)
                if self._rival is not None and not rival_first:
                    self._rival.prove(number, seed)

    def _check(self, proof: Proof, seed: int) -> float:
        """Verifies the proof and compares it with the one before; the seconds of the verification."""
        data = proof.to_bytes()
        decoded = Proof.from_bytes(data)
        started = time.perf_counter()
        openswirl.verify(self._shape.pk.vk, decoded)
        verify_s = time.perf_counter() - started
        digest = hashlib.sha256(data).hexdigest()
        if seed not in self._digests:
            if self._shape.expected is not None and data != self._shape.expected:
                raise InputError(f"the proof of {self._shape.name} differs from the case's proof.bin")
            self.proof = proof
        elif digest != self._digests[seed]:
            raise InternalError(
                f"two proofs of one input differ on {self._prover.device}; run openswirl doctor on this machine"
            )
        self._digests[seed] = digest
        return verify_s

    def _take(self, proof: Proof, seed: int, verify_s: float) -> None:
        assert proof.report is not None
        self.threads = proof.report.threads
        self.peak_memory = max(self.peak_memory, proof.report.peak_memory)
        totals = proof.report.spans.flat()
        counts = {path: total.count for path, total in totals.items()} | {VERIFY: 1}
        if self.counts and counts != self.counts:
            raise InternalError("two proofs of one shape have different spans")
        self.counts = counts
        seconds = {path: total.duration for path, total in totals.items()} | {VERIFY: verify_s}
        self.runs.append(Run(seed, {path: round(value, 9) for path, value in seconds.items()}))

    def memory_note(self) -> str:
        return f"peak memory of a proof, its input apart: {self.peak_memory / 2**20:,.0f} MiB"


def run_seconds(runs: Sequence[Run], seeds: int, seconds: Callable[[Run], float]) -> list[float]:
    """One time per run: the mean over its seeds, which stand next to each other."""
    return [
        round(statistics.fmean(map(seconds, runs[first : first + seeds])), 9)
        for first in range(0, len(runs), seeds)
    ]


def span_figures(
    runs: Sequence[Run], counts: Mapping[str, int], seeds: int, floors: Mapping[str, float]
) -> dict[str, SpanFigures]:
    """Every path of the runs with its count, its summary over the runs, and its floor where there is one."""
    return {
        path: SpanFigures(
            count,
            Summary.of(run_seconds(runs, seeds, lambda run, path=path: run.spans[path])),  # type: ignore[misc]
            floor_s=floors.get(path),
        )
        for path, count in counts.items()
    }


def grinding(spans: Mapping[str, float]) -> float:
    """Seconds of one proof that went into proof of work."""
    return sum(seconds for path, seconds in spans.items() if path.rpartition("/")[2] == GRIND)


def grinding_totals(runs: Sequence[Run], seeds: int) -> dict[str, Summary]:
    """The proof with and without its proof of work."""
    return {
        "with_grinding": Summary.of(run_seconds(runs, seeds, lambda run: run.spans[ROOT])),
        "without_grinding": Summary.of(
            run_seconds(runs, seeds, lambda run: run.spans[ROOT] - grinding(run.spans))
        ),
    }


def _command(shape: Shape, plan: Plan, device: str, threads: int) -> str:
    """What measures the same again, with every choice spelled out."""
    words = ["openswirl", "bench", *shape.options]
    if not shape.fixed and isinstance(shape.params, str):
        words += ["--params", shape.params]
    words += ["--runs", str(plan.runs), "--warmup", str(plan.warmup), "--device", device]
    words += ["--threads", str(threads), "--trace-seeds", str(plan.trace_seeds)]
    return shlex.join(words)
