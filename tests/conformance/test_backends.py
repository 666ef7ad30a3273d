"""Every backend passes the conformance suite: one line each."""

from suite import BackendSuite


class TestReference(BackendSuite):
    device = "reference"


class TestCpu(BackendSuite):
    device = "cpu"


class TestSim(BackendSuite):
    device = "sim"
