"""The scripts of tests/hardware where there is no hardware: on the emulator, briefly."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import support

SCRIPTS = support.TESTS / "hardware"


def run(name: str, *arguments: str, minutes: float = 5) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPTS / name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * minutes,
        env={**os.environ, "OPENSWIRL_CUDA_DRIVER": "/none/libcuda.so.1"},
    )


def test_lockstep_of_random_cases():
    done = run("random_cases.py", "--device", "sim", "--cases", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("3 cases without a difference")


def test_lockstep_names_the_case_that_fails():
    done = run("random_cases.py", "--device", "none", "--cases", "3", "--first", "5")
    assert done.returncode == 1
    assert done.stdout.startswith("seed 5: DeviceError: ")


@pytest.mark.slow
def test_lockstep_of_200_random_cases():
    done = run("random_cases.py", "--device", "sim", "--cases", "200", minutes=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n200 cases without a difference" in done.stdout


def test_the_first_hour(tmp_path):
    report = tmp_path / "report.txt"
    chosen = ("machine", "devices", "kernel tables", "known answers", "lockstep mixture_h3")
    done = run("first_hour.py", "--device", "sim", "--report", str(report), "--only", *chosen)
    assert done.returncode == 0, done.stdout + done.stderr + report.read_text()
    lines = done.stdout.splitlines()
    assert [line[:40].rstrip() for line in lines[:-1]] == list(chosen)
    outcomes = [line[40:].strip() for line in lines[:-1]]
    if sys.platform != "darwin":
        assert outcomes[0] == "skipped: needs macOS"
    assert all(outcome.startswith("ok, ") for outcome in outcomes[1:])
    assert lines[-1] == f"5 steps, 0 failed; the report is {report}"
    text = report.read_text()
    assert "device sim" in text
    assert "OPENSWIRL_HOST_TAIL=off" in text, "what a step was run with"


def test_the_first_hour_counts_failures(tmp_path):
    report = tmp_path / "report.txt"
    done = run(
        "first_hour.py", "--device", "none", "--report", str(report), "--only", "devices", "known answers"
    )
    assert done.returncode == 1
    assert "2 steps, 1 failed" in done.stdout
    assert "FAILED with status 5" in report.read_text()


def test_the_first_hour_knows_its_steps(tmp_path):
    done = run("first_hour.py", "--report", str(tmp_path / "report.txt"), "--only", "devises")
    assert done.returncode == 2
    assert "no step 'devises'" in done.stderr
