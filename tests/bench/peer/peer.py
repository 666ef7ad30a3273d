"""Times OpenVM's CPU prover on the key and the traces of `openswirl bench`, and writes the same file.

    run keccakf|logup|uniform|case [DIR] [options as of openswirl bench] [--json FILE]
    run verify VK PROOF

`verify` asks OpenVM's verifier about a proof: exit code 0 if it accepts, 1 if not.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openswirl
from openswirl.bench import shapes
from openswirl.bench.document import ROOT, VERIFY, BenchmarkFile, Run
from openswirl.bench.machine import Build, describe_machine
from openswirl.bench.running import GRIND, Plan, grinding_totals, measure, span_figures
from openswirl.bench.tables import span_table
from openswirl.cli.output import print_table
from openswirl.cli.workloads import default_params
from openswirl.params import SystemParams

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
PROVER = "openvm-cpu-backend 2.0.1"

#: Stages that OpenVM names otherwise on a CPU than elsewhere, under openswirl's names. What lies inside keeps its name.
RENAMED = {
    "grind for proof-of-work witness": GRIND,
    "prove_zerocheck_and_logup": "prover.rap_constraints",
    "prover.batch_constraints.mle_rounds": "prover.rap_constraints.mle_rounds",
    "prove_stacked_opening_reduction": "prover.openings/prover.openings.stacked_reduction",
    "prove_whir_opening_cpu": "prover.openings/prover.openings.whir",
}


class PeerError(Exception):
    """The peer could not be built or run; the text says why."""


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("shape", choices=["keccakf", "logup", "uniform", "case", "verify"])
    parser.add_argument("files", nargs="*", metavar="FILE", help="case: its folder; verify: VK PROOF")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--trace-seeds", type=int, default=1)
    parser.add_argument(
        "--threads",
        type=int,
        default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    )
    parser.add_argument("--params", help="a preset such as app:21")
    parser.add_argument("--log-perms", type=int, default=10)
    parser.add_argument("--airs", type=int, default=1)
    parser.add_argument("--cols", type=int, default=20)
    parser.add_argument("--log-rows", type=int, default=18)
    parser.add_argument("--constraints-per-col", type=float, default=1.0)
    parser.add_argument("--interactions-per-col", type=float, default=0.25)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the benchmark file")
    parser.add_argument(
        "--beside",
        type=Path,
        metavar="FILE",
        help="openswirl's cpu device takes turns with the peer; write its benchmark file here",
    )
    parser.add_argument("--program", type=Path, help="run this build in place of building")
    options = parser.parse_args(arguments)
    wanted = {"case": 1, "verify": 2}.get(options.shape, 0)
    if len(options.files) != wanted:
        parser.error(f"{options.shape} takes {wanted} files, not {len(options.files)}")
    for name, least in {"runs": 1, "warmup": 0, "trace_seeds": 1, "threads": 1}.items():
        if getattr(options, name) < least:
            parser.error(f"--{name.replace('_', '-')} must be at least {least}")
    return options


def shape_of(options: argparse.Namespace) -> shapes.Shape:
    params = SystemParams.parse(options.params) if options.params else None
    if options.shape == "keccakf":
        from openswirl.airs.keccak import ROUNDS, WIDTH

        rows = 1 << ((ROUNDS << options.log_perms) - 1).bit_length()
        return shapes.keccakf(options.log_perms, params or default_params(rows, WIDTH))
    if options.shape == "logup":
        return shapes.logup(params)
    if options.shape == "uniform":
        airs, cols, log_rows = options.airs, options.cols, options.log_rows
        params = params or default_params(1 << log_rows, airs * cols)
        per_column = (options.constraints_per_col, options.interactions_per_col)
        return shapes.uniform(airs, cols, log_rows, *per_column, params)
    return shapes.case(options.files[0])


def build() -> Path:
    """The program, built for this machine's instruction set."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "build/peer"))
    environment = {"RUSTFLAGS": "-C target-cpu=native", **os.environ, "CARGO_TARGET_DIR": str(target)}
    command = ["cargo", "build", "--release", "--locked", "--manifest-path", str(HERE / "Cargo.toml")]
    try:
        done = subprocess.run(command, check=False, env=environment)
    except FileNotFoundError:
        raise PeerError("there is no cargo; install Rust 1.90 or later") from None
    if done.returncode != 0:
        raise PeerError("the peer does not build; cargo says why above")
    return target / "release/openswirl-peer"


def write_traces(folder: Path, traces: shapes.Traces) -> None:
    """What the program needs of a case: its description and the traces."""
    folder.mkdir()
    entries = [
        {"air_id": air_id, "public_values": [int(value) for value in trace.public_values]}
        for air_id, trace in sorted(traces.items())
    ]
    (folder / "case.json").write_text(json.dumps({"traces": entries}))
    for air_id, trace in traces.items():
        np.save(folder / f"air{air_id}_common.npy", np.asarray(trace.common, dtype="<u4"))
        for part, cached in enumerate(trace.cached):
            np.save(folder / f"air{air_id}_cached{part}.npy", np.asarray(cached, dtype="<u4"))


class Peer:
    """The program at work on a shape: it proves when it is told to."""

    def __init__(self, program: Path, shape: shapes.Shape, options: argparse.Namespace, home: Path) -> None:
        self._shape, self._warmup = shape, options.warmup
        self.runs: list[Run] = []
        self.counts: dict[str, int] = {}
        self._rate = 0.0
        shape.pk.save(home / "pk.postcard")
        self._seeds = list(range(shapes.FIRST_SEED, shapes.FIRST_SEED + options.trace_seeds))
        folders = [home / f"seed{seed}" for seed in self._seeds]
        for folder, seed in zip(folders, self._seeds, strict=True):
            write_traces(folder, shape.traces(seed))
        self._proof = home / "proof.bin"
        self._process = subprocess.Popen(
            [program, "prove", home / "pk.postcard", *folders],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "RAYON_NUM_THREADS": str(options.threads), "PROOF_OUT": str(self._proof)},
        )

    def _ask(self, order: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{order}\n".encode())
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise PeerError(f"the peer ended with exit status {self._process.wait()}")
        return json.loads(answer)

    def prove(self, number: int, seed: int) -> None:
        """One proof, which both verifiers accept; it counts after the warm-up rounds."""
        answer = self._ask(str(self._seeds.index(seed)))
        openswirl.verify(self._shape.pk.vk, openswirl.Proof.from_bytes(self._proof.read_bytes()))
        spans = openswirl_names({path: tuple(total) for path, total in answer["spans"].items()})
        spans[VERIFY] = (1, answer["verify_s"])
        counts = {path: count for path, (count, _) in spans.items()}
        if self._shape.headline not in counts or (self.counts and counts.keys() != self.counts.keys()):
            raise PeerError(f"its spans are not those of version 2.0.1: {', '.join(counts)}")
        self.counts = counts
        if number >= self._warmup:
            self.runs.append(Run(seed, {path: seconds for path, (_, seconds) in spans.items()}))

    def permutations(self) -> float:
        """A second, of its packed Poseidon2 on all its threads: the best so far."""
        self._rate = max(self._rate, float(self._ask("permutations")))
        return self._rate

    def peak_bytes(self) -> int | None:
        """What was resident at most so far, if the system tells."""
        peak = self._ask("peak")
        return None if peak is None else int(peak)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        if error[0] is not None:
            self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def run_program(
    program: Path, shape: shapes.Shape, options: argparse.Namespace
) -> tuple[BenchmarkFile, BenchmarkFile | None]:
    """The peer's file, and openswirl's if it takes turns."""
    shapes.check_seeds(shape, options.trace_seeds)
    ours = None
    with (
        tempfile.TemporaryDirectory(prefix="openswirl-peer-") as home,
        Peer(program, shape, options, Path(home)) as peer,
    ):
        if options.beside is None:
            for number in range(options.warmup + options.runs):
                for seed in range(shapes.FIRST_SEED, shapes.FIRST_SEED + options.trace_seeds):
                    peer.prove(number, seed)
        else:
            plan = Plan(options.runs, options.warmup, options.trace_seeds, "cpu", options.threads)
            ours = measure(shape, plan, rival=peer)
        return document(peer, shape, options), ours


def openswirl_names(spans: Mapping[str, tuple[int, float]]) -> dict[str, tuple[int, float]]:
    """Spans, {path: (count, seconds)}, under our paths; a parent that OpenVM lacks is the sum of its children."""
    renamed = {
        "/".join(RENAMED.get(name, name) for name in path.split("/")): total for path, total in spans.items()
    }
    for path in sorted({path.rpartition("/")[0] for path in renamed} - renamed.keys() - {""}):
        children = [seconds for child, (_, seconds) in renamed.items() if child.rpartition("/")[0] == path]
        renamed[path] = (1, sum(children))
    return dict(sorted(renamed.items(), key=lambda item: item[0].split("/")))  # parents before their children


def document(peer: Peer, shape: shapes.Shape, options: argparse.Namespace) -> BenchmarkFile:
    """The benchmark file of what the program did."""
    seeds = options.trace_seeds
    peak = peer.peak_bytes()
    rate = peer.permutations()
    return BenchmarkFile(
        kind="measured",
        name=shape.name,
        prover=PROVER,
        date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        build_type="Release",
        command=command_of(shape, options),
        machine=describe_machine("cpu"),
        parameters={
            **shape.arguments,
            "params": shape.params,
            "threads": options.threads,
            "trace_seeds": seeds,
        },
        run_count=options.runs,
        warmup=options.warmup,
        headline=shape.headline,
        spans=span_figures(peer.runs, peer.counts, seeds, {}),
        totals=grinding_totals(peer.runs, seeds),
        notes=(
            f"keys and traces by openswirl {openswirl.__version__} {Build.of_core().commit}".rstrip(),
            "any witness of proof of work that passes is taken, so that the time for it differs from run to run",
            "peak memory of the process: " + ("not known" if peak is None else f"{peak / 2**20:,.0f} MiB"),
            f"{VERIFY} is OpenVM's verifier on the proof, outside the proof's time",
            f"packed Poseidon2 on all threads: {rate / 1e6:.1f} M permutations/s",
        ),
        ceilings={"permutations": rate},
        runs=tuple(peer.runs),
    )


def command_of(shape: shapes.Shape, options: argparse.Namespace) -> str:
    words = ["tests/bench/peer/run", *shape.options]
    if not shape.fixed and isinstance(shape.params, str):
        words += ["--params", shape.params]
    for name in ("runs", "warmup", "threads", "trace_seeds"):
        words += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    return shlex.join(words)


def main(arguments: Sequence[str]) -> int:
    options = options_of(arguments)
    try:
        program = options.program or build()
        if options.shape == "verify":
            return (
                0 if subprocess.run([program, "verify", *options.files], check=False).returncode == 0 else 1
            )
        shape = shape_of(options)
        content, ours = run_program(program, shape, options)
        if options.json is not None:
            content.save(options.json)
        if ours is not None:
            ours.save(options.beside)
    except (PeerError, openswirl.Error, OSError) as error:
        print(f"peer: {error}", file=sys.stderr)
        return 2
    table = span_table(content)
    print_table(table.title, table.columns, table.rows, table.right)
    print(f"proof {content.spans[ROOT].seconds * 1e3:.1f} ms")
    for note in content.notes:
        print(f"note: {note}")
    if ours is not None:
        seconds = ours.spans[ROOT].seconds
        print(
            f"openswirl in turns: {seconds * 1e3:.1f} ms, {content.spans[ROOT].seconds / seconds:.2f} times as fast"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
