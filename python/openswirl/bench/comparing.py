"""Two benchmark files side by side: deltas by span, and which spans are furthest from their floor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from openswirl.bench.document import BenchmarkFile, SpanFigures, without_grinding
from openswirl.errors import InputError

#: With fewer runs a side, equal things look unlike too often: three and three do in every tenth case.
FEWEST_RUNS = 4
TOO_FEW_RUNS = "too few runs to tell"
OTHER_WORK = "other work"
#: Parameters that change how the work is done or averaged, not the work.
_NOT_WORK = ("threads", "trace_seeds")


def quotient(part: float, whole: float) -> float | None:
    """``part / whole``; None if that is no number, also as a percentage."""
    value = part / whole if whole else math.inf
    return value if math.isfinite(100 * value) else None


@dataclass(frozen=True)
class Row:
    """One span before and after; None where a file does not have it.

    Attributes:
        path: the span.
        before, after: its figures.
        caveat: why a difference beyond the spread says nothing, or empty.
    """

    path: str
    before: SpanFigures | None
    after: SpanFigures | None
    caveat: str = ""

    @property
    def delta_s(self) -> float | None:
        """Seconds that it takes longer now."""
        if self.before is None or self.after is None:
            return None
        return self.after.seconds - self.before.seconds

    @property
    def delta(self) -> float | None:
        """:attr:`delta_s` as a part of the time before."""
        if self.before is None or self.delta_s is None:
            return None
        return quotient(self.delta_s, self.before.seconds)

    @property
    def speedup(self) -> float | None:
        """How many times faster it is now."""
        if self.before is None or self.after is None:
            return None
        return quotient(self.before.seconds, self.after.seconds)

    @property
    def change(self) -> str:
        """``faster`` or ``slower``, or the caveat, if beyond the spread of the runs; else empty."""
        if is_faster(self.before, self.after):
            return self.caveat or "faster"
        return self.caveat or "slower" if is_faster(self.after, self.before) else ""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "span": self.path,
            "before_s": None if self.before is None else self.before.seconds,
            "after_s": None if self.after is None else self.after.seconds,
            "delta_s": self.delta_s,
            "delta_percent": None if self.delta is None else 100 * self.delta,
            "speedup": self.speedup,
            "change": self.change,
            "floor_s": None if self.after is None else self.after.floor_s,
        }


def is_faster(slow: SpanFigures | None, fast: SpanFigures | None) -> bool:
    """Whether the difference is beyond the spread of the runs; False if a spread is not known.

    The median of ``fast`` is below every run of ``slow``, and that of ``slow`` above every run of ``fast``. Five runs
    and five more of the same thing look so by chance in 2.4 % of all cases.
    """
    if slow is None or fast is None:
        return False
    margins = beyond(slow, fast)
    return margins is not None and all(least > most for most, least in margins)


def beyond(slow: SpanFigures, fast: SpanFigures) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The two pairs (what must be less, what must be more) of :func:`is_faster`; None if a spread is not known."""
    if slow.summary is None or fast.summary is None:
        return None
    least, most = slow.summary.min_s, fast.summary.max_s
    if least is None or most is None:
        return None
    return (fast.summary.median_s, least), (most, slow.summary.median_s)


@dataclass(frozen=True)
class Residual:
    """A span's own time, without its children, beside its own floor.

    Attributes:
        path: the span.
        own: whether it has children, whose time and floors are taken off.
        seconds, floor_s: what is left.
    """

    path: str
    own: bool
    seconds: float
    floor_s: float

    @property
    def distance_s(self) -> float:
        """Seconds above the floor."""
        return self.seconds - self.floor_s

    @property
    def ratio(self) -> float | None:
        """Time over floor; None without a floor."""
        return quotient(self.seconds, self.floor_s)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "span": self.path,
            "without_children": self.own,
            "seconds": self.seconds,
            "floor_s": self.floor_s,
            "distance_s": self.distance_s,
            "ratio": self.ratio,
        }


def residuals(content: BenchmarkFile) -> list[Residual]:
    """Where time is left, most first. Spans without a floor are left out: nothing is known of their distance."""
    inside: dict[str, list[SpanFigures]] = {}
    for path, figures in content.spans.items():
        inside.setdefault(path.rpartition("/")[0], []).append(figures)
    found = []
    for path, figures in content.spans.items():
        if figures.floor_s is None:
            continue
        children = inside.get(path, [])
        seconds = figures.seconds - sum(child.seconds for child in children)
        floor = figures.floor_s - sum(child.floor_s or 0.0 for child in children)
        # Differences of medians may go below nothing.
        found.append(Residual(path, bool(children), max(seconds, 0.0), max(floor, 0.0)))
    return sorted(found, key=lambda residual: -residual.distance_s)


@dataclass(frozen=True)
class Comparison:
    """Two files, span by span.

    Attributes:
        before, after: the files.
        unlike: what differs in machine, parameters and kind: ``{name: (before, after)}``.
        rows: every span of either file, in the order of the span tree.
        caveat: why differences say nothing: ``other work``, ``too few runs to tell``, or empty.
    """

    before: BenchmarkFile
    after: BenchmarkFile
    unlike: dict[str, tuple[Any, Any]]
    rows: tuple[Row, ...]
    caveat: str = ""

    @property
    def other_work(self) -> bool:
        """Whether the files measure unlike work: another size, other protocol parameters."""
        return self.caveat == OTHER_WORK

    @property
    def headline(self) -> Row | None:
        """The row of the headline, if both files have the same."""
        if self.before.headline != self.after.headline:
            return None
        return next((row for row in self.rows if row.path == self.after.headline), None)

    @property
    def without_grinding(self) -> Row | None:
        """The whole proof less its proof of work, if both files know it."""
        before, after = without_grinding(self.before), without_grinding(self.after)
        if before is None or after is None:
            return None
        return Row("without grinding", before, after, self.caveat)

    @property
    def same(self) -> bool:
        """Whether every span has equal figures in both, which are of the same thing."""
        return not self.unlike and all(row.before == row.after for row in self.rows)


def compare(before: BenchmarkFile, after: BenchmarkFile, *, cross_machine: bool = False) -> Comparison:
    """Puts two files side by side.

    Args:
        before, after: the files.
        cross_machine: compare what does not belong together: other machines, parameters, kinds.

    Raises:
        InputError: files of two workloads; unlike machines, parameters or kinds without ``cross_machine``.
    """
    shapes = [content.parameters["shape"] for content in (before, after)]
    if shapes[0] != shapes[1]:
        raise InputError(
            f"one file measures {shapes[0]}, the other {shapes[1]}: compare files of one workload"
        )
    unlike = differences(before, after)
    if unlike and not cross_machine:
        listed = "; ".join(f"{name} {_short(old)} and {_short(new)}" for name, (old, new) in unlike.items())
        raise InputError(
            f"the files do not belong together: {listed}; --cross-machine compares them all the same"
        )
    paths = _merged(list(before.spans), list(after.spans))
    caveat = _caveat(before, after)
    rows = tuple(Row(path, before.spans.get(path), after.spans.get(path), caveat) for path in paths)
    return Comparison(before, after, unlike, rows, caveat)


def _caveat(before: BenchmarkFile, after: BenchmarkFile) -> str:
    work = [
        {name: value for name, value in content.parameters.items() if name not in _NOT_WORK}
        for content in (before, after)
    ]
    if work[0] != work[1]:
        return OTHER_WORK
    counts = [content.run_count for content in (before, after) if content.run_count is not None]
    return TOO_FEW_RUNS if any(count < FEWEST_RUNS for count in counts) else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:120] + "..."


def differences(before: BenchmarkFile, after: BenchmarkFile) -> dict[str, tuple[Any, Any]]:
    """What makes two files unlike, as {name: (before, after)}: kind, machine, parameters."""
    sides = [
        {"kind": content.kind}
        | {f"machine {name}": value for name, value in vars(content.machine).items()}
        | {f"parameter {name}": value for name, value in content.parameters.items()}
        for content in (before, after)
    ]
    names = [*sides[0], *(name for name in sides[1] if name not in sides[0])]
    pairs = {name: (sides[0].get(name), sides[1].get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _merged(first: list[str], second: list[str]) -> list[str]:
    """All paths, parents before their children, siblings in the order of the second list."""
    paths = dict.fromkeys([*second, *first])
    order: dict[str, int] = {}
    for index, path in enumerate(paths):
        # A parent that neither file has stands where its first child does.
        for prefix in _prefixes(path):
            order.setdefault(prefix, index)
    return sorted(paths, key=lambda path: [order[prefix] for prefix in _prefixes(path)])


def _prefixes(path: str) -> list[str]:
    """A path and the paths of all its ancestors, the root first."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
