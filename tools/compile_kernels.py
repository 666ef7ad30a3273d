#!/usr/bin/env python3
"""Compiles every kernel family, and the texts of tests/kernels_generated, as CUDA with NVRTC and holds the result to
limits: no stack, no spills, few registers, code that fits an instruction cache.

Usage: tools/compile_kernels.py [--arch sm_90] [FAMILY ...]
Needs nvidia-cuda-nvrtc (PyPI) and no GPU. Prints one line per kernel; exits 1 if one breaks a limit.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import re
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
MAX_REGISTERS = 64
# An NVIDIA instruction takes 16 bytes, about twice an Apple one: 24 KiB here stand for its 12 KiB cache.
MAX_CODE_BYTES = 24 * 1024
# A generated kernel is a row of loops, of which one runs at a time; the writer bounds each.
MAX_GENERATED_CODE_BYTES = 64 * 1024
# "Function properties for NAME" is followed by the stack line, then by the register line.
PROPERTIES = re.compile(
    r"Function properties for (\w+)\n[^\n]*?(\d+) bytes stack frame, (\d+) bytes spill stores, "
    r"(\d+) bytes spill loads\n[^\n]*?Used (\d+) registers"
)


@dataclass(frozen=True)
class Compiled:
    """What the compiler says of one kernel."""

    name: str
    registers: int
    stack: int
    spills: int
    code_bytes: int
    max_code_bytes: int

    def complaints(self) -> list[str]:
        found = []
        if self.registers > MAX_REGISTERS:
            found.append(f"{self.registers} registers, more than {MAX_REGISTERS}")
        if self.stack:
            found.append(f"{self.stack} bytes of stack: an array whose indices are not constant")
        if self.spills:
            found.append(f"{self.spills} bytes of spills")
        if self.code_bytes > self.max_code_bytes:
            found.append(f"{self.code_bytes} bytes of code, more than {self.max_code_bytes}")
        return found


def load_tables() -> ModuleType:
    """metal/kernel_tables.py as a module."""
    spec = importlib.util.spec_from_file_location("kernel_tables", ROOT / "metal" / "kernel_tables.py")
    if spec is None or spec.loader is None:
        sys.exit("metal/kernel_tables.py cannot be read")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def load_nvrtc() -> ctypes.CDLL:
    for folder in map(Path, sys.path):
        for path in sorted((folder / "nvidia").glob("*/lib/libnvrtc.so.*")):
            return ctypes.CDLL(str(path))
    sys.exit("NVRTC is missing; pip install nvidia-cuda-nvrtc-cu12")


def compile_family(nvrtc: ctypes.CDLL, family: str, source: str, arch: str) -> tuple[str, bytes]:
    """The compiler's log and the cubin; exits with the log if the text does not compile."""
    program = ctypes.c_void_p()
    text, name = source.encode(), f"{family}.metal".encode()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), text, name, 0, None, None)
    options = [f"--gpu-architecture={arch}".encode(), b"--std=c++17", b"--ptxas-options=-v"]
    status = nvrtc.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))

    def fetch(kind: str) -> bytes:
        size = ctypes.c_size_t()
        getattr(nvrtc, f"nvrtcGet{kind}Size")(program, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        getattr(nvrtc, f"nvrtcGet{kind}")(program, buffer)
        return buffer.raw

    log = fetch("ProgramLog").decode(errors="replace").rstrip("\0")
    if status != 0:
        sys.exit(f"{family}: does not compile as CUDA\n{log}")
    return log, fetch("CUBIN")


def code_sizes(cubin: bytes) -> dict[str, int]:
    """Bytes of every kernel's code, from the sections of the ELF file."""
    table, entry_size, count, names_index = struct.unpack_from("<Q10xHHH", cubin, 0x28)
    sections = [struct.unpack_from("<IIQQQQ", cubin, table + i * entry_size) for i in range(count)]
    names = sections[names_index][4]
    sizes = {}
    for name_offset, _, _, _, _, size in sections:
        start = names + name_offset
        name = cubin[start : cubin.index(b"\0", start)].decode()
        if name.startswith(".text."):
            sizes[name.removeprefix(".text.")] = size
    return sizes


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--arch", default="sm_90")
    parser.add_argument("families", nargs="*")
    options = parser.parse_args()
    tables, nvrtc = load_tables(), load_nvrtc()
    sources = {
        family: tables.family_source(family, set()) for family in {k.family for k in tables.read_manifest()}
    }
    limits = dict.fromkeys(sources, MAX_CODE_BYTES)
    for path in sorted((ROOT / "tests" / "kernels_generated").glob("*.metal")):
        sources[path.stem] = tables.amalgamate(path, set())
        limits[path.stem] = MAX_GENERATED_CODE_BYTES
    failed = False
    for family in options.families or sorted(sources):
        started = time.perf_counter()
        log, cubin = compile_family(nvrtc, family, sources[family], options.arch)
        seconds = time.perf_counter() - started
        sizes = code_sizes(cubin)
        properties = {symbol: numbers for symbol, *numbers in PROPERTIES.findall(log)}
        for symbol, _, _ in tables.KERNEL.findall(sources[family]):
            numbers = properties[symbol]
            stack, stores, loads, registers = map(int, numbers)
            compiled = Compiled(symbol, registers, stack, stores + loads, sizes[symbol], limits[family])
            complaints = compiled.complaints()
            failed |= bool(complaints)
            print(
                f"{symbol:32} {registers:3} registers {compiled.code_bytes:6} bytes of code  {'; '.join(complaints)}"
            )
        print(f"{family}: compiled in {seconds:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
