#!/usr/bin/env python3
"""How busy the threads of a proof are, span by span: where the work does not scale.

    .venv/bin/python tools/busy_threads.py keccakf --log-perms 10 --params app:21 --threads 2

prints, for the part of every span that no span inside it covers, its time, the processor time of all threads over
threads x time, and `one thread`: the time in which all threads but one stood still, if that were all that is wrong, in
percent of the proof. Serial work, threads that wait for the last one of a loop and pages that the system clears count.
Nothing else may run on the machine.
"""

from __future__ import annotations

import argparse
import statistics
import warnings

import openswirl as sw
from openswirl.bench import shapes
from openswirl.bench.document import GRIND, ROOT


def own_times(proof: sw.Proof) -> dict[str, tuple[float, float]]:
    """Seconds and processor seconds that a span has for itself, by path below the proof; repeats are added up."""
    times: dict[str, tuple[float, float]] = {}
    for path, span in proof.report.spans.walk():
        if path[0] != ROOT:
            continue
        wall, busy = times.get("/".join(path[1:]), (0.0, 0.0))
        times["/".join(path[1:])] = (
            wall + span.self_time,
            busy + span.cpu_time - sum(child.cpu_time for child in span.children),
        )
    return times


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shape", choices=["keccakf", "uniform"])
    parser.add_argument("--log-perms", type=int, default=10)
    parser.add_argument("--params", default="app:21")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5, help="after one that is thrown away; medians")
    arguments = parser.parse_args()
    preset, log_height = arguments.params.split(":")
    params = getattr(sw.SystemParams, preset)(log_stacked_height=int(log_height))
    if arguments.shape == "keccakf":
        shape = shapes.keccakf(arguments.log_perms, params)
    else:
        shape = shapes.uniform(8, 100, 16, 1.0, 0.25, params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        prover = sw.Prover(shape.pk, "cpu", threads=arguments.threads)
        traces = shape.traces(shapes.FIRST_SEED)
        runs = [own_times(prover.prove(traces, verify_after=False)) for _ in range(arguments.runs + 1)][1:]
    medians = {
        path: tuple(statistics.median(run[path][i] for run in runs) for i in range(2)) for path in runs[0]
    }
    total = sum(wall for wall, _ in medians.values())
    threads = arguments.threads
    print(f"{'span':<66}{'ms':>9}{'busy %':>9}{'one thread %':>14}")
    for path, (wall, busy) in medians.items():
        idle = (threads * wall - busy) / max(threads - 1, 1)
        if path.endswith(GRIND):
            continue
        percents = f"{100 * busy / threads / wall:>9.1f}{100 * idle / total:>14.2f}"
        print(f"{path or 'outside':<66}{1e3 * wall:>9.1f}{percents}")
    print(f"{'proof':<66}{1e3 * total:>9.1f}")


if __name__ == "__main__":
    main()
