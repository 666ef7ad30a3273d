"""GPUs as the model sees them: what an operation costs, what memory moves, what a launch and a wait take.

Every figure is from public tables or from measurements named in ``source``; none was measured by this program unless it
says so. docs/performance-model.md explains them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from openswirl.bench.ceilings import Ceilings
from openswirl.bench.plan import Operations
from openswirl.errors import FormatError, InputError


@dataclass(frozen=True)
class Cycles:
    """Lane-cycles of the operations that kernels count.

    Attributes:
        product: two words to 64 bits.
        sum64: such a product added to another.
        reduction: Montgomery, of a 64-bit value.
        factor: a product with a factor known beforehand, reduced.
        fold: one conditional subtraction of a 64-bit sum.
        addition: with its reduction.
        shift: what a shift adds to an addition.
        word: a word from or to the first cache.
        multiplier: of a Montgomery multiplication, what the multiplier alone takes; 0 if unknown.
    """

    product: float
    sum64: float
    reduction: float
    factor: float
    fold: float
    addition: float
    shift: float
    word: float
    multiplier: float = 0.0

    def arithmetic(self, operations: Operations) -> float:
        """Lane-cycles of everything but memory."""
        products = operations.multiplications - operations.factor_multiplications
        return (
            self.product * products
            + self.sum64 * max(0, products - operations.reductions)
            + self.reduction * operations.reductions
            + self.factor * operations.factor_multiplications
            + self.fold * operations.folds
            + self.addition * operations.additions
            + self.shift * operations.shifts
        )


@dataclass(frozen=True)
class Gpu:
    """One GPU with its host.

    Attributes:
        name: as ``--model`` takes it.
        description: hardware in words.
        source: where the figures are from.
        unified_memory: whether it reads the host's memory.
        lanes_per_s: lane-cycles a second of all cores together.
        clock_hz: of one lane; 0 if unknown, then no thread is too slow.
        cycles: of every operation.
        efficiency: the part of the issue rate that kernels reach.
        bytes_per_s: main memory, as far as it can be reached.
        upload_bytes_per_s: from the host to memory of its own.
        launch_s: of one kernel among many.
        wait_s: from the end of a submission until the host has its result, and its start.
        permutation_s: one Poseidon2 permutation of the transcript, on the host.
        host_products_per_s: base products of one host thread in the small rounds that it takes.
        hash_rates: Poseidon2 permutations a second, by what they stand for; the best first.
        hash_rate: the one that a prediction uses.
    """

    name: str
    description: str
    source: str
    unified_memory: bool
    lanes_per_s: float
    clock_hz: float
    cycles: Cycles
    efficiency: float
    bytes_per_s: float
    upload_bytes_per_s: float
    launch_s: float
    wait_s: float
    permutation_s: float
    host_products_per_s: float
    hash_rates: Mapping[str, float]
    hash_rate: float

    def with_hash_rate(self, rate: float) -> Gpu:
        """The same with another rate of permutations."""
        return replace(self, hash_rate=rate)

    def ceilings(self) -> Ceilings:
        """What it can do at most, as floors are computed from it."""
        rate = self.lanes_per_s * self.efficiency
        cycles = self.cycles
        extension = 16 * cycles.product + 12 * cycles.sum64 + 4 * cycles.reduction
        return Ceilings(
            device=self.name,
            threads=1,
            multiplications=rate / (cycles.product + cycles.reduction),
            butterflies=rate / (cycles.factor + 2 * cycles.addition),
            additions=rate / cycles.addition,
            multiply_accumulates=rate / (cycles.product + cycles.sum64),
            ext_multiplications=rate / extension,
            permutations=self.hash_rate,
            permutation_s=self.permutation_s,
            copy_bytes=self.bytes_per_s,
            read_bytes=self.bytes_per_s,
            launch_s=self.launch_s,
            wait_s=self.wait_s,
        )


#: Lane-cycles of Apple's families 7 to 9: multiply-high and 32x32 to 64 bits 8, 32-bit multiplications 4, additions,
#: comparisons and selections 1, shifts and extracts 4, 64-bit additions 4. The first cache is taken to give 64 bytes a
#: clock and core, which makes a word 8 lane-cycles of 128.
_APPLE_CYCLES = Cycles(
    product=8, sum64=4, reduction=4 + 8 + 3, factor=8 + 4 + 4 + 2, fold=2, addition=3, shift=4, word=8,
    multiplier=8 + 4 + 8,
)  # fmt: skip
_APPLE_SOURCE = (
    "instruction rates of public microbenchmarks of this family (metal-benchmarks), nominal bandwidth times 0.85, "
    "public reports of launch and wait; nothing of it measured by this program"
)

M2_MAX = Gpu(
    name="m2 max",
    description="Apple M2 Max, 38 cores at 1.398 GHz, 400 GB/s",
    source=_APPLE_SOURCE,
    unified_memory=True,
    lanes_per_s=38 * 128 * 1.398e9,
    clock_hz=1.398e9,
    cycles=_APPLE_CYCLES,
    efficiency=0.83,
    bytes_per_s=0.85 * 400e9,
    upload_bytes_per_s=20e9,
    launch_s=5e-6,
    wait_s=150e-6,
    permutation_s=0.8e-6,
    host_products_per_s=2e9,
    hash_rates={
        "multiplier alone, 11.3 k lane-cycles": 602e6,
        "no instruction beside another, 17.5 k": 390e6,
        "the same at 83 %, 21 k": 324e6,
        "shown by whir-p3-metal, 31 k": 220e6,
    },
    hash_rate=324e6,
)
M4_MAX = replace(
    M2_MAX,
    name="m4 max",
    description="Apple M4 Max, 40 cores at 1.68 GHz, 546 GB/s",
    lanes_per_s=40 * 128 * 1.68e9,
    clock_hz=1.68e9,
    bytes_per_s=0.85 * 546e9,
    permutation_s=0.7e-6,
    hash_rates={
        "multiplier alone, 11.3 k lane-cycles": 761e6,
        "additions beside the multiplier at 75 %, 15 k": 573e6,
        "no instruction beside another, 17.5 k": 491e6,
        "the same at 83 %, 21 k": 410e6,
    },
    hash_rate=573e6,
)
#: 33.5 T lane-cycles a second over measured rates: 6.3 T/s products with their 64-bit addition, 3.03 T/s Montgomery
#: multiplications, 4.11 T/s by known factors, 13.9 T/s modular additions.
_H200_LANES_PER_S = 132 * 128 * 1.98e9
H200 = Gpu(
    name="h200",
    description="NVIDIA H200, 132 multiprocessors at 1.98 GHz, 4.8 TB/s",
    source=(
        "microbenchmarks on an H200: operation rates, copy bandwidth, launch, wait and Poseidon2; upload of a trace "
        "from pageable memory"
    ),
    unified_memory=False,
    lanes_per_s=_H200_LANES_PER_S,
    clock_hz=1.98e9,
    cycles=Cycles(
        product=_H200_LANES_PER_S / 6.3e12,
        sum64=0,
        reduction=_H200_LANES_PER_S * (1 / 3.03e12 - 1 / 6.3e12),
        factor=_H200_LANES_PER_S / 4.11e12,
        fold=_H200_LANES_PER_S / 13.9e12,
        addition=_H200_LANES_PER_S / 13.9e12,
        shift=2,
        word=4,
    ),
    efficiency=1.0,
    bytes_per_s=4.0e12,
    upload_bytes_per_s=10.5e9,
    launch_s=2.5e-6,
    wait_s=10.6e-6,
    permutation_s=0.7e-6,
    host_products_per_s=2e9,
    # The first two were measured elsewhere, the last by `openswirl bench machine` (docs/benchmarks/h200-keccakf.json).
    hash_rates={
        "elsewhere, 3.3 G/s": 3.3e9,
        "elsewhere, leaf hash with its loads": 3.04e9,
        "ours, 3.76 G/s": 3.76e9,
    },
    hash_rate=3.3e9,
)

GPUS = {gpu.name: gpu for gpu in (M2_MAX, M4_MAX, H200)}


def find_gpu(name: str) -> Gpu:
    """One of the built-in GPUs, or one whose ceilings are in a file of ``openswirl bench machine --json``.

    Raises:
        InputError: neither.
        FormatError: the file has no ceilings of a GPU.
        OSError: the file cannot be read.
    """
    known = GPUS.get(" ".join(name.lower().replace("-", " ").split()))
    if known is not None:
        return known
    if not os.path.isfile(name):
        raise InputError(
            f"no model {name!r}; there are {', '.join(GPUS)}, and files of openswirl bench machine --json"
        )
    return from_machine_file(name)


def from_machine_file(path: str) -> Gpu:
    """A GPU from measured ceilings. What they do not say is taken from the H200: uploads and the host's rounds.

    Raises:
        FormatError: no machine file, or one of a CPU.
        OSError: it cannot be read.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise FormatError(f"{path} is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise FormatError(f"{path} is no file of openswirl bench machine --json")
    extra = ("machine", "build_type", "commit")
    ceilings = Ceilings.from_dict({key: value for key, value in content.items() if key not in extra})
    if ceilings.launch_s is None or ceilings.wait_s is None:
        raise FormatError(f"{path} has the ceilings of {ceilings.device}, which is no GPU: no launch or wait")
    return _from_ceilings(ceilings, content.get("machine"))


def _from_ceilings(ceilings: Ceilings, machine: Any) -> Gpu:
    # In units of one addition, so that numbers stay readable.
    lanes = ceilings.additions
    product = lanes / ceilings.multiply_accumulates
    assert ceilings.launch_s is not None
    assert ceilings.wait_s is not None
    described = machine.get("gpu") if isinstance(machine, dict) else None
    return replace(
        H200,
        name=ceilings.device,
        description=str(described or ceilings.device),
        source="ceilings measured by openswirl bench machine",
        lanes_per_s=lanes,
        clock_hz=0,
        cycles=Cycles(
            product=product,
            sum64=0,
            reduction=max(0.0, lanes / ceilings.multiplications - product),
            factor=max(0.0, lanes / ceilings.butterflies - 2),
            fold=1,
            addition=1,
            shift=1,
            word=0,
        ),
        bytes_per_s=max(ceilings.copy_bytes, ceilings.read_bytes),
        launch_s=ceilings.launch_s,
        wait_s=ceilings.wait_s,
        permutation_s=ceilings.permutation_s,
        hash_rates={"measured": ceilings.permutations},
        hash_rate=ceilings.permutations,
    )
