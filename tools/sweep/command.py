"""Builds every commit of a range, compares neighbours in paired runs, and names the first one that is slower.

The rule: a pair is one run of each of two neighbours right after one another, in the order A B, B A, A B, ...
The ratios after / before of all pairs have a median and, by counting the pairs above and below it, an interval
that holds the true median with at least 95 %. A commit is slower beyond noise if that whole interval lies above 1,
the median lies above 1 + tolerance, and a second, equally large set of pairs says the same.

The commands run in a shell inside the commit's own checkout. In them, {tree} stands for the checkout, {home} for
a folder beside it for whatever the build makes, {shape} for the shape with its options and {json} for the file
that the benchmark has to write (format: docs/benchmarks/README.md).
"""

from __future__ import annotations

import argparse
import datetime
import shlex
import signal
import sys
from pathlib import Path
from typing import NoReturn

import milestone
from checkouts import SweepError, Workshop, commits_of
from output import Console, check_target, write_report
from paired import FEWEST_PAIRS
from sweeping import Sweep

BUILD = (
    f"{shlex.quote(sys.executable)} -m venv {{home}}/venv"
    " && {home}/venv/bin/pip install --quiet --disable-pip-version-check {tree}"
)
BENCH = "{home}/venv/bin/openswirl bench --runs 1 --warmup 1 {shape} --json {json}"


def options_of(arguments: list[str]) -> argparse.Namespace:
    # Options that are not listed here belong to the benchmark; a shortened one must not be taken for one of ours.
    parser = argparse.ArgumentParser(
        prog="bench_sweep",
        usage="%(prog)s REV..REV SHAPE [options] [options of `openswirl bench`]",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("range", metavar="REV..REV", help="first parents only; the first REV is the baseline")
    parser.add_argument("shape", metavar="SHAPE", help="such as keccakf")
    parser.add_argument("--repo", type=Path, default=Path(__file__).resolve().parents[2], help="repository")
    parser.add_argument("--build", default=BUILD, metavar="CMD", help="default: %(default)s")
    parser.add_argument("--bench", default=BENCH, metavar="CMD", help="default: %(default)s")
    parser.add_argument("--pairs", type=int, default=10, help=f"default 10, at least {FEWEST_PAIRS}")
    parser.add_argument("--tolerance", type=float, default=0.02, help="share that does not count (0.02)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="default: bench-sweep-DATE.md, here")
    parser.add_argument("--title", help="of the report")
    options, rest = parser.parse_known_args(arguments)
    if options.pairs < FEWEST_PAIRS:
        parser.error(f"--pairs {options.pairs}: fewer than {FEWEST_PAIRS} cannot tell a change with 95 %")
    if not 0 <= options.tolerance < 1:
        parser.error(f"--tolerance {options.tolerance}: must be a share, at least 0 and below 1")
    options.shape = [options.shape, *rest]
    return options


def stop(signum: int, _frame: object) -> NoReturn:
    # The way out is not to be cut short by another one: closing a terminal sends several.
    for other in _STOPPING:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + signum)


_STOPPING = (signal.SIGTERM, signal.SIGHUP)


def sweep_range(arguments: list[str]) -> int:
    """Does what the options say and returns the exit code."""
    options = options_of(arguments)
    for signum in _STOPPING:
        # As Ctrl-C: the checkouts are removed on the way out. nohup ignores one of them, which stays so.
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, stop)
    started = datetime.datetime.now().astimezone()
    markdown = options.markdown or Path(f"bench-sweep-{started:%Y-%m-%d}.md")
    console = Console()
    try:
        check_target(markdown)
        commits = commits_of(options.repo, options.range)
        with Workshop(options.repo, options.build, options.bench, options.shape) as workshop:
            sweep = Sweep(workshop, options.pairs, options.tolerance, console.say)
            sweep.run(commits)
        text = milestone.text(sweep, options, started, datetime.datetime.now().astimezone())
        write_report(markdown, text)
    except (SweepError, OSError) as error:
        print(f"bench_sweep: {error}", file=sys.stderr)
        return 2
    for line in sweep.conclusions():
        console.say(line)
    console.say(f"report: {markdown}")
    if console.gone:
        return 141
    return 1 if sweep.slower else 0
