"""Fibonacci AIRs: the plain one, and one whose preprocessed selector says on which rows to step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat

import numpy as np

from openswirl.air import Air, AirBuilder, LookupBus
from openswirl.arguments import as_integer
from openswirl.errors import InputError
from openswirl.trace import MODULUS, Matrix, Trace

#: The tallest trace of any parameters.
_MAX_ROWS = 1 << 26


class Fibonacci(Air):
    """Columns left and right, each row the step of the one before; public values a, b and the last right."""

    width = 2
    num_public_values = 3

    def eval(self, builder: AirBuilder) -> None:
        local, next = builder.main()
        a, b, x = builder.public_values
        first = builder.when_first_row()
        first.assert_eq(local[0], a)
        first.assert_eq(local[1], b)
        transition = builder.when_transition()
        transition.assert_eq(local[1], next[0])
        transition.assert_eq(local[0] + local[1], next[1])
        builder.when_last_row().assert_eq(local[1], x)

    @staticmethod
    def generate_trace(a: int, b: int, rows: int) -> tuple[Matrix, list[int]]:
        """uint32 [rows, 2], canonical, row-major, starting from (a, b); and the public values.

        Raises:
            InputError: rows that are no integer from 1 to 2^26, or a start that is not canonical.
        """
        rows = as_integer(rows, "rows", 1, _MAX_ROWS)
        return _steps(a, b, repeat(1), rows)

    @classmethod
    def trace(cls, a: int, b: int, rows: int) -> Trace:
        """:meth:`generate_trace` as a trace to prove."""
        common, public_values = cls.generate_trace(a, b, rows)
        return Trace(common, public_values=public_values)


class FibonacciSelector(Air):
    """Fibonacci steps where the selector is 1, copies where it is 0; optionally a table of sums on bus 0.

    Args:
        selectors: one bit per row; a power of two of them.
        lookup: whether every row with selector 1 is a table entry on bus 0.
    """

    width = 2
    num_public_values = 3

    def __init__(self, selectors: Sequence[int], lookup: bool = False) -> None:
        self.selectors = tuple(selectors)
        self.lookup = lookup

    def preprocessed(self) -> Matrix:
        return np.array(self.selectors, dtype=np.uint32).reshape(-1, 1)

    def eval(self, builder: AirBuilder) -> None:
        local, next = builder.main()
        selector = builder.preprocessed().local[0]
        a, b, x = builder.public_values
        first = builder.when_first_row()
        first.assert_eq(local[0], a)
        first.assert_eq(local[1], b)
        step = builder.when_transition().when(selector)
        copy = builder.when_transition().when_ne(selector, 1)
        step.assert_eq(local[1], next[0])
        copy.assert_eq(local[0], next[0])
        step.assert_eq(local[0] + local[1], next[1])
        copy.assert_eq(local[1], next[1])
        builder.when_last_row().assert_eq(local[1], x)
        if self.lookup:
            LookupBus(0).add_key_with_lookups(builder, [local[0] + local[1]], selector)

    def generate_trace(self, a: int, b: int) -> tuple[Matrix, list[int]]:
        """uint32 [selectors, 2], canonical, row-major, starting from (a, b); and the public values.

        Raises:
            InputError: no selectors, or a start that is not canonical.
        """
        return _steps(a, b, self.selectors, len(self.selectors))

    def trace(self, a: int, b: int) -> Trace:
        """:meth:`generate_trace` as a trace to prove."""
        common, public_values = self.generate_trace(a, b)
        return Trace(common, public_values=public_values)


def _steps(a: int, b: int, selectors: Iterable[int], rows: int) -> tuple[Matrix, list[int]]:
    if rows == 0:
        raise InputError("there are no selectors; a trace has at least one row")
    a = as_integer(a, "a", high=MODULUS - 1, hint=" = p - 1")
    b = as_integer(b, "b", high=MODULUS - 1, hint=" = p - 1")
    common = np.empty((rows, 2), dtype=np.uint32)
    for row, selector in zip(range(rows), selectors, strict=False):
        common[row] = a, b
        if selector:
            a, b = b, (a + b) % MODULUS
    return common, [int(common[0, 0]), int(common[0, 1]), int(common[-1, 1])]
