"""Synthetic AIRs for benchmarks: the uniform runner's, and one made from the recorded shape of a real AIR."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from openswirl.air import Air, AirBuilder
from openswirl.trace import Trace


class Uniform(Air):
    """Boolean columns and pairs of interactions that cancel (protocol part 09, 5.2); zero satisfies it.

    Args:
        width: columns of the common main, at least 1.
        constraints_per_column, interactions_per_column: how many of each, per column; a pair counts 2.
    """

    def __init__(
        self, width: int = 20, constraints_per_column: float = 1.0, interactions_per_column: float = 0.25
    ) -> None:
        self.width = width
        self.num_constraints = _round(constraints_per_column * width)
        self.num_pairs = _round(interactions_per_column * width / 2)

    def eval(self, builder: AirBuilder) -> None:
        local = list(builder.main().local)
        for i in range(self.num_constraints):
            builder.assert_bool(local[i % self.width])
        for i in range(self.num_pairs):
            builder.push_interaction(0, [local[i % self.width]], 1, 0)
            builder.push_interaction(0, [local[i % self.width]], -1, 0)

    def trace(self, rows: int) -> Trace:
        """The zero trace of that many rows, a power of two."""
        return Trace(np.zeros((rows, self.width), dtype=np.uint32))


def _round(value: float) -> int:
    """To the nearest integer, halves upwards; Python's own rounds halves to even."""
    return math.floor(value + 0.5)


@dataclass(frozen=True)
class AirShape:
    """The recorded shape of one AIR (protocol part 09, 5.3)."""

    log_height: int
    common_main: int
    num_constraints: int
    num_interactions: int
    max_constraint_degree: int
    num_buses: int
    message_lengths: Sequence[int] | None
    count_weights: Sequence[int] | None

    @classmethod
    def from_record(cls, record: Mapping[str, Any], max_log_height: int = 22) -> AirShape:
        """From one AIR record of a recorded profile; its height is clamped to 2^1 .. 2^max_log_height."""
        return cls(
            log_height=max(min(record["log_height"], max_log_height), 1),
            common_main=record["width"]["common_main"],
            num_constraints=record["num_constraints"],
            num_interactions=record["num_interactions"],
            max_constraint_degree=record["max_constraint_degree"],
            num_buses=len(set(record.get("buses", ()))),
            message_lengths=record.get("interaction_message_lens"),
            count_weights=record.get("interaction_count_weights"),
        )


class Synthetic(Air):
    """An AIR of the size of a recorded one: as many constraints and interactions; zero satisfies it."""

    def __init__(self, shape: AirShape) -> None:
        self.shape = shape
        self.width = max(shape.common_main, max(shape.message_lengths or [0]) + 1, 1)

    def eval(self, builder: AirBuilder) -> None:
        shape, width = self.shape, self.width
        local, next = (list(row) for row in builder.main())
        cells = local + next
        for number in range(shape.num_constraints):
            monomial = cells[number % (2 * width)]
            for _ in range(1, max(shape.max_constraint_degree, 1)):
                number //= 2 * width
                monomial = monomial * cells[number % (2 * width)]
            builder.assert_zero(monomial)
        for i in range(shape.num_interactions):
            recorded = 4 if shape.message_lengths is None else shape.message_lengths[i]
            message = [local[(field + 1) % width] for field in range(min(recorded, width - 1))]
            count = local[0] if i % 2 == 0 else -1 * local[0]
            weight = 0 if shape.count_weights is None else shape.count_weights[i]
            builder.push_interaction(i % max(shape.num_buses, 1), message, count, weight)

    def trace(self) -> Trace:
        """The zero trace of the shape's height."""
        return Trace(np.zeros((1 << self.shape.log_height, self.width), dtype=np.uint32))
