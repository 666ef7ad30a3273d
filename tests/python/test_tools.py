"""The checks of tools/ see what they are for, and the documents name files that exist."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys

import pytest
import support


def load_tool(name, monkeypatch):
    monkeypatch.syspath_prepend(str(support.REPOSITORY / "tools"))
    spec = importlib.util.spec_from_file_location(name, support.REPOSITORY / f"tools/{name}.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)  # where dataclasses look up their annotations
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def check_includes(monkeypatch):
    return load_tool("check_includes", monkeypatch)


@pytest.fixture
def run_suites(monkeypatch):
    return load_tool("run_suites", monkeypatch)


def test_include_directions_hold(check_includes):
    assert check_includes.main() == 0


@pytest.mark.parametrize(
    ("file", "included"),
    [
        ("cpp/verifier/planted.h", "stages/merkle.h"),
        ("cpp/verifier/planted.h", "runtime/context.h"),
        ("cpp/protocol/planted.h", "codec/bytes.h"),
        ("cpp/stages/planted.h", "backend/backend.h"),
        ("backends/cpu/planted.h", "transcript/transcript.h"),
        ("backends/cpu/planted.h", "reference/backend.h"),
        ("backends/reference/planted.h", "stages/merkle.h"),
        ("backends/cpu/planted.h", "sstream"),
        ("cpp/stages/planted.h", "iostream"),
        ("cpp/bindings/planted.h", "streambuf"),
        ("cpp/include/planted.h", "syncstream"),
    ],
)
def test_forbidden_includes_are_found(check_includes, tmp_path, monkeypatch, file, included):
    below = check_includes.rooms_below()
    for folder in ("cpp", "backends/cpu", "backends/reference"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(check_includes, "ROOT", tmp_path)
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text("#include <vector>\n")
    assert check_includes.violations(below) == []
    planted.write_text(f'#include <vector>\n#include "{included}"\n')
    assert check_includes.violations(below) == [f'{file}:2: may not include "{included}"']


def test_protocol_map_names_files_that_exist():
    text = (support.REPOSITORY / "docs/protocol-map.md").read_text()
    patterns = [path for quoted in re.findall(r"`([\w/{},.*-]+)`", text) for path in support.expand(quoted)]
    assert len(patterns) > 60
    missing = [pattern for pattern in patterns if not list(support.REPOSITORY.glob(pattern))]
    # `preamble`, `fractions`, ... are the files of cpp/schedule.
    assert [name for name in missing if not (support.REPOSITORY / f"cpp/schedule/{name}.cpp").exists()] == []


@pytest.mark.parametrize(
    ("suite", "passed", "problem"),
    [
        ("cpp/stages", 30, ""),
        (
            "cpp/stages",
            29,
            "30 tests recorded; if some were removed on purpose, tools/run_suites.py --record",
        ),
        ("cpp/stages", 31, ""),
        ("cpp/stages@scalar", 30, ""),
        ("cpp/stages@scalar", 29, "30 tests recorded; .*"),
        ("cpp/unknown", 5, "no count recorded: add it with tools/run_suites.py --record"),
        ("cpp/unknown@avx2", 5, "no count recorded: .*"),
        ("cpp/unknown", 0, "no tests"),
    ],
)
def test_counts_below_the_record_are_problems(run_suites, suite, passed, problem):
    outcome = run_suites.Outcome(passed, 0, True)
    found = run_suites.problem_with(suite, outcome, {"cpp/stages": 30}, record=False)
    assert re.fullmatch(problem, found)


def test_skipped_tests_count(run_suites):
    outcome = run_suites.Outcome(28, 0, True, skipped=2)
    assert run_suites.problem_with("python", outcome, {"python": 30}, record=False) == ""


@pytest.mark.parametrize("record", [False, True])
@pytest.mark.parametrize(("failed", "problem"), [(1, "1 of them"), (0, "the program ended with an error")])
def test_a_failed_suite_is_a_problem_whatever_its_count(run_suites, record, failed, problem):
    outcome = run_suites.Outcome(30 - failed, failed, False)
    assert run_suites.problem_with("python", outcome, {"python": 30}, record=record) == problem


def test_recording_accepts_any_count_but_none(run_suites):
    for passed, problem in ((7, ""), (0, "no tests")):
        outcome = run_suites.Outcome(passed, 0, True)
        assert run_suites.problem_with("new", outcome, {}, record=True) == problem


@pytest.mark.parametrize(
    ("arguments", "suites"),
    [
        ({}, {"cpp/field", "python", "conformance"}),
        (
            {"slow": True},
            {
                "cpp/field",
                "python",
                "conformance",
                "slow",
                "slow/gpu",
                "threads/runtime",
                "metal/fake_metal",
            },
        ),
        ({"slow": True, "suite": ["python"]}, {"python", "slow"}),
        ({"fast": True}, {"python-fast", "conformance-fast"}),
        ({"fast": True, "suite": ["python"]}, {"python-fast"}),
        ({"suite": ["cpp"]}, {"cpp/field"}),
        ({"sanitize": "address"}, {"sanitize/field"}),
        ({"sanitize": "thread"}, {"threads/runtime"}),
        ({"sanitize": "metal"}, {"metal/fake_metal"}),
    ],
)
def test_which_recorded_suites_a_run_must_have(run_suites, monkeypatch, arguments, suites):
    monkeypatch.setattr(run_suites, "FAKE_METAL", True)
    options = argparse.Namespace(**{"fast": False, "slow": False, "suite": [], "sanitize": None, **arguments})
    recorded = [
        "cpp/field",
        "sanitize/field",
        "threads/runtime",
        "metal/fake_metal",
        "python",
        "python-fast",
        "conformance",
        "conformance-fast",
        "slow",
        "slow/gpu",
    ]
    assert {suite for suite in recorded if run_suites.belongs_to_run(suite, options)} == suites


def recorded_after(run_suites, monkeypatch, tmp_path, *options):
    """The exit status of a fast run of invented suites, and the record after it."""
    counts = tmp_path / "recorded_counts.json"
    counts.write_text(json.dumps({"gone-fast": 4, "python-fast": 3, "slow": 5}))
    monkeypatch.setattr(run_suites, "COUNTS", counts)
    monkeypatch.setattr(run_suites, "ROOT", tmp_path)
    monkeypatch.setattr(run_suites, "PYTHON_SUITES", {"python": "", "conformance": ""})
    monkeypatch.setattr(
        run_suites, "belongs_to_run", lambda suite, options: suite.endswith("-fast") and options.fast
    )
    outcomes = {
        "python-fast": run_suites.Outcome(4, 0, True),
        "conformance-fast": run_suites.Outcome(9, 1, False),
    }
    monkeypatch.setattr(run_suites, "run_pytest", lambda suite, *_: outcomes[suite])
    monkeypatch.setattr(sys, "argv", ["run_suites.py", "--fast", *options])
    return run_suites.main(), json.loads(counts.read_text())


def test_a_run_names_what_is_wrong_and_leaves_the_record(run_suites, monkeypatch, tmp_path, capsys):
    status, recorded = recorded_after(run_suites, monkeypatch, tmp_path)
    assert (status, recorded) == (1, {"gone-fast": 4, "python-fast": 3, "slow": 5})
    printed = capsys.readouterr().out
    assert re.search(r"^gone-fast +FAILED: did not run, 4 tests recorded", printed, re.MULTILINE)
    assert re.search(r"^python-fast +4 tests  ok$", printed, re.MULTILINE)
    assert re.search(r"^conformance-fast +10 tests  FAILED: 1 of them$", printed, re.MULTILINE)


def test_recording_takes_suites_that_pass_and_drops_those_that_are_gone(run_suites, monkeypatch, tmp_path):
    status, recorded = recorded_after(run_suites, monkeypatch, tmp_path, "--record")
    assert (status, recorded) == (1, {"python-fast": 4, "slow": 5})


def test_figures_of_a_suite_are_read_from_its_report(run_suites, monkeypatch, tmp_path):
    (tmp_path / "test_figures.py").write_text(
        "def test_one(record_property):\n    record_property('seconds', 1.5)\n"
    )
    monkeypatch.setattr(run_suites, "ROOT", tmp_path)
    (tmp_path / "tests").mkdir()
    outcome = run_suites.run_pytest("planted", "test_figures.py", "not slow")
    assert (outcome.passed, outcome.ok, outcome.figures) == (1, True, (("test_one", "seconds", "1.5"),))


STEPS = 'for step in $(seq 1 40); do echo "  [$step/40] Building CXX object"; done'


def progress(script: str, **streams) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, support.REPOSITORY / "tools/progress.py", "core", "sh", "-c", script]
    return subprocess.run(command, check=False, timeout=60, **({"capture_output": True} | streams))


def test_progress_where_nobody_watches():
    done = progress(f"echo resolving; {STEPS}; echo Successfully installed")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode().splitlines() == [f"core: step {step} of 40" for step in (10, 20, 30, 40)]


def test_progress_of_pytest():
    dots = "for part in 20 50 100; do printf '........ [%3d%%]\\n' $part; done"
    done = progress(f"{dots}; echo '3 passed'")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode().splitlines() == ["core: 50 %", "core: 100 %"]
    failures = "echo '=== FAILURES ==='; seq 1 400; echo 'FAILED test_a.py::test_b'"
    done = progress(f"{dots}; {failures}; exit 1")
    said = done.stderr.decode().splitlines()[2:]
    assert said[:2] == ["=== FAILURES ===", "1"]
    assert said[-2:] == ["FAILED test_a.py::test_b", ""]
    assert "... 103 lines" in said
    assert len(said) == 301


def test_progress_on_a_terminal():
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    done = progress(f"{STEPS}; sleep 1.2", capture_output=False, stdout=slave, stderr=slave)
    os.close(slave)
    seen = os.read(master, 1 << 16).decode()
    os.close(master)
    assert done.returncode == 0
    assert "\rcore: preparing, 0:00" in seen
    assert "\rcore: step 40 of 40, 0:01" in seen
    assert seen.endswith("\r\x1b[K"), "the line is gone"
    assert "\n" not in seen


def test_progress_shows_what_failed_and_no_more():
    script = f"{STEPS}; echo 'FAILED: a.o'; echo 'a.cpp:3: error: no'; echo '[41/44] Building'; exit 7"
    done = progress(script)
    assert done.returncode == 7
    assert done.stderr.decode().splitlines()[4:] == [
        "FAILED: a.o",
        "a.cpp:3: error: no",
        "[41/44] Building",
        "",
    ]
    done = progress("echo one; echo two; exit 3")
    assert (done.returncode, done.stderr.decode().split()) == (3, ["one", "two"])
    assert progress("kill -9 $$").returncode == 137


def test_every_folder_is_in_the_list_of_rooms():
    text = (support.REPOSITORY / "docs/architecture.md").read_text()
    (listing,) = re.findall(r"^## Rooms\n+```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    listed = re.findall(r"^(\S+)/ ", listing, re.MULTILINE)
    assert [room for room in listed if not (support.REPOSITORY / room).is_dir()] == []
    folders = [
        folder
        for parent in ("cpp", "backends", "tests")
        for folder in sorted((support.REPOSITORY / parent).iterdir())
        if not folder.name.startswith(".")
        and any(path.suffix != ".pyc" and path.is_file() for path in folder.rglob("*"))
    ]
    assert len(folders) > 30
    named = {support.REPOSITORY.joinpath(*room.split("/")[:2]) for room in listed}
    assert [str(folder) for folder in folders if folder not in named] == []
