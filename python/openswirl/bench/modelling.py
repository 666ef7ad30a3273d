"""A predicted benchmark: the plan of a shape on the device ``null``, timed by the model of a GPU."""

from __future__ import annotations

import datetime
import shlex
import warnings
from dataclasses import dataclass

import openswirl
from openswirl.bench.document import BenchmarkFile, Machine, SpanFigures
from openswirl.bench.gpus import Gpu
from openswirl.bench.machine import Build
from openswirl.bench.model import Prediction, permutation_cycles, predict
from openswirl.bench.plan import rehearse
from openswirl.bench.shapes import Shape
from openswirl.bench.work import work_of
from openswirl.errors import SecurityWarning


@dataclass(frozen=True)
class Modelled:
    """What the model says of a shape.

    Attributes:
        prediction: at the GPU's rate of permutations.
        by_hash_rate: seconds of the whole proof by what the rates of permutations stand for.
    """

    prediction: Prediction
    by_hash_rate: dict[str, float]


def model(shape: Shape, gpu: Gpu, threads: int | None = None) -> Modelled:
    """Plans a shape and predicts its times. No trace is made and nothing is proved.

    Raises:
        DeviceError: this installation has no null device.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        plan = rehearse(shape.pk, shape.log_heights, unified_memory=gpu.unified_memory, threads=threads)
    work = work_of(shape.pk.vk, shape.log_heights)
    rates = {
        name: predict(plan, work, gpu.with_hash_rate(rate)).seconds() for name, rate in gpu.hash_rates.items()
    }
    return Modelled(predict(plan, work, gpu), rates)


def to_file(shape: Shape, modelled: Modelled, model_name: str) -> BenchmarkFile:
    """The prediction as a benchmark file of kind ``model``."""
    prediction = modelled.prediction
    gpu = prediction.gpu
    notes = [f"{gpu.hash_rate / 1e6:.0f} M permutations/s; {gpu.source}"]
    notes += [f"at {name}: {seconds * 1e3:.1f} ms" for name, seconds in modelled.by_hash_rate.items()]
    one, cycles, _ = permutation_cycles(prediction.plan, gpu)
    if cycles:
        notes.append(
            f"a permutation of ours: {one.multiplications} multiplications, {one.additions} additions, "
            f"{cycles / 1e3:.1f} k lane-cycles"
        )
    words = ["openswirl", "bench", *shape.options]
    if not shape.fixed and isinstance(shape.params, str):
        words += ["--params", shape.params]
    words += ["--device", "null", "--model", model_name, "--hash-rate", f"{gpu.hash_rate / 1e6:g}"]
    return BenchmarkFile(
        kind="model",
        name=shape.name,
        prover=f"openswirl {openswirl.__version__}",
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        commit=Build.of_core().commit or None,
        build_type=None,
        device="null",
        command=shlex.join(words),
        source="openswirl.bench.model: a plan with counted operations, over rates of the GPU",
        notes=tuple(notes),
        machine=Machine(gpu=gpu.description),
        parameters={**shape.arguments, "params": shape.params},
        run_count=None,
        headline=shape.headline,
        spans={
            path: SpanFigures(
                prediction.counts[path],
                predicted_s=round(prediction.seconds(path), 9),
                floor_s=round(prediction.floor(path), 9),
            )
            for path in prediction.spans
        },
        ceilings=gpu.ceilings().to_dict(),
    )
