"""The walk along the commits: build, compare with the last good neighbour, go on."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from checkouts import Build, CommandFailed, Commit, SweepError, Workshop
from paired import Pairs, median_interval


@dataclass(frozen=True)
class Skipped:
    """A commit that could not be measured."""

    commit: Commit
    failed: str  # "does not build" or "does not run the benchmark"
    why: str


@dataclass(frozen=True)
class Step:
    """One commit against the last one before it that could be measured."""

    build: Build
    before: Build
    pairs: Pairs
    change: str
    skipped: tuple[Skipped, ...]  # in between


class Sweep:
    """Results of a sweep.

    Attributes:
        first: the oldest commit that could be measured.
        steps: one per later commit that could be.
        skipped: all that could not be.
    """

    def __init__(
        self, workshop: Workshop, pairs: int, tolerance: float, say: Callable[[str], object]
    ) -> None:
        self.workshop = workshop
        self.pairs = pairs
        self.tolerance = tolerance
        self.say = say
        self.first: Build | None = None
        self.steps: list[Step] = []
        self.skipped: list[Skipped] = []

    def run(self, commits: list[Commit]) -> None:
        """Measures the commits, oldest first.

        Raises:
            SweepError: fewer than two could be measured, or a build that ran once fails later.
        """
        before: Build | None = None
        since: list[Skipped] = []
        for commit in commits:
            made = self._made(commit)
            if isinstance(made, Skipped):
                self.workshop.discard(commit)
                self.skipped.append(made)
                since.append(made)
                self.say(f"{commit.short}  {made.failed}: {made.why}")
                continue
            if before is None:
                self.first = made
                self.say(f"{commit.short}  baseline: {commit.subject}")
            else:
                step = self._step(before, made, tuple(since))
                self.steps.append(step)
                self.say(self.row(step))
                self.workshop.discard(before.commit)
            before, since = made, []
        if not self.steps:
            raise SweepError(f"only {0 if before is None else 1} of {len(commits)} commits could be measured")

    @property
    def slower(self) -> list[Step]:
        return [step for step in self.steps if step.change == "slower"]

    def row(self, step: Step) -> str:
        low, high = median_interval(step.pairs.ratios)
        return (
            f"{step.build.commit.short}  {statistics.median(step.pairs.after) * 1e3:.2f} ms"
            f"  x{step.pairs.ratio:.4f} ({low:.4f}..{high:.4f}, {len(step.pairs.ratios)} pairs)"
            f"  {step.change}: {step.build.commit.subject}"
        )

    def conclusions(self) -> list[str]:
        """The findings in words: the first slower commit, and what was stepped over."""
        lines = []
        if not self.slower:
            lines.append("no commit is slower beyond noise")
        for place, step in enumerate(self.slower):
            commit = step.build.commit
            lines.append(
                f"{'first slower commit' if place == 0 else 'also slower'}: {commit.short} {commit.subject}"
                f" (x{step.pairs.ratio:.4f} against {step.before.commit.short})"
            )
            lines += [
                f"  it may also be {skipped.commit.short} just before it, which {skipped.failed}"
                for skipped in step.skipped
            ]
        lines += [
            f"stepped over: {skipped.commit.short} {skipped.failed}: {skipped.why}"
            for skipped in self.skipped
        ]
        return lines

    def _made(self, commit: Commit) -> Build | Skipped:
        try:
            build = self.workshop.make(commit)
        except CommandFailed as error:
            return Skipped(commit, "does not build", str(error))
        try:
            # Not counted: it shows that the benchmark runs, and warms the file cache.
            self.workshop.measure(build)
        except CommandFailed as error:
            return Skipped(commit, "does not run the benchmark", str(error))
        build.files.clear()
        return build

    def _step(self, before: Build, after: Build, skipped: tuple[Skipped, ...]) -> Step:
        pairs = self._measured(before, after)
        change = pairs.change(self.tolerance)
        if change != "same":
            # Equal neighbours look slower by chance up to once in 40 times, and twice running once in 1600.
            again = self._measured(before, after)
            change = change if again.change(self.tolerance) == change else "same"
            pairs += again
        return Step(after, before, pairs, change, skipped)

    def _measured(self, before: Build, after: Build) -> Pairs:
        seconds: dict[str, list[float]] = {before.commit.hash: [], after.commit.hash: []}
        for pair in range(self.pairs):
            for build in (before, after) if pair % 2 == 0 else (after, before):
                try:
                    seconds[build.commit.hash].append(self.workshop.measure(build))
                except CommandFailed as error:
                    raise SweepError(f"{build.commit.short} ran before and fails now: {error}") from None
        return Pairs(seconds[before.commit.hash], seconds[after.commit.hash])
