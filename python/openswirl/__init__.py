"""openswirl proves and verifies SWIRL STARKs, the proof system of OpenVM's stark-backend v2."""

from __future__ import annotations

from openswirl import _core
from openswirl.devices import Device, devices, load_plugin
from openswirl.errors import (
    Cancelled,
    DeviceError,
    Error,
    FormatError,
    InputError,
    InternalError,
    KeygenError,
    OutOfMemory,
    SecurityWarning,
    Timeout,
    UnbalancedBusError,
    UnsatisfiedError,
    VerificationError,
)

__version__: str = _core.version

__all__ = [
    "Cancelled",
    "Device",
    "DeviceError",
    "Error",
    "FormatError",
    "InputError",
    "InternalError",
    "KeygenError",
    "OutOfMemory",
    "SecurityWarning",
    "Timeout",
    "UnbalancedBusError",
    "UnsatisfiedError",
    "VerificationError",
    "__version__",
    "devices",
    "load_plugin",
]
