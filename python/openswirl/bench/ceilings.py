"""Ceilings: what a device can do at most, and the least time that counted work takes on it.

How each is measured, and what a floor is worth, is in docs/performance-model.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from openswirl import _core
from openswirl.bench.work import Work, own_work
from openswirl.devices import ensure_loaded
from openswirl.errors import FormatError
from openswirl.prover import call_options


@dataclass(frozen=True)
class Ceilings:
    """Rates of a whole device: all threads of the measurement together.

    Attributes:
        device: its name.
        threads: worker threads of the measurement.
        multiplications, butterflies, additions, multiply_accumulates, ext_multiplications, permutations: operations a
            second, of the kinds that :class:`openswirl.bench.work.Work` counts.
        permutation_s: seconds of one permutation that waits for the one before it.
        copy_bytes, read_bytes: bytes a second from and to main memory; a copy counts what it reads and what it writes.
        launch_s: seconds of one empty kernel among many; None on a CPU.
        wait_s: seconds from a launch until the host has its result; None on a CPU.
    """

    device: str
    threads: int
    multiplications: float
    butterflies: float
    additions: float
    multiply_accumulates: float
    ext_multiplications: float
    permutations: float
    permutation_s: float
    copy_bytes: float
    read_bytes: float
    launch_s: float | None = None
    wait_s: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Ceilings:
        """The inverse of :meth:`to_dict`.

        Raises:
            FormatError: an entry is missing or unknown, or is no positive number where one is needed.
        """
        names = [f.name for f in fields(cls)]
        if unknown := sorted(set(data) - set(names)):
            raise FormatError(
                f"ceilings have an unknown entry {unknown[0]!r}; the entries are {', '.join(names)}"
            )
        for name in names:
            value = data.get(name)
            if name == "device":
                if not isinstance(value, str):
                    raise FormatError(f"ceilings: device must be a text, not {value!r}")
            elif not (value is None and name in ("launch_s", "wait_s")) and not _is_positive(value):
                raise FormatError(f"ceilings: {name} must be a positive number, not {value!r}")
        return cls(**data)


def _is_positive(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")


def measure(device: str = "cpu", threads: int | None = None) -> Ceilings:
    """Measures the ceilings of a device with short loops, the best of several runs; takes about a second.

    On the cpu device the environment variable ``OPENSWIRL_CPU`` chooses the instruction set, as it does for proofs.

    Args:
        device: its name.
        threads: worker threads, all cores by default; give what the measured proofs use.

    Raises:
        DeviceError: there is no such device, it measures no ceilings, or a loop gave a wrong result.
        InputError: threads is no integer from 1 up.
    """
    ensure_loaded()
    measured = _core.ceilings(device, **call_options(threads, None, None))
    return Ceilings(device=device, **measured)


def floor_seconds(work: Work, ceilings: Ceilings) -> float:
    """The least time that work can take, done all at once: arithmetic hides memory traffic, or the other way round.

    ``max(sum of count / rate, bytes / bandwidth) + sync * wait_s + serial_perm * permutation_s``. The bandwidth is the
    higher of copying and reading; what a host that waits costs is 0 on a CPU. Permutations of proof of work count as
    expected.
    """
    arithmetic = (
        work.mul / ceilings.multiplications
        + work.butterfly / ceilings.butterflies
        + work.add / ceilings.additions
        + work.mac / ceilings.multiply_accumulates
        + work.ext / ceilings.ext_multiplications
        + (work.perm + work.grind) / ceilings.permutations
    )
    memory = work.bytes / max(ceilings.copy_bytes, ceilings.read_bytes)
    return (
        max(arithmetic, memory)
        + work.sync * (ceilings.wait_s or 0.0)
        + work.serial_perm * ceilings.permutation_s
    )


def floors(work: Mapping[str, Work], ceilings: Ceilings) -> dict[str, float]:
    """The floor of every span of :func:`openswirl.bench.work.work_of`, in seconds.

    Spans follow one another, because each waits for challenges: the floor of a span is that of its own work plus the
    floors of the spans inside it, which is at least :func:`floor_seconds` of their sum.
    """
    result = {path: floor_seconds(own, ceilings) for path, own in own_work(work).items()}
    # Inner spans first, so that a parent adds what is complete.
    for path in sorted(result, key=lambda path: -path.count("/")):
        parent = path.rpartition("/")[0]
        if parent in result:
            result[parent] += result[path]
    return result
