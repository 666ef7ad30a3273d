"""The conformance suite on hardware: `pytest tests/hardware --device metal`, on a machine that has it."""

from __future__ import annotations

import os

from suite import BackendSuite


class TestHardware(BackendSuite):
    device = os.environ.get("OPENSWIRL_TEST_DEVICE", "metal")
