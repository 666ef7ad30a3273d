#!/usr/bin/env python3
"""Runs the test suites, prints each one's count, and fails if one collects fewer tests than recorded.

Usage: tools/run_suites.py [--fast | --slow] [--suite NAME ...] [--sanitize] [--record]
  --fast      the quick subset, which compiles nothing: the Python suites less the tests marked `thorough`
  --slow      the default suites and the tests marked `slow` (production presets on the cpu device)
  --sanitize  the C++ unit tests alone, built with AddressSanitizer and UndefinedBehaviorSanitizer
  --record    writes the counts seen to tests/recorded_counts.json
Needs an installed openswirl[test]; the C++ tests are built in build-tests/ (build-sanitize/).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNTS = ROOT / "tests" / "recorded_counts.json"
PYTHON_SUITES = {"python": "tests/python", "conformance": "tests/conformance"}


def tool(name: str) -> str:
    """A program of this environment if it has one, else of the PATH."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else name


def run_cpp(sanitize: bool) -> dict[str, tuple[int, bool]]:
    """Builds and runs every C++ test program: {suite: (cases, passed)}."""
    build = ROOT / ("build-sanitize" if sanitize else "build-tests")
    options = ["-DOPENSWIRL_TESTS=ON", f"-DOPENSWIRL_SANITIZE={'ON' if sanitize else 'OFF'}"]
    options.append(f"-DCMAKE_BUILD_TYPE={'Debug' if sanitize else 'Release'}")
    subprocess.run(
        [tool("cmake"), "-S", ROOT, "-B", build, "-G", "Ninja", *options],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run([tool("ninja"), "-C", build, "cpp_tests"], check=True, stdout=subprocess.DEVNULL)
    results = {}
    for program in sorted((build / "tests" / "cpp").glob("*_test")):
        done = subprocess.run([program], capture_output=True, text=True, check=False)
        match = re.search(r"^(\d+) passed, (\d+) failed", done.stdout, re.MULTILINE)
        cases = int(match.group(1)) + int(match.group(2)) if match else 0
        prefix = "sanitize" if sanitize else "cpp"
        results[f"{prefix}/{program.name.removesuffix('_test')}"] = (cases, done.returncode == 0)
        if done.returncode != 0:
            print(done.stdout + done.stderr, file=sys.stderr)
    return results


def run_pytest(suite: str, folder: str, markers: str) -> dict[str, tuple[int, bool]]:
    report = ROOT / f"build-tests/{suite}.xml"
    report.parent.mkdir(exist_ok=True)
    # From outside the sources, so that the installed package is what is tested.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        markers,
        f"--junitxml={report}",
        str(ROOT / folder),
    ]
    if "slow" in markers and "not slow" not in markers:
        command.append("--slow")
    done = subprocess.run(command, cwd=ROOT / "tests", check=False)
    count = 0
    if report.exists():
        for node in ElementTree.parse(report).getroot().iter("testsuite"):
            count += int(node.get("tests", 0)) - int(node.get("skipped", 0))
    return {suite: (count, done.returncode == 0)}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--suite", action="append")
    parser.add_argument("--sanitize", action="store_true")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("PYTHONFAULTHANDLER", "1")

    started = time.monotonic()
    results: dict[str, tuple[int, bool]] = {}
    if options.sanitize or not (options.fast or options.suite) or "cpp" in (options.suite or []):
        results |= run_cpp(options.sanitize)
    if not options.sanitize:
        markers = "not slow and not thorough" if options.fast else "not slow"
        for suite, folder in PYTHON_SUITES.items():
            if options.suite and suite not in options.suite:
                continue
            key = f"{suite}-fast" if options.fast else suite
            results |= run_pytest(key, folder, markers)
        if options.slow:
            results |= run_pytest("slow", "tests", "slow")

    recorded = json.loads(COUNTS.read_text())
    ok = True
    for suite, (count, passed) in results.items():
        expected = recorded.get(suite, 0)
        verdict = "ok" if passed else "FAILED"
        if count < expected or count == 0:
            verdict = f"FAILED: {count} tests, {expected} recorded"
        ok = ok and verdict == "ok"
        print(f"{suite:24} {count:5} tests  {verdict}")
    if options.record and ok:
        COUNTS.write_text(
            json.dumps(recorded | {k: v[0] for k, v in results.items()}, indent=2, sort_keys=True) + "\n"
        )
    total = sum(count for count, _ in results.values())
    print(f"{time.monotonic() - started:.0f} s")
    failed = sum(1 for _, passed in results.values() if not passed)
    print(f"{total if ok else total - failed} passed, {0 if ok else max(failed, 1)} failed")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
