"""The vector kernels of every instruction set of this machine, each in a process that OPENSWIRL_CPU limits to it."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import textwrap

import pytest
import support
from openswirl import _core

CASES = ("mixture_h3", "random_1", "keccakf_2")
SETS = ("scalar", "avx2", "avx512", "avx512ifma", "neon")

PROVE = """
    import json, sys, warnings
    warnings.simplefilter("ignore")
    import openswirl as sw
    cpu = next(device for device in sw.devices() if device.backend == "cpu")
    equal = {}
    for folder in sys.argv[1:]:
        case = sw.cases.load(folder, "cpu")
        equal[case.name] = sw.prove(case.pk, case.traces, device="cpu").to_bytes() == case.proof_bytes
    print(json.dumps({"description": cpu.description, "equal": equal}))
"""


def run(name: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "OPENSWIRL_CPU": name},
    )


@functools.cache
def available() -> tuple[str, ...]:
    return tuple(_core.cpu_kernels())


def test_listing():
    assert available()[-1] == "scalar"
    assert set(available()) <= set(SETS)


@pytest.mark.parametrize("name", SETS)
def test_proofs(name):
    if name not in available():
        pytest.skip(f"this machine has no {name}")
    folders = [str(support.vectors_folder() / case) for case in CASES]
    done = run(name, "-c", textwrap.dedent(PROVE), *folders)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["equal"] == dict.fromkeys(CASES, True)
    assert result["description"].split(", ")[-1] == name


@pytest.mark.parametrize("name", SETS)
def test_doctor_names_the_set(name):
    if name not in available():
        pytest.skip(f"this machine has no {name}")
    done = run(name, "-m", "openswirl", "doctor", "--device", "cpu", "--json")
    assert done.returncode == 0, done.stderr
    (check,) = json.loads(done.stdout)["checks"]
    assert check["ok"]
    assert f", {name}: self test" in check["detail"]


@pytest.mark.parametrize("name", ["sse9", next(name for name in SETS if name not in available())])
def test_a_set_that_the_machine_lacks(name):
    reason = (
        f"OPENSWIRL_CPU={name} is not an instruction set of this machine; it has {', '.join(available())}"
    )
    done = run(name, "-m", "openswirl", "devices", "--json")
    assert done.returncode == 0
    listed = {device["name"]: device for device in json.loads(done.stdout)}
    assert (listed["cpu"]["available"], listed["cpu"]["reason"]) == (False, reason)
    assert listed["reference"]["available"]
    done = run(name, "-m", "openswirl", "prove", "fibonacci", "--device", "cpu")
    assert done.returncode == 5
    assert reason in done.stderr
    done = run(name, "-m", "openswirl", "doctor", "--json")
    assert done.returncode == 5, done.stderr
    report = json.loads(done.stdout)
    checks = {check["check"]: check for check in report["checks"]}
    assert (report["ok"], report["cpu_kernels"]) == (False, [])
    assert checks["cpu kernels"] == {"check": "cpu kernels", "ok": False, "detail": reason}
    assert (checks["device cpu"]["ok"], checks["device cpu"]["detail"]) == (False, reason)
    assert checks["device reference"]["ok"]
    done = run(name, "-m", "openswirl", "doctor")
    assert done.returncode == 5
    assert "cpu kernels" in done.stdout
    assert "FAILED" in done.stdout
