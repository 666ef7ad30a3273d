#!/usr/bin/env python3
"""The first hour on a Mac: compiles every kernel, checks known answers, proofs and conformance, measures, and writes
one report to send back. docs/first-hour-on-a-mac.md describes the steps.

Usage: .venv/bin/python tests/hardware/first_hour.py [--device metal] [--report FILE] [--quick] [--only STEP ...]
  --device  metal; another one, such as sim, tries this script where there is no Mac
  --quick   without the long steps: the Python suite and the large benchmark
  --only    these steps alone
Every step runs, whatever came before it. Exits 1 if one failed.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
OPENSWIRL = (PYTHON, "-m", "openswirl")
#: Metal's own checks of its caller and of every access of a kernel.
VALIDATION = {"MTL_DEBUG_LAYER": "1", "MTL_SHADER_VALIDATION": "1", "MTL_DEBUG_LAYER_ERROR_MODE": "assert"}
#: Small cases that together reach every stage, compared with the CPU message by message.
LOCKSTEP_CASES = (
    "mixture_h3",
    "mixture_l4_n8_k4",
    "interactions_l0_n8_k3",
    "preprocessed_cached2",
    "no_grinding",
)


@dataclass
class Step:
    """One command of the report."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    minutes: float = 5
    macos: bool = False  # needs Apple's tools
    long: bool = False


def steps(device: str, folder: Path, cases: Path) -> list[Step]:
    """Everything there is to do, in order."""
    kernels = str(folder / "kernels" / "kernels.metal")
    warnings = ("-std=metal3.1", "-Wall", "-Wextra", "-Werror")
    no_cache = {"OPENSWIRL_CACHE_DIR": str(folder / "cache")}
    every_round = {"OPENSWIRL_HOST_TAIL": "off", "OPENSWIRL_HOST_SEARCH": "off"}
    return [
        Step("machine", ("system_profiler", "SPHardwareDataType", "SPDisplaysDataType"), macos=True),
        Step("devices", (*OPENSWIRL, "devices")),
        Step("kernel tables", (PYTHON, "metal/kernel_tables.py", str(folder / "kernels"))),
        Step(
            "kernels, compiled ahead",
            ("xcrun", "-sdk", "macosx", "metal", *warnings, "-c", kernels, "-o", str(folder / "kernels.air")),
            macos=True,
        ),
        Step(
            "kernels, compiled at run time",
            ("swift", "tests/hardware/compile_kernels.swift", kernels),
            macos=True,
        ),
        Step("known answers", (*OPENSWIRL, "doctor", "--device", device), no_cache),
        Step("known answers, kernels from the disk", (*OPENSWIRL, "doctor", "--device", device), no_cache),
        Step(
            "known answers, validated", (*OPENSWIRL, "doctor", "--device", device), VALIDATION | every_round
        ),
        *(
            Step(
                f"lockstep {case}",
                (*OPENSWIRL, "compare", "--devices", f"cpu,{device}", str(cases / case)),
                VALIDATION | every_round,
            )
            for case in LOCKSTEP_CASES
        ),
        Step(
            "conformance",
            (PYTHON, "-m", "pytest", "-q", "tests/hardware"),
            {"OPENSWIRL_TEST_DEVICE": device},
            minutes=20,
        ),
        Step(
            "vectors, host tail off",
            (PYTHON, "-m", "pytest", "-q", "tests/python/test_vectors.py", "--device", device),
            every_round,
            minutes=20,
        ),
        Step(
            "Python suite",
            (PYTHON, "-m", "pytest", "-q", "tests/python", "--device", device),
            minutes=30,
            long=True,
        ),
        Step("machine's limits", (*OPENSWIRL, "bench", "machine", "--device", device)),
        Step(
            "benchmark, small",
            (
                *OPENSWIRL,
                "bench",
                "keccakf",
                "--log-perms",
                "4",
                "--device",
                device,
                "--json",
                str(folder / "small.json"),
            ),
        ),
        Step(
            "benchmark",
            (*OPENSWIRL, "bench", "keccakf", "--device", device, "--json", str(folder / "bench.json")),
            minutes=15,
            long=True,
        ),
        Step(
            "benchmark of the CPU", (*OPENSWIRL, "bench", "keccakf", "--device", "cpu"), minutes=15, long=True
        ),
    ]


def run(step: Step) -> tuple[str, str]:
    """How a step ended, in a few words that begin with ok, skipped or FAILED, and all that it printed."""
    if step.macos and sys.platform != "darwin":
        return "skipped: needs macOS", ""
    started = time.monotonic()
    try:
        done = subprocess.run(
            step.command,
            cwd=ROOT,
            env={**os.environ, **step.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=60 * step.minutes,
            check=False,
        )
    except FileNotFoundError:
        return f"FAILED: there is no {step.command[0]}", ""
    except subprocess.TimeoutExpired as error:
        printed = error.stdout or b""
        return f"FAILED: not done after {step.minutes:g} minutes", (
            printed if isinstance(printed, str) else printed.decode(errors="replace")
        )
    seconds = f"{time.monotonic() - started:.1f} s"
    outcome = f"ok, {seconds}" if done.returncode == 0 else f"FAILED with status {done.returncode}, {seconds}"
    return outcome, done.stdout


def run_all(wanted: list[Step], folder: Path, report: TextIO) -> list[str]:
    """Runs the steps, whatever becomes of those before; how each ended."""
    report.write(f"{platform.platform()}, Python {platform.python_version()}, {platform.machine()}\n")
    outcomes = []
    for step in wanted:
        outcome, printed = run(step)
        outcomes.append(outcome)
        print(f"{step.name:40} {outcome}", flush=True)
        shown = " ".join([*(f"{k}={v}" for k, v in step.environment.items()), *step.command])
        report.write(f"\n== {step.name}: {outcome}\n$ {shown}\n{printed}")
        report.flush()
    for name in ("small.json", "bench.json"):
        if (folder / name).exists():
            report.write(f"\n== {name}\n{(folder / name).read_text()}\n")
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="metal")
    parser.add_argument("--report", type=Path, default=Path("first-hour.txt"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        planned = steps(options.device, folder, folder / "cases")
        for name in options.only:
            if name not in (step.name for step in planned):
                parser.error(f"no step {name!r}; there are: " + "; ".join(step.name for step in planned))
        with tarfile.open(ROOT / "tests" / "vectors" / "cases.tar.xz") as archive:
            archive.extractall(
                folder / "cases", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {})
            )
        wanted = [
            step
            for step in planned
            if (not options.only or step.name in options.only) and not (options.quick and step.long)
        ]
        with options.report.open("w") as report:
            outcomes = run_all(wanted, folder, report)
    failed = sum(outcome.startswith("FAILED") for outcome in outcomes)
    print(f"{len(outcomes)} steps, {failed} failed; the report is {options.report}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
