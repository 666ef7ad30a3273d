"""The installed package: import time, stubs, headers, metadata."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import openswirl as sw
import pytest
from openswirl import _core
from openswirl.devices import package_folder


def test_import_time():
    """Under 0.2 s; the best of five, since the machine may be busy."""
    script = "import time; t = time.perf_counter(); import openswirl; print(time.perf_counter() - t)"
    times = [
        float(
            subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
        )
        for _ in range(5)
    ]
    assert min(times) < 0.2


def test_import_is_quiet_and_lazy():
    script = "import sys, openswirl; print([m for m in ('click', 'rich', 'importlib.metadata') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert ast.literal_eval(done.stdout) == []


def test_typed():
    folder = Path(sw.__file__).parent
    assert (folder / "py.typed").exists()
    stub = ast.parse((package_folder() / "_core.pyi").read_text())
    declared = {node.name for node in stub.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    declared |= {node.target.id for node in stub.body if isinstance(node, ast.AnnAssign)}
    public = {name for name in dir(_core) if not name.startswith("_")}
    assert public <= declared


def test_everything_public_is_documented():
    assert sw.__doc__
    for name in sw.__all__:
        value = getattr(sw, name)
        if callable(value):
            assert value.__doc__, name


def test_names_that_others_script_against():
    names = """keygen Trace prove Prover verify devices cases commit check Proof VerifyingKey ProvingKey SystemParams
        Error FormatError VerificationError KeygenError ExpressionError ColumnError InputError UnbalancedBusError
        DeviceError OutOfMemory Cancelled Timeout CancelToken sum"""
    assert set(names.split()) <= set(sw.__all__)
    assert set(sw.__all__) <= set(dir(sw))


def test_installed_headers_and_cmake_package():
    folder = package_folder()
    assert (sw.cmake_dir() / "openswirl-config.cmake").is_file()
    for name in ("openswirl/plugin.h", "openswirl/build_id.h", "backend/backend.h", "runtime/context.h"):
        assert (folder / "include" / name).is_file()
    assert _core.build_id in (folder / "include/openswirl/build_id.h").read_text()
    done = subprocess.run(
        [sys.executable, "-m", "openswirl", "--cmake-dir"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(sw.cmake_dir())


@pytest.fixture
def distribution():
    try:
        return importlib.metadata.distribution("openswirl")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("openswirl is not installed as a package")


def test_one_wheel_serves_every_python(distribution):
    assert ".abi3." in Path(_core.__file__).name
    tags = re.findall(r"^Tag: (.+)$", distribution.read_text("WHEEL"), re.MULTILINE)
    assert tags
    assert all(tag.startswith("cp310-abi3-") for tag in tags)


def test_types_are_shipped(distribution):
    shipped = {str(path) for path in distribution.files}
    assert {"openswirl/_core.pyi", "openswirl/py.typed"} <= shipped


def test_plugins_are_where_nobody_else_writes():
    for path in (package_folder() / "backends").iterdir():
        assert os.stat(path).st_mode & 0o002 == 0


def test_version():
    try:
        installed = importlib.metadata.version("openswirl")
    except importlib.metadata.PackageNotFoundError:
        installed = sw.__version__
    assert sw.__version__ == installed == _core.version
