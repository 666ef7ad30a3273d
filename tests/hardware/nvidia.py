#!/usr/bin/env python3
"""Tests openswirl on an NVIDIA machine and measures it there; writes one report.

Usage: tests/hardware/nvidia.py --json REPORT.json [--device cuda:0] [--steps vectors,lockstep,...]
Needs openswirl[cuda] installed, and the sources that it was made from. What else it uses if it is there: the program
gpu_test (docs/testing.md), which runs every kernel against plain references; compute-sanitizer of a CUDA toolkit;
OpenVM's own programs (--peers), for times from the same minutes.
Prints a line per step; exits 1 if one failed. A step that cannot run here says why in the report.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import datetime
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openswirl as sw
from openswirl.bench import shapes
from openswirl.bench.machine import Build
from openswirl.bench.running import Plan, measure

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
import random_cases  # noqa: E402

SANITIZERS = ("memcheck", "initcheck", "synccheck", "racecheck")
#: Tests of gpu_test that run on a device: all of the kernels, none of the emulator.
KERNEL_TESTS = "Gpu*:-GpuRecorder*:GpuPool*"
STAGES = "stark_prove_excluding_trace"


#: Proves the cases named after the device and compares the bytes.
PROVE_CASES = """
import pathlib, sys, warnings
warnings.simplefilter("ignore")
import openswirl as sw
for folder in sys.argv[2:]:
    case = sw.cases.load(folder, sys.argv[1])
    proof = sw.prove(case.pk, case.traces, device=sys.argv[1], verify_after=False)
    if proof.to_bytes() != (pathlib.Path(folder) / "proof.bin").read_bytes():
        sys.exit(f"{folder} differs")
print("equal")
"""


class NotHere(Exception):
    """A step that this machine cannot run, with the reason."""


class CheckFailed(Exception):
    """Something is not as it must be."""


def require(condition: object, text: str) -> None:
    if not condition:
        raise CheckFailed(text)


def say(text: str) -> None:
    print(text, flush=True)


def run(command: list[str], timeout: float, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        env={**os.environ, **environment},
    )


def extract_cases() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="openswirl-vectors-"))
    with tarfile.open(ROOT / "tests" / "vectors" / "cases.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


# Steps: each returns what goes into the report, or raises.


def machine(options: argparse.Namespace) -> dict[str, Any]:
    device = next((d for d in sw.devices() if d.name in (options.device, f"{options.device}:0")), None)
    if device is None or not device.available:
        raise AssertionError(f"no device {options.device}: {device.reason if device else 'not listed'}")
    found: dict[str, Any] = {
        "device": device.name,
        "description": device.description,
        "memory_bytes": device.memory_bytes,
        "devices": [d.name for d in sw.devices() if d.backend == "cuda" and d.available],
        "automatic": sw.devices()[0].name,
        "processors": os.cpu_count(),
    }
    if shutil.which("nvidia-smi"):
        query = "name,driver_version,clocks.sm,clocks.max.sm,clocks.mem,power.limit,temperature.gpu"
        found["nvidia_smi"] = run(
            ["nvidia-smi", f"--query-gpu={query}", "--format=csv"], 60
        ).stdout.splitlines()
    return found


def opening(options: argparse.Namespace) -> dict[str, Any]:
    """How long a first process waits for the kernels, and a later one."""
    program = (
        "import sys, time, openswirl as sw; from openswirl import _core; sw.devices(); t = time.perf_counter(); "
        "_core.self_test(sys.argv[1]); print(time.perf_counter() - t)"
    )
    with tempfile.TemporaryDirectory() as cache:
        seconds = []
        for _ in range(2):
            done = run([sys.executable, "-c", program, options.device], 300, OPENSWIRL_CACHE_DIR=cache)
            require(done.returncode == 0, done.stderr[-2000:])
            seconds.append(float(done.stdout))
        files = sorted(path.name for path in Path(cache).iterdir())
    return {"compiling_s": seconds[0], "from_cache_s": seconds[1], "cached_files": len(files)}


def known_answers(options: argparse.Namespace) -> dict[str, Any]:
    """Every kernel against plain references."""
    if not options.kernel_tests:
        raise NotHere("needs --kernel-tests PATH of the program gpu_test")
    done = run(
        [options.kernel_tests, f"--gtest_filter={KERNEL_TESTS}", "--gtest_color=no"],
        900,
        OPENSWIRL_GPU_TEST_DEVICE="cuda",
    )
    passed = re.findall(r"\[       OK \] (\S+) \((\d+) ms\)", done.stdout)
    failed = sorted(set(re.findall(r"\[  FAILED  \] (\S+)", done.stdout)))
    require(done.returncode == 0, f"failed: {failed}\n{done.stdout[-3000:]}\n{done.stderr[-1000:]}")
    return {"passed": len(passed), "tests": [name for name, _ in passed]}


def vectors(options: argparse.Namespace) -> dict[str, Any]:
    """The proofs of all recorded cases, byte for byte, with the host's small rounds and without them."""
    folder = extract_cases()
    equal: dict[str, Any] = {}
    try:
        names = sorted(path.parent.name for path in folder.glob("*/case.json"))
        for tail in ("on", "off"):
            # A process of its own: the variable is read when a device is opened.
            command = [sys.executable, "-c", PROVE_CASES, options.device]
            done = run(
                [*command, *(str(folder / name) for name in names)],
                900,
                OPENSWIRL_HOST_TAIL=tail,
                OPENSWIRL_HOST_SEARCH=tail,
                OPENSWIRL_POOL="on" if tail == "on" else "off",
            )
            require(done.returncode == 0, f"host tail {tail}: {done.stdout[-500:]}{done.stderr[-2000:]}")
            equal[f"host_tail_{tail}"] = len(names)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"byte_identical": equal, "cases": names}


def lockstep(options: argparse.Namespace) -> dict[str, Any]:
    """Random cases on the CPU and on the device, every message compared."""
    begin = time.perf_counter()
    random_cases.lockstep(options.device, range(options.cases))
    return {"cases": options.cases, "seconds": time.perf_counter() - begin}


def sanitize(options: argparse.Namespace) -> dict[str, Any]:
    """compute-sanitizer's tools on small cases with exact allocations."""
    tool = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
    if not Path(tool).exists():
        raise NotHere("no compute-sanitizer on this machine")
    folder = extract_cases()
    results: dict[str, Any] = {}
    try:
        small = [str(folder / name) for name in options.sanitized_cases.split(",")]
        for name in SANITIZERS:
            command = [tool, "--tool", name, "--error-exitcode", "9", "--print-limit", "20"]
            if name == "memcheck":
                command += ["--leak-check", "no"]
            begin = time.perf_counter()
            done = run(
                [*command, sys.executable, "-c", PROVE_CASES, options.device, *small],
                options.sanitizer_seconds,
                OPENSWIRL_POOL="off",
                OPENSWIRL_HOST_TAIL="off",
                OPENSWIRL_HOST_SEARCH="off",
            )
            output = done.stdout + done.stderr
            summary = re.findall(r"(?:ERROR|RACECHECK) SUMMARY: .*", output)
            results[name] = {
                "clean": done.returncode == 0 and "equal" in done.stdout,
                "summary": summary[-1] if summary else output[-1500:],
                "seconds": time.perf_counter() - begin,
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    refused = [name for name, result in results.items() if "not supported" in str(result["summary"])]
    if len(refused) == len(results):
        raise NotHere("compute-sanitizer refuses this device")
    dirty = {name: result for name, result in results.items() if not result["clean"]}
    require(not dirty, json.dumps(dirty, indent=1))
    return {"cases": options.sanitized_cases.split(","), "tools": results}


def app(log_stacked_height: int) -> sw.SystemParams:
    return sw.SystemParams.app(log_stacked_height=log_stacked_height)


def measured_shapes(options: argparse.Namespace) -> dict[str, Callable[[], shapes.Shape]]:
    device = options.device
    return {
        "keccakf": lambda: shapes.keccakf(10, app(21), device),
        "logup": lambda: shapes.logup(device=device),
        "uniform_8x100x16": lambda: shapes.uniform(8, 100, 16, 1.0, 0.25, app(21), device),
        "uniform_311x171x12": lambda: shapes.uniform(311, 171, 12, 0.5, 0.6, app(24), device),
    }


def benchmark(options: argparse.Namespace) -> dict[str, Any]:
    """Times of whole proofs and of every span, as `openswirl bench` takes them."""
    results: dict[str, Any] = {}
    for name, make in measured_shapes(options).items():
        if name not in options.shapes.split(","):
            continue
        seeds = 3 if name == "keccakf" else 1
        file = measure(make(), Plan(runs=options.runs, warmup=2, trace_seeds=seeds, device=options.device))
        results[name] = file.to_dict()
        if options.benchmarks:
            file.save(f"{options.benchmarks}-{name}.json")
        say(f"  {name}: {1e3 * file.spans[STAGES].seconds:.2f} ms")
    return results


def kernel_times(options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds of every kernel in one proof, each waited for on its own."""
    results: dict[str, Any] = {}
    os.environ["OPENSWIRL_KERNEL_TIMES"] = "on"
    try:
        for name, make in measured_shapes(options).items():
            if name not in options.shapes.split(","):
                continue
            shape = make()
            prover = sw.Prover(shape.pk, options.device)
            traces = shape.traces(shapes.FIRST_SEED)
            for _ in range(2):
                report = prover.prove(traces, verify_after=False).report
            require(report is not None, "the proof has no report")
            by_stage: dict[str, dict[str, list[float]]] = collections.defaultdict(
                lambda: collections.defaultdict(list)
            )
            for path, total in report.spans.flat().items():
                parent, _, leaf = path.rpartition("/")
                if leaf.startswith("kernel."):
                    by_stage[parent][leaf.removeprefix("kernel.")] = [
                        total.count,
                        round(1e3 * total.duration, 4),
                    ]
            results[name] = by_stage
    finally:
        os.environ.pop("OPENSWIRL_KERNEL_TIMES", None)
    return results


def seconds_of(proof: sw.Proof) -> float:
    require(proof.report is not None, "the proof has no report")
    return next(span.duration for span in proof.report.spans if span.name == STAGES)


def memory_in_use() -> int | None:
    """Bytes of the device that are in use, by all processes."""
    if not shutil.which("nvidia-smi"):
        return None
    done = run(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"], 60)
    return int(done.stdout.split()[0]) << 20 if done.returncode == 0 else None


def endurance(options: argparse.Namespace) -> dict[str, Any]:
    """Many proofs in a row: equal bytes, and memory that does not grow."""
    shape = shapes.keccakf(10, app(21), options.device)
    traces = shape.traces(shapes.FIRST_SEED)
    prover = sw.Prover(shape.pk, options.device)
    digests, seconds, memory = set(), [], []
    for number in range(options.proofs):
        proof = prover.prove(traces, verify_after=False)
        digests.add(hashlib.sha256(proof.to_bytes()).hexdigest())
        seconds.append(seconds_of(proof))
        if number in (4, options.proofs // 2, options.proofs - 1):
            resident = int(re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[0]) << 10
            memory.append({"proof": number + 1, "device": memory_in_use(), "host": resident})
    require(len(digests) == 1, f"{len(digests)} different proofs of one trace")
    devices = [entry["device"] for entry in memory]
    require(len(set(devices)) == 1, f"device memory is not flat: {memory}")
    require(memory[-1]["host"] < memory[0]["host"] + (64 << 20), f"host memory is not flat: {memory}")
    return {
        "proofs": options.proofs,
        "sha256": digests.pop(),
        "memory": memory,
        "median_s": statistics.median(seconds),
        "max_s": max(seconds),
    }


def in_flight(options: argparse.Namespace) -> dict[str, Any]:
    """Four proofs at a time from Python threads, beside one at a time."""
    shape = shapes.keccakf(10, app(21), options.device)
    seeds = range(shapes.FIRST_SEED, shapes.FIRST_SEED + 4)
    traces = {seed: shape.traces(seed) for seed in seeds}
    provers = {seed: sw.Prover(shape.pk, options.device) for seed in seeds}
    threads = max(1, (os.cpu_count() or 4) // 4)

    def prove(seed: int) -> bytes:
        return provers[seed].prove(traces[seed], verify_after=False).to_bytes()

    expected = {seed: prove(seed) for seed in seeds}
    rounds = options.rounds
    begin = time.perf_counter()
    for _ in range(rounds):
        for seed in seeds:
            require(prove(seed) == expected[seed], f"seed {seed} differs, one at a time")
    one = time.perf_counter() - begin

    def repeat(seed: int) -> None:
        for _ in range(rounds):
            require(prove(seed) == expected[seed], f"seed {seed} differs")

    with concurrent.futures.ThreadPoolExecutor(len(seeds)) as pool:
        list(pool.map(repeat, seeds))  # memory for four
        begin = time.perf_counter()
        list(pool.map(repeat, seeds))
        four = time.perf_counter() - begin
    count = rounds * len(seeds)
    return {
        "proofs": count,
        "note": "with the upload of the trace",
        "threads_each": threads,
        "one_at_a_time_per_s": count / one,
        "four_in_flight_per_s": count / four,
    }


def large_buffer(options: argparse.Namespace) -> dict[str, Any]:
    """A proof whose codeword lies in one buffer of more than 4 GiB, with the CPU's bytes."""
    params = app(24)
    shape = shapes.uniform(1, 72, 24, 0.25, 0.0, params, options.device)
    traces = shape.traces(shapes.FIRST_SEED + 1)
    proof = sw.prove(shape.pk, traces, device=options.device, verify_after=False)
    sw.verify(shape.pk.vk, proof)
    codeword = 4 * 72 * (1 << 25)
    require(codeword > 1 << 32, "the shape is too small for a buffer of 4 GiB")
    result = {"codeword_bytes": codeword, "verified": True, "prove_s": seconds_of(proof)}
    if options.large_on_cpu:
        result["cpu_equal"] = sw.prove(shape.pk, traces, device="cpu", verify_after=False) == proof
        require(result["cpu_equal"], "the CPU's proof has other bytes")
    return result


def several_devices(options: argparse.Namespace) -> dict[str, Any]:
    """Two devices at the same time: equal bytes, and the throughput beside one's."""
    names = [d.name for d in sw.devices() if d.backend == "cuda" and d.available]
    if len(names) < 2:
        raise NotHere(f"this machine has {len(names)} NVIDIA device")
    shape = shapes.keccakf(10, app(21), names[0])
    traces = shape.traces(shapes.FIRST_SEED)
    provers = {name: sw.Prover(shape.pk, name) for name in names}
    proofs = {name: provers[name].prove(traces, verify_after=False).to_bytes() for name in names}
    require(len(set(proofs.values())) == 1, "the devices' proofs differ")

    def repeat(name: str) -> None:
        for _ in range(options.rounds):
            require(
                provers[name].prove(traces, verify_after=False).to_bytes() == proofs[name],
                f"a later proof of {name} differs",
            )

    begin = time.perf_counter()
    repeat(names[0])
    one = options.rounds / (time.perf_counter() - begin)
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        begin = time.perf_counter()
        list(pool.map(repeat, names))
        all_of_them = len(names) * options.rounds / (time.perf_counter() - begin)
    return {"devices": names, "one_per_s": one, "all_per_s": all_of_them}


def peers(options: argparse.Namespace) -> dict[str, Any]:
    """OpenVM's CUDA prover on the same shapes in the same minutes."""
    if not options.peers:
        raise NotHere("needs --peers FOLDER with openvm_cuda_keccak and openvm_cuda_uniform")
    keccak, uniform = (
        str(Path(options.peers) / name) for name in ("openvm_cuda_keccak", "openvm_cuda_uniform")
    )
    commands = {
        "keccakf": [keccak, "keccak", "10", "21", str(options.runs + 1)],
        "logup": [keccak, "logup", str(options.runs + 1)],
        "uniform_8x100x16": [
            uniform, "--num-airs", "8", "--cols-per-air", "100", "--log-rows-per-air", "16",
            "--constraints-per-col", "1", "--interactions-per-col", "0.25", "--log-stacked-height", "21",
        ],
        "uniform_311x171x12": [
            uniform, "--num-airs", "311", "--cols-per-air", "171", "--log-rows-per-air", "12",
            "--constraints-per-col", "0.5", "--interactions-per-col", "0.6", "--log-stacked-height", "24",
        ],
    }  # fmt: skip
    results: dict[str, Any] = {}
    for name, command in commands.items():
        if name not in options.shapes.split(","):
            continue
        pages = {"VPMM_PAGE_SIZE": "4194304", "VPMM_PAGES": "6144"} if uniform in command else {}
        done = run(command, 120, **pages)
        require(done.returncode == 0, f"{name}: exit status {done.returncode}: {done.stderr[-500:]}")
        results[name] = {"command": command[1:], "output": (done.stdout + done.stderr)[-1500:].splitlines()}
    return results


STEPS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    step.__name__: step
    for step in (
        machine,
        opening,
        known_answers,
        vectors,
        lockstep,
        sanitize,
        benchmark,
        peers,
        kernel_times,
        in_flight,
        endurance,
        large_buffer,
        several_devices,
    )
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", required=True, help="the report file")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--steps", default=",".join(STEPS), help="some of: " + ", ".join(STEPS))
    parser.add_argument("--cases", type=int, default=500, help="random cases of lockstep")
    parser.add_argument("--proofs", type=int, default=1000, help="of endurance")
    parser.add_argument("--rounds", type=int, default=10, help="of in_flight and several_devices")
    parser.add_argument("--runs", type=int, default=10, help="of benchmark")
    parser.add_argument(
        "--shapes", default="keccakf,logup,uniform_8x100x16,uniform_311x171x12", help="of benchmark and peers"
    )
    parser.add_argument("--sanitized-cases", default="mixture_h3,interactions11")
    parser.add_argument("--sanitizer-seconds", type=float, default=600, help="for each of its tools")
    parser.add_argument("--kernel-tests", help="path of gpu_test")
    parser.add_argument(
        "--large-on-cpu", action="store_true", help="compare the large buffer's proof with the CPU's"
    )
    parser.add_argument("--benchmarks", help="also write benchmark files: PATH-SHAPE.json")
    parser.add_argument("--commit", help="of the sources, where they are no checkout")
    parser.add_argument("--peers", help="folder of OpenVM's programs")
    options = parser.parse_args()
    unknown = set(options.steps.split(",")) - set(STEPS)
    if unknown:
        parser.error(f"no step {', '.join(sorted(unknown))}")
    warnings.simplefilter("ignore", sw.SecurityWarning)

    report: dict[str, Any] = {
        "schema": 1,
        "kind": "hardware",
        "version": sw.__version__,
        "commit": options.commit or Build.of_core().commit or None,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "numpy": np.__version__,
        "steps": {},
    }
    failed = False
    for name in options.steps.split(","):
        begin = time.perf_counter()
        try:
            result = {"outcome": "passed", **STEPS[name](options)}
        except NotHere as reason:
            result = {"outcome": "not run", "reason": str(reason)}
        except Exception as error:
            failed = True
            result = {
                "outcome": "failed",
                "error": f"{type(error).__name__}: {error}",
                "trace": traceback.format_exc(),
            }
        result["step_seconds"] = round(time.perf_counter() - begin, 3)
        report["steps"][name] = result
        detail = result.get("reason") or result.get("error", "")
        say(f"{name}: {result['outcome']} ({result['step_seconds']} s) {detail[:2000]}")
        # After every step, so that a machine that goes away leaves what was found.
        Path(options.json).write_text(json.dumps(report, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
