"""Lists of AIRs with satisfying traces, as the reference's tests use them (protocol part 09, 2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from openswirl.air import Air
from openswirl.airs.fibonacci import Fibonacci, FibonacciSelector
from openswirl.airs.interactions import DummyInteraction, SelfInteraction
from openswirl.airs.partitioned import PreprocessedCached
from openswirl.trace import Trace


@dataclass(frozen=True)
class Fixture:
    """AIRs by id, and the traces of those that are present.

    Attributes:
        airs: position is the AIR id.
        traces: by AIR id.
    """

    airs: tuple[Air, ...]
    traces: dict[int, Trace]

    def __add__(self, other: Fixture) -> Fixture:
        """Both lists, one after the other."""
        shifted = {len(self.airs) + air_id: trace for air_id, trace in other.traces.items()}
        return Fixture(self.airs + other.airs, {**self.traces, **shifted})


def alternating(rows: int) -> tuple[int, ...]:
    """1, 0, 1, 0, ...: `rows` of them."""
    return tuple(1 - row % 2 for row in range(rows))


def fibonacci(a: int, b: int, rows: int, num_airs: int = 1, absent: Collection[int] = ()) -> Fixture:
    """Copies of the Fibonacci AIR with the same trace, all present but the absent ids."""
    trace = Fibonacci.trace(a, b, rows)
    airs = tuple(Fibonacci() for _ in range(num_airs))
    return Fixture(airs, {air_id: trace for air_id in range(num_airs) if air_id not in absent})


def interactions11(partitioned: bool = False) -> Fixture:
    """A sender of 4 rows and a receiver of 8 that balance on bus 0; partitioned: with cached fields."""
    send = DummyInteraction(1, True, partitioned=partitioned)
    receive = DummyInteraction(1, False, partitioned=partitioned)
    sent = send.trace([0, 3, 7, 546], [[1], [5], [4], [889]])
    received = receive.trace([1, 3, 4, 2, 0, 545, 1, 0], [[5], [4], [4], [5], [123], [889], [889], [456]])
    return Fixture((send, receive), {0: sent, 1: received})


def cached11() -> Fixture:
    """:func:`interactions11` with the fields in cached parts."""
    return interactions11(partitioned=True)


def preprocessed_fibonacci(a: int, b: int, selectors: Sequence[int]) -> Fixture:
    """The Fibonacci AIR with a preprocessed selector, without lookup."""
    air = FibonacciSelector(selectors)
    return Fixture((air,), {0: air.trace(a, b)})


def preprocessed_and_cached(selectors: Sequence[int], num_cached: int) -> Fixture:
    """One AIR with a preprocessed, a common and some cached parts."""
    air = PreprocessedCached(selectors, num_cached)
    return Fixture((air,), {0: air.trace()})


def self_interaction(widths: Sequence[int], log_height: int, bus: int) -> Fixture:
    """One self-interaction AIR per width, all of the same height."""
    airs = tuple(SelfInteraction(width, bus) for width in widths)
    return Fixture(airs, {air_id: air.trace(1 << log_height) for air_id, air in enumerate(airs)})


def mixture(log_height: int) -> Fixture:
    """Twelve AIRs of every kind: the standard mixture."""
    rows = 1 << log_height
    return (
        fibonacci(8, 8, rows)
        + interactions11()
        + cached11()
        + preprocessed_fibonacci(7, 3, alternating(rows))
        + self_interaction([4, 7, 8, 8, 10, 100], log_height, bus=5)
    )
