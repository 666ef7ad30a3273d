"""Plans: every command that a proof would give a GPU, from the shape alone, with the work that is in it.

The device ``null`` runs the whole protocol and executes nothing (docs/gpu-backends.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from openswirl import _core
from openswirl.arguments import as_integer
from openswirl.devices import ensure_loaded
from openswirl.errors import InputError
from openswirl.keys import ProvingKey
from openswirl.profiling import DEVICE_WORK, Spans
from openswirl.prover import call_options


@dataclass(frozen=True)
class Operations:
    """What kernels do, as their texts count it; the operations of a permutation are in the other members too.

    Attributes:
        multiplications: 32-bit factors, 64-bit products.
        factor_multiplications: of these, those by a factor known beforehand, reduced.
        reductions: of Montgomery products and of sums of them.
        folds: sums of products brought back into their range.
        additions: with reduction; subtractions, negations and halvings too.
        shifts: of the additions, those that shift.
        permutations: Poseidon2.
        words_loaded, words_stored: in device memory, whether caches have them or not.
        atomics: atomic accesses.
    """

    multiplications: int = 0
    factor_multiplications: int = 0
    reductions: int = 0
    folds: int = 0
    additions: int = 0
    shifts: int = 0
    permutations: int = 0
    words_loaded: int = 0
    words_stored: int = 0
    atomics: int = 0

    def __add__(self, other: Operations) -> Operations:
        return Operations(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Operations)))


@dataclass(frozen=True)
class Command:
    """One command of a plan.

    Attributes:
        path: of its span.
        name: symbol of a kernel, or ``fill``, ``copy``, ``upload``, ``download``.
        groups, group_size: of a kernel; 0 elsewhere.
        groups_counted: from which the operations are scaled up.
        bytes_read, bytes_written: of the ranges that it names, or of the words that it touches if those are fewer.
        operations: of all its groups.
        longest: of its slowest thread from barrier to barrier: what no parallelism shortens.
    """

    path: str
    name: str
    groups: int
    group_size: int
    groups_counted: int
    bytes_read: int
    bytes_written: int
    operations: Operations
    longest: Operations

    @property
    def is_kernel(self) -> bool:
        """Whether it is a dispatch."""
        return self.groups > 0

    @property
    def bytes(self) -> int:
        """Moved from and to memory, each bound range once."""
        return self.bytes_read + self.bytes_written


@dataclass(frozen=True)
class Plan:
    """A proof as a GPU would be told to make it.

    Attributes:
        commands: in order.
        spans: the tree, without meaningful times; ``device_work`` has waits and submissions, ``places`` the sides.
        peak_memory: bytes of buffers that the proof holds at most.
    """

    commands: Sequence[Command]
    spans: Spans
    peak_memory: int

    def device_work(self, *, below: str = "") -> dict[str, int]:
        """Sums of the device's work over all spans whose path starts with ``below``."""
        totals = dict.fromkeys(DEVICE_WORK, 0)
        for path, span in self.spans.walk():
            if "/".join(path).startswith(below):
                for name, value in span.device_work.items():
                    totals[name] += value
        return totals

    def waits(self) -> dict[str, int]:
        """Waits by path; a span's own."""
        result: dict[str, int] = {}
        for path, span in self.spans.walk():
            name = "/".join(path)
            result[name] = result.get(name, 0) + span.device_work.get("waits", 0)
        return result

    def places(self) -> dict[str, set[str]]:
        """The sides on which every path's own work runs."""
        result: dict[str, set[str]] = {}
        for path, span in self.spans.walk():
            result.setdefault("/".join(path), set()).update(span.places)
        return result

    def by_path(self) -> Mapping[str, list[Command]]:
        """The commands of every path."""
        result: dict[str, list[Command]] = {}
        for command in self.commands:
            result.setdefault(command.path, []).append(command)
        return result


def total(commands: Iterable[Command]) -> Operations:
    """The operations of all of them."""
    return sum((command.operations for command in commands), Operations())


def rehearse(
    pk: ProvingKey,
    log_heights: Sequence[int | None],
    *,
    unified_memory: bool = True,
    threads: int | None = None,
    timeout: float | None = None,
) -> Plan:
    """The plan of a proof on a GPU; no trace is needed, and rounds that the host takes are really computed.

    Proof of work has the trials that are expected, 2^bits for each search.

    Args:
        pk: the key.
        log_heights: log2 of the rows of every AIR's trace in AIR id order, None for an absent one.
        unified_memory: whether the device reads the host's memory; if not, traces are uploaded.
        threads: for the host's rounds; all cores by default.
        timeout: seconds.

    Raises:
        InputError: heights that do not fit the key.
        DeviceError: this installation has no null device.
        Timeout: it took longer.
    """
    if not isinstance(pk, ProvingKey):
        raise InputError(f"pk must be a ProvingKey, not {type(pk).__name__}")
    heights = [None if log is None else as_integer(log, "a log height", 0, 63) for log in log_heights]
    ensure_loaded()
    records, planned, peak_memory = _core.rehearse(
        pk.native, "null:0" if unified_memory else "null:1", heights, **call_options(threads, timeout, None)
    )
    paths: list[str] = []
    for name, parent, *_ in records:
        paths.append(name if parent < 0 else f"{paths[parent]}/{name}")
    return Plan([_command(paths[span], name, numbers) for span, name, numbers in planned],
                Spans.from_records(records), peak_memory)  # fmt: skip


def _command(path: str, name: str, numbers: Sequence[int]) -> Command:
    groups, group_size, counted, read, written, *operations = numbers
    half = len(operations) // 2
    own = Operations(*operations[:half])
    if groups:
        read, written = min(read, 4 * own.words_loaded), min(written, 4 * own.words_stored)
    return Command(
        path, name, groups, group_size, counted, read, written, own, Operations(*operations[half:])
    )
