"""tools/bench_sweep finds the commit that made a benchmark slower, in repositories made up for it.

The "benchmark" of these repositories prints scripted figures: seconds from a file of the commit, times noise that
depends only on the commit and on how often it ran.
"""

from __future__ import annotations

import importlib.util
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import support

SWEEP = support.REPOSITORY / "tools/sweep"

BENCHMARK = """
import json, pathlib, random, sys
seconds = float(pathlib.Path("seconds").read_text())
runs = pathlib.Path(sys.argv[1]).parent / "runs"
number = int(runs.read_text()) + 1 if runs.exists() else 0
runs.write_text(str(number))
noisy = seconds * random.Random(f"{pathlib.Path('seed').read_text()} {number}").uniform(0.96, 1.04)
span = dict(count=1, median_s=noisy, p95_s=noisy, min_s=noisy, max_s=noisy, floor_s=seconds / 2)
whole = dict(span, median_s=2 * noisy)
file = dict(schema=1, kind="measured", headline="proof", spans={"proof": whole, "proof/part": span})
json.dump(file, open(sys.argv[1], "w"))
"""


@pytest.fixture(scope="module")
def paired():
    spec = importlib.util.spec_from_file_location("paired", SWEEP / "paired.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def git(repository: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", "-C", repository, *identity, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def history(tmp_path):
    """Makes a repository with one commit per entry, (subject, seconds); `None` seconds do not build."""

    def make(*entries: tuple[str, float | None]) -> tuple[Path, dict[str, str]]:
        repository = tmp_path / "repository"
        repository.mkdir()
        git(repository, "init", "--quiet")
        (repository / "benchmark.py").write_text(BENCHMARK)
        hashes = {}
        for number, (subject, seconds) in enumerate(entries):
            (repository / "seed").write_text(str(number))
            (repository / "seconds").write_text(str(seconds))
            (repository / "builds").write_text(str(int(seconds is not None)))
            git(repository, "add", "--all")
            git(repository, "commit", "--quiet", "--message", subject)
            hashes[subject] = git(repository, "rev-parse", "HEAD")[:10]
        return repository, hashes

    return make


def arguments(repository: Path, *extra: str, first: str = "HEAD~3") -> list[str]:
    return [
        str(support.REPOSITORY / "tools/bench_sweep"),
        f"{first}..HEAD",
        "keccakf",
        "--log-perms",
        "4",
        "--repo",
        str(repository),
        "--build",
        "echo compiling {shape} && grep -q 1 builds",
        "--bench",
        f"{sys.executable} -I -S benchmark.py {{json}}",
        "--markdown",
        str(repository.parent / "report.md"),
        *extra,
    ]


def sweep(repository: Path, *extra: str, first: str = "HEAD~3") -> subprocess.CompletedProcess[str]:
    temporary = repository.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    done = subprocess.run(
        arguments(repository, *extra, first=first),
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHON": sys.executable, "TMPDIR": str(temporary)},
        timeout=120,
    )
    assert list(temporary.iterdir()) == [], "a checkout was left behind"
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    return done


@pytest.mark.thorough
def test_a_slower_commit_is_located(history):
    repository, hashes = history(("one", 1.0), ("two", 1.0), ("three", 1.2), ("four", 1.2))
    done = sweep(repository)
    assert done.returncode == 1, done.stderr
    assert f"first slower commit: {hashes['three']} three (x1." in done.stdout
    assert "also slower" not in done.stdout
    changes = re.findall(r"pairs\)  (\w+): (\w+)$", done.stdout, re.MULTILINE)
    assert changes == [("same", "two"), ("slower", "three"), ("same", "four")]


@pytest.mark.thorough
def test_equal_commits_give_none(history):
    repository, _ = history(("one", 1.0), ("two", 1.0), ("three", 1.0), ("four", 1.0))
    done = sweep(repository)
    assert done.returncode == 0, done.stderr
    assert "no commit is slower beyond noise" in done.stdout
    assert re.findall(r"pairs\)  (\w+)", done.stdout) == ["same"] * 3


@pytest.mark.thorough
def test_a_faster_commit_is_no_finding(history):
    repository, _ = history(("one", 1.0), ("two", 0.8), ("three", 0.8), ("four", 0.8))
    done = sweep(repository)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"pairs\)  (\w+)", done.stdout) == ["faster", "same", "same"]


@pytest.mark.thorough
def test_a_broken_commit_is_named_and_stepped_over(history):
    repository, hashes = history(("one", 1.0), ("two", None), ("three", 1.2), ("four", 1.2))
    done = sweep(repository)
    assert done.returncode == 1, done.stderr
    assert (
        f"stepped over: {hashes['two']} does not build: exit status 1: compiling keccakf --log-perms 4"
        in done.stdout
    )
    assert f"first slower commit: {hashes['three']} three (x1." in done.stdout
    assert f"against {hashes['one']})" in done.stdout
    assert f"it may also be {hashes['two']} just before it" in done.stdout


@pytest.mark.thorough
def test_a_broken_baseline_is_named_and_stepped_over(history):
    repository, hashes = history(("one", None), ("two", 1.0), ("three", 1.2), ("four", 1.2))
    done = sweep(repository)
    assert f"stepped over: {hashes['one']} does not build" in done.stdout
    assert f"first slower commit: {hashes['three']}" in done.stdout


@pytest.mark.thorough
def test_a_benchmark_that_fails_or_writes_nothing_usable_is_named(history):
    repository, hashes = history(("one", 1.0), ("two", 1.0), ("three", 0.0), ("four", 1.0))
    done = sweep(repository)
    assert done.returncode == 0, done.stderr
    expected = f"stepped over: {hashes['three']} does not run the benchmark: "
    expected += "its benchmark wrote no usable file: the headline takes 0.0 s"
    assert expected in done.stdout


@pytest.mark.thorough
def test_the_report_tells_commands_tables_and_findings(history):
    repository, hashes = history(("one", 1.0), ("two", None), ("three", 1.2), ("four | five", 1.2))
    sweep(repository, "--title", "Milestone 3: no slower", "--pairs", "8")
    text = (repository.parent / "report.md").read_text()
    assert text.startswith("# Milestone 3: no slower\n")
    for heading in ("Objective", "Scope", "Exit Criteria", "Validation Log", "Metrics", "Notes"):
        assert f"\n## {heading}\n" in text
    assert "slower than its neighbour beyond noise: **not met**" in text
    assert "- build: `echo compiling" in text
    assert f"- `{hashes['three']}`: build: pass; benchmark: pass, 24 runs" in text
    assert f"- `{hashes['two']}`: does not build: exit status 1" in text
    assert r"| four \| five | 2" in text
    span = re.search(r"^\| `proof/part` \| ([\d.]+) \| ([\d.]+) \| ([+\d.]+) \| ([+\d.]+)% \|$", text, re.M)
    before, after, delta, percent = (float(figure) for figure in span.groups())
    assert delta == pytest.approx(after - before, abs=0.02)
    assert percent == pytest.approx((after / before - 1) * 100, abs=0.02)
    assert 15 < percent < 25
    assert re.search(r"^  1\. `proof/part`: 1\d{3}\.\d\d ms, floor 600\.00 ms", text, re.M)


@pytest.mark.parametrize(
    ("revisions", "extra", "complaint"),
    [
        ("HEAD", [], "must be two revisions"),
        ("HEAD...HEAD~1", [], "must be two revisions"),
        ("HEAD..HEAD~1", [], "is the order right?"),
        ("nothing..HEAD", [], "git rev-parse"),
        ("HEAD~1..HEAD", ["--pairs", "5"], "fewer than 6 cannot tell"),
        ("HEAD~1..HEAD", ["--tolerance", "1"], "must be a share"),
        ("HEAD~1..HEAD", ["--markdown", ".", "--build", "exit 7"], "--markdown .: is a folder"),
        ("HEAD~1..HEAD", ["--markdown", "missing/x", "--build", "exit 7"], "there is no folder"),
        ("HEAD~1..HEAD", ["--build", "false"], "only 0 of 2 commits could be measured"),
    ],
)
def test_bad_input_is_refused(history, revisions, extra, complaint):
    repository, _ = history(("one", 1.0), ("two", 1.0))
    command = arguments(repository, *extra)
    command[1] = revisions
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, "PYTHON": sys.executable}
    )
    assert done.returncode == 2
    assert complaint in done.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_removes_the_checkouts(history, signum):
    repository, _ = history(("one", 1.0), ("two", 1.0))
    temporary = repository.parent / "temporary"
    temporary.mkdir()
    started = repository.parent / "started"
    command = arguments(repository, "--build", f"mktemp; echo $$ > {started}; sleep 600", first="HEAD~1")
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHON": sys.executable, "TMPDIR": str(temporary)},
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not (started.exists() and started.read_text().endswith("\n")):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert len(git(repository, "worktree", "list").splitlines()) == 2
        process.send_signal(signum)
        process.communicate(timeout=60)
    assert process.returncode == (130 if signum == signal.SIGINT else 128 + signum)
    assert list(temporary.iterdir()) == []
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_a_reader_that_leaves_does_not_cost_the_report(history):
    repository, hashes = history(("one", 1.0), ("two", 1.0))
    process = subprocess.Popen(
        arguments(repository, first="HEAD~1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHON": sys.executable},
        text=True,
    )
    with process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141
    assert f"- `{hashes['two']}`: build: pass" in (repository.parent / "report.md").read_text()


def test_ctrl_c_while_modules_load_is_one_line(tmp_path):
    # A module of the same name that is found first stands for a slow import.
    sweep_copy = tmp_path / "sweep"
    sweep_copy.mkdir()
    (sweep_copy / "__main__.py").write_text((SWEEP / "__main__.py").read_text())
    (sweep_copy / "command.py").write_text("raise KeyboardInterrupt")
    done = subprocess.run([sys.executable, sweep_copy], check=False, capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stderr == "bench_sweep: interrupted; the checkouts are removed\n"


@pytest.fixture(scope="module")
def figures():
    spec = importlib.util.spec_from_file_location("sweep_figures", SWEEP / "figures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "the content must be an object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"schema": true}', "schema is True"),
        ('{"schema": 1, "machine": []}', "machine must be an object"),
        ('{"schema": 1, "spans": []}', "spans must be an object"),
        ('{"schema": 1, "headline": ["a"], "spans": {"a": {"median_s": 1}}}', "headline must name one"),
        ('{"schema": 1, "headline": "a", "spans": {"a": {"median_s": 1e400}}}', "must be a number from 0"),
        ('{"schema": 1, "headline": "a", "spans": {"a": {"median_s": NaN}}}', "NaN is no number"),
        ('{"schema": 1, "headline": "a", "spans": {"a": {"median_s": true}}}', "must be a number from 0"),
        ('{"schema": 1, "headline": "a", "spans": {"a": {"median_s": 0}}}', "must be more than 0"),
        (
            '{"schema": 1, "headline": "a", "spans": {"a": {"median_s": 1}, "b": {}}}',
            "spans.b.median_s must be a number",
        ),
        ('{"schema": 1, "headline": "a", "spans": {"a": {"median_s": 1, "floor_s": "x"}}}', "a.floor_s must"),
    ],
)
def test_odd_files_of_a_benchmark_are_refused(figures, tmp_path, text, complaint):
    path = tmp_path / "bench.json"
    path.write_text(text)
    with pytest.raises(figures.FiguresError, match=complaint):
        figures.read_figures(path)


def test_intervals_are_those_of_the_binomial_tail(paired):
    # Six coins show six heads, or six tails, in 2/64 = 3.1 %; nine show at most one head or tail in 20/512.
    assert paired.median_interval([6, 1, 5, 2, 4, 3]) == (1, 6)
    assert paired.median_interval(range(8)) == (0, 7)
    assert paired.median_interval(range(9)) == (1, 7)
    with pytest.raises(ValueError, match="5 values cannot give an interval of 95%; 6 can"):
        paired.median_interval(range(5))
    for n in (6, 11, 20):
        low, high = paired.median_interval(range(1, n + 1))
        outside = 2 * sum(math.comb(n, below) for below in range(low)) / 2**n
        assert outside <= 0.05 < outside + 2 * math.comb(n, low) / 2**n
        assert low + high == n + 1


def test_the_rule_on_pairs_worked_out_by_hand(paired):
    before = [1.0] * 10
    # One pair of ten may point the other way, two may not.
    assert paired.Pairs(before, [1.2] * 9 + [0.5]).change(0.02) == "slower"
    assert paired.Pairs(before, [1.2] * 8 + [0.5] * 2).change(0.02) == "same"
    assert paired.Pairs(before, [1.01] * 10).change(0.02) == "same"
    assert paired.Pairs(before, [1.01] * 10).change(0.0) == "slower"
    assert paired.Pairs(before, [0.8] * 10).change(0.02) == "faster"
    assert paired.Pairs(before, before).change(0.0) == "same"
    # Drift that both of a pair share does not count.
    drift = [1.0 + 0.1 * i for i in range(10)]
    assert paired.Pairs(drift, [1.1 * seconds for seconds in drift]).change(0.02) == "slower"


def test_equal_builds_rarely_look_slower(paired):
    rng = random.Random(1)
    looks = 0
    for _ in range(2000):
        seconds = [rng.gauss(1, 0.05) for _ in range(20)]
        looks += paired.Pairs(seconds[:10], seconds[10:]).change(0.0) == "slower"
    # The tail: 11 of 1024, one side.
    assert looks / 2000 == pytest.approx(11 / 1024, abs=0.006)
