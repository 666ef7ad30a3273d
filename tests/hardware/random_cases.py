"""Random AIRs with random traces: what two devices must agree on, whether the constraints hold or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import openswirl as sw
from openswirl.air import Air

P = 2013265921


class RandomAir(Air):
    """Random constraints of up to degree three, and messages that are sent and received alike."""

    def __init__(self, seed: int, index: int, rows: int) -> None:
        random = self._random(seed, index)
        self.seed, self.index = seed, index
        self.common_width = int(random.integers(1, 12))
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

    def eval(self, builder):
        random = self._random(self.seed, self.index, 1)
        local, following = builder.common()
        cells = [*local, *following]
        for part in range(len(self.cached_widths)):
            cells += [*builder.cached(part).local]
        if self._preprocessed is not None:
            cells += [*builder.preprocessed().local]
        cells += [*builder.public_values]

        def term(degree: int):
            result = cells[random.integers(len(cells))] * int(random.integers(1, P))
            for _ in range(degree - 1):
                result = result * cells[random.integers(len(cells))]
            return result

        def expression(degree: int):
            result = builder.constant(int(random.integers(0, P)))
            for _ in range(random.integers(1, 5)):
                result = result + term(int(random.integers(1, degree + 1)))
            return result

        for _ in range(random.integers(1, 6)):
            kind = random.integers(0, 4)
            if kind == 0:
                builder.when_first_row().assert_zero(expression(2))
            elif kind == 1:
                builder.when_transition().assert_zero(expression(2))
            else:
                builder.assert_zero(expression(3))
        for _ in range(random.integers(0, 4)):
            bus = int(random.integers(0, 3))
            message = [expression(1) for _ in range(random.integers(1, 4))]
            count = expression(int(random.integers(1, 3)))
            builder.push_interaction(bus, message, count, 1)
            builder.push_interaction(bus, message, builder.constant(0) - count, 1)


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

        def cells(width: int, rows: int = rows) -> np.ndarray:
            return random.integers(0, P, size=(rows, width), dtype=np.uint32)

        airs.append(air)
        traces[index] = sw.Trace(
            cells(air.common_width),
            cached=[cells(width) for width in air.cached_widths],
            public_values=[int(value) for value in random.integers(0, P, size=air.num_public_values)],
        )
    return RandomCase(params, airs, traces)
