#!/usr/bin/env python3
"""Cross-compiles the core library, the CPU plugin and C++ test programs with zig's C++ compiler (the `ziglang` wheel).

Usage: tools/cross_compile.py aarch64-linux-gnu.2.28|aarch64-macos.14.0 BUILD_DIR [TEST ...]
  TEST     names of test programs without _test, such as hash: built into BUILD_DIR/tests/cpp
Needs cmake, ninja and `pip install ziglang`, and for tests the sources of GoogleTest, which it unpacks from PyPI.
Prints the built files; exits non-zero if any step fails.
"""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import googletest

ROOT = Path(__file__).resolve().parent.parent


def wrapper(folder: Path, name: str, arguments: str) -> Path:
    """A one-line program: cmake wants each tool as a single path."""
    path = folder / name
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ziglang {arguments} "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def toolchain(target: str, folder: Path) -> Path:
    system = "Darwin" if "macos" in target else "Linux"
    settings = {
        "CMAKE_SYSTEM_NAME": system,
        "CMAKE_SYSTEM_PROCESSOR": "arm64" if system == "Darwin" else "aarch64",
        "CMAKE_CXX_COMPILER": wrapper(folder, "zig-cxx", f"c++ -target {target}"),
        "CMAKE_AR": wrapper(folder, "zig-ar", "ar"),
        "CMAKE_RANLIB": wrapper(folder, "zig-ranlib", "ranlib"),
    }
    if system == "Darwin":
        # zig carries the system headers and library stubs itself; there is no SDK and no install_name_tool.
        settings["CMAKE_OSX_SYSROOT"] = ""
        settings["CMAKE_OSX_ARCHITECTURES"] = "arm64"
        settings["CMAKE_INSTALL_NAME_TOOL"] = "true"
    path = folder / "toolchain.cmake"
    path.write_text("".join(f'set({key} "{value}")\n' for key, value in settings.items()))
    return path


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    target, build, tests = sys.argv[1], Path(sys.argv[2]).resolve(), sys.argv[3:]
    build.mkdir(parents=True, exist_ok=True)
    options = []
    if tests:
        sources = googletest.unpack(ROOT / "build-tests" / "googletest")
        options = ["-DOPENSWIRL_TESTS=ON", f"-DOPENSWIRL_GOOGLETEST={sources}"]
    subprocess.run(
        [
            "cmake",
            "-S",
            ROOT,
            "-B",
            build,
            "-G",
            "Ninja",
            f"-DCMAKE_TOOLCHAIN_FILE={toolchain(target, build)}",
            *options,
        ],
        check=True,
    )
    programs = [f"{name}_test" for name in tests]
    subprocess.run(["ninja", "-C", build, "openswirl", "openswirl_cpu", *programs], check=True)
    built = sorted(p for p in build.iterdir() if p.name.startswith("libopenswirl"))
    built += [build / "tests" / "cpp" / program for program in programs]
    print("\n".join(f"{target}: {p.name} ({p.stat().st_size} bytes)" for p in built))
    return 0 if len(built) >= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
