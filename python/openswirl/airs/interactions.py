"""AIRs without constraints that only talk on a bus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from openswirl.air import Air, AirBuilder
from openswirl.trace import Matrix, Trace

NEG_ONE = -1


class DummyInteraction(Air):
    """Sends or receives one message a row, as often as its count column says.

    Args:
        num_fields: message length.
        send: whether it sends; otherwise it receives.
        bus: bus index.
        count_weight: weight of the interaction in the bus's height constraint.
        partitioned: whether the fields are a cached part of their own.
    """

    def __init__(
        self, num_fields: int, send: bool, bus: int = 0, count_weight: int = 0, partitioned: bool = False
    ) -> None:
        self.num_fields = num_fields
        self.send = send
        self.bus = bus
        self.count_weight = count_weight
        self.partitioned = partitioned
        self.name = f"Dummy{'Sender' if send else 'Receiver'}"
        self.common_width = 1 if partitioned else 1 + num_fields
        self.cached_widths = (num_fields,) if partitioned else ()

    def eval(self, builder: AirBuilder) -> None:
        if self.partitioned:
            fields = list(builder.cached(0).local)
            count = builder.common().local[0]
        else:
            count, *fields = builder.main().local
        if not self.send:
            count = NEG_ONE * count
        builder.push_interaction(self.bus, fields, count, self.count_weight)

    def trace(self, counts: Sequence[int], fields: Sequence[Sequence[int]]) -> Trace:
        """The trace of these rows, padded with zero rows to the next power of two."""
        rows = 1 << max(len(counts) - 1, 0).bit_length()
        count_column = _padded(np.array(counts, dtype=np.uint32).reshape(-1, 1), rows)
        field_columns = _padded(np.array(fields, dtype=np.uint32).reshape(-1, self.num_fields), rows)
        if self.partitioned:
            return Trace(count_column, cached=[field_columns])
        return Trace(np.ascontiguousarray(np.hstack([count_column, field_columns])))


class SelfInteraction(Air):
    """Sends every row and receives it as the next one, in eight ways with count weight 1; always balanced.

    Args:
        width: columns of the common main.
        bus: bus index.
    """

    def __init__(self, width: int, bus: int = 0) -> None:
        self.width = width
        self.bus = bus

    def eval(self, builder: AirBuilder) -> None:
        local, next = (list(row) for row in builder.main())
        # The explicit zero is part of the key.
        row_sum = builder.constant(0)
        for cell in local:
            row_sum = row_sum + cell
        for message, count in [
            (local, 1),
            (next, NEG_ONE),
            (local, row_sum),
            (next, -row_sum),
            (local, local[0]),
            (next, -next[0]),
            (local[::-1], row_sum),
            (next[::-1], -row_sum),
        ]:
            builder.push_interaction(self.bus, message, count, 1)

    def generate_trace(self, rows: int) -> Matrix:
        """uint32 [rows, width], row-major: cell (i, j) is (i + j) mod width."""
        cells = np.add.outer(np.arange(rows), np.arange(self.width)) % self.width
        return cells.astype(np.uint32)

    def trace(self, rows: int) -> Trace:
        """The trace of that many rows, a power of two."""
        return Trace(self.generate_trace(rows))


def _padded(matrix: Matrix, rows: int) -> Matrix:
    return np.vstack([matrix, np.zeros((rows - len(matrix), matrix.shape[1]), dtype=np.uint32)])
