"""What tools/ installs and unpacks for the tests: when it does so again, and what it says when it cannot."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import types
import zipfile

import pytest
import support

FOLDERS = ("cpp", "backends", "metal", "python/openswirl")


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose .venv only writes down what it is asked to do; it fails if there is a file `broken`."""
    for folder in (*FOLDERS, "tools", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("cpp/a.cpp", "cpp/b.cpp", "python/openswirl/air.py", "pyproject.toml", "CMakeLists.txt"):
        (tmp_path / file).touch()
    shutil.copy(support.REPOSITORY / "tools/setup_venv.sh", tmp_path / "tools")
    (tmp_path / "tools/test").write_text('EXTRAS=[test]\n. "$(dirname "$0")/setup_venv.sh"\n')
    python = tmp_path / ".venv/bin/python"
    python.write_text('#!/bin/sh\necho "$@" >> asked\n[ ! -e broken ]\n')
    python.chmod(0o755)
    return tmp_path


def installs(checkout) -> bool:
    asked = checkout / "asked"
    asked.unlink(missing_ok=True)
    done = subprocess.run(["sh", checkout / "tools/test"], capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == (checkout / "broken").exists(), done.stderr
    assert asked.exists() == ("installing openswirl" in done.stderr)
    return asked.exists()


def test_installs_once(checkout):
    assert installs(checkout)
    tools, package = (checkout / "asked").read_text().splitlines()
    assert tools == "-m pip install --quiet --disable-pip-version-check cmake>=3.25 ninja>=1.11"
    assert package.startswith("tools/progress.py openswirl env PATH=")
    assert package.endswith(
        " SKBUILD_BUILD_DIR=build-tests .venv/bin/python -m pip install -v --disable-pip-version-check .[test]"
    )
    assert not installs(checkout)


@pytest.mark.parametrize("change", ["changed", "added", "removed", "renamed"])
def test_installs_again_when_a_source_is(checkout, change):
    assert installs(checkout)
    source = checkout / "cpp/a.cpp"
    if change == "changed":
        later = (checkout / ".venv/.installed-[test]").stat().st_mtime + 10
        os.utime(source, (later, later))
    elif change == "added":
        shutil.copy2(source, checkout / "backends/c.cpp")  # with its old time
    elif change == "removed":
        source.unlink()
    else:
        source.rename(checkout / "cpp/z.cpp")
    assert installs(checkout)


def test_compiled_python_is_no_source(checkout):
    assert installs(checkout)
    (checkout / "python/openswirl/__pycache__").mkdir()
    (checkout / "python/openswirl/__pycache__/air.pyc").touch()
    assert not installs(checkout)


def test_a_failed_install_is_repeated(checkout):
    (checkout / "broken").touch()
    assert installs(checkout)
    (checkout / "broken").unlink()
    assert installs(checkout)
    assert not installs(checkout)


@pytest.mark.parametrize("code", [0, 3])
def test_the_demo_says_what_comes_next(checkout, code):
    shutil.copy(support.REPOSITORY / "tools/demo", checkout / "tools")
    command = checkout / ".venv/bin/openswirl"
    command.write_text(f'#!/bin/sh\necho "$@"\nexit {code}\n')
    command.chmod(0o755)
    words = ["sh", checkout / "tools/demo", "--log-perms", "4", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, "prove keccakf --log-perms 4 --json\n")
    last = done.stderr.splitlines()[-1]
    assert (last == "next: .venv/bin/openswirl --help, docs/user-guide.md") == (code == 0)


@pytest.fixture
def googletest(monkeypatch, tmp_path):
    """The tool's wheel, with downloads that give one of two files; the requirement is a file of the test's."""
    monkeypatch.syspath_prepend(str(support.REPOSITORY / "tools"))
    tool = importlib.import_module("googletest")
    pinned_wheel = importlib.import_module("pinned_wheel")
    requirement = tmp_path / "googletest.txt"
    requirement.write_text("pinned 1")

    def download(self, temporary, folder):
        wheel = temporary / "made.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            inside = "made.data/data/src/gtest_vendor"
            archive.writestr(f"{inside}/src/gtest-all.cc", requirement.read_text())
            archive.writestr(f"{inside}/include/gtest/gtest.h", "")
        return wheel

    real_download = pinned_wheel.PinnedWheel.download
    monkeypatch.setattr(pinned_wheel.PinnedWheel, "download", download)
    wheel = dataclasses.replace(tool.GOOGLETEST, requirement=requirement)
    return types.SimpleNamespace(
        unpack=wheel.unpack,
        requirement=requirement,
        download_for_real=lambda: monkeypatch.setattr(pinned_wheel.PinnedWheel, "download", real_download),
        DownloadError=pinned_wheel.DownloadError,
        FolderError=pinned_wheel.FolderError,
    )


def test_googletest_is_unpacked_once_and_replaced_as_a_whole(googletest, tmp_path):
    folder = tmp_path / "deep" / "googletest"
    assert googletest.unpack(folder) == folder
    (folder / "src/left-over.cc").touch()
    googletest.unpack(folder)
    assert (folder / "src/left-over.cc").exists()
    googletest.requirement.write_text("pinned 2")
    googletest.unpack(folder)
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        "googletest.txt", "gtest-all.cc", "gtest.h",
    ]  # fmt: skip
    assert (folder / "src/gtest-all.cc").read_text() == "pinned 2"


def test_an_interrupted_copy_is_made_anew(googletest, tmp_path, monkeypatch):
    folder = tmp_path / "googletest"

    def interrupted(source, target):
        target.mkdir()
        (target / "half").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copytree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            googletest.unpack(folder)
    assert not folder.exists()
    googletest.unpack(folder)
    assert not (folder / "half").exists()


def test_a_folder_of_somebody_else_is_left_alone(googletest, tmp_path):
    folder = tmp_path / "precious"
    folder.mkdir()
    (folder / "thesis.tex").touch()
    with pytest.raises(googletest.FolderError, match="precious is not empty .* remove it, or name another"):
        googletest.unpack(folder)
    assert (folder / "thesis.tex").exists()


@pytest.mark.parametrize("tool", ["googletest.py", "metal_cpp.py"])
def test_an_option_is_no_folder(tool, tmp_path):
    command = [sys.executable, support.REPOSITORY / "tools" / tool, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "Usage:" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_metal_cpp_is_the_version_of_the_build_requirement():
    pinned = (support.REPOSITORY / "tools/metal_cpp.txt").read_text()
    required = (support.REPOSITORY / "pyproject.toml").read_text()
    (version,) = re.findall(r"^mlx-metal==(\S+) --hash", pinned, re.M)
    assert re.findall(r"mlx-metal==([\d.]+)", required) == [version]


def test_metal_cpp_is_found_where_python_imports_from(tmp_path):
    command = [sys.executable, support.REPOSITORY / "tools/metal_cpp.py", "--installed"]
    header = tmp_path / "mlx/include/metal_cpp/Metal/Metal.hpp"
    header.parent.mkdir(parents=True)
    header.touch()
    found = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(tmp_path)}
    )
    assert found.stdout.strip() == str(tmp_path / "mlx/include/metal_cpp")


def test_without_pip_the_error_says_how_to_get_it(googletest, tmp_path, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pip" else find_spec(name))
    googletest.download_for_real()
    with pytest.raises(googletest.DownloadError, match="has no pip.*\n.* -m ensurepip\n"):
        googletest.unpack(tmp_path / "googletest")
