"""Keccak-f with 1024 permutations under production parameters: time, memory and the trace itself."""

from __future__ import annotations

import hashlib
import time

import openswirl as sw
import pytest
from openswirl.airs import KeccakF
from openswirl.airs.keccak import benchmark_states

PERMUTATIONS = 1024
TRACE_SHA256 = "70fec5de8946694c0be3f6c1491c149ba22de53f71f069e65d49c0d3af3bc33b"
PEAK_MEMORY = 6 << 30


@pytest.mark.slow
def test_keccakf_1024(request):
    def record(name: str, value: float) -> None:
        request.node.user_properties.append((name, value))

    states = benchmark_states(PERMUTATIONS)
    started = time.perf_counter()
    trace = KeccakF.generate_trace(states)
    record("trace_seconds", time.perf_counter() - started)
    assert hashlib.sha256(trace).hexdigest() == TRACE_SHA256

    params = sw.SystemParams.app(log_stacked_height=21)
    pk = sw.keygen(params, [KeccakF()], device="cpu")
    proof = sw.prove(pk, {0: sw.Trace(trace)}, device="cpu", verify_after=False)
    assert proof.report.device == "cpu"
    record("prove_seconds", proof.report.duration)
    record("peak_memory", proof.report.peak_memory)
    assert proof.report.peak_memory <= PEAK_MEMORY

    started = time.perf_counter()
    sw.verify(pk.vk, sw.Proof.from_bytes(proof.to_bytes()), params=params)
    record("verify_seconds", time.perf_counter() - started)
