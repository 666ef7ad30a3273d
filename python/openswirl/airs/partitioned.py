"""AIRs whose main trace has several parts: cached ones that were committed earlier beside the common one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from openswirl.air import Air, AirBuilder
from openswirl.trace import MODULUS, Matrix, Trace


class PreprocessedCached(Air):
    """A counter in the common part, and cached columns that add the preprocessed bit to it once more each.

    Args:
        selectors: the preprocessed bits, a power of two of them.
        num_cached: cached parts of one column each, at least 1.
    """

    common_width = 1

    def __init__(self, selectors: Sequence[int], num_cached: int) -> None:
        self.selectors = tuple(selectors)
        self.cached_widths = (1,) * num_cached

    def preprocessed(self) -> Matrix:
        return np.array(self.selectors, dtype=np.uint32).reshape(-1, 1)

    def eval(self, builder: AirBuilder) -> None:
        bit, bit_next = (row[0] for row in builder.preprocessed())
        value, value_next = (row[0] for row in builder.common())
        builder.assert_bool(bit)
        builder.when_first_row().assert_zero(value)
        builder.when_transition().assert_one(value_next - value)
        for index in range(len(self.cached_widths)):
            cached, cached_next = (row[0] for row in builder.cached(index))
            builder.assert_eq(value + bit, cached)
            builder.when_transition().assert_eq(value_next + bit_next, cached_next)
            value, value_next = cached, cached_next

    def trace(self) -> Trace:
        """The only valid trace: row i holds i, and i plus multiples of the bit in the cached parts."""
        rows = np.arange(len(self.selectors), dtype=np.uint32).reshape(-1, 1)
        bits = self.preprocessed()
        cached = [rows + np.uint32(k + 1) * bits for k in range(len(self.cached_widths))]
        return Trace(rows, cached=cached)


class PartitionedSum(Air):
    """The common column is the sum of the cached columns.

    Args:
        width: columns of the cached part.
    """

    common_width = 1

    def __init__(self, width: int) -> None:
        self.cached_widths = (width,)

    def eval(self, builder: AirBuilder) -> None:
        # The explicit zero is part of the key.
        total = builder.constant(0)
        for cell in builder.cached(0).local:
            total = total + cell
        builder.assert_eq(builder.common().local[0], total)

    @staticmethod
    def trace(cached: Matrix) -> Trace:
        """The trace whose cached part is uint32 [rows, width], canonical, row-major."""
        total = cached.astype(np.uint64).sum(axis=1) % MODULUS
        return Trace(total.astype(np.uint32).reshape(-1, 1), cached=[cached])
