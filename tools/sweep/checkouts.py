"""Commits, each built in a worktree of its own that is removed afterwards, whatever happens."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from figures import FiguresError, read_figures


class SweepError(Exception):
    """The sweep cannot go on; the text says why and what to do."""


class CommandFailed(Exception):
    """A command of one commit failed; the text is its last words."""


@dataclass(frozen=True)
class Commit:
    hash: str
    date: str
    subject: str

    @property
    def short(self) -> str:
        return self.hash[:10]


@dataclass
class Build:
    """One built commit and the files that its benchmark wrote."""

    commit: Commit
    tree: Path
    home: Path
    files: list[dict[str, Any]] = field(default_factory=list)


def git(repo: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", repo, *arguments], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SweepError(f"git {arguments[0]} in {repo}: {done.stderr.strip()}")
    return done.stdout


def commits_of(repo: Path, revisions: str) -> list[Commit]:
    """The commits of `FIRST..LAST`, oldest first, FIRST included."""
    first, dots, last = revisions.partition("..")
    if not (first and dots and last) or last.startswith("."):
        raise SweepError(f"{revisions}: must be two revisions, REV..REV")
    base = git(repo, "rev-parse", "--verify", f"{first}^{{commit}}").strip()
    later = git(repo, "rev-list", "--reverse", "--first-parent", f"{base}..{last}").split()
    if not later:
        raise SweepError(f"{revisions} holds no commit after {first}; is the order right?")
    shown = git(repo, "show", "--no-patch", "--format=%H%x09%cs%x09%s", base, *later).splitlines()
    return [Commit(*line.split("\t", 2)) for line in shown]


class Workshop:
    """Makes and removes builds below a temporary folder.

    Args:
        repo: the repository.
        build, bench: shell commands; see the tool's help for what they may name.
        shape: words that `{shape}` stands for.
    """

    def __init__(self, repo: Path, build: str, bench: str, shape: Sequence[str]) -> None:
        self.repo = repo.resolve()
        self.build_command = build
        self.bench_command = bench
        self.shape = shape
        self._folder = Path()

    def __enter__(self) -> Workshop:
        self._folder = Path(tempfile.mkdtemp(prefix="bench-sweep-"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        # Forgets the worktrees whose folders are gone.
        git(self.repo, "worktree", "prune")

    def make(self, commit: Commit) -> Build:
        """Checks out and builds.

        Raises:
            CommandFailed: the commit does not build.
        """
        folder = self._folder / commit.short
        build = Build(commit, folder / "tree", folder / "home")
        (build.home / "tmp").mkdir(parents=True)
        git(self.repo, "worktree", "add", "--quiet", "--detach", str(build.tree), commit.hash)
        self._run(self.build_command, build)
        return build

    def discard(self, commit: Commit) -> None:
        shutil.rmtree(self._folder / commit.short, ignore_errors=True)
        git(self.repo, "worktree", "prune")

    def measure(self, build: Build) -> float:
        """Seconds of the headline span in one run of the benchmark.

        Raises:
            CommandFailed: the benchmark fails, or writes no file of this format.
        """
        path = build.home / "bench.json"
        path.unlink(missing_ok=True)
        self._run(self.bench_command, build, path)
        try:
            written = read_figures(path)
        except FiguresError as error:
            raise CommandFailed(f"its benchmark wrote no usable file: {error}") from None
        build.files.append(written)
        return float(written["spans"][written["headline"]]["median_s"])

    def _run(self, template: str, build: Build, json_file: Path | None = None) -> None:
        command = template
        for name, value in {
            "{tree}": shlex.quote(str(build.tree)),
            "{home}": shlex.quote(str(build.home)),
            "{json}": shlex.quote(str(json_file)),
            "{shape}": shlex.join(self.shape),
        }.items():
            command = command.replace(name, value)
        # In a group of its own, so that stopping ends what the shell started as well.
        with subprocess.Popen(
            command,
            shell=True,
            cwd=build.tree,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # What a build that is stopped leaves behind goes with the rest.
            env={**os.environ, "TMPDIR": str(build.home / "tmp")},
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate()
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        if process.returncode != 0:
            last = [line.strip() for line in output.splitlines() if line.strip()][-3:]
            raise CommandFailed(f"exit status {process.returncode}: {' | '.join(last) or 'no output'}")
