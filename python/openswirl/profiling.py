"""Where the time of a proof went: the span tree, a flat view by path, and the Chrome/Perfetto export."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openswirl.storage import write_atomically
from openswirl.wording import counted

DEVICE_WORK = (
    "dispatches", "submissions", "waits", "bytes_touched", "bytes_uploaded", "bytes_downloaded",
)  # fmt: skip


@dataclass
class Span:
    """One named interval.

    Attributes:
        name: name of the reference's CUDA backend, or one of our own.
        start: seconds since the recording began.
        duration: seconds.
        cpu_time: seconds of processor time of the whole process meanwhile, all threads together.
        children: intervals inside, in order.
        places: where its own work ran, ``"device"`` and ``"host"``; empty for devices that are the host.
        device_work: what the device did for it, its children not counted: ``dispatches``, ``submissions``,
            ``waits``, ``bytes_touched``, ``bytes_uploaded``, ``bytes_downloaded``; empty if nothing.
    """

    name: str
    start: float
    duration: float
    children: list[Span] = field(default_factory=list)
    places: tuple[str, ...] = ()
    device_work: dict[str, int] = field(default_factory=dict)
    cpu_time: float = 0.0

    @property
    def self_time(self) -> float:
        """Seconds that no child covers."""
        return self.duration - sum(child.duration for child in self.children)

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Span]]:
        """This span and all inside it, outer ones first, each with the path of names that leads to it."""
        here = (*path, self.name)
        yield here, self
        for child in self.children:
            yield from child.walk(here)


@dataclass
class SpanTotal:
    """All spans of one path together: how many, and their seconds in total."""

    count: int = 0
    duration: float = 0.0


class Spans(Sequence[Span]):
    """The root spans of one proof, in order."""

    def __init__(self, roots: Sequence[Span]) -> None:
        self._roots = list(roots)

    @classmethod
    def from_records(
        cls, records: Sequence[tuple[str, int, float, float, float, bool, bool, list[int]]]
    ) -> Spans:
        """From the core's list of (name, parent or -1, start, duration, processor time, on device, on host, work)."""
        roots: list[Span] = []
        spans: list[Span] = []
        for name, parent, start, duration, cpu_time, on_device, on_host, work in records:
            places = ("device",) * on_device + ("host",) * on_host
            device_work = dict(zip(DEVICE_WORK, work, strict=True)) if any(work) else {}
            span = Span(name, start, duration, places=places, device_work=device_work, cpu_time=cpu_time)
            spans.append(span)
            (roots if parent < 0 else spans[parent].children).append(span)
        return cls(roots)

    def __len__(self) -> int:
        return len(self._roots)

    def __repr__(self) -> str:
        seconds = sum(root.duration for root in self._roots)
        return (
            f"<Spans {counted(sum(1 for _ in self.walk()), 'span')}, {seconds:.3f} s; see flat() and walk()>"
        )

    def __getitem__(self, index: Any) -> Any:
        return self._roots[index]

    def walk(self) -> Iterator[tuple[tuple[str, ...], Span]]:
        """Every span with its path, outer ones first."""
        for root in self._roots:
            yield from root.walk()

    def flat(self) -> dict[str, SpanTotal]:
        """Totals by path, such as ``"stark_prove_excluding_trace/prover.main_trace_commit"``, in order of opening."""
        totals: dict[str, SpanTotal] = {}
        for path, span in self.walk():
            total = totals.setdefault("/".join(path), SpanTotal())
            total.count += 1
            total.duration += span.duration
        return totals

    def to_dict(self) -> list[dict[str, Any]]:
        """The tree as JSON values."""

        def convert(span: Span) -> dict[str, Any]:
            return {
                "name": span.name,
                "start": span.start,
                "duration": span.duration,
                **({"places": list(span.places)} if span.places else {}),
                **({"device_work": span.device_work} if span.device_work else {}),
                "children": [convert(child) for child in span.children],
            }

        return [convert(root) for root in self._roots]


@dataclass(frozen=True)
class Report:
    """How a proof was made.

    Attributes:
        device: name of the device.
        version: of openswirl.
        threads: worker threads of the proof.
        spans: where the time went.
        peak_memory: bytes of buffers that the proof held at most, as they were charged; not what the process had
            resident.
        duration: seconds of the whole call.
    """

    device: str
    version: str
    threads: int
    spans: Spans
    peak_memory: int
    duration: float

    def chrome_trace(self) -> dict[str, Any]:
        """The spans in Chrome's trace event format, which Perfetto reads too; times in microseconds."""
        events: list[dict[str, Any]] = [
            {
                "name": "process_name",
                "ph": "M",
                "pid": 1,
                "tid": 1,
                "args": {"name": f"openswirl {self.device}"},
            }
        ]
        for path, span in self.spans.walk():
            events.append(
                {
                    "name": span.name,
                    "cat": "openswirl",
                    "ph": "X",
                    "ts": span.start * 1e6,
                    "dur": span.duration * 1e6,
                    "pid": 1,
                    "tid": 1,
                    "args": {"path": "/".join(path)},
                }
            )
        return {
            "traceEvents": events,
            "displayTimeUnit": "ms",
            "otherData": {"device": self.device, "version": self.version, "threads": self.threads},
        }

    def save_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes :meth:`chrome_trace` as JSON, for https://ui.perfetto.dev or chrome://tracing."""
        import json

        write_atomically(path, json.dumps(self.chrome_trace()).encode())

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON values."""
        return {
            "device": self.device,
            "version": self.version,
            "threads": self.threads,
            "peak_memory": self.peak_memory,
            "duration": self.duration,
            "spans": self.spans.to_dict(),
        }
