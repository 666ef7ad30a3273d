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

sys.path.insert(0, str(Path(__file__).resolve().parent))  # also when imported by path

import milestone
from checkouts import SweepError, Workshop, commits_of
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
    raise SystemExit(128 + signum)


def main(arguments: list[str]) -> int:
    options = options_of(arguments)
    signal.signal(signal.SIGTERM, stop)  # as Ctrl-C: the checkouts are removed on the way out
    started = datetime.datetime.now().astimezone()
    markdown = options.markdown or Path(f"bench-sweep-{started:%Y-%m-%d}.md")
    try:
        commits = commits_of(options.repo, options.range)
        with Workshop(options.repo, options.build, options.bench, options.shape) as workshop:
            sweep = Sweep(workshop, options.pairs, options.tolerance, print)
            sweep.run(commits)
        text = milestone.text(sweep, options, started, datetime.datetime.now().astimezone())
        markdown.write_text(text, encoding="utf-8")
    except (SweepError, OSError) as error:
        print(f"bench_sweep: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench_sweep: interrupted; the checkouts are removed", file=sys.stderr)
        return 130
    for line in sweep.conclusions():
        print(line)
    print(f"report: {markdown}")
    return 1 if sweep.slower else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
