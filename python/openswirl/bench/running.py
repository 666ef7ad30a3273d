"""Measuring a shape: warm-up, runs, medians, and the floor of every span from the ceilings of the same run."""

from __future__ import annotations

import datetime
import hashlib
import shlex
import statistics
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import openswirl
from openswirl.arguments import as_integer
from openswirl.bench.document import GRIND, ROOT, BenchmarkFile, Run, SpanFigures
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


def measure(shape: Shape, plan: Plan, progress: Progress | None = None) -> BenchmarkFile:
    """Proves a shape again and again.

    The machine should do nothing else meanwhile. Every proof has the bytes of the first one with its seed, which is
    verified; nothing is drawn or reported while a proof is made.

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
        runner = _Runner(shape, prover, plan, report)
        runner.measure()
    report("ceilings", 1.0)
    floors = Floors.of(shape.pk.vk, runner.proof.log_heights, prover.device, runner.threads)
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
        notes=(floors.note,) if floors.note else (),
        totals=grinding_totals(runner.runs, plan.trace_seeds),
        rates=floors.rates(spans[ROOT].seconds),
        ceilings=None if floors.ceilings is None else floors.ceilings.to_dict(),
        runs=tuple(runner.runs),
    )


class _Runner:
    """Makes the proofs of one measurement."""

    def __init__(self, shape: Shape, prover: Prover, plan: Plan, report: Progress) -> None:
        self._shape, self._prover, self._plan, self._report = shape, prover, plan, report
        self._seeds = range(FIRST_SEED, FIRST_SEED + plan.trace_seeds)
        self._digests: dict[int, str] = {}
        self.runs: list[Run] = []
        self.counts: dict[str, int] = {}
        self.threads = 0
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
                # Verified apart: the first proof of every seed, and all others have its bytes.
                proof = self._prover.prove(traces[seed], verify_after=False)
                self._check(proof, seed)
                if measured:
                    self._take(proof, seed)

    def _check(self, proof: Proof, seed: int) -> None:
        data = proof.to_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if seed not in self._digests:
            openswirl.verify(self._shape.pk.vk, Proof.from_bytes(data))
            if self._shape.expected is not None and data != self._shape.expected:
                raise InputError(f"the proof of {self._shape.name} differs from the case's proof.bin")
            self.proof = proof
        elif digest != self._digests[seed]:
            raise InternalError(
                f"two proofs of one input differ on {self._prover.device}; run openswirl doctor on this machine"
            )
        self._digests[seed] = digest

    def _take(self, proof: Proof, seed: int) -> None:
        assert proof.report is not None
        self.threads = proof.report.threads
        totals = proof.report.spans.flat()
        counts = {path: total.count for path, total in totals.items()}
        if self.counts and counts != self.counts:
            raise InternalError("two proofs of one shape have different spans")
        self.counts = counts
        self.runs.append(Run(seed, {path: round(total.duration, 9) for path, total in totals.items()}))


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
