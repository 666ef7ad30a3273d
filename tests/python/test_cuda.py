"""The cuda backend where it cannot work: what it says, and what is chosen instead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import openswirl as sw
import pytest
import support

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="CUDA exists on Linux")


def run(script: str, *arguments: str, **environment: str) -> dict:
    """Runs a script in a process of its own, because a process looks for the driver once."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENSWIRL_CUDA_DRIVER": "/nowhere/libcuda.so.1", **environment},
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_machine_without_a_driver():
    found = run("""
        import json, openswirl as sw
        print(json.dumps([[d.name, d.available, d.reason] for d in sw.devices()]))
    """)
    assert found[0][:2] == ["cpu", True]
    (cuda,) = [entry for entry in found if entry[0] == "cuda"]
    assert not cuda[1]
    assert cuda[2].startswith("no NVIDIA driver: /nowhere/libcuda.so.1")


def test_only_a_named_device_fails_without_a_driver():
    found = run(
        """
        import json, sys, warnings
        warnings.simplefilter("ignore")
        import openswirl as sw
        case = sw.cases.load(sys.argv[1], "cpu")
        errors = {}
        for device in ("cuda", "cuda:1"):
            try:
                sw.prove(case.pk, case.traces, device=device)
            except sw.DeviceError as error:
                errors[device] = str(error)
        print(json.dumps([errors, sw.prove(case.pk, case.traces).report.device]))
        """,
        str(support.vectors_folder() / "fib_h3"),
    )
    errors, chosen = found
    assert chosen == "cpu"
    assert errors.keys() == {"cuda", "cuda:1"}
    for text in errors.values():
        assert "no NVIDIA driver: /nowhere/libcuda.so.1" in text


def test_the_compiler_is_looked_for_in_installed_packages(tmp_path, monkeypatch):
    devices = sys.modules[sw.Device.__module__]  # sw.devices is the function
    folder = tmp_path / "nvidia" / "cuda_nvrtc" / "lib"
    folder.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", ".", *sys.path])
    assert devices._library_folders().count(str(folder)) == 1
    assert all(os.path.isabs(found) for found in devices._library_folders())
