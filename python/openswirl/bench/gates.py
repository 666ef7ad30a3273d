"""Gates: what a comparison must show, such as ``round0<=0.5x``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from openswirl.bench.comparing import OTHER_WORK, TOO_FEW_RUNS, Comparison, beyond
from openswirl.bench.document import BenchmarkFile, SpanFigures, find_span, without_grinding
from openswirl.errors import InputError

_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_LIMIT = re.compile(
    r"(?P<span>.+?)\s*<=\s*(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>s|ms|us|µs|ns|x)", re.ASCII
)
_STATEMENT = re.compile(r"(?P<span>.+):(?P<statement>improved|not-slower)")
#: No time in a benchmark file is longer, in seconds, and no ratio needs to be.
_LARGEST = 2.0**53
#: A name for the proof less its proof of work, beside the names of spans.
WITHOUT_GRINDING = "without_grinding"


@dataclass(frozen=True)
class Gate:
    """One demand on the second file.

    Attributes:
        text: as given.
        span: name of the span, see :func:`~openswirl.bench.document.find_span`; or ``without_grinding``.
        limit_s: most seconds, or None.
        limit_ratio: most time as a part of the time before, or None.
        statement: ``improved``, ``not-slower``, or None.
    """

    text: str
    span: str
    limit_s: float | None = None
    limit_ratio: float | None = None
    statement: str | None = None

    @classmethod
    def parse(cls, text: str) -> Gate:
        """Reads ``SPAN<=1180ms``, ``SPAN<=0.5x``, ``SPAN:improved`` or ``SPAN:not-slower``.

        Raises:
            InputError: another text, or a number above 2^53.
        """
        if match := _LIMIT.fullmatch(text.strip()):
            number, unit = float(match["number"]), match["unit"]
            if number > _LARGEST:
                raise InputError(f"gate {text[:120]!r}: its number must be at most 2^53")
            if unit == "x":
                return cls(text, match["span"], limit_ratio=number)
            return cls(text, match["span"], limit_s=number * _UNITS[unit])
        if match := _STATEMENT.fullmatch(text.strip()):
            return cls(text, match["span"], statement=match["statement"])
        raise InputError(
            f"gate {text[:120]!r} is none of SPAN<=1180ms (or s, us, ns), SPAN<=0.5x, SPAN:improved, SPAN:not-slower"
        )

    def judge(self, comparison: Comparison) -> Outcome:
        """Whether the comparison meets this gate.

        A statement about files of fewer than four runs stays open. What compares unlike work is marked.

        Raises:
            InputError: a file lacks the span, or the spread of its runs.
        """
        after = _figures(comparison.after, self.span, "the second file")
        if self.limit_s is not None:
            return Outcome(self.text, after.seconds, self.limit_s, after.seconds <= self.limit_s)
        before = _figures(comparison.before, self.span, "the first file")
        if self.limit_ratio is not None:
            limit = self.limit_ratio * before.seconds
            caveat = OTHER_WORK if comparison.other_work else ""
            return Outcome(self.text, after.seconds, limit, after.seconds <= limit, caveat)
        caveat = comparison.caveat
        undecided = caveat == TOO_FEW_RUNS
        if self.statement == "improved":
            # Both must hold: the one that is further from it counts.
            value, limit = max(self._pairs(before, after), key=lambda pair: pair[0] - pair[1])
            return Outcome(self.text, value, limit, None if undecided else value < limit, caveat)
        # One that does not hold is enough: the one that is closer to it counts.
        limit, value = max(self._pairs(after, before), key=lambda pair: pair[0] - pair[1])
        return Outcome(self.text, value, limit, None if undecided else value <= limit, caveat)

    def _pairs(self, slow: SpanFigures, fast: SpanFigures) -> tuple[tuple[float, float], ...]:
        pairs = beyond(slow, fast)
        if pairs is None:
            raise InputError(
                f"gate {self.text!r}: a file does not say how its runs spread; use a limit such as {self.span}<=0.9x"
            )
        return pairs


@dataclass(frozen=True)
class Outcome:
    """A gate and whether it is met.

    Attributes:
        gate: the gate's text.
        value_s: the time of the second file that counts: its median or, for statements, its slowest or fastest run.
        limit_s: what that may be; for statements the fastest or slowest run before, or the median before.
        met: whether the gate is met; None if there are too few runs to tell.
        caveat: what to know about it: ``other work``, ``too few runs to tell``, or empty.
    """

    gate: str
    value_s: float
    limit_s: float
    met: bool | None
    caveat: str = ""

    @property
    def gap_s(self) -> float:
        """Seconds that are missing; 0 if met or open."""
        return self.value_s - self.limit_s if self.met is False else 0.0

    @property
    def verdict(self) -> str:
        """``met`` or ``NOT MET``, with what to know about it; or why nothing can be said."""
        if self.met is None:
            return self.caveat
        said = "met" if self.met else "NOT MET"
        return f"{said} ({self.caveat})" if self.caveat else said

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "gate": self.gate,
            "met": self.met,
            "value_s": self.value_s,
            "limit_s": self.limit_s,
            "gap_s": self.gap_s,
            "caveat": self.caveat,
        }


def default_gates(comparison: Comparison) -> list[Gate]:
    """What holds where no gate is given: two measurements that belong together must not get slower."""
    measured = comparison.before.kind == comparison.after.kind == "measured"
    if not measured or comparison.unlike or comparison.headline is None:
        return []
    return [Gate.parse("headline:not-slower")]


def _figures(content: BenchmarkFile, span: str, name: str) -> SpanFigures:
    if span != WITHOUT_GRINDING:
        return content.spans[find_span(content, span, name)]
    figures = without_grinding(content)
    if figures is None:
        raise InputError(f"{name} does not say what the proof takes without grinding")
    return figures
