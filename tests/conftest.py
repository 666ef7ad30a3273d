"""Options and fixtures of every Python suite."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import support


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        action="append",
        help="a device to test; may be given several times (default: reference and cpu, where present)",
    )
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow")


def pytest_configure(config: pytest.Config) -> None:
    # What "auto" is must not depend on the machine, unless a GPU is what is tested.
    if not any(device.startswith("cuda") for device in config.getoption("--device") or ()):
        os.environ.setdefault("OPENSWIRL_CUDA_DRIVER", "/none/libcuda.so.1")
    # A shell starts background jobs with SIGINT ignored, nohup with SIGHUP: tested programs would inherit that.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def tested_devices(config: pytest.Config) -> list[str]:
    asked = config.getoption("--device")
    return list(asked) if asked else ["reference", "cpu"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "device" in metafunc.fixturenames:
        metafunc.parametrize("device", tested_devices(metafunc.config))
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", support.case_names())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        # These compile, which takes longer than all that the fast subset runs.
        if "plugins" in getattr(item, "fixturenames", ()):
            item.add_marker("thorough")
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="needs --slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


def pytest_unconfigure() -> None:
    support.remove_vectors()


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of the extracted test vectors."""
    return support.vectors_folder()


def tool(name: str) -> str:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else name


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The plugins of tests/plugin_example by name, built against the installed package."""
    folder = tmp_path_factory.mktemp("plugins")
    cmake_dir = subprocess.run(
        [sys.executable, "-m", "openswirl", "--cmake-dir"], capture_output=True, text=True, check=True
    ).stdout.strip()
    configure = [
        tool("cmake"),
        "-S",
        str(support.TESTS / "plugin_example"),
        "-B",
        str(folder),
        f"-Dopenswirl_DIR={cmake_dir}",
    ]
    if shutil.which(tool("ninja")):
        configure += ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={shutil.which(tool('ninja'))}"]
    for command in (configure, [tool("cmake"), "--build", str(folder), "--parallel", "2"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return {
        path.name.removeprefix("libopenswirl_").removesuffix(".so"): path
        for path in folder.glob("libopenswirl_*.so")
    }
