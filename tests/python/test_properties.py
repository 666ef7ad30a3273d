"""Properties over random inputs: encodings round-trip, small circuits prove, wrong cells are found."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import openswirl as sw
import pytest
import support
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openswirl.air import Air

P = 2013265921
CASES = ("fib_optional_absent", "interactions11", "preprocessed_cached2", "random_2", "one_whir_round")
MANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SOME = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

field = st.integers(0, P - 1)

#: The version that a proof begins with, and the encodings with a case that has all three.
VERSION = (3).to_bytes(4, "little")
ENCODINGS = [
    (sw.Proof, "proof.bin"),
    (sw.VerifyingKey, "vk.postcard"),
    (sw.ProvingKey, "pk.postcard"),
]


@functools.cache
def section_offsets(case: str) -> dict[str, int]:
    """Where each section of a case's proof begins."""
    sizes = sw.Proof.from_bytes(support.case_file(case, "proof.bin")).section_sizes()
    return dict(zip(sizes, itertools.accumulate(sizes.values(), initial=0), strict=False))


@functools.cache
def harmless_bytes(case: str) -> frozenset[int]:
    """The last folding and the last query witness of WHIR.

    Nothing but the last queries depends on them, so that others pass where the last codeword is constant (protocol
    part 07, 8) or the same positions are drawn.
    """
    rounds = len(support.load_case(case).vk.params.to_dict()["whir"]["rounds"])
    end = section_offsets(case)["initial_rows"]
    folding = end - 4 * rounds - 4
    return frozenset({*range(folding, folding + 4), *range(end - 4, end)})


def check_changed(case: str, changed: bytes) -> None:
    """Asserts that the bytes are malformed, or encode again to themselves and are rejected."""
    original = support.case_file(case, "proof.bin")
    try:
        proof = sw.Proof.from_bytes(changed)
    except sw.FormatError as error:
        assert changed != original
        assert error.offset is None or error.offset <= len(changed)
        return
    assert proof.to_bytes() == changed
    assert sum(proof.section_sizes().values()) == len(changed)
    try:
        sw.verify(support.load_case(case).vk, proof)
    except sw.VerificationError as error:
        assert changed != original
        assert error.check
        return
    assert len(changed) == len(original)
    differing = {i for i, (a, b) in enumerate(zip(original, changed, strict=True)) if a != b}
    assert differing <= harmless_bytes(case)


@MANY
@given(st.sampled_from(CASES), st.data())
def test_a_changed_proof_is_malformed_or_rejected_or_reencodes(case, data):
    """Decoding is injective: whatever decodes encodes to the same bytes."""
    original = support.case_file(case, "proof.bin")
    start = data.draw(st.integers(0, len(original) - 1))
    inserted = data.draw(st.binary(max_size=8))
    # Half of the changes keep the length, and most of those decode.
    removed = len(inserted) if data.draw(st.booleans()) else data.draw(st.integers(0, 8))
    check_changed(case, original[:start] + inserted + original[start + removed :])


@MANY
@given(st.sampled_from(CASES), st.data())
def test_a_changed_word_is_rejected(case, data):
    """Canonical residues in place of words decode nearly everywhere, so it is the verifier who must object."""
    original = support.case_file(case, "proof.bin")
    # From the GKR part on, whole words follow each other.
    words = st.integers(section_offsets(case)["gkr"] // 4, len(original) // 4 - 1)
    start = 4 * data.draw(words) + len(original) % 4
    check_changed(case, original[:start] + data.draw(field).to_bytes(4, "little") + original[start + 4 :])


@MANY
@given(st.sampled_from(CASES), st.data())
def test_a_changed_key_is_malformed_or_reencodes(case, data):
    original = support.case_file(case, "vk.postcard")
    start = data.draw(st.integers(0, len(original) - 1))
    removed = data.draw(st.integers(0, 4))
    inserted = data.draw(st.binary(max_size=4))
    changed = original[:start] + inserted + original[start + removed :]
    try:
        vk = sw.VerifyingKey.from_bytes(changed)
    except sw.FormatError:
        return
    assert vk.to_bytes() == changed


@MANY
@given(st.sampled_from(ENCODINGS), st.data())
def test_truncated_bytes_never_decode(encoding, data):
    kind, name = encoding
    original = support.case_file("interactions11", name)
    with pytest.raises(sw.FormatError):
        kind.from_bytes(original[: data.draw(st.integers(0, len(original) - 1))])


@MANY
@given(st.sampled_from(ENCODINGS), st.data())
def test_random_tails_are_malformed_or_reencode(encoding, data):
    """What begins like a real encoding goes on at random; a proof begins with the right version."""
    kind, name = encoding
    original = support.case_file("interactions11", name)
    first = len(VERSION) if kind is sw.Proof else 0
    start = data.draw(st.integers(first, len(original)))
    changed = original[:start] + data.draw(st.binary(min_size=1, max_size=400))
    try:
        decoded = kind.from_bytes(changed)
    except sw.FormatError as error:
        assert error.offset is None or first <= error.offset <= len(changed)
    else:
        assert decoded.to_bytes() == changed


@MANY
@given(st.binary(max_size=400))
def test_proofs_of_another_version_never_decode(data):
    assume(data[:4] != VERSION)
    with pytest.raises(sw.FormatError):
        sw.Proof.from_bytes(data)


@MANY
@given(st.data())
def test_parameters_survive_their_dictionary(data):
    params = sw.SystemParams(
        l_skip=data.draw(st.integers(0, 5)),
        n_stack=data.draw(st.integers(6, 15)),
        w_stack=data.draw(st.integers(1, 2**20)),
        log_blowup=data.draw(st.integers(1, 4)),
        k=1,
        num_queries=tuple(data.draw(st.lists(st.integers(1, 200), min_size=1, max_size=3))),
        mu_pow_bits=data.draw(st.integers(0, 30)),
        query_phase_pow_bits=data.draw(st.integers(0, 30)),
        folding_pow_bits=data.draw(st.integers(0, 30)),
        max_interaction_count=data.draw(st.integers(1, 2**31)),
        log_max_message_length=data.draw(st.integers(0, 31)),
        logup_pow_bits=data.draw(st.integers(0, 30)),
        max_constraint_degree=data.draw(st.integers(1, 4)),
        proximity=data.draw(
            st.sampled_from(
                [sw.Proximity(), sw.Proximity("ListDecoding", 2), sw.Proximity("SplitUniqueList", 3, 1)]
            )
        ),
    )
    assert sw.SystemParams.from_dict(params.to_dict()) == params
    assert sw.SystemParams.from_native(params.native()) == params


class Recurrence(Air):
    """x' = a x + b y + c, y' = x over random constants, with the first row public."""

    width = 2
    num_public_values = 2

    def __init__(self, a: int, b: int, c: int) -> None:
        self.coefficients = (a, b, c)

    def eval(self, builder):
        a, b, c = self.coefficients
        local, following = builder.main()
        first, second = builder.public_values
        builder.when_first_row().assert_eq(local[0], first)
        builder.when_first_row().assert_eq(local[1], second)
        builder.when_transition().assert_eq(following[0], local[0] * a + local[1] * b + c)
        builder.when_transition().assert_eq(following[1], local[0])

    def trace(self, x: int, y: int, rows: int) -> sw.Trace:
        a, b, c = self.coefficients
        table = np.zeros((rows, 2), np.uint32)
        public_values = [x, y]
        for row in table:
            row[:] = x, y
            x, y = (a * x + b * y + c) % P, x
        return sw.Trace(table, public_values=public_values)


class Shuffle(Air):
    """Sends its values on a bus, or receives them."""

    width = 1

    def __init__(self, count: int) -> None:
        self.count = count

    def eval(self, builder):
        local, _ = builder.main()
        builder.push_interaction(3, [local[0]], self.count, 1)


@pytest.fixture(scope="module")
def small_params():
    return sw.SystemParams.test_small(1, 7, 2)


@SOME
@given(a=field, b=field, c=field, x=field, y=field, log_rows=st.integers(0, 5), data=st.data())
def test_small_circuits_prove(small_params, device, a, b, c, x, y, log_rows, data):
    air = Recurrence(a, b, c)
    pk = sw.keygen(small_params, [air])
    trace = air.trace(x, y, 1 << log_rows)
    assert sw.check(pk, {0: trace}).ok
    proof = sw.prove(pk, {0: trace}, device=device)
    sw.verify(pk.vk, proof.to_bytes(), public_values={0: [x, y]})
    if device != "reference":
        assert proof == sw.prove(pk, {0: trace}, device="reference")

    row = data.draw(st.integers(0, (1 << log_rows) - 1))
    wrong = trace.common.copy()
    wrong[row, 0] = (int(wrong[row, 0]) + data.draw(st.integers(1, P - 1))) % P
    changed = {0: sw.Trace(wrong, public_values=trace.public_values)}
    report = sw.check(pk, changed)
    # On the last of several rows, nothing reads x but the transition into it.
    assert not report.ok
    assert {violation.row for failure in report.constraints for violation in failure.violations} <= {
        row - 1,
        row,
    }
    with pytest.raises(sw.UnsatisfiedError):
        sw.prove(pk, changed, device=device)


@SOME
@given(values=st.lists(field, min_size=8, max_size=8), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_buses_balance_or_not(small_params, device, values, seed, data):
    pk = sw.keygen(small_params, [Shuffle(1), Shuffle(-1)])
    sent = np.array(values, np.uint32).reshape(8, 1)
    received = np.ascontiguousarray(np.random.default_rng(seed).permutation(sent))
    traces = {0: sw.Trace(sent), 1: sw.Trace(received)}
    assert sw.check(pk, traces).ok
    sw.verify(pk.vk, sw.prove(pk, traces, device=device))

    wrong = received.copy()
    wrong[data.draw(st.integers(0, 7)), 0] ^= 1
    wrong %= P
    if sorted(wrong.flat) == sorted(sent.flat):
        return
    traces[1] = sw.Trace(wrong)
    assert [bus.bus for bus in sw.check(pk, traces).buses] == [3]
    with pytest.raises(sw.UnbalancedBusError):
        sw.prove(pk, traces, device=device)
