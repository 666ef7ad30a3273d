"""The suite every backend passes (protocol part 09, 3): one class, made for a device with one line.

A test that proves also checks that the bytes equal those of the `reference` device. Rows that drive single stages are
in tests/cpp/conformance, for the backends of the list in tests/cpp/CMakeLists.txt. Row by row:

| row of part 09, 3 | test |
|---|---|
| proof shape | test_proof_shape |
| proof shape, random parameters | test_proof_shape_with_random_parameters |
| interactions, cached | test_proof_shape[interactions], [cached] |
| preprocessed | test_preprocessed |
| self-interaction | test_self_interaction |
| mixture | test_mixture |
| stacking overflow | test_stacking_overflow |
| Fibonacci round trip | test_fibonacci_round_trip |
| interactions round trip | test_interactions_round_trip |
| cached round trip | test_cached_round_trip |
| preprocessed round trip | test_preprocessed_round_trip |
| preprocessed + cached | test_preprocessed_and_cached |
| zero interactions | test_zero_interactions; the stage alone: SingleStage.GkrAndBatchedConstraints (C++) |
| GKR part alone, batch constraints with interactions | SingleStage.GkrAndBatchedConstraints (C++) |
| mixed heights | test_mixed_heights |
| optional AIRs | test_all_optional_airs_present, test_some_optional_airs_present, test_receiver_alone |
| key methods | test_key_of_three_airs |
| height constraints | test_height_constraints |
| unbalanced | test_unbalanced |
| zero counts | test_zero_counts |
| two senders | test_two_senders |
| two senders, two receivers | test_two_senders_two_receivers |
| unbalanced with cached | test_unbalanced_with_cached_parts |
| WHIR only | SingleStage.WhirOnTheFibonacciTrace, .WhirOnRandomMatricesAndAChangedOpening (C++) |
| folding | Folding.* in tests/cpp/verifier/whir_test.cpp: no backend is involved; WHIR only holds every backend to it |
| keygen errors | test_keygen_errors |
"""

from __future__ import annotations

import functools
import random
from dataclasses import replace

import numpy as np
import openswirl as sw
import pytest
from openswirl.airs import DummyInteraction, Fibonacci, FibonacciSelector, fixtures
from openswirl.airs.fixtures import Fixture, alternating

P = 2013265921
SMALL = sw.SystemParams.test_small(2, 8, 3)
WIDTHS = (4, 7, 8, 8, 10, 100)
LOG_HEIGHTS = (10, 3, 2, 1, 0)
# The constraint sumcheck notices a violated constraint in one of two places (part 04, 6.5).
VIOLATED = ("BatchConstraintError.SumClaimMismatch", "BatchConstraintError.InconsistentClaims")


def send(num_fields: int = 1, partitioned: bool = False) -> DummyInteraction:
    return DummyInteraction(num_fields, True, partitioned=partitioned)


def receive(num_fields: int = 1, partitioned: bool = False) -> DummyInteraction:
    return DummyInteraction(num_fields, False, partitioned=partitioned)


def rows(air: DummyInteraction, *pairs: tuple[int, int]) -> sw.Trace:
    """The trace of (count, field) rows."""
    return air.trace([count for count, _ in pairs], [[field] for _, field in pairs])


RECEIVED = ((1, 5), (3, 4), (4, 4), (2, 5), (0, 123), (545, 889), (1, 889), (0, 456))


def uniquely_decoding(l_skip: int) -> sw.SystemParams:
    """Parameters of the Fibonacci round trip (part 02, 6.6)."""
    return sw.SystemParams(
        l_skip=l_skip, n_stack=8, w_stack=8, log_blowup=1, k=4, num_queries=(191, 87, 80) if l_skip == 6 else (191, 87),
        mu_pow_bits=10, query_phase_pow_bits=1, folding_pow_bits=11, max_interaction_count=2013265921,
        log_max_message_length=7, logup_pow_bits=18, max_constraint_degree=3,
    )  # fmt: skip


def random_params(seed: int) -> sw.SystemParams:
    draw = random.Random(seed)
    l_skip, n_stack, log_blowup = draw.randint(1, 2), draw.randint(8, 9), draw.randint(1, 3)
    return sw.SystemParams(
        l_skip=l_skip, n_stack=n_stack, w_stack=16, log_blowup=log_blowup, k=draw.randint(1, 4),
        num_queries=tuple(draw.randint(1, 10) for _ in range(draw.randint(1, 2))),
        mu_pow_bits=1, query_phase_pow_bits=1, folding_pow_bits=1, max_interaction_count=2013265921,
        log_max_message_length=7, logup_pow_bits=18, max_constraint_degree=3,
        proximity=sw.Proximity("SplitUniqueList", 3, 1),
    )  # fmt: skip


class BackendSuite:
    """Inherit with `device` set to a device string."""

    device = ""

    @functools.cached_property
    def is_reference(self) -> bool:
        return self.device == "reference"

    def round_trip(self, fixture: Fixture, params: sw.SystemParams = SMALL) -> tuple[sw.ProvingKey, sw.Proof]:
        """Key generation, proof on the device, verification of the decoded bytes, comparison with `reference`."""
        pk = sw.keygen(params, fixture.airs, device=self.device)
        proof = sw.prove(pk, fixture.traces, device=self.device)
        assert proof.report.device.split(":")[0] == self.device.split(":")[0]
        data = proof.to_bytes()
        sw.verify(sw.VerifyingKey.from_bytes(pk.vk.to_bytes()), sw.Proof.from_bytes(data), params=params)
        if not self.is_reference:
            expected = sw.prove(pk, fixture.traces, device="reference", verify_after=False)
            assert data == expected.to_bytes(), "the proof differs from the reference device's"
        return pk, proof

    def fails_unbalanced(self, fixture: Fixture, params: sw.SystemParams = SMALL) -> None:
        pk = sw.keygen(params, fixture.airs, device=self.device)
        report = sw.check(pk, fixture.traces)
        assert not report.ok
        with pytest.raises(sw.UnbalancedBusError, match="out of balance") as raised:
            sw.prove(pk, fixture.traces, device=self.device)
        assert raised.value.bus == report.buses[0].bus

    # Shapes

    @pytest.mark.parametrize(
        "fixture",
        [
            fixtures.fibonacci(0, 1, 8),
            fixtures.interactions11(),
            fixtures.cached11(),
            fixtures.preprocessed_fibonacci(0, 1, alternating(8)),
        ],
        ids=["fibonacci", "interactions", "cached", "preprocessed"],
    )
    def test_proof_shape(self, fixture: Fixture) -> None:
        _, proof = self.round_trip(fixture)
        present = [height is not None for height in proof.heights]
        assert present == [air_id in fixture.traces for air_id in range(len(fixture.airs))]

    @pytest.mark.parametrize("seed", range(10))
    def test_proof_shape_with_random_parameters(self, seed: int) -> None:
        self.round_trip(fixtures.interactions11(), random_params(seed))

    # Fixtures at heights below, at and above the skip domain

    @pytest.mark.parametrize("log_height", LOG_HEIGHTS)
    def test_preprocessed(self, log_height: int) -> None:
        self.round_trip(fixtures.preprocessed_fibonacci(0, 1, alternating(1 << log_height)))

    @pytest.mark.parametrize("log_height", LOG_HEIGHTS)
    def test_self_interaction(self, log_height: int) -> None:
        self.round_trip(fixtures.self_interaction(WIDTHS, log_height, bus=4))

    @pytest.mark.parametrize("log_height", LOG_HEIGHTS)
    def test_mixture(self, log_height: int) -> None:
        self.round_trip(fixtures.mixture(log_height))

    def test_stacking_overflow(self) -> None:
        params = sw.SystemParams.test_small(3, 5, 3)
        self.round_trip(fixtures.self_interaction((4, 7, 8, 8, 10), 1, bus=4), params)

    @pytest.mark.parametrize(("l_skip", "log_height"), [(2, 10), (2, 1), (2, 0), (3, 2), (6, 10)])
    def test_fibonacci_round_trip(self, l_skip: int, log_height: int) -> None:
        self.round_trip(fixtures.fibonacci(0, 1, 1 << log_height), uniquely_decoding(l_skip))

    @pytest.mark.parametrize("shape", [(2, 8, 3), (5, 5, 4)])
    def test_interactions_round_trip(self, shape: tuple[int, int, int]) -> None:
        self.round_trip(fixtures.interactions11(), sw.SystemParams.test_small(*shape))

    @pytest.mark.parametrize("shape", [(2, 8, 3), (5, 5, 4), (5, 8, 3), (6, 7, 3)])
    def test_cached_round_trip(self, shape: tuple[int, int, int]) -> None:
        self.round_trip(fixtures.cached11(), sw.SystemParams.test_small(*shape))

    @pytest.mark.parametrize("shape", [(2, 8, 3), (5, 5, 4)])
    def test_preprocessed_round_trip(self, shape: tuple[int, int, int]) -> None:
        fixture = fixtures.preprocessed_fibonacci(0, 1, alternating(256))
        self.round_trip(fixture, sw.SystemParams.test_small(*shape))

    @pytest.mark.parametrize("num_cached", [1, 2, 3])
    @pytest.mark.parametrize("shape", [(2, 8, 3), (5, 5, 4)])
    def test_preprocessed_and_cached(self, shape: tuple[int, int, int], num_cached: int) -> None:
        fixture = fixtures.preprocessed_and_cached(alternating(256), num_cached)
        self.round_trip(fixture, sw.SystemParams.test_small(*shape))

    @pytest.mark.parametrize("log_height", [4, 2, 1, 0])
    def test_zero_interactions(self, log_height: int) -> None:
        pk, proof = self.round_trip(fixtures.fibonacci(0, 1, 1 << log_height))
        # Without interactions the root denominator must be 1; it stands after the public values.
        data = bytearray(proof.to_bytes())
        at = data.index(np.array([1, 0, 0, 0], "<u4").tobytes(), self._offset_of_root_denominator(proof))
        data[at : at + 4] = (2).to_bytes(4, "little")
        with pytest.raises(sw.VerificationError) as rejected:
            sw.verify(pk.vk, sw.Proof.from_bytes(bytes(data)))
        assert rejected.value.check == "BatchConstraintError.GkrVerificationFailed.InvalidZeroRoundValue"

    @staticmethod
    def _offset_of_root_denominator(proof: sw.Proof) -> int:
        """Bytes before q0_claim (part 07, 3.2, items 1 to 7) for AIRs without cached parts."""
        num_airs = len(proof.heights)
        vdata = sum(8 for height in proof.heights if height is not None)
        public_values = 4 + sum(4 + 4 * len(values) for values in proof.public_values)
        return 4 + 32 + 4 + (num_airs + 7) // 8 + vdata + public_values + 4

    # Which AIRs are present, and how tall each is

    @pytest.mark.parametrize("log_height", [3, 2, 1, 0])
    def test_mixed_heights(self, log_height: int) -> None:
        sent = [(0, 1), (3, 5), (7, 4), (546, 889)]
        fixture = Fixture(
            (send(), receive(), Fibonacci()),
            {
                0: rows(send(), *(sent[i % 4] for i in range(16))),
                1: rows(receive(), *(RECEIVED[i % 8] for i in range(32))),
                2: Fibonacci.trace(0, 1, 2 << log_height),
            },
        )
        self.round_trip(fixture)

    OPTIONAL_AIRS = (Fibonacci(), send(), send(partitioned=True), receive())

    def test_all_optional_airs_present(self) -> None:
        _, first, partitioned, receiver = self.OPTIONAL_AIRS
        fields = [[1], [2], [3]]
        traces = {
            0: Fibonacci.trace(0, 1, 8),
            1: first.trace([1, 2, 4], fields),
            2: partitioned.trace([1, 2, 8], fields),
            3: receiver.trace([2, 4, 12], fields),
        }
        self.round_trip(Fixture(self.OPTIONAL_AIRS, traces))

    def test_some_optional_airs_present(self) -> None:
        _, first, _, receiver = self.OPTIONAL_AIRS
        fields = [[1], [2], [3]]
        traces = {1: first.trace([1, 2, 4], fields), 3: receiver.trace([1, 2, 4], fields)}
        _, proof = self.round_trip(Fixture(self.OPTIONAL_AIRS, traces))
        assert proof.heights == (None, 4, None, 4)

    def test_receiver_alone(self) -> None:
        receiver = self.OPTIONAL_AIRS[3]
        self.fails_unbalanced(Fixture(self.OPTIONAL_AIRS, {3: receiver.trace([1, 2, 4], [[1], [2], [3]])}))

    def test_key_of_three_airs(self) -> None:
        pk = sw.keygen(SMALL, [Fibonacci(), send(), receive()], device=self.device)
        assert [air.common_width for air in pk.vk.airs] == [2, 2, 2]
        assert [air.num_interactions for air in pk.vk.airs] == [0, 1, 1]
        assert [air.buses for air in pk.vk.airs] == [(), (0,), (0,)]

    @pytest.mark.parametrize(
        ("senders", "kept"),
        [
            (((0, 3), (0, 1), (1, 7)), [([0, 3, 1, 0], P), ([0, 0, 0, 7], P), ([1, 1, 1, 1], 1 << 30)]),
            (((0, 0), (1, 0)), [([1, 1, 1], 1 << 30)]),
        ],
        ids=["three-kept", "one-kept"],
    )
    def test_height_constraints(
        self, senders: tuple[tuple[int, int], ...], kept: list[tuple[list[int], int]]
    ) -> None:
        """Of a lookup table and senders (bus, count weight), as (coefficients, threshold)."""
        table = FibonacciSelector(alternating(8), lookup=True)
        airs = [table, *(DummyInteraction(1, True, bus, weight) for bus, weight in senders)]
        pk = sw.keygen(SMALL, airs, device=self.device)
        assert [tuple(constraint) for constraint in pk.vk.native.height_constraints] == kept

    # Balance

    def test_unbalanced(self) -> None:
        sent = rows(send(), (0, 1), (3, 5), (7, 4), (546, 0))
        received = rows(receive(), (1, 5), (3, 4), (4, 4), (2, 5), (0, 123), (545, 0), (0, 0), (0, 456))
        self.fails_unbalanced(Fixture((send(), receive()), {0: sent, 1: received}))

    def test_zero_counts(self) -> None:
        self.round_trip(Fixture((send(),), {0: rows(send(), (0, 1), (0, 5), (0, 4), (0, 889))}))

    @pytest.mark.parametrize("count", [6, 5])
    def test_two_senders(self, count: int) -> None:
        fixture = Fixture(
            (send(), send(), receive()),
            {
                0: rows(send(), (0, 1), (3, 5), (count, 4), (333, 889)),
                1: rows(send(), (1, 4), (213, 889)),
                2: rows(receive(), *RECEIVED),
            },
        )
        if count == 6:
            self.round_trip(fixture)
        else:
            self.fails_unbalanced(fixture)

    def test_two_senders_two_receivers(self) -> None:
        first = (*RECEIVED[:6], (0, 289), (0, 456))
        fixture = Fixture(
            (send(), send(), receive(), receive()),
            {
                0: rows(send(), (0, 1), (3, 5), (6, 4), (333, 889)),
                1: rows(send(), (1, 4), (213, 889)),
                2: rows(receive(), *first),
                3: rows(receive(), (1, 889)),
            },
        )
        self.round_trip(fixture)

    def test_unbalanced_with_cached_parts(self) -> None:
        receiver, sender = receive(2, partitioned=True), send(2)
        fields = [[5, 1], [4, 2], [4, 2], [5, 1], [123, 3], [889, 4], [889, 10], [456, 5]]
        fixture = Fixture(
            (receiver, sender),
            {
                0: receiver.trace([1, 3, 4, 2, 0, 545, 1, 0], fields),
                1: sender.trace([0, 7, 3, 546], [[1, 1], [4, 2], [5, 1], [889, 4]]),
            },
        )
        self.fails_unbalanced(fixture)

    # Rejections

    @pytest.mark.parametrize("rows_of_trace", [16, 2])
    def test_violated_constraint(self, rows_of_trace: int) -> None:
        fixture = fixtures.fibonacci(0, 1, rows_of_trace)
        pk = sw.keygen(SMALL, fixture.airs, device=self.device)
        honest = fixture.traces[0]
        matrix = honest.common.copy()
        matrix[rows_of_trace // 2, 0] += 1
        traces = {0: sw.Trace(matrix, public_values=honest.public_values)}
        with pytest.raises(sw.InputError, match="check"):
            sw.prove(pk, traces, device=self.device)
        proof = sw.prove(pk, traces, device=self.device, verify_after=False)
        with pytest.raises(sw.VerificationError) as rejected:
            sw.verify(pk.vk, proof)
        assert rejected.value.check in VIOLATED

    def test_keygen_errors(self) -> None:
        class Silent(sw.Air):
            width = 1

            def eval(self, builder: sw.AirBuilder) -> None:
                pass

        class Empty(Silent):
            width = 0

        for air, text in ((Empty(), "width"), (Silent(), "constraint"), (send(0), "message")):
            with pytest.raises(sw.KeygenError, match=text):
                sw.keygen(SMALL, [air], device=self.device)

    # Shapes that no vector has

    def test_zero_width_common_main(self) -> None:
        class CachedOnly(sw.Air):
            common_width = 0
            cached_widths = (2,)

            def eval(self, builder: sw.AirBuilder) -> None:
                local = builder.cached(0).local
                builder.assert_eq(local[1], local[0].square())

        for height in (1, 4, 32):
            values = np.arange(height, dtype=np.uint32)
            cached = np.ascontiguousarray(np.stack([values, values * values], axis=1))
            trace = sw.Trace(np.zeros((height, 0), np.uint32), cached=[cached])
            self.round_trip(Fixture((CachedOnly(),), {0: trace}))

    def test_degree_zero_interactions(self) -> None:
        class Constants(sw.Air):
            width = 1

            def eval(self, builder: sw.AirBuilder) -> None:
                builder.push_interaction(3, [builder.constant(7)], builder.constant(1), 0)
                builder.push_interaction(3, [builder.constant(7)], builder.constant(-1), 0)

        for height in (1, 8):
            trace = sw.Trace(np.zeros((height, 1), np.uint32))
            self.round_trip(Fixture((Constants(), Fibonacci()), {0: trace, 1: Fibonacci.trace(0, 1, 4)}))

    def test_skip_domain_of_one_point(self) -> None:
        params = sw.SystemParams.test_small(0, 8, 3)
        self.round_trip(fixtures.interactions11(), params)
        self.round_trip(fixtures.fibonacci(0, 1, 2), params)
        single = fixtures.fibonacci(0, 1, 1)
        pk = sw.keygen(params, single.airs, device=self.device)
        with pytest.raises(sw.InputError, match="l_skip"):
            sw.prove(pk, single.traces, device=self.device)

    def test_no_stacked_variables(self) -> None:
        params = replace(sw.SystemParams.test_small(3, 5, 2), n_stack=0, num_queries=(4,))
        self.round_trip(fixtures.interactions11(), params)
