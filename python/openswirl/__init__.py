"""openswirl proves and verifies SWIRL STARKs, the proof system of OpenVM's stark-backend v2."""

from __future__ import annotations

import atexit

from openswirl import _core, cases
from openswirl.air import Air, AirBuilder, ColumnError, ExpressionError, LookupBus, PermutationBus, sum
from openswirl.checking import CheckReport, check
from openswirl.devices import Device, cmake_dir, devices, load_plugin
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
from openswirl.keygeneration import keygen
from openswirl.keys import AirInfo, ProvingKey, VerifyingKey
from openswirl.memory import empty
from openswirl.params import Proximity, SystemParams
from openswirl.profiling import Report, Span, Spans
from openswirl.proof import Proof
from openswirl.prover import CancelToken, Commitment, Prover, commit, prove
from openswirl.security import SoundnessReport, soundness
from openswirl.trace import Trace
from openswirl.verifier import verify

__version__: str = _core.version

# A thread that is inside the core when the interpreter goes away would abort the process.
atexit.register(_core.end_running_calls)

__all__ = [
    "Air",
    "AirBuilder",
    "AirInfo",
    "CancelToken",
    "Cancelled",
    "CheckReport",
    "ColumnError",
    "Commitment",
    "Device",
    "DeviceError",
    "Error",
    "ExpressionError",
    "FormatError",
    "InputError",
    "InternalError",
    "KeygenError",
    "LookupBus",
    "OutOfMemory",
    "PermutationBus",
    "Proof",
    "Prover",
    "ProvingKey",
    "Proximity",
    "Report",
    "SecurityWarning",
    "SoundnessReport",
    "Span",
    "Spans",
    "SystemParams",
    "Timeout",
    "Trace",
    "UnbalancedBusError",
    "UnsatisfiedError",
    "VerificationError",
    "VerifyingKey",
    "__version__",
    "cases",
    "check",
    "cmake_dir",
    "commit",
    "devices",
    "empty",
    "keygen",
    "load_plugin",
    "prove",
    "soundness",
    "sum",
    "verify",
]
