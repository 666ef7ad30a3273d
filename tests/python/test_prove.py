"""The proof of every case equals proof.bin byte for byte, on every device, with one and with two threads."""

from __future__ import annotations

import numpy as np
import openswirl as sw
import pytest
import support


def thread_counts(device: str) -> tuple[int, ...]:
    return (1,) if device == "reference" else (1, 2)


def prove_case(case: str, device: str) -> None:
    loaded = support.load_case(case)
    for threads in thread_counts(device):
        proof = sw.prove(loaded.pk, loaded.traces, device=device, threads=threads)
        assert proof.to_bytes() == loaded.proof_bytes, f"{threads} threads"
        assert proof.report.device == device
        assert proof.report.threads == threads


@pytest.mark.parametrize("name", [name for name in support.case_names() if name not in support.PRESET_CASES])
def test_case(name, device):
    prove_case(name, device)


@pytest.mark.slow
@pytest.mark.parametrize("preset", support.PRESET_CASES)
def test_preset(preset):
    loaded = support.load_case(preset, "cpu")
    assert sw.prove(loaded.pk, loaded.traces, device="cpu").to_bytes() == loaded.proof_bytes


def test_commitments_made_earlier_are_used(device):
    loaded = support.load_case("cached11")
    traces = {}
    for air_id, trace in loaded.traces.items():
        cached = [sw.commit(loaded.pk.params, part, device) for part in trace.cached]
        traces[air_id] = sw.Trace(trace.common, cached, trace.public_values)
        expected = next(t for t in loaded.description["traces"] if t["air_id"] == air_id)[
            "cached_commitments"
        ]
        assert [list(part.root) for part in cached] == expected
        assert [part.device for part in cached] == [device] * len(cached)
    proof = sw.prove(loaded.pk, traces, device=device)
    assert proof.to_bytes() == loaded.proof_bytes
    # A commitment is taken as it is: nothing is left to commit but the common parts.
    assert not any("cached_commit/" in path for path in proof.report.spans.flat())


def test_commitment_moves_between_devices(device):
    loaded = support.load_case("cached11")
    traces = {
        air_id: sw.Trace(
            trace.common,
            [sw.commit(loaded.pk.params, part, "reference") for part in trace.cached],
            trace.public_values,
        )
        for air_id, trace in loaded.traces.items()
    }
    assert sw.prove(loaded.pk, traces, device=device).to_bytes() == loaded.proof_bytes


@pytest.mark.parametrize("case_name", ["mixture_h3", "keccakf_2"])  # the second one's buffers are large
def test_prover_is_reused(device, case_name):
    loaded = support.load_case(case_name)
    prover = sw.Prover(loaded.pk, device, threads=1)
    assert prover.device == device
    for _ in range(3):
        assert prover.prove(loaded.traces).to_bytes() == loaded.proof_bytes


def test_keys_from_bytes_prove(device):
    loaded = support.load_case("preprocessed_cached2")
    pk = sw.ProvingKey.from_bytes(support.case_file("preprocessed_cached2", "pk.postcard"))
    assert sw.prove(pk, loaded.traces, device=device).to_bytes() == loaded.proof_bytes


def test_read_only_arrays_prove(device):
    loaded = support.load_case("fib_h3")
    common = loaded.traces[0].common.copy()
    common.setflags(write=False)
    trace = sw.Trace(common, public_values=loaded.traces[0].public_values)
    assert trace.common is common
    assert sw.prove(loaded.pk, {0: trace}, device=device).to_bytes() == loaded.proof_bytes


def test_wrong_trace_is_not_returned(device):
    loaded = support.load_case("fib_h3")
    common = loaded.traces[0].common.copy()
    common[3, 1] = (int(common[3, 1]) + 1) % 2013265921
    wrong = {0: sw.Trace(common, public_values=loaded.traces[0].public_values)}
    with pytest.raises(sw.UnsatisfiedError, match="violates its constraints.*check"):
        sw.prove(loaded.pk, wrong, device=device)
    proof = sw.prove(loaded.pk, wrong, device=device, verify_after=False)
    with pytest.raises(sw.VerificationError):
        sw.verify(loaded.vk, proof)
    report = sw.check(loaded.pk, wrong)
    assert not report.ok
    assert {violation.row for failure in report.constraints for violation in failure.violations} <= {2, 3}


def test_wrong_public_value(device):
    loaded = support.load_case("fib_h3")
    first, second, last = loaded.traces[0].public_values
    wrong = {0: sw.Trace(loaded.traces[0].common, public_values=[first, second, last + 1])}
    assert not sw.check(loaded.pk, wrong).ok
    with pytest.raises(sw.VerificationError):
        sw.verify(loaded.vk, sw.prove(loaded.pk, wrong, device=device, verify_after=False))


def test_unbalanced_bus(device):
    loaded = support.load_case("interactions11")
    common = loaded.traces[0].common.copy()
    common[1, 0] = (int(common[1, 0]) + 1) % 2013265921
    wrong = {**loaded.traces, 0: sw.Trace(common)}
    report = sw.check(loaded.pk, wrong)
    assert [bus.bus for bus in report.buses] == [0]
    with pytest.raises(sw.UnbalancedBusError, match="bus") as caught:
        sw.prove(loaded.pk, wrong, device=device)
    assert caught.value.bus == 0


def test_the_search_for_the_bus_keeps_to_the_timeout(device, monkeypatch):
    loaded = support.load_case("interactions11")
    common = loaded.traces[0].common.copy()
    common[1, 0] = (int(common[1, 0]) + 1) % 2013265921
    wrong = {**loaded.traces, 0: sw.Trace(common)}
    timeouts = []

    def slow(*_, timeout, **options):
        timeouts.append(timeout)
        raise sw.Timeout("too late")

    monkeypatch.setattr("openswirl.checking.check", slow)
    with pytest.raises(sw.UnbalancedBusError) as caught:
        sw.prove(loaded.pk, wrong, device=device, timeout=100)
    assert caught.value.bus is None
    assert 0 < timeouts[0] < 100


def test_memory_limit(device):
    loaded = support.load_case("cached11")
    prover = sw.Prover(loaded.pk, device)
    with pytest.raises(
        sw.OutOfMemory, match=f"{device}.*memory limit.*smaller traces or a higher limit"
    ) as caught:
        prover.prove(loaded.traces, memory_limit=1000)
    error = caught.value
    assert error.need > error.have == 1000
    assert error.phase in ("commit", "logup_gkr", "constraints", "stacked_reduction", "whir")
    with pytest.raises(sw.OutOfMemory):
        sw.prove(loaded.pk, loaded.traces, device, memory_limit=error.need - 1)
    assert prover.prove(loaded.traces, memory_limit=error.need).to_bytes() == loaded.proof_bytes


def test_report(device):
    loaded = support.load_case("mixture_h3")
    report = sw.prove(loaded.pk, loaded.traces, device=device, threads=1).report
    assert (report.device, report.version, report.threads) == (device, sw.__version__, 1)
    assert report.peak_memory > 0
    flat = report.spans.flat()
    whole = "stark_prove_excluding_trace"
    for path in (
        "prover.main_trace_commit/stacked_commit/rs_code_matrix",
        "prover.main_trace_commit/stacked_commit/merkle_tree",
        "prover.rap_constraints/prover.rap_constraints.logup_gkr",
        "prover.rap_constraints/prover.rap_constraints.round0",
        "prover.rap_constraints/prover.rap_constraints.mle_rounds",
        "prover.openings/prover.openings.stacked_reduction",
        "prover.openings/prover.openings.whir/merkle_tree",
    ):
        assert f"{whole}/{path}" in flat
    for path, span in report.spans.walk():
        assert span.duration >= 0
        assert span.self_time >= -1e-6, path
        for child in span.children:
            assert child.start >= span.start - 1e-9
            assert child.start + child.duration <= span.start + span.duration + 1e-6
    events = report.chrome_trace()["traceEvents"]
    assert sum(event["ph"] == "X" for event in events) == len(list(report.spans.walk()))


def test_arrays_are_not_copied():
    array = np.zeros((8, 2), np.uint32)
    assert sw.Trace(array).common is array
