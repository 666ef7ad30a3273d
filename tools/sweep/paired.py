"""Paired figures of two builds, and the rule that tells a change from noise."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 0.95
#: With five pairs even the widest interval, lowest to highest, holds the median with 93.75 % only.
FEWEST_PAIRS = 6


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The narrowest interval between order statistics that holds the true median with LEVEL, for any distribution.

    The k-th lowest of n values lies above the true median only if fewer than k fall below it: a coin's tail.
    """
    ordered, n = sorted(values), len(values)
    k, tail = 0, 0.0
    while True:
        tail += math.comb(n, k) / 2**n
        if 2 * tail > 1 - LEVEL:
            break
        k += 1
    if k == 0:
        raise ValueError(f"{n} values cannot give an interval of {LEVEL:.0%}; {FEWEST_PAIRS} can")
    return ordered[k - 1], ordered[n - k]


@dataclass(frozen=True)
class Pairs:
    """Seconds of both builds, entry i measured right after one another."""

    before: Sequence[float]
    after: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        return [after / before for before, after in zip(self.before, self.after, strict=True)]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    def change(self, tolerance: float) -> str:
        """`slower` or `faster` if the interval excludes 1 and the median is beyond the tolerance, else `same`."""
        low, high = median_interval(self.ratios)
        if low > 1 and self.ratio > 1 + tolerance:
            return "slower"
        if high < 1 and self.ratio < 1 / (1 + tolerance):
            return "faster"
        return "same"

    def __add__(self, other: Pairs) -> Pairs:
        return Pairs([*self.before, *other.before], [*self.after, *other.after])
