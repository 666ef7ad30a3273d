"""What a benchmark ran on, and whether the build may be measured at all."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from openswirl import _core
from openswirl.bench.document import Machine
from openswirl.devices import devices
from openswirl.errors import DeviceError, InputError

#: Backends that run on the CPU; others are described as the GPU.
_CPU_BACKENDS = ("cpu", "reference", "lockstep")
_FAST_BUILD_TYPES = ("Release", "RelWithDebInfo")


@dataclass(frozen=True)
class Build:
    """How the core was built.

    Attributes:
        commit: of the source, ``-dirty`` with changes; empty if it was no git checkout.
        type: CMake's build type.
        compiler: name and version.
        optimized, sanitized: what the compiler was told.
    """

    commit: str
    type: str
    compiler: str
    optimized: bool
    sanitized: bool

    @classmethod
    def of_core(cls) -> Build:
        """Of the core that is loaded."""
        return cls(
            _core.build_commit,
            _core.build_type,
            _core.build_compiler,
            _core.build_optimized,
            _core.build_sanitized,
        )

    def require_fast(self) -> None:
        """Refuses builds whose times mean nothing.

        Raises:
            InputError: a debug or sanitizer build.
        """
        if self.sanitized:
            problem = "has sanitizers compiled in"
        elif self.type not in _FAST_BUILD_TYPES:
            problem = f"is a {self.type or 'nameless'} build"
        elif not self.optimized:
            problem = f"is a {self.type} build without optimisation"
        else:
            return
        raise InputError(f"this openswirl {problem}, whose times mean nothing; measure a Release build")


def resolve(device: str) -> str:
    """The device that ``"auto"`` is here; any other name as it is.

    Raises:
        DeviceError: there is none.
    """
    if device != "auto":
        return device
    for entry in devices():
        # Best first.
        if entry.available and entry.score > 0:
            return entry.name
    raise DeviceError("no device can prove here; openswirl devices says why")


def describe_machine(device: str) -> Machine:
    """The machine as ``device`` uses it."""
    entry = next((entry for entry in devices() if entry.name == device), None)
    on_cpu = entry is None or entry.backend in _CPU_BACKENDS
    return Machine(
        cpu=_cpu_name(),
        isa=_core.cpu_kernels()[0],
        cores=_usable_cores(),
        gpu=None if entry is None or on_cpu else entry.description,
        os=f"{platform.system()} {platform.machine()}",
    )


def _usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_name() -> str | None:
    if sys.platform == "darwin":
        return _output("sysctl", "-n", "machdep.cpu.brand_string")
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return platform.processor() or None
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "model name" and value.strip():
            return " ".join(value.split())
    # Linux on ARM gives numbers only.
    return platform.processor() or platform.machine() or None


def _output(*command: str) -> str | None:
    import subprocess

    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
