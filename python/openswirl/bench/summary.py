"""Figures of several runs: median, nearest-rank percentile, least and most."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from openswirl.errors import InputError


@dataclass(frozen=True)
class Summary:
    """What several runs took, in seconds. A published figure may have the median only."""

    median_s: float
    p95_s: float | None = None
    min_s: float | None = None
    max_s: float | None = None

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Summary:
        """Of at least one run.

        Raises:
            InputError: no run.
        """
        if not seconds:
            raise InputError("no run to summarise; measure at least one")
        return cls(statistics.median(seconds), nearest_rank(seconds, 95), min(seconds), max(seconds))


def nearest_rank(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least ``percent`` (1 to 100) of all values do not exceed; never interpolated."""
    ordered = sorted(values)
    rank = -(-percent * len(ordered) // 100)
    return ordered[rank - 1]
