"""Predicted times of a proof on a GPU: its plan over what that GPU can do (docs/performance-model.md).

A kernel takes the longest of its arithmetic, its bytes in main memory, its words in the first cache and its slowest
thread, and a launch. A span takes its commands, its waits, its part of the transcript and what the host does for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from openswirl.bench.ceilings import floor_seconds
from openswirl.bench.gpus import Gpu
from openswirl.bench.plan import Command, Operations, Plan, total
from openswirl.bench.work import LOGUP, MLE_ROUNDS, ROOT, STACKED_REDUCTION, WHIR, Work, own_work

_T = TypeVar("_T")
#: Entries of a table below which the host takes the rounds: kHostFractions, kHostCombined, kHostMoments; operations of
#: a round below which it does: kHostConstraints.
_HOST_FRACTIONS, _HOST_COMBINED, _HOST_MOMENTS, _HOST_CONSTRAINTS = 1 << 12, 1 << 12, 1 << 13, 1 << 16
#: Base products of an extension multiplication: 16, and three by the constant of the field.
_EXT_PRODUCTS = 19
#: Threads of the host that share a stage which runs there as a whole.
_HOST_THREADS = 8


@dataclass(frozen=True)
class KernelTime:
    """What one command takes.

    Attributes:
        command: it.
        arithmetic_s, memory_s, cache_s, thread_s: what bounds it; the longest counts.
        launch_s: added to that.
    """

    command: Command
    arithmetic_s: float
    memory_s: float
    cache_s: float
    thread_s: float
    launch_s: float

    @property
    def busy_s(self) -> float:
        """Without its launch."""
        return max(self.arithmetic_s, self.memory_s, self.cache_s, self.thread_s)

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.busy_s + self.launch_s

    @property
    def bound(self) -> str:
        """What it spends most of its time on."""
        times = {
            "arithmetic": self.arithmetic_s,
            "memory": self.memory_s,
            "cache": self.cache_s,
            "one thread": self.thread_s,
            "launch": self.launch_s,
        }
        return max(times, key=lambda name: times[name])


@dataclass(frozen=True)
class SpanTime:
    """What a span itself takes, without the spans inside it.

    Attributes:
        kernels: its commands.
        waits: how often the host waits in it.
        wait_s, transcript_s, host_s: waiting; serial permutations; the host's rounds.
    """

    kernels: tuple[KernelTime, ...] = ()
    waits: int = 0
    wait_s: float = 0.0
    transcript_s: float = 0.0
    host_s: float = 0.0

    @property
    def device_s(self) -> float:
        """All commands, one after another."""
        return sum(kernel.seconds for kernel in self.kernels)

    @property
    def dispatches(self) -> int:
        """Kernels among the commands."""
        return sum(kernel.command.is_kernel for kernel in self.kernels)

    @property
    def bytes(self) -> int:
        """Moved in main memory."""
        return sum(kernel.command.bytes for kernel in self.kernels)

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.device_s + self.wait_s + self.transcript_s + self.host_s


@dataclass(frozen=True)
class Prediction:
    """A proof on a GPU.

    Attributes:
        gpu: which.
        plan: what it would be told.
        work: the least work by path, inner paths included.
        spans: by path, each by itself, in the plan's order.
        counts: spans of one path.
        floors: least seconds by path, each by itself.
    """

    gpu: Gpu
    plan: Plan
    work: Mapping[str, Work]
    spans: Mapping[str, SpanTime]
    counts: Mapping[str, int]
    floors: Mapping[str, float] = field(default_factory=dict)

    def seconds(self, path: str = ROOT) -> float:
        """A path with all inside it."""
        return sum(span.seconds for _, span in _inside(self.spans, path))

    def floor(self, path: str = ROOT) -> float:
        """Its floor, likewise."""
        return sum(floor for _, floor in _inside(self.floors, path))

    def kernels(self) -> dict[str, list[KernelTime]]:
        """Every command by name, the slowest kernels first."""
        result: dict[str, list[KernelTime]] = {}
        for span in self.spans.values():
            for kernel in span.kernels:
                result.setdefault(kernel.command.name, []).append(kernel)
        return dict(sorted(result.items(), key=lambda item: -sum(kernel.seconds for kernel in item[1])))


def _inside(items: Mapping[str, _T], path: str) -> Iterable[tuple[str, _T]]:
    return ((name, item) for name, item in items.items() if name == path or name.startswith(f"{path}/"))


def predict(plan: Plan, work: Mapping[str, Work], gpu: Gpu) -> Prediction:
    """The times of a plan on a GPU, beside the floors of the least work that gives the same proof.

    Args:
        plan: of a device with the GPU's kind of memory.
        work: of the same key and heights.
        gpu: which one.
    """
    commands = plan.by_path()
    waits, places = plan.waits(), plan.places()
    own = own_work(work)
    spans: dict[str, SpanTime] = {}
    counts = {path: total.count for path, total in plan.spans.flat().items()}
    for path in counts:
        if path != ROOT and not path.startswith(f"{ROOT}/"):
            continue
        kernels = tuple(kernel_time(command, gpu) for command in commands.get(path, ()))
        counted = own.get(path, Work())
        spans[path] = SpanTime(
            kernels,
            waits[path],
            waits[path] * gpu.wait_s,
            counted.serial_perm * gpu.permutation_s,
            _host_seconds(path, counted, kernels, gpu) if "host" in places[path] else 0.0,
        )
    ceilings = gpu.ceilings()
    floors = {}
    for path, span in spans.items():
        counted = own.get(path, Work())
        # Rounds that the host takes need no wait.
        floors[path] = floor_seconds(replace(counted, sync=min(counted.sync, span.waits)), ceilings)
    return Prediction(gpu, plan, work, spans, {path: counts[path] for path in spans}, floors)


def kernel_time(command: Command, gpu: Gpu) -> KernelTime:
    """What a command takes by itself."""
    if not command.is_kernel:
        copied = command.name in ("upload", "download")
        rate = gpu.upload_bytes_per_s if copied else gpu.bytes_per_s
        # On unified memory the host writes its tables in place.
        launch = 0.0 if copied and gpu.unified_memory else gpu.launch_s
        return KernelTime(command, 0.0, command.bytes / rate, 0.0, 0.0, launch)
    operations = command.operations
    rate = gpu.lanes_per_s * gpu.efficiency
    if operations.permutations:
        # Hash kernels do hardly anything else, and their rate is known better than that of their instructions.
        arithmetic = operations.permutations / gpu.hash_rate
    else:
        arithmetic = gpu.cycles.arithmetic(operations) / rate
    words = operations.words_loaded + operations.words_stored
    return KernelTime(
        command,
        arithmetic,
        command.bytes / gpu.bytes_per_s,
        gpu.cycles.word * words / gpu.lanes_per_s,
        gpu.cycles.arithmetic(command.longest) / (gpu.clock_hz * gpu.efficiency) if gpu.clock_hz else 0.0,
        gpu.launch_s,
    )


def _host_seconds(path: str, counted: Work, kernels: tuple[KernelTime, ...], gpu: Gpu) -> float:
    """What the host computes: a whole stage that has no kernels, else the tails of its rounds."""
    searched = sum(kernel.command.operations.permutations for kernel in kernels)
    if counted.grind:
        return max(0.0, counted.grind - searched) * gpu.permutation_s
    if not any(kernel.command.is_kernel for kernel in kernels):
        products = counted.products + counted.add / 2
        return products / (gpu.host_products_per_s * _HOST_THREADS)
    return _EXT_PRODUCTS * _tail_ext(path, counted) / gpu.host_products_per_s


def _tail_ext(path: str, counted: Work) -> float:
    """Extension multiplications of the rounds that the host takes over."""
    if path == LOGUP:
        # 3 for the tree and 14 for the rounds of every leaf; a layer has half the nodes of the one below it.
        leaves = counted.ext / 17
        layers = max(0, int(leaves).bit_length() - _HOST_FRACTIONS.bit_length() + 1)
        return (17 + 14 * layers) * min(leaves, _HOST_FRACTIONS)
    if path == STACKED_REDUCTION:
        return min(counted.ext, 32 * _HOST_COMBINED)
    if path == WHIR:
        return 4 * _HOST_MOMENTS
    if path == MLE_ROUNDS:
        # Rounds halve; about every second operation is a product.
        return min(counted.ext, 2 * _HOST_CONSTRAINTS / 2)
    return 0.0


def permutation_cycles(plan: Plan, gpu: Gpu) -> tuple[Operations, float, float]:
    """Operations of one permutation as our kernels compute it, its lane-cycles, and those of the multiplier alone."""
    hashing = [c for c in plan.commands if c.name.startswith("merkle_") and c.operations.permutations]
    if not hashing:
        return Operations(), 0.0, 0.0
    whole = total(hashing)
    one = Operations(
        multiplications=round(whole.multiplications / whole.permutations),
        reductions=round(whole.reductions / whole.permutations),
        additions=round(whole.additions / whole.permutations),
        shifts=round(whole.shifts / whole.permutations),
        permutations=1,
    )
    return one, gpu.cycles.arithmetic(one), one.multiplications * gpu.cycles.multiplier
