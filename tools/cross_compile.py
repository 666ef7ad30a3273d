#!/usr/bin/env python3
"""Cross-compiles the core library, the CPU plugin and C++ test programs with zig's C++ compiler (the `ziglang` wheel);
for macOS the Metal plugin and the Python extension too, and checks what they export and load.

Usage: tools/cross_compile.py [--apart] aarch64-linux-gnu.2.28|aarch64-macos.14.0 BUILD_DIR [TEST ...]
  --apart  compiles every source by itself, as installations do, which takes twice as long: shows that each includes
           what it needs, with clang and its library too
  TEST     names of test programs without _test, such as hash: built into BUILD_DIR/tests/cpp
Needs cmake, ninja and `pip install ziglang`, for macOS nanobind too; unpacks from PyPI the sources of GoogleTest for
tests, and the headers of metal-cpp for macOS. Prints the built files; exits non-zero if any step fails.
"""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import macho
from googletest import GOOGLETEST
from metal_cpp import METAL_CPP

#: All that other libraries may see of a plugin.
PLUGIN_EXPORTS = {"_openswirl_plugin_info", "_openswirl_plugin_register"}
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


def macos_options(build: Path) -> list[str]:
    """What a build for macOS needs beside a compiler: headers of metal-cpp, stand-ins for Apple's, and link stubs."""
    stubs = build / "stubs"
    stubs.mkdir(exist_ok=True)
    python = sysconfig.get_paths()
    return [
        f"-DOPENSWIRL_METAL_CPP={METAL_CPP.unpack(ROOT / 'build-tests' / 'metal_cpp')}",
        f"-DCMAKE_CXX_FLAGS=-isystem {ROOT / 'tests/fake_metal/headers/apple'}",
        f"-DCMAKE_SHARED_LINKER_FLAGS=-F{stubs} -L{stubs}",
        # Nothing of it runs, and an optimiser takes long. Without one zig would add checks of undefined behaviour.
        "-DCMAKE_BUILD_TYPE=Debug",
        "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -fno-sanitize=all",
        # The extension's headers of Python are this machine's: the stable ABI is the same on all of them.
        "-DOPENSWIRL_PYTHON=ON",
        f"-DPython_EXECUTABLE={sys.executable}",
        f"-DPython_INCLUDE_DIR={python['include']}",
    ]


def require(condition: bool, what: str) -> None:
    if not condition:
        sys.exit(f"cross-compilation: {what}")


def check_macos(build: Path) -> None:
    """The Metal plugin exports its two entry points alone and loads what it must; the extension has its own."""
    plugin = build / "libopenswirl_metal.so"
    # zig links its own C++ library into every file, with these operators visible, and its linker adds two names.
    others = ("__Znw", "__Zna", "__Zdl", "__Zda", "__mh_dylib_header", "___dso_handle")
    exported = {name for name in macho.symbols(plugin)[1] if not name.startswith(others)}
    require(exported == PLUGIN_EXPORTS, f"the Metal plugin exports {sorted(exported)}")
    loaded = macho.libraries(plugin)
    for name in ("Metal", "Foundation", "CoreGraphics", "libobjc"):
        require(
            any(name in library for library in loaded), f"the Metal plugin does not load {name}: {loaded}"
        )
    extension = build / "_core.abi3.so"
    require("_PyInit__core" in macho.symbols(extension)[1], "the extension has no PyInit__core")


def link_extension(build: Path) -> None:
    """The extension from its objects: a bundle, which CMake would make, is beyond zig's linker; Python loads either."""
    targets = subprocess.run(
        ["ninja", "-C", build, "-t", "targets", "all"], check=True, capture_output=True, text=True
    ).stdout
    names = re.findall(r"^(CMakeFiles/_core\.dir/\S+\.o):", targets, re.MULTILINE)
    require(len(names) > 0, "no objects of the extension")
    run("ninja", "-C", build, "libopenswirl_lockstep.a", *names)
    objects = [build / name for name in names]
    libraries = [build / "libopenswirl.dylib", build / "libopenswirl_lockstep.a"]
    undefined = "-Wl,-undefined,dynamic_lookup"  # Python's names come with the interpreter
    output = build / "_core.abi3.so"
    run(build / "zig-cxx", "-shared", undefined, *objects, *libraries, "-o", output)


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


def main() -> int:
    arguments = [argument for argument in sys.argv[1:] if argument != "--apart"]
    apart = len(arguments) < len(sys.argv) - 1
    if len(arguments) < 2:
        print(__doc__)
        return 2
    target, build, tests = arguments[0], Path(arguments[1]).resolve(), arguments[2:]
    build.mkdir(parents=True, exist_ok=True)
    macos = "macos" in target
    options = [f"-DCMAKE_UNITY_BUILD={'OFF' if apart else 'ON'}", *(macos_options(build) if macos else [])]
    if tests:
        sources = GOOGLETEST.unpack(ROOT / "build-tests" / "googletest")
        options += ["-DOPENSWIRL_TESTS=ON", f"-DOPENSWIRL_GOOGLETEST={sources}"]
    toolchain_file = f"-DCMAKE_TOOLCHAIN_FILE={toolchain(target, build)}"
    run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", toolchain_file, *options)
    programs = [f"{name}_test" for name in tests]
    targets = ["openswirl", "openswirl_cpu", *programs]
    if macos:
        run("ninja", "-C", build, "openswirl_metal_objects")
        objects = build / "CMakeFiles" / "openswirl_metal_objects.dir"
        macho.write_stubs(build / "stubs", sorted(objects.rglob("*.o")))
        targets.append("openswirl_metal")
    run("ninja", "-C", build, *targets)
    if macos:
        link_extension(build)
        check_macos(build)
    built = sorted(
        p for p in build.iterdir() if p.name.startswith(("libopenswirl", "_core")) and p.suffix != ".a"
    )
    built += [build / "tests" / "cpp" / program for program in programs]
    print("\n".join(f"{target}: {p.name} ({p.stat().st_size} bytes)" for p in built))
    return 0 if len(built) >= len(targets) else 1


if __name__ == "__main__":
    sys.exit(main())
