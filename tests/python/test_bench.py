"""``openswirl bench``: what it measures, what it writes, and what it refuses to measure."""

from __future__ import annotations

import json
import shlex
import statistics
import subprocess
import sys

import numpy as np
import openswirl as sw
import pytest
import support
from openswirl import _core
from openswirl.airs import fixtures
from openswirl.airs.keccak import benchmark_states
from openswirl.bench import running, shapes
from openswirl.bench.ceilings import Ceilings, floors
from openswirl.bench.document import ROOT, BenchmarkFile, Run
from openswirl.bench.machine import Build
from openswirl.bench.work import work_of
from openswirl.cli import main

SMALL = sw.SystemParams.test_small(2, 8, 3)
FAST = Build("", "Release", "", optimized=True, sanitized=False)


def bench(capsys, *arguments, code=0):
    assert main(["bench", *map(str, arguments)]) == code
    return capsys.readouterr()


@pytest.fixture(scope="module")
def logup():
    """The tiny shape, three runs of two inputs each."""
    plan = running.Plan(runs=3, warmup=1, trace_seeds=2, device="cpu", threads=1)
    return running.measure(shapes.logup(), plan)


def test_the_file_of_a_measurement(logup, tmp_path):
    path = tmp_path / "logup.json"
    logup.save(path)
    assert BenchmarkFile.load(path) == logup
    assert logup.kind == "measured"
    assert logup.headline == f"{ROOT}/prover.rap_constraints"
    assert logup.run_count == 3
    assert [run.seed for run in logup.runs] == [42, 43] * 3
    assert logup.parameters["shape"] == "logup"
    assert logup.parameters["threads"] == 1
    assert logup.parameters["trace_seeds"] == 2
    assert logup.machine.isa == _core.cpu_kernels()[0]
    assert logup.machine.cores >= 1
    assert logup.machine.gpu is None
    assert logup.build_type == _core.build_type


def test_the_paths_are_those_of_a_proof(logup):
    shape = shapes.logup()
    spans = sw.prove(shape.pk, shape.traces(42), "cpu", verify_after=False).report.spans.flat()
    assert {path: figures.count for path, figures in logup.spans.items()} == {
        **{path: total.count for path, total in spans.items()},
        "verify": 1,
    }
    assert logup.spans[f"{ROOT}/prover.openings/prover.openings.whir/grind"].count > 1


def test_figures_follow_from_the_runs(logup):
    """A run's time is the mean over its two seeds."""
    for path, figures in logup.spans.items():
        first, second = ([run.spans[path] for run in logup.runs[start::2]] for start in (0, 1))
        means = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
        assert figures.summary.median_s == pytest.approx(statistics.median(means), abs=1e-9)
        assert figures.summary.min_s == pytest.approx(min(means), abs=1e-9)
        assert figures.summary.p95_s == figures.summary.max_s == pytest.approx(max(means), abs=1e-9)


def test_totals_with_and_without_grinding(logup):
    whole, less = logup.totals["with_grinding"], logup.totals["without_grinding"]
    assert whole == logup.spans[ROOT].summary
    run = logup.runs[0].spans
    grind = sum(seconds for path, seconds in run.items() if path.endswith("/grind"))
    assert 0 < grind < run[ROOT]
    assert running.grinding(run) == pytest.approx(grind)
    assert less.median_s < whole.median_s


def test_grinding_by_hand():
    spans = {
        ROOT: 10.0,
        f"{ROOT}/a": 6.0,
        f"{ROOT}/a/grind": 1.0,
        f"{ROOT}/b/grind": 2.0,
        f"{ROOT}/regrind": 4.0,
    }
    assert running.grinding(spans) == 3.0


def test_averaging_by_hand():
    runs = [Run(42 + i % 2, {ROOT: seconds}) for i, seconds in enumerate([1.0, 3.0, 2.0, 6.0])]
    assert running.run_seconds(runs, 2, lambda run: run.spans[ROOT]) == [2.0, 4.0]
    assert running.run_seconds(runs, 1, lambda run: run.spans[ROOT]) == [1.0, 3.0, 2.0, 6.0]


def test_floors_come_from_the_ceilings_in_the_file(logup):
    shape = shapes.logup()
    work = work_of(shape.pk.vk, (2, 3))
    expected = floors(work, Ceilings.from_dict(logup.ceilings))
    for path, figures in logup.spans.items():
        assert figures.floor_s == (pytest.approx(expected[path]) if path in expected else None)
    assert logup.spans[ROOT].floor_s > 0
    proof_s = logup.spans[ROOT].seconds
    assert logup.rates["hashes_per_s"] * proof_s == pytest.approx(work[ROOT].hashes)
    assert logup.rates["multiplications_per_s"] * proof_s == pytest.approx(work[ROOT].products)


def test_a_device_without_ceilings_has_no_floors():
    plan = running.Plan(runs=1, warmup=0, device="reference", threads=1)
    content = running.measure(shapes.logup(), plan)
    assert content.ceilings is None
    assert all(figures.floor_s is None for figures in content.spans.values())
    assert content.notes[0].startswith("no floors: ")
    assert content.rates["hashes_per_s"] > 0


@pytest.mark.thorough
def test_progress_moves_between_runs_only():
    steps = []
    plan = running.Plan(runs=2, warmup=1, device="cpu", threads=1)
    running.measure(shapes.logup(), plan, lambda step, fraction: steps.append((step, fraction)))
    assert [step for step, _ in steps] == [
        "loading the key",
        "traces",
        "warm-up 1",
        "run 1",
        "run 2",
        "ceilings",
    ]
    assert [fraction for _, fraction in steps] == sorted(fraction for _, fraction in steps)


def test_proofs_of_one_input_must_be_equal(monkeypatch):
    shape = shapes.logup()

    class Flaky(sw.Prover):
        calls = 0

        def prove(self, traces, **options):
            Flaky.calls += 1
            return super().prove(shape.traces(99) if Flaky.calls == 2 else traces, **options)

    monkeypatch.setattr(running, "Prover", Flaky)
    with pytest.raises(sw.InternalError, match="two proofs of one input differ on cpu"):
        running.measure(shape, running.Plan(runs=3, warmup=0, device="cpu"))


def test_the_keccak_inputs_are_those_of_the_reference():
    shape = shapes.keccakf(0, SMALL)
    assert int(benchmark_states(1, shapes.FIRST_SEED)[0, 0]) == 0x86CC7763222724A2
    first, again, other = (shape.traces(seed)[0].common for seed in (42, 42, 43))
    assert (first == again).all()
    assert (first != other).any()
    assert shape.headline == ROOT


def test_every_seed_satisfies_the_circuit():
    assert (shapes.logup().traces(42)[0].common == fixtures.interactions11().traces[0].common).all()
    for shape in (shapes.logup(), shapes.uniform(2, 5, 3, 1.0, 0.5, SMALL)):
        traces = [shape.traces(seed) for seed in (42, 43, 44)]
        assert (traces[1][0].common != traces[2][0].common).any()
        for trace in traces:
            assert sw.check(shape.pk, trace).ok
    assert not np.any(shapes.uniform(2, 5, 3, 1.0, 0.5, SMALL).traces(42)[0].common)


def test_a_case(capsys, tmp_path):
    folder = support.vectors_folder() / "fib_h3"
    out = bench(capsys, "case", folder, "--runs", 1, "--warmup", 0, "--device", "cpu").out
    assert "case fib_h3" in out
    assert "--trace-seeds 1" in bench(capsys, "case", folder, "--trace-seeds", 2, code=2).err


def test_a_case_in_this_folder_has_its_name(monkeypatch):
    monkeypatch.chdir(support.vectors_folder() / "fib_h3")
    shape = shapes.case(".")
    assert shape.name == "case fib_h3"
    assert shape.arguments["case"] == "fib_h3"
    assert shape.options == ("case", ".")


def test_a_case_with_another_proof(tmp_path):
    shape = shapes.case(support.vectors_folder() / "fib_h3")
    object.__setattr__(shape, "expected", support.case_file("interactions11", "proof.bin"))
    with pytest.raises(sw.InputError, match="differs from the case's proof.bin"):
        running.measure(shape, running.Plan(runs=1, warmup=0, device="cpu"))


def test_the_command_line(capsys, tmp_path):
    path = tmp_path / "out.json"
    out = bench(
        capsys, "--runs", 2, "--warmup", 0, "logup", "--device", "cpu", "--threads", 1, "--json", path
    ).out
    for column in ("median ms", "p95", "min..max", "share %", "floor ms", "ratio"):
        assert column in out
    for text in ("grind", "without grinding", "hashes/s", "field multiplications/s", "2 runs, 0 before"):
        assert text in out
    assert "headline prover.rap_constraints" in out
    content = BenchmarkFile.load(path)
    assert content.run_count == 2
    # The command in the file measures the same once more.
    words = shlex.split(content.command)
    assert words[:2] == ["openswirl", "bench"]
    again = json.loads(bench(capsys, *words[2:], "--json", "-").out)
    assert again["parameters"] == content.to_dict()["parameters"]
    assert again["command"] == content.command
    assert main(["report", str(path), str(path)]) == 0


def test_uniform_on_the_command_line(capsys):
    words = ["uniform", "--airs", 2, "--cols", 3, "--log-rows", 2, "--interactions-per-col", 1]
    written = json.loads(
        bench(capsys, *words, "--params", "app:11", "--runs", 1, "--warmup", 0, "--json", "-").out
    )
    assert written["parameters"] | {"threads": 0} == {
        "shape": "uniform", "airs": 2, "cols": 3, "log_rows": 2, "constraints_per_col": 1.0,
        "interactions_per_col": 1.0, "params": "app:11", "threads": 0, "trace_seeds": 1,
    }  # fmt: skip


def test_options_that_mean_nothing(capsys, tmp_path):
    for words, expected in [
        (["logup", "--log-perms", "3"], "--log-perms means nothing to bench logup"),
        (["keccakf", "--cols", "3"], "--cols means nothing to bench keccakf"),
        (["machine", "--runs", "3"], "--runs means nothing to bench machine"),
        (["case", str(tmp_path), "--params", "app:21"], "--params means nothing to bench case"),
        (["case"], "bench case takes a folder"),
        (["logup", "folder"], "bench logup takes no folder"),
        (["nonsense"], "nonsense"),
        (["logup", "--runs", "0"], "--runs"),
        (["uniform", "--airs", "2049"], "2048"),
        (["uniform", "--constraints-per-col", "nan"], "nan is no number from 0 to 64"),
        (["uniform", "--interactions-per-col", "NaN"], "NaN is no number from 0 to 64"),
        (["logup", "--params", "tiny"], "tiny"),
        (["logup", "--json", str(tmp_path)], "is a folder"),
        (["case", str(tmp_path)], "is no case"),
    ]:
        assert expected in bench(capsys, *words, code=2).err
    assert "unknown device 'nope'" in bench(capsys, "logup", "--device", "nope", code=5).err


def test_errors_are_for_people_although_json_names_a_file(capsys, tmp_path):
    said = bench(capsys, "case", tmp_path, "--json", tmp_path / "x", code=2)
    assert said.out == ""
    assert "is no case" in said.err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (Build("", "Debug", "", optimized=False, sanitized=False), "is a Debug build"),
        (Build("", "Debug", "", optimized=True, sanitized=False), "is a Debug build"),
        (
            Build("", "Release", "", optimized=False, sanitized=False),
            "is a Release build without optimisation",
        ),
        (Build("", "Release", "", optimized=True, sanitized=True), "has sanitizers compiled in"),
        (Build("", "", "", optimized=True, sanitized=False), "is a nameless build"),
    ],
)
def test_slow_builds_are_refused(build, expected):
    FAST.require_fast()
    with pytest.raises(sw.InputError, match=f"{expected}.*measure a Release build"):
        build.require_fast()


def test_slow_builds_are_refused_before_any_work(capsys, monkeypatch):
    monkeypatch.setattr(_core, "build_type", "Debug")
    for shape in ("logup", "keccakf", "machine"):
        assert "is a Debug build" in bench(capsys, shape, code=2).err
    with pytest.raises(sw.InputError, match="Debug"):
        running.measure(shapes.logup(), running.Plan(device="cpu"))


@pytest.mark.thorough
def test_bench_machine(capsys, tmp_path):
    path = tmp_path / "machine.json"
    out = bench(capsys, "machine", "--device", "cpu", "--threads", 1, "--json", path).out
    for text in (
        "butterflies",
        "multiply-accumulates",
        "Poseidon2, many states",
        "one state",
        "copying",
        "reading",
    ):
        assert text in out
    written = json.loads(path.read_text())
    assert written["threads"] == 1
    assert 0 < written["permutations"] < written["multiplications"]
    assert json.loads(bench(capsys, "machine", "--json", "-").out)["device"] == "cpu"


@pytest.mark.parametrize(
    "changes", [{"runs": 0}, {"runs": True}, {"warmup": -1}, {"trace_seeds": 0}, {"runs": 1.5}]
)
def test_plans_that_cannot_be(changes):
    with pytest.raises(sw.InputError):
        running.Plan(**changes)


def test_the_commands_start_without_what_they_may_not_need():
    script = (
        "import sys, openswirl.cli; print([m for m in sys.modules if 'openswirl.bench' in m or m == 'rich'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
