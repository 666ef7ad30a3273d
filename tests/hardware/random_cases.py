#!/usr/bin/env python3
"""Random AIRs with traces that satisfy them: cases on which all devices must send the same messages.

Usage: tests/hardware/random_cases.py [--device sim] [--cases 200] [--first 0]
Proves them on the CPU and on the device in lockstep, all rounds and searches on the device; exits 1 at the first
message that differs.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import openswirl as sw
from openswirl.air import Air

P = 2013265921


class Residues:
    """Values of an expression on all rows, with the operators of expressions."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    @staticmethod
    def _values(other):
        return other.values if isinstance(other, Residues) else np.uint64(other % P)

    def __add__(self, other):
        return Residues((self.values + self._values(other)) % P)

    def __sub__(self, other):
        return Residues((self.values + P - self._values(other)) % P)

    def __mul__(self, other):
        return Residues(self.values * self._values(other) % P)


class RandomAir(Air):
    """Columns that are random expressions of up to degree three of the others, and messages that cancel."""

    def __init__(self, seed: int, index: int, rows: int) -> None:
        random = self._random(seed, index)
        self.seed, self.index = seed, index
        self.free, self.bound = int(random.integers(1, 12)), int(random.integers(1, 6))
        self.common_width = self.free + self.bound
        self.cached_widths = tuple(int(width) for width in random.integers(1, 4, size=random.integers(0, 3)))
        self.num_public_values = int(random.integers(0, 4))
        self._preprocessed = None
        if random.integers(0, 3) == 0:
            self._preprocessed = random.integers(0, P, size=(rows, random.integers(1, 3)), dtype=np.uint32)

    @staticmethod
    def _random(seed: int, *more: int) -> np.random.Generator:
        return np.random.default_rng([seed, *more])

    def preprocessed(self):
        return self._preprocessed

    @staticmethod
    def _expression(random: np.random.Generator, cells, constant, degree: int):
        result = constant(int(random.integers(0, P)))
        for _ in range(random.integers(1, 5)):
            term = cells[random.integers(len(cells))] * int(random.integers(1, P))
            for _ in range(random.integers(0, degree)):
                term = term * cells[random.integers(len(cells))]
            result = result + term
        return result

    def eval(self, builder):
        random = self._random(self.seed, self.index, 1)
        local, following = builder.common()
        cells = [*local[: self.free], *following[: self.free]]
        for part in range(len(self.cached_widths)):
            cells += [*builder.cached(part).local]
        if self._preprocessed is not None:
            cells += [*builder.preprocessed().local]
        cells += [*builder.public_values]
        for k in range(self.bound):
            kind = random.integers(0, 4)
            # A selector has degree one.
            value = self._expression(random, cells, builder.constant, 3 if kind >= 2 else 2)
            difference = local[self.free + k] - value
            if kind == 0:
                builder.when_first_row().assert_zero(difference)
            elif kind == 1:
                builder.when_transition().assert_zero(difference)
            else:
                builder.assert_zero(difference)
        for _ in range(random.integers(0, 4)):
            bus = int(random.integers(0, 3))
            message = [
                self._expression(random, cells, builder.constant, 1) for _ in range(random.integers(1, 4))
            ]
            count = self._expression(random, cells, builder.constant, int(random.integers(1, 3)))
            builder.push_interaction(bus, message, count, 1)
            builder.push_interaction(bus, message, builder.constant(0) - count, 1)

    def trace(self, values: np.random.Generator, rows: int) -> sw.Trace:
        """Random free columns, cached parts and public values; what follows from them."""

        def cells(width: int) -> np.ndarray:
            return values.integers(0, P, size=(rows, width), dtype=np.uint32)

        def columns(matrix: np.ndarray) -> list[Residues]:
            return [Residues(column.astype(np.uint64)) for column in matrix.T]

        free, cached = cells(self.free), [cells(width) for width in self.cached_widths]
        public_values = [int(value) for value in values.integers(0, P, size=self.num_public_values)]
        operands = columns(free) + columns(np.roll(free, -1, axis=0))
        for part in cached:
            operands += columns(part)
        if self._preprocessed is not None:
            operands += columns(self._preprocessed)
        operands += [Residues(np.full(rows, value, np.uint64)) for value in public_values]

        def constant(value: int) -> Residues:
            return Residues(np.full(rows, value, np.uint64))

        random = self._random(self.seed, self.index, 1)
        bound = []
        for _ in range(self.bound):
            kind = random.integers(0, 4)
            bound.append(self._expression(random, operands, constant, 3 if kind >= 2 else 2).values)
        common = np.concatenate([free, np.stack(bound, axis=1).astype(np.uint32)], axis=1)
        return sw.Trace(np.ascontiguousarray(common), cached=cached, public_values=public_values)


@dataclass(frozen=True)
class RandomCase:
    """One to four AIRs of their own heights under random small parameters."""

    params: sw.SystemParams
    airs: list[RandomAir]
    traces: dict[int, sw.Trace]


def random_case(seed: int) -> RandomCase:
    random = np.random.default_rng(seed)
    l_skip = int(random.integers(0, 5))
    params = sw.SystemParams.test_small(l_skip, int(random.integers(8, 12)), int(random.integers(1, 4)))
    airs, traces = [], {}
    for index in range(random.integers(1, 5)):
        rows = 1 << int(random.integers(1 if l_skip == 0 else 0, 8))
        air = RandomAir(seed, index, rows)
        airs.append(air)
        traces[index] = air.trace(random, rows)
    return RandomCase(params, airs, traces)


def lockstep(device: str, seeds: Iterable[int]) -> None:
    """Proves the cases on the CPU and on the device, every message compared.

    Raises:
        AssertionError: the devices differ, or one failed; the text begins with the seed.
    """
    for seed in seeds:
        case = random_case(seed)
        pk = sw.keygen(case.params, case.airs, device="cpu")
        try:
            sw.Prover(pk, f"lockstep:cpu,{device}").prove(case.traces, verify_after=False)
        except sw.Error as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="sim")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="seed of the first case")
    options = parser.parse_args()
    warnings.simplefilter("ignore", sw.SecurityWarning)
    # Read when a device is opened.
    for switch in ("OPENSWIRL_HOST_TAIL", "OPENSWIRL_HOST_SEARCH"):
        os.environ.setdefault(switch, "off")
    begin = time.perf_counter()
    for number in range(options.cases):
        try:
            lockstep(options.device, [options.first + number])
        except AssertionError as difference:
            print(difference, flush=True)
            return 1
        if (number + 1) % 10 == 0 or number + 1 == options.cases:
            seconds = time.perf_counter() - begin
            print(f"{number + 1} cases without a difference, {seconds:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
