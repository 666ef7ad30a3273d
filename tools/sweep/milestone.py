"""The report of a sweep in Markdown: what ran and whether it passed, tables, findings, what is left to gain."""

from __future__ import annotations

import argparse
import datetime
import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from checkouts import Build
from paired import LEVEL, median_interval
from sweeping import Step, Sweep


def text(
    sweep: Sweep, options: argparse.Namespace, started: datetime.datetime, ended: datetime.datetime
) -> str:
    assert sweep.first is not None
    first, last = sweep.first, sweep.steps[-1].build
    shape = " ".join(options.shape)
    return "\n".join(
        [
            f"# {options.title or f'Sweep of {shape} over {options.range}'}",
            "",
            "- Status: `completed`",
            f"- Started: {started:%Y-%m-%d %H:%M %Z}",
            f"- Completed: {ended:%Y-%m-%d %H:%M %Z}",
            f"- Commits: `{first.commit.short}` ({first.commit.date}) to `{last.commit.short}` ({last.commit.date})",
            f"- Machine: {_machine(last.files[-1])}",
            "",
            "## Objective",
            "",
            f"Measure `{shape}` at every commit of `{options.range}` and find those that made it slower.",
            "",
            "## Scope",
            "",
            "Run at each commit, in a checkout of its own:",
            "",
            f"- build: `{options.build}`",
            f"- benchmark: `{options.bench}`",
            "",
            "## Exit Criteria",
            "",
            f"- No commit is slower than its neighbour beyond noise: {'**not met**' if sweep.slower else '**met**'}",
            f"- Every commit builds and runs: {'**not met**' if sweep.skipped else '**met**'}",
            "",
            f"Rule: {sweep.pairs} pairs of runs of neighbours, in alternating order. Slower means that the"
            f" {LEVEL:.0%} interval of the median ratio lies above 1, that the ratio is above"
            f" {1 + sweep.tolerance:g}, and that a second set of pairs says the same.",
            "",
            "## Validation Log",
            "",
            *_log(sweep),
            "",
            "## Metrics",
            "",
            "### Benchmark headline",
            "",
            *_headline([first, last]),
            "",
            "### Trend",
            "",
            *_trend(sweep.steps),
            "",
            f"### Spans, `{first.commit.short}` to `{last.commit.short}`",
            "",
            *_spans(first, last),
            "",
            *_slower_spans(sweep.slower),
            "## Notes",
            "",
            *[f"- {line.strip()}" for line in sweep.conclusions()],
            *_residuals(last),
            "",
        ]
    )


def _machine(file: dict[str, Any]) -> str:
    machine = file.get("machine") or {}
    return ", ".join(f"{name} {value}" for name, value in machine.items() if value) or "not said"


def _log(sweep: Sweep) -> list[str]:
    assert sweep.first is not None
    passed = {
        build.commit.short: len(build.files) for build in (sweep.first, *(s.build for s in sweep.steps))
    }
    return [
        *(f"- `{short}`: build: pass; benchmark: pass, {runs} runs" for short, runs in passed.items()),
        *(f"- `{skipped.commit.short}`: {skipped.failed}: {skipped.why}" for skipped in sweep.skipped),
    ]


def _headline(builds: Sequence[Build]) -> list[str]:
    lines = []
    for build in builds:
        path = build.files[-1]["headline"]
        seconds = sorted(_medians(build, path))
        p95 = seconds[math.ceil(0.95 * len(seconds)) - 1]
        lines.append(
            f"| `{build.commit.short}` | `{path}` | {len(seconds)} | {_ms(statistics.median(seconds))}"
            f" | {_ms(p95)} | {_ms(seconds[0])}..{_ms(seconds[-1])} |"
        )
    return [
        "| Commit | Headline span | Runs | Median (ms) | p95 (ms) | min..max (ms) |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        *lines,
    ]


def _trend(steps: Iterable[Step]) -> list[str]:
    lines, since_first = [], 1.0
    for step in steps:
        low, high = median_interval(step.pairs.ratios)
        since_first *= step.pairs.ratio
        lines.append(
            f"| `{step.build.commit.short}` | {step.build.commit.date}"
            f" | {step.build.commit.subject.replace('|', chr(92) + '|')}"
            f" | {_ms(statistics.median(step.pairs.before))} | {_ms(statistics.median(step.pairs.after))}"
            f" | {step.pairs.ratio:.4f} | {low:.4f}..{high:.4f} | {since_first:.4f} | {step.change} |"
        )
    return [
        "| Commit | Date | Subject | Before (ms) | After (ms) | Ratio | 95 % interval | Since first | |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
        *lines,
    ]


def _spans(before: Build, after: Build) -> list[str]:
    lines = []
    for path in before.files[-1]["spans"]:
        earlier, later = _medians(before, path), _medians(after, path)
        if not earlier or not later:
            continue
        was, now = statistics.median(earlier), statistics.median(later)
        change = f"{(now / was - 1) * 100:+.2f}%" if was > 0 else "-"
        lines.append(f"| `{path}` | {_ms(was)} | {_ms(now)} | {(now - was) * 1e3:+.2f} | {change} |")
    only = set(before.files[-1]["spans"]) ^ set(after.files[-1]["spans"])
    return [
        "| Span | Before (ms) | After (ms) | Delta (ms) | Delta (%) |",
        "| --- | ---: | ---: | ---: | ---: |",
        *lines,
        *([""] if only else []),
        *(f"- `{path}` is in one of the two only" for path in sorted(only)),
    ]


def _slower_spans(slower: Iterable[Step]) -> list[str]:
    lines = []
    for step in slower:
        lines += [f"### Spans of the slower commit `{step.build.commit.short}`", ""]
        lines += [*_spans(step.before, step.build), ""]
    return lines


def _residuals(build: Build) -> list[str]:
    """The innermost spans with a floor, farthest from it first."""
    spans = build.files[-1]["spans"]
    left = []
    for path, span in spans.items():
        inner = any(other.startswith(path + "/") for other in spans)
        if not inner and span.get("floor_s"):
            median = statistics.median(_medians(build, path))
            left.append((median - span["floor_s"], path, median, span["floor_s"]))
    if not left:
        return ["- No span has a floor, so what is left to gain cannot be ranked."]
    lines = ["- Residual spans, ranked by distance to the floor:"]
    for rank, (gap, path, median, floor) in enumerate(sorted(left, reverse=True)[:8], 1):
        lines.append(
            f"  {rank}. `{path}`: {_ms(median)} ms, floor {_ms(floor)} ms"
            f" (x{median / floor:.2f}), {_ms(gap)} ms above"
        )
    return lines


def _medians(build: Build, path: str) -> list[float]:
    """One figure per run of the benchmark; empty if the build has no such span."""
    return [file["spans"][path]["median_s"] for file in build.files if path in file["spans"]]


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f}"
