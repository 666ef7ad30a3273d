#!/usr/bin/env python3
"""Runs the test suites, prints each one's count, and fails if one does not collect the recorded number of tests.

Usage: tools/run_suites.py [--fast | --slow] [--suite NAME ...] [--sanitize [thread|metal]] [--record]
  --fast      the quick subset, which compiles nothing: the Python suites less the tests marked `thorough`
  --slow      the default suites, the tests marked `slow` (production presets on the cpu device), the disabled ones of
              emulated GPUs, and sanitizers on the Metal backend and on what has threads
  --suite     only this one: cpp, python or conformance
  --sanitize  the C++ unit tests alone, built with AddressSanitizer and UndefinedBehaviorSanitizer, without those of the
              Metal backend. Also parts of --slow: `--sanitize metal`, those of the Metal backend, and `--sanitize
              thread`, those of what has threads of its own, with ThreadSanitizer
  --record    writes the counts of the suites that pass to tests/recorded_counts.json, instead of comparing them
Needs an installed openswirl[test]; the C++ tests are built in build-tests/, on top of what tools/test compiled there
for the package, where the first run also unpacks what they need from PyPI; with sanitizers anew, in a folder of each.
Two suites run at a time, those that measure alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import progress
from googletest import GOOGLETEST
from metal_cpp import METAL_CPP
from pinned_wheel import DownloadError, FolderError

ROOT = Path(__file__).resolve().parent.parent
COUNTS = ROOT / "tests" / "recorded_counts.json"
PYTHON_SUITES = {"python": "tests/python", "conformance": "tests/conformance"}
# What runs vector kernels is run once per instruction set of this machine.
VECTORISED = ("hash", "stages", "cpu")
# Programs whose disabled tests are part of the slow suite: cases with production grinding on emulated devices.
SLOW_PROGRAMS = ("gpu", "fake_metal")
SLOW_TESTS = "DISABLED_*:-DISABLED_Presets*"
# Those of presets take minutes on many processors and hours on few, where they are left out.
PRESET_TESTS = "DISABLED_Presets*"
PRESET_PROCESSORS = 8
# Refusing an impossible allocation is what some tests ask for, and threads after a fork.
SANITIZERS = {"ASAN_OPTIONS": "allocator_may_return_null=1", "TSAN_OPTIONS": "die_after_fork=0"}
# Of the suites that share the machine: those begin first.
LONGEST = ("python", "gpu", "cuda", "ntt_roundtrip", "fake_metal", "conformance")
# The Metal backend on a fake device: on a Mac its symbols would be those of the real one.
FAKE_METAL = sys.platform == "linux"


@dataclass(frozen=True)
class Sanitized:
    """A build with sanitizers: its folder, what CMakeLists.txt calls OPENSWIRL_SANITIZE, its target, the kind of its
    suites, whether the Metal backend is built on its fake device, and the programs that run, all of the target's if
    empty."""

    folder: str
    sanitizer: str
    target: str
    kind: str
    fake_metal: bool = True
    programs: tuple[str, ...] = ()


SANITIZED = {
    # Every check runs this one, which takes long enough without the Metal backend.
    "address": Sanitized("build-sanitize", "ON", "cpp_tests", "sanitize", fake_metal=False),
    "metal": Sanitized(
        "build-metal", "ON", "metal_tests", "metal", programs=("fake_metal", "fake_metal_runtime")
    ),
    # What has threads of its own.
    "thread": Sanitized(
        "build-threads", "thread", "threaded_tests", "threads", programs=("fake_metal_runtime", "runtime")
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What one suite ran; `ok` also covers a program that died without counting.

    `figures` are what its tests measured: (name of the test, name of the figure, value).
    """

    passed: int
    failed: int
    ok: bool
    skipped: int = 0
    figures: tuple[tuple[str, str, str], ...] = ()

    @property
    def collected(self) -> int:
        return self.passed + self.failed + self.skipped


def tool(name: str) -> str:
    """A program of this environment if it has one, else of the PATH."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else name


def instruction_sets() -> list[str]:
    """The kernels this machine can run, best first."""
    doctor = subprocess.run(
        [tool("openswirl"), "doctor", "--json"], capture_output=True, text=True, check=True
    )
    return list(json.loads(doctor.stdout)["cpu_kernels"])


def run_program(program: Path, *arguments: str, launcher: Sequence[str] = (), **environment: str) -> Outcome:
    """Runs a GoogleTest program, with `launcher` before it; the tests counted are those that it ran."""
    line = progress.Line()
    isa = environment.get("OPENSWIRL_CPU")
    line.show(f"running {program.name}" + (f"@{isa}" if isa else ""))
    tests: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run(
            [*launcher, program, "--gtest_brief=1", f"--gtest_output=json:{report}", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environment},
        )
        if report.exists():
            suites = json.loads(report.read_text())["testsuites"]
            tests = [test for suite in suites for test in suite["testsuite"] if test["status"] == "RUN"]
    line.clear()
    failed = sum("failures" in test for test in tests)
    skipped = sum(test["result"] == "SKIPPED" for test in tests)
    if done.returncode != 0:
        print("\n" + done.stdout + done.stderr, file=sys.stderr)
    return Outcome(len(tests) - failed - skipped, failed, done.returncode == 0, skipped)


def build_cpp(folder: str, sanitizer: str, target: str, *, fake_metal: bool) -> Path:
    """Builds a target of the C++ tests in a folder of its own; where the programs are.

    `sanitizer` is what CMakeLists.txt calls OPENSWIRL_SANITIZE. Ends this program if the tests do not build.
    """
    build = ROOT / folder
    options = ["-DOPENSWIRL_TESTS=ON", "-DOPENSWIRL_PYTHON=OFF", f"-DOPENSWIRL_SANITIZE={sanitizer}"]
    try:
        sources = GOOGLETEST.unpack(ROOT / "build-tests" / "googletest")
        options.append(f"-DOPENSWIRL_GOOGLETEST={sources}")
        if fake_metal:
            headers = METAL_CPP.unpack(ROOT / "build-tests" / "metal_cpp")
            options.append(f"-DOPENSWIRL_METAL_CPP={headers}")
            options.append(f"-DOPENSWIRL_BLOCKS_COMPILER={sys.executable};-m;ziglang;c++")
    except (DownloadError, FolderError) as error:
        sys.exit(str(error))
    options.append(f"-DCMAKE_MAKE_PROGRAM={tool('ninja')}")
    options.append(f"-DCMAKE_BUILD_TYPE={'Release' if sanitizer == 'OFF' else 'Debug'}")
    if sanitizer != "OFF":
        # Lines of stack traces, and no more: a third of the time to compile goes into descriptions for debuggers.
        options.append("-DCMAKE_CXX_FLAGS_DEBUG=-g1")
        # Merged sources take half the time; nobody edits them between two builds here.
        options.append("-DCMAKE_UNITY_BUILD=ON")
    subprocess.run(
        [tool("cmake"), "-S", ROOT, "-B", build, "-G", "Ninja", *options],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    if progress.run("C++ tests", [tool("ninja"), "-C", build, target]) != 0:
        sys.exit("the C++ tests do not build")
    return build / "tests" / "cpp"


Job = Callable[[], Outcome]


def run_together(jobs: dict[str, Job]) -> dict[str, Outcome]:
    """Runs suites two at a time, the longest first: most keep one processor busy. What their tests say of time, such as
    how soon a call is cancelled, leaves room for that."""
    order = sorted(jobs, key=lambda suite: place_among(LONGEST, suite.split("/")[-1]))
    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(order, pool.map(lambda suite: jobs[suite](), order), strict=True))
    return {suite: outcomes[suite] for suite in jobs}


def place_among(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def cpp_jobs(slow: bool) -> dict[str, Job]:
    """Every C++ test program, built; with `slow` also the disabled tests of those in SLOW_PROGRAMS."""
    programs = build_cpp("build-tests", "OFF", "cpp_tests", fake_metal=FAKE_METAL)
    jobs: dict[str, Job] = {}
    for program in sorted(programs.glob("*_test")):
        name = program.name.removesuffix("_test")
        jobs[f"cpp/{name}"] = partial(run_program, program)
        for isa in instruction_sets()[1:] if name in VECTORISED else []:
            jobs[f"cpp/{name}@{isa}"] = partial(run_program, program, OPENSWIRL_CPU=isa)
        if slow and name in SLOW_PROGRAMS:
            disabled = partial(run_program, program, "--gtest_also_run_disabled_tests")
            jobs[f"slow/{name}"] = partial(disabled, f"--gtest_filter={SLOW_TESTS}")
            if (os.cpu_count() or 1) >= PRESET_PROCESSORS:
                presets = partial(disabled, f"--gtest_filter={PRESET_TESTS}", OPENSWIRL_SIM_SHADOW="off")
                jobs[f"slow/{name}-presets"] = presets
    jobs["cpp/isa-symbols"] = check_isa_symbols
    return jobs


def check_isa_symbols() -> Outcome:
    """Not a program: that kernels of one instruction set do not leak into code that runs everywhere."""
    done = subprocess.run(
        [tool("ctest"), "--test-dir", ROOT / "build-tests", "-R", "^isa$"],
        check=False,
        capture_output=True,
        text=True,
    )
    ran = done.returncode == 0 and "1/1 Test" in done.stdout
    if not ran:
        print(done.stdout + done.stderr, file=sys.stderr)
    return Outcome(int(ran), int(not ran), ran)


def sanitized_jobs(what: Sanitized) -> dict[str, Job]:
    """The C++ test programs with sanitizers, built."""
    folder = build_cpp(what.folder, what.sanitizer, what.target, fake_metal=what.fake_metal)
    programs = what.programs or sorted(path.name.removesuffix("_test") for path in folder.glob("*_test"))
    return {
        f"{what.kind}/{name}": partial(run_program, folder / f"{name}_test", **SANITIZERS)
        for name in programs
    }


def run_pytest(suite: str, folder: str, markers: str) -> Outcome:
    report = ROOT / f"build-tests/{suite}.xml"
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
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
    if markers == "slow":
        command.append("--slow")
    status = progress.run(suite, command, ROOT / "tests")
    collected = failed = skipped = 0
    figures: list[tuple[str, str, str]] = []
    if report.exists():
        root = ElementTree.parse(report).getroot()
        for node in root.iter("testsuite"):
            collected += int(node.get("tests", 0))
            skipped += int(node.get("skipped", 0))
            failed += int(node.get("failures", 0)) + int(node.get("errors", 0))
        for test in root.iter("testcase"):
            for node in test.iter("property"):
                figures.append((test.get("name", ""), node.get("name", ""), node.get("value", "")))
    passed = collected - failed - skipped
    return Outcome(passed, failed, status == 0, skipped, tuple(figures))


def problem_with(suite: str, outcome: Outcome, recorded: dict[str, int], *, record: bool) -> str:
    """What is wrong with a suite's outcome, or "": it must pass and collect at least the recorded number of tests.

    A run with the kernels of another instruction set, `name@isa`, has the tests of `name`. Tests that a machine
    skips count, so that the number is the same everywhere. With `record` the count becomes the record instead.
    """
    if not outcome.ok:
        return f"{outcome.failed} of them" if outcome.failed else "the program ended with an error"
    if outcome.collected == 0:
        return "no tests"
    if record:
        return ""
    expected = recorded.get(suite.split("@")[0])
    if expected is None:
        return "no count recorded: add it with tools/run_suites.py --record"
    if outcome.collected < expected:
        return f"{expected} tests recorded; if some were removed on purpose, tools/run_suites.py --record"
    return ""


def belongs_to_run(suite: str, options: argparse.Namespace) -> bool:
    """Whether a recorded suite must appear among the results of this run, on every machine."""
    if "@" in suite or suite.endswith("-presets"):
        return False  # depends on the machine's instruction sets, or on how many processors it has
    if "/fake_metal" in suite and not FAKE_METAL:
        return False
    kind = suite.split("/")[0]
    if options.sanitize:
        return kind == SANITIZED[options.sanitize].kind
    wanted = options.suite or ("cpp", *PYTHON_SUITES)
    if options.fast:
        return suite.endswith("-fast") and suite.removesuffix("-fast") in wanted
    if kind == "slow":
        return options.slow and (suite == "slow" or "cpp" in wanted)
    if kind in ("threads", "metal"):
        return options.slow and "cpp" in wanted and FAKE_METAL
    return kind in wanted


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--suite", action="append", choices=["cpp", *PYTHON_SUITES], default=[])
    parser.add_argument("--sanitize", nargs="?", const="address", choices=list(SANITIZED))
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if options.sanitize in ("metal", "thread") and not FAKE_METAL:
        parser.error(
            f"--sanitize {options.sanitize} needs Linux: it runs the Metal backend on its fake device"
        )
    os.environ.setdefault("PYTHONFAULTHANDLER", "1")

    started = time.monotonic()
    results: dict[str, Outcome] = {}
    if options.sanitize:
        results |= run_together(sanitized_jobs(SANITIZED[options.sanitize]))
    else:
        jobs: dict[str, Job] = {}
        if "cpp" in options.suite or not (options.fast or options.suite):
            jobs |= cpp_jobs(options.slow)
            if options.slow and FAKE_METAL:
                jobs |= sanitized_jobs(SANITIZED["thread"]) | sanitized_jobs(SANITIZED["metal"])
        markers = "not slow and not thorough" if options.fast else "not slow"
        for suite, folder in PYTHON_SUITES.items():
            if not options.suite or suite in options.suite:
                name = f"{suite}-fast" if options.fast else suite
                jobs[name] = partial(run_pytest, name, folder, markers)
        results |= run_together(jobs)
        if options.slow:
            # Alone: it measures.
            results["slow"] = run_pytest("slow", "tests", "slow")

    recorded = json.loads(COUNTS.read_text())
    gone = [suite for suite in recorded if belongs_to_run(suite, options) and suite not in results]
    problems = [] if options.record else list(gone)
    for suite in problems:
        print(
            f"{suite:28} FAILED: did not run, {recorded[suite]} tests recorded in {COUNTS.relative_to(ROOT)}"
        )
    for suite, outcome in results.items():
        problem = problem_with(suite, outcome, recorded, record=options.record)
        if problem:
            problems.append(suite)
        skipped = f", {outcome.skipped} skipped" if outcome.skipped else ""
        print(f"{suite:28} {outcome.collected:5} tests{skipped}  {f'FAILED: {problem}' if problem else 'ok'}")
        for test, name, value in outcome.figures:
            print(f"  {test}: {name} {value}")
    if options.record:
        passed = [suite for suite in results if suite not in problems and "@" not in suite]
        counts = {suite: recorded[suite] for suite in recorded if suite not in gone}
        counts |= {suite: results[suite].collected for suite in passed}
        COUNTS.write_text(json.dumps(counts, indent=2, sort_keys=True) + "\n")
    print(f"{time.monotonic() - started:.0f} s")
    failed = sum(outcome.failed for outcome in results.values())
    print(
        f"{sum(outcome.passed for outcome in results.values())} passed, "
        f"{max(failed, len(problems)) if problems else 0} failed"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
