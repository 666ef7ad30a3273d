#!/usr/bin/env python3
"""Runs the C++ tests of the vector kernels and of the proofs on the CPU as arm64 programs, elsewhere under qemu-user.

Usage: tools/arm64_tests.py BUILD_DIR     what tools/cross_compile.py aarch64-linux-gnu.2.28 BUILD_DIR built
                                          with the tests field, hash, stages and cpu
Fails if a test does, or if a program runs fewer tests than tests/recorded_counts.json has of it. On machines other
than arm64 Linux it needs qemu-user and the C library of arm64.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from pathlib import Path

from run_suites import COUNTS, run_program

LIBRARIES = Path("/usr/aarch64-linux-gnu")
# Per program: what takes too long under emulation, and how many tests that is.
LEFT_OUT = {"field": ("", 0), "hash": ("", 0), "stages": ("", 0), "cpu": ("*keccakf_16_app17*", 2)}


def launcher() -> list[str]:
    """What runs an arm64 program here; ends with what is missing."""
    if platform.system() == "Linux" and platform.machine() == "aarch64":
        return []
    qemu = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
    missing = [] if qemu else ["qemu-aarch64 (Debian: qemu-user-static)"]
    if not (LIBRARIES / "lib" / "ld-linux-aarch64.so.1").exists():
        missing.append(f"the C library of arm64 in {LIBRARIES} (Debian: libc6-arm64-cross)")
    if missing or qemu is None:
        sys.exit(f"arm64 programs cannot run on this machine; it lacks {' and '.join(missing)}")
    return [qemu, "-L", str(LIBRARIES)]


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    programs = Path(sys.argv[1]).resolve() / "tests" / "cpp"
    start = launcher()
    recorded = json.loads(COUNTS.read_text())
    failed = False
    for name, (filtered, count) in LEFT_OUT.items():
        arguments = [f"--gtest_filter=-{filtered}"] if filtered else []
        os.environ.pop("GTEST_FILTER", None)
        outcome = run_program(programs / f"{name}_test", *arguments, launcher=start, OPENSWIRL_CPU="neon")
        expected = recorded[f"cpp/{name}"] - count
        ok = outcome.ok and outcome.collected >= expected
        failed = failed or not ok
        print(f"{name}@neon: {outcome.collected} tests, {'ok' if ok else f'FAILED ({expected} expected)'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
